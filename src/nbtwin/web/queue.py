"""/api/v1/platforms/{name}/devices/{device}/queue: the commands that wait for a device in Queue Mode.

What is listed is what the store has: what a restart would find. Knows no message exchange.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from nbtwin.engine import Seconds
from nbtwin.operators.device_management.commands import CommandState, QueuedCommand
from nbtwin.operators.device_management.management import QUEUED_AT_MOST, management_of
from nbtwin.operators.inventory.devices import REGISTERED, Device
from nbtwin.operators.store.queue import QueueRepository
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.access.roles import caller_of
from nbtwin.web.api_errors import RequestModel, not_found, responses
from nbtwin.web.devices import find_device, management_at
from nbtwin.web.operations import Cause, cause_of
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.routers import api_router

KnownFrom = Literal["now", "period", "lifetime", "nothing"]
Ticket = Annotated[int, Path(ge=1, lt=2**53)]


class Window(BaseModel):
    """When the device listens next. Times are the lab's."""

    open: Annotated[bool, Field(description="it listens now")]
    until: Annotated[float | None, Field(description="so long, unless it is heard again; empty: always")] = None
    due_at: Annotated[float | None, Field(description="when the next one is expected")] = None
    known_from: Annotated[
        KnownFrom,
        Field(description="now: it listens; period: that of its last updates; lifetime: the end of its registration"),
    ]


class CommandShown(BaseModel):
    ticket: int = Field(description="its number at the platform")
    operation: str = Field(description="what was asked")
    path: str = Field(description="where")
    value: Any = Field(description="that is written, or with which it is executed")
    content_format: int | None = Field(description="of CoAP, in which the value is sent; null: none")
    state: CommandState = Field(description="waiting, sent, or how it ended")
    position: Annotated[int | None, Field(description="among those that wait, from 1")]
    asked_at: float = Field(description="lab time")
    asked_by: str = Field(description="the token's name, or local")
    deadline: Annotated[float, Field(description="until when it is kept")]
    sent_at: float | None = Field(description="lab time; null: not yet")
    ended_at: float | None = Field(description="lab time; null: not yet")
    code: Annotated[str, Field(description='"2.05" of an answer')]
    result: Annotated[Any, Field(description="the value in the answer")]
    refusal: Annotated[Cause | None, Field(description="it failed, or was not sent")]


class QueueShown(BaseModel):
    window: Window = Field(description="when the device listens next")
    limit: Annotated[int, Field(description="commands that may wait for one device")] = QUEUED_AT_MOST
    commands: Annotated[list[CommandShown], Field(description="in the order in which they are sent")]


class NewPosition(RequestModel):
    position: Annotated[int, Field(ge=1, le=QUEUED_AT_MOST, description="1 is the next; behind the last: the last")]


def router(lab: LabRuntime) -> APIRouter:
    routes = api_router("/platforms/{name}/devices/{device}/queue", tag="devices", responses=responses(404, 422))
    tables = lab.store.part(QueueRepository)

    def shown(device: str, ticket: int) -> CommandShown:
        command = tables.find(device, ticket)
        if command is None:
            raise not_found(ApiRefusal.OPERATION_UNKNOWN, str(ticket))
        waiting = [each.ticket for each in tables.of(device) if each.state is CommandState.WAITING]
        return _shown(command, waiting)

    @routes.get("")
    async def read_queue(
        name: str,
        device: str,
        ended: Annotated[bool, Query(description="the newest that have ended, too, before the others")] = False,
    ) -> QueueShown:
        """What waits for the device, and when it is expected to listen."""
        found = await run_in_threadpool(find_device, lab, name, device)
        commands = await run_in_threadpool(tables.of, found.id, ended=ended)
        waiting = [each.ticket for each in commands if each.state is CommandState.WAITING]
        return QueueShown(window=_window(lab, name, found), commands=[_shown(each, waiting) for each in commands])

    @routes.get("/{ticket}")
    def read_queued_command(name: str, device: str, ticket: Ticket) -> CommandShown:
        """One command; of those that have ended the newest are kept, the device's history has them all."""
        return shown(find_device(lab, name, device).id, ticket)

    @routes.put("/{ticket}", responses=responses(409))
    async def move_queued_command(
        name: str, device: str, ticket: Ticket, body: NewPosition, request: Request
    ) -> CommandShown:
        """Give it another place among those that wait. 409: it waits no more."""
        found = await run_in_threadpool(find_device, lab, name, device)
        await run_in_threadpool(shown, found.id, ticket)
        node, management = lab.world.platforms[name], management_at(lab, name)
        lab.world.perform(node, management.move, found.id, ticket, body.position, caller_of(request).name)
        await lab.committed(node)
        return await run_in_threadpool(shown, found.id, ticket)

    @routes.delete("/{ticket}", status_code=204, responses=responses(409))
    async def cancel_queued_command(name: str, device: str, ticket: Ticket, request: Request) -> Response:
        """Take it back. 409: it waits no more."""
        found = await run_in_threadpool(find_device, lab, name, device)
        await run_in_threadpool(shown, found.id, ticket)
        node, management = lab.world.platforms[name], management_at(lab, name)
        lab.world.perform(node, management.cancel, found.id, ticket, caller_of(request).name)
        await lab.committed(node)
        return Response(status_code=204)

    return routes


def _window(lab: LabRuntime, platform: str, device: Device) -> Window:
    management, now = management_of(lab.world.platforms[platform].engine), lab.world.now
    if device.state == REGISTERED and "Q" not in device.binding:
        return Window(open=True, known_from="now")
    until = management.awake_until(device.id) if management is not None else None
    if until is not None and until >= now:
        return Window(open=True, until=until, known_from="now")
    due: tuple[tuple[KnownFrom, Seconds], ...] = (("period", device.period), ("lifetime", device.lifetime))
    for known_from, span in due:
        at = device.refreshed_at + span
        if span and at >= now and (known_from == "period" or device.state == REGISTERED):
            return Window(open=False, due_at=at, known_from=known_from)
    return Window(open=False, known_from="nothing")


def _shown(command: QueuedCommand, waiting: list[int]) -> CommandShown:
    is_waiting = command.state is CommandState.WAITING
    return CommandShown(
        ticket=command.ticket, operation=command.operation, path=command.path, value=command.value,
        content_format=command.content_format, state=command.state,
        position=waiting.index(command.ticket) + 1 if is_waiting else None, asked_at=command.asked_at,
        asked_by=command.asked_by, deadline=command.deadline, sent_at=command.sent_at, ended_at=command.ended_at,
        code=command.response_code, result=command.result, refusal=cause_of(command),
    )  # fmt: skip
