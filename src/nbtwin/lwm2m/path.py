"""LwM2M paths: object, object instance, resource, resource instance (LwM2M 1.0 TS, 6.1). Knows no object."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

from nbtwin.engine import CodedError, DecodeError, Refusal

DEEPEST = 4
HIGHEST_ID = 65535
"""MAX_ID is reserved for "no object" in access control and object links; as a path it may still be asked for."""
_LONGEST = 40
"""Characters of a segment in an error."""


class PathRefusal(Refusal):
    """Why a text is no path."""

    IDENTIFIER = "path-identifier"  # segment
    DEPTH = "path-depth"  # count, limit


class PathError(CodedError, DecodeError):
    """A text that is no path."""


class Path(tuple[int, ...]):
    """``Path("/3/0/17")`` or ``Path((3, 0, 17))``; ``Path("/")`` is the root."""

    __slots__ = ()

    def __new__(cls, path: str | Iterable[int] = ()) -> Path:
        if isinstance(path, str):
            return cls.from_segments(path.strip("/").split("/") if path.strip("/") else ())
        return super().__new__(cls, path)

    @classmethod
    def from_segments(cls, segments: Iterable[str]) -> Path:
        """From Uri-Path options. Anything but one to four numbers is a PathError; "03" is another path than "3"."""
        ids = []
        for segment in segments:
            is_number = segment.isascii() and segment.isdigit() and (segment[0] != "0" or segment == "0")
            if not is_number or len(segment) > 5 or int(segment) > HIGHEST_ID:
                raise PathError(PathRefusal.IDENTIFIER, segment=segment[:_LONGEST])
            ids.append(int(segment))
        if len(ids) > DEEPEST:
            raise PathError(PathRefusal.DEPTH, count=len(ids), limit=DEEPEST)
        return cls(ids)

    @property
    def segments(self) -> tuple[str, ...]:
        """As Uri-Path options."""
        return tuple(map(str, self))

    def child(self, identifier: int) -> Path:
        """One level further down."""
        return Path((*self, identifier))

    def covers(self, other: Path) -> bool:
        """Whether the other is this path or lies under it."""
        return other[: len(self)] == self

    def __str__(self) -> str:
        return _text_of(self)

    def __repr__(self) -> str:
        return f"Path({str(self)!r})"


@lru_cache(maxsize=4096)  # an operator's policy names few, and every device answers for the same ones
def _text_of(path: Path) -> str:
    return "/" + "/".join(map(str, path))


class Paths(tuple[Path, ...]):
    """Those of a composite operation (LwM2M 1.1 TS Core, 6.3.8), in ascending order and each once.

    As text they have commas between, and one at the end where there is but one: it is told from a path by that.
    """

    __slots__ = ()

    def __new__(cls, paths: str | Iterable[Path] = ()) -> Paths:
        """PathError."""
        if isinstance(paths, str):
            paths = [Path(text) for text in paths.replace(" ", "").split(",") if text]
        return super().__new__(cls, sorted(set(paths)))

    def __str__(self) -> str:
        return ",".join(map(str, self)) + ("," if len(self) == 1 else "")

    def __repr__(self) -> str:
        return f"Paths({str(self)!r})"


if TYPE_CHECKING:
    Target: TypeAlias = Path | Paths
else:
    Target = tuple  # which both are: a decoder of facts takes no union of the two


def target_of(text: str) -> Path | Paths:
    """What `str` made of one or the other. PathError."""
    return Paths(text) if "," in text else Path(text)
