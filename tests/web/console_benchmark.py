"""How the console keeps up: 10,000 devices in the inventory, about 1,000 timeline entries a second, a real Chromium.

`python tests/web/console_benchmark.py [--devices N] [--entries N] [--seconds N] [--json FILE]`. Beside each figure
stands what it is compared with, measured in the same run: an empty lab for the time to interactive, a bare reader of
the same events for their lateness.
"""

import argparse
import json
import selectors
import socket
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import httpx

sys.path += [str(Path(__file__).parent), str(Path(__file__).parents[1] / "cli")]

from console_page import Page, console
from running import Running

from benchmarks.traffic import cmdmp_inventory, cmdmp_registration, content, imei_of

ENTRIES_A_REGISTRATION = 6  # POST, registered, 2.01, GET /666/0, 2.05, inventory read
SOCKETS = 16

WATCH = """
const { subscribe } = await import('/js/state/topics.js');
const { timeline } = await import('/js/state/timeline.js');
const { lab } = await import('/js/state/lab.js');
const seen = window.bench = { received: 0, delays: [], drawn: [], frames: [], long: [], before: performance.now() };
const late = (at) => Date.now() / 1000 + lab.clock.ahead - at;
subscribe('entry', (entry) => { seen.received += 1; if (seen.received % 10 === 0) seen.delays.push(late(entry.at)); });
const note = (list) => list.getEntries().forEach((one) => seen.long.push(one.duration));
new PerformanceObserver(note).observe({ type: 'longtask' });
let last = 0;
requestAnimationFrame(function frame(now) {
  seen.frames.push(now - seen.before);
  seen.before = now;
  const rows = document.querySelectorAll('.seq-row[data-number]');
  const number = rows.length ? Number(rows[rows.length - 1].dataset.number) : 0;
  if (number > last) {
    const entry = timeline.entries.findLast((one) => one.number === number);
    if (entry) seen.drawn.push(late(entry.at));
    last = number;
  }
  requestAnimationFrame(frame);
});
"""


def _connected(port: int) -> socket.socket:
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.connect(("127.0.0.1", port))
    udp.setblocking(False)
    return udp


class Load(threading.Thread):
    """Registers devices at the CMDMP platform: `count` as fast as it goes, then `rate` a second until it is stopped."""

    def __init__(self, port: int, count: int, rate: float) -> None:
        super().__init__(daemon=True)
        self._count, self.rate = count, rate
        self._messages = [cmdmp_registration(number) for number in range(1, count + 1)]
        self._sockets = [_connected(port) for _ in range(SOCKETS)]
        self._selector = selectors.DefaultSelector()
        for udp in self._sockets:
            self._selector.register(udp, selectors.EVENT_READ)
        self._content = content(cmdmp_inventory())
        self._ids = 0
        self.sent = self.answered = 0
        self.filled, self.paced, self.stopped = threading.Event(), threading.Event(), threading.Event()

    def run(self) -> None:
        while self.answered < self._count and not self.stopped.is_set():
            while self.sent < min(self._count, self.answered + 2 * SOCKETS):
                self._send()
            if not self._read(0.5):
                self.sent = self.answered  # lost: again
        self.filled.set()
        began, before = time.perf_counter(), self.sent
        while not self.stopped.is_set():
            if not self.paced.is_set():
                began, before = time.perf_counter(), self.sent
            while self.paced.is_set() and self.sent - before < (time.perf_counter() - began) * self.rate:
                self._send()
            self._read(0.004)
        self._selector.close()
        for udp in self._sockets:
            udp.close()

    def _send(self) -> None:
        message = self._messages[self.sent % self._count]
        self._ids = self._ids + 1 & 0xFFFF
        self._sockets[self.sent % SOCKETS].send(message[:2] + self._ids.to_bytes(2, "big") + message[4:])
        self.sent += 1

    def _read(self, patience: float) -> int:
        ready = self._selector.select(patience)
        for key, _ in ready:
            try:
                while True:
                    data = key.fileobj.recv(65535)  # type: ignore[union-attr]
                    if data[1] == 1:
                        head = bytes((0x60 | data[0] & 15, 0x45)) + data[2 : 4 + (data[0] & 15)]
                        key.fileobj.send(head + self._content)  # type: ignore[union-attr]
                    elif data[1] == 0x41:
                        self.answered += 1
            except BlockingIOError:
                pass
        return len(ready)


class BareReader(threading.Thread):
    """Reads the same events without drawing them: how late they are before the browser sees them."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self._url, self.delays, self.stopped = url, [], threading.Event()

    def run(self) -> None:
        with httpx.stream("GET", f"{self._url}/api/v1/events?types=entry", timeout=None) as stream:
            for number, line in enumerate(stream.iter_lines()):
                if self.stopped.is_set():
                    return
                if number % 31 == 0 and line.startswith("data: "):
                    self.delays.append(time.time() - json.loads(line[6:])["at"])


def percentiles(values: list[float]) -> dict[str, float]:
    if len(values) < 2:
        return {}
    cut = statistics.quantiles(values, n=100, method="inclusive")
    return {"p50": cut[49], "p95": cut[94], "p99": cut[98]}


def interactive(page: Page, address: str, css: str) -> float:
    """Milliseconds from the start of the navigation until the page shows what one came for and takes input."""
    page.open("about:blank")
    page.open(page.url + "/" + address)
    page.wait_until(f"document.querySelector({css!r})")
    return float(page.run("return performance.now()"))


def counters(page: Page) -> dict[str, float]:
    def cdp(command: str) -> Any:
        return page._call("POST", "/goog/cdp/execute", {"cmd": command, "params": {}})

    cdp("HeapProfiler.collectGarbage")
    heap, dom = cdp("Runtime.getHeapUsage"), cdp("Memory.getDOMCounters")
    return {"heap_mib": heap["usedSize"] / 2**20, "nodes": dom["nodes"], "listeners": dom["jsEventListeners"]}


def filtered(page: Page) -> float:
    """Milliseconds from a search in the inventory to its answer on the screen."""
    imei = imei_of(42)
    script = f"""
    const field = document.querySelector('#search'), links = () => [...document.querySelectorAll('#devices a')];
    const began = performance.now();
    const fits = (links) => links.length && links.every((link) => link.innerText.includes('{imei}'));
    field.value = '{imei}'; field.dispatchEvent(new Event('input'));
    return new Promise((done) => (function look() {{
        fits(links()) ? done(performance.now() - began) : requestAnimationFrame(look); }})());"""
    return float(page.run(script))


def measure(devices: int, entries: int, seconds: float) -> dict[str, Any]:
    found: dict[str, Any] = {"devices": devices, "entries_asked": entries}
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder)
        with console(state / "empty", "--ports", "cmdmp=0") as page:
            times = [interactive(page, "#/platforms/cmdmp", ".empty") for _ in range(3)]
            found["empty_interactive_ms"] = statistics.median(times)
        asked = ("up", "--module", "BC260Y-CN,name=meter", "--ports", "cmdmp=0", "--http", "127.0.0.1:0")
        with Running(*asked, state=state / "full") as lab:
            load = Load(int(lab.platform()["udp"].rpartition(":")[2]), devices, entries / ENTRIES_A_REGISTRATION)
            load.start()
            load.filled.wait()
            with Page(lab.console()) as page:
                _with_a_page(page, load, found, seconds)
                page.close()
            load.stopped.set()
            load.join()
    return found


def _with_a_page(page: Page, load: Load, found: dict[str, Any], seconds: float) -> None:
    found["counted"] = page.api.get("/platforms").json()[0]["devices"]
    found["idle"] = counters(page)
    load.paced.set()
    times = [interactive(page, "#/platforms/cmdmp", "#devices a") for _ in range(3)]
    found["interactive_ms"] = statistics.median(times)
    found["search_ms"] = filtered(page)
    page.go("#/timeline")
    page.wait_until("document.querySelectorAll('.seq-row').length > 5")
    bare = BareReader(page.url)
    bare.start()
    page.run(f"return (async () => {{ {WATCH} }})()")
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        page.wait_until(f"window.bench.received > {int(page.run('return window.bench.received'))}")
    seen = page.run("return { ...window.bench, frames: window.bench.frames.slice(2) }")
    bare.stopped.set()
    found["entries_per_second"] = seen["received"] / (sum(seen["frames"]) / 1000)
    found["late_s"] = percentiles(seen["delays"])
    found["drawn_late_s"] = percentiles(seen["drawn"])
    found["bare_late_s"] = percentiles(bare.delays)
    found["frames_ms"] = percentiles(seen["frames"])
    found["long_tasks_ms_per_s"] = sum(seen["long"]) / (sum(seen["frames"]) / 1000)
    found["kept"] = page.run("return import('/js/state/timeline.js').then((m) => m.timeline.entries.length)")
    found["busy"] = counters(page)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--devices", type=int, default=10_000)
    options.add_argument("--entries", type=int, default=1000)
    options.add_argument("--seconds", type=float, default=30)
    options.add_argument("--json", type=Path)
    asked = options.parse_args()
    found = measure(asked.devices, asked.entries, asked.seconds)
    print(json.dumps(found, indent=2))
    if asked.json is not None:
        asked.json.write_text(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
