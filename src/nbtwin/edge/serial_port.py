"""What every serial port of a module has in common, whatever stands behind it.

Knows a node's serial line from outside; knows no PTY and no socket.
"""

from __future__ import annotations

from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.world import World


class SerialPort:
    """One plug in a module's serial line. ``where`` is what a host opens."""

    where: str

    def __init__(self, world: World, node: ModuleNode) -> None:
        self._world = world
        self._node = node
        self.lost = 0
        """Bytes of the module that no host took."""
        node.sinks.append(self._to_host)

    def _from_host(self, data: bytes) -> None:
        self._world.serial(self._node, data)

    def _pull_wake_up_pin(self) -> None:
        self._world.perform(self._node, self._node.module.wake)

    def _to_host(self, data: bytes) -> None:
        raise NotImplementedError

    def close(self) -> None:
        if self._to_host in self._node.sinks:
            self._node.sinks.remove(self._to_host)
