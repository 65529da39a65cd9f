"""/api/v1/platforms/{name}/campaigns: firmware for many devices, and how far each of them is.

Knows what the platform's engine does with a plan and what the store remembers of it; knows no transfer.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from nbtwin.lab.nodes import PlatformNode
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.campaigns.records import Campaign, CampaignStep, DeviceFilter, Plan, Progress, choose
from nbtwin.operators.campaigns.ways import Mode
from nbtwin.operators.store.andlink import PackageRepository
from nbtwin.operators.store.campaigns import CampaignRepository
from nbtwin.runtime.lab import LabRuntime
from nbtwin.runtime.workers.remote import RemoteAndlink
from nbtwin.web.api_errors import ApiError, RequestModel, not_found, responses
from nbtwin.web.operations import Cause
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.routers import api_router
from nbtwin.web.selection import choice_of
from nbtwin.web.texts import storable
from nbtwin.web.turns import json_models
from nbtwin.web.values_csv import cell

_Text = Annotated[str, Field(max_length=255)]
_Number = Annotated[int, Path(ge=1, le=2**31)]


class NewCampaign(RequestModel):
    """What to give to whom; what is left empty of the choice does not matter."""

    package: Annotated[str, Field(min_length=1, max_length=100, description="one of /firmware")]
    name: Annotated[str, Field(max_length=100, description="empty: the package's")] = ""
    mode: Annotated[Mode, Field(description="auto: what the device says that it can (/5/0/8 and /5/0/9)")] = Mode.PULL
    updates: Annotated[bool, Field(description="false: the download is the end")] = True
    per_minute: Annotated[float, Field(ge=0, le=1e6, description="devices that begin; 0: as fast as it goes")] = 0
    at_once: Annotated[int, Field(ge=1, le=10_000, description="devices under way")] = 50
    patience: Annotated[float, Field(gt=0, le=1e9, description="seconds without progress until one has failed")] = 3600
    within: Annotated[float, Field(ge=0, le=1e9, description="seconds that devices are waited for; 0: for ever")] = 0
    severity: Annotated[
        int | None, Field(ge=0, le=2, description="/5/0/11 of LwM2M 1.1: 0 critical, 1 mandatory, 2 optional")
    ] = None
    defer: Annotated[
        float | None, Field(ge=0, le=1e9, description="/5/0/13: seconds for which a device's user may put it off")
    ] = None
    devices: list[_Text] = Field(default_factory=list, max_length=100_000, description="by name; none: all that fit")
    endpoint: Annotated[str, Field(max_length=255, description="a pattern of names: * and ?", examples=["meter-*"])] = (
        ""
    )
    manufacturer: Annotated[str, Field(max_length=255, description="/3/0/0")] = ""
    model: Annotated[str, Field(max_length=255, description="/3/0/1")] = ""
    firmware: Annotated[_Text, Field(description="the version that it runs now: /3/0/3")] = ""
    device_type: Annotated[_Text, Field(description="/3/0/17")] = ""
    registered: Annotated[bool, Field(description="only devices that are registered now")] = True
    containing: Annotated[str, Field(max_length=64, description="in anything that is known of it")] = ""
    group: Annotated[str, Field(max_length=64, description="that people put it in")] = ""
    tags: list[Annotated[str, Field(max_length=64)]] = Field([], max_length=32, description="all of them")
    expected: int | None = Field(None, ge=0, description="refused (409) when as many do not fit; null: whatever number")


class CampaignState(BaseModel):
    id: int = Field(description="its number")
    name: str = Field(description="its own, or its package's")
    package: str = Field(description="one of /firmware")
    version: str = Field(description="what its devices run afterwards")
    mode: Mode = Field(description="how the package gets to the devices")
    state: str = Field(description="running, stopping, stopped or finished")
    devices: int = Field(description="how many it is for")
    counts: dict[CampaignStep, int] = Field(description="devices by step")
    started_at: float = Field(description="lab time")
    ended_at: float | None = Field(description="lab time; null: it goes on")


class DeviceProgress(BaseModel):
    device: str = Field(description="the device's id")
    step: CampaignStep = Field(description="how far it is")
    at: float = Field(description="lab time at which it came to this step")
    result: int | None = Field(description="of the firmware object: /5/0/5")
    version: str = Field(description="the firmware that it says it runs")
    way: Mode | None = Field(description="how the package got to it, once that is known")
    cause: Cause | None = Field(description="why its part has ended, where that needs saying")
    text: str = Field(description="in place of a cause: a sentence of nbtwin 0.1")
    attempts: int = Field(description="how often it was begun")
    bytes: int = Field(description="of the package that it has, as far as the platform has seen it go")
    size: int | None = Field(description="of the package, in bytes; null: it is no longer there")


SortedBy = Literal["device", "step", "at", "bytes", "attempts", "version"]
_STEPS = list(CampaignStep)
_HEAD = ("device", "step", "bytes", "size", "attempts", "version", "result", "cause", "way", "at")


def router(lab: LabRuntime) -> APIRouter:
    routes = api_router("/platforms/{name}/campaigns", tag="campaigns", responses=responses(404, 409, 422))
    tables = lab.store.part(CampaignRepository)

    def find(name: str, number: int) -> Campaign:
        _engine(lab, name)
        campaign = tables.find(number)
        if campaign is None:
            raise not_found(ApiRefusal.CAMPAIGN_UNKNOWN, str(number))
        return campaign

    def shown(name: str, number: int) -> CampaignState:
        return _state(tables, find(name, number))

    @routes.get("")
    def list_campaigns(
        name: str,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    ) -> list[CampaignState]:
        """The newest first."""
        _engine(lab, name)
        return [_state(tables, campaign) for campaign in tables.campaigns(name, limit=limit, offset=offset)]

    @routes.post("", status_code=201)
    async def start_campaign(name: str, body: NewCampaign) -> CampaignState:
        """Begin at once with the devices that fit now."""
        node, engine = _engine(lab, name)
        chosen = await run_in_threadpool(_chosen, lab, name, body)
        number = lab.world.perform(node, engine.start_campaign, _plan(body), chosen)
        await lab.committed(node)
        return await run_in_threadpool(shown, name, number)

    @routes.get("/{number}")
    def read_campaign(name: str, number: _Number) -> CampaignState:
        """How far a campaign is."""
        return shown(name, number)

    _add_progress(routes, lab, find)

    @routes.post("/{number}/stop")
    async def stop_campaign(name: str, number: _Number) -> CampaignState:
        """No further device begins; those that restart already are waited for."""
        node, engine = _engine(lab, name)
        await run_in_threadpool(find, name, number)
        try:
            lab.world.perform(node, engine.stop_campaign, number)
        except KeyError:
            raise ApiError(ApiRefusal.CAMPAIGN_OVER, status=409, campaign=number) from None
        await lab.committed(node)
        return await run_in_threadpool(shown, name, number)

    return routes


def _add_progress(routes: APIRouter, lab: LabRuntime, find: Callable[[str, int], Campaign]) -> None:
    tables = lab.store.part(CampaignRepository)

    def found(name: str, number: int, fetched: Mapping[str, int], step: CampaignStep | None) -> list[DeviceProgress]:
        campaign = find(name, number)
        record = lab.store.part(PackageRepository).find(campaign.plan.package)
        size = None if record is None else record.size
        rows = tables.devices(campaign.id, step=step)
        for row in rows:
            row.bytes = max(row.bytes, fetched.get(row.device, 0))
        return [_progress(campaign, row, size) for row in rows]

    def page(rows: list[DeviceProgress], sort: SortedBy, descending: bool, span: slice) -> Response:
        rows.sort(key=partial(_sort_key, sort), reverse=descending)
        return json_models(rows[span], **{"X-Total-Count": str(len(rows))})

    @routes.get("/{number}/devices", response_model=list[DeviceProgress])
    async def list_campaign_devices(
        name: str,
        number: _Number,
        step: Annotated[CampaignStep | None, Query(description="only devices that are at this step")] = None,
        sort: Annotated[SortedBy, Query(description="by which field")] = "device",
        order: Literal["asc", "desc"] = "asc",
        limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    ) -> Response:
        """How far each device of a campaign is."""
        fetched, span = _engine(lab, name)[1].bytes_of(number), slice(offset, offset + limit)
        return await run_in_threadpool(lambda: page(found(name, number, fetched, step), sort, order == "desc", span))

    @routes.get("/{number}/devices.csv", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
    async def download_campaign_devices(
        name: str,
        number: _Number,
        step: Annotated[CampaignStep | None, Query(description="only devices that are at this step")] = None,
    ) -> Response:
        """The same as CSV, by device."""
        fetched = _engine(lab, name)[1].bytes_of(number)
        text = await run_in_threadpool(lambda: _as_csv(found(name, number, fetched, step)))
        return Response(text, media_type="text/csv; charset=utf-8")


def _sort_key(by: SortedBy, row: DeviceProgress) -> tuple[Any, str]:
    value = _STEPS.index(row.step) if by == "step" else getattr(row, by)
    return ("" if value is None else value, row.device)


def _as_csv(rows: Sequence[DeviceProgress]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")  # RFC 4180
    writer.writerow(_HEAD)
    for row in rows:
        cause = row.cause.code if row.cause is not None else row.text
        writer.writerow([cell(cause if name == "cause" else getattr(row, name)) for name in _HEAD])
    return file.getvalue()


def _progress(campaign: Campaign, progress: Progress, size: int | None) -> DeviceProgress:
    cause = None
    if progress.cause:
        fields = {
            "response_code": progress.response_code, "during": progress.during, "result": progress.result,
            "attempts": progress.attempts, "package": campaign.plan.package, "found": progress.found or None,
        }  # fmt: skip
        cause = Cause(code=progress.cause, fields={name: value for name, value in fields.items() if value is not None})
    return DeviceProgress(
        device=progress.device, step=progress.step, at=progress.at, result=progress.result, version=progress.version,
        way=progress.way, cause=cause, text=progress.text, attempts=progress.attempts, bytes=progress.bytes, size=size,
    )  # fmt: skip


def _engine(lab: LabRuntime, name: str) -> tuple[PlatformNode, AndlinkPlatform | RemoteAndlink]:
    node = lab.world.platforms.get(name)
    if node is None:
        raise not_found(ApiRefusal.PLATFORM_UNKNOWN, name)
    if not isinstance(node.engine, AndlinkPlatform | RemoteAndlink):
        raise ApiError(ApiRefusal.NO_FIRMWARE, status=409, platform=name)
    return node, node.engine


def _plan(body: NewCampaign) -> Plan:
    return Plan(
        package=storable(body.package, "package"), name=storable(body.name, "name"), mode=body.mode,
        updates=body.updates, per_minute=body.per_minute, at_once=body.at_once, patience=body.patience,
        within=body.within, severity=body.severity, defer=body.defer,
    )  # fmt: skip


def _chosen(lab: LabRuntime, name: str, body: NewCampaign) -> list[str]:
    names = tuple(device if device.startswith(f"{name}:") else f"{name}:{device}" for device in body.devices)
    choice = DeviceFilter(
        devices=names, endpoint=body.endpoint, manufacturer=body.manufacturer, model=body.model,
        firmware=body.firmware, device_type=body.device_type, registered=body.registered,
    )  # fmt: skip
    among = choice_of(name, None, body.containing, body.group, body.tags)
    found = choose(lab.store.devices_of(among), choice)
    if body.expected not in (None, len(found)):
        raise ApiError(ApiRefusal.BATCH_NUMBER, "expected", 409, expected=body.expected, found=len(found))
    if not found:
        raise ApiError(ApiRefusal.NO_DEVICE_FITS, "devices")
    return found


def _state(tables: CampaignRepository, campaign: Campaign) -> CampaignState:
    return CampaignState(
        id=campaign.id,
        name=campaign.plan.name or campaign.plan.package,
        package=campaign.plan.package,
        version=campaign.version,
        mode=campaign.plan.mode,
        state=campaign.state,
        devices=campaign.devices,
        counts=tables.counts(campaign.id),
        started_at=campaign.started_at,
        ended_at=campaign.ended_at,
    )
