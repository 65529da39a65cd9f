"""A host at a module's serial line for the length of one request: writes a command line, gathers the answer.

`ask` has what the module says until it seems to be done; `converse` reads it as a host's driver does.

Works beside whatever else is plugged in: the port of the module stays usable.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from nbtwin.engine import Fact, Seconds
from nbtwin.host.driver import AnswerReceived, Driver, UrcReceived
from nbtwin.host.tables import dialect_of
from nbtwin.lab.nodes import ModuleNode, Node, SerialSink
from nbtwin.lab.observers import LabObserver
from nbtwin.lab.world import World
from nbtwin.runtime.lab import LabRuntime

_LOOK_AGAIN: Seconds = 5
"""Of the wall clock: the lab's rate may have changed."""
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


async def converse(
    lab: LabRuntime, node: ModuleNode, line: str, data: bytes | None, within: Seconds
) -> tuple[AnswerReceived, list[str]]:
    """The answer after the boot that is under way, and what came by itself meanwhile; ``data`` when it is prompted for.

    ``within``: of the lab's time, which passes for it in a lab whose time is simulated. No final result code: too late.
    """
    world, module = lab.world, lab.modules[node.name]
    driver = Driver(dialect_of(module.profile))
    answers, urcs = list[AnswerReceived](), list[str]()
    began = world.scheduler.touch()
    await _until(lab, lambda: module.power_state != "booting", within)

    def write() -> None:
        if said := driver.bytes_to_send():
            world.serial(node, said)

    def listen(said: bytes) -> None:
        driver.handle_bytes(world.now, said)
        for event in driver.events():
            if isinstance(event, AnswerReceived):
                answers.append(event)
            elif isinstance(event, UrcReceived):
                urcs.append(event.text)
        write()

    with _plugged(node, listen):
        left = max(0.0, began + within - world.scheduler.touch())
        driver.send(world.now, line, data=data, timeout=left)
        write()
        await _until(lab, lambda: bool(answers), left)
    return (answers[0] if answers else AnswerReceived(line, (), "", within)), urcs


async def _until(lab: LabRuntime, holds: Callable[[], bool], within: Seconds) -> None:
    """Until it holds, or so much of the lab's time has passed."""
    if holds():
        return
    if lab.simulated:
        await lab.advance(within, holds)
        return
    until, watch = lab.world.scheduler.touch() + within, _Watch()
    lab.world.observers.append(watch)
    try:
        while not holds() and (left := until - lab.world.scheduler.touch()) > 0:
            watch.happened.clear()
            try:
                async with asyncio.timeout(min(_LOOK_AGAIN, left / lab.rate) if lab.rate else _LOOK_AGAIN):
                    await watch.happened.wait()
            except TimeoutError:
                pass
    finally:
        lab.world.observers.remove(watch)


class _Watch(LabObserver):
    """Of whatever modules do."""

    def __init__(self) -> None:
        self.happened = asyncio.Event()

    def serial_out(self, at: Seconds, node: ModuleNode, data: bytes) -> None:
        self.happened.set()

    def event(self, at: Seconds, node: Node, event: Fact) -> None:
        self.happened.set()


@contextmanager
def _plugged(node: ModuleNode, listen: SerialSink) -> Iterator[None]:
    node.sinks.append(listen)
    try:
        yield
    finally:
        node.sinks.remove(listen)
