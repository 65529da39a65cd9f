"""Devices and their history as tables: what platform events make of them, and how they are found again.

Knows the tables `devices`, `device_words` and `history`, and `presence`: what is fleeting of a device (`Device`), where
it has changed since the record was written; searches labels as well (`labels`). What an event means is
`inventory.fold`. Times are stored as lab time plus the store's epoch.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from operator import attrgetter, itemgetter
from typing import Any, Literal, NamedTuple, TypeAlias, get_args

import msgspec

from nbtwin.engine import LATEST, UNDECODABLE, Seconds
from nbtwin.foreign import detail_of
from nbtwin.operators.events import DeviceEvent, DeviceRefused
from nbtwin.operators.inventory.devices import REGISTERED, SEEN, WORDED, Change, Device, HistoryEntry, Pairing, lighten
from nbtwin.operators.inventory.fold import FOLDS, folded
from nbtwin.operators.store.database import Database, Repository, StoreError, StoreRefusal, in_portions, marks

_CACHED_DEVICES = 100_000  # about 700 bytes each, where the platform has the same strings
_PAGE = 500
_ALIKE = (
    "platform",
    "binding",
    "objects",
    "lwm2m_version",
    "version",
    "model",
    "firmware",
    "state",
    "host",
    "lifetime",
)
_SHARED = 4096  # values that many devices may have in common
LONGEST_NAME = 500  # characters; platforms refuse shorter ones

Order: TypeAlias = Literal["id", "imei", "state", "last_seen_at", "model", "name", "group"]
ORDERS: tuple[Order, ...] = ("id", "imei", "state", "last_seen_at", "model", "name", "group")
_LABEL_OF: Mapping[str, str] = {"name": "name", "group": "belongs"}
"""By what is sorted: the column of the labels."""
_MODEL = {"sqlite": "json_extract(record, '$.model')", "postgresql": "(record::json ->> 'model')"}

_encode_json = msgspec.json.encode
_decode_device = msgspec.json.Decoder(Device).decode
_decode_fields = msgspec.json.Decoder(dict[str, Any]).decode
_decode_observations = msgspec.json.Decoder(dict[str, str]).decode

_DEVICE = ("number", "id", "platform", "imei", "state", "last_seen_at", "record")
_DEVICE_CHANGES = ("state", "last_seen_at", "record")
_REFRESH_DEVICE = "UPDATE devices SET record = ?, last_seen_at = ? WHERE number = ?"  # touches no index
_FLEETING = (
    "last_seen_at", "registered_at", "refreshed_at", "paired_at", "period", "registrations", "updates", "refusals",
    "port", "location", "observations",
)  # fmt: skip
_PRESENCE = ("number", *_FLEETING)
_WORDS = ("number", "words")
_HISTORY = ("device", "at", "kind", "detail")
_RECORD = f"record, {', '.join(f'presence.{name}' for name in _FLEETING)}"
_DEVICES = "devices LEFT JOIN presence ON presence.number = devices.number"
_COUNT_FORGOTTEN = (
    "INSERT INTO counters VALUES ('forgotten', 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1"
)
_CODES: dict[type, str] = {kind: str(kind.__struct_config__.tag) for kind in get_args(DeviceEvent)}
_HEX = re.compile(r"([0-9a-fA-F]{2}){0,8}")  # a token (RFC 7252 3)
_PATH = re.compile(r"(/[0-9]{1,5}){1,4}")
_NUMBER = attrgetter("number")
_NUMBER_OF_ROW = itemgetter(0)
_NUMBERED = "(SELECT number FROM devices WHERE id = ?)"


class Choice(NamedTuple):
    """Which devices; what is left out does not matter."""

    platform: str | None = None
    state: str | None = None
    containing: str = ""  # in anything that is known of it, and in its label
    group: str = ""
    tags: tuple[str, ...] = ()  # all of them


_UNTOUCHED = SEEN - 1


class _Known(msgspec.Struct, gc=False):
    """A device with its number; what the database has of it: the state, and whether what is fleeting stands apart."""

    number: int
    device: Device
    state: str = ""  # it has none
    apart: bool = False
    change: Change = _UNTOUCHED  # the greatest since the transaction began


class _Rows(NamedTuple):
    """Of a transaction, each list in the order of the devices' numbers."""

    added: list[tuple[Any, ...]]  # new, or in another state
    refreshed: list[tuple[str, float, int]]
    words: list[tuple[int, str]]


class DeviceRepository(Repository):
    """The inventory."""

    events = frozenset(DeviceEvent.__args__)
    sometimes = frozenset((DeviceRefused,))

    def __init__(self, db: Database, epoch: Seconds) -> None:
        super().__init__(db, epoch)
        self._devices: dict[str, _Known] = {}  # the ones changed last, as the file has them: by name
        self._free: int | None = None  # the next device's number, once it was asked for
        self._shared = Shared()
        self._forgotten = -1  # how many devices had been deleted when they were read
        self._begin()

    # The hot path

    def keeps(self, event: DeviceEvent) -> bool:
        """A refusal of somebody who does not even say who it is makes no line."""
        return event.device != ""

    def write(self, batch: list[DeviceEvent]) -> None:
        """Folded at once, in the order in which it came: what a batch has brought is let go before the next one.

        A registration mostly says what the one before has said. Then only a narrow row is written, a fifth of a page
        instead of a page each where devices come in any order.
        """
        names = [event.device for event in batch]
        if max(map(len, names), default=0) > LONGEST_NAME or "\0" in "".join(names):
            names = [_name(name) for name in names]
        if not self._touched:
            self._look_for_forgotten()
        epoch, devices, touched, history = self.epoch, self._devices, self._touched, self._history
        found = list(map(devices.get, names))
        if None in found:
            self._load(names)
            found = list(map(devices.get, names))
        for name, event, known in zip(names, batch, found, strict=True):
            at = event.at + epoch
            if known is None:
                known = devices.get(name)  # the batch itself may have made it
            if known is None:
                device, kept, change = folded(None, event, at)
                if device is None:
                    continue
                known = self._made(name, device)
            else:
                kept, change = FOLDS[type(event)](known.device, event, at)
            if change > known.change:
                if known.change < SEEN:
                    touched.append(known)
                known.change = change
            if kept is not None:
                history.append((known.number, at, _CODES[type(event)], _encode_json(kept).decode()))

    def finish(self) -> None:
        """Device by device in the order of their rows, each written once, its history in the order of time."""
        touched, rows = self._touched, _Rows([], [], [])
        touched.sort(key=_NUMBER)
        for known in touched:
            if not known.state:
                self._shared.within(known.device)
            if known.change == SEEN:
                known.apart = True
            else:
                self._add_rows(known, rows)
            known.change = _UNTOUCHED
        self._history.sort(key=_NUMBER_OF_ROW)
        self._save(rows, (_fleeting_of(known.number, known.device) for known in touched if known.apart))
        self._begin()
        devices = self._devices
        if len(devices) > _CACHED_DEVICES:
            for name in list(islice(devices, len(devices) // 4)):
                del devices[name]

    def _begin(self) -> None:
        self._touched: list[_Known] = []  # since the transaction began
        self._history: list[tuple[int, float, str, str]] = []
        self._gone: set[str] = set()  # were known, and may have been deleted

    def _made(self, name: str, device: Device) -> _Known:
        device.id = name
        number = self._next_number()
        self._free = number + 1
        known = self._devices[name] = _Known(number, device)
        return known

    def _add_rows(self, known: _Known, rows: _Rows) -> None:
        """More of it has changed than what is fleeting."""
        number, device = known.number, known.device
        record = _encode_json(device).decode()
        if known.state == device.state:
            rows.refreshed.append((record, device.last_seen_at, number))
        else:
            kept = (number, device.id, device.platform, _name(device.imei))
            rows.added.append((*kept, device.state, device.last_seen_at, record))
            known.state = device.state
        if known.change == WORDED:
            rows.words.append((number, words_of(device)))

    def _next_number(self) -> int:
        if self._free is None:
            self._free = int(self.db.rows("SELECT coalesce(max(number), 0) FROM devices")[0][0]) + 1
        return self._free

    def _save(self, rows: _Rows, fleeting: Iterable[tuple[Any, ...]]) -> None:
        put = self.db.put
        put("devices", _DEVICE, rows.added, key="number", changes=_DEVICE_CHANGES)
        if self.db.run_many(_REFRESH_DEVICE, rows.refreshed) != len(rows.refreshed):
            raise StoreError(StoreRefusal.DEVICE_GONE, self.db.name)
        put("device_words", _WORDS, rows.words, key="number", changes=_WORDS[1:])
        put("presence", _PRESENCE, fleeting, key="number", changes=_FLEETING)
        put("history", _HISTORY, self._history)

    def undone(self) -> None:
        self._devices.clear()  # they were changed in memory, the file was not
        self._begin()
        self._free = None
        self._forgotten = -1

    def distrust(self, names: Iterable[str], *, numbers: bool) -> None:
        """Another process has written these meanwhile; ``numbers``: perhaps new ones, too."""
        for name in names:
            self._devices.pop(name, None)
        if numbers:
            self._free = None

    def _load(self, names: Iterable[str]) -> None:
        """Those of them that there are, into memory: one query for many."""
        devices = self._devices
        missing = sorted(set(names).difference(devices))
        for some in in_portions(missing):
            query = f"SELECT id, devices.number, {_RECORD} FROM {_DEVICES} WHERE id IN ({marks(len(some))})"
            for name, number, *record in self.db.rows(query, some):
                device = self._decoded(record)
                self._shared.within(device)
                devices[name] = _Known(number, device, device.state, record[1] is not None)
        if self._gone and not self._gone.intersection(missing) <= devices.keys():
            raise StoreError(StoreRefusal.DEVICE_GONE, self.db.name)

    def _look_for_forgotten(self) -> None:
        """Another process, perhaps, has deleted some."""
        forgotten = self._forgotten_now()
        if forgotten != self._forgotten:
            self._gone = set(self._devices) if self._forgotten >= 0 else set()
            self._devices.clear()
            self._forgotten = forgotten

    def _forgotten_now(self) -> int:
        found = self.db.rows("SELECT value FROM counters WHERE name = 'forgotten'")
        return int(found[0][0]) if found else 0

    def _decoded(self, row: Sequence[Any]) -> Device:
        """A row of ``_RECORD``."""
        record, last_seen_at, registered_at, refreshed_at, paired_at, period, *rest = row
        with self._damage_named():
            device = _decode_device(record)
            if last_seen_at is None:
                return device
            device.registrations, device.updates, device.refusals, device.port, device.location, observations = rest
            device.observations = _decode_observations(observations) if observations else {}
        device.last_seen_at, device.registered_at = last_seen_at or 0, registered_at or 0  # as the record has them
        device.refreshed_at, device.period = refreshed_at or 0, period or 0
        if device.pairings:
            *before, last = device.pairings
            device.pairings = [*before, Pairing(last.iccid, last.imsi, paired_at)]
        return device

    # Reading

    def device(self, name: str) -> Device | None:
        found = self.db.rows(f"SELECT {_RECORD} FROM {_DEVICES} WHERE id = ?", (_name(name),))
        return self._decoded(found[0]) if found else None

    def devices(
        self,
        choice: Choice,
        limit: int,
        offset: int,
        order: Order,
        descending: bool,
    ) -> list[Device]:
        where, values = _conditions(choice)
        if order not in ORDERS:
            raise ValueError(f"devices are sorted by {', '.join(ORDERS)}, not by {order!r}")
        way = "DESC" if descending else "ASC"
        seen, source = "", "devices"
        if order == "last_seen_at":
            seen, source = "coalesce(presence.last_seen_at, devices.last_seen_at)", _DEVICES
        if order in _LABEL_OF:
            seen = _empty_last(f"(SELECT {_LABEL_OF[order]} FROM device_labels WHERE device = devices.id)")
        if order == "model":
            seen = _empty_last(_MODEL[self.db.kind])
        by = f"id {way}" if order == "id" else f"{seen or order} {way}, id {way}"
        if limit < 0:
            query = f"SELECT {_RECORD} FROM {_DEVICES}{where} ORDER BY {by}"
        else:  # the page is found by the narrow columns alone, then its records are read
            page = f"SELECT devices.number AS found FROM {source}{where} ORDER BY {by} LIMIT ? OFFSET ?"
            query = f"SELECT {_RECORD} FROM {_DEVICES} JOIN ({page}) AS page ON devices.number = found ORDER BY {by}"
            values += [limit, offset]
        return [self._decoded(row) for row in self.db.rows(query, values)]

    def ids(self, choice: Choice) -> list[str]:
        where, values = _conditions(choice)
        return [name for (name,) in self.db.rows(f"SELECT id FROM devices{where} ORDER BY id", values)]

    def count(self, choice: Choice) -> int:
        where, values = _conditions(choice)
        return int(self.db.rows(f"SELECT count(*) FROM devices{where}", values)[0][0])

    def history(self, name: str, limit: int, offset: int) -> list[HistoryEntry]:
        query = f"SELECT at, kind, detail FROM history WHERE device = {_NUMBERED} ORDER BY id DESC LIMIT ? OFFSET ?"
        rows = self.db.rows(query, (_name(name), limit, offset))
        with self._damage_named():
            return [HistoryEntry(name, at, code, _decode_fields(fields)) for at, code, fields in reversed(rows)]

    def history_count(self, name: str) -> int:
        return int(self.db.rows(f"SELECT count(*) FROM history WHERE device = {_NUMBERED}", (name,))[0][0])

    def registrations(self, platform: str) -> Iterator[Device]:
        """Who is registered, in lab time; StoreError for one that no platform could go on with."""
        return self._in_lab_time(self._registered(platform))

    def registered(self, names: Sequence[str]) -> Iterator[Device]:
        """As `registrations`: which of these are."""
        return self._in_lab_time(self._registered_of(names))

    def _in_lab_time(self, devices: Iterator[Device]) -> Iterator[Device]:
        shared = Shared()
        for device in devices:
            shared.within(device)
            if wrong := _wrong_in(device):
                ((number,),) = self.db.rows("SELECT number FROM devices WHERE id = ?", (device.id,))
                fields = {"device": device.id, "number": number, "wrong": wrong}
                raise StoreError(StoreRefusal.DEVICE_DAMAGED, self.db.name, **fields)
            device.first_seen_at -= self.epoch
            device.registered_at -= self.epoch
            device.refreshed_at -= self.epoch
            device.last_seen_at -= self.epoch
            shared.times(device)
            device.pairings = [Pairing(p.iccid, p.imsi, p.at - self.epoch) for p in device.pairings]
            yield device

    def _registered_of(self, names: Sequence[str]) -> Iterator[Device]:
        for some in in_portions(names):
            query = f"SELECT {_RECORD} FROM {_DEVICES} WHERE state = ? AND id IN ({marks(len(some))}) ORDER BY id"
            for record in self.db.rows(query, (REGISTERED, *some)):
                yield self._decoded(record)

    def _registered(self, platform: str) -> Iterator[Device]:
        """By id, a page at a time: a million of them are not in memory at once."""
        last = ""
        of = "platform = ? AND state = ? AND id > ?"
        query = f"SELECT id, {_RECORD} FROM {_DEVICES} WHERE {of} ORDER BY id LIMIT {_PAGE}"
        while rows := self.db.rows(query, (platform, REGISTERED, last)):
            for _, *record in rows:
                yield self._decoded(record)
            last = rows[-1][0]

    # Housekeeping

    def check(self) -> None:
        with self.db.snapshot(), self._damage_named():
            query = f"SELECT devices.number, id, platform, state, {_RECORD} FROM {_DEVICES}"
            for number, name, of, state, *record in self.db.each(query):
                device, columns = self._decoded(record), [name, of, state]
                differ = columns != [device.id, device.platform, device.state]
                if (
                    wrong := [f"devices.{name}" for name in ("id", "platform", "state")]
                    if differ
                    else _wrong_in(device)
                ):
                    fields = {"device": columns[0], "number": number, "wrong": wrong}
                    raise StoreError(StoreRefusal.DEVICE_DAMAGED, self.db.name, **fields)
            for (fields,) in self.db.each("SELECT detail FROM history"):
                _decode_fields(fields)

    def forget_device(self, name: str) -> None:
        self._devices.pop(name, None)
        self.db.run(f"DELETE FROM device_words WHERE number = {_NUMBERED}", (name,))
        self.db.run(f"DELETE FROM presence WHERE number = {_NUMBERED}", (name,))
        self.db.run(f"DELETE FROM history WHERE device = {_NUMBERED}", (name,))
        self.db.run("DELETE FROM devices WHERE id = ?", (name,))
        self.db.run(_COUNT_FORGOTTEN)

    def prune(self, before: Seconds | None, keep: int | None) -> int:
        gone = 0
        if before is not None:
            gone += self.db.run("DELETE FROM history WHERE at < ?", (before,))
        if keep is not None:
            ranked = "SELECT id, row_number() OVER (PARTITION BY device ORDER BY id DESC) AS place FROM history"
            query = f"DELETE FROM history WHERE id IN (SELECT id FROM ({ranked}) AS ranked WHERE place > ?)"
            gone += self.db.run(query, (keep,))
        return gone

    @contextmanager
    def _damage_named(self) -> Iterator[None]:
        try:
            yield
        except UNDECODABLE as error:
            raise StoreError(StoreRefusal.RECORD_DAMAGED, self.db.name, detail=detail_of(error)) from error


def _empty_last(text: str) -> str:
    """To sort by: those without one are last, either way."""
    return f"CASE WHEN coalesce({text}, '') = '' THEN 1 ELSE 0 END, lower({text})"


def _wrong_in(device: Device) -> list[str]:
    """Which of its values no platform could go on with."""
    times = ("lifetime", "period", "first_seen_at", "registered_at", "refreshed_at", "last_seen_at")
    if wrong := [name for name in times if not 0 <= getattr(device, name) <= LATEST]:
        return wrong
    if not all(0 <= pairing.at <= LATEST for pairing in device.pairings):
        return ["pairings"]
    if not 0 <= device.port <= 65535:
        return ["port"]
    if not all(_PATH.fullmatch(path) and _HEX.fullmatch(token) for path, token in device.observations.items()):
        return ["observations"]
    return []


def _fleeting_of(number: int, device: Device) -> tuple[Any, ...]:
    """What changes with every registration, in the order of ``_PRESENCE``."""
    d, paired = device, device.pairings
    observations = _encode_json(d.observations).decode() if d.observations else ""
    return (
        number, d.last_seen_at, d.registered_at, d.refreshed_at, paired[-1].at if paired else 0, d.period,
        d.registrations, d.updates, d.refusals, d.port, d.location, observations,
    )  # fmt: skip


class Shared:
    """What devices of a fleet have in common is in memory once: but for names and times they say the same."""

    def __init__(self) -> None:
        self._values: dict[Any, Any] = {}

    def within(self, device: Device) -> None:
        values = self._values
        if len(values) > _SHARED:
            values.clear()  # they differ in too much, or these are the next ones
        for field in _ALIKE:
            value = getattr(device, field)
            known = values.setdefault(value, value)
            if known is not value and type(known) is type(value):
                setattr(device, field, known)
        if device.endpoint == device.imei:
            device.endpoint = device.imei
        self.times(device)
        lighten(device)

    @staticmethod
    def times(device: Device) -> None:
        if device.refreshed_at == device.last_seen_at:
            device.refreshed_at = device.last_seen_at
        if device.registered_at == device.refreshed_at:
            device.registered_at = device.refreshed_at


def words_of(device: Device) -> str:
    """What a search looks through, in lower case: who it is, what it is, where it is, what it told of itself."""
    d = device
    own = (d.id, d.imei2, d.imsi, d.iccid, d.model, d.firmware, d.appkey, d.psk_identity, d.device_type, d.host)
    return "\n".join((*own, *d.flags, *d.values.values())).lower().replace("\0", "\u2400")


def _name(device: str) -> str:
    """As it is filed. A name that no database could index must not stop the batch it is in, now and for ever."""
    return (
        device if len(device) <= LONGEST_NAME and "\0" not in device else device[:LONGEST_NAME].replace("\0", "\u2400")
    )


def _conditions(choice: Choice) -> tuple[str, list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    if choice.platform is not None:
        parts.append("devices.platform = ?")
        values.append(choice.platform)
    if choice.state is not None:
        parts.append("state = ?")
        values.append(choice.state)
    if choice.containing:
        own = "SELECT number FROM device_words WHERE {find}(words, ?) > 0"
        given = "SELECT device FROM device_labels WHERE {find}(words, ?) > 0"
        parts.append(f"(devices.number IN ({own}) OR devices.id IN ({given}))")
        values += [choice.containing.lower()] * 2
    if choice.group:
        parts.append("devices.id IN (SELECT device FROM device_labels WHERE belongs = ?)")
        values.append(choice.group)
    for tag in choice.tags:
        parts.append("devices.id IN (SELECT device FROM device_tags WHERE tag = ?)")
        values.append(tag)
    return (" WHERE " + " AND ".join(parts) if parts else ""), values
