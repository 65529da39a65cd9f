"""What one request costs a platform: the server's CPU time, all of its threads, until it has nothing left to do.

Each operator's registration as its modules send it, with everything that the platform asks for after it; update and
uplink; the levels of durability; PostgreSQL. Beside them the echo in C and, where they do the same work, the servers of
others, under the same generator on the same cores.
"""

from __future__ import annotations

import sys
from functools import partial

from benchmarks.figures import Figure
from benchmarks.load import ECHO, OURS, Loaded, echo_cost, ours, theirs, unless_missing
from benchmarks.peers import CALIFORNIUM, COAP_RD, COAP_SERVER, LESHAN
from benchmarks.postgres import NoServer, private_server
from nbtwin.runtime.build_kind import is_compiled
from nbtwin.runtime.errors import Failed

DEVICES = 1000
IN_FLIGHT = 2048
"""Registrations that wait for PostgreSQL at once."""
LEVELS = {
    "process": "survives kill -9",
    "disk": "survives a power cut",
    "database": "the database's own commit, and nothing less",
}
_PEERS = (  # whose, what it is sent, of which works
    (LESHAN, "lwm2m", ("register", "update")),
    (COAP_RD, "lwm2m", ("register",)),
    (CALIFORNIUM, "lwm2m", ("other",)),
    (COAP_SERVER, "time", ("register",)),
)
_WORK = {  # by traffic: the row, what is in it, what is to be reached compiled and pure
    "cmdmp": ("CMDMP registration", "its name verified, /666/0 read, thirteen values decrypted", (60, 85)),
    "andlink": ("Andlink registration with its policy", "two observations and a read", (110, 170)),
    "telecom": ("Telecom registration", "", None),
    "unicom": ("Unicom registration", "", None),
}


def measure(seconds: float) -> list[Figure]:
    figures = _lwm2m(seconds)
    for traffic, (name, notes, goal) in _WORK.items():
        figures.append(_registration(traffic, name, notes, goal, seconds))
    return figures + durability(seconds) + _postgres(seconds)


def short(seconds: float) -> list[Figure]:
    """What CI shows of a change: registrations, updates and uplinks beside the echo."""
    return _lwm2m(seconds, with_peers=False)


def goal_of(pair: tuple[float, float] | None) -> float | None:
    """Compiled, or pure."""
    return None if pair is None else pair[0 if is_compiled() else 1]


def _lwm2m(seconds: float, *, with_peers: bool = True) -> list[Figure]:
    bare = {ECHO: echo_cost("lwm2m", DEVICES, seconds)}
    with ours("lwm2m", DEVICES) as loaded:
        own = _costs(loaded, seconds, "register", "update", "other")
    beside: dict[str, dict[str, float]] = {work: {} for work in own}
    for peer, traffic, works in _PEERS if with_peers else ():
        found = unless_missing(partial(_of_peer, peer, traffic, seconds, works), {})
        for work, cost in found.items():
            beside["other" if peer == COAP_SERVER else work][peer] = cost
    same = "answered from memory: Californium 2.04, coap-server GET /time" if with_peers else ""
    return [
        Figure(
            "LwM2M registration, 1,000 known", own["register"], "µs", bare, "", beside["register"], goal_of((18, 30))
        ),
        Figure("LwM2M update", own["update"], "µs", bare, "", beside["update"], goal_of((12, 22))),
        Figure("uplink", own["other"], "µs", bare, same, beside["other"], goal_of((16, 28))),
    ]


def _of_peer(peer: str, traffic: str, seconds: float, works: tuple[str, ...]) -> dict[str, float]:
    with theirs(peer, traffic, DEVICES) as loaded:
        return _costs(loaded, seconds, *works)


def _costs(loaded: Loaded, seconds: float, *works: str) -> dict[str, float]:
    loaded.know(DEVICES)
    return {work: float(loaded.cost(f"what={work}", seconds)["cpu_us"]) for work in works}


def _registration(traffic: str, name: str, notes: str, goal: tuple[float, float] | None, seconds: float) -> Figure:
    bare = {ECHO: echo_cost(traffic, DEVICES, seconds / 2)}
    with ours(traffic, DEVICES) as loaded:
        loaded.know(DEVICES)
        result = loaded.cost("what=register", seconds)
    if result["unfinished"]:
        notes += f"; {result['unfinished']} of {result['answered']} not asked everything"
    return Figure(name, result["cpu_us"], "µs", bare, notes, to_reach=goal_of(goal))


def durability(seconds: float) -> list[Figure]:
    """CPU at each level, and how long answers wait at half of what it can do."""
    figures, bare = [], {ECHO: echo_cost("lwm2m", DEVICES, seconds / 2)}
    for level, survives in LEVELS.items():
        found = unless_missing(partial(_at_level, level, seconds), None)
        if found is not None:
            cost, late = found
            notes = f"{survives}; half load: p99 {late:.1f} ms"
            figures.append(Figure(f"LwM2M registration, durability {level}", cost, "µs", bare, notes))
    return figures


def _at_level(level: str, seconds: float) -> tuple[float, float]:
    with ours("lwm2m", DEVICES, "--durability", level) as loaded:
        loaded.know(DEVICES)
        result = loaded.cost("what=register", seconds)
        half = loaded.run(f"what=register open={result['rate'] / 2:.0f} seconds={seconds:.1f}")
    return float(result["cpu_us"]), float(half["ms"]["p99"])


def _postgres(seconds: float) -> list[Figure]:
    try:
        with private_server() as server:
            return [_into_postgres(server.url, seconds)]
    except (NoServer, Failed) as reason:
        print(f"bench: left out: {reason}", file=sys.stderr)
        return []


def _into_postgres(url: str, seconds: float) -> Figure:
    with ours("lwm2m", DEVICES * 10, "--database", url) as loaded:
        loaded.know(DEVICES * 10)
        result = loaded.run(f"what=register closed={IN_FLIGHT} seconds={seconds:.1f}")
    notes = (
        f"{OURS}'s own CPU {result['cpu_us']:.0f} µs each; {IN_FLIGHT:,} in flight, p99 {result['ms']['p99']:.0f} ms"
    )
    return Figure("LwM2M registrations into PostgreSQL", result["rate"], "/s", {}, notes, {}, goal_of((25_000, 15_000)))
