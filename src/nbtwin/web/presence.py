"""/api/v1/platforms/{name}/online, …/devices/{device}/online: how many were registered when, and one of them.

By the inventory's history, of the devices that are in it (`store.reachability`).
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from nbtwin.operators.device_management.management import AWAKE
from nbtwin.operators.store.reachability import heard_at, oldest_line, online_curve, registered_spans
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.api_errors import ApiError, not_found, responses
from nbtwin.web.devices import find_device
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.routers import api_router


class OnlinePoint(BaseModel):
    at: float = Field(description="lab time")
    online: int = Field(description="how many were registered then")
    low: int = Field(description="the fewest since the point before")
    high: int = Field(description="the most since the point before")


class OnlineCurve(BaseModel):
    kept_since: float | None = Field(description="lab time of the oldest line of history; null: there is none")
    points: list[OnlinePoint] = Field(description="the oldest first")


class RegisteredSpan(BaseModel):
    since: float | None = Field(description="lab time; null: since before what is kept")
    until: float | None = Field(description="lab time; null: it still is")
    ended: str = Field(description="the code of what ended it; empty: nothing")


class DeviceOnline(BaseModel):
    now: float = Field(description="lab time")
    queue_mode: bool = Field(description="while it is registered it listens only after it was heard")
    awake: float = Field(description="for so many seconds")
    spans: list[RegisteredSpan] = Field(description="in which it was registered, the oldest first")
    heard: list[float] = Field(description="the newest lab times at which it was heard")


def router(lab: LabRuntime) -> APIRouter:
    routes = api_router("/platforms/{name}", tag="devices", responses=responses(404, 422))

    @routes.get("/online")
    def read_online_curve(
        name: str,
        since: Annotated[float | None, Query(description="lab time; left out: the oldest that is kept")] = None,
        until: Annotated[float | None, Query(description="lab time; left out: now")] = None,
        points: Annotated[int, Query(ge=1, le=2000, description="beside the first")] = 200,
    ) -> OnlineCurve:
        """How many devices were registered, over the lab's time: of those that are in the inventory now."""
        if name not in lab.world.platforms:
            raise not_found(ApiRefusal.PLATFORM_UNKNOWN, name)
        database, kept = lab.store.database, oldest_line(lab.store.database, name)
        end = lab.world.now if until is None else until
        begin = since if since is not None else end if kept is None else kept
        if begin > end:
            raise ApiError(ApiRefusal.VALUE_TOO_LARGE, "since", limit=end)
        curve = online_curve(database, name, begin, end, points)
        return OnlineCurve(kept_since=kept, points=[OnlinePoint(**point._asdict()) for point in curve])

    @routes.get("/devices/{device}/online")
    def read_device_online(name: str, device: str) -> DeviceOnline:
        """When this device was registered, and when it was heard."""
        found, database = find_device(lab, name, device), lab.store.database
        return DeviceOnline(
            now=lab.world.now,
            queue_mode="Q" in found.binding,
            awake=AWAKE,
            spans=[RegisteredSpan(**span._asdict()) for span in registered_spans(database, found.id)],
            heard=heard_at(database, found.id),
        )

    return routes
