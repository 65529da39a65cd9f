"""Errors as problem documents (RFC 9457): each has a code and fields, and its sentence in the reader's language.

Programs go by ``code`` and ``fields``; ``detail`` is worded when the answer is made, in the language of ``?lang=`` or
Accept-Language, from the catalogue of messages. ``errors`` has every field of the request that is wrong; ``field``,
``code``, ``fields`` and ``detail`` of the document are those of the first.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Annotated, Any, Self
from urllib.parse import parse_qs

import pydantic_core
from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nbtwin.engine import CodedError, Refusal
from nbtwin.foreign import detail_of
from nbtwin.operators.refusals import CampaignCause, PlatformError, PlatformRefusal
from nbtwin.operators.store.store import StoreError
from nbtwin.runtime.errors import OneProcessError
from nbtwin.runtime.unexpected import log_defect
from nbtwin.timeline.catalogue import language_of, words
from nbtwin.timeline.catalogue.errors import shown, worded
from nbtwin.web.forms import form_of
from nbtwin.web.http_methods import allowed, without_slash
from nbtwin.web.refusals import ApiRefusal

LOOPBACK = {"127.0.0.1", "localhost", "::1"}
MEDIA_TYPE = "application/problem+json"
_RENAMED = {
    413: "Content Too Large",
    414: "URI Too Long",
    416: "Range Not Satisfiable",
    422: "Unprocessable Content",
}
"""By RFC 9110."""

_log = logging.getLogger("nbtwin.web")


class Trouble(BaseModel):
    """What is wrong, as data and in words."""

    code: str = Field(description="what is wrong, for programs")
    fields: dict[str, Any] = Field(description="what belongs to the code")
    detail: str = Field(description="the same in words, in the language that was asked for")


class FieldProblem(Trouble):
    """One field of the request that is wrong."""

    field: str | None = Field(description="which part of the request; null: not one alone")


class Problem(BaseModel):
    """RFC 9457, and what is wrong as data."""

    type: Annotated[str, Field(description="always about:blank: `code` says which problem it is")] = "about:blank"
    title: str = Field(description="the name of the status")
    status: int = Field(description="of the answer")
    detail: str = Field(description="what is wrong, in words, in the language that was asked for")
    code: str = Field(description="what is wrong, for programs; with several wrong fields that of the first")
    fields: dict[str, Any] = Field(description="what belongs to the code")
    field: str | None = Field(None, description="which part of the request is wrong, if it is one part")
    errors: list[FieldProblem] | None = Field(None, description="every wrong field of the request")


class RequestModel(BaseModel):
    """What the body of a request may have. A misspelt field is an error: left out it would mean something else."""

    model_config = ConfigDict(extra="forbid")


def title_of(status: int) -> str:
    """As RFC 9110 calls it, which Python does from 3.13 on."""
    return _RENAMED.get(status) or HTTPStatus(status).phrase


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route may answer besides its success, for the schema."""
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        status: {"description": title_of(status), "content": {MEDIA_TYPE: {"schema": dict(schema)}}}
        for status in statuses
    }


class ApiError(HTTPException):
    """The request asks for something that cannot be; ``field`` says where. Not worded yet."""

    def __init__(self, code: Refusal, field: str | None = None, status: int = 422, **fields: Any) -> None:
        super().__init__(status, str(code))
        self.code = code
        self.field = field
        self.fields = fields

    @classmethod
    def of(cls, error: Exception, field: str | None = None, status: int = 422) -> Self:
        """What an exception of a floor below says: its code and fields, or else its text as a foreign one."""
        if isinstance(error, CodedError):
            return cls(error.code, field, status, **fields_of(error))
        return cls(ApiRefusal.FOREIGN, field, status, detail=detail_of(error))


def fields_of(error: CodedError) -> dict[str, Any]:
    """With where it was said (a line of a file, a database), if that is known."""
    return {**({"where": error.where} if error.where else {}), **error.fields}


def trouble_of(scope: Scope, error: CodedError) -> Trouble:
    return Trouble(**told(error.code, fields_of(error), language_for(scope)))


def not_found(what: Refusal, name: str) -> ApiError:
    return ApiError(what, None, 404, name=name)


def language_for(scope: Scope) -> str:
    """The reader's: what ``?lang=`` says, else the best of Accept-Language."""
    query: bytes = scope.get("query_string", b"")
    asked = parse_qs(query.decode("latin-1")).get("lang", [""])[-1]
    return language_of(asked or Headers(scope=scope).get("accept-language", ""))


def problem(
    scope: Scope,
    status: int,
    code: Refusal,
    fields: Mapping[str, Any] | None = None,
    field: str | None = None,
    more: Iterable[FieldProblem] = (),
    also: Mapping[str, Any] | None = None,
) -> JSONResponse:
    """The document. ``more``: further fields that are wrong; ``also``: what this one has beside (RFC 9457, 3.2)."""
    language = language_for(scope)
    first = _field_problem(code, field, fields or {}, language)
    body = {"type": "about:blank", "title": title_of(status), "status": status, **first}
    if field is None:
        del body["field"]
    else:
        body["errors"] = [first, *(one.model_dump() for one in more)]
    headers = {"Content-Language": language, "Vary": "Accept-Language"}
    return JSONResponse({**(also or {}), **body}, status, headers, media_type=MEDIA_TYPE)


def problem_of(scope: Scope, error: ApiError) -> JSONResponse:
    answer = problem(scope, error.status_code, error.code, error.fields, error.field)
    answer.headers.update(error.headers or {})
    return answer


def store_problem(scope: Scope, error: StoreError) -> JSONResponse:
    """The database does not answer: the same request may succeed later."""
    _log.info("%s %s: %s", scope["method"], scope["path"], worded(error))
    return problem(scope, 503, error.code, fields_of(error))


def _field_problem(code: Refusal, field: str | None, fields: Mapping[str, Any], language: str) -> dict[str, Any]:
    return {"field": field, **told(code, fields, language)}


def told(code: Refusal, fields: Mapping[str, Any], language: str) -> dict[str, Any]:
    """Code, fields and words of a `Trouble`."""
    detail = words(code, language, **shown(fields, language))
    if where := fields.get("where"):
        detail = f"{where}: {detail}"
    plain = pydantic_core.to_jsonable_python(dict(fields), fallback=str, inf_nan_mode="strings")
    return {"code": str(code), "fields": plain, "detail": detail}


def install(app: FastAPI) -> None:
    """Give the application its error documents."""
    app.exception_handler(StarletteHTTPException)(_http_problem)
    app.exception_handler(RequestValidationError)(_validation_problem)
    app.exception_handler(PlatformError)(_platform_problem)
    app.exception_handler(StoreError)(_store_problem)
    app.exception_handler(OneProcessError)(_one_process_problem)
    app.add_middleware(Unexpected)


_PLAIN = {404: ApiRefusal.PATH_UNKNOWN, 405: ApiRefusal.METHOD}
"""What the framework itself refuses."""


async def _http_problem(request: Request, error: StarletteHTTPException) -> Response:
    if isinstance(error, ApiError):
        return problem_of(request.scope, error)
    routes = request.app.routes
    if error.status_code == 404 and (there := without_slash(routes, request.scope)) is not None:
        return there
    if error.status_code == 405:
        error.headers = {"Allow": ", ".join(allowed(routes, request.scope))}
    if error.status_code == 400:  # FastAPI's, of a body that is not even text
        return problem(request.scope, 422, ApiRefusal.BODY_UNREADABLE, {}, "body")
    code = _PLAIN.get(error.status_code, ApiRefusal.FOREIGN)
    fields = {"method": request.method, "path": request.url.path} if code != ApiRefusal.FOREIGN else {}
    answer = problem(request.scope, error.status_code, code, fields or {"detail": str(error.detail)})
    answer.headers.update(error.headers or {})
    return answer


_VALUES: Mapping[str, tuple[ApiRefusal, str | None]] = {
    "missing": (ApiRefusal.VALUE_MISSING, None),
    "extra_forbidden": (ApiRefusal.FIELD_UNKNOWN, None),
    "string_too_long": (ApiRefusal.VALUE_TOO_LONG, "max_length"),
    "string_too_short": (ApiRefusal.VALUE_TOO_SHORT, "min_length"),
    "string_pattern_mismatch": (ApiRefusal.VALUE_PATTERN, "pattern"),
    "too_long": (ApiRefusal.LIST_TOO_LONG, "max_length"),
    "too_short": (ApiRefusal.LIST_TOO_SHORT, "min_length"),
    "greater_than": (ApiRefusal.VALUE_NOT_ABOVE, "gt"),
    "greater_than_equal": (ApiRefusal.VALUE_TOO_SMALL, "ge"),
    "less_than": (ApiRefusal.VALUE_NOT_BELOW, "lt"),
    "less_than_equal": (ApiRefusal.VALUE_TOO_LARGE, "le"),
    "literal_error": (ApiRefusal.VALUE_NONE_OF, "expected"),
    "enum": (ApiRefusal.VALUE_NONE_OF, "expected"),
    "int_type": (ApiRefusal.NO_WHOLE_NUMBER, None),
    "int_parsing": (ApiRefusal.NO_WHOLE_NUMBER, None),
    "int_parsing_size": (ApiRefusal.NO_WHOLE_NUMBER, None),
    "int_from_float": (ApiRefusal.NO_WHOLE_NUMBER, None),
    "float_type": (ApiRefusal.NO_NUMBER, None),
    "float_parsing": (ApiRefusal.NO_NUMBER, None),
    "finite_number": (ApiRefusal.NO_NUMBER, None),
    "bool_type": (ApiRefusal.NO_BOOLEAN, None),
    "bool_parsing": (ApiRefusal.NO_BOOLEAN, None),
    "string_type": (ApiRefusal.NO_TEXT, None),
    "string_unicode": (ApiRefusal.NO_TEXT, None),
    "list_type": (ApiRefusal.NO_LIST, None),
    "dict_type": (ApiRefusal.NO_OBJECT, None),
    "model_type": (ApiRefusal.NO_OBJECT, None),
    "model_attributes_type": (ApiRefusal.NO_OBJECT, None),
    "json_invalid": (ApiRefusal.BODY_NOT_JSON, "error"),
}
"""pydantic's types of error, and what of their context is a field: ``limit``, ``form``, ``known`` or ``detail``."""
_NAMES = {"expected": "known", "error": "detail"}
_QUOTED = re.compile(r"'([^']*)'")


async def _validation_problem(request: Request, error: RequestValidationError) -> JSONResponse:
    language = language_for(request.scope)
    found = [(_field_of(one["loc"]), *_said(one)) for one in error.errors()]
    (field, code, fields), *rest = found
    more = [FieldProblem(**_field_problem(code, field, fields, language)) for field, code, fields in rest]
    return problem(request.scope, 422, code, fields, field, more)


def _said(error: Mapping[str, Any]) -> tuple[ApiRefusal, dict[str, Any]]:
    """The code of one of pydantic's errors, and its fields. A type without a code is told in pydantic's words."""
    code, key = _VALUES.get(error["type"], (ApiRefusal.VALUE_WRONG, None))
    if code is ApiRefusal.VALUE_WRONG:
        return code, {"detail": str(error["msg"])}
    if key is None:
        return code, {}
    value = error["ctx"][key]
    if code is ApiRefusal.VALUE_PATTERN:
        return code, {"form": form_of(value), "pattern": value}
    return code, {_NAMES.get(key, "limit"): _choices(value) if key == "expected" else value}


def _choices(expected: str) -> list[str]:
    """pydantic's ``'pty' or 'none'``, and our own ``pty, none``, as a list."""
    return _QUOTED.findall(expected) or expected.split(", ")


def _field_of(where: Iterable[str | int]) -> str:
    first, *rest = [str(part) for part in where if part != "[key]"]  # a wrong key stands for itself
    return ".".join(rest) if rest and first in ("body", "query", "path", "header") else ".".join([first, *rest])


async def _platform_problem(request: Request, error: PlatformError) -> JSONResponse:
    """What a platform cannot do, with its code: a conflict with what is there now, or a field of the request."""
    match error.code:
        case (
            PlatformRefusal.DEVICE_NOT_REGISTERED
            | PlatformRefusal.QUEUE_FULL
            | PlatformRefusal.VERSION_LACKS
            | PlatformRefusal.COMMAND_NOT_WAITING
        ):
            return problem(request.scope, 409, error.code, fields_of(error))
        case PlatformRefusal.PROCESS_AWAY | PlatformRefusal.NODE_AWAY | PlatformRefusal.NODES_APART:
            return problem(request.scope, 503, error.code, fields_of(error))
        case CampaignCause.PACKAGE_UNKNOWN:
            field = "package"
        case CampaignCause.DEVICES_MISSING | CampaignCause.DEVICE_TAKEN:
            field = "devices"
        case _:  # a value that does not suit, or the path itself
            field = str(error.fields.get("takes", "path"))
    return problem(request.scope, 422, error.code, fields_of(error), field)


async def _one_process_problem(request: Request, error: OneProcessError) -> JSONResponse:
    return problem(request.scope, 409, error.code, fields_of(error))


async def _store_problem(request: Request, error: StoreError) -> JSONResponse:
    return store_problem(request.scope, error)


class Unexpected:
    """ASGI middleware. A defect of ours: the traceback goes to the log, and the answer (500) names its entry there."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except ClientDisconnect:
            _log.debug("%s %s: the client left", scope["method"], scope["path"])
        except Exception as error:
            if scope["type"] != "http":
                raise
            entry = log_defect(_log, f"{scope['method']} {scope['path']}", error)
            if started:
                raise  # there is no answer any more that could say so: the connection ends
            fields = {"error": type(error).__name__, "entry": entry}
            await problem(scope, 500, ApiRefusal.DEFECT, fields)(scope, receive, send)
