"""What a test can wait for: a question about a lab, with words for what was wanted and for what is there instead.

Knows how to ask; knows no clock. `Lab.run_until` takes one, or any function without arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nbtwin.api.errors import LabError


@dataclass(frozen=True, slots=True, repr=False)
class Condition:
    """``holds`` is asked again after everything that happens, so it is cheap and changes nothing."""

    name: str
    """What is waited for, as a test's author wrote it: ``meter.registered('cmdmp')``."""
    holds: Callable[[], bool]
    found: Callable[[], str] = lambda: ""
    """What is there now, of the same kind."""

    def __bool__(self) -> bool:
        """``assert meter.registered("cmdmp")`` asks once, now."""
        return self.holds()

    def __repr__(self) -> str:
        """What pytest shows of an ``assert`` that fails: with what is there instead, while the lab can be asked."""
        try:
            found = self.found()
        except LabError:
            found = ""
        return f"<{self.name}; there is: {found}>" if found else f"<{self.name}>"

    def __and__(self, other: Condition) -> Condition:
        if not isinstance(other, Condition):
            return NotImplemented
        return Condition(
            f"{self.name} & {other.name}",
            lambda: self.holds() and other.holds(),
            lambda: ", ".join(filter(None, (each.found() for each in (self, other) if not each.holds()))),
        )

    def __or__(self, other: Condition) -> Condition:
        if not isinstance(other, Condition):
            return NotImplemented
        return Condition(
            f"{self.name} | {other.name}",
            lambda: self.holds() or other.holds(),
            lambda: ", ".join(filter(None, (self.found(), other.found()))),
        )

    def __invert__(self) -> Condition:
        return Condition(f"~{self.name}", lambda: not self.holds(), self.found)
