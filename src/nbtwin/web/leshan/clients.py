"""/api/clients and its neighbours: the REST interface of Eclipse Leshan's demonstration server, on our platforms.

For scripts and pages that were made for that server. The shapes are its own (`leshan_shapes`), errors are ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from nbtwin.engine import UNDECODABLE, DecodeError
from nbtwin.foreign import detail_of
from nbtwin.lwm2m.attributes import NOTIFICATION
from nbtwin.lwm2m.model import Objects
from nbtwin.lwm2m.path import Path, Paths
from nbtwin.operators.device_management.management import PATHS_AT_MOST, management_of
from nbtwin.operators.inventory.devices import REGISTERED, Device
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.api_errors import ApiError, responses
from nbtwin.web.devices import OperationOrder, given_to, management_at, target_in
from nbtwin.web.leshan import schemas as shapes
from nbtwin.web.leshan.events import LeshanEvents
from nbtwin.web.named import definitions_of
from nbtwin.web.operations import OperationLog, OperationResult
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.routers import root_router
from nbtwin.web.texts import is_storable
from nbtwin.web.turns import json_rows

_LONGEST = 1_000_000
_NO_ATTRIBUTES = frozenset({"timeout", "format", "replace", "lang"})
Timeout = Annotated[float, Query(ge=0, le=60, description="seconds")]
Several = Annotated[str, Query(min_length=1, max_length=4000, description="with commas between")]
Format = Annotated[str, Query(max_length=32, description="not used: the device's own format is taken")]

Replace = Annotated[bool, Query(description="false: of an instance, only the resources in the body are written")]


class Clients:
    """The devices of every platform that can ask something of them; the first platform that knows a name has it."""

    def __init__(self, lab: LabRuntime) -> None:
        self._lab = lab

    def platforms(self) -> list[str]:
        names = [name for name, node in self._lab.world.platforms.items() if management_of(node.engine) is not None]
        return sorted(names, key=lambda name: self._lab.world.platforms[name].operator != "andlink")

    def all(self) -> Iterator[Device]:
        seen: set[str] = set()
        for platform in self.platforms():
            for device in self._lab.store.devices(platform, state=REGISTERED):
                if shapes.name_of(device) not in seen:
                    seen.add(shapes.name_of(device))
                    yield device

    def find(self, endpoint: str) -> Device:
        for platform in self.platforms() if len(endpoint) <= 200 and is_storable(endpoint) else ():
            device = self._lab.store.device(f"{platform}:{endpoint}")
            if device is not None and device.state == REGISTERED:
                return device
        raise ApiError(ApiRefusal.CLIENT_UNKNOWN, "endpoint", 400, endpoint=endpoint)


def router(lab: LabRuntime, operations: OperationLog, told: LeshanEvents) -> APIRouter:
    routes = root_router("/api", tag="leshan", responses=responses(400, 422))
    clients = Clients(lab)

    @routes.get("/clients", response_model=list[dict[str, Any]])
    def list_leshan_clients() -> Response:
        """The registered devices of every platform."""
        return json_rows(map(shapes.registration, clients.all()))

    @routes.get("/clients/{endpoint}")
    def read_leshan_client(endpoint: str) -> dict[str, Any]:
        """One registered device."""
        return shapes.registration(clients.find(endpoint))

    @routes.get("/objectspecs/{endpoint}")
    def list_leshan_object_specs(endpoint: str) -> list[dict[str, Any]]:
        """What the objects of this device are made of."""
        device = clients.find(endpoint)
        return shapes.object_specs(device, definitions_of(lab.store.definitions, device))

    stream: dict[int | str, dict[str, Any]] = {200: {"content": {"text/event-stream": {}}}}

    @routes.get("/event", response_class=StreamingResponse, responses=stream)
    async def stream_leshan_events(
        ep: Annotated[str | None, Query(max_length=200, description="of this endpoint alone")] = None,
    ) -> StreamingResponse:
        """REGISTRATION, UPDATED, DEREGISTRATION and NOTIFICATION as they happen, of all devices or of one."""
        headers = {"Cache-Control": "no-store"}
        return StreamingResponse(told.stream(ep), media_type="text/event-stream", headers=headers)

    asker = _Asker(clients, lab, operations)
    _add_composites(routes, clients, asker)
    _add_operations(routes, clients, asker)
    return routes


class _Asker:
    """Asks a client something, and has the answer in Leshan's shape."""

    def __init__(self, clients: Clients, lab: LabRuntime, operations: OperationLog) -> None:
        self._clients = clients
        self._lab = lab
        self._operations = operations

    async def perform(self, endpoint: str, order: OperationOrder) -> dict[str, Any]:
        device = await run_in_threadpool(self._clients.find, endpoint)
        node, management = self._lab.world.platforms[device.platform], management_at(self._lab, device.platform)
        value, target = given_to(order), target_in(order)
        ticket = self._lab.world.perform(node, management.ask, device.id, order.operation, target, value)
        await self._lab.committed(node)
        found = await self._operations.wait(device.platform, ticket, order.wait)
        return _answer(found, definitions_of(self._lab.store.definitions, device))

    async def objects_of(self, endpoint: str) -> Objects:
        device = await run_in_threadpool(self._clients.find, endpoint)
        return definitions_of(self._lab.store.definitions, device)


def _add_composites(routes: APIRouter, clients: Clients, asker: _Asker) -> None:
    @routes.get("/clients/{endpoint}/composite", responses=responses(409, 504))
    async def read_leshan_composite(
        endpoint: str, paths: Several, timeout: Timeout = 5.0, pathformat: Format = "", nodeformat: Format = ""
    ) -> dict[str, Any]:
        """Read what stands at several paths, of whatever objects, with one request."""
        return await asker.perform(endpoint, _order("read-composite", timeout, paths))

    @routes.put("/clients/{endpoint}/composite", responses=responses(409, 504))
    async def write_leshan_composite(
        endpoint: str, request: Request, timeout: Timeout = 5.0, nodeformat: Format = ""
    ) -> dict[str, Any]:
        """Write nodes, which the body has by path, with one request."""
        values = _checked(partial(_nodes, await asker.objects_of(endpoint)), await _json(request))
        return await asker.perform(endpoint, OperationOrder(operation="write-composite", values=values, wait=timeout))

    @routes.post("/clients/{endpoint}/composite/observe", responses=responses(409, 504))
    async def observe_leshan_composite(
        endpoint: str, paths: Several, timeout: Timeout = 5.0, pathformat: Format = "", nodeformat: Format = ""
    ) -> dict[str, Any]:
        """Observe several paths with one request."""
        return await asker.perform(endpoint, _order("observe-composite", timeout, paths))

    @routes.delete("/clients/{endpoint}/composite/observe", response_class=Response, responses=responses(409, 504))
    async def cancel_leshan_composite(
        endpoint: str, paths: Several, timeout: Timeout = 5.0, active: bool = False
    ) -> Response:
        """End such an observation."""
        device, order = await run_in_threadpool(clients.find, endpoint), _order("cancel-composite", timeout, paths)
        if str(Paths(target_in(order))) in device.observations:
            await asker.perform(endpoint, order)
        return Response()


def _add_operations(routes: APIRouter, clients: Clients, asker: _Asker) -> None:
    async def ask(endpoint: str, operation: str, path: str, timeout: float, **more: Any) -> dict[str, Any]:
        return await asker.perform(
            endpoint, OperationOrder(operation=operation, path=str(_path(path)), wait=timeout, **more)
        )

    @routes.get("/clients/{endpoint}/{path:path}", responses=responses(409, 504))
    async def read_leshan_node(endpoint: str, path: str, timeout: Timeout = 5.0, format: Format = "") -> dict[str, Any]:
        """Read what stands at the path; Discover where it ends in /discover."""
        at, action = _split(path, "discover")
        return await ask(endpoint, action or "read", at, timeout)

    @routes.put("/clients/{endpoint}/{path:path}", responses=responses(409, 504))
    async def write_leshan_node(
        endpoint: str, path: str, request: Request, timeout: Timeout = 5.0, format: Format = "", replace: Replace = True
    ) -> dict[str, Any]:
        """Write a resource or an instance; Write-Attributes where the path ends in /attributes."""
        at, action = _split(path, "attributes")
        if action:
            return await ask(endpoint, "write-attributes", at, timeout, attributes=_attributes(request))
        objects = await asker.objects_of(endpoint)
        value = _checked(lambda body: shapes.value_of(_path(at), body, objects), await _json(request))
        return await ask(endpoint, "write" if replace else "write-partly", at, timeout, value=value)

    @routes.post("/clients/{endpoint}/{path:path}", responses=responses(409, 504))
    async def execute_leshan_node(
        endpoint: str, path: str, request: Request, timeout: Timeout = 5.0, format: Format = ""
    ) -> dict[str, Any]:
        """Execute a resource, Create an instance of an object; Observe where the path ends in /observe."""
        at, action = _split(path, "observe")
        if action:
            return await ask(endpoint, "observe", at, timeout)
        if len(_path(at)) == 1:
            objects = await asker.objects_of(endpoint)
            value = _checked(lambda body: _instance(_path(at), body, objects), await _json(request))
            return await ask(endpoint, "create", at, timeout, value=value)
        arguments = (await _body(request))[:1024].decode("utf-8", "replace")
        return await ask(endpoint, "execute", at, timeout, arguments=arguments)

    @routes.delete("/clients/{endpoint}/{path:path}", responses=responses(409, 504))
    async def delete_leshan_node(endpoint: str, path: str, timeout: Timeout = 5.0, active: bool = False) -> Any:
        """Delete an instance; end an observation where the path ends in /observe."""
        at, action = _split(path, "observe")
        if not action:
            return await ask(endpoint, "delete", at, timeout)
        device = await run_in_threadpool(clients.find, endpoint)
        if str(_path(at)) in device.observations:
            await ask(endpoint, "cancel", at, timeout)
        return Response()


def _order(operation: str, timeout: float, paths: str) -> OperationOrder:
    several = [str(_path(path, root=True)) for path in paths.split(",") if path]
    if len(several) > PATHS_AT_MOST:
        raise ApiError(ApiRefusal.TOO_LARGE, "paths", 400, limit=PATHS_AT_MOST)
    return OperationOrder(operation=operation, paths=several, wait=timeout)


def _nodes(objects: Objects, body: Any) -> dict[str, Any]:
    if not isinstance(body, dict):
        raise shapes.NodeRefused(ApiRefusal.NODE_NONE)
    return {path: shapes.value_of(_path(path), node, objects) for path, node in body.items()}


def _split(path: str, action: str) -> tuple[str, str]:
    """The path of the object, and the action at its end."""
    before, _, last = path.rstrip("/").rpartition("/")
    return (before, action) if last == action else (path, "")


def _path(path: str, *, root: bool = False) -> Path:
    try:
        found = Path(path)
    except DecodeError as error:
        raise ApiError.of(error, "path", 400) from None
    if not found and not root:
        raise ApiError(ApiRefusal.OBJECT_MISSING, "path", 400)
    return found


def _answer(result: OperationResult, objects: Objects) -> dict[str, Any]:
    if not result.done:
        raise ApiError(ApiRefusal.ANSWER_OUTSTANDING, status=504)
    if not result.code:
        refusal = result.refusal
        fields: dict[str, Any] = {} if refusal is None else {**refusal.fields, "reason": refusal.code}
        raise ApiError(ApiRefusal.ANSWER_NONE, status=504, **{"reason": None, **fields})
    return shapes.response(result, objects)


async def _body(request: Request) -> bytes:
    body = await request.body()
    if len(body) > _LONGEST:
        raise ApiError(ApiRefusal.TOO_LARGE, "body", 400, limit=_LONGEST)
    return body


async def _json(request: Request) -> Any:
    try:
        return msgspec.json.decode(await _body(request))
    except UNDECODABLE as error:
        raise ApiError(ApiRefusal.BODY_NOT_JSON, "body", 400, detail=detail_of(error)) from None


def _checked(read: Any, body: Any) -> Any:
    try:
        return read(body)
    except (ValueError, RecursionError) as error:
        raise ApiError.of(error, "body", 400) from None


def _instance(path: Path, body: Any, objects: Objects) -> dict[str, Any]:
    """A new instance under its number."""
    number = body.get("id") if isinstance(body, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= 65535:
        raise ApiError(ApiRefusal.NODE_ID_MISSING, "body", 400)
    return {str(number): shapes.value_of(path.child(number), body, objects)}


def _attributes(request: Request) -> dict[str, float | None]:
    """Of the query: there a name that is not known is refused, because it would be written."""
    found: dict[str, float | None] = {}
    for name in request.query_params:
        if name not in NOTIFICATION and name not in _NO_ATTRIBUTES:
            raise ApiError(ApiRefusal.FIELD_UNKNOWN, name, 400)
    for name in NOTIFICATION:
        text = request.query_params.get(name)
        if text is not None:
            try:
                number = float(text) if text else None
            except ValueError:
                raise ApiError(ApiRefusal.ATTRIBUTE_NO_NUMBER, name, 400, value=text[:40]) from None
            found[name] = int(number) if number is not None and number.is_integer() else number
    if not found:
        raise ApiError(ApiRefusal.OPERATION_ATTRIBUTES, "attributes", 400)
    return found
