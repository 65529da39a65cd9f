"""What a CMDMP client tells of and waits for: data. The client is in `cmdmp_client.py`, which is compiled."""

from __future__ import annotations

from typing import TypeAlias

from nbtwin.coap.events import CoapEvent
from nbtwin.engine import Fact, Reason
from nbtwin.lwm2m.client.registration import (
    RegistrationOutcome,
    RegistrationRefusal,
)
from nbtwin.selfreg.cmdmp import (
    DmpState,
)


class CmdmpReason(Reason):
    """What the CMDMP client waits for while it is registered, and what its states change for."""

    UPDATE_PERIOD = "cmdmp-update-period"
    LIFETIME_END = "cmdmp-lifetime-end"

    ADDRESS_GIVEN = "cmdmp-address-given"
    NAME_RESOLVED = "cmdmp-name-resolved"
    FALLBACK_USED = "cmdmp-fallback-used"
    NAME_UNKNOWN = "cmdmp-name-unknown"
    CREATED = "cmdmp-created"
    REGISTRATION_REFUSED = "cmdmp-registration-refused"
    REGISTRATION_UNANSWERED = "cmdmp-registration-unanswered"
    CHANGED = "cmdmp-changed"
    UPDATE_REFUSED = "cmdmp-update-refused"
    UPDATE_UNANSWERED = "cmdmp-update-unanswered"
    LIFETIME_OVER = "cmdmp-lifetime-over"


class CmdmpStateChanged(Fact, frozen=True):
    """What type 6 of AT+QDMPCFG shows has changed."""

    old: DmpState
    new: DmpState
    reason: CmdmpReason
    server: str = ""
    """As configured: an address, or a name (``ADDRESS_GIVEN``, ``NAME_…``, ``FALLBACK_USED``)."""
    host: str = ""
    """The address that is used for the name."""
    refusal: RegistrationRefusal | None = None
    """Of ``…_REFUSED``."""
    response_code: str = ""
    packets: int = 0
    """How many left and stayed unanswered (``…_UNANSWERED``)."""


class CmdmpRegistrationFailed(Fact, frozen=True):
    """No more until the next boot (docs/spec/registration.md, Packets and rounds; D54).

    The fields are those of the state change that goes with it.
    """

    reason: CmdmpReason
    server: str = ""
    refusal: RegistrationRefusal | None = None
    response_code: str = ""
    packets: int = 0


class CmdmpUpdateFailed(Fact, frozen=True):
    """No other follows: after a 4.04 a registration at once, else when the lifetime ends (D56)."""

    reason: CmdmpReason
    refusal: RegistrationRefusal | None = None
    response_code: str = ""
    packets: int = 0


class CmdmpRebootRequested(Fact, frozen=True):
    """The platform executed /3/0/4."""


CmdmpEvent: TypeAlias = (
    CmdmpStateChanged
    | CmdmpRegistrationFailed
    | CmdmpUpdateFailed
    | CmdmpRebootRequested
    | RegistrationOutcome
    | CoapEvent
)
"""The endpoint's own (retransmissions, drops) are passed on for the timeline."""
