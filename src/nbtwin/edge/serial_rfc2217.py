"""A module's serial line as an RFC 2217 port: hosts set speed, parity and lines over the network and are answered.

DTR is wired to the wake-up pin: off and on again is the pulse that ends deep sleep (D109). RI is active for a moment
at each thing that the module says by itself (D185). A fault may cut each of them (D213).

Knows which connection has which Telnet state; the protocol is in ``edge.rfc2217``.
"""

from __future__ import annotations

import asyncio
import re
import socket

from nbtwin.edge.rfc2217 import Rfc2217
from nbtwin.edge.serial_line import SerialLine
from nbtwin.edge.serial_tcp import TcpHost, TcpPort
from nbtwin.engine import Seconds
from nbtwin.lab.faults import Pin

_HELD_WHILE_SUSPENDED = 65536
RING: Seconds = 0.12
"""How long RI is active for a URC: the vendor's hardware design manuals of other modules say 120 ms (D185)."""
_FINAL = re.compile(rb"\r\n(?:OK|ERROR|\+CM[ES] ERROR: [^\r\n]*|SEND OK|SEND FAIL|CONNECT)\r\n")


class Rfc2217Port(TcpPort):
    """``await Rfc2217Port.open(line, "127.0.0.1", 7001)``; hosts open ``rfc2217://127.0.0.1:7001``."""

    scheme = "rfc2217"

    def __init__(self, line: SerialLine, listener: socket.socket) -> None:
        super().__init__(line, listener)
        self._telnet = Rfc2217()
        self._held = bytearray()
        self._answering = False
        self._ringing: asyncio.TimerHandle | None = None

    def host_speed(self) -> int | None:
        return self._telnet.asked_baudrate

    def handle_start(self, host: TcpHost) -> None:
        self._telnet = Rfc2217(self._line.listens_at)
        self._held.clear()
        self._telnet.set_carrier(self._line.pin_works(Pin.DCD))
        self._telnet.greet()
        host.write(self._telnet.to_send())

    def handle_host_bytes(self, host: TcpHost, data: bytes) -> None:
        self._telnet.set_carrier(self._line.pin_works(Pin.DCD))
        for_module = self._telnet.receive(data)
        if answers := self._telnet.to_send():
            host.write(answers)
        if self._held and not self._telnet.suspended:
            held, self._held = bytes(self._held), bytearray()
            super()._to_host(self._telnet.to_host(held))
        if self._telnet.dtr_pulses:
            self._telnet.dtr_pulses = 0
            self._pull_wake_up_pin()
        if for_module:
            self._answering = self._answering or b"\r" in for_module
            self._from_host(for_module)
        else:
            self._host_settles()  # it still sets up its port; the last thing is a purge, with what comes too soon

    def _to_host(self, data: bytes) -> None:
        self._telnet.set_carrier(self._line.pin_works(Pin.DCD))
        self._tell()
        if self._answering:
            self._answering = _FINAL.search(data) is None
        elif data.startswith(b"\r\n") and self._line.pin_works(Pin.RI):
            self._ring(True)
        if not self._telnet.suspended:
            super()._to_host(self._telnet.to_host(self._at_host(data)))
        elif len(self._held) + len(data) <= _HELD_WHILE_SUSPENDED:
            self._held += self._at_host(data)
        else:
            self.lost += len(data)

    def _ring(self, active: bool) -> None:
        if self._ringing is not None:
            self._ringing.cancel()
        self._ringing = asyncio.get_running_loop().call_later(RING, self._ring, False) if active else None
        self._telnet.set_ring(active)
        self._tell()

    def _tell(self) -> None:
        """What the lines are now, where the host wants to know."""
        told = self._telnet.to_send()
        if told and self._host is not None:
            self._host.write(told)

    def close(self) -> None:
        if self._ringing is not None:
            self._ringing.cancel()
        super().close()
