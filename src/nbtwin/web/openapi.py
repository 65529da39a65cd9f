"""The API's own schema (OpenAPI 3.1): what it says beside what stands at the routes and their models.

An operation's id is the name of its function: programs that are made from the schema name their methods by it, so it
stays as it is (`tests/web/operations.txt` is the list). Ranges are put behind each description from the schema itself,
so that the words cannot say another one than is enforced. Every refusal of every operation is one component, `Problem`.
The examples (`openapi_examples.json`) are answers of a real lab (`tests/web/api_examples.py`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from pydantic.json_schema import models_json_schema
from starlette.concurrency import run_in_threadpool
from starlette.routing import Route

from nbtwin.web.api_errors import MEDIA_TYPE, Problem, responses
from nbtwin.web.request_checks import JSON

Schema = dict[str, Any]

DESCRIPTION = """\
NB-IoT modules and the operators' platforms they register with, in software.

Times are seconds of the lab's time since 1970-01-01 UTC; a span that is asked for is a number of seconds, or text such
as `90`, `30min`, `1d4h`. Every refusal is a problem document (RFC 9457): programs go by `code` and `fields`, `detail`
is the same in words, in the language of `?lang=` or Accept-Language. A field or a name in the query that is not known
is refused.
"""

TAGS: tuple[tuple[str, str], ...] = (
    ("modules", "The virtual modules: the list, and what can be done to one by hand (power, USIM, signal)."),
    ("serial line", "A module's serial line: AT commands, raw bytes, and what its model's tables say of a line."),
    ("nvram", "What a module keeps without power: saved and in use, snapshots, differences, the image."),
    ("platforms", "The operators' platforms and the devices that they know."),
    ("devices", "One device at a platform: its record, history, objects and values, and what is asked of it."),
    ("batches", "One thing done to many devices of a platform, and what became of each."),
    ("keys", "Keys that registrations need: CMDMP's appkeys, and the pre-shared keys of Andlink devices."),
    ("firmware", "Firmware packages, as campaigns give them to devices."),
    ("campaigns", "Firmware for many devices of an Andlink platform."),
    ("objects", "Definitions of LwM2M objects: the OMA registry's, and those that users bring."),
    ("clock", "The lab's time: its rate, and how to advance it."),
    ("faults", "Faults that are injected into the lab's network."),
    ("scenarios", "Scenario files, each run in a simulated lab of its own."),
    ("traces", "What happened: searched, paged, downloaded, and datagrams byte by byte."),
    ("notes", "What people have noted on entries of the timeline."),
    ("timeline", "The same as plain lines of JSON, and as a stream of them."),
    ("events", "The lab as server-sent events: entries of the timeline, and whatever else has changed."),
    ("lab", "The lab as a whole: health, figures, its state as one archive."),
    ("access", "The caller and its role, tokens, and the audit log."),
    ("leshan", "The paths and shapes of Eclipse Leshan's demonstration server, for scripts that were made for it."),
)

_PARAMETERS: Mapping[str, str] = {
    "limit": "how many at most",
    "offset": "how many are left out first",
    "order": "asc: ascending; desc: descending",
    "lang": "the language of what is said in words; else as Accept-Language says",
    "device": "the device's name at the platform (IMEI or endpoint name), or its id",
    "endpoint": "the device's endpoint name; of a CMDMP device its IMEI",
    "ticket": "the number that the operation's answer had",
    "kind": "only entries of this kind; may be repeated",
    "source": "only entries of this module, platform or part of the lab; may be repeated",
    "last-event-id": "the last id that the reader had: what came after it is sent first",
    "Last-Event-ID": "the last id that the reader had: what came after it is sent first",
    "active": "not used: an observation is always ended at the device",
}
"""Those that mean the same wherever they stand. The others are described at their routes."""

_IN_PATHS: Mapping[tuple[str, str], str] = {
    ("modules", "name"): "the module's name",
    ("modules", "number"): "the snapshot's id",
    ("platforms", "name"): "the platform's name: cmdmp, andlink, telecom or unicom",
    ("platforms", "number"): "the campaign's id",
    ("firmware", "name"): "the package's name",
    ("scenarios", "name"): "the scenario's name",
    ("scenarios", "number"): "the run's id",
    ("faults", "number"): "the fault's number",
    ("traces", "number"): "the entry's number",
    ("objects", "id"): "the object's id in the OMA registry",
    ("objects", "version"): "the definition's version, such as 1.0",
    ("appkeys", "appkey"): "the appkey",
    ("access", "name"): "the token's name",
    ("clients", "path"): "the path of an object, an instance or a resource, such as 3/0/0, and after it the action",
}
"""Of the paths, by the first part behind the prefix."""

_LANG: Schema = {
    "name": "lang", "in": "query", "required": False, "description": _PARAMETERS["lang"],
    "schema": {"type": "string", "title": "Lang"},
}  # fmt: skip
_COUNT: Schema = {"description": "how many there are in all", "schema": {"type": "integer", "minimum": 0}}
_COUNTED = frozenset(
    {
        "list_modules", "list_commands", "list_devices", "list_device_keys", "list_campaign_devices",
        "list_batch_devices", "read_device_history", "list_audit_entries",
    }
)  # fmt: skip
"""Operations whose answer has the header X-Total-Count."""

_OCTETS: Schema = {"type": "string", "format": "binary"}
_NODE: Schema = {"type": "object", "description": "a node in Leshan's shape"}
_BODIES: Mapping[str, tuple[str, Schema]] = {
    "add_package": ("application/octet-stream", _OCTETS),
    "add_object_definitions": ("application/xml", _OCTETS),
    "upload_nvram_image": ("application/octet-stream", _OCTETS),
    "import_lab": ("application/gzip", _OCTETS),
    "import_devices": ("text/csv", {"type": "string"}),
    "write_leshan_node": (JSON, _NODE),
    "write_leshan_composite": (JSON, {"type": "object", "additionalProperties": _NODE}),
}
"""Of operations whose body is a file, or is read by the route itself."""


def install(app: FastAPI) -> None:
    """Give the application the whole schema in place of the one that FastAPI makes of the routes. It is made, and
    encoded, once and in a thread: half a second."""
    described = app.openapi

    @cache
    def openapi() -> Schema:
        return completed(described())

    @cache
    def encoded() -> bytes:
        return bytes(JSONResponse(openapi()).body)

    async def schema(request: Request) -> Response:
        return Response(await run_in_threadpool(encoded), media_type="application/json")

    app.openapi = openapi  # type: ignore[method-assign]
    for route in app.router.routes:
        if isinstance(route, Route) and route.path == app.openapi_url:
            app.router.routes.remove(route)
            break
    app.add_route(app.openapi_url or "", schema, include_in_schema=False)


def completed(schema: Schema) -> Schema:
    schema["servers"] = [{"url": "/", "description": "this lab"}]
    schema["tags"] = [{"name": name, "description": text} for name, text in TAGS]
    schemas: Schema = schema["components"]["schemas"]
    _, problem = models_json_schema([(Problem, "serialization")], ref_template="#/components/schemas/{model}")
    schemas.update(problem["$defs"])
    for properties in (model.get("properties", {}) for model in schemas.values()):
        for name, field in properties.items():
            _with_range(field, field)
            field.setdefault("title", name)
    known = examples()
    schemas["Problem"]["example"] = known["set_signal"]["refusals"]["422"]
    for path, operation in operations(schema):
        _complete_parameters(path, operation)
        if operation["operationId"] in _BODIES:
            media_type, content = _BODIES[operation["operationId"]]
            operation["requestBody"] = {"required": True, "content": {media_type: {"schema": dict(content)}}}
        if JSON in operation.get("requestBody", {}).get("content", {}) and path.startswith("/api/v1/"):
            operation["responses"] |= {str(status): told for status, told in responses(415).items()}
        operation["responses"] = dict(sorted(operation["responses"].items()))
        _complete_files(operation)
        if operation["operationId"] in _COUNTED:
            operation["responses"]["200"]["headers"] = {"X-Total-Count": _COUNT}
        _add_example(operation, known.get(operation["operationId"], {}))
    return schema


def operations(schema: Schema) -> Iterator[tuple[str, Schema]]:
    """Every operation with its path."""
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            yield path, operation


@cache
def examples() -> Mapping[str, Mapping[str, Any]]:
    """By operation: ``parameters`` by name, ``request``, ``answer`` (``status``, ``media_type``), ``refusals``."""
    file = resources.files("nbtwin.web").joinpath("openapi_examples.json")
    found: dict[str, dict[str, Any]] = json.loads(file.read_text("utf-8"))
    return found


def _complete_parameters(path: str, operation: Schema) -> None:
    parameters: list[Schema] = operation.setdefault("parameters", [])
    area = path.removeprefix("/api/v1/").removeprefix("/api/").partition("/")[0]
    if "/campaigns/" not in path and area == "platforms":
        area = "platforms"
    for parameter in parameters:
        name = parameter["name"]
        words = _IN_PATHS.get((area, name)) if parameter["in"] == "path" else None
        if "description" not in parameter and (words := words or _PARAMETERS.get(name)):
            parameter["description"] = words
        _with_range(parameter, parameter["schema"])
    if path.startswith("/api/v1/") and all(parameter["name"] != "lang" for parameter in parameters):
        parameters.append(dict(_LANG))


def _complete_files(operation: Schema) -> None:
    """What an answer is that is no JSON: text, or bytes."""
    for answer in operation["responses"].values():
        for media_type, content in answer.get("content", {}).items():
            if not content.get("schema") and not media_type.endswith("json"):
                is_text = media_type.startswith("text/") or media_type.endswith("jsonl")
                content["schema"] = {"type": "string"} if is_text else dict(_OCTETS)


def _with_range(described: Schema, schema: Schema) -> None:
    """Put the range of the values behind the description."""
    if (said := _range(schema)) and not described.get("description", "").endswith(f"({said})"):
        described["description"] = f"{described.get('description', '')} ({said})".strip()


def _range(schema: Schema) -> str:
    for one in (schema, *schema.get("anyOf", ())):
        low, high = one.get("minimum"), one.get("maximum")
        if low is not None and high is not None:
            return f"{low:.15g} to {high:.15g}"
        if (above := one.get("exclusiveMinimum")) is not None:
            return f"more than {above:.15g}" + ("" if high is None else f", at most {high:.15g}")
        if low is not None:
            return f"at least {low:.15g}"
        if (most := one.get("maxLength")) is not None:
            return f"at most {most} characters"
        if (most := one.get("maxItems")) is not None:
            return f"at most {most}"
    return ""


def _add_example(operation: Schema, example: Mapping[str, Any]) -> None:
    for parameter in operation["parameters"]:
        if parameter["name"] in example.get("parameters", {}):
            parameter["example"] = example["parameters"][parameter["name"]]
    if "request" in example:
        for content in operation["requestBody"]["content"].values():
            content["example"] = example["request"]
    if "answer" in example:
        operation["responses"][str(example["status"])]["content"][example["media_type"]]["example"] = example["answer"]
    for status, answer in example.get("refusals", {}).items():
        operation["responses"][status]["content"][MEDIA_TYPE]["example"] = answer
