"""Python's collector in a process of the lab's own: what stays is looked through once (docs/architecture.md)."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from nbtwin.edge import long_collections
from nbtwin.edge.long_collections import THAW_EVERY, LongCollections


class Ring:
    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def thawed() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_what_a_long_collection_has_left_over_is_set_aside_and_looked_through_once_in_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(long_collections, "LONG", -1.0)  # every one is long
    collections = LongCollections()
    gc.unfreeze()
    collections.tick(1.0)
    assert gc.get_freeze_count() == 0, "none was long"
    for phase in ("start", "stop"):
        collections.handle_phase(phase, {"generation": 2})  # type: ignore[arg-type]
    collections.tick(2.0)
    assert gc.get_freeze_count() > 10_000
    ring = Ring()
    gone = weakref.ref(ring)
    gc.freeze()
    del ring
    gc.collect()
    assert gone() is not None, "what is set aside is not looked at"
    collections.tick(THAW_EVERY + 3.0)
    assert gone() is None
    assert gc.get_freeze_count() > 10_000


def test_a_short_one_sets_nothing_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(long_collections, "LONG", 1e9)
    collections = LongCollections()
    gc.unfreeze()
    for phase in ("start", "stop"):
        collections.handle_phase(phase, {"generation": 2})  # type: ignore[arg-type]
    collections.tick(2.0)
    assert gc.get_freeze_count() == 0
