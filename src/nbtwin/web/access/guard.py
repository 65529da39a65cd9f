"""The guard before the application (pure ASGI): which names, which pages, whose token, which role; what was changed.

Refused before anything happens, as problem documents: requests under a name that is not ours (DNS rebinding), from
pages of another origin (CSRF), without a token where one is needed (401), beyond the caller's role (403). What changes
something is written to the audit log before it is done (`audit`).
"""

from __future__ import annotations

import ipaddress
import logging
from http.cookies import CookieError, SimpleCookie
from urllib.parse import quote, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from nbtwin.operators.store.access import AuditRepository
from nbtwin.operators.store.store import Store, StoreError
from nbtwin.web.access.audit import Audited
from nbtwin.web.access.campaign_keys import masking
from nbtwin.web.access.roles import READING, STRANGER, Caller, Role, refused_role, role_for
from nbtwin.web.access.tokens import Access
from nbtwin.web.api_errors import LOOPBACK, ApiError, problem_of, store_problem
from nbtwin.web.bounded import bounded
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.strict_json import strict

_log = logging.getLogger("nbtwin.web")

_COMING_IN = frozenset({"/login", "/logout"})  # changes nothing of the lab: a stranger may not fill the log


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
        caller, writes = STRANGER, scope["method"] not in READING and scope["path"] not in _COMING_IN
        body = b""
        try:
            caller = await self._caller(scope, Headers(scope=scope))
            self._check_role(caller, scope)
            if scope["path"] == "/" and caller.role == Role.NOBODY:
                await RedirectResponse(f"/login?next={quote('/')}", 303)(scope, receive, send)
                return
            receive = bounded(scope, receive)
            if writes:
                receive, body = await strict(scope, receive)
        except ApiError as wrong:
            if writes and caller.role != Role.NOBODY and self._audit is not None:
                await Audited(self._audit, caller, self._access.clock(), scope, b"").refuse(wrong.status_code)
            await problem_of(scope, wrong)(scope, receive, send)
            return
        except StoreError as error:
            await store_problem(scope, error)(scope, receive, send)
            return
        scope["nbtwin.caller"] = caller
        if caller.role < Role.OPERATOR and scope["path"].startswith(("/api", "/metrics")):
            send = masking(send)
        if writes and self._audit is not None:
            await Audited(self._audit, caller, self._access.clock(), scope, body).run(self._app, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _caller(self, scope: Scope, headers: Headers) -> Caller:
        """Who asks; ApiError for a name or a page that is not ours."""
        self._check_host(headers)
        self._check_origin(scope, headers)
        method, path = scope["method"], scope["path"]
        bearer, cookie = bearer_of(headers), cookie_of(headers)
        token, insist = bearer if bearer is not None else cookie, bearer is not None
        if token is None:
            caller = self._access.caller(None, insist=False)
        else:  # the store knows
            caller = await run_in_threadpool(self._access.caller, token, insist=insist)
        if bearer is not None and caller.role == Role.NOBODY:
            _log.warning("token refused: %s %s, from %s", method, path, (scope.get("client") or "?")[0])
        if cookie is not None and bearer is None and method not in READING and self._access.needed:
            _check_own_page(headers)
        return caller

    def _check_role(self, caller: Caller, scope: Scope) -> None:
        method, path = scope["method"], scope["path"]
        needed = role_for(method, path)
        if caller.role < needed:
            raise self._refusal(caller, needed, method, path)

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
