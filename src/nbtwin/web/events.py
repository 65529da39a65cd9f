"""/api/v1/events: the lab as server-sent events: entries of the timeline, and whatever else has changed.

An entry has an id, `<lab>-<number>`; a reader that comes back with it gets what it missed, or `reset` when that is no
longer in memory, or another lab's. Everything else carries a whole state, so that nothing is lost by missing one.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse

from nbtwin.engine import Deadline, Seconds
from nbtwin.lab.nodes import ModuleNode, Node, PlatformNode
from nbtwin.lab.observers import LabObserver
from nbtwin.runtime.lab import LabRuntime
from nbtwin.timeline.entry import EntryKind, TimelineEntry
from nbtwin.web.api_errors import responses
from nbtwin.web.clock import clock_of
from nbtwin.web.counters import SERIES
from nbtwin.web.entries import entry_json, wanted
from nbtwin.web.modules.state import state_of
from nbtwin.web.stats_sampler import Second, StatsSampler

KEPT_FOR_A_SLOW_READER = 10_000
HEARTBEAT = 15.0  # seconds; a comment line, so that proxies and browsers keep the stream open
GATHER = 0.02  # seconds: what happens within them goes out in one piece
CHANGED_EVERY = 0.25  # seconds: how often a module's state is told, at most
MODULES_AT_ONCE = 100

Type = Literal["entry", "module", "removed", "device", "clock", "rates", "operation"]


class Hub(LabObserver):
    """Gathers what is news and hands it to every reader. Costs next to nothing while nobody reads."""

    def __init__(self, lab: LabRuntime, pulse: StatsSampler) -> None:
        self.lab, self.id = lab, secrets.token_hex(4)
        self._readers: list[StreamReader] = []
        self._changed: dict[str, None] = {}  # modules, in the order in which they changed
        self._timer: asyncio.TimerHandle | None = None
        self._take_off: Callable[[], object] | None = None
        pulse.listeners.append(self._second)

    # readers come and go

    def add(self, reader: StreamReader) -> None:
        if self._take_off is None:
            self._take_off = self.lab.timeline.add_sink(self._entry)
        self._readers.append(reader)

    def remove(self, reader: StreamReader) -> None:
        self._readers.remove(reader)
        if not self._readers and self._take_off is not None:
            self._take_off()
            self._take_off = None

    def tell(self, kind: Type, data: Any, source: str | None = None) -> None:
        """Something that has no number."""
        readers = [reader for reader in self._readers if reader.wants(kind, source)]
        if readers:
            event = _event(kind, msgspec.json.encode(data))
            for reader in readers:
                reader.put(event)

    # what happens

    def _entry(self, entry: TimelineEntry) -> None:
        event: bytes | None = None
        for reader in self._readers:
            if reader.wants_entry(entry):
                if event is None:  # once for all of them
                    event = self.entry_event(self.lab.timeline.recorded, entry)
                reader.put(event)

    def entry_event(self, number: int, entry: TimelineEntry) -> bytes:
        return b"id: %s-%d\n" % (self.id.encode(), number) + _event("entry", entry_json(number, entry))

    def event(self, at: Seconds, unit: Node, event: Any) -> None:
        if not self._readers:
            return
        if isinstance(unit, ModuleNode):
            self._module_changed(unit.name)
        elif (device := getattr(event, "device", "")) and isinstance(unit, PlatformNode):
            data = {"platform": unit.name, "device": device, "event": type(event).__name__, "at": at}
            self.tell("device", data, unit.name)

    def deadline(self, at: Seconds, unit: Node, deadline: Deadline | None) -> None:
        if self._readers and isinstance(unit, ModuleNode):
            self._module_changed(unit.name)

    def note(self, at: Seconds, source: str, kind: EntryKind, text: str, detail: Mapping[str, Any]) -> None:
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

    def _second(self, second: Second) -> None:
        if self._readers:
            at, counts = second
            self.tell("rates", {"at": at, **dict(zip(SERIES, counts, strict=True))})
            self.tell("clock", clock_of(self.lab).model_dump())

    # the past

    def past(self, reader: StreamReader, last: str) -> list[bytes]:
        """What a reader that comes back has missed."""
        timeline = self.lab.timeline
        lab, _, text = last.rpartition("-")
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
        oldest = timeline.oldest or timeline.recorded + 1
        if number is None or lab not in ("", self.id) or number > timeline.recorded:
            return [self._reset("this is another lab, or one that was started anew")]
        if number + 1 < oldest:
            return [self._reset("what came after that is no longer in memory")]
        return [self.entry_event(n, entry) for n, entry in timeline.numbered(number) if reader.wants_entry(entry)]

    def _reset(self, why: str) -> bytes:
        timeline = self.lab.timeline
        data = {"oldest": timeline.oldest, "newest": timeline.recorded, "lab": self.id, "why": why}
        return b"id: %s-%d\n" % (self.id.encode(), timeline.recorded) + _event("reset", msgspec.json.encode(data))


class StreamReader:
    """One open stream and its filters. A reader that is too slow loses all that waits, and is told so."""

    def __init__(self, hub: Hub, types: Collection[str], sources: Collection[str], kinds: Collection[str]) -> None:
        self._hub, self._types, self._sources, self._kinds = hub, types, sources, kinds
        self._waiting: deque[bytes] = deque()
        self._news = asyncio.Event()
        self._too_slow = False

    def wants(self, kind: str, source: str | None) -> bool:
        return (not self._types or kind in self._types) and (
            not self._sources or source is None or source in self._sources
        )

    def wants_entry(self, entry: TimelineEntry) -> bool:
        return (not self._types or "entry" in self._types) and wanted(entry, self._kinds, self._sources)

    def put(self, event: bytes) -> None:
        if len(self._waiting) >= KEPT_FOR_A_SLOW_READER:
            self._waiting.clear()
            self._too_slow = True
        self._waiting.append(event)
        self._news.set()

    async def stream(self, last: str | None) -> AsyncIterator[bytes]:
        hub = self._hub
        past = hub.past(self, last) if last is not None else []
        hub.add(self)
        try:
            yield b"retry: 1000\n: connected to %s\n\n" % hub.id.encode() + b"".join(past) + self._present()
            while True:
                try:
                    async with asyncio.timeout(HEARTBEAT):
                        await self._news.wait()
                except TimeoutError:
                    yield b": still here\n\n"
                else:
                    yield self._take()
                    await asyncio.sleep(GATHER)
        finally:
            hub.remove(self)

    def _take(self) -> bytes:
        self._news.clear()
        said = b"".join(self._waiting)
        self._waiting.clear()
        if self._too_slow:
            self._too_slow = False
            return self._hub._reset("you read too slowly; something is missing here") + said
        return said

    def _present(self) -> bytes:
        """How things are now: what follows are changes."""
        lab, said = self._hub.lab, []
        if self.wants("clock", None):
            said.append(_event("clock", msgspec.json.encode(clock_of(lab).model_dump())))
        names = [name for name in lab.modules if self.wants("module", name)][:1000]
        said += [_event("module", msgspec.json.encode(state_of(lab, name).model_dump())) for name in names]
        return b"".join(said)


def router(hub: Hub) -> APIRouter:
    routes = APIRouter(tags=["events"], responses=responses(422))
    stream: dict[int | str, dict[str, Any]] = {200: {"content": {"text/event-stream": {}}}}

    @routes.get("/events", response_class=StreamingResponse, responses=stream)
    async def events(
        types: Annotated[list[Type] | None, Query(description="only these; all, when left out")] = None,
        source: Annotated[list[str] | None, Query(description="only these modules and platforms")] = None,
        kind: Annotated[list[EntryKind] | None, Query(description="of entries: only these")] = None,
        last_event_id: Annotated[str | None, Query(max_length=64)] = None,
        last_event_id_header: Annotated[str | None, Header(alias="Last-Event-ID", max_length=64)] = None,
    ) -> StreamingResponse:
        """Everything as it happens. A reader that comes back (Last-Event-ID) gets the entries it missed first."""
        reader = StreamReader(hub, types or (), source or (), kind or ())
        last = last_event_id_header if last_event_id_header is not None else last_event_id
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(reader.stream(last), media_type="text/event-stream", headers=headers)

    return routes


def _event(kind: str, data: bytes) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (kind.encode(), data)
