"""What somebody with the module in his hand may do: power, card, coverage, signal, firmware, its NAT."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import Field

from nbtwin.module.identity import Usim
from nbtwin.module.module import APPLICATION_WATCHDOG, Module
from nbtwin.module.profile import UnknownCause
from nbtwin.runtime.lab import LabRuntime
from nbtwin.selfreg.schedule import Operator
from nbtwin.web.api_errors import ApiError, RequestModel, responses
from nbtwin.web.modules.api import Version
from nbtwin.web.modules.state import ModuleState, find, state_of
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.routers import api_router


class PowerRequest(RequestModel):
    action: Literal["on", "off", "reset", "wake", "watchdog"] = Field(
        description="on and off: the power; reset: the reset pin; wake: the wake-up pin; watchdog: it bites"
    )
    cause: Annotated[
        str | None,
        Field(max_length=64, pattern=r"^[A-Za-z0-9_]+$", description="of a reset: one of the model's causes"),
    ] = None


class Coverage(RequestModel):
    coverage: bool = Field(description="whether there is a network")


class Signal(RequestModel):
    rssi: Annotated[int, Field(ge=0, le=99, description="+CSQ: 0-31, or 99 for unknown")]


class CardRequest(RequestModel):
    operator: Literal["mobile", "telecom", "unicom"] | None = Field(None, description="a card of this operator")
    imsi: Annotated[str | None, Field(pattern=r"^[0-9]{15}$", description="or this very card")] = None
    iccid: Annotated[
        str | None, Field(pattern=r"^[0-9]{19,20}$", description="of that card; made up when left out")
    ] = None
    pin: Annotated[Literal["READY", "SIM PIN", "SIM PUK"], Field(description="what +CPIN? answers")] = "READY"


class FirmwareRequest(RequestModel):
    version: Version = Field(description="what the module says it runs from then on")


def router(lab: LabRuntime) -> APIRouter:
    routes = api_router("/modules/{name}", tag="modules", responses=responses(404, 422))

    def do(name: str, verb: Any, *values: object) -> ModuleState:
        lab.world.perform(lab.world.modules[name], verb, *values)
        return state_of(lab, name)

    @routes.post("/power")
    async def switch_power(name: str, body: PowerRequest) -> ModuleState:
        """Apply or cut power, pull the reset or the wake-up pin, let the watchdog bite."""
        module = find(lab, name)
        _check_cause(module, body)
        if body.action == "on":
            return do(name, module.power_on)
        if body.action == "off":
            return do(name, module.power_off)
        if body.action == "wake":
            lab.world.pull_wake_up_pin(lab.world.modules[name])
            return state_of(lab, name)
        return do(name, module.reset, APPLICATION_WATCHDOG if body.action == "watchdog" else body.cause)

    @routes.put("/usim")
    async def insert_usim(name: str, body: CardRequest) -> ModuleState:
        """Put a card in, in place of the one that is there."""
        module = find(lab, name)
        return do(name, module.insert_usim, _card(name, body))

    @routes.delete("/usim")
    async def remove_usim(name: str) -> ModuleState:
        """Take the card out."""
        return do(name, find(lab, name).insert_usim, None)

    @routes.post("/coverage")
    async def set_coverage(name: str, body: Coverage) -> ModuleState:
        """Put the module where there is a network, or where there is none."""
        return do(name, find(lab, name).set_coverage, body.coverage)

    @routes.post("/signal")
    async def set_signal(name: str, body: Signal) -> ModuleState:
        """How strong the signal is that the module measures."""
        try:
            return do(name, find(lab, name).set_signal, body.rssi)
        except ValueError:
            raise ApiError(ApiRefusal.RSSI, "rssi", rssi=body.rssi) from None

    @routes.post("/firmware")
    async def update_module_firmware(name: str, body: FirmwareRequest) -> ModuleState:
        """A firmware update from outside: NVRAM stays, the version changes, the module restarts."""
        do(name, find(lab, name).update_firmware, body.version)
        await lab.files_written()
        return state_of(lab, name)

    @routes.post("/rebind")
    async def rebind_module(name: str) -> ModuleState:
        """The NAT before the module forgets it: its next datagram comes from a new address."""
        find(lab, name)
        lab.world.rebind(lab.world.modules[name])
        return state_of(lab, name)

    return routes


def _check_cause(module: Module, body: PowerRequest) -> None:
    if body.cause is None:
        return
    if body.action != "reset":
        raise ApiError(ApiRefusal.CAUSE_WITHOUT_RESET, "cause")
    try:
        module.profile.boot.cause_named(body.cause)
    except UnknownCause as error:
        raise ApiError.of(error, "cause") from None


def _card(name: str, body: CardRequest) -> Usim:
    if body.imsi is None:
        if body.operator is None:
            raise ApiError(ApiRefusal.CARD_OF_NOBODY, "operator")
        card = Usim.of(Operator(body.operator), name)
        return Usim(card.imsi, body.iccid or card.iccid, body.pin)
    if body.operator is not None:
        raise ApiError(ApiRefusal.CARD_OF_TWO, "operator")
    return Usim.with_imsi(body.imsi, body.iccid, body.pin)
