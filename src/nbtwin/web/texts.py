"""Texts that somebody sent, before they are kept or shown. Knows no request."""

from __future__ import annotations

from nbtwin.web.api_errors import ApiError
from nbtwin.web.refusals import ApiRefusal


def is_storable(text: str) -> bool:
    """What every database takes: no NUL, no half of a character."""
    return "\x00" not in text and (text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text))


def storable(text: str, field: str) -> str:
    if not is_storable(text):
        raise ApiError(ApiRefusal.TEXT_UNSTORABLE, field)
    return text
