"""RFC 9175 2.3: a client asks once more with the Echo value of a 4.01, whatever it asks for."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest
from coap_bench import CLIENT, SERVER, STRANGER, Bench

from nbtwin.coap.blockwise import BLOCK2, Block, block_of, with_block
from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.echo import EchoValues
from nbtwin.coap.endpoint import CoapEndpoint
from nbtwin.coap.events import BlockReceived, Request, RequestReceived, Response, ResponseReceived
from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, OptionNumber, Type, is_request
from nbtwin.engine import Seconds

STATUS = options(path=("status",))
BODY = bytes(n * 7 & 0xFF for n in range(5000))
ECHO = int(OptionNumber.ECHO)


@pytest.fixture
def bench() -> Bench:
    return Bench(BlockwiseEndpoint(random.Random(1)), BlockwiseEndpoint(random.Random(2)))


def answer_with(bench: Bench, answer: Callable[[Message], Response]) -> None:
    bench.react = lambda event: bench.server.respond(bench.now, event, answer(event.message))


def challenge(value: bytes) -> Response:
    return Response(Code.UNAUTHORIZED, ((ECHO, value),))


def asked(bench: Bench) -> list[bytes | None]:
    """The Echo values of the client's requests."""
    return [message.first(ECHO) for message in bench.messages(CLIENT) if is_request(message.code)]


@pytest.mark.parametrize("confirmable", [True, False])
@pytest.mark.parametrize("length", [0, 10, 5000])
def test_the_request_is_repeated_with_the_value_and_its_body(bench: Bench, length: int, confirmable: bool) -> None:
    answer_with(
        bench,
        lambda message: Response(Code.CHANGED) if message.first(ECHO) == b"value" else challenge(b"value"),
    )
    token = bench.client.send_request(0, SERVER, Request(Code.POST, STATUS, BODY[:length], confirmable))
    bench.run(until=30)
    (response,) = bench.told(CLIENT, ResponseReceived)
    assert (response.token, response.message.code) == (token, Code.CHANGED)
    assert bench.told(SERVER, RequestReceived)[-1].message.payload == BODY[:length]
    assert asked(bench)[-1] == b"value"
    assert not bench.client.busy


def test_a_second_challenge_to_the_same_request_is_its_answer(bench: Bench) -> None:
    answer_with(bench, lambda message: challenge(bytes([len(asked(bench))])))
    bench.client.send_request(0, SERVER, Request(Code.GET, STATUS))
    bench.run(until=30)
    (response,) = bench.told(CLIENT, ResponseReceived)
    assert response.message.code == Code.UNAUTHORIZED
    assert asked(bench) == [None, b"\x01"]


@pytest.mark.parametrize(
    "refusal",
    [
        Response(Code.UNAUTHORIZED),
        Response(Code.UNAUTHORIZED, ((ECHO, b""),)),
        Response(Code.UNAUTHORIZED, ((ECHO, bytes(41)),)),
        Response(Code.FORBIDDEN, ((ECHO, b"value"),)),
    ],
)
def test_what_is_no_challenge_is_the_answer(bench: Bench, refusal: Response) -> None:
    """An elective option of a length that is none counts for nothing (RFC 7252 5.4.3)."""
    answer_with(bench, lambda message: refusal)
    bench.client.send_request(0, SERVER, Request(Code.GET, STATUS))
    bench.run(until=30)
    (response,) = bench.told(CLIENT, ResponseReceived)
    assert response.message.code == refusal.code
    assert asked(bench) == [None]


def test_an_echo_value_of_forty_bytes_is_sent_back(bench: Bench) -> None:
    answer_with(bench, lambda message: Response(Code.CONTENT) if message.first(ECHO) else challenge(bytes(40)))
    bench.client.send_request(0, SERVER, Request(Code.GET, STATUS))
    bench.run(until=30)
    assert asked(bench) == [None, bytes(40)]


def test_a_body_is_fetched_to_its_end_also_where_the_server_asks_again_at_every_block(bench: Bench) -> None:
    """The value that came last goes with all that follows; progress is told once for each block."""

    def answer(message: Message) -> Response:
        block = block_of(message, BLOCK2) or Block(0, False, 6)
        value = b"v%d" % block.number
        if message.first(ECHO) != value:
            return challenge(value)
        cut = Block(block.number, block.number < 4, 6)
        found = with_block((), BLOCK2, cut)
        return Response(Code.CONTENT, found, BODY[block.offset : block.offset + 1024])

    bench.server = CoapEndpoint(random.Random(2))  # it keeps no body
    answer_with(bench, answer)
    token = bench.client.send_request(0, SERVER, Request(Code.GET, STATUS))
    bench.run(until=30)
    (response,) = bench.told(CLIENT, ResponseReceived)
    assert (response.token, response.message.payload) == (token, BODY)
    assert asked(bench) == [None, b"v0", b"v0", b"v1", b"v1", b"v2", b"v2", b"v3", b"v3", b"v4"]
    assert [event.received for event in bench.told(CLIENT, BlockReceived)] == [1024, 2048, 3072, 4096]


def test_the_rest_of_a_body_is_the_same_with_and_without_the_value(bench: Bench) -> None:
    """Echo is no part of a cache key (RFC 9175 2.2.1): the server that was shown it once goes on by itself."""
    answer_with(bench, lambda message: Response(Code.CONTENT, (), BODY))
    first = encode(Message(Type.CON, Code.GET, 1, b"1", options(path=("status",), more=[(ECHO, b"v")])))
    rest = encode(Message(Type.CON, Code.GET, 2, b"2", options(path=("status",), more=[(int(BLOCK2), b"\x16")])))
    bench.server.handle_datagram(bench.now, CLIENT, first)
    bench.drain()
    (answer,) = bench.inject(SERVER, CLIENT, rest)
    assert decode(answer).payload == BODY[1024:2048]
    assert len(bench.told(SERVER, RequestReceived)) == 1


def test_an_observation_that_was_challenged_is_told_under_its_own_token(bench: Bench) -> None:
    def answer(message: Message) -> Response:
        return Response(Code.CONTENT, options(observe=1), b"1") if message.first(ECHO) else challenge(b"value")

    answer_with(bench, answer)
    token = bench.client.send_request(0, SERVER, Request(Code.GET, options(path=("status",), observe=0)))
    bench.run(until=5)
    bench.server.notify(bench.now, CLIENT, token, Response(Code.CONTENT, options(observe=2), BODY), confirmable=True)
    bench.run(until=30)
    told = [(event.token, event.message.payload) for event in bench.told(CLIENT, ResponseReceived)]
    assert told == [(token, b"1"), (token, BODY)]


def test_a_notification_that_ends_an_observation_with_a_value_is_no_challenge(bench: Bench) -> None:
    answer_with(bench, lambda message: Response(Code.CONTENT, options(observe=1), b"1"))
    token = bench.client.send_request(0, SERVER, Request(Code.GET, options(path=("status",), observe=0)))
    bench.run(until=5)
    bench.server.notify(bench.now, CLIENT, token, challenge(b"value"), confirmable=True)
    bench.run(until=30)
    assert [event.message.code for event in bench.told(CLIENT, ResponseReceived)] == [Code.CONTENT, Code.UNAUTHORIZED]
    assert asked(bench) == [None]


def test_the_key_is_drawn_once_and_only_when_it_is_needed() -> None:
    drawn: list[int] = []

    def draw(length: int) -> bytes:
        drawn.append(length)
        return bytes(length)

    values, now = EchoValues(draw), Seconds(0)
    request = Message(Type.CON, Code.GET, 1, b"", STATUS)
    assert not values.is_reachable(now, CLIENT, request)
    assert drawn == []
    assert values.challenge(now, CLIENT) == values.challenge(now, CLIENT) != values.challenge(now, STRANGER)
    assert drawn == [32]
