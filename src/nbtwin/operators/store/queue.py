"""Commands for devices in Queue Mode as a table: what waits, in which order, and the newest that have ended.

Folded from events alone, so that a queue goes on after `kill -9` where it was. Knows no message exchange.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias, assert_never

import msgspec

from nbtwin.coap.message import decode as decode_message
from nbtwin.coap.reasons import CoapError
from nbtwin.engine import LATEST, UNDECODABLE, DecodeError
from nbtwin.foreign import Detail, detail_of
from nbtwin.lwm2m.path import target_of
from nbtwin.operators import events as ev
from nbtwin.operators.device_management.commands import OPEN_STATES, CommandState, QueuedCommand, moved
from nbtwin.operators.device_management.verbs import VERBS
from nbtwin.operators.refusals import PlatformRefusal
from nbtwin.operators.store.database import Repository, StoreError, StoreRefusal, in_portions, marks

TICKETS = 1000
"""So many tickets are reserved at a time: none is given twice, whenever the process dies."""
ENDED_KEPT = 64
"""Commands of a device that have ended, the newest; its history has them all."""

QueueEvent: TypeAlias = ev.CommandEvent | ev.OperationAsked | ev.OperationAnswered

_encode = msgspec.json.encode
_decode = msgspec.json.Decoder(QueuedCommand).decode
_SAVE = (
    "INSERT INTO queue (platform, ticket, device, state, place, record) VALUES (?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (platform, ticket) DO UPDATE SET"
    " state = excluded.state, place = excluded.place, record = excluded.record"
)
_ROW = "platform, ticket, device, state, record"
_OPEN = f"state IN ({marks(len(OPEN_STATES))})"
_RESERVE = (
    "INSERT INTO counters VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
    " WHERE excluded.value > counters.value"
)


class QueueRepository(Repository):
    """Every device's queue."""

    events = frozenset((*ev.CommandEvent.__args__, ev.OperationAsked, ev.OperationAnswered))
    sometimes = events

    def keeps(self, event: QueueEvent) -> bool:
        """An operation that is no command has nothing here but its ticket, now and then."""
        if isinstance(event, ev.OperationAsked):
            return event.ticket % TICKETS == 0
        return event.ticket != 0

    def write(self, batch: list[QueueEvent]) -> None:
        for event in batch:
            match event:
                case ev.OperationAsked():
                    self._reserve(_platform(event.device), event.ticket)
                case ev.CommandQueued():
                    self._queued(event)
                case ev.CommandMoved():
                    self._moved(event)
                case ev.CommandSent():
                    self._change(event, state=CommandState.SENT, sent_at=event.at + self.epoch)
                case ev.OperationAnswered():
                    self._answered(event)
                case ev.CommandCancelled() | ev.CommandExpired():
                    pass  # `OperationAnswered` ends every one
                case _:
                    assert_never(event)

    def _queued(self, event: ev.CommandQueued) -> None:
        query = f"SELECT coalesce(max(place), 0) FROM queue WHERE device = ? AND {_OPEN}"
        ((last,),) = self.db.rows(query, (event.device, *OPEN_STATES))
        command = QueuedCommand(
            ticket=event.ticket, device=event.device, operation=event.operation, path=event.path, value=event.value,
            content_format=event.content_format, asked_at=event.at + self.epoch, asked_by=event.by,
            deadline=event.deadline + self.epoch, request=event.request, place=int(last) + 1,
        )  # fmt: skip
        self._save([command])

    def _moved(self, event: ev.CommandMoved) -> None:
        waiting = {each.ticket: each for each in self.of(event.device) if each.state is CommandState.WAITING}
        places = sorted(each.place for each in waiting.values())
        for place, ticket in zip(places, moved(list(waiting), event.ticket, event.position), strict=True):
            waiting[ticket].place = place
        self._save(list(waiting.values()))

    def _answered(self, event: ev.OperationAnswered) -> None:
        found = self._change(
            event, state=_state_of(event), ended_at=event.at + self.epoch, response_code=event.response_code,
            refusal=event.refusal or "", diagnostic=event.diagnostic, why=event.why, result=event.value, raw=event.raw,
            place=0,
        )  # fmt: skip
        if found:
            ended = f"SELECT ticket FROM queue WHERE device = ? AND NOT {_OPEN} ORDER BY ticket DESC"
            query = f"DELETE FROM queue WHERE device = ? AND ticket IN ({ended} LIMIT 1000 OFFSET {ENDED_KEPT})"
            self.db.run(query, (event.device, event.device, *OPEN_STATES))

    def _change(self, event: ev.CommandSent | ev.OperationAnswered, **fields: Any) -> bool:
        """Of one that has not ended: a process that had it before may believe that it still waits."""
        command = self.find(event.device, event.ticket)
        if command is None or command.state not in OPEN_STATES:
            return False
        self._save([msgspec.structs.replace(command, **fields)])
        return True

    def _save(self, commands: Sequence[QueuedCommand]) -> None:
        rows = [
            (_platform(each.device), each.ticket, each.device, str(each.state), each.place, _encode(each).decode())
            for each in commands
        ]
        self.db.run_many(_SAVE, rows)

    # Tickets

    def reserve_tickets(self, platform: str) -> int:
        """The highest ticket that was ever given, or may have been; from now on it may be up to TICKETS more."""
        with self.db.transaction():
            found = self.db.rows("SELECT value FROM counters WHERE name = ?", (f"tickets:{platform}",))
            given = int(found[0][0]) if found else 0
            self._reserve(platform, given)
        return given

    def _reserve(self, platform: str, given: int) -> None:
        self.db.run(_RESERVE, (f"tickets:{platform}", given + TICKETS))

    # Reading

    def find(self, device: str, ticket: int) -> QueuedCommand | None:
        """Of the newest ones that have ended, too."""
        query = "SELECT record FROM queue WHERE platform = ? AND ticket = ? AND device = ?"
        found = self.db.rows(query, (_platform(device), ticket, device))
        return self._decoded(_platform(device), ticket, found[0][0]) if found else None

    def of(self, device: str, *, ended: bool = False) -> list[QueuedCommand]:
        """A device's open commands in their order; with ``ended`` those that have ended before them, as they ended."""
        query = f"SELECT ticket, record FROM queue WHERE device = ? AND {_OPEN} ORDER BY place"
        rows = self.db.rows(query, (device, *OPEN_STATES))
        found = [self._decoded(device, ticket, record) for ticket, record in rows]
        if not ended:
            return found
        rows = self.db.rows(
            f"SELECT ticket, record FROM queue WHERE device = ? AND NOT {_OPEN}", (device, *OPEN_STATES)
        )
        past = [self._decoded(device, ticket, record) for ticket, record in rows]
        return [*sorted(past, key=lambda each: (each.ended_at or 0, each.ticket)), *found]

    def open_of(self, devices: Iterable[str]) -> list[QueuedCommand]:
        """Of several devices, each one's in their order; in lab time."""
        found: list[QueuedCommand] = []
        for some in in_portions(devices):
            of = f"device IN ({marks(len(some))}) AND {_OPEN}"
            rows = self.db.rows(
                f"SELECT device, ticket, record FROM queue WHERE {of} ORDER BY device, place", (*some, *OPEN_STATES)
            )
            found += [
                self._in_lab_time(self._decoded(_platform(name), ticket, record)) for name, ticket, record in rows
            ]
        return found

    def open(self, platform: str) -> Iterator[QueuedCommand]:
        """For `restore_queue` of the platform of that name, in lab time, each device's in their order.

        StoreError for one that no platform could go on with.
        """
        query = f"SELECT {_ROW} FROM queue WHERE platform = ? AND {_OPEN} ORDER BY device, place"
        for row in self.db.rows(query, (platform, *OPEN_STATES)):
            yield self._in_lab_time(self._checked(*row))

    def _in_lab_time(self, command: QueuedCommand) -> QueuedCommand:
        command.deadline -= self.epoch
        command.asked_at -= self.epoch
        return command

    def check(self) -> None:
        for row in self.db.rows(f"SELECT {_ROW} FROM queue"):
            self._checked(*row)

    def _checked(self, platform: str, ticket: int, device: str, state: str, record: str) -> QueuedCommand:
        command = self._decoded(platform, ticket, record)
        try:
            target_of(command.path)
            decode_message(command.request)
        except DecodeError as error:
            detail = error.data if isinstance(error, CoapError) else detail_of(error)
            raise self._damaged(platform, ticket, detail) from error
        if (command.ticket, command.device, str(command.state)) != (ticket, device, state) or ticket < 1:
            raise self._damaged(platform, ticket, _columns("ticket", "device", "state"))
        if _platform(device) != platform or command.operation not in VERBS:
            raise self._damaged(platform, ticket, _columns("platform", "operation"))
        if not (0 <= command.asked_at <= LATEST and 0 <= command.deadline <= LATEST):
            raise self._damaged(platform, ticket, _columns("asked_at", "deadline"))
        return command

    def forget_device(self, name: str) -> None:
        self.db.run("DELETE FROM queue WHERE device = ?", (name,))

    def _decoded(self, platform: str, ticket: int, record: str) -> QueuedCommand:
        try:
            return _decode(record)
        except UNDECODABLE as error:
            raise self._damaged(platform, ticket, detail_of(error)) from error

    def _damaged(self, platform: str, ticket: int, detail: Detail) -> StoreError:
        return StoreError(
            StoreRefusal.COMMAND_DAMAGED, self.db.name, platform=_platform(platform), ticket=ticket, detail=detail
        )


def _columns(*names: str) -> Detail:
    return StoreError(StoreRefusal.COLUMNS_WRONG, columns=list(names)).data


def _platform(device: str) -> str:
    return device.partition(":")[0]


def _state_of(event: ev.OperationAnswered) -> CommandState:
    match event.refusal:
        case None:
            return CommandState.ANSWERED
        case PlatformRefusal.COMMAND_EXPIRED:
            return CommandState.EXPIRED
        case PlatformRefusal.COMMAND_CANCELLED:
            return CommandState.CANCELLED
        case _:
            return CommandState.FAILED
