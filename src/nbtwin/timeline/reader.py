"""Reads a timeline: what entries mean, from memory and from the file alike, a page from either end.

Entries in memory are decoded once, in order, when the first reader asks; all readers share that. A page of the file is
decoded by itself, after the entries of the four minutes before it and the DTLS handshakes that it depends on.
Long searches give way: an iterator that gives None has done a part of its work and found nothing in it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from itertools import islice, takewhile
from typing import Protocol

import msgspec

from nbtwin.engine import Seconds
from nbtwin.timeline.decoder import WARM_UP, Decoded, Decoder
from nbtwin.timeline.entry import Entry, EntryKind
from nbtwin.timeline.keylog import KeyLog
from nbtwin.timeline.rows import is_context
from nbtwin.timeline.segments import Block, TimelineFile

HIDDEN = frozenset({EntryKind.KEY})
"""Kinds that are read with, and not shown."""
_AT_ONCE = 64  # entries that are decoded without giving way
_CONTEXT_BLOCKS = 64  # that are gone through for the handshakes of a page


class Query(msgspec.Struct, frozen=True, kw_only=True):
    """What entries are asked for; everything has to hold. Numbers are exclusive, times inclusive."""

    kinds: frozenset[EntryKind] = frozenset()
    sources: frozenset[str] = frozenset()
    since: Seconds | None = None
    until: Seconds | None = None
    after: int = 0
    before: int | None = None
    keys: bool = False
    """The keys of DTLS sessions as well."""

    def fits(self, entry: Entry) -> bool:
        kind = entry.kind
        return (
            entry.number > self.after
            and (self.before is None or entry.number < self.before)
            and (self.since is None or entry.at >= self.since)
            and (self.until is None or entry.at <= self.until)
            and (kind not in HIDDEN or self.keys)
            and (not self.kinds or kind in self.kinds or kind in HIDDEN)
            and (not self.sources or entry.source in self.sources or kind in HIDDEN)
        )

    def wants(self, block: Block) -> bool:
        """Whether something in it may fit."""
        kinds = self.kinds | HIDDEN if self.keys and self.kinds else self.kinds
        return (
            (self.before is None or block.first < self.before)
            and (self.since is None or block.ends >= self.since)
            and (self.until is None or block.begins <= self.until)
            and block.has(kinds)
            and (not self.sources or self.keys or not self.sources.isdisjoint(block.sources))
        )


Found = Iterator[Decoded | None]


class Recorded(Protocol):
    """What a reader asks of a timeline (`nbtwin.timeline.ring.Timeline`)."""

    size: int
    file: TimelineFile | None
    keys: KeyLog
    recorded: int

    @property
    def oldest(self) -> int | None: ...

    def following(self, after: int = 0) -> Iterator[Entry]: ...


class TimelineReader:
    """Of one timeline."""

    def __init__(self, timeline: Recorded) -> None:
        self._timeline = timeline
        self._decoder = Decoder(timeline.keys)
        self._decoded: deque[Decoded] = deque(maxlen=timeline.size)
        self._position = 0

    # memory

    def catch_up(self, most: int | None = None) -> bool:
        """Decode what is new, at most so many entries; whether that was all of it."""
        count = 0
        for entry in islice(self._timeline.following(self._position), most):
            self._decoded.append(self._decoder.read(entry))
            self._position = entry.number
            count += 1
        return most is None or count < most

    def in_memory(self, after: int = 0) -> Found:
        """What `after` has, while it is decoded a little at a time: for who gives way in between."""
        yield from self._catching_up()
        yield from self.decoded_after(after)

    def _catching_up(self) -> Iterator[None]:
        recorded = self._timeline.recorded
        while self._position < recorded and not self.catch_up(_AT_ONCE):
            yield None

    def after(self, number: int = 0) -> list[Decoded]:
        """What is still in memory and came after that number, oldest first."""
        self.catch_up()
        return self.decoded_after(number)

    def decoded_after(self, number: int) -> list[Decoded]:
        """The same, as far as it is decoded by now."""
        first = max(number + 1, self._timeline.oldest or 0)
        found = list(takewhile(lambda one: one.number >= first, reversed(self._decoded)))
        found.reverse()
        return found

    # memory and file

    @property
    def oldest(self) -> int | None:
        """The number of the oldest entry that can be read."""
        file = self._timeline.file
        return (file.oldest if file is not None else None) or self._timeline.oldest

    def one(self, number: int) -> Decoded | None:
        """The entry of that number; None when there is none, or nobody may see it."""
        asked = Query(after=number - 1, before=number + 1)
        return next((found for found in self.forward(asked) if found is not None), None)

    def forward(self, asked: Query) -> Found:
        """Oldest first."""
        in_memory = self._timeline.oldest or self._timeline.recorded + 1
        if (file := self._timeline.file) is not None and asked.after + 1 < in_memory:
            yield from self._file_forward(file, asked, in_memory)
        yield from self._catching_up()
        yield from _sifted(self.decoded_after(max(asked.after, in_memory - 1)), asked)

    def backward(self, asked: Query) -> Found:
        """Newest first."""
        in_memory = self._timeline.oldest or self._timeline.recorded + 1
        yield from self._catching_up()
        yield from _sifted(reversed(self.decoded_after(max(asked.after, in_memory - 1))), asked)
        if (file := self._timeline.file) is not None and asked.after + 1 < in_memory:
            yield from self._file_backward(file, asked, in_memory)

    def _file_forward(self, file: TimelineFile, asked: Query, end: int) -> Found:
        decoder: Decoder | None = None
        for block in file.blocks(asked.after, asked.since):
            if block.first >= end or (asked.before is not None and block.first >= asked.before):
                return
            if asked.until is not None and block.begins > asked.until:
                return
            if asked.wants(block):
                if decoder is None:
                    decoder = yield from self._warm(file, block, asked)
                yield from self._fitting(decoder, file.read(block), asked, end)
            yield None
        tail = file.tail()
        if tail and tail[0].number < end:
            decoder = decoder or (yield from self._warm(file, None, asked))
            yield from self._fitting(decoder, tail, asked, end)

    def _file_backward(self, file: TimelineFile, asked: Query, end: int) -> Found:
        tail = file.tail()
        if tail and tail[0].number < end:
            decoder = yield from self._warm(file, None, asked)
            yield from self._fitting_backward(decoder, tail, asked, end)
        for block in file.blocks_backward(end if asked.before is None else min(end, asked.before)):
            if block.last <= asked.after or (asked.since is not None and block.ends < asked.since):
                return
            if asked.wants(block):
                decoder = yield from self._warm(file, block, asked)
                yield from self._fitting_backward(decoder, file.read(block), asked, end)
            yield None

    def _fitting(self, decoder: Decoder, entries: list[Entry], asked: Query, end: int) -> Found:
        for count, entry in enumerate(entries, 1):
            decoded = decoder.read(entry)
            if entry.number < end and asked.fits(decoded.entry):
                yield decoded
            elif count % _AT_ONCE == 0:
                yield None

    def _fitting_backward(self, decoder: Decoder, entries: list[Entry], asked: Query, end: int) -> Found:
        fitting: list[Decoded] = []
        for count, entry in enumerate(entries, 1):
            decoded = decoder.read(entry)
            if entry.number < end and asked.fits(decoded.entry):
                fitting.append(decoded)
            if count % _AT_ONCE == 0:
                yield None
        yield from reversed(fitting)

    def _warm(self, file: TimelineFile, block: Block | None, asked: Query) -> Generator[None, None, Decoder]:
        """A decoder that knows what came before the block, or before the tail."""
        decoder = Decoder()
        if asked.kinds and EntryKind.DATAGRAM not in asked.kinds:
            return decoder
        begins = block.begins if block is not None else (file.tail()[0].at if file.tail() else 0.0)
        before = list(islice(file.blocks_backward(block.first if block is not None else None), _CONTEXT_BLOCKS))
        for earlier in reversed(before):
            close = earlier.ends >= begins - WARM_UP
            if not close and not earlier.has_context:
                continue
            if asked.sources and asked.sources.isdisjoint(earlier.sources):
                continue
            for entry in file.read(earlier):
                if entry.at >= begins - WARM_UP or is_context(entry):
                    decoder.read(entry)
            yield None
        return decoder


def _sifted(found: Iterable[Decoded], asked: Query) -> Found:
    for count, decoded in enumerate(found, 1):
        if asked.fits(decoded.entry):
            yield decoded
        elif count % (8 * _AT_ONCE) == 0:
            yield None
