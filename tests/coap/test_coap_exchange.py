"""RFC 7252 4 and 5 as stories between two Endpoints: sending, answering, duplicates, giving up."""

from __future__ import annotations

import random

import pytest
from coap_bench import CLIENT, SERVER, STRANGER, Bench, lose_everything

from nbtwin.coap.endpoint import (
    RFC7252_WAITS,
    CoapEndpoint,
    MessageDropped,
    Request,
    RequestAcknowledged,
    RequestReceived,
    RequestReset,
    RequestUnanswered,
    Response,
    ResponseDelivered,
    ResponseReceived,
    ResponseUndelivered,
    Retransmitted,
    rfc7252_waits,
)
from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import EXCHANGE_LIFETIME, MAX_TRANSMIT_WAIT, NON_LIFETIME, Code, Type
from nbtwin.coap.reasons import CoapReason, CoapRefusal
from nbtwin.engine import Deadline

GET = Request(Code.GET, options(path=("3", "0")))
NON_GET = Request(Code.GET, options(path=("3", "0")), confirmable=False)
CONTENT = Response(Code.CONTENT, payload=b"22.3 C")
DOC_C = (2, 4, 8, 16, 32, 66)
ACKNOWLEDGED = "acknowledged, no response yet"


def answer_at_once(bench: Bench) -> None:
    bench.react = lambda event: bench.server.respond(bench.now, event, CONTENT)


def lose_from(bench: Bench, source: object, until: float) -> None:
    bench.fate = lambda sender, data: [] if sender == source and bench.now < until else [0.0]


def test_a_request_is_answered_in_its_acknowledgement(bench: Bench) -> None:
    answer_at_once(bench)
    token = bench.client.send_request(bench.now, SERVER, GET)
    bench.run(until=300)
    (answer,) = bench.told(CLIENT, ResponseReceived)
    assert (answer.token, answer.peer, answer.message.payload) == (token, SERVER, b"22.3 C")
    assert [message.type for message in bench.messages(SERVER)] == [Type.ACK]
    assert bench.departures(CLIENT) == [0]
    assert not bench.client.busy


def test_the_injected_waits_say_when_each_packet_leaves_and_when_it_is_over(bench: Bench) -> None:
    """DOC-C 2.2.3, D14."""
    bench.fate = lose_everything
    token = bench.client.send_request(bench.now, SERVER, GET, waits=DOC_C)
    bench.run(until=127.999)
    assert bench.departures(CLIENT) == [0, 2, 6, 14, 30, 62]
    assert len({data for _, _, data in bench.sent}) == 1
    assert bench.client.next_deadline() == Deadline(128, CoapReason.PACKET_UNANSWERED, number=6)
    assert bench.told(CLIENT, RequestUnanswered) == []
    assert bench.client.busy
    bench.run(until=128)
    again = [Retransmitted(token, SERVER, sending) for sending in range(2, 7)]
    assert bench.seen[CLIENT] == [*again, RequestUnanswered(token, SERVER)]
    assert bench.client.next_deadline() is None
    assert not bench.client.busy


def test_an_answer_to_the_last_packet_still_counts(bench: Bench) -> None:
    answer_at_once(bench)
    lose_from(bench, CLIENT, until=62)
    bench.client.send_request(bench.now, SERVER, GET, waits=DOC_C)
    bench.run(until=300)
    assert len(bench.told(CLIENT, ResponseReceived)) == 1
    assert bench.told(CLIENT, RequestUnanswered) == []


@pytest.mark.parametrize("asked_at", [0.1, 1000.7, 86400.3])
def test_the_schedule_does_not_drift(bench: Bench, asked_at: float) -> None:
    bench.fate, bench.now = lose_everything, asked_at
    bench.client.send_request(bench.now, SERVER, GET, waits=DOC_C)
    bench.run(until=asked_at + 200)
    assert bench.departures(CLIENT) == [asked_at + gone for gone in (0, 2, 6, 14, 30, 62)]


def test_a_timer_that_is_called_early_or_for_nothing_changes_nothing(bench: Bench) -> None:
    bench.client.handle_timer(0)
    bench.client.send_request(0, SERVER, GET)
    bench.client.datagrams_to_send()
    bench.client.handle_timer(1.999)
    assert bench.client.datagrams_to_send() == []
    assert bench.client.next_deadline() == Deadline(2, CoapReason.PACKET_UNANSWERED, number=1)


def test_the_default_waits_are_those_of_the_rfc() -> None:
    """RFC 7252 4.8: 2 s doubled four times; with ACK_RANDOM_FACTOR never above MAX_TRANSMIT_WAIT."""
    assert RFC7252_WAITS == (2, 4, 8, 16, 32)
    source = random.Random(5)
    for _ in range(100):
        waits = rfc7252_waits(source)
        assert [wait / waits[0] for wait in waits] == pytest.approx([1, 2, 4, 8, 16])
        assert 2 <= waits[0] <= 3
        assert sum(waits) <= MAX_TRANSMIT_WAIT


def test_an_empty_acknowledgement_stops_the_sending_but_not_the_clock(bench: Bench) -> None:
    bench.react = lambda event: bench.server.acknowledge(bench.now, event)
    token = bench.client.send_request(bench.now, SERVER, GET, waits=DOC_C)
    bench.run(until=127.999)
    assert bench.departures(CLIENT) == [0]
    assert bench.client.next_deadline() == Deadline(128, CoapReason.RESPONSE_OUTSTANDING, number=1)
    bench.run(until=128)
    assert bench.seen[CLIENT] == [RequestAcknowledged(token, SERVER), RequestUnanswered(token, SERVER)]


def test_a_request_that_nobody_answers_is_acknowledged_by_itself_after_a_second(bench: Bench) -> None:
    """RFC 7252 5.2.2."""
    bench.client.send_request(bench.now, SERVER, GET)
    bench.run(until=0.5)
    assert bench.server.next_deadline() == Deadline(1, CoapReason.ACKNOWLEDGEMENT_DELAY)
    bench.run(until=1.5)
    assert bench.departures(SERVER) == [1]
    assert len(bench.told(CLIENT, RequestAcknowledged)) == 1
    assert bench.server.next_deadline() is None
    (received,) = bench.told(SERVER, RequestReceived)
    bench.server.respond(bench.now, received, CONTENT)
    bench.run(until=300)
    assert [(m.type, m.code) for m in bench.messages(SERVER)] == [(Type.ACK, 0), (Type.CON, Code.CONTENT)]
    assert bench.messages(CLIENT)[-1].type == Type.ACK
    assert len(bench.told(CLIENT, ResponseReceived)) == 1
    assert len(bench.told(SERVER, ResponseDelivered)) == 1
    assert not bench.server.busy


def test_a_separate_response_is_acknowledged_each_time_it_comes_and_delivered_once(bench: Bench) -> None:
    bench.react = lambda event: bench.server.acknowledge(bench.now, event)
    bench.client.send_request(bench.now, SERVER, GET)
    bench.run(until=0)
    bench.server.respond(bench.now, bench.told(SERVER, RequestReceived)[0], CONTENT)
    lose_from(bench, CLIENT, until=10)  # its acknowledgements
    bench.run(until=300)
    assert bench.departures(SERVER) == [0, 0, 2, 6, 14]
    acknowledgements = bench.messages(CLIENT)[1:]
    assert [(m.type, m.code) for m in acknowledgements] == [(Type.ACK, Code.EMPTY)] * 4
    assert {m.message_id for m in acknowledgements} == {bench.messages(SERVER)[-1].message_id}
    assert len(bench.told(CLIENT, ResponseReceived)) == 1


def test_a_separate_response_may_overtake_the_acknowledgement(bench: Bench) -> None:
    """RFC 7252 5.2.2: it is an acknowledgement as well."""
    bench.react = lambda event: bench.server.acknowledge(bench.now, event)
    lose_from(bench, SERVER, until=0.5)
    bench.client.send_request(bench.now, SERVER, GET)
    bench.run(until=0.6)
    bench.server.respond(bench.now, bench.told(SERVER, RequestReceived)[0], CONTENT)
    bench.run(until=300)
    assert bench.departures(CLIENT) == [0, 0.6]  # the request, the ACK of the response
    assert len(bench.told(CLIENT, ResponseReceived)) == 1


def test_a_separate_response_that_is_reset_or_unanswered_is_told(bench: Bench) -> None:
    bench.react = lambda event: bench.server.acknowledge(bench.now, event)
    token = bench.client.send_request(bench.now, SERVER, GET)
    bench.run(until=0)
    (received,) = bench.told(SERVER, RequestReceived)
    bench.client.cancel(bench.now, token, SERVER)
    bench.server.respond(bench.now, received, CONTENT)
    bench.run(until=1)
    bench.fate = lose_everything
    bench.server.respond(bench.now, received, CONTENT)
    bench.run(until=300)
    assert [event.refusal for event in bench.told(SERVER, ResponseUndelivered)] == [
        CoapRefusal.RESET,
        CoapRefusal.UNANSWERED,
    ]
    assert bench.told(CLIENT, ResponseReceived) == []


def test_a_duplicate_is_answered_alike_and_handled_once(bench: Bench) -> None:
    answer_at_once(bench)
    lose_from(bench, SERVER, until=6)
    bench.client.send_request(bench.now, SERVER, GET)
    bench.run(until=300)
    assert bench.departures(SERVER) == [0, 2, 6]
    assert len({data for _, source, data in bench.sent if source == SERVER}) == 1
    assert len(bench.told(SERVER, RequestReceived)) == 1
    assert len(bench.told(CLIENT, ResponseReceived)) == 1


def test_a_duplicate_of_a_request_in_work_waits_for_the_same_answer(bench: Bench) -> None:
    data = encode(Message(Type.CON, Code.GET, 7, b"t"))
    assert bench.inject(SERVER, STRANGER, data) == []
    assert bench.inject(SERVER, STRANGER, data) == []
    (received,) = bench.told(SERVER, RequestReceived)
    bench.server.respond(bench.now, received, CONTENT)
    ((_, answer),) = bench.server.datagrams_to_send()
    assert bench.inject(SERVER, STRANGER, data) == [answer]


def test_a_duplicate_of_a_request_that_was_acknowledged_is_acknowledged_again(bench: Bench) -> None:
    data = encode(Message(Type.CON, Code.GET, 7, b"t"))
    bench.inject(SERVER, STRANGER, data)
    bench.server.handle_timer(1)
    assert [decode(answer).type for _, answer in bench.server.datagrams_to_send()] == [Type.ACK]
    assert [decode(answer).type for answer in bench.inject(SERVER, STRANGER, data)] == [Type.ACK]


@pytest.mark.parametrize(("type", "lifetime"), [(Type.CON, EXCHANGE_LIFETIME), (Type.NON, NON_LIFETIME)])
def test_a_message_id_may_return_after_its_lifetime(bench: Bench, type: Type, lifetime: float) -> None:
    """RFC 7252 4.5 and 4.8.2."""
    data = encode(Message(type, Code.POST, 7, b"t"))
    for now, requests in ((0, 1), (lifetime - 0.01, 1), (lifetime, 2), (lifetime + 1, 2)):
        bench.now = now
        bench.inject(SERVER, STRANGER, data)
        assert len(bench.told(SERVER, RequestReceived)) == requests


def test_the_same_message_id_from_another_endpoint_is_another_message(bench: Bench) -> None:
    data = encode(Message(Type.CON, Code.POST, 7, b"t"))
    bench.inject(SERVER, STRANGER, data)
    bench.inject(SERVER, (STRANGER[0], STRANGER[1] + 1), data)
    assert len(bench.told(SERVER, RequestReceived)) == 2


def test_the_memory_of_duplicates_is_bounded_by_size(bench: Bench) -> None:
    server = bench.server = CoapEndpoint(random.Random(2), remembered=100)
    for message_id in range(250):
        bench.inject(SERVER, STRANGER, encode(Message(Type.CON, Code.POST, message_id, b"t")))
    assert len(server._received) == 100
    bench.inject(SERVER, STRANGER, encode(Message(Type.CON, Code.POST, 249, b"t")))
    assert len(bench.told(SERVER, RequestReceived)) == 250
    bench.inject(SERVER, STRANGER, encode(Message(Type.CON, Code.POST, 149, b"t")))
    assert len(bench.told(SERVER, RequestReceived)) == 251
    server.handle_timer(1)
    assert len(server.datagrams_to_send()) == 251  # forgotten as duplicates, yet each of them is acknowledged


def test_a_request_that_has_been_forgotten_is_answered_separately(bench: Bench) -> None:
    bench.server = CoapEndpoint(random.Random(2), remembered=1)
    bench.inject(SERVER, STRANGER, encode(Message(Type.CON, Code.POST, 1, b"t")))
    bench.inject(SERVER, STRANGER, encode(Message(Type.CON, Code.POST, 2, b"u")))
    bench.server.respond(0, bench.told(SERVER, RequestReceived)[0], CONTENT)
    ((_, answer),) = bench.server.datagrams_to_send()
    assert (decode(answer).type, decode(answer).token) == (Type.CON, b"t")


def test_a_non_confirmable_request_gets_a_non_confirmable_answer(bench: Bench) -> None:
    answer_at_once(bench)
    token = bench.client.send_request(bench.now, SERVER, NON_GET)
    bench.run(until=300)
    assert [(m.type, m.token) for m in bench.messages(SERVER)] == [(Type.NON, token)]
    assert len(bench.told(CLIENT, ResponseReceived)) == 1
    assert bench.departures(CLIENT) == [0]


def test_a_non_confirmable_request_leaves_once_and_is_given_up_with_the_others(bench: Bench) -> None:
    bench.fate = lose_everything
    token = bench.client.send_request(bench.now, SERVER, NON_GET, waits=DOC_C)
    bench.run(until=127.9)
    assert bench.departures(CLIENT) == [0]
    bench.run(until=128)
    assert bench.seen[CLIENT] == [RequestUnanswered(token, SERVER)]


def test_a_non_confirmable_request_is_never_acknowledged(bench: Bench) -> None:
    bench.react = lambda event: bench.server.acknowledge(bench.now, event)
    bench.client.send_request(bench.now, SERVER, NON_GET)
    bench.run(until=10)
    assert bench.departures(SERVER) == []


def test_a_duplicate_of_a_non_confirmable_request_is_ignored(bench: Bench) -> None:
    answer_at_once(bench)
    bench.fate = lambda source, data: [0.0, 0.5]
    bench.client.send_request(bench.now, SERVER, NON_GET)
    bench.run(until=300)
    assert len(bench.told(SERVER, RequestReceived)) == 1
    assert len(bench.departures(SERVER)) == 1
    assert len(bench.told(CLIENT, ResponseReceived)) == 1


@pytest.mark.parametrize("request_", [GET, NON_GET])
def test_a_reset_ends_the_request(bench: Bench, request_: Request) -> None:
    bench.react = lambda event: bench.server.reject(bench.now, event)
    token = bench.client.send_request(bench.now, SERVER, request_)
    bench.run(until=300)
    assert bench.seen[CLIENT] == [RequestReset(token, SERVER)]
    assert bench.departures(CLIENT) == [0]


def test_a_cancelled_request_says_nothing_more(bench: Bench) -> None:
    answer_at_once(bench)
    bench.fate = lambda source, data: [1.0]
    token = bench.client.send_request(bench.now, SERVER, GET)
    bench.run(until=0.5)
    bench.client.cancel(bench.now, token, SERVER)
    bench.client.cancel(bench.now, token, SERVER)
    bench.run(until=300)
    assert bench.departures(CLIENT) == [0]
    assert bench.seen[CLIENT] == [MessageDropped(SERVER, CoapRefusal.RESPONSE_UNEXPECTED)]


def test_a_token_in_use_is_not_used_twice_for_one_peer(bench: Bench) -> None:
    bench.client.send_request(0, SERVER, GET, token=b"t")
    bench.client.send_request(0, STRANGER, GET, token=b"t")
    with pytest.raises(ValueError, match="in use"):
        bench.client.send_request(0, SERVER, GET, token=b"t")


def test_tokens_and_message_ids_come_from_the_source_that_was_handed_in() -> None:
    def heads(seed: int) -> list[str]:
        client = CoapEndpoint(random.Random(seed), nstart=3)
        for _ in range(3):
            client.send_request(0, SERVER, GET)
        return [data[:8].hex() for _, data in client.datagrams_to_send()]

    assert heads(3) == heads(3) != heads(4)
    identifiers = [int(head[4:8], 16) for head in heads(3)]
    assert identifiers == [identifiers[0] + n & 0xFFFF for n in range(3)]  # RFC 7252 4.4
    assert len({head[8:] for head in heads(3)}) == 3


def test_a_message_id_of_an_open_exchange_is_not_used_again() -> None:
    client = CoapEndpoint(random.Random(3))
    client.send_request(0, SERVER, GET, waits=(1000,))
    ((_, first),) = client.datagrams_to_send()
    for _ in range(65536):
        client.cancel(0, client.send_request(0, SERVER, GET), SERVER)
    identifiers = [decode(data).message_id for _, data in client.datagrams_to_send()]
    assert decode(first).message_id not in identifiers


def test_many_open_requests_are_answered_in_any_order(bench: Bench) -> None:
    """The timers of those that are answered are skipped, those of the others stay exact."""
    bench.client = CoapEndpoint(random.Random(1), nstart=500)
    answer_at_once(bench)
    source = random.Random(9)
    lost: set[bytes] = set()

    def fate(sender: object, data: bytes) -> list[float]:
        token = decode(data).token
        return [] if token in lost else [source.random()]

    bench.fate = fate
    tokens = [bench.client.send_request(0, SERVER, GET) for _ in range(500)]
    lost.update(tokens[::100])
    bench.run(until=61.9)
    assert {event.token for event in bench.told(CLIENT, ResponseReceived)} == set(tokens) - lost
    assert bench.told(CLIENT, RequestUnanswered) == []
    bench.run(until=62)
    assert [event.token for event in bench.told(CLIENT, RequestUnanswered)] == tokens[::100]
    assert bench.client.next_deadline() is None


@pytest.mark.parametrize("seed", range(20))
def test_loss_delay_duplication_and_reordering_change_no_outcome(bench: Bench, seed: int) -> None:
    """Every request is handled exactly once at most, and ends in exactly one way."""
    source = random.Random(seed)

    def fate(sender: object, data: bytes) -> list[float]:
        if source.random() < 0.3:
            return []
        return [source.uniform(0, 3) for _ in range(source.choice((1, 1, 1, 2, 3)))]

    def react(event: RequestReceived) -> None:
        choice = source.random()
        if choice < 0.7:
            bench.server.respond(bench.now, event, Response(Code.CONTENT, payload=event.message.payload))
        elif choice < 0.8:
            bench.server.reject(bench.now, event)
        else:
            later.append(event)

    later: list[RequestReceived] = []
    bench.fate, bench.react = fate, react
    sent = {}
    for n in range(60):
        payload = str(n).encode()
        request = Request(Code.POST, GET.options, payload, confirmable=n % 3 > 0)
        sent[bench.client.send_request(bench.now, SERVER, request)] = payload
        bench.run(until=bench.now + source.random() * 3)
        while later:
            event = later.pop()
            bench.server.respond(bench.now, event, Response(Code.CONTENT, payload=event.message.payload))
    bench.run(until=1000)
    handled = [event.message.payload for event in bench.told(SERVER, RequestReceived)]
    assert len(handled) == len(set(handled))
    ends = [e for e in bench.seen[CLIENT] if isinstance(e, ResponseReceived | RequestUnanswered | RequestReset)]
    assert sorted(event.token for event in ends) == sorted(sent)
    assert all(e.message.payload == sent[e.token] for e in ends if isinstance(e, ResponseReceived))
    assert not bench.client.busy
    assert not bench.server.busy
    assert bench.client.next_deadline() is None
