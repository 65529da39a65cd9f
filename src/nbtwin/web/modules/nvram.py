"""A module's NVRAM over the API: what is saved and what is in use, snapshots, differences, restore, factory reset.

A snapshot that is answered for is on the disk (`runtime.snapshots`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from nbtwin.at.command import AtError
from nbtwin.commands.settings_table import rows
from nbtwin.engine import DecodeError
from nbtwin.module import nvram_image
from nbtwin.module.module import Module, memory_failure
from nbtwin.module.nvram import decode
from nbtwin.module.nvram_image import Change, differences, setting_code, settings_of
from nbtwin.module.settings import Saved
from nbtwin.runtime.lab import LabRuntime
from nbtwin.runtime.snapshots import Snapshot, Snapshots
from nbtwin.timeline.plain import plain
from nbtwin.web.api_errors import ApiError, RequestModel, not_found, responses
from nbtwin.web.modules.state import ModuleState, find, state_of
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.routers import api_router

_OCTETS = "application/octet-stream"
LARGEST_IMAGE = 1_000_000
_SIDE = r"^(saved|in_use|factory|\d{1,9})$"
_SIDES = ("saved", "in_use", "factory")


class NvramDifference(BaseModel):
    name: str = Field(description="dotted: cmdmp.server")
    before: Any = Field(description="null: not set")
    after: Any = Field(description="null: not set")


class NvramSetting(BaseModel):
    """As `nbtwin nvram show` and `Module.nvram.state` have it."""

    name: str = Field(description="dotted: cmdmp.server, or the structure that holds several values")
    code: str = Field(description="what it is; the catalogue's messages go by it")
    command: str = Field(description="that changes it, such as +QDMPCFG; empty: none does")
    source: str = Field(description="the chapter that gives the command")
    says: str = Field(description="the code of what the command is for; empty: there is no command")
    parameters: list[str] = Field(
        description="as the document prints them; several: the value is a list in their order"
    )
    write: str = Field(description="the line that changes it, with <parameter> for each value; empty: none does")
    many: bool = Field(description="the value is a list, and the command adds to it")
    about: str = Field(description="which of several that are called the same; empty: there is one")
    default: Any = Field(description="what is used where nothing was saved; null: nothing is")
    saved: Any = Field(description="null: never saved; secrets are masked")
    in_use: Any = Field(description="null: the default is; secrets are masked")
    waiting: bool = Field(description="the next boot changes it")


class NvramState(BaseModel):
    settings: list[NvramSetting] = Field(description="those of the model, in the order of its documents")
    saved: dict[str, Any] = Field(description="secrets are masked")
    in_use: dict[str, Any] = Field(description="by the last boot, or since it was written; secrets are masked")
    waiting: list[NvramDifference] = Field(description="saved, and in use after the next boot")


class SnapshotShown(BaseModel):
    id: int = Field(description="its number")
    at: float = Field(description="lab time")
    bytes: int = Field(description="its size")
    label: str = Field(description="what it was taken for")


class NewSnapshot(RequestModel):
    label: Annotated[str, Field(max_length=100, description="what it is taken for")] = ""


class Restore(RequestModel):
    snapshot: Annotated[int, Field(ge=1, le=2**31, description="its id")]


def router(lab: LabRuntime) -> APIRouter:
    routes = api_router("/modules/{name}/nvram", tag="nvram", responses=responses(404, 422))
    snapshots = Snapshots(lab.directory)

    @routes.get("")
    async def read_nvram(name: str) -> NvramState:
        """What is saved, what is in use, and what the next boot brings into use."""
        module = find(lab, name)
        in_force = nvram_image.in_force(module)
        return NvramState(
            settings=_settings(module, in_force),
            saved=plain(settings_of(module.saved)),
            in_use=plain(settings_of(in_force)),
            waiting=_differences(nvram_image.waiting(module)),
        )

    @routes.get("/image", response_class=Response, responses={200: {"content": {_OCTETS: {}}}})
    async def download_nvram_image(name: str) -> Response:
        """The image as bytes; what PUT takes, here or on another module. Secrets are in it."""
        image = nvram_image.snapshot(find(lab, name))
        named = {"Content-Disposition": f'attachment; filename="{name}.nvram.json"'}
        return Response(image, media_type=_OCTETS, headers=named)

    @routes.put("/image", responses=responses(409, 413))
    async def upload_nvram_image(name: str, request: Request) -> ModuleState:
        """In force after the next boot."""
        module = find(lab, name)
        image = await request.body()
        if len(image) > LARGEST_IMAGE:
            raise ApiError(ApiRefusal.TOO_LARGE, "body", 413, limit=LARGEST_IMAGE)
        return await _restore(lab, name, module, image)

    @routes.get("/diff")
    async def compare_nvram(
        name: str,
        before: Annotated[str, Query(pattern=_SIDE, description="one side")] = "in_use",
        after: Annotated[str, Query(pattern=_SIDE, description="the other side")] = "saved",
    ) -> list[NvramDifference]:
        """What differs between two sides, each `saved`, `in_use`, `factory` or a snapshot's id."""
        module = find(lab, name)
        return _differences(differences(*(_side(module, name, side, snapshots) for side in (before, after))))

    @routes.post("/restore", responses=responses(409))
    async def restore_nvram(name: str, body: Restore) -> ModuleState:
        """A snapshot of this module; in force after the next boot."""
        module, image = find(lab, name), await run_in_threadpool(_image, snapshots, name, body.snapshot)
        return await _restore(lab, name, module, image)

    @routes.post("/factory-reset", responses=responses(409))
    async def reset_nvram(name: str) -> ModuleState:
        """Forget every setting; in force after the next boot."""
        module = find(lab, name)
        await _changing(lab, name, lambda now: nvram_image.factory_reset(module, now))
        return state_of(lab, name)

    _add_snapshots(routes, lab, snapshots)
    return routes


def _add_snapshots(routes: APIRouter, lab: LabRuntime, snapshots: Snapshots) -> None:
    @routes.get("/snapshots")
    async def list_snapshots(name: str) -> list[SnapshotShown]:
        """The snapshots of this module."""
        find(lab, name)
        return [_shown(snapshot) for snapshot in await run_in_threadpool(snapshots.of, name)]

    @routes.post("/snapshots", status_code=201, responses=responses(503))
    async def take_snapshot(name: str, body: NewSnapshot) -> SnapshotShown:
        """On the disk with its answer; beyond fifty the oldest goes."""
        async with lab.changing:
            image, now = nvram_image.snapshot(find(lab, name)), lab.world.scheduler.touch()
            with _disk(lab):
                return _shown(await run_in_threadpool(snapshots.take, name, now, body.label, image))

    @routes.delete("/snapshots/{number}", status_code=204, responses=responses(503))
    async def remove_snapshot(name: str, number: int) -> Response:
        """Throw a snapshot away."""
        async with lab.changing:
            find(lab, name)
            with _disk(lab):
                known = await run_in_threadpool(snapshots.forget, name, number)
        if not known:
            raise not_found(ApiRefusal.SNAPSHOT_UNKNOWN, str(number))
        return Response(status_code=204)


def _settings(module: Module, in_force: Saved) -> list[NvramSetting]:
    identity = module.identity
    found = rows(module.profile, identity.imei, identity.firmware, module.saved, in_force)
    return [
        NvramSetting(
            name=row.setting.name,
            code=setting_code(row.setting.name),
            command=row.setting.command,
            source=row.source,
            says=row.says,
            parameters=list(row.setting.parameters),
            write=row.setting.write,
            many=row.setting.many,
            about=row.setting.about,
            default=plain(row.setting.default),
            saved=plain(row.saved),
            in_use=plain(row.in_use),
            waiting=row.waiting,
        )
        for row in found
    ]


@contextmanager
def _disk(lab: LabRuntime) -> Iterator[None]:
    """What it does not take has not taken place."""
    try:
        yield
    except OSError as error:
        raise ApiError.of(lab.state_trouble(error), status=503) from None


def _image(snapshots: Snapshots, module: str, number: int) -> bytes:
    snapshot = snapshots.find(module, number)
    if snapshot is None:
        raise not_found(ApiRefusal.SNAPSHOT_UNKNOWN, str(number))
    return snapshot.image


def _side(module: Module, name: str, side: str, snapshots: Snapshots) -> Saved:
    if side == "saved":
        return module.saved
    if side == "in_use":
        return nvram_image.in_force(module)
    if side == "factory":
        return nvram_image.erased(module.saved)
    try:
        return decode(_image(snapshots, name, int(side)))
    except DecodeError as error:  # of another version
        raise ApiError.of(error, status=409) from None


async def _restore(lab: LabRuntime, name: str, module: Module, image: bytes) -> ModuleState:
    await _changing(lab, name, lambda now: nvram_image.restore(module, now, image))
    return state_of(lab, name)


async def _changing(lab: LabRuntime, name: str, verb: Any) -> None:
    """It is on the disk when this returns."""
    nvram = find(lab, name).nvram
    try:
        lab.world.perform(lab.world.modules[name], verb)
        if nvram.writing:
            await lab.files_written()
            if nvram.behind is not None and nvram.behind.failed:
                raise memory_failure()
    except DecodeError as error:
        raise ApiError.of(error, "body") from None
    except AtError as error:
        raise ApiError(ApiRefusal.MODULE_REFUSED, status=409, module=name, reason=plain(error.why)) from None


def _differences(changes: list[Change]) -> list[NvramDifference]:
    return [NvramDifference(name=c.name, before=plain(c.before), after=plain(c.after)) for c in changes]


def _shown(kept: Snapshot) -> SnapshotShown:
    return SnapshotShown(id=kept.id, at=kept.at, bytes=len(kept.image), label=kept.label)
