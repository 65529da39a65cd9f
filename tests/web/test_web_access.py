"""Who may come in, who may do what, which pages may ask, and what stands in the audit log afterwards."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, Request

from nbtwin.operators.store.access import AuditRepository, TokenRepository
from nbtwin.operators.store.store import Store
from nbtwin.web import api_errors
from nbtwin.web.access import tokens
from nbtwin.web.access.api import install
from nbtwin.web.access.audit import told
from nbtwin.web.access.roles import GRANTED, RULES, Role, caller_of, require, requires, role_for
from nbtwin.web.access.tokens import Access, digest_of
from nbtwin.web.bounded import LARGEST
from nbtwin.web.refusals import ApiRefusal

NOW = 1_000_000.0
LOCAL = "http://127.0.0.1:8080"


class Clock:
    now = NOW

    def __call__(self) -> float:
        return self.now


class Lab:
    """An application with the guard before it, and a token of each role."""

    def __init__(self, store: Store, *, needed: bool, hosts: frozenset[str] = frozenset()) -> None:
        self.store, self.clock = store, Clock()
        self.tokens = {role: tokens.create(store, str(role), role, now=NOW - 100, lasts=1000.0) for role in GRANTED}
        app = FastAPI(openapi_url="/api/v1/openapi.json")
        self.bodies: list[bytes] = []

        @app.api_route("/api/v1/things", methods=["GET", "POST", "PUT", "DELETE"])
        async def things(request: Request) -> dict[str, str]:
            self.bodies.append(await request.body())
            return {"who": caller_of(request).name}

        @app.get("/api/v1/secret")
        async def secret(request: Request, reveal: bool = False) -> str:
            if reveal:
                require(request, Role.ADMIN, ApiRefusal.REVEAL)
            return "clear" if reveal else "****"

        @app.get("/api/v1/guarded", dependencies=[requires(Role.ADMIN)])
        async def guarded() -> str:
            return "for admins"

        @app.get("/")
        async def page() -> str:
            return "the console"

        api_errors.install(app)
        install(app, store, Access(store, needed=needed, hosts=hosts, clock=self.clock))
        self.app = app

    @asynccontextmanager
    async def client(self, role: Role | None = None, base: str = LOCAL) -> AsyncIterator[httpx.AsyncClient]:
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} if role is not None else {}
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(transport=transport, base_url=base, headers=headers) as client:
            yield client

    @property
    def audit(self) -> AuditRepository:
        return self.store.part(AuditRepository)


@pytest.fixture
def store() -> Any:
    with Store.open(":memory:") as opened:
        yield opened


def problem(answer: httpx.Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    return str(body["detail"])


@pytest.mark.asyncio
async def test_on_loopback_nobody_needs_a_token(store: Store) -> None:
    async with Lab(store, needed=False).client() as client:
        assert (await client.get("/api/v1/access")).json() == {"name": "local", "role": "admin", "tokens_needed": False}
        assert (await client.post("/api/v1/things", json={})).json() == {"who": "local"}
        assert (await client.get("/api/v1/secret", params={"reveal": True})).json() == "clear"


@pytest.mark.asyncio
async def test_who_needs_a_token_and_has_none_or_a_wrong_one_gets_a_401(store: Store) -> None:
    lab = Lab(store, needed=True)
    async with lab.client() as client:
        for headers in (
            {},
            {"Authorization": "Bearer nbt_wrong"},
            {"Authorization": "Basic eDp5"},
            {"Cookie": "nbtwin_8080=x"},
        ):
            answer = await client.get("/api/v1/things", headers=headers)
            assert "nbtwin token" in problem(answer, 401)
            assert answer.headers["www-authenticate"] == "Bearer"
        assert (await client.get("/api/v1/access")).json()["role"] == "nobody"
    assert lab.bodies == []


@pytest.mark.asyncio
async def test_each_role_may_do_what_those_below_it_may(store: Store) -> None:
    lab = Lab(store, needed=True)
    asked: tuple[tuple[Role, Callable[[httpx.AsyncClient], Any]], ...] = (
        (Role.VIEWER, lambda client: client.get("/api/v1/things")),
        (Role.OPERATOR, lambda client: client.post("/api/v1/things", json={})),
        (Role.OPERATOR, lambda client: client.delete("/api/v1/things")),
        (Role.ADMIN, lambda client: client.get("/api/v1/access/tokens")),
        (Role.ADMIN, lambda client: client.get("/api/v1/access/audit")),
        (Role.ADMIN, lambda client: client.get("/api/v1/guarded")),
        (Role.ADMIN, lambda client: client.get("/api/v1/secret", params={"reveal": True})),
        (Role.VIEWER, lambda client: client.get("/api/v1/secret")),
    )
    for role in GRANTED:
        async with lab.client(role) as client:
            assert (await client.get("/api/v1/access")).json()["name"] == str(role)
            for needed, ask in asked:
                answer = await ask(client)
                if role >= needed:
                    assert answer.status_code == 200, answer.text
                else:
                    assert f"is for the role {needed}; {role} is {role}" in problem(answer, 403)


@pytest.mark.asyncio
async def test_a_token_ends_when_it_expires_and_when_it_is_revoked(store: Store) -> None:
    lab = Lab(store, needed=True)
    async with lab.client(Role.VIEWER) as viewer, lab.client(Role.ADMIN) as admin:
        lab.clock.now = NOW + 899
        assert (await viewer.get("/api/v1/things")).status_code == 200
        lab.clock.now = NOW + 900
        problem(await viewer.get("/api/v1/things"), 401)
        lab.clock.now = NOW
        assert (await admin.delete("/api/v1/access/tokens/viewer")).status_code == 204
        problem(await viewer.get("/api/v1/things"), 401)
        assert "no token 'viewer'" in (await admin.delete("/api/v1/access/tokens/viewer")).text


@pytest.mark.asyncio
async def test_a_token_is_seen_once_and_kept_as_its_digest(store: Store) -> None:
    lab = Lab(store, needed=True)
    async with lab.client(Role.ADMIN) as admin:
        made = await admin.post("/api/v1/access/tokens", json={"name": "ci", "role": "operator", "lasts": "30d"})
        token = made.json()["token"]
        assert made.json()["expires_at"] == NOW + 30 * 86400
        assert made.headers["cache-control"] == "no-store"
        listed = await admin.get("/api/v1/access/tokens")
        assert token not in listed.text
        assert (await admin.get("/api/v1/things", headers={"Authorization": f"Bearer {token}"})).json() == {"who": "ci"}
        again = await admin.post("/api/v1/access/tokens", json={"name": "ci", "role": "viewer"})
        assert again.status_code == 409
        for wrong in (
            {"name": "a b", "role": "viewer"},
            {"name": "x", "role": "root"},
            {"name": "x", "role": "viewer", "lasts": "soon"},
        ):
            assert (await admin.post("/api/v1/access/tokens", json=wrong)).status_code == 422
        audit = await admin.get("/api/v1/access/audit")
        assert token not in audit.text
    kept = json.dumps([store.database.rows(f"SELECT * FROM {table}") for table in store.database.tables()])
    assert token not in kept
    assert digest_of(token) in kept
    assert len(token) >= 4 + 43  # 256 bits


@pytest.mark.asyncio
async def test_when_a_token_was_last_used_is_written_seldom(store: Store) -> None:
    lab = Lab(store, needed=True)

    def used() -> float | None:
        return next(token.used_at for token in store.part(TokenRepository).everyone() if token.name == "viewer")

    async with lab.client(Role.VIEWER) as viewer:
        assert used() is None
        for lab.clock.now, seen in ((NOW, NOW), (NOW + 59, NOW), (NOW + 60, NOW + 60)):
            await viewer.get("/api/v1/things")
            assert used() == seen


# Whose pages may ask


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": "null"},
        {"Origin": "http://["},
        {"Origin": "http://127.0.0.1"},
        {"Origin": LOCAL[:-1]},
        {"Origin": f"{LOCAL}0"},
        {"Origin": f"{LOCAL}.evil.example"},
        {"Origin": f"{LOCAL}@evil.example"},
        {"Origin": "http://evil.127.0.0.1:8080"},
        {"Origin": f"http://evil.example/{LOCAL}"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"},
        {"Host": "evil.example:8080"},
        {"Host": "["},
        {"Host": ""},
        {"Host": "127.0.0.1.evil.example"},
    ],
    ids=str,
)
async def test_pages_of_other_sites_and_other_names_are_refused_before_anything_happens(
    store: Store, headers: dict[str, str]
) -> None:
    lab = Lab(store, needed=False)
    async with lab.client() as client:
        for method in ("GET", "POST", "DELETE"):
            problem(await client.request(method, "/api/v1/things", headers=headers), 403)
    assert lab.bodies == []
    assert lab.audit.count() == 0


@pytest.mark.asyncio
async def test_the_labs_own_page_and_scripts_without_a_browser_may_ask(store: Store) -> None:
    async with Lab(store, needed=False).client() as client:
        for headers in ({}, {"Origin": LOCAL}, {"Origin": LOCAL, "Sec-Fetch-Site": "same-origin"}):
            assert (await client.post("/api/v1/things", headers=headers, json={})).status_code == 200
        link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
        assert (await client.get("/", headers=link)).status_code == 200  # a link to the console may be followed
        problem(await client.post("/", headers=link), 403)


@pytest.mark.asyncio
async def test_a_lab_that_is_reached_from_elsewhere_answers_to_addresses_and_to_the_names_it_was_given(
    store: Store,
) -> None:
    lab = Lab(store, needed=True, hosts=frozenset({"lab.example"}))
    for base in ("http://192.0.2.7:8080", "http://[2001:db8::1]:8080", "http://lab.example", "http://localhost:1"):
        async with lab.client(Role.VIEWER, base) as client:
            assert (await client.get("/api/v1/things")).status_code == 200, base
    async with lab.client(Role.VIEWER, "http://other.example") as client:
        assert "lab.example" in problem(await client.get("/api/v1/things"), 403)


# The login page


async def login(client: httpx.AsyncClient, token: str, onward: str = "/") -> httpx.Response:
    return await client.post("/login", data={"token": token, "next": onward}, headers={"Origin": LOCAL})


@pytest.mark.asyncio
async def test_a_token_typed_once_becomes_a_cookie_that_no_script_reads(store: Store) -> None:
    lab = Lab(store, needed=True)
    async with lab.client() as browser:
        start = await browser.get("/")
        assert (start.status_code, start.headers["location"]) == (303, "/login?next=/")
        page = await browser.get("/login", headers={"Accept-Language": "zh-CN,en;q=0.5"})
        assert "登录" in page.text
        assert "script" not in page.text
        assert "frame-ancestors 'none'" in page.headers["content-security-policy"]
        wrong = await login(browser, "nbt_wrong")
        assert wrong.status_code == 401
        assert "not known" in wrong.text
        right = await login(browser, lab.tokens[Role.OPERATOR])
        assert (right.status_code, right.headers["location"]) == (303, "/")
        cookie = right.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=strict" in cookie
        assert (await browser.get("/")).status_code == 200
        assert (await browser.get("/api/v1/things")).json() == {"who": "operator"}
        assert (await browser.post("/api/v1/things", headers={"Origin": LOCAL}, json={})).status_code == 200
        bare = await browser.post("/api/v1/things", json={})  # a browser would have said where it comes from
        assert "own page" in problem(bare, 403)
        problem(await browser.get("/api/v1/access/audit"), 403)
        out = await browser.post("/logout", headers={"Origin": LOCAL})
        assert out.status_code == 303
        problem(await browser.get("/api/v1/things"), 401)


@pytest.mark.asyncio
@pytest.mark.parametrize("onward", ["//evil.example", "http://evil.example", "/\\evil", "javascript:x", "/a\nb", ""])
async def test_the_login_page_leads_nowhere_else(store: Store, onward: str) -> None:
    lab = Lab(store, needed=True)
    async with lab.client() as browser:
        assert (await login(browser, lab.tokens[Role.VIEWER], onward)).headers["location"] == "/"
        page = await browser.get("/login", params={"next": '"><script>'})
        assert "<script>" not in page.text
        assert (
            await browser.post("/login", content=b"token=" + b"x" * 5000, headers={"Origin": LOCAL})
        ).status_code == 401


# What was changed


@pytest.mark.asyncio
async def test_every_change_stands_in_the_audit_log_with_who_when_and_what_and_no_secret(store: Store) -> None:
    lab = Lab(store, needed=True)
    async with lab.client(Role.OPERATOR) as operator, lab.client(Role.ADMIN) as admin:
        await operator.get("/api/v1/things")
        lab.clock.now = NOW + 1
        body = {
            "appkey": "M1",
            "password": "s3cret",
            "line": 'AT+QDMPCFG=2,"k","s3cret"',
            "n": 5,
            "deep": {"psk": "s3cret"},
        }
        await operator.post("/api/v1/things", params={"token": "s3cret", "x": "1"}, json=body)
        lab.clock.now = NOW + 2
        await operator.delete("/api/v1/appkeys/M1")
        (deleted, posted) = (await admin.get("/api/v1/access/audit")).json()
        assert posted == {
            "at": NOW + 1, "who": "operator", "role": "operator", "what": "POST", "target": "/api/v1/things",
            "status": 200, "detail": {"appkey": "M1", "password": "****", "line": "AT+QDMPCFG=…", "n": 5,
                                      "deep": "dict", "?token": "****", "?x": "1"},
        }  # fmt: skip
        assert (deleted["status"], deleted["target"]) == (403, "/api/v1/appkeys/M1")
        found = await admin.get("/api/v1/access/audit", params={"until": NOW + 2, "limit": 1})
        assert [line["at"] for line in found.json()] == [NOW + 1]
        assert found.headers["x-total-count"] == "1"


@pytest.mark.parametrize(
    ("path", "body", "kept"),
    [
        ("/x", {"path": "/0/1/5", "value": "key"}, {"path": "/0/1/5", "value": "****"}),
        ("/x", {"path": "/3/0/14", "value": "+8"}, {"path": "/3/0/14", "value": "+8"}),
        ("/api/clients/ep/0/0/5", {"id": 5, "value": "key"}, {"id": "****", "value": "****"}),
        ("/x", {"hex": "00ff", "yaml": "…", "psk": "p"}, {"hex": "****", "yaml": "****", "psk": "****"}),
        ("/x", {"pin": "1234", "key": "k", "appkey": "M1"}, {"pin": "****", "key": "****", "appkey": "M1"}),
        ("/x", {"bootstrap_key": "k", "bootstrap_identity": "i"}, {"bootstrap_key": "****", "bootstrap_identity": "i"}),
        ("/x", {"text": "x" * 500}, {"text": "x" * 200}),
    ],
)  # fmt: skip
def test_what_the_audit_log_keeps_of_a_body(path: str, body: dict[str, Any], kept: dict[str, Any]) -> None:
    assert told(json.dumps(body).encode(), "application/json", path) == kept


@pytest.mark.parametrize("body", [b"[" * 4000, b"[1]", b"{", b'"text"', b"\xff"])
def test_a_body_that_is_no_object_is_no_trouble(body: bytes) -> None:
    assert told(body, "application/json", "/x") == {}
    assert told(body, "application/octet-stream", "/x") == {"bytes": len(body)}
    assert told(b"x" * 5000, "application/json", "/x") == {"bytes": "more than 4096"}


@pytest.mark.asyncio
async def test_a_change_that_cannot_be_written_down_is_not_done(store: Store) -> None:
    lab = Lab(store, needed=False)
    with store.database.transaction():
        store.database.run("ALTER TABLE audit RENAME TO gone")
    async with lab.client() as client:
        assert "could not be written to the audit log" in problem(await client.post("/api/v1/things", json={}), 503)
    assert lab.bodies == [], "D117"


@pytest.mark.asyncio
async def test_a_body_is_bounded_before_anything_reads_it(store: Store) -> None:
    lab = Lab(store, needed=False)
    sent = 0

    async def parts() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(1000):
            sent += 1
            yield b"x" * 65536

    async with lab.client() as client:
        for body in (parts(), b"x" * (LARGEST + 1)):
            answer = await client.post("/api/v1/things", content=body)
            assert "at most" in problem(answer, 413)
            assert answer.json()["field"] == "body"
        assert sent * 65536 <= LARGEST + 65536
        lying = await client.post("/api/v1/things", content=b"x", headers={"Content-Length": "1" * 30})
        assert lying.status_code == 413
        assert lab.bodies == []
        assert (await client.post("/api/v1/things", content=b"x" * LARGEST)).status_code == 200


def test_every_rule_is_reached_and_what_no_rule_knows_is_for_admins() -> None:
    assert role_for("POST", "/api/v1/anything/new") == Role.OPERATOR
    assert role_for("GET", "/api/v1/anything/new") == Role.VIEWER
    assert role_for("GET", "/metrics") == Role.VIEWER
    assert role_for("PUT", "/somewhere") == Role.ADMIN
    assert role_for("GET", "/js/console.js") == Role.NOBODY
    assert len({(rule.methods, rule.path) for rule in RULES}) == len(RULES)
    assert all(rule.why for rule in RULES)
