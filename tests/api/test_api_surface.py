"""The public surface: what `nbtwin.__all__` names, with its methods and their parameters, stands in a committed file.

To change it on purpose: a line in CHANGELOG.md, for a name that goes or is called otherwise a deprecation before
(docs/versions.md), and then `PYTHONPATH=src python tests/api/test_api_surface.py`, which writes the file anew.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType

import pytest

import nbtwin

FILE = Path(__file__).with_name("surface.txt")
HOW = """the public surface has changed. Is that on purpose? Then say it in CHANGELOG.md (docs/versions.md has the rules
for what goes), and write the file anew: PYTHONPATH=src python tests/api/test_api_surface.py"""


def surface() -> str:
    return "\n".join([*(line for name in sorted(nbtwin.__all__) for line in _lines(name, getattr(nbtwin, name))), ""])


def _lines(name: str, thing: object) -> Iterator[str]:
    if inspect.isclass(thing):
        bases = [base.__name__ for base in thing.__mro__[1:] if base.__name__ in nbtwin.__all__]
        yield f"class {name}({', '.join(bases)})"
        yield from sorted(f"    {line}" for line in _members(thing))
    elif isinstance(thing, FunctionType):
        yield f"def {name}{_signature(thing)}"
    else:
        yield name


def _members(owner: type) -> Iterator[str]:
    fields = getattr(owner, "__struct_fields__", ())
    yield from (f"{field}: {owner.__annotations__[field]}" for field in fields if field in owner.__annotations__)
    for base in owner.__mro__:
        if not base.__module__.startswith("nbtwin.") or (base is not owner and base.__name__ in nbtwin.__all__):
            continue
        for name, thing in vars(base).items():
            if name.startswith("_") and not (name == "__init__" and base is owner and _is_made_by_users(owner)):
                continue
            if inspect.getattr_static(owner, name) is not thing or name in fields:
                continue
            plain = thing.__func__ if isinstance(thing, classmethod | staticmethod) else thing
            if isinstance(plain, FunctionType):
                kind = "async def" if inspect.iscoroutinefunction(plain) else "def"
                yield f"{kind} {name}{_signature(plain)}"
            elif isinstance(plain, property):
                yield f"{name}: {inspect.signature(plain.fget).return_annotation}"  # type: ignore[arg-type]


def _is_made_by_users(owner: type) -> bool:
    return owner in (nbtwin.Lab, nbtwin.AsyncLab)


def _signature(function: FunctionType) -> str:
    text = str(inspect.signature(function))
    return re.sub(r" at 0x[0-9a-f]+", "", text).replace("'", "").replace("~", "")


def test_the_public_surface_is_what_was_announced() -> None:
    assert surface() == FILE.read_text(encoding="utf-8"), HOW


def test_a_name_that_is_none_is_no_attribute() -> None:
    with pytest.raises(AttributeError):
        nbtwin.Laboratory  # noqa: B018


if __name__ == "__main__":
    FILE.write_text(surface(), encoding="utf-8")
