"""A module's NVRAM over the API: what is saved and what is in use, snapshots, differences, restore, factory reset.

Snapshots live as long as the lab runs; an image that shall live longer is downloaded.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from itertools import count
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from nbtwin.at.command import AtError
from nbtwin.engine import DecodeError, Seconds
from nbtwin.module import nvram_image
from nbtwin.module.module import Module
from nbtwin.module.nvram import decode
from nbtwin.module.nvram_image import Change, differences, settings_of
from nbtwin.module.settings import Saved
from nbtwin.runtime.lab import LabRuntime
from nbtwin.timeline.plain import plain
from nbtwin.web.api_errors import ApiError, RequestModel, not_found, responses
from nbtwin.web.modules.state import ModuleState, find, state_of
from nbtwin.web.refusals import ApiRefusal

LARGEST_IMAGE = 1_000_000
_KEPT = 50  # snapshots of a module
_SIDES = ("saved", "in_use", "factory")


class NvramDifference(BaseModel):
    name: str = Field(description="dotted: cmdmp.server")
    before: Any = Field(description="null: not set")
    after: Any


class NvramState(BaseModel):
    saved: dict[str, Any] = Field(description="secrets are masked")
    in_use: dict[str, Any]
    waiting: list[NvramDifference] = Field(description="saved, and in use after the next boot")


class Snapshot(BaseModel):
    id: int
    at: float
    bytes: int
    label: str


class NewSnapshot(RequestModel):
    label: Annotated[str, Field(max_length=100)] = ""


class Restore(RequestModel):
    snapshot: Annotated[int, Field(ge=1, le=2**31)]


@dataclass(frozen=True)
class _Kept:
    at: Seconds
    label: str
    image: bytes


class Snapshots:
    """The images that were put aside, by module."""

    def __init__(self) -> None:
        self._numbers = count(1)
        self._kept: dict[str, OrderedDict[int, _Kept]] = {}

    def of(self, module: str) -> list[Snapshot]:
        return [_shown(number, kept) for number, kept in self._kept.get(module, {}).items()]

    def take(self, module: str, at: Seconds, label: str, image: bytes) -> Snapshot:
        kept, number = self._kept.setdefault(module, OrderedDict()), next(self._numbers)
        kept[number] = _Kept(at, label, image)
        while len(kept) > _KEPT:
            kept.popitem(last=False)
        return _shown(number, kept[number])

    def image(self, module: str, number: int) -> bytes:
        try:
            return self._kept[module][number].image
        except KeyError:
            raise not_found(ApiRefusal.SNAPSHOT_UNKNOWN, str(number)) from None

    def forget(self, module: str, number: int) -> None:
        self.image(module, number)
        del self._kept[module][number]


def router(lab: LabRuntime) -> APIRouter:
    routes = APIRouter(prefix="/modules/{name}/nvram", tags=["nvram"], responses=responses(404, 422))
    snapshots = Snapshots()

    @routes.get("")
    async def nvram(name: str) -> NvramState:
        module = find(lab, name)
        return NvramState(
            saved=plain(settings_of(module.saved)),
            in_use=plain(settings_of(module.in_use)),
            waiting=_differences(nvram_image.waiting(module)),
        )

    @routes.get("/image", response_class=Response)
    async def download(name: str) -> Response:
        """The image as bytes; what PUT takes, here or on another module. Secrets are in it."""
        image = nvram_image.snapshot(find(lab, name))
        named = {"Content-Disposition": f'attachment; filename="{name}.nvram.json"'}
        return Response(image, media_type="application/octet-stream", headers=named)

    @routes.put("/image", responses=responses(409, 413))
    async def upload(name: str, request: Request) -> ModuleState:
        """In force after the next boot."""
        module = find(lab, name)
        image = await request.body()
        if len(image) > LARGEST_IMAGE:
            raise ApiError(ApiRefusal.TOO_LARGE, "body", 413, limit=LARGEST_IMAGE)
        return _restore(lab, name, module, image)

    @routes.get("/diff")
    async def diff(
        name: str,
        before: Annotated[str, Query(pattern=r"^(saved|in_use|factory|\d{1,9})$")] = "in_use",
        after: Annotated[str, Query(pattern=r"^(saved|in_use|factory|\d{1,9})$")] = "saved",
    ) -> list[NvramDifference]:
        """What differs between two sides, each `saved`, `in_use`, `factory` or a snapshot's id."""
        module = find(lab, name)
        return _differences(differences(*(_side(module, name, side, snapshots) for side in (before, after))))

    @routes.post("/restore", responses=responses(409))
    async def restore(name: str, body: Restore) -> ModuleState:
        """A snapshot of this module; in force after the next boot."""
        return _restore(lab, name, find(lab, name), snapshots.image(name, body.snapshot))

    @routes.post("/factory-reset", responses=responses(409))
    async def factory_reset(name: str) -> ModuleState:
        """Forget every setting; in force after the next boot."""
        module = find(lab, name)
        _changing(lab, name, lambda now: nvram_image.factory_reset(module, now))
        return state_of(lab, name)

    _add_snapshots(routes, lab, snapshots)
    return routes


def _add_snapshots(routes: APIRouter, lab: LabRuntime, snapshots: Snapshots) -> None:
    @routes.get("/snapshots")
    async def list_snapshots(name: str) -> list[Snapshot]:
        find(lab, name)
        return snapshots.of(name)

    @routes.post("/snapshots", status_code=201)
    async def take_snapshot(name: str, body: NewSnapshot) -> Snapshot:
        module = find(lab, name)
        return snapshots.take(name, lab.world.scheduler.touch(), body.label, nvram_image.snapshot(module))

    @routes.delete("/snapshots/{number}", status_code=204)
    async def forget_snapshot(name: str, number: int) -> Response:
        find(lab, name)
        snapshots.forget(name, number)
        return Response(status_code=204)


def _side(module: Module, name: str, side: str, snapshots: Snapshots) -> Saved:
    if side == "saved":
        return module.saved
    if side == "in_use":
        return module.in_use
    return nvram_image.erased(module.saved) if side == "factory" else decode(snapshots.image(name, int(side)))


def _restore(lab: LabRuntime, name: str, module: Module, image: bytes) -> ModuleState:
    _changing(lab, name, lambda now: nvram_image.restore(module, now, image))
    return state_of(lab, name)


def _changing(lab: LabRuntime, name: str, verb: Any) -> None:
    try:
        lab.world.perform(lab.world.modules[name], verb)
    except DecodeError as error:
        raise ApiError.of(error, "body") from None
    except AtError as error:
        raise ApiError(ApiRefusal.MODULE_REFUSED, status=409, module=name, reason=plain(error.why)) from None


def _differences(changes: list[Change]) -> list[NvramDifference]:
    return [NvramDifference(name=c.name, before=plain(c.before), after=plain(c.after)) for c in changes]


def _shown(number: int, kept: _Kept) -> Snapshot:
    return Snapshot(id=number, at=kept.at, bytes=len(kept.image), label=kept.label)
