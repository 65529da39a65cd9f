"""/api/event as Eclipse Leshan's demonstration server has it: what happens to devices, as server-sent events.

An observer on the platforms' events; looks nothing up while nobody reads.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from typing import Any, NamedTuple

import msgspec
from starlette.concurrency import run_in_threadpool

from nbtwin.engine import DecodeError, Fact, Seconds
from nbtwin.lab.nodes import Node
from nbtwin.lab.observers import LabObserver
from nbtwin.lwm2m.model import Objects
from nbtwin.lwm2m.path import Path
from nbtwin.operators import events as ev
from nbtwin.operators.device_management.management import management_of
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.leshan import schemas as shapes

KEPT_FOR_A_SLOW_READER = 1000
HEARTBEAT = 15.0


class _Happened(NamedTuple):
    """``endpoint`` and ``data`` are looked up when they are told, where the store has them."""

    kind: str
    device: str
    endpoint: str = ""
    data: dict[str, Any] | None = None


class _Reader:
    """One open stream, of one endpoint or of all."""

    def __init__(self, endpoint: str | None) -> None:
        self.endpoint = endpoint
        self.waiting: deque[_Happened] = deque(maxlen=KEPT_FOR_A_SLOW_READER)
        self.news = asyncio.Event()


class LeshanEvents(LabObserver):
    """One lab's."""

    def __init__(self, lab: LabRuntime) -> None:
        self._lab = lab
        self._readers: list[_Reader] = []

    async def stream(self, endpoint: str | None) -> AsyncIterator[bytes]:
        reader = _Reader(endpoint)
        self._readers.append(reader)
        try:
            yield b": connected\n\n"
            while True:
                try:
                    async with asyncio.timeout(HEARTBEAT):
                        await reader.news.wait()
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                reader.news.clear()
                happened = list(reader.waiting)
                reader.waiting.clear()
                said = await run_in_threadpool(self._said, happened, reader.endpoint)
                if said:
                    yield said
        finally:
            self._readers.remove(reader)

    def events(self, at: Seconds, node: Node, events: Sequence[Fact]) -> None:
        if self._readers:
            for event in events:
                self.event(at, node, event)

    def event(self, at: Seconds, node: Node, event: Fact) -> None:
        match event:
            case ev.DeviceRegistered():
                self._tell(_Happened("REGISTRATION", event.device))
            case ev.DeviceUpdated():
                self._tell(_Happened("UPDATED", event.device))
            case ev.DeviceDeregistered() | ev.DeviceExpired():
                self._tell(_Happened("DEREGISTRATION", event.device))
            case ev.ResourceNotified(is_sent=True):
                self._sent(event.device, event.path, event.value)
            case ev.DataReceived(way="send"):
                self._sent(event.device, event.path, f"0x{event.payload.hex()}")
            case ev.ResourceNotified(is_answer=False):
                self._notification(event.device, event.path, event.value)
            case ev.DataReceived(way="notification"):
                self._notification(event.device, event.path, f"0x{event.payload.hex()}")

    def _sent(self, device: str, path: str, value: Any) -> None:
        endpoint = device.partition(":")[2]
        data = {"ep": endpoint, "val": {path: shapes.content(Path(path), value, self._objects_of(device))}}
        self._tell(_Happened("SEND", device, endpoint, data))

    def _notification(self, device: str, path: str, value: Any) -> None:
        endpoint = device.partition(":")[2]
        try:
            content = shapes.content(Path(path), value, self._objects_of(device))
        except DecodeError:
            return
        data = {"ep": endpoint, "kind": "single", "res": path, "val": content}
        self._tell(_Happened("NOTIFICATION", device, endpoint, data))

    def _objects_of(self, device: str) -> Objects:
        platform, _, client = device.partition(":")
        node = self._lab.world.platforms.get(platform)
        management = None if node is None else management_of(node.engine)
        return {} if management is None else management.objects_of(client)

    def _tell(self, happened: _Happened) -> None:
        for reader in self._readers:
            reader.waiting.append(happened)
            reader.news.set()

    # what a reader is told, beside the loop: the store has to be asked

    def _said(self, happened: list[_Happened], wanted: str | None) -> bytes:
        found = (self._looked_up(one) for one in happened)
        return b"".join(
            b"event: %s\ndata: %s\n\n" % (one.kind.encode(), msgspec.json.encode(one.data))
            for one in found
            if one is not None and wanted in (None, one.endpoint)
        )

    def _looked_up(self, happened: _Happened) -> _Happened | None:
        """What became of a registration is said with everything that is known of its device."""
        if happened.data is not None:
            return happened
        device = self._lab.store.device(happened.device)
        if device is None:
            return None
        data = shapes.registration(device)
        endpoint = data["endpoint"]
        if happened.kind == "UPDATED":
            update = {"registrationId": data["registrationId"], "identity": {"peerAddress": {}}}
            data = {"registration": data, "update": {**update, "additionalAttributes": {}}}
        return happened._replace(endpoint=endpoint, data=data)
