"""The application: REST under /api/v1 and the console page at /. Knows a running lab by its `LabRuntime` alone.

Nothing is fetched from elsewhere: the page, its script and its style are files of this package.
"""

from __future__ import annotations

import threading

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from pydantic import BaseModel, Field

import nbtwin
from nbtwin.engine import CodedError
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web import (
    api_errors,
    batches,
    campaigns,
    clock,
    definitions,
    devices,
    events,
    faults,
    firmware,
    inventory,
    keys,
    lab_state,
    notes,
    openapi,
    overview,
    packages,
    pages,
    platforms,
    presence,
    queue,
    scenarios,
    timeline,
    traces,
)
from nbtwin.web.access.api import install as install_access
from nbtwin.web.access.tokens import Access
from nbtwin.web.application_state import ApplicationState
from nbtwin.web.changes import TellsChanges
from nbtwin.web.http_methods import HeadAndOptions
from nbtwin.web.keeping import KeepsLab
from nbtwin.web.leshan import clients, security
from nbtwin.web.measured import Measured
from nbtwin.web.modules import api as modules
from nbtwin.web.modules import line, nvram, switches
from nbtwin.web.request_checks import check_request
from nbtwin.web.routers import api_router, operation_id, take


class Health(BaseModel):
    status: str = Field(description="ok")
    version: str = Field(description="of nbtwin")


class NodeState(BaseModel):
    """This lab among several over one PostgreSQL."""

    name: str = Field(description="its name")
    connected: bool = Field(description="it can ask the other nodes")
    trouble: api_errors.Trouble | None = Field(description="why it cannot")


class Ready(BaseModel):
    ready: bool = Field(description="what is acknowledged can be committed, and a node has found the others once")
    modules: int = Field(description="how many there are")
    platforms: int = Field(description="how many there are")
    trouble: api_errors.Trouble | None = Field(description="why it is not ready")
    held: int = Field(description="events and datagrams that wait for the database")
    node: NodeState | None = Field(description="of several nodes this one; null: it is the only one")


def create_app(lab: LabRuntime, access: Access | None = None) -> FastAPI:
    """The lab's application. ``access``: who may come in; None: whoever is on this machine.

    Its lifespan, which whoever serves it runs, keeps the charts going. Labs in several threads have it built one after
    the other.
    """
    with _building:
        return _create_app(lab, access)


_building = threading.Lock()
"""What builds routes switches warnings off meanwhile, for the whole process."""


def _create_app(lab: LabRuntime, access: Access | None) -> FastAPI:
    running = ApplicationState(lab)
    app = FastAPI(
        title="nbtwin",
        version=nbtwin.__version__,
        description=openapi.DESCRIPTION,
        license_info={"name": "Apache 2.0", "identifier": "Apache-2.0"},
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # `http_methods` does it, without saying under which name it was asked
        generate_unique_id_function=operation_id,
        dependencies=[Depends(check_request)],
        lifespan=running.lifespan,
        responses=api_errors.responses(401, 403, 413, 422, 503),
    )
    api_errors.install(app)
    others = (
        overview.metrics_router(lab, running.counters, running.pulse),
        security.router(lab),
        clients.router(lab, running.operations, running.leshan),
        packages.router(lab),
    )
    take(app, (_health(lab), *_of_lab(lab), *_of_running(running), *others))
    app.add_middleware(KeepsLab, lab=lab)
    app.add_middleware(TellsChanges, hub=running.hub)
    app.add_middleware(HeadAndOptions, routes=app.routes)
    install_access(app, lab.store, access)
    pages.install(app)
    openapi.install(app)
    app.add_middleware(Measured, gauge=lab.gauge)
    return app


def _of_lab(lab: LabRuntime) -> tuple[APIRouter, ...]:
    return (
        modules.router(lab),
        modules.model_router(),
        line.router(lab),
        switches.router(lab),
        nvram.router(lab),
        platforms.router(lab),
        inventory.router(lab),
        keys.appkey_router(lab),
        keys.psk_router(lab),
        firmware.router(lab),
        definitions.router(lab),
        campaigns.router(lab),
        timeline.router(lab),
        traces.router(lab),
        notes.router(lab),
        clock.router(lab),
        faults.router(lab),
        lab_state.router(lab),
    )


def _of_running(running: ApplicationState) -> tuple[APIRouter, ...]:
    return (
        devices.router(running.lab, running.operations),
        queue.router(running.lab),
        batches.router(running.lab, running.batches),
        presence.router(running.lab),
        scenarios.router(running.runs),
        overview.router(running.lab, running.counters, running.pulse, running.rates),
        events.router(running.hub),
    )


def _health(lab: LabRuntime) -> APIRouter:
    routes = api_router(tag="lab")

    @routes.get("/health")
    async def read_health() -> Health:
        """Whether the process answers at all."""
        return Health(status="ok", version=nbtwin.__version__)

    @routes.get("/ready", response_model=Ready)
    async def read_readiness(request: Request) -> Ready | Response:
        """503 while nothing can be committed, for platforms answer nobody then, and until a node has reached the broker
        once (D201). That problem has these fields as well."""
        broker = None if lab.workers is None else lab.workers.broker
        apart = None if broker is None else broker.trouble
        trouble: CodedError | None = lab.store_trouble
        if trouble is None and broker is not None and not broker.reached:
            trouble = apart
        ready = Ready(
            ready=trouble is None,
            modules=len(lab.modules),
            platforms=len(lab.world.platforms),
            trouble=_told(request, trouble),
            held=lab.held,
            node=None if broker is None else NodeState(
                name=broker.node, connected=apart is None, trouble=_told(request, apart)
            ),
        )  # fmt: skip
        if trouble is None:
            return ready
        return api_errors.problem(
            request.scope, 503, trouble.code, api_errors.fields_of(trouble), also=ready.model_dump()
        )

    return routes


def _told(request: Request, trouble: CodedError | None) -> api_errors.Trouble | None:
    return None if trouble is None else api_errors.trouble_of(request.scope, trouble)
