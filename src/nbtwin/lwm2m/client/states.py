"""The fourteen registration states of DOC-E 3.10 as a table, and what a client tells, in the past tense.

Values only: knows no message and no timer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum, StrEnum, auto

from nbtwin.engine import Reason


class RegistrationState(StrEnum):
    """What AT+QLASTATUS? prints, letter for letter (D7)."""

    UNINITIALISED = "UNINITIALISED"
    MISSING_CONFIG = "MISSING_CONFIG"
    INITIALISING = "INIITIALISING"
    INITIALISED = "INIITIALISED"
    INIT_FAILED = "INIT_FAILED"
    REGISTERING = "REGISTERING"
    REGISTERED = "REGISTERED"
    DEREGISTERED = "DEREGISTERED"
    MO_DATA_ENABLED = "MO_DATA_ENABLED"
    NO_UE_IP = "NO_UE_IP"
    REJECTED = "REJECTED_BY_SERVER"
    RETRYING = "TIMEOUT_AND_RETRYING"
    REG_FAILED = "REG_FAILED"
    DEREG_FAILED = "DEREG_FAILED"


class AndlinkReason(Reason):
    """What an Andlink client waits for."""

    NEXT_ATTEMPT = "andlink-next-attempt"
    UPDATE_DUE = "andlink-update-due"
    NEXT_BLOCK = "andlink-next-block"
    OBSERVE_AFTER_UPDATE = "andlink-observe-after-update"
    BOOTSTRAP_SERVER = "andlink-bootstrap-server"
    NEXT_NOTIFICATION = "andlink-next-notification"
    HOST_ANSWER = "andlink-host-answer"


class AndlinkInput(Enum):
    START = auto()  # attached, or the host asks, or a pause is over
    UNCONFIGURED = auto()  # no server, or a key is missing (D71)
    READY = auto()  # the LwM2M server is known: bootstrapping has ended, or its session stands
    REGISTER = auto()
    CREATED = auto()
    OBSERVED = auto()  # the data object: event 3 (D59)
    REFUSED = auto()
    UNANSWERED = auto()  # a pause, then again
    GAVE_UP = auto()
    NO_IP = auto()  # detached before there was a registration
    DEREGISTERED = auto()
    DEREGISTRATION_FAILED = auto()


R, I = RegistrationState, AndlinkInput  # noqa: E741
TRANSITIONS: Mapping[tuple[RegistrationState, AndlinkInput], RegistrationState] = {
    (R.UNINITIALISED, I.START):                    R.INITIALISING,
    (R.UNINITIALISED, I.UNCONFIGURED):             R.MISSING_CONFIG,
    (R.MISSING_CONFIG, I.START):                   R.INITIALISING,
    (R.MISSING_CONFIG, I.UNCONFIGURED):            R.MISSING_CONFIG,
    (R.INITIALISING, I.READY):                     R.INITIALISED,
    (R.INITIALISING, I.UNCONFIGURED):              R.MISSING_CONFIG,
    (R.INITIALISING, I.REFUSED):                   R.INIT_FAILED,
    (R.INITIALISING, I.UNANSWERED):                R.RETRYING,
    (R.INITIALISING, I.GAVE_UP):                   R.INIT_FAILED,
    (R.INITIALISING, I.NO_IP):                     R.NO_UE_IP,
    (R.INIT_FAILED, I.START):                      R.INITIALISING,
    (R.INIT_FAILED, I.UNCONFIGURED):               R.MISSING_CONFIG,
    (R.INITIALISED, I.REGISTER):                   R.REGISTERING,
    (R.INITIALISED, I.UNANSWERED):                 R.RETRYING,  # no session with the server that was bootstrapped
    (R.INITIALISED, I.NO_IP):                      R.NO_UE_IP,
    (R.REGISTERING, I.CREATED):                    R.REGISTERED,
    (R.REGISTERING, I.REFUSED):                    R.REJECTED,
    (R.REGISTERING, I.UNANSWERED):                 R.RETRYING,
    (R.REGISTERING, I.GAVE_UP):                    R.REG_FAILED,
    (R.REGISTERING, I.NO_IP):                      R.NO_UE_IP,
    (R.RETRYING, I.START):                         R.INITIALISING,
    (R.RETRYING, I.UNCONFIGURED):                  R.MISSING_CONFIG,
    (R.RETRYING, I.NO_IP):                         R.NO_UE_IP,
    (R.NO_UE_IP, I.START):                         R.INITIALISING,
    (R.NO_UE_IP, I.UNCONFIGURED):                  R.MISSING_CONFIG,
    (R.REGISTERED, I.OBSERVED):                    R.MO_DATA_ENABLED,
    (R.REGISTERED, I.REGISTER):                    R.REGISTERING,  # the server forgot us, or the host asks
    (R.REGISTERED, I.DEREGISTERED):                R.DEREGISTERED,
    (R.REGISTERED, I.DEREGISTRATION_FAILED):       R.DEREG_FAILED,
    (R.MO_DATA_ENABLED, I.OBSERVED):               R.MO_DATA_ENABLED,
    (R.MO_DATA_ENABLED, I.REGISTER):               R.REGISTERING,
    (R.MO_DATA_ENABLED, I.DEREGISTERED):           R.DEREGISTERED,
    (R.MO_DATA_ENABLED, I.DEREGISTRATION_FAILED):  R.DEREG_FAILED,
    (R.REJECTED, I.START):                         R.INITIALISING,
    (R.REJECTED, I.UNCONFIGURED):                  R.MISSING_CONFIG,
    (R.REG_FAILED, I.START):                       R.INITIALISING,
    (R.REG_FAILED, I.UNCONFIGURED):                R.MISSING_CONFIG,
    (R.DEREGISTERED, I.START):                     R.INITIALISING,
    (R.DEREGISTERED, I.UNCONFIGURED):              R.MISSING_CONFIG,
    (R.DEREG_FAILED, I.START):                     R.INITIALISING,
    (R.DEREG_FAILED, I.UNCONFIGURED):              R.MISSING_CONFIG,
}  # fmt: skip
GIVEN_UP = frozenset((R.MISSING_CONFIG, R.INIT_FAILED, R.REJECTED, R.REG_FAILED))
"""Nothing more is tried before the host or the next boot asks."""
del R, I


class DataStatus(IntEnum):
    """<status> of AT+QLADASTATUS? and +QLADATASTATUS (DOC-E 3.7, 4.4)."""

    NOT_SENT = 0
    WAITING = 1
    FAILED = 2
    TIMED_OUT = 3
    SUCCEEDED = 4
    RESET = 5


class UplinkWay(Enum):
    """docs/spec/wire.md, Andlink uplink."""

    OBSERVED_ELSE_POST = "a notification where /19/1/0 is observed, else POST /dp"
    NOTIFY = "always a notification"
    POST = "always POST /dp"


@dataclass(frozen=True, slots=True)
class AndlinkStateChanged:
    old: RegistrationState
    new: RegistrationState
    why: str


@dataclass(frozen=True, slots=True)
class RegistrationAwaited:
    """Attached, but the host registers (AT+QLAREGSWT=0): REGISTERNOTIFY."""


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """Event 4."""


@dataclass(frozen=True, slots=True)
class DataObserved:
    """Event 3 (D17)."""


@dataclass(frozen=True, slots=True)
class FirmwareObserved:
    """Event 5."""


@dataclass(frozen=True, slots=True)
class ReadRequested:
    """+QLAREAD: message ID, token, and the queries joined by ``&``."""

    message_id: int
    token: bytes
    query: str


@dataclass(frozen=True, slots=True)
class WriteRequested:
    """+QLAWRITE: the payload as it came (D27)."""

    message_id: int
    token: bytes
    data: bytes
    query: str


@dataclass(frozen=True, slots=True)
class RequestExpired:
    """The host did not answer within 10 s: 5.03 went out."""

    message_id: int
    token: bytes


@dataclass(frozen=True, slots=True)
class DataReported:
    """What became of a CON uplink: +QLADATASTATUS."""

    status: DataStatus


@dataclass(frozen=True, slots=True)
class ReleaseWanted:
    """Release assistance: no more data is expected now."""


@dataclass(frozen=True, slots=True)
class DtlsChanged:
    """+QLADTLSSTAT."""

    state: int


@dataclass(frozen=True, slots=True)
class RebootRequested:
    """The platform executed /3/0/4."""
