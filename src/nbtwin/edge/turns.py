"""A long piece of work on the loop in turns, between which everybody else has the loop. Knows the loop and no work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

from nbtwin.engine import Seconds

TURN: Seconds = 0.003
T = TypeVar("T")


async def in_turns(items: Iterable[T]) -> AsyncIterator[T]:
    """Each of them; what is done with it counts as well."""
    began = time.perf_counter()
    for item in items:
        yield item
        if time.perf_counter() - began > TURN:
            await asyncio.sleep(0)
            began = time.perf_counter()
