"""Errors in words, in the reader's language: a `CodedError`, and what others say (`nbtwin.foreign`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbtwin.engine import CodedError
from nbtwin.foreign import detail_of
from nbtwin.timeline.catalogue import words


class WordedError(CodedError):
    """A coded error that may use the catalogue: its ``str`` is the English wording."""

    def __str__(self) -> str:
        return worded(self)


def worded(error: BaseException, language: str = "en") -> str:
    """One line, with where it was said in front."""
    if not isinstance(error, CodedError):
        detail = detail_of(error)
        return detail if isinstance(detail, str) else words("usage-foreign", language, detail=detail)
    said = words(error.code, language, **shown(error.fields, language))
    return f"{error.where}: {said}" if error.where else said


def shown(fields: Mapping[str, Any], language: str = "en") -> dict[str, Any]:
    """Fields as a message places them: whole numbers as they are, several values as a list; a fact as it is."""
    return {
        name: value if value is None or isinstance(value, Mapping) else _shown(value, language)
        for name, value in fields.items()
    }


def _shown(value: Any, language: str) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return value  # messages select by one of something
    if isinstance(value, list | tuple | set | frozenset):
        return words("list-separator", language).join(str(_shown(each, language)) for each in value)
    return f"{value:.10g}" if isinstance(value, float) else str(value)
