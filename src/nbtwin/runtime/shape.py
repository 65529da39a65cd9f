"""What a file has read as typed values: everything that does not fit, not the first alone.

Converts again and again, each time without what did not fit, until the rest does. Knows types of msgspec and the kinds
of value that YAML and TOML have; knows no file, and no field's meaning.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

import msgspec

from nbtwin.engine import CodedError
from nbtwin.timeline.catalogue import Phrase

T = TypeVar("T")
Where: TypeAlias = tuple[str | int, ...]
"""As in ("steps", 2, "send")."""
MOST = 100
"""What does not fit, at most: whoever reads them begins with the first."""
_SAID = re.compile(r"(?P<what>.*?)(?: - at (?:`key` in )?`\$(?P<path>[^`]*)`)?", re.DOTALL)
_STEP = re.compile(r"\.([\w-]+)|\[(\d+|\.\.\.)\]")
_UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(.*)`")
_EXPECTED = re.compile(r"Expected `(.*)`, got `(.*)`")
_NO_CHOICE = re.compile(r"Invalid enum value (['\"]?)(.*)\1", re.DOTALL)


class KindPhrase(Phrase):
    """The kinds of value, in the words of somebody who writes them."""

    OBJECT = "kind-object"
    ARRAY = "kind-array"
    STR = "kind-str"
    INT = "kind-int"
    FLOAT = "kind-float"
    BOOL = "kind-bool"
    NULL = "kind-null"
    EITHER = "kind-either"  # first, rest: each a kind


class Misfit(NamedTuple):
    """One thing that does not fit, with its place in the file. One of the others is set, or none but ``said``."""

    path: Where
    said: str
    cause: CodedError | None = None
    unknown: str | None = None  # a field's name; it is the last of the path
    missing: str | None = None
    choice: str | None = None  # none of the words that may stand there
    kinds: tuple[dict[str, Any], dict[str, Any]] | None = None  # expected, given


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


def kind_of(names: Sequence[str]) -> dict[str, Any] | None:
    """A kind, or one of several, as the field of a refusal; by msgspec's names. None where one is no kind of value."""
    first, *rest = names
    if f"kind-{first}" not in list(KindPhrase):
        return None
    kind = {"code": str(KindPhrase(f"kind-{first}"))}
    if not rest:
        return kind
    others = kind_of(rest)
    return None if others is None else {"code": str(KindPhrase.EITHER), "first": kind, "rest": others}


def spell(path: Where) -> str:
    """People count from one."""
    words = ""
    for name in path:
        words += f"[{name + 1}]" if isinstance(name, int) else f".{name}" if words else name
    return words


def _misfit(error: msgspec.ValidationError) -> tuple[Misfit, Where]:
    """And what has to go for the rest to fit."""
    match = _SAID.fullmatch(str(error))
    assert match is not None
    path: Where = ()
    for name, index in _STEP.findall(match["path"] or ""):
        if index == "...":  # which value of a mapping is not said
            break
        path = (*path, name or int(index))
    what = match["what"]
    if isinstance(cause := error.__cause__, CodedError):
        return Misfit(path, what, cause=cause), path
    if unknown := _UNKNOWN.fullmatch(what):
        here = (*path, unknown[1])
        return Misfit(here, what, unknown=unknown[1]), here
    if missing := _MISSING.fullmatch(what):
        return Misfit(path, what, missing=missing[1]), path
    if choice := _NO_CHOICE.fullmatch(what):
        return Misfit(path, what, choice=choice[2]), path
    if match := _EXPECTED.fullmatch(what):
        expected, given = kind_of(match[1].split(" | ")), kind_of([match[2]])
        if expected is not None and given is not None:
            return Misfit(path, what, kinds=(expected, given)), path
    return Misfit(path, what), path


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
