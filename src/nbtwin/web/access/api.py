"""/api/v1/access: who am I, who may come in (tokens), and who changed what (the audit log)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, FastAPI, Query, Request, Response
from pydantic import BaseModel, Field

from nbtwin.operators.store.access import AuditRepository, TokenRecord, TokenRepository
from nbtwin.operators.store.database import NameRefused
from nbtwin.operators.store.store import Store
from nbtwin.timeline.span import SpanError, parse_span
from nbtwin.web.access import login
from nbtwin.web.access.guard import Guard
from nbtwin.web.access.roles import Role, caller_of
from nbtwin.web.access.tokens import Access, create
from nbtwin.web.api_errors import ApiError, RequestModel, not_found, responses
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.routers import api_router, take


class WhoAmI(BaseModel):
    name: str = Field(description='the token\'s; "local" where none is needed; "" for nobody')
    role: str = Field(description="nobody, viewer, operator or admin")
    tokens_needed: bool = Field(description="whoever has no token is refused")


class TokenState(BaseModel):
    name: str = Field(description="of whoever has it")
    role: str = Field(description="viewer, operator or admin")
    hint: str = Field(description="its first characters; the token itself is not kept")
    created_at: float = Field(description="the wall clock's, in seconds since 1970")
    expires_at: float | None = Field(description="the same; null: never")
    used_at: float | None = Field(description="the same; null: not yet")


class NewToken(RequestModel):
    name: Annotated[str, Field(pattern=r"^[\w.@-]{1,64}$", examples=["ci"], description="of whoever gets it")]
    role: Literal["viewer", "operator", "admin"] = Field(
        description="viewer looks, operator changes, admin sees secrets and keeps keys and tokens"
    )
    lasts: Annotated[str | None, Field(max_length=32, examples=["90d"], description="for ever when left out")] = None


class MadeToken(TokenState):
    token: str = Field(description="to be seen this once")


class AuditEntry(BaseModel):
    at: float = Field(description="the wall clock's, in seconds since 1970")
    who: str = Field(description="the token's name, local, or cli of a command")
    role: str = Field(description="that it had")
    what: str = Field(description="method and operation, or the command")
    target: str = Field(description="what was changed: the path")
    status: int = Field(
        description="of the answer; of a command 0, or 1 when it failed; 102: it began, and how it ended is not known"
    )
    detail: dict[str, Any] = Field(description="the request, with its secrets masked")


def _state(record: TokenRecord) -> dict[str, Any]:
    return {name: getattr(record, name) for name in TokenState.model_fields}


def router(store: Store, access: Access) -> APIRouter:
    routes = api_router("/access", tag="access")
    tokens, audit = store.part(TokenRepository), store.part(AuditRepository)

    @routes.get("")
    async def read_caller(request: Request) -> WhoAmI:
        """Who asks, with which role."""
        caller = caller_of(request)
        return WhoAmI(name=caller.name, role=str(caller.role), tokens_needed=access.needed)

    @routes.get("/tokens")
    def list_tokens() -> list[TokenState]:
        """The tokens; none of them can be read again."""
        return [TokenState(**_state(record)) for record in tokens.everyone()]

    @routes.post("/tokens", status_code=201)
    def create_token(body: NewToken) -> MadeToken:
        """A new token, which is shown this once."""
        try:
            lasts = None if body.lasts is None else parse_span(body.lasts)
        except SpanError as error:
            raise ApiError.of(error, "lasts") from None
        now = access.clock()
        try:
            token = create(store, body.name, Role[body.role.upper()], now=now, lasts=lasts)
        except NameRefused as error:
            raise ApiError.of(error, "name", 409) from None
        (record,) = (record for record in tokens.everyone() if record.name == body.name)
        return MadeToken(token=token, **_state(record))

    @routes.delete("/tokens/{name}", status_code=204, responses=responses(404))
    def remove_token(name: str) -> Response:
        """In force with the next request."""
        if not tokens.remove(name):
            raise not_found(ApiRefusal.TOKEN_UNKNOWN, name)
        return Response(status_code=204)

    @routes.get("/audit")
    def list_audit_entries(
        response: Response,
        who: Annotated[str | None, Query(max_length=64, description="only this token's")] = None,
        since: Annotated[float | None, Query(description="of the wall clock, in seconds since 1970")] = None,
        until: Annotated[float | None, Query(description="of the wall clock, in seconds since 1970")] = None,
        containing: Annotated[str, Query(max_length=64, description="in what was done, and to what")] = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
        offset: Annotated[int, Query(ge=0, le=2**53)] = 0,
    ) -> list[AuditEntry]:
        """What was changed, by whom, the newest first."""
        total = audit.count(who=who, since=since, until=until, containing=containing)
        response.headers["X-Total-Count"] = str(total)
        lines = audit.lines(who=who, since=since, until=until, containing=containing, limit=limit, offset=offset)
        return [AuditEntry(**{name: getattr(line, name) for name in AuditEntry.model_fields}) for line in lines]

    return routes


def install(app: FastAPI, store: Store, access: Access | None) -> None:
    """Give the application its guard, its login page and these routes; and say in its schema that there are tokens."""
    policy = access or Access(store)
    take(app, (router(store, policy),))
    login.install(app, policy)
    app.add_middleware(Guard, access=policy, store=store)
    described = app.openapi

    def openapi() -> dict[str, Any]:
        schema = described()
        schemes = schema.setdefault("components", {}).setdefault("securitySchemes", {})
        schemes["token"] = {"type": "http", "scheme": "bearer", "description": "`nbtwin token create` makes one"}
        schema["security"] = [{"token": []}, {}]
        return schema

    app.openapi = openapi  # type: ignore[method-assign]
