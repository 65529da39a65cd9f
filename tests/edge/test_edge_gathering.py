"""Reading at once, or what came in a millisecond together: when which of them (D216), and that nobody is left out."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator

import pytest

from nbtwin.edge.gathering import APART, Gathering
from nbtwin.edge.udp import Batch, UdpSocket
from nbtwin.engine import Seconds

Play = Callable[[Gathering, "Clock"], Iterator[int]]


class Clock:
    def __init__(self) -> None:
        self.now: Seconds = 0.0

    def __call__(self) -> Seconds:
        return self.now


def opened(rate: float, together: int = 1) -> Play:
    """So many a second, whatever becomes of them, so many at a time."""

    def play(gathering: Gathering, clock: Clock) -> Iterator[int]:
        came = 0.0
        while True:
            waited = APART if gathering.gathers else together / rate
            clock.now += waited
            came += waited * rate
            yield int(came)
            came -= int(came)

    return play


def closed(window: int, takes: Seconds = 0.0001) -> Play:
    """The next one when one is answered."""

    def play(gathering: Gathering, clock: Clock) -> Iterator[int]:
        while True:
            clock.now += APART if gathering.gathers else takes
            yield window if gathering.gathers else 1

    return play


def share_gathered(play: Play, seconds: Seconds = 20.0) -> float:
    """Of the datagrams."""
    clock = Clock()
    gathering = Gathering(clock)
    alone = together = 0
    for count in play(gathering, clock):
        if gathering.gathers:
            together += count
        else:
            alone += count
        gathering.handle_read(count)
        if clock.now > seconds:
            break
    return together / (alone + together)


@pytest.mark.parametrize("rate", [2_500, 4_000, 20_000])
def test_what_comes_often_and_alone_is_read_together(rate: float) -> None:
    assert share_gathered(opened(rate)) > 0.95


@pytest.mark.parametrize("rate", [1, 100, 1_000])
def test_what_comes_seldom_is_read_at_once(rate: float) -> None:
    assert share_gathered(opened(rate)) == 0


def test_what_comes_together_by_itself_is_read_at_once() -> None:
    assert share_gathered(opened(40_000, together=8)) == 0


@pytest.mark.parametrize("window", [1, 2, 4])
def test_who_waits_for_the_answer_before_the_next_one_is_not_slowed_down(window: int) -> None:
    assert share_gathered(closed(window)) < 0.02


def test_when_nothing_comes_any_more_the_next_one_is_read_at_once_and_it_begins_again_with_a_crowd() -> None:
    clock = Clock()
    gathering = Gathering(clock)

    def hear(play: Play, seconds: Seconds) -> None:
        end = clock.now + seconds
        for count in play(gathering, clock):
            gathering.handle_read(count)
            if clock.now > end:
                return

    hear(opened(4_000), 1.0)
    assert gathering.gathers
    hear(opened(0.001), 0.1)
    assert not gathering.gathers
    hear(opened(4_000), 1.0)
    assert gathering.gathers


@pytest.mark.asyncio
async def test_a_socket_that_gathers_leaves_nobody_out_and_closes() -> None:
    clock, heard, came = Clock(), list[bytes](), asyncio.Event()

    def receive(socket: UdpSocket, batch: Batch) -> None:
        clock.now += 0.0001 * len(batch)
        heard.extend(data for _, data in batch)
        came.set()

    gathering = Gathering(clock)
    ours = UdpSocket(("127.0.0.1", 0), receive, gathering=gathering)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.connect(ours.address)
        sent = [str(number).encode() for number in range(200)]
        for number, data in enumerate(sent, 1):
            peer.send(data)
            while len(heard) < number:
                await came.wait()
                came.clear()
        assert gathering.gathers
        assert heard == sent
        while gathering.gathers:  # nothing comes any more
            clock.now += 1
            await asyncio.sleep(0)
        peer.send(b"at once")
        await came.wait()
        assert heard[-1] == b"at once"
        ours.close()
        ours.close()
