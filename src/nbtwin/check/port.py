"""A module on a port: real, or virtual behind a PTY, TCP or RFC 2217. Time is the wall clock's.

Knows the port and who may cut the power; knows no case. What is at the port says `api.real.RealPort`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from nbtwin.check.line import Line
from nbtwin.check.steps import Need, Packet
from nbtwin.edge.errors import EdgeError
from nbtwin.edge.host_port import HostPort
from nbtwin.engine import Seconds
from nbtwin.selfreg.schedule import Operator

_EVERY: Seconds = 0.5


class Power(Protocol):
    """Whoever can cut it: a lab's API, or a user who is asked."""

    def cut(self) -> None: ...

    def give(self) -> None: ...


class PortBench:
    """See `bench.Bench`."""

    slack: Seconds = 0.1
    returns_within: Seconds = 60.0
    """Assumed: as long as it takes to find the cable and to plug it in again."""

    def __init__(self, port: HostPort, agreed: frozenset[Need] = frozenset(), power: Power | None = None) -> None:
        """``agreed``: what the user allows beyond reading and writing what is put back."""
        self._port, self._power = port, power
        self._began = time.monotonic()
        there = {Need.WRITES, *agreed, *([Need.POWER] if power is not None else [])}
        self.grants = frozenset(there - {Need.PLATFORM, Need.FACTORY})
        self.line = Line(self._write)

    @property
    def now(self) -> Seconds:
        return time.monotonic() - self._began

    def run(self, holds: Callable[[], bool], within: Seconds) -> bool:
        until = self.now + within
        while not holds():
            if self.now >= until:
                self.line.handle_timer(self.now)
                return holds()
            if data := self._port.read():
                self.line.handle_bytes(self.now, data)
        return True

    def _write(self, data: bytes) -> None:
        self._port.write(data)

    def reopen(self) -> bool:
        url, baud, until = self._port.url, self._port.baud, self.now + self.returns_within
        with suppress(OSError):
            self._port.close()
        while self.now < until:
            try:
                self._port = HostPort(url, baud)
                return True
            except EdgeError:
                time.sleep(_EVERY)
        return False

    def cut_power(self) -> None:
        if self._power is not None:
            self._power.cut()

    def give_power(self) -> None:
        if self._power is not None:
            self._power.give()

    def set_platform(self, name: str, up: bool) -> None:
        raise AssertionError("scenes that need a platform are not played here")

    def packets(self) -> Sequence[Packet]:
        return ()

    def fresh(self, card: Operator | None, firmware: str | None) -> None:
        """A module that has been given something stays so."""

    def close(self) -> None:
        self._port.close()
