"""/api/security/clients as Eclipse Leshan's demonstration server has it: the pre-shared keys of Andlink devices.

Keys are masked unless an admin asks (`?reveal=true`); that server shows them to everybody.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field

from nbtwin.operators.key_store.psk import DeviceKeys
from nbtwin.operators.key_store.refusals import PskError
from nbtwin.operators.store.andlink import PskRepository
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.access.roles import Role, require
from nbtwin.web.api_errors import ApiError, not_found, responses
from nbtwin.web.keys import Reveal
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.routers import root_router
from nbtwin.web.texts import storable


class LeshanPsk(BaseModel):
    identity: Annotated[str, Field(min_length=1, max_length=128, description="the PSK identity")]
    key: Annotated[str, Field(min_length=2, max_length=128, pattern=r"^([0-9A-Fa-f]{2})+$", description="hexadecimal")]


class Tls(BaseModel):
    """The form of the later versions."""

    mode: Literal["psk"] = Field(description="psk")
    details: LeshanPsk = Field(description="identity and key")


class OtherTls(BaseModel):
    """What that server has beside it, and this one refuses (D167)."""

    mode: Literal["rpk", "x509"] = Field(description="what this server refuses")


class Security(BaseModel):
    endpoint: Annotated[str, Field(min_length=1, max_length=128, description="the device's endpoint name")]
    psk: Annotated[LeshanPsk | None, Field(description="the form of the earlier versions")] = None
    tls: Annotated[Tls | OtherTls | None, Field(discriminator="mode", description="the form of the later versions")] = (
        None
    )
    rpk: Annotated[Any, Field(description="refused")] = None
    x509: Annotated[Any, Field(description="refused")] = None
    oscore: Annotated[Any, Field(description="refused")] = None

    def wanted(self) -> LeshanPsk | str:
        """Its key; or the mode that is asked for instead, "" where there is none."""
        if self.psk is not None:
            return self.psk
        if isinstance(self.tls, Tls):
            return self.tls.details
        named = (name for name in ("rpk", "x509", "oscore") if getattr(self, name))
        return self.tls.mode if self.tls is not None else next(named, "")


def router(lab: LabRuntime) -> APIRouter:
    routes = root_router("/api/security", tag="leshan", responses=responses(400, 422))

    @routes.get("/clients")
    def list_leshan_security(request: Request, reveal: Reveal = False) -> list[dict[str, Any]]:
        """The pre-shared keys of the LwM2M server."""
        if reveal:
            require(request, Role.ADMIN, ApiRefusal.REVEAL)
        ring = lab.store.part(PskRepository).keys
        return [_shown(keys) for keys in (ring.export() if reveal else ring.list()) if keys.key]

    @routes.put("/clients", response_class=Response)
    def set_leshan_security(body: Security) -> Response:
        """The key with which this device comes to the LwM2M server; its bootstrap key stays."""
        psk = body.wanted()
        if isinstance(psk, str):
            raise ApiError(ApiRefusal.PSK_ONLY, psk or "psk", 400, mode=psk)
        ring = lab.store.part(PskRepository).keys
        old = ring.get(body.endpoint)
        keys = DeviceKeys(
            device=storable(body.endpoint, "endpoint"), key=psk.key, identity=storable(psk.identity, "psk.identity"),
            bootstrap_key=old.bootstrap_key if old is not None else "",
            bootstrap_identity=old.bootstrap_identity if old is not None else "",
        )  # fmt: skip
        try:
            ring.add(keys)
        except PskError as error:
            raise ApiError.of(error, "psk", 400) from None
        return Response()

    @routes.delete("/clients/{endpoint}", response_class=Response, responses=responses(404))
    def remove_leshan_security(endpoint: str) -> Response:
        """Forget this device's keys."""
        if not lab.store.part(PskRepository).keys.remove(endpoint):
            raise not_found(ApiRefusal.KEY_UNKNOWN, endpoint)
        return Response()

    return routes


def _shown(keys: DeviceKeys) -> dict[str, Any]:
    psk = {"identity": keys.name, "key": keys.key}
    return {"endpoint": keys.device, "psk": psk, "tls": {"mode": "psk", "details": psk}}
