"""/api/v1/appkeys and /api/v1/platforms/{name}/keys: who may register, and with which secrets.

Secrets are masked, unless an admin asks to see them.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from nbtwin.operators.key_store.appkeys import mask
from nbtwin.operators.key_store.psk import DeviceKeys, PskStore
from nbtwin.operators.key_store.refusals import AppkeyError, KeyRefusal, PskError
from nbtwin.operators.store.andlink import PskRepository
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.access.roles import Role, require
from nbtwin.web.api_errors import ApiError, RequestModel, not_found, responses
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.routers import api_router
from nbtwin.web.texts import storable

Reveal = Annotated[bool, Query(description="in clear; for an admin")]
Key = Annotated[str, Field(max_length=128, pattern=r"^([0-9A-Fa-f]{2})*$", description="hexadecimal; empty: none")]
Identity = Annotated[str, Field(max_length=128, description="empty: the device's own name")]


OF_IDENTITIES = frozenset({KeyRefusal.NAME, KeyRefusal.IDENTITY_TAKEN, KeyRefusal.DEVICE_MISSING})
"""These are about an identity, the others about a key."""


class AppKey(BaseModel):
    appkey: str = Field(description="as modules name it in AT+DMPCONFIG or AT+QDMPCFG")
    password: str = Field(description="masked, unless an admin asks")


class NewAppKey(RequestModel):
    appkey: Annotated[
        str, Field(min_length=1, max_length=64, description="as modules name it in AT+DMPCONFIG or AT+QDMPCFG")
    ]
    password: Annotated[str, Field(max_length=64, description="what modules have to prove that they know")]


class NewDeviceKeys(RequestModel):
    """The keys of one device: for the bootstrap server, and for the LwM2M server."""

    bootstrap_key: Key = ""
    key: Key = ""
    bootstrap_identity: Identity = ""
    identity: Identity = ""


class DeviceKeysShown(BaseModel):
    device: str = Field(description="the device's endpoint name")
    bootstrap_key: str = Field(
        description="for the bootstrap server, hexadecimal; masked, unless an admin asks; empty: none"
    )
    key: str = Field(description="for the LwM2M server, hexadecimal; masked, unless an admin asks; empty: none")
    bootstrap_identity: str = Field(description="the PSK identity of the bootstrap key; empty: the device's own name")
    identity: str = Field(description="the PSK identity of the key; empty: the device's own name")


def appkey_router(lab: LabRuntime) -> APIRouter:
    routes = api_router("/appkeys", tag="keys")

    @routes.get("")
    def list_appkeys(request: Request, reveal: Reveal = False) -> list[AppKey]:
        """The appkeys, their passwords masked."""
        lab.store.refresh_keys()
        if reveal:
            require(request, Role.ADMIN, ApiRefusal.REVEAL)
            return [AppKey(appkey=name, password=word) for name, word in sorted(lab.store.keys.passwords.items())]
        return [AppKey(appkey=key.appkey, password=key.password) for key in lab.store.keys.list()]

    @routes.post("", status_code=201, responses=responses(422))
    def add_appkey(body: NewAppKey) -> AppKey:
        """Add an appkey, or give it another password."""
        try:
            lab.store.keys.add(body.appkey, storable(body.password, "password"))
        except AppkeyError as error:
            raise ApiError.of(error, "appkey") from None
        return AppKey(appkey=body.appkey, password=mask(body.password))

    @routes.delete("/{appkey}", status_code=204, responses=responses(404))
    def remove_appkey(appkey: str) -> Response:
        """Whoever uses it is refused from now on."""
        if not lab.store.keys.remove(appkey):
            raise not_found(ApiRefusal.APPKEY_UNKNOWN, appkey)
        return Response(status_code=204)

    return routes


def psk_router(lab: LabRuntime) -> APIRouter:
    routes = api_router("/platforms/{name}/keys", tag="keys", responses=responses(404, 422))

    def ring(name: str) -> PskStore:
        return _ring(lab, name)

    @routes.get("")
    def list_device_keys(
        name: Literal["andlink"],
        request: Request,
        response: Response,
        containing: Annotated[str, Query(max_length=64, description="in name or identity")] = "",
        reveal: Reveal = False,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    ) -> list[DeviceKeysShown]:
        """The pre-shared keys of devices, masked."""
        keys = _all(ring(name), request, reveal)
        found = [one for one in keys if containing in one.device or containing in one.identity]
        response.headers["X-Total-Count"] = str(len(found))
        return [_shown(one) for one in found[offset : offset + limit]]

    @routes.get("/{device}")
    def read_device_keys(
        name: Literal["andlink"], device: str, request: Request, reveal: Reveal = False
    ) -> DeviceKeysShown:
        """The pre-shared keys of one device, masked."""
        if reveal:
            require(request, Role.ADMIN, ApiRefusal.REVEAL)
        found = ring(name).get(device)
        if found is None:
            raise not_found(ApiRefusal.KEY_UNKNOWN, device)
        return _shown(found if reveal else found.masked())

    @routes.put("/{device}")
    def set_device_keys(name: Literal["andlink"], device: str, body: NewDeviceKeys) -> DeviceKeysShown:
        """Give the device these keys, in place of the ones it had."""
        keys = DeviceKeys(device=storable(device, "device"), **body.model_dump())
        try:
            ring(name).add(keys)
        except PskError as error:
            raise ApiError.of(error, "identity" if error.code in OF_IDENTITIES else "key") from None
        return _shown(keys.masked())

    @routes.delete("/{device}", status_code=204)
    def remove_device_keys(name: Literal["andlink"], device: str) -> Response:
        """Forget the keys of this device."""
        if not ring(name).remove(device):
            raise not_found(ApiRefusal.KEY_UNKNOWN, device)
        return Response(status_code=204)

    return routes


def _ring(lab: LabRuntime, name: str) -> PskStore:
    if name not in lab.world.platforms:
        raise not_found(ApiRefusal.PLATFORM_UNKNOWN, name)
    tables = lab.store.part(PskRepository)
    tables.refresh()
    return tables.keys


def _all(ring: PskStore, request: Request, reveal: bool) -> tuple[DeviceKeys, ...]:
    if reveal:
        require(request, Role.ADMIN, ApiRefusal.REVEAL)
        return ring.export()
    return ring.list()


def _shown(keys: DeviceKeys) -> DeviceKeysShown:
    return DeviceKeysShown(**msgspec.structs.asdict(keys))
