"""/api/event as Eclipse Leshan's demonstration server has it: what happens to devices, as server-sent events.

A tap on the platforms' events; looks nothing up while nobody reads.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

import msgspec

from nbtwin.engine import DecodeError, Seconds
from nbtwin.lab.nodes import Node
from nbtwin.lab.observers import LabObserver
from nbtwin.lwm2m.path import Path
from nbtwin.operators import events as ev
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.leshan import schemas as shapes

KEPT_FOR_A_SLOW_READER = 1000
HEARTBEAT = 15.0


class _Reader:
    """One open stream, of one endpoint or of all."""

    def __init__(self, endpoint: str | None) -> None:
        self.endpoint = endpoint
        self.waiting: deque[bytes] = deque(maxlen=KEPT_FOR_A_SLOW_READER)
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
                said = b"".join(reader.waiting)
                reader.waiting.clear()
                yield said
        finally:
            self._readers.remove(reader)

    def event(self, at: Seconds, unit: Node, event: Any) -> None:
        if not self._readers:
            return
        match event:
            case ev.DeviceRegistered():
                self._registration("REGISTRATION", event.device)
            case ev.DeviceUpdated():
                self._registration("UPDATED", event.device)
            case ev.DeviceDeregistered() | ev.DeviceExpired():
                self._registration("DEREGISTRATION", event.device)
            case ev.ResourceNotified(is_answer=False):
                self._notification(event.device, event.path, event.value)
            case ev.DataReceived(way="notification"):
                self._notification(event.device, event.path, f"0x{event.payload.hex()}")

    def _registration(self, kind: str, name: str) -> None:
        device = self._lab.store.device(name)
        if device is None:
            return
        shown = shapes.registration(device)
        if kind == "UPDATED":
            update = {"registrationId": shown["registrationId"], "identity": {"peerAddress": {}}}
            self._tell(
                kind, shown["endpoint"], {"registration": shown, "update": {**update, "additionalAttributes": {}}}
            )
        else:
            self._tell(kind, shown["endpoint"], shown)

    def _notification(self, device: str, path: str, value: Any) -> None:
        endpoint = device.partition(":")[2]
        try:
            content = shapes.content(Path(path), value)
        except DecodeError:
            return
        self._tell("NOTIFICATION", endpoint, {"ep": endpoint, "kind": "single", "res": path, "val": content})

    def _tell(self, kind: str, endpoint: str, data: Any) -> None:
        event = b"event: %s\ndata: %s\n\n" % (kind.encode(), msgspec.json.encode(data))
        for reader in self._readers:
            if reader.endpoint in (None, endpoint):
                reader.waiting.append(event)
                reader.news.set()
