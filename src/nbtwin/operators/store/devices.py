"""Devices and their history as tables: what platform events make of them, and how they are found again.

Knows the tables `devices` and `history`; what an event means is `inventory.fold`. Times are stored as lab time plus the
store's epoch.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal, TypeAlias

import msgspec

from nbtwin.engine import LATEST, UNDECODABLE, Seconds
from nbtwin.operators.events import DeviceEvent
from nbtwin.operators.inventory.devices import REGISTERED, Device, HistoryEntry, Pairing
from nbtwin.operators.inventory.fold import fold
from nbtwin.operators.store.database import Database, Repository, StoreError, StoreRefusal, in_portions, marks

_CACHED_DEVICES = 50_000  # about 1.5 KiB each
_PAGE = 500
_ALIKE = ("platform", "binding", "objects", "lwm2m_version", "version")
_LONGEST_NAME = 500  # characters; platforms refuse shorter ones

Known: TypeAlias = tuple[int, Device, str, str]
"""Its number, the device, and what the database has in its columns: the state, and the words that are searched."""

Order: TypeAlias = Literal["id", "imei", "state", "last_seen_at"]
ORDERS: tuple[Order, ...] = ("id", "imei", "state", "last_seen_at")

_encode_json = msgspec.json.encode
_decode_device = msgspec.json.Decoder(Device).decode
_decode_fields = msgspec.json.Decoder(dict[str, Any]).decode

_ADD_DEVICE = (
    "INSERT INTO devices (record, last_seen_at, state, number, id, platform, imei) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (number) DO UPDATE SET state = excluded.state, last_seen_at = excluded.last_seen_at,"
    " record = excluded.record"
)
_REFRESH_DEVICE = "UPDATE devices SET record = ?, last_seen_at = ? WHERE number = ?"  # touches no index
_SAVE_WORDS = (
    "INSERT INTO device_words (number, words) VALUES (?, ?) ON CONFLICT (number) DO UPDATE SET words = excluded.words"
)
_SAVE_HISTORY = "INSERT INTO history (device, at, kind, detail) VALUES (?, ?, ?, ?)"
_HEX = re.compile(r"([0-9a-fA-F]{2}){0,8}")  # a token (RFC 7252 3)
_PATH = re.compile(r"(/[0-9]{1,5}){1,4}")
_NUMBER = "(SELECT number FROM devices WHERE id = ?)"


class DeviceRepository(Repository):
    """The inventory."""

    events = frozenset(DeviceEvent.__args__)

    def __init__(self, db: Database, epoch: Seconds) -> None:
        super().__init__(db, epoch)
        self._devices: dict[str, Known] = {}  # the ones changed last, as the file has them: by name
        self._free: int | None = None  # the next device's number, once it was asked for

    # The hot path

    def keeps(self, event: DeviceEvent) -> bool:
        """A refusal of somebody who does not even say who it is makes no line."""
        return event.device != ""

    def write(self, batch: list[DeviceEvent]) -> None:
        epoch, devices = self.epoch, self._devices
        if len(devices) > _CACHED_DEVICES:
            devices.clear()
        changed: dict[int, Device] = {}
        history: list[tuple[int, float, str, str]] = []
        named = [(_name(event.device), event) for event in batch]
        self._load_all({name for name, _ in named})
        free = self._next_number()
        for name, event in named:
            number, old, *_ = devices.get(name) or (free, None)
            device, entry = fold(old, event, epoch)
            if device is None:
                continue
            if old is None:
                device.id = name
                devices[name] = number, device, "", ""
                free += 1
            changed[number] = device
            if entry is not None:
                history.append((number, entry.at, entry.code, _encode_json(entry.fields).decode()))
        self._free = free
        self._save(changed)
        self.db.run_many(_SAVE_HISTORY, history)

    def _next_number(self) -> int:
        if self._free is None:
            self._free = int(self.db.rows("SELECT coalesce(max(number), 0) FROM devices")[0][0]) + 1
        return self._free

    def _save(self, changed: dict[int, Device]) -> None:
        """Mostly state and words are what they were: then only the row itself is written."""
        added: list[tuple[Any, ...]] = []
        refreshed: list[tuple[Any, ...]] = []
        words: list[tuple[int, str]] = []
        for number, device in changed.items():
            *_, state, kept = self._devices[device.id]
            row = (_encode_json(device).decode(), device.last_seen_at)
            if state == device.state:
                refreshed.append((*row, number))
            else:
                added.append((*row, device.state, number, device.id, device.platform, _name(device.imei)))
            now = words_of(device)
            if now != kept:
                words.append((number, now))
            if now != kept or state != device.state:
                self._devices[device.id] = number, device, device.state, now
        self.db.run_many(_ADD_DEVICE, added)
        if self.db.run_many(_REFRESH_DEVICE, refreshed) != len(refreshed):
            raise StoreError(StoreRefusal.DEVICE_GONE, self.db.name)
        self.db.run_many(_SAVE_WORDS, words)

    def undone(self) -> None:
        self._devices.clear()  # they were changed in memory, the file was not
        self._free = None

    def _load_all(self, names: set[str]) -> None:
        """Bring the devices into memory, those there are: one query for many."""
        for some in in_portions(name for name in names if name not in self._devices):
            query = f"SELECT id, number, record FROM devices WHERE id IN ({marks(len(some))})"
            for name, number, record in self.db.rows(query, some):
                with self._damage_named():
                    device = _decode_device(record)
                self._devices[name] = number, device, device.state, words_of(device)

    # Reading

    def device(self, name: str) -> Device | None:
        found = self.db.rows("SELECT record FROM devices WHERE id = ?", (_name(name),))
        with self._damage_named():
            return _decode_device(found[0][0]) if found else None

    def devices(
        self,
        platform: str | None,
        state: str | None,
        containing: str,
        limit: int,
        offset: int,
        order: Order,
        descending: bool,
    ) -> list[Device]:
        where, values = _conditions(platform, state, containing)
        if order not in ORDERS:
            raise ValueError(f"devices are sorted by {', '.join(ORDERS)}, not by {order!r}")
        way = "DESC" if descending else "ASC"
        by = f"id {way}" if order == "id" else f"{order} {way}, id {way}"
        if limit < 0:
            query = f"SELECT record FROM devices{where} ORDER BY {by}"
        else:  # the page is found by the narrow columns alone, then its records are read
            page = f"SELECT number AS found FROM devices{where} ORDER BY {by} LIMIT ? OFFSET ?"
            query = f"SELECT record FROM devices JOIN ({page}) AS page ON number = found ORDER BY {by}"
            values += [limit, offset]
        rows = self.db.rows(query, values)
        with self._damage_named():
            return [_decode_device(record) for (record,) in rows]

    def count(self, platform: str | None, state: str | None, containing: str) -> int:
        where, values = _conditions(platform, state, containing)
        return int(self.db.rows(f"SELECT count(*) FROM devices{where}", values)[0][0])

    def history(self, name: str, limit: int, offset: int) -> list[HistoryEntry]:
        query = f"SELECT at, kind, detail FROM history WHERE device = {_NUMBER} ORDER BY id DESC LIMIT ? OFFSET ?"
        rows = self.db.rows(query, (_name(name), limit, offset))
        with self._damage_named():
            return [HistoryEntry(name, at, code, _decode_fields(fields)) for at, code, fields in reversed(rows)]

    def history_count(self, name: str) -> int:
        return int(self.db.rows(f"SELECT count(*) FROM history WHERE device = {_NUMBER}", (name,))[0][0])

    def registrations(self, platform: str) -> Iterator[Device]:
        """Who is registered, in lab time; StoreError for one that no platform could go on with."""
        shared: dict[str, str] = {}  # but for their names, the devices of a fleet say the same
        for device in self._registered(platform):
            for field in _ALIKE:
                text = getattr(device, field)
                setattr(device, field, shared.setdefault(text, text))
            if wrong := _wrong_in(device):
                ((number,),) = self.db.rows("SELECT number FROM devices WHERE id = ?", (device.id,))
                fields = {"device": device.id, "number": number, "wrong": wrong}
                raise StoreError(StoreRefusal.DEVICE_DAMAGED, self.db.name, **fields)
            device.first_seen_at -= self.epoch
            device.registered_at -= self.epoch
            device.refreshed_at -= self.epoch
            device.last_seen_at -= self.epoch
            device.pairings = [Pairing(p.iccid, p.imsi, p.at - self.epoch) for p in device.pairings]
            yield device

    def _registered(self, platform: str) -> Iterator[Device]:
        """By id, a page at a time: a million of them are not in memory at once."""
        last = ""
        query = "SELECT id, record FROM devices WHERE platform = ? AND state = ? AND id > ? ORDER BY id LIMIT ?"
        while rows := self.db.rows(query, (platform, REGISTERED, last, _PAGE)):
            for _, record in rows:
                with self._damage_named():
                    device = _decode_device(record)
                yield device
            last = rows[-1][0]

    # Housekeeping

    def check(self) -> None:
        with self.db.snapshot(), self._damage_named():
            for number, *columns, record in self.db.each("SELECT number, id, platform, state, record FROM devices"):
                device = _decode_device(record)
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
        self.db.run(f"DELETE FROM device_words WHERE number = {_NUMBER}", (name,))
        self.db.run(f"DELETE FROM history WHERE device = {_NUMBER}", (name,))
        self.db.run("DELETE FROM devices WHERE id = ?", (name,))

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
            raise StoreError(StoreRefusal.RECORD_DAMAGED, self.db.name, detail=str(error)) from error


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


def words_of(device: Device) -> str:
    """What a search looks through, in lower case: who it is, what it is, where it is, what it told of itself."""
    d = device
    own = (d.id, d.imei2, d.imsi, d.iccid, d.model, d.firmware, d.appkey, d.psk_identity, d.device_type, d.host)
    return "\n".join((*own, *d.flags, *d.values.values())).lower().replace("\0", "\u2400")


def _name(device: str) -> str:
    """As it is filed. A name that no database could index must not stop the batch it is in, now and for ever."""
    return (
        device
        if len(device) <= _LONGEST_NAME and "\0" not in device
        else device[:_LONGEST_NAME].replace("\0", "\u2400")
    )


def _conditions(platform: str | None, state: str | None, containing: str) -> tuple[str, list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    if platform is not None:
        parts.append("platform = ?")
        values.append(platform)
    if state is not None:
        parts.append("state = ?")
        values.append(state)
    if containing:
        parts.append("number IN (SELECT number FROM device_words WHERE {find}(words, ?) > 0)")
        values.append(containing.lower())
    return (" WHERE " + " AND ".join(parts) if parts else ""), values
