"""`nbtwin at PORT`: a small terminal, line by line, on any serial port. Knows pyserial; knows no module."""

from __future__ import annotations

import os
import re
import selectors
import sys
import time

import serial

from nbtwin.cli.refusals import CliRefusal
from nbtwin.edge.line_speed import present_speed
from nbtwin.runtime.errors import WrongUsage
from nbtwin.runtime.spec import parse_address

FINAL = re.compile(r"^(OK|ERROR|\+CME ERROR: .*|\+CMS ERROR: .*|REBOOTING|NO CARRIER)$")
PATIENCE = 5.0  # seconds: how long the answer to the last line of a script may take
SILENCE = 0.3  # and how long to listen for what comes after it


def run(port: str, speed: int | None = None) -> None:
    """Until the end of standard input, and until its last line has been answered. ``speed``: else that of the
    pseudo-terminal, which is the module's until a host sets another; 115200 for any other port."""
    try:
        with serial.serial_for_url(_url(port), speed or present_speed(port), timeout=0) as line:
            _Terminal(line).run()
    except (serial.SerialException, ValueError, OSError) as error:
        raise WrongUsage(CliRefusal.PORT_UNOPENED, port, detail=_reason(error)) from None


def _url(port: str) -> str:
    if not port.startswith("tcp:"):
        return port
    parse_address(port[4:], port)
    return f"socket://{port[4:]}"


def _reason(error: Exception) -> str:
    cause = error.__context__ if isinstance(error.__context__, OSError) else error
    return str(getattr(cause, "strerror", None) or cause)


class _Terminal:
    def __init__(self, line: serial.SerialBase) -> None:
        self._line = line
        self._unanswered = 0
        self._part = b""
        self._sent: list[str] = []
        self._waiting: list[bytes] = []
        self._interactive = sys.stdin.isatty()

    def run(self) -> None:
        with selectors.DefaultSelector() as ready:
            ready.register(self._line.fileno(), selectors.EVENT_READ)
            ready.register(sys.stdin.fileno(), selectors.EVENT_READ)
            try:
                self._converse(ready)
            except KeyboardInterrupt:
                return

    def _converse(self, ready: selectors.BaseSelector) -> None:
        at_end, until = False, 0.0
        while True:
            wait = max(0.0, until - time.monotonic()) if at_end else None
            found = {key.fd for key, _ in ready.select(wait)}
            if self._line.fileno() in found and not self._read_port():
                return
            if not at_end and sys.stdin.fileno() in found:
                at_end = not self._read_host()
                if at_end:
                    ready.unregister(sys.stdin.fileno())
                    until = time.monotonic() + PATIENCE
            self._write()
            if at_end and not self._waiting and not self._unanswered:
                until = min(until, time.monotonic() + SILENCE) if found else until
            if at_end and time.monotonic() >= until:
                return

    def _read_host(self) -> bool:
        data = os.read(sys.stdin.fileno(), 4096)
        self._waiting += [part for part in data.replace(b"\r", b"\n").split(b"\n") if part]
        return bool(data)

    def _write(self) -> None:
        """One line at a time: the next one goes when the one before is answered."""
        if self._waiting and (not self._unanswered or self._interactive):
            line = self._waiting.pop(0)
            self._sent.append(line.decode(errors="replace"))
            self._unanswered += 1
            self._line.write(line + b"\r")

    def _read_port(self) -> bool:
        data = self._line.read(4096)
        if not data:
            return False
        *whole, self._part = (self._part + data).replace(b"\r", b"\n").split(b"\n")
        if self._part == b">":  # data mode asks for its bytes
            whole, self._part, self._unanswered = [*whole, self._part], b"", 0
        for text in (part.decode(errors="replace") for part in whole if part):
            if self._sent and text == self._sent[0] and self._interactive:
                self._sent.pop(0)  # the echo of what the user sees already
                continue
            print(text, flush=True)
            if FINAL.match(text):
                self._unanswered = max(0, self._unanswered - 1)
        return True
