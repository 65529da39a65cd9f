"""`--json` of every command that lists or shows: one shape, on standard output alone.

One object: ``nbtwin`` is the version of the shape, ``kind`` what is listed, ``items`` a list of objects with data
alone: codes, names, numbers, times in seconds since 1970. What is in words besides is in ``text``, in the user's
language.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import typer

SHAPE = 1
AsJson = typer.Option(
    False, "--json", help='One JSON object instead: {"nbtwin":1,"kind":…,"items":[…]}; messages are on stderr.'
)


def print_json(kind: str, items: Iterable[Mapping[str, Any]], **about: Any) -> None:
    """``about``: what holds for all of the items."""
    values = {"nbtwin": SHAPE, "kind": kind, **about, "items": list(items)}
    print(json.dumps(values, ensure_ascii=False, indent=2, default=plain))


def plain(value: Any) -> Any:
    """Data of ours as JSON has it: structs as objects, bytes as hexadecimal digits, codes as they are."""
    import msgspec

    return msgspec.to_builtins(value, enc_hook=_foreign)


def _foreign(value: Any) -> Any:
    return value.hex() if isinstance(value, bytes | bytearray) else str(value)
