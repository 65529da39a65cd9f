"""D141: a package goes to no address that has not shown it can hear us (RFC 9175 2.4), however it asks."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest
from andlink_bench import IMEI, AndlinkBench

from nbtwin.coap.blockwise import block_of
from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.echo import PERIOD
from nbtwin.coap.events import Request, ResponseReceived
from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, OptionNumber, Type
from nbtwin.engine import Address
from nbtwin.lab.observers import LabObserver
from nbtwin.lwm2m.firmware.file import file_of
from nbtwin.lwm2m.firmware.package import pack
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.key_store.psk import PskStore

PACKAGE = bytes(n * 7 & 0xFF for n in range(5000))
STRANGER: Address = ("198.51.100.7", 40000)
LINKS = b"</9/0>"
ECHO, BLOCK2 = int(OptionNumber.ECHO), int(OptionNumber.BLOCK2)


class Line:
    """A platform with one package, and whoever writes datagrams to its plain port."""

    def __init__(self) -> None:
        self.platform = AndlinkPlatform(
            random.Random(1), PskStore(), package_of={"new": file_of(PACKAGE), "x": file_of(b"x")}.get
        )
        self.now = 0.0
        self._message_id = 0

    def give(self, data: bytes, peer: Address = STRANGER) -> list[bytes]:
        self.platform.handle_datagram(self.now, peer, data)
        self.platform.events()
        return [data for _, to, data in self.platform.datagrams_by_listener() if to == peer]

    def ask(self, code: int, path: str, *query: str, peer: Address = STRANGER, payload: bytes = b"") -> Message:
        found = options(path=path.split("/"), query=query, content_format=40 if payload else None)
        return decode(self.give(self.request(code, found, payload), peer)[0])

    def request(self, code: int, found: tuple[tuple[int, bytes], ...], payload: bytes = b"") -> bytes:
        self._message_id += 1
        return encode(Message(Type.CON, code, self._message_id, b"t", found, payload))

    def get(
        self, name: str = "new", *, peer: Address = STRANGER, echo: bytes | None = None, block: bytes | None = None
    ) -> Message:
        more = [(number, value) for number, value in ((ECHO, echo), (BLOCK2, block)) if value is not None]
        (answer,) = self.give(self.request(Code.GET, options(path=("fw", name), more=more)), peer)
        return decode(answer)

    def echo_for(self, peer: Address = STRANGER) -> bytes:
        value = self.get(peer=peer).first(ECHO)
        assert value is not None
        return value

    def register(self, peer: Address) -> tuple[str, ...]:
        created = self.ask(Code.POST, "rd", "lwm2m=1.0", f"ep={IMEI}", "lt=300", peer=peer, payload=LINKS)
        assert created.code == Code.CREATED
        return tuple(value.decode() for number, value in created.options if number == OptionNumber.LOCATION_PATH)


def is_package(answer: Message) -> bool:
    return answer.code == Code.CONTENT and answer.payload == PACKAGE[:1024]


def is_challenge(answer: Message) -> bool:
    return answer.code == Code.UNAUTHORIZED and [number for number, _ in answer.options] == [ECHO]


@pytest.mark.parametrize("name", ["new", "x"])
@pytest.mark.parametrize("block", [None, b"\x06", b"\x16"])
def test_a_stranger_is_answered_with_about_as_much_as_it_sent(name: str, block: bytes | None) -> None:
    line = Line()
    more = [] if block is None else [(BLOCK2, block)]
    request = line.request(Code.GET, options(path=("fw", name), more=more))
    (answer,) = line.give(request)
    assert is_challenge(decode(answer))
    assert decode(answer).payload == b""
    assert len(answer) <= len(request) + 12


def test_a_stranger_that_brings_the_echo_value_back_gets_the_package() -> None:
    line = Line()
    echo = line.echo_for()
    assert len(echo) == 8
    assert is_package(line.get(echo=echo))
    rest = line.get(block=b"\x16")  # the rest is kept for this address
    assert (rest.code, rest.payload) == (Code.CONTENT, PACKAGE[1024:2048])


def test_what_is_no_package_needs_no_echo_and_says_no_more_than_its_code() -> None:
    line = Line()
    for code, path, expected in (
        (Code.GET, "fw/old", Code.NOT_FOUND),
        (Code.GET, "fw", Code.NOT_FOUND),
        (Code.POST, "fw/new", Code.METHOD_NOT_ALLOWED),
    ):
        answer = line.ask(code, path)
        assert (answer.code, answer.options, answer.payload) == (expected, (), b"")


@pytest.mark.parametrize("other", [("198.51.100.8", 40000), ("198.51.100.7", 40001)])
def test_an_echo_value_is_good_at_its_address_only(other: Address) -> None:
    line = Line()
    echo = line.echo_for()
    answer = line.get(peer=other, echo=echo)
    assert is_challenge(answer)
    assert answer.first(ECHO) != echo
    assert is_package(line.get(echo=echo))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda echo: b"",
        lambda echo: echo[:7],
        lambda echo: echo + b"\0",
        lambda echo: bytes(8),
        lambda echo: bytes(41),
    ],
)
def test_an_echo_value_that_we_did_not_make_is_none(spoil: Callable[[bytes], bytes]) -> None:
    line = Line()
    assert is_challenge(line.get(echo=spoil(line.echo_for())))


@pytest.mark.parametrize(
    ("made", "used", "good"),
    [
        (0.0, PERIOD, True),
        (0.0, 2 * PERIOD - 0.1, True),
        (0.0, 2 * PERIOD, False),
        (PERIOD - 0.1, 2 * PERIOD - 0.1, True),
        (PERIOD - 0.1, 2 * PERIOD, False),
    ],
)
def test_an_echo_value_is_good_for_two_to_four_minutes(made: float, used: float, good: bool) -> None:
    line = Line()
    line.now = made
    echo = line.echo_for()
    line.now = used
    assert is_package(line.get(echo=echo)) is good


def test_an_echo_value_of_another_platform_or_of_before_a_restart_is_none() -> None:
    echo, line = Line().echo_for(), Line()
    line.platform = AndlinkPlatform(random.Random(2), PskStore(), package_of=lambda name: file_of(PACKAGE))
    assert is_challenge(line.get(echo=echo))


def test_a_registered_host_gets_it_at_once_as_long_as_it_is_registered() -> None:
    line = Line()
    here, there = ("10.0.0.1", 5683), ("10.0.0.2", 5683)
    location = line.register(here)
    assert is_package(line.get(peer=here))
    assert is_package(line.get(peer=("10.0.0.1", 60000)))  # another port of this host
    assert is_challenge(line.get(peer=there))
    assert line.ask(Code.POST, "/".join(location), peer=there).code == Code.CHANGED  # it has moved
    assert is_package(line.get(peer=there))
    assert is_challenge(line.get(peer=("10.0.0.1", 60001)))
    assert line.ask(Code.DELETE, "/".join(location), peer=there).code == Code.DELETED
    assert is_challenge(line.get(peer=("10.0.0.2", 60001)))


def test_a_host_with_two_devices_is_registered_until_both_have_gone() -> None:
    line = Line()
    line.register(("10.0.0.1", 1))
    second = line.ask(Code.POST, "rd", "lwm2m=1.0", "ep=second", "lt=300", peer=("10.0.0.1", 2), payload=LINKS)
    assert second.code == Code.CREATED
    line.register(("10.0.0.1", 3))  # the first once more: it is still one
    line.platform.server.drop(line.now, IMEI)
    assert is_package(line.get(peer=("10.0.0.1", 4)))
    line.platform.server.drop(line.now, "second")
    assert is_challenge(line.get(peer=("10.0.0.1", 5)))


def test_a_request_that_comes_twice_is_answered_twice_alike() -> None:
    line = Line()
    asked = line.request(Code.GET, options(path=("fw", "new")))
    (first,), (again,) = line.give(asked), line.give(asked)
    assert first == again
    line.register((STRANGER[0], 1))
    assert line.give(asked) == [first]  # a duplicate, whatever is known meanwhile (RFC 7252 4.5)
    echo = decode(first).first(ECHO)
    fetch = line.request(Code.GET, options(path=("fw", "new"), more=[(ECHO, echo or b"")]))
    assert line.give(fetch) == line.give(fetch)


class Packages(LabObserver):
    """The blocks that were asked for, and how often somebody was challenged."""

    def __init__(self) -> None:
        self.asked: list[bytes | None] = []
        self.challenges = 0

    def datagram(self, at: float, packet: Any, data: bytes, *others: Any) -> None:
        message = decode(data)
        if message.path[:1] == ("fw",):
            self.asked.append(message.first(BLOCK2))
        self.challenges += is_challenge(message)


@pytest.mark.parametrize("moves", [(), (2,), (1, 2, 4)])
def test_our_client_fetches_it_as_a_stranger_and_goes_on_from_another_host(moves: tuple[int, ...]) -> None:
    """Each block of these is asked for from a new host: challenged in the middle of the body, and answered."""
    line = Line()
    client, server = BlockwiseEndpoint(random.Random(3)), ("192.0.2.11", 5683)
    token = client.send_request(0.0, server, Request(Code.GET, options(path=("fw", "new"))))
    left, challenged, seen = set(moves), 0, list[ResponseReceived]()
    while sent := client.datagrams_to_send():
        ((_, data),) = sent
        block = block_of(decode(data), BLOCK2)
        left.discard(0 if block is None else block.number)
        (answer,) = line.give(data, (f"198.51.100.{len(left)}", 40000))
        challenged += is_challenge(decode(answer))
        client.handle_datagram(line.now, server, answer)
        seen += [event for event in client.events() if isinstance(event, ResponseReceived)]
    (response,) = seen
    assert (response.token, response.message.code, response.message.payload) == (token, Code.CONTENT, PACKAGE)
    assert challenged == 1 + len(moves)
    assert not client.busy


def test_a_module_whose_nat_forgets_it_in_the_middle_of_a_download_is_updated() -> None:
    """Its host is registered still; the platform hears of the new port with the next update."""
    bench = AndlinkBench()
    node = bench.registered()
    assert bench.do(bench.platform.devices.ask, IMEI, "write", "/1/0/1", 300).response_code == "2.04"
    bench.add_package()
    campaign = bench.start(IMEI)
    assert bench.world.run_until(lambda: bench.steps(campaign)[IMEI] == "downloading", 60)
    bench.world.advance(0.5)
    assert "FIRMWARE DOWNLOADED" not in bench.said(node)
    bench.world.rebind(node)
    bench.world.advance(900)
    assert bench.steps(campaign) == {IMEI: "succeeded"}


def test_a_module_at_a_host_where_nobody_is_registered_any_more_answers_the_challenge() -> None:
    bench = AndlinkBench()
    node = bench.registered()
    bench.add_package(content=pack("BC28", "BC28JAR01A11_ONT", PACKAGE))
    bench.start(IMEI)
    seen = Packages()
    bench.world.observers.append(seen)
    assert bench.world.run_until(lambda: len(seen.asked) == 3, 60)
    bench.perform(lambda now: bench.platform.server.drop(now, IMEI))
    bench.world.rebind(node)
    assert "FIRMWARE DOWNLOADED" not in bench.said(node)
    bench.world.advance(60)
    assert "FIRMWARE DOWNLOADED" in bench.said(node)
    assert seen.challenges == 1
    assert len(set(seen.asked)) == 5  # every block came
