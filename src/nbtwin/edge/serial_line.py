"""What a serial port plugs into: the module's end of a line, whoever answers there.

A port knows bytes, speeds and hosts; a virtual module, a recording that is played, and a real module behind a recorder
are three ends of the same kind.
"""

from __future__ import annotations

from collections.abc import Callable

from nbtwin.engine import Fact
from nbtwin.lab.faults import Pin
from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.world import World


class SerialLine:
    """The module's end. What it says goes to every one of ``sinks``."""

    name: str
    sinks: list[Callable[[bytes], object]]

    @property
    def listens_at(self) -> int:
        """In bits per second: a host that speaks at another speed is not understood (D110)."""
        raise NotImplementedError

    @property
    def speaks_at(self) -> int:
        """In bits per second: what is being said."""
        raise NotImplementedError

    def handle_bytes(self, data: bytes) -> None:
        """From the host."""
        raise NotImplementedError

    def handle_host_gone(self) -> None:
        """Its connection has ended; no effect where there is none."""

    def wake(self) -> None:
        """The wake-up pin is pulled."""

    def pin_works(self, pin: Pin) -> bool:
        """Whether what one end does with a control line is seen at the other, this time."""
        return True

    def note(self, fact: Fact) -> None:
        """Something that concerns the line itself, for whoever watches it."""


class ModuleLine(SerialLine):
    """A virtual module's."""

    def __init__(self, world: World, node: ModuleNode) -> None:
        self._world, self._node = world, node
        self.name, self.sinks = node.name, node.sinks

    @property
    def listens_at(self) -> int:
        return self._node.module.line_speed

    @property
    def speaks_at(self) -> int:
        return self._node.module.spoken_at

    def handle_bytes(self, data: bytes) -> None:
        self._world.serial(self._node, data)

    def handle_host_gone(self) -> None:
        """The next one finds a fresh line."""
        if self._world.modules.get(self.name) is self._node:
            self._world.perform(self._node, self._node.module.handle_host_gone)

    def wake(self) -> None:
        self._world.pull_wake_up_pin(self._node)

    def pin_works(self, pin: Pin) -> bool:
        return self._world.pin_works(self._node, pin)

    def note(self, fact: Fact) -> None:
        self._world.note(self.name, fact)
