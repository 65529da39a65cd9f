"""What is going to leave the public API: the warning, and the names that have another name now (docs/versions.md).

Knows names and versions; whoever uses an old name is told where, once a place, by Python's own warnings.
"""

from __future__ import annotations

import warnings
from typing import NamedTuple


class NbtwinDeprecationWarning(DeprecationWarning):
    """Something of nbtwin's public API that a later minor version no longer has. Its text names the replacement."""


class Leaving(NamedTuple):
    """``instead``: what to write in its place. ``since`` and ``until``: the first version that warns, and the first
    one without it, "0.4"."""

    instead: str
    since: str
    until: str


RENAMED: dict[str, Leaving] = {}
"""Names of `nbtwin` that were others, by the old name; ``instead`` is the new one. The table of docs/versions.md."""


def warn(name: str, leaving: Leaving, *, stacklevel: int = 2) -> None:
    """Tell the caller's caller. ``stacklevel`` as `warnings.warn` has it, seen from whoever calls this."""
    text = f"{name} is deprecated since nbtwin {leaving.since} and gone in {leaving.until}: use {leaving.instead}"
    warnings.warn(text, NbtwinDeprecationWarning, stacklevel=stacklevel + 1)
