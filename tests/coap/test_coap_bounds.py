"""What an CoapEndpoint keeps: little for each, bounded for all, and nothing of what is over."""

from __future__ import annotations

import random

import pytest
from coap_bench import CLIENT, SERVER, STRANGER, Bench

from kept_memory import kept_by
from nbtwin.coap.bounded import make_room
from nbtwin.coap.deduplication import DuplicateCache
from nbtwin.coap.endpoint import CoapEndpoint, Request, RequestReceived, Response, ResponseReceived
from nbtwin.coap.identifiers import Identifiers
from nbtwin.coap.message import Message, encode, options
from nbtwin.coap.numbers import EXCHANGE_LIFETIME, Code, Type

GET = Request(Code.GET, options(path=("3", "0")))


def test_timers_of_answered_requests_do_not_pile_up(bench: Bench) -> None:
    """While one request stays open, ten thousand others come and go within the same second."""
    bench.react = lambda event: bench.server.respond(bench.now, event, Response(Code.CONTENT))
    bench.client.send_request(0, STRANGER, GET)
    for _ in range(10_000):
        bench.client.send_request(0, SERVER, GET)
        bench.drain()
        ((_, _, data),) = [entry for entry in bench.sent if entry[1] == CLIENT][-1:]
        bench.sent.clear()
        bench.server.handle_datagram(0, CLIENT, data)
        bench.drain()
        bench.client.handle_datagram(0, SERVER, bench.sent.pop()[2])
        assert isinstance(bench.client.events()[-1], ResponseReceived)
    assert len(bench.client._transmissions._heap) < 100
    assert len(bench.client._open) == len(bench.client._requests) == 1
    assert bench.client.next_deadline().at == 2


def test_an_idle_endpoint_is_small() -> None:
    """A fleet has a hundred thousand of them."""
    source = random.Random(1)
    assert kept_by(lambda: [CoapEndpoint(source) for _ in range(1000)]) / 1000 < 1100


def test_the_memory_of_duplicates_is_bounded_by_time() -> None:
    memory = DuplicateCache(1000)
    for second in range(10 * int(EXCHANGE_LIFETIME)):
        memory.add(second, (STRANGER, second), EXCHANGE_LIFETIME)
        assert len(memory) <= EXCHANGE_LIFETIME
    assert memory.get(second, (STRANGER, second)) is not None
    assert memory.next_unanswered() is None


def test_a_message_id_that_returns_is_remembered_for_its_new_time() -> None:
    memory = DuplicateCache(1000)
    memory.add(0, (STRANGER, 1), 10)
    memory.add(5, (STRANGER, 2), EXCHANGE_LIFETIME)
    memory.add(10, (STRANGER, 1), EXCHANGE_LIFETIME)
    memory.add(12, (STRANGER, 3), EXCHANGE_LIFETIME)
    assert memory.get(200, (STRANGER, 1)) is not None
    assert len(memory) == 3


def test_the_older_half_makes_room() -> None:
    entries = dict.fromkeys(range(10))
    make_room(entries, 11)
    assert len(entries) == 10
    make_room(entries, 10)
    assert list(entries) == [5, 6, 7, 8, 9]


def test_many_peers_cost_a_bounded_number_of_counters() -> None:
    identifiers = Identifiers(random.Random(1), peers=100)
    for port in range(1000):
        identifiers.message_id((STRANGER[0], port), {})
    assert len(identifiers._next) <= 100


def test_a_token_that_is_in_use_is_drawn_again() -> None:
    taken = Identifiers(random.Random(1), 1).token(SERVER, {}, {})
    for asked, observed in (({(SERVER, taken)}, {}), ({}, {(SERVER, taken)})):
        identifiers = Identifiers(random.Random(1), 1)
        assert identifiers.token(SERVER, asked, observed) != taken
    assert Identifiers(random.Random(1), 1).token(STRANGER, {(SERVER, taken)}, {}) == taken


@pytest.mark.parametrize("remembered", [1, 8192])
def test_only_the_first_reply_to_a_request_leaves(remembered: int) -> None:
    """But a request that has been forgotten meanwhile may be replied to without a memory of it."""
    server = CoapEndpoint(random.Random(1), remembered=remembered)
    for message_id in (1, 2):
        server.handle_datagram(0, STRANGER, encode(Message(Type.CON, Code.GET, message_id, b"t")))
    first = server.events()[0]
    assert isinstance(first, RequestReceived)
    server.acknowledge(0, first)
    server.acknowledge(0, first)
    server.reject(0, first)
    assert len(server.datagrams_to_send()) == (3 if remembered == 1 else 1)
