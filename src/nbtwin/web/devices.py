"""/api/v1/platforms/{name}/devices/{device}: its record, its history, its object tree, and what is asked of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field

from nbtwin.engine import DecodeError
from nbtwin.lwm2m.path import Path
from nbtwin.operators.device_management.operations import DeviceManagement, NotRegistered
from nbtwin.operators.inventory.devices import Device
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.api_errors import ApiError, RequestModel, not_found, responses
from nbtwin.web.object_tree import ObjectShown, tree_of
from nbtwin.web.operations import OperationLog, OperationResult, leaves
from nbtwin.web.texts import is_storable

_SCANNED = 10_000  # lines of history that a series of values is made of

Verb = Literal[
    "read", "write", "write-partly", "execute", "observe", "cancel", "discover", "create", "delete", "write-attributes"
]
OPERATIONS: tuple[str, ...] = Verb.__args__  # type: ignore[attr-defined]  # what Literal keeps them in


class HistoryLine(BaseModel):
    at: float
    kind: str
    detail: dict[str, Any]


class OperationOrder(RequestModel):
    operation: Verb
    path: Annotated[str, Field(min_length=1, max_length=40, examples=["/3/0"])]
    value: Any = Field(None, description='of a write or create: a value, or {"<number>": value} of an instance')
    arguments: Annotated[str, Field(max_length=1024, description="of an execute")] = ""
    attributes: Annotated[
        dict[Literal["pmin", "pmax", "gt", "lt", "st"], float | int | None] | None,
        Field(description="of write-attributes; null takes one away"),
    ] = None
    wait: Annotated[float, Field(ge=0, le=60, description="for the answer, in seconds of the wall clock")] = 5.0


class Observation(BaseModel):
    path: str
    value: Any
    at: float | None


class Point(BaseModel):
    at: float
    value: Any


class Series(BaseModel):
    path: str
    points: list[Point]


def plain_device(device: Device) -> dict[str, Any]:
    """Every field, the ones at their default too (the store leaves those out)."""
    fields: dict[str, Any] = msgspec.to_builtins(msgspec.structs.asdict(device), str_keys=True)
    return fields


def find_device(lab: LabRuntime, platform: str, device: str) -> Device:
    """By its id, or by the name it has at that platform."""
    if platform not in lab.world.platforms:
        raise not_found("platform", platform)
    name = device if device.startswith(f"{platform}:") else f"{platform}:{device}"
    found = lab.store.device(name) if len(name) <= 300 and is_storable(name) else None
    if found is None or found.platform != platform:
        raise not_found("device", device)
    return found


def router(lab: LabRuntime, operations: OperationLog) -> APIRouter:
    routes = APIRouter(prefix="/platforms/{name}/devices/{device}", tags=["devices"], responses=responses(404, 422))

    @routes.get("")
    async def one_device(name: str, device: str) -> dict[str, Any]:
        return plain_device(find_device(lab, name, device))

    @routes.delete("", status_code=204)
    async def forget_device(name: str, device: str) -> Response:
        """Forget it and its history. One that is registered finds out with its next update, and registers anew."""
        found, unit = find_device(lab, name, device), lab.world.platforms[name]
        if isinstance(unit.engine, DeviceManagement):
            lab.world.perform(unit, unit.engine.forget, found.id)
        lab.store.forget_device(found.id)
        return Response(status_code=204)

    @routes.get("/history")
    async def history(
        name: str,
        device: str,
        response: Response,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
        offset: Annotated[int, Query(ge=0, le=10**9, description="so many of the newest are left out")] = 0,
    ) -> list[HistoryLine]:
        """The newest lines, oldest first."""
        found = find_device(lab, name, device)
        response.headers["X-Total-Count"] = str(lab.store.history_count(found.id))
        lines = lab.store.history(found.id, limit=limit, offset=offset)
        return [HistoryLine(at=line.at, kind=line.kind, detail=line.detail) for line in lines]

    @routes.get("/objects")
    async def objects(name: str, device: str) -> list[ObjectShown]:
        """The objects that it registered, instance by instance, with the newest value of each resource."""
        found = find_device(lab, name, device)
        return tree_of(found, operations.values(found.id))

    _add_values(routes, lab, operations)
    _add_operations(routes, lab, operations)
    return routes


def _add_values(routes: APIRouter, lab: LabRuntime, operations: OperationLog) -> None:
    @routes.get("/data")
    async def data(
        name: str,
        device: str,
        path: Annotated[str, Query(max_length=40, examples=["/3/0/9"])],
        since: float = 0.0,
        limit: Annotated[int, Query(ge=1, le=_SCANNED)] = 1000,
    ) -> Series:
        """What this resource was over time: read, notified or sent, from the device's history."""
        found = find_device(lab, name, device)
        points = _points(lab, found.id, path, since)
        return Series(path=path, points=points[-limit:])

    @routes.get("/observations")
    async def observations(name: str, device: str) -> list[Observation]:
        found = find_device(lab, name, device)
        values = operations.values(found.id)
        shown = []
        for path in sorted(found.observations):
            value, at = values.get(path, (found.resources.get(path), None))
            shown.append(Observation(path=path, value=value, at=at))
        return shown


def _add_operations(routes: APIRouter, lab: LabRuntime, operations: OperationLog) -> None:
    @routes.post("/operations", responses={202: {"model": OperationResult}, **responses(409)})
    async def operate(name: str, device: str, body: OperationOrder, response: Response) -> OperationResult:
        """Ask something of the device. 202: there is no answer yet; the ticket tells where to look for it."""
        found = find_device(lab, name, device)
        ticket = start(lab, operations, found, body)
        result = await operations.wait(name, ticket, body.wait)
        response.status_code = 200 if result.done else 202
        return result

    @routes.get("/operations")
    async def list_operations(
        name: str,
        device: str,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    ) -> list[OperationResult]:
        """The newest first."""
        return operations.of(name, find_device(lab, name, device).id, limit, offset)

    @routes.get("/operations/{ticket}")
    async def one_operation(name: str, device: str, ticket: int) -> OperationResult:
        found, result = find_device(lab, name, device), operations.get(name, ticket)
        if result is None or result.device != found.id:
            raise not_found("operation", str(ticket))
        return result


def start(lab: LabRuntime, operations: OperationLog, device: Device, order: OperationOrder) -> int:
    """The ticket; ApiError when it cannot be asked."""
    engine = lab.world.platforms[device.platform].engine
    if not isinstance(engine, DeviceManagement):
        raise ApiError(f"{device.platform} only takes reports: its devices cannot be asked", status=409)
    try:
        path = str(Path(order.path))
    except DecodeError as error:
        raise ApiError(str(error), "path") from None
    verb, values, named = _verb(engine, order, path)
    try:
        return operations.ask(device.platform, device.id, order.operation, path, verb, *values, **named)
    except NotRegistered as error:
        raise ApiError(str(error), status=409) from None
    except (ValueError, OverflowError) as error:
        raise ApiError(str(error), _field_of(order)) from None


def _verb(engine: DeviceManagement, order: OperationOrder, path: str) -> tuple[Any, list[Any], dict[str, Any]]:
    match order.operation:
        case "write" | "write-partly":
            return engine.write, [path, _value(order)], {"replace": order.operation == "write"}
        case "create":
            return engine.create, [path, _value(order)], {}
        case "execute":
            return engine.execute, [path, order.arguments], {}
        case "write-attributes":
            if not order.attributes:
                raise ApiError("which attributes?", "attributes")
            return engine.write_attributes, [path, order.attributes], {}
        case name:
            return getattr(engine, name), [path], {}


def _value(order: OperationOrder) -> Any:
    if order.value is None:
        raise ApiError(f"a {order.operation} needs a value", "value")
    return order.value


def _field_of(order: OperationOrder) -> str:
    return "value" if order.operation in ("write", "write-partly", "create") else "path"


def _points(lab: LabRuntime, device: str, path: str, since: float) -> list[Point]:
    found: list[Point] = []
    for line in lab.store.history(device, limit=_SCANNED):
        if line.at < since:
            continue
        detail = line.detail
        if line.kind == "data received" and detail.get("path") == path:
            found.append(Point(at=line.at, value=detail.get("data")))
        elif line.kind in ("notified", "read", "observe") and not detail.get("why") and "value" in detail:
            values = dict(leaves(str(detail.get("path", "")), detail["value"]))
            if path in values:
                found.append(Point(at=line.at, value=values[path]))
    return found
