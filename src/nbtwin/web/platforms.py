"""/api/v1/platforms: which platforms there are, and how they are. Their devices are `inventory`."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from nbtwin.lab.nodes import PlatformNode
from nbtwin.operators.device_management.management import management_of
from nbtwin.operators.device_management.verbs import VERBS
from nbtwin.operators.inventory.devices import EXPIRED, REGISTERED
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.api_errors import RequestModel, not_found, responses
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.routers import api_router


class PlatformState(BaseModel):
    name: str = Field(description="in the lab")
    operator: str = Field(description="whose platform it is")
    udp: str = Field(description="the address of its first port")
    addresses: list[str] = Field(description="one for each port it listens at")
    devices: int = Field(description="how many it knows")
    registered: int = Field(description="how many of them are registered")
    expired: int = Field(description="how many of them let their lifetime pass")
    strict: bool = Field(description="what it has a remark about is refused")
    operations: list[str] = Field(description="what may be asked of its devices")


class Strictness(RequestModel):
    strict: bool = Field(description="refuse what it would take with a remark")


def router(lab: LabRuntime) -> APIRouter:
    routes = api_router("/platforms", tag="platforms")

    def find(name: str) -> PlatformNode:
        if name not in lab.world.platforms:
            raise not_found(ApiRefusal.PLATFORM_UNKNOWN, name)
        return lab.world.platforms[name]

    @routes.get("")
    def list_platforms() -> list[PlatformState]:
        """The platforms of the lab."""
        return [_state(lab, node) for node in list(lab.world.platforms.values())]

    @routes.get("/{name}", responses=responses(404))
    def read_platform(name: str) -> PlatformState:
        """One platform: where it listens, and how many devices it knows."""
        return _state(lab, find(name))

    @routes.put("/{name}/strict", responses=responses(404, 422))
    async def set_strict(name: str, body: Strictness) -> PlatformState:
        """Whether it refuses what it would take with a remark (D138)."""
        find(name)
        lab.set_strict(name, body.strict)
        return await run_in_threadpool(_state, lab, lab.world.platforms[name])

    @routes.post("/{name}/forget", responses=responses(404))
    async def forget_registrations(name: str) -> PlatformState:
        """It starts anew without its registrations: devices find out with their next update. Its inventory stays."""
        find(name)
        await lab.forget_registrations(name)
        return await run_in_threadpool(_state, lab, lab.world.platforms[name])

    return routes


def _state(lab: LabRuntime, node: PlatformNode) -> PlatformState:
    addresses = [f"{host}:{port}" for host, port in node.addresses]
    return PlatformState(
        name=node.name,
        operator=node.operator,
        udp=addresses[0],
        addresses=addresses,
        devices=lab.store.count(node.name),
        registered=lab.store.count(node.name, state=REGISTERED),
        expired=lab.store.count(node.name, state=EXPIRED),
        strict=node.operator in lab.strict,
        operations=list(VERBS) if management_of(node.engine) is not None else [],
    )
