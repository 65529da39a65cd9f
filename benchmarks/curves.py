"""Registrations from a thousand devices to a million, in order and in random order, from one at a time to full load;
and how long answers wait at 25, 50 and 80 % of it, requests coming whatever becomes of those before (open loop).

Leshan and coap-rd get the same from the same generator, the echo in C as well. What was measured is kept as `Curves`,
of which `pictures` makes docs/images.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, field
from functools import partial

from benchmarks.figures import Figure
from benchmarks.load import ECHO, OURS, Loaded, echo, echo_cost, ours, theirs, unless_missing
from benchmarks.peers import COAP_RD, LESHAN
from benchmarks.platforms import goal_of
from benchmarks.svg import Chart

SIZES = (1_000, 10_000, 100_000)
MILLION = 1_000_000
WINDOWS = (1, 4, 16, 64, 256, 1024)
LOADS = (25, 50, 80)
"""Percent of full load."""
PERCENTILES = ("p50", "p99", "p999")
_RANDOM = "random order"


@dataclass
class Curves:
    """Points by line. ``sizes``: microseconds of CPU by devices; ``windows``: answers a second by requests in flight;
    ``waits``: milliseconds by percent of full load."""

    sizes: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    windows: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    waits: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def add(self, lines: dict[str, list[tuple[float, float]]], name: str, x: float, y: float) -> None:
        lines.setdefault(name, []).append((x, y))


def measure(seconds: float) -> list[Figure]:
    """Up to 100,000 devices."""
    return draw(seconds)[0]


def draw(seconds: float) -> tuple[list[Figure], Curves]:
    curves = Curves()
    bare = {}
    for size in SIZES:
        bare[size] = echo_cost("lwm2m", size, seconds / 2)
        curves.add(curves.sizes, ECHO, size, bare[size])
        with ours("lwm2m", size) as loaded:
            _at_size(loaded, curves, size, seconds)
    for peer in (LESHAN, COAP_RD):
        unless_missing(partial(_peer, peer, curves, seconds), None)
    with echo("lwm2m", SIZES[0]) as loaded:
        _windows(loaded, curves, seconds)
    return _figures(curves, bare[SIZES[-1]]), curves


def _peer(peer: str, curves: Curves, seconds: float) -> None:
    for size in SIZES:
        with theirs(peer, "lwm2m", size) as loaded:
            _at_size(loaded, curves, size, seconds)


def _at_size(loaded: Loaded, curves: Curves, size: int, seconds: float) -> None:
    first = loaded.know(size)
    if size == SIZES[-1]:
        curves.add(curves.sizes, f"{loaded.name}, new", size, first["cpu_us"])
    curves.add(curves.sizes, f"{loaded.name}, known", size, loaded.cost("what=register", seconds)["cpu_us"])
    in_random_order = loaded.cost("what=register order=random", seconds)
    curves.add(curves.sizes, f"{loaded.name}, {_RANDOM}", size, in_random_order["cpu_us"])
    if size == SIZES[-1]:
        full = _windows(loaded, curves, seconds)
        _waits(loaded, curves, full, seconds)


def _windows(loaded: Loaded, curves: Curves, seconds: float) -> float:
    """The most that was answered a second."""
    full = 0.0
    for window in WINDOWS:
        phase = partial(loaded.run, f"what=register closed={window} seconds={seconds / 3:.2f}")
        result = phase() if loaded.name in (OURS, ECHO) else unless_missing(phase, None)  # a peer may stall for long
        if result is not None:
            rate = sustained(result["rate"], result["cpu_us"])
            curves.add(curves.windows, loaded.name, window, rate)
            full = max(full, rate)
    return full


def sustained(rate: float, cpu_us: float) -> float:
    """Answers a second that one core goes on with: for a few seconds it answers more, and does later what follows."""
    return min(rate, 1e6 / cpu_us)


def _waits(loaded: Loaded, curves: Curves, full: float, seconds: float) -> None:
    for load in LOADS:
        found = loaded.run(f"what=register open={full * load / 100:.0f} seconds={seconds:.1f}")["ms"]
        for name in PERCENTILES:
            curves.add(curves.waits, f"{loaded.name}, {name}", load, found[name])


def _last(lines: dict[str, list[tuple[float, float]]], name: str, x: float) -> float | None:
    return dict(lines.get(name, [])).get(x)


def _figures(curves: Curves, bare: float) -> list[Figure]:
    most = SIZES[-1]

    def of_peers(lines: dict[str, list[tuple[float, float]]], kind: str, x: float) -> dict[str, float]:
        found = {peer: _last(lines, f"{peer}, {kind}", x) for peer in (LESHAN, COAP_RD)}
        return {peer: value for peer, value in found.items() if value is not None}

    def row(name: str, kind: str, goal: tuple[float, float] | None) -> Figure:
        value = _last(curves.sizes, f"{OURS}, {kind}", most) or 0.0
        peers = of_peers(curves.sizes, kind, most)
        return Figure(name, value, "µs", {ECHO: bare}, "", peers, goal_of(goal))

    known = row("LwM2M registration, 100,000 known", "known", (20, 30))
    shuffled = row("LwM2M registration, 100,000 known, random order", _RANDOM, None)
    new = row("LwM2M registration, 100,000 new", "new", None)
    ratio = Figure(
        "random order against in order, 100,000", shuffled.value / known.value if known.value else 0.0, "×", {},
        "", {}, 1.15,
    )  # fmt: skip
    full = {name: max(rate for _, rate in points) for name, points in curves.windows.items()}
    echoed, own = full.pop(ECHO), full.pop(OURS)
    rate = Figure("LwM2M registrations at full load, one core", own, "/s", {ECHO: echoed}, "100,000 known", full)
    waits = [_wait(curves, load, of_peers(curves.waits, "p99", load)) for load in LOADS]
    return [known, shuffled, new, ratio, rate, *waits]


def _wait(curves: Curves, load: int, peers: dict[str, float]) -> Figure:
    value = _last(curves.waits, f"{OURS}, p99", load) or 0.0
    notes = "100,000 known; each server at that part of its own full load"
    return Figure(f"p99 at {load} % of full load", value, "ms", {}, notes, peers, 5 if load == 50 else None)


def million(seconds: float) -> list[Figure]:
    """How much memory a million registered devices take, before a restart and after it; and what one of them costs."""
    with tempfile.TemporaryDirectory() as state:
        with ours("lwm2m", MILLION, state=state) as loaded:
            assert loaded.server is not None
            new = loaded.know(MILLION)
            before = loaded.server.resident
            known = loaded.cost("what=register", seconds)
            shuffled = loaded.cost("what=register order=random", seconds)
        with ours("lwm2m", MILLION, state=state) as loaded:
            assert loaded.server is not None
            after = loaded.server.resident
            again = loaded.run(f"what=register order=random closed=64 seconds={seconds:.1f}")
    notes = (
        f"new {new['cpu_us']:.0f}, in random order {shuffled['cpu_us']:.0f}, after a restart {again['cpu_us']:.0f} µs"
    )
    bare = {ECHO: echo_cost("lwm2m", MILLION, seconds / 2)}
    return [
        Figure("LwM2M registration, 1,000,000 known", known["cpu_us"], "µs", bare, notes),
        Figure("RSS, 1,000,000 registered", before, "MiB", {}, "", {}, 700),
        Figure("RSS, 1,000,000 registered, after a restart", after, "MiB", {}, "", {}, 800),
    ]


def pictures(curves: Curves) -> dict[str, str]:
    """SVG by name of a file."""
    sizes = Chart("CPU of the server for one registration, by devices", curves.sizes, "devices", "µs")
    windows = Chart("Registrations a second on one core, 100,000 known", curves.windows, "requests in flight", "/s")
    title = "How long an answer takes, 100,000 known, open loop"
    waits = Chart(title, curves.waits, "% of full load", "ms", logarithmic_x=False)
    charts = {"devices": sizes, "window": windows, "waits": waits}
    return {f"registrations-{name}.svg": chart.svg() for name, chart in charts.items()}
