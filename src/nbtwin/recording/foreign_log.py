"""Logs of other terminals, read as recordings: plain text, with times and directions, or without.

What is looked for at the beginning of a line: a time (`[12:30:01.250]`, `2026-11-29 12:30:01:250`, seconds), then a
mark of who spoke (`->`, `>>`, `TX`, `Send`, `发→`; `<-`, `<<`, `RX`, `Recv`, `收←`). Where there is no mark, a line
that begins with AT is the host's. Where there is no time, the lines are a moment apart. A module's lines come as it
frames them (V.250 5.7.1), because a log has no carriage returns left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nbtwin.engine import Seconds
from nbtwin.recording.file import Bytes, Ending, Header, Recording, Sender
from nbtwin.recording.refusals import RecordingError, RecordingRefusal

MOMENT: Seconds = 0.05
"""Between two lines without times."""
_DAY: Seconds = 86_400.0
_CLOCK = re.compile(
    r"[\[(]?\s*(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}[ T_])?(?P<h>\d{1,2}):(?P<m>\d\d):(?P<s>\d\d)"
    r"(?:[.,:](?P<f>\d{1,6}))?Z?\s*[\])]?\s*"
)
_SECONDS = re.compile(r"[\[(]\s*(?P<t>\d+\.\d+)\s*[\])]\s*|(?P<u>\d+\.\d{3,6})\s+")
_SENT = re.compile(
    r"(?:发→◇|发→|发送\s*[:：]|\[?(?:tx|send|sent|out)\]?(?:\s*[:>\]-]+|\s+)|->|>>|→|>(?=\s*AT))\s?", re.IGNORECASE
)
_CAME = re.compile(
    r"(?:收←◆|收←|接收\s*[:：]|\[?(?:rx|recv|received|in)\]?(?:\s*[:<\]-]+|\s+)|<-|<<|←|<(?=\s))\s?", re.IGNORECASE
)
_COMMAND = re.compile(r"at(?![a-z])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class LogLine:
    at: Seconds | None
    sender: Sender | None
    said: str


def read_log(data: bytes, where: str = "") -> Recording:
    """Raises RecordingError where no line is a command."""
    lines = list(_lines(data))
    marked = any(line.sender is not None for line in lines)
    pieces: list[Bytes] = []
    at: Seconds = 0.0
    first: Seconds | None = None
    days, last = 0.0, None
    echoed: str | None = None
    for line in lines:
        if line.at is not None:
            if last is not None and line.at < last - _DAY / 2:
                days += _DAY
            last = line.at
            first = line.at + days if first is None else first
            at = max(at, line.at + days - first)
        else:
            at = at + MOMENT if pieces else 0.0
        sender = line.sender
        if sender is None:
            typed = not marked and line.said != echoed and _COMMAND.match(line.said)
            sender = Sender.HOST if typed else Sender.MODULE
        if sender is Sender.HOST:
            pieces.append(Bytes(at, sender, line.said.encode("latin-1", "replace") + b"\r"))
            echoed = line.said
        elif line.said != echoed:  # the echo of a command is no answer
            pieces.append(Bytes(at, sender, b"\r\n" + line.said.encode("latin-1", "replace") + b"\r\n"))
        else:
            echoed = None
    if not any(piece.sender is Sender.HOST for piece in pieces):
        raise RecordingError(RecordingRefusal.LOG_WITHOUT_COMMANDS, where)
    return Recording(Header(hidden=False), tuple(pieces), Ending.WHOLE)


def _lines(data: bytes) -> Iterator[LogLine]:
    for raw in _text(data).splitlines():
        text, at = raw.strip("\x00"), None
        if (clock := _CLOCK.match(text)) is not None:
            fraction = float(f"0.{clock['f']}") if clock["f"] else 0.0
            at = int(clock["h"]) * 3600 + int(clock["m"]) * 60 + int(clock["s"]) + fraction
            text = text[clock.end() :]
        elif (seconds := _SECONDS.match(text)) is not None:
            at = float(seconds["t"] or seconds["u"])
            text = text[seconds.end() :]
        sender = None
        for pattern, who in ((_SENT, Sender.HOST), (_CAME, Sender.MODULE)):
            if (mark := pattern.match(text)) is not None:
                sender, text = who, text[mark.end() :]
                break
        text = text.strip()
        if text:
            yield LogLine(at, sender, text)


def _text(data: bytes) -> str:
    """UTF-8, UTF-16 with its mark, or GB 18030 as terminals of Chinese Windows write it."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("latin-1")
