"""The host's end of a serial line: a device file, or any port that pyserial's URLs name. Bytes in, bytes out.

Knows pyserial; knows no AT command. `serialx_port` is the same over serialx.
``socket://HOST:PORT`` is raw TCP, ``rfc2217://HOST:PORT`` has a speed.
"""

from __future__ import annotations

import errno
import socket
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import serial

from nbtwin.edge.errors import EdgeError, EdgeRefusal
from nbtwin.engine import Seconds
from nbtwin.foreign import detail_of

MOMENT: Seconds = 0.05
"""The longest that `HostPort.read` waits."""
FRESH: Seconds = 1.5
"""A connection that is closed so soon, before a byte has come, was turned away: another host has the line."""
_BUSY = (errno.EBUSY, errno.EAGAIN)
_GONE = (OSError, TypeError, AttributeError)
"""What pyserial raises on a line that has ended; all but the first when another thread has just closed it."""


class HostPort:
    """Open until `close`, and nobody else's on this machine meanwhile. EdgeError, with the URL, for what goes wrong."""

    def __init__(self, url: str, baud: int) -> None:
        self.url = url
        try:
            self._port = serial.serial_for_url(url, do_not_open=True)
            self._port.baudrate, self._port.timeout = baud, MOMENT
            if isinstance(self._port, serial.Serial):
                self._port.exclusive = True
            self._open()
        except (OSError, ValueError) as error:  # SerialException is an OSError
            raise refused(url, error) from None
        self.beginning = Beginning(url)

    def _open(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # pyserial 3.5's rfc2217 names its thread the old way
            self._port.open()

    @property
    def baud(self) -> int:
        return self._port.baudrate

    def set_baud(self, baud: int) -> None:
        """What has come before is forgotten."""
        self._port.baudrate = baud
        self._port.reset_input_buffer()

    def pull_dtr(self) -> None:
        """Off and on again. No effect on a line that has none."""
        with suppress(OSError, ValueError):
            self._port.dtr = False
            self._port.dtr = True

    def read(self) -> bytes:
        """What has come; waits a `MOMENT` when nothing has."""
        try:
            data = bytearray(self._port.read(1))
            self.beginning.has_come = self.beginning.has_come or bool(data)
            while data and (waiting := self._port.in_waiting):
                data += self._port.read(waiting)
        except _GONE as error:
            raise self.beginning.lost(error) from None
        return bytes(data)

    def write(self, data: bytes) -> None:
        try:
            self._port.write(data)
        except _GONE as error:
            raise self.beginning.lost(error) from None

    @contextmanager
    def lent(self, timeout: Seconds) -> Iterator[serial.SerialBase]:
        """To somebody who speaks pyserial, and as it was afterwards, whatever they did with it."""
        try:
            self._port.timeout = timeout
            yield self._port
        finally:
            if not self._port.is_open:
                self._open()
            self._port.timeout = MOMENT

    def close(self) -> None:
        connection = getattr(self._port, "_socket", None)
        self._port.close()
        if isinstance(connection, socket.socket):
            connection.close()  # pyserial leaves one open that the other end has closed


class Beginning:
    """Of a connection: whether it may still be turned away."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._began = time.monotonic()
        self.has_come = False
        """A byte has."""

    @property
    def is_fresh(self) -> bool:
        """On a network, where a port that another has can be connected to."""
        network = self._url.startswith(("socket://", "rfc2217://"))
        return network and not self.has_come and time.monotonic() - self._began < FRESH

    def lost(self, error: Exception) -> EdgeError:
        """What it means that the connection has ended."""
        if self.is_fresh:
            return EdgeError(EdgeRefusal.SERIAL_TAKEN, self._url)
        return EdgeError(EdgeRefusal.SERIAL_LOST, self._url, detail=detail_of(error))


def refused(url: str, error: Exception) -> EdgeError:
    """Why a port could not be opened."""
    number = error.errno if isinstance(error, OSError) else None
    if number in _BUSY or "lock port" in str(error):
        return EdgeError(EdgeRefusal.SERIAL_BUSY, url)
    if number == errno.ENOENT:
        return EdgeError(EdgeRefusal.SERIAL_MISSING, url)
    return EdgeError(EdgeRefusal.SERIAL_FAILED, url, detail=detail_of(error))
