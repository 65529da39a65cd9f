"""What every serial port of a module has in common, whatever stands behind it.

Knows the module's end of a line from outside; knows no module, no PTY and no socket.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from nbtwin.edge.loop_gauge import LoopGauge, Work
from nbtwin.edge.serial_line import SerialLine
from nbtwin.engine import Seconds
from nbtwin.lab.facts import SpeedMismatched
from nbtwin.lab.uart import heard

_log = logging.getLogger("nbtwin.edge")


KEPT = 16_384
"""Bytes that wait for a port's first host (D176)."""
SETTLING: Seconds = 0.3
"""How long a host that says nothing may take to open its port: while it does, it throws away what has come."""


class SerialPort:
    """One plug in a module's serial line. ``where`` is what a host opens.

    What the module says before any host has been there waits for the first one (D176): it gets it once it is ready to
    read, that is when it says something, when it has emptied its buffer, or when it has been there for a moment. What
    the module says meanwhile comes behind it. From then on the line is a real one, which forgets.
    """

    where: str
    notices_hosts = True
    """Whether it learns when a host opens it."""

    def __init__(self, line: SerialLine) -> None:
        self._line = line
        self.lost = 0
        """Bytes of the module that no host took."""
        self.on_host: Callable[[], None] | None = None
        """Called, soon afterwards, each time a host has opened the line."""
        self.gauge = LoopGauge()
        self._told = (0, 0)  # the last two speeds that did not agree
        self._kept: bytearray | None = bytearray()  # None: the first host has it
        self._settling: asyncio.TimerHandle | None = None
        line.sinks.append(self._from_module)

    async def serve(self) -> None:
        """Hosts are let in from now on; no effect where they are."""

    def host_speed(self) -> int | None:
        """At which speed the host speaks and listens; None where the line has none, or nobody has set it."""
        return None

    def _from_module(self, data: bytes) -> None:
        if self._kept is None:
            self._to_host(data)
            return
        self._kept += data
        if len(self._kept) > KEPT:  # whole lines go, the oldest first: nothing is missing within what is left
            end = self._kept.find(b"\n", len(self._kept) - KEPT) + 1 or len(self._kept)
            self.lost += end
            del self._kept[:end]

    def _host_settles(self) -> None:
        """A host is there, or has just thrown away what had come."""
        if self._kept is not None:
            self._forget_settling()
            self._settling = asyncio.get_running_loop().call_later(SETTLING, self._host_reads)

    def _host_reads(self) -> None:
        """What was kept is the host's, once. One that has left again before was none: the next one is the first."""
        self._forget_settling()
        if self._kept is not None and self._has_host():
            kept, self._kept = bytes(self._kept), None
            if kept:
                self._to_host(kept)

    def _forget_settling(self) -> None:
        if self._settling is not None:
            self._settling.cancel()
            self._settling = None

    def _from_host(self, data: bytes) -> None:
        self._host_reads()
        speed, module = self.host_speed(), self._line.listens_at
        if speed is not None and speed != module:
            self._tell_mismatch(speed, module)
            data = heard(data, speed, module)
        began = self.gauge.begin()
        self._line.handle_bytes(data)
        self.gauge.end(Work.SERIAL, began)

    def _at_host(self, data: bytes) -> bytes:
        """What the host hears of the module (D110)."""
        speed, module = self.host_speed(), self._line.speaks_at
        return data if speed is None else heard(data, module, speed)

    def _tell_mismatch(self, host: int, module: int) -> None:
        if self._told != (host, module):
            self._told = (host, module)
            self._line.note(SpeedMismatched(self.where, host, module))
            _log.info("%s: the host at %s speaks at %d, the module at %d", self._line.name, self.where, host, module)

    def _pull_wake_up_pin(self) -> None:
        self._line.wake()

    def _host_came(self) -> None:
        self._host_settles()
        if self.on_host is not None:
            self.on_host()

    def _has_host(self) -> bool:
        raise NotImplementedError

    def _to_host(self, data: bytes) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self._forget_settling()
        if self._from_module in self._line.sinks:
            self._line.sinks.remove(self._from_module)
