"""The console's API under load: 10,000 devices in the inventory, 1,000 events a second, a reader of the event stream.

Reports come over UDP at a fixed pace; each is three entries of the timeline. Measured: how old an event is when its
reader has it, and how long requests take meanwhile, beside /health of the same run.
"""

from __future__ import annotations

import http.client
import json
import socket
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.figures import Figure
from benchmarks.processes import nbtwin
from nbtwin.coap.message import Message, encode
from nbtwin.coap.numbers import Type
from nbtwin.engine import Address
from nbtwin.lwm2m.server.events import Registration
from nbtwin.operators import events as ev
from nbtwin.operators.store.store import Store
from nbtwin.runtime.errors import Failed, UsageRefusal
from nbtwin.selfreg.payloads import telecom_request

DEVICES = 10_000
EVENTS = 1000
"""A second."""
_PER_REPORT = 3  # datagram, the platform's event, datagram
_REQUESTS = {
    "a page of 100 devices": "/platforms/cmdmp/devices?limit=100&offset=5000",
    "a search of the inventory": "/platforms/cmdmp/devices?containing=0007500&limit=100",
    "one device": "/platforms/cmdmp/devices/863703030007500",
    "the overview": "/overview",
    "a search of the traces": "/traces?kind=platform&limit=100&order=desc",
}


def measure(seconds: float) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        with Store.open(Path(folder) / "inventory.sqlite") as store:
            _fill(store)
        arguments = ("--ports", "cmdmp=0,telecom=0", "--http", "127.0.0.1:0", "--state", folder)
        with nbtwin("platform", *arguments) as server:
            port = int(next(line for line in server.lines if "telecom" in line).rpartition(":")[2])
            console = next(line for line in server.lines if line.startswith("console")).rpartition("/")[2]
            host, _, web = console.rpartition(":")
            return _under_load(("127.0.0.1", port), (host, int(web)), max(2.0, seconds))


def _fill(store: Store) -> None:
    """Devices that registered just now: none of them expires meanwhile."""
    now = time.time()
    for start in range(0, DEVICES, 500):
        store.commit([_registered(now, number) for number in range(start, start + 500)])


def _registered(now: float, number: int) -> ev.DeviceRegistered:
    imei = f"86370303{number:07d}"
    identity = ev.DeviceIdentity(imei, imsi=f"46004{number:010d}", model="BC260Y-CN")
    peer = ("127.0.0.1", 9)
    registration = Registration(imei, "x" * 150, f"{number:x}", peer, 86400, "U", "1.0", "", now, now)
    return ev.DeviceRegistered(now, f"cmdmp:{imei}", peer, identity, registration)


def _under_load(platform: Address, console: Address, seconds: float) -> list[Figure]:
    ages: list[float] = []
    left_out: list[int] = []
    with (
        _running(lambda stop: _report(platform, stop)),
        _running(lambda stop: _read_events(console, ages, left_out, stop)),
    ):
        time.sleep(1.0)
        del ages[:], left_out[:]
        began = time.perf_counter()
        latencies = {name: _latencies(console, path, seconds / 6) for name, path in _REQUESTS.items()}
        health = _latencies(console, "/health", seconds / 6)
        rate = len(ages) / (time.perf_counter() - began)
    figures = [_figure(f"{name}, 95th percentile", found, health) for name, found in latencies.items()]
    notes = f"{rate:.0f} events/s with {DEVICES:,} devices in the inventory; {_spread(ages)}"
    if left_out:  # a lab that is busy for long says so: the machine was busy with something else
        notes += f"; {sum(left_out):,} named as left out in {len(left_out)} gaps"
    return [Figure("age of an event at its reader, 95th percentile", _percentile(ages, 95), "ms", {}, notes), *figures]


def _figure(name: str, found: list[float], health: list[float]) -> Figure:
    references = {"GET /health, 95th percentile": _percentile(health, 95)}
    return Figure(name, _percentile(found, 95), "ms", references, _spread(found))


def _spread(found: list[float]) -> str:
    return ", ".join(f"p{share} {_percentile(found, share):.1f} ms" for share in (50, 95, 99)) + f" of {len(found):,}"


def _percentile(found: list[float], share: int) -> float:
    if len(found) < 2:
        raise Failed(UsageRefusal.FOREIGN, "bench", detail="the console did not answer")
    return statistics.quantiles(found, n=100)[share - 1] * 1000


def _latencies(console: Address, path: str, seconds: float) -> list[float]:
    connection = http.client.HTTPConnection(*console, timeout=30)
    found: list[float] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(found) < 10:
        began = time.perf_counter()
        connection.request("GET", f"/api/v1{path}")
        answer = connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise Failed(UsageRefusal.FOREIGN, "bench", detail=f"{path} is answered {answer.status}")
        found.append(time.perf_counter() - began)
    connection.close()
    return found


@contextmanager
def _running(work: Callable[[threading.Event], None]) -> Iterator[None]:
    stop = threading.Event()
    thread = threading.Thread(target=work, args=(stop,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)


def _report(platform: Address, stop: threading.Event) -> None:
    """Self-registrations of ever other modules, so many a second."""
    pause, number, due = _PER_REPORT / EVENTS, 0, time.perf_counter()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.setblocking(False)
        while not stop.is_set():
            number += 1
            imei, iccid = f"8637030{number:08d}", f"898611{number:014d}"
            request = telecom_request(imei, "QUECTEL-BC25", "BC25PAR01A05", iccid, "460110000000001")
            message = Message(Type.CON, request.code, number % 65536, b"", request.options, request.payload)
            udp.sendto(encode(message), platform)
            _swallow(udp)
            due += pause
            stop.wait(max(0.0, due - time.perf_counter()))


def _swallow(udp: socket.socket) -> None:
    try:
        while udp.recv(2048):
            pass
    except BlockingIOError:
        pass


def _read_events(console: Address, ages: list[float], left_out: list[int], stop: threading.Event) -> None:
    """How old each entry is when it is here: a live lab's time is this machine's. And how many a gap has."""
    connection = http.client.HTTPConnection(*console, timeout=30)
    connection.request("GET", "/api/v1/events?types=entry")
    stream = connection.getresponse()
    while not stop.is_set():
        line = stream.readline()
        if line.startswith(b"data: "):
            told = json.loads(line[6:])
            if "at" in told:
                ages.append(time.time() - told["at"])
            elif "before" in told:
                left_out.append(told["before"] - told["after"] - 1)
    connection.close()
