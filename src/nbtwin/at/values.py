"""Typed fields of a command line: range, default, blank, optional, quoted.

A field knows how to read and how to explain itself; it knows no command, no module and no error code.
``parse`` gets the text between two commas without the spaces around it and raises ``BadParameter``, which names the
field and what it takes.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from enum import StrEnum
from typing import Any

from nbtwin.at.refusals import AtRefusal, BadParameter, CommandRefused, ValueKind, ValueTaken, cut


class Meaning(StrEnum):
    """Base of every enumeration of what a value, a row or a gate of a table stands for: codes of the catalogue."""


@dataclass(frozen=True)
class Field:
    """One value between two commas of a command line."""

    name: str  # as the vendor prints it between < and >
    _: KW_ONLY
    blank: bool = False  # may stand empty between its commas; parses to None
    optional: bool = False  # may be left out, and then all that follow it
    default: Any = None  # its value when left out: what the vendor underlines
    known: str = ""  # how what it takes is known (nbtwin.at.known); empty: by its command's chapter

    def parse(self, text: str) -> Any:
        raise NotImplementedError(type(self).__name__)

    def takes(self) -> ValueTaken:
        """For refusals, `nbtwin explain` and the generated reference."""
        raise NotImplementedError(type(self).__name__)

    def _refuse(self, text: str) -> BadParameter:
        return BadParameter(CommandRefused(AtRefusal.VALUE_NOT_TAKEN, self.name, cut(text), takes=self.takes()))


@dataclass(frozen=True)
class Int(Field):
    """A decimal integer from ``low`` to ``high``, both included."""

    low: int
    high: int

    def parse(self, text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 20 and self.low <= int(text) <= self.high):
            raise self._refuse(text)
        return int(text)

    def takes(self) -> ValueTaken:
        kind = ValueKind.EXACTLY if self.low == self.high else ValueKind.INTEGER
        return ValueTaken(kind, self.low, self.high)


@dataclass(frozen=True)
class Choice(Field):
    """One of a few integers; ``meanings`` says what each stands for. Without it each stands for itself: a baud rate."""

    choices: tuple[int, ...]
    meanings: Mapping[int, Meaning] | None = None

    @classmethod
    def of(cls, name: str, meanings: Mapping[int, Meaning], **of_field: Any) -> Choice:
        """One of the numbers that have a meaning."""
        return cls(name, tuple(meanings), meanings, **of_field)

    def parse(self, text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 20 and int(text) in self.choices):
            raise self._refuse(text)
        return int(text)

    def takes(self) -> ValueTaken:
        return ValueTaken(ValueKind.ONE_OF, allowed=tuple(map(self.written, self.choices)))

    def written(self, choice: int) -> str:
        """As a host writes it."""
        return str(choice)


def unquote(text: str) -> str | None:
    """The text between one pair of double quotes, or None when it is not quoted."""
    if len(text) >= 2 and text[0] == text[-1] == '"' and '"' not in text[1:-1]:
        return text[1:-1]
    return None


@dataclass(frozen=True)
class Quoted(Field):
    """A string in double quotes of ``shortest`` to ``longest`` bytes, printable ASCII, the quotes not counted."""

    longest: int = 255
    shortest: int = 1

    def parse(self, text: str) -> str:
        inner = unquote(text)
        if inner is None or not _printable(inner) or not self.shortest <= len(inner) <= self.longest:
            raise self._refuse(text)
        return inner

    def takes(self) -> ValueTaken:
        return ValueTaken(ValueKind.QUOTED, self.shortest, self.longest)


class Text(Quoted):
    """The same in UTF-8: names that people gave, counted in bytes as the documents count them (D123)."""

    def parse(self, text: str) -> str:
        inner = unquote(text)
        if inner is None or not is_text(inner) or not self.shortest <= len(inner.encode()) <= self.longest:
            raise self._refuse(text)
        return inner

    def takes(self) -> ValueTaken:
        return ValueTaken(ValueKind.QUOTED_TEXT, self.shortest, self.longest)


@dataclass(frozen=True)
class Word(Field):
    """One of a few words, in double quotes, case-insensitive; parses to the spelling given here."""

    words: tuple[str, ...]

    def parse(self, text: str) -> str:
        inner = unquote(text)
        for word in self.words:
            if inner is not None and inner.isascii() and inner.upper() == word.upper():
                return word
        raise self._refuse(text)

    def takes(self) -> ValueTaken:
        return ValueTaken(ValueKind.ONE_OF, allowed=tuple(f'"{word}"' for word in self.words))


@dataclass(frozen=True)
class Digits(Field):
    """A string of decimal digits of a given length; quotes around it are optional (D37)."""

    shortest: int
    longest: int

    def parse(self, text: str) -> str:
        inner = unquote(text)
        digits = text if inner is None else inner
        if not (digits.isascii() and digits.isdigit() and self.shortest <= len(digits) <= self.longest):
            raise self._refuse(text)
        return digits

    def takes(self) -> ValueTaken:
        kind = ValueKind.SO_MANY_DIGITS if self.shortest == self.longest else ValueKind.DIGITS
        return ValueTaken(kind, self.shortest, self.longest)


@dataclass(frozen=True)
class HexDigits(Field):
    """Bytes written as hex digits, ``size`` bytes exactly, or any even number of digits up to ``longest`` bytes.

    ``shortest`` 0: there may be none, as in `""`. Quotes around them are optional. Parses to bytes.
    """

    size: int | None = None
    longest: int = 8
    shortest: int = 1

    def parse(self, text: str) -> bytes:
        inner = unquote(text)
        digits = text if inner is None else inner
        if not text or not re.fullmatch(r"(?:[0-9A-Fa-f]{2})*", digits):
            raise self._refuse(text)
        value = bytes.fromhex(digits)
        low, high = (self.shortest, self.longest) if self.size is None else (self.size, self.size)
        if not low <= len(value) <= high:
            raise self._refuse(text)
        return value

    def takes(self) -> ValueTaken:
        if self.size is not None:
            return ValueTaken(ValueKind.SO_MANY_HEX_DIGITS, 2 * self.size, 2 * self.size)
        return ValueTaken(ValueKind.HEX_DIGITS, 2 * self.shortest, 2 * self.longest)


@dataclass(frozen=True)
class HexChoice(Field):
    """One of a few numbers written 0x… or 0X… (DOC-E 3.5, 6.2). Parses to int."""

    choices: tuple[int, ...]
    meanings: Mapping[int, Meaning] | None = None

    def parse(self, text: str) -> int:
        if not re.fullmatch(r"0[xX][0-9A-Fa-f]{1,8}", text) or int(text, 16) not in self.choices:
            raise self._refuse(text)
        return int(text, 16)

    def takes(self) -> ValueTaken:
        return ValueTaken(ValueKind.ONE_OF, allowed=tuple(map(self.written, self.choices)))

    def written(self, choice: int) -> str:
        """As a host writes it."""
        return f"0x{choice:04X}"


_LABEL = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)")


@dataclass(frozen=True)
class Host(Field):
    """An IPv4 address, or where ``domain`` is set also a domain name; quotes optional unless ``quoted``."""

    domain: bool = False
    quoted: bool = False

    def parse(self, text: str) -> str:
        inner = unquote(text)
        if self.quoted and inner is None:
            raise self._refuse(text)
        host = text if inner is None else inner
        if _is_ipv4(host) or (self.domain and _is_domain(host)):
            return host
        raise self._refuse(text)

    def takes(self) -> ValueTaken:
        if self.domain:
            return ValueTaken(ValueKind.QUOTED_HOST if self.quoted else ValueKind.HOST)
        return ValueTaken(ValueKind.QUOTED_ADDRESS if self.quoted else ValueKind.ADDRESS)


class Rest(Field):
    """The rest of the line as it stands: commas, quotes, semicolons and spaces included (D25). Comes last."""

    def parse(self, text: str) -> str:
        return text

    def takes(self) -> ValueTaken:
        return ValueTaken(ValueKind.REST)


_NO_TEXT = re.compile("[\\x00-\\x1f\\x7f-\\x9f\\ud800-\\udfff]")  # controls (C0, DEL, C1), and what no UTF-8 gives


def is_text(text: str) -> bool:
    """Characters as UTF-8 has them, and none that controls."""
    return _NO_TEXT.search(text) is None


def _printable(text: str) -> bool:
    return text.isascii() and text.isprintable()


def _is_ipv4(host: str) -> bool:
    try:
        ipaddress.IPv4Address(host)
    except ValueError:
        return False
    return True


def _is_domain(host: str) -> bool:
    """A name of labels (RFC 1123 2.1); the last one may not be all digits, else `1.2.3.999` would be a name."""
    labels = host.split(".")
    return len(host) <= 253 and all(_LABEL.fullmatch(label) for label in labels) and not labels[-1].isdigit()
