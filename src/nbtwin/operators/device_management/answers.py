"""What answers of devices say, read once: a fleet of one model answers much the same, and a device what it said before.

Knows payloads; must not know what they are about, nor how they are read.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeAlias, TypeVar

from nbtwin.coap.bounded import make_room
from nbtwin.coap.message import Message
from nbtwin.lwm2m.model import Objects
from nbtwin.lwm2m.path import Path

ANSWERS = 4096
"""Payloads whose meaning is kept."""
LONGEST_KEPT = 1024
"""Bytes of such a payload."""

V = TypeVar("V")
Read: TypeAlias = Callable[[Path, Message, Objects], V]


class KnownAnswers(Generic[V]):
    """Equal bytes of one format at one path mean the same, as long as the definitions are the same object."""

    __slots__ = ("_known", "_read", "_size")

    def __init__(self, read: Read[V], size: int = ANSWERS) -> None:
        self._read = read
        self._size = size
        self._known: dict[tuple[Path, int | None, bytes], tuple[Objects, V]] = {}

    def of(self, path: Path, message: Message, objects: Objects) -> V:
        """Not to be changed: others may have the same. Raises what reading raises."""
        key = path, message.content_format, message.payload
        known = self._known.get(key)
        if known is not None and known[0] is objects:
            return known[1]
        value = self._read(path, message, objects)
        if len(message.payload) <= LONGEST_KEPT:
            make_room(self._known, self._size)
            self._known[key] = objects, value
        return value

    def __len__(self) -> int:
        return len(self._known)
