"""A module's serial line as pyserial has one, in the lab's time: a host program that takes a port can be tested whole.

Its timeouts are the lab's: a read that waits lets the lab run. Loaded with the first test that asks for a port; knows
the simulated lab's world and pyserial's base class.
"""

from __future__ import annotations

from typing import Any

import serial
from serial.serialutil import PortNotOpenError, SerialBase

import nbtwin
from nbtwin.api.simulated import SimulatedBackend
from nbtwin.edge.line_speed import present_speed
from nbtwin.engine import Seconds
from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.world import World

DEFAULT_TIMEOUT: Seconds = 1.0
LONGEST_WAIT: Seconds = 30 * 86400.0
"""Of a read without a timeout: nobody but the test itself could still make the module speak."""


def open_serial(lab: nbtwin.Lab, module: nbtwin.Module) -> SerialBase:
    """The host's end, open. In a lab on the wall clock it is the module's real port."""
    backend = lab._session.backend
    if isinstance(backend, SimulatedBackend):
        return SimulatedSerial(backend.lab.world, backend.lab.world.modules[module.name])
    url = module.serial.replace("tcp:", "socket://", 1).replace("rfc2217:", "rfc2217://", 1)
    port: SerialBase = serial.serial_for_url(url, present_speed(module.serial), timeout=DEFAULT_TIMEOUT)
    return port


class SimulatedSerial(SerialBase):
    """What a host calls of `serial.Serial`. The line has the speed of the module, whatever ``baudrate`` says."""

    def __init__(self, world: World, node: ModuleNode) -> None:
        super().__init__(timeout=DEFAULT_TIMEOUT)
        self._world, self._node = world, node
        self._come = bytearray()
        self.name = node.name
        self.open()

    def open(self) -> None:
        if not self.is_open:
            self._node.sinks.append(self._take)
            self.is_open = True

    def close(self) -> None:
        """What the module says meanwhile is lost, as on any line that nobody listens to."""
        if self.is_open:
            self._node.sinks.remove(self._take)
            self.reset_input_buffer()
            self.is_open = False

    def _take(self, data: bytes) -> None:
        self._come += data

    def _reconfigure_port(self, *_: Any, **__: Any) -> None:
        """There is nothing to be set."""

    def _update_dtr_state(self) -> None:
        """Off and on again pulls the wake-up pin (D109)."""
        if self.dtr:
            self._world.pull_wake_up_pin(self._node)

    @property
    def in_waiting(self) -> int:
        return len(self._come)

    def read(self, size: int = 1, /) -> bytes:
        """Up to ``size`` bytes; fewer when the timeout, of the lab's time, has passed."""
        if not self.is_open:
            raise PortNotOpenError
        within = LONGEST_WAIT if self.timeout is None else self.timeout
        self._world.run_until(lambda: len(self._come) >= size, within)
        data = bytes(self._come[:size])
        del self._come[:size]
        return data

    def write(self, data: Any, /) -> int:
        if not self.is_open:
            raise PortNotOpenError
        sent = bytes(data)
        self._world.serial(self._node, sent)
        return len(sent)

    def flush(self) -> None:
        """All has been sent."""

    def reset_input_buffer(self) -> None:
        self._come.clear()

    def reset_output_buffer(self) -> None:
        """Nothing waits there."""
