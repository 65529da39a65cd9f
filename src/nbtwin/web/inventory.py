"""/api/v1/platforms/{name}/devices, /labels: a platform's inventory, found and sorted; names, groups, tags; CSV."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from nbtwin.lab.nodes import PlatformNode
from nbtwin.operators.inventory.labels import Counted, LabelChange, LabelRefusal, LabelRefused
from nbtwin.operators.key_store.refusals import PskError
from nbtwin.operators.store.andlink import PskRepository
from nbtwin.operators.store.devices import Order
from nbtwin.operators.store.labels import LabelRepository
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.access.roles import Role, require
from nbtwin.web.api_errors import ApiError, FieldProblem, RequestModel, language_for, not_found, problem, responses
from nbtwin.web.api_errors import told as told_in
from nbtwin.web.bounded import file_in
from nbtwin.web.devices import DeviceState, find_device, plain_devices
from nbtwin.web.devices_csv import as_csv
from nbtwin.web.devices_csv_in import LARGEST, CsvError, DeviceTable, read_table
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.routers import api_router
from nbtwin.web.selection import Containing, Group, State, Tags, choice_of
from nbtwin.web.texts import storable
from nbtwin.web.turns import json_rows

_CSV: dict[int | str, dict[str, Any]] = {200: {"content": {"text/csv": {}}}}

Word = Annotated[str, Field(max_length=64)]


class Labelled(BaseModel):
    name: str = Field(description="of the group or the tag")
    devices: int = Field(description="how many have it")


class Labels(BaseModel):
    groups: list[Labelled] = Field(description="in their order")
    tags: list[Labelled] = Field(description="in their order")


class NewLabel(RequestModel):
    """What is left out stays as it is."""

    name: str | None = Field(None, max_length=128, description="that people give it; empty: none")
    group: str | None = Field(None, max_length=64, description="one; empty: none")
    tags: list[Word] | None = Field(None, max_length=64, description="these and no others")

    def change(self) -> LabelChange:
        tags = None if self.tags is None else tuple(storable(tag, "tags") for tag in self.tags)
        name, group = (
            None if text is None else storable(text, field)
            for field, text in (("name", self.name), ("group", self.group))
        )
        return LabelChange(name=name, group=group, tags=tags)


class Imported(BaseModel):
    """What a table of devices changes, or has changed."""

    rows: int = Field(description="devices in it")
    unknown: int = Field(description="of them have not registered yet: what it says of them waits")
    labels: int = Field(description="devices whose name, group or tags it says")
    keys: int = Field(description="keys of devices, or appkeys, in it")
    written: bool = Field(description="false: it was only looked at")


def router(lab: LabRuntime) -> APIRouter:
    routes = api_router("/platforms/{name}", tag="devices", responses=responses(404, 422))

    def find(name: str) -> PlatformNode:
        if name not in lab.world.platforms:
            raise not_found(ApiRefusal.PLATFORM_UNKNOWN, name)
        return lab.world.platforms[name]

    _add_listing(routes, lab, find)
    _add_labels(routes, lab, find)
    _add_import(routes, lab, find)
    return routes


def _add_listing(routes: APIRouter, lab: LabRuntime, find: Callable[[str], PlatformNode]) -> None:
    @routes.get("/devices", response_model=None, responses={200: {"model": list[DeviceState]}})
    def list_devices(
        name: str,
        state: State = None,
        containing: Containing = "",
        group: Group = "",
        tag: Tags = None,
        sort: Annotated[Order, Query(description="by which field; empty models, names and groups are last")] = "id",
        order: Literal["asc", "desc"] = "asc",
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
    ) -> Response:
        """The devices that the platform knows."""
        choice = choice_of(find(name).name, state, containing, group, tag)
        total = lab.store.count_of(choice)
        devices = lab.store.devices_of(choice, order=sort, descending=order == "desc", limit=limit, offset=offset)
        return json_rows(plain_devices(lab, devices), **{"X-Total-Count": str(total)})

    @routes.get("/devices.csv", response_class=Response, responses=_CSV)
    def download_devices(
        name: str,
        state: State = None,
        containing: Containing = "",
        group: Group = "",
        tag: Tags = None,
        limit: Annotated[int, Query(ge=1, le=100_000)] = 100_000,
    ) -> Response:
        """The same devices as CSV, by id: a row each, with names, tags, version, binding, transports, Queue Mode."""
        devices = lab.store.devices_of(choice_of(find(name).name, state, containing, group, tag), limit=limit)
        return Response(as_csv(plain_devices(lab, devices)), media_type="text/csv; charset=utf-8")


def _add_labels(routes: APIRouter, lab: LabRuntime, find: Callable[[str], PlatformNode]) -> None:
    labels = lab.store.part(LabelRepository)

    @routes.get("/labels")
    def list_labels(name: str) -> Labels:
        """The groups and tags that its devices have, and how many have each."""
        find(name)
        return Labels(groups=_counted(labels.groups(name)), tags=_counted(labels.tags(name)))

    @routes.put("/devices/{device}/label", response_model=None, responses={200: {"model": DeviceState}})
    def label_device(name: str, device: str, body: NewLabel) -> dict[str, Any]:
        """Give it a name, a group, tags. They are the lab's, and go when the device is forgotten."""
        found = find_device(lab, name, device)
        try:
            labels.change([found.id], body.change())
        except LabelRefused as error:
            raise ApiError.of(error, label_field(error)) from None
        (plain,) = plain_devices(lab, [found])
        return plain


def label_field(error: LabelRefused) -> str:
    return str(error.fields["name"]) if error.code == LabelRefusal.TEXT else "tags"


def _counted(found: Counted) -> list[Labelled]:
    return [Labelled(name=name, devices=devices) for name, devices in found]


def _add_import(routes: APIRouter, lab: LabRuntime, find: Callable[[str], PlatformNode]) -> None:
    @routes.put("/devices.csv", response_model=Imported, responses=responses(413))
    async def import_devices(
        name: str,
        request: Request,
        check: Annotated[bool, Query(description="only look at it, and change nothing")] = False,
    ) -> Imported | Response:
        """Names, groups, tags and keys from a table: all of it, or nothing where anything is wrong.

        A row for each device; the head names the columns: `id` (or `imei`, `device`), `name`, `group`, `tags`, and with
        an admin's token the keys, for Andlink `key`, `bootstrap_key`, `identity`, `bootstrap_identity`, for CMDMP
        `appkey` and `password`. Columns of the table that is downloaded are passed over. Each error has the line and
        the column in its fields.
        """
        node, content = find(name), await file_in(request, LARGEST)
        table = await run_in_threadpool(read_table, content, name, node.operator)
        if table.has_keys:
            require(request, Role.ADMIN)
        if not table.errors:
            if check:
                return await run_in_threadpool(_summary, lab, name, table, written=False)
            await run_in_threadpool(_write, lab, table)
        if table.errors:
            return _all_wrong(request, table.errors)
        return await run_in_threadpool(_summary, lab, name, table, written=True)


def _summary(lab: LabRuntime, name: str, table: DeviceTable, *, written: bool) -> Imported:
    known = set(lab.store.device_ids(choice_of(name, None, "")))
    return Imported(
        rows=len(table.lines),
        unknown=sum([f"{name}:{device}" not in known for device in table.lines]),
        labels=len(table.labels),
        keys=len(table.keys) + len(table.appkeys),
        written=written,
    )


def _write(lab: LabRuntime, table: DeviceTable) -> None:
    """All of it or nothing; an identity that is another device's becomes an error of the table."""
    store, ring = lab.store, lab.store.part(PskRepository)
    ring.refresh()
    try:
        with store.database.exclusive(), store.database.transaction():
            store.part(LabelRepository).change_each(table.labels)
            ring.keys.add_all(table.keys)
            for appkey, password in table.appkeys.items():
                store.keys.add(appkey, password)
    except PskError as error:
        identity = error.fields.get("identity")
        owner = next((keys for keys in table.keys if identity in (keys.name, keys.bootstrap_name)), None)
        line = table.lines.get(owner.device, 1) if owner is not None else 1
        table.wrong(line, "identity", error.code, **error.fields)


def _all_wrong(request: Request, errors: list[CsvError]) -> Response:
    """422 with each of them."""
    language = language_for(request.scope)
    named = [(f"{one.line}.{one.column}" if one.column else str(one.line), one) for one in errors]
    told = [(field, one.code, {**one.fields, "line": one.line, "column": one.column}) for field, one in named]
    (field, code, fields), *rest = told
    more = [FieldProblem(field=at, **told_in(why, about, language)) for at, why, about in rest]
    return problem(request.scope, 422, code, fields, field, more)
