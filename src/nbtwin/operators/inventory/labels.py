"""What people call a device and sort it by: a name, a group, tags. Knows no device and no database.

They are the lab's, not the device's: nothing that a device says changes them, and they go when it is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import msgspec

from nbtwin.engine import CodedError, Refusal

LONGEST_NAME = 100
LONGEST_WORD = 40
"""Of a group or a tag."""
TAGS_AT_MOST = 32
"""Of one device."""
_PARTING = frozenset(",; \t\r\n")
"""What stands between tags where several are written."""


class LabelRefusal(Refusal):
    """Why something cannot be a label."""

    TAG = "label-tag"  # tag, limit
    TEXT = "label-text"  # name: "name" or "group"; value, limit
    TOO_MANY = "label-too-many"  # limit; device


class LabelRefused(CodedError, ValueError):
    """A name, a group or a tag that cannot be."""


class Label(msgspec.Struct, frozen=True):
    """Of one device; what is empty was not given."""

    name: str = ""
    group: str = ""
    tags: tuple[str, ...] = ()


class LabelChange(msgspec.Struct, frozen=True, kw_only=True):
    """None: as it is. ``tags``: these and no others; ``add`` and ``remove`` come after that."""

    name: str | None = None
    group: str | None = None
    tags: tuple[str, ...] | None = None
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()

    def checked(self) -> LabelChange:
        """The same, without space around. LabelRefused."""
        return LabelChange(
            name=None if self.name is None else _text("name", self.name, LONGEST_NAME),
            group=None if self.group is None else _text("group", self.group, LONGEST_WORD),
            tags=None if self.tags is None else _tags(self.tags),
            add=_tags(self.add),
            remove=_tags(self.remove),
        )

    def of(self, label: Label, device: str = "") -> Label:
        """What it makes of one. LabelRefused when those would be too many tags."""
        tags = set(label.tags if self.tags is None else self.tags) | set(self.add)
        tags -= set(self.remove)
        if len(tags) > TAGS_AT_MOST:
            raise LabelRefused(LabelRefusal.TOO_MANY, limit=TAGS_AT_MOST, device=device)
        return Label(
            label.name if self.name is None else self.name,
            label.group if self.group is None else self.group,
            tuple(sorted(tags)),
        )


Counted: TypeAlias = list[tuple[str, int]]
"""Names, and how many devices have each."""


def tags_in(text: str) -> tuple[str, ...]:
    """Of a line with commas, semicolons or spaces between."""
    return tuple("".join(" " if letter in _PARTING else letter for letter in text).split())


def _tags(tags: Iterable[str]) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(tag.strip() for tag in tags))
    for tag in found:
        if not tag or len(tag) > LONGEST_WORD or not tag.isprintable() or not _PARTING.isdisjoint(tag):
            raise LabelRefused(LabelRefusal.TAG, tag=tag[: LONGEST_WORD + 1], limit=LONGEST_WORD)
    return found


def _text(name: str, value: str, limit: int) -> str:
    value = value.strip()
    if len(value) > limit or not (value.isprintable() or not value):
        raise LabelRefused(LabelRefusal.TEXT, name=name, value=value[: limit + 1], limit=limit)
    return value
