"""RFC 7252 4 and 5 as stories between two Endpoints."""

from __future__ import annotations

from coap_bench import CLIENT, SERVER, Bench, lose_everything

from nbtwin.coap.exchange import (
    Request,
    RequestReceived,
    RequestUnanswered,
    Response,
    ResponseReceived,
    Retransmitted,
)
from nbtwin.coap.message import options
from nbtwin.coap.numbers import Code, Type
from nbtwin.engine import Deadline

GET = Request(Code.GET, options(path=("3", "0")))
CONTENT = Response(Code.CONTENT, payload=b"22.3 C")
DOC_C = (2, 4, 8, 16, 32, 66)


def test_a_request_is_answered_in_its_acknowledgement(bench: Bench) -> None:
    bench.react = lambda event: bench.server.respond(bench.now, event, CONTENT)
    token = bench.client.send_request(bench.now, SERVER, GET)
    bench.run(until=300)
    (answer,) = bench.told(CLIENT, ResponseReceived)
    assert (answer.token, answer.peer, answer.message.payload) == (token, SERVER, b"22.3 C")
    assert [message.type for message in bench.messages(SERVER)] == [Type.ACK]
    assert not bench.client.busy


def test_the_injected_waits_say_when_each_packet_leaves_and_when_it_is_over(bench: Bench) -> None:
    """DOC-C 2.2.3, D14."""
    bench.fate = lose_everything
    token = bench.client.send_request(bench.now, SERVER, GET, waits=DOC_C)
    bench.run(until=127.999)
    assert bench.departures(CLIENT) == [0, 2, 6, 14, 30, 62]
    assert bench.client.next_deadline() == Deadline(128, "no answer to packet 6")
    assert bench.told(CLIENT, RequestUnanswered) == []
    assert bench.client.busy
    bench.run(until=128)
    assert bench.seen[CLIENT] == [
        *(Retransmitted(token, SERVER, n) for n in range(2, 7)),
        RequestUnanswered(token, SERVER),
    ]
    assert bench.client.next_deadline() is None
    assert not bench.client.busy


def test_a_duplicate_is_answered_alike_and_handled_once(bench: Bench) -> None:
    bench.react = lambda event: bench.server.respond(bench.now, event, CONTENT)
    bench.client.send_request(bench.now, SERVER, GET)
    bench.fate = lambda source, data: [] if source == SERVER and bench.now < 6 else [0.0]
    bench.run(until=300)
    assert len(bench.told(SERVER, RequestReceived)) == 1
    assert len(set(data for _, source, data in bench.sent if source == SERVER)) == 1
    assert len(bench.told(CLIENT, ResponseReceived)) == 1
