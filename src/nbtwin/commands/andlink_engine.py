"""What the Andlink commands ask of the protocol, and what they refuse while it updates the firmware (DOC-E 2, D47).

Knows the verbs and the tables of DOC-E; knows no command's syntax and no packet.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from nbtwin.at.command import Command, Form, Gate
from nbtwin.at.refusals import CommandRefused
from nbtwin.coap.numbers import Code
from nbtwin.commands.meanings import CommandMeaning
from nbtwin.commands.refusals import CommandRefusal, refusal
from nbtwin.engine import Seconds
from nbtwin.lwm2m.client.channel import ChannelState
from nbtwin.lwm2m.client.firmware_update import FirmwareStep
from nbtwin.lwm2m.client.states import DataStatus, RegistrationState, ReleaseAssistance

if TYPE_CHECKING:
    from nbtwin.module.module import Module

NO_NETWORK_SERVICE, UPLINK_BUSY = 30, 159
NOT_CONFIGURED, NOT_REGISTERED, INCORRECT_STATE, MINIMAL_FUNCTION, DURING_UPDATE = 512, 513, 516, 524, 529
"""DOC-E 5, tables 3 and 5."""

SEND_MODES: dict[int, tuple[bool, ReleaseAssistance]] = {  # DOC-E 3.5: confirmable, release assistance
    0x0000: (False, ReleaseAssistance.NONE),
    0x0001: (False, ReleaseAssistance.AT_ONCE),
    0x0010: (False, ReleaseAssistance.AFTER_REPLY),
    0x0100: (True, ReleaseAssistance.NONE),
    0x0101: (True, ReleaseAssistance.AFTER_REPLY),
}
SEND_MEANINGS = {
    0x0000: CommandMeaning.SEND_NON,
    0x0001: CommandMeaning.SEND_NON_RELEASE,
    0x0010: CommandMeaning.SEND_NON_RELEASE_AFTER_REPLY,
    0x0100: CommandMeaning.SEND_CON,
    0x0101: CommandMeaning.SEND_CON_RELEASE_AFTER_REPLY,
}
RESULTS = {
    1: Code.CONTENT,
    2: Code.CHANGED,
    11: Code.BAD_REQUEST,
    12: Code.UNAUTHORIZED,
    13: Code.NOT_FOUND,
    14: Code.METHOD_NOT_ALLOWED,
}
"""<result> of AT+QLASENDRSP as a CoAP code (DOC-E 3.6)."""
RESULT_MEANINGS = {
    1: CommandMeaning.RESULT_CONTENT,
    2: CommandMeaning.RESULT_CHANGED,
    11: CommandMeaning.RESULT_BAD_REQUEST,
    12: CommandMeaning.RESULT_UNAUTHORIZED,
    13: CommandMeaning.RESULT_NOT_FOUND,
    14: CommandMeaning.RESULT_METHOD_NOT_ALLOWED,
}


class AndlinkEngine(Protocol):
    """What the commands ask of the protocol: ``m.andlink``, None on a module where no client runs."""

    @property
    def registration_state(self) -> RegistrationState: ...

    @property
    def registered(self) -> bool:
        """Data may be sent: REGISTERED or MO_DATA_ENABLED (D59)."""
        ...

    @property
    def data_status(self) -> DataStatus: ...

    @property
    def dtls_state(self) -> ChannelState: ...

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

    def send_data(self, now: Seconds, confirmable: bool, release: ReleaseAssistance, payload: bytes) -> None: ...

    def awaits(self, message_id: int, token: bytes) -> bool:
        """Whether this read or write of the platform still waits for the host (DOC-E 4.1: 10 s)."""
        ...

    def respond(self, now: Seconds, message_id: int, token: bytes, code: Code, payload: bytes) -> None: ...

    def control_update(self, now: Seconds, step: FirmwareStep) -> bool:
        """Steps 2-5 of AT+QLAFOTAIND; False when it is not their turn (D46)."""
        ...

    def stop_update(self, now: Seconds) -> bool:
        """AT+QLAFOTARESET: whether urgent data may be sent now."""
        ...

    def reset_dtls(self, now: Seconds) -> None: ...
    def device_type_changed(self, now: Seconds) -> None: ...


def engine_of(m: Module) -> AndlinkEngine | None:
    return m.andlink


ALLOWED_DURING_UPDATE = ("+QLAFOTAIND", "+QLAFOTARESET")
"""Besides what only shows, and what sets the serial line alone (D47, D127)."""
CHANGED_BY_EXECUTING = ("+NRB", "+QLARESETDTLS")
"""Executing any other command that has this form only shows something."""


def _not_during_update(m: Module, command: Command, form: Form, values: Sequence[str]) -> None:
    """From FIRMWARE DOWNLOADING to FIRMWARE UPDATE OVER no module operation is allowed (DOC-E 2 note)."""
    engine = engine_of(m)
    if engine is None or not engine.updating or command.name in ALLOWED_DURING_UPDATE:
        return
    if (form is Form.WRITE and command.alters(values)) or (
        form is Form.EXECUTE and command.name in CHANGED_BY_EXECUTING
    ):
        raise refusal(m, DURING_UPDATE, CommandRefused(CommandRefusal.UPDATE_RUNNING))


UPDATE_GATE = Gate(
    CommandMeaning.GATE_UPDATE,
    "DOC-E 2 note, D47, D127",
    _not_during_update,
)
