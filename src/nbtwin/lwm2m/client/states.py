"""The fourteen registration states of DOC-E 3.10 as a table.

Values only: knows no message and no timer.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, IntEnum, StrEnum, auto


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


class AndlinkInput(Enum):
    """What moves the registration state."""

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


class ReleaseAssistance(Enum):
    """What the host says of what follows its uplink data (AT+QLASENDDATA, DOC-E 3.5)."""

    NONE = auto()
    AT_ONCE = auto()  # nothing more is expected, not even a reply
    AFTER_REPLY = auto()  # one reply is expected, and then nothing more


class UplinkMode(Enum):
    """How data goes up (docs/spec/wire.md, Andlink uplink)."""

    OBSERVED_ELSE_POST = "a notification where /19/1/0 is observed, else POST /dp"
    NOTIFY = "always a notification"
    POST = "always POST /dp"
