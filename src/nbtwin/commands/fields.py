"""Fields that only single commands have: timers as bit strings, names of settings, PSK identities."""

from __future__ import annotations

import re
from dataclasses import dataclass

from nbtwin.at.refusals import ValueKind, ValueTaken
from nbtwin.at.values import Field, unquote


class Bits(Field):
    """Eight binary digits (27.007 7.38); quotes around them are optional."""

    def parse(self, text: str) -> str:
        inner = unquote(text)
        bits = text if inner is None else inner
        if not re.fullmatch(r"[01]{8}", bits):
            raise self._refuse(text)
        return bits

    def takes(self) -> ValueTaken:
        return ValueTaken(ValueKind.BINARY_DIGITS, 8, 8)


@dataclass(frozen=True)
class NameField(Field):
    """One of a few words as they stand or in double quotes, case-insensitive; parses to the spelling given here."""

    names: tuple[str, ...]

    def parse(self, text: str) -> str:
        inner = unquote(text)
        word = text if inner is None else inner
        for name in self.names:
            if word.isascii() and word.upper() == name.upper():
                return name
        raise self._refuse(text)

    def takes(self) -> ValueTaken:
        return ValueTaken(ValueKind.ONE_OF, allowed=self.names)


class Bare(Field):
    """A word without quotes: letters, digits and underscores, up to 32."""

    def parse(self, text: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9_]{1,32}", text):
            raise self._refuse(text)
        return text

    def takes(self) -> ValueTaken:
        return ValueTaken(ValueKind.WORD, 1, 32)


class PskIdentity(Field):
    """Fifteen digits, or 0 for the IMEI (DOC-E 3.3)."""

    def parse(self, text: str) -> str:
        if not re.fullmatch(r"[0-9]{15}|0", text):
            raise self._refuse(text)
        return text

    def takes(self) -> ValueTaken:
        return ValueTaken(ValueKind.IMEI)


class Cycle(Field):
    """Four binary digits in double quotes (27.007 7.40)."""

    def parse(self, text: str) -> str:
        inner = unquote(text)
        if inner is None or not re.fullmatch(r"[01]{4}", inner):
            raise self._refuse(text)
        return inner

    def takes(self) -> ValueTaken:
        return ValueTaken(ValueKind.QUOTED_BINARY_DIGITS, 4, 4)


class Payload(Field):
    """Data on the line, in double quotes or as it stands: printable, and UTF-8 in quotes. Parses to the text."""

    def parse(self, text: str) -> str:
        inner = unquote(text)
        shown = text if inner is None else inner
        if not shown or (inner is None and '"' in text):
            raise self._refuse(text)
        return shown

    def takes(self) -> ValueTaken:
        return ValueTaken(ValueKind.REST)
