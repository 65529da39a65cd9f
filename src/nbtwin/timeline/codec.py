"""Entries as MessagePack, and back: every fact of the package by its code.

Knows no fact: whoever is imported is known. A fact that this version cannot read (an older or newer one wrote it) comes
back as `UnknownFact`, with what it said.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from nbtwin.engine import UNDECODABLE, Fact, Seconds
from nbtwin.foreign import detail_of
from nbtwin.timeline.entry import Entry
from nbtwin.timeline.facts import UnknownFact
from nbtwin.timeline.refusals import TimelineError, TimelineRefusal
from nbtwin.timeline.rows import DatagramRow, FactRow, Passed, Row, entries_of

PACKAGE = "nbtwin."
ARRAY_32 = b"\xdd"
_encoder = msgspec.msgpack.Encoder(enc_hook=str)


class _Stored(msgspec.Struct, array_like=True):
    number: int
    at: Seconds
    source: str
    fact: msgspec.Raw


_stored = msgspec.msgpack.Decoder(list[_Stored])
_anything = msgspec.msgpack.Decoder()
_several = msgspec.msgpack.Decoder(list[msgspec.Raw])
_passed = msgspec.msgpack.Decoder(Passed)
_MAPS = b"\xde\xdf"
_DATAGRAMS = b"\x94\xa9datagrams"


def facts() -> Iterator[type[Fact]]:
    """Every fact of the package that is imported by now; what others are derived from is none itself."""

    def leaves(of: type[Fact]) -> Iterator[type[Fact]]:
        derived = of.__subclasses__()
        for each in derived:
            yield from leaves(each)
        if not derived and of.__module__.startswith(PACKAGE):
            yield of

    return leaves(Fact)


def encode(entries: Sequence[Row]) -> bytes:
    """As MessagePack, one behind the other; `decode` takes them packed by `pack`."""
    count = len(entries)
    head = 1 if count < 16 else 3 if count < 65536 else 5  # of an array, by the "Array format family"
    return _encoder.encode(entries)[head:]


def pack(count: int, encoded: Iterable[bytes]) -> bytes:
    """So many entries as MessagePack's array 32."""
    return ARRAY_32 + count.to_bytes(4, "big") + b"".join(encoded)


def decode(data: bytes) -> list[Entry]:
    """What ``pack`` made. TimelineError for anything else."""
    try:
        stored = _stored.decode(data)
    except UNDECODABLE as error:
        raise TimelineError(TimelineRefusal.NO_ENTRIES, detail=detail_of(error)) from None
    return [entry for each in stored for entry in _entries_of(each)]


def _entries_of(stored: _Stored) -> Iterator[Entry]:
    """A fact is a map, several of them are an array; so are datagrams, behind a name."""
    number, at, source, told = stored.number, stored.at, stored.source, memoryview(stored.fact)
    if told[0] & 0xF0 == 0x80 or told[0] in _MAPS:
        yield Entry(number, at, source, _facts.decode(stored.fact))
    elif bytes(told[: len(_DATAGRAMS)]) == _DATAGRAMS:
        yield from entries_of(DatagramRow(number, at, source, _passed.decode(told)))
    else:
        yield from entries_of(FactRow(number, at, source, [_facts.decode(fact) for fact in _several.decode(told)]))


class _Facts:
    """The decoder of all facts, made anew when a code comes that it does not know."""

    def __init__(self) -> None:
        self._decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(UnknownFact)
        self._unknown: set[str] = set()
        self._by_code: dict[object, type[Fact]] = {}

    def decode(self, data: msgspec.Raw) -> Fact:
        try:
            found: Fact = self._decoder.decode(data)
        except msgspec.ValidationError:
            return self._look_again(data)
        return found

    def _look_again(self, data: msgspec.Raw) -> Fact:
        told = _anything.decode(data)
        fields = told if isinstance(told, dict) else {"value": told}
        code = str(fields.pop("code", ""))
        if code not in self._unknown:
            known = tuple(facts())
            self._by_code = {fact.__struct_config__.tag: fact for fact in known}
            self._decoder = msgspec.msgpack.Decoder(_union(known))
            try:
                found: Fact = self._decoder.decode(data)
            except msgspec.ValidationError:
                self._unknown.add(code)
            else:
                return found
        return self._upgraded(code, fields)

    def _upgraded(self, code: str, fields: dict[str, Any]) -> Fact:
        if (fact := self._by_code.get(code)) is not None:
            with contextlib.suppress(LookupError, TypeError, ValueError):  # msgspec's own is a ValueError
                return msgspec.convert({"code": code, **fact.upgraded(fields)}, fact)
        return UnknownFact(code, fields)


def _union(types: tuple[type[Fact], ...]) -> Any:
    union: Any = types[0]
    for each in types[1:]:
        union = union | each
    return union


_facts = _Facts()
