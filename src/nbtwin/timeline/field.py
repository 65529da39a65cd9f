"""One decoded field: which bytes, what they are called, what they say, and who defines them. Knows no protocol."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias


class DecodedField(NamedTuple):
    """Bytes ``start`` to ``end`` (not included). ``source``: RFC section, chapter, or D-number."""

    start: int
    end: int
    name: str
    value: str
    source: str


Fields: TypeAlias = Iterator[DecodedField]


def text_of(data: bytes) -> str | None:
    """None where it is not printable UTF-8."""
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def shown(data: bytes) -> str:
    """As text, or else as hex."""
    text = text_of(data)
    return data.hex() if text is None else text
