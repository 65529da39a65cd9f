"""The application: REST under /api/v1 and the console page at /. Knows a running lab by its `LabView` alone.

Nothing is fetched from elsewhere: the page, its script and its style are files of this package.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from pydantic import BaseModel

import nbtwin
from nbtwin.web import (
    access_api,
    clock,
    devices,
    events,
    faults,
    module_line,
    module_nvram,
    module_switches,
    modules,
    overview,
    pages,
    platforms,
    problems,
    scenarios,
    timeline,
    traces,
)
from nbtwin.web.counters import Counters
from nbtwin.web.lab_view import LabView
from nbtwin.web.operations import Operations
from nbtwin.web.pulse import Pulse
from nbtwin.web.scenario_runs import Runs


class Health(BaseModel):
    status: str
    version: str


class Ready(BaseModel):
    ready: bool
    modules: int
    platforms: int


def create_app(lab: LabView) -> FastAPI:
    """The lab's application. Its lifespan, which whoever serves it runs, keeps the charts going."""
    counters = Counters()
    pulse = Pulse(lab, counters)
    hub = events.Hub(lab, pulse)
    runs = Runs()
    operations = Operations(lab, lambda platform, result: hub.tell("operation", result, platform))
    lab.world.taps += [counters, hub, operations]

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        pulse.start()
        try:
            yield
        finally:
            pulse.stop()
            await runs.close()

    app = FastAPI(
        title="nbtwin",
        version=nbtwin.__version__,
        description="NB-IoT modules and the operators' platforms they register with, in software.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    problems.install(app)
    api = APIRouter(prefix="/api/v1")
    figures = overview.router(lab, counters, pulse)
    for routes in (
        _health(lab),
        *_routers(lab),
        devices.router(lab, operations),
        scenarios.router(runs),
        figures,
        events.router(hub),
    ):
        api.include_router(routes)
    app.include_router(api)
    app.include_router(overview.metrics_router(lab, counters, pulse))
    access_api.install(app, lab.store, lab.access)
    pages.install(app)
    return app


def _routers(lab: LabView) -> tuple[APIRouter, ...]:
    return (
        modules.router(lab),
        modules.model_router(),
        module_line.router(lab),
        module_switches.router(lab),
        module_nvram.router(lab),
        platforms.router(lab),
        platforms.appkey_router(lab),
        timeline.router(lab),
        traces.router(lab),
        clock.router(lab),
        faults.router(lab),
    )


def _health(lab: LabView) -> APIRouter:
    routes = APIRouter(tags=["lab"])

    @routes.get("/health")
    async def health() -> Health:
        return Health(status="ok", version=nbtwin.__version__)

    @routes.get("/ready")
    async def ready() -> Ready:
        return Ready(ready=True, modules=len(lab.modules), platforms=len(lab.world.platforms))

    return routes
