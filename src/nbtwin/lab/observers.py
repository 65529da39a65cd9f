"""What may be listened to while a world runs: everything passes one drain, and a tap sees it there, once.

Knows what passes, not what anybody makes of it (see ``lab.narrator`` for the timeline).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbtwin.engine import Deadline, Seconds
from nbtwin.lab.faults import Impairment, PacketInFlight
from nbtwin.lab.nodes import ModuleNode, Node
from nbtwin.timeline.entry import EntryKind


class LabObserver:
    """Override what is of interest. Taps must not change anything."""

    def serial_in(self, at: Seconds, unit: ModuleNode, data: bytes) -> None:
        """Bytes from the host to the module."""

    def serial_out(self, at: Seconds, unit: ModuleNode, data: bytes) -> None:
        """Bytes from the module to the host."""

    def event(self, at: Seconds, unit: Node, event: Any) -> None: ...

    def deadline(self, at: Seconds, unit: Node, deadline: Deadline | None) -> None:
        """The unit waits for something else now."""

    def datagram(
        self, at: Seconds, passage: PacketInFlight, data: bytes, fate: Impairment, obstacle: str | None
    ) -> None:
        """A datagram leaves (or, from a foreign peer, arrives). ``obstacle``: why it goes nowhere, faults apart."""

    def lookup(self, at: Seconds, module: str, name: str, host: str | None, why: str | None) -> None:
        """A name is resolved, or not, and then why not."""

    def note(self, at: Seconds, source: str, kind: EntryKind, text: str, detail: Mapping[str, Any]) -> None:
        """Something the lab did: routes, faults, ports (``EntryKind.LAB`` or ``EntryKind.FAULT``)."""
