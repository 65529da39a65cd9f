"""What the runner plays scenes on: a module at a line, with whatever else can be done to it. Only the shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from nbtwin.check.line import Line
from nbtwin.check.steps import Need, Packet
from nbtwin.engine import Seconds
from nbtwin.selfreg.schedule import Operator


class Bench(Protocol):
    """A module that is on."""

    line: Line
    grants: frozenset[Need]
    """What scenes may need here; `FACTORY` is asked of `fresh`."""
    slack: Seconds
    """By how much a time that is measured here may be wrong (D186)."""
    returns_within: Seconds
    """How long a port that has gone away is waited for; 0: it does not come back."""

    @property
    def now(self) -> Seconds: ...

    def run(self, holds: Callable[[], bool], within: Seconds) -> bool:
        """Let time pass until it holds; whether it does. Bytes go to and fro meanwhile."""
        ...

    def reopen(self) -> bool:
        """Of a port that has gone away: wait for it; whether it is back."""
        ...

    def cut_power(self) -> None: ...

    def give_power(self) -> None: ...

    def set_platform(self, name: str, up: bool) -> None: ...

    def packets(self) -> Sequence[Packet]:
        """Of the module, all so far."""
        ...

    def fresh(self, card: Operator | None, firmware: str | None) -> Bench | None:
        """Another module of the kind, as delivered and booted; None where there is none to be had."""
        ...

    def close(self) -> None: ...
