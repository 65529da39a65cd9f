"""The host's end of a serial line over serialx instead of pyserial: the same verbs as `host_port.HostPort`.

Loaded when it is chosen; knows no AT command.
"""

from __future__ import annotations

from contextlib import suppress

import serialx

from nbtwin.edge.host_port import MOMENT, Beginning, refused

_MOST = 65_536
_ERRORS = (OSError, ValueError, serialx.SerialException)


class SerialxPort:
    """Open until `close`. EdgeError, with the URL, for what goes wrong."""

    def __init__(self, url: str, baud: int) -> None:
        self.url = url
        try:
            self._port = serialx.serial_for_url(url, baudrate=baud, read_timeout=MOMENT)
            self._port.open()
        except _ERRORS as error:
            raise refused(url, error) from None
        self._beginning = Beginning(url)

    @property
    def baud(self) -> int:
        return self._port.baudrate

    def set_baud(self, baud: int) -> None:
        """What has come before is forgotten."""
        self._port.baudrate = baud
        self._port.reset_read_buffer()

    def pull_dtr(self) -> None:
        """Off and on again. No effect on a line that has none."""
        with suppress(*_ERRORS):
            self._port.dtr = False
            self._port.dtr = True

    def read(self) -> bytes:
        """What has come; waits a `MOMENT` when nothing has."""
        try:
            data = self._port.read(_MOST) or b""
        except _ERRORS as error:
            raise self._beginning.lost(error) from None
        self._beginning.has_come = self._beginning.has_come or bool(data)
        return data

    def write(self, data: bytes) -> None:
        try:
            self._port.write(data)
        except _ERRORS as error:
            raise self._beginning.lost(error) from None

    def close(self) -> None:
        self._port.close()
