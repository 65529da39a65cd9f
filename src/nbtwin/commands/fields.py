"""Fields that only the everyday commands have: timers as bit strings, names of settings, PLMNs in quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from nbtwin.at.values import Field, unquote


@dataclass(frozen=True)
class Bits(Field):
    """Eight binary digits (27.007 7.38); quotes around them are optional."""

    def parse(self, text: str) -> str:
        inner = unquote(text)
        bits = text if inner is None else inner
        if not re.fullmatch(r"[01]{8}", bits):
            raise self._refuse(text)
        return bits

    def describe(self) -> str:
        return "eight binary digits"


@dataclass(frozen=True)
class Name(Field):
    """One of a few words as they stand or in double quotes, case-insensitive; parses to the spelling given here."""

    names: tuple[str, ...]

    def parse(self, text: str) -> str:
        inner = unquote(text)
        word = (text if inner is None else inner).upper()
        for name in self.names:
            if word == name.upper():
                return name
        raise self._refuse(text)

    def describe(self) -> str:
        return "one of " + ", ".join(self.names)


CLOCK_FORM = "%y/%m/%d,%H:%M:%S"


@dataclass(frozen=True)
class ClockTime(Field):
    """``yy/MM/dd,hh:mm:ss`` with an optional time zone in quarters of an hour (27.007 8.15), in double quotes.

    Parses to (local time, quarters or None).
    """

    def parse(self, text: str) -> tuple[datetime, int | None]:
        match = re.fullmatch(r'"(\d\d/\d\d/\d\d,\d\d:\d\d:\d\d)([+-]\d\d)?"', text)
        if match is None:
            raise self._refuse(text)
        try:
            local = datetime.strptime(match[1], CLOCK_FORM)
        except ValueError:
            raise self._refuse(text) from None
        if match[2] is not None and not -48 <= int(match[2]) <= 56:
            raise self._refuse(text)
        return local, None if match[2] is None else int(match[2])

    def describe(self) -> str:
        return '"yy/MM/dd,hh:mm:ss", with a time zone of quarters of an hour if need be'


@dataclass(frozen=True)
class Bare(Field):
    """A word without quotes: letters, digits and underscores, up to 32."""

    def parse(self, text: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9_]{1,32}", text):
            raise self._refuse(text)
        return text

    def describe(self) -> str:
        return "a word without quotes"


@dataclass(frozen=True)
class PskIdentity(Field):
    """Fifteen digits, or 0 for the IMEI (DOC-E 3.3)."""

    def parse(self, text: str) -> str:
        if not re.fullmatch(r"[0-9]{15}|0", text):
            raise self._refuse(text)
        return text

    def describe(self) -> str:
        return "the IMEI of 15 digits, or 0"
