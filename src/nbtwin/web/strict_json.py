"""The JSON of a request, read once and strictly, before the guard or the application looks at it.

Two decoders that differ in what they let pass (a key twice, text that is no UTF-8, NaN) would let one thing be done and
another one be written to the audit log.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope

from nbtwin.engine import UNDECODABLE
from nbtwin.foreign import detail_of
from nbtwin.web.api_errors import ApiError
from nbtwin.web.refusals import ApiRefusal

_LONG = 64 * 1024
"""Bytes, from which on reading them is not the loop's work."""


async def strict(scope: Scope, receive: Receive) -> tuple[Receive, bytes]:
    """The same body, and all of it if it says that it is JSON; ApiError where it is none, or could be read in two ways.

    422, at Leshan's paths 400.
    """
    media_type = Headers(scope=scope).get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json" and not media_type.endswith("+json"):
        return receive, b""
    body, more = bytearray(), True
    while more:
        message = await receive()
        if message["type"] != "http.request":  # whoever asked has gone
            return _replayed([message], receive), b""
        body += message.get("body", b"")
        more = message.get("more_body", False)
    if body:
        status = 422 if scope["path"].startswith("/api/v1/") else 400
        if len(body) > _LONG:
            await run_in_threadpool(_check, bytes(body), status)
        else:
            _check(bytes(body), status)
    whole = bytes(body)
    return _replayed([{"type": "http.request", "body": whole, "more_body": False}], receive), whole


def _replayed(messages: list[Message], receive: Receive) -> Receive:
    async def hear() -> Message:
        return messages.pop(0) if messages else await receive()

    return hear


def _check(body: bytes, status: int) -> None:
    def each_once(pairs: list[tuple[str, Any]]) -> None:
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise ApiError(ApiRefusal.KEY_TWICE, name, status, name=name)
            seen.add(name)

    try:
        msgspec.json.decode(body)
        json.loads(body, object_pairs_hook=each_once)
    except UNDECODABLE as error:
        raise ApiError(ApiRefusal.BODY_NOT_JSON, "body", status, detail=detail_of(error)) from None
