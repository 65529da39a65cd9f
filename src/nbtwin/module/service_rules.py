"""Which services a boot starts, and what their events mean for the module as a whole.

Knows when each operator's self-registration starts (docs/spec/registration.md, Start; D55) and how its results reach
NVRAM. Knows no packet format.
"""

from __future__ import annotations

from typing import TypeAlias

from nbtwin.engine import Seconds
from nbtwin.lwm2m.client.registration import Registered
from nbtwin.module import andlink
from nbtwin.module.context import ModuleContext
from nbtwin.module.events import ModuleReason, NvramWriteFailed, ServiceReported, ServiceStarted
from nbtwin.module.identity import Usim
from nbtwin.module.services import ModuleService
from nbtwin.module.settings import Success
from nbtwin.module.switches import is_on
from nbtwin.selfreg import machine, payloads
from nbtwin.selfreg.cmdmp import extended_info
from nbtwin.selfreg.cmdmp_client import CmdmpClient, CmdmpConfig, CmdmpRebootRequested
from nbtwin.selfreg.schedule import Operator, RoundSchedule, Schedule

Start: TypeAlias = tuple[ModuleService, ServiceStarted]


def start(m: ModuleContext) -> list[ServiceStarted]:
    """Create what this boot and this USIM call for and does not run yet."""
    started: list[ServiceStarted] = []
    for name, make in (("cmdmp", _cmdmp), ("telecom", _telecom), ("unicom", _unicom), ("andlink", andlink.client)):
        if name not in m.services:
            made = make(m)
            if made is not None:
                service, event = made
                m.services.add(name, service)
                started.append(event)
    return started


def _schedule(m: ModuleContext, operator: Operator) -> Schedule | None:
    """The operator's schedule if the model has one (D52) and the switch, as in use, lets it run."""
    schedule = m.profile.schedules.get(operator)
    if schedule is None or not is_on(m.profile.switch, m.in_use, m.identity.firmware, operator):
        return None
    return schedule


def _rounds(m: ModuleContext, operator: Operator) -> RoundSchedule | None:
    schedule = _schedule(m, operator)
    assert schedule is None or isinstance(schedule, RoundSchedule), f"{operator} is registered with in rounds"
    return schedule


def _cmdmp(m: ModuleContext) -> Start | None:
    usim, dialect, in_use = m.radio.usim, m.profile.cmdmp, m.in_use.cmdmp
    schedule = _schedule(m, Operator.MOBILE)
    mode = dialect.default_mode if in_use.mode is None else in_use.mode
    if usim is None or schedule is None or mode != 1:
        return None
    if dialect.needs_ont_firmware and not m.identity.firmware.endswith("_ONT"):  # DOC-A chapter 1
        return None
    listed = dialect.plmns and any(usim.imsi.startswith(plmn) for plmn in in_use.plmns)  # D53
    if usim.operator is not Operator.MOBILE and not listed:
        return None
    client = CmdmpClient(_cmdmp_config(m, schedule), m.services.random)
    return client, ServiceStarted("cmdmp", ModuleReason.MOBILE_PLMN)


def _cmdmp_config(m: ModuleContext, schedule: Schedule) -> CmdmpConfig:
    usim, dialect = m.radio.usim, m.profile.cmdmp
    assert usim is not None
    in_use = dialect.filled(m.in_use.cmdmp, m.identity.imei)  # D20
    return CmdmpConfig(
        server=m.in_use.cmdmp.server or dialect.domain or dialect.default_server,  # D39
        fallback=dialect.default_server if dialect.domain is not None and not m.in_use.cmdmp.server else None,
        port=in_use.port,
        period=in_use.period,
        appkey=in_use.appkey,
        password=in_use.password,
        terminal_type=in_use.terminal_type,
        terminal_imei=in_use.terminal_imei,
        imei=m.identity.imei,
        imei2="",
        imsi=usim.imsi,
        info=extended_info(m.in_use.extended),
        manufacturer=m.profile.manufacturer,
        model=m.profile.model,
        schedule=schedule,
    )


def _changed(m: ModuleContext, operator: Operator) -> ModuleReason | None:
    """What a registration is called for by, if by anything: DOC-C 2.1.1, DOC-D 2.1.1 and 2.2.1."""
    last, usim = m.saved.successes.get(operator), m.radio.usim
    if last is None:
        return ModuleReason.NEVER_REGISTERED  # D58
    if last.firmware != m.identity.firmware:
        return ModuleReason.FIRMWARE_CHANGED
    if usim is not None and (last.imei, last.imsi, last.iccid) != (m.identity.imei, usim.imsi, usim.iccid):
        return ModuleReason.PAIRING_CHANGED
    return None


def _telecom(m: ModuleContext) -> Start | None:
    schedule, usim = _rounds(m, Operator.TELECOM), m.radio.usim
    if schedule is None or usim is None or usim.operator is not Operator.TELECOM:
        return None
    reason = _changed(m, Operator.TELECOM)
    if reason is None:
        return None  # nothing until firmware or pairing changes, over any number of boots (DOC-C 2.1.2)
    request = payloads.telecom_request(*_reported(m, usim))
    return machine.SelfRegistration(
        schedule, payloads.TELECOM_HOST, payloads.PORT, request, payloads.accepted, m.services.random,
        fallback=m.in_use.telecom_address,
    ), ServiceStarted("telecom", reason)  # fmt: skip


def _unicom(m: ModuleContext) -> Start | None:
    schedule, usim = _rounds(m, Operator.UNICOM), m.radio.usim
    if schedule is None or usim is None or usim.operator is not Operator.UNICOM:
        return None
    reason, due_at = _changed(m, Operator.UNICOM), None
    if reason is None:
        due_at = m.saved.successes[Operator.UNICOM].update_due_at  # D55: overdue means at this attach
        reason = ModuleReason.UPDATE_AWAITED
    request = payloads.unicom_request(*_reported(m, usim))
    return machine.SelfRegistration(
        schedule, payloads.UNICOM_HOST, payloads.PORT, request, payloads.accepted, m.services.random,
        first_due_at=due_at, update=due_at is not None,
    ), ServiceStarted("unicom", reason)  # fmt: skip


def _reported(m: ModuleContext, usim: Usim) -> tuple[str, str, str, str, str]:
    """What Telecom and Unicom learn: IMEI, model, firmware, ICCID, IMSI (docs/spec/wire.md, Telecom and Unicom)."""
    identity = m.identity
    return identity.imei, f"{m.profile.vendor_code}-{m.profile.model}", identity.firmware, usim.iccid, usim.imsi


def react(m: ModuleContext, reported: ServiceReported) -> None:
    """What a service's event means for the module as a whole."""
    match reported.event:
        case machine.RegistrationSucceeded(next_due_at=due_at):
            _remember(m, reported.service, due_at)
        case Registered() if reported.service == "cmdmp":
            _remember(m, Operator.MOBILE, None)
        case CmdmpRebootRequested():
            m.restart(andlink.SYSRESETREQ)
        case event if reported.service == "andlink":
            andlink.react(m, event)
        case _:
            pass


def _remember(m: ModuleContext, operator: str, next_due_at: Seconds | None) -> None:
    """Keep the success over power cuts: it decides about the next boot (DOC-C 2.1.2, DOC-D 2.1.2)."""
    usim = m.radio.usim
    if usim is not None:
        identity = m.identity
        m.nvram.keep_success(
            operator, Success(identity.firmware, identity.imei, usim.imsi, usim.iccid, m.now, next_due_at)
        )
        if not m.nvram.save():
            m.report(NvramWriteFailed())
