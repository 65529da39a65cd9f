"""The far end of a module's stream in a live lab: one TCP connection of the kernel, on the event loop; and the port at
which others connect to a module that listens.

Reads no more than the module has room for, and takes no more than `BUFFER` that the peer has not: the kernel's windows
do the rest. Knows sockets and the loop; knows nothing of modules.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import struct
import time
from contextlib import suppress
from functools import partial

from nbtwin.engine import Address, Seconds
from nbtwin.lab.streams import Arrive, Stream
from nbtwin.module.internet.orders import StreamEnd

BUFFER = 65536
"""Left to itself the kernel takes megabytes more, each way: a module would never see that its peer does not read, nor
the peer that the module's host does not."""
_READ = 16384
_AT_ONCE = 64
_PAUSE: Seconds = 1.0
"""Until who connects is looked at again when the process has no file descriptor for another connection."""
_ENDS = {
    errno.ECONNREFUSED: StreamEnd.REFUSED,
    errno.ETIMEDOUT: StreamEnd.TIMED_OUT,
    errno.ENETUNREACH: StreamEnd.UNREACHABLE,
    errno.EHOSTUNREACH: StreamEnd.UNREACHABLE,
}


def dial(loop: asyncio.AbstractEventLoop, address: Address, near: Stream) -> TcpEnd:
    """Connecting when it returns."""
    end = TcpEnd(
        loop, socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_STREAM), near
    )
    end.connect(address)
    return end


class TcpEnd:
    """``connected``: to one who has connected to a module's port."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, connection: socket.socket, near: Stream, *, connected: bool = False
    ) -> None:
        self._loop = loop
        self._near = near
        self._unsent = bytearray()
        self._connected, self._reads, self._over = connected, False, False
        self._finishing = self._shut = self._closing = False
        self._socket = connection
        self._socket.setblocking(False)
        _bound(connection)

    def connect(self, address: Address) -> None:
        try:
            failed = self._socket.connect_ex(address)
        except OSError as error:
            failed = error.errno or errno.EHOSTUNREACH
        if failed in (0, errno.EINPROGRESS, errno.EINTR):
            self._loop.add_writer(self._socket, self._writable)
        else:
            self._loop.call_soon(self._break, failed)

    # what the module's side does

    @property
    def room(self) -> int:
        return max(0, BUFFER - len(self._unsent))

    def write(self, data: bytes) -> None:
        self._unsent += data
        if self._connected:
            self._send()

    def finish(self) -> None:
        self._finishing = True
        if self._connected:
            self._send()

    def resume(self) -> None:
        wanted = self._connected and not self._over and self._near.room > 0 and self._socket.fileno() >= 0
        if wanted and not self._reads:
            self._loop.add_reader(self._socket, self._readable)
        elif self._reads and not wanted:
            self._loop.remove_reader(self._socket)
        self._reads = wanted

    def close(self) -> None:
        """What has not left yet still leaves."""
        self._closing = True
        if self._shut:
            self._release()

    def abort(self) -> None:
        """What has not left is lost, and the peer is reset."""
        if self._socket.fileno() >= 0:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._release()

    def leave(self, until: float) -> None:
        """No loop any more: what is unsent, and the end behind it, before the socket closes. What has come and nobody
        has read would make the close a reset."""
        if not self._connected or self._socket.fileno() < 0:
            self.abort()
            return
        with suppress(OSError):  # the peer is gone, or does not read: it is closed all the same
            self._socket.settimeout(max(0.001, until - time.monotonic()))
            self._socket.sendall(self._unsent)
            self._socket.setblocking(False)
            if not self._shut:
                self._socket.shutdown(socket.SHUT_WR)
            while time.monotonic() < until and self._socket.recv(_READ):
                pass
        self._release()

    def _release(self) -> None:
        self._reads = False
        if self._socket.fileno() >= 0:
            self._loop.remove_reader(self._socket)
            self._loop.remove_writer(self._socket)
            self._socket.close()

    # what the kernel says

    def _writable(self) -> None:
        if not self._connected:
            failed = self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if failed:
                self._break(failed)
                return
            self._connected = True
            self._near.far_opened()
            self.resume()
        self._send()

    def _send(self) -> None:
        if self._socket.fileno() < 0:
            return
        full = not self.room
        try:
            while self._unsent:
                del self._unsent[: self._socket.send(self._unsent)]
        except (BlockingIOError, InterruptedError):
            self._loop.add_writer(self._socket, self._writable)
        except OSError as error:
            self._break(error.errno)
            return
        else:
            self._loop.remove_writer(self._socket)
            if self._finishing and not self._shut:
                self._shut = True
                self._shut_down()
        if full and self.room:
            self._near.far_has_room()

    def _shut_down(self) -> None:
        try:
            self._socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            self._break(error.errno)
            return
        if self._closing:
            self._release()

    def _readable(self) -> None:
        try:
            data = self._socket.recv(min(_READ, self._near.room))
        except (BlockingIOError, InterruptedError):
            return
        except OSError as error:
            self._break(error.errno)
            return
        if data:
            self._near.far_wrote(data)
        else:
            self._over = True
            self._near.far_finished()
        self.resume()

    def _break(self, failed: int | None) -> None:
        if self._socket.fileno() < 0:
            return
        self._over = True
        self._release()
        self._near.far_ended(_ENDS.get(failed or 0, StreamEnd.RESET))


class TcpListener:
    """Listening when the constructor returns: at the module's own port of ``host`` where that is free, else another.
    OSError when there is none."""

    def __init__(self, loop: asyncio.AbstractEventLoop, host: str, port: int, backlog: int, arrive: Arrive) -> None:
        self._loop = loop
        self._arrive = arrive
        self._paused: asyncio.TimerHandle | None = None
        self._socket = _listening(host, port, backlog)
        self.address: Address = self._socket.getsockname()[:2]
        loop.add_reader(self._socket, self._accept)

    def close(self) -> None:
        if self._paused is not None:
            self._paused.cancel()
        self._loop.remove_reader(self._socket)
        self._socket.close()

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                connection, source = self._socket.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError:
                self._loop.remove_reader(self._socket)
                self._paused = self._loop.call_later(_PAUSE, self._loop.add_reader, self._socket, self._accept)
                return
            self._arrive(source[:2], partial(TcpEnd, self._loop, connection, connected=True))
            if self._socket.fileno() < 0:
                return


def _bound(either: socket.socket) -> None:
    either.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
    either.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)


def _listening(host: str, port: int, backlog: int) -> socket.socket:
    for wanted in (port, 0):
        listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        try:
            listening.setblocking(False)
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            _bound(listening)  # who is accepted has it from there
            listening.bind((host, wanted))
            listening.listen(backlog)
        except OSError:
            listening.close()
            if not wanted:
                raise
        else:
            return listening
    raise AssertionError
