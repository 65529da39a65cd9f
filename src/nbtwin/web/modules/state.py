"""A module in the words of the API: what it is, how it is switched, what it waits for.

Knows how to read a module; changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, Field

from nbtwin.engine import Deadline, Seconds
from nbtwin.module.module import Module
from nbtwin.module.standing import Remedy, Standing, standings
from nbtwin.runtime.lab import LabRuntime
from nbtwin.timeline.catalogue import waiting_for
from nbtwin.timeline.plain import fields_of
from nbtwin.web.api_errors import not_found
from nbtwin.web.modules.internet import InternetShown, internet_of
from nbtwin.web.refusals import ApiRefusal


class WaitingFor(BaseModel):
    at: float = Field(description="lab time")
    seconds: float = Field(description="from now on, in the lab's time")
    code: str = Field(description="for what; the catalogue's messages go by it")
    fields: dict[str, Any] = Field(description="what belongs to the code")
    why: str = Field(description="the same in words")


class PartWaiting(WaitingFor):
    part: str = Field(description="boot, session, radio, sleep, cmdmp, telecom, unicom or andlink")


class StandingShown(BaseModel):
    service: str = Field(description="whom it concerns: mobile, telecom, unicom, andlink; empty: the whole module")
    code: str = Field(description="where it stands; the catalogue's messages go by it")
    fields: dict[str, Any] = Field(description="what belongs to the code")
    remedy: Remedy = Field(description="what would help")
    line: str = Field(description="the AT line that would help, or how it begins; empty: none")


class ModuleState(BaseModel):
    name: str = Field(description="in the lab")
    model: str = Field(description="of the vendor")
    imei: str = Field(description="15 digits")
    firmware: str = Field(description="the version that it says it runs")
    serial: str = Field(description="where its serial port is: a path, or an address")
    power: str = Field(description="off, booting, asleep or on")
    imsi: str | None = Field(description="of the card in it; null: there is none")
    iccid: str | None = Field(description="of that card")
    pin: str | None = Field(description="what +CPIN? answers")
    operator: str | None = Field(description="of that card: mobile, telecom or unicom")
    coverage: bool = Field(description="there is a network")
    attached: bool = Field(description="+CGATT")
    connected: bool = Field(description="+CEREG: the radio connection is open")
    rssi: int = Field(description="+CSQ: 0-31, or 99")
    function: int = Field(description="+CFUN")
    cmdmp_state: int = Field(description="<dmstate> of CMDMP")
    cmdmp_state_name: str = Field(description="the same by its name")
    andlink: dict[str, Any] | None = Field(description="the Andlink client, where the model has one and it runs")
    internet: InternetShown | None = Field(
        description="its sockets, pings, MQTT clients; null: nobody has asked for any since the boot"
    )
    waiting: WaitingFor | None = Field(description="what it waits for next; null: nothing")
    standing: list[StandingShown] = Field(
        description="what keeps it from its operator, or that it is registered: of its card, and of Andlink"
    )


def find(lab: LabRuntime, name: str) -> Module:
    if name not in lab.modules:
        raise not_found(ApiRefusal.MODULE_UNKNOWN, name)
    return lab.modules[name]


def state_of(lab: LabRuntime, name: str) -> ModuleState:
    module, deadline = lab.modules[name], lab.world.modules[name].deadline
    identity, radio, state = module.identity, module.radio, module.cmdmp_state
    usim, now = radio.usim, lab.world.scheduler.touch()
    return ModuleState(
        name=name,
        model=module.profile.model,
        imei=identity.imei,
        firmware=identity.firmware,
        serial=lab.serial_of(name),
        power=module.power_state,
        imsi=usim.imsi if usim else None,
        iccid=usim.iccid if usim else None,
        pin=usim.pin if usim else None,
        operator=str(usim.operator) if usim and usim.operator else None,
        coverage=radio.coverage,
        attached=radio.attached,
        connected=radio.connected,
        rssi=radio.signal,
        function=radio.function,
        cmdmp_state=int(state),
        cmdmp_state_name=state.name,
        andlink=_andlink(module),
        internet=internet_of(module),
        waiting=waiting_of(now, deadline) if deadline else None,
        standing=[_standing(one) for one in standings(module)],
    )


def _standing(one: Standing) -> StandingShown:
    fields = fields_of(one)
    told = {name: fields[name] for name in fields if name not in ("service", "reason", "remedy")}
    return StandingShown(service=one.service, code=str(one.reason), fields=told, remedy=one.remedy, line=one.line)


def deadlines_of(lab: LabRuntime, name: str) -> list[PartWaiting]:
    """Every one that the module has, the soonest first."""
    module, now = lab.modules[name], lab.world.scheduler.touch()
    found = [
        PartWaiting(part=part, **waiting_of(now, deadline).model_dump())
        for part, deadline in _deadlines(module)
        if deadline is not None
    ]
    return sorted(found, key=lambda waiting: waiting.at)


def _deadlines(module: Module) -> Iterator[tuple[str, Deadline | None]]:
    if module.power_state == "off":
        return
    if module.power_state == "booting":
        yield "boot", module.next_deadline()
        return
    if module.power_state == "asleep":
        yield "sleep", module.next_deadline()
    else:
        yield "session", module.session.next_deadline()
        yield "radio", module.radio.next_deadline()
        yield "sleep", module.sleep_deadline()
    for service in ("cmdmp", "telecom", "unicom", "andlink"):
        running = module.services.get(service)
        if running is not None:
            yield service, running.next_deadline()


def waiting_of(now: Seconds, deadline: Deadline) -> WaitingFor:
    about = {"subject": deadline.subject, "number": deadline.number, "count": deadline.count}
    return WaitingFor(
        at=deadline.at,
        seconds=deadline.at - now,
        code=str(deadline.reason),
        fields=about,
        why=waiting_for(deadline),
    )


def _andlink(module: Module) -> dict[str, Any] | None:
    client = module.andlink
    if client is None:
        return None
    state = client.registration_state
    server = "{}:{}".format(*client.server) if client.registered else None
    return {"state": state.value, "state_name": state.name, "registered": client.registered, "server": server}
