"""Who may do what: roles, the table of what each request needs, and who is asking.

The guard (`access_guard`) stands before the application, finds out who asks, and refuses what the table does not allow;
a route asks with `requires` or `caller_of` where the table is too coarse. Knows no database and no token's secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from fastapi import Depends, Request

from nbtwin.web.api_errors import ApiError
from nbtwin.web.refusals import ApiRefusal

READING = frozenset({"GET", "HEAD", "OPTIONS"})


class Role(IntEnum):
    """Each may do what those before it may."""

    NOBODY = 0
    VIEWER = 1  # looks; secrets are masked
    OPERATOR = 2  # changes modules, devices, the clock, faults
    ADMIN = 3  # sees secrets when asked, keeps keys and tokens, reads the audit log, brings back whole states

    def __str__(self) -> str:
        return self.name.lower()


GRANTED = (Role.VIEWER, Role.OPERATOR, Role.ADMIN)


@dataclass(frozen=True)
class Caller:
    """Whoever sent a request: the name of the token, or "local" where the lab asks for none."""

    name: str
    role: Role


LOCAL = Caller("local", Role.ADMIN)
STRANGER = Caller("", Role.NOBODY)


@dataclass(frozen=True)
class AccessRule:
    """What a request needs whose method and path match; the first rule that does counts."""

    methods: str  # a regular expression, as is `path`
    path: str
    role: Role
    why: str

    def matches(self, method: str, path: str) -> bool:
        return bool(re.fullmatch(self.methods, method) and re.fullmatch(self.path, path))


_API = "/api/v1"
RULES: tuple[AccessRule, ...] = (
    AccessRule("GET|HEAD", rf"{_API}/(health|ready)", Role.NOBODY, "for whoever watches over the process"),
    AccessRule("GET|HEAD|POST", r"/(login|logout)", Role.NOBODY, "how one comes in, and leaves"),
    AccessRule(
        "GET|HEAD", r"/fw/.*", Role.NOBODY, "a package, to a device: by its campaign's key, or where one is (D163)"
    ),
    AccessRule("GET|HEAD", rf"{_API}/access", Role.NOBODY, "who am I"),
    AccessRule(".*", rf"{_API}/access/.*", Role.ADMIN, "tokens and the audit log"),
    AccessRule(".*", rf"{_API}/lab/(export|import|reset)", Role.ADMIN, "whole states, with every secret in them"),
    AccessRule(
        "GET|HEAD|PUT", rf"{_API}/modules/[^/]+/nvram/image", Role.ADMIN, "the bytes, with every secret in them"
    ),
    AccessRule(
        "GET|HEAD", rf"{_API}/traces\.pcapng", Role.ADMIN, "the DTLS keys are in it, and AT lines as they were said"
    ),
    AccessRule("POST|PUT|PATCH|DELETE", rf"{_API}/appkeys(/.*)?", Role.ADMIN, "who may register"),
    AccessRule("POST|PUT|PATCH|DELETE", rf"{_API}/platforms/[^/]+/keys(/.*)?", Role.ADMIN, "who may register"),
    AccessRule("POST|PUT|PATCH|DELETE", r"/api/security/.*", Role.ADMIN, "who may register"),
    AccessRule("GET|HEAD|OPTIONS", r"/(api|metrics)(/.*)?", Role.VIEWER, "looking"),
    AccessRule(".*", r"/(api|metrics)(/.*)?", Role.OPERATOR, "changing"),
    AccessRule("GET|HEAD|OPTIONS", r"/.*", Role.NOBODY, "the console's own files: nothing of the lab is in them"),
)


def role_for(method: str, path: str) -> Role:
    """What this request needs, by the table; an unknown one what is hardest to get."""
    return next((rule.role for rule in RULES if rule.matches(method, path)), Role.ADMIN)


def caller_of(request: Request) -> Caller:
    """Who asks; an application without a guard (a test's) has nobody but its own user."""
    caller: Caller = request.scope.get("nbtwin.caller", LOCAL)
    return caller


def refused_role(caller: Caller, role: Role, method: str, path: str) -> dict[str, str]:
    """The fields of `ApiRefusal.ROLE`."""
    who = caller.name or str(Role.NOBODY)
    return {"method": method, "path": path, "role": str(role), "caller": who, "caller_role": str(caller.role)}


def require(request: Request, role: Role, refusal: ApiRefusal = ApiRefusal.ROLE) -> Caller:
    """In a route whose need depends on its parameters (``?reveal=true``): refuse, or say who it is."""
    caller = caller_of(request)
    if caller.role < role:
        raise ApiError(refusal, status=403, **refused_role(caller, role, request.method, request.url.path))
    return caller


def requires(role: Role) -> Any:
    """For a route's ``dependencies=[requires(Role.ADMIN)]``, beside what the table asks for."""

    def check(request: Request) -> Caller:
        return require(request, role)

    needed: Callable[[Request], Caller] = check
    return Depends(needed)
