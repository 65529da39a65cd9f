"""What every serial port of a module has in common, whatever stands behind it.

Knows a unit's serial line from outside; knows no PTY and no socket.
"""

from __future__ import annotations

from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.world import World


class SerialPort:
    """One plug in a module's serial line. ``where`` is what a host opens."""

    where: str

    def __init__(self, world: World, unit: ModuleNode) -> None:
        self._world = world
        self._unit = unit
        self.lost = 0
        """Bytes of the module that no host took."""
        unit.sinks.append(self._to_host)

    def _from_host(self, data: bytes) -> None:
        self._world.serial(self._unit, data)

    def _to_host(self, data: bytes) -> None:
        raise NotImplementedError

    def close(self) -> None:
        if self._to_host in self._unit.sinks:
            self._unit.sinks.remove(self._to_host)
