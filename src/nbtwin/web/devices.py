"""/api/v1/platforms/{name}/devices/{device}: its record, its history, its object tree, and what is asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator, BaseModel, Field, WithJsonSchema
from pydantic_core import PydanticCustomError
from starlette.concurrency import run_in_threadpool

from nbtwin.edge.turns import in_turns
from nbtwin.lwm2m.attributes import NOTIFICATION
from nbtwin.operators.device_management.management import PATHS_AT_MOST, Management, management_of
from nbtwin.operators.device_management.verbs import VERBS, Takes
from nbtwin.operators.inventory.devices import Device
from nbtwin.operators.inventory.labels import Label
from nbtwin.operators.store.labels import LabelRepository
from nbtwin.operators.store.queue import QueueRepository
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.access.roles import caller_of
from nbtwin.web.api_errors import ApiError, RequestModel, not_found, responses
from nbtwin.web.named import ResourceNamed, about, definitions_of
from nbtwin.web.object_tree import ObjectShown, registered, tree_of
from nbtwin.web.operations import OperationLog, OperationResult, leaves
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.routers import api_router
from nbtwin.web.texts import is_storable
from nbtwin.web.turns import encoded, json_list, json_models, json_with
from nbtwin.web.values_csv import as_csv

TRANSPORTS = {"U": "UDP", "M": "MQTT", "H": "HTTP", "T": "TCP", "S": "SMS", "N": "Non-IP"}
"""Letters of a binding (LwM2M TS Core 1.2, 6.2.1.2)."""
_SCANNED = 10_000  # lines of history that a series of values is made of


def _known(verb: str) -> str:
    if verb not in VERBS:
        raise PydanticCustomError("literal_error", "none of {expected}", {"expected": ", ".join(VERBS)})
    return verb


def _attribute(name: str) -> str:
    if name not in NOTIFICATION:
        raise PydanticCustomError("literal_error", "none of {expected}", {"expected": ", ".join(NOTIFICATION)})
    return name


VerbName = Annotated[str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(VERBS)})]


def _number(value: Any) -> Any:
    if value is not None and not isinstance(value, bool | int | float):
        raise PydanticCustomError("float_type", "no number")
    return value


AttributeName = Annotated[
    str, AfterValidator(_attribute), WithJsonSchema({"type": "string", "enum": list(NOTIFICATION)})
]

AttributeValue = Annotated[
    Any,
    AfterValidator(_number),
    WithJsonSchema({"anyOf": [{"type": "boolean"}, {"type": "number"}, {"type": "null"}]}),
]


class HistoryLine(BaseModel):
    at: float = Field(description="lab time")
    code: str = Field(description="of what happened")
    fields: dict[str, Any] = Field(description="what is kept of it; text: a sentence of nbtwin 0.1")


class AskedOperation(RequestModel):
    operation: VerbName = Field(description="what is asked of the device")
    path: Annotated[
        str | None,
        Field(min_length=1, max_length=40, examples=["/3/0"], description="of all but a composite operation"),
    ] = None
    paths: Annotated[
        list[Annotated[str, Field(max_length=40)]] | None,
        Field(max_length=PATHS_AT_MOST, examples=[["/3/0", "/1/0/1"]], description="of a composite read or observe"),
    ] = None
    values: Annotated[
        dict[str, Any] | None,
        Field(examples=[{"/1/0/1": 300}], description="of a composite write, by path: each as a value is"),
    ] = None
    value: Annotated[Any, Field(description='of a write or create: a value, or {"<number>": value} of an instance')] = (
        None
    )
    arguments: Annotated[str, Field(max_length=1024, description="of an execute")] = ""
    attributes: Annotated[
        dict[AttributeName, AttributeValue] | None,
        Field(
            description="of write-attributes, as the device's version of LwM2M has them; null takes one away. "
            "Of observe, from 1.2 on: those of this observation alone"
        ),
    ] = None
    within: Annotated[
        float | None, Field(gt=0, description="so many seconds of the lab it is kept for a device in Queue Mode")
    ] = None
    deadline: Annotated[float | None, Field(description="or until then, of the lab's time")] = None


class OperationOrder(AskedOperation):
    wait: Annotated[float, Field(ge=0, le=60, description="for the answer, in seconds of the wall clock")] = 5.0


class Observation(BaseModel):
    path: str = Field(description="that is observed")
    value: Any = Field(description="the newest; null: none yet")
    at: float | None = Field(description="lab time at which it was learnt; null: not yet")
    about: dict[str, ResourceNamed] = Field(description="what the definition says of each resource in it, by its path")


class Point(BaseModel):
    at: float = Field(description="lab time")
    value: Any = Field(description="by its type in the definition")


class Series(BaseModel):
    path: str = Field(description="of the resource")
    about: dict[str, ResourceNamed] = Field(description="what the definition says of the resource")
    points: list[Point] = Field(description="the oldest first")


class DeviceState(BaseModel):
    """A device as one platform knows it."""

    id: str = Field(description="PLATFORM:NAME")
    platform: str = Field(description="which platform knows it")
    imei: str = Field(description="15 digits")
    imei2: str = Field(description="of a second modem; empty: none")
    imsi: str = Field(description="of its card, where it says so")
    iccid: str = Field(description="of its card, where it says so")
    model: str = Field(description="as it says")
    firmware: str = Field(description="the version that it says it runs")
    appkey: str = Field(description="of CMDMP")
    terminal_type: str = Field(description="as it registered")
    version: str = Field(description="of the protocol that it registered with")
    endpoint: str = Field(description="its endpoint name, as it came")
    lwm2m_version: str = Field(description="empty: it does not register with LwM2M")
    binding: str = Field(description="letters of transports, and Q in Queue Mode")
    sms: str = Field(description="the number that it registered")
    objects: str = Field(description="as it registered them, in link format")
    state: str = Field(description="bootstrapped, registered, de-registered or expired")
    host: str = Field(description="where it was heard last")
    port: int = Field(description="where it was heard last")
    location: str = Field(description="the path of its registration")
    lifetime: float = Field(description="seconds")
    first_seen_at: float = Field(description="lab time")
    registered_at: float = Field(description="lab time; 0: never")
    refreshed_at: float = Field(description="lab time of its last registration or update: the lifetime runs from here")
    last_seen_at: float = Field(description="lab time of its last sign of life")
    period: float = Field(
        description="seconds between its last two registrations or updates, in Queue Mode; 0: not known"
    )
    registrations: int = Field(description="how many")
    updates: int = Field(description="how many")
    refusals: int = Field(description="how many")
    values: dict[str, str] = Field(description="what it registered beside, by number")
    flags: list[str] = Field(description="what it is marked with, as codes")
    remarks: list[dict[str, Any]] = Field(description="about its last registration, as codes with fields")
    pairings: list[list[Any]] = Field(description="its last four cards, the newest last: ICCID, IMSI, lab time")
    psk_identity: str = Field(description="it came over DTLS; empty: it did not")
    device_type: str = Field(description="/3/0/17 of Andlink")
    observations: dict[str, str] = Field(description="tokens in hexadecimal digits, by path")
    resources: dict[str, Any] = Field(description="the newest value of every path that was observed")
    transports: list[str] = Field(description="of its binding")
    queue_mode: bool = Field(description="of its binding")
    object_versions: dict[str, str] = Field(description="versions that it registered, by object")
    name: str = Field(description="that people gave it; empty: none")
    group: str = Field(description="that people put it in; empty: none")
    tags: list[str] = Field(description="that people gave it")


def plain_device(device: Device, label: Label) -> dict[str, Any]:
    """Every field, the ones at their default too (the store leaves those out), and what follows from them."""
    fields: dict[str, Any] = msgspec.to_builtins(msgspec.structs.asdict(device), str_keys=True)
    versions, _ = registered(device.objects)
    return {
        **fields,
        "transports": [TRANSPORTS[letter] for letter in device.binding if letter in TRANSPORTS],
        "queue_mode": "Q" in device.binding,
        "object_versions": {str(number): version for number, version in sorted(versions.items())},
        "name": label.name,
        "group": label.group,
        "tags": list(label.tags),
    }


def plain_devices(lab: LabRuntime, devices: Sequence[Device]) -> list[dict[str, Any]]:
    """With what people call them."""
    labels, none = lab.store.part(LabelRepository).of(device.id for device in devices), Label()
    return [plain_device(device, labels.get(device.id, none)) for device in devices]


def find_device(lab: LabRuntime, platform: str, device: str) -> Device:
    """By its id, or by the name it has at that platform."""
    if platform not in lab.world.platforms:
        raise not_found(ApiRefusal.PLATFORM_UNKNOWN, platform)
    name = device if device.startswith(f"{platform}:") else f"{platform}:{device}"
    found = lab.store.device(name) if len(name) <= 300 and is_storable(name) else None
    if found is None or found.platform != platform:
        raise not_found(ApiRefusal.DEVICE_UNKNOWN, device)
    return found


def router(lab: LabRuntime, operations: OperationLog) -> APIRouter:
    routes = api_router("/platforms/{name}/devices/{device}", tag="devices", responses=responses(404, 422))

    @routes.get("", response_model=None, responses={200: {"model": DeviceState}})
    def read_device(name: str, device: str) -> dict[str, Any]:
        """Everything that the platform knows of one device."""
        (plain,) = plain_devices(lab, [find_device(lab, name, device)])
        return plain

    @routes.delete("", status_code=204)
    async def forget_device(name: str, device: str) -> Response:
        """Forget it and its history. One that is registered finds out with its next update, and registers anew."""
        found, node = await run_in_threadpool(find_device, lab, name, device), lab.world.platforms[name]
        if (management := management_of(node.engine)) is not None:
            lab.world.perform(node, management.forget, found.id)
        await run_in_threadpool(lab.store.forget_device, found.id)
        return Response(status_code=204)

    @routes.get("/history", response_model=list[HistoryLine])
    def read_device_history(
        name: str,
        device: str,
        limit: Annotated[int, Query(ge=1, le=10_000)] = 1000,
        offset: Annotated[int, Query(ge=0, le=10**9, description="so many of the newest are left out")] = 0,
    ) -> Response:
        """The newest lines, oldest first."""
        found = find_device(lab, name, device)
        total, lines = lab.store.history_count(found.id), lab.store.history(found.id, limit=limit, offset=offset)
        models = (HistoryLine(at=line.at, code=line.code, fields=line.fields) for line in lines)
        return json_models(models, **{"X-Total-Count": str(total)})

    @routes.get("/objects", response_model=list[ObjectShown])
    async def read_device_objects(name: str, device: str) -> Response:
        """The objects that it registered, instance by instance, with the newest value of each resource."""
        found = await run_in_threadpool(find_device, lab, name, device)
        values, objects = operations.values(found.id), definitions_of(lab.store.definitions, found)
        return await run_in_threadpool(lambda: json_models(tree_of(found, values, objects)))

    _add_values(routes, lab, operations)
    _add_operations(routes, lab, operations)
    return routes


def _add_values(routes: APIRouter, lab: LabRuntime, operations: OperationLog) -> None:
    @routes.get("/data", response_model=Series)
    def read_resource_history(
        name: str,
        device: str,
        path: Annotated[str, Query(max_length=40, examples=["/3/0/9"], description="of a resource")],
        since: Annotated[float, Query(description="lab time")] = 0.0,
        limit: Annotated[int, Query(ge=1, le=_SCANNED)] = 1000,
    ) -> Response:
        """What this resource was over time: read, notified or sent, from the device's history."""
        found = find_device(lab, name, device)
        points = _points(lab, found.id, path, since)
        named = about(path, None, definitions_of(lab.store.definitions, found))
        return json_with("points", list(map(encoded, points[-limit:])), Series(path=path, about=named, points=[]))

    csv: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}

    @routes.get("/data.csv", response_class=Response, responses=csv)
    def download_resource_history(
        name: str,
        device: str,
        path: Annotated[str, Query(max_length=40, examples=["/3/0/9"], description="of a resource")],
        since: Annotated[float, Query(description="lab time")] = 0.0,
        limit: Annotated[int, Query(ge=1, le=_SCANNED)] = 1000,
    ) -> Response:
        """The same as CSV, with name, type and unit in each row."""
        found = find_device(lab, name, device)
        points = _points(lab, found.id, path, since)[-limit:]
        rows = ((path, point.value, point.at) for point in points)
        return _csv(as_csv(rows, definitions_of(lab.store.definitions, found)))

    @routes.get("/values.csv", response_class=Response, responses=csv)
    async def download_device_values(name: str, device: str) -> Response:
        """The newest value of each resource that is known, with its name, type and unit."""
        found = await run_in_threadpool(find_device, lab, name, device)
        values, objects = operations.values(found.id), definitions_of(lab.store.definitions, found)

        def made() -> Response:
            tree = tree_of(found, values, objects)
            rows = [row for one in tree for instance in one.instances for row in instance.resources]
            return _csv(as_csv(((row.path, row.value, row.at) for row in rows if row.value is not None), objects))

        return await run_in_threadpool(made)

    @routes.get("/observations", response_model=list[Observation])
    async def list_observations(name: str, device: str) -> Response:
        """What is observed, with the newest values."""
        found = await run_in_threadpool(find_device, lab, name, device)
        values, objects = operations.values(found.id), definitions_of(lab.store.definitions, found)

        def observed(path: str) -> Observation:
            value, at = values.get(path, (found.resources.get(path), None))
            return Observation(path=path, value=value, at=at, about=about(path, value, objects))

        return await run_in_threadpool(lambda: json_models(map(observed, sorted(found.observations))))


def _add_operations(routes: APIRouter, lab: LabRuntime, operations: OperationLog) -> None:
    @routes.post("/operations", responses={202: {"model": OperationResult}, **responses(409)})
    async def start_operation(
        name: str, device: str, body: OperationOrder, request: Request, response: Response
    ) -> OperationResult:
        """Ask something of the device. 202: there is no answer yet; the ticket tells where to look for it.

        What is asked of a device in Queue Mode is kept, also over restarts, until the device is heard or the deadline
        has come: two days, or two lifetimes if that is longer, unless the order says when (`queue`).
        """
        found = await run_in_threadpool(find_device, lab, name, device)
        node, management, value = lab.world.platforms[name], management_at(lab, name), given_to(body)
        ticket = lab.world.perform(
            node, management.ask, found.id, body.operation, target_in(body), value,
            deadline=body.deadline, within=body.within, by=caller_of(request).name,
        )  # fmt: skip
        await lab.committed(node)  # a ticket is a promise (D75)
        result = await operations.wait(name, ticket, body.wait)
        response.status_code = 200 if result.done else 202
        return result

    @routes.get("/operations", response_model=list[OperationResult])
    async def list_operations(
        name: str,
        device: str,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    ) -> Response:
        """The newest first."""
        found = await run_in_threadpool(find_device, lab, name, device)
        results = in_turns(operations.of(name, found.id, limit, offset))
        return json_list([encoded(result) async for result in results])

    @routes.get("/operations/{ticket}")
    async def read_operation(name: str, device: str, ticket: int) -> OperationResult:
        """What came of one operation."""
        found = await run_in_threadpool(find_device, lab, name, device)
        result = operations.get(name, ticket)
        if result is None:
            command = await run_in_threadpool(lab.store.part(QueueRepository).find, found.id, ticket)
            result = None if command is None else OperationResult.of_command(command)
        if result is None or result.device != found.id:
            raise not_found(ApiRefusal.OPERATION_UNKNOWN, str(ticket))
        return result


def management_at(lab: LabRuntime, platform: str) -> Management:
    """Of a platform that can ask something of its devices."""
    management = management_of(lab.world.platforms[platform].engine)
    if management is None:
        raise ApiError(ApiRefusal.REPORTS_ONLY, status=409, platform=platform)
    return management


def target_in(order: AskedOperation) -> str:
    """Where, as `DeviceManagement.ask` takes it."""
    if VERBS[order.operation].is_composite:
        return ",".join([*(order.paths or ()), ""])
    if order.path is None:
        raise ApiError(ApiRefusal.OPERATION_PATH, "path", operation=order.operation)
    return order.path


def given_to(order: AskedOperation, part: str = "") -> Any:
    """What the order has of what its verb takes. ApiError for what it does not take, which nobody would send; ``part``
    of the body is the order."""
    verb = VERBS[order.operation]
    takes = verb.may_take if verb.takes is Takes.NOTHING else verb.takes
    for field in Takes:
        if field not in (Takes.NOTHING, takes) and getattr(order, field) not in (None, ""):
            raise ApiError(ApiRefusal.OPERATION_EXTRA, f"{part}{field}", operation=order.operation)
    return None if takes is Takes.NOTHING else getattr(order, takes)


def _csv(text: str) -> Response:
    return Response(text, media_type="text/csv; charset=utf-8")


def _points(lab: LabRuntime, device: str, path: str, since: float) -> list[Point]:
    found: list[Point] = []
    for line in lab.store.history(device, limit=_SCANNED):
        if line.at < since:
            continue
        fields = line.fields
        match line.code:
            case "data-received" if fields.get("path") == path:
                found.append(Point(at=line.at, value=fields.get("data")))
            case "resource-notified" | "operation-answered" if "value" in fields:
                values = dict(leaves(str(fields.get("path", "")), fields["value"]))
                if path in values:
                    found.append(Point(at=line.at, value=values[path]))
    return found
