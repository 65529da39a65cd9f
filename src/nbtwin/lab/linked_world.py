"""What a link needs of the world that it is in, and how long anything takes on it. Carries nothing."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Concatenate, ParamSpec, Protocol, TypeVar

from nbtwin.engine import Fact, Seconds
from nbtwin.lab.faults import Faults
from nbtwin.lab.network import Network
from nbtwin.lab.nodes import ModuleNode, Node
from nbtwin.lab.observers import Observers
from nbtwin.lab.scheduler import Scheduler

P = ParamSpec("P")
R = TypeVar("R")


class LinkedWorld(Protocol):
    """What a link needs of the world that it is in (`nbtwin.lab.world.World`)."""

    scheduler: Scheduler[Node]
    network: Network
    faults: Faults
    observers: Observers
    modules: dict[str, ModuleNode]

    @property
    def now(self) -> Seconds: ...

    def note(self, source: str, fact: Fact) -> None: ...

    def drain(self, node: Node) -> None: ...

    def perform(self, node: Node, verb: Callable[Concatenate[Seconds, P], R], *args: P.args, **kw: P.kwargs) -> R: ...


class Latency:
    """How long a datagram takes one way, if nothing goes wrong."""

    __slots__ = ("_random", "jitter", "least")

    def __init__(self, random_: random.Random, least: Seconds, jitter: Seconds) -> None:
        self._random, self.least, self.jitter = random_, least, jitter

    def __bool__(self) -> bool:
        return bool(self.least or self.jitter)

    def of_one(self) -> Seconds:
        return self.least + self._random.random() * self.jitter if self.jitter else self.least
