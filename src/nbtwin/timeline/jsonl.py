"""The timeline as JSON lines: one object an entry, readable by anything. Knows text files that are handed in.

{"number":1,"at":0.0,"source":"meter","kind":"state","code":"booted","text":"booted: …","fields":{"firmware":"…"}}
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TextIO

import msgspec

from nbtwin.engine import UNDECODABLE
from nbtwin.foreign import detail_of
from nbtwin.timeline.clock import TimeFormat
from nbtwin.timeline.decoder import Decoded, Decoder
from nbtwin.timeline.entry import Entry, EntryKind
from nbtwin.timeline.reader import HIDDEN
from nbtwin.timeline.refusals import TimelineError, TimelineRefusal


class JsonEntry(msgspec.Struct, frozen=True):
    """One line of a file, as it is read: `time` is for people, `at` for programs."""

    at: float
    source: str
    kind: EntryKind
    text: str
    code: str = ""
    fields: dict[str, Any] = {}
    number: int = 0


_encode = msgspec.json.Encoder().encode
_decoder = msgspec.json.Decoder(JsonEntry)


def as_dict(decoded: Decoded, language: str = "en") -> dict[str, Any]:
    """What a line says, in the order in which it says it."""
    return {
        "number": decoded.number,
        "at": decoded.at,
        "source": decoded.source,
        "kind": str(decoded.kind),
        "code": decoded.code,
        "text": decoded.text(language),
        "fields": decoded.fields_in(language),
    }


def format_entry(decoded: Decoded, time: TimeFormat | None = None, language: str = "en") -> str:
    """The line, without its end. With ``time`` it also says when in words."""
    values = as_dict(decoded, language)
    if time is not None:
        values["time"] = time(decoded.at)
    return _encode(values).decode()


def parse_entry(line: str | bytes) -> JsonEntry:
    """``TimelineError`` for anything that ``format_entry`` did not write; unknown members are ignored."""
    try:
        return _decoder.decode(line)
    except (ValueError, *UNDECODABLE) as error:
        raise TimelineError(TimelineRefusal.NO_LINE, detail=detail_of(error)) from None


def writer(file: TextIO, time: TimeFormat | None = None, language: str = "en") -> Callable[[Entry], None]:
    """A sink that writes every entry; a whole line each time, so that a reader may follow the file."""
    decoder = Decoder()

    def write(entry: Entry) -> None:
        decoded = decoder.read(entry)
        if entry.kind not in HIDDEN:
            file.write(format_entry(decoded, time, language) + "\n")
            file.flush()

    return write


def read(lines: Iterable[str | bytes]) -> Iterator[JsonEntry]:
    """The entries of a file. A last line that a kill cut short ends it; another broken one is a ``TimelineError``."""
    broken: TimelineError | None = None
    for number, line in enumerate(lines, 1):
        if broken is not None:
            raise broken
        if not line.strip():
            continue
        try:
            yield parse_entry(line)
        except TimelineError as error:
            end: Any = b"\n" if isinstance(line, bytes) else "\n"
            broken = TimelineError(TimelineRefusal.LINE, number=number, why=error.data)
            if line.endswith(end):
                raise broken from None
