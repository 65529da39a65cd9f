"""What is seen of a stream of datagrams without decoding it: errors, what comes again, how long answers take."""

from __future__ import annotations

from nbtwin.coap.traffic import EACH, KEPT, MANY, Traffic
from nbtwin.engine import Address, Datagram

CON, ACK, NON = 0x40, 0x60, 0x50
POST, CREATED, NOT_FOUND = 2, 65, 132


def message(kind: int, code: int, number: int, port: int = 5683) -> Datagram:
    peer: Address = ("192.0.2.1", port)
    return peer, bytes((kind, code)) + number.to_bytes(2, "big") + b"rest"


def requests(first: int, count: int, port: int = 5683) -> list[Datagram]:
    return [message(CON, POST, number, port) for number in range(first, first + count)]


def answers(first: int, count: int, port: int = 5683) -> list[Datagram]:
    return [message(ACK, CREATED, number, port) for number in range(first, first + count)]


def test_each_of_few_requests_is_timed_once_from_its_first_to_its_answer() -> None:
    traffic = Traffic()
    assert traffic.look(0, 10.0, requests(1, 3), up=True, timed=True).waits == []
    assert traffic.look(0, 10.5, answers(1, 2), up=False, timed=True).waits == [(0.5, 2)]
    assert traffic.look(0, 12.0, answers(1, 3), up=False, timed=True).waits == [(2.0, 1)]
    assert traffic.look(0, 13.0, requests(9, 1), up=True, timed=False).waits == []
    assert traffic.look(0, 14.0, answers(9, 1), up=False, timed=True).waits == [], "nobody was asked"


def test_of_many_at_once_one_in_eight_is_timed_and_stands_for_all_of_them() -> None:
    traffic, count = Traffic(), 20 * MANY
    traffic.look(0, 10.0, requests(1000, count), up=True, timed=True)
    waits = traffic.look(0, 10.25, answers(1000, count), up=False, timed=True).waits
    assert waits == [(0.25, count)]
    traffic.look(0, 20.0, requests(5000, count), up=True, timed=True)
    found = [
        wait for number in range(5000, 5000 + count)
        for wait in traffic.look(0, 20.5, answers(number, 1), up=False, timed=True).waits
    ]  # fmt: skip
    assert found == [(0.5, EACH)] * (count // EACH), "answers that leave one by one say the same"


def test_what_is_confirmable_and_the_same_again_is_counted_by_peer_and_direction() -> None:
    traffic = Traffic()
    assert traffic.look(0, 0, requests(1, 40), up=True, timed=False).again == 0
    assert traffic.look(2, 0, requests(1, 40), up=True, timed=False).again == 40
    assert traffic.look(2, 0, requests(1, 40, port=5700), up=True, timed=False).again == 0
    assert traffic.look(2, 0, requests(1, 40), up=False, timed=False).again == 0
    assert traffic.look(400, 0, requests(1, 40), up=True, timed=False).again == 0, "the IDs are in use again"
    unconfirmed = [message(NON, POST, 7)] * 2 + answers(7, 1) * 2
    assert traffic.look(400, 0, unconfirmed, up=True, timed=False).again == 0


def test_the_newest_thousands_are_remembered() -> None:
    traffic = Traffic()

    def pass_by(first: int, count: int) -> None:
        for number in range(first, first + count):
            traffic.look(0, 0, requests(number, 1), up=True, timed=False)

    pass_by(0, KEPT - 1)
    assert traffic.look(1, 0, requests(0, 1), up=True, timed=False).again == 1
    pass_by(10_000, 2 * KEPT)
    assert traffic.look(2, 0, requests(0, 1), up=True, timed=False).again == 0
    traffic.look(3, 0, requests(0, 16 * KEPT), up=True, timed=False)
    traffic.look(3, 0, requests(0, 16 * KEPT, port=5700), up=True, timed=False)
    assert traffic.look(4, 0, requests(0, 1), up=True, timed=False).again == 0


def test_of_many_at_once_one_in_eight_is_looked_for_and_stands_for_all_of_them() -> None:
    count = 20 * MANY
    for first, second in ((count, count), (count, 1), (1, count)):
        traffic, again = Traffic(), 0
        for at, size in ((0, first), (2, second)):
            for number in range(1000, 1000 + count, size):
                again += traffic.look(at, 0, requests(number, size), up=True, timed=False).again
        assert again == count, "whether the first ones, the second ones or both came by the dozen"


def test_errors_are_counted_and_what_is_no_coap_is_passed_over() -> None:
    traffic = Traffic()
    others: list[Datagram] = [(("192.0.2.1", 1), data) for data in (b"", b"\x40", b"\x16\xfe\xfd\x00\x84", b"\xff" * 9)]
    seen = traffic.look(0, 0, [message(ACK, NOT_FOUND, 1), *others, message(CON, POST, 2)], up=False, timed=True)
    assert (seen.errors, seen.again, seen.waits) == (1, 0, [])
