"""How a package can get to a device: what it says of that in the firmware object, and which way is chosen.

LwM2M 1.0 TS, E.6, resources 8 and 9; the numbers of 1.1 and 1.2 for CoAP over TCP beside them. Knows no transfer.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import IntEnum, StrEnum
from typing import TypeAlias

import msgspec

from nbtwin.operators.refusals import CampaignCause


class Mode(StrEnum):
    """How a package gets to a device (LwM2M 1.0 TS, E.6, resource 9)."""

    PULL = "pull"
    PUSH = "push"
    AUTO = "auto"  # what the device says that it can


class Scheme(IntEnum):
    """What a device can fetch with (resource 8)."""

    COAP = 0
    COAPS = 1
    HTTP = 2
    HTTPS = 3
    COAP_TCP = 4
    COAPS_TCP = 5


class DeliveryMethod(IntEnum):
    """Resource 9."""

    PULL = 0
    PUSH = 1
    BOTH = 2


class Abilities(msgspec.Struct, frozen=True, kw_only=True):
    """What a device says of itself before anything is sent to it; None is what it does not say."""

    state: int | None = None
    result: int | None = None
    schemes: tuple[int, ...] | None = None
    method: int | None = None
    model: str = ""  # /3/0/1, where a package is for some models only
    response_code: str = ""  # with which it refused to say even its state


class Way(msgspec.Struct, frozen=True):
    """The one that is taken."""

    mode: Mode
    scheme: Scheme = Scheme.COAP


class NoWay(msgspec.Struct, frozen=True):
    """Why there is none, and what the device can."""

    cause: CampaignCause
    found: str


Chosen: TypeAlias = Way | NoWay


def choose_way(mode: Mode, said: Abilities, served: Collection[Scheme], *, secure: bool) -> Chosen:
    """``served``: what this platform has for this device; ``secure``: it is registered behind DTLS.

    Who does not say what it fetches with fetches with CoAP, in the way that it registered; who does not say which
    method it takes takes both.
    """
    mode = Mode(mode)
    method = DeliveryMethod.BOTH if said.method not in tuple(DeliveryMethod) else said.method
    pulls, pushes = method != DeliveryMethod.PUSH, method != DeliveryMethod.PULL
    scheme = _scheme(said.schemes, served, secure=secure)
    if mode is Mode.PUSH or (mode is Mode.AUTO and (not pulls or (scheme is None and pushes))):
        return Way(Mode.PUSH) if pushes else NoWay(CampaignCause.METHOD_UNSUPPORTED, Mode.PULL.value)
    if not pulls:
        return NoWay(CampaignCause.METHOD_UNSUPPORTED, Mode.PUSH.value)
    if scheme is None:
        found = said.schemes or ()
        only_http = Scheme.HTTP in found
        cause = CampaignCause.HTTP_NOT_SERVED if only_http else CampaignCause.SCHEME_NOT_SERVED
        return NoWay(cause, ", ".join(map(_name, found)))
    return Way(Mode.PULL, scheme)


def _scheme(found: tuple[int, ...] | None, served: Collection[Scheme], *, secure: bool) -> Scheme | None:
    """The best that both have: the way in which the device is registered, then CoAP, then HTTP."""
    if not found:
        return Scheme.COAPS if secure else Scheme.COAP
    order = (Scheme.COAPS, Scheme.COAP) if secure else (Scheme.COAP, Scheme.COAPS)
    return next((scheme for scheme in (*order, Scheme.HTTP) if scheme in found and scheme in served), None)


def _name(number: int) -> str:
    names = {
        Scheme.COAP: "CoAP", Scheme.COAPS: "CoAPS", Scheme.HTTP: "HTTP", Scheme.HTTPS: "HTTPS",
        Scheme.COAP_TCP: "CoAP over TCP", Scheme.COAPS_TCP: "CoAP over TLS",
    }  # fmt: skip
    return names[Scheme(number)] if number in tuple(Scheme) else str(number)
