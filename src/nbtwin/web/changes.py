"""Whoever changes something by a request tells everybody who looks: pages are fed, and ask for nothing by the clock.

What happens in the lab by itself is told as entries; this is what has none: keys, packages, definitions, tokens. Only
the part of the API and the operation are told, no name out of a path: not everybody may know those. Of several nodes
the pages of all are told (D203).
"""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nbtwin.web.access.roles import READING
from nbtwin.web.events import Hub

_TOLD_ELSEWHERE = frozenset({"serial line", "clock", "events", "timeline", "traces"})


class TellsChanges:
    """ASGI middleware, around the routes."""

    def __init__(self, app: ASGIApp, hub: Hub) -> None:
        self._app, self._hub = app, hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in READING:
            await self._app(scope, receive, send)
            return
        done = False

        async def say(message: Message) -> None:
            nonlocal done
            if message["type"] == "http.response.start":
                done = message["status"] < 400
            await send(message)

        await self._app(scope, receive, say)
        route = scope.get("route")
        for tag in getattr(route, "tags", ()) if done else ():
            if tag not in _TOLD_ELSEWHERE:
                operation = getattr(route, "name", "")
                self._hub.tell_changed(tag, operation)
                if (workers := self._hub.lab.workers) is not None:
                    workers.tell_changed(tag, operation)
