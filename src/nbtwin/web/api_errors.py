"""Errors as problem documents (RFC 9457): a wrong request is told which of its fields is wrong."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException as StarletteHTTPException

from nbtwin.operators.refusals import CampaignCause, PlatformError, PlatformRefusal
from nbtwin.operators.store.store import StoreError

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
MEDIA_TYPE = "application/problem+json"


class Problem(BaseModel):
    """RFC 9457, and the field of the request that is wrong."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    field: str | None = Field(None, description="which part of the request is wrong, if it is one part")
    code: str | None = Field(None, description="what is wrong, for programs and for the catalogue of messages")
    fields: dict[str, str | int] | None = Field(None, description="what belongs to the code")


class RequestModel(BaseModel):
    """What the body of a request may have. A misspelt field is an error: left out it would mean something else."""

    model_config = ConfigDict(extra="forbid")


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route may answer besides its success, for the schema."""
    problem = {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}
    return {status: {"description": HTTPStatus(status).phrase, "content": problem} for status in statuses}


class ApiError(HTTPException):
    """The request asks for something that cannot be; ``field`` says where."""

    def __init__(self, detail: str, field: str | None = None, status: int = 422) -> None:
        super().__init__(status, detail)
        self.field = field


def not_found(what: str, name: str) -> HTTPException:
    return HTTPException(404, f"there is no {what} {name!r}")


def problem(status: int, detail: str, *, field: str | None = None, cause: PlatformError | None = None) -> JSONResponse:
    body: dict[str, object] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    body["detail"] = detail
    if field is not None:
        body["field"] = field
    if cause is not None:
        body |= {"code": cause.refusal, "fields": cause.fields}
    return JSONResponse(body, status, media_type=MEDIA_TYPE)


def install(app: FastAPI) -> None:
    """Give the application its error documents."""
    app.exception_handler(StarletteHTTPException)(_http_problem)
    app.exception_handler(RequestValidationError)(_validation_problem)
    app.exception_handler(PlatformError)(_platform_problem)
    app.exception_handler(StoreError)(_store_problem)
    app.exception_handler(Exception)(_unforeseen_problem)


async def _http_problem(_: Request, error: StarletteHTTPException) -> JSONResponse:
    if error.status_code == 400 and not isinstance(error, ApiError):  # FastAPI's, of a body that is not even text
        return problem(422, str(error.detail), field="body")
    answer = problem(error.status_code, str(error.detail), field=getattr(error, "field", None))
    answer.headers.update(error.headers or {})
    return answer


async def _validation_problem(_: Request, error: RequestValidationError) -> JSONResponse:
    first = error.errors()[0]
    return problem(422, str(first["msg"]), field=_field_of(first["loc"]))


def _field_of(where: Iterable[str | int]) -> str:
    first, *rest = [str(part) for part in where]
    return ".".join(rest) if rest and first in ("body", "query", "path", "header") else ".".join([first, *rest])


async def _platform_problem(_: Request, error: PlatformError) -> JSONResponse:
    """What a platform cannot do, with its code: a conflict with what is there now, or a field of the request."""
    match error.refusal:
        case PlatformRefusal.DEVICE_NOT_REGISTERED | PlatformRefusal.QUEUE_FULL:
            return problem(409, str(error), cause=error)
        case PlatformRefusal.VALUE_MISSING | PlatformRefusal.VALUE_UNSUITABLE:
            field = str(error.fields["takes"])
        case CampaignCause.PACKAGE_UNKNOWN:
            field = "package"
        case CampaignCause.DEVICES_MISSING | CampaignCause.DEVICE_TAKEN:
            field = "devices"
        case _:
            field = "path"
    return problem(422, str(error), field=field, cause=error)


async def _store_problem(_: Request, error: StoreError) -> JSONResponse:
    return problem(503, str(error))


async def _unforeseen_problem(_: Request, error: Exception) -> JSONResponse:
    """A defect of ours; the traceback goes to the log, not to the client."""
    return problem(500, f"{type(error).__name__}: a defect of nbtwin's; its log says more")
