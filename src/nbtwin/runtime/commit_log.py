"""Commits as the log has them: one line for each that fails, that succeeds after failures, or that is slow.

Wraps what makes a batch durable, wherever that runs (``lab.hold``); knows no platform and no database.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from typing import ParamSpec

from nbtwin.engine import Fact, Seconds
from nbtwin.lab.hold import Commit
from nbtwin.operators.store.database import StoreError
from nbtwin.operators.store.folding import Fold, Taken, room_again_in
from nbtwin.timeline.catalogue.errors import worded

SLOW: Seconds = 0.5
SLOW_FOLD: Seconds = 5
"""Nobody is answered later for it."""

P = ParamSpec("P")

_log = logging.getLogger("nbtwin.store")


class _Log:
    """One thread at a time commits."""

    def __init__(self, slow: Seconds = SLOW) -> None:
        self._slow = slow
        self._failures = 0
        self._failing_since: Seconds = 0

    def run(self, commit: Callable[P, object], events: int, *args: P.args, **kwargs: P.kwargs) -> None:
        began_at = time.monotonic()
        try:
            commit(*args, **kwargs)
        except Exception as error:
            self._on_failure(began_at, events, error)
            raise
        ended_at = time.monotonic()
        if self._failures:
            span = ended_at - self._failing_since
            _log.warning("commits succeed again, after %d failures in %.1f s", self._failures, span)
            self._failures = 0
        if ended_at - began_at > self._slow:
            _log.warning("commit of %d events took %.1f s", events, ended_at - began_at)

    def _on_failure(self, began_at: Seconds, events: int, error: Exception) -> None:
        if not self._failures:
            self._failing_since = began_at
        self._failures += 1
        if self._failures > 1 and room_again_in(error) is not None:
            return  # ten times a second
        defect = None if isinstance(error, StoreError | OSError) else error  # of a defect the traceback, too
        _log.warning("commit of %d events failed: %s", events, worded(error), exc_info=defect)


class LoggedCommit:
    def __init__(self, commit: Commit) -> None:
        self._commit, self._log = commit, _Log()

    def __call__(self, events: Sequence[Fact]) -> None:
        self._log.run(self._commit, len(events), events)


class LoggedFold:
    """The same, of the journal's folds (`operators.store.folding`)."""

    def __init__(self, fold: Fold) -> None:
        self._fold, self._log = fold, _Log(SLOW_FOLD)

    def __call__(self, taken: Taken, number: int) -> None:
        self._log.run(self._fold, len(taken), taken, number)
