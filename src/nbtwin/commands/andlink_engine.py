"""What the Andlink commands ask of the protocol, and what they refuse while it updates the firmware (DOC-E 2, D47).

Knows the verbs and the tables of DOC-E; knows no command's syntax and no packet.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from nbtwin.at.command import Command, Form, Gate
from nbtwin.commands.refusals import refusal
from nbtwin.engine import Seconds

if TYPE_CHECKING:
    from nbtwin.module.module import Module

NO_NETWORK_SERVICE, UPLINK_BUSY = 30, 159
NOT_CONFIGURED, NOT_REGISTERED, INCORRECT_STATE, MINIMAL_FUNCTION, DURING_UPDATE = 512, 513, 516, 524, 529
"""DOC-E 5, tables 3 and 5."""

UNINITIALISED = "UNINITIALISED"
REGISTRATION_STATES = (
    UNINITIALISED,
    "MISSING_CONFIG",
    "INIITIALISING",  # spelled as printed (D7)
    "INIITIALISED",  # D7
    "INIT_FAILED",
    "REGISTERING",
    "REGISTERED",
    "DEREGISTERED",
    "MO_DATA_ENABLED",  # after event 3 (D59)
    "NO_UE_IP",
    "REJECTED_BY_SERVER",
    "TIMEOUT_AND_RETRYING",
    "REG_FAILED",
    "DEREG_FAILED",
)
"""What AT+QLASTATUS? prints, in the order of DOC-E 3.10."""

NOT_SENT = 0
"""AT+QLADASTATUS?: no CON uplink yet (DOC-E 3.7)."""
DTLS_NOT_STARTED = 1
"""AT+QLADTLSSTAT? before any negotiation (D41)."""

RELEASE, RELEASE_AFTER_REPLY = "release", "release after reply"
SEND_MODES: dict[int, tuple[bool, str | None]] = {  # DOC-E 3.5: confirmable, release assistance
    0x0000: (False, None),
    0x0001: (False, RELEASE),
    0x0010: (False, RELEASE_AFTER_REPLY),
    0x0100: (True, None),
    0x0101: (True, RELEASE_AFTER_REPLY),
}
RESULTS = {1: "2.05", 2: "2.04", 11: "4.00", 12: "4.01", 13: "4.04", 14: "4.05"}
"""<result> of AT+QLASENDRSP as a CoAP code (DOC-E 3.6)."""


class AndlinkEngine(Protocol):
    """What the commands ask of the protocol: ``m.andlink``, None on a module where no client runs."""

    @property
    def registration_state(self) -> str:
        """One of REGISTRATION_STATES."""
        ...

    @property
    def registered(self) -> bool:
        """Data may be sent: REGISTERED or MO_DATA_ENABLED (D59)."""
        ...

    @property
    def data_status(self) -> int:
        """DOC-E 3.7: 0-5."""
        ...

    @property
    def dtls_state(self) -> int:
        """DOC-E 3.12: 0-3."""
        ...

    @property
    def updating(self) -> bool:
        """From FIRMWARE DOWNLOADING to FIRMWARE UPDATE OVER (D47), until QLAFOTARESET."""
        ...

    @property
    def uplink_waits(self) -> bool:
        """A CON uplink has no answer yet (D24)."""
        ...

    def register(self, now: Seconds) -> None: ...

    def deregister(self, now: Seconds) -> None: ...

    def send_data(self, now: Seconds, confirmable: bool, release: str | None, payload: bytes) -> None: ...

    def awaits(self, message_id: int, token: bytes) -> bool:
        """Whether this read or write of the platform still waits for the host (DOC-E 4.1: 10 s)."""
        ...

    def respond(self, now: Seconds, message_id: int, token: bytes, code: str, payload: bytes) -> None: ...

    def control_update(self, now: Seconds, step: int) -> bool:
        """Steps 2-5 of AT+QLAFOTAIND; False when it is not their turn (D46)."""
        ...

    def stop_update(self, now: Seconds) -> bool:
        """AT+QLAFOTARESET: whether urgent data may be sent now."""
        ...

    def reset_dtls(self, now: Seconds) -> None: ...


def engine_of(m: Module) -> AndlinkEngine | None:
    return m.andlink


ALLOWED_DURING_UPDATE = ("+QLAFOTAIND", "+QLAFOTARESET")
"""Besides reads (D47)."""
CHANGED_BY_EXECUTING = ("+NRB", "+QLARESETDTLS")
"""Executing any other command that has this form only shows something."""


def _not_during_update(m: Module, command: Command, form: Form) -> None:
    """From FIRMWARE DOWNLOADING to FIRMWARE UPDATE OVER no module operation is allowed (DOC-E 2 note)."""
    engine = engine_of(m)
    if engine is None or not engine.updating or command.name in ALLOWED_DURING_UPDATE:
        return
    if form is Form.WRITE or (form is Form.EXECUTE and command.name in CHANGED_BY_EXECUTING):
        raise refusal(m, DURING_UPDATE, "the firmware is being updated (D47)")


UPDATE_GATE = Gate(
    "while the firmware is updated, what changes something answers error 529", "DOC-E 2 note, D47", _not_during_update
)
