"""The examples of the API's schema: one call of each operation, in an order in which each finds what it needs.

`python tests/web/api_examples.py` (from the project's folder, with `src` on the path) makes them anew in
`src/nbtwin/web/openapi_examples.json`; a test makes the same calls and compares. A simulated lab with a seed: what
differs from one run to the next are times and what the machine gives (`answers`).
"""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
from loop_watch import LoopWatch
from sleeping_meter import IMEI as SLEEPER
from sleeping_meter import Meter
from starlette.requests import ClientDisconnect

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.engine import Seconds
from nbtwin.lab.faults import Impairment, PacketInFlight
from nbtwin.lab.observers import LabObserver
from nbtwin.runtime.lab import LabRuntime
from nbtwin.runtime.spec import parse_spec
from nbtwin.web.app import create_app

FILE = Path(__file__).parents[2] / "src/nbtwin/web/openapi_examples.json"
BC28, NEWER = "863703031270866", "867724030000233"  # the module's; of a device that speaks LwM2M 1.1
SHOWN = 2  # of a longer list
LINES = 4  # of a longer text
LONGEST = 400  # of a longer text in a field
SENML_JSON = 110
JSON = "application/json"
DEFINITION = (
    "<LWM2M><Object><Name>Tank</Name><ObjectID>33001</ObjectID><MultipleInstances>Single</MultipleInstances>"
    '<Mandatory>Optional</Mandatory><Resources><Item ID="1"><Name>Level</Name><Operations>R</Operations>'
    "<MultipleInstances>Single</MultipleInstances><Mandatory>Optional</Mandatory><Type>Float</Type></Item></Resources>"
    "</Object></LWM2M>"
)
M: dict[str, Any] = {"name": "meter"}
P: dict[str, Any] = {"name": "andlink"}
D: dict[str, Any] = {**P, "device": BC28}
Q: dict[str, Any] = {**P, "device": SLEEPER}
L: dict[str, Any] = {"endpoint": NEWER}
PSK = {"identity": "867724030000241", "key": "000102030405060708090A0B0C0D0E0F"}


@dataclass(frozen=True)
class Call:
    operation: str
    parameters: dict[str, Any] = field(default_factory=dict)
    body: Any = None  # JSON; bytes of a file; or the name of an answer that was kept
    keep: str = ""
    measured: bool = False  # figures of this machine: only their kinds are the same each time
    example: bool = True  # or only what the next ones need
    status: int = 0  # with which it is refused


WALK: tuple[Call, ...] = (
    Call("read_health", measured=True),
    Call("read_readiness"),
    Call("list_models"),
    Call("list_modules", {"containing": "met"}),
    Call("add_module", body={"model": "BC260Y-CN", "name": "second", "serial": "tcp:127.0.0.1:0"}),
    Call("read_module", M),
    Call("list_deadlines", M),
    Call("read_capabilities", M),
    Call("send_at_line", M, {"line": "AT+CSQ"}),
    Call("send_host_command", M, {"line": "AT+CSQ", "within": "10s"}),
    Call("read_serial_port", M, measured=True),  # how much the PTY holds
    Call("send_bytes", M, {"text": "AT\r", "wait": 0}),
    Call("explain_line", {**M, "line": "AT+CEREG=1"}),
    Call("complete_line", {**M, "line": "AT+CER", "limit": 2}),
    Call("list_commands", {**M, "containing": "CEREG"}),
    Call("set_coverage", M, {"coverage": True}),
    Call("set_signal", M, {"rssi": 50}, status=422),
    Call("set_signal", M, {"rssi": 21}),
    Call("insert_usim", {"name": "second"}, {"operator": "telecom"}),
    Call("remove_usim", {"name": "second"}),
    Call("update_module_firmware", {"name": "second"}, {"version": "BC260YCNAAR01A02"}),
    Call("rebind_module", M),
    Call("switch_power", M, {"action": "reset"}),
    Call("advance_clock", body={"span": "2min"}),
    # platforms and devices
    Call("list_platforms"),
    Call("read_platform", P),
    Call("set_strict", P, {"strict": False}),
    Call("list_devices", {**P, "sort": "last_seen_at", "limit": 1}),
    Call("download_devices", P),
    Call("label_device", D, {"name": "meter 7", "group": "line 2", "tags": ["field"]}),
    Call("list_labels", P),
    Call("import_devices", {**P, "check": "true"}, f"imei,name,tags\n{BC28},meter 7,field v2\n".encode()),
    Call("read_online_curve", {**P, "points": 2}),
    Call("read_device_online", D),
    Call("read_device", D),
    Call("start_operation", D, {"operation": "observe", "path": "/3/0/1"}, example=False),
    Call("start_operation", D, {"operation": "read", "path": "/3/0"}),
    Call("list_operations", {**D, "limit": 1}),
    Call("read_operation", {**D, "ticket": 2}),
    Call("read_device_history", {**D, "limit": 2}),
    Call("read_device_objects", D),
    Call("read_resource_history", {**D, "path": "/3/0/1", "limit": 2}),
    Call("download_resource_history", {**D, "path": "/3/0/1", "limit": 2}),
    Call("download_device_values", D),
    Call("list_observations", D),
    Call("start_operation", Q, {"operation": "read", "path": "/3/0/0", "wait": 0, "within": 86400}, example=False),
    Call("start_operation", Q, {"operation": "execute", "path": "/3/0/4", "wait": 0}, example=False),
    Call("read_queue", Q),
    Call("move_queued_command", {**Q, "ticket": 4}, {"position": 1}),
    Call("read_queued_command", {**Q, "ticket": 4}),
    Call("cancel_queued_command", {**Q, "ticket": 4}),
    Call("start_batch", P, {"act": "operate", "order": {"operation": "read", "path": "/3/0/1"}, "of": {"tags": []}}),
    Call("list_batches", P),
    Call("read_batch", {**P, "number": 1}),
    Call("list_batch_devices", {**P, "number": 1}),
    Call("download_batch_devices", {**P, "number": 1}),
    Call("stop_batch", {**P, "number": 1}),
    # keys, firmware, objects
    Call("add_appkey", body={"appkey": "M100000001", "password": "a-secret-password"}),
    Call("list_appkeys"),
    Call("remove_appkey", {"appkey": "M100000001"}),
    Call("set_device_keys", {**P, "device": PSK["identity"]}, {"key": PSK["key"]}),
    Call("list_device_keys", {**P, "containing": "8677"}),
    Call("read_device_keys", {**P, "device": PSK["identity"]}),
    Call("remove_device_keys", {**P, "device": PSK["identity"]}),
    Call("make_package", body={"name": "new", "model": "BC28", "version": "BC28JAR01A11_ONT"}),
    Call("download_package", {"name": "new"}, keep="package"),
    Call("add_package", {"name": "same", "notes": "for the field"}, "package"),
    Call("list_packages"),
    Call("read_package", {"name": "new"}),
    Call("remove_package", {"name": "same"}),
    Call("add_object_definitions", body=DEFINITION.encode()),
    Call("list_object_definitions", {"source": "added"}),
    Call("read_object_definition", {"id": 33001}),
    Call("remove_object_definition", {"id": 33001, "version": "1.0"}),
    Call("start_campaign", P, {"package": "new", "devices": [BC28]}),
    Call("list_campaigns", P),
    Call("read_campaign", {**P, "number": 1}),
    Call("list_campaign_devices", {**P, "number": 1}),
    Call("download_campaign_devices", {**P, "number": 1}),
    Call("stop_campaign", {**P, "number": 1}),
    # Leshan's paths
    Call("list_leshan_clients"),
    Call("read_leshan_client", L),
    Call("list_leshan_object_specs", L),
    Call("read_leshan_node", {**L, "path": "3/0/0"}),
    Call("write_leshan_node", {**L, "path": "1/0/1"}, {"kind": "singleResource", "id": 1, "value": 600}),
    Call("execute_leshan_node", {**L, "path": "3/0/4"}),
    Call("delete_leshan_node", {**L, "path": "33000/0"}),
    Call("read_leshan_composite", {**L, "paths": "/3/0/0,/1/0/1"}),
    Call("write_leshan_composite", L, {"/1/0/1": {"kind": "singleResource", "id": 1, "value": 600}}),
    Call("observe_leshan_composite", {**L, "paths": "/3/0/0,/1/0/1"}),
    Call("cancel_leshan_composite", {**L, "paths": "/3/0/0,/1/0/1"}),
    Call("set_leshan_security", body={"endpoint": PSK["identity"], "tls": {"mode": "psk", "details": PSK}}),
    Call("list_leshan_security"),
    Call("remove_leshan_security", {"endpoint": PSK["identity"]}),
    # NVRAM
    Call("read_nvram", M),
    Call("take_snapshot", M, {"label": "before the tests"}, measured=True),  # a time has more digits or fewer
    Call("list_snapshots", M, measured=True),
    Call("download_nvram_image", M, keep="image"),
    Call("upload_nvram_image", M, "image"),
    Call("compare_nvram", {**M, "before": "factory"}),
    Call("restore_nvram", M, {"snapshot": 1}),
    Call("remove_snapshot", {**M, "number": 1}),
    Call("reset_nvram", M),
    # the lab
    Call("read_clock"),
    Call("run_until", body={"within": "2d", "kind": "platform", "source": "andlink"}),
    Call("stop_clock"),
    Call("set_clock_zone", body={"zone": "Beijing"}, status=422),
    Call("set_clock_zone", body={"zone": "UTC"}),
    Call("add_fault", body={"kind": "loss", "direction": "up", "packets": [1, 2]}),
    Call("list_faults"),
    Call("list_fault_kinds"),
    Call("remove_fault", {"number": 1}),
    Call("remove_faults"),
    Call("list_scenarios"),
    Call("read_scenario", {"name": "telecom-server-down"}),
    Call("run_scenario", body={"name": "telecom-server-down", "wait": 30}),
    Call("list_scenario_runs"),
    Call("read_scenario_run", {"number": 1}),
    Call("read_scenario_run_timeline", {"number": 1, "limit": 2}),
    Call("stop_scenario_run", {"number": 1}),
    Call("read_overview", measured=True),
    Call("read_rates", {"seconds": 2}, measured=True),
    Call("read_metrics", measured=True),
    Call("search_traces", {"kind": "at.out", "limit": 1}),
    Call("download_traces", {"kind": "at.out"}),
    Call("download_capture", {"kind": "datagram"}),
    Call("add_note", body={"entry": 20, "text": "here the meter registers"}),
    Call("list_notes"),
    Call("remove_note", {"id": 1}),
    Call("download_story", {"numbers": "1-3,20"}, measured=True),
    Call("read_trace", {"number": 20}),
    Call("read_timeline", {"kind": "at.out", "limit": 1}),
    Call("stream_timeline", {"after": 0, "kind": "at.out"}),
    Call("stream_events", {"types": "entry", "kind": "at.out", "last_event_id": "0"}),
    Call("stream_leshan_events", {"ep": SLEEPER}),
    # who may
    Call("read_caller"),
    Call("create_token", body={"name": "ci", "role": "viewer", "lasts": "90d"}),
    Call("list_tokens"),
    Call("remove_token", {"name": "ci"}),
    Call("list_audit_entries", {"limit": 1}),
    # what ends something
    Call("forget_registrations", P),
    Call("forget_device", D),
    Call("remove_module", {"name": "second"}),
    Call("export_lab", keep="archive"),
    Call("import_lab", body="archive"),
    Call("reset_lab", body={"modules": True}),
)
LIVE = (Call("set_clock_rate", body={"rate": 60}), Call("pause_clock"), Call("resume_clock"))
"""A simulated lab has no pace. In a live one nothing waits here, so that no figure depends on the machine."""


class NewerDevice(LabObserver):
    """Registers with LwM2M 1.1 at the lab's Andlink platform and answers what it is asked, in its own datagrams."""

    PEER = ("10.0.0.2", 5683)
    VALUES = b'[{"n":"/3/0/0","vs":"Quectel"},{"n":"/1/0/1","v":600}]'

    def __init__(self, lab: LabRuntime) -> None:
        self._lab = lab
        lab.world.observers.append(self)
        query = (f"ep={NEWER}", "lwm2m=1.1", "b=U", "lt=86400")
        found = options(path=("rd",), query=query, content_format=40)
        self._send(Message(Type.CON, Code.POST, 1, b"r", found, b"</1/0>,</3/0>,</33000/0>"))

    def datagram(
        self, at: Seconds, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: str | None
    ) -> None:
        if packet.destination == self.PEER and (message := decode(data)).code < 32 and message.code:
            # at that instant of the lab: on the loop it would depend on how busy the machine is
            self._lab.world.scheduler.call_at(at, partial(self._answer, message))

    def _answer(self, asked: Message) -> None:
        reads = {Code.GET: b'[{"n":"/3/0/0","vs":"Quectel"}]', Code.FETCH: self.VALUES}
        content = reads.get(Code(asked.code), b"")
        code = Code.CONTENT if content else Code.DELETED if asked.code == Code.DELETE else Code.CHANGED
        found = options(content_format=SENML_JSON) if content else ()
        self._send(Message(Type.ACK, code, asked.message_id, asked.token, found, content))

    def _send(self, message: Message) -> None:
        world, node = self._lab.world, self._lab.world.platforms["andlink"]
        node.inputs[node.address](world.now, self.PEER, encode(message))
        world.drain(node)


class Walker:
    """Makes the calls on one application, and keeps what a later one sends."""

    def __init__(self, app: Any, lab: LabRuntime) -> None:
        self._app, self._lab = app, lab
        self._schema = app.openapi()
        self._where = {
            operation["operationId"]: (method, path, operation)
            for path, methods in self._schema["paths"].items()
            for method, operation in methods.items()
        }
        self._kept: dict[str, bytes] = {}
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1:8080")

    async def call(self, call: Call) -> dict[str, Any]:
        method, path, operation = self._where[call.operation]
        of_path = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
        query = {name: value for name, value in call.parameters.items() if name not in of_path}
        target = path.format(**call.parameters) + (f"?{urlencode(query)}" if query else "")
        if call.operation.startswith("stream_"):
            return await self._stream(call, target)
        content = self._kept[call.body] if isinstance(call.body, str) else call.body
        how: dict[str, Any] = {"content": content} if isinstance(content, bytes) else {}
        if content is not None and not how:
            how["json"] = content
        answer = await self.http.request(method.upper(), target, **how)
        if call.status:
            assert answer.status_code == call.status, answer.text
            return {"refusals": {str(call.status): answer.json()}}
        assert answer.status_code < 300, f"{call.operation}: {answer.status_code} {answer.text}"
        documented = operation["responses"][str(answer.status_code)]
        assert ("x-total-count" in answer.headers) == ("headers" in documented), call.operation
        if call.keep:
            self._kept[call.keep] = answer.content
        return self._example(call, answer.status_code, answer.headers.get("content-type", ""), answer.content)

    def _example(self, call: Call, status: int, content_type: str, content: bytes) -> dict[str, Any]:
        media_type = content_type.partition(";")[0]
        example: dict[str, Any] = {"status": status}
        if call.parameters:
            example["parameters"] = call.parameters
        if call.body is not None and not isinstance(call.body, str):
            example["request"] = call.body.decode() if isinstance(call.body, bytes) else call.body
        if media_type == JSON:
            example |= {"media_type": media_type, "answer": shortened(json.loads(content))}
        elif media_type.startswith("text/") or media_type == "application/jsonl":
            lines = content.decode().splitlines(keepends=True)
            example |= {"media_type": media_type, "answer": "".join(lines[:LINES])}
        return example

    async def _stream(self, call: Call, target: str) -> dict[str, Any]:
        path, _, query = target.partition("?")
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.4"}, "http_version": "1.1", "method": "GET",
            "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "", "scheme": "http",
            "headers": [(b"host", b"127.0.0.1:8080")], "server": ("127.0.0.1", 8080), "client": ("127.0.0.1", 1),
        }  # fmt: skip
        said, told = bytearray(), {}

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                told.update({name.decode(): value.decode() for name, value in message["headers"]})
                return
            said.extend(message["body"])
            if call.operation == "stream_leshan_events" and b"connected" in message["body"]:
                Meter(self._lab).register()
            if b"\ndata:" in said or said.startswith(b"data:"):
                raise ClientDisconnect

        await self._app(scope, receive, send)
        text = bytes(said).decode()
        events = [one for one in text.split("\n\n") if "data:" in one]
        return self._example(call, 200, told["content-type"], f"{events[0]}\n\n".encode())


def shortened(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: shortened(one) for name, one in value.items()}
    if isinstance(value, list):
        return [shortened(one) for one in value[:SHOWN]]
    return value[:LONGEST] + "…" if isinstance(value, str) and len(value) > LONGEST else value


@asynccontextmanager
async def lab_of(state: Path, *, simulated: bool) -> AsyncIterator[tuple[LabRuntime, Walker]]:
    lab = LabRuntime(state, seed=1, simulated=simulated)
    try:
        for operator in ("cmdmp", "andlink"):
            lab.add_platform(operator, ("127.0.0.1", 0))
        if simulated:
            await lab.add_module(parse_spec("BC28,name=meter"))
        walker = Walker(create_app(lab), lab)
        async with walker.http:
            yield lab, walker
    finally:
        await lab.close()


async def walk(state: Path, seen: Callable[[Call, dict[str, Any]], None], watch: LoopWatch | None = None) -> None:
    """Every call; ``seen`` gets each with what came of it, ``watch`` looks at what it touches."""
    watch = LoopWatch() if watch is None else watch
    async with lab_of(state / "simulated", simulated=True) as (lab, walker):
        watch.watch(lab)
        await lab.advance(30)
        await walker.call(Call("send_at_line", M, {"line": 'AT+QLASERVERIP="LWM2M","192.0.2.11",5683'}))
        await walker.call(Call("switch_power", M, {"action": "reset"}))
        await lab.advance(120)
        NewerDevice(lab)
        Meter(lab).register()
        await lab.advance(120)  # and it sleeps
        for call in WALK:
            with watch.of(call.operation):
                answer = await walker.call(call)
            seen(call, answer)
    async with lab_of(state / "live", simulated=False) as (_, walker):
        for call in LIVE:
            seen(call, await walker.call(call))


def main() -> None:
    found: dict[str, Any] = {}

    def seen(call: Call, example: dict[str, Any]) -> None:
        if call.example:
            found.setdefault(call.operation, {}).update(example)

    with tempfile.TemporaryDirectory() as state:
        asyncio.run(walk(Path(state), seen))
    FILE.write_text(json.dumps(dict(sorted(found.items())), ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
