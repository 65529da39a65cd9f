"""/api/v1/faults: what goes wrong in the lab's network on purpose."""

from __future__ import annotations

import math
from typing import Annotated, Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from nbtwin.lab.facts import FaultRemoved, FaultsCleared
from nbtwin.lab.faults import Fault, FaultError, FaultKind, FaultRefusal
from nbtwin.runtime.lab import LabRuntime
from nbtwin.timeline.span import SpanError, parse_span
from nbtwin.web.api_errors import ApiError, RequestModel, not_found, responses
from nbtwin.web.refusals import ApiRefusal

Pattern = Annotated[str | None, Field(max_length=200, description="a name, a host or host:port; * stands for any")]
Span = Annotated[str | float | None, Field(description="seconds, or a span such as 1h")]

_KINDS = {
    FaultKind.LOSS: ("datagrams are lost", ()),
    FaultKind.DELAY: ("datagrams come late", ("seconds", "spread")),
    FaultKind.DUPLICATION: ("datagrams come several times", ("copies",)),
    FaultKind.REORDERING: ("a datagram waits for the next one to overtake it", ("seconds",)),
    FaultKind.SILENCE: ("everything from and to the destination is lost: a server that is down", ()),
    FaultKind.REBINDING: ("the NAT gives the module another outer address, just before the datagram", ()),
    FaultKind.DNS_FAILURE: ("names cannot be resolved", ("name", "seconds")),
    FaultKind.ERROR: ("the server answers the request with an error code", ("code",)),
    FaultKind.RESET: ("the server answers the request with a Reset", ()),
    FaultKind.TRUNCATION: ("only the first octets of a datagram arrive", ("octets",)),
}
_EVERY = ("direction", "source", "destination", "packets", "probability", "start", "end")


class NewFault(RequestModel):
    """Either as one line, as on the command line and in scenarios, or field by field."""

    fault: Annotated[str | None, Field(max_length=400, examples=["loss,packets=1+2,direction=up"])] = None
    kind: FaultKind | None = None
    direction: Annotated[str | None, Field(pattern="^(up|down)$")] = None
    source: Pattern = None
    destination: Pattern = None
    name: Pattern = None
    packets: Annotated[list[int] | None, Field(max_length=1000, description="only the n-th of them, from 1")] = None
    probability: Annotated[float | None, Field(ge=0, le=1)] = None
    start: Span = Field(None, description="since the start of the lab")
    end: Span = None
    seconds: Span = None
    spread: Span = None
    copies: Annotated[int | None, Field(ge=1, le=100)] = None
    code: Annotated[str | None, Field(pattern=r"^[45]\.[0-3]\d$")] = None
    octets: Annotated[int | None, Field(ge=0, le=65535)] = None


class FaultState(BaseModel):
    number: int
    fault: str
    detail: dict[str, Any]


class FaultKindShown(BaseModel):
    kind: str
    says: str
    fields: list[str]


def router(lab: LabRuntime) -> APIRouter:
    routes = APIRouter(prefix="/faults", tags=["lab"])
    faults = lab.world.faults

    def state(number: int) -> FaultState:
        fault = faults.listed()[number]
        detail = {key: value for key, value in fault.as_dict().items() if value != math.inf}
        return FaultState(number=number, fault=str(fault), detail=detail)

    @routes.get("")
    async def list_faults() -> list[FaultState]:
        return [state(number) for number in faults.listed()]

    @routes.get("/kinds")
    async def kinds() -> list[FaultKindShown]:
        return [FaultKindShown(kind=kind, says=says, fields=[*_EVERY, *own]) for kind, (says, own) in _KINDS.items()]

    @routes.post("", status_code=201, responses=responses(422))
    async def add_fault(body: NewFault) -> FaultState:
        """Let something go wrong from now on."""
        return state(lab.world.add_fault(_fault(body)))

    @routes.delete("", status_code=204)
    async def remove_all() -> Response:
        faults.clear()
        lab.world.note("lab", FaultsCleared())
        return Response(status_code=204)

    @routes.delete("/{number}", status_code=204, responses=responses(404, 422))
    async def remove_fault(number: int) -> Response:
        try:
            faults.remove(number)
        except KeyError:
            raise not_found(ApiRefusal.FAULT_UNKNOWN, str(number)) from None
        lab.world.note("lab", FaultRemoved(number))
        return Response(status_code=204)

    return routes


def _fault(body: NewFault) -> Fault:
    given = body.model_dump(exclude_none=True)
    text = given.pop("fault", None)
    if (text is None) == (not given):
        raise ApiError(ApiRefusal.ONE_OF_TWO, "fault" if text is None else "kind", first="fault", second="kind")
    if text is None and "kind" not in given:
        raise ApiError(FaultRefusal.KIND_MISSING, "kind", known=[str(kind) for kind in FaultKind])
    for field in ("start", "end", "seconds", "spread"):
        _check_span(given, field)
    try:
        return Fault.parse(text if text is not None else given)
    except FaultError as error:
        raise ApiError.of(error, "fault" if text is not None else error.where or "kind") from None


def _check_span(given: dict[str, Any], field: str) -> None:
    value = given.get(field)
    if isinstance(value, str) and value != "inf":
        try:
            parse_span(value)
        except SpanError as error:
            raise ApiError.of(error, field) from None
