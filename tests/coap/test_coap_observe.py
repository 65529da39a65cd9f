"""RFC 7641: observing, being observed, and how it ends."""

from __future__ import annotations

import pytest
from coap_bench import CLIENT, SERVER, Bench

from nbtwin.coap.endpoint import (
    MessageDropped,
    NotificationAcknowledged,
    NotificationReset,
    NotificationUnanswered,
    Request,
    RequestReceived,
    Response,
    ResponseReceived,
)
from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import NON_LIFETIME, Code, Type
from nbtwin.coap.observe import NotificationOrder, Observers
from nbtwin.coap.reasons import CoapReason, CoapRefusal
from nbtwin.engine import DAY, Deadline

OBSERVE = Request(Code.GET, options(path=("19", "1", "0"), observe=0))


def value(order: int | None, payload: bytes = b"v") -> Response:
    return Response(Code.CONTENT, options(observe=order), payload)


@pytest.fixture
def observed(bench: Bench) -> tuple[Bench, bytes]:
    bench.react = lambda event: bench.server.respond(bench.now, event, value(1))
    token = bench.client.send_request(bench.now, SERVER, OBSERVE)
    bench.run(until=0)
    assert len(bench.told(CLIENT, ResponseReceived)) == 1
    return bench, token


def orders(bench: Bench) -> list[int | None]:
    return [event.message.observe for event in bench.told(CLIENT, ResponseReceived)]


@pytest.mark.parametrize("confirmable", [True, False])
def test_notifications_arrive_under_the_token_of_the_request(observed: tuple[Bench, bytes], confirmable: bool) -> None:
    bench, token = observed
    for order in (2, 3):
        message_id = bench.server.notify(bench.now, CLIENT, token, value(order), confirmable)
        bench.run(until=bench.now + 10)
        expected = [NotificationAcknowledged(token, CLIENT, message_id)] if confirmable else []
        assert bench.told(SERVER, NotificationAcknowledged)[-1:] == expected
    assert orders(bench) == [1, 2, 3]
    assert {event.token for event in bench.told(CLIENT, ResponseReceived)} == {token}
    assert not bench.client.busy
    assert not bench.server.busy


def test_a_confirmable_notification_is_repeated_until_it_is_acknowledged(observed: tuple[Bench, bytes]) -> None:
    bench, token = observed
    bench.fate = lambda source, data: [] if bench.now < 6 else [0.0]
    bench.server.notify(bench.now, CLIENT, token, value(2), True)
    assert bench.server.busy
    assert bench.server.next_deadline() == Deadline(2, CoapReason.NOTIFICATION_UNACKNOWLEDGED, number=1)
    bench.run(until=300)
    assert bench.departures(SERVER)[1:] == [0, 2, 6]
    assert orders(bench) == [1, 2]


def test_a_notification_that_was_overtaken_is_acknowledged_and_dropped(observed: tuple[Bench, bytes]) -> None:
    """RFC 7641 3.4."""
    bench, token = observed
    delays = iter([5.0, 0.0])
    bench.fate = lambda source, data: [next(delays)] if source == SERVER else [0.0]
    bench.server.notify(bench.now, CLIENT, token, value(2), False)
    bench.server.notify(bench.now, CLIENT, token, value(3), False)
    bench.run(until=10)
    assert orders(bench) == [1, 3]
    late = encode(Message(Type.CON, Code.CONTENT, 77, token, options(observe=2)))
    assert [decode(answer).type for answer in bench.inject(CLIENT, SERVER, late)] == [Type.ACK]
    assert orders(bench) == [1, 3]
    assert bench.told(CLIENT, MessageDropped)[-1] == MessageDropped(SERVER, CoapRefusal.NOTIFICATION_OUTDATED, 2, 3)


@pytest.mark.parametrize(
    ("before", "after", "seconds", "newer"),
    [
        (1, 2, 0, True),
        (2, 1, 0, False),
        (2, 2, 0, False),
        (0, (1 << 23) - 1, 0, True),
        (0, 1 << 23, 0, False),
        ((1 << 24) - 1, 0, 0, True),
        ((1 << 23) + 1, 0, 0, True),
        (1 << 23, 0, 0, False),
        (9, 3, 128, False),
        (9, 3, 128.1, True),
    ],
)
def test_which_notification_is_newer(before: int, after: int, seconds: float, newer: bool) -> None:
    """RFC 7641 3.4, the three conditions."""
    assert NotificationOrder(before, 1000).accept(after, 1000 + seconds) is newer


@pytest.mark.parametrize("confirmable", [True, False])
def test_who_has_cancelled_resets_the_next_notification(observed: tuple[Bench, bytes], confirmable: bool) -> None:
    """RFC 7641 3.6."""
    bench, token = observed
    bench.client.cancel(bench.now, token, SERVER)
    message_id = bench.server.notify(bench.now, CLIENT, token, value(2), confirmable)
    bench.run(until=100)
    assert bench.told(SERVER, NotificationReset) == [NotificationReset(token, CLIENT, message_id)]
    assert orders(bench) == [1]
    assert not bench.server.busy


def test_a_client_that_has_gone_ends_the_observation(observed: tuple[Bench, bytes]) -> None:
    """RFC 7641 4.5."""
    bench, token = observed
    bench.fate = lambda source, data: []
    message_id = bench.server.notify(bench.now, CLIENT, token, value(2), True)
    bench.run(until=62)
    assert bench.told(SERVER, NotificationUnanswered) == [NotificationUnanswered(token, CLIENT, message_id)]


def test_an_observation_is_cancelled_by_a_request_with_the_same_token(observed: tuple[Bench, bytes]) -> None:
    bench, token = observed
    bench.react = lambda event: bench.server.respond(bench.now, event, value(None))
    cancel = Request(Code.GET, options(path=("19", "1", "0"), observe=1))
    assert bench.client.send_request(bench.now, SERVER, cancel, token=token) == token
    bench.run(until=1)
    bench.server.notify(bench.now, CLIENT, token, value(2), False)
    bench.run(until=2)
    assert orders(bench) == [1, None]
    assert len(bench.told(SERVER, NotificationReset)) == 1


@pytest.mark.parametrize("last", [value(None), Response(Code.NOT_FOUND), Response(Code.NOT_FOUND, options(observe=9))])
def test_an_answer_without_observe_or_with_an_error_is_the_last(observed: tuple[Bench, bytes], last: Response) -> None:
    """RFC 7641 3.2, 4.2."""
    bench, token = observed
    bench.server.notify(bench.now, CLIENT, token, last, True)
    bench.run(until=1)
    assert bench.told(CLIENT, ResponseReceived)[-1].message.code == last.code
    assert len(bench.told(SERVER, NotificationAcknowledged)) == 1
    bench.server.notify(bench.now, CLIENT, token, value(10), True)
    bench.run(until=2)
    assert len(bench.told(SERVER, NotificationReset)) == 1


@pytest.mark.parametrize("answer", [value(None), Response(Code.NOT_FOUND, options(observe=4))])
def test_a_server_may_answer_without_observing(bench: Bench, answer: Response) -> None:
    bench.react = lambda event: bench.server.respond(bench.now, event, answer)
    token = bench.client.send_request(bench.now, SERVER, OBSERVE)
    bench.run(until=0)
    bench.server.notify(bench.now, CLIENT, token, value(2), True)
    bench.run(until=1)
    assert len(bench.told(SERVER, NotificationReset)) == 1


def test_an_observe_option_that_nobody_asked_for_starts_nothing(bench: Bench) -> None:
    bench.react = lambda event: bench.server.respond(bench.now, event, value(1))
    token = bench.client.send_request(bench.now, SERVER, Request(Code.GET))
    bench.run(until=0)
    bench.server.notify(bench.now, CLIENT, token, value(2), True)
    bench.run(until=1)
    assert orders(bench) == [1]


def test_the_first_answer_may_be_separate_and_its_reset_ends_the_observation(bench: Bench) -> None:
    bench.react = lambda event: bench.server.acknowledge(bench.now, event)
    token = bench.client.send_request(bench.now, SERVER, OBSERVE)
    bench.run(until=1)
    (received,) = bench.told(SERVER, RequestReceived)
    bench.server.respond(bench.now, received, value(1))
    bench.run(until=2)
    bench.server.notify(bench.now, CLIENT, token, value(2), True)
    bench.run(until=3)
    assert orders(bench) == [1, 2]
    bench.client.cancel(bench.now, token, SERVER)
    bench.server.respond(bench.now, received, value(3))
    bench.run(until=4)
    assert [event.token for event in bench.told(SERVER, NotificationReset)] == [token]


def test_a_late_reset_still_finds_its_notification(observed: tuple[Bench, bytes]) -> None:
    bench, token = observed
    message_id = bench.server.notify(0, CLIENT, token, value(2), False)
    bench.server.datagrams_to_send()
    bench.now = NON_LIFETIME - 1
    bench.inject(SERVER, CLIENT, encode(Message(Type.RST, Code.EMPTY, message_id)))
    bench.inject(SERVER, CLIENT, encode(Message(Type.RST, Code.EMPTY, message_id)))
    assert len(bench.told(SERVER, NotificationReset)) == 1


def ask(observers: Observers, token: bytes, observe: int | None, peer: int = 1, code: int = Code.GET) -> object:
    message = Message(Type.CON, code, 1, token, options(observe=observe))
    return observers.handle_request(0, ("192.0.2.9", peer), message, "/19/1/0")


def test_the_server_keeps_one_entry_for_each_client_and_token() -> None:
    """RFC 7641 4.1."""
    observers = Observers()
    assert ask(observers, b"a", 0)
    assert ask(observers, b"a", 0)
    assert ask(observers, b"b", 0)
    assert ask(observers, b"a", 0, peer=2)
    assert len(observers) == len(observers.of("/19/1/0")) == 3
    assert ask(observers, b"a", 1) is None
    assert ask(observers, b"b", None) is None
    assert ask(observers, b"c", 0, code=Code.POST) is None
    assert ask(observers, b"c", 2) is None
    assert [(o.peer[1], o.token) for o in observers.of("/19/1/0")] == [(1, b"b"), (2, b"a")]
    assert observers.of("/3/0") == []


def test_who_cancels_under_another_token_ends_what_it_observes_there() -> None:
    """D159: RFC 7641 3.6 wants the token of the observation, which older stacks do not keep."""
    observers = Observers()
    for token, peer in ((b"a", 1), (b"b", 1), (b"a", 2)):
        ask(observers, token, 0, peer)
    observers.handle_request(0, ("192.0.2.9", 1), Message(Type.CON, Code.GET, 1, b"c", options(observe=0)), "/3/0")
    assert ask(observers, b"b", 1) is None  # a token that is known ends its own observation alone
    assert [(o.peer[1], o.token) for o in observers.of("/19/1/0")] == [(1, b"a"), (2, b"a")]
    ask(observers, b"b", 0)
    assert ask(observers, b"z", 1) is None
    assert [(o.peer[1], o.token) for o in observers.of("/19/1/0")] == [(2, b"a")]
    assert len(observers.of("/3/0")) == 1


def test_a_full_list_answers_without_observing() -> None:
    observers = Observers(size=2)
    assert [ask(observers, token, 0) is not None for token in (b"a", b"b", b"c")] == [True, True, False]


def test_notifications_are_numbered_and_once_a_day_confirmable() -> None:
    """RFC 7641 4.4, 4.5."""
    observers = Observers()
    ask(observers, b"a", 0)
    (observer,) = observers.of("/19/1/0")
    assert [observer.next_order() for _ in range(3)] == [1, 2, 3]
    observer.order = (1 << 24) - 1
    assert observer.next_order() == 0
    assert not observer.must_be_confirmable(DAY - 1)
    assert observer.must_be_confirmable(DAY)
    observers.handle_event(DAY, NotificationAcknowledged(b"a", ("192.0.2.9", 1), 5))
    observers.handle_event(DAY, NotificationAcknowledged(b"z", ("192.0.2.9", 1), 5))
    assert not observer.must_be_confirmable(DAY + 1)


@pytest.mark.parametrize("ended", [NotificationReset, NotificationUnanswered])
def test_a_reset_or_unanswered_notification_takes_the_observer_off_the_list(ended: type) -> None:
    observers = Observers()
    ask(observers, b"a", 0)
    event = ended(b"a", ("192.0.2.9", 1), 5)
    removed = observers.handle_event(0, event)
    assert removed is not None
    assert removed.resource == "/19/1/0"
    assert observers.handle_event(0, event) is None
    assert observers.of("/19/1/0") == []
