"""Before a change of the lab is acknowledged, the state directory has it. Knows which requests are such a change."""

from __future__ import annotations

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nbtwin.edge.errors import EdgeError
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.access.roles import READING
from nbtwin.web.api_errors import ApiError, problem_of

_CHANGING = re.compile(r"/api/v1/(modules|faults|clock|platforms|lab)(/(?!.*/(at|serial)$).*)?$")
"""AT lines change what a module keeps itself."""


class KeepsLab:
    """An answer that it was done is given once it is kept; 503 where that cannot be."""

    def __init__(self, app: ASGIApp, lab: LabRuntime) -> None:
        self._app, self._lab = app, lab

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in READING or not _CHANGING.match(scope["path"]):
            await self._app(scope, receive, send)
            return
        refused = False

        async def say(message: Message) -> None:
            nonlocal refused
            if message["type"] == "http.response.start" and message["status"] < 400:
                try:
                    await self._lab.keep()
                except EdgeError as error:
                    refused = True
                    await problem_of(scope, ApiError.of(error, status=503))(scope, receive, send)
            if not refused:
                await send(message)

        await self._app(scope, receive, say)
