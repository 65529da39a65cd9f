"""The two ways in which a command ends badly, and what is wrong with a lab or a SPEC that users write: codes.

Each is one clear line on standard error, in the user's language; where it was said (an option, a file) stands before
it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from nbtwin.engine import CodedError, Refusal
from nbtwin.foreign import detail_of
from nbtwin.timeline.catalogue.errors import WordedError


class UsageRefusal(Refusal):
    """What is wrong with what a user wrote."""

    FOREIGN = "usage-foreign"  # detail: the text of the system or of a library
    NONE_OF = "usage-none-of"  # value, known
    GIVEN_TWICE = "usage-given-twice"  # key
    EMPTY = "usage-empty"  # key
    EMPTY_PATH = "usage-empty-path"
    IMEI = "usage-imei"  # value
    CARD_TWICE = "usage-card-twice"  # known
    DIGITS = "usage-digits"  # value, known
    VENDOR = "usage-vendor"  # value, most
    NAME = "usage-name"  # value
    NAME_TAKEN = "usage-name-taken"  # name
    ADDRESS = "usage-address"  # value
    ADDRESS_HOST = "usage-address-host"  # value
    SIZE = "usage-size"  # value
    ZONE = "usage-zone"  # value
    LINES = "usage-lines"  # value
    PORT_OF_OPERATOR = "usage-port-of-operator"  # value
    RATE_SIMULATED = "usage-rate-simulated"
    ONE_PROCESS = "usage-one-process"
    TOML = "usage-toml"  # detail: what the library says
    KEY_UNKNOWN = "usage-key-unknown"  # near, known
    KEY_MISSING = "usage-key-missing"  # key
    KIND = "usage-kind"  # expected, given: of `shape.KindPhrase`
    PORT = "usage-port"  # value
    PORT_OF_TWO = "usage-port-of-two"  # port, platform
    FILE_MISSING = "usage-file-missing"  # value
    TWICE = "usage-twice"  # value
    WAYS = "usage-ways"  # known
    VARIABLE_MISSING = "usage-variable-missing"  # variable
    LAB_UNREADABLE = "usage-lab-unreadable"  # detail
    ARCHIVE_UNREADABLE = "usage-archive-unreadable"  # detail
    ARCHIVE_TIME = "usage-archive-time"
    ARCHIVE_LATER = "usage-archive-later"  # seconds, limit
    ARCHIVE_FLASH = "usage-archive-flash"
    ARCHIVE_MEMBER = "usage-archive-member"  # name
    ARCHIVE_FORMAT = "usage-archive-format"  # format, known
    ARCHIVE_SIZE = "usage-archive-size"  # limit
    ARCHIVE_MISSING = "usage-archive-missing"  # name


class LabRefusal(Refusal):
    """What a running lab goes on in spite of."""

    BROKER_AWAY = "lab-broker-away"  # detail
    BROKER_DRIVER = "lab-broker-driver"
    MODULE_LEFT_OUT = "lab-module-left-out"  # module, why: a code, and its fields
    IMEI_SHARED = "lab-imei-shared"  # module, imei, others: modules
    NOT_RESTARTED = "lab-not-restarted"  # platform, why: a code, and its fields


class LabTrouble(WordedError):
    """A lab tells whoever runs it."""


class UserError(WordedError):
    """Base of what a user is told in one line."""

    @classmethod
    def of(cls, error: Exception, where: str = "") -> Self:
        """What another exception says, as this kind; ``where`` comes before where it was said already."""
        if isinstance(error, CodedError):
            return cls(error.code, ": ".join(filter(None, (where, error.where))), **error.fields)
        return cls(UsageRefusal.FOREIGN, where, detail=detail_of(error))


class WrongUsage(UserError):
    """The user asked for something that cannot be: exit status 2."""


class Mistakes(Exception):
    """Several things that cannot be, each a line of its own: exit status 2."""

    def __init__(self, errors: Sequence[WrongUsage]) -> None:
        super().__init__()
        self.errors = errors


class Failed(UserError):
    """What was asked for was tried and failed: exit status 1."""


class SpecError(UserError, ValueError):
    """A part of a module's SPEC, an address or an archive that cannot be."""


class OneProcessError(SpecError):
    """What cannot be done while the platforms run in several processes."""

    def __init__(self) -> None:
        super().__init__(UsageRefusal.ONE_PROCESS)
