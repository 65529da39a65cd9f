"""A server under the generator's load: ours as `nbtwin platform` starts it, those of others, the echo in C.

What every benchmark of platforms is made of. Knows no figure.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from benchmarks.generator import Generator, NoGenerator, serving
from benchmarks.peers import CALIFORNIUM, LESHAN, NoPeer, peer
from benchmarks.processes import Server, nbtwin
from benchmarks.traffic import TRAFFIC, Traffic
from nbtwin.runtime.errors import Failed, UsageRefusal

T = TypeVar("T")
U = TypeVar("U")
ECHO = "echo in C"
OURS = "nbtwin"
WINDOW = 64
WARM_UP = 100_000
"""Requests, for what compiles itself while it runs."""
_PORTS = {"lwm2m": "andlink"}  # by traffic: whose port it goes to, where the names differ


@cache
def traffic_of(name: str, devices: int) -> Traffic:
    return TRAFFIC[name](devices)


@dataclass
class Loaded:
    """A server and its generator."""

    name: str
    generator: Generator
    server: Server | None = None

    def run(self, words: str) -> dict[str, Any]:
        """A phase. Failed where the server refuses or hardly answers: such a figure would be one of something else. In
        open loop that is a figure: what is lost counts with its timeout."""
        try:
            result = self.generator.run(words)
        except NoGenerator as why:
            raise Failed(UsageRefusal.FOREIGN, "bench", detail=f"{self.name}: {why}") from None
        if "missing=" in words and not result["sent"]:
            return result  # what was lost has been answered since
        few = "open=" not in words and result["answered"] < result["sent"] / 2
        if result["errors"] or result["unknown"] or few or not result["answered"]:
            told = {name: result[name] for name in ("sent", "answered", "errors", "unknown", "lost", "codes")}
            raise Failed(UsageRefusal.FOREIGN, "bench", detail=f"{self.name} in '{words}': {told}")
        return result

    def know(self, devices: int, what: str = "register") -> dict[str, Any]:
        """Every device once; those that were lost again."""
        first = self.run(f"what={what} closed={WINDOW} count={devices} devices={devices}")
        lost = first["lost"]
        for _ in range(10):
            if not lost:
                break
            lost = self.run(f"what={what} closed={WINDOW} count={lost} devices={devices} missing=1")["lost"]
        return first

    def cost(self, words: str, seconds: float) -> dict[str, Any]:
        """All of a phase, so that what is cleaned up now and then counts as well."""
        return self.run(f"{words} closed={WINDOW} seconds={seconds:.2f}")


@contextmanager
def ours(traffic: str, devices: int, *arguments: str, state: str | None = None) -> Iterator[Loaded]:
    """``arguments``: further ones of `nbtwin platform`. ``state``: a folder that is already there."""
    with ExitStack() as stack:
        folder = state or stack.enter_context(tempfile.TemporaryDirectory())
        port = _PORTS.get(traffic, traffic)
        server = stack.enter_context(
            nbtwin("platform", "--ports", f"{port}=0", "--state", folder, *arguments, pinned=True)
        )
        generator = stack.enter_context(_generator(server.udp, traffic_of(traffic, devices), pid=server.pid))
        yield Loaded(OURS, generator, server)


@contextmanager
def theirs(name: str, traffic: str, devices: int) -> Iterator[Loaded]:
    """NoPeer. A Java program has been warmed by `WARM_UP` requests."""
    with peer(name) as (port, server), _generator(port, traffic_of(traffic, devices), pid=server.pid) as generator:
        loaded = Loaded(name, generator, server)
        if name in (LESHAN, CALIFORNIUM):
            loaded.generator.run(f"what=register closed={WINDOW} count={WARM_UP} seconds=20")
        yield loaded


@contextmanager
def echo(traffic: str, devices: int) -> Iterator[Loaded]:
    with ExitStack() as stack:
        try:
            port, pid = stack.enter_context(serving())
        except NoGenerator as why:
            raise Failed(UsageRefusal.FOREIGN, "bench", detail=str(why)) from None
        generator = Generator(port, traffic_of(traffic, devices), pid=pid, echoed=True)
        yield Loaded(ECHO, stack.enter_context(generator))


def echo_cost(traffic: str, devices: int, seconds: float) -> float:
    """Microseconds."""
    with echo(traffic, devices) as loaded:
        return float(loaded.cost("what=register", seconds)["cpu_us"])


def unless_missing(measure: Callable[[], T], otherwise: U) -> T | U:
    """A peer that is not here is named and left out."""
    try:
        return measure()
    except (NoPeer, Failed) as why:
        print(f"bench: left out: {why}", file=sys.stderr)
        return otherwise


def _generator(port: int, traffic: Traffic, *, pid: int) -> Generator:
    try:
        return Generator(port, traffic, pid=pid)
    except NoGenerator as why:
        raise Failed(UsageRefusal.FOREIGN, "bench", detail=str(why)) from None
