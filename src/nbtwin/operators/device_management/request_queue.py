"""What the platform does at its devices by itself: one thing after the other for each of them (RFC 7252 4.7).

Knows order; must not know what the errands are for.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from nbtwin.engine import Seconds
from nbtwin.lwm2m.path import Path
from nbtwin.operators.device_management.commands import Commands, PendingCommand, Send


@dataclass(frozen=True, slots=True, eq=False)
class QueuedRequest:
    purpose: str
    name: str  # of the command: "read", "observe", …
    path: Path
    send: Send


class RequestQueue:
    """Waiting errands of every client; the first of each is under way."""

    def __init__(self, commands: Commands) -> None:
        self._commands = commands
        self._queues: dict[str, deque[QueuedRequest]] = {}

    def add(self, now: Seconds, client: str, errand: QueuedRequest) -> None:
        queue = self._queues.setdefault(client, deque())
        queue.append(errand)
        if len(queue) == 1:
            self._start(now, client, errand)

    def has(self, client: str, name: str, path: Path) -> bool:
        """Whether it is under way, or waits."""
        return any((errand.name, errand.path) == (name, path) for errand in self._queues.get(client, ()))

    def _start(self, now: Seconds, client: str, errand: QueuedRequest) -> None:
        self._commands.start(now, client, errand.name, errand.path, errand.send, errand)

    def handle_answered(self, now: Seconds, command: PendingCommand) -> None:
        """The next one's turn."""
        queue = self._queues.get(command.client)
        if not queue or queue[0] is not command.errand:
            return  # of a registration before
        queue.popleft()
        if queue:
            self._start(now, command.client, queue[0])
        else:
            del self._queues[command.client]

    def clear(self, client: str) -> None:
        """Its registration has ended."""
        self._queues.pop(client, None)
