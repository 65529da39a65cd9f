"""Events in words, whatever they are: a past-tense class name and its fields. Knows no event class."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

import msgspec

from nbtwin.engine import Fact, Reason, Refusal, Seconds
from nbtwin.timeline import catalogue
from nbtwin.timeline.clock import format_span

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_LONGEST = 200
_LONGEST_BYTES = 2048
_PREVIEW = 32
_PAYLOADS = ("payload", "data", "identity", "psk_identity")


def printable(text: str) -> str:
    """The text with everything escaped that could move a terminal's cursor: peers write what they like."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def words(name: str) -> str:
    """``RegistrationFailed`` as ``registration failed``."""
    return _BOUNDARY.sub(" ", name).replace("_", " ").lower()


def plain(value: Any) -> Any:
    """The value as JSON knows it: enums by name, bytes as hex, dataclasses as objects."""
    if isinstance(value, Reason | Refusal):
        return str(value)
    if isinstance(value, Enum):
        return value.name
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, bytes):
        return value.hex() if len(value) <= _LONGEST_BYTES else f"{value[:_PREVIEW].hex()}… ({len(value)} bytes)"
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if _has_fields(value):
        return {name: plain(item) for name, item in _fields(value).items()}
    return str(value)


def _has_fields(value: Any) -> bool:
    """A fact, or a dataclass."""
    return (is_dataclass(value) or isinstance(value, msgspec.Struct)) and not isinstance(value, type)


def _fields(value: Any) -> dict[str, Any]:
    if isinstance(value, msgspec.Struct):
        return msgspec.structs.asdict(value)
    return {f.name: getattr(value, f.name) for f in fields(value)}


def describe(event: Any, now: Seconds | None = None) -> tuple[str, dict[str, Any]]:
    """One line, and the parts of it. An event inside an event speaks for itself, after its bearer's name.

    With ``now``, absolute times (``until``, and what ends in ``_at``) are said as the span from there.
    """
    text, detail = _describe(event, now)
    return printable(text), detail


def _describe(event: Any, now: Seconds | None) -> tuple[str, dict[str, Any]]:
    detail: dict[str, Any] = {"event": type(event).__name__}
    if not _has_fields(event):
        return str(event), detail
    values = {name: value for name, value in _fields(event).items() if name != "at"}
    detail |= plain(values)
    inner = values.get("event")
    if _has_fields(inner):
        text, inner_detail = _describe(inner, now)
        bearer = " ".join(str(plain(v)) for k, v in values.items() if k != "event")
        detail |= {"event": inner_detail["event"], "inner": inner_detail}
        return f"{bearer}: {text}" if bearer else text, detail
    if isinstance(event, Fact) and (said := catalogue.words(event, "en", now or 0.0)) != event.code:
        return said, detail
    if "old" in values and "new" in values:
        change = f"{_show(values.pop('old'))} → {_show(values.pop('new'))}"
        return _line(f"{words(type(event).__name__)} {change}", values, now), detail
    return _line(words(type(event).__name__), values, now), detail


def _line(start: str, values: Mapping[str, Any], now: Seconds | None) -> str:
    parts = [_phrase(key, value, now) for key, value in values.items() if value not in (None, "", b"", (), [])]
    return f"{start}: {', '.join(parts)}" if parts else start


def _phrase(key: str, value: Any, now: Seconds | None) -> str:
    """``why`` and ``reason`` speak for themselves, a truth value is its name or the opposite of it."""
    if now is not None and isinstance(value, float) and (key == "until" or key.endswith("_at")):
        return f"for {format_span(value - now)}" if key == "until" else _when(words(key[: -len("_at")]), value - now)
    if isinstance(value, bool):
        return words(key) if value else f"not {words(key)}"
    if isinstance(value, bytes) and key in _PAYLOADS and (text := _text(value)) is not None:
        return f"{words(key)} «{text[:_LONGEST]}»"
    return _show(value) if key in ("why", "reason") else f"{words(key)} {_show(value)}"


def _text(value: bytes) -> str | None:
    """What peers write is mostly readable."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        return None
    return text if text.isprintable() else None


def _when(what: str, span: Seconds) -> str:
    if span == 0:
        return f"{what} now"
    return f"{what} in {format_span(span)}" if span > 0 else f"{what} {format_span(-span)} ago"


def _show(value: Any) -> str:
    if isinstance(value, Reason | Refusal):
        return catalogue.words(value)
    if isinstance(value, Enum):
        number = f" ({value.value})" if isinstance(value.value, int) else ""
        return f"{value.name}{number}"
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str) and isinstance(value[1], int):
        return f"{value[0]}:{value[1]}"
    if _has_fields(value):
        shown = _fields(value)
        return "(" + ", ".join(f"{k} {_show(v)}" for k, v in shown.items() if v not in (None, "")) + ")"
    if isinstance(value, Mapping):
        text = ", ".join(f"{key}={_show(item)}" for key, item in value.items())
    elif isinstance(value, list | tuple | set | frozenset):
        text = ", ".join(_show(item) for item in value)
    elif isinstance(value, bytes):
        text = value.hex()
    elif isinstance(value, float):
        text = f"{value:g}" if abs(value) < 1e6 else f"{value:.0f}"
    else:
        text = str(value)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
