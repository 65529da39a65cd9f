"""What a recording must not carry to somebody else's desk: IMEI, IMSI, ICCID, passwords, keys and PINs.

Each value becomes another one of the same shape and length, the same wherever it stands, so that a recording can be
played and read like the original: an IMEI keeps its type allocation code and gets a right check digit (TS 23.003), an
IMSI keeps its operator, an ICCID its issuer. What becomes of what depends on a salt that nobody keeps.

A value may come in pieces, a character at a time from somebody who types. So a piece is given out when its line has
ended, or has grown long or old; what was given out of an unfinished line was looked at with all that stood before it.
"""

from __future__ import annotations

import hashlib
import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

from nbtwin.at.secret_fields import secrets_of_answer, secrets_of_command
from nbtwin.engine import Seconds
from nbtwin.recording.file import Bytes, RecordingEntry, Sender, Span

OLD: Seconds = 30.0
"""So long a piece waits for the end of its line."""
LONG = 65_536
"""Bytes of a line that has no end: data."""
_LEAST = 6
"""A secret that is shorter is not looked for elsewhere: it would be found in everything."""
_NUMBERS = re.compile(rb"(?<![0-9A-Fa-f])(?:89[0-9]{4}[0-9A-F]{13,14}|[0-9]{15,16})(?![0-9A-Fa-f])")
_HEX_NUMBERS = re.compile(rb"(?:3[0-9]){15,20}")  # the same in ASCII, in hex
_IDENTITY = re.compile(rb"\s*AT\+(?:CGSN|CIMI|NCCID|QCCID|CCID|ICCID|CNUM|EGMR)\b", re.IGNORECASE)
_NAMED = re.compile(rb"(?<![0-9A-Za-z])(?=[A-Z]*[0-9])[0-9A-Z]{10,}(?![0-9A-Za-z])", re.IGNORECASE)
_HOME_OF_IMSI = re.compile(rb"46[01][0-9]{12}")  # E.212: China; an IMEI's type allocation code begins otherwise
_IMEI_DIGITS, _TAC, _PLMN, _ISSUER = 15, 8, 5, 6


@dataclass(slots=True)
class _Waiting:
    entry: RecordingEntry
    ready: bool


class Redactor:
    """Entries in, entries out, in their order. ``salt``: anything that nobody can guess, and that is not kept."""

    def __init__(self, salt: bytes) -> None:
        self._salt = salt
        self._queue: deque[_Waiting] = deque()
        self._lines = {sender: _Line() for sender in Sender}
        self._known: dict[bytes, bytes] = {}
        self._asks_identity = False

    def add(self, entry: RecordingEntry) -> Iterator[RecordingEntry]:
        """What can be given out now."""
        waiting = _Waiting(entry, not isinstance(entry, Bytes))
        self._queue.append(waiting)
        if isinstance(entry, Bytes):
            line = self._lines[entry.sender]
            line.pieces.append(waiting)
            line.length += len(entry.data)
            if entry.data.endswith((b"\r", b"\n")) or line.length > LONG:
                self._release(entry.sender, ended=True)
        return self.tick(entry.at)

    def replaced(self, text: bytes) -> bytes:
        """A text that is no line, with other numbers for IMEI, IMSI and ICCID."""
        found = (match.span() for pattern in (_NUMBERS, _HEX_NUMBERS) for match in pattern.finditer(text))
        made, at = bytearray(), 0
        for begin, end in _merged(sorted(found)):
            made += text[at:begin] + self._other(text[begin:end])
            at = end
        return bytes(made + text[at:])

    def tick(self, now: Seconds) -> Iterator[RecordingEntry]:
        while self._queue:
            first = self._queue[0]
            if not first.ready and isinstance(first.entry, Bytes) and now >= first.entry.at + OLD:
                self._release(first.entry.sender, ended=False)
            if not first.ready:
                return
            yield self._queue.popleft().entry

    def end(self) -> Iterator[RecordingEntry]:
        for sender in Sender:
            self._release(sender, ended=True)
        return self.tick(0.0)

    def _release(self, sender: Sender, *, ended: bool) -> None:
        """The pieces of the present lines of one side, looked at together."""
        line = self._lines[sender]
        pieces = [one.entry for one in line.pieces if isinstance(one.entry, Bytes)]
        before = len(line.shown)
        text = bytes(line.shown) + b"".join(piece.data for piece in pieces)
        hidden = [(begin, end) for begin, end in self._found(sender, text) if end > before]
        changed = bytearray(text)
        for begin, end in hidden:
            changed[begin:end] = self._other(text[begin:end])
        at = before
        for one, piece in zip(line.pieces, pieces, strict=True):
            end = at + len(piece.data)
            spans = tuple(_within(hidden, at, end))
            one.entry, one.ready = replace(piece, data=bytes(changed[at:end]), hidden=spans), True
            at = end
        tail = 0 if ended else max(text.rfind(b"\r"), text.rfind(b"\n")) + 1
        line.pieces, line.length = [], 0
        line.shown = bytearray() if ended else bytearray(text[tail:])
        if sender is Sender.HOST and (ended or tail):
            self._asks_identity = bool(_IDENTITY.search(text[: None if ended else tail]))

    def _found(self, sender: Sender, text: bytes) -> list[tuple[int, int]]:
        """Where something stands that must not be shown, in order, none within another."""
        found = [match.span() for pattern in (_NUMBERS, _HEX_NUMBERS) for match in pattern.finditer(text)]
        found += self._secrets(text)
        if sender is Sender.MODULE and self._asks_identity:
            found += [match.span() for match in _NAMED.finditer(text)]
        for value in self._known:
            found += [match.span() for match in re.finditer(re.escape(value), text)]
        return list(_merged(sorted(found)))

    def _secrets(self, text: bytes) -> Iterator[tuple[int, int]]:
        at = 0
        for line in re.split(rb"([\r\n])", text):
            said = line.decode("latin-1")
            for find in (secrets_of_command, secrets_of_answer):
                for begin, end in find(said):
                    quotes = said[begin] == '"'
                    shut = quotes and end - begin > 1 and said[end - 1] == '"'
                    begin, end = begin + quotes, end - shut
                    if end > begin:
                        self._learn(line[begin:end])
                        yield at + begin, at + end
            at += len(line)

    def _learn(self, secret: bytes) -> None:
        if len(secret) >= _LEAST:
            other = self._other(secret)
            self._known[secret] = other
            self._known[secret.hex().encode()] = other.hex().encode()
            self._known[secret.hex().upper().encode()] = other.hex().upper().encode()

    def _other(self, value: bytes) -> bytes:
        """Of the same length and shape, the same each time."""
        if value in self._known:
            return self._known[value]
        if _HEX_NUMBERS.fullmatch(value):
            return self._other(bytes.fromhex(value.decode())).hex().encode()
        if value.isdigit() and len(value) == _IMEI_DIGITS and not _HOME_OF_IMSI.fullmatch(value):
            body = value[:_TAC] + self._digits(value, _IMEI_DIGITS - _TAC - 1)
            return body + luhn(body)
        if value.isdigit() and len(value) in (15, 16):
            kept = value[: _PLMN if len(value) == _IMEI_DIGITS else _TAC]
            return kept + self._digits(value, len(value) - len(kept))
        if _NUMBERS.fullmatch(value):
            return value[:_ISSUER] + self._digits(value, len(value) - _ISSUER)
        return self._shaped(value)

    def _digits(self, value: bytes, count: int) -> bytes:
        return bytes(48 + byte % 10 for byte in self._stream(value, count))

    def _shaped(self, value: bytes) -> bytes:
        """Digits for digits, letters for letters; hexadecimal stays hexadecimal, stars and dashes stay."""
        is_hex = re.fullmatch(rb"[0-9A-F]+|[0-9a-f]+", value) is not None
        made = zip(value, self._stream(value, len(value)), strict=True)
        return bytes(_like(byte, chance, 6 if is_hex else 26) for byte, chance in made)

    def _stream(self, value: bytes, count: int) -> bytes:
        return hashlib.shake_256(self._salt + value).digest(count)


@dataclass(slots=True)
class _Line:
    """One side's."""

    pieces: list[_Waiting]
    length: int
    shown: bytearray  # what has been given out of a line that has not ended, as it was

    def __init__(self) -> None:
        self.pieces, self.length, self.shown = [], 0, bytearray()


def _like(byte: int, chance: int, letters: int) -> int:
    for first, count in ((48, 10), (65, letters), (97, letters)):
        if first <= byte < first + (10 if first == 48 else 26):
            return first + chance % count
    return byte if byte < 128 else 33 + chance % 94


def _merged(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The longest first where they overlap."""
    last = (0, 0)
    for begin, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if begin >= last[1]:
            if last[1]:
                yield last
            last = (begin, end)
    if last[1]:
        yield last


def _within(hidden: list[tuple[int, int]], begin: int, end: int) -> Iterator[Span]:
    for first, last in hidden:
        low, high = max(first, begin), min(last, end)
        if high > low:
            yield low - begin, high - low


def luhn(body: bytes) -> bytes:
    """The check digit of an IMEI (TS 23.003, annex B)."""
    digits = [int(chr(byte)) for byte in body]
    doubled = [sum(divmod(2 * digit, 10)) if place % 2 == 0 else digit for place, digit in enumerate(reversed(digits))]
    return str(-sum(doubled) % 10).encode()
