"""/api/v1/lab: the whole state as one archive, out and in, and the lab as it was in the beginning."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from nbtwin.edge.errors import EdgeError, EdgeRefusal
from nbtwin.lab.facts import FaultsCleared
from nbtwin.module import nvram, nvram_image
from nbtwin.operators.store.store import StoreError
from nbtwin.runtime import archive
from nbtwin.runtime.errors import SpecError
from nbtwin.runtime.lab import LabRuntime
from nbtwin.runtime.replacement import Replacement
from nbtwin.web.access.audit import carry_audit
from nbtwin.web.api_errors import ApiError, RequestModel, responses
from nbtwin.web.bounded import file_in
from nbtwin.web.routers import api_router

_SERIAL = "TCP addresses of serial lines: those of the archive, or any free ones (D173)."
_TAKEN = (
    EdgeRefusal.PORT_IN_USE, EdgeRefusal.PORT_FORBIDDEN, EdgeRefusal.PORT_FAILED, EdgeRefusal.ADDRESS_FOREIGN,
)  # fmt: skip
LARGEST = 64 * 1024 * 1024


class Reset(RequestModel):
    faults: bool = Field(True, description="are taken off")
    devices: bool = Field(True, description="are forgotten, with their history; keys stay")
    modules: bool = Field(False, description="get back the settings of the factory, and restart")


class LabCounts(BaseModel):
    modules: int = Field(description="how many there are")
    devices: int = Field(description="how many the platforms know")
    faults: int = Field(description="how many are in force")
    now: float = Field(description="lab time")


def router(lab: LabRuntime) -> APIRouter:
    routes = api_router("/lab", tag="lab")

    @routes.get("/export", response_class=Response, responses={200: {"content": {"application/gzip": {}}}})
    async def export_lab() -> Response:
        """Modules with NVRAM and flash, the platforms' store with every key in it, faults, and the time."""
        named = {"Content-Disposition": 'attachment; filename="nbtwin-lab.tar.gz"'}
        return Response(await archive.export(lab), headers=named, media_type="application/gzip")

    @routes.put("/import", responses=responses(409, 413, 422))
    async def import_lab(
        request: Request,
        serial: Annotated[archive.SerialAddresses, Query(description=_SERIAL)] = "keep",
    ) -> LabCounts:
        """An exported archive in place of everything that is here. Its tokens are in force from now on."""
        content = await file_in(request, LARGEST)
        try:
            await archive.bring_back(lab, content, also=lambda db: carry_audit(request), serial=serial)
        except (SpecError, StoreError) as error:
            raise ApiError.of(error, "body") from None
        except EdgeError as error:
            if error.code in _TAKEN:
                raise ApiError.of(error, "serial", 409) from None
            raise ApiError.of(error, status=503) from None
        return await _counts(lab)

    @routes.post("/reset", responses=responses(422))
    async def reset_lab(body: Reset) -> LabCounts:
        """Begin again. Time does not go back."""
        try:
            await _reset(lab, body)
        except EdgeError as error:
            raise ApiError.of(error, status=503) from None
        return await _counts(lab)

    return routes


async def _reset(lab: LabRuntime, body: Reset) -> None:
    """All that is asked for, or nothing."""
    async with lab.changing:
        modules = dict(lab.modules) if body.modules else {}
        erased = {name: nvram.encode(nvram_image.erased(module.saved)) for name, module in modules.items()}

        def change(waiting: Replacement) -> None:
            with lab.store.database.exclusive(), lab.store.database.transaction():
                if body.devices:
                    lab.store.forget_devices()
                lab.store.mark(waiting.number)

        def done() -> None:
            if body.faults:
                lab.world.faults.clear()
                lab.world.note("lab", FaultsCleared())
            for name, image in erased.items():
                modules[name].nvram.replaced(image)
                _restart(lab, name)

        if body.devices or body.modules:
            new = {lab.directory.nvram(name).path.name: image for name, image in erased.items()}
            await lab.replace(change, done, new=new)
        else:
            done()


def _restart(lab: LabRuntime, name: str) -> None:
    if name in lab.modules and lab.modules[name].powered:
        lab.world.perform(lab.world.modules[name], lab.modules[name].power_off)
        lab.world.perform(lab.world.modules[name], lab.modules[name].power_on)


async def _counts(lab: LabRuntime) -> LabCounts:
    devices = await run_in_threadpool(lab.store.count)
    return LabCounts(
        modules=len(lab.modules),
        devices=devices,
        faults=len(lab.world.faults.listed()),
        now=lab.world.scheduler.touch(),
    )
