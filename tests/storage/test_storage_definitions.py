"""Object definitions that users brought, on both databases."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from nbtwin.lwm2m.model import AllowedOperations, ObjectDefinition, ResourceDefinition, ResourceType, object_definition
from nbtwin.lwm2m.objects.refusals import DefinitionRefusal, DefinitionRefused
from nbtwin.lwm2m.objects.registry import BUILT_IN
from nbtwin.operators.store.backup import backup, restore
from nbtwin.operators.store.database import StoreError, StoreRefusal
from nbtwin.operators.store.definitions import DefinitionRepository
from nbtwin.operators.store.store import Store

LEVEL = ResourceDefinition(1, "Level", ResourceType.FLOAT, AllowedOperations.RW, unit="%", range="0..100")
TANK = object_definition(33001, "Tank", LEVEL, multiple=True)
NEWER = replace(TANK, version="1.1", versions=("1.1",), name="Tank with a lid")


def kept(store: Store) -> DefinitionRepository:
    return store.part(DefinitionRepository)


def known(store: Store, version: str = "1.0") -> ObjectDefinition | None:
    return store.definitions.all.get((33001, version))


def test_a_definition_is_there_after_a_restart_and_another_process_sees_it(where: str) -> None:
    with Store.open(where) as store, Store.open(where) as other:
        kept(store).add([TANK, NEWER], 5.0)
        assert known(store) == TANK
        assert known(other) is None
        other.refresh()
        assert not kept(other).refresh()
        assert known(other, "1.1") == NEWER
    with Store.open(where) as store:
        assert known(store) == TANK
        assert kept(store).added() == {(33001, "1.0"): 5.0, (33001, "1.1"): 5.0}
        assert kept(store).remove(33001, "1.0")
        assert not kept(store).remove(33001, "1.0")
        assert known(store) is None
        assert store.definitions.of("</33001/0>")[33001].version == "1.1"


def test_what_is_there_is_replaced_only_when_that_is_asked_for_and_what_is_built_in_never(where: str) -> None:
    other = replace(TANK, name="Other")
    with Store.open(where) as store:
        kept(store).add([TANK], 5.0)
        for definitions, code in (
            ([NEWER, other], DefinitionRefusal.TAKEN),
            ([NEWER, replace(TANK, id=3303)], DefinitionRefusal.BUILT_IN),
        ):
            with pytest.raises(DefinitionRefused) as refused:
                kept(store).add(definitions, 6.0, replace=code is DefinitionRefusal.BUILT_IN)
            assert refused.value.code is code
            assert known(store) == TANK
            assert known(store, "1.1") is None  # all of a file or none
        kept(store).add([NEWER, other], 6.0, replace=True)
        assert known(store) == other
        assert store.definitions.all[3303, "1.0"] == BUILT_IN[3303, "1.0"]
        with pytest.raises(DefinitionRefused):
            kept(store).remove(3303, "1.0")


def test_definitions_are_in_the_backup(where: str, tmp_path: Path) -> None:
    file = tmp_path / "b.backup"
    with Store.open(where) as store:
        kept(store).add([TANK], 5.0)
        backup(store.database, file)
        kept(store).remove(33001, "1.0")
        kept(store).add([NEWER], 6.0)
        restore(store.database, file, replace=True)
        store.reload()
        assert (known(store), known(store, "1.1")) == (TANK, None)


@pytest.mark.parametrize("record", ["{", "{}", '{"id":1}'])
def test_a_damaged_definition_is_said_so(where: str, record: str) -> None:
    with Store.open(where) as store:
        kept(store).add([TANK], 5.0)
        with store.database.transaction():
            store.database.run("UPDATE definitions SET record = ?", (record,))
        with pytest.raises(StoreError) as damaged:
            store.check()
        assert damaged.value.code is StoreRefusal.DEFINITION_DAMAGED
