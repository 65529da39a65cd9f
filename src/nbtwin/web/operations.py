"""What was asked of devices and what came of it: tickets, answers, and the newest value of every path.

An observer of the platforms' events, so that whoever asks need not tell it. Knows no route.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from itertools import islice
from typing import Annotated, Any

from pydantic import BaseModel, Field

from nbtwin.engine import Fact, Seconds
from nbtwin.lab.nodes import Node
from nbtwin.lab.observers import LabObserver
from nbtwin.lwm2m.path import Path
from nbtwin.operators import events as ev
from nbtwin.operators.device_management.commands import OPEN_STATES, QueuedCommand
from nbtwin.operators.device_management.management import management_of
from nbtwin.timeline.ring import Timeline
from nbtwin.web.named import ResourceNamed, about

KEPT = 5000  # operations of a platform
DEVICES_KEPT = 2000  # devices whose newest values are in memory
VALUES_KEPT = 2000  # values of one of them
_COMPOSITE = ("read-composite", "observe-composite", "cancel-composite")
_HEARD = frozenset({
    ev.OperationAsked, ev.CommandQueued, ev.OperationAnswered, ev.ResourceNotified, ev.ValueUnread, ev.DataReceived,
    ev.DeviceDescribed, ev.InventoryRead,
})  # fmt: skip
TOLD_KEPT = 32  # reads and notifications of one of them that are not taken apart yet


class Cause(BaseModel):
    """Why something failed: a code of the catalogue of messages, and what belongs to it."""

    code: str = Field(description="of a message in the catalogue")
    fields: Annotated[dict[str, Any], Field(description="what belongs to the code")] = {}


class OperationResult(BaseModel):
    ticket: int = Field(description="its number at the platform")
    platform: str = Field(description="the platform's name")
    device: str = Field(description="the device's id")
    operation: str = Field(description="what was asked")
    path: str = Field(description="where; of a composite operation several, with commas between")
    asked_at: float = Field(description="lab time")
    done: bool = Field(description="it was answered, or has failed")
    code: Annotated[str, Field(description='"2.05"; empty while it is under way, and when no answer came')] = ""
    value: Annotated[
        Any, Field(description="by its type in the definition; of an instance by resource, of an object by instance")
    ] = None
    raw: Annotated[Any, Field(description="the value as it came, where it was encrypted (CMDMP) or cannot be read")] = (
        None
    )
    refusal: Annotated[Cause | None, Field(description="it failed")] = None
    at: Annotated[float | None, Field(description="when it was answered")] = None
    deadline: Annotated[float | None, Field(description="until when it is kept for a device in Queue Mode")] = None
    about: Annotated[
        dict[str, ResourceNamed], Field(description="what the definition says of each resource in it, by its path")
    ] = {}

    @classmethod
    def of_command(cls, command: QueuedCommand) -> OperationResult:
        """As the store has it: of a command that was asked before the lab was started."""
        return cls(
            ticket=command.ticket, platform=command.device.partition(":")[0], device=command.device,
            operation=command.operation, path=command.path, asked_at=command.asked_at,
            done=command.state not in OPEN_STATES, code=command.response_code, value=command.result, raw=command.raw,
            refusal=cause_of(command), at=command.ended_at, deadline=command.deadline,
        )  # fmt: skip


RECALLED = 16
"""Blocks of the timeline, of 64 KiB."""


class OperationLog(LabObserver):
    """One lab's. ``tell`` gets every result and every notification."""

    def __init__(self, tell: Callable[[str, dict[str, Any]], object]) -> None:
        self._tell = tell
        self._kept: dict[str, OrderedDict[int, OperationResult]] = {}
        self._waiting: dict[tuple[str, int], asyncio.Event] = {}
        self._told: OrderedDict[str, dict[str, tuple[Any, Seconds]]] = OrderedDict()  # by device, newest last; by path
        self._values: dict[str, OrderedDict[str, tuple[Any, Seconds]]] = {}  # of the same devices, by path

    async def wait(self, platform: str, ticket: int, seconds: float) -> OperationResult:
        """The result, done or not after so many seconds of the wall clock."""
        if not self._kept[platform][ticket].done and seconds > 0:
            event = self._waiting.setdefault((platform, ticket), asyncio.Event())
            try:
                async with asyncio.timeout(seconds):
                    await event.wait()
            except TimeoutError:
                pass
            finally:
                self._waiting.pop((platform, ticket), None)
        return self._kept[platform][ticket]

    # what became of it

    def of(self, platform: str, device: str, limit: int, offset: int) -> list[OperationResult]:
        """The newest first."""
        kept = self._kept.get(platform)
        newest_first = reversed(kept.values()) if kept is not None else ()
        return list(islice((result for result in newest_first if result.device == device), offset, offset + limit))

    def get(self, platform: str, ticket: int) -> OperationResult | None:
        kept = self._kept.get(platform)
        return kept.get(ticket) if kept is not None else None

    def values(self, device: str) -> dict[str, tuple[Any, Seconds]]:
        """The newest value of each resource that was read or notified, and when."""
        self._take_apart(device)
        return dict(self._values.get(device, {}))

    def recall(self, timeline: Timeline, platforms: Mapping[str, Node]) -> None:
        """What the newest blocks of the timeline tell: what was asked and learned before the lab was started (D170)."""
        if (file := timeline.file) is None:
            return
        blocks = [block for block in islice(file.blocks_backward(), RECALLED) if block.sources & platforms.keys()]
        before = [entry for block in reversed(blocks) for entry in file.read(block)]
        tell, self._tell = self._tell, lambda platform, result: None
        for entry in [*before, *file.tail()]:
            if (node := platforms.get(entry.source)) is not None:
                self.event(entry.at, node, entry.fact)
        self._tell = tell

    # the observer

    def events(self, at: Seconds, node: Node, events: Sequence[Fact]) -> None:
        if _HEARD.isdisjoint(map(type, events)):
            return
        for event in events:
            if isinstance(event, ev.InventoryRead):  # by the thousand, where devices are
                self._learn(event.device, "/666/0", event.values, at)
            elif type(event) in _HEARD:
                self.event(at, node, event)

    def event(self, at: Seconds, node: Node, event: Fact) -> None:
        match event:
            case ev.OperationAsked():
                self._asked(node, event)
            case ev.CommandQueued():
                if (asked := self.get(node.name, event.ticket)) is not None:
                    self._keep(asked.model_copy(update={"deadline": event.deadline}))
            case ev.OperationAnswered():
                self._answered(node, event)
            case ev.ResourceNotified():
                self._learn(event.device, event.path, event.value, at)
                self._tell(node.name, _notified(node, event, event.value))
            case ev.ValueUnread():
                refusal = Cause(code=event.refusal, fields={"why": event.why})
                raw = {"raw": f"0x{event.payload.hex()}", "refusal": refusal.model_dump()}
                self._tell(node.name, _notified(node, event, None) | raw)
            case ev.DataReceived():
                value = f"0x{event.payload.hex()}"
                self._learn(event.device, event.path, value, at)
                self._tell(node.name, _notified(node, event, value))
            case ev.DeviceDescribed():
                self._learn(event.device, "/3/0", event.values, at)
            case ev.InventoryRead():
                self._learn(event.device, "/666/0", event.values, at)
            case _:
                pass  # nothing that was asked

    def _asked(self, node: Node, event: ev.OperationAsked) -> None:
        self._keep(
            OperationResult(
                ticket=event.ticket, platform=node.name, device=event.device, operation=event.operation,
                path=event.path, asked_at=event.at, done=False, about=_about(node, event.device, event.path, None),
            )
        )  # fmt: skip

    def _answered(self, node: Node, event: ev.OperationAnswered) -> None:
        platform = node.name
        if event.operation in ("read", "observe") and event.refusal is None:
            self._learn(event.device, event.path, event.value, event.at)
        elif event.operation in _COMPOSITE and event.refusal is None and isinstance(event.value, Mapping):
            for path, value in event.value.items():
                self._learn(event.device, path, value, event.at)
        if event.ticket == 0:
            return  # the platform's own
        known = self.get(platform, event.ticket)
        result = OperationResult(
            ticket=event.ticket, platform=platform, device=event.device, operation=event.operation, path=event.path,
            asked_at=known.asked_at if known is not None else event.at, done=True, code=event.response_code,
            value=event.value, raw=event.raw, refusal=cause_of(event), at=event.at,
            deadline=known.deadline if known is not None else None,
            about=_about(node, event.device, event.path, event.value),
        )  # fmt: skip
        self._keep(result)
        self._tell(platform, result.model_dump())
        waiting = self._waiting.get((platform, event.ticket))
        if waiting is not None:
            waiting.set()

    def _keep(self, result: OperationResult) -> None:
        kept = self._kept.setdefault(result.platform, OrderedDict())
        kept[result.ticket] = result
        while len(kept) > KEPT:
            kept.popitem(last=False)

    def _learn(self, device: str, path: str, value: Any, at: Seconds) -> None:
        """Taken apart when somebody asks, or when there is much: every registration brings a dozen values, which are
        those of the one before, newer."""
        told = self._told.get(device)
        if told is None:
            told = self._told[device] = {}
        else:
            self._told.move_to_end(device)
        if (before := told.get(path)) is not None:
            if not _replaces(path, value, before[0]):
                self._take_apart(device)
            told.pop(path, None)
        told[path] = value, at
        if len(told) >= TOLD_KEPT:
            self._take_apart(device)
        if len(self._told) > DEVICES_KEPT:
            forgotten, _ = self._told.popitem(last=False)
            self._values.pop(forgotten, None)

    def _take_apart(self, device: str) -> None:
        told = self._told.get(device)
        if not told:
            return
        values = self._values.setdefault(device, OrderedDict())
        for path, (value, at) in told.items():
            for leaf, one in leaves(path, value):
                values[leaf] = (one, at)
                values.move_to_end(leaf)
        told.clear()
        while len(values) > VALUES_KEPT:
            values.popitem(last=False)


def _replaces(path: str, value: Any, before: Any) -> bool:
    """Whether every resource of the value before is in this one: of an instance, each is at the top of it."""
    if value is before:
        return True
    if isinstance(value, dict) and isinstance(before, dict):
        return path.count("/") >= 2 and before.keys() <= value.keys()
    return not isinstance(value, Mapping) and not isinstance(before, Mapping)


def leaves(path: str, value: Any) -> list[tuple[str, Any]]:
    """The resources in a value: `{"9": 100}` at /3/0 is /3/0/9. A multiple resource stays one value.

    The value of a composite operation is a mapping of paths.
    """
    if "," in path and isinstance(value, Mapping):
        return [leaf for one, child in value.items() for leaf in leaves(one, child)]
    is_known = path.count("/") <= 4 and (path == "/" or path.strip("/").replace("/", "").isdigit())
    depth = len(Path(path)) if is_known else 3
    if depth >= 3 or not isinstance(value, Mapping):
        return [(path, value)]
    return [leaf for key, child in value.items() for leaf in leaves(f"{path.rstrip('/')}/{key}", child)]


def cause_of(event: ev.OperationAnswered | QueuedCommand) -> Cause | None:
    """Why it failed, or None."""
    if not event.refusal:
        return None
    fields = {"response_code": event.response_code, "diagnostic": event.diagnostic, "why": event.why}
    return Cause(code=event.refusal, fields={name: value for name, value in fields.items() if value})


def _about(node: Node, device: str, path: str, value: Any) -> dict[str, ResourceNamed]:
    management = management_of(getattr(node, "engine", None))
    if management is None:
        return {}
    return about(path, value, management.objects_of(device.partition(":")[2]))


def _notified(node: Node, event: ev.ResourceNotified | ev.ValueUnread | ev.DataReceived, value: Any) -> dict[str, Any]:
    return {
        "platform": node.name, "device": event.device, "operation": "notification", "path": event.path, "value": value,
        "at": event.at, "done": True, "ticket": None,
        "about": {at: one.model_dump() for at, one in _about(node, event.device, event.path, value).items()},
    }  # fmt: skip
