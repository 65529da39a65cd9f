"""A module's serial line as a pseudo-terminal: hosts open it like any serial port, as often as they like.

Knows PTYs and the loop; knows no AT command.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import struct
import termios
import tty

from nbtwin.edge.errors import EdgeError, EdgeRefusal
from nbtwin.edge.line_speed import set_speed, speed_of
from nbtwin.edge.pty_watcher import PtyWatcher
from nbtwin.edge.serial_line import SerialLine
from nbtwin.edge.serial_port import SerialPort
from nbtwin.foreign import detail_of

_CHUNK = 4096
_UNREAD_KEPT = 65536


class PtyPort(SerialPort):
    """Open until ``close``; ``where`` is the slave's path. ``link``: a symbolic link that leads there meanwhile."""

    def __init__(self, line: SerialLine, *, link: str | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        try:
            self._master, self._slave = os.openpty()
        except OSError as error:
            raise EdgeError(EdgeRefusal.PTY_NONE, detail=detail_of(error)) from error
        # the slave stays open here: else the master reads EIO whenever the last host leaves, and settings are lost
        tty.setraw(self._slave)
        set_speed(self._slave, line.listens_at)  # a host that sets none speaks as the module does (D110)
        fcntl.ioctl(self._master, termios.TIOCPKT, struct.pack("i", 1))
        os.set_blocking(self._master, False)
        self.where = self.path = os.ttyname(self._slave)
        self._link: str | None = None
        self._unread = bytearray()
        self._hosts = PtyWatcher(self.path, self._host_came)
        self.notices_hosts = self._hosts.sees
        try:
            if link is not None:
                self._link_to(link)
        except OSError as error:
            self._close_files()
            raise EdgeError(EdgeRefusal.PTY_LINK, link=link, path=self.path, detail=detail_of(error)) from error
        except EdgeError:
            self._close_files()
            raise
        super().__init__(line)
        self._loop.add_reader(self._master, self._read)

    def _link_to(self, link: str) -> None:
        """Replace an older link at once; never a file that is not a link."""
        if os.path.lexists(link) and not os.path.islink(link):
            raise EdgeError(EdgeRefusal.PTY_LINK_TAKEN, link=link, path=self.path)
        waiting = f"{link}.{os.getpid()}"
        os.symlink(self.path, waiting)
        os.replace(waiting, link)
        self._link = link

    def host_speed(self) -> int | None:
        return speed_of(self._slave)

    def _read(self) -> None:
        """The master is in packet mode (tty_ioctl(4)): before the bytes stands what else the host did."""
        try:
            data = os.read(self._master, _CHUNK)
        except OSError:  # EAGAIN; EIO cannot be, the slave is open
            return
        if data[0] != termios.TIOCPKT_DATA:
            if data[0] & termios.TIOCPKT_FLUSHREAD:  # as pyserial does when it opens a port
                self._host_reads()
        elif len(data) > 1:
            self._from_host(data[1:])

    def _has_host(self) -> bool:
        return self._hosts.anybody

    def _to_host(self, data: bytes) -> None:
        if not self._hosts.anybody:
            self.lost += len(data)
            return
        waiting = bool(self._unread)
        self._unread += self._at_host(data)
        if not waiting:
            self._write()
            if self._unread:
                self._loop.add_writer(self._master, self._write)
        if len(self._unread) > _UNREAD_KEPT:  # the host has stopped reading: the oldest bytes are lost, as in a UART
            self.lost += len(self._unread) - _UNREAD_KEPT
            del self._unread[:-_UNREAD_KEPT]

    def _write(self) -> None:
        try:
            del self._unread[: os.write(self._master, self._unread)]
        except OSError:
            return  # EAGAIN: the host reads slowly
        if not self._unread:
            self._loop.remove_writer(self._master)

    def close(self) -> None:
        if self._master < 0:
            return
        super().close()
        self._loop.remove_reader(self._master)
        self._loop.remove_writer(self._master)
        self._close_files()

    def _close_files(self) -> None:
        self._hosts.close()
        os.close(self._master)
        os.close(self._slave)
        self._master = -1
        if self._link is not None and os.path.islink(self._link) and os.readlink(self._link) == self.path:
            with contextlib.suppress(OSError):
                os.unlink(self._link)
