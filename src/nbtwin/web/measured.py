"""How long each request keeps the loop busy, step by step (`edge.loop_gauge`). Knows of routes their names alone."""

from __future__ import annotations

from collections.abc import Coroutine, Generator
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from nbtwin.edge.loop_gauge import LoopGauge, Work


class Measured:
    """ASGI middleware, the outermost one."""

    def __init__(self, app: ASGIApp, gauge: LoopGauge) -> None:
        self._app, self._gauge = app, gauge

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await _Steps(self._app(scope, receive, send), self._gauge, scope)
        else:
            await self._app(scope, receive, send)


class _Steps:
    """Runs a coroutine and measures what it does between two waits."""

    def __init__(self, coroutine: Any, gauge: LoopGauge, scope: Scope) -> None:
        self._coroutine: Coroutine[Any, Any, None] = coroutine
        self._gauge, self._scope = gauge, scope

    def __await__(self) -> Generator[Any, Any, None]:
        coroutine, gauge, value = self._coroutine, self._gauge, None
        error: BaseException | None = None
        while True:
            began = gauge.begin()
            try:
                waits_for = coroutine.send(value) if error is None else coroutine.throw(error)
            except StopIteration:
                return
            finally:
                gauge.end(Work.PAGES, began, self._name())
            error = None
            try:
                value = yield waits_for
            except GeneratorExit:
                coroutine.close()
                raise
            except BaseException as raised:
                error = raised

    def _name(self) -> str:
        """By its route; before it is known, by the method alone: paths have names of devices in them."""
        method: str = self._scope["method"]
        path: str = getattr(self._scope.get("route"), "path", "")
        return f"{method} {path}".rstrip()
