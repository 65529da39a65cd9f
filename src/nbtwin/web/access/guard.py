"""The guard before the application (pure ASGI): which names, which pages, whose token, which role; what was changed.

Refused before anything happens, as problem documents: requests under a name that is not ours (DNS rebinding), from
pages of another origin (CSRF), without a token where one is needed (401), beyond the caller's role (403). What changes
something is written to the audit log before its answer leaves.
"""

from __future__ import annotations

import ipaddress
import logging
import re
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nbtwin.operators.store.access import AuditLine, AuditRepository
from nbtwin.operators.store.store import Store, StoreError
from nbtwin.timeline.catalogue.errors import worded
from nbtwin.web.access.roles import READING, Caller, Role, refused_role, role_for
from nbtwin.web.access.tokens import Access
from nbtwin.web.api_errors import LOOPBACK, ApiError, language_for, problem, problem_of, store_problem
from nbtwin.web.bounded import bounded
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.strict_json import strict

_log = logging.getLogger("nbtwin.web")

_BODY = 4096  # bytes of a request that the audit log looks at
_SECRET = re.compile(r"passw|psk|secret|token|(?<!app)key$|^pin$|hex|yaml", re.IGNORECASE)
_SECURITY = re.compile(r"(^|/api/clients/[^/]+)/0/\d+(/\d+)?/?$")  # the Security object: keys are written there
_LONGEST = 200


class Guard:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, access: Access, store: Store | None) -> None:
        self._app = app
        self._access = access
        self._audit = None if store is None else store.part(AuditRepository)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        try:
            caller = await self._admit(scope, Headers(scope=scope))
            if scope["path"] == "/" and caller.role == Role.NOBODY:
                await RedirectResponse(f"/login?next={quote('/')}", 303)(scope, receive, send)
                return
            receive = bounded(scope, receive)
            if scope["method"] not in READING:
                receive = await strict(scope, receive)
        except ApiError as wrong:
            await problem_of(scope, wrong)(scope, receive, send)
            return
        except StoreError as error:
            await store_problem(scope, error)(scope, receive, send)
            return
        scope["nbtwin.caller"] = caller
        if scope["method"] in READING or self._audit is None:
            await self._app(scope, receive, send)
        else:
            await _Audited(self._audit, caller, self._access.clock()).run(self._app, scope, receive, send)

    async def _admit(self, scope: Scope, headers: Headers) -> Caller:
        self._check_host(headers)
        self._check_origin(scope, headers)
        method, path = scope["method"], scope["path"]
        bearer, cookie = bearer_of(headers), cookie_of(headers)
        token, insist = bearer if bearer is not None else cookie, bearer is not None
        if token is None:
            caller = self._access.caller(None, insist=False)
        else:  # the store knows
            caller = await run_in_threadpool(self._access.caller, token, insist=insist)
        needed = role_for(method, path)
        if bearer is not None and caller.role == Role.NOBODY:
            _log.warning("token refused: %s %s, from %s", method, path, (scope.get("client") or "?")[0])
        if caller.role < needed:
            if caller.role != Role.NOBODY and method not in READING and self._audit is not None:
                await run_in_threadpool(_record, self._audit, caller, self._access.clock(), scope, 403, {})
            raise self._refusal(caller, needed, method, path)
        if cookie is not None and bearer is None and method not in READING and self._access.needed:
            _check_own_page(headers)
        return caller

    def _check_host(self, headers: Headers) -> None:
        host = hostname_of(headers.get("host", ""))
        known = host in LOOPBACK or host in self._access.hosts
        if not known and not (self._access.needed and _is_ip(host)):  # an address cannot be rebound
            names = sorted(LOOPBACK | self._access.hosts)
            raise ApiError(ApiRefusal.HOST, status=403, host=host, known=names)

    def _check_origin(self, scope: Scope, headers: Headers) -> None:
        origin, site = headers.get("origin"), headers.get("sec-fetch-site", "none")
        if origin is not None and _authority(origin) != headers.get("host"):
            raise ApiError(ApiRefusal.ORIGIN, status=403, origin=origin)
        if site not in ("none", "same-origin"):
            link = scope["method"] == "GET" and headers.get("sec-fetch-mode") == "navigate"
            if not link or scope["path"].startswith("/api"):
                raise ApiError(ApiRefusal.SITE, status=403)

    def _refusal(self, caller: Caller, needed: Role, method: str, path: str) -> ApiError:
        if caller.role != Role.NOBODY:
            return ApiError(ApiRefusal.ROLE, status=403, **refused_role(caller, needed, method, path))
        refusal = ApiError(ApiRefusal.TOKEN_NEEDED, status=401)
        refusal.headers = {"WWW-Authenticate": "Bearer"}
        return refusal


def _authority(origin: str) -> str:
    try:
        return urlsplit(origin).netloc
    except ValueError:
        return ""


def hostname_of(host: str) -> str:
    """Of a Host header: without the port."""
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _check_own_page(headers: Headers) -> None:
    """A browser sends the cookie by itself: a change needs a sign that the page is ours."""
    if headers.get("origin") is None and headers.get("sec-fetch-site") != "same-origin":
        raise ApiError(ApiRefusal.COOKIE, status=403)


def bearer_of(headers: Headers) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def cookie_name(headers: Headers) -> str:
    """One for each lab of a machine: cookies know no ports."""
    port = headers.get("host", "").rpartition(":")[2]
    return f"nbtwin_{port}" if port.isdigit() else "nbtwin"


def cookie_of(headers: Headers) -> str | None:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(cookie_name(headers))
    except CookieError:
        return None
    return None if found is None else found.value


class _Audited:
    """One request that changes something, on its way through the application."""

    def __init__(self, audit: AuditRepository, caller: Caller, now: float) -> None:
        self._audit, self._caller, self._now = audit, caller, now
        self._body = b""
        self._late: StoreError | None = None

    async def run(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        async def hear() -> Message:
            message = await receive()
            if message["type"] == "http.request" and len(self._body) <= _BODY:
                self._body += message.get("body", b"")
            return message

        async def say(message: Message) -> None:
            if self._late is not None:
                return
            if message["type"] == "http.response.start":
                try:
                    await run_in_threadpool(self._record, scope, message["status"])
                except StoreError as error:
                    _log.error("audit log not written: %s %s: %s", scope["method"], scope["path"], worded(error))
                    if message["status"] >= 400:  # nothing was done: the refusal says more than its missing line
                        return await send(message)
                    self._late = error
                    late = problem(scope, 503, ApiRefusal.AUDIT, {"detail": worded(error, language_for(scope))})
                    await late(scope, receive, send)
                    return
                MutableHeaders(scope=message).setdefault("Cache-Control", "no-store")
            await send(message)

        await app(scope, hear, say)

    def _record(self, scope: Scope, status: int) -> None:
        detail = told(self._body, Headers(scope=scope).get("content-type", ""), scope["path"])
        query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        detail |= {f"?{name}"[:_LONGEST]: _told(name, value, False) for name, value in query}
        _record(self._audit, self._caller, self._now, scope, status, detail)


def _record(
    audit: AuditRepository, caller: Caller, now: float, scope: Scope, status: int, detail: dict[str, Any]
) -> None:
    if (peer := scope.get("client")) and peer[0] not in LOOPBACK:
        detail["from"] = peer[0]
    who, role = caller.name or "nobody", str(caller.role)
    audit.record(AuditLine(now, who, role, scope["method"], scope["path"], status, detail))


def told(body: bytes, content_type: str, path: str) -> dict[str, Any]:
    """What the audit log keeps of a request's body: no secret, nothing long."""
    if not body:
        return {}
    if len(body) > _BODY:
        return {"bytes": f"more than {_BODY}"}
    if not content_type.startswith("application/json"):
        return {"bytes": len(body)}
    try:
        decoded = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return {}
    if not isinstance(decoded, dict):
        return {}
    to = decoded.get("path")
    security = bool(_SECURITY.search(path) or (isinstance(to, str) and _SECURITY.search(to)))
    return {str(name)[:_LONGEST]: _told(str(name), value, security) for name, value in decoded.items()}


def _told(name: str, value: Any, security: bool) -> Any:
    if _SECRET.search(name) or (security and name != "path"):
        return "****"
    if isinstance(value, str):
        if name in ("line", "text"):  # passwords are set by AT lines
            return value.partition("=")[0][:_LONGEST] + ("=…" if "=" in value else "")
        return value[:_LONGEST]
    return value if isinstance(value, bool | int | float) or value is None else f"{type(value).__name__}"
