"""Byte streams of a simulated lab: in order, none lost, none doubled, whatever the network does (D95)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbtwin.engine import HOUR, MINUTE
from nbtwin.lab.observers import LabObserver
from nbtwin.lab.world import World
from nbtwin.module.identity import Usim
from nbtwin.module.internet.events import (
    InternetEvent,
    PingEnded,
    SocketFailed,
    SocketFinished,
    SocketOverflowed,
    Transport,
)
from nbtwin.module.internet.orders import StreamEnd
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.modules import create_module
from nbtwin.scenario.meter import Meter
from nbtwin.timeline.facts import Direction, SegmentFlag, SegmentSeen

ECHO, SINK = ("192.0.2.20", 7), ("192.0.2.21", 9)


class Pieces(LabObserver):
    def __init__(self) -> None:
        self.seen: list[SegmentSeen] = []

    def segment(self, at: float, module: str, fact: SegmentSeen) -> None:
        self.seen.append(fact)


class Client:
    """An owner of one stream of a module, who writes and reads as it can."""

    def __init__(self, world: World, peer: tuple[str, int], model: str = "BC28") -> None:
        self.world = world
        usim = Usim("001010123456789", "898604")
        self.module: Module = create_module("m", PROFILES[model], MemoryStorage(), world.small_random("m"), usim)
        self.node = world.add_module("m", self.module)
        world.perform(self.node, self.module.power_on)
        world.advance(10)
        self.events: list[InternetEvent] = []
        self.read = bytearray()
        self.reads = True
        self.unsent = b""
        self.internet = self.module.internet
        self.internet.listeners["test"] = self._hear
        world.perform(self.node, self._open, peer)

    def _open(self, now: float, peer: tuple[str, int]) -> None:
        self.socket = self.internet.sockets.open("test", 0, Transport.TCP)
        self.internet.sockets.connect(self.socket, peer)
        self._settle(now)

    def _settle(self, now: float) -> None:
        self.module.handle_timer(now)

    def _hear(self, now: float, event: InternetEvent) -> None:
        self.events.append(event)
        self._go_on(now)

    def _go_on(self, now: float) -> None:
        sockets, socket = self.internet.sockets, self.socket
        while self.reads and (received := sockets.read(socket, 700)) is not None:
            self.read += received.data
        if socket.connected and not socket.closing:
            taken = min(len(self.unsent), 8192 - socket.unsent)
            if taken:
                sockets.send(socket, self.unsent[:taken])
                self.unsent = self.unsent[taken:]

    def write(self, data: bytes) -> None:
        self.unsent += data
        self.world.perform(self.node, self._again)

    def _again(self, now: float) -> None:
        self._go_on(now)
        self._settle(now)

    def shut_down(self) -> None:
        self.internet.sockets.shut_down(self.socket)
        self.world.perform(self.node, self._settle)

    def went_wrong(self) -> list[StreamEnd]:
        return [event.end for event in self.events if isinstance(event, SocketFailed)]


def connected(peer: tuple[str, int] = ECHO, latency: float = 0.1, seed: int = 1) -> Client:
    client = Client(World(seed=seed, latency=latency), peer)
    client.world.advance(5)
    assert client.socket.connected
    return client


@settings(max_examples=40)
@given(
    writes=st.lists(st.binary(min_size=1, max_size=5000), min_size=1, max_size=6),
    loss=st.sampled_from([0.0, 0.1, 0.4]),
    seed=st.integers(1, 1000),
    latency=st.sampled_from([0.0, 0.05, 2.0]),
)
def test_an_echo_gives_back_exactly_what_was_written(
    writes: list[bytes], loss: float, seed: int, latency: float
) -> None:
    client = connected(latency=latency, seed=seed)
    client.world.add_fault(f"loss,probability={loss}")
    client.world.add_fault("duplication,probability=0.2")
    client.world.add_fault("reordering,probability=0.2,seconds=3")
    for data in writes:
        client.write(data)
        client.world.advance(1)
    client.world.advance(6 * HOUR)
    assert client.went_wrong() == []
    assert bytes(client.read) == b"".join(writes)


def test_loss_is_delay_and_the_piece_is_seen_again() -> None:
    client = connected()
    pieces = Pieces()
    client.world.observers.append(pieces)
    client.world.add_fault("loss,packets=1")
    client.write(b"lost once")
    client.world.advance(1)
    assert client.read == b""
    client.world.advance(5)
    assert client.read == b"lost once"
    first, again = (piece for piece in pieces.seen if piece.data == b"lost once" and piece.source[1] != 7)
    assert (first.lost, first.again, again.lost, again.again) == (True, False, False, True)
    assert first.sequence == again.sequence == 1


def up(pieces: Pieces, flag: SegmentFlag = SegmentFlag.DATA) -> list[SegmentSeen]:
    return [piece for piece in pieces.seen if piece.direction is Direction.UP and piece.flag is flag]


def faulted(fault: str, model: str = "BC28") -> tuple[Client, Pieces]:
    """A connected client, a fault, and three bytes that it has written since."""
    client, pieces = connected(), Pieces()
    client.world.observers.append(pieces)
    client.world.add_fault(fault)
    client.write(b"abc")
    return client, pieces


def test_copies_of_a_piece_are_carried_and_counted_and_dropped_by_the_peer() -> None:
    """D208."""
    client, pieces = faulted("duplication,copies=2,direction=up,packets=1")
    meter = Meter(client.world.now)
    client.world.observers.append(meter)
    client.world.advance(5)
    assert client.read == b"abc"
    assert [(piece.again, piece.sequence, piece.data) for piece in up(pieces)] == [
        (False, 1, b"abc"), (True, 1, b"abc"), (True, 1, b"abc"),
    ]  # fmt: skip
    assert all(piece.faults for piece in up(pieces))


def test_a_piece_that_others_overtake_holds_up_what_the_peer_hands_over() -> None:
    """D208: alone it is late by the whole time; with another behind it by the time that that one takes."""
    client, _ = faulted("reordering,seconds=4,direction=up,packets=1")
    client.world.advance(3)
    assert client.read == b""
    client.world.advance(2)
    assert client.read == b"abc"
    client, _ = faulted("reordering,seconds=40,direction=up,packets=2")
    client.write(bytes(3000))
    client.world.advance(2)
    assert client.read == b"abc" + bytes(3000)


def test_a_server_in_trouble_answers_no_stream() -> None:
    """D208: what is no CoAP request gets lost, as a datagram does."""
    client, pieces = faulted("error,packets=1")
    client.world.advance(2)
    assert client.read == b""
    client.world.advance(3)
    assert client.read == b"abc"
    assert [(piece.lost, piece.again) for piece in up(pieces)] == [(True, False), (False, True)]
    world = World(latency=0.1)
    world.add_fault("error")
    other = Client(world, ECHO)
    world.advance(MINUTE)
    assert other.went_wrong() == [StreamEnd.TIMED_OUT]


@pytest.mark.parametrize("fault", ["error", "reset", "truncation"])
def test_a_ping_that_a_fault_strikes_is_lost(fault: str) -> None:
    """D208."""
    client = connected()
    client.world.add_fault(fault)
    client.internet.ping("test", ECHO[0], 32, 4.0)
    client.world.perform(client.node, client._settle)
    client.world.advance(10)
    assert [event.round_trip for event in client.events if isinstance(event, PingEnded)] == [None]


def test_a_socket_that_is_shut_down_and_closed_ends_once() -> None:
    client, pieces = connected(SINK), Pieces()
    client.world.observers.append(pieces)
    client.write(b"abc")
    client.internet.sockets.shut_down(client.socket)
    client.internet.sockets.close(client.socket)
    client.world.perform(client.node, client._settle)
    client.world.advance(MINUTE)
    assert [piece.sequence for piece in up(pieces, SegmentFlag.FINISHED)] == [4]
    assert len(client.world.carrier.streams) == 0


def test_silence_ends_a_stream_after_minutes_and_a_connection_attempt_sooner() -> None:
    client = connected()
    client.world.add_fault("silence")
    client.write(b"?")
    client.world.advance(2 * MINUTE)
    assert client.went_wrong() == []
    client.world.advance(10 * MINUTE)
    assert client.went_wrong() == [StreamEnd.TIMED_OUT]
    world = World(latency=0.1)
    world.add_fault("silence")
    other = Client(world, ECHO)
    world.advance(MINUTE + 30)
    assert other.went_wrong() == [StreamEnd.TIMED_OUT]


def test_a_nat_that_forgets_resets_what_is_sent_next() -> None:
    client = connected()
    client.world.rebind(client.node)
    client.world.advance(HOUR)
    assert client.went_wrong() == [], "nobody has said anything"
    client.write(b"?")
    client.world.advance(1)
    assert client.went_wrong() == [StreamEnd.RESET]


def test_a_peer_that_resets() -> None:
    client = connected()
    client.world.add_fault("reset")
    client.write(b"?")
    client.world.advance(1)
    assert client.went_wrong() == [StreamEnd.RESET]


def test_out_of_coverage_bytes_wait_and_then_go_on() -> None:
    client = connected()
    client.world.perform(client.node, client.module.set_coverage, False)
    client.write(b"in the cellar")
    client.world.advance(MINUTE)
    assert client.read == b""
    client.world.perform(client.node, client.module.set_coverage, True)
    client.world.advance(2 * MINUTE)
    assert client.read == b"in the cellar"
    assert client.went_wrong() == []


def test_a_module_that_does_not_read_stops_its_peer_and_loses_nothing() -> None:
    """The window is what the module has room for; the peer keeps what it has, and takes no more (D97)."""
    client = connected()
    client.reads = False
    data = bytes(range(256)) * 200
    client.write(data)
    client.world.advance(HOUR)
    dialect = PROFILES["BC28"].internet
    assert dialect is not None
    assert client.socket.unread <= dialect.receive_buffer
    assert client.unsent, "the peer's buffer is full, and so is the module's"
    assert not any(isinstance(event, SocketOverflowed) for event in client.events)
    client.reads = True
    client.world.perform(client.node, client._again)
    client.world.advance(HOUR)
    assert bytes(client.read) == data


def test_half_closed_the_peer_still_answers_and_then_it_is_over() -> None:
    client = connected()
    client.write(b"x" * 3000)
    client.shut_down()
    client.world.advance(MINUTE)
    assert bytes(client.read) == b"x" * 3000
    assert any(isinstance(event, SocketFinished) for event in client.events)
    assert len(client.world.carrier.streams) == 0


def test_what_was_written_before_a_close_still_arrives() -> None:
    client = connected(SINK)
    pieces = Pieces()
    client.world.observers.append(pieces)
    client.write(b"x" * 3000)
    client.internet.sockets.close(client.socket)
    client.world.perform(client.node, client._settle)
    client.world.advance(MINUTE)
    assert sum(len(piece.data) for piece in pieces.seen) == 3000
    assert len(client.world.carrier.streams) == 0


@pytest.mark.parametrize("how", ["power_off", "reset"])
def test_a_module_that_stops_leaves_nothing_behind(how: str) -> None:
    client = connected()
    client.world.perform(client.node, getattr(client.module, how))
    client.world.advance(MINUTE)
    assert len(client.world.carrier.streams) == 0
    assert not client.module.has_internet


def test_a_module_that_is_taken_out_leaves_nothing_behind() -> None:
    client = connected()
    client.world.remove("m")
    client.world.advance(MINUTE)
    assert len(client.world.carrier.streams) == 0


def test_streams_count_in_what_a_module_costs() -> None:
    client = connected()
    meter = Meter(client.world.now)
    client.world.observers.append(meter)
    client.write(b"x" * 100)
    client.world.advance(30)
    usage = meter.account("m").total(client.world.now)
    assert (usage.bytes_sent, usage.bytes_received) == (100, 100)


def test_a_module_without_sockets_has_no_internet() -> None:
    world = World()
    module = create_module(
        "m", PROFILES["BC28"], MemoryStorage(), world.small_random("m"), Usim("460040123456789", "8")
    )
    node = world.add_module("m", module)
    world.perform(node, module.power_on)
    world.advance(HOUR)
    assert not module.has_internet
