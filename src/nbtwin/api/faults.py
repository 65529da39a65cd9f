"""What goes wrong in the lab's network, by itself, for a test that is given nothing else of the lab."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nbtwin.api.lab import Lab


class FaultSet:
    """Of one lab."""

    def __init__(self, lab: Lab) -> None:
        self._lab = lab

    def add(self, kind: str, **fields: Any) -> int:
        """As `Lab.add_fault`."""
        return self._lab.add_fault(kind, **fields)

    def remove(self, number: int) -> None:
        """As `Lab.remove_fault`."""
        self._lab.remove_fault(number)

    def clear(self) -> None:
        for number in self._lab.faults:
            self._lab.remove_fault(number)

    def listed(self) -> Mapping[int, Mapping[str, Any]]:
        """As `Lab.faults`."""
        return self._lab.faults
