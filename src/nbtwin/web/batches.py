"""/api/v1/platforms/{name}/batches: one thing done to many devices, and what became of each (`batch_log`)."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from nbtwin.edge.turns import in_turns
from nbtwin.lab.nodes import PlatformNode
from nbtwin.operators.device_management.management import management_of
from nbtwin.operators.inventory.labels import LabelChange, LabelRefused
from nbtwin.operators.refusals import PlatformError, PlatformRefusal
from nbtwin.operators.store.labels import LabelRepository
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.access.roles import caller_of
from nbtwin.web.api_errors import ApiError, RequestModel, not_found, responses
from nbtwin.web.batch_log import Act, Batch, BatchLog, Row, RowState
from nbtwin.web.devices import AskedOperation, given_to, management_at, target_in
from nbtwin.web.inventory import Word, label_field
from nbtwin.web.operations import Cause
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.routers import api_router
from nbtwin.web.selection import DeviceChoice, chosen
from nbtwin.web.texts import storable
from nbtwin.web.turns import encoded, json_list
from nbtwin.web.values_csv import cell

_OF_THE_DEVICE = frozenset(
    {
        PlatformRefusal.DEVICE_NOT_REGISTERED,
        PlatformRefusal.PATH_NOT_OBSERVED,
        PlatformRefusal.NODE_AWAY,
        PlatformRefusal.NODES_APART,
        PlatformRefusal.PROCESS_AWAY,
        PlatformRefusal.VERSION_LACKS,
    }
)
"""What another device, or the same one later, may be asked."""
_HEAD = ("device", "state", "code", "value", "refusal", "at")
_Number = Annotated[int, Path(ge=1, le=2**31, description="of the batch")]


class LabelsAsked(RequestModel):
    """What is left out stays as it is."""

    group: str | None = Field(None, max_length=64, description="one; empty: none")
    add: list[Word] = Field([], max_length=32, description="tags that they have from now on")
    remove: list[Word] = Field([], max_length=32, description="tags that they have no more")

    def change(self) -> LabelChange:
        add, remove = (tuple(storable(tag, "tags") for tag in tags) for tags in (self.add, self.remove))
        return LabelChange(group=self.group, add=add, remove=remove).checked()


class NewBatch(RequestModel):
    act: Act = Field(
        description="operate: ask `order` of each; label: change `labels`; take-back: end what waits in their queues; "
        "deregister: drop their registrations; forget: them and their history"
    )
    of: DeviceChoice = Field(description="which devices, found when the batch begins")
    expected: int | None = Field(None, ge=0, description="refused (409) when as many do not fit; null: whatever number")
    order: AskedOperation | None = Field(None, description="of operate")
    labels: LabelsAsked | None = Field(None, description="of label")
    at_once: int = Field(100, ge=1, le=10_000, description="devices that are asked and have not answered")
    wait: float = Field(0, ge=0, le=60, description="of label and forget: for its end, in seconds of the wall clock")


class BatchState(BaseModel):
    number: int = Field(description="its number")
    act: Act = Field(description="what is done")
    about: dict[str, Any] = Field(description="the order or the labels, as they were asked")
    by: str = Field(description="the token's name, or local")
    state: Literal["running", "stopped", "finished"] = Field(description="stopped: by somebody, or by `trouble`")
    devices: int = Field(description="how many it is for")
    counts: dict[RowState, int] = Field(description="devices by state")
    started_at: float = Field(description="lab time")
    ended_at: float | None = Field(description="lab time; null: some are asked, or wait in their queues")
    trouble: Cause | None = Field(description="why it went no further: the store failed")


class BatchRow(BaseModel):
    device: str = Field(description="the device's id")
    state: RowState = Field(description="waiting for its turn, asked, queued until it wakes, or how it ended")
    ticket: int | None = Field(description="of its operation; null: none")
    code: str = Field(description='"2.05" of an answer')
    value: Any = Field(description="in the answer")
    refusal: Cause | None = Field(description="why it was not done")
    at: float | None = Field(description="lab time of the last change; null: none yet")


def state_of(batch: Batch) -> BatchState:
    state: Literal["running", "stopped", "finished"] = "finished"
    if batch.stopped:
        state = "stopped"
    elif batch.ended_at is None:
        state = "running"
    return BatchState(
        number=batch.number, act=batch.act, about=batch.about, by=batch.by, state=state, devices=len(batch.rows),
        counts={name: count for name, count in batch.counts.items() if count}, started_at=batch.started_at,
        ended_at=batch.ended_at, trouble=batch.trouble,
    )  # fmt: skip


def router(lab: LabRuntime, log: BatchLog) -> APIRouter:
    routes = api_router("/platforms/{name}/batches", tag="batches", responses=responses(404, 422))

    def find(name: str, number: int) -> Batch:
        if name not in lab.world.platforms:
            raise not_found(ApiRefusal.PLATFORM_UNKNOWN, name)
        batch = log.get(name, number)
        if batch is None:
            raise not_found(ApiRefusal.BATCH_UNKNOWN, str(number))
        return batch

    @routes.get("")
    async def list_batches(name: str) -> list[BatchState]:
        """The newest first, of this run of the lab; of those that are over the newest few."""
        if name not in lab.world.platforms:
            raise not_found(ApiRefusal.PLATFORM_UNKNOWN, name)
        return [state_of(batch) for batch in log.of(name)]

    @routes.post("", status_code=201, responses=responses(409))
    async def start_batch(name: str, body: NewBatch, request: Request) -> BatchState:
        """Begin with the devices that fit now. What fails for one device does not end it for the others."""
        if name not in lab.world.platforms:
            raise not_found(ApiRefusal.PLATFORM_UNKNOWN, name)
        begin = _Beginning(lab, log, lab.world.platforms[name], body, caller_of(request).name)
        begin.check()
        devices = await run_in_threadpool(chosen, lab, name, body.of)
        if body.expected not in (None, len(devices)):
            raise ApiError(ApiRefusal.BATCH_NUMBER, "expected", 409, expected=body.expected, found=len(devices))
        if not devices:
            raise ApiError(ApiRefusal.NO_DEVICE_FITS, "of")
        await begin.check_order(devices)
        batch = await begin.with_devices(devices)
        await lab.committed(lab.world.platforms[name])  # a ticket is a promise (D75)
        return state_of(batch)

    @routes.get("/{number}")
    async def read_batch(name: str, number: _Number) -> BatchState:
        """How far it is."""
        return state_of(find(name, number))

    _add_one(routes, lab, log, find)
    return routes


def _add_one(routes: APIRouter, lab: LabRuntime, log: BatchLog, find: Callable[[str, int], Batch]) -> None:
    @routes.post("/{number}/stop", responses=responses(409))
    async def stop_batch(name: str, number: _Number, request: Request) -> BatchState:
        """Nobody further is asked, and what waits in queues is taken back. 409: it is over."""
        batch, node = find(name, number), lab.world.platforms[name]
        if batch.ended_at is not None:
            raise ApiError(ApiRefusal.BATCH_OVER, status=409, batch=number)
        management = management_of(node.engine)

        def take_back(device: str, ticket: int) -> None:
            if management is not None:
                lab.world.perform(node, management.cancel, device, ticket, caller_of(request).name)

        await log.stop(batch, take_back)
        await lab.committed(node)
        return state_of(batch)

    @routes.get("/{number}/devices", response_model=list[BatchRow])
    async def list_batch_devices(
        name: str,
        number: _Number,
        state: Annotated[RowState | None, Query(description="only those in this state")] = None,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    ) -> Response:
        """What became of each device, in the order in which they are asked."""
        batch, found, rows = find(name, number), 0, list[bytes]()
        async for row in in_turns(list(batch.rows.values())):
            if state in (None, row.state):
                found += 1
                if offset < found <= offset + limit:
                    rows.append(encoded(_row(row)))
        return json_list(rows, **{"X-Total-Count": str(found)})

    @routes.get("/{number}/devices.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
    async def download_batch_devices(name: str, number: _Number) -> Response:
        """The same as CSV."""
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180
        writer.writerow(_HEAD)
        async for row in in_turns(list(find(name, number).rows.values())):
            writer.writerow(_cells(row))
        return Response(file.getvalue(), media_type="text/csv; charset=utf-8")


class _Beginning:
    """What a new batch does, by its act."""

    def __init__(self, lab: LabRuntime, log: BatchLog, node: PlatformNode, body: NewBatch, by: str) -> None:
        self._lab, self._log, self._node, self._body, self._by = lab, log, node, body, by
        self._labels = LabelChange()

    def check(self) -> None:
        """ApiError for what cannot be asked of anybody."""
        body = self._body
        if body.act in ("operate", "take-back", "deregister"):
            management_at(self._lab, self._node.name)
        if body.act == "operate":
            if body.order is None:
                raise ApiError(ApiRefusal.VALUE_MISSING, "order")
            target_in(body.order)
            given_to(body.order, "order.")
        if body.act == "label":
            if body.labels is None:
                raise ApiError(ApiRefusal.VALUE_MISSING, "labels")
            try:
                self._labels = body.labels.change()
            except LabelRefused as error:
                raise ApiError.of(error, f"labels.{label_field(error)}") from None
            if self._labels == LabelChange():
                raise ApiError(ApiRefusal.VALUE_MISSING, "labels")

    async def check_order(self, devices: Sequence[str]) -> None:
        """ApiError beside its field for an order that is wrong for each device, whatever state that is in."""
        wrong: PlatformError | None = None
        async for device in in_turns(devices if self._body.act == "operate" else ()):
            try:
                self._check(device)
                return
            except PlatformError as error:
                if error.code not in _OF_THE_DEVICE:
                    wrong = wrong or error
        if wrong is not None:
            raise ApiError.of(wrong, f"order.{wrong.fields.get('takes', 'path')}")

    async def with_devices(self, devices: Sequence[str]) -> Batch:
        body, log = self._body, self._log
        given = {"operate": body.order, "label": body.labels}.get(body.act)
        about = {} if given is None else given.model_dump(exclude_unset=True)
        batch = await log.begin(self._node.name, body.act, about, devices, self._by, body.at_once)
        match body.act:
            case "operate":
                await log.ask_each(batch, self._ask)
            case "deregister":
                await log.ask_each(batch, self._deregister)
            case "take-back":
                await log.ask_each(batch, self._take_back)
            case "label":
                await log.change_each(batch, self._label, body.wait)
            case "forget":
                await log.change_each(batch, self._forget, body.wait)
        return batch

    def _check(self, device: str) -> None:
        order = self._body.order
        assert order is not None
        check = management_at(self._lab, self._node.name).check
        self._lab.world.perform(
            self._node, check, device, order.operation, target_in(order), given_to(order), deadline=order.deadline,
            within=order.within,
        )  # fmt: skip

    def _ask(self, device: str) -> int:
        order = self._body.order
        assert order is not None
        ask = management_at(self._lab, self._node.name).ask
        return self._lab.world.perform(
            self._node, ask, device, order.operation, target_in(order), given_to(order),
            deadline=order.deadline, within=order.within, by=self._by,
        )  # fmt: skip

    def _deregister(self, device: str) -> int:
        self._lab.world.perform(self._node, management_at(self._lab, self._node.name).deregister, device)
        return 0

    def _take_back(self, device: str) -> int:
        """All that waits."""
        management = management_at(self._lab, self._node.name)
        for ticket in management.commands(device):
            self._lab.world.perform(self._node, management.cancel, device, ticket, self._by)
        return 0

    async def _label(self, devices: Sequence[str]) -> None:
        await run_in_threadpool(self._lab.store.part(LabelRepository).change, devices, self._labels)

    async def _forget(self, devices: Sequence[str]) -> None:
        """One that is registered finds out with its next update, and registers anew."""
        if (management := management_of(self._node.engine)) is not None:
            for device in devices:
                self._lab.world.perform(self._node, management.forget, device)
        await run_in_threadpool(self._lab.store.forget_some, devices)


def _row(row: Row) -> BatchRow:
    return BatchRow(
        device=row.device, state=row.state, ticket=row.ticket or None, code=row.code, value=row.value,
        refusal=row.refusal, at=row.at,
    )  # fmt: skip


def _cells(row: Row) -> list[str]:
    refusal = row.refusal.code if row.refusal is not None else ""
    return [cell(each) for each in (row.device, row.state.value, row.code, row.value, refusal, row.at)]
