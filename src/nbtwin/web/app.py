"""The application: REST under /api/v1 and the console page at /. Knows a running lab by its `LabView` alone.

Nothing is fetched from elsewhere: the page, its script and its style are files of this package.
"""

from __future__ import annotations

from fastapi import APIRouter, FastAPI
from pydantic import BaseModel

import nbtwin
from nbtwin.web import clock, modules, pages, platforms, problems, timeline
from nbtwin.web.lab_view import LabView


class Health(BaseModel):
    status: str
    version: str


class Ready(BaseModel):
    ready: bool
    modules: int
    platforms: int


def create_app(lab: LabView) -> FastAPI:
    app = FastAPI(
        title="nbtwin",
        version=nbtwin.__version__,
        description="NB-IoT modules and the operators' platforms they register with, in software.",
        openapi_url="/api/v1/openapi.json",
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
    )
    problems.install(app)
    api = APIRouter(prefix="/api/v1")

    @api.get("/health", tags=["lab"])
    async def health() -> Health:
        return Health(status="ok", version=nbtwin.__version__)

    @api.get("/ready", tags=["lab"])
    async def ready() -> Ready:
        return Ready(ready=True, modules=len(lab.modules), platforms=len(lab.world.platforms))

    for routes in (
        modules.router(lab),
        platforms.router(lab),
        platforms.appkey_router(lab),
        timeline.router(lab),
        clock.router(lab),
        clock.fault_router(lab),
    ):
        api.include_router(routes)
    app.include_router(api)
    pages.install(app)
    return app
