"""A long answer in turns, between which the lab goes on, and answers that are JSON before the framework sees them: what
it makes of a list it makes in one go, on the loop. Knows no route.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from typing import Any, TypeVar

from fastapi import Response
from fastapi.responses import JSONResponse

from nbtwin.web.entries import TURN

T = TypeVar("T")


async def in_turns(items: Iterable[T]) -> AsyncIterator[T]:
    """Each of them; what is done with it counts as well."""
    began = time.perf_counter()
    for item in items:
        yield item
        if time.perf_counter() - began > TURN:
            await asyncio.sleep(0)
            began = time.perf_counter()


def json_answer(content: Any, **headers: str) -> Response:
    """Of plain values, encoded here: a route that runs in a thread encodes there."""
    return JSONResponse(content, headers=headers)


def json_list(encoded: list[bytes], **headers: str) -> Response:
    """Of values that are JSON already."""
    return Response(b"[" + b",".join(encoded) + b"]", media_type="application/json", headers=headers)
