"""What RFC 7252 4.2, 4.3 and 5.4 say about messages that are not in order: reject, refuse or ignore."""

from __future__ import annotations

import random

import pytest
from coap_bench import CLIENT, SERVER, STRANGER, Bench

from nbtwin.coap.critical_options import UNDERSTOOD
from nbtwin.coap.endpoint import (
    CoapEndpoint,
    MessageDropped,
    PingAnswered,
    PingUnanswered,
    Request,
    RequestReceived,
    ResponseReceived,
)
from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, OptionNumber, Type
from nbtwin.coap.reasons import CoapReason, CoapRefusal
from nbtwin.timeline.catalogue import words

GET = Request(Code.GET, options(path=("3", "0")))
RESET = "70001234"


def answers(bench: Bench, text: str) -> list[str]:
    return [answer.hex() for answer in bench.inject(SERVER, STRANGER, bytes.fromhex(text))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("40001234", [RESET]),  # Empty CON: a ping
        ("50001234", []),  # Empty NON
        ("60001234", []),  # ACK of nothing
        ("70001234", []),  # RST of nothing
        ("70011234", []),  # RST that is not Empty
        ("60011234", []),  # a request in an ACK
        ("60451234", []),  # a response in an ACK, to nothing
        ("40451234", [RESET]),  # a response to nothing
        ("50451234", [RESET]),  # the same, Non-confirmable (RFC 7641 3.6)
        ("40211234", [RESET]),  # reserved classes (RFC 7252 4.2)
        ("40c11234", [RESET]),
        ("40e11234", [RESET]),
        ("50e11234", [RESET]),
        ("60e11234", []),
        ("49011234010203040506070809", [RESET]),  # format errors: token length 9
        ("4f011234", [RESET]),
        ("5f011234", []),
        ("6f011234", []),
        ("7f001234", []),
        ("40011234f0", [RESET]),  # option delta 15
        ("40011234ff", [RESET]),  # payload marker without a payload
        ("50011234ff", []),
        ("40011234b4", [RESET]),  # truncated
        ("4000123400", [RESET]),  # Empty with something behind it
        ("41001234aa", [RESET]),
        ("400112", []),  # no whole header
        ("", []),
        ("80011234", []),  # version 2
        ("00011234", []),
        ("c0011234ff", []),
    ],
)
def test_what_is_no_request_is_rejected_or_ignored(bench: Bench, text: str, expected: list[str]) -> None:
    assert answers(bench, text) == expected
    assert [type(event) for event in bench.seen[SERVER]] == [MessageDropped]
    assert bench.server.next_deadline() is None


@pytest.mark.parametrize(
    ("found", "option"),
    [
        (((65001, b""),), 65001),  # unknown (RFC 7252 5.4.1)
        (((1, b"etag"),), 1),  # If-Match: known, but nobody evaluates it
        (((3, b""),), 3),  # too short (5.4.3)
        (((7, b"\0\0\1"),), 7),  # too long
        (((11, b"x" * 256),), 11),
        (((3, b"a"), (3, b"b")), 3),  # repeated (5.4.5)
        (((17, b""), (17, b"")), 17),
        (((11, b"\xff"),), 11),  # not UTF-8 (3.2)
        (((11, "片".encode()), (15, b"\xe4\xb8")), 15),
    ],
)
def test_a_critical_option_that_is_not_understood_is_refused(
    bench: Bench, found: tuple[tuple[int, bytes], ...], option: int
) -> None:
    data = encode(Message(Type.CON, Code.GET, 7, b"t", found))
    (answer,) = bench.inject(SERVER, STRANGER, data)
    refusal = decode(answer)
    assert (refusal.type, refusal.code, refusal.message_id, refusal.token) == (Type.ACK, Code.BAD_OPTION, 7, b"t")
    assert str(option) in refusal.payload.decode()
    assert bench.inject(SERVER, STRANGER, data) == [answer]
    assert bench.told(SERVER, RequestReceived) == []
    assert bench.server.next_deadline() is None


def test_oscore_is_not_offered_and_the_answer_says_so(bench: Bench) -> None:
    """RFC 8613 2: its option is critical; D167."""
    data = encode(Message(Type.CON, Code.POST, 7, b"t", ((OptionNumber.OSCORE, b"\x09\x00\x01"),), b"ciphertext"))
    (answer,) = bench.inject(SERVER, STRANGER, data)
    assert (decode(answer).code, decode(answer).payload) == (Code.BAD_OPTION, b"critical option 9 (OSCORE)")
    (dropped,) = bench.told(SERVER, MessageDropped)
    assert (dropped.refusal, dropped.number) == (CoapRefusal.CRITICAL_OPTION, OptionNumber.OSCORE)
    assert "critical option 9 (OSCORE)" in words(dropped, "en")
    assert "关键选项 9（OSCORE）" in words(dropped, "zh")


def test_a_non_confirmable_request_with_such_an_option_is_rejected(bench: Bench) -> None:
    """RFC 7252 5.4.1."""
    data = encode(Message(Type.NON, Code.GET, 0x1234, b"t", ((65001, b""),)))
    assert answers(bench, data.hex()) == [RESET]


@pytest.mark.parametrize("option", [OptionNumber.PROXY_URI, OptionNumber.PROXY_SCHEME])
def test_no_endpoint_is_a_proxy(bench: Bench, option: int) -> None:
    """RFC 7252 5.10.2."""
    (answer,) = bench.inject(SERVER, STRANGER, encode(Message(Type.CON, Code.GET, 7, b"", ((option, b"coap://h"),))))
    assert decode(answer).code == Code.PROXYING_NOT_SUPPORTED


@pytest.mark.parametrize("found", [(65000, b"x"), (12, b"\0\0\0\0"), (2, b""), (258, b"\x02")])
def test_an_elective_option_that_is_not_understood_is_ignored(bench: Bench, found: tuple[int, bytes]) -> None:
    assert bench.inject(SERVER, STRANGER, encode(Message(Type.CON, Code.GET, 7, b"t", (found,)))) == []
    (received,) = bench.told(SERVER, RequestReceived)
    assert received.message.content_format is None


@pytest.mark.parametrize(("type", "answered"), [(Type.CON, Type.ACK), (Type.NON, Type.NON)])
@pytest.mark.parametrize("code", [0x08, 0x1F])
def test_a_method_that_nobody_has_assigned_is_not_allowed(bench: Bench, type: Type, answered: Type, code: int) -> None:
    """RFC 7252 5.8: 4.05, before anybody looks at the path."""
    (answer,) = bench.inject(SERVER, STRANGER, encode(Message(type, code, 7, b"t")))
    refusal = decode(answer)
    assert (refusal.type, refusal.code, refusal.token) == (answered, Code.METHOD_NOT_ALLOWED, b"t")
    assert bench.told(SERVER, RequestReceived) == []


def test_who_evaluates_a_critical_option_may_say_so(bench: Bench) -> None:
    bench.server = CoapEndpoint(random.Random(1), understood=UNDERSTOOD | {OptionNumber.IF_NONE_MATCH, 65001})
    bench.inject(SERVER, STRANGER, encode(Message(Type.CON, Code.PUT, 7, b"t", ((5, b""), (65001, b"x")))))
    assert len(bench.told(SERVER, RequestReceived)) == 1


@pytest.mark.parametrize(("type", "answered"), [(Type.CON, [Type.RST]), (Type.NON, [Type.RST]), (Type.ACK, [])])
def test_a_response_with_such_an_option_is_rejected_and_the_request_goes_on(
    bench: Bench, type: Type, answered: list[Type]
) -> None:
    """RFC 7252 5.4.1 and 4.2: to reject an ACK is to ignore it."""
    token = bench.client.send_request(0, SERVER, GET)
    ((_, request),) = bench.client.datagrams_to_send()
    message_id = decode(request).message_id if type is Type.ACK else 99
    bad = encode(Message(type, Code.CONTENT, message_id, token, ((65001, b""),)))
    assert [decode(answer).type for answer in bench.inject(CLIENT, SERVER, bad)] == answered
    assert bench.told(CLIENT, ResponseReceived) == []
    assert bench.client.busy


def test_only_the_endpoint_that_was_asked_can_answer(bench: Bench) -> None:
    """RFC 7252 5.3.2, 4.2."""
    token = bench.client.send_request(0, SERVER, GET)
    ((_, data),) = bench.client.datagrams_to_send()
    message_id = decode(data).message_id
    for type, expected in ((Type.ACK, []), (Type.RST, []), (Type.CON, [Type.RST]), (Type.NON, [Type.RST])):
        code = Code.EMPTY if type is Type.RST else Code.CONTENT
        forged = encode(Message(type, code, message_id, b"" if type is Type.RST else token))
        for source in (STRANGER, (SERVER[0], SERVER[1] + 1)):
            assert [decode(answer).type for answer in bench.inject(CLIENT, source, forged)] == expected
    assert {event.__class__ for event in bench.seen[CLIENT]} == {MessageDropped}
    assert bench.client.busy


def test_a_piggybacked_response_must_carry_the_token(bench: Bench) -> None:
    token = bench.client.send_request(0, SERVER, GET)
    ((_, data),) = bench.client.datagrams_to_send()
    wrong = encode(Message(Type.ACK, Code.CONTENT, decode(data).message_id, token[::-1] + b"x"))
    assert bench.inject(CLIENT, SERVER, wrong) == []
    right = encode(Message(Type.ACK, Code.CONTENT, decode(data).message_id, token))
    bench.inject(CLIENT, SERVER, right)
    bench.inject(CLIENT, SERVER, right)
    assert len(bench.told(CLIENT, ResponseReceived)) == 1


def test_a_response_after_the_request_was_given_up_is_reset(bench: Bench) -> None:
    token = bench.client.send_request(0, SERVER, GET, waits=(2,))
    bench.client.handle_timer(2)
    late = encode(Message(Type.CON, Code.CONTENT, 5, token))
    bench.client.datagrams_to_send()
    assert [decode(answer).type for answer in bench.inject(CLIENT, SERVER, late)] == [Type.RST]


def test_a_ping_is_answered_by_a_reset(bench: Bench) -> None:
    """RFC 7252 4.3."""
    message_id = bench.client.ping(0, SERVER)
    bench.run(until=100)
    assert bench.seen[CLIENT] == [PingAnswered(SERVER, message_id)]
    assert [message.type for message in bench.messages(SERVER)] == [Type.RST]


def test_a_ping_into_the_void_is_repeated_and_given_up(bench: Bench) -> None:
    bench.fate = lambda source, data: []
    message_id = bench.client.ping(0, SERVER, waits=(1, 2))
    assert bench.client.next_deadline().reason is CoapReason.PING_UNANSWERED
    bench.run(until=3)
    assert bench.departures(CLIENT) == [0, 1]
    assert bench.seen[CLIENT][-1] == PingUnanswered(SERVER, message_id)


@pytest.mark.parametrize("seed", range(5))
def test_noise_harms_nothing(bench: Bench, seed: int) -> None:
    """Any bytes: no exception, no more answers than datagrams, nothing longer than was asked for, nothing left open."""
    source = random.Random(seed)
    bench.client.send_request(0, SERVER, GET)
    ((_, valid),) = bench.client.datagrams_to_send()
    for _ in range(3000):
        data = bytearray(valid if source.random() < 0.5 else source.randbytes(source.randrange(40)))
        for _ in range(source.randrange(4)):
            if data:
                data[source.randrange(len(data))] = source.randrange(256)
        out = bench.inject(SERVER, STRANGER, bytes(data))
        assert len(out) <= 1
    assert not bench.server.busy
