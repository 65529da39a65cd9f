"""Device management of one platform: what is asked of its devices, what they answer, what they are observed for.

One room for every caller. An operator's request has a ticket, and `events.OperationAnswered` with that ticket says how
it ended; what the platform asks by itself (its policy after a registration, the inventory, a campaign's step) has none
and is told to whoever asked. Which requests there are is `verbs`; how they travel is the LwM2M server's and the CoAP
endpoint's affair, which also keeps them in order for each device (RFC 7252 4.7, NSTART). Must not know who may
register, nor what a value means to an application.

Queue Mode
----------

A client whose binding has a "Q" switches its radio off between times (LwM2M 1.0 TS, 8.3). It listens for
MAX_TRANSMIT_WAIT after it was heard: a registration, an update, an answer, a notification; not when it has closed its
DTLS session meanwhile. Whatever is asked later waits here, and nowhere else: at most QUEUED_AT_MOST requests for a
client, counted by `waiting`, refused beyond that. When the client is heard they leave in their order, one after the
other: the next when the one before is answered. One that is not answered has failed, and the client sleeps again.

What an operator asks of such a client is a *command*, and has a memory: `CommandQueued`, `CommandSent`, `CommandMoved`
and `OperationAnswered` are all that the store needs to give the queue back after the process died (`restore_queue`).
Each has a deadline (D160). What was sent and has no answer then is asked again if it may be asked twice; of a POST the
outcome is unknown, and that is what whoever asked is told (D161). Commands outlive the registration: they wait for the
next one, until their deadline, unless the device is forgotten (D162). What the platform asks by itself ends with the
registration (5.3.3), for it asks anew.

Observations
------------

An observation lives under its token (RFC 7641 1.2). The inventory has it (`ObservationStarted`), so that a platform
that was restarted takes it up again without a message (`restore`). A composite one has its paths in its payload, with
which the blocks of a long notification are asked for: so the inventory keeps its content format beside the token
(D154). An observation follows the client to a new address with its update (the server's affair). It ends with a
notification that is an error or has no Observe option, with the verb "cancel" or "cancel-composite", with a newer
observation of the same path or paths, and with the registration (LwM2M 1.0 TS, 5.5): silently there, for the client has
forgotten it in the same moment. What still arrives under a forgotten token is answered with RST.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from itertools import islice
from typing import Any, Protocol

from msgspec.structs import replace as with_fields

from nbtwin.coap.bounded import make_room
from nbtwin.coap.events import Request
from nbtwin.coap.message import Message, decode, encode, encode_content, uint_of
from nbtwin.coap.numbers import MAX_TRANSMIT_WAIT, Code, OptionNumber, Type, dotted, is_success
from nbtwin.engine import AT_ONCE, DAY, Deadline, DecodeError, Reason, Refusal, RefusalCode, Seconds
from nbtwin.foreign import detail_of
from nbtwin.lwm2m.attributes import AttributeRefused, check_observation
from nbtwin.lwm2m.attributes import check as check_attributes
from nbtwin.lwm2m.model import OBJECTS, Objects
from nbtwin.lwm2m.objects.registry import ObjectRegistry
from nbtwin.lwm2m.path import Path, Paths, target_of
from nbtwin.lwm2m.secrets import MASK, has_key
from nbtwin.lwm2m.server import events as lw
from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal
from nbtwin.lwm2m.server.server import LwM2mServer
from nbtwin.lwm2m.versions import is_since
from nbtwin.operators import events as ev
from nbtwin.operators.device_management.commands import CommandState, QueuedCommand
from nbtwin.operators.device_management.composites import (
    NodeReading,
    composite_format,
    has_times,
    observe_request,
    readings_of,
)
from nbtwin.operators.device_management.pending import Answer as Answer
from nbtwin.operators.device_management.pending import OwnRequest as OwnRequest
from nbtwin.operators.device_management.pending import PendingRequest as PendingRequest
from nbtwin.operators.device_management.pending import Then as Then
from nbtwin.operators.device_management.values import TypeUnknown, ValueUnreadable, is_structured, preferred_format
from nbtwin.operators.device_management.verbs import VERBS, Takes, Target, Verb
from nbtwin.operators.refusals import PlatformError, PlatformRefusal

AWAKE: Seconds = MAX_TRANSMIT_WAIT
"""How long a client in Queue Mode listens after it was heard (LwM2M 1.0 TS, 8.3)."""
QUEUED_AT_MOST = 64
"""Requests that may wait for one sleeping client."""
_FORM = ":"
"""Between the token of a composite observation and its content format."""
PATHS_AT_MOST = 100
"""Of one composite operation."""
KEPT_FOR: Seconds = 2 * DAY
"""How long a command is kept when nobody says: so long, or two lifetimes of its client if that is longer (D160)."""
KEPT_AT_MOST: Seconds = 366 * DAY
OWN_AT_MOST = 256
"""Requests of the platform's own that are kept: those of its policy and of its campaigns."""
NOTIFY = "notify"
"""In the place of a verb: a value that comes by itself (LwM2M 1.0 TS, 5.5.2)."""


class ManagementReason(Reason):
    COMMAND_DEADLINE = "platform-command-deadline"  # subject: the client; number: the ticket
    OUTCOMES_UNKNOWN = "platform-outcomes-unknown"  # number: how many


class Owner(Protocol):
    """The platform that a room belongs to."""

    def report(self, event: ev.ManagementEvent) -> None:
        """Take an event for the inventory and whoever listens."""

    def react(self, now: Seconds) -> None:
        """Take in what the LwM2M server has told."""

    def is_reachable(self, client: str) -> bool:
        """Whether there is a way to the client: behind DTLS only the client makes one."""

    def handle_value(self, now: Seconds, client: str, verb: str, path: Path, message: Message) -> None:
        """A successful answer to "read" or "observe", or (NOTIFY) a notification. ValueUnreadable, nothing done."""

    def handle_readings(
        self, now: Seconds, client: str, readings: list[NodeReading], message: Message, *, is_answer: bool
    ) -> None:
        """Of a composite observation: its answer, or a notification."""

    def value_of(self, client: str, verb: Verb, path: Target, message: Message) -> tuple[Any, Any]:
        """The plain value in a successful answer, and the value as it came where that was another. ValueUnreadable."""


class DeviceManagement:
    """``device`` is the endpoint client name, with or without the platform's name before it."""

    def __init__(self, name: str, server: LwM2mServer, owner: Owner, definitions: ObjectRegistry | None = None) -> None:
        self.name = name
        self._server = server
        self._owner = owner
        self.definitions = definitions or ObjectRegistry()
        self._tickets = 0
        self._open: dict[bytes, PendingRequest] = {}  # by token: the server tells the end of each
        self._observing: dict[str, dict[Target, bytes]] = {}  # client -> path or paths -> token
        self._heard_at: dict[str, Seconds] = {}  # of clients in Queue Mode
        self._queues: dict[str, deque[PendingRequest]] = {}
        self._out: dict[str, bytes] = {}  # client -> token of the one that has left its queue and is not answered
        self._deadlines: list[tuple[Seconds, int, str]] = []  # a heap of commands: deadline, ticket, client
        self._ended: dict[int, PendingRequest] = {}  # POSTs that were out when the platform's process ended
        self._own: dict[tuple[str, Path], OwnRequest] = {}

    # what operators ask

    def ask(
        self, now: Seconds, device: str, verb: str, path: str, value: Any = None, *, content_format: int | None = None,
        deadline: Seconds | None = None, within: Seconds | None = None, by: str = "",
    ) -> int:  # fmt: skip
        """The ticket. ``verb`` is a row of `VERBS`, ``value`` what it takes.

        ``path``: several, with commas between, of a composite verb; "" where its ``value`` names them.
        ``content_format``: in which a value is wanted or written, instead of the usual one. ``deadline``, or ``within``
        so many seconds: until when it is kept for a client in Queue Mode; ``by``: who asks. PlatformError for what
        cannot be asked, and when too much waits for the device.
        """
        client = self._client(device)
        row = _verb(verb)
        target = _paths(row, path, value) if row.is_composite else _path(path)
        pending = self._prepare(self._tickets + 1, client, row, target, value, content_format)
        until = self._deadline_of(now, client, deadline, within)
        is_command = self._keeps_commands(client)
        if is_command and pending.request.payload and has_key(pending.path):
            raise PlatformError(PlatformRefusal.SECRET_NOT_QUEUED, path=str(pending.path))
        if self.waiting(client) >= QUEUED_AT_MOST if is_command else not self._has_room(now, client):
            raise PlatformError(PlatformRefusal.QUEUE_FULL, client=client, limit=QUEUED_AT_MOST)
        self._tickets += 1
        self._owner.report(ev.OperationAsked(now, pending.ticket, self.device_of(client), verb, str(pending.path)))
        if is_command:
            self._enqueue(with_fields(pending, deadline=until))
            self._owner.report(
                ev.CommandQueued(
                    now, pending.ticket, self.device_of(client), verb, str(pending.path), value, content_format, until,
                    by, _kept(pending.request),
                )
            )  # fmt: skip
            self._send_next(now, client)
        elif self._owner.is_reachable(client):
            key = self._server.send(now, client, *self._message_of(pending))
            self._open[key] = pending
        else:  # D147
            self._end(now, pending, None, PlatformRefusal.SESSION_MISSING)
        return pending.ticket

    def check(
        self, now: Seconds, device: str, verb: str, path: str, value: Any = None, *, deadline: Seconds | None = None,
        within: Seconds | None = None,
    ) -> None:  # fmt: skip
        """PlatformError where `ask` would raise it for what is asked; nothing is sent."""
        client, row = self._client(device), _verb(verb)
        target = _paths(row, path, value) if row.is_composite else _path(path)
        self._prepare(self._tickets + 1, client, row, target, value, None)
        self._deadline_of(now, client, deadline, within)

    def forget(self, now: Seconds, device: str) -> bool:
        """Drop its registration without a word: its next update is answered 4.04, and it registers anew."""
        client = device.removeprefix(f"{self.name}:")
        known = self._server.drop(now, client) is not None
        self.handle_ended(now, client, Lwm2mServerRefusal.FORGOTTEN)
        self._end_queue(now, client, Lwm2mServerRefusal.FORGOTTEN)
        self._owner.react(now)
        return known

    def deregister(self, now: Seconds, device: str) -> None:
        """As `forget`, and the inventory is told. PlatformError for one that is not registered."""
        client = self._client(device)
        self.forget(now, client)
        self._owner.report(ev.DeviceDeregistered(now, self.device_of(client)))

    def observed(self, device: str) -> list[str]:
        """The paths under observation."""
        return sorted(map(str, self._observing.get(device.removeprefix(f"{self.name}:"), ())))

    def waiting(self, device: str) -> int:
        """How many requests wait until the device, which is in Queue Mode, wakes."""
        return len(self._queues.get(device.removeprefix(f"{self.name}:"), ()))

    def commands(self, device: str) -> list[int]:
        """The tickets of commands that wait until it wakes, in their order."""
        queue = self._queues.get(device.removeprefix(f"{self.name}:"), ())
        return [pending.ticket for pending in queue if pending.ticket]

    @property
    def open(self) -> int:
        """How many requests have no answer yet, of all devices; what waits for a sleeping one is not among them."""
        return len(self._open)

    # the queue of a client in Queue Mode

    def move(self, now: Seconds, device: str, ticket: int, position: int, by: str = "") -> None:
        """Among the commands that wait: 1 is the next. PlatformError for one that does not wait."""
        pending = self._waiting_command(device, ticket)
        queue = self._queues[pending.client]
        queue.remove(pending)
        commands = [other for other in queue if other.ticket]
        position = min(max(position, 1), len(commands) + 1)
        if position > len(commands):
            queue.append(pending)
        else:
            queue.insert(queue.index(commands[position - 1]), pending)
        self._owner.report(ev.CommandMoved(now, ticket, self.device_of(pending.client), position, by))

    def cancel(self, now: Seconds, device: str, ticket: int, by: str = "") -> None:
        """Take back a command that waits. PlatformError for one that does not."""
        pending = self._waiting_command(device, ticket)
        self._dequeue(pending)
        named = self.device_of(pending.client), pending.verb.name, str(pending.path)
        self._owner.report(ev.CommandCancelled(now, ticket, *named, by))
        self._end(now, pending, None, PlatformRefusal.COMMAND_CANCELLED)

    def awake_until(self, device: str) -> Seconds | None:
        """Until when a client in Queue Mode listens if it is not heard again; None for any other."""
        client = device.removeprefix(f"{self.name}:")
        registration = self._server.registrations.get(client)
        if registration is None or "Q" not in registration.binding or not self._owner.is_reachable(client):
            return None
        return self._heard_at.get(client, registration.refreshed_at) + AWAKE

    def handle_timer(self, now: Seconds) -> None:
        """What has waited until its deadline ends (D160)."""
        for ticket in list(islice(self._ended, AT_ONCE)):
            self._end(now, self._ended.pop(ticket), None, PlatformRefusal.OUTCOME_UNKNOWN)
        for _ in range(AT_ONCE):
            if not self._deadlines or self._deadlines[0][0] > now:
                return
            _, ticket, client = heappop(self._deadlines)
            pending = self._command(client, ticket)
            if pending is not None:
                self._dequeue(pending)
                named = self.device_of(client), pending.verb.name, str(pending.path)
                self._owner.report(ev.CommandExpired(now, ticket, *named))
                self._end(now, pending, None, PlatformRefusal.COMMAND_EXPIRED)

    def next_deadline(self) -> Deadline | None:
        if self._ended:
            return Deadline(0.0, ManagementReason.OUTCOMES_UNKNOWN, number=len(self._ended))
        while self._deadlines:
            at, ticket, client = self._deadlines[0]
            if self._command(client, ticket) is not None:
                return Deadline(at, ManagementReason.COMMAND_DEADLINE, client, ticket)
            heappop(self._deadlines)  # it was sent or taken back
        return None

    def restore_queue(self, tickets: int, commands: Iterable[QueuedCommand]) -> None:
        """Commands from before a restart, each device's in its order. ``tickets``: the highest that was ever given."""
        self._tickets = max(self._tickets, tickets)
        for command in commands:
            client = command.device.removeprefix(f"{self.name}:")
            message = decode(command.request)
            pending = PendingRequest(
                command.ticket, client, VERBS[command.operation], target_of(command.path),
                Request(message.code, message.options, message.payload), deadline=command.deadline,
            )  # fmt: skip
            if command.state is CommandState.SENT and message.code == Code.POST:  # D161
                self._ended[command.ticket] = pending
            else:
                self._enqueue(pending)

    def give(self, ticket: int) -> None:
        """What is asked next has this one: whoever asks has several processes to ask."""
        self._tickets = ticket - 1

    def registered(self) -> list[str]:
        return [self.device_of(client) for client in self._server.registrations]

    def is_registered(self, device: str) -> bool:
        return device.removeprefix(f"{self.name}:") in self._server.registrations

    def known(self) -> list[str]:
        """Those that are registered, and those for which something waits."""
        return [self.device_of(client) for client in {*self._server.registrations, *self._queues}]

    def knows(self, device: str) -> bool:
        """Whether it is one of these."""
        platform, _, client = device.partition(":")
        return platform == self.name and (client in self._server.registrations or client in self._queues)

    def renewed_at(self, device: str) -> Seconds | None:
        """When it registered, or updated its registration last; None for one that is not registered."""
        found = self._server.registrations.get(device.removeprefix(f"{self.name}:"))
        return None if found is None else found.refreshed_at

    def hand_over(self, now: Seconds, device: str, before: Seconds) -> None:
        """Another process of this platform has the device, which registered there at that time: nothing is told.

        Not when it has registered here since. Its commands go with it (`adopt_queue`); what is under way has failed.
        """
        client = device.removeprefix(f"{self.name}:")
        known = self._server.registrations.get(client)
        if known is not None:
            if known.registered_at >= before:
                return
            self._server.drop(now, client)
            self.handle_ended(now, client, Lwm2mServerRefusal.FORGOTTEN)
            self._owner.react(now)
        self._queues.pop(client, None)

    def adopt_queue(self, now: Seconds, commands: Sequence[QueuedCommand]) -> None:
        """Commands of a device that another process of this platform has had."""
        for command in commands:
            client = command.device.removeprefix(f"{self.name}:")
            if self._command(client, command.ticket) is None and not self._is_out(client, command.ticket):
                self.restore_queue(0, (command,))
                self._send_next(now, client)

    def _keeps_commands(self, client: str) -> bool:
        return client in self._queues or "Q" in self._server.registrations[client].binding

    def _deadline_of(self, now: Seconds, client: str, deadline: Seconds | None, within: Seconds | None) -> Seconds:
        if deadline is not None and within is not None:
            raise PlatformError(PlatformRefusal.DEADLINE_TWICE, takes="deadline")
        if deadline is None:
            usual = max(KEPT_FOR, 2 * self._server.registrations[client].lifetime)
            deadline = now + (min(usual, KEPT_AT_MOST) if within is None else within)
        if deadline <= now:
            raise PlatformError(PlatformRefusal.DEADLINE_PAST, takes="deadline", deadline=deadline)
        if deadline > now + KEPT_AT_MOST:
            raise PlatformError(PlatformRefusal.DEADLINE_TOO_FAR, takes="deadline", limit=KEPT_AT_MOST)
        return deadline

    def _enqueue(self, pending: PendingRequest) -> None:
        self._queues.setdefault(pending.client, deque()).append(pending)
        if pending.deadline is not None:
            heappush(self._deadlines, (pending.deadline, pending.ticket, pending.client))

    def _dequeue(self, pending: PendingRequest) -> None:
        queue = self._queues[pending.client]
        queue.remove(pending)
        if not queue:
            del self._queues[pending.client]

    def _command(self, client: str, ticket: int) -> PendingRequest | None:
        return next((pending for pending in self._queues.get(client, ()) if pending.ticket == ticket), None)

    def _is_out(self, client: str, ticket: int) -> bool:
        """It was sent from here, and may be answered."""
        pending = self._open.get(self._out.get(client, b""))
        return pending is not None and pending.ticket == ticket

    def _waiting_command(self, device: str, ticket: int) -> PendingRequest:
        client = device.removeprefix(f"{self.name}:")
        pending = self._command(client, ticket) if ticket > 0 else None
        if pending is None:
            raise PlatformError(PlatformRefusal.COMMAND_NOT_WAITING, ticket=ticket)
        return pending

    def _send_next(self, now: Seconds, client: str) -> None:
        """The first that waits leaves, when its client is awake and has answered the one before."""
        queue = self._queues.get(client)
        while queue and not self._is_busy(client) and not self._sleeps(now, client) and self._server.has_room(client):
            pending = queue.popleft()
            if not queue:
                del self._queues[client]
            token = self._server.send(now, client, *self._message_of(pending))
            self._open[token], self._out[client] = pending, token
            if pending.ticket:
                named = self.device_of(client), pending.verb.name, str(pending.path)
                self._owner.report(ev.CommandSent(now, pending.ticket, *named))

    def _is_busy(self, client: str) -> bool:
        return any(token in self._open for token in self._server.tokens_of(client))

    def _end_queue(self, now: Seconds, client: str, refusal: Refusal) -> None:
        for pending in self._queues.pop(client, ()):
            self._end(now, pending, None, refusal)

    # what the platform asks by itself

    def request(
        self, now: Seconds, client: str, verb: str, path: Path, value: Any = None, then: Then | None = None,
        *, reports: bool = True,
    ) -> None:  # fmt: skip
        """One without a ticket; KeyError for a client that is not registered.

        ``then`` hears how it ended. A failure is an event, too, unless it is not to be reported.
        """
        registration, own = self._server.registrations[client], self._own.get((verb, path))
        if own is None and value is None:
            own = self._own_request(verb, path)
        if own is not None and value is None:
            row, since = own.verb, own.since
            pending = PendingRequest(0, client, row, path, own.request, then, reports)
        else:
            row = VERBS[verb]
            pending, since = self._prepare(0, client, row, path, value, None, then, reports), row.since_on(path)
        if not is_since(registration.version, since):
            self._end(now, pending, None, PlatformRefusal.VERSION_LACKS)
        elif client in self._queues or ("Q" in registration.binding and self._sleeps(now, client)):
            if self.waiting(client) >= QUEUED_AT_MOST:
                self._end(now, pending, None, PlatformRefusal.QUEUE_FULL)
            else:
                self._enqueue(pending)
        elif not self._server.has_room(client):
            self._end(now, pending, None, PlatformRefusal.QUEUE_FULL)
        elif row.ends_observation:
            key = self._server.send(now, client, *self._message_of(pending))
            self._open[key] = pending
        else:
            self._open[self._server.send(now, client, path, pending.request)] = pending

    def own_requests(self, asked: Iterable[tuple[str, Path]]) -> tuple[OwnRequest, ...]:
        """Verbs and paths, made once to be asked of many (`request_each`). PlatformError for one that cannot be."""
        found: list[OwnRequest] = []
        for verb, path in asked:
            own = self._own.get((verb, path)) or self._own_request(verb, path)
            if own is None:
                raise PlatformError(PlatformRefusal.PATH_DEPTH, operation=verb, path=str(path), takes="path")
            found.append(own)
        return tuple(found)

    def request_each(self, now: Seconds, client: str, asked: Sequence[OwnRequest], then: Then | None = None) -> None:
        """Each of them, as `request` does it."""
        registration, server = self._server.registrations[client], self._server
        may_sleep, version = "Q" in registration.binding or client in self._queues, registration.version
        for own in asked:
            if may_sleep or not is_since(version, own.since) or not server.has_room(client):
                self.request(now, client, own.verb.name, own.path, then=then)
            else:
                token = server.send(now, client, own.path, own.request)
                self._open[token] = PendingRequest(0, client, own.verb, own.path, own.request, then)

    def _own_request(self, verb: str, path: Path) -> OwnRequest | None:
        """None where the request is another for each device, or cannot be."""
        row = VERBS[verb]
        if row.takes is not Takes.NOTHING or row.ends_observation or row.is_composite or not row.has_depths(path):
            return None
        make_room(self._own, OWN_AT_MOST)
        request = row.request(path, None, None, OBJECTS)
        encoded = encode_content(request.options, request.payload)
        own = OwnRequest(row, path, row.since_on(path), with_fields(request, encoded=encoded))
        self._own[verb, path] = own
        return own

    def observe(self, now: Seconds, client: str, path: Path, then: Then | None = None) -> None:
        """Unless the path is observed, or is about to be."""
        if path not in self._observing.get(client, ()) and not self._is_asked(client, "observe", path):
            self.request(now, client, "observe", path, None, then)

    def _is_asked(self, client: str, verb: str, path: Path) -> bool:
        asked = (self._open.get(token) for token in self._server.tokens_of(client))
        return any(
            pending is not None and pending.verb.name == verb and pending.path == path
            for pending in (*asked, *self._queues.get(client, ()))
        )

    def restore(self, client: str, observations: Mapping[str, str]) -> None:
        """Observations from before a restart: path and token, hexadecimal, as the inventory has them."""
        objects = self.objects_of(client)
        for path, kept in observations.items():
            at, (token, _, form) = target_of(path), kept.partition(_FORM)
            if isinstance(at, Paths):
                request = observe_request(at, None, int(form))
            else:
                request = VERBS["observe"].request(at, None, None, objects)
            key = bytes.fromhex(token)
            self._server.adopt_observation(client, at, key, request)
            self._observing.setdefault(client, {})[at] = key

    # sending

    def device_of(self, client: str) -> str:
        """The device's name in events and in the store."""
        return f"{self.name}:{client}"

    def objects_of(self, client: str) -> Objects:
        """The definitions of the objects that it registered."""
        known = self._server.registrations.get(client)
        return self.definitions.of("") if known is None else self.definitions.of(known.objects, known.version)

    def _client(self, device: str) -> str:
        client = device.removeprefix(f"{self.name}:")
        if client not in self._server.registrations:
            raise PlatformError(PlatformRefusal.DEVICE_NOT_REGISTERED, client=client[:128])
        return client

    def _prepare(
        self, ticket: int, client: str, verb: Verb, path: Target, value: Any, form: int | None,
        then: Then | None = None, reports: bool = True,
    ) -> PendingRequest:  # fmt: skip
        name, takes = verb.name, verb.takes
        if not verb.has_depths(path):
            raise PlatformError(PlatformRefusal.PATH_DEPTH, operation=name, path=str(path), takes=verb.names_paths_in)
        if ticket and (lacking := self._lacking(client, verb, path)) is not None:
            raise lacking
        if takes in (Takes.VALUE, Takes.VALUES, Takes.ATTRIBUTES) and (value is None or value == {}):
            raise PlatformError(PlatformRefusal.VALUE_MISSING, operation=name, takes=takes)
        observed = self._observing.get(client, {}).get(path)
        if verb.ends_observation and (observed is None or observed in self._open):
            said = {"client": client, "path": str(path), "takes": verb.names_paths_in}
            raise PlatformError(PlatformRefusal.PATH_NOT_OBSERVED, **said)
        registration = self._server.registrations[client]
        links, version = registration.objects, registration.version
        if verb.is_composite and verb.ends_observation:
            form = _form_of(self._server.request_of(self._observing[client][path]))  # as it began
        elif verb.is_composite and form is None:
            form = composite_format(links, version)
        elif takes is Takes.VALUE and form is None and isinstance(path, Path) and is_structured(path, value):
            form = preferred_format(links, version)
        try:
            if isinstance(value, Mapping) and verb.may_take is Takes.ATTRIBUTES:
                takes = Takes.ATTRIBUTES
                check_observation(value, version)
            if takes is Takes.ATTRIBUTES and isinstance(path, Path):
                check_attributes(path, value, version, self.objects_of(client))
            request = verb.request(path, value, form, self.objects_of(client))
        except TypeUnknown as unknown:  # a name for each kind: compiled code has one type for one name
            raise PlatformError(PlatformRefusal.TYPE_UNKNOWN, path=str(unknown.path), takes=takes) from None
        except (PlatformError, AttributeRefused) as refused:
            raise PlatformError(refused.code, takes=takes, **refused.fields) from None
        except (ValueError, OverflowError) as error:
            why = detail_of(error)
            raise PlatformError(PlatformRefusal.VALUE_UNSUITABLE, path=str(path), takes=takes, why=why) from None
        return PendingRequest(ticket, client, verb, path, request, then, reports)

    def _lacking(self, client: str, verb: Verb, path: Target) -> PlatformError | None:
        """Why the client cannot be asked for this: its version of the enabler does not have it (D157)."""
        version, since = self._server.registrations[client].version, verb.since_on(path)
        if is_since(version, since):
            return None
        said = {"operation": verb.name, "path": str(path), "client": client, "version": version, "since": since}
        return PlatformError(PlatformRefusal.VERSION_LACKS, **said)

    def sleeps(self, now: Seconds, client: str) -> bool:
        """What is asked of it waits: it sleeps, or others wait before that. KeyError when it is not registered."""
        return client in self._queues or self._sleeps(now, client)

    def _has_room(self, now: Seconds, client: str) -> bool:
        if self.sleeps(now, client):
            return self.waiting(client) < QUEUED_AT_MOST
        return self._server.has_room(client)

    def _message_of(self, pending: PendingRequest) -> tuple[Target, Request, bytes | None]:
        """What the server sends, and under which token: that of the observation which it ends, else a new one."""
        observing = self._observing.get(pending.client, {}) if pending.verb.ends_observation else {}
        return pending.path, pending.request, observing.get(pending.path)

    def _sleeps(self, now: Seconds, client: str) -> bool:
        registration = self._server.registrations[client]
        if "Q" not in registration.binding:
            return False
        awake_until = self._heard_at.get(client, registration.refreshed_at) + AWAKE
        return now > awake_until or not self._owner.is_reachable(client)

    # what the server tells of registrations

    def handle_registered(self, now: Seconds, client: str) -> None:
        """It has registered: observations of a registration before ended with that."""
        if self._observing:
            self._observing.pop(client, None)
        self.handle_sign_of_life(now, client)

    def handle_sign_of_life(self, now: Seconds, client: str) -> None:
        """It is awake: what waits leaves."""
        registration = self._server.registrations.get(client)
        if registration is None:
            return
        if "Q" in registration.binding:
            self._heard_at[client] = now
        if self._queues:
            self._send_next(now, client)

    def handle_ended(self, now: Seconds, client: str, refusal: Refusal) -> None:
        """Its registration has ended, and with it what the platform asked by itself; commands wait on (D162).

        What was open the server tells.
        """
        self._heard_at.pop(client, None)
        self._observing.pop(client, None)
        waiting = self._queues.pop(client, ())
        if commands := deque(pending for pending in waiting if pending.ticket):
            self._queues[client] = commands
        for pending in waiting:
            if not pending.ticket:
                self._end(now, pending, None, refusal)

    # what the server tells of operations

    def handle_answered(self, now: Seconds, event: lw.ClientOperationAnswered) -> None:
        """An answer, or a notification."""
        client, token = event.client, event.token
        if self._out and self._out.get(client) == token:
            del self._out[client]
        pending = self._open.pop(token, None)
        if pending is None:
            self._on_notification(now, event)
        else:
            self._on_answer(now, event, pending)
        self.handle_sign_of_life(now, client)

    def _close(self, client: str, token: bytes) -> PendingRequest | None:
        if self._out.get(client) == token:
            del self._out[client]
        return self._open.pop(token, None)

    def _on_answer(self, now: Seconds, event: lw.ClientOperationAnswered, pending: PendingRequest) -> None:
        message, verb = event.message, pending.verb
        is_done = message.code >> 5 == 2
        if verb.observes and is_done and message.observe is not None:
            self._on_observed(now, event.client, event.path, event.token)
        elif verb.ends_observation:
            self._cancelled(now, pending, event.token)
        self._end(now, pending, message, None if is_done else PlatformRefusal.OPERATION_REFUSED)

    def handle_failed(self, now: Seconds, event: lw.ClientOperationFailed) -> None:
        """No answer will come."""
        pending = self._close(event.client, event.token)
        if pending is None:
            return
        if event.refusal is Lwm2mServerRefusal.UNANSWERED and event.client in self._heard_at:
            self._heard_at[event.client] = -AWAKE  # it sleeps
        self._cancelled(now, pending, event.token)
        self._end(now, pending, None, event.refusal)
        if self._queues and event.client in self._server.registrations:
            self._send_next(now, event.client)

    def _cancelled(self, now: Seconds, pending: PendingRequest, token: bytes) -> None:
        """Answered or not: its request took the token of the observation, whose notifications are refused now."""
        if pending.verb.ends_observation and self._observing.get(pending.client, {}).get(pending.path) == token:
            self._on_observation_ended(now, pending.client, pending.path, PlatformRefusal.OBSERVATION_CANCELLED)

    def _on_observed(self, now: Seconds, client: str, path: Target, token: bytes) -> None:
        """One observation of a path is enough: an older one is forgotten, and ends with its next notification."""
        observing = self._observing.get(client)
        if observing is None:
            observing = self._observing[client] = {}
        old = observing.get(path)
        if old is not None and old != token:
            self._server.cancel(now, old)
        observing[path] = token
        form = _form_of(self._server.request_of(token)) if isinstance(path, Paths) else None
        kept = token.hex() if form is None else f"{token.hex()}{_FORM}{form}"
        self._owner.report(ev.ObservationStarted(now, f"{self.name}:{client}", str(path), kept))

    def _on_notification(self, now: Seconds, event: lw.ClientOperationAnswered) -> None:
        client, path, message = event.client, event.path, event.message
        if self._observing.get(client, {}).get(path) != event.token:
            return
        if message.observe is None or not is_success(message.code):
            self._on_observation_ended(now, client, path, PlatformRefusal.OBSERVATION_ENDED, dotted(message.code))
            return
        try:
            self._take_told(now, client, NOTIFY, path, message)
        except ValueUnreadable as error:
            refusal, payload, form = PlatformRefusal.VALUE_UNREADABLE, message.payload, message.content_format
            device = self.device_of(client)
            self._owner.report(ev.ValueUnread(now, device, str(path), refusal, payload, form, error.data))

    def _take_told(self, now: Seconds, client: str, verb: str, path: Target, message: Message) -> None:
        if isinstance(path, Paths) or (verb == NOTIFY and has_times(message)):
            paths = path if isinstance(path, Paths) else Paths((path,))
            readings = readings_of(paths, message, self.objects_of(client))
            self._owner.handle_readings(now, client, readings, message, is_answer=verb != NOTIFY)
        else:
            self._owner.handle_value(now, client, verb, path, message)

    def _on_observation_ended(
        self, now: Seconds, client: str, path: Target, cause: Refusal, response_code: str = ""
    ) -> None:
        del self._observing[client][path]
        self._owner.report(ev.ObservationEnded(now, self.device_of(client), str(path), cause, response_code))

    def _end(self, now: Seconds, pending: PendingRequest, message: Message | None, refusal: RefusalCode | None) -> None:
        """Told to whoever asked. What the platform asked by itself is an event only when it fails."""
        if message is not None and refusal is None:
            refusal = self._take_value(now, pending, message)
        elif pending.ticket or pending.reports:
            diagnostic = message.payload[:200].decode(errors="replace") if message is not None else ""
            self._report(now, pending, message, refusal, diagnostic=diagnostic)
        if pending.then is not None:
            assert isinstance(pending.path, Path), "the platform's own requests name one path"
            pending.then(now, Answer(pending.client, pending.verb.name, pending.path, message, refusal))

    def _take_value(self, now: Seconds, pending: PendingRequest, message: Message) -> RefusalCode | None:
        """Of a success. A value that cannot be read is none: why, and its bytes, are told in its place (D131)."""
        client, verb, path = pending.client, pending.verb, pending.path
        try:
            if pending.ticket:
                value, raw = self._owner.value_of(client, verb, path, message)
                self._report(now, pending, message, None, value, raw)
            if verb.observes or verb.name == "read":
                self._take_told(now, client, verb.name, path, message)
        except ValueUnreadable as error:
            refusal, raw = PlatformRefusal.VALUE_UNREADABLE, f"0x{message.payload.hex()}"
            if pending.ticket or pending.reports:
                self._report(now, pending, message, refusal, None, raw, why=error.data)
            return refusal
        return None

    def _report(
        self, now: Seconds, pending: PendingRequest, message: Message | None, refusal: RefusalCode | None,
        value: Any = None, raw: Any = None, diagnostic: str = "", why: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        code, payload, form = "", b"", None
        if message is not None:
            code, payload, form = dotted(message.code), message.payload, message.content_format
        if refusal is None and payload and has_key(pending.path):
            is_masked = isinstance(pending.path, Paths)  # key by key
            value, raw, payload = value if is_masked else MASK, None, b""
        self._owner.report(
            ev.OperationAnswered(
                now, pending.ticket, self.device_of(pending.client), pending.verb.name, str(pending.path), code, value,
                payload, form, refusal, diagnostic, raw, why,
            )
        )  # fmt: skip


class Management(Protocol):
    """What the lab's users ask of a platform's devices: of the room itself, or of the process that has it."""

    def ask(
        self, now: Seconds, device: str, verb: str, path: str, value: Any = None, *, content_format: int | None = None,
        deadline: Seconds | None = None, within: Seconds | None = None, by: str = "",
    ) -> int: ...  # fmt: skip

    def check(
        self, now: Seconds, device: str, verb: str, path: str, value: Any = None, *, deadline: Seconds | None = None,
        within: Seconds | None = None,
    ) -> None: ...  # fmt: skip

    def forget(self, now: Seconds, device: str) -> bool: ...

    def deregister(self, now: Seconds, device: str) -> None: ...

    def move(self, now: Seconds, device: str, ticket: int, position: int, by: str = "") -> None: ...

    def cancel(self, now: Seconds, device: str, ticket: int, by: str = "") -> None: ...

    def observed(self, device: str) -> list[str]: ...

    def waiting(self, device: str) -> int: ...

    def commands(self, device: str) -> list[int]: ...

    def awake_until(self, device: str) -> Seconds | None: ...

    def objects_of(self, client: str) -> Objects: ...


def management_of(engine: object) -> Management | None:
    """Of a platform that can ask something of its devices; None of one that only takes reports."""
    found = getattr(engine, "devices", None)
    return found if hasattr(found, "ask") else None


def _kept(request: Request) -> bytes:
    return encode(Message(Type.CON, request.code, 0, b"", request.options, request.payload))


def _verb(name: str) -> Verb:
    if name not in VERBS:
        raise PlatformError(PlatformRefusal.VERB_UNKNOWN, operation=name[:40])
    return VERBS[name]


def _path(text: str) -> Path:
    try:
        return Path(text)
    except DecodeError:
        raise PlatformError(PlatformRefusal.PATH_MALFORMED, path=text[:40]) from None


def _form_of(request: Request) -> int | None:
    return uint_of(request.options, OptionNumber.CONTENT_FORMAT)


def _paths(verb: Verb, text: str, values: Any) -> Paths:
    """Of a composite operation, which writes what it names."""
    if verb.takes is Takes.VALUES:
        text = ",".join(map(str, values)) if isinstance(values, Mapping) else ""
    try:
        paths = Paths(text)
    except DecodeError:
        raise PlatformError(PlatformRefusal.PATH_MALFORMED, path=text[:40], takes=verb.names_paths_in) from None
    if not 0 < len(paths) <= PATHS_AT_MOST:
        said = {"operation": verb.name, "count": len(paths), "limit": PATHS_AT_MOST}
        raise PlatformError(PlatformRefusal.PATHS_COUNT, **said, takes=verb.names_paths_in)
    return paths
