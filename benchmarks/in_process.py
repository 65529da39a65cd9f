"""What one request costs a platform without sockets and without a disk: engine, world, link and hold, in one process.

`python -m benchmarks.in_process [WORK ...] [--tree NAME=SRC ...] [--store] [--rounds N] [--calls [N]] [--json]`

Prepared datagrams of many endpoints go through `Link.receive` in batches of 64, as the live loop hands them over, to
the platform behind its hold; the commit does nothing, or with ``--store`` goes into SQLite in memory. What the platform
asks of a device is answered between the batches, and its answers are taken in as well. Only what is inside of the
platform is timed: CPU time of the thread, the least of many short rounds.

Each tree of sources runs in a process of its own, and they take turns round by round: so two trees (before and after,
pure and compiled) are compared under the same load of the machine. Beside them, in every round, a bare registrar: forty
lines that find the name in a registration, keep it and answer, which shows how fast interpreter and machine are now.
``--calls`` also counts the calls of Python functions that a request takes, and names the N most frequent.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks import ROOT

if TYPE_CHECKING:
    from benchmarks.figures import Figure  # which knows this tree, and not every other one

ENDPOINTS, BATCH, BATCHES = 1024, 64, 8
_OBSERVED = b",</5/0>,</19/0>,</19/1>"  # what Andlink's policy observes, in a list of objects


Datagram = tuple[tuple[str, int], bytes]
"""Where from, or where to, and the bytes."""


class Work(NamedTuple):
    """``policy``: Andlink observes and reads after each registration, and is answered. ``asks``: of each endpoint."""

    operator: str
    asks: str
    policy: bool = False


WORKS = {
    "register": Work("andlink", "register"),
    "update": Work("andlink", "update"),
    "uplink": Work("andlink", "post"),
    "notification": Work("andlink", "notify", policy=True),
    "policy": Work("andlink", "register", policy=True),
    "telecom": Work("telecom", "register"),
    "cmdmp": Work("cmdmp", "register"),
}


class Fleet:
    """The endpoints: what each sends next, and what it answers."""

    def __init__(self, work: Work) -> None:
        from benchmarks.traffic import TRAFFIC, cmdmp_inventory, content, datagrams, device, imei_of, uplink

        traffic = TRAFFIC["described" if work.operator == "andlink" else work.operator](ENDPOINTS)
        more = _OBSERVED if work.policy else b""
        self._registrations = [each + more for each in datagrams(traffic.requests)]
        self._content = content(cmdmp_inventory() if work.operator == "cmdmp" else device())
        self._uplinks = [uplink(imei_of(number))[8:] for number in range(ENDPOINTS)]
        self._ids = [0] * ENDPOINTS
        self._locations: dict[int, bytes] = {}
        self._observations: dict[int, bytes] = {}

    def datagram(self, number: int, asks: str) -> Datagram:
        self._ids[number] = message_id = self._ids[number] + 1 & 0xFFFF
        head, token = message_id.to_bytes(2, "big"), self._ids[number].to_bytes(4, "big")
        if asks == "register":
            registration = self._registrations[number]
            data = registration[:2] + head + registration[4:]
        elif asks == "update":
            data = b"\x44\x02" + head + token + b"\xb2rd\x0a" + self._locations[number]
        elif asks == "post":
            data = b"\x44\x02" + head + token + self._uplinks[number]
        else:
            order = (message_id + 1).to_bytes(3, "big")
            token = self._observations[number]
            data = bytes((0x40 | len(token), 0x45)) + head + token + b"\x63" + order + b"\x61\x2a\xff21.5 degrees"
        return self._source(number), data

    def _source(self, number: int) -> tuple[str, int]:
        """A new object each time, as a socket gives it."""
        return f"127.0.{number >> 8}.{number & 255}", 30000 + number

    def handle(self, to: tuple[str, int], data: bytes) -> Datagram | None:
        """An answer of the platform's is kept in mind; a request of its own is answered."""
        number, end = to[1] - 30000, 4 + (data[0] & 15)
        if data[1] == 0x41:
            self._locations[number] = data[-10:]
        elif data[1] >= 0x80:
            raise ValueError(f"the platform refuses: {data!r}")
        elif 0 < data[1] < 32:
            answer = bytes((0x60 | data[0] & 15, 0x45)) + data[2:end]
            if data[end] == 0x60:  # Observe 0
                if b"19" in data[end:]:
                    self._observations[number] = data[4:end]
                return self._source(number), answer + b"\x61\x01\x60\xff0"
            return self._source(number), answer + self._content
        return None


class Platform:
    """One work in this process: a world with the platform, and the fleet at the other end of a gateway."""

    def __init__(self, work: Work, store: bool) -> None:
        from nbtwin.engine import Fact
        from nbtwin.lab.hold import Committer, Done
        from nbtwin.lab.world import World
        from nbtwin.operators.store.store import Store
        from nbtwin.runtime.platforms import PLATFORMS, MemoryBacking

        self._work, self._fleet = work, Fleet(work)
        self._sent: list[Datagram] = []
        self._now = 0.0
        kept = Store.open(":memory:")
        self.end = kept.close

        class Behind(Committer):
            """As the thread of a live lab: a commit ends when the loop comes round again."""

            def __init__(self) -> None:
                self.ended: list[Done] = []

            def keeps(self, event: Fact) -> bool:
                return kept.keeps(event)

            def submit(self, events: Sequence[Fact], done: Done) -> None:
                if store:
                    kept.commit(events)
                self.ended.append(done)

        committer = Behind()
        engine = PLATFORMS[work.operator](random.Random(1), MemoryBacking())
        if work.operator == "andlink" and not work.policy:
            engine.change_policy(0.0, (), ())  # type: ignore[union-attr]
        world = World(seed=1)
        node = world.add_platform(work.operator, engine, operator=work.operator, commit=committer)
        world.carrier.gateway, world.carrier.jumping = self, False
        world.scheduler.clock = lambda: self._now
        self._world, self._local, self._commits = world, node.address, committer
        self._exchange([self._fleet.datagram(number, "register") for number in range(ENDPOINTS)])
        self._numbers = iter(range(0))

    # the gateway of the world

    def open(self, owner: str, port: int) -> tuple[str, int]:
        raise AssertionError("there is no module")

    def close(self, address: tuple[str, int]) -> None:
        return None

    def send(self, source: tuple[str, int], destination: tuple[str, int], data: bytes) -> None:
        self._sent.append((destination, data))

    def send_all(self, source: tuple[str, int], datagrams: Sequence[Datagram]) -> None:
        self._sent += datagrams

    # rounds

    def round(self) -> float:
        """Microseconds for each of the requests of `BATCHES` batches, with all that follows from them."""
        asks = self._work.asks
        datagrams = [self._fleet.datagram(self._next(), asks) for _ in range(BATCH * BATCHES)]
        gc.collect()
        return self._exchange(datagrams) / len(datagrams) * 1e6

    def _next(self) -> int:
        number = next(self._numbers, None)
        if number is None:
            self._numbers = iter(range(ENDPOINTS))
            number = next(self._numbers)
        return number

    def _exchange(self, datagrams: list[Datagram]) -> float:
        took, queue = 0.0, datagrams
        while queue:
            batch, queue = queue[:BATCH], queue[BATCH:]
            self._now += 0.002
            began = time.thread_time()
            self._world.carrier.receive(self._local, batch)
            while self._commits.ended:
                self._commits.ended.pop(0)(None)
            took += time.thread_time() - began
            sent, self._sent = self._sent, []
            queue = [answer for to, data in sent if (answer := self._fleet.handle(to, data)) is not None] + queue
        return took

    def calls(self) -> Counter[str]:
        """Of Python functions, in one round, by file and line."""
        found: Counter[str] = Counter()

        def count(frame: FrameType, event: str, argument: object) -> None:
            code = frame.f_code
            if event == "call" and code.co_filename != __file__:
                found[f"{code.co_filename.rpartition('nbtwin/')[2]}:{code.co_firstlineno} {code.co_qualname}"] += 1

        sys.setprofile(count)
        try:
            self.round()
        finally:
            sys.setprofile(None)
        return found


def bare_registrar() -> Callable[[bytes], bytes]:
    """What any registrar in plain Python has to do at the least."""
    known: dict[bytes, bytes] = {}

    def take(data: bytes) -> bytes:
        end = 4 + (data[0] & 15)
        position, number, name = end, 0, b""
        while position < len(data) and data[position] != 0xFF:
            delta, length = data[position] >> 4, data[position] & 15
            position += 1
            if delta == 13:
                delta, position = data[position] + 13, position + 1
            if length == 13:
                length, position = data[position] + 13, position + 1
            number += delta
            value = data[position : position + length]
            position += length
            if number == 15 and value[:3] == b"ep=":
                name = value[3:]
        location = known[name] = b"%010x" % hash(name)
        return bytes((0x60 | data[0] & 15, 0x41)) + data[2:end] + b"\x82rd\x0a" + location

    return take


def bare_round() -> float:
    from benchmarks.traffic import datagrams, described

    take, data = bare_registrar(), datagrams(described(1).requests)[0]
    began = time.thread_time()
    for _ in range(BATCH * 4):
        take(data)
    return (time.thread_time() - began) / (BATCH * 4) * 1e6


def serve(work: str, store: bool) -> None:
    """A process of one tree: a round for each line that it reads, ``calls`` for the count."""
    platform = Platform(WORKS[work], store)
    for line in sys.stdin:
        if line.strip() == "calls":
            counted = platform.calls()
            print(json.dumps({name: count / (BATCH * BATCHES) for name, count in counted.items()}), flush=True)
        else:
            print(json.dumps([platform.round(), bare_round()]), flush=True)


class Tree:
    """A tree of sources at work, in a process of its own."""

    def __init__(self, name: str, source: Path, work: str, store: bool) -> None:
        self.name = name
        environment = {**os.environ, "PYTHONPATH": f"{source}{os.pathsep}{ROOT}", "PYTHONHASHSEED": "1"}
        command = [sys.executable, "-m", "benchmarks.in_process", "--serve", work, *(["--store"] if store else [])]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT
        )
        self.rounds: list[tuple[float, float]] = []

    def ask(self, line: str) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(line, file=self._process.stdin, flush=True)
        return json.loads(self._process.stdout.readline())

    def round(self) -> None:
        took, bare = self.ask("round")
        self.rounds.append((took, bare))

    @property
    def least(self) -> float:
        return min(took for took, _ in self.rounds)

    @property
    def bare(self) -> float:
        return min(bare for _, bare in self.rounds)

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def compare(work: str, trees: dict[str, Path], *, store: bool, rounds: int) -> Iterator[Tree]:
    """Each with its rounds behind it; its process lives until the next one is taken."""
    running = [Tree(name, source, work, store) for name, source in trees.items()]
    try:
        for number in range(rounds):
            for tree in running if number % 2 else reversed(running):
                tree.round()
        yield from running
    finally:
        for tree in running:
            tree.close()


def measure(seconds: float) -> list[Figure]:
    """For `nbtwin bench`: this tree alone."""
    from benchmarks.figures import Figure

    rounds = max(5, int(10 * seconds))
    return [
        Figure(f"in process: {work}", tree.least, "µs", {"bare registrar in Python": tree.bare}, "no store")
        for work in WORKS
        for tree in compare(work, {"this": ROOT / "src"}, store=False, rounds=rounds)
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.in_process", description=__doc__.partition("\n")[0])
    parser.add_argument("works", nargs="*", metavar="WORK", help=", ".join(WORKS))
    parser.add_argument("--tree", action="append", default=[], metavar="NAME=SRC", help="a tree's src folder")
    parser.add_argument("--store", action="store_true", help="commit into SQLite in memory")
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--calls", type=int, nargs="?", const=0, default=None, metavar="N")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--serve", metavar="WORK", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.store)
        return
    trees = {name: Path(source) for name, _, source in (tree.partition("=") for tree in options.tree)}
    for work in options.works or WORKS:
        least = 0.0
        for tree in compare(work, trees or {"this": ROOT / "src"}, store=options.store, rounds=options.rounds):
            least = least or tree.least
            calls: dict[str, float] = {} if options.calls is None else tree.ask("calls")
            total = round(sum(calls.values()), 1)
            if options.json:
                figures = {"work": work, "tree": tree.name, "us": tree.least, "bare_us": tree.bare, "calls": total}
                print(json.dumps({**figures, "load": os.getloadavg()[0]}), flush=True)
                continue
            bare, first = f"{tree.least / tree.bare:.2f} × bare ({tree.bare:.2f})", f"{tree.least / least:.2f} × first"
            print(f"{work:12} {tree.name:8} {tree.least:7.2f} µs, {bare}, {first}, {total} calls", flush=True)
            for name, count in sorted(calls.items(), key=lambda item: -item[1])[: options.calls or 0]:
                print(f"    {count:6.2f}  {name}")


if __name__ == "__main__":
    main()
