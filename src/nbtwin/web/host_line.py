"""A host at a module's serial line for the length of one request: writes a command line, gathers the answer.

Works beside whatever else is plugged in: the port of the module stays usable.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager

from nbtwin.engine import Seconds
from nbtwin.lab.nodes import ModuleNode, SerialSink
from nbtwin.lab.world import World

_FINAL = re.compile(rb"\r\n(OK|ERROR|\+CME ERROR: [^\r\n]*|REBOOTING)\r\n\Z|>\Z")


async def ask(world: World, node: ModuleNode, line: str, patience: Seconds) -> tuple[list[str], bool]:
    """The lines of the answer, echo left out, and whether a final result code came in time."""
    said = bytearray()
    answered = asyncio.Event()

    def listen(data: bytes) -> None:
        said.extend(data)
        if _FINAL.search(said):
            answered.set()

    with _plugged(node, listen):
        world.serial(node, line.encode("utf-8", "replace") + b"\r")
        try:
            async with asyncio.timeout(patience):
                await answered.wait()
        except TimeoutError:
            pass
    text = said.decode("utf-8", "backslashreplace").replace("\r", "\n")
    lines = [part for part in text.split("\n") if part]
    return lines[1:] if lines and lines[0] == line else lines, answered.is_set()


async def exchange(world: World, node: ModuleNode, data: bytes, wait: Seconds) -> bytes:
    """Bytes in; the bytes that came out within so many seconds of the wall clock."""
    said = bytearray()
    with _plugged(node, said.extend):
        world.serial(node, data)
        await asyncio.sleep(wait)
    return bytes(said)


@contextmanager
def _plugged(node: ModuleNode, listen: SerialSink) -> Iterator[None]:
    node.sinks.append(listen)
    try:
        yield
    finally:
        node.sinks.remove(listen)
