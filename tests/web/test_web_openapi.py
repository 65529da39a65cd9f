"""The API's schema, for whoever makes a client of it: names that stay, one problem, nothing without a description."""

import re
from collections.abc import AsyncIterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from answers import alike
from api_examples import Call, walk
from api_lab import api_lab
from loop_watch import loop_watch

from nbtwin.web.openapi import examples, operations

OPERATIONS = Path(__file__).with_name("operations.txt")
PROBLEM = {"$ref": "#/components/schemas/Problem"}
pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def schema(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Any]]:
    async with api_lab(tmp_path_factory.mktemp("lab")) as api:
        yield await api.get("/openapi.json")


async def test_the_operations_are_those_of_the_list(schema: dict[str, Any]) -> None:
    """Programs name their methods by the ids: a new one is added to the list, none is renamed."""
    found = [
        f"{operation['operationId']} {method.upper()} {path}"
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]
    assert sorted(found) == OPERATIONS.read_text("utf-8").splitlines()


async def test_ids_are_short_names_of_methods_and_unique(schema: dict[str, Any]) -> None:
    ids = [operation["operationId"] for _, operation in operations(schema)]
    assert len(set(ids)) == len(ids)
    assert [id for id in ids if not re.fullmatch(r"[a-z]+(_[a-z]+){1,4}", id) and id != "run_until"] == []


async def test_every_operation_has_a_tag_that_is_described_and_a_description(schema: dict[str, Any]) -> None:
    described = {tag["name"] for tag in schema["tags"] if tag["description"]}
    assert {tag for _, operation in operations(schema) for tag in operation["tags"]} == described
    assert [o["operationId"] for _, o in operations(schema) if len(o["tags"]) != 1 or not o.get("description")] == []


async def test_every_refusal_of_every_operation_is_the_one_problem(schema: dict[str, Any]) -> None:
    for _, operation in operations(schema):
        refusals = {status: answer for status, answer in operation["responses"].items() if status[0] in "45"}
        assert {"401", "403", "422", "503"} <= refusals.keys()
        for status, answer in refusals.items():
            where = f"{operation['operationId']} {status}"
            assert {name: content["schema"] for name, content in answer["content"].items()} == {
                "application/problem+json": PROBLEM
            }, where


async def test_every_field_and_every_parameter_is_described(schema: dict[str, Any]) -> None:
    """In words, and not by its range alone."""

    def silent(described: dict[str, Any]) -> bool:
        return not described.get("description", "").partition("(")[0].strip()

    fields = [
        f"{model}.{name}"
        for model, one in schema["components"]["schemas"].items()
        for name, field in one.get("properties", {}).items()
        if silent(field)
    ]
    parameters = [
        f"{operation['operationId']} {parameter['name']}"
        for _, operation in operations(schema)
        for parameter in operation["parameters"]
        if silent(parameter)
    ]
    assert fields + parameters == []


async def test_a_range_that_is_enforced_is_said(schema: dict[str, Any]) -> None:
    signal = schema["components"]["schemas"]["Signal"]["properties"]["rssi"]
    limit = next(p for p in schema["paths"]["/api/v1/modules"]["get"]["parameters"] if p["name"] == "limit")
    assert (signal["minimum"], signal["maximum"]) == (0, 99)
    assert signal["description"].endswith("(0 to 99)")
    assert limit["description"] == "how many at most (1 to 10000)"


async def test_json_in_another_media_type_is_among_the_refusals_of_what_takes_json(schema: dict[str, Any]) -> None:
    for path, operation in operations(schema):
        takes_json = "application/json" in operation.get("requestBody", {}).get("content", {})
        assert ("415" in operation["responses"]) == (takes_json and path.startswith("/api/v1/")), path


async def test_the_examples_are_what_a_lab_answers(tmp_path: Path) -> None:
    """`python tests/web/api_examples.py` makes them anew."""
    known, met = examples(), set()

    def compare(call: Call, found: dict[str, Any]) -> None:
        if call.example:
            met.add(call.operation)
            example = {name: known[call.operation].get(name) for name in found}
            assert alike(example, found, measured=call.measured), f"{call.operation}:\n{example}\n{found}"

    with loop_watch() as watch:
        await walk(tmp_path, compare, watch)
    assert met == known.keys()
    assert watch.found == {}, "on the loop, which belongs to the modules"


async def test_every_operation_has_its_example(schema: dict[str, Any]) -> None:
    """Of its answer, and of what it takes; files of bytes have none."""
    for _, operation in operations(schema):
        assert operation["operationId"] in examples()
        for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
            assert ("example" in content) == media_type.endswith(("json", "xml", "csv")), operation["operationId"]
        answers = operation["responses"]
        for media_type, content in answers.get("200", answers.get("201", {})).get("content", {}).items():
            is_text = media_type.startswith("text/") or media_type.endswith(("json", "jsonl"))
            assert ("example" in content) == is_text, operation["operationId"]


async def test_every_operation_and_tag_has_its_words_in_chinese(schema: dict[str, Any]) -> None:
    """For the API's page. And none that is no longer there."""
    text = resources.files("nbtwin.web").joinpath("static/words/operations.zh.ftl").read_text("utf-8")
    known = set(re.findall(r"^([a-z][\w-]*) = \S", text, re.M))
    tags = {f"tag-{tag['name'].replace(' ', '_')}-{what}" for tag in schema["tags"] for what in ("name", "about")}
    assert known == {operation["operationId"] for _, operation in operations(schema)} | tags | {"about"}


async def test_the_schema_of_a_device_has_the_fields_that_a_device_has(schema: dict[str, Any]) -> None:
    fields = schema["components"]["schemas"]["DeviceState"]["properties"]
    assert fields.keys() == examples()["read_device"]["answer"].keys()
