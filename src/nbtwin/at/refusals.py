"""Why a command line was refused, as codes with fields: what `nbtwin explain` and the timeline put into words.

The words are in ``timeline/catalogue``. The host sees none of this: it gets a result code.
"""

from __future__ import annotations

from enum import StrEnum

from nbtwin.engine import Fact, Refusal

_LONGEST_SHOWN = 40
"""Characters of the host's text that a refusal carries."""


class AtRefusal(Refusal):
    """What is wrong with a line, with the form of a command, or with a value by its own field."""

    ERROR = "at-error"
    """Number: the <err>, or None; text: what the document's table says of it."""
    LINE_TOO_LONG = "at-line-too-long"
    """Expected: the longest, in bytes."""
    LINE_UNPRINTABLE = "at-line-unprintable"
    """Text: the byte."""
    LINE_UNTERMINATED = "at-line-unterminated"
    """Number: seconds of silence."""
    PREFIX_MISSING = "at-prefix-missing"
    COMMAND_UNKNOWN = "at-command-unknown"
    """Text: what stands there."""
    SPACE_IN_NAME = "at-space-in-name"
    """Text: what stands there; parameter: the name that there is."""
    SUBCOMMAND_UNKNOWN = "at-subcommand-unknown"
    """Parameter: the command; text: the quoted word."""
    TEXT_AFTER_SUBCOMMAND = "at-text-after-subcommand"
    """Parameter: the quoted word; text: what follows."""
    TEXT_AFTER_READ = "at-text-after-read"
    FORM_MISSING = "at-form-missing"
    """Text: the form."""
    VALUE_MISSING = "at-value-missing"
    VALUE_EMPTY = "at-value-empty"
    VALUE_NOT_TAKEN = "at-value-not-taken"
    """Parameter, text, and what the field takes."""
    TOO_MANY_VALUES = "at-too-many-values"
    """Number, and the most that are expected."""
    DATA_ESCAPED = "at-data-escaped"
    DATA_HOST_GONE = "at-data-host-gone"
    DATA_MODE_SILENT = "at-data-mode-silent"
    """Number: seconds."""
    MODULE_RESTARTED = "at-module-restarted"
    MEMORY_FAILURE = "at-memory-failure"
    """The NVRAM could not be written."""


class ValueKind(StrEnum):
    """What a field takes; the bounds and the choices are in `ValueTaken`."""

    EXACTLY = "at-takes-exactly"
    INTEGER = "at-takes-integer"
    ONE_OF = "at-takes-one-of"
    QUOTED = "at-takes-quoted"
    QUOTED_TEXT = "at-takes-quoted-text"
    DIGITS = "at-takes-digits"
    SO_MANY_DIGITS = "at-takes-so-many-digits"
    HEX_DIGITS = "at-takes-hex-digits"
    SO_MANY_HEX_DIGITS = "at-takes-so-many-hex-digits"
    BINARY_DIGITS = "at-takes-binary-digits"
    QUOTED_BINARY_DIGITS = "at-takes-quoted-binary-digits"
    ADDRESS = "at-takes-address"
    QUOTED_ADDRESS = "at-takes-quoted-address"
    HOST = "at-takes-host"
    QUOTED_HOST = "at-takes-quoted-host"
    WORD = "at-takes-word"
    IMEI = "at-takes-imei"
    REST = "at-takes-rest"


class ValueTaken(Fact, frozen=True):
    """What a field takes: a kind with its bounds, both included, or with its choices as they are written."""

    kind: ValueKind
    low: int | None = None
    high: int | None = None
    allowed: tuple[str, ...] = ()


class CommandRefused(Fact, frozen=True):
    """Why: a code, and what its words need. Which fields a refusal has is said where it is defined."""

    refusal: str  # an `AtRefusal`, or one of the floors above that know what the commands do
    parameter: str = ""  # a name, as the vendor prints it
    text: str = ""  # as the host wrote it, cut to a bound
    number: int | None = None
    expected: int | None = None
    takes: ValueTaken | None = None


class BadParameter(ValueError):
    """A value did not bind, or there are too many or too few of them."""

    def __init__(self, why: CommandRefused) -> None:
        super().__init__(why)
        self.why = why


def cut(text: str) -> str:
    """Of the host's text as much as a refusal carries."""
    return text if len(text) <= _LONGEST_SHOWN else f"{text[: _LONGEST_SHOWN - 3]}..."
