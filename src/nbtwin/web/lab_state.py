"""/api/v1/lab: the whole state as one archive, out and in, and the lab as it was in the beginning."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from nbtwin.at.command import AtError
from nbtwin.lab.facts import FaultsCleared
from nbtwin.module import nvram_image
from nbtwin.operators.store.store import Store, StoreError
from nbtwin.runtime import archive
from nbtwin.runtime.errors import SpecError
from nbtwin.runtime.lab import LabRuntime
from nbtwin.timeline.plain import plain
from nbtwin.web.api_errors import ApiError, RequestModel, responses
from nbtwin.web.refusals import ApiRefusal

LARGEST = 64 * 1024 * 1024


class Reset(RequestModel):
    faults: bool = Field(True, description="are taken off")
    devices: bool = Field(True, description="are forgotten, with their history; keys stay")
    modules: bool = Field(False, description="get back the settings of the factory, and restart")


class LabCounts(BaseModel):
    modules: int
    devices: int
    faults: int
    now: float


def router(lab: LabRuntime) -> APIRouter:
    routes = APIRouter(prefix="/lab", tags=["lab"])

    @routes.get("/export", response_class=Response, responses={200: {"content": {"application/gzip": {}}}})
    async def export() -> Response:
        """Modules with NVRAM and flash, the platforms' store with every key in it, faults, and the time."""
        named = {"Content-Disposition": 'attachment; filename="nbtwin-lab.tar.gz"'}
        return Response(await archive.export(lab), headers=named, media_type="application/gzip")

    @routes.put("/import", responses=responses(413, 422))
    async def bring_back(request: Request) -> LabCounts:
        """An exported archive in place of everything that is here. Its tokens are in force from now on."""
        content = bytearray()
        async for part in request.stream():
            content += part
            if len(content) > LARGEST:
                raise ApiError(ApiRefusal.TOO_LARGE, "body", 413, limit=LARGEST)
        try:
            await archive.bring_back(lab, bytes(content))
        except (SpecError, StoreError) as error:
            raise ApiError.of(error, "body") from None
        return await _counts(lab)

    @routes.post("/reset", responses=responses(422))
    async def reset(body: Reset) -> LabCounts:
        """Begin again. Time does not go back."""
        if body.faults:
            lab.world.faults.clear()
            lab.world.note("lab", FaultsCleared())
        if body.devices:
            async with lab.platforms_stopped():
                await run_in_threadpool(_forget_devices, lab.store)
        if body.modules:
            _reset_modules(lab)
        return await _counts(lab)

    return routes


def _reset_modules(lab: LabRuntime) -> None:
    for name, module in lab.modules.items():
        unit = lab.world.modules[name]
        try:
            nvram_image.factory_reset(module, lab.world.scheduler.touch())
        except AtError as error:
            raise ApiError(ApiRefusal.MODULE_REFUSED, status=409, module=name, reason=plain(error.why)) from None
        if module.powered:
            lab.world.perform(unit, module.power_off)
            lab.world.perform(unit, module.power_on)


def _forget_devices(store: Store) -> None:
    for device in store.devices():
        store.forget_device(device.id)


async def _counts(lab: LabRuntime) -> LabCounts:
    devices = await run_in_threadpool(lab.store.count)
    return LabCounts(
        modules=len(lab.modules),
        devices=devices,
        faults=len(lab.world.faults.listed()),
        now=lab.world.scheduler.touch(),
    )
