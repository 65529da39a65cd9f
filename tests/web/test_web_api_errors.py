"""A refusal of the API is a code with fields, and a sentence in the language of whoever asks."""

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from api_lab import BASE, ApiLab, api_lab

from nbtwin.timeline.catalogue import words
from nbtwin.web.forms import FORMS
from nbtwin.web.refusals import ApiRefusal


@pytest_asyncio.fixture
async def api(tmp_path: Path) -> AsyncIterator[ApiLab]:
    async with api_lab(tmp_path, "BC28,name=meter") as lab:
        yield lab


async def refused(api: ApiLab, path: str, body: Any = None, language: str = "", lang: str = "") -> Any:
    headers = {"Accept-Language": language} if language else {}
    answer = await api.http.request(
        "GET" if body is None else "POST",
        BASE + path,
        json=body,
        headers=headers,
        params={"lang": lang} if lang else {},
    )
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == answer.status_code >= 400
    return problem | {"language": answer.headers["content-language"]}


@pytest.mark.asyncio
async def test_the_sentence_is_in_the_language_that_is_asked_for_and_the_code_is_the_same(api: ApiLab) -> None:
    for language, lang, expected in (
        ("", "", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "", "zh"),
        ("en;q=0.2,zh;q=0.7", "", "zh"),
        ("zh;q=0,en", "", "en"),
        ("fr", "", "en"),
        ("zh-CN", "en", "en"),
        ("en", "zh", "zh"),
        ("zh;q=best", "", "en"),
    ):
        problem = await refused(api, "/modules/none", language=language, lang=lang)
        assert (problem["code"], problem["fields"]) == ("api-module-unknown", {"name": "none"})
        assert problem["language"] == expected
        assert problem["detail"] == {"en": "there is no module 'none'", "zh": "没有模块 “none”"}[expected]


@pytest.mark.asyncio
async def test_every_wrong_field_has_its_code_and_its_fields(api: ApiLab) -> None:
    body = {"path": "/" + "3" * 50, "operation": "dance", "wait": 61, "colour": "red"}
    problem = await refused(api, "/platforms/cmdmp/devices/1/operations", body, language="zh")
    errors = {error["field"]: error for error in problem["errors"]}
    assert {field: error["code"] for field, error in errors.items()} == {
        "path": "api-value-too-long",
        "operation": "api-value-none-of",
        "wait": "api-value-too-large",
        "colour": "api-field-unknown",
    }
    assert errors["path"]["fields"] == {"limit": 40}
    assert errors["path"]["detail"] == "最多 40 个字符"
    assert errors["operation"]["fields"]["known"][:3] == ["read", "discover", "write"]
    assert errors["wait"]["fields"] == {"limit": 60.0}
    first = problem["errors"][0]
    assert {name: problem[name] for name in first} == first


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("path", "body", "field", "code", "detail"),
    [
        ("/modules/meter/at", {}, "line", "api-value-missing", "this is required"),
        ("/modules/meter/at", {"line": 5}, "line", "api-no-text", "this is no text"),
        ("/modules/meter/at", {"line": "AT", "timeout": "now"}, "timeout", "api-no-number", "this is no finite number"),
        ("/modules/meter/at", {"line": "AT", "timeout": 0}, "timeout", "api-value-not-above", "more than 0"),
        ("/modules/meter/at", [], "body", "api-no-object", "this is no object"),
        ("/modules/meter/power", {"action": "on", "cause": "1"}, "cause", "api-cause-without-reset", "only a reset"),
        ("/modules/meter/signal", {"rssi": 40}, "rssi", "api-rssi", "rssi 40 is not 0-31 or 99"),
        ("/modules", {"model": "BC999"}, "model", "profile-model-unknown", "unknown model 'BC999'"),
        ("/modules", {"model": "BC28", "name": "meter"}, "name", "usage-name-taken", "the lab already has 'meter'"),
        ("/clock/advance", {"span": "soon"}, "span", "span-malformed", "'soon' is not a span"),
        ("/faults", {"fault": "gremlins"}, "fault", "fault-kind-unknown", "'gremlins' is not a kind of fault"),
        ("/faults", {"fault": "loss", "kind": "loss"}, "kind", "api-one-of-two", "give either fault or kind"),
        ("/scenarios/runs", {"yaml": "title: x"}, "yaml", "scenario-field-missing", "scenario:1: "),
        ("/access/tokens", {"name": "a", "role": "viewer", "lasts": "soon"}, "lasts", "span-malformed", "'soon'"),
    ],
)
async def test_what_a_floor_below_refuses_keeps_its_code(
    api: ApiLab, path: str, body: Any, field: str, code: str, detail: str
) -> None:
    problem = await refused(api, path, body)
    assert (problem["field"], problem["code"]) == (field, code)
    assert detail in problem["detail"]
    assert (await refused(api, path, body, language="zh"))["code"] == code


@pytest.mark.asyncio
async def test_a_body_that_is_no_json_and_paths_that_are_not_there_have_codes(api: ApiLab) -> None:
    answer = await api.http.post(f"{BASE}/clock/advance", content=b"{", headers={"content-type": "application/json"})
    assert (answer.json()["code"], bool(answer.json()["fields"]["detail"])) == ("api-body-not-json", True)
    assert (await refused(api, "/nowhere"))["code"] == "api-path-unknown"
    assert (await refused(api, "/clock/advance"))["code"] == "api-method"


@pytest.mark.asyncio
async def test_a_database_that_does_not_answer_is_named_and_says_why(api: ApiLab) -> None:
    api.lab.store.database.run("DROP TABLE packages")
    problem = await refused(api, "/firmware", language="zh")
    assert (problem["status"], problem["code"]) == (503, "store-failed")
    assert problem["fields"]["detail"] == "no such table: packages"
    assert problem["fields"]["where"].endswith("inventory.sqlite")


@pytest.mark.asyncio
async def test_the_guard_refuses_in_the_language_of_whoever_asks(api: ApiLab) -> None:
    headers = {"Origin": "http://elsewhere", "Accept-Language": "zh-CN"}
    problem = (await api.http.get(f"{BASE}/modules", headers=headers)).json()
    assert (problem["code"], problem["fields"]) == ("api-origin", {"origin": "http://elsewhere"})
    assert problem["detail"] == "http://elsewhere 的页面不能使用本实验室"


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"line":"\xed\xa0\x80","line":"AT+CFUN=0"}', "api-body-not-json"),
        (b'{"line":"AT+CFUN=0","line":"AT+CFUN=0"}', "api-key-twice"),
        (b'{"line":"AT+CFUN=0","x":{"a":1,"a":2}}', "api-key-twice"),
        (b'{"line":"AT+CFUN=0\xff"}', "api-body-not-json"),
        (b'{"line":"\\ud800"}', "api-body-not-json"),
        (b'{"line":"AT+CFUN=0","timeout":NaN}', "api-body-not-json"),
        (b'{"line":' + b"[" * 100_000, "api-body-not-json"),
        ('{"line":"AT+CFUN=0"}'.encode("utf-16"), "api-body-not-json"),
    ],
)
async def test_json_that_could_be_read_in_two_ways_is_refused_before_anything_is_done(
    api: ApiLab, body: bytes, code: str
) -> None:
    before = await api.get("/timeline", source="meter")
    headers = {"Content-Type": "application/json"}
    answer = await api.http.post(f"{BASE}/modules/meter/at", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert await api.get("/timeline", source="meter") == before


@pytest.mark.asyncio
async def test_nobody_is_shown_a_regular_expression(api: ApiLab) -> None:
    """Each pattern that a request may have to fit has words, in both languages."""
    schema = (await api.http.get(f"{BASE}/openapi.json")).text
    patterns = {json.loads(f'"{found}"') for found in re.findall(r'"pattern":\s*"((?:[^"\\]|\\.)+)"', schema)}
    alternatives = re.compile(r"\^\([\w|\\{},]+\)\$")  # one of a few words: the field's description has them
    assert {pattern for pattern in patterns if not alternatives.fullmatch(pattern)} <= FORMS.keys()
    for language in ("en", "zh"):
        said = {form: words(ApiRefusal.VALUE_PATTERN, language, form=form) for form in FORMS.values()}
        assert len(set(said.values())) == len(said)
        assert words(ApiRefusal.VALUE_PATTERN, language, form="other") not in said.values()
    problem = await refused(api, "/modules", {"model": "BC28", "name": "a b"}, "zh")
    assert problem["fields"]["form"] == "name"
    assert "[" not in problem["detail"]


@pytest.mark.asyncio
async def test_what_may_be_chosen_is_a_list(api: ApiLab) -> None:
    problem = await refused(api, "/modules", {"model": "BC28", "sim": "moble"}, "zh")
    assert problem["fields"] == {"known": ["mobile", "telecom", "unicom", "none"]}
    assert problem["detail"] == "只能是：mobile、telecom、unicom、none"
