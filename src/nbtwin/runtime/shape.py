"""What a file has read as typed values: everything that does not fit, not the first alone.

Converts again and again, each time without what did not fit, until the rest does. Knows types of msgspec and the kinds
of value that YAML and TOML have; knows no file, and no field's meaning.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from nbtwin.engine import CodedError
from nbtwin.foreign import Unfit, Where, misfit_and_place
from nbtwin.timeline.catalogue import Phrase

T = TypeVar("T")
MOST = 100
"""What does not fit, at most: whoever reads them begins with the first."""


class KindPhrase(Phrase):
    """The kinds of value, in the words of somebody who writes them."""

    OBJECT = "kind-object"
    ARRAY = "kind-array"
    STR = "kind-str"
    INT = "kind-int"
    FLOAT = "kind-float"
    BOOL = "kind-bool"
    NULL = "kind-null"
    BYTES = "kind-bytes"
    EITHER = "kind-either"  # first, rest: each a kind


class Misfit(NamedTuple):
    """One thing that does not fit, with its place in the file; ``why``: of `nbtwin.foreign.Unfit`."""

    path: Where
    why: dict[str, Any]
    cause: CodedError | None = None  # what a reader of values says of it

    @property
    def unknown(self) -> str | None:
        """A field's name; it is the last of the path."""
        return self._named(Unfit.UNKNOWN, "name")

    @property
    def missing(self) -> str | None:
        return self._named(Unfit.MISSING, "name")

    @property
    def choice(self) -> str | None:
        """None of the words that may stand there."""
        return self._named(Unfit.CHOICE, "value")

    @property
    def kinds(self) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """What was expected, and what was given."""
        return (self.why["expected"], self.why["given"]) if self.why["code"] == Unfit.KIND else None

    def _named(self, code: Unfit, field: str) -> str | None:
        return self.why[field] if self.cause is None and self.why["code"] == code else None


@dataclass
class Converted(Generic[T]):
    """``value`` has what fits; None where the whole does not."""

    value: T | None
    misfits: list[Misfit]
    _data: Any
    _left: dict[int, list[int]] = field(default_factory=dict)

    def in_file(self, path: Where) -> Where:
        """The place in the file of what is at this place of ``value``: entries of lists may have been left out."""
        return _in_file(self._data, path, self._left)


def convert(data: Any, kind: type[T], dec_hook: Callable[[type, Any], Any] | None = None) -> Converted[T]:
    data, left, misfits = copy.deepcopy(data), dict[int, list[int]](), list[Misfit]()
    while len(misfits) < MOST:
        try:
            return Converted(msgspec.convert(data, kind, dec_hook=dec_hook), misfits, data, left)
        except msgspec.ValidationError as error:
            misfit, here = _misfit(error)
            told = misfit._replace(path=_in_file(data, misfit.path, left))
            if not any(one.path == (*told.path, told.missing) for one in misfits):  # else it is we who took it out
                misfits.append(told)
            if isinstance(data, dict) and not here and misfit.missing is not None:
                if (blank := _blank(kind, misfit.missing, dec_hook)) is None:
                    break
                data[misfit.missing] = blank
            elif not _take_out(data, here, left):
                break
    return Converted(None, misfits, data, left)


def _misfit(error: msgspec.ValidationError) -> tuple[Misfit, Where]:
    """And what has to go for the rest to fit."""
    path, why = misfit_and_place(error)
    cause = error.__cause__ if isinstance(error.__cause__, CodedError) else None
    misfit = Misfit(path, why, cause)
    if misfit.unknown is None:
        return misfit, path
    here = (*path, misfit.unknown)
    return misfit._replace(path=here), here


def _blank(kind: type, name: str, dec_hook: Callable[[type, Any], Any] | None) -> str | list[Any] | None:
    """What stands in for a field of the whole that is missing, so that the rest can be told; None: nothing fits."""
    expected = next(each.type for each in msgspec.structs.fields(kind) if each.encode_name == name)
    blanks: tuple[str | list[Any], ...] = ("", [])
    for blank in blanks:
        try:
            msgspec.convert(blank, expected, dec_hook=dec_hook)
        except msgspec.ValidationError:
            continue
        return blank
    return None


def _take_out(data: Any, path: Where, left: dict[int, list[int]]) -> bool:
    """Whether there was anything to take."""
    *above, last = path or ("",)
    for name in above:
        data = data[name]
    if isinstance(data, dict) and last in data:
        del data[last]
        return True
    if isinstance(data, list) and isinstance(last, int) and last < len(data):
        left.setdefault(id(data), list(range(len(data)))).pop(last)
        del data[last]
        return True
    return False


def _in_file(data: Any, path: Where, left: dict[int, list[int]]) -> Where:
    found: Where = ()
    for name in path:
        if isinstance(data, list) and isinstance(name, int) and name < len(data):
            found = (*found, left[id(data)][name] if id(data) in left else name)
            data = data[name]
        else:
            found = (*found, name)
            data = data.get(name) if isinstance(data, dict) else None
    return found
