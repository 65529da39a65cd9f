"""How a family words an everyday answer: the space after the colon, quotes, comma lists. Knows no command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbtwin.at.command import AtError
from nbtwin.at.refusals import CommandRefused
from nbtwin.commands.refusals import CommandRefusal
from nbtwin.module.identity import Usim

if TYPE_CHECKING:
    from nbtwin.module.module import Module


def line(m: Module, name: str, *values: object) -> str:
    """``+CEREG:0,1`` or ``+CEREG: 0,1``; an absent value is an empty field."""
    return f"{name}{m.profile.everyday.colon}" + ",".join("" if value is None else str(value) for value in values)


def quoted(m: Module, text: str) -> str:
    """In double quotes where the family puts addresses, times and bit strings in them."""
    return f'"{text}"' if m.profile.everyday.quoted else text


def choices(values: tuple[int, ...]) -> str:
    """A list as test forms print it: ``(0,1,4)``."""
    return f"({','.join(map(str, values))})"


def span_of(values: tuple[int, ...]) -> tuple[int, int]:
    """The bounds of numbers that follow one another."""
    return values[0], values[-1]


def usim_of(m: Module) -> Usim:
    """The card as it has been read; before that, and without one, the family's error."""
    usim = inserted(m)
    if not m.usim_read:
        raise AtError(m.profile.everyday.usim_busy, CommandRefused(CommandRefusal.USIM_NOT_READ))
    return usim


def inserted(m: Module) -> Usim:
    """The card in the holder, read or not; without one the family's error."""
    if m.radio.usim is None:
        raise AtError(m.profile.everyday.no_usim, CommandRefused(CommandRefusal.USIM_MISSING))
    return m.radio.usim
