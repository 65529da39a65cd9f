"""HEAD, OPTIONS and addresses with a slash too many, for every route alike (RFC 9110, 9.3.2 and 9.3.7; RFC 9457).

Routes are written for GET and for what changes something. HEAD is answered as GET would be, without its content: of a
stream that is what comes before its first event. OPTIONS and a refused method name all that an address takes. Knows no
route by name but those of packages, which answer HEAD themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from starlette.requests import ClientDisconnect
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_OWN_HEAD = "/fw/"


def allowed(routes: Iterable[BaseRoute], scope: Scope) -> list[str]:
    """The methods that the address takes, in alphabetical order; none: there is no such address."""
    known, found = list(routes), {"OPTIONS"}
    for method in _METHODS:
        if any(route.matches({**scope, "method": method})[0] is Match.FULL for route in known):
            found |= {"GET", "HEAD"} if method == "GET" else {method}
    return sorted(found) if len(found) > 1 else []


def without_slash(routes: Iterable[BaseRoute], scope: Scope) -> Response | None:
    """For an address that is there but for the slash at its end: where to go, with the same method and body."""
    path = scope["path"].rstrip("/")
    if not path or path == scope["path"] or not allowed(routes, {**scope, "path": path}):
        return None
    query = scope.get("query_string", b"").decode("latin-1")
    return RedirectResponse(quote(path) + (f"?{query}" if query else ""), 308)


class HeadAndOptions:
    """ASGI middleware."""

    def __init__(self, app: ASGIApp, routes: list[BaseRoute]) -> None:
        self._app, self._routes = app, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"] if scope["type"] == "http" else ""
        if method == "HEAD" and not scope["path"].startswith(_OWN_HEAD):
            await self._app({**scope, "method": "GET"}, receive, _head_only(send))
        elif method == "OPTIONS" and (methods := allowed(self._routes, scope)):
            await Response(status_code=204, headers={"Allow": ", ".join(methods)})(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _head_only(send: Send) -> Send:
    over = False

    async def head(message: Message) -> None:
        nonlocal over
        if message["type"] != "http.response.body":
            await send(message)
            return
        if not over:
            over = True
            await send({"type": "http.response.body", "body": b"", "more_body": False})
        if message.get("more_body", False):
            raise ClientDisconnect  # as if the reader had left: the stream ends

    return head
