"""Routers whose routes are whole from the beginning: prefix, refusals, checks and the operation's id.

FastAPI builds a route anew for each router that includes its router, and it builds slowly. So nothing is included: the
application takes the routes as they are.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute

from nbtwin.web.api_errors import responses as problems
from nbtwin.web.request_checks import check_request

API = "/api/v1"


def operation_id(route: APIRoute) -> str:
    """For FastAPI's `generate_unique_id_function`."""
    return route.name


def api_router(prefix: str = "", *, tag: str, responses: dict[int | str, dict[str, Any]] | None = None) -> APIRouter:
    """Of routes under /api/v1. ``responses``: beside those that every operation has."""
    return root_router(API + prefix, tag=tag, responses=responses)


def root_router(prefix: str = "", *, tag: str, responses: dict[int | str, dict[str, Any]] | None = None) -> APIRouter:
    """Of routes at the root."""
    return APIRouter(
        prefix=prefix,
        tags=[tag],
        responses={**problems(401, 403, 413, 422, 503), **(responses or {})},
        dependencies=[Depends(check_request)],
        generate_unique_id_function=operation_id,
    )


def take(app: FastAPI, routers: Iterable[APIRouter]) -> None:
    for router in routers:
        app.router.routes.extend(router.routes)
