"""How long the body of a request may be, before anything reads it. Knows which routes take files, with a bound each."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import Message, Receive, Scope

from nbtwin.web.api_errors import ApiError
from nbtwin.web.refusals import ApiRefusal

LARGEST = 4 * 1024 * 1024
"""Bytes: 100,000 devices of a campaign by name are less than half of it."""
_FILES = re.compile(r"/api/v1/(firmware|lab/import)")


def bounded(scope: Scope, receive: Receive) -> Receive:
    """The same body; ApiError (413) where it is longer than it says it may be, or turns out to be."""
    if _FILES.fullmatch(scope["path"]):
        return receive
    announced = Headers(scope=scope).get("content-length", "0")
    if not announced.isdigit() or len(announced) > 18 or int(announced) > LARGEST:
        raise _too_long()
    read = 0

    async def hear() -> Message:
        nonlocal read
        message = await receive()
        read += len(message.get("body", b""))
        if read > LARGEST:
            raise _too_long()
        return message

    return hear


async def file_in(request: Request, most: int) -> bytes:
    """The body of a route that takes a file; ApiError (413) where it has more bytes than that."""
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > most:
            raise _too_long(most)
    return bytes(content)


def _too_long(most: int = LARGEST) -> ApiError:
    return ApiError(ApiRefusal.TOO_LARGE, "body", 413, limit=most)
