"""A whole BC28 in a live lab on loopback sockets, beside foreign programs: the host's line, and what was said on it."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace
from typing import Any

from foreign_program import PATIENCE, Child, Program
from free_ports import free_ports

from nbtwin.edge.live_runtime import LiveRuntime, live_world
from nbtwin.engine import Seconds
from nbtwin.lab.nodes import ModuleNode, Node
from nbtwin.lab.observers import LabObserver
from nbtwin.lab.world import World
from nbtwin.module.events import ServiceReported
from nbtwin.module.identity import ModuleIdentity, Usim
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage
from nbtwin.operators.andlink.admission import AndlinkSettings
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.events import OperationAnswered
from nbtwin.operators.key_store.psk import PskStore
from nbtwin.profiles.models import PROFILES
from nbtwin.selfreg.schedule import Operator
from nbtwin.timeline.ring import Timeline

KEY = bytes(range(16))
ATTACHED = 10.0
"""Seconds after power-on, by which a module has long been attached."""
_FINAL = re.compile(r"^(OK|ERROR|\+CME ERROR: \d+|>)$", re.M)


class Reports(LabObserver):
    """What the services of modules have said."""

    def __init__(self) -> None:
        self.reported: list[Any] = []

    def event(self, at: Seconds, node: Node, event: Any) -> None:
        if isinstance(event, ServiceReported):
            self.reported.append(event.event)


class ForeignLab:
    """One module, its host, and foreign programs, all on one event loop."""

    def __init__(self, world: World, live: LiveRuntime, programs: Iterable[Child]) -> None:
        self.world = world
        self.live = live
        self.nodes: dict[str, ModuleNode] = {}
        self.said: dict[str, str] = {}
        """By IMEI: all that the module has said to its host."""
        self._reports = Reports()
        world.observers.append(self._reports)
        self._programs = list(programs)
        self._changed = asyncio.Event()
        assert world.timeline is not None
        world.timeline.add_sink(lambda _: self._changed.set())

    def add_module(self, imei: str, *lines: str) -> ModuleNode:
        """These commands given (each OK), rebooted so that all are in force, attached; before the lab came alive."""
        profile = PROFILES["BC28"]
        random = self.world.random(imei)
        module = Module(
            profile,
            ModuleIdentity(imei, imei, profile.firmware),
            MemoryStorage(),
            random,
            Usim.of(Operator.MOBILE, imei),
        )
        node = self.nodes[imei] = self.world.add_module(imei, module)
        self.world.perform(node, module.power_on)
        self.world.advance(ATTACHED)
        for line in ("AT+QLAREGSWT=0", *lines):
            assert self.world.ask(node, line)[-1] == "OK", line
        self.world.ask(node, "AT+NRB")
        self.world.advance(ATTACHED)
        for line in ("ATE0", "AT+CMEE=1"):
            assert self.world.ask(node, line)[-1] == "OK", line
        self.said[imei] = ""
        node.take_serial()
        node.sinks.append(lambda data: self._heard(imei, data))
        return node

    def changed(self) -> None:
        """Something happened outside that a test may wait for."""
        self._changed.set()

    def _heard(self, imei: str, data: bytes) -> None:
        self.said[imei] += data.decode().replace("\r", "")
        self._changed.set()

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait until it is so; whatever happens in the lab, or is told by a program, is a reason to look again."""
        try:
            async with asyncio.timeout(PATIENCE):
                while not condition():
                    await self._changed.wait()
                    self._changed.clear()
        except TimeoutError:
            told = [program.output[-1000:].decode(errors="replace") for program in self._programs]
            assert self.world.timeline is not None
            last = [entry.text() for entry in self.world.timeline.reader.after()[-12:]]
            raise AssertionError(f"still waiting; said {self.said}; told {told}; timeline {last}") from None

    def reported(self, kind: type) -> list[Any]:
        """By modules: events of this kind."""
        return [event for event in self._reports.reported if isinstance(event, kind)]

    async def ask(self, imei: str, line: str, data: bytes = b"") -> str:
        """One command of the host (with what it sends at the prompt), and what the module said until its end."""
        before = len(self.said[imei])
        self.world.serial(self.nodes[imei], line.encode() + b"\r")
        if data:
            await self.until(lambda: ">" in self.said[imei][before:])
            before = len(self.said[imei])
            self.world.serial(self.nodes[imei], data)
        await self.until(lambda: _FINAL.search(self.said[imei], before))
        return self.said[imei][before:]

    async def heard(self, imei: str, pattern: str, count: int = 1) -> re.Match[str]:
        """The host has read this so many times; the last."""
        await self.until(lambda: len(re.findall(pattern, self.said[imei], re.M)) >= count)
        return list(re.finditer(pattern, self.said[imei], re.M))[count - 1]

    async def told(self, program: Program, *begin: str, count: int = 1) -> tuple[str, ...]:
        """What a foreign program told with these first words: the words after them."""
        await self.until(lambda: len(program.all(*begin)) >= count)
        return program.all(*begin)[count - 1]

    def listen(self) -> None:
        for program in self._programs:
            asyncio.get_running_loop().add_reader(program.fileno(), self._read, program)

    @contextmanager
    def running(self, *command: str) -> Iterator[Child]:
        """A program of this test alone."""
        child = Child(command)
        self._programs.append(child)
        asyncio.get_running_loop().add_reader(child.fileno(), self._read, child)
        try:
            yield child
        finally:
            asyncio.get_running_loop().remove_reader(child.fileno())
            self._programs.remove(child)
            child.close()

    async def output_of(self, *command: str) -> str:
        """What a program prints until it ends."""
        with self.running(*command) as child:
            await self.until(lambda: child.ended)
            return child.output.decode(errors="replace")

    def _read(self, program: Child) -> None:
        program.read()
        if program.ended:
            asyncio.get_running_loop().remove_reader(program.fileno())
        self._changed.set()

    def close(self) -> None:
        for program in self._programs:
            asyncio.get_running_loop().remove_reader(program.fileno())
        self.live.close()


class PlatformLab(ForeignLab):
    """The same with an Andlink platform on three ports: plain, DTLS for bootstrapping, DTLS."""

    def add_platform(self, keys: PskStore, settings: AndlinkSettings | None = None, **more: Any) -> None:
        self.port, self.bootstrap_port, self.secure_port = free_ports(3)
        settings = replace(settings or AndlinkSettings(), host="127.0.0.1", ports=(self.port, self.secure_port))
        self.platform = AndlinkPlatform(random.Random(1), keys, settings=settings, **more)
        self.events: list[Any] = []
        self.node = self.live.add_platform(
            "andlink", self.platform, ("127.0.0.1", self.port), operator="andlink", commit=self._commit
        )

    def _commit(self, events: Any) -> None:
        self.events += events
        self._changed.set()

    def seen(self, *kinds: type) -> list[Any]:
        return [event for event in self.events if isinstance(event, kinds)]

    async def happened(self, kind: type, count: int = 1, **fields: Any) -> Any:
        """The event of this kind and with these fields; the last of so many."""

        def found() -> list[Any]:
            return [e for e in self.seen(kind) if all(getattr(e, name) == value for name, value in fields.items())]

        await self.until(lambda: len(found()) >= count)
        return found()[count - 1]

    async def operate(self, verb: str, device: str, path: str, *value: Any, **more: Any) -> OperationAnswered:
        """A request of an operator, and its answer."""
        ticket = self.world.perform(self.node, self.platform.devices.ask, device, verb, path, *value, **more)
        answer = await self.happened(OperationAnswered, ticket=ticket)
        assert isinstance(answer, OperationAnswered)
        return answer


@asynccontextmanager
async def platform_lab(*programs: Child, keys: PskStore, **more: Any) -> AsyncIterator[PlatformLab]:
    """Foreign clients come to our platform. ``more`` is the platform's."""
    world = live_world(timeline=Timeline())
    world.route("127.0.0.1=127.0.0.1")
    lab = PlatformLab(world, LiveRuntime(world), programs)
    lab.live.open()
    lab.add_platform(keys, **more)
    lab.listen()
    try:
        yield lab
    finally:
        lab.close()


@asynccontextmanager
async def foreign_lab(*programs: Child, modules: dict[str, tuple[str, ...]]) -> AsyncIterator[ForeignLab]:
    """Each module with the commands of its host. Their boot is simulated; then the lab comes alive."""
    world = live_world(timeline=Timeline())
    world.route("127.0.0.1=127.0.0.1")
    lab = ForeignLab(world, LiveRuntime(world), programs)
    for imei, lines in modules.items():
        lab.add_module(imei, *lines)
    lab.live = LiveRuntime(world)
    lab.live.open()
    lab.listen()
    try:
        yield lab
    finally:
        lab.close()
