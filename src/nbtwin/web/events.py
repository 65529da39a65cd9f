"""/api/v1/events: the lab as server-sent events: entries of the timeline, and whatever else has changed.

An entry has an id, `<lab>-<number>`, and so has the beginning of a stream; a reader that comes back with it gets what
it missed, or `reset` when that is no longer in memory, or another lab's. Everything else carries a whole state, so that
nothing is lost by missing one.

What an entry means is decoded beside the lab's work, not within it: what happens within `GATHER` in one go, in turns
of `TURN` and for at most `SHARE` of the time; while the lab needs most of what it gets of the core, for `BUSY_SHARE`.
What readers did not need is theirs later, up to `SAVED`: after a wait for the core they have at once what
happened meanwhile. A lab that is busy for long and more than `BEHIND` entries ahead of its readers leaves them a `gap`
and goes on with the newest; what lies in it is read by number and costs nothing before.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from typing import Annotated, Any, Literal, NamedTuple, TypeAlias

import msgspec
from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse

from nbtwin.edge.loop_gauge import Work, waited_for_core
from nbtwin.edge.turns import in_turns
from nbtwin.engine import Deadline, Fact, Seconds
from nbtwin.lab.nodes import ModuleNode, Node
from nbtwin.lab.observers import LabObserver
from nbtwin.operators.campaigns.records import CampaignProgressed
from nbtwin.operators.events import ManagementEvent
from nbtwin.runtime.lab import LabRuntime
from nbtwin.timeline.catalogue import words
from nbtwin.timeline.decoder import Decoded, Decoder
from nbtwin.timeline.entry import Entry, EntryKind
from nbtwin.timeline.plain import code_of
from nbtwin.timeline.reader import Query as TimelineQuery
from nbtwin.timeline.rows import entries_of, has_context, is_context
from nbtwin.web.api_errors import responses
from nbtwin.web.clock import clock_of
from nbtwin.web.counters import SERIES, Counted, Counters, percentiles_of
from nbtwin.web.entries import TURN, Language, entry_json, searched
from nbtwin.web.lab_rates import LabRates
from nbtwin.web.modules.state import state_of
from nbtwin.web.routers import api_router
from nbtwin.web.stats_sampler import StatsSampler

KEPT_FOR_A_SLOW_READER = 10_000
HEARTBEAT = 15.0  # seconds; a comment line, so that proxies and browsers keep the stream open
GATHER = 0.05  # seconds: what happens within them is decoded, and goes out, in one piece
SHARE = 0.2  # of the time, for decoding
BUSY_SHARE = 0.06  # of the time, while the lab is busy: some 1,200 entries a second
SAVED: Seconds = 0.05  # of CPU time, at most: some 800 entries
BUSY_SAVED: Seconds = 3 * TURN  # of it, while the lab is busy
BEHIND = 500  # entries that wait: more than that, and a lab that is busy for long leaves out all but
NEWEST = 20
FOR_LONG = 5  # times that they are told
CHANGED_EVERY = 0.25  # seconds: how often a module's state is told, at most
MODULES_AT_ONCE = 100
PIECE = 65536  # bytes of the past

Type = Literal["entry", "module", "removed", "device", "clock", "rates", "operation", "batch", "changed"]
Gap = Literal["stream-other-lab", "stream-forgotten", "stream-too-slow", "stream-lab-busy"]
"""Codes of the catalogue: why something is missing."""
DeviceNews: TypeAlias = ManagementEvent | CampaignProgressed


class Hub(LabObserver):
    """Gathers what is news and hands it to every reader. Costs next to nothing while nobody reads."""

    def __init__(self, lab: LabRuntime, pulse: StatsSampler, counters: Counters, rates: LabRates) -> None:
        self.lab, self.id = lab, secrets.token_hex(4)
        self._counters, self._rates = counters, rates
        self._readers: list[StreamReader] = []
        self._changed: dict[str, None] = {}  # modules, in the order in which they changed
        self._timer: asyncio.TimerHandle | None = None
        self._decoder = Decoder(lab.timeline.keys)
        self._position = 0  # of the entries that were read
        self.told = 0
        """The number of the newest entry that readers have been told of, or that was before them."""
        self._worked = 0.0  # CPU seconds of the loop's thread when its load was last asked for
        self._waited = 0.0  # seconds for which the thread had been ready to run and was not run, then
        self._asked_at = 0.0  # of the monotonic clock, then
        self._decoded = 0.0  # CPU seconds for readers since
        self._busy = 0  # so many times in a row the lab has been busy
        self._share = ReadersShare()
        self._decoding: asyncio.TimerHandle | None = None
        self._take_off: Callable[[], object] | None = None
        pulse.listeners.append(self._second)

    # readers come and go

    def add(self, reader: StreamReader) -> None:
        timeline = self.lab.timeline
        if self._take_off is None:
            self._decoder = Decoder(timeline.keys)
            self._load()
            self._position = (timeline.oldest or timeline.recorded + 1) - 1
            self.told = timeline.newest
            self._take_off = timeline.add_listener(self._recorded)
            if self._position < self.told:
                self._read_past()
        self._readers.append(reader)

    def remove(self, reader: StreamReader) -> None:
        self._readers.remove(reader)
        if not self._readers and self._take_off is not None:
            self._take_off()
            self._take_off = None
            if self._decoding is not None:
                self._decoding.cancel()
                self._decoding = None

    def tell(self, kind: Type, data: Any, source: str | None = None) -> None:
        """Something that has no number."""
        readers = [reader for reader in self._readers if reader.wants(kind, source)]
        if readers:
            event = _event(kind, msgspec.json.encode(data))
            for reader in readers:
                reader.put(event)

    def tell_changed(self, tag: str, operation: str) -> None:
        """By a request: which part of the API, and the operation."""
        self.tell("changed", {"tag": tag, "operation": operation})

    # entries

    def _read_past(self) -> None:
        """What was before the first reader, which later entries are read with; nobody is told of it."""
        self._decoding = None
        began, end = self.lab.gauge.begin(), time.perf_counter() + TURN
        for entry in self.lab.timeline.following(self._position):
            if entry.number > self.told or time.perf_counter() > end:
                break
            self._decoder.read(entry)
            self._position = entry.number
        self.lab.gauge.end(Work.READERS, began)
        if self._position < self.told:
            self._decoding = asyncio.get_running_loop().call_later(0, self._read_past)
        elif self.told < self.lab.timeline.newest:
            self._tell_entries_later()

    def _recorded(self) -> None:
        if self._decoding is None:
            self._share.earn(self._load())  # of the time in which nothing happened: what begins now may be a storm
            self._tell_entries_later()

    def _tell_entries_later(self, delay: Seconds = GATHER) -> None:
        self._decoding = asyncio.get_running_loop().call_later(delay, self._tell_entries)

    def _tell_entries(self) -> None:
        """What has happened since the last time, as far as there is time for it."""
        began, timeline, load = self.lab.gauge.begin(), self.lab.timeline, self._load()
        busy_before, self._busy = self._busy, self._busy + 1 if load.is_full and not self.lab.advancing else 0
        behind = timeline.recorded - self._position > BEHIND and timeline.kept_after(self._position) > BEHIND
        if behind and max(busy_before, self._busy) >= FOR_LONG:
            self._go_past()
        self._share.earn(load)
        self._tell_what_waits(GATHER if load.is_full else TURN / SHARE)
        self.lab.gauge.end(Work.READERS, began)

    def _go_on(self, pause: Seconds) -> None:
        """There was more than one turn's, and credit is left."""
        began = self.lab.gauge.begin()
        self._tell_what_waits(pause)
        self.lab.gauge.end(Work.READERS, began)

    def _tell_what_waits(self, pause: Seconds) -> None:
        """For one turn; then the lab has its own, and what is left has another, or, without credit, a pause."""
        self._decoding = None
        timeline = self.lab.timeline
        if self._position + 1 < (timeline.oldest or timeline.recorded + 1):
            self._go_past()
        began = now = time.thread_time()
        until = began + self._share.turn
        for entry in timeline.following(self._position):
            self._put(self._decoder.read(entry))
            self._position = self.told = entry.number
            now = time.thread_time()
            if now >= until:
                break
        for reader in self._readers:
            reader.go()
        self._share.spend(now - began)
        self._decoded += now - began
        if self._position < timeline.newest and self._readers:
            if self._share.turn > 0:
                self._decoding = asyncio.get_running_loop().call_later(0, self._go_on, pause)
            else:
                self._tell_entries_later(pause)

    def _load(self) -> Load:
        """Since this was asked the last time."""
        worked, waited, at = time.thread_time(), waited_for_core(), time.perf_counter()
        decoded, passed = self._decoded, at - self._asked_at
        load = Load(worked - self._worked - decoded, waited - self._waited, passed, decoded)
        self._worked, self._waited, self._asked_at, self._decoded = worked, waited, at, 0.0
        return load

    def _go_past(self) -> None:
        """Leave out what waits but for the newest. Only what later entries are read with is looked at: handshakes and
        keys."""
        timeline = self.lab.timeline
        number = timeline.before_newest(NEWEST)
        if number <= self._position:
            return
        for row in filter(has_context, timeline.rows(self._position)):
            for entry in entries_of(row):
                if self._position < entry.number <= number and is_context(entry):
                    self._decoder.read(entry)
        after, self._position, self.told = self._position, number, number
        events: dict[str, bytes] = {}
        for reader in self._readers:
            if reader.wants("entry", None):
                if (event := events.get(reader.language)) is None:
                    event = events[reader.language] = self._gap(after, reader.language)
                reader.put(event)

    def _gap(self, after: int, language: str) -> bytes:
        """Between the entries of these two numbers some are left out."""
        code: Gap = "stream-lab-busy"
        data = {"after": after, "before": self.told + 1, "code": code, "why": words(code, language)}
        return self._id(self.told) + _event("gap", msgspec.json.encode(data))

    def _id(self, number: int) -> bytes:
        return b"id: %s-%d\n" % (self.id.encode(), number)

    def begins(self) -> bytes:
        """From where on a reader hears who has heard nothing yet: with this id it comes back, if nothing happens."""
        return self._id(self.told) + b"\n"

    def _put(self, decoded: Decoded) -> None:
        events: dict[str, bytes] = {}  # by language: made once for all who read it
        for reader in self._readers:
            if reader.wants_entry(decoded.entry):
                if (event := events.get(reader.language)) is None:
                    event = events[reader.language] = self.entry_event(decoded, reader.language)
                reader.put(event)

    def entry_event(self, decoded: Decoded, language: str) -> bytes:
        return self._id(decoded.number) + _event("entry", entry_json(decoded, language))

    # what else happens

    def events(self, at: Seconds, node: Node, events: Sequence[Fact]) -> None:
        if not self._readers:
            return
        if isinstance(node, ModuleNode):
            self._module_changed(node.name)
        elif any(reader.wants("device", node.name) for reader in self._readers):
            for event in events:
                if isinstance(event, DeviceNews) and event.device:
                    what = {"event": type(event).__name__, "code": code_of(event)}
                    data = {"platform": node.name, "device": event.device, **what, "at": at}
                    self.tell("device", data, node.name)

    def deadline(self, at: Seconds, node: Node, deadline: Deadline | None) -> None:
        if self._readers and isinstance(node, ModuleNode):
            self._module_changed(node.name)

    def note(self, at: Seconds, source: str, fact: Fact) -> None:
        """Modules that come and go leave a note and no event."""
        if self._readers and (source in self.lab.world.modules or source in self.lab.modules):
            self._module_changed(source)

    def _module_changed(self, name: str) -> None:
        self._changed[name] = None
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(CHANGED_EVERY, self._tell_modules)

    def _tell_modules(self) -> None:
        self._timer = None
        for name in list(self._changed)[:MODULES_AT_ONCE]:
            del self._changed[name]
            if name in self.lab.modules:
                self.tell("module", state_of(self.lab, name).model_dump(), name)
            else:
                self.tell("removed", {"module": name}, name)
        if self._changed and self._readers:
            self._timer = asyncio.get_running_loop().call_later(CHANGED_EVERY, self._tell_modules)

    def _second(self, second: Counted) -> None:
        self._rates.turn(second.last)
        steps, whole = self._rates.news()
        if self._readers:
            told = {
                "at": second.last,
                "wall": second.wall,
                "loop": self.lab.gauge.worst()._asdict(),
                "latency": {name: percentiles_of(one) for name, one in self._counters.latencies.items()},
                "whole": whole,
                "steps": [[step, *one] for step, one in steps],
                **dict(zip(SERIES, second.counts, strict=True)),
            }
            self.tell("rates", told)
            self.tell("clock", clock_of(self.lab).model_dump())

    # the past

    async def past(self, reader: StreamReader, last: str) -> AsyncIterator[bytes]:
        """What a reader that comes back has missed, and others have been told."""
        timeline = self.lab.timeline
        lab, _, text = last.rpartition("-")
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
        oldest = timeline.oldest or timeline.recorded + 1
        if number is None or lab not in ("", self.id) or number > timeline.recorded:
            yield self.reset("stream-other-lab", reader.language)
            return
        if number + 1 < oldest:
            yield self.reset("stream-forgotten", reader.language)
            return
        told = self.told
        async for one in searched(timeline.reader.in_memory(number)):
            if one.number > told:
                return
            if reader.wants_entry(one.entry):
                yield self.entry_event(one, reader.language)

    def reset(self, code: Gap, language: str) -> bytes:
        timeline = self.lab.timeline
        data = {
            "oldest": timeline.oldest, "newest": timeline.recorded, "lab": self.id, "code": code,
            "why": words(code, language),
        }  # fmt: skip
        return self._id(timeline.recorded) + _event("reset", msgspec.json.encode(data))


class Load(NamedTuple):
    """Of the loop's thread, without what it decodes for readers."""

    worked: Seconds
    """On the core."""
    waited: Seconds
    """For the core, ready to run."""
    passed: Seconds
    decoded: Seconds = 0.0
    """Of them, for readers."""

    @property
    def is_full(self) -> bool:
        """The lab needs most of what it gets of the core, and readers leave it."""
        return self.worked > (self.passed - self.waited - self.decoded) / 2

    @property
    def affordable(self) -> Seconds:
        """CPU time for decoding."""
        return self.passed * (BUSY_SHARE if self.is_full else SHARE)


class ReadersShare:
    """How long may be decoded: CPU time, earned while time passes and kept for when it is needed."""

    def __init__(self) -> None:
        self._credit: Seconds = 0.0
        self._allowed: Seconds = 0.0  # of it, now

    def earn(self, load: Load) -> None:
        """What was saved is for what happened while the lab waited: while it is busy itself it needs the core."""
        self._credit = min(self._credit + load.affordable, SAVED)
        self._allowed = min(self._allowed + load.affordable, BUSY_SAVED) if load.is_full else self._credit

    @property
    def turn(self) -> Seconds:
        """In one go, now. Nothing, when more was spent than earned."""
        return max(0.0, min(self._allowed, TURN))

    def spend(self, took: Seconds) -> None:
        self._credit -= took
        self._allowed -= took


class StreamReader:
    """One open stream and its filters. A reader that is too slow loses all that waits, and is told so."""

    def __init__(
        self,
        hub: Hub,
        types: Collection[str],
        sources: Collection[str],
        kinds: Collection[EntryKind],
        language: str = "en",
    ) -> None:
        self._hub, self._types, self._sources, self.language = hub, types, sources, language
        self._asked = TimelineQuery(kinds=frozenset(kinds), sources=frozenset(sources))
        self._waiting: deque[bytes] = deque()
        self._news = asyncio.Event()
        self._going: asyncio.TimerHandle | None = None
        self._too_slow = False

    def wants(self, kind: str, source: str | None) -> bool:
        return (not self._types or kind in self._types) and (
            not self._sources or source is None or source in self._sources
        )

    def wants_entry(self, entry: Entry) -> bool:
        return (not self._types or "entry" in self._types) and self._asked.fits(entry)

    def put(self, event: bytes) -> None:
        if len(self._waiting) >= KEPT_FOR_A_SLOW_READER:
            self.miss()
        self._waiting.append(event)
        if self._going is None:
            self._going = asyncio.get_running_loop().call_later(GATHER, self.go)

    def go(self) -> None:
        """What waits goes out now."""
        if self._waiting:
            self._news.set()

    def miss(self) -> None:
        """All that waits goes: the reader is told so, and begins anew."""
        self._waiting.clear()
        self._too_slow = True
        self._news.set()

    async def stream(self, last: str | None) -> AsyncIterator[bytes]:
        hub = self._hub
        hub.add(self)
        try:
            said = b"retry: 1000\n: connected to %s\n\n" % hub.id.encode()
            if last is None:
                said += hub.begins()
            else:
                async for event in hub.past(self, last):
                    said += event
                    if len(said) > PIECE:
                        yield said
                        said = b""
            async for event in self._present():
                said += event
            yield said
            while True:
                try:
                    async with asyncio.timeout(HEARTBEAT):
                        await self._news.wait()
                except TimeoutError:
                    yield b": still here\n\n"
                else:
                    yield self._take()
        finally:
            hub.remove(self)
            self._take()

    def _take(self) -> bytes:
        self._news.clear()
        if self._going is not None:
            self._going.cancel()
            self._going = None
        said = b"".join(self._waiting)
        self._waiting.clear()
        if self._too_slow:
            self._too_slow = False
            return self._hub.reset("stream-too-slow", self.language) + said
        return said

    async def _present(self) -> AsyncIterator[bytes]:
        """How things are now: what follows are changes."""
        lab = self._hub.lab
        if self.wants("clock", None):
            yield _event("clock", msgspec.json.encode(clock_of(lab).model_dump()))
        async for name in in_turns([name for name in lab.modules if self.wants("module", name)][:1000]):
            if name in lab.modules:
                yield _event("module", msgspec.json.encode(state_of(lab, name).model_dump()))


def router(hub: Hub) -> APIRouter:
    routes = api_router(tag="events", responses=responses(422))
    stream: dict[int | str, dict[str, Any]] = {200: {"content": {"text/event-stream": {}}}}

    @routes.get("/events", response_class=StreamingResponse, responses=stream)
    async def stream_events(
        language: Language,
        types: Annotated[list[Type] | None, Query(description="only these; all, when left out")] = None,
        source: Annotated[list[str] | None, Query(description="only these modules and platforms")] = None,
        kind: Annotated[list[EntryKind] | None, Query(description="of entries: only these")] = None,
        last_event_id: Annotated[str | None, Query(max_length=64, description="as the header Last-Event-ID")] = None,
        last_event_id_header: Annotated[str | None, Header(alias="Last-Event-ID", max_length=64)] = None,
    ) -> StreamingResponse:
        """Everything as it happens. A reader that comes back (Last-Event-ID) gets the entries it missed first."""
        reader = StreamReader(hub, types or (), source or (), kind or (), language)
        last = last_event_id_header if last_event_id_header is not None else last_event_id
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(reader.stream(last), media_type="text/event-stream", headers=headers)

    return routes


def _event(kind: str, data: bytes) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (kind.encode(), data)
