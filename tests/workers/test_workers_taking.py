"""What of a node's datagrams waits until the database was asked who speaks there (D217)."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable

import pytest

from nbtwin.coap.message import Message, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.edge.udp import Batch
from nbtwin.engine import Address
from nbtwin.runtime.workers.taking import Taking
from nbtwin.selfreg.cmdmp import SEPARATOR

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


class Apart(Nobody):
    """It is not told who takes its devices."""

    doubts = True

    def __init__(self) -> None:
        self.looked_up: list[str] = []

    async def look_up(self, devices: Collection[str]) -> None:
        self.looked_up += sorted(devices)


CMDMP_NAME = f"1{SEPARATOR}secret{SEPARATOR}M100000042{SEPARATOR}{LONG}{SEPARATOR}v2"


@pytest.mark.parametrize(
    ("known", "path", "query", "asked"),
    [
        ("meter-1", ("dp",), ("ep=meter-1",), "andlink:meter-1"),
        (None, ("rd",), ("ep=meter-1",), "andlink:meter-1"),
        (None, ("rd",), (f"ep={CMDMP_NAME}",), f"andlink:{LONG}"),
        ("meter-1", ("bs",), ("ep=meter-1",), "andlink:meter-1"),
        (None, (".well-known", "core"), (), None),
    ],
)
@pytest.mark.asyncio
async def test_who_is_not_told_looks_up_whoever_is_named_and_goes_on(
    known: str | None, path: tuple[str, ...], query: tuple[str, ...], asked: str | None
) -> None:
    """D204."""
    gone_on: asyncio.Queue[Batch] = asyncio.Queue()
    taker = Apart()
    taking = Taking(taker, lambda local, batch: gone_on.put_nowait(batch))
    batch = [(PEER, encode(Message(Type.CON, Code.POST, 1, b"up", options(path=path, query=query), b"21")))]
    passed = taking.admit(HERE, batch, "andlink", Names(known), secure=False)
    assert (passed or await gone_on.get()) == batch
    assert (asked in taker.looked_up) is (asked is not None)
    await taking.close()
