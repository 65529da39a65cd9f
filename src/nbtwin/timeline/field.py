"""One decoded field: which bytes, what they are called, what they say, and who defines them. Knows no protocol.

Names and values are the field's, and the same in every language; what cannot be decoded is said with codes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from nbtwin.timeline.catalogue import Phrase, words


class Undecoded(Phrase):
    """What bytes are called that cannot be decoded."""

    NOT_COAP = "field-not-coap"
    UDP_PAYLOAD = "field-udp-payload"
    NOT_READABLE = "field-not-readable"
    HANDSHAKE_CUT = "field-handshake-cut"


class DecodedField(NamedTuple):
    """Bytes ``start`` to ``end`` (not included). ``source``: RFC section, chapter, or D-number."""

    start: int
    end: int
    name: str
    """Where there is a ``phrase``, what stands before it."""
    value: str
    source: str
    phrase: Undecoded | None = None
    why: dict[str, Any] | None = None
    """A code with its fields."""

    def said(self, language: str = "en") -> tuple[str, str]:
        """Name and value."""
        name = self.name if self.phrase is None else self.name + words(self.phrase, language)
        if self.why is None:
            return name, self.value
        fields = dict(self.why)
        return name, words(fields.pop("code"), language, **fields)


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
