"""/api/v1/firmware: the packages that campaigns give to devices."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from nbtwin.engine import DecodeError
from nbtwin.lwm2m.firmware.delta import factory_image, pack_image
from nbtwin.module.profile import UnknownModel
from nbtwin.operators.store.andlink import PackageRecord, PackageRepository
from nbtwin.operators.store.database import NameRefused
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.api_errors import ApiError, RequestModel, not_found, responses
from nbtwin.web.modules.api import Version
from nbtwin.web.refusals import ApiRefusal

LARGEST = 32 * 1024 * 1024


class PackageShown(BaseModel):
    name: str
    model: str
    version: str
    base: str = Field(description="the version that a delta applies to; empty: a full image")
    size: int
    added_at: float


class NewPackage(RequestModel):
    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")]
    model: Annotated[str, Field(min_length=1, max_length=32, examples=["BC28"])]
    version: Version


def router(lab: LabRuntime) -> APIRouter:
    routes = APIRouter(prefix="/firmware", tags=["firmware"], responses=responses(404, 422))
    packages = lab.store.part(PackageRepository)

    @routes.get("")
    def list_packages() -> list[PackageShown]:
        return [_shown(record) for record in packages.list()]

    @routes.post("", status_code=201, responses=responses(413))
    async def add_package(
        request: Request, name: Annotated[str, Query(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$")]
    ) -> PackageShown:
        """The file (`nbtwin firmware pack`) is the request's body."""
        content = await _body(request)
        try:
            return _shown(await run_in_threadpool(packages.add, name, content, lab.world.scheduler.touch()))
        except DecodeError as error:
            raise ApiError.of(error, "body") from None
        except NameRefused as error:
            raise ApiError.of(error, "name") from None

    @routes.post("/made", status_code=201)
    async def make_package(body: NewPackage) -> PackageShown:
        """A package with a made-up image, as `nbtwin firmware pack` makes one."""
        try:
            profile = PROFILES.find(body.model)
        except UnknownModel as error:
            raise ApiError.of(error, "model") from None
        content = pack_image(profile.model, body.version, factory_image(profile.model, body.version))
        try:
            return _shown(await run_in_threadpool(packages.add, body.name, content, lab.world.scheduler.touch()))
        except NameRefused as error:
            raise ApiError.of(error, "name") from None

    @routes.get("/{name}")
    def one_package(name: str) -> PackageShown:
        return _shown(_find(packages, name))

    @routes.get("/{name}/content", response_class=Response)
    def download(name: str) -> Response:
        content = packages.content(_find(packages, name).name)
        named = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type="application/octet-stream", headers=named)

    @routes.delete("/{name}", status_code=204)
    def remove_package(name: str) -> Response:
        packages.remove(_find(packages, name).name)
        return Response(status_code=204)

    return routes


async def _body(request: Request) -> bytes:
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > LARGEST:
            raise ApiError(ApiRefusal.TOO_LARGE, "body", 413, limit=LARGEST)
    return bytes(content)


def _find(packages: PackageRepository, name: str) -> PackageRecord:
    record = packages.find(name) if name.isascii() and name.isprintable() else None
    if record is None:
        raise not_found(ApiRefusal.PACKAGE_UNKNOWN, name)
    return record


def _shown(record: PackageRecord) -> PackageShown:
    return PackageShown(**msgspec.structs.asdict(record))
