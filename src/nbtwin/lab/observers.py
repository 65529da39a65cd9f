"""What may be listened to while a world runs: everything passes one drain, and an observer sees it there, once.

Knows what passes, not what anybody makes of it (see ``lab.recorder`` for the timeline).
"""

from __future__ import annotations

from nbtwin.engine import Deadline, Fact, Seconds
from nbtwin.lab.faults import Impairment, PacketInFlight
from nbtwin.lab.nodes import ModuleNode, Node
from nbtwin.timeline.facts import Obstacle


class LabObserver:
    """Override what is of interest. Observers must not change anything."""

    def serial_in(self, at: Seconds, node: ModuleNode, data: bytes) -> None:
        """Bytes from the host to the module."""

    def serial_out(self, at: Seconds, node: ModuleNode, data: bytes) -> None:
        """Bytes from the module to the host."""

    def event(self, at: Seconds, node: Node, event: Fact) -> None: ...

    def deadline(self, at: Seconds, node: Node, deadline: Deadline | None) -> None:
        """The node waits for something else now."""

    def datagram(
        self, at: Seconds, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: Obstacle | None
    ) -> None:
        """A datagram leaves (or, from a foreign peer, arrives). ``obstacle``: why it goes nowhere, faults apart."""

    def lookup(self, at: Seconds, module: str, fact: Fact) -> None:
        """A name is resolved (``NameResolved``), or not (``NameUnresolved``)."""

    def note(self, at: Seconds, source: str, fact: Fact) -> None:
        """Something the lab did (``lab.facts``)."""
