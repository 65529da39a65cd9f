"""Who has which device, where several nodes write one PostgreSQL: the tables `nodes` and `owners` (D217, D218).

A *member* is one process of one node, from its start to its end; its number is never given again. It lives as long as
it renews its row, by the server's clock. `owners` has the member to which a device spoke last (``node``) and the one
that wrote what is kept of it last (``writer``). A member may trust what it has in memory of a device's row while it is
the writer, and not otherwise. So every commit looks at the rows of its devices first, and holds them until its end:
whatever two members believe, one writes after the other and upon what that one has written.

Knows no socket and no engine. What is asked here is PostgreSQL's alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from nbtwin.engine import Address, Seconds
from nbtwin.operators.events import (
    CommandExpired,
    DataReceived,
    DeviceBootstrapped,
    DeviceDeregistered,
    DeviceEvent,
    DeviceExpired,
    DeviceRegistered,
    DeviceUpdated,
)
from nbtwin.operators.inventory.devices import REGISTERED, Device
from nbtwin.operators.store.database import Repository, in_portions, marks
from nbtwin.operators.store.devices import LONGEST_NAME, DeviceRepository

LEASE: Seconds = 10
"""A member that has not renewed its row for so long has ended."""
LEFT_AFTER: Seconds = 20
"""So much later others take what it had: devices that speak meanwhile choose their node themselves."""
LEFT_AT_ONCE = 1000
"""Devices that are looked at in one go."""
FORGOTTEN_AFTER: Seconds = 86_400
_NUMBERS = 0x6E627479
"""Advisory lock: new devices get their numbers one member after the other."""
_NOW = "extract(epoch FROM clock_timestamp())"
_BEHIND_DTLS = "psk:"
_ROUNDED: Seconds = 0.001
"""Times that were in the database differ by so much at most."""
_LEFT = f"renewed_at < {_NOW} - {LEASE + LEFT_AFTER:.0f}"

_SPOKEN = (DeviceRegistered, DeviceUpdated, DeviceBootstrapped, DataReceived)
"""The device has spoken to whoever tells this."""
_ENDS = (DeviceDeregistered, DeviceExpired, CommandExpired)
"""What only the member that has a device may say of it, unless the device has said it itself."""
_MAKERS = (DeviceRegistered, DeviceBootstrapped)
_OWNER = ("device", "node", "writer", "location", "peer")
_ROW = "device, node, writer, location, peer"


class Member(NamedTuple):
    """A process of a node. ``lives``: when it was asked."""

    number: int
    node: str
    process: int
    lives: bool


class Moved(NamedTuple):
    """A device that another member has now; ``node`` and ``process`` of the one that had it."""

    device: str
    node: str
    process: int


class _Owner(NamedTuple):
    node: int
    writer: int
    location: str
    peer: str


_NOBODY = _Owner(0, 0, "", "")


def peer_key(peer: Address, identity: str = "") -> str:
    """How a device is found by where it speaks from: its key's name, or its address where it has none."""
    return f"{_BEHIND_DTLS}{identity}" if identity else f"{peer[0]}:{peer[1]}"


class OwnerRepository(Repository):
    """Members and owners, as every process of every node may ask for them."""

    def join(self, node: str, process: int) -> int:
        """The number of a new member. Those that have ended long ago, and have nothing any more, go."""
        with self.db.transaction():
            old = f"renewed_at < {_NOW} - {FORGOTTEN_AFTER:.0f}"
            self.db.run(f"DELETE FROM nodes WHERE {old} AND NOT EXISTS (SELECT 1 FROM owners WHERE node = number)")
            values = f"INSERT INTO nodes (name, process, renewed_at) VALUES (?, ?, {_NOW}) RETURNING number"
            return int(self.db.rows(values, (node, process))[0][0])

    def renew(self, number: int) -> None:
        self.db.run(f"UPDATE nodes SET renewed_at = {_NOW} WHERE number = ?", (number,))

    def end(self, node: str, process: int | None = None) -> None:
        """A node's members, or that process's, have ended: whoever says so knows."""
        where, values = ("", (node,)) if process is None else (" AND process = ?", (node, process))
        self.db.run(f"UPDATE nodes SET renewed_at = 0 WHERE name = ?{where}", values)

    def members(self) -> list[Member]:
        """That live."""
        query = f"SELECT number, name, process FROM nodes WHERE renewed_at > {_NOW} - {LEASE:.0f} ORDER BY number"
        return [Member(number, name, process, True) for number, name, process in self.db.rows(query)]

    def owner_of(self, device: str) -> Member | None:
        query = (
            f"SELECT number, name, process, renewed_at > {_NOW} - {LEASE:.0f} FROM owners"
            " JOIN nodes ON nodes.number = owners.node WHERE device = ?"
        )
        found = self.db.rows(query, (device,))
        return Member(*found[0]) if found else None

    def location_of(self, device: str) -> str:
        found = self.db.rows("SELECT location FROM owners WHERE device = ?", (device,))
        return str(found[0][0]) if found else ""

    def cluster(self, drawn: int) -> int:
        """What all nodes over this database have in common: the first one's ``drawn``."""
        with self.db.transaction():
            self.db.run("INSERT INTO counters VALUES ('cluster', ?) ON CONFLICT (name) DO NOTHING", (drawn,))
            return int(self.db.rows("SELECT value FROM counters WHERE name = 'cluster'")[0][0])

    def ticket(self, platform: str) -> int:
        """The next one; no two nodes get the same."""
        taken = (
            "INSERT INTO counters VALUES (?, 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1"
            " RETURNING value"
        )
        with self.db.transaction():
            return int(self.db.rows(taken, (f"tickets:{platform}",))[0][0])

    def forget_device(self, name: str) -> None:
        self.db.run("DELETE FROM owners WHERE device = ?", (name,))


class Sharing:
    """One member's part: what its commits may say, and what it takes from others."""

    def __init__(self, owners: OwnerRepository, devices: DeviceRepository, node: str, process: int) -> None:
        self.node, self.process = node, process
        self.number = owners.join(node, process)
        self.taken: list[Moved] = []
        """By the commit that was the last one: devices that others had until then."""
        self.settled_until: Seconds = 0
        """By this member's clock: what its engines have told since is not in the database yet."""
        self.outdated = set[str]()
        """What this member's engines remember of these is older than the database; who mends that takes them out."""
        self._owners, self._devices, self._db = owners, devices, owners.db

    # within each commit

    def settle(self, batch: Sequence[DeviceEvent]) -> list[DeviceEvent]:
        """What of it counts. Within the transaction that writes it; holds the rows of its devices."""
        is_new = self._has_no_row({_filed(event.device) for event in batch if isinstance(event, _MAKERS)})
        if is_new:  # before any row: else two might wait for each other
            self._db.rows("SELECT pg_advisory_xact_lock(?)", (_NUMBERS,))
        rows = self._held("device", sorted({_filed(event.device) for event in batch}))
        before, ends_at = dict(rows), self._ends_of(batch)
        kept: list[DeviceEvent] = []
        distrusted: dict[str, None] = {}
        outdated = set[str]()
        for event in batch:
            name = _filed(event.device)
            row = rows.get(name)
            if row is not None and row.node != self.number:
                if isinstance(event, _ENDS) and not _is_said_of(event, row):
                    continue
                outdated.add(name)
            if isinstance(event, DeviceRegistered):  # it says all
                outdated.discard(name)
                self.outdated.discard(name)
            elif isinstance(event, DeviceExpired) and event.at < ends_at.get(name, 0):
                outdated.add(name)
                continue
            kept.append(event)
            if row is None or row.writer != self.number:
                distrusted[name] = None
            if row is not None or isinstance(event, _MAKERS):  # else anybody could fill the table with names
                rows[name] = self._after(row, event)
        changed = {name: row for name, row in rows.items() if row != before.get(name)}
        self._put(changed)
        self._devices.distrust(distrusted, numbers=is_new)
        self.taken = self._moved({name: before[name].node for name in before if rows[name].node != before[name].node})
        self.settled_until = max(self.settled_until, *(event.at for event in batch))
        self.outdated.update(name for name in outdated if rows[name].node == self.number)
        return kept

    def _ends_of(self, batch: Sequence[DeviceEvent]) -> dict[str, Seconds]:
        """When the registrations end that have expired, as far as the database knows: another member may have been told
        a longer lifetime."""
        expired = [_filed(event.device) for event in batch if isinstance(event, DeviceExpired)]
        found = self._devices.registered(expired) if expired else ()
        return {device.id: device.refreshed_at + device.lifetime - _ROUNDED for device in found}

    def _has_no_row(self, names: Collection[str]) -> bool:
        """One of them at least."""
        count = 0
        for some in in_portions(names):
            query = f"SELECT count(*) FROM owners WHERE device IN ({marks(len(some))})"
            count += int(self._db.rows(query, some)[0][0])
        return count < len(names)

    def _after(self, row: _Owner | None, event: DeviceEvent) -> _Owner:
        """The row of a device to which that has happened."""
        node, location, peer = (self.number, "", "") if row is None else (row.node, row.location, row.peer)
        if isinstance(event, (*_SPOKEN, DeviceDeregistered)):
            node = self.number
        if isinstance(event, DeviceRegistered):
            location = "" if event.registration is None else event.registration.location
            peer = peer_key(event.peer, event.identity.psk_identity)
        elif isinstance(event, DeviceUpdated) and not peer.startswith(_BEHIND_DTLS):
            peer = peer_key(event.peer)
        return _Owner(node, self.number, location, peer)

    # what others have

    def take(
        self, *, locations: Collection[str] = (), peers: Collection[str] = (), devices: Collection[str] = (),
        only_left: bool = False,
    ) -> tuple[list[Device], list[Moved]]:  # fmt: skip
        """Have those that are registered; and from whom they were taken. ``only_left``: where nobody lives who has."""
        with self._db.transaction():
            rows: dict[str, _Owner] = {}
            for column, values in (("location", locations), ("peer", peers), ("device", devices)):
                rows.update(self._held(column, sorted(values)))
            ownerless = [name for name in devices if name not in rows]
            if only_left:
                living = {member.number for member in self._owners.members()}
                rows = {name: row for name, row in rows.items() if row.node not in living}
            rows.update({name: _NOBODY for name in ownerless})
            found = list(self._devices.registered(sorted(rows)))
            mine: dict[str, _Owner] = {}
            for device in found:
                row, location = rows[device.id], device.location.rpartition("/")[2]
                peer = peer_key((device.host, device.port), device.psk_identity)
                mine[device.id] = row._replace(node=self.number, location=location, peer=peer)
            self._put({name: row for name, row in mine.items() if row != rows[name]})
            moved = self._moved({name: rows[name].node for name in mine if rows[name].node != self.number})
        return found, moved

    def ended(self, *, own: bool) -> list[int]:
        """Members that have ended and still have devices. ``own``: this node's of before; else all, after a while."""
        where, values = ("name = ? AND renewed_at = 0", (self.node,)) if own else (_LEFT, ())
        query = f"SELECT number FROM nodes WHERE {where} AND EXISTS (SELECT 1 FROM owners WHERE node = number)"
        return [number for (number,) in self._db.rows(query, values)]

    def left_by(self, members: Sequence[int], after: str) -> list[tuple[str, str]]:
        """The next of their devices, by name, with their locations."""
        query = f"SELECT device, location FROM owners WHERE node IN ({marks(len(members))}) AND device > ?"
        rows = self._db.rows(f"{query} ORDER BY device LIMIT {LEFT_AT_ONCE}", (*members, after))
        return [(device, location) for device, location in rows]

    def ownerless(self, after: str) -> list[tuple[str, str]]:
        """As `left_by`: devices that are registered, and that no member ever had."""
        query = (
            "SELECT id, coalesce(presence.location, record::json ->> 'location', '') FROM devices"
            " LEFT JOIN presence ON presence.number = devices.number WHERE id > ? AND state = ?"
            f" AND NOT EXISTS (SELECT 1 FROM owners WHERE device = id) ORDER BY id LIMIT {LEFT_AT_ONCE}"
        )
        return [(device, location) for device, location in self._db.rows(query, (after, REGISTERED))]

    def not_mine(self, devices: Iterable[str]) -> list[str]:
        """Which of these another member has."""
        found: list[str] = []
        for some in in_portions(devices):
            query = f"SELECT device FROM owners WHERE node <> ? AND device IN ({marks(len(some))})"
            found += [name for (name,) in self._db.rows(query, (self.number, *some))]
        return found

    # rows

    def _held(self, column: str, values: Sequence[str]) -> dict[str, _Owner]:
        """By device. Until the transaction ends nobody else changes them; in one order for all, so that none waits for
        one that waits for it."""
        found: dict[str, _Owner] = {}
        for some in in_portions(values):
            query = f"SELECT {_ROW} FROM owners WHERE {column} IN ({marks(len(some))}) ORDER BY device FOR UPDATE"
            for device, node, writer, location, peer in self._db.rows(query, some):
                found[device] = _Owner(node, writer, location, peer)
        return found

    def _put(self, rows: dict[str, _Owner]) -> None:
        values: list[tuple[Any, ...]] = [(name, *rows[name]) for name in sorted(rows)]
        self._db.put("owners", _OWNER, values, key="device", changes=_OWNER[1:])

    def _moved(self, before: dict[str, int]) -> list[Moved]:
        """From whom; what nobody had has not moved."""
        numbers = sorted({number for number in before.values() if number})
        names: dict[int, tuple[str, int]] = {}
        for some in in_portions(numbers):
            query = f"SELECT number, name, process FROM nodes WHERE number IN ({marks(len(some))})"
            names.update({number: (name, process) for number, name, process in self._db.rows(query, some)})
        return [Moved(device, *names[number]) for device, number in before.items() if number in names]


def _is_said_of(event: DeviceEvent, row: _Owner) -> bool:
    """Whether the device has said that, of the registration which it has."""
    return isinstance(event, DeviceDeregistered) and event.location != "" and event.location == row.location


def _filed(device: str) -> str:
    """As the inventory files it."""
    return device[:LONGEST_NAME].replace("\0", "\u2400") if len(device) > LONGEST_NAME or "\0" in device else device
