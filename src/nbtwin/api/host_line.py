"""The host's end of a module's serial line in a simulated lab: commands, answers, and what comes by itself.

Knows the driver and a world that jumps; knows no port.
"""

from __future__ import annotations

from collections.abc import Iterator

from nbtwin.api.results import AtResult
from nbtwin.engine import Seconds
from nbtwin.host.driver import AnswerReceived, Driver, UrcReceived
from nbtwin.host.tables import dialect_of
from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.world import World
from nbtwin.module.module import Module


class HostLine:
    """One module's. What it says while nobody asks is a URC, too."""

    def __init__(self, world: World, node: ModuleNode, module: Module) -> None:
        self._world, self.node, self._module = world, node, module
        self._driver = Driver(dialect_of(module.profile))
        self._urcs: list[str] = []
        self._answers: list[AnswerReceived] = []
        node.sinks.append(self._take)

    def urcs(self) -> tuple[str, ...]:
        """All so far, the oldest first."""
        return tuple(self._urcs)

    def send(self, line: str, data: bytes | None, within: Seconds) -> AtResult:
        """One command line after the boot that is under way; ``data`` when the module prompts for it."""
        world, driver = self._world, self._driver
        if self._module.power_state == "booting":
            world.run_until(lambda: self._module.power_state != "booting", within)
        said_before = len(self._urcs)
        self._answers.clear()
        driver.send(world.now, line, data=data, timeout=within)
        self._write()
        world.run_until(lambda: bool(self._answers), within)
        driver.handle_timer(world.now)
        self._drain()
        answer = self._answers[0] if self._answers else AnswerReceived(line, (), "", within)
        return AtResult(
            command=line, lines=answer.lines, final=answer.final, took=answer.took, urcs=tuple(self._urcs[said_before:])
        )

    def _take(self, data: bytes) -> None:
        self._driver.handle_bytes(self._world.now, data)
        self._drain()
        self._write()

    def _write(self) -> None:
        if data := self._driver.bytes_to_send():
            self._world.serial(self.node, data)

    def _drain(self) -> None:
        self._answers += self._told()

    def _told(self) -> Iterator[AnswerReceived]:
        for event in self._driver.events():
            match event:
                case UrcReceived(text):
                    self._urcs.append(text)
                case AnswerReceived():
                    yield event
                case _:
                    pass  # it has started: whoever asks sees that in its state
