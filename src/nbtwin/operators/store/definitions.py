"""Object definitions that users brought, as a table. Knows no file format and no device.

They may be changed by another process while a platform runs, and are taken over by `refresh`. Platforms look things up
in `registry`, in memory: none of them waits for the database.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from nbtwin.engine import UNDECODABLE, Seconds
from nbtwin.foreign import detail_of
from nbtwin.lwm2m.model import ObjectDefinition
from nbtwin.lwm2m.objects.record import ObjectRecord, definition_of, record_of
from nbtwin.lwm2m.objects.refusals import DefinitionRefusal, DefinitionRefused
from nbtwin.lwm2m.objects.registry import BUILT_IN, ObjectRegistry
from nbtwin.operators.store.database import Database, Repository, StoreError, StoreRefusal

MOST = 2000
"""Definitions that are kept."""
_COUNT = (
    "INSERT INTO counters VALUES ('definitions', 1) ON CONFLICT (name) DO UPDATE SET value = counters.value + 1"
    " RETURNING value"
)
_decode = msgspec.json.Decoder(ObjectRecord).decode


class DefinitionRepository(Repository):
    """``registry`` is what platforms, API and commands share."""

    def __init__(self, db: Database, epoch: Seconds) -> None:
        super().__init__(db, epoch)
        self.registry = ObjectRegistry()
        self._seen = -1
        self.reload()

    def adopt(self, registry: ObjectRegistry) -> None:
        """Be the one that fills this registry, which platforms use already."""
        self.registry = registry
        self.reload()

    def add(self, definitions: Sequence[ObjectDefinition], at: Seconds, *, replace: bool = False) -> None:
        """All of them or none. DefinitionRefused for one that is built in, or that is there and not to be replaced."""
        if not definitions:
            return
        for definition in definitions:
            if (definition.id, definition.version) in BUILT_IN:
                raise _refused(DefinitionRefusal.BUILT_IN, definition)
        with self.db.exclusive():
            with self.db.transaction():
                for definition in definitions:
                    key = definition.id, definition.version
                    gone = self.db.run("DELETE FROM definitions WHERE object = ? AND version = ?", key)
                    if gone and not replace:
                        raise _refused(DefinitionRefusal.TAKEN, definition)
                    record = msgspec.json.encode(record_of(definition)).decode()
                    self.db.run(
                        "INSERT INTO definitions (object, version, added_at, record) VALUES (?, ?, ?, ?)",
                        (*key, at, record),
                    )
                if int(self.db.rows("SELECT count(*) FROM definitions")[0][0]) > MOST:
                    raise DefinitionRefused(DefinitionRefusal.LIMIT, limit=MOST)
                self._count()
            self._take_over()

    def remove(self, id: int, version: str) -> bool:
        """DefinitionRefused for one that is built in."""
        if (id, version) in BUILT_IN:
            raise DefinitionRefused(DefinitionRefusal.BUILT_IN, object=id, version=version)
        with self.db.exclusive():
            with self.db.transaction():
                gone = self.db.run("DELETE FROM definitions WHERE object = ? AND version = ?", (id, version)) > 0
                if gone:
                    self._count()
            self._take_over()
        return gone

    def added(self) -> dict[tuple[int, str], Seconds]:
        """Those that users brought, and when."""
        found = self.db.rows("SELECT object, version, added_at FROM definitions ORDER BY object, version")
        return {(int(id), version): at for id, version, at in found}

    def check(self) -> None:
        self._all()

    def refresh(self) -> bool:
        """Take over what another process has changed; True when there was something."""
        if self._version() == self._seen:
            return False
        self.reload()
        return True

    def reload(self) -> None:
        with self.db.exclusive():  # else one that is added meanwhile would be forgotten
            self._take_over()

    def _take_over(self) -> None:
        self._seen = self._version()
        self.registry.replace(self._all())

    def _all(self) -> list[ObjectDefinition]:
        try:
            found = self.db.rows("SELECT object, version, record FROM definitions ORDER BY object, version")
            records = [(id, version, _decode(record)) for id, version, record in found]
            if any((id, version) != (record.id, record.version) for id, version, record in records):
                raise StoreError(StoreRefusal.DEFINITION_DAMAGED, self.db.name, detail="")
            return [definition_of(record) for _, _, record in records]
        except (*UNDECODABLE, KeyError, ValueError) as error:
            raise StoreError(StoreRefusal.DEFINITION_DAMAGED, self.db.name, detail=detail_of(error)) from error

    def _count(self) -> None:
        self.db.rows(_COUNT)

    def _version(self) -> int:
        found = self.db.rows("SELECT value FROM counters WHERE name = 'definitions'")
        return int(found[0][0]) if found else 0


def _refused(code: DefinitionRefusal, definition: ObjectDefinition) -> DefinitionRefused:
    return DefinitionRefused(code, object=definition.id, version=definition.version)
