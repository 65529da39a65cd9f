"""/api/v1/platforms and /api/v1/appkeys: who is registered where, with its history, and who may."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, HTTPException, Query, Response
from pydantic import BaseModel, Field

from nbtwin.operators.inventory import Device
from nbtwin.operators.keys import mask
from nbtwin.web.lab_view import LabView
from nbtwin.web.problems import not_found


class PlatformState(BaseModel):
    name: str
    operator: str
    udp: str
    devices: int


class HistoryLine(BaseModel):
    at: float
    kind: str
    detail: dict[str, Any]


class AppKey(BaseModel):
    appkey: str
    password: str = Field(description="masked")


class NewAppKey(BaseModel):
    appkey: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(max_length=64)]


def _plain(device: Device) -> dict[str, Any]:
    """Every field, the ones at their default too (the store leaves those out)."""
    fields: dict[str, Any] = msgspec.to_builtins(msgspec.structs.asdict(device), str_keys=True)
    return fields


def router(lab: LabView) -> APIRouter:
    routes = APIRouter(prefix="/platforms", tags=["platforms"])

    def find(name: str) -> None:
        if name not in lab.world.platforms:
            raise not_found("platform", name)

    def find_device(name: str, device: str) -> dict[str, Any]:
        find(name)
        found = lab.store.device(device)
        if found is None or found.platform != name:
            raise not_found("device", device)
        return _plain(found)

    @routes.get("")
    async def list_platforms() -> list[PlatformState]:
        return [
            PlatformState(
                name=unit.name,
                operator=unit.operator,
                udp=f"{unit.address[0]}:{unit.address[1]}",
                devices=lab.store.count(unit.name),
            )
            for unit in lab.world.platforms.values()
        ]

    @routes.get("/{name}/devices")
    async def list_devices(
        name: str,
        state: str | None = None,
        containing: Annotated[str, Query(max_length=64)] = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> list[dict[str, Any]]:
        find(name)
        devices = lab.store.devices(name, state=state, containing=containing, limit=limit, offset=offset)
        return [_plain(device) for device in devices]

    @routes.get("/{name}/devices/{device}")
    async def one_device(name: str, device: str) -> dict[str, Any]:
        return find_device(name, device)

    @routes.get("/{name}/devices/{device}/history")
    async def history(
        name: str, device: str, limit: Annotated[int, Query(ge=1, le=10_000)] = 1000
    ) -> list[HistoryLine]:
        find_device(name, device)
        lines = lab.store.history(device, limit=limit)
        return [HistoryLine(at=line.at, kind=line.kind, detail=line.detail) for line in lines]

    return routes


def appkey_router(lab: LabView) -> APIRouter:
    routes = APIRouter(prefix="/appkeys", tags=["appkeys"])

    @routes.get("")
    async def list_appkeys() -> list[AppKey]:
        lab.store.refresh_keys()
        return [AppKey(appkey=key.appkey, password=key.password) for key in lab.store.keys.list()]

    @routes.post("", status_code=201)
    async def add_appkey(body: NewAppKey) -> AppKey:
        """Add an appkey, or give it another password."""
        try:
            lab.store.keys.add(body.appkey, body.password)
        except ValueError as error:
            raise HTTPException(422, str(error)) from None
        return AppKey(appkey=body.appkey, password=mask(body.password))

    @routes.delete("/{appkey}", status_code=204)
    async def remove_appkey(appkey: str) -> Response:
        if not lab.store.keys.remove(appkey):
            raise not_found("appkey", appkey)
        return Response(status_code=204)

    return routes
