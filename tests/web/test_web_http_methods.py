"""What every address answers alike: HEAD, OPTIONS, a slash too many, a name or a media type that is not known."""

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from api_lab import BASE, ApiLab, api_lab

pytestmark = pytest.mark.asyncio(loop_scope="module")

ROOT = BASE.removesuffix("/api/v1")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[ApiLab]:
    async with api_lab(tmp_path_factory.mktemp("lab"), "BC28,name=meter", platforms=("cmdmp", "andlink")) as lab:
        yield lab


@pytest.mark.parametrize("path", ["/api/v1/modules", "/", "/js/base/api.js", "/metrics", "/api/v1/modules/none"])
async def test_head_is_what_get_answers_without_its_content(api: ApiLab, path: str) -> None:
    got, head = await api.http.get(ROOT + path), await api.http.head(ROOT + path)
    assert (head.status_code, head.content) == (got.status_code, b"")
    told = ("content-type", "etag", "allow")
    assert [head.headers.get(name) for name in told] == [got.headers.get(name) for name in told]


@pytest.mark.parametrize("path", ["/api/v1/events", "/api/v1/timeline/events", "/api/event", "/api/v1/traces.jsonl"])
async def test_head_of_a_stream_ends(api: ApiLab, path: str) -> None:
    head = await api.http.head(ROOT + path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"].startswith(("text/event-stream", "application/jsonl"))


@pytest.mark.parametrize(
    ("path", "methods"),
    [
        ("/api/v1/modules", "GET, HEAD, OPTIONS, POST"),
        ("/api/v1/modules/meter/usim", "DELETE, OPTIONS, PUT"),
        ("/api/v1/faults", "DELETE, GET, HEAD, OPTIONS, POST"),
        ("/api/clients/5/3/0", "DELETE, GET, HEAD, OPTIONS, POST, PUT"),
        ("/", "GET, HEAD, OPTIONS"),
    ],
)
async def test_options_and_a_refused_method_name_all_that_an_address_takes(
    api: ApiLab, path: str, methods: str
) -> None:
    options = await api.http.options(ROOT + path)
    assert (options.status_code, options.headers["allow"], options.content) == (204, methods, b"")
    refused = await api.http.patch(ROOT + path, json={})
    assert (refused.status_code, refused.headers["allow"]) == (405, methods)
    assert refused.json()["code"] == "api-method"


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "DELETE"])
@pytest.mark.parametrize("path", ["/nowhere", "/api/nowhere", "/api/v1/nowhere/", "/js/nowhere.js", "//"])
async def test_what_is_not_there_is_the_same_problem_everywhere(api: ApiLab, method: str, path: str) -> None:
    answer = await api.http.request(method, ROOT + path)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
    if method != "HEAD":
        assert answer.json()["code"] == "api-path-unknown"


async def test_a_slash_too_many_leads_to_the_address_without_it(api: ApiLab) -> None:
    answer = await api.http.post(f"{BASE}/modules/meter/signal/?lang=zh", json={"rssi": 7})
    assert (answer.status_code, answer.headers["location"]) == (308, "/api/v1/modules/meter/signal?lang=zh")
    followed = await api.http.post(f"{BASE}/modules/meter/signal/", json={"rssi": 7}, follow_redirects=True)
    assert followed.json()["rssi"] == 7


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/modules?contianing=meter", "contianing"),
        ("/platforms/cmdmp/devices?sort=id&ordr=desc", "ordr"),
        ("/traces?sourc=meter", "sourc"),
        ("/timeline?sourc=meter", "sourc"),
        ("/events?type=entry", "type"),
        ("/clock?now=1", "now"),
        ("/modules/meter?limit=1", "limit"),
        ("/openapi.json?v=3", None),  # a file, whatever is asked behind it
    ],
)
async def test_a_name_in_the_query_that_is_not_known_is_refused_as_in_a_body(
    api: ApiLab, path: str, wrong: str | None
) -> None:
    answer = await api.http.get(BASE + path)
    if wrong is None:
        assert answer.status_code == 200
        return
    problem = answer.json()
    assert (answer.status_code, problem["field"], problem["code"]) == (422, wrong, "api-field-unknown")


async def test_every_wrong_name_is_told_and_a_deletion_with_one_deletes_nothing(api: ApiLab) -> None:
    answer = await api.http.delete(f"{BASE}/modules/meter?keep-nvram=true&force=1")
    assert [error["field"] for error in answer.json()["errors"]] == ["force", "keep-nvram"]
    assert "meter" in api.lab.modules


async def test_the_language_may_be_asked_for_everywhere(api: ApiLab) -> None:
    assert (await api.http.get(f"{BASE}/clock?lang=zh")).status_code == 200
    refused = await api.http.get(f"{BASE}/clock?lang=zh&x=1")
    assert refused.json()["detail"] == "没有这个字段"


@pytest.mark.parametrize("media_type", [None, "text/plain", "application/x-www-form-urlencoded", "application/xml"])
async def test_a_body_in_another_media_type_is_refused_with_the_one_that_is_wanted(
    api: ApiLab, media_type: str | None
) -> None:
    headers = {} if media_type is None else {"Content-Type": media_type}
    await api.post("/modules/meter/signal", {"rssi": 9})
    answer = await api.http.post(f"{BASE}/modules/meter/signal", content=b'{"rssi": 7}', headers=headers)
    problem = answer.json()
    assert (answer.status_code, answer.headers["accept"]) == (415, "application/json")
    assert (problem["code"], problem["field"]) == ("api-media-type", "body")
    assert problem["fields"] == {"wanted": "application/json", "found": media_type}
    assert problem["detail"].startswith("the body has to be application/json")
    assert (await api.get("/modules/meter"))["rssi"] == 9


async def test_json_by_any_of_its_names_is_taken_and_no_body_at_all_is_a_missing_field(api: ApiLab) -> None:
    for media_type in ("application/json; charset=utf-8", "application/merge-patch+json"):
        headers = {"Content-Type": media_type}
        answer = await api.http.post(f"{BASE}/modules/meter/signal", content=b'{"rssi": 7}', headers=headers)
        assert answer.json()["rssi"] == 7
    nothing = await api.http.post(f"{BASE}/modules/meter/signal")
    assert (nothing.status_code, nothing.json()["code"]) == (422, "api-value-missing")


async def test_an_attribute_that_is_not_known_is_refused_at_leshans_paths_too(api: ApiLab) -> None:
    """Where a name in the query is what is written to the device. Elsewhere Leshan's scripts keep their liberties."""
    answer = await api.http.put(f"{ROOT}/api/clients/863703031270866/3/0/9/attributes?pmin=5&pmxa=10")
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["field"]) == (400, "api-field-unknown", "pmxa")
