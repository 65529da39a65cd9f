"""What is drawn over time, in a real browser: days that are cut, charts, one zone. Skipped without Chromium."""

import contextlib
import csv
import io
import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import httpx
import pytest
from browser import available
from console_page import Page, console
from running import Running, nbtwin

from nbtwin.edge.nvram_file import NvramFile
from nbtwin.runtime.kept import decode

pytestmark = pytest.mark.skipif(not available(), reason="needs Debian's chromium and chromium-driver")

_GROUPS = "[...document.querySelectorAll('.seq-row.group')]"
_WINDOW = "import('/js/state/timeline.js').then(({ timeline }) => timeline)"
_TWELVE = [part for number in range(12) for part in ("--module", f"BC260Y-CN,name=m{number:02}")]


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def month(state: Path) -> Iterator[Page]:
    """Twelve modules over thirty days."""
    with console(state, *_TWELVE, "--ports", "cmdmp=0", "--clock", "simulated") as page:
        page.post("/clock/advance", span="30d")
        yield page
        assert page.script_errors() == []


def _to_top(page: Page) -> None:
    page.press("document.querySelector('.seq-rows')", "scrollTop = 0")


def test_a_month_of_twelve_modules_begins_with_its_first_boot(month: Page) -> None:
    month.go("#/timeline")
    month.click(".seq-controls [data-value='4']")
    newest = month.api.get("/traces", params={"limit": 1}).json()["newest"]
    month.wait_until(f"{_WINDOW}.then((it) => it.entries[0]?.number === 1 && it.entries.length === {newest})")
    _to_top(month)
    month.wait_until(f"{_GROUPS}[0]?.innerText.includes('AT lines')")
    assert not month.run("return document.querySelector('.seq-row.cut, .seq-row.part')")
    month.press(f"{_GROUPS}[0]")
    month.click(".seq-controls [data-value='0']")
    _to_top(month)
    month.wait_for(".seq-rows", "module added")


_SAVED = """
    if (window.saved) return;
    const made = URL.createObjectURL;
    window.saved = [];
    URL.createObjectURL = (blob) => { window.saved.push(blob); return made(blob); };
"""
_DRAG = """
    const over = document.querySelector('.chart .u-over'), box = over.getBoundingClientRect();
    const at = (share) => ({ bubbles: true, button: 0, movementX: 9,
        clientX: box.left + box.width * share, clientY: box.top + 20 });
    over.dispatchEvent(new MouseEvent('mouseenter', at(0.7)));
    over.dispatchEvent(new MouseEvent('mousemove', at(0.7)));
    over.dispatchEvent(new MouseEvent('mousedown', at(0.7)));
    over.dispatchEvent(new MouseEvent('mousemove', at(0.9)));
    document.dispatchEvent(new MouseEvent('mouseup', at(0.9)));
"""


def _csv(page: Page, chart: int) -> list[list[str]]:
    """What a press on CSV saves of the page's chart of this number."""
    page.run("window.saved.length = 0")
    page.press(f"document.querySelectorAll('[data-chart=csv]')[{chart}]")
    text = page.wait_until("window.saved[0]?.text()")
    return list(csv.reader(io.StringIO(text)))


def _fleet_of_a_month(page: Page) -> None:
    page.run(_SAVED)
    page.go("#/fleet")
    page.click(".seg [data-value='2592000']")
    page.wait_until("document.querySelectorAll('.chart canvas').length >= 4")
    page.wait_for(".fleet-charts .card header", "/ h")


def test_charts_run_on_the_labs_time_and_name_the_wall_clock_beside_it(month: Page) -> None:
    _fleet_of_a_month(month)
    head, *rows = _csv(month, 1)
    assert head == ["lab time", "lab time in seconds", "wall clock", "Registrations (/ h)", "Updates (/ h)"]
    asked = month.api.get("/rates", params={"step": 3600, "seconds": 30 * 86400}).json()
    now = month.api.get("/clock").json()["now"]
    counted = {begin: n for begin, n in zip(asked["at"], asked["series"]["updates"], strict=True) if n}
    assert {float(row[1]): int(row[4]) for row in rows if row[4] != "0"} == counted
    assert len(counted) > 25  # on so many days, though all of them passed within seconds
    walls = {row[2][:16] for row in rows if row[2]}
    assert len(walls) <= 3, walls
    assert all(row[0].endswith("Z") and now - float(row[1]) <= 31 * 86400 for row in rows)


def test_a_part_of_a_chart_is_looked_into_and_left_again_and_is_what_goes_into_files(month: Page) -> None:
    _fleet_of_a_month(month)
    whole = _csv(month, 0)
    assert month.run("return document.querySelector('[data-chart=back]').hidden")
    month.run(_DRAG)
    month.wait_until("!document.querySelector('[data-chart=back]').hidden")
    part = _csv(month, 0)
    assert 0.1 < len(part) / len(whole) < 0.3
    month.run("window.saved.length = 0")
    month.press("document.querySelector('[data-chart=png]')")
    assert month.wait_until("window.saved[0]?.type === 'image/png' && window.saved[0].size > 2000")
    month.press("document.querySelector('[data-chart=back]')")
    month.wait_until("document.querySelector('[data-chart=back]').hidden")
    assert len(_csv(month, 0)) >= len(whole)
    month.press("document.querySelector('.chart [tabindex]')", "focus()")
    month.keys("+", "+")
    month.wait_until("!document.querySelector('[data-chart=back]').hidden")
    assert 0.1 < len(_csv(month, 0)) / len(whole) < 0.5
    month.press("document.querySelector('.chart [tabindex]')", "focus()")
    month.keys("\ue00c")
    month.wait_until("document.querySelector('[data-chart=back]').hidden")


def test_one_zone_holds_for_page_terminal_and_api_and_is_kept(month: Page, state: Path) -> None:
    """D196."""
    assert month.api.get("/clock").json()["zone"] == "UTC"
    month.go("#/timeline")
    month.wait_until("document.querySelector('.seq-row')")
    month.press("document.querySelector('#zone')", "value = '+08:00'; it.dispatchEvent(new Event('change'))")
    month.wait_until("document.querySelector('.seq-head .when').innerText.includes('+08:00')")
    assert month.api.get("/clock").json()["zone"] == "+08:00"
    entry = month.api.get("/traces", params={"limit": 1, "order": "desc", "kind": "datagram"}).json()["entries"][0]
    there = datetime.fromtimestamp(entry["at"], timezone(timedelta(hours=8)))
    month.click(".seq-controls [data-value='0']")
    month.wait_until(f"document.querySelector('[data-number=\"{entry['number']}\"]')")
    said = month.run(f"return document.querySelector('[data-number=\"{entry['number']}\"]').title")
    assert said.startswith(f"{there:%Y-%m-%d %H:%M:%S}.")
    assert said[23:29] == "+08:00"
    lines = nbtwin("db", "audit", "--state", str(state)).stdout.splitlines()
    assert lines[0].split("\t")[0].endswith("+08:00"), lines
    refused = month.api.post("/clock/zone", json={"zone": "Beijing"})
    assert (refused.status_code, refused.json()["field"]) == (422, "zone")
    assert decode(NvramFile(state / "lab").read() or b"").zone == "+08:00"


def test_a_day_that_is_cut_says_how_much_is_missing_and_the_rest_is_fetched(month: Page) -> None:
    for number in range(12):
        module = f"/modules/m{number:02}/at"
        month.post(module, line="AT+QDMPCFG=1,117.161.2.41,5683,600")
        month.post(module, line="AT+QRST=1")
    month.post("/clock/advance", span="36h")
    month.click(".seq-controls [data-value='4']")
    month.wait_until(f"{_WINDOW}.then((it) => it.entries.length === 20000)")
    _to_top(month)
    month.wait_until("/\\d entries of .* not fetched/.test(document.querySelector('.seq-row.cut')?.innerText)")
    first = month.run(f"return {_WINDOW}.then((it) => it.entries[0])")
    zone = 8 * 3600  # of the page, since the test before
    day = (first["at"] + zone) // 86400 * 86400 - zone
    whole = month.api.get("/traces", params={"since": day, "limit": 1}).json()["entries"][0]["number"]
    month.wait_until(  # what is drawn follows what is in memory
        f"{_WINDOW}.then((it) => document.querySelector('.seq-row.cut')?.innerText"
        f".replaceAll(',', '').includes(`${{it.entries[0].number - {whole}}} entries of `))"
    )
    assert f"{whole - 1:,} earlier entries not fetched" in month.text(".seq-row.cut")
    assert month.run("return document.querySelector('.seq-row.part .passed').innerText").endswith(" of it")
    month.click(".seq-row.cut button")
    month.wait_until(f"{_WINDOW}.then((it) => it.entries[0].number < {whole + 1})")
    _to_top(month)
    said = f"{datetime.fromtimestamp(day, timezone(timedelta(seconds=zone))):%Y-%m-%d}"
    month.wait_until(f"{_GROUPS}.some((it) => it.innerText.includes('{said}') && !it.matches('.part'))")
    month.press("document.querySelector('.seq-rows')", "scrollTop = 1e9")
    month.wait_until(f"{_GROUPS}.at(-1).matches('.part')")
    month.wait_for("[data-side=after]", "not fetched")


_NUMBERS = f"{_WINDOW}.then((it) => it.entries.map((entry) => entry.number))"
_ASKED = "performance.getEntriesByType('resource').map((one) => one.name).filter((name) => name.includes('/api/v1/'))"


def _has_all(page: Page, api: httpx.Client) -> None:
    """The window and the lab have the same entries, each once, in order."""
    newest = api.get("/traces", params={"limit": 1}).json()["newest"]
    page.wait_until(f"{_NUMBERS}.then((numbers) => numbers.at(-1) >= {newest})")  # the lab goes on meanwhile
    shown = page.run(f"return {_NUMBERS}")
    span = {"after": shown[0] - 1, "before": shown[-1] + 1, "limit": 10_000}
    kept = api.get("/traces", params=span).json()["entries"]
    assert shown == [entry["number"] for entry in kept]


def _happen(api: httpx.Client) -> None:
    while api.get("/modules/meter").json()["power"] == "booting":
        pass
    for _ in range(20):
        assert api.post("/modules/meter/at", json={"line": "AT"}).is_success


class Relay:
    """Between browser and lab; what passes may be held up, or cut."""

    def __init__(self, port: int) -> None:
        self._lab, self._cut, self._held = port, False, False
        self._sockets: list[socket.socket] = []
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                browser, _ = self._server.accept()
                try:
                    if self._cut:
                        raise ConnectionRefusedError
                    lab = socket.create_connection(("127.0.0.1", self._lab))
                except OSError:
                    browser.close()
                    continue
                self._sockets += [browser, lab]
                for source, to in ((browser, lab), (lab, browser)):
                    threading.Thread(target=self._pass, args=(source, to), daemon=True).start()

    def _pass(self, source: socket.socket, to: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if not self._held:
                    to.sendall(data)
        for end in (source, to):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        source.close()

    def cut(self) -> None:
        self._cut = True
        self._drop()

    def hold(self) -> None:
        """Nothing passes, and nobody is told."""
        self._held = True

    def mend(self) -> None:
        self._cut = self._held = False
        self._drop()

    def _drop(self) -> None:
        for one in self._sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._sockets.clear()

    def close(self) -> None:
        self._server.close()
        self._drop()


def test_after_a_cut_a_silence_and_a_restart_no_entry_is_missing_and_none_is_there_twice(tmp_path: Path) -> None:
    asked = ("up", "--module", "BC260Y-CN,name=meter", "--ports", "cmdmp=0")
    with contextlib.ExitStack() as stack:
        lab = stack.enter_context(Running(*asked, "--http", "127.0.0.1:0", state=tmp_path))
        url = lab.console()
        relay = Relay(int(url.rpartition(":")[2]))
        stack.callback(relay.close)
        page = stack.enter_context(Page(relay.url))
        stack.callback(page.close)
        api = stack.enter_context(httpx.Client(base_url=f"{url}/api/v1", timeout=60))
        page.go("#/timeline")
        _happen(api)
        _has_all(page, api)

        relay.cut()
        page.wait_until("document.querySelector('#link.bad')")
        _happen(api)
        relay.mend()
        _has_all(page, api)

        relay.hold()
        _happen(api)
        page.wait_until("document.querySelector('#link.bad')")
        relay.mend()
        _has_all(page, api)

        lab.stop()
        page.wait_until("document.querySelector('#link.bad')")
        stack.enter_context(Running(*asked, "--http", url.removeprefix("http://"), state=tmp_path))
        _happen(api)
        page.wait_until("document.querySelector('#link.good')")
        _has_all(page, api)
        assert page.script_errors() == []


def _asked_in_two_seconds(page: Page) -> list[str]:
    before = page.run(f"window.seconds = 0; return {_ASKED}.length")
    page.wait_until("window.seconds >= 2")
    return list(page.run(f"return {_ASKED}.slice({before})"))


def test_pages_are_fed_by_the_stream_and_ask_for_nothing_by_the_clock(tmp_path: Path) -> None:
    asked = ("--module", "BC260Y-CN,name=meter", "--ports", "cmdmp=0", "--clock", "simulated")  # it stands still
    with console(tmp_path, *asked) as page:
        page.post("/clock/advance", span="1min")
        page.run(
            "import('/js/state/topics.js').then(({ subscribe }) => {"
            " window.seconds = 0; subscribe('rates', () => { window.seconds += 1; }); })"
        )
        for address in ("#/modules/meter", "#/fleet", "#/scenarios", "#/platforms/cmdmp"):
            page.go(address)
            page.wait_until("document.querySelector('main .card')")
            # what is asked for once, when the page opens, comes first
            assert any(_asked_in_two_seconds(page) == [] for _ in range(5)), address
        page.go("#/faults")
        page.wait_until("document.querySelector('main .card')")
        page.go("#/access")
        page.wait_until("document.querySelector('main .card')")
        assert page.api.post("/access/tokens", json={"name": "elsewhere", "role": "viewer"}).is_success
        page.wait_for("main", "elsewhere")
        page.go("#/scenarios")
        page.wait_until("document.querySelector('[data-scenario]')")
        page.post("/scenarios/runs", name="changed-usim")
        page.wait_until("/passed/.test(document.querySelector('main').innerText)")
