"""What the API logs: defects under an id that the answer names, refused logins, and never a secret."""

import io
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_lab import BASE, api_lab
from fastapi import APIRouter

from nbtwin.cli import logs
from nbtwin.operators.store.store import Store
from nbtwin.web.access import tokens
from nbtwin.web.access.roles import Role
from nbtwin.web.access.tokens import Access
from nbtwin.web.app import create_app

PASSWORD, PIN = "correct horse battery", "4711"
KEY = "a1b2c3d4e5f60718"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    root, ours = logging.getLogger(), logging.getLogger("nbtwin")
    kept = root.handlers[:], root.level, ours.level
    stream = io.StringIO()
    logs.configure("debug", False, stream)
    yield stream
    root.handlers[:], root.level, ours.level = kept


def broken() -> APIRouter:
    routes = APIRouter(prefix="/api/v1")

    @routes.post("/broken")
    async def fail(body: dict[str, Any]) -> None:
        raise RuntimeError(f"cannot cope with {body}")

    return routes


@pytest.mark.asyncio
async def test_the_answer_to_a_defect_names_the_entry_of_the_log_that_has_the_traceback(
    tmp_path: Path, log: io.StringIO
) -> None:
    async with api_lab(tmp_path) as api:
        api.app.router.routes[:0] = broken().routes
        for language, sentence in (("en", "a defect of nbtwin"), ("zh", "nbtwin 的缺陷")):
            headers = {"Accept-Language": language}
            answer = await api.http.post(f"{BASE}/broken", json={"password": PASSWORD, "n": 1}, headers=headers)
            problem = answer.json()
            assert (answer.status_code, problem["code"]) == (500, "api-defect")
            assert problem["fields"]["error"] == "RuntimeError"
            assert sentence in problem["detail"]
            assert problem["fields"]["entry"] in problem["detail"]
            assert f"ERROR nbtwin.web: error {problem['fields']['entry']}: POST /api/v1/broken" in log.getvalue()
        assert log.getvalue().count("RuntimeError: cannot cope with") == 2
        assert PASSWORD not in log.getvalue()
        (line, _) = (line for line in await api.get("/access/audit") if line["target"] == "/api/v1/broken")
        assert line["status"] == 500


@pytest.mark.asyncio
async def test_refused_logins_are_logged_with_where_they_came_from_and_without_the_token(
    tmp_path: Path, log: io.StringIO
) -> None:
    async with api_lab(tmp_path) as api:
        app = create_app(api.lab, Access(api.lab.store, needed=True))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app, client=("192.0.2.7", 1))) as http:
            headers = {"Authorization": "Bearer nbt_made-up-by-somebody"}
            assert (await http.get(f"{BASE}/modules", headers=headers)).status_code == 401
            page = await http.post("http://127.0.0.1/login", data={"token": "nbt_guessed-at-random", "next": "/"})
            assert page.status_code == 401
            assert (await http.get(f"{BASE}/modules")).status_code == 401  # nobody tried anything
    told = re.findall(r"WARNING nbtwin\.web: (.*)", log.getvalue())
    assert told == ["token refused: GET /api/v1/modules, from 192.0.2.7", "login refused: from 192.0.2.7"]
    assert "made-up" not in log.getvalue()
    assert "guessed" not in log.getvalue()


@pytest.mark.asyncio
async def test_no_secret_that_passes_the_api_comes_into_the_log(tmp_path: Path, log: io.StringIO) -> None:
    async with api_lab(tmp_path, "BC28,name=meter", platforms=("cmdmp", "andlink")) as api:
        await api.post("/appkeys", {"appkey": "M100000090", "password": PASSWORD}, status=201)
        await api.put("/platforms/andlink/keys/867724030000225", {"key": KEY, "bootstrap_key": KEY})
        made = await api.post("/access/tokens", {"name": "ci", "role": "viewer"}, status=201)
        for line in (f'AT+QDMPCFG=0,2,"M1","{PASSWORD}"', f'AT+CPIN="{PIN}"', f'AT+QSETPSK="867724030000225","{KEY}"'):
            await api.post("/modules/meter/at", {"line": line})
        api.lab.store.database.run("DROP TABLE appkeys")
        await api.post("/appkeys", {"appkey": "M100000091", "password": PASSWORD}, status=503)
    said = log.getvalue()
    assert "nbtwin.web: POST /api/v1/appkeys: " in said
    for secret in (PASSWORD, PIN, KEY, made["token"]):
        assert secret not in said


def test_a_database_is_named_without_its_password(tmp_path: Path) -> None:
    with Store.open(tmp_path / "lab.sqlite") as store:
        tokens.create(store, "ci", Role.VIEWER, now=0.0)
        assert store.path == str(tmp_path / "lab.sqlite")
    assert logs.masked("lab started: store postgresql://lab:hunter2@db/lab") == (
        "lab started: store postgresql://lab:****@db/lab"
    )
