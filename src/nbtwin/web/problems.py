"""Errors as problem documents (RFC 9457), and who may ask at all: pages of this very address.

The API has no accounts; it listens on loopback, and a page of another origin in the user's browser is refused.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from fastapi import FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from nbtwin.operators.store import StoreError

LOOPBACK = {"127.0.0.1", "localhost", "::1"}


def problem(status: int, detail: str, *, field: str | None = None) -> JSONResponse:
    body: dict[str, object] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    body["detail"] = detail
    if field is not None:
        body["field"] = field
    return JSONResponse(body, status, media_type="application/problem+json")


def not_found(what: str, name: str) -> HTTPException:
    return HTTPException(404, f"there is no {what} {name!r}")


def install(app: FastAPI) -> None:
    """Give the application its error documents and its guard."""
    app.exception_handler(StarletteHTTPException)(_http_problem)
    app.exception_handler(RequestValidationError)(_validation_problem)
    app.exception_handler(StoreError)(_store_problem)
    app.middleware("http")(_guard)


async def _http_problem(_: Request, error: StarletteHTTPException) -> JSONResponse:
    return problem(error.status_code, str(error.detail))


async def _validation_problem(_: Request, error: RequestValidationError) -> JSONResponse:
    first = error.errors()[0]
    where = [str(part) for part in first["loc"] if part not in ("body", "query", "path")]
    return problem(422, str(first["msg"]), field=".".join(where) or str(first["loc"][0]))


async def _store_problem(_: Request, error: StoreError) -> JSONResponse:
    return problem(503, str(error))


async def _guard(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
    """Names other than loopback's (DNS rebinding) and other origins (CSRF) are refused before anything happens."""
    host = request.url.hostname
    if host not in LOOPBACK:
        return problem(403, f"this lab answers to {', '.join(sorted(LOOPBACK))}, not to {host!r}")
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        return problem(403, f"a page of {origin} may not use this lab")
    return await proceed(request)
