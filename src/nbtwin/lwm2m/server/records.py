"""What a server keeps of an operation, and takes from an Update: data. Structs, as there are many."""

from __future__ import annotations

import msgspec

from nbtwin.coap.events import Request
from nbtwin.coap.message import observe_of
from nbtwin.coap.numbers import Code
from nbtwin.engine import Address
from nbtwin.lwm2m.path import Path, Paths


class ServerOperation(msgspec.Struct):
    """One that is open, or an observation."""

    client: str
    path: Path | Paths
    request: Request
    peer: Address  # to which it was sent
    is_answered: bool = False

    @property
    def may_be_repeated(self) -> bool:
        """All but POST (RFC 7252 5.1) and PATCH (RFC 8132 3)."""
        return self.request.code not in (Code.POST, Code.PATCH)

    @property
    def observes(self) -> bool:
        return observe_of(self.request.options) == 0


class UpdateRequest(msgspec.Struct):
    """None where the Client leaves it as it is."""

    lifetime: int | None
    binding: str | None
    objects: str | None
    query: tuple[str, ...]
    sms: str | None = None

    def first(self, *names: str) -> str | None:
        """The value of the first query parameter that has one of these names."""
        for item in self.query:
            name, _, value = item.partition("=")
            if name in names:
                return value
        return None
