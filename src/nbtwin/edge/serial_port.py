"""What every serial port of a module has in common, whatever stands behind it.

Knows a node's serial line from outside; knows no PTY and no socket.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from nbtwin.edge.line_speed import heard
from nbtwin.lab.facts import SpeedMismatched
from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.world import World

_log = logging.getLogger("nbtwin.edge")


class SerialPort:
    """One plug in a module's serial line. ``where`` is what a host opens."""

    where: str
    notices_hosts = True
    """Whether it learns when a host opens it."""

    def __init__(self, world: World, node: ModuleNode) -> None:
        self._world = world
        self._node = node
        self.lost = 0
        """Bytes of the module that no host took."""
        self.on_host: Callable[[], None] | None = None
        """Called, soon afterwards, each time a host has opened the line."""
        self._told = (0, 0)  # the last two speeds that did not agree
        node.sinks.append(self._to_host)

    def host_speed(self) -> int | None:
        """At which speed the host speaks and listens; None where the line has none, or nobody has set it."""
        return None

    def _from_host(self, data: bytes) -> None:
        speed, module = self.host_speed(), self._node.module.line_speed
        if speed is not None and speed != module:
            self._tell_mismatch(speed, module)
            data = heard(data, speed, module)
        self._world.serial(self._node, data)

    def _at_host(self, data: bytes) -> bytes:
        """What the host hears of the module (D110)."""
        speed, module = self.host_speed(), self._node.module.spoken_at
        return data if speed is None else heard(data, module, speed)

    def _tell_mismatch(self, host: int, module: int) -> None:
        if self._told != (host, module):
            self._told = (host, module)
            self._world.note(self._node.name, SpeedMismatched(self.where, host, module))
            _log.info("%s: the host at %s speaks at %d, the module at %d", self._node.name, self.where, host, module)

    def _pull_wake_up_pin(self) -> None:
        self._world.perform(self._node, self._node.module.wake)

    def _host_came(self) -> None:
        if self.on_host is not None:
            self.on_host()

    def _to_host(self, data: bytes) -> None:
        raise NotImplementedError

    def close(self) -> None:
        if self._to_host in self._node.sinks:
            self._node.sinks.remove(self._to_host)
