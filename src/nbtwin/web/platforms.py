"""/api/v1/platforms and /api/v1/appkeys: which platforms there are, whom they know, and who may register."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from nbtwin.lab.units import PlatformUnit
from nbtwin.operators.andlink_verbs import Verbs
from nbtwin.operators.inventory import REGISTERED
from nbtwin.operators.keys import mask
from nbtwin.web.access import Role, require
from nbtwin.web.devices import OPERATIONS, plain_device
from nbtwin.web.lab_view import LabView
from nbtwin.web.problems import Wrong, not_found, responses


class PlatformState(BaseModel):
    name: str
    operator: str
    udp: str
    addresses: list[str] = Field(description="one for each of its doors")
    devices: int
    registered: int
    operations: list[str] = Field(description="what may be asked of its devices")


class AppKey(BaseModel):
    appkey: str
    password: str = Field(description="masked, unless an admin asks")


class NewAppKey(BaseModel):
    appkey: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(max_length=64)]


def router(lab: LabView) -> APIRouter:
    routes = APIRouter(prefix="/platforms", tags=["platforms"])

    def find(name: str) -> PlatformUnit:
        if name not in lab.world.platforms:
            raise not_found("platform", name)
        return lab.world.platforms[name]

    @routes.get("")
    async def list_platforms() -> list[PlatformState]:
        return [_state(lab, unit) for unit in lab.world.platforms.values()]

    @routes.get("/{name}", responses=responses(404))
    async def one_platform(name: str) -> PlatformState:
        return _state(lab, find(name))

    @routes.get("/{name}/devices", responses=responses(404, 422))
    async def list_devices(
        name: str,
        response: Response,
        state: Annotated[str | None, Query(max_length=32)] = None,
        containing: Annotated[str, Query(max_length=64, description="in anything that is known of it")] = "",
        sort: Literal["id", "imei", "state", "last_seen_at"] = "id",
        order: Literal["asc", "desc"] = "asc",
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    ) -> list[dict[str, Any]]:
        find(name)
        state, containing = _storable(state, "state"), _storable(containing, "containing") or ""
        total = lab.store.count(name, state=state, containing=containing)
        response.headers["X-Total-Count"] = str(total)
        devices = lab.store.devices(
            name, state=state, containing=containing, order=sort, descending=order == "desc", limit=limit,
            offset=offset,
        )  # fmt: skip
        return [plain_device(device) for device in devices]

    return routes


def _state(lab: LabView, unit: PlatformUnit) -> PlatformState:
    addresses = [f"{host}:{port}" for host, port in unit.addresses]
    return PlatformState(
        name=unit.name,
        operator=unit.operator,
        udp=addresses[0],
        addresses=addresses,
        devices=lab.store.count(unit.name),
        registered=lab.store.count(unit.name, state=REGISTERED),
        operations=list(OPERATIONS) if isinstance(unit.engine, Verbs) else [],
    )


def appkey_router(lab: LabView) -> APIRouter:
    routes = APIRouter(prefix="/appkeys", tags=["keys"])

    @routes.get("")
    async def list_appkeys(request: Request, reveal: bool = False) -> list[AppKey]:
        lab.store.refresh_keys()
        if reveal:
            require(request, Role.ADMIN, "seeing passwords")
            return [AppKey(appkey=name, password=word) for name, word in sorted(lab.store.keys.passwords.items())]
        return [AppKey(appkey=key.appkey, password=key.password) for key in lab.store.keys.list()]

    @routes.post("", status_code=201, responses=responses(422))
    async def add_appkey(body: NewAppKey) -> AppKey:
        """Add an appkey, or give it another password."""
        _storable(body.password, "password")
        try:
            lab.store.keys.add(body.appkey, body.password)
        except ValueError as error:
            raise Wrong(str(error), "appkey") from None
        return AppKey(appkey=body.appkey, password=mask(body.password))

    @routes.delete("/{appkey}", status_code=204, responses=responses(404))
    async def remove_appkey(appkey: str) -> Response:
        if not appkey.isprintable() or not lab.store.keys.remove(appkey):
            raise not_found("appkey", appkey)
        return Response(status_code=204)

    return routes


def _storable(text: str | None, field: str) -> str | None:
    """What a database takes as text: no NUL, no half of a character."""
    if text is not None and ("\x00" in text or (not text.isascii() and _has_surrogates(text))):
        raise Wrong("this is no text that can be stored", field)
    return text


def _has_surrogates(text: str) -> bool:
    return any("\ud800" <= letter <= "\udfff" for letter in text)
