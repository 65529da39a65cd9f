"""What platforms, console and commands know of the database: devices, history, appkeys, and whatever other parts keep.

Group commit: `commit(events)` makes one transaction of everything a platform has drained; the platform releases the
answers after it. What `commit` has returned for is there after `kill -9` of this process, on both databases (which of
them waits for the disk: `store_sqlite`, `store_postgres`).

One Store writes a database at a time; other processes may read it, and change appkeys (`refresh_keys`), tokens and
history. Any thread may use a Store (`connections` has the rule). Times are stored as lab time plus `epoch` (the wall
clock at lab time 0, brought by the caller).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain, islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from nbtwin.engine import Fact, Seconds
from nbtwin.lwm2m.objects.registry import ObjectRegistry
from nbtwin.operators.inventory.devices import Device, HistoryEntry
from nbtwin.operators.key_store.appkeys import AppkeyStore
from nbtwin.operators.store.access import AuditRepository, TokenRepository
from nbtwin.operators.store.andlink import PackageRepository, PskRepository
from nbtwin.operators.store.campaigns import CampaignRepository
from nbtwin.operators.store.database import Database, Durability, Repository, StoreRefusal, Synchronous, kind_of
from nbtwin.operators.store.database import StoreError as StoreError
from nbtwin.operators.store.database import StoreLocked as StoreLocked
from nbtwin.operators.store.definitions import DefinitionRepository
from nbtwin.operators.store.devices import Choice, DeviceRepository, Order
from nbtwin.operators.store.folding import Folding, Helper, HelperGone, Taken
from nbtwin.operators.store.journal import Journal, file_of, prefix_of, segments_at
from nbtwin.operators.store.journal_format import EventDecoder
from nbtwin.operators.store.labels import LabelRepository
from nbtwin.operators.store.migrate import migrate
from nbtwin.operators.store.notes import NoteRepository
from nbtwin.operators.store.owners import OwnerRepository, Sharing
from nbtwin.operators.store.queue import QueueRepository
from nbtwin.operators.store.recovery import FOLDED, UNFOLDED, Position, Recovered, forget, positions, recover

PARTS: tuple[type[Repository], ...] = (
    DeviceRepository,
    TokenRepository,
    AuditRepository,
    PskRepository,
    PackageRepository,
    CampaignRepository,
    DefinitionRepository,
    QueueRepository,
    LabelRepository,
    NoteRepository,
    OwnerRepository,
)
"""Whose tables there are. A new area is a migration (`schema`), a class here, and events that it names."""

KEPT: frozenset[type[Fact]] = frozenset().union(*(part.events for part in PARTS))
"""The events that some part keeps."""

P = TypeVar("P", bound=Repository)

_COUNT_APPKEYS = (
    "INSERT INTO counters VALUES ('appkeys', 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1"
    " RETURNING value"
)

BATCH = 64
"""Events that are handed to the parts at once."""
MUCH = 2_000
"""Events in one fold, from which on it is a helper's, if there is one: fewer are folded before it has begun."""
LONGEST_STOP: Seconds = 10
"""How long `close` waits for what is not folded."""

_MARK = "INSERT INTO counters VALUES ('replacement', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"


class Store:
    """One open database. Use `Store.open`."""

    def __init__(self, database: Database, epoch: Seconds = 0.0) -> None:
        self.database = database
        self.epoch = epoch
        self._parts = {kind: kind(database, epoch) for kind in PARTS}
        self._takers: dict[type, list[Repository]] = {}  # event type to the parts that keep it
        for part in self._parts.values():
            for event in part.events:
                self._takers.setdefault(event, []).append(part)
        asked = frozenset().union(*(part.sometimes for part in PARTS))
        self._kept_by = {
            kind: parts[0] for kind, parts in self._takers.items() if len(parts) == 1 and kind not in asked
        }
        """Who keeps every event of that type, and nobody else any."""
        self._inventory = self.part(DeviceRepository)
        self.keys = AppkeyStore(self._passwords(), changing=self._change_key, guard=database.exclusive)
        self._keys_seen = self._keys_version()
        self.folding: Folding | None = None
        """Of its journal; None where it has none."""
        self.recovered = Recovered()
        """What became of a journal that another process had left."""
        self.helper: Helper | None = None
        """Who folds what is much; None: nobody but this process."""
        self.sharing: Sharing | None = None
        """What this process may say of devices, where others write them too; None: everything."""
        self._missing: list[str] = []  # journals that are not here: too old for tables that go on without them

    @classmethod
    def open(
        cls,
        where: str | os.PathLike[str],
        *,
        epoch: Seconds = 0.0,
        durability: Durability | None = None,
        journal: int | None = None,
        state: Path | None = None,
        lock_timeout: Seconds = 1.0,
        claim: bool = False,
        node: str = "",
    ) -> Store:
        """Open the file, or the database of a postgresql:// URL; create or migrate it as needed, or StoreError.

        ``claim``: for whoever commits devices; a second process that claims it too gets a StoreLocked, but for ``node``
        of that name, beside those of other names (`owners`).
        ``durability``: of what it commits; "process" and "disk" begin a journal (`append`), of a number that no other
        one has. ``state``: the folder where that of a server's database is. What another process has left in its
        journal is folded first.
        """
        recovered = Recovered() if claim else fold_what_is_left(where, state)
        synchronous: Synchronous = "normal" if durability in (None, "process") else "full"
        database = open_database(where, synchronous=synchronous, lock_timeout=lock_timeout)
        try:
            if claim:
                database.claim(node)
            if migrate(database):
                database.make_durable()
            prefix = prefix_of(database.name, database.kind, state)
            if claim and prefix is not None:
                recovered = recover(database, prefix, EventDecoder(KEPT), partial(_commit_at, database))
            store = cls(database, epoch)
            store.recovered, store._missing = recovered, list(recovered.missing)
            if durability in ("process", "disk"):
                assert claim
                assert prefix is not None
                assert journal is not None
                store._begin_journal(prefix, journal, waits_for_disk=durability == "disk")
            return store
        except BaseException:
            database.close()
            raise

    def _begin_journal(self, prefix: Path, id: int, *, waits_for_disk: bool) -> None:
        database = self.database
        name = database.name if database.kind == "postgresql" else ""
        journal = Journal(prefix, id, name, self.epoch, EventDecoder(KEPT), waits_for_disk=waits_for_disk)
        try:
            with database.transaction(durable=True):  # before anything is in it
                database.run(FOLDED, (journal.counter, 0))
        except BaseException:
            journal.close()
            journal.delete()
            raise

        self.folding = Folding(journal, self._fold, self.path)
        self.folding.after = self._checkpoint
        self.folding.at_rest = self._stop_helper
        database.before_use = self.folding.settle

    def _fold(self, taken: Taken, number: int) -> None:
        helper, folding = self.helper, self.folding
        assert folding is not None
        counter = folding.journal.counter
        if helper is None or self._missing or not (helper.runs or len(taken) >= MUCH):
            self.commit(taken.events(), (counter, number))
            return
        with self.database.exclusive():
            if not helper.runs:
                self.undone()  # what this process has in memory is not what the tables have any more
                folding.keeps_events = False
            try:
                helper.fold(taken.places(), number, urgent=folding.urgent)
            except HelperGone:
                self.helper, folding.keeps_events = None, True
                helper.stop()
                if dict(positions(self.database))[counter] < number:  # else it was gone behind its commit
                    self.commit(taken.events(), (counter, number))

    def _checkpoint(self) -> None:
        if self.helper is None or not self.helper.runs:  # else it does it
            self.database.checkpoint()

    def adopt(self, keys: AppkeyStore) -> None:
        """Keep these, which a platform uses already, in place of none."""
        keys.keep_with(self._change_key, self.database.exclusive)
        self.keys = keys

    @property
    def definitions(self) -> ObjectRegistry:
        """Of objects: what is built in, and what users brought."""
        return self.part(DefinitionRepository).registry

    @property
    def path(self) -> str:
        """Where it is, for people: a file, or a URL without its password."""
        return self.database.name

    def part(self, kind: type[P]) -> P:
        """The tables of one area: `store.part(CampaignRepository)`."""
        part = self._parts[kind]
        assert isinstance(part, kind)
        return part

    # The hot path

    def keeps(self, event: Fact) -> bool:
        """Whether some part stores such an event."""
        if type(event) in self._kept_by:
            return True
        for part in self._takers.get(type(event), ()):  # noqa: SIM110  asked for every event: no generator
            if part.keeps(event):
                return True
        return False

    def append(self, events: Iterable[Fact]) -> None:
        """Into the journal, every event that some part keeps: in the kernel's hands when this returns.

        It is in the tables soon, and for whoever uses the store at once. StoreError when it cannot be. By one thread.
        """
        assert self.folding is not None
        events = list(events)
        if not self._kept_by.keys() >= set(map(type, events)):
            events = [event for event in events if self.keeps(event)]
        if events:
            self.folding.append(events)

    def append_durably(self, events: Iterable[Fact]) -> None:
        """As `append`, and on the disk."""
        self.append(events)
        assert self.folding is not None
        self.folding.journal.sync()

    def commit(self, events: Iterable[Fact], position: Position | None = None) -> int:
        """Make every event that some part keeps durable, in one transaction; other events are passed over.

        Returns how many events were kept. After a StoreError nothing of the batch is, and it may be given again.
        ``position``: in the journal that they are from, behind them.
        """
        batches = self._batches(events)
        first = next(batches, None)
        if first is None:
            return 0
        kept, parts = 0, set[Repository]()
        with self.database.exclusive():
            try:
                with self.database.transaction():
                    for count, batch in chain((first,), batches):
                        kept += count
                        if self.sharing is not None and self._inventory in batch:
                            batch[self._inventory] = self.sharing.settle(batch[self._inventory])
                        parts.update(batch)
                        for part, some in batch.items():
                            part.write(some)
                    for part in parts:
                        part.finish()
                    if position is not None:
                        self.database.run(FOLDED, position)
                    for name in self._missing:
                        self.database.run(UNFOLDED, (name,))
                self._missing.clear()
            except BaseException:
                for part in parts:
                    part.undone()
                raise
        return kept

    def _batches(self, events: Iterable[Fact]) -> Iterator[tuple[int, dict[Repository, list[Any]]]]:
        """How many of the next ones are kept, and by which parts. Few enough to be in a cache while they are folded.

        All at once where others write devices, too: what is settled with them is settled once a transaction.
        """
        takers, kept_by, rest = self._takers, self._kept_by, iter(events)
        size = BATCH if self.sharing is None else None
        while some := list(islice(rest, size)):
            parts = set(map(kept_by.get, map(type, some)))
            if len(parts) == 1 and (part := parts.pop()) is not None:
                yield len(some), {part: some}  # the usual case
                continue
            batches, kept = dict[Repository, list[Any]](), 0
            for event in some:
                taken = False
                for part in takers.get(type(event), ()):
                    if part.keeps(event):
                        taken = True
                        batch = batches.get(part)
                        if batch is None:
                            batches[part] = [event]
                        else:
                            batch.append(event)
                kept += taken
            if kept:
                yield kept, batches

    # Reading

    def device(self, name: str) -> Device | None:
        """One device as the database has it."""
        return self._inventory.device(name)

    def devices(
        self,
        platform: str | None = None,
        *,
        state: str | None = None,
        containing: str = "",
        limit: int = -1,
        offset: int = 0,
        order: Order = "id",
        descending: bool = False,
    ) -> list[Device]:
        """Devices by name; ``containing`` searches everything known of a device, upper and lower case alike."""
        choice = Choice(platform, state, containing)
        return self.devices_of(choice, limit=limit, offset=offset, order=order, descending=descending)

    def devices_of(
        self, choice: Choice, *, limit: int = -1, offset: int = 0, order: Order = "id", descending: bool = False
    ) -> list[Device]:
        return self._inventory.devices(choice, limit, offset, order, descending)

    def device_ids(self, choice: Choice) -> list[str]:
        """Of all that fit, in their order."""
        return self._inventory.ids(choice)

    def count(self, platform: str | None = None, *, state: str | None = None, containing: str = "") -> int:
        return self.count_of(Choice(platform, state, containing))

    def count_of(self, choice: Choice) -> int:
        return self._inventory.count(choice)

    def history(self, name: str, *, limit: int = 1000, offset: int = 0) -> list[HistoryEntry]:
        """The newest lines of a device's history (behind the ``offset`` newest ones), oldest first."""
        return self._inventory.history(name, limit, offset)

    def history_count(self, name: str) -> int:
        return self._inventory.history_count(name)

    def newest_history(self) -> Seconds | None:
        """The time of the newest line of all."""
        ((newest,),) = self.database.rows("SELECT max(at) FROM history")
        return None if newest is None else float(newest)

    def registrations(self, platform: str) -> Iterator[Device]:
        """Who is registered, in lab time: for `restore` of the platform of that name."""
        return self._inventory.registrations(platform)

    # Housekeeping

    def check(self) -> None:
        """Read everything; StoreError for what this version cannot read."""
        for part in self._parts.values():
            part.check()

    def probe(self) -> None:
        """StoreError when nothing can be written now."""
        with self.database.transaction():
            pass

    def prune(self, *, before: Seconds | None = None, keep: int | None = None) -> int:
        """Delete history older than that stored time, and all but the newest so many lines of a device; how many."""
        with self.database.transaction():
            return sum(part.prune(before, keep) for part in self._parts.values())

    def forget_history(self, before: Seconds) -> int:
        """Delete history lines older than that stored time; how many."""
        return self.prune(before=before)

    def forget_devices(self) -> None:
        """Delete all of them with everything kept of them. Within a transaction."""
        for (name,) in self.database.rows("SELECT id FROM devices"):
            for part in self._parts.values():
                part.forget_device(name)

    def undone(self) -> None:
        """A transaction was rolled back: nothing of it stays in memory."""
        for part in self._parts.values():
            part.undone()

    def forget_some(self, names: Sequence[str]) -> None:
        """In one transaction."""
        with self.database.transaction():
            for name in names:
                self.forget_device(name)

    def forget_device(self, name: str) -> bool:
        """Delete a device with everything kept of it; False when it was not known."""
        with self.database.transaction():
            known = bool(self.database.rows("SELECT 1 FROM devices WHERE id = ?", (name,)))
            for part in self._parts.values():
                part.forget_device(name)
            return known

    def reload(self) -> None:
        """Something else has replaced the content (a restore): nothing of the old one stays in memory."""
        with self.database.exclusive():
            self._stop_helper()
            for part in self._parts.values():
                part.reload()
            self._keys_seen = self._keys_version()
            self.keys.replace(self._passwords())

    # What goes with files (`runtime.replacement`)

    def mark(self, number: int) -> None:
        """Within the transaction that replaces something: files of this number are in force with its commit."""
        self.database.run(_MARK, (number,))

    @property
    def marked(self) -> int | None:
        found = self.database.rows("SELECT value FROM counters WHERE name = 'replacement'")
        return int(found[0][0]) if found else None

    def unmark(self) -> None:
        """They are in their places."""
        with self.database.transaction():
            self.database.run("DELETE FROM counters WHERE name = 'replacement'")

    def close(self, longest: Seconds = LONGEST_STOP) -> bool:
        """Whether the tables have everything that was appended; what they have not the journal keeps for the next."""
        folding, whole = self.folding, True
        if folding is not None:
            whole = folding.close(longest)
            if self.helper is not None:
                self.helper.stop()
            folding.journal.close()
            if whole:
                try:
                    forget(self.database, folding.journal.counter, folding.journal.delete)
                except StoreError:
                    """The next one finds that it has all of what is left."""
            self.folding = self.database.before_use = None
        self.database.close()
        return whole

    def _stop_helper(self) -> None:
        """It knows what the tables had. When there is much again it is started again."""
        with self.database.exclusive():
            if self.helper is not None:
                self.helper.stop()
            if self.folding is not None:
                self.folding.keeps_events = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # What another process may change

    def refresh(self) -> None:
        """Take over keys, packages and definitions that another process has changed."""
        self.refresh_keys()
        self.part(PackageRepository).refresh()
        self.part(DefinitionRepository).refresh()

    def refresh_keys(self) -> bool:
        """Take over keys that another process has changed; True when they have changed since the last call."""
        refreshed = self.part(PskRepository).refresh()
        if self._keys_version() == self._keys_seen:
            return refreshed
        with self.database.exclusive():  # else a key that is added meanwhile would be forgotten
            self._keys_seen = self._keys_version()
            self.keys.replace(self._passwords())
        return True

    def _passwords(self) -> Mapping[str, str]:
        return dict(self.database.rows("SELECT appkey, password FROM appkeys"))

    def _keys_version(self) -> int:
        found = self.database.rows("SELECT value FROM counters WHERE name = 'appkeys'")
        return int(found[0][0]) if found else 0

    def _change_key(self, appkey: str, password: str | None) -> None:
        db = self.database
        with db.transaction():
            db.run("DELETE FROM appkeys WHERE appkey = ?", (appkey,))
            if password is not None:
                db.run("INSERT INTO appkeys (appkey, password) VALUES (?, ?)", (appkey, password))
            version = int(db.rows(_COUNT_APPKEYS)[0][0])
        if version == self._keys_seen + 1:
            self._keys_seen = version  # nobody else's change in between


def _commit_at(database: Database, epoch: Seconds, events: Sequence[Fact], position: Position) -> None:
    Store(database, epoch).commit(events, position)


def fold_what_is_left(where: str | os.PathLike[str], state: Path | None) -> Recovered:
    """Of the journal of a process that has died; that of one that runs is its own."""
    name = os.fspath(where)
    kind = kind_of(name)
    prefix = prefix_of(name, kind, state)
    if prefix is None or not segments_at(prefix):
        return Recovered()
    lock_timeout = 1.0 if kind == "sqlite" else 0.05  # who has claimed a server's database has it for long
    try:
        with Store.open(where, state=state, claim=True, lock_timeout=lock_timeout) as store:
            return store.recovered
    except StoreLocked as error:
        if error.code != StoreRefusal.IN_USE:
            raise
        return Recovered()


def what_waits(database: Database, state: Path | None) -> StoreError | None:
    """Of a journal that a process which has died left, for whoever reads the tables without it."""
    prefix = prefix_of(database.name, database.kind, state)
    if prefix is None:
        return None
    known = tuple(f"{file_of(prefix, counter)}-" for counter, _ in positions(database))
    size = sum(path.stat().st_size for path in segments_at(prefix) if path.name.startswith(known))
    if not size:
        return None
    try:
        database.claim()
    except StoreLocked:
        return None  # it has not died
    except StoreError:
        """In a directory that nobody can write to nothing runs."""
    return StoreError(StoreRefusal.JOURNAL_WAITS, database.name, bytes=size)


def open_database(
    where: str | os.PathLike[str], *, synchronous: Synchronous = "normal", lock_timeout: Seconds = 1.0
) -> Database:
    """The file or the server's database, as it is: not migrated."""
    name = os.fspath(where)
    if kind_of(name) == "postgresql":
        try:  # not loaded where nobody asks for it
            from nbtwin.operators.store.postgres import PostgresDatabase
        except ModuleNotFoundError as error:
            raise StoreError(StoreRefusal.DRIVER_MISSING) from error

        return PostgresDatabase(name, synchronous, lock_timeout)
    from nbtwin.operators.store.sqlite import SqliteDatabase

    return SqliteDatabase(name, synchronous, lock_timeout)
