"""The lab's time by itself, for a test that is given nothing else of the lab."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from nbtwin.api.conditions import Condition
from nbtwin.api.spans import Span
from nbtwin.engine import Seconds

if TYPE_CHECKING:
    from nbtwin.api.lab import Lab


class Clock:
    """Of one lab."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    @property
    def now(self) -> Seconds:
        """Since the lab began."""
        return self._lab.now

    def advance(self, span: Span) -> None:
        """As `Lab.advance`."""
        self._lab.advance(span)

    def run_until(self, condition: Condition | Callable[[], bool], within: Span) -> Seconds:
        """As `Lab.run_until`."""
        return self._lab.run_until(condition, within)
