"""The REST API of a simulated lab, asked in its own process: no socket, no waiting, the same answers.

Requests go through the application, as those of any other client do, on a thread of their own, because the caller may
have an event loop already (a notebook has). Knows ASGI; knows nothing of what is asked for.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import msgspec

from nbtwin.api.http_client import HttpClient, Problem, Query, Refused
from nbtwin.engine import Fact
from nbtwin.lab.observers import LabObserver
from nbtwin.operators.events import ManagementEvent
from nbtwin.runtime.simulated_lab import SimulatedLab
from nbtwin.timeline.ring import Timeline

if TYPE_CHECKING:
    from starlette.types import Message

_HEADERS = [(b"host", b"localhost"), (b"accept-language", b"en")]


class InProcessClient(HttpClient):
    """As `HttpClient`. ``told``: what the lab's platforms have committed since it began."""

    def __init__(self, lab: SimulatedLab, timeline: Timeline, told: Sequence[Fact]) -> None:
        super().__init__("http://localhost")
        from nbtwin.runtime.simulated_runtime import SimulatedLabRuntime
        from nbtwin.web.app import create_app
        from nbtwin.web.batch_log import BatchLog
        from nbtwin.web.operations import OperationLog

        self._lab = lab
        self.runtime = SimulatedLabRuntime(lab, timeline, told)
        before = list(lab.world.observers)
        self._app = create_app(self.runtime)
        added = [each for each in lab.world.observers if each not in before]
        for observer in added:
            if isinstance(observer, OperationLog):
                for event in told:
                    self._replay(observer, event)
            elif not isinstance(observer, BatchLog):  # nobody reads streams and charts here
                lab.world.observers.remove(observer)

    def _replay(self, operations: LabObserver, event: Fact) -> None:
        """What was read and notified before anybody asked."""
        if isinstance(event, ManagementEvent):
            node = self._lab.world.platforms.get(event.device.partition(":")[0])
            if node is not None:
                operations.event(event.at, node, event)

    def look(self) -> None:
        """What was changed without it: which platforms are strict."""
        self.runtime.strict = {node.operator for node in self._lab.world.platforms.values() if node.engine.strict}

    def close(self) -> None:
        self.runtime.store.close()

    def content(
        self,
        method: str,
        path: Sequence[str],
        body: Mapping[str, Any] | bytes | None = None,
        query: Query | None = None,
    ) -> bytes:
        """`HttpClient.content`."""
        sent = body if isinstance(body, bytes | None) else msgspec.json.encode(body)
        asked = _Asked(method, self._target(path, query), sent or b"", is_json=not isinstance(body, bytes | None))
        thread = threading.Thread(target=lambda: asyncio.run(asked.run(self._app)), name="nbtwin-request")
        thread.start()
        thread.join()
        if asked.error is not None:
            raise asked.error
        if asked.status >= 400:
            raise Refused(msgspec.json.decode(asked.content, type=Problem))
        return bytes(asked.content)


class _Asked:
    """One request and its answer."""

    def __init__(self, method: str, target: str, body: bytes, *, is_json: bool) -> None:
        path, _, query = target.partition("?")
        headers = [*_HEADERS, (b"content-length", str(len(body)).encode())]
        if is_json:
            headers.append((b"content-type", b"application/json"))
        self._scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": unquote(path), "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
            "headers": headers, "client": ("127.0.0.1", 0), "server": ("localhost", 80), "state": {},
        }  # fmt: skip
        self._body, self._is_read = body, False
        self.status, self.content = 0, bytearray()
        self.error: BaseException | None = None

    async def run(self, app: Any) -> None:
        try:
            await app(self._scope, self._receive, self._send)
        except BaseException as error:  # the caller's thread raises it
            self.error = error

    async def _receive(self) -> Message:
        """The body, once; after it whoever asked stays."""
        if self._is_read:
            await asyncio.Event().wait()
        self._is_read = True
        return {"type": "http.request", "body": self._body, "more_body": False}

    async def _send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.content += message.get("body", b"")
