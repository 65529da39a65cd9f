"""What a request is about to change: in the audit log before anything is done, and its outcome afterwards (D117).

The intent survives a power cut before the application sees the request; where it cannot be written, nothing is done.
A crash in between leaves a line that says that something began. Knows a request's body as far as the log keeps it: no
secret, nothing long.
"""

from __future__ import annotations

import logging
import re
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nbtwin.engine import Seconds
from nbtwin.operators.store.access import BEGAN, AuditLine, AuditRepository
from nbtwin.operators.store.store import StoreError
from nbtwin.timeline.catalogue.errors import worded
from nbtwin.web.access.roles import Caller
from nbtwin.web.api_errors import LOOPBACK, language_for, problem
from nbtwin.web.refusals import ApiRefusal

_log = logging.getLogger("nbtwin.web")

_BODY = 4096  # bytes of a request that the audit log looks at
_SECRET = re.compile(r"passw|psk|secret|token|(?<!app)key$|^pin$|hex|yaml", re.IGNORECASE)
_SECURITY = re.compile(r"(^|/api/clients/[^/]+)/0/\d+(/\d+)?/?$")  # the Security object: keys are written there
_LONGEST = 200
_GONE = 499
"""The client left before its request was whole; nothing was done."""


class Audited:
    """One request that changes something, on its way through the application."""

    def __init__(self, audit: AuditRepository, caller: Caller, now: Seconds, scope: Scope, body: bytes) -> None:
        """``body``: as far as it is read already."""
        self._audit, self._scope = audit, scope
        self._who, self._role, self._at = caller.name or "nobody", str(caller.role), now
        self._body = body[: _BODY + 1]
        self._known = bool(body)
        self._numbers: list[int] = []
        self._ended = False

    async def refuse(self, status: int) -> None:
        """Nothing is done: a line, if it can be written."""
        try:
            await run_in_threadpool(self._audit.record, self._line(status))
        except StoreError as error:
            self._not_written(error)

    async def run(self, app: ASGIApp, receive: Receive, send: Send) -> None:
        try:
            self._numbers.append(await run_in_threadpool(self._audit.begin, self._line(BEGAN)))
        except StoreError as error:
            self._not_written(error)
            fields = {"detail": worded(error, language_for(self._scope))}
            await problem(self._scope, 503, ApiRefusal.AUDIT, fields)(self._scope, receive, send)
            return

        async def hear() -> Message:
            message = await receive()
            if message["type"] == "http.request" and not self._known and len(self._body) <= _BODY:
                self._body += message.get("body", b"")
            return message

        async def say(message: Message) -> None:
            if message["type"] == "http.response.start":
                await self._end(message["status"])
                MutableHeaders(scope=message).setdefault("Cache-Control", "no-store")
            await send(message)

        self._scope["nbtwin.audited"] = self
        await app(self._scope, hear, say)
        if not self._ended:
            await self._end(_GONE)

    def carry(self) -> None:
        """Within the transaction that replaces the database's content: what began stands in the new one, too."""
        self._numbers.append(self._audit.record(self._line(BEGAN)))

    async def _end(self, status: int) -> None:
        self._ended = True
        try:
            await run_in_threadpool(self._audit.end, self._numbers[::-1], self._line(status))
        except StoreError as error:  # it stays what began
            self._not_written(error)

    def _line(self, status: int) -> AuditLine:
        scope = self._scope
        detail = told(self._body, Headers(scope=scope).get("content-type", ""), scope["path"])
        query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        detail |= {f"?{name}"[:_LONGEST]: _told(name, value, False) for name, value in query}
        if (peer := scope.get("client")) and peer[0] not in LOOPBACK:
            detail["from"] = peer[0]
        return AuditLine(self._at, self._who, self._role, scope["method"], scope["path"], status, detail)

    def _not_written(self, error: StoreError) -> None:
        _log.error("audit log not written: %s %s: %s", self._scope["method"], self._scope["path"], worded(error))


def carry_audit(request: Request) -> None:
    """See `Audited.carry`; an application without a guard (a test's) has no log."""
    audited: Audited | None = request.scope.get("nbtwin.audited")
    if audited is not None:
        audited.carry()


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
