"""What an engine has ready for whoever drives it: the one base class of all engines.

A module of its own because engines are compiled where there is a compiler (`tools/compile.py`), and their base with
them; the rest of the contract (`engine.py`) is data.
"""

from __future__ import annotations

from typing import Generic, TypeAlias, TypeVar

Address: TypeAlias = tuple[str, int]
"""Host (an IP address as text) and UDP port."""
Datagram: TypeAlias = tuple[Address, bytes]
"""Where to, and the bytes."""

E = TypeVar("E")


class Outbox(Generic[E]):
    """What every engine has: datagrams and events that wait to be drained. ``E`` is the union of its events."""

    __slots__ = ("_events", "_outbox")

    def __init__(self) -> None:
        self._outbox: list[Datagram] = []
        self._events: list[E] = []

    @property
    def has_datagrams(self) -> bool:
        """Something is ready for `datagrams_to_send`."""
        return bool(self._outbox)

    def datagrams_to_send(self) -> list[Datagram]:
        """Take what the engine wants sent, in order."""
        outbox, self._outbox = self._outbox, []
        return outbox

    def events(self) -> list[E]:
        """Take what has happened, oldest first."""
        events, self._events = self._events, []
        return events
