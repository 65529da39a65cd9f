"""Dictionaries that stay within a size. Knows nothing of what is in them."""

from __future__ import annotations

from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


def make_room(entries: dict[K, V], size: int) -> None:
    """Drop the older half of a dictionary that has reached its size: O(1) for each entry that was ever added."""
    if len(entries) >= size:
        for key in list(entries)[: (len(entries) + 1) // 2]:
            del entries[key]
