"""A recording as a host saw it: each command with what came of it, and what came by itself.

A command ends with a carriage return. What a host sends after a prompt is the data of its command, as long as it was.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from nbtwin.engine import Seconds
from nbtwin.recording.file import Bytes, Recording, Sender, Span

_ENDS = re.compile(rb"(?:^|[\r\n])(?:OK|ERROR|REBOOTING|NO CARRIER|\+CM[ES] ERROR: ?[^\r\n]*)\r\n")
"""A final result code (V.250 5.7.1, 27.007 9.1, D21)."""
PROMPT = b">"


@dataclass(slots=True)
class Part:
    """What the host sent in one piece: a line, or data; and what the module said until the next."""

    at: Seconds
    sent: bytes
    hidden: list[Span] = field(default_factory=list)
    is_data: bool = False
    said: list[Bytes] = field(default_factory=list)

    @property
    def whole_answer(self) -> bytes:
        return b"".join(piece.data for piece in self.said)


@dataclass(slots=True)
class Exchange:
    """A command line, and its data where it had any."""

    parts: list[Part]

    @property
    def line(self) -> bytes:
        return self.parts[0].sent

    @property
    def hidden(self) -> list[Span]:
        return self.parts[0].hidden

    @property
    def at(self) -> Seconds:
        return self.parts[0].at


def exchanges_of(recording: Recording) -> tuple[list[Bytes], list[Exchange]]:
    """What the module said before the first command, and the commands."""
    before: list[Bytes] = []
    parts: list[Part] = []
    part: Part | None = None
    ended = True
    for piece in recording.pieces:
        if piece.sender is Sender.MODULE:
            (before if part is None else part.said).append(piece)
            continue
        for at, data, hidden, ends in _lines(piece):
            if part is None or ended or (part.is_data and _ENDS.search(part.whole_answer)):
                prompted = part is not None and part.whole_answer.rstrip(b" ").endswith(PROMPT)
                if not data.strip(b"\r\n") and not prompted:
                    continue  # the line feed of who sends both, and empty lines
                part = Part(at, b"", is_data=prompted)
                parts.append(part)
            part.hidden += [(len(part.sent) + begin, length) for begin, length in hidden]
            part.sent += data
            ended = ends and not part.is_data
    return before, list(_grouped(parts))


def _lines(piece: Bytes) -> Iterator[tuple[Seconds, bytes, list[Span], bool]]:
    """A piece cut behind each carriage return."""
    at = 0
    for line in re.findall(rb"[^\r]*\r\n?|[^\r]+", piece.data):
        hidden = [(begin - at, length) for begin, length in piece.hidden if at <= begin < at + len(line)]
        yield piece.at, line, hidden, b"\r" in line
        at += len(line)


def _grouped(parts: list[Part]) -> Iterator[Exchange]:
    exchange: Exchange | None = None
    for part in parts:
        if exchange is None or not part.is_data:
            if exchange is not None:
                yield exchange
            exchange = Exchange([])
        exchange.parts.append(part)
    if exchange is not None:
        yield exchange


def answer_end(data: bytes) -> int:
    """Where the answer ends: behind its first final result code, or where it asks for data; else everything."""
    found = _ENDS.search(data)
    return found.end() if found else len(data)
