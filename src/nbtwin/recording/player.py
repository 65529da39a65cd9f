"""A replay behind a port of ours, on the wall clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from nbtwin.edge.serial_line import SerialLine
from nbtwin.edge.serial_port import SerialPort
from nbtwin.engine import Seconds
from nbtwin.recording.replay import Replay, ReplayEvent


class Player(SerialLine):
    """The recorded module's end. It begins when the first host is there; ``on_event`` is told what it finds."""

    name = "replay"

    def __init__(self, replay: Replay, baud: int, on_event: Callable[[ReplayEvent], object]) -> None:
        self.sinks = []
        self._replay, self._baud, self._on_event = replay, baud, on_event
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._port: SerialPort | None = None
        self._started = False

    def start(self, port: SerialPort) -> None:
        self._port = port
        port.on_host = self._begin
        if not port.notices_hosts:
            self._begin()

    @property
    def listens_at(self) -> int:
        """A recording takes a host of any speed, as long as it has none itself."""
        asked = self._port.host_speed() if self._port is not None else None
        return self._baud if asked is None else asked

    speaks_at = listens_at

    def handle_bytes(self, data: bytes) -> None:
        self._begin()
        self._replay.handle_bytes(self._now(), data)
        self._pump()

    def _begin(self) -> None:
        if not self._started:
            self._started = True
            self._replay.start(self._now())
            self._pump()

    def _now(self) -> Seconds:
        return self._loop.time()

    def _pump(self) -> None:
        if data := self._replay.bytes_to_send():
            for sink in list(self.sinks):
                sink(data)
        for event in self._replay.events():
            self._on_event(event)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if (deadline := self._replay.next_deadline()) is not None:
            self._timer = self._loop.call_at(deadline.at, self._due)

    def _due(self) -> None:
        self._timer = None
        self._replay.handle_timer(max(self._now(), self._replay_due()))
        self._pump()

    def _replay_due(self) -> Seconds:
        deadline = self._replay.next_deadline()
        return deadline.at if deadline is not None else 0.0

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
