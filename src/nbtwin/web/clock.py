"""/api/v1/clock: the lab's time, and how to be done with waiting; /api/v1/faults: what goes wrong on purpose."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Response
from pydantic import BaseModel, Field

from nbtwin.lab.faults import FaultError
from nbtwin.timeline.clock import parse_span
from nbtwin.web.lab_view import LabView
from nbtwin.web.problems import not_found

LONGEST_ADVANCE = 366 * 86400.0


class ClockState(BaseModel):
    now: float = Field(description="the lab's time, in seconds since 1970")
    ahead: float = Field(description="by how many seconds it is ahead of the wall clock")


class Advance(BaseModel):
    span: Annotated[str, Field(min_length=1, max_length=32, examples=["24h", "90", "1d4h"])]


class NewFault(BaseModel):
    fault: Annotated[str, Field(min_length=1, max_length=400, examples=["loss,packets=1+2,direction=up"])]


class FaultState(BaseModel):
    number: int
    fault: str
    detail: dict[str, Any]


def router(lab: LabView) -> APIRouter:
    routes = APIRouter(prefix="/clock", tags=["lab"])

    @routes.get("")
    async def clock() -> ClockState:
        return ClockState(now=lab.world.scheduler.touch(), ahead=lab.ahead())

    @routes.post("/advance")
    async def advance(body: Advance) -> ClockState:
        """Run everything that falls due within the span, in order, at once."""
        try:
            span = parse_span(body.span)
        except ValueError as error:
            raise HTTPException(422, str(error)) from None
        if not 0 < span <= LONGEST_ADVANCE:
            raise HTTPException(422, "advance by more than nothing and at most 366d")
        await lab.advance(span)
        return await clock()

    return routes


def fault_router(lab: LabView) -> APIRouter:
    routes = APIRouter(prefix="/faults", tags=["lab"])

    def state(number: int) -> FaultState:
        fault = lab.world.faults.listed()[number]
        return FaultState(number=number, fault=str(fault), detail=fault.as_dict())

    @routes.get("")
    async def list_faults() -> list[FaultState]:
        return [state(number) for number in lab.world.faults.listed()]

    @routes.post("", status_code=201)
    async def add_fault(body: NewFault) -> FaultState:
        """Let something go wrong: loss, delay, duplication, reordering, silence, rebinding, dns_failure, error."""
        try:
            return state(lab.world.add_fault(body.fault))
        except FaultError as error:
            raise HTTPException(422, str(error)) from None

    @routes.delete("/{number}", status_code=204)
    async def remove_fault(number: int) -> Response:
        try:
            lab.world.faults.remove(number)
            lab.world.note("lab", f"fault {number} taken off")
        except KeyError:
            raise not_found("fault", str(number)) from None
        return Response(status_code=204)

    return routes
