"""Keys of Andlink devices and firmware packages as tables. Knows no handshake and no transfer.

Both may be changed by another process while a platform runs, and are taken over by `refresh`. What platforms need is in
memory: none of them waits for the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

from nbtwin.engine import UNDECODABLE, Seconds
from nbtwin.foreign import detail_of
from nbtwin.lwm2m.firmware.file import FileKind, FirmwareFile, file_of
from nbtwin.lwm2m.firmware.package import PackageError
from nbtwin.operators.key_store.psk import DeviceKeys, PskStore
from nbtwin.operators.key_store.refusals import PskError
from nbtwin.operators.store.database import Database, NameRefused, Repository, StoreError, StoreRefusal

_COUNT = (
    "INSERT INTO counters VALUES ('psk', 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1 RETURNING value"
)
_PACKAGE = "name, model, version, base, size, added_at, kind, checksum, notes"
_LONGEST_NAME = 100
LONGEST_NOTES = 2000
_COMMA = ","  # between the models of one package

_decode = msgspec.json.Decoder(DeviceKeys).decode


class PskRepository(Repository):
    """``keys`` is the ring that platforms use."""

    def __init__(self, db: Database, epoch: Seconds) -> None:
        super().__init__(db, epoch)
        self.keys = PskStore(self._all(), changing=self._change, guard=db.exclusive)
        self._seen = self._version()

    def adopt(self, keys: PskStore) -> None:
        """Keep these, which a platform uses already, in place of none."""
        keys.keep_with(self._change, self.db.exclusive)
        self.keys = keys

    def check(self) -> None:
        try:
            named = self.db.rows("SELECT device FROM psk ORDER BY device")
            if [(keys.checked().device,) for keys in self._all()] != named:
                raise StoreError(StoreRefusal.KEYS_NAMES, self.db.name)
        except PskError as error:
            cause = {"code": str(error.code), **error.fields}
            raise StoreError(StoreRefusal.KEYS_WRONG, self.db.name, cause=cause) from error

    def refresh(self) -> bool:
        """Take over what another process has changed; True when there was something."""
        if self._version() == self._seen:
            return False
        self.reload()
        return True

    def reload(self) -> None:
        with self.db.exclusive():  # else keys that are added meanwhile would be forgotten
            self._seen = self._version()
            self.keys.replace(self._all())

    def _all(self) -> list[DeviceKeys]:
        try:
            return [_decode(record) for (record,) in self.db.rows("SELECT record FROM psk ORDER BY device")]
        except UNDECODABLE as error:
            raise StoreError(StoreRefusal.KEYS_DAMAGED, self.db.name, detail=detail_of(error)) from error

    def _version(self) -> int:
        found = self.db.rows("SELECT value FROM counters WHERE name = 'psk'")
        return int(found[0][0]) if found else 0

    def _change(self, changed: Mapping[str, DeviceKeys | None]) -> None:
        added = [(d, msgspec.json.encode(keys).decode()) for d, keys in changed.items() if keys is not None]
        with self.db.transaction():
            self.db.run_many("DELETE FROM psk WHERE device = ?", [(device,) for device in changed])
            self.db.run_many("INSERT INTO psk (device, record) VALUES (?, ?)", added)
            version = int(self.db.rows(_COUNT)[0][0])
        if version == self._seen + 1:
            self._seen = version  # nobody else's change in between


class PackageRecord(msgspec.Struct, frozen=True):
    """A firmware package, without its content."""

    name: str
    model: str  # with commas between several; "" for any
    version: str  # that devices run afterwards; "" where nobody said
    base: str  # the version that a delta applies to; "" for a full image
    size: int  # of the file
    added_at: Seconds
    kind: str = FileKind.CONTAINER
    checksum: str = ""  # SHA-256 of the file, hexadecimal; "" of one that is older than this column
    notes: str = ""

    @property
    def models(self) -> tuple[str, ...]:
        return tuple(self.model.split(_COMMA)) if self.model else ()

    def describes(self, file: FirmwareFile) -> bool:
        found = (file.version, file.models, file.base, file.kind)
        return (self.version, self.models, self.base, self.kind) == found and self.checksum in ("", file.checksum)


class PackageRepository(Repository):
    """Firmware packages by name."""

    def __init__(self, db: Database, epoch: Seconds) -> None:
        super().__init__(db, epoch)
        self._served: dict[str, tuple[PackageRecord, FirmwareFile]] | None = None  # by name, once `serve` was called

    def add(
        self, name: str, content: bytes, at: Seconds, *, version: str = "", models: Sequence[str] = (),
        checksum: str = "", notes: str = "",
    ) -> PackageRecord:  # fmt: skip
        """A file of any format; what is given beside it says what a container says itself.

        DecodeError when it is not what is said of it, or a broken container; NameRefused when the name cannot be, or
        is taken.
        """
        if not name or len(name) > _LONGEST_NAME or not all(letter.isalnum() or letter in "._-" for letter in name):
            raise NameRefused(StoreRefusal.PACKAGE_NAME, name=name[:40])
        file = file_of(content, version, models, checksum)
        record = PackageRecord(
            name, _COMMA.join(file.models), file.version, file.base, len(content), at, str(file.kind), file.checksum,
            notes[:LONGEST_NOTES],
        )  # fmt: skip
        with self.db.exclusive():
            with self.db.transaction():
                if self.db.rows("SELECT 1 FROM packages WHERE name = ?", (name,)):
                    raise NameRefused(StoreRefusal.PACKAGE_TAKEN, name=name)
                values = (*msgspec.structs.astuple(record), content)
                self.db.run(f"INSERT INTO packages ({_PACKAGE}, content) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
            if self._served is not None:
                self._served[name] = record, file
        return record

    def remove(self, name: str) -> bool:
        with self.db.exclusive():
            with self.db.transaction():
                removed = self.db.run("DELETE FROM packages WHERE name = ?", (name,)) > 0
            if self._served is not None:
                self._served.pop(name, None)
        return removed

    def check(self) -> None:
        for record in self.list():
            try:
                file = self._file(record, self.content(record.name) or b"")
            except PackageError as error:
                name, why = record.name, error.data
                raise StoreError(StoreRefusal.PACKAGE_DAMAGED, self.db.name, package=name, why=why) from error
            if not record.describes(file):
                raise StoreError(StoreRefusal.PACKAGE_OTHER, self.db.name, package=record.name)

    def reload(self) -> None:
        if self._served is not None:
            self._take_over({})

    def serve(self) -> None:
        """Hold the files in memory from now on, for `served`."""
        if self._served is None:
            self._served = {}
        self.refresh()

    @staticmethod
    def _file(record: PackageRecord, content: bytes) -> FirmwareFile:
        """With what its record says of it, where it does not say that itself."""
        if record.kind == FileKind.CONTAINER:
            return file_of(content, checksum=record.checksum)
        return file_of(content, record.version, record.models, record.checksum)

    def served(self, name: str) -> FirmwareFile | None:
        """The file of that name, from memory: a platform that serves it waits for no database."""
        found = None if self._served is None else self._served.get(name)
        return None if found is None else found[1]

    def refresh(self) -> None:
        """Take over what another process has added, replaced or removed."""
        if self._served is None:
            return
        found = {record.name: record for record in self.list()}
        if found != {name: record for name, (record, _) in self._served.items()}:
            self._take_over(self._served)

    def _take_over(self, known: Mapping[str, tuple[PackageRecord, FirmwareFile]]) -> None:
        """All there are; what is known need not be read again."""
        with self.db.exclusive():  # else one that is added meanwhile would be forgotten
            kept: dict[str, tuple[PackageRecord, FirmwareFile]] = {}
            for record in self.list():
                before, file = known.get(record.name, (None, None))
                if before != record or file is None:
                    content = self.content(record.name)
                    if content is None:
                        continue  # removed in this moment
                    try:
                        file = self._file(record, content)
                    except PackageError:
                        continue  # damaged: `check` says so, nobody gets it
                kept[record.name] = record, file
            self._served = kept

    def find(self, name: str) -> PackageRecord | None:
        found = self.db.rows(f"SELECT {_PACKAGE} FROM packages WHERE name = ?", (name,))
        return PackageRecord(*found[0]) if found else None

    def list(self) -> list[PackageRecord]:
        return [PackageRecord(*row) for row in self.db.rows(f"SELECT {_PACKAGE} FROM packages ORDER BY name")]

    def content(self, name: str) -> bytes | None:
        """The file of that name, as the database has it, or None."""
        found = self.db.rows("SELECT content FROM packages WHERE name = ?", (name,))
        return bytes(found[0][0]) if found else None
