"""What every request under /api/v1 is checked for beside its own route: that nothing of it goes unheard.

A name in the query that the route does not know is refused, as an unknown field of a body is: left out it would mean
something else. A body in another media type than the route reads is refused with the one that it wants (RFC 9110,
15.5.16). Scripts made for Leshan keep their liberties.
"""

from __future__ import annotations

from fastapi import Request, params
from fastapi.dependencies.utils import get_flat_params
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.datastructures import Headers

from nbtwin.web.api_errors import ApiError
from nbtwin.web.refusals import ApiRefusal

JSON = "application/json"
EVERYWHERE = frozenset({"lang"})
"""Names that every route takes: in which language a refusal is worded."""


async def check_request(request: Request) -> None:
    """A dependency of the whole application."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or not request.url.path.startswith("/api/v1/"):
        return
    if route.body_field is not None and not is_json(request.headers):
        _check_media_type(request.headers)
    unknown = sorted(request.query_params.keys() - query_names(route)) if request.query_params else []
    if unknown:
        where = (("query", name) if name else ("query",) for name in unknown)
        raise RequestValidationError([{"type": "extra_forbidden", "loc": loc} for loc in where])


def is_json(headers: Headers) -> bool:
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    return media_type == JSON or (media_type.startswith("application/") and media_type.endswith("+json"))


def _check_media_type(headers: Headers) -> None:
    found = headers.get("content-type", "")
    if not found and headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers:
        return  # there is no body at all: the route says what is missing
    refusal = ApiError(ApiRefusal.MEDIA_TYPE, "body", 415, wanted=JSON, found=found[:100] or None)
    refusal.headers = {"Accept": JSON}
    raise refusal


def query_names(route: APIRoute) -> frozenset[str]:
    """Every name that the query of this route may have: one by one, or the fields of a model."""
    elsewhere = (params.Path, params.Header, params.Cookie)
    found = (field for field in get_flat_params(route.dependant) if not isinstance(field.field_info, elsewhere))
    return EVERYWHERE | {field.alias for field in found}
