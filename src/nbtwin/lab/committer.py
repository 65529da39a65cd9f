"""Who makes events durable for the hold, and what is told of a commit: data, and a class that others go on with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import TypeAlias

from nbtwin.engine import Fact, Reason, Refusal, RefusalCode, Seconds
from nbtwin.foreign import Detail

Commit: TypeAlias = Callable[[Sequence[Fact]], object]
"""Makes a batch of events durable, or raises."""


Done: TypeAlias = Callable[[Exception | None], object]
"""Called once for each commit: why it failed, or None."""


class HoldReason(Reason):
    COMMIT_RETRY = "hold-commit-retry"


class HoldRefusal(Refusal):
    STORE_FAILED = "hold-store-failed"  # an error without a code


class CommitFailed(Fact, frozen=True):
    """The store refused: what was drained is held."""

    refusal: RefusalCode
    held: int  # events and datagrams
    retry_in: Seconds
    where: str | None = None  # the database's name
    detail: Detail = ""  # its own
    seconds: Seconds = 0  # that were waited for it


class CommitRecovered(Fact, frozen=True):
    """The store took everything that was held. ``expired``: datagrams that nobody waits for any more."""

    span: Seconds  # since the first failure
    events: int
    expired: int


class Committer(ABC):
    """Makes events durable: at once (`InlineCommitter`), or in a thread of its own (``edge.commit_thread``)."""

    @abstractmethod
    def keeps(self, event: Fact) -> bool:
        """Whether such an event is stored. An answer need not wait for one that is not."""

    @abstractmethod
    def submit(self, events: Sequence[Fact], done: Done) -> None:
        """Commit them in one transaction. ``done`` is called on the caller's thread, within this call or later."""

    def commit_at_once(self, events: Sequence[Fact]) -> bool:
        """Whether they are committed, without a word of `submit`'s; raises why they cannot be."""
        return False

    def again_in(self, error: Exception) -> Seconds | None:
        """When a commit that failed so is worth trying again; None: nobody knows."""
        return None

    @property
    def busy_for(self) -> Seconds:
        """How long, by the wall clock, the commit that is under way has taken so far; 0 when there is none."""
        return 0.0

    async def idle(self) -> None:
        """Until nothing is under way."""
        return

    async def close(self) -> bool:
        """No commit follows. Whether the last one has ended."""
        return True


class InlineCommitter(Committer):
    """The commit is over when ``submit`` returns: of simulated labs, and into a journal."""

    def __init__(
        self,
        commit: Commit,
        keeps: Callable[[Fact], bool] | None = None,
        again_in: Callable[[Exception], Seconds | None] | None = None,
    ) -> None:
        """``keeps``: None where everything is kept."""
        self._commit = commit
        self._keeps = keeps
        self._again_in = again_in

    def again_in(self, error: Exception) -> Seconds | None:
        return None if self._again_in is None else self._again_in(error)

    def keeps(self, event: Fact) -> bool:
        return self._keeps is None or self._keeps(event)

    def commit_at_once(self, events: Sequence[Fact]) -> bool:
        self._commit(events)
        return True

    def submit(self, events: Sequence[Fact], done: Done) -> None:
        try:
            self._commit(events)
        except Exception as error:  # whatever the store raises: nothing leaves that is not durable
            done(error)
        else:
            done(None)
