"""Which values a resource takes, out of what its definition says of them; knows no path and no device.

A range is a comma-separated list: numbers, intervals (``0..100``, ``-40..``) or, of a text, its possible values in
quotation marks. Of text and bytes a number is a length in bytes. Definitions write the same in several ways (``0-100``,
``[1:4]``, ``10 or 26 bytes``); what is none of them is prose for people, and limits nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from nbtwin.lwm2m.model import ResourceDefinition, ResourceType, Value

_NUMBER = r"(?:2\^\d{1,2}(?:\s?-\s?1)?|[+-]?\d+(?:\.\d+)?)"
_ONE = re.compile(_NUMBER)
_INTERVAL = re.compile(rf"\[?\s*({_NUMBER})?\s*(?:\.\.+|…|-|–|:|\bto\b)\s*({_NUMBER})?\s*\]?")
_LISTED = re.compile(r"\s*(?:,|;|\bor\b)\s*")
_BYTES = re.compile(r"\s*(?:bytes?|octets?|chars?|characters?|B)\s*$", re.IGNORECASE)
_QUOTED = re.compile(r'"([^"]*)"|\'([^\']*)\'')
_BY_LENGTH = (ResourceType.STRING, ResourceType.OPAQUE, ResourceType.CORELNK)
_BY_VALUE = (ResourceType.INTEGER, ResourceType.UNSIGNED, ResourceType.FLOAT, ResourceType.TIME)


@dataclass(frozen=True, slots=True)
class Limits:
    """``intervals``: of a number its value, of text and bytes their length; None is no end on that side."""

    intervals: tuple[tuple[float | None, float | None], ...] = ()
    words: frozenset[str] = frozenset()
    by_length: bool = False

    def allow(self, value: Value) -> bool:
        if self.words:
            return isinstance(value, str) and value in self.words
        if self.by_length:
            measured: float = len(value.encode() if isinstance(value, str) else bytes(value))  # type: ignore[arg-type]
        elif isinstance(value, int | float):
            measured = value
        else:
            return True
        return any(
            (low is None or low <= measured) and (high is None or measured <= high) for low, high in self.intervals
        )


def limits_of(row: ResourceDefinition) -> Limits | None:
    """None where every value of the type will do."""
    return _limits(row.range, row.type) if row.range else None


@lru_cache(maxsize=4096)
def _limits(text: str, type_: ResourceType) -> Limits | None:
    if type_ is ResourceType.STRING and (words := _words(text)):
        return Limits(words=words)
    if type_ not in _BY_LENGTH and type_ not in _BY_VALUE:
        return None
    named = _BYTES.sub("", text)
    if type_ in _BY_VALUE and named != text:
        return None  # a number of so many bytes: with a sign or without one, nobody says
    found = [_interval(part) for part in _LISTED.split(named.strip())]
    intervals = tuple(one for one in found if one is not None)
    return Limits(intervals, by_length=type_ in _BY_LENGTH) if intervals and len(intervals) == len(found) else None


def _words(text: str) -> frozenset[str]:
    """Nothing where there is more than possible values."""
    rest = _QUOTED.sub("", text).replace(",", "").replace(";", "").strip()
    return frozenset(one or other for one, other in _QUOTED.findall(text)) if not rest else frozenset()


def _interval(text: str) -> tuple[float | None, float | None] | None:
    if _ONE.fullmatch(text):
        return _number(text), _number(text)
    found = _INTERVAL.fullmatch(text)
    if found is None or found.groups() == (None, None):
        return None
    low, high = (None if end is None else _number(end) for end in found.groups())
    return None if low is not None and high is not None and low > high else (low, high)


def _number(text: str) -> float:
    """Whole ones stay whole: 2^64 - 1 is no float."""
    if text.startswith("2^"):
        power, less, _ = text[2:].partition("-")
        return (1 << int(power)) - bool(less)
    return float(text) if "." in text else int(text)
