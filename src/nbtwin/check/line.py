"""The host's end of the line as the checker needs it: each byte with its time, and what does not belong there.

Sans-I/O over `host.driver`. Knows no port and no clock.
"""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from collections import deque
from collections.abc import Callable

from nbtwin.check.steps import Answer
from nbtwin.check.verdicts import Heard
from nbtwin.engine import Seconds
from nbtwin.host.driver import AnswerReceived, Driver, ModuleStarted, UrcReceived

_ECHO = re.compile(rb"(?:\A|[\r\n])([Aa][^\r\n]*)\r(?=\r)")
"""A command line and its <CR>, with the answer's own behind it; lines of an answer end with <CR><LF>."""
_UTF_8 = "utf-8"
_RECENT = 4
"""Lines of ours whose echo may still come, late or mixed with somebody else's."""


class Line:
    """One module's. ``write`` takes bytes to the module; `handle_bytes` takes what comes from it."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        self._write = write
        self._driver = Driver()
        self._raw = bytearray()
        self._open: str | None = None
        self._recent: deque[str] = deque(maxlen=_RECENT)
        self._looked = 0
        self._text = getincrementaldecoder(_UTF_8)()  # a character may come in two pieces
        self.heard: list[Heard] = []
        self.answer: Answer | None = None
        self.lines: list[str] = []
        """That came by themselves, all so far; banners among them."""
        self.started: list[str] = []
        self.foreign: list[str] = []
        """Command lines of somebody else on the same line; empty: what came is only of lines of ours (D190)."""
        self.garbled = False
        """Bytes that are no text have come since `send`."""

    def note(self, now: Seconds, way: str, data: bytes) -> None:
        self.heard.append(Heard(now, way, data))

    def send(self, now: Seconds, line: str, data: bytes | None, within: Seconds) -> None:
        self.answer, self._open, self.garbled = None, line, False
        self._raw.clear()
        self._looked = 0
        self._text.reset()
        self._recent.append(line)
        self._driver.send(now, line, data=data, timeout=within)
        self._flush(now)

    def handle_bytes(self, now: Seconds, data: bytes) -> None:
        self.note(now, "from", data)
        self._raw += data
        self._look(data)
        self._driver.handle_bytes(now, data)
        self._take()
        self._flush(now)

    def handle_timer(self, now: Seconds) -> None:
        self._driver.handle_timer(now)
        self._take()

    def forget(self) -> None:
        """What was asked is not waited for any more."""
        self._driver, self._open = Driver(), None

    def write(self, now: Seconds, data: bytes) -> None:
        """Past the driver."""
        self.note(now, "to", data)
        self._write(data)

    @property
    def waiting(self) -> bool:
        return self._open is not None

    @property
    def raw(self) -> bytes:
        """Since the last `send`."""
        return bytes(self._raw)

    def _look(self, data: bytes) -> None:
        """Whoever else writes on the line is echoed, too: a command line that is not ours."""
        try:
            self._text.decode(data)
        except UnicodeDecodeError:
            self.garbled = True
            self._text.reset()
        for found in _ECHO.finditer(self.raw, self._looked):
            self._looked = found.end()
            said = found[1].decode(_UTF_8, "replace")
            if said != self._open:
                self.foreign.append(self._theirs(said))

    def _theirs(self, said: str) -> str:
        """Of an echo that is not that of the open line, what is not ours."""
        for ours in reversed(self._recent):
            if said == ours:
                return ""
            before, there, behind = said.partition(ours)
            same = (place for place in range(len(ours)) if said[place : place + 1] != ours[place])
            rest = before + behind if there else said[next(same) :]
            if rest[:2].upper() == "AT":
                return rest
        return said

    def _flush(self, now: Seconds) -> None:
        if data := self._driver.bytes_to_send():
            self.write(now, data)

    def _take(self) -> None:
        for event in self._driver.events():
            match event:
                case AnswerReceived():
                    raw, self._open = self.raw, None
                    self.answer = Answer(event.command, event.lines, event.final, event.took, raw)
                case UrcReceived(text):
                    self.lines.append(text)
                case ModuleStarted(banner, cause):
                    self.lines += [*([cause] if cause else []), banner, *(["OK"] if banner == "Neul" else [])]
                    self.started.append(banner)
