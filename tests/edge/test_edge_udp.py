"""Datagrams in batches: the same with recvmmsg and sendmmsg, where they are compiled, and without."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from nbtwin.edge import udp
from nbtwin.edge.udp import BATCH, Batch, UdpSocket
from nbtwin.engine import Address, Datagram

pytestmark = pytest.mark.asyncio
FAMILIES = [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]


@pytest.fixture(params=[True, False] if udp.mmsg is not None else [False], ids=lambda many: "mmsg" if many else "one")
def batched(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    if not request.param:
        monkeypatch.setattr(udp, "mmsg", None)
    return bool(request.param)


class Ours:
    def __init__(self, host: str) -> None:
        self.batches: list[Batch] = []
        self.udp = UdpSocket((host, 0), lambda _, batch: self.batches.append(batch))


@asynccontextmanager
async def ends(family: int, host: str) -> AsyncIterator[tuple[Ours, socket.socket, Address]]:
    """Ours, a plain socket that waits for it, and that one's address."""
    ours = Ours(host)
    with socket.socket(family, socket.SOCK_DGRAM) as plain:
        plain.bind((host, 0))
        plain.settimeout(30)
        try:
            yield ours, plain, plain.getsockname()[:2]
        finally:
            ours.udp.close()


@pytest.mark.parametrize(("family", "host"), FAMILIES)
async def test_what_came_is_handed_over_in_order_a_batch_at_a_time(batched: bool, family: int, host: str) -> None:
    async with ends(family, host) as (ours, plain, address):
        sent = [b"%d" % number for number in range(BATCH + 6)] + [b"", b"x" * 60_000]
        for data in sent:
            plain.sendto(data, ours.udp.address)
        assert (ours.udp.read(), ours.udp.read(), ours.udp.read()) == (BATCH, 8, 0)
        assert [data for batch in ours.batches for _, data in batch] == sent
        assert {source for batch in ours.batches for source, _ in batch} == {address}


@pytest.mark.parametrize(("family", "host"), FAMILIES)
async def test_a_batch_leaves_in_order(batched: bool, family: int, host: str) -> None:
    async with ends(family, host) as (ours, plain, address):
        sent = [b"%d" % number for number in range(2 * BATCH + 6)] + [b"", b"y" * 60_000]
        ours.udp.send_all([(address, data) for data in sent])
        assert [plain.recv(65535) for _ in sent] == sent
        assert ours.udp.unsendable == 0


@pytest.mark.parametrize(("family", "host"), FAMILIES)
async def test_what_cannot_leave_keeps_nothing_else_back(batched: bool, family: int, host: str) -> None:
    """Too long, an address of the other family: each is counted, and the next one leaves."""
    other = "::1" if family == socket.AF_INET else "203.0.113.1"
    async with ends(family, host) as (ours, plain, address):
        wrong: list[Datagram] = [(address, bytes(70_000)), ((other, 5683), b"far")]
        ours.udp.send_all([(address, b"1"), wrong[0], (address, b"2"), wrong[1], (address, b"3")])
        assert [plain.recv(10) for _ in range(3)] == [b"1", b"2", b"3"]
        assert ours.udp.unsendable == len(wrong)


async def test_what_the_kernel_has_no_room_for_leaves_later_and_first(batched: bool) -> None:
    """A full socket: the rest waits behind what waits, and leaves in order when there is room."""
    async with ends(*FAMILIES[0]) as (ours, plain, address):
        ours.udp._keep(address, b"waits")
        asyncio.get_running_loop().add_writer(ours.udp._socket, ours.udp._send_unsent)
        ours.udp.send_all([(address, b"1"), (address, b"2")])
        plain.setblocking(False)
        with pytest.raises(BlockingIOError):
            plain.recv(10)
        async with asyncio.timeout(60):
            heard = [await asyncio.get_running_loop().sock_recv(plain, 10) for _ in range(3)]
        assert heard == [b"waits", b"1", b"2"]


async def test_a_closed_socket_hears_nothing_and_sends_nothing(batched: bool) -> None:
    async with ends(*FAMILIES[0]) as (ours, _, address):
        ours.udp.close()
        ours.udp.send_all([(address, b"late"), (address, b"later")])
        assert (ours.udp.read(), ours.udp.unsendable) == (0, 2)
