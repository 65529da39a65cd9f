"""/api/v1/objects: definitions of objects: those of the OMA registry that are built in, and those that users bring."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from nbtwin.lwm2m.model import ObjectDefinition
from nbtwin.lwm2m.objects.ddf import LARGEST, definitions_in
from nbtwin.lwm2m.objects.record import record_of
from nbtwin.lwm2m.objects.refusals import DefinitionError, DefinitionRefusal, DefinitionRefused
from nbtwin.lwm2m.objects.registry import BUILT_IN, order_of
from nbtwin.operators.store.definitions import DefinitionRepository
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.api_errors import ApiError, not_found, responses
from nbtwin.web.bounded import file_in
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.routers import api_router

Source = Literal["built-in", "added"]


class ResourceDefined(BaseModel):
    id: int = Field(description="of the resource in its object")
    name: str = Field(description="of the resource")
    type: str = Field(description="of LwM2M 1.1; none: what is executed has no value")
    operations: str = Field(description="R, W, E, RW; empty: only the bootstrap interface reaches it")
    multiple: bool = Field(description="it has instances of its own")
    mandatory: bool = Field(description="every instance of the object has it")
    unit: str = Field(description="empty: none, or the device says it")
    range: str = Field(description="of a number its values, of text and bytes how many bytes")


class ObjectListed(BaseModel):
    id: int = Field(description="in the OMA registry")
    version: str = Field(description="of the definition")
    name: str = Field(description="of the object")
    multiple: bool = Field(description="it may have several instances")
    mandatory: bool = Field(description="every device has it")
    source: Source = Field(description="built-in: the OMA registry's; added: a user's")
    added_at: float | None = Field(description="null: built in")


class ObjectDefined(ObjectListed):
    resources: list[ResourceDefined] = Field(description="by id")


class ObjectsAdded(BaseModel):
    objects: list[ObjectDefined] = Field(description="what was in the file")


def router(lab: LabRuntime) -> APIRouter:
    routes = api_router("/objects", tag="objects", responses=responses(404, 422))
    kept = lab.store.part(DefinitionRepository)

    @routes.get("")
    def list_object_definitions(source: Source | None = None) -> list[ObjectListed]:
        """By object and version."""
        added = kept.added()
        found = sorted(kept.registry.all.values(), key=lambda one: (one.id, order_of(one.version)))
        listed = [_listed(one, added.get((one.id, one.version))) for one in found]
        return [one for one in listed if source in (None, one.source)]

    @routes.post("", status_code=201, responses=responses(409, 413))
    async def add_object_definitions(
        request: Request, replace: Annotated[bool, Query(description="what was added before; never a built-in")] = False
    ) -> ObjectsAdded:
        """The file (OMA DDF, XML) is the request's body: one object or several, all of them or none."""
        content = await file_in(request, LARGEST)
        at = lab.world.scheduler.touch()
        try:
            definitions = await run_in_threadpool(definitions_in, content)
            await run_in_threadpool(kept.add, definitions, at, replace=replace)
        except DefinitionError as error:
            raise ApiError.of(error, "body") from None
        except DefinitionRefused as error:
            status = 422 if error.code is DefinitionRefusal.LIMIT else 409
            raise ApiError.of(error, "body", status) from None
        return ObjectsAdded(objects=[_defined(one, at) for one in definitions])

    @routes.get("/{id}")
    def read_object_definition(
        id: int, version: Annotated[str, Query(max_length=12, description="empty: the newest")] = ""
    ) -> ObjectDefined:
        """One definition with its resources."""
        known = kept.registry.all.get((id, version)) if version else kept.registry.newest.get(id)
        if known is None:
            raise _unknown(id, version)
        return _defined(known, kept.added().get((known.id, known.version)))

    @routes.delete("/{id}/{version}", status_code=204, responses=responses(409))
    def remove_object_definition(id: int, version: str) -> Response:
        """One that was added. Devices have the next older one from now on."""
        if (id, version) not in kept.registry.all:
            raise _unknown(id, version)
        try:
            kept.remove(id, version)
        except DefinitionRefused as error:
            raise ApiError.of(error, None, 409) from None
        return Response(status_code=204)

    return routes


def _unknown(id: int, version: str) -> ApiError:
    return not_found(ApiRefusal.DEFINITION_UNKNOWN, f"{id} {version}".strip()[:40])


def _listed(definition: ObjectDefinition, added_at: float | None) -> ObjectListed:
    built_in = (definition.id, definition.version) in BUILT_IN
    return ObjectListed(
        id=definition.id, version=definition.version, name=definition.name, multiple=definition.multiple,
        mandatory=definition.mandatory, source="built-in" if built_in else "added",
        added_at=None if built_in else added_at,
    )  # fmt: skip


def _defined(definition: ObjectDefinition, added_at: float | None) -> ObjectDefined:
    rows = [ResourceDefined(**msgspec.structs.asdict(row)) for row in record_of(definition).resources]
    return ObjectDefined(**_listed(definition, added_at).model_dump(), resources=rows)
