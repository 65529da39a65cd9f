"""/api/v1/faults: what goes wrong in the lab's network and on its serial lines on purpose."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from nbtwin.lab.facts import FaultRemoved, FaultsCleared
from nbtwin.lab.faults import (
    Fault,
    FaultError,
    FaultKind,
    FaultPhrase,
    FaultRefusal,
    Pin,
    Place,
    check_names,
    unmatched,
)
from nbtwin.runtime.lab import LabRuntime
from nbtwin.timeline.catalogue import say
from nbtwin.timeline.span import SpanError, parse_span
from nbtwin.web.api_errors import ApiError, RequestModel, language_for, not_found, responses
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.routers import api_router

Pattern = Annotated[str | None, Field(max_length=200, description="a name, a host or host:port; * stands for any")]
Span = Annotated[str | float | None, Field(description="seconds, or a span such as 1h")]

_OWN: Mapping[FaultKind, tuple[str, ...]] = {
    FaultKind.DELAY: ("seconds", "spread"),
    FaultKind.DUPLICATION: ("copies",),
    FaultKind.REORDERING: ("seconds",),
    FaultKind.DNS_FAILURE: ("name", "seconds"),
    FaultKind.ERROR: ("code",),
    FaultKind.TRUNCATION: ("octets",),
    FaultKind.SERIAL_URC: ("places", "text"),
    FaultKind.SERIAL_INTERLEAVED: ("text",),
    FaultKind.SERIAL_DOUBLED: ("copies",),
    FaultKind.SERIAL_LATE: ("seconds", "spread"),
    FaultKind.SERIAL_SPLIT: ("spread",),
    FaultKind.SERIAL_SLOW: ("percent",),
    FaultKind.SERIAL_SWALLOWED: ("octets", "silence"),
    FaultKind.SERIAL_NOISE: ("octets",),
    FaultKind.SERIAL_BAUD: ("baud",),
    FaultKind.SERIAL_PINS: ("pins",),
}
"""Fields that mean something for this kind alone."""
_EVERY = ("direction", "source", "destination", "packets", "probability", "start", "end")
_EVERY_OF_A_LINE = ("source", "packets", "probability", "start", "end")
_BOTH_WAYS = (FaultKind.SERIAL_SPLIT, FaultKind.SERIAL_BAUD)


class NewFault(RequestModel):
    """Either as one line, as on the command line and in scenarios, or field by field."""

    fault: Annotated[
        str | None,
        Field(
            max_length=400,
            examples=["loss,packets=1+2,direction=up"],
            description="the whole fault as one line; or else kind and the fields that follow",
        ),
    ] = None
    kind: Annotated[FaultKind | None, Field(description="what goes wrong")] = None
    direction: Annotated[
        str | None, Field(pattern="^(up|down)$", description="up: from modules; down: to them; both when left out")
    ] = None
    source: Pattern = None
    destination: Pattern = None
    name: Pattern = None
    packets: Annotated[list[int] | None, Field(max_length=1000, description="only the n-th of them, from 1")] = None
    probability: Annotated[float | None, Field(ge=0, le=1, description="of each packet")] = None
    start: Span = Field(None, description="since the start of the lab")
    end: Span = None
    seconds: Span = None
    spread: Span = None
    copies: Annotated[int | None, Field(ge=1, le=100, description="of duplication: how many more")] = None
    code: Annotated[
        str | None,
        Field(pattern=r"^[45]\.[0-3]\d$", description="of an error: the CoAP code that is answered, such as 5.03"),
    ] = None
    octets: Annotated[
        int | None,
        Field(
            ge=0,
            le=65535,
            description="of truncation: how many bytes are left; at wake-up: are lost; of noise: come at the most",
        ),
    ] = None
    places: Annotated[
        list[Place] | None, Field(max_length=4, description="where lines are put in; none: where no answer is alike")
    ] = None
    percent: Annotated[
        float | None, Field(ge=0, le=1000, description="of slow answers: of the time that they may take")
    ] = None
    silence: Span = None
    baud: Annotated[int | None, Field(ge=50, le=4_000_000, description="at which the host speaks and listens")] = None
    pins: Annotated[
        list[Pin] | None, Field(max_length=3, description="control lines that are not connected; none: all of them")
    ] = None
    text: Annotated[
        str | None,
        Field(min_length=1, max_length=200, description="the line that is put in; none: what the family may say"),
    ] = None


class FaultState(BaseModel):
    number: int = Field(description="by which it is removed")
    fault: str = Field(description="in words")
    detail: dict[str, Any] = Field(description="field by field")
    unmatched: Annotated[list[str], Field(description="of source and destination, what is nobody's name now")]


class FaultKindShown(BaseModel):
    kind: str = Field(description="what goes wrong")
    says: str = Field(description="what it does, in words")
    fields: list[str] = Field(description="that have a meaning for it")


def router(lab: LabRuntime) -> APIRouter:
    routes = api_router("/faults", tag="faults")
    faults = lab.world.faults

    def state(request: Request, number: int) -> FaultState:
        fault = faults.listed()[number]
        detail = {key: value for key, value in fault.as_dict().items() if value != math.inf}
        nobody, words = list(unmatched(fault, lab.world.names)), fault.words(language_for(request.scope))
        return FaultState(number=number, fault=words, detail=detail, unmatched=nobody)

    @routes.get("")
    async def list_faults(request: Request) -> list[FaultState]:
        """The faults that are in force."""
        return [state(request, number) for number in faults.listed()]

    @routes.get("/kinds")
    async def list_fault_kinds(request: Request) -> list[FaultKindShown]:
        """What can go wrong, and with which fields it is ordered."""
        language = language_for(request.scope)
        return [
            FaultKindShown(kind=kind, says=say(FaultPhrase.SAYS, language, kind=kind), fields=_fields(kind))
            for kind in FaultKind
        ]

    @routes.post("", status_code=201, responses=responses(422))
    async def add_fault(request: Request, body: NewFault) -> FaultState:
        """Let something go wrong from now on. A source or destination that is nobody's name is refused; a pattern with
        a * may wait for whoever comes."""
        lab.check_one_process()
        return state(request, lab.world.add_fault(_fault(body, lab.world.names)))

    @routes.delete("", status_code=204)
    async def remove_faults() -> Response:
        """Remove every fault."""
        faults.clear()
        lab.world.note("lab", FaultsCleared())
        return Response(status_code=204)

    @routes.delete("/{number}", status_code=204, responses=responses(404, 422))
    async def remove_fault(number: int) -> Response:
        """Remove one fault."""
        try:
            faults.remove(number)
        except KeyError:
            raise not_found(ApiRefusal.FAULT_UNKNOWN, str(number)) from None
        lab.world.note("lab", FaultRemoved(number))
        return Response(status_code=204)

    return routes


def _fields(kind: FaultKind) -> list[str]:
    own = _OWN.get(kind, ())
    if not kind.is_serial:
        return [*_EVERY, *own]
    return [*(["direction"] if kind in _BOTH_WAYS else []), *_EVERY_OF_A_LINE, *own]


def _fault(body: NewFault, names: list[str]) -> Fault:
    given = body.model_dump(exclude_none=True)
    text = given.pop("fault", None)
    if (text is None) == (not given):
        raise ApiError(ApiRefusal.ONE_OF_TWO, "fault" if text is None else "kind", first="fault", second="kind")
    if text is None and "kind" not in given:
        raise ApiError(FaultRefusal.KIND_MISSING, "kind", known=[str(kind) for kind in FaultKind])
    for field in ("start", "end", "seconds", "spread", "silence"):
        _check_span(given, field)
    try:
        fault = Fault.parse(text if text is not None else given)
        check_names(fault, names)
        return fault
    except FaultError as error:
        raise ApiError.of(error, "fault" if text is not None else error.where or "kind") from None


def _check_span(given: dict[str, Any], field: str) -> None:
    value = given.get(field)
    if isinstance(value, str) and value != "inf":
        try:
            parse_span(value)
        except SpanError as error:
            raise ApiError.of(error, field) from None
