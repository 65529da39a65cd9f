"""The file of a recording: one JSON object a line, for programs and for eyes.

    {"recording":1,"began":"2026-11-29T21:00:00Z","port":"/dev/ttyUSB0","baud":9600,"hidden":true}
    {"at":0.103112,"from":"host","text":"AT+CGSN=1\\r"}
    {"at":0.121544,"from":"module","text":"\\r\\n+CGSN: 863703034018275\\r\\n","hidden":[[9,15]]}
    {"at":9.500000,"line":"lost"}
    {"end":9.6,"entries":3,"sha256":"…"}

Bytes that are no printable ASCII but for CR and LF stand in ``hex``. ``hidden`` names the bytes that were replaced:
offset and length. The last line is what tells a whole file from one that was cut off (power, ``kill -9``) and from one
that somebody has edited since: its digest is that of all lines before it.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Literal, TypeAlias

import msgspec

from nbtwin.engine import Seconds
from nbtwin.recording.refusals import RecordingError, RecordingRefusal

VERSION = 1
Span: TypeAlias = tuple[int, int]
"""Offset and length, in bytes."""


class Sender(StrEnum):
    HOST = "host"
    MODULE = "module"


class Header(msgspec.Struct, frozen=True):
    """The first line."""

    recording: int = VERSION
    began: str = ""
    port: str = ""
    baud: int | None = None
    hidden: bool = True


@dataclass(frozen=True, slots=True)
class Bytes:
    """One piece, as it passed."""

    at: Seconds
    sender: Sender
    data: bytes
    hidden: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class LineChanged:
    """The line itself: the port has gone or is back, or the host has set another speed."""

    at: Seconds
    what: Literal["lost", "back", "speed"]
    baud: int | None = None


RecordingEntry: TypeAlias = Bytes | LineChanged


class Ending(StrEnum):
    """How the file ends."""

    WHOLE = "recording-whole"
    CUT_OFF = "recording-cut-off"
    EDITED = "recording-edited"


@dataclass(frozen=True)
class Recording:
    header: Header
    entries: tuple[RecordingEntry, ...]
    ending: Ending
    skipped: int = 0
    """Bytes of a last line that was cut off."""

    @property
    def pieces(self) -> Iterator[Bytes]:
        return (entry for entry in self.entries if isinstance(entry, Bytes))

    @property
    def duration(self) -> Seconds:
        return self.entries[-1].at if self.entries else 0.0


class _Row(msgspec.Struct, omit_defaults=True):
    at: float = 0.0
    sender: Sender | None = msgspec.field(default=None, name="from")
    text: str | None = None
    hex: str | None = None
    hidden: list[Span] = []
    line: Literal["lost", "back", "speed"] | None = None
    baud: int | None = None
    end: float | None = None
    entries: int = 0
    sha256: str = ""


_encode = msgspec.json.Encoder().encode
_header = msgspec.json.Decoder(Header).decode
_row = msgspec.json.Decoder(_Row).decode


class RecordingWriter:
    """Each entry is in the file once it has been written: what was recorded outlives the recorder. OSError where no
    more can be. ``file`` is unbuffered."""

    def __init__(self, file: BinaryIO, header: Header) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.entries = 0
        self._put(_encode(header))

    def write(self, entry: RecordingEntry) -> None:
        self.entries += 1
        self._put(_encode(_as_row(entry)))

    def end(self, at: Seconds) -> None:
        end = _Row(end=round(at, 6), entries=self.entries, sha256=self._digest.hexdigest())
        self._put(_encode(end))

    def _put(self, line: bytes) -> None:
        line += b"\n"
        self._digest.update(line)
        if self._file.write(line) < len(line):  # the disk is full
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _as_row(entry: RecordingEntry) -> _Row:
    at = round(entry.at, 6)
    if isinstance(entry, LineChanged):
        return _Row(at, line=entry.what, baud=entry.baud)
    row = _Row(at, entry.sender, hidden=list(entry.hidden))
    if all(32 <= byte < 127 or byte in b"\r\n" for byte in entry.data):
        row.text = entry.data.decode("ascii")
    else:
        row.hex = entry.data.hex()
    return row


def is_recording(data: bytes) -> bool:
    """By its first line."""
    return data.lstrip(b"\xef\xbb\xbf \r\n").startswith(b'{"recording"')


def read_recording(data: bytes, where: str = "") -> Recording:
    """Raises RecordingError, with the number of the line that is none. A last line that was cut off is left out."""
    lines = data.splitlines(keepends=True)
    if not is_recording(data):
        raise RecordingError(RecordingRefusal.NO_RECORDING, where)
    try:
        header = _header(lines[0])
    except msgspec.MsgspecError:
        raise RecordingError(RecordingRefusal.LINE, where, line=1) from None
    if header.recording != VERSION:
        raise RecordingError(RecordingRefusal.VERSION, where, version=header.recording, known=VERSION)
    digest = hashlib.sha256(lines[0])
    entries: list[RecordingEntry] = []
    ending, skipped = Ending.CUT_OFF, 0
    for number, line in enumerate(lines[1:], 2):
        if not line.strip():
            continue
        last = number == len(lines)
        try:
            row = _row(line)
            entry = _entry(row) if row.end is None else None
        except (msgspec.MsgspecError, ValueError):
            if last and not line.endswith(b"\n"):
                skipped = len(line)
                break
            raise RecordingError(RecordingRefusal.LINE, where, line=number) from None
        if entry is None:
            whole = row.sha256 == digest.hexdigest() and row.entries == len(entries)
            ending = Ending.WHOLE if whole else Ending.EDITED
            break
        if entries and entry.at < entries[-1].at:
            raise RecordingError(RecordingRefusal.ORDER, where, line=number)
        entries.append(entry)
        digest.update(line)
    if not any(isinstance(entry, Bytes) for entry in entries):
        raise RecordingError(RecordingRefusal.EMPTY, where)
    return Recording(header, tuple(entries), ending, skipped)


def _entry(row: _Row) -> RecordingEntry:
    if row.line is not None:
        return LineChanged(row.at, row.line, row.baud)
    if row.sender is None or (row.text is None) == (row.hex is None):
        raise ValueError("neither bytes nor the line")
    data = bytes.fromhex(row.hex) if row.hex is not None else (row.text or "").encode("latin-1")
    hidden = tuple(row.hidden)
    if any(begin < 0 or length < 1 or begin + length > len(data) for begin, length in hidden):
        raise ValueError("hidden bytes outside the piece")
    return Bytes(row.at, row.sender, data, hidden)


def joined(pieces: Iterable[Bytes]) -> bytes:
    return b"".join(piece.data for piece in pieces)
