"""Why a module is where it is: what keeps it from its operator, or that it is there and until when; what would help.

A fact for the module as a whole while something stands in its way, then one for the operator of its card, then one for
Andlink where the model has it. Reads a module; changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING

from nbtwin.engine import Deadline, Fact, Reason, Seconds
from nbtwin.lwm2m.client.states import GIVEN_UP, RegistrationState
from nbtwin.module.switches import is_on
from nbtwin.selfreg.cmdmp import DmpState
from nbtwin.selfreg.machine import SelfRegistration, SelfRegistrationState
from nbtwin.selfreg.schedule import Operator

if TYPE_CHECKING:
    from nbtwin.module.module import Module


class StandingReason(Reason):
    """Where it stands."""

    # the module as a whole
    OFF = "standing-off"
    BOOTING = "standing-booting"
    ASLEEP = "standing-asleep"  # at: of the wake; None: nothing wakes it by itself
    NO_CARD = "standing-no-card"
    CARD_LOCKED = "standing-card-locked"  # pin
    FUNCTION = "standing-function"  # number: of +CFUN
    NOT_WANTED = "standing-not-wanted"
    NO_COVERAGE = "standing-no-coverage"
    ATTACHING = "standing-attaching"  # at
    # the operator of its card
    CARD_FOREIGN = "standing-card-foreign"  # plmn
    NOT_OF_MODEL = "standing-not-of-model"  # model, known: operators
    SWITCHED_OFF = "standing-switched-off"  # line
    ON_AFTER_BOOT = "standing-on-after-boot"
    FIRMWARE = "standing-firmware"  # firmware
    BEGINS = "standing-begins"
    SENDING = "standing-sending"
    REGISTERED = "standing-registered"  # at: of the next update
    REGISTERED_ONCE = "standing-registered-once"  # since
    NEXT_ROUND = "standing-next-round"  # at, number: of rounds so far
    GAVE_UP = "standing-gave-up"  # number: of rounds
    REFUSED = "standing-refused"
    UNANSWERED = "standing-unanswered"  # at: when it tries again; None: not before the next boot
    UNREACHED = "standing-unreached"  # server
    UPDATE_FAILED = "standing-update-failed"  # at
    # Andlink
    ANDLINK_NO_SERVER = "standing-andlink-no-server"
    ANDLINK_CONFIG = "standing-andlink-config"
    ANDLINK_MANUAL = "standing-andlink-manual"
    ANDLINK_UNDER_WAY = "standing-andlink-under-way"  # state
    ANDLINK_REGISTERED = "standing-andlink-registered"  # server
    ANDLINK_STOPPED = "standing-andlink-stopped"  # state


class Remedy(StrEnum):
    """What would help."""

    NOTHING = "nothing"
    LINE = "line"  # an AT line
    BEGINNING = "beginning"  # of an AT line whose values somebody has to know
    POWER = "power"
    WAKE = "wake"
    COVERAGE = "coverage"
    CARD = "card"


class Standing(Fact, frozen=True):
    """``service``: whom it concerns: an operator, "andlink", or "" for the module as a whole."""

    service: str
    reason: StandingReason
    remedy: Remedy = Remedy.NOTHING
    line: str = ""
    """That would help, or how it begins."""
    at: Seconds | None = None
    since: Seconds | None = None
    number: int = 0
    pin: str = ""
    plmn: str = ""
    model: str = ""
    known: tuple[str, ...] = ()
    firmware: str = ""
    server: str = ""
    state: str = ""


def standings(m: Module) -> list[Standing]:
    """In the order in which one would look for the cause."""
    stopped = _whole(m)
    if stopped is not None and stopped.reason is not StandingReason.ASLEEP:
        return [stopped]
    found = [] if stopped is None else [stopped]
    found.append(_operator(m))
    if m.andlink is not None:
        found.append(_andlink(m))
    return found


def _whole(m: Module) -> Standing | None:
    """What keeps the module as a whole; None: it is attached and awake."""
    radio = m.radio
    if not m.powered:
        return Standing("", StandingReason.OFF, Remedy.POWER)
    if m.power_state == "booting":
        return Standing("", StandingReason.BOOTING)
    if m.power_state == "asleep":
        return Standing("", StandingReason.ASLEEP, Remedy.WAKE, at=_at(m.next_deadline()))
    if radio.usim is None:
        return Standing("", StandingReason.NO_CARD, Remedy.CARD)
    if radio.usim.pin != "READY":
        return Standing("", StandingReason.CARD_LOCKED, Remedy.CARD, pin=radio.usim.pin)
    if radio.function != 1:
        return Standing("", StandingReason.FUNCTION, Remedy.LINE, "AT+CFUN=1", number=radio.function)
    if not radio.attach_wanted:
        return Standing("", StandingReason.NOT_WANTED, Remedy.LINE, "AT+CGATT=1")
    if not radio.coverage:
        return Standing("", StandingReason.NO_COVERAGE, Remedy.COVERAGE)
    if not radio.attached:
        return Standing("", StandingReason.ATTACHING, at=radio.attach_at)
    return None


def _at(deadline: Deadline | None) -> Seconds | None:
    return None if deadline is None else deadline.at


def _restart(m: Module) -> str:
    return "AT+NRB" if m.profile.everyday.restarts_with_nrb else "AT+QRST=1"


def _operator(m: Module) -> Standing:
    """The operator of the card; asleep it may have lost its network, which nobody sees before the wake."""
    usim, services = m.radio.usim, m.services
    operator = usim.operator if usim is not None else None
    if "cmdmp" in services:
        return _cmdmp(m)
    if usim is None or operator is None:
        plmn = usim.plmn if usim is not None else ""
        return Standing("", StandingReason.CARD_FOREIGN, Remedy.CARD, plmn=plmn)
    running = services.get(str(operator))
    if isinstance(running, SelfRegistration):
        return _rounds(m, operator, running)
    name = str(operator)
    if operator not in m.profile.schedules:
        known = tuple([str(each) for each in m.profile.schedules])
        return Standing(name, StandingReason.NOT_OF_MODEL, model=m.profile.model, known=known)
    for standing in _held_back(m, operator):
        return standing
    success = m.saved.successes.get(operator)
    if success is not None:
        return Standing(name, StandingReason.REGISTERED_ONCE, since=success.at)
    return Standing(name, StandingReason.ON_AFTER_BOOT, Remedy.LINE, _restart(m))


def _held_back(m: Module, operator: Operator) -> Iterator[Standing]:
    """By a switch, as in use; one that was turned since is in force after the next boot (D33)."""
    p, firmware, name = m.profile, m.identity.firmware, str(operator)
    after_boot = Standing(name, StandingReason.ON_AFTER_BOOT, Remedy.LINE, _restart(m))
    if p.switch is not None and not is_on(p.switch, m.in_use, firmware, operator):
        off = Standing(name, StandingReason.SWITCHED_OFF, Remedy.LINE, f"AT{p.switch.name}=1")
        yield after_boot if is_on(p.switch, m.saved, firmware, operator) else off
    if operator is not Operator.MOBILE:
        return
    if p.cmdmp.needs_ont_firmware and not firmware.endswith("_ONT"):
        yield Standing(name, StandingReason.FIRMWARE, firmware=firmware)
    if p.cmdmp.filled(m.in_use.cmdmp, m.identity.imei).mode != 1:
        off = Standing(name, StandingReason.SWITCHED_OFF, Remedy.LINE, f"AT{p.cmdmp.name}=0,1")
        yield after_boot if p.cmdmp.filled(m.saved.cmdmp, m.identity.imei).mode == 1 else off


def _cmdmp(m: Module) -> Standing:
    mobile, client, again = str(Operator.MOBILE), m.services.get("cmdmp"), _restart(m)
    assert client is not None
    at = _at(client.next_deadline())
    match m.cmdmp_state:
        case _ if client.busy:
            return Standing(mobile, StandingReason.SENDING)
        case DmpState.REG_SUCCESS | DmpState.UPDATE_SUCCESS:
            return Standing(mobile, StandingReason.REGISTERED, at=at)
        case DmpState.UPDATE_FAILED | DmpState.UPDATE_TIMEOUT:
            return Standing(mobile, StandingReason.UPDATE_FAILED, at=at)
        case DmpState.REG_FAILED:
            return Standing(mobile, StandingReason.REFUSED, Remedy.LINE, again)
        case DmpState.REG_TIMEOUT:
            return Standing(mobile, StandingReason.UNANSWERED, Remedy.LINE, again, at=at)
        case DmpState.CONNECT_FAILED:
            server = m.in_use.cmdmp.server or m.profile.cmdmp.domain or m.profile.cmdmp.default_server
            return Standing(mobile, StandingReason.UNREACHED, Remedy.LINE, again, server=server)
        case _:
            return Standing(mobile, StandingReason.BEGINS)


def _rounds(m: Module, operator: Operator, client: SelfRegistration) -> Standing:
    name, at = str(operator), _at(client.next_deadline())
    match client.state:
        case SelfRegistrationState.RESOLVING | SelfRegistrationState.SENDING:
            return Standing(name, StandingReason.SENDING)
        case SelfRegistrationState.HOLDING_OFF:
            return Standing(name, StandingReason.NEXT_ROUND, at=at, number=client.rounds_begun)
        case SelfRegistrationState.DUE_LATER:
            return Standing(name, StandingReason.REGISTERED, at=at)
        case SelfRegistrationState.DONE:
            if client.succeeded:
                success = m.saved.successes.get(operator)
                return Standing(name, StandingReason.REGISTERED_ONCE, since=m.now if success is None else success.at)
            return Standing(name, StandingReason.GAVE_UP, Remedy.LINE, _restart(m), number=client.rounds_begun)


def _andlink(m: Module) -> Standing:
    client, service = m.andlink, "andlink"
    assert client is not None
    state = client.registration_state
    if client.registered:
        return Standing(service, StandingReason.ANDLINK_REGISTERED, server="{}:{}".format(*client.server))
    if not m.in_use.andlink.servers:
        return Standing(service, StandingReason.ANDLINK_NO_SERVER, Remedy.BEGINNING, 'AT+QLASERVERIP="LWM2M","')
    register = "AT+QLASREGIND=0"
    if state is RegistrationState.MISSING_CONFIG:
        return Standing(service, StandingReason.ANDLINK_CONFIG, Remedy.BEGINNING, "AT+QLASETPSK=0,")
    if state is RegistrationState.UNINITIALISED and m.in_use.andlink.automatic != 1:
        return Standing(service, StandingReason.ANDLINK_MANUAL, Remedy.LINE, register)
    if state in GIVEN_UP or state in (RegistrationState.DEREGISTERED, RegistrationState.DEREG_FAILED):
        return Standing(service, StandingReason.ANDLINK_STOPPED, Remedy.LINE, register, state=str(state))
    return Standing(service, StandingReason.ANDLINK_UNDER_WAY, state=str(state))
