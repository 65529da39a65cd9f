"""What operators ask of Andlink devices: a ticket for each command, its answer as an event, observations, Queue Mode.

Knows commands from ticket to answer. Must not know who may register, nor what data mean to an application.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

from nbtwin.coap.message import Message
from nbtwin.coap.numbers import MAX_TRANSMIT_WAIT, dotted, is_success
from nbtwin.engine import Seconds
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.server import events as lw
from nbtwin.lwm2m.server.server import LwM2mServer
from nbtwin.operators import events as ev
from nbtwin.operators.device_management.values import plain_answer

AWAKE: Seconds = MAX_TRANSMIT_WAIT
"""How long a client in Queue Mode listens after it was heard (LwM2M 1.0 TS, 8.3)."""
QUEUED_AT_MOST = 64
"""Commands that may wait for one sleeping client."""

Send: TypeAlias = Callable[[Seconds], bytes]
"""Sends the operation; the token that its answer will carry."""


@dataclass(frozen=True, slots=True)
class PendingCommand:
    ticket: int  # 0: the platform's own
    client: str
    name: str
    path: Path
    errand: object = None  # what the platform wants with its own


@dataclass(frozen=True, slots=True)
class CommandAnswer:
    """For the platform: a command's answer. ``message`` is None when none came; ``why`` is "" when all is well."""

    command: PendingCommand
    message: Message | None
    why: str = ""

    @property
    def code(self) -> str:
        return "" if self.message is None else dotted(self.message.code)


@dataclass(frozen=True, slots=True)
class Notified:
    client: str
    path: Path
    message: Message


class Commands:
    """``tell`` takes events; names of devices are made by ``device_of``."""

    def __init__(self, server: LwM2mServer, tell: Callable[[Any], object], device_of: Callable[[str], str]) -> None:
        self._server = server
        self._tell = tell
        self._device_of = device_of
        self._tickets = 0
        self._open: dict[bytes, PendingCommand] = {}
        self._observing: dict[str, dict[Path, bytes]] = {}  # client -> path -> token
        self._heard_at: dict[str, Seconds] = {}  # of clients in Queue Mode
        self._queues: dict[str, deque[tuple[PendingCommand, Send]]] = {}

    def start(self, now: Seconds, client: str, name: str, path: Path, send: Send, errand: object = None) -> int:
        """The command's ticket, 0 for an errand. It leaves at once, or when its client is awake."""
        if errand is None:
            self._tickets += 1
        command = PendingCommand(0 if errand is not None else self._tickets, client, name, path, errand)
        if self._sleeps(now, client):
            queue = self._queues.setdefault(client, deque())
            if len(queue) >= QUEUED_AT_MOST and errand is None:
                raise ValueError(f"{QUEUED_AT_MOST} commands wait for {client} already: it sleeps")
            queue.append((command, send))
        else:
            self._open[send(now)] = command
        return command.ticket

    # observations

    def observed(self, client: str) -> dict[Path, bytes]:
        """What is observed there, each path with its token."""
        return self._observing.get(client, {})

    def adopt(self, client: str, path: Path, token: bytes) -> None:
        """An observation from before a restart."""
        self._server.adopt_observation(client, path, token)
        self._observing.setdefault(client, {})[path] = token

    # Queue Mode (LwM2M 1.0 TS, 8.3)

    def _sleeps(self, now: Seconds, client: str) -> bool:
        registration = self._server.registrations[client]
        return "Q" in registration.binding and now > self._heard_at.get(client, registration.refreshed_at) + AWAKE

    def waiting(self, client: str) -> int:
        """How many commands wait until it wakes."""
        return len(self._queues.get(client, ()))

    def heard(self, now: Seconds, client: str) -> None:
        """It is awake: what waits leaves."""
        registration = self._server.registrations.get(client)
        if registration is None or "Q" not in registration.binding:
            return
        self._heard_at[client] = now
        for command, send in self._queues.pop(client, ()):
            self._open[send(now)] = command

    def anew(self, now: Seconds, client: str) -> None:
        """It has registered once more: its observations ended with the registration before."""
        self._observing.pop(client, None)
        self.heard(now, client)

    def gone(self, now: Seconds, client: str, why: str) -> None:
        """Its registration has ended, and with it observations and whatever is open (5.3.3, 5.5)."""
        self._heard_at.pop(client, None)
        self._observing.pop(client, None)
        open_ = [(token, command) for token, command in self._open.items() if command.client == client]
        for token, _ in open_:
            del self._open[token]
        for command in [command for _, command in open_] + [c for c, _ in self._queues.pop(client, ())]:
            self._answer(now, command, None, why)

    # what the server tells

    def handle_answer(self, now: Seconds, event: lw.ClientOperationAnswered) -> CommandAnswer | Notified | None:
        """What the platform makes of it is its own affair; the callers' event is told here."""
        self.heard(now, event.client)
        command, path, message = self._open.pop(event.token, None), event.path, event.message
        if command is None:
            return self._on_notification(now, event)
        observing = self._observing.setdefault(event.client, {})
        if command.name == "observe" and message.observe is not None and is_success(message.code):
            self._replace(now, event.client, path, event.token)
        elif command.name == "cancel" and observing.get(path) == event.token:
            del observing[path]
            self._tell(ev.ObservationEnded(now, self._device_of(event.client), str(path), "cancelled"))
        self._answer(now, command, message)
        return CommandAnswer(command, message, refusal(message))

    def _replace(self, now: Seconds, client: str, path: Path, token: bytes) -> None:
        """One observation of a path is enough: an older one is forgotten, and ends with its next notification."""
        old = self._observing[client].get(path)
        if old is not None and old != token:
            self._server.cancel_observation(now, old)
        self._observing[client][path] = token
        self._tell(ev.ObservationStarted(now, self._device_of(client), str(path), token.hex()))

    def _on_notification(self, now: Seconds, event: lw.ClientOperationAnswered) -> Notified | None:
        client, path, message = event.client, event.path, event.message
        if self._observing.get(client, {}).get(path) != event.token:
            return None
        if message.observe is None or not is_success(message.code):
            del self._observing[client][path]
            why = f"the device ended it with {dotted(message.code)}"
            self._tell(ev.ObservationEnded(now, self._device_of(client), str(path), why))
            return None
        return Notified(client, path, message)

    def handle_failure(self, now: Seconds, event: lw.ClientOperationFailed) -> CommandAnswer | None:
        command = self._open.pop(event.token, None)
        if command is None:
            return None
        self._answer(now, command, None, event.why)
        return CommandAnswer(command, None, event.why)

    def _answer(self, now: Seconds, command: PendingCommand, message: Message | None, why: str = "") -> None:
        """The platform's own commands are told when they fail."""
        device, name, path = self._device_of(command.client), command.name, str(command.path)
        if message is None:
            self._tell(ev.OperationAnswered(now, command.ticket, device, name, path, "", why=why))
            return
        if command.ticket == 0 and is_success(message.code):
            return
        why = refusal(message)
        value = None if why else plain_answer(command.path, message)
        self._tell(
            ev.OperationAnswered(
                now, command.ticket, device, name, path, dotted(message.code), value, message.payload,
                message.content_format, why,
            )
        )  # fmt: skip


def refusal(message: Message) -> str:
    """Why it was refused; "" when it was not."""
    return "" if is_success(message.code) else message.payload[:200].decode(errors="replace") or "refused"
