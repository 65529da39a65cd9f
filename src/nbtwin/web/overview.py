"""/api/v1/overview and /api/v1/rates: the whole lab in figures, now and over the last minutes."""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

import nbtwin
from nbtwin.edge.loop_gauge import KEPT, Work
from nbtwin.edge.turns import in_turns
from nbtwin.lab.nodes import PlatformNode
from nbtwin.runtime.histogram import Histogram
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.counters import SERIES, Counters, percentiles_of
from nbtwin.web.lab_rates import LabRates, Step
from nbtwin.web.metrics import MEDIA_TYPE, LabCollector, exposition
from nbtwin.web.routers import api_router, root_router
from nbtwin.web.stats_sampler import StatsSampler

STATES = ("bootstrapped", "registered", "de-registered", "expired")


class ModuleFigures(BaseModel):
    total: int = Field(description="how many there are")
    by_power: dict[str, int] = Field(description="how many are off, booting, asleep, on")
    by_state: dict[str, int] = Field(description="of CMDMP")
    attached: int = Field(description="how many are attached to the network")


class PlatformFigures(BaseModel):
    name: str = Field(description="the platform's")
    operator: str = Field(description="mobile, telecom or unicom; andlink")
    devices: int = Field(description="how many it knows")
    by_state: dict[str, int] = Field(description="how many are bootstrapped, registered, de-registered, expired")


class Percentiles(BaseModel):
    count: int = Field(description="how many were measured")
    p50: float | None = Field(description="half of them are below; null: none was measured")
    p95: float | None = Field(description="95 of 100 are below")
    p99: float | None = Field(description="99 of 100 are below")


class Held(BaseModel):
    seconds: float = Field(description="how long the event loop was held: so long nobody else was answered")
    work: Work = Field(description="by what")
    detail: str = Field(description="which page, for example; or empty")


class Overview(BaseModel):
    version: str = Field(description="of nbtwin")
    now: float = Field(description="lab time")
    modules: ModuleFigures = Field(description="the modules in figures")
    platforms: list[PlatformFigures] = Field(description="each platform in figures")
    rates: dict[str, float] = Field(description="a second, over the last ten")
    latency: dict[str, Percentiles] = Field(description="by platform, in seconds: from request to answer")
    commits: Percentiles = Field(description="of the inventory, in seconds")
    loop_lag: Percentiles = Field(description="how long the event loop was held, in seconds: the worst of each second")
    loop: Held = Field(description="the worst of the last minute")


class Rates(BaseModel):
    step: float = Field(description="seconds between two figures, of the wall clock or, when asked for, of the lab's")
    at: list[float] = Field(
        description="lab time: the end of a second of the wall clock, the begin of a step of the lab's"
    )
    last: list[float] = Field(description="lab time up to which each is counted")
    wall: list[float] = Field(description="the wall clock's when it was counted, in seconds since 1970")
    since: float = Field(description="lab time: what was before was not counted, the lab was opened then")
    since_wall: float = Field(description="the wall clock's at that time")
    series: dict[str, list[int]] = Field(description="what was counted in each of these steps, by name")
    loop: list[float] = Field(
        description="how long the event loop was held in each second of the wall clock at worst, in seconds; empty for"
        " steps of the lab's time"
    )


def router(lab: LabRuntime, counters: Counters, pulse: StatsSampler, rates: LabRates) -> APIRouter:
    routes = api_router(tag="lab")

    @routes.get("/overview")
    async def read_overview() -> Overview:
        """The whole lab in figures."""
        platforms = await run_in_threadpool(_platforms, lab)
        return Overview(
            version=nbtwin.__version__,
            now=lab.world.scheduler.touch(),
            modules=await _modules(lab),
            platforms=platforms,
            rates=pulse.rates(),
            latency={name: _percentiles(histogram) for name, histogram in counters.latencies.items()},
            commits=_percentiles(lab.commits),
            loop_lag=_percentiles(pulse.lag),
            loop=_held(lab),
        )

    @routes.get("/rates")
    async def read_rates(
        seconds: Annotated[int, Query(ge=1, le=31 * 86400, description="how far back; at most what is kept")] = 300,
        step: Annotated[
            Step | None,
            Query(
                description="of the lab's time, in seconds: each step in which something happened; 600 are kept of"
                " seconds, a day of minutes, 31 days of hours. Without it: each second of the wall clock, at most"
                f" {KEPT}"
            ),
        ] = None,
    ) -> Rates:
        """What was counted, step for step, for charts."""
        now = lab.world.scheduler.touch()
        if step is None:
            counted = list(pulse.seconds)[-seconds:]
            loop = [second.seconds for second in list(lab.gauge.seconds)[-len(counted) :]] if counted else []
        else:
            rates.turn(now)
            counted, loop = rates.steps(int(step), now - seconds), []
        return Rates(
            step=float(step or 1),
            at=[one.begin for one in counted],
            last=[one.last for one in counted],
            wall=[one.wall for one in counted],
            since=rates.since,
            since_wall=rates.since_wall,
            series={name: [one.counts[index] for one in counted] for index, name in enumerate(SERIES)},
            loop=loop,
        )

    return routes


def metrics_router(lab: LabRuntime, counters: Counters, pulse: StatsSampler) -> APIRouter:
    """Where Prometheus looks for it."""
    routes = root_router(tag="lab")

    @routes.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
    async def read_metrics() -> Response:
        """For Prometheus."""
        names = list(lab.world.platforms)
        devices = await run_in_threadpool(lambda: {name: lab.store.count(name) for name in names})
        families = tuple(LabCollector(lab, counters, pulse, devices).collect())
        return Response(await run_in_threadpool(exposition, families), media_type=MEDIA_TYPE)

    return routes


async def _modules(lab: LabRuntime) -> ModuleFigures:
    by_power, by_state, attached, modules = Counter[str](), Counter[str](), 0, list(lab.modules.values())
    async for module in in_turns(modules):
        by_power[module.power_state] += 1
        by_state[module.cmdmp_state.name] += 1
        attached += module.radio.attached
    return ModuleFigures(total=len(modules), by_power=by_power, by_state=by_state, attached=attached)


def _platforms(lab: LabRuntime) -> list[PlatformFigures]:
    return [_platform(lab, node) for node in list(lab.world.platforms.values())]


def _platform(lab: LabRuntime, node: PlatformNode) -> PlatformFigures:
    by_state = {state: count for state in STATES if (count := lab.store.count(node.name, state=state))}
    return PlatformFigures(name=node.name, operator=node.operator, devices=sum(by_state.values()), by_state=by_state)


def _held(lab: LabRuntime) -> Held:
    return Held(**lab.gauge.worst()._asdict())


def _percentiles(histogram: Histogram) -> Percentiles:
    return Percentiles.model_validate(percentiles_of(histogram))
