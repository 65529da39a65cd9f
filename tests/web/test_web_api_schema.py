"""Every operation of the API's own schema, asked with what the schema allows and with what it forbids (schemathesis).

No answer is a 5xx, every refusal is a problem document, a wrong request is told which field is wrong, and what is
answered is what the schema says. A simulated lab in another process, with a module that is registered twice.
"""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from running import Running
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

STREAMS = ("/api/v1/events", "/api/v1/timeline/events", "/api/event")  # they do not end
TIME_OUT = 504  # a device that does not answer in time is no fault of the server's
EXAMPLES = 3  # of each operation, allowed and forbidden
PROMISES = [status_code_conformance, content_type_conformance, response_schema_conformance]
_ORDER = {"get": 0, "put": 1, "post": 2, "delete": 3}
_IMPATIENT = {"wait": 0.05, "timeout": 0.05}


@schemathesis.serializer("application/gzip")
def archive(_: Any, value: Any) -> bytes:
    """The body of an import: whatever is made up is no archive."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    asked = ("up", "--module", "BC28,name=meter", "--ports", "cmdmp=0,telecom=0,andlink=0", "--http", "127.0.0.1:0")
    with (
        Running(*asked, "--clock", "simulated", "--seed", "1", state=tmp_path_factory.mktemp("lab")) as running,
        httpx.Client(base_url=running.console(), timeout=60) as http,
    ):
        http.post("/api/v1/clock/advance", json={"span": "30s"})
        line = 'AT+QLASERVERIP="LWM2M","192.0.2.11",5683'
        assert http.post("/api/v1/modules/meter/at", json={"line": line}).json()["answer"] == ["OK"]
        http.post("/api/v1/modules/meter/power", json={"action": "reset"})
        http.post("/api/v1/clock/advance", json={"span": "2min"})
        assert [platform["devices"] for platform in http.get("/api/v1/platforms").json()] == [1, 0, 1]
        yield http


def test_no_body_takes_a_field_that_it_does_not_know(lab: httpx.Client) -> None:
    """A misspelt one, left out, would mean something else. Leshan's scripts keep their liberties."""
    document = lab.get("/api/v1/openapi.json").json()
    bodies = [
        (path, operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2])
        for path, operations in document["paths"].items()
        for operation in operations.values()
        if path.startswith("/api/v1") and "application/json" in operation.get("requestBody", {}).get("content", {})
    ]
    open_to_anything = [
        (path, body) for path, body in bodies
        if document["components"]["schemas"][body].get("additionalProperties") is not False
    ]  # fmt: skip
    assert len(bodies) > 20
    assert open_to_anything == []


def with_what_is_there(case: Any, imei: str) -> None:
    """Names of things that exist: made-up ones would only ever be answered 404. And nobody waits for long."""
    platform = "andlink" if "/platforms/" in case.path else "meter"
    known = {"name": platform, "device": imei, "endpoint": imei, "number": "1", "ticket": "1"}
    for name in set(known) & set(case.path_parameters or {}):
        case.path_parameters[name] = known[name]
    if "path" in (case.path_parameters or {}):
        case.path_parameters["path"] = "3/0"
    for part in (case.body, case.query):
        if isinstance(part, dict):
            part |= {name: seconds for name, seconds in _IMPATIENT.items() if isinstance(part.get(name), int | float)}
    if case.path.endswith("/operations") and isinstance(case.body, dict):
        case.body["wait"] = 0.05
    if "/api/clients/{endpoint}/{path}" in case.path:
        case.query = {**(case.query or {}), "timeout": 0.05}


def check(case: Any, answer: Any) -> None:
    where = f"{case.as_curl_command()}\n{answer.status_code} {answer.content[:500]!r}"
    assert answer.status_code < 500 or (answer.status_code == TIME_OUT and "/api/clients/" in case.path), where
    if answer.status_code >= 400:
        assert answer.headers["content-type"] == ["application/problem+json"], where
        problem = answer.json()
        assert (problem["status"], bool(problem["detail"])) == (answer.status_code, True), where
        assert answer.status_code != 422 or problem["field"], where
    case.validate_response(answer, checks=PROMISES)


@pytest.mark.timeout(300)
def test_no_request_breaks_the_server_and_every_wrong_one_is_told_its_field(lab: httpx.Client) -> None:
    imei = lab.get("/api/v1/modules/meter").json()["imei"]
    url = str(lab.base_url).rstrip("/")
    schema = schemathesis.openapi.from_url(f"{url}/api/v1/openapi.json")
    found = [result.ok() for result in schema.get_all_operations()]
    operations = sorted((o for o in found if o.path not in STREAMS), key=lambda o: (_ORDER[o.method.lower()], o.path))
    assert len(operations) > 90
    for operation in operations:
        ask(operation, GenerationMode.POSITIVE, url, imei)
        if operation.body or operation.query:  # names in paths are those of things that are there
            ask(operation, GenerationMode.NEGATIVE, url, imei)
    assert lab.get("/api/v1/health").json()["status"] == "ok"


def ask(operation: Any, mode: GenerationMode, url: str, imei: str) -> None:
    @settings(max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def asked(case: Any) -> None:
        with_what_is_there(case, imei)
        check(case, case.call(base_url=url))

    try:
        asked()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, "without parameters nothing can be wrong"


def test_streams_refuse_what_their_schema_forbids(lab: httpx.Client) -> None:
    for path, query, field in (
        ("/api/v1/events", {"types": "gossip"}, "types.0"),
        ("/api/v1/events", {"kind": "gossip"}, "kind.0"),
        ("/api/v1/timeline/events", {"after": "-1"}, "after"),
        ("/api/event", {"ep": "x" * 300}, "ep"),
    ):
        answer = lab.get(path, params=query)
        assert (answer.status_code, answer.json()["field"]) == (422, field)
