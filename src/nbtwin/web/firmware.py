"""/api/v1/firmware: the packages that campaigns give to devices."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from nbtwin.lwm2m.firmware.delta import factory_image, pack_image
from nbtwin.lwm2m.firmware.file import LONGEST_TEXT, MOST_MODELS, FileKind
from nbtwin.lwm2m.firmware.package import PackageError, PackageRefusal
from nbtwin.module.profile import UnknownModel
from nbtwin.operators.store.andlink import LONGEST_NOTES, PackageRecord, PackageRepository
from nbtwin.operators.store.database import NameRefused
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.api_errors import ApiError, RequestModel, not_found, responses
from nbtwin.web.bounded import file_in
from nbtwin.web.modules.api import Version
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.routers import api_router
from nbtwin.web.texts import storable

_OCTETS = "application/octet-stream"
LARGEST = 32 * 1024 * 1024
_FIELDS = {
    PackageRefusal.NO_CHECKSUM: "checksum",
    PackageRefusal.FILE_CHECKSUM: "checksum",
    PackageRefusal.VERSION: "version",
    PackageRefusal.MODELS: "models",
    PackageRefusal.OTHER_DESCRIPTION: "version",
}
"""What is wrong where it is not the file."""

_Name = Annotated[
    str, Query(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$", description="by which campaigns take it")
]
_SaidVersion = Annotated[
    str, Query(max_length=LONGEST_TEXT, description="that a device says it runs afterwards (/3/0/3); empty: not known")
]
_Models = Annotated[
    list[Annotated[str, Field(max_length=LONGEST_TEXT)]],
    Query(max_length=MOST_MODELS, description="that it is for, as devices say theirs (/3/0/1); none: any"),
]
_Checksum = Annotated[str, Query(max_length=200, description="SHA-256 of the file, hexadecimal: refused if it differs")]
_Notes = Annotated[str, Query(max_length=LONGEST_NOTES, description="for whoever reads the list")]


class PackageShown(BaseModel):
    name: str = Field(description="by which campaigns take it")
    kind: FileKind = Field(
        description="container: nbtwin's own, which says its model and version itself; raw: any file"
    )
    model: str = Field(description="with commas between several; empty: any")
    models: list[str] = Field(description="that it is for; none: any")
    version: str = Field(description="that devices run afterwards; empty: nobody said")
    base: str = Field(description="the version that a delta applies to; empty: a full image")
    size: int = Field(description="of the file, in bytes")
    checksum: str = Field(description="SHA-256 of the file; empty: kept by a version that did not compute it")
    notes: str = Field(description="what somebody wrote about it")
    added_at: float = Field(description="lab time")


class NewPackage(RequestModel):
    name: Annotated[
        str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._-]+$", description="by which campaigns take it")
    ]
    model: Annotated[str, Field(min_length=1, max_length=32, examples=["BC28"], description="one of /models")]
    version: Version = Field(description="that devices run afterwards")


def router(lab: LabRuntime) -> APIRouter:
    routes = api_router("/firmware", tag="firmware", responses=responses(404, 422))
    packages = lab.store.part(PackageRepository)

    @routes.get("")
    def list_packages() -> list[PackageShown]:
        """The packages that there are."""
        return [_shown(record) for record in packages.list()]

    @routes.post("", status_code=201, responses=responses(413))
    async def add_package(
        request: Request, name: _Name, version: _SaidVersion = "", models: _Models = [],  # noqa: B006
        checksum: _Checksum = "", notes: _Notes = "",
    ) -> PackageShown:  # fmt: skip
        """A file of any format is the body of the request; one that `nbtwin firmware pack` made is recognized."""
        said: dict[str, Any] = {
            "version": storable(version, "version"),
            "models": [storable(model, "models") for model in models],
            "checksum": checksum,
            "notes": storable(notes, "notes"),
        }
        content = await file_in(request, LARGEST)
        now = lab.world.scheduler.touch()
        try:
            return _shown(await run_in_threadpool(partial(packages.add, name, content, now, **said)))
        except PackageError as error:
            raise ApiError.of(error, _FIELDS.get(error.refusal, "body")) from None
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

    _add_one(routes, packages)
    return routes


def _add_one(routes: APIRouter, packages: PackageRepository) -> None:
    @routes.get("/{name}")
    def read_package(name: str) -> PackageShown:
        """What is known of one package."""
        return _shown(_find(packages, name))

    @routes.get("/{name}/content", response_class=Response, responses={200: {"content": {_OCTETS: {}}}})
    def download_package(name: str) -> Response:
        """The file itself."""
        content = packages.content(_find(packages, name).name)
        named = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(content, media_type=_OCTETS, headers=named)

    @routes.delete("/{name}", status_code=204)
    def remove_package(name: str) -> Response:
        """Throw a package away."""
        packages.remove(_find(packages, name).name)
        return Response(status_code=204)


def _find(packages: PackageRepository, name: str) -> PackageRecord:
    record = packages.find(name) if name.isascii() and name.isprintable() else None
    if record is None:
        raise not_found(ApiRefusal.PACKAGE_UNKNOWN, name)
    return record


def _shown(record: PackageRecord) -> PackageShown:
    return PackageShown(**msgspec.structs.asdict(record), models=list(record.models))
