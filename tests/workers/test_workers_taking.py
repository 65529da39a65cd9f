"""What of a node's datagrams waits until the database was asked who speaks there (D217)."""

from __future__ import annotations

from collections.abc import Collection, Iterable

import pytest

from nbtwin.coap.message import Message, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.engine import Address
from nbtwin.runtime.workers.taking import Taking

HERE: Address = ("127.0.0.1", 5783)
PEER: Address = ("192.0.2.1", 40_000)
LONG = "866207000000017"


class Names:
    """Who is registered at this node."""

    def __init__(self, client: str | None) -> None:
        self.client = client

    def client_under(self, location: str) -> str | None:
        return None

    def client_at(self, peer: Address) -> str | None:
        return self.client


class Nobody:
    """The database: nobody has it."""

    doubts = False

    async def take(self, locations: Iterable[str], peers: Iterable[str]) -> None: ...

    async def look_up(self, devices: Collection[str]) -> None: ...


def uplink(*query: str) -> bytes:
    return encode(Message(Type.CON, Code.POST, 1, b"up", options(path=("dp",), query=query), b"21"))


@pytest.mark.parametrize(
    ("known", "query", "waits"),
    [
        ("meter-1", ("ep=meter-1",), False),
        ("meter-1", ("ep=meter-1", "b=U"), False),
        ("meter-1", (), False),
        ("meter-1", ("ep=meter-2",), True),
        ("meter-1", ("ep=meter-12",), True),
        ("meter-12", ("ep=meter-1",), True),
        (LONG, (f"ep={LONG}",), False),
        (LONG, (f"ep={LONG}0",), True),
        (None, ("ep=meter-1",), True),
        (None, (), True),
    ],
)
@pytest.mark.asyncio
async def test_a_sender_is_known_by_the_name_that_it_says_where_it_says_one(
    known: str | None, query: tuple[str, ...], waits: bool
) -> None:
    taking = Taking(Nobody(), lambda local, batch: None)
    batch = [(PEER, uplink(*query))]
    passed = taking.admit(HERE, batch, "andlink", Names(known), secure=False)
    await taking.close()
    assert passed == ([] if waits else batch)
