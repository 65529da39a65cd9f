"""How the terminal shows what passes: marks, time stamps, hexadecimal digits; and the log. Knows no port.

A line of the screen is a list of pairs, a style's name and a text. Control characters are shown, never obeyed.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TextIO, TypeAlias

from nbtwin.cli.terminal.session import LineKind
from nbtwin.edge.nvram_file import private
from nbtwin.engine import Seconds
from nbtwin.timeline.clock import format_wall

Styled: TypeAlias = list[tuple[str, str]]
MARKS = {LineKind.SENT: ">", LineKind.DATA: ">", LineKind.URC: "*", LineKind.STARTED: "*"}
"""At the beginning of a line; an answer has none."""
_WIDTH = 16
_NAMES = {0x0D: "\\r", 0x0A: "\\n", 0x09: "\\t", 0x1B: "\\e"}


class Stamps(StrEnum):
    """In front of each line."""

    TIME = "time"
    DELTA = "delta"  # since the line before
    OFF = "off"


def shown(text: str) -> str:
    """With nothing in it that a screen obeys."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else _NAMES.get(ord(each), f"\\x{ord(each):02x}") for each in text)


def dump(data: bytes) -> list[str]:
    """As hexadecimal digits and characters, sixteen bytes a line."""
    lines = []
    for start in range(0, len(data), _WIDTH):
        part = data[start : start + _WIDTH]
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in part)
        lines.append(f"{part.hex(' '):<{_WIDTH * 3}} {text}")
    return lines


class View:
    """What is on the screen and in the file."""

    def __init__(self, show: Callable[[Styled], None], clock: Callable[[], Seconds]) -> None:
        self._show, self._clock = show, clock
        self._before: Seconds | None = None
        self._file: TextIO | None = None
        self.stamps = Stamps.TIME
        self.hex = False

    def show_with(self, show: Callable[[Styled], None]) -> None:
        self._show = show

    def line(self, kind: LineKind, text: str) -> None:
        self._keep(MARKS.get(kind, "<"), text)
        if not self.hex and kind is not LineKind.ECHO:
            self._put(kind.value, MARKS.get(kind, " "), shown(text))

    def data(self, data: bytes, *, sent: bool) -> None:
        """As bytes, where they are wanted."""
        if self.hex:
            for text in dump(data):
                self._put("sent" if sent else "information", ">" if sent else "<", text)

    def note(self, text: str, style: str = "note") -> None:
        """The terminal's own words."""
        self._keep("#", text)
        for line in text.splitlines():
            self._put(style, "#", line)

    def _put(self, style: str, mark: str, text: str) -> None:
        self._show([("class:stamp", self._stamp()), (f"class:{style}", f"{mark} {text}")])

    def _stamp(self) -> str:
        now, before = self._clock(), self._before
        self._before = now
        if self.stamps is Stamps.TIME:
            return f"{format_wall(now)[11:]} "
        if self.stamps is Stamps.DELTA:
            return f"{0.0 if before is None else now - before:+9.3f} "
        return ""

    # The file

    def log(self, path: Path) -> None:
        """Append to it from now on. OSError."""
        file = open(path, "a", encoding="utf-8", errors="backslashreplace", opener=private, buffering=1)  # noqa: SIM115
        self.end_log()
        self._file = file

    def end_log(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    @property
    def logs(self) -> bool:
        return self._file is not None

    def _keep(self, mark: str, text: str) -> None:
        if self._file is not None:
            for line in text.splitlines() or [""]:
                self._file.write(f"{format_wall(self._clock())} {mark} {shown(line)}\n")
