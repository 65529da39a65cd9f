"""Commits of a live lab, in a thread of their own: the loop does not wait for the database, however slow it is.

One thread for a store: it commits what it is given in the order in which it was given, a transaction for each
`submit`, and says on the loop how it ended. Group commit is the caller's (``lab.hold``): a platform hands over
everything that has gathered while its last commit was under way.

Knows the thread (`work_thread`) and what a committer is; knows no database and no platform.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from nbtwin.edge.loop_gauge import LoopGauge, Work
from nbtwin.edge.work_thread import LONGEST_STOP, WorkThread
from nbtwin.engine import Fact, Seconds
from nbtwin.lab.committer import Commit, Committer, Done


class CommitThread(Committer):
    """From the constructor, on the loop, to ``close``. ``measured`` is told how many seconds each commit took."""

    def __init__(
        self,
        commit: Commit,
        keeps: Callable[[Fact], bool],
        measured: Callable[[float], object] = lambda seconds: None,
        gauge: LoopGauge | None = None,
        again_in: Callable[[Exception], Seconds | None] | None = None,
    ) -> None:
        self._commit, self._keeps, self._measured, self._again_in = commit, keeps, measured, again_in
        self._thread = WorkThread("nbtwin commits", Work.COMMITS, gauge)

    def keeps(self, event: Fact) -> bool:
        return self._keeps(event)

    def again_in(self, error: Exception) -> Seconds | None:
        return None if self._again_in is None else self._again_in(error)

    def submit(self, events: Sequence[Fact], done: Done) -> None:
        self._thread.submit(partial(self._commit, events), partial(self._ended, done))

    @property
    def busy_for(self) -> Seconds:
        """How long the commit that is under way has taken so far; 0 when there is none."""
        return self._thread.busy_for

    async def idle(self) -> None:
        """Until nothing is under way: what was submitted has been committed, or has failed."""
        await self._thread.idle()

    async def close(self, longest: Seconds = LONGEST_STOP) -> bool:
        """End the thread when it has done what it was given; whether it did in time."""
        return await self._thread.close(longest)

    def _ended(self, done: Done, error: Exception | None, seconds: Seconds) -> None:
        if error is None:
            self._measured(seconds)
        done(error)
