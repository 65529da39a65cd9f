"""A module's serial line as a TCP port: raw bytes, one host at a time.

Knows TCP; knows no AT command. A second host waits a moment, in case the first one is about to leave, and
is then turned away by closing its connection.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from typing import Self

from nbtwin.edge.errors import EdgeError, EdgeRefusal, bind_error
from nbtwin.edge.serial_line import SerialLine
from nbtwin.edge.serial_port import SerialPort
from nbtwin.engine import Seconds
from nbtwin.lab.facts import HostRejected

_log = logging.getLogger("nbtwin.edge")

PATIENCE: Seconds = 0.5
"""How long a second host waits for the line."""
_CHUNK = 1024
_UNREAD_KEPT = 262_144
_HIGH_WATER = 65_536


class TcpPort(SerialPort):
    """``await TcpPort.open(line, "127.0.0.1", 7001)``; port 0 is a free one (see ``where``)."""

    scheme = "tcp"

    def __init__(self, line: SerialLine, listener: socket.socket) -> None:
        super().__init__(line)
        self._listener = listener
        self.address: tuple[str, int] = listener.getsockname()[:2]
        host, port = self.address
        self.where = f"{self.scheme}:[{host}]:{port}" if ":" in host else f"{self.scheme}:{host}:{port}"
        self._server: asyncio.Server | None = None
        self._host: TcpHost | None = None
        self._next: TcpHost | None = None

    @classmethod
    async def open(cls, line: SerialLine, host: str = "127.0.0.1", port: int = 0) -> Self:
        """``EdgeError`` when the port cannot be had."""
        opened = cls.reserved(line, host, port)
        await opened.serve()
        return opened

    @classmethod
    def reserved(cls, line: SerialLine, host: str, port: int, of: SerialPort | None = None) -> Self:
        """The port is had, and hosts wait until ``serve``. ``of``: who has it now and is going to close."""
        listener = of._listener.dup() if isinstance(of, TcpPort) else _listening(host, port)
        return cls(line, listener)

    async def serve(self) -> None:
        if self._server is None:
            loop = asyncio.get_running_loop()
            self._server = await loop.create_server(self._connection, sock=self._listener)

    def _connection(self) -> TcpHost:
        return TcpHost(self)

    def handle_host(self, host: TcpHost) -> None:
        """A host has connected. It gets the line, or waits a moment for one that is about to leave."""
        if self._host is None:
            self._host = host
            _log.info("%s: a host has connected to %s", self._line.name, self.where)
            host.start()
            self._host_came()
        elif self._next is None:
            self._next = host
            asyncio.get_running_loop().call_later(PATIENCE, self._turn_away, host)
        else:
            host.leave()

    def _turn_away(self, host: TcpHost) -> None:
        if self._next is host:
            self._next = None
            host.leave()
            self._line.note(HostRejected(self.where))
            _log.info("%s: a second host at %s was refused", self._line.name, self.where)

    def handle_host_gone(self, host: TcpHost) -> None:
        if self._next is host:
            self._next = None
        if self._host is host:
            self._host = None
            self._line.handle_host_gone()
            self._host, self._next = self._next, None
            _log.info("%s: the host at %s has left", self._line.name, self.where)
            if self._host is not None:
                self._host.start()
                self._host_came()

    def handle_start(self, host: TcpHost) -> None:
        """The line is this host's from now on."""

    def handle_host_bytes(self, host: TcpHost, data: bytes) -> None:
        self._from_host(data)

    def _has_host(self) -> bool:
        return self._host is not None

    def _to_host(self, data: bytes) -> None:
        if self._host is None or not self._host.write(data):
            self.lost += len(data)

    def close(self) -> None:
        super().close()
        if self._server is not None:
            self._server.close()
        self._listener.close()
        for host in (self._next, self._host):
            if host is not None:
                host.leave()


class TcpHost(asyncio.BufferedProtocol):
    """One connection. A host that does not read is not read from either, and beyond a bound its bytes are lost.

    Little is read at a time: a host that sends thousands of lines at once does not keep the lab from anything else.

    Who waits for the line is read from once, and what came is kept until the line is free: `pause_reading` has no
    effect within `connection_made` before Python 3.11.4, so the first bytes are what it reacts to.
    """

    def __init__(self, port: TcpPort) -> None:
        self._port = port
        self._chunk = bytearray(_CHUNK)
        self._transport: asyncio.Transport | None = None
        self._has_line = False
        self._kept = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.set_write_buffer_limits(high=_HIGH_WATER)
        self._transport = transport
        self._port.handle_host(self)

    def start(self) -> None:
        """The line is ours: what has been sent meanwhile is read now."""
        if self._transport is not None:
            self._has_line = True
            self._port.handle_start(self)
            kept, self._kept = bytes(self._kept), bytearray()
            if kept:
                self._port.handle_host_bytes(self, kept)
            self._transport.resume_reading()

    def get_buffer(self, sizehint: int) -> bytearray:
        return self._chunk

    def buffer_updated(self, nbytes: int) -> None:
        if self._transport is None:
            return
        if self._has_line:
            self._port.handle_host_bytes(self, bytes(self._chunk[:nbytes]))
        else:
            self._kept += self._chunk[:nbytes]
            self._transport.pause_reading()

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._port.handle_host_gone(self)

    def pause_writing(self) -> None:
        if self._transport is not None:
            self._transport.pause_reading()

    def resume_writing(self) -> None:
        if self._transport is not None:
            self._transport.resume_reading()

    @property
    def buffered(self) -> int:
        """Bytes that the host has not taken yet."""
        return self._transport.get_write_buffer_size() if self._transport is not None else 0

    def write(self, data: bytes) -> bool:
        if self._transport is None or self.buffered > _UNREAD_KEPT:
            return False
        self._transport.write(data)
        return True

    def leave(self) -> None:
        if self._transport is not None:
            self._transport.abort()
            self._transport = None


def _listening(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    except socket.gaierror as error:
        raise EdgeError(EdgeRefusal.ADDRESS_FOREIGN, host=host) from error
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # else asyncio leaves Nagle on
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # TIME_WAIT of the last run is no obstacle
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise bind_error("TCP", host, port, error) from error
    return listener
