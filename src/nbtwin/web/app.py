"""The application: REST under /api/v1 and the console page at /. Knows a running lab by its `LabView` alone.

Nothing is fetched from elsewhere: the page, its script and its style are files of this package.
"""

from __future__ import annotations

from importlib import resources

from fastapi import APIRouter, FastAPI
from fastapi.responses import Response
from pydantic import BaseModel

import nbtwin
from nbtwin.web import clock, modules, platforms, problems, timeline
from nbtwin.web.lab_view import LabView

_PAGES = {
    "/": ("console.html", "text/html"),
    "/console.css": ("console.css", "text/css"),
    "/console.js": ("console.js", "text/javascript"),
}
_POLICY = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"


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
    for path, (name, media_type) in _PAGES.items():
        app.add_api_route(path, _page(name, media_type), include_in_schema=False)
    return app


def _page(name: str, media_type: str):  # type: ignore[no-untyped-def]  # what FastAPI wants of a route
    content = resources.files("nbtwin.web").joinpath("static", name).read_bytes()
    headers = {"Content-Security-Policy": _POLICY, "X-Content-Type-Options": "nosniff"}

    async def page() -> Response:
        return Response(content, media_type=media_type, headers=headers)

    return page
