"""The live lab: the same world on the wall clock, with real UDP on loopback."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import pairwise

import pytest
from free_ports import free_port
from lab_peers import EchoPlatform, ToyModule

from nbtwin.edge.errors import EdgeError
from nbtwin.edge.live_runtime import LiveRuntime, live_world
from nbtwin.edge.udp import Batch, UdpSocket
from nbtwin.engine import Address
from nbtwin.lab.facts import PeerUnheard, WaitingStopped
from nbtwin.lab.nodes import ModuleNode, PlatformNode
from nbtwin.lab.world import World
from nbtwin.timeline.ring import Timeline

pytestmark = pytest.mark.asyncio
CMDMP = "117.161.2.41"
LOOPBACK = "127.0.0.1"


@dataclass
class Lab:
    world: World
    live: LiveRuntime
    module: ToyModule
    node: ModuleNode
    platform: EchoPlatform
    platform_unit: PlatformNode

    async def until(self, condition: Callable[[], bool], within: float = 60) -> None:
        """Every entry of the timeline is a chance that the condition has come true."""
        changed = asyncio.Event()
        assert self.world.timeline is not None
        remove = self.world.timeline.add_sink(lambda _: changed.set())
        try:
            async with asyncio.timeout(within):
                while not condition():
                    await changed.wait()
                    changed.clear()
        finally:
            remove()

    def say(self, line: str) -> None:
        self.world.serial(self.node, line.encode() + b"\r")


@asynccontextmanager
async def lab() -> AsyncIterator[Lab]:
    world = live_world(timeline=Timeline())
    live = LiveRuntime(world)
    live.open()
    try:
        module, platform = ToyModule(), EchoPlatform()
        node = world.add_module("bc28", module)
        platform_unit = live.add_platform("cmdmp", platform, (LOOPBACK, 0), operator="cmdmp")
        yield Lab(world, live, module, node, platform, platform_unit)
    finally:
        live.close()


class Peer:
    """A foreign program's UDP socket."""

    def __init__(self, echo: bool = False) -> None:
        self.heard: asyncio.Queue[tuple[Address, bytes]] = asyncio.Queue()
        self._echo = echo
        self.udp = UdpSocket((LOOPBACK, 0), self._receive)
        self.address = self.udp.address

    def _receive(self, udp: UdpSocket, batch: Batch) -> None:
        for source, data in batch:
            self.heard.put_nowait((source, data))
            if self._echo:
                udp.send(source, b"far " + data)

    async def next(self) -> tuple[Address, bytes]:
        async with asyncio.timeout(60):
            return await self.heard.get()


async def test_module_and_platform_meet_over_real_udp() -> None:
    async with lab() as it:
        it.say(f"AT+SEND={CMDMP},5683,hello")
        await it.until(lambda: bool(it.module.heard))
        assert it.module.heard[0][1:] == ((CMDMP, 5683), b"echo hello")
        source = it.platform.heard[0][1]
        assert source[0] == LOOPBACK
        assert source in it.live.sockets.addresses(), "the platform saw a real socket of the lab"


async def test_each_datagram_is_in_the_timeline_once() -> None:
    async with lab() as it:
        it.say(f"AT+SEND={CMDMP},5683,hello")
        await it.until(lambda: bool(it.module.heard))
        assert it.world.timeline is not None
        assert len([entry for entry in it.world.timeline.reader.after() if entry.kind == "datagram"]) == 2


async def test_timers_fire_on_the_wall_clock() -> None:
    async with lab() as it:
        began = time.monotonic()
        it.say(f"AT+EVERY=0.1,{CMDMP},5683")
        await it.until(lambda: len(it.module.heard) >= 3)
        assert time.monotonic() - began > 0.29
        assert all(later - sooner > 0.099 for sooner, later in pairwise(it.module.sent_at)), "never too early"


async def test_a_world_of_another_process_has_the_time_of_the_first() -> None:
    first = LiveRuntime(live_world())
    later = World(seed=1, start=first.now())
    second = LiveRuntime(later, epoch=first.epoch)
    before, at, after = first.now(), second.now(), first.now()
    assert before - 1e-3 <= at <= after + 1e-3  # the clocks were tens of milliseconds apart


async def test_a_foreign_client_reaches_the_platform() -> None:
    async with lab() as it:
        peer = Peer()
        try:
            for n in range(200):
                peer.udp.send(it.platform_unit.address, b"%d" % n)
            answers = [await peer.next() for _ in range(200)]
        finally:
            peer.udp.close()
        assert answers == [(it.platform_unit.address, b"echo %d" % n) for n in range(200)]


async def test_a_module_reaches_a_foreign_server_through_a_route_only() -> None:
    async with lab() as it:
        peer = Peer(echo=True)
        try:
            it.say(f"AT+SEND={LOOPBACK},{peer.address[1]},direct")
            assert it.world.timeline is not None
            assert it.world.timeline.reader.after()[-1].text().endswith("✗ no route")
            await it.live.route(f"203.0.113.5:5683={LOOPBACK}:{peer.address[1]}")
            it.say("AT+SEND=203.0.113.5,5683,routed")
            await it.until(lambda: bool(it.module.heard))
            assert (await peer.next())[1] == b"routed"
        finally:
            peer.udp.close()
        assert it.module.heard[0][1:] == (("203.0.113.5", 5683), b"far routed")


async def test_advance_runs_thirty_days_at_once_and_the_lab_carries() -> None:
    async with lab() as it:
        it.say(f"AT+EVERY=86400,{CMDMP},5683")
        start = it.live.now()
        await it.live.advance(30 * 86400 + 5)
        assert len(it.module.heard) == 30
        assert [at for at, *_ in it.module.heard] == it.module.sent_at
        assert it.live.now() - start == pytest.approx(30 * 86400 + 5, abs=2)
        assert it.live.ahead == pytest.approx(30 * 86400 + 5, abs=2)
        it.say(f"AT+SEND={CMDMP},5683,after")
        await it.until(lambda: len(it.module.heard) == 31)
        assert it.platform.heard[-1][1] == it.platform.heard[0][1], "one outer address before and after"


async def test_what_is_on_its_way_when_advance_begins_arrives_before_the_jump() -> None:
    async with lab() as it:
        it.say(f"AT+SEND={CMDMP},5683,hello")
        sent = it.module.sent_at[0]
        await it.live.advance(3600)
        assert it.module.heard[0][0] - sent < 5


async def test_advance_waits_a_moment_for_a_peer_outside_the_lab() -> None:
    async with lab() as it:
        peer = Peer(echo=True)
        try:
            await it.live.route(f"203.0.113.5:5683={LOOPBACK}:{peer.address[1]}")
            it.say("AT+EVERY=3600,203.0.113.5,5683")
            await it.live.advance(5 * 3600 + 1)
        finally:
            peer.udp.close()
        assert [at for at, *_ in it.module.heard] == it.module.sent_at
        assert len(it.module.heard) == 5


class SlowServer:
    """Outside the lab: an empty acknowledgement at once where asked for, the response after so long."""

    def __init__(self, delay: float, *, acknowledges: bool = False) -> None:
        self.delay, self.acknowledges, self.asked = delay, acknowledges, 0
        self.udp = UdpSocket((LOOPBACK, 0), self._receive)
        self.address = self.udp.address

    def _receive(self, udp: UdpSocket, batch: Batch) -> None:
        for source, data in batch:
            self.asked += 1
            if self.acknowledges:
                udp.send(source, b"\x60\x00" + data[2:4])
            asyncio.get_running_loop().call_later(self.delay, udp.send, source, b"\x50\x45" + data[2:4])


REQUEST = b"\x40\x01ab"  # CON GET


def said(it: Lab, fact: type) -> list[object]:
    assert it.world.timeline is not None
    facts = (decoded.entry.fact for decoded in it.world.timeline.reader.after())
    return [found for found in facts if isinstance(found, fact)]


@pytest.mark.parametrize("acknowledges", [False, True])
async def test_advance_waits_as_long_as_it_is_told_for_a_peer_outside_the_lab(acknowledges: bool) -> None:
    """D133. An empty acknowledgement is not the answer (RFC 7252 5.2.2)."""
    async with lab() as it:
        server = SlowServer(0.6, acknowledges=acknowledges)
        try:
            await it.live.route(f"203.0.113.5:5683={LOOPBACK}:{server.address[1]}")
            it.module.report = REQUEST
            it.say("AT+EVERY=3600,203.0.113.5,5683")
            await it.live.advance(2 * 3600 + 1, patience=5)
        finally:
            server.udp.close()
        responses = [at for at, _, data in it.module.heard if data[:1] == b"\x50"]
        assert (len(responses), responses) == (2, it.module.sent_at)
        assert not said(it, PeerUnheard)


async def test_the_timeline_says_when_waiting_was_cut_short() -> None:
    """D133."""
    async with lab() as it:
        peer = Peer()  # says nothing
        it.live.patience, it.module.report = 0.01, REQUEST
        try:
            await it.live.route(f"203.0.113.5:5683={LOOPBACK}:{peer.address[1]}")
            it.say("AT+EVERY=3600,203.0.113.5,5683")
            await it.live.advance(30 * 3600 + 1)
            assert said(it, PeerUnheard) == [PeerUnheard((LOOPBACK, peer.address[1]), 0.01)] * 30
        finally:
            peer.udp.close()


async def test_advance_stops_waiting_for_who_never_answers_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """D133: without a patience that was asked for."""
    monkeypatch.setattr("nbtwin.edge.live_runtime.GRACE", 0.01)
    async with lab() as it:
        peer, it.module.report = Peer(), REQUEST
        try:
            await it.live.route(f"203.0.113.5:5683={LOOPBACK}:{peer.address[1]}")
            it.say("AT+EVERY=3600,203.0.113.5,5683")
            await it.live.advance(30 * 3600 + 1)
            assert (len(said(it, PeerUnheard)), said(it, WaitingStopped)) == (20, [WaitingStopped(20)])
        finally:
            peer.udp.close()


async def test_an_advance_that_waits_for_a_peer_can_be_stopped() -> None:
    async with lab() as it:
        peer, it.module.report = Peer(), REQUEST
        try:
            await it.live.route(f"203.0.113.5:5683={LOOPBACK}:{peer.address[1]}")
            it.say("AT+EVERY=3600,203.0.113.5,5683")
            advancing = asyncio.ensure_future(it.live.advance(5 * 3600, patience=600))
            await peer.next()
            it.live.stop_advance()
            async with asyncio.timeout(60):
                await advancing
        finally:
            peer.udp.close()


async def test_nat_rebinding_gives_the_module_another_socket() -> None:
    async with lab() as it:
        for text in ("one", "two"):
            it.say(f"AT+SEND={CMDMP},5683,{text}")
            echo = f"echo {text}".encode()
            await it.until(lambda echo=echo: any(data == echo for *_, data in it.module.heard))  # type: ignore[misc]
            it.world.rebind(it.node)
        first, second = (source for _, source, _ in it.platform.heard)
        assert first != second
        assert it.live.sockets.addresses() == [it.platform_unit.address], "the old sockets are closed"


async def test_faults_work_on_real_sockets_too() -> None:
    async with lab() as it:
        it.world.add_fault("loss,packets=1,direction=up")
        it.world.add_fault("duplication,packets=1,direction=down")
        it.world.add_fault("loss,source=127.0.0.1:*,destination=cmdmp,packets=3")
        for n in (1, 2):
            it.say(f"AT+SEND={CMDMP},5683,{n}")
        await it.until(lambda: len(it.module.heard) == 2)
        assert [data for *_, data in it.module.heard] == [b"echo 2"] * 2
        peer = Peer()
        try:
            peer.udp.send(it.platform_unit.address, b"lost")
            peer.udp.send(it.platform_unit.address, b"heard")
            assert (await peer.next())[1] == b"echo heard"
        finally:
            peer.udp.close()


async def test_a_busy_port_is_one_clear_line() -> None:
    async with lab() as it:
        host, port = it.platform_unit.address
        with pytest.raises(EdgeError, match=rf"^UDP port {port} on 127\.0\.0\.1 is in use$"):
            it.live.add_platform("second", EchoPlatform(), (host, port))
        with pytest.raises(EdgeError, match=r"this machine has no address 192\.0\.2\.1"):
            it.live.add_platform("second", EchoPlatform(), ("192.0.2.1", 5683))
        assert "second" not in it.world.platforms


async def test_a_live_lab_takes_over_a_world_and_leaves_no_socket() -> None:
    world = live_world()
    platform, live = EchoPlatform(), LiveRuntime(world)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        address = (LOOPBACK, free_port())
        taken.bind(address)
        world.add_platform("cmdmp", platform, operator="cmdmp", address=address)
        with pytest.raises(EdgeError, match="is in use"):
            live.open()
    live.open()
    assert live.sockets.addresses() == [address]
    live.close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
        again.bind(address)


async def test_an_error_in_one_engine_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    async with lab() as it:

        class Broken(ToyModule):
            def handle_timer(self, now: float) -> None:
                self._deadline = None
                raise RuntimeError("a bug")

        broken = Broken()
        broken_unit = it.world.add_module("broken", broken)
        it.world.perform(broken_unit, broken.power_on)
        it.say(f"AT+EVERY=0.4,{CMDMP},5683")
        await it.until(lambda: len(it.module.heard) >= 3)
        assert "a bug" in caplog.text
