"""What it costs a platform that somebody watches: CPU of a registration with a timeline, and with a page that is open.

Servers that stay, each of which serves in turn: what others do on the machine meets all of them.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from statistics import median

from benchmarks.figures import Figure
from benchmarks.load import Loaded, ours

WAYS = {
    "watched": "timeline in memory and file, nobody reads",
    "watched and read": "and a page that is open: one reader of events",
}
ROUNDS = 5
DEVICES = 1000
PLATFORMS = ("lwm2m", "cmdmp")
TO_REACH = 1.25
_PATIENCE = 30  # seconds
_PAGE = "&".join(f"types={each}" for each in ("entry", "module", "removed", "clock", "operation"))  # what a page asks
_FOLLOW = """
import sys, urllib.request
with urllib.request.urlopen(sys.argv[1]) as events:
    events.readline()
    print("connected", flush=True)
    while events.read1(65536):
        pass
"""


def measure(seconds: float) -> list[Figure]:
    return [figure for traffic in PLATFORMS for figure in _platform(traffic, seconds / 3)]


def _platform(traffic: str, seconds: float) -> Iterator[Figure]:
    rounds: list[dict[str, float]] = []
    answered = 0
    with ExitStack() as stack:
        servers = {way: _server(stack, traffic, way) for way in ("unwatched", *WAYS)}
        for number in range(ROUNDS):
            order = list(servers) if number % 2 else list(reversed(servers))
            words = f"what=register closed=64 seconds={seconds:.2f}"
            results = {way: servers[way].run(words) for way in order}
            rounds.append({way: float(result["cpu_us"]) for way, result in results.items()})
            answered += results["watched and read"]["answered"]
        after = _until_it_rests(servers["watched and read"]) / answered * 1e6
    name = "LwM2M" if traffic == "lwm2m" else traffic.upper()
    for way, notes in WAYS.items():
        times = sorted(each[way] / each["unwatched"] for each in rounds)
        said = f"{notes}; of {median(each['unwatched'] for each in rounds):.0f} µs; {times[0]:.2f} to {times[-1]:.2f}"
        said += f"; and {after:.0f} µs each after the load, until the page has all" if way == "watched and read" else ""
        yield Figure(f"{name} registration, {way}", median(times), "×", {}, said, to_reach=TO_REACH)


def _until_it_rests(loaded: Loaded) -> float:
    """Seconds of CPU until it takes no more than a fiftieth of a core; what a page lags behind with is among them."""
    assert loaded.server is not None
    began = before = loaded.server.cpu
    for _ in range(_PATIENCE):
        time.sleep(1)
        after = loaded.server.cpu
        if after - before <= 0.02:
            break
        before = after
    return loaded.server.cpu - began


def _server(stack: ExitStack, traffic: str, way: str) -> Loaded:
    arguments = () if way == "unwatched" else ("--http", "127.0.0.1:0")
    loaded = stack.enter_context(ours(traffic, DEVICES, *arguments))
    assert loaded.server is not None
    if way == "watched and read":
        stack.enter_context(_reader(loaded.server.lines))
    loaded.know(DEVICES)
    return loaded


@contextmanager
def _reader(lines: list[str]) -> Iterator[None]:
    """Follows the events of the console that one of the lines names."""
    url = next(line.split()[1] for line in lines if line.startswith("console "))
    process = subprocess.Popen([sys.executable, "-c", _FOLLOW, f"{url}/api/v1/events?{_PAGE}"], stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None
        process.stdout.readline()
        yield
    finally:
        process.kill()
        process.communicate()
