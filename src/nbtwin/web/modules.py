"""/api/v1/modules: what each module is and waits for, its serial line, its power and its coverage."""

from __future__ import annotations

import asyncio
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from nbtwin.module.module import Module
from nbtwin.web.host_line import ask
from nbtwin.web.lab_view import LabView
from nbtwin.web.problems import not_found


class WaitingFor(BaseModel):
    at: float
    seconds: float = Field(description="from now on, in the lab's time")
    why: str


class ModuleState(BaseModel):
    name: str
    model: str
    imei: str
    firmware: str
    serial: str
    power: str = Field(description="off, booting, asleep or on")
    imsi: str | None
    operator: str | None
    coverage: bool
    attached: bool
    connected: bool
    cmdmp_state: int
    cmdmp_state_name: str
    waiting: WaitingFor | None


class AtLine(BaseModel):
    line: Annotated[str, Field(min_length=1, max_length=2048, pattern=r"^[^\x00-\x1f\x7f]*$", examples=["AT+QDMPCFG?"])]
    timeout: Annotated[float, Field(gt=0, le=60)] = 5.0


class AtAnswer(BaseModel):
    line: str
    answer: list[str]
    complete: bool = Field(description="a final result code came in time")


class Power(BaseModel):
    action: Literal["on", "off", "reset"]


class Coverage(BaseModel):
    coverage: bool


def router(lab: LabView) -> APIRouter:
    routes = APIRouter(prefix="/modules", tags=["modules"])
    at_work: dict[str, asyncio.Lock] = {}

    def find(name: str) -> Module:
        if name not in lab.modules:
            raise not_found("module", name)
        return lab.modules[name]

    @routes.get("")
    async def list_modules() -> list[ModuleState]:
        return [state_of(lab, name) for name in lab.modules]

    @routes.get("/{name}")
    async def one_module(name: str) -> ModuleState:
        find(name)
        return state_of(lab, name)

    @routes.post("/{name}/at")
    async def send_at_line(name: str, body: AtLine) -> AtAnswer:
        """Send one command line and wait for its final result code."""
        module = find(name)
        if module.power_state in ("off", "booting"):
            raise HTTPException(409, f"{name} is {module.power_state}: nobody reads its serial line")
        async with at_work.setdefault(name, asyncio.Lock()):
            answer, complete = await ask(lab.world, lab.world.modules[name], body.line, body.timeout)
        return AtAnswer(line=body.line, answer=answer, complete=complete)

    @routes.post("/{name}/power")
    async def switch_power(name: str, body: Power) -> ModuleState:
        module, unit = find(name), lab.world.modules[name]
        if body.action == "reset":
            lab.world.perform(unit, module.reset)
        else:
            lab.world.perform(unit, module.power_on if body.action == "on" else module.power_off)
        return state_of(lab, name)

    @routes.post("/{name}/coverage")
    async def set_coverage(name: str, body: Coverage) -> ModuleState:
        lab.world.perform(lab.world.modules[name], find(name).set_coverage, body.coverage)
        return state_of(lab, name)

    return routes


def state_of(lab: LabView, name: str) -> ModuleState:
    module, deadline = lab.modules[name], lab.world.modules[name].deadline
    identity, radio, state = module.identity, module.radio, module.cmdmp_state
    now = lab.world.scheduler.touch()
    return ModuleState(
        name=name,
        model=module.profile.model,
        imei=identity.imei,
        firmware=identity.firmware,
        serial=lab.serials.get(name, ""),
        power=module.power_state,
        imsi=radio.usim.imsi if radio.usim else None,
        operator=str(radio.usim.operator) if radio.usim and radio.usim.operator else None,
        coverage=radio.coverage,
        attached=radio.attached,
        connected=radio.connected,
        cmdmp_state=int(state),
        cmdmp_state_name=state.name,
        waiting=WaitingFor(at=deadline.at, seconds=deadline.at - now, why=deadline.why) if deadline else None,
    )
