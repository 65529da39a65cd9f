"""The timeline as JSON lines: one object an entry, readable by anything. Knows text files that are handed in."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TextIO

import msgspec

from nbtwin.engine import DecodeError
from nbtwin.timeline.clock import TimeFormat
from nbtwin.timeline.entry import EntryKind, TimelineEntry


class _Line(msgspec.Struct):
    """One line of a file: `time` is for people, `at` for programs."""

    at: float
    source: str
    kind: str
    text: str
    detail: dict[str, Any] = {}


_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(_Line)


def format_entry(entry: TimelineEntry, time: TimeFormat | None = None) -> str:
    """The line, without its end. With ``time`` it also says when in words."""
    values: dict[str, Any] = {"at": entry.at}
    if time is not None:
        values["time"] = time(entry.at)
    values |= {"source": entry.source, "kind": str(entry.kind), "text": entry.text, "detail": entry.detail}
    return _encode(values).decode()


def parse_entry(line: str | bytes) -> TimelineEntry:
    """``DecodeError`` for anything that ``format_entry`` did not write; unknown members are ignored."""
    try:
        read = _decoder.decode(line)
        return TimelineEntry(read.at, read.source, EntryKind(read.kind), read.text, read.detail)
    except (ValueError, msgspec.MsgspecError) as error:
        raise DecodeError(f"not a line of a timeline: {error}") from None


def writer(file: TextIO, time: TimeFormat | None = None) -> Callable[[TimelineEntry], None]:
    """A sink that writes every entry; a whole line each time, so that a reader may follow the file."""

    def write(entry: TimelineEntry) -> None:
        file.write(format_entry(entry, time) + "\n")
        file.flush()

    return write


def read(lines: Iterable[str | bytes]) -> Iterator[TimelineEntry]:
    """The entries of a file. A last line that a kill cut short ends it; any other broken line is a ``DecodeError``."""
    broken: DecodeError | None = None
    for number, line in enumerate(lines, 1):
        if broken is not None:
            raise broken
        if not line.strip():
            continue
        try:
            yield parse_entry(line)
        except DecodeError as error:
            end: Any = b"\n" if isinstance(line, bytes) else "\n"
            broken = DecodeError(f"line {number}: {error}")
            if line.endswith(end):
                raise broken from None
