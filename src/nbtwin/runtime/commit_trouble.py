"""Why what platforms have taken in cannot be answered just now: a commit that has failed, or one that takes long."""

from __future__ import annotations

from collections.abc import Iterable

from nbtwin.engine import Seconds
from nbtwin.foreign import detail_of
from nbtwin.lab.nodes import PlatformNode
from nbtwin.operators.store.database import StoreError, StoreRefusal

SLOW: Seconds = 5
"""A commit that takes longer is trouble."""


def commit_trouble(nodes: Iterable[PlatformNode], busy_for: Seconds, where: str) -> StoreError | None:
    """None when they are answered. ``busy_for``: so long the commit that is under way has taken."""
    for node in nodes:
        if node.hold.error is not None:
            return store_error(node.hold.error, where)
    return StoreError(StoreRefusal.COMMIT_SLOW, where, seconds=SLOW) if busy_for > SLOW else None


def store_error(error: Exception, where: str) -> StoreError:
    """As one of the store, whatever was raised."""
    return error if isinstance(error, StoreError) else StoreError(StoreRefusal.FAILED, where, detail=detail_of(error))
