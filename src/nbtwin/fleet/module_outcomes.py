"""What a whole module's services tell of, as the ends of exchanges that every fleet counts.

Knows the events of CMDMP, of the reports of Telecom and Unicom, and of Andlink; knows no module and no time.
"""

from __future__ import annotations

from nbtwin.coap.events import MessageDropped
from nbtwin.coap.reasons import CoapRefusal
from nbtwin.fleet.tally import Outcome
from nbtwin.lwm2m.client import events as andlink
from nbtwin.lwm2m.client import registration as lwm2m
from nbtwin.lwm2m.client.states import DataStatus
from nbtwin.module.events import ServiceEvent
from nbtwin.selfreg import cmdmp_events as cmdmp
from nbtwin.selfreg import machine_events as machine

REGISTER, UPDATE, UPLINK, DEREGISTER = "register", "update", "uplink", "deregister"
_NO_MESSAGE = frozenset({
    CoapRefusal.HEADER_CUT, CoapRefusal.VERSION_UNKNOWN, CoapRefusal.EMPTY_WITH_CONTENT,
    CoapRefusal.TOKEN_LENGTH_RESERVED, CoapRefusal.TOKEN_CUT, CoapRefusal.OPTION_CUT,
    CoapRefusal.OPTION_NIBBLE_RESERVED, CoapRefusal.PAYLOAD_MISSING,
})  # fmt: skip
_REASONS = {
    andlink.AndlinkReason.HANDSHAKE_FAILED: Outcome.HANDSHAKE,
    andlink.AndlinkReason.BOOTSTRAP_REFUSED: Outcome.REFUSED,
    andlink.AndlinkReason.BOOTSTRAP_UNANSWERED: Outcome.SILENT,
    andlink.AndlinkReason.BOOTSTRAP_UNFINISHED: Outcome.WRONG,
    andlink.AndlinkReason.BOOTSTRAP_WITHOUT_KEY: Outcome.WRONG,
}
"""Of what comes before an Andlink registration is asked for."""
_MACHINE = {
    machine.SelfRegistrationRefusal.RESET: Outcome.RESET,
    machine.SelfRegistrationRefusal.UNANSWERED: Outcome.SILENT,
    machine.SelfRegistrationRefusal.NO_SUCCESS: Outcome.REFUSED,
}
_DATA = {
    DataStatus.SUCCEEDED: Outcome.OK, DataStatus.RESET: Outcome.RESET, DataStatus.TIMED_OUT: Outcome.SILENT,
    DataStatus.FAILED: Outcome.UNREGISTERED,
}  # fmt: skip
End = tuple[str, Outcome, str]
"""Kind of exchange, how it ends, and the code of a refusal."""


def end_of(event: ServiceEvent) -> End | None:
    """None for what ends nothing."""
    match event:
        case lwm2m.Registered():
            return REGISTER, Outcome.OK, ""
        case lwm2m.RegistrationRefused(refusal=why, response_code=code):
            return REGISTER, _refused(why), code
        case lwm2m.RegistrationUnanswered():
            return REGISTER, Outcome.SILENT, ""
        case cmdmp.CmdmpRegistrationFailed(refusal=failure, response_code=code):
            return REGISTER, _failed(failure), code
        case cmdmp.CmdmpUpdateFailed(refusal=failure, response_code=code):
            return UPDATE, _failed(failure), code
        case lwm2m.Updated():
            return UPDATE, Outcome.OK, ""
        case lwm2m.UpdateRefused(refusal=why, response_code=code):
            return UPDATE, _refused(why), code
        case lwm2m.UpdateUnanswered():
            return UPDATE, Outcome.SILENT, ""
        case lwm2m.Deregistered():
            return DEREGISTER, Outcome.OK, ""
        case lwm2m.DeregistrationRefused(refusal=why, response_code=code):
            return DEREGISTER, _refused(why), code
        case lwm2m.DeregistrationUnanswered():
            return DEREGISTER, Outcome.SILENT, ""
        case machine.RegistrationSucceeded(update=update):
            return UPDATE if update else REGISTER, Outcome.OK, ""
        case machine.RegistrationFailed(refusal=failed, response_code=code) if failed in _MACHINE:
            return REGISTER, _MACHINE[failed], code
        case andlink.AndlinkStateChanged(reason=reason, response_code=code) if reason in _REASONS:
            return REGISTER, _REASONS[reason], code
        case andlink.DataReported(status=status) if status in _DATA:
            return UPLINK, _DATA[status], ""
        case _:
            return None


def _failed(why: lwm2m.RegistrationRefusal | None) -> Outcome:
    return Outcome.SILENT if why is None else _refused(why)


def _refused(why: lwm2m.RegistrationRefusal) -> Outcome:
    if why is lwm2m.RegistrationRefusal.RESET:
        return Outcome.RESET
    return Outcome.WRONG if why is lwm2m.RegistrationRefusal.NO_LOCATION else Outcome.REFUSED


def is_rubbish(event: ServiceEvent) -> bool:
    """What came was no message."""
    return isinstance(event, MessageDropped) and event.refusal in _NO_MESSAGE
