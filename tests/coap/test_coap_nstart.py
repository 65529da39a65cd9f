"""RFC 7252 4.7 and RFC 7641 4.5.1: at most NSTART interactions with one peer, and a queue with an end."""

from __future__ import annotations

import random

import pytest
from coap_bench import CLIENT, SERVER, STRANGER, Bench, lose_everything

from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.endpoint import (
    CoapEndpoint,
    NotificationAborted,
    NotificationReset,
    NotificationUnanswered,
    PingAborted,
    PingAnswered,
    Request,
    RequestAborted,
    RequestReceived,
    RequestUnanswered,
    Response,
    ResponseReceived,
    ResponseUndelivered,
)
from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.coap.reasons import CoapReason, CoapRefusal
from nbtwin.engine import Deadline

GET = Request(Code.GET, options(path=("3", "0")))
NON_GET = Request(Code.GET, options(path=("3", "0")), confirmable=False)
CONTENT = Response(Code.CONTENT, payload=b"22.3 C")
NOTIFICATION = Response(Code.CONTENT, options(observe=2), b"22.3 C")
QUEUE_FULL, PEER_FORGOTTEN = CoapRefusal.QUEUE_FULL, CoapRefusal.PEER_FORGOTTEN


def answer_after(bench: Bench, seconds: float) -> None:
    bench.react = lambda event: bench.server.respond(bench.now, event, CONTENT)
    bench.fate = lambda source, data: [seconds if source == SERVER else 0.0]


def tokens(bench: Bench, kind: type) -> list[bytes]:
    return [event.token for event in bench.told(CLIENT, kind)]


def test_the_second_request_leaves_when_the_first_has_its_answer(bench: Bench) -> None:
    answer_after(bench, 0.25)
    asked = [bench.client.send_request(0, SERVER, GET) for _ in range(4)]
    assert bench.client.waiting(SERVER) == 3
    bench.run(until=300)
    assert bench.departures(CLIENT) == [0, 0.25, 0.5, 0.75]
    assert tokens(bench, ResponseReceived) == asked
    assert [message.token for message in bench.messages(CLIENT)] == asked
    assert bench.client.waiting(SERVER) == 0
    assert not bench.client.busy


@pytest.mark.parametrize("nstart", [2, 3])
def test_nstart_may_be_larger(bench: Bench, nstart: int) -> None:
    bench.client = CoapEndpoint(random.Random(1), nstart=nstart)
    answer_after(bench, 0.25)
    for _ in range(6):
        bench.client.send_request(0, SERVER, GET)
    bench.run(until=300)
    assert bench.departures(CLIENT) == sorted([0.25 * turn for turn in range(6 // nstart)] * nstart)


def test_peers_do_not_wait_for_one_another(bench: Bench) -> None:
    bench.client.send_request(0, SERVER, GET)
    bench.client.send_request(0, STRANGER, GET)
    bench.client.send_request(0, (STRANGER[0], 5684), GET)
    assert len(bench.client.datagrams_to_send()) == 3


def test_the_waits_begin_when_the_message_leaves(bench: Bench) -> None:
    bench.fate = lose_everything
    first = bench.client.send_request(0, SERVER, GET, waits=(2, 4))
    second = bench.client.send_request(0, SERVER, GET, waits=(3, 5))
    bench.run(until=13.999)
    assert bench.departures(CLIENT) == [0, 2, 6, 9]
    assert tokens(bench, RequestUnanswered) == [first]
    bench.run(until=14)
    assert tokens(bench, RequestUnanswered) == [first, second]
    assert not bench.client.busy


def test_an_acknowledged_request_is_outstanding_no_more(bench: Bench) -> None:
    """RFC 7252 4.7: "neither a response nor an Acknowledgment message has yet been received"."""
    bench.react = lambda event: bench.server.acknowledge(bench.now, event)
    for _ in range(3):
        bench.client.send_request(0, SERVER, GET)
    bench.run(until=1)
    received = bench.told(SERVER, RequestReceived)
    assert len(received) == 3
    for event in received:  # NSTART holds for the separate responses, too (RFC 7641 4.5.1)
        bench.server.respond(bench.now, event, CONTENT)
    assert len(bench.server.datagrams_to_send()) == 1
    assert bench.server.waiting(CLIENT) == 2


@pytest.mark.parametrize("answer", [Type.RST, Type.ACK])
def test_a_reset_and_an_acknowledgement_free_the_turn(bench: Bench, answer: Type) -> None:
    """A notification's interaction ends with its acknowledgement."""
    for token in (b"a", b"b"):
        bench.server.notify(0, CLIENT, token, NOTIFICATION, True)
    ((_, first),) = bench.server.datagrams_to_send()
    empty = encode(Message(answer, Code.EMPTY, decode(first).message_id))
    (second,) = bench.inject(SERVER, CLIENT, empty)
    assert decode(second).token == b"b"


def test_notifications_requests_and_pings_to_one_peer_share_its_turns(bench: Bench) -> None:
    bench.server.ping(0, CLIENT)
    bench.server.notify(0, CLIENT, b"t", NOTIFICATION, True)
    bench.server.send_request(0, CLIENT, GET)
    bench.react = lambda event: None
    bench.run(until=0.5)
    messages = bench.messages(SERVER)
    assert [(message.type, message.code) for message in messages[:3]] == [
        (Type.CON, Code.EMPTY),
        (Type.CON, Code.CONTENT),
        (Type.CON, Code.GET),
    ]
    assert len(bench.told(SERVER, PingAnswered)) == len(bench.told(SERVER, NotificationReset)) == 1


def test_what_is_not_confirmable_waits_for_nobody(bench: Bench) -> None:
    bench.client.send_request(0, SERVER, GET)
    bench.client.send_request(0, SERVER, NON_GET)
    bench.client.notify(0, SERVER, b"t", NOTIFICATION, False)
    bench.inject(CLIENT, SERVER, encode(Message(Type.CON, Code.GET, 7, b"q")))
    (received,) = bench.told(CLIENT, RequestReceived)
    bench.client.respond(0, received, CONTENT)
    assert [decode(data).type for _, data in bench.client.datagrams_to_send()] == [Type.ACK]
    bench.client.send_request(0, STRANGER, NON_GET)
    bench.client.send_request(0, STRANGER, GET)
    assert len(bench.client.datagrams_to_send()) == 2  # and nobody waits for it


def test_beyond_the_bound_a_request_is_refused_and_nothing_of_it_leaves(bench: Bench) -> None:
    bench.client = CoapEndpoint(random.Random(1), queue_size=2)
    answer_after(bench, 0.25)
    assert bench.client.has_room(SERVER)
    asked = [bench.client.send_request(0, SERVER, GET) for _ in range(5)]
    assert not bench.client.has_room(SERVER)
    assert bench.client.next_deadline() == Deadline(0, CoapReason.REFUSAL_DUE)
    bench.run(until=300)
    aborted = bench.told(CLIENT, RequestAborted)
    assert aborted == [RequestAborted(token, SERVER, QUEUE_FULL) for token in asked[3:]]
    assert tokens(bench, ResponseReceived) == asked[:3]
    assert len(bench.departures(CLIENT)) == 3
    assert bench.client.has_room(SERVER)
    assert bench.client.next_deadline() is None


def test_each_kind_of_message_says_that_it_had_no_room(bench: Bench) -> None:
    bench.server = CoapEndpoint(random.Random(2), queue_size=0, remembered=1)
    for message_id in (1, 2):
        bench.inject(SERVER, CLIENT, encode(Message(Type.CON, Code.GET, message_id, b"q%d" % message_id)))
    received = bench.told(SERVER, RequestReceived)[0]  # forgotten since: its response is a message of its own
    bench.server.ping(0, CLIENT)
    bench.server.respond(0, received, CONTENT)
    notified = bench.server.notify(0, CLIENT, b"t", NOTIFICATION, True)
    pinged = bench.server.ping(0, CLIENT)
    bench.server.handle_timer(0)
    undelivered, *others = bench.server.events()
    assert isinstance(undelivered, ResponseUndelivered)
    assert (undelivered.token, undelivered.refusal) == (b"q1", QUEUE_FULL)
    assert others == [NotificationAborted(b"t", CLIENT, notified, QUEUE_FULL), PingAborted(CLIENT, pinged, QUEUE_FULL)]


def test_what_waits_can_be_cancelled_and_the_others_move_up(bench: Bench) -> None:
    answer_after(bench, 0.25)
    asked = [bench.client.send_request(0, SERVER, GET) for _ in range(4)]
    bench.client.cancel(bench.now, asked[1], SERVER)
    assert bench.client.waiting(SERVER) == 2
    bench.run(until=300)
    assert tokens(bench, ResponseReceived) == [asked[0], asked[2], asked[3]]


def test_when_the_one_that_is_out_is_cancelled_the_next_leaves_at_once(bench: Bench) -> None:
    bench.react = lambda event: bench.server.respond(bench.now, event, CONTENT)
    first, second = (bench.client.send_request(0, SERVER, GET) for _ in range(2))
    bench.client.datagrams_to_send()
    bench.now = 1.0
    bench.client.cancel(bench.now, first, SERVER)
    bench.run(until=300)
    assert bench.departures(CLIENT) == [1.0]
    assert tokens(bench, ResponseReceived) == [second]


def test_a_forgotten_peer_gets_nothing_more_and_each_end_is_told(bench: Bench) -> None:
    bench.fate = lose_everything
    asked = [bench.client.send_request(0, SERVER, GET) for _ in range(3)]
    other = bench.client.send_request(0, STRANGER, GET)
    bench.run(until=1)
    bench.client.forget(1, SERVER)
    assert bench.client.events() == [RequestAborted(token, SERVER, PEER_FORGOTTEN) for token in asked]
    bench.run(until=300)
    assert bench.departures(CLIENT) == [0, 0, 2, 6, 14, 30]  # once to the one, five times to the other
    assert tokens(bench, RequestUnanswered) == [other]
    assert bench.client.waiting(SERVER) == 0


def test_an_answer_to_what_has_not_left_yet_is_no_answer(bench: Bench) -> None:
    """Neither by its message ID nor by its token."""
    first, second = (bench.client.send_request(0, SERVER, GET) for _ in range(2))
    ((_, data),) = bench.client.datagrams_to_send()
    queued = decode(data).message_id + 1 & 0xFFFF
    for message in (
        Message(Type.ACK, Code.EMPTY, queued),
        Message(Type.RST, Code.EMPTY, queued),
        Message(Type.ACK, Code.CONTENT, queued, second),
        Message(Type.NON, Code.CONTENT, 7, second),
    ):
        bench.inject(CLIENT, SERVER, encode(message))
    assert tokens(bench, ResponseReceived) == []
    assert bench.client.waiting(SERVER) == 1
    (leaving,) = bench.inject(CLIENT, SERVER, encode(Message(Type.ACK, Code.CONTENT, queued - 1 & 0xFFFF, first)))
    assert decode(leaving).token == second


@pytest.mark.parametrize("reset", [True, False])
def test_an_observation_that_has_ended_takes_its_queued_notifications_along(bench: Bench, reset: bool) -> None:
    """RFC 7641 4.5; a notification of another observation stays."""
    bench.fate = lose_everything
    for token in (b"t", b"t", b"u"):
        bench.server.notify(0, CLIENT, token, NOTIFICATION, True)
    bench.drain()
    if reset:
        message_id = bench.messages(SERVER)[0].message_id
        bench.inject(SERVER, CLIENT, encode(Message(Type.RST, Code.EMPTY, message_id)))
    else:
        bench.run(until=62)
    ended = NotificationReset if reset else NotificationUnanswered
    assert [event.token for event in bench.told(SERVER, ended)][:1] == [b"t"]
    (aborted,) = bench.told(SERVER, NotificationAborted)
    assert (aborted.token, aborted.refusal) == (b"t", CoapRefusal.OBSERVATION_ENDED)
    assert bench.server.busy  # with the other one


def test_a_transfer_keeps_its_turn_to_its_last_block() -> None:
    """RFC 7959: its blocks are one exchange to its user, and to the queue."""
    bench = Bench(BlockwiseEndpoint(random.Random(1), block_size=64), BlockwiseEndpoint(random.Random(2)))
    answer_after(bench, 0.25)
    upload = bench.client.send_request(0, SERVER, Request(Code.PUT, GET.options, bytes(256)))
    small = bench.client.send_request(0, SERVER, GET)
    bench.run(until=300)
    assert tokens(bench, ResponseReceived) == [upload, small]
    assert [message.code for message in bench.messages(CLIENT)] == [Code.PUT] * 4 + [Code.GET]


def test_transfers_in_both_directions_between_two_peers_do_not_block_each_other() -> None:
    bench = Bench(
        BlockwiseEndpoint(random.Random(1), block_size=64), BlockwiseEndpoint(random.Random(2), block_size=64)
    )
    body = bytes(range(256)) * 4
    bench.react = lambda event: bench.server.respond(bench.now, event, Response(Code.CONTENT, payload=body))
    bench.fate = lambda source, data: [0.1]
    for _ in range(3):
        bench.client.send_request(0, SERVER, Request(Code.PUT, GET.options, body))
        bench.server.send_request(0, CLIENT, Request(Code.PUT, GET.options, body))
    bench.run(until=0.1)
    for _ in range(1000):
        for event in bench.seen[CLIENT]:
            if isinstance(event, RequestReceived):
                bench.client.respond(bench.now, event, Response(Code.CONTENT, payload=body))
        bench.seen[CLIENT] = [event for event in bench.seen[CLIENT] if not isinstance(event, RequestReceived)]
        bench.run(until=bench.now + 0.1)
    for side in (CLIENT, SERVER):
        assert [event.message.payload for event in bench.told(side, ResponseReceived)] == [body] * 3
    assert not bench.client.busy
    assert not bench.server.busy


def test_a_transfer_goes_on_although_the_queue_is_full() -> None:
    """The rest of a body is part of what has been let in already."""
    client = BlockwiseEndpoint(random.Random(1), queue_size=1)
    bench = Bench(client, BlockwiseEndpoint(random.Random(2), block_size=64))
    body = bytes(range(256))
    received: list[RequestReceived] = []
    bench.react = received.append
    asked = [client.send_request(0, SERVER, GET) for _ in range(2)]
    bench.run(until=1)  # the first is acknowledged, the second out
    asked.append(client.send_request(1, SERVER, GET))
    bench.run(until=5)
    for event in received:
        bench.server.respond(bench.now, event, Response(Code.CONTENT, payload=body))
    bench.react = lambda event: bench.server.respond(bench.now, event, Response(Code.CONTENT, payload=body))
    bench.run(until=300)
    assert sorted(tokens(bench, ResponseReceived)) == sorted(asked)
    assert {event.message.payload for event in bench.told(CLIENT, ResponseReceived)} == {body}


def test_a_refused_or_forgotten_transfer_is_told_under_its_own_token() -> None:
    client = BlockwiseEndpoint(random.Random(1), block_size=64, queue_size=1)
    upload = Request(Code.PUT, GET.options, bytes(256))
    asked = [client.send_request(0, SERVER, upload) for _ in range(3)]
    client.handle_timer(0)
    assert client.events() == [RequestAborted(asked[2], SERVER, QUEUE_FULL)]
    client.forget(0, SERVER)
    assert client.events() == [RequestAborted(token, SERVER, PEER_FORGOTTEN) for token in asked[:2]]
    assert not client.busy
    assert client._asked == {}


@pytest.mark.parametrize(("nstart", "queue_size"), [(0, 64), (1, -1)])
def test_limits_that_would_let_nothing_leave_are_refused(nstart: int, queue_size: int) -> None:
    with pytest.raises(ValueError, match="NSTART"):
        CoapEndpoint(random.Random(1), nstart=nstart, queue_size=queue_size)


def test_a_peer_without_an_open_interaction_leaves_nothing_behind(bench: Bench) -> None:
    bench.react = lambda event: bench.server.respond(bench.now, event, CONTENT)
    for _ in range(20):
        bench.client.send_request(bench.now, SERVER, GET)
        bench.client.send_request(bench.now, SERVER, GET)
    bench.run(until=300)
    interactions = bench.client._interactions
    assert not interactions._outstanding
    assert not interactions._queues
    assert interactions.freed is None


@pytest.mark.parametrize("seed", range(10))
def test_under_loss_there_is_never_more_than_one_open_confirmable(seed: int) -> None:
    """The order of the first sendings is the order of asking; every request ends in exactly one way."""
    source = random.Random(seed)
    bench = Bench(CoapEndpoint(random.Random(seed)), CoapEndpoint(random.Random(seed + 1)))
    bench.react = lambda event: bench.server.respond(bench.now, event, CONTENT)
    bench.fate = lambda sender, data: [] if source.random() < 0.5 else [source.uniform(0, 3)]
    asked = []
    for _ in range(40):
        asked.append(bench.client.send_request(bench.now, SERVER, GET))
        bench.run(until=bench.now + source.random() * 4)
        outstanding = bench.client._interactions._outstanding.get(SERVER, 0)
        assert outstanding <= 1
    bench.run(until=10_000)
    firsts = list(dict.fromkeys(message.token for message in bench.messages(CLIENT)))
    assert firsts == asked
    ends = tokens(bench, ResponseReceived) + tokens(bench, RequestUnanswered)
    assert sorted(ends) == sorted(asked)
