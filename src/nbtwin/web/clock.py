"""/api/v1/clock: the lab's time, its pace, and how to be done with waiting."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from nbtwin.engine import Deadline, Reason, Seconds
from nbtwin.runtime.errors import SpecError
from nbtwin.runtime.lab import LabRuntime
from nbtwin.timeline.decoder import Decoded
from nbtwin.timeline.entry import EntryKind
from nbtwin.timeline.reader import Query as TimelineQuery
from nbtwin.timeline.span import SpanError, parse_span
from nbtwin.web.api_errors import ApiError, RequestModel, responses
from nbtwin.web.entries import EntryShown, Language, contains, shown
from nbtwin.web.modules.state import WaitingFor, waiting_of
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.routers import api_router

LONGEST_ADVANCE = 366 * 86400.0
LONGEST_PATIENCE = 600.0
Span = Annotated[str, Field(min_length=1, max_length=32, examples=["24h", "90", "1d4h"])]


class NetworkReason(Reason):
    """What falls due and is no engine's."""

    UNDER_WAY = "network-datagram-under-way"


class NextThing(WaitingFor):
    source: str = Field(description="whose deadline it is")


class ClockState(BaseModel):
    now: float = Field(description="the lab's time, in seconds since 1970")
    ahead: float = Field(description="by how many seconds it is ahead of the wall clock")
    mode: str = Field(description="live, or simulated: time passes by advance alone")
    rate: float = Field(description="seconds of the lab in a second of the wall clock; 0: it stands still")
    pace: float = Field(description="the rate to which resume goes back")
    patience: float | None = Field(
        description="how many seconds of the wall clock advance waits for each answer from outside the lab; null: 0.25,"
        " and no more after twenty waits in vain"
    )
    paused: bool = Field(description="a live lab whose time stands still")
    advancing: bool = Field(description="an advance or run-until is under way")
    start: float = Field(description="the lab's time at which it began, in seconds since 1970")
    zone: str = Field(description="in which times are shown: UTC, an offset such as +08:00, or a name (D196)")
    seed: int = Field(description="of all that is random in the lab")
    next: NextThing | None = Field(description="what falls due next in the whole lab")


Patience = Annotated[
    str | None,
    Field(
        min_length=1, max_length=32, examples=["2s"],
        description="for each answer from outside the lab, of the wall clock; by default the lab's own",
    ),
]  # fmt: skip


class Advance(RequestModel):
    span: Span = Field(description="how far, in the lab's time: seconds, or a span such as 1h")
    patience: Patience = None


class Rate(RequestModel):
    rate: Annotated[float, Field(ge=0, le=100_000, description="0 pauses")]


class ZoneAsked(RequestModel):
    zone: Annotated[str, Field(max_length=64, description="UTC, +08:00, or a name such as Asia/Shanghai")]


class RunUntil(RequestModel):
    within: Annotated[Span, Field(description="how far at most, in the lab's time: seconds, or a span such as 1h")] = (
        "24h"
    )
    patience: Patience = None
    at: Annotated[float | None, Field(description="that time of the lab")] = None
    kind: EntryKind | None = Field(None, description="or an entry of the timeline of this kind")
    source: Annotated[str | None, Field(max_length=64, description="and of this module or platform")] = None
    containing: Annotated[str | None, Field(max_length=200, description="and with this in its text")] = None


class Reached(BaseModel):
    reached: bool = Field(description="it happened within the span")
    entry: EntryShown | None = Field(
        description="the entry that was waited for; null: none, or an instant was waited for"
    )
    clock: ClockState = Field(description="the clock, where it has come to")


def router(lab: LabRuntime) -> APIRouter:
    routes = api_router("/clock", tag="clock", responses=responses(422))

    @routes.get("")
    async def read_clock() -> ClockState:
        """The lab's time, its pace, and what falls due next."""
        return clock_of(lab)

    @routes.post("/advance")
    async def advance_clock(body: Advance) -> ClockState:
        """Run everything that falls due within the span, in order, at once."""
        await lab.advance(span_in(body.span, "span"), patience=_patience(body.patience))
        return clock_of(lab)

    @routes.post("/stop")
    async def stop_clock() -> ClockState:
        """End the advance that runs, if one does, where it has come to."""
        lab.stop_advance()
        return clock_of(lab)

    @routes.post("/rate", responses=responses(409))
    async def set_clock_rate(body: Rate) -> ClockState:
        """How fast time passes from now on."""
        return _set_rate(lab, body.rate)

    @routes.post("/pause", responses=responses(409))
    async def pause_clock() -> ClockState:
        """Let time stand still."""
        return _set_rate(lab, 0.0)

    @routes.post("/resume", responses=responses(409))
    async def resume_clock() -> ClockState:
        """At the rate of before the pause, from the instant at which it stands."""
        return _set_rate(lab, lab.pace)

    @routes.post("/zone")
    async def set_clock_zone(body: ZoneAsked) -> ClockState:
        """In which times are shown from now on: by the console, in the terminal, in words of the API (D196)."""
        try:
            lab.set_zone(body.zone)
        except SpecError as error:
            raise ApiError.of(error, "zone") from None
        return clock_of(lab)

    @routes.post("/run-until")
    async def run_until(body: RunUntil, language: Language) -> Reached:
        """As advance, until something happens: an instant, or an entry of the timeline."""
        within = span_in(body.within, "within")
        if body.at is not None:
            return await _run_to(lab, body.at, within, _patience(body.patience))
        if body.kind is None and body.source is None and body.containing is None:
            raise ApiError(ApiRefusal.UNTIL_NOTHING, "containing")
        catcher = _Catcher(lab, body, language)
        await lab.advance(within, catcher.look, _patience(body.patience))
        found = catcher.found
        entry = shown(found, language) if found is not None else None
        return Reached(reached=found is not None, entry=entry, clock=clock_of(lab))

    return routes


def clock_of(lab: LabRuntime) -> ClockState:
    now = lab.world.scheduler.touch()
    simulated = lab.simulated
    return ClockState(
        now=now,
        ahead=lab.ahead,
        mode="simulated" if simulated else "live",
        rate=lab.rate,
        pace=lab.pace,
        patience=lab.patience,
        paused=not simulated and lab.rate == 0,
        advancing=lab.advancing,
        start=lab.world.start,
        zone=lab.zone,
        seed=lab.world.seed,
        next=_next(lab, now),
    )


def _next(lab: LabRuntime, now: Seconds) -> NextThing | None:
    at = lab.world.scheduler.next_at()
    if at is None:
        return None
    for node in (*lab.world.modules.values(), *lab.world.platforms.values()):
        if node.deadline is not None and node.deadline.at == at:
            return NextThing(**waiting_of(now, node.deadline).model_dump(), source=node.name)
    under_way = Deadline(at, NetworkReason.UNDER_WAY)
    return NextThing(**waiting_of(now, under_way).model_dump(), source="network")


def _set_rate(lab: LabRuntime, rate: float) -> ClockState:
    try:
        lab.set_rate(rate)
    except SpecError as error:
        raise ApiError.of(error, status=409) from None
    return clock_of(lab)


async def _run_to(lab: LabRuntime, at: Seconds, within: Seconds, patience: Seconds | None) -> Reached:
    span = at - lab.world.scheduler.touch()
    if span < 0:
        raise ApiError(ApiRefusal.TIME_PASSED, "at")
    if span > within:
        raise ApiError(ApiRefusal.TIME_TOO_FAR, "at", seconds=round(span))
    await lab.advance(span, patience=patience)
    return Reached(reached=lab.world.now >= at, entry=None, clock=clock_of(lab))


class _Catcher:
    """Looks, after every instant, at what was recorded in it."""

    def __init__(self, lab: LabRuntime, body: RunUntil, language: str) -> None:
        self.found: Decoded | None = None
        self._reader, self._position = lab.timeline.reader, lab.timeline.recorded
        self._asked = TimelineQuery(
            kinds=frozenset() if body.kind is None else frozenset({body.kind}),
            sources=frozenset() if body.source is None else frozenset({body.source}),
        )
        self._text, self._language = (body.containing or "").lower(), language

    def look(self) -> bool:
        for decoded in self._reader.after(self._position) if self.found is None else ():
            self._position = decoded.number
            if self._asked.fits(decoded.entry) and contains(decoded, self._text, self._language):
                self.found = decoded
                break
        return self.found is not None


def _patience(text: str | None) -> Seconds | None:
    if text is None:
        return None
    seconds = _parsed(text, "patience")
    if not 0 <= seconds <= LONGEST_PATIENCE:
        raise ApiError(ApiRefusal.PATIENCE, "patience", limit=int(LONGEST_PATIENCE))
    return seconds


def _parsed(text: str, field: str) -> Seconds:
    try:
        return parse_span(text)
    except SpanError as error:
        raise ApiError.of(error, field) from None


def span_in(text: str, field: str) -> Seconds:
    """A span of the lab's time, longer than nothing, as a request writes it."""
    span = _parsed(text, field)
    if not 0 < span <= LONGEST_ADVANCE:
        raise ApiError(ApiRefusal.ADVANCE_SPAN, field)
    return span
