"""Commits as the log has them: one line for each that fails, that succeeds after failures, or that is slow.

Wraps what makes a batch durable, wherever that runs (``lab.hold``); knows no platform and no database.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from nbtwin.engine import Fact, Seconds
from nbtwin.lab.hold import Commit
from nbtwin.operators.store.database import StoreError
from nbtwin.operators.store.folding import Fold
from nbtwin.timeline.catalogue.errors import worded

SLOW: Seconds = 0.5

_log = logging.getLogger("nbtwin.store")


class LoggedCommit:
    """Called by one thread at a time, as the commit itself is."""

    def __init__(self, commit: Commit) -> None:
        self._commit = commit
        self._failures = 0
        self._failing_since: Seconds = 0

    def __call__(self, events: Sequence[Fact]) -> None:
        began_at = time.monotonic()
        try:
            self._commit(events)
        except Exception as error:
            self._on_failure(began_at, len(events), error)
            raise
        ended_at = time.monotonic()
        if self._failures:
            span = ended_at - self._failing_since
            _log.warning("commits succeed again, after %d failures in %.1f s", self._failures, span)
            self._failures = 0
        if ended_at - began_at > SLOW:
            _log.warning("commit of %d events took %.1f s", len(events), ended_at - began_at)

    def _on_failure(self, began_at: Seconds, events: int, error: Exception) -> None:
        if not self._failures:
            self._failing_since = began_at
        self._failures += 1
        defect = None if isinstance(error, StoreError | OSError) else error  # of a defect the traceback, too
        _log.warning("commit of %d events failed: %s", events, worded(error), exc_info=defect)


class LoggedFold:
    """The same, of the journal's folds (`operators.store.folding`)."""

    def __init__(self, fold: Fold) -> None:
        self._fold = fold
        self._number = 0
        self._logged = LoggedCommit(self._commit)

    def __call__(self, events: Sequence[Fact], number: int) -> None:
        self._number = number
        self._logged(events)

    def _commit(self, events: Sequence[Fact]) -> None:
        self._fold(events, self._number)
