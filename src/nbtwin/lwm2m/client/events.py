"""What happens in an Andlink client, and what it waits for, as data: one union, one enumeration of reasons.

Values only: knows no message and no timer. What a host reads of it is the module's to say (DOC-E 2, 4).
"""

from __future__ import annotations

from typing import Any, NamedTuple, TypeAlias

from nbtwin.coap.events import CoapEvent
from nbtwin.engine import Fact, Reason
from nbtwin.lwm2m.client.channel import ChannelState
from nbtwin.lwm2m.client.firmware_update import FirmwareEvent
from nbtwin.lwm2m.client.registration import RegistrationOutcome, RegistrationRefusal
from nbtwin.lwm2m.client.states import DataStatus, RegistrationState


class AndlinkReason(Reason):
    """What an Andlink client waits for, and what its registration state changes for."""

    NEXT_ATTEMPT = "andlink-next-attempt"
    UPDATE_DUE = "andlink-update-due"
    NEXT_BLOCK = "andlink-next-block"
    OBSERVE_AFTER_UPDATE = "andlink-observe-after-update"
    BOOTSTRAP_SERVER = "andlink-bootstrap-server"
    NEXT_NOTIFICATION = "andlink-next-notification"
    HOST_ANSWER = "andlink-host-answer"

    HOST_ASKED = "andlink-host-asked"
    ATTACHED = "andlink-attached"
    DETACHED = "andlink-detached"
    PAUSE_OVER = "andlink-pause-over"
    NOT_CONFIGURED = "andlink-not-configured"
    NAME_UNKNOWN = "andlink-name-unknown"
    NO_KEY = "andlink-no-key"
    HANDSHAKE_FAILED = "andlink-handshake-failed"
    BOOTSTRAP_REFUSED = "andlink-bootstrap-refused"
    BOOTSTRAP_UNANSWERED = "andlink-bootstrap-unanswered"
    BOOTSTRAP_UNFINISHED = "andlink-bootstrap-unfinished"
    BOOTSTRAP_WITHOUT_KEY = "andlink-bootstrap-without-key"
    BOOTSTRAPPED = "andlink-bootstrapped"
    SERVER_KNOWN = "andlink-server-known"
    SERVER_READY = "andlink-server-ready"
    CREATED = "andlink-created"
    REGISTRATION_REFUSED = "andlink-registration-refused"
    REGISTRATION_UNANSWERED = "andlink-registration-unanswered"
    UPDATE_REFUSED = "andlink-update-refused"
    UPDATE_UNANSWERED = "andlink-update-unanswered"
    DATA_OBSERVED = "andlink-data-observed"
    DELETED = "andlink-deleted"
    DEREGISTRATION_REFUSED = "andlink-deregistration-refused"
    DEREGISTRATION_UNANSWERED = "andlink-deregistration-unanswered"


class Cause(NamedTuple):
    """What a state changes for, with what belongs to it; the last fields of `AndlinkStateChanged`."""

    reason: AndlinkReason
    refusal: RegistrationRefusal | None = None
    response_code: str = ""
    server: str = ""


class AndlinkStateChanged(Fact, frozen=True):
    """What AT+QLASTATUS? prints has changed (DOC-E 3.10)."""

    old: RegistrationState
    new: RegistrationState
    reason: AndlinkReason
    refusal: RegistrationRefusal | None = None
    """Of ``REGISTRATION_REFUSED``, ``UPDATE_REFUSED``, ``DEREGISTRATION_REFUSED``."""
    response_code: str = ""
    """Of these and ``BOOTSTRAP_REFUSED`` ("4.03"); empty for a Reset."""
    server: str = ""
    """Of ``NAME_UNKNOWN``."""


class RegistrationAwaited(Fact, frozen=True):
    """Attached, but the host registers (AT+QLAREGSWT=0): REGISTERNOTIFY."""


class Bootstrapped(Fact, frozen=True):
    """Event 4."""


class AccountRefused(Fact, frozen=True):
    """The bootstrap server has finished without an account that can be used (`AccountRefusal`, and its fields)."""

    why: dict[str, Any]


class DataObserved(Fact, frozen=True):
    """Event 3 (D17)."""


class FirmwareObserved(Fact, frozen=True):
    """Event 5."""


class ReadRequested(Fact, frozen=True):
    """+QLAREAD: message ID, token, and the queries joined by ``&``."""

    message_id: int
    token: bytes
    query: str


class WriteRequested(Fact, frozen=True):
    """+QLAWRITE: the payload as it came (D27)."""

    message_id: int
    token: bytes
    data: bytes
    query: str


class RequestExpired(Fact, frozen=True):
    """The host did not answer within 10 s: 5.03 went out."""

    message_id: int
    token: bytes


class DataReported(Fact, frozen=True):
    """What became of a CON uplink: +QLADATASTATUS."""

    status: DataStatus


class ReleaseRequested(Fact, frozen=True):
    """Release assistance: no more data is expected now."""


class DtlsChanged(Fact, frozen=True):
    """+QLADTLSSTAT."""

    state: ChannelState


class RebootRequested(Fact, frozen=True):
    """The platform executed /3/0/4."""


AndlinkEvent: TypeAlias = (
    AndlinkStateChanged
    | RegistrationAwaited
    | Bootstrapped
    | AccountRefused
    | DataObserved
    | FirmwareObserved
    | ReadRequested
    | WriteRequested
    | RequestExpired
    | DataReported
    | ReleaseRequested
    | DtlsChanged
    | RebootRequested
    | RegistrationOutcome
    | FirmwareEvent
    | CoapEvent
)
"""The endpoint's own (retransmissions, drops) are passed on for the timeline."""
