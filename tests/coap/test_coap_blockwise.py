"""RFC 7959: the exchanges of its chapter 3 block by block, what must be refused, whole bodies over a bad link."""

from __future__ import annotations

import random
from typing import Any

import pytest
from coap_bench import CLIENT, SERVER, STRANGER, Bench
from hypothesis import given
from hypothesis import strategies as st

from nbtwin.coap.blockwise import (
    BLOCK1,
    BLOCK2,
    SIZE1,
    SIZE2,
    Block,
    BlockwiseError,
    Downloads,
    Transfer,
    Uploads,
    block_of,
)
from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.events import (
    BlockReceived,
    MessageDropped,
    NotificationAcknowledged,
    Request,
    RequestAborted,
    RequestAcknowledged,
    RequestReceived,
    RequestUnanswered,
    Response,
    ResponseReceived,
)
from nbtwin.coap.message import Message, decode, encode, encode_content, options
from nbtwin.coap.numbers import EXCHANGE_LIFETIME, Code, OptionNumber, Type
from nbtwin.coap.reasons import CoapRefusal

STATUS = options(path=("status",))
BODY = bytes(n * 7 & 0xFF for n in range(5000))


def answer(code: int, payload: bytes = b"", **blocks: tuple[int, int, int]) -> Message:
    """A response with blocks written as the RFC prints them: number, more, size."""
    found = [
        ({"b1": int(BLOCK1), "b2": int(BLOCK2)}[name], Block(number, bool(more), size.bit_length() - 5).encode())
        for name, (number, more, size) in blocks.items()
    ]
    return Message(Type.ACK, code, 1, b"t", options(more=found), payload)


def printed(request: Request | Message | Response) -> dict[str, Any]:
    """The blocks of a request or response as the RFC prints them."""
    message = Message(Type.CON, request.code, 1, b"", request.options)
    blocks = {name: block_of(message, option) for name, option in (("b1", BLOCK1), ("b2", BLOCK2))}
    return {name: (block.number, int(block.more), block.size) for name, block in blocks.items() if block}


# --- the option (RFC 7959 2.2)


@pytest.mark.parametrize(
    ("text", "block"),
    [
        ("", Block(0, False, 0)),
        ("06", Block(0, False, 6)),
        ("0e", Block(0, True, 6)),
        ("1a", Block(1, True, 2)),
        ("0a2a", Block(162, True, 2)),
        ("ffffee", Block(0xFFFFE, True, 6)),
    ],
)
def test_a_block_option_is_read_and_written(text: str, block: Block) -> None:
    assert Block.decode(bytes.fromhex(text)) == block
    assert block.encode().hex() == text


def test_a_reserved_size_or_a_number_too_large_is_no_block() -> None:
    with pytest.raises(BlockwiseError) as reserved:
        Block.decode(b"\x07")
    assert reserved.value.refusal is CoapRefusal.BLOCK_SIZE_RESERVED
    with pytest.raises(BlockwiseError) as too_long:
        Block.decode(bytes(4))
    assert too_long.value.args == (CoapRefusal.BLOCK_OPTION_TOO_LONG, 4, 0)
    with pytest.raises(ValueError, match="no block"):
        Block(1 << 20, False, 6).encode()
    with pytest.raises(ValueError, match="no block"):
        Block(0, False, 7).encode()


@given(st.integers(0, (1 << 20) - 1), st.booleans(), st.integers(0, 6))
def test_every_block_is_read_back(number: int, more: bool, exponent: int) -> None:
    block = Block(number, more, exponent)
    assert Block.decode(block.encode()) == block
    assert block.offset == number * block.size


# --- the client, by the figures of RFC 7959 chapter 3


def test_figure_2_a_body_comes_in_blocks() -> None:
    transfer = Transfer(Request(Code.GET, STATUS))
    assert transfer.start() == Request(Code.GET, STATUS)
    second = transfer.proceed(answer(Code.CONTENT, BODY[:128], b2=(0, 1, 128)))
    assert isinstance(second, Request)
    assert printed(second) == {"b2": (1, 0, 128)}
    third = transfer.proceed(answer(Code.CONTENT, BODY[128:256], b2=(1, 1, 128)))
    assert printed(third) == {"b2": (2, 0, 128)}
    whole = transfer.proceed(answer(Code.CONTENT, BODY[256:300], b2=(2, 0, 128)))
    assert isinstance(whole, Message)
    assert whole.payload == BODY[:300]
    assert printed(whole) == {}


def test_figure_3_the_client_asks_for_small_blocks_at_once() -> None:
    asked = Request(Code.GET, options(path=("status",), more=((BLOCK2, Block(0, False, 2).encode()),)))
    transfer = Transfer(asked)
    assert printed(transfer.start()) == {"b2": (0, 0, 64)}
    assert printed(transfer.proceed(answer(Code.CONTENT, BODY[:64], b2=(0, 1, 64)))) == {"b2": (1, 0, 64)}


def test_figure_7_and_8_a_body_leaves_in_blocks_and_the_server_may_make_them_smaller() -> None:
    transfer = Transfer(Request(Code.PUT, STATUS, BODY[:300]), exponent=3)
    first = transfer.start()
    assert (printed(first), first.payload) == ({"b1": (0, 1, 128)}, BODY[:128])
    assert (int(SIZE1), b"\x01\x2c") in first.options
    following = transfer.proceed(answer(Code.CONTINUE, b1=(0, 1, 32)))
    assert isinstance(following, Request)
    assert (printed(following), following.payload) == ({"b1": (4, 1, 32)}, BODY[128:160])
    for number in range(4, 9):
        following = transfer.proceed(answer(Code.CONTINUE, b1=(number, 1, 32)))
    assert (printed(following), following.payload) == ({"b1": (9, 0, 32)}, BODY[288:300])
    whole = transfer.proceed(answer(Code.CHANGED, b1=(9, 0, 32)))
    assert isinstance(whole, Message)
    assert whole.code == Code.CHANGED


def test_figure_11_both_ways_in_one_request() -> None:
    transfer = Transfer(Request(Code.POST, options(path=("soap",)), BODY[:300]), exponent=3)
    transfer.start()
    transfer.proceed(answer(Code.CONTINUE, b1=(0, 1, 128)))
    last = transfer.proceed(answer(Code.CONTINUE, b1=(1, 1, 128)))
    assert printed(last) == {"b1": (2, 0, 128)}
    following = transfer.proceed(answer(Code.CHANGED, BODY[:128], b1=(2, 0, 128), b2=(0, 1, 128)))
    assert isinstance(following, Request)
    assert (following.code, printed(following), following.payload) == (Code.POST, {"b2": (1, 0, 128)}, b"")
    whole = transfer.proceed(answer(Code.CHANGED, BODY[128:200], b2=(1, 0, 128)))
    assert (whole.code, whole.payload) == (Code.CHANGED, BODY[:200])


def test_a_body_that_is_refused_for_its_size_is_sent_again_in_the_blocks_that_are_named() -> None:
    """RFC 7959 2.9.3."""
    for exponent, payload in ((6, BODY[:500]), (6, BODY[:3000])):
        transfer = Transfer(Request(Code.PUT, STATUS, payload), exponent)
        transfer.start()
        again = transfer.proceed(answer(Code.REQUEST_ENTITY_TOO_LARGE, b1=(0, 0, 64)))
        assert isinstance(again, Request)
        assert (printed(again), again.payload) == ({"b1": (0, 1, 64)}, payload[:64])
        final = transfer.proceed(answer(Code.REQUEST_ENTITY_TOO_LARGE, b1=(0, 0, 64)))
        assert isinstance(final, Message)


def test_an_error_under_way_is_the_answer() -> None:
    upload = Transfer(Request(Code.PUT, STATUS, BODY))
    upload.start()
    final = upload.proceed(answer(Code.REQUEST_ENTITY_INCOMPLETE, b1=(0, 1, 1024)))
    assert final.code == Code.REQUEST_ENTITY_INCOMPLETE
    download = Transfer(Request(Code.GET, STATUS))
    download.proceed(answer(Code.CONTENT, BODY[:16], b2=(0, 1, 16)))
    assert download.proceed(answer(Code.NOT_FOUND)).code == Code.NOT_FOUND


def test_a_fetch_repeats_its_body_for_each_block() -> None:
    """RFC 8132 2.3.2."""
    transfer = Transfer(Request(Code.FETCH, STATUS, b"what"))
    following = transfer.proceed(answer(Code.CONTENT, BODY[:16], b2=(0, 1, 16)))
    assert following.payload == b"what"


FIRST = answer(Code.CONTENT, BODY[:16], b2=(0, 1, 16))


@pytest.mark.parametrize(
    ("before", "last", "why"),
    [
        ([FIRST], answer(Code.CONTENT, BODY[:16], b2=(2, 1, 16)), (CoapRefusal.BLOCK_OUT_OF_ORDER, 0, 16)),
        ([FIRST], answer(Code.CONTENT, BODY[:16]), (CoapRefusal.BLOCK_OUT_OF_ORDER, 0, 16)),
        ([], answer(Code.CONTENT, BODY[:15], b2=(0, 1, 16)), (CoapRefusal.BLOCK_LENGTH, 15, 16)),
        (
            [answer(Code.CONTENT, BODY[:1024], b2=(0, 1, 1024))],
            answer(Code.CONTENT, b"x", b2=(1, 0, 1024)),
            (CoapRefusal.BODY_TOO_LONG, 0, 1024),
        ),
        ([], Message(Type.ACK, Code.CONTENT, 1, b"", ((23, b"\x0f"),)), (CoapRefusal.BLOCK_SIZE_RESERVED, 0, 0)),
    ],
)
def test_blocks_that_make_no_body_are_an_error(
    before: list[Message], last: Message, why: tuple[CoapRefusal, int, int]
) -> None:
    transfer = Transfer(Request(Code.GET, STATUS), longest=1024)
    for message in before:
        transfer.proceed(message)
    with pytest.raises(BlockwiseError) as caught:
        transfer.proceed(last)
    assert caught.value.args == why


def test_a_resource_that_changes_under_way_is_an_error() -> None:
    """RFC 7959 2.4."""
    transfer = Transfer(Request(Code.GET, STATUS))
    for number, etag in ((0, b"a"), (1, b"b")):
        message = answer(Code.CONTENT, BODY[:16], b2=(number, 1, 16))
        message.options = ((int(OptionNumber.ETAG), etag), *message.options)
        if number == 0:
            transfer.proceed(message)
        else:
            with pytest.raises(BlockwiseError) as caught:
                transfer.proceed(message)
            assert caught.value.refusal is CoapRefusal.BODY_CHANGED


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (answer(Code.CHANGED), (CoapRefusal.BODY_TAKEN_EARLY, 1024, len(BODY))),
        (answer(Code.CONTINUE, b1=(1, 1, 1024)), (CoapRefusal.BLOCK_NOT_SENT, 1, 0)),
    ],
)
def test_an_answer_that_does_not_fit_the_block_sent_is_an_error(
    message: Message, why: tuple[CoapRefusal, int, int]
) -> None:
    transfer = Transfer(Request(Code.PUT, STATUS, BODY))
    transfer.start()
    with pytest.raises(BlockwiseError) as caught:
        transfer.proceed(message)
    assert caught.value.args == why


def test_nothing_continues_after_the_last_block() -> None:
    transfer = Transfer(Request(Code.PUT, STATUS, BODY[:1500]))
    transfer.start()
    transfer.proceed(answer(Code.CONTINUE, b1=(0, 1, 1024)))
    with pytest.raises(BlockwiseError) as caught:
        transfer.proceed(answer(Code.CONTINUE, b1=(1, 1, 1024)))
    assert caught.value.refusal is CoapRefusal.CONTINUE_AFTER_LAST


def test_a_body_with_more_blocks_than_there_are_numbers_is_refused_before_it_leaves() -> None:
    with pytest.raises(BlockwiseError) as caught:
        Transfer(Request(Code.PUT, STATUS, bytes((16 << 20) + 1)), exponent=0).start()
    assert caught.value.args == (CoapRefusal.BODY_NEEDS_LARGER_BLOCKS, (16 << 20) + 1, 16)


# --- the server


def put(block: Block, payload: bytes, path: str = "fw", **more: Any) -> Message:
    found = options(path=(path,), more=((int(BLOCK1), block.encode()), *more.get("extra", ())))
    return Message(Type.CON, Code.PUT, 1, b"t", found, payload)


def test_the_blocks_of_an_upload_are_joined_and_each_is_answered() -> None:
    uploads = Uploads()
    for number in range(4):
        taken = uploads.handle_request(0, STRANGER, put(Block(number, True, 6), BODY[number * 1024 :][:1024]))
        assert isinstance(taken, Response)
        assert (taken.code, printed(taken)) == (Code.CONTINUE, {"b1": (number, 1, 1024)})
    whole = uploads.handle_request(0, STRANGER, put(Block(4, False, 6), BODY[4096:]))
    assert isinstance(whole, Message)
    assert whole.payload == BODY
    assert printed(uploads.finish(whole, Response(Code.CHANGED))) == {"b1": (4, 0, 1024)}
    assert uploads.finish(Message(Type.CON, Code.PUT, 1), Response(Code.CHANGED)) == Response(Code.CHANGED)


def test_the_server_asks_for_smaller_blocks() -> None:
    uploads = Uploads(exponent=2)
    taken = uploads.handle_request(0, STRANGER, put(Block(0, True, 6), BODY[:1024]))
    assert printed(taken) == {"b1": (0, 1, 64)}
    taken = uploads.handle_request(0, STRANGER, put(Block(16, False, 2), b"end"))
    assert isinstance(taken, Message)
    assert taken.payload == BODY[:1024] + b"end"


def test_the_last_block_may_come_again_under_another_message_id() -> None:
    uploads = Uploads()
    for number in (0, 1, 1):
        taken = uploads.handle_request(0, STRANGER, put(Block(number, True, 0), BODY[number * 16 :][:16]))
        assert taken.code == Code.CONTINUE
    whole = uploads.handle_request(0, STRANGER, put(Block(2, False, 0), b""))
    assert whole.payload == BODY[:32]


@pytest.mark.parametrize(
    ("blocks", "code"),
    [
        ([(Block(1, True, 0), BODY[:16])], Code.REQUEST_ENTITY_INCOMPLETE),  # the first is missing
        ([(Block(0, True, 0), BODY[:16]), (Block(2, True, 0), BODY[:16])], Code.REQUEST_ENTITY_INCOMPLETE),
        ([(Block(0, True, 0), BODY[:16]), (Block(2, False, 0), b"")], Code.REQUEST_ENTITY_INCOMPLETE),
        ([(Block(0, True, 0), BODY[:15])], Code.BAD_REQUEST),
        ([(Block(64, True, 6), BODY[:1024])], Code.REQUEST_ENTITY_TOO_LARGE),
    ],
)
def test_a_block_that_does_not_fit_is_refused(blocks: list[tuple[Block, bytes]], code: int) -> None:
    uploads = Uploads()
    for block, payload in blocks:
        taken = uploads.handle_request(0, STRANGER, put(block, payload))
    assert isinstance(taken, Response)
    assert taken.code == code


def test_a_body_that_says_it_will_be_too_large_is_refused_at_once() -> None:
    """RFC 7959 2.9.3, 4."""
    uploads = Uploads(longest=2000)
    refused = uploads.handle_request(
        0, STRANGER, put(Block(0, True, 6), BODY[:1024], extra=((int(SIZE1), b"\x07\xd1"),))
    )
    assert isinstance(refused, Response)
    assert refused.code == Code.REQUEST_ENTITY_TOO_LARGE
    assert (int(SIZE1), b"\x07\xd0") in refused.options


def test_half_bodies_are_forgotten_when_they_are_old_or_many() -> None:
    uploads = Uploads(most=2)
    for path in ("a", "b", "c"):
        uploads.handle_request(0, STRANGER, put(Block(0, True, 0), BODY[:16], path))
    codes = [
        uploads.handle_request(1, STRANGER, put(Block(1, True, 0), BODY[:16], path)).code for path in ("a", "b", "c")
    ]
    assert codes == [Code.REQUEST_ENTITY_INCOMPLETE, Code.CONTINUE, Code.CONTINUE]
    late = uploads.handle_request(1 + EXCHANGE_LIFETIME, STRANGER, put(Block(2, True, 0), BODY[:16], "b"))
    assert late.code == Code.REQUEST_ENTITY_INCOMPLETE


def test_half_bodies_are_bounded_by_their_bytes() -> None:
    uploads = Uploads(longest=4096, most=1)
    for number in range(4):
        assert uploads.handle_request(0, STRANGER, put(Block(number, True, 6), BODY[:1024], "a")).code == Code.CONTINUE
    uploads = Uploads(longest=8192, most=100)
    assert uploads._bodies._most_bytes == 409600
    for path in range(100):
        for number in range(7):
            uploads.handle_request(0, STRANGER, put(Block(number, True, 6), BODY[:1024], str(path)))
    assert uploads._bodies._bytes <= 409600
    assert uploads._bodies._bytes == sum(len(body.data) for body in uploads._bodies._bodies.values())


def test_two_clients_and_two_resources_do_not_mix() -> None:
    uploads = Uploads()
    for peer in (CLIENT, STRANGER):
        for path in ("a", "b"):
            uploads.handle_request(0, peer, put(Block(0, True, 0), f"{peer[0]:>14}/{path}".encode(), path))
    for peer in (CLIENT, STRANGER):
        for path in ("a", "b"):
            whole = uploads.handle_request(0, peer, put(Block(1, False, 0), b"", path))
            assert whole.payload == f"{peer[0]:>14}/{path}".encode()


def get(block: Block | None = None, code: int = Code.GET) -> Message:
    found = options(path=("status",), more=() if block is None else ((int(BLOCK2), block.encode()),))
    return Message(Type.CON, code, 1, b"t", found)


def test_a_large_response_is_cut_and_the_rest_kept_for_its_client() -> None:
    downloads = Downloads()
    first = downloads.cut(0, STRANGER, get(), Response(Code.CONTENT, payload=BODY))
    assert (printed(first), first.payload) == ({"b2": (0, 1, 1024)}, BODY[:1024])
    assert (int(SIZE2), (5000).to_bytes(2, "big")) in first.options
    body = first.payload
    for number in range(1, 5):
        part = downloads.handle_request(0, STRANGER, get(Block(number, False, 6)))
        assert part is not None
        assert printed(part) == {"b2": (number, int(number < 4), 1024)}
        assert dict(part.options)[OptionNumber.ETAG] == dict(first.options)[OptionNumber.ETAG]
        body += part.payload
    assert body == BODY
    assert downloads.handle_request(0, STRANGER, get(Block(5, False, 6))).code == Code.BAD_REQUEST
    assert downloads.handle_request(0, CLIENT, get(Block(1, False, 6))) is None
    assert downloads.handle_request(0, STRANGER, get(Block(0, False, 6))) is None
    assert downloads.handle_request(EXCHANGE_LIFETIME, STRANGER, get(Block(1, False, 6))) is None


def test_a_client_may_ask_for_smaller_blocks_at_any_time() -> None:
    """RFC 7959 figures 3 and 4."""
    downloads = Downloads()
    first = downloads.cut(0, STRANGER, get(Block(0, False, 2)), Response(Code.CONTENT, payload=BODY))
    assert (printed(first), first.payload) == ({"b2": (0, 1, 64)}, BODY[:64])
    smaller = downloads.handle_request(0, STRANGER, get(Block(4, False, 0)))
    assert (printed(smaller), smaller.payload) == ({"b2": (4, 1, 16)}, BODY[64:80])
    only = downloads.cut(0, STRANGER, get(Block(0, False, 2)), Response(Code.CONTENT, payload=b"short"))
    assert (printed(only), only.payload) == ({"b2": (0, 0, 64)}, b"short")


def test_small_responses_and_errors_are_left_alone() -> None:
    downloads = Downloads()
    for response in (Response(Code.CONTENT, payload=BODY[:1024]), Response(Code.NOT_FOUND, payload=BODY)):
        assert downloads.cut(0, STRANGER, get(), response) == response
    assert downloads.cut_notification(0, STRANGER, b"t", Response(Code.CONTENT)) == Response(Code.CONTENT)


def test_a_forgotten_answer_is_asked_for_again_where_that_is_harmless() -> None:
    downloads = Downloads()
    assert downloads.handle_request(0, STRANGER, get(Block(1, False, 6))) is None
    again = downloads.cut(0, STRANGER, get(Block(1, False, 6)), Response(Code.CONTENT, payload=BODY))
    assert (printed(again), again.payload) == ({"b2": (1, 1, 1024)}, BODY[1024:2048])
    refused = downloads.handle_request(0, STRANGER, get(Block(1, False, 6), Code.POST))
    assert refused == Response(Code.REQUEST_ENTITY_INCOMPLETE)


def test_a_reserved_size_is_a_bad_request() -> None:
    for option, code in ((BLOCK1, Code.PUT), (BLOCK2, Code.GET)):
        bench_server = BlockwiseEndpoint(random.Random(1))
        bad = encode(Message(Type.CON, code, 1, b"t", ((int(option), b"\x07"),), b"x"))
        bench_server.handle_datagram(0, STRANGER, bad)
        ((_, data),) = bench_server.datagrams_to_send()
        assert decode(data).code == Code.BAD_REQUEST
        assert bench_server.events() == []


# --- whole bodies between two endpoints


@pytest.fixture
def bench() -> Bench:
    return Bench(BlockwiseEndpoint(random.Random(1)), BlockwiseEndpoint(random.Random(2), block_size=512))


def echo(bench: Bench) -> None:
    bench.react = lambda event: bench.server.respond(
        bench.now, event, Response(Code.CONTENT, options(content_format=42), event.message.payload)
    )


@pytest.mark.parametrize("length", [0, 1, 511, 512, 513, 1023, 1024, 1025, 4096, 5000])
@pytest.mark.parametrize("confirmable", [True, False])
def test_a_body_of_any_length_goes_there_and_back_under_one_token(bench: Bench, length: int, confirmable: bool) -> None:
    echo(bench)
    token = bench.client.send_request(0, SERVER, Request(Code.POST, STATUS, BODY[:length], confirmable))
    bench.run(until=10)
    (received,) = bench.told(SERVER, RequestReceived)
    assert received.message.payload == BODY[:length]
    (response,) = bench.told(CLIENT, ResponseReceived)
    assert (response.token, response.message.payload) == (token, BODY[:length])
    assert response.message.content_format == 42
    assert max(len(data) for _, _, data in bench.sent) < 1100
    assert not bench.client.busy
    assert bench.client._asked == bench.client._latest == {}


@pytest.mark.parametrize("seed", range(10))
def test_a_bad_link_makes_it_slower_and_nothing_else(bench: Bench, seed: int) -> None:
    source = random.Random(seed)

    def fate(sender: object, data: bytes) -> list[float]:
        return [] if source.random() < 0.2 else [source.uniform(0, 2) for _ in range(source.choice((1, 1, 2)))]

    echo(bench)
    bench.fate = fate
    token = bench.client.send_request(0, SERVER, Request(Code.PUT, STATUS, BODY), waits=(2,) * 30)
    bench.run(until=3000)
    (response,) = bench.told(CLIENT, ResponseReceived)
    assert (response.token, response.message.payload) == (token, BODY)
    assert len(bench.told(SERVER, RequestReceived)) == 1


def test_progress_is_told_block_by_block(bench: Bench) -> None:
    echo(bench)
    token = bench.client.send_request(0, SERVER, Request(Code.PUT, STATUS, BODY[:2000]))
    bench.run(until=10)
    assert [event.received for event in bench.told(SERVER, BlockReceived)] == [1024, 1536]
    assert [event.total for event in bench.told(SERVER, BlockReceived)] == [2000, None]
    down = bench.told(CLIENT, BlockReceived)
    assert [(event.token, event.received) for event in down] == [(token, 512), (token, 1024), (token, 1536)]
    assert down[0].total == 2000


@pytest.mark.parametrize("lost", [0, 1, 2, 3])
def test_silence_in_the_middle_is_the_silence_of_the_request(bench: Bench, lost: int) -> None:
    echo(bench)
    bench.fate = lambda source, data: [0.0] if len(bench.sent) <= 2 * lost else []
    token = bench.client.send_request(0, SERVER, Request(Code.PUT, STATUS, BODY[:1500]))
    bench.run(until=62)
    assert bench.told(CLIENT, RequestUnanswered) == [RequestUnanswered(token, SERVER)]
    assert bench.told(CLIENT, ResponseReceived) == []
    assert bench.client.next_deadline() is None


def test_a_body_above_the_limit_ends_in_a_reset(bench: Bench) -> None:
    bench.client = BlockwiseEndpoint(random.Random(1), longest=4096)
    bench.react = lambda event: bench.server.respond(0, event, Response(Code.CONTENT, payload=BODY))
    token = bench.client.send_request(0, SERVER, Request(Code.GET, STATUS))
    bench.run(until=10)
    assert bench.told(CLIENT, RequestAborted) == [
        RequestAborted(token, SERVER, CoapRefusal.BODY_TOO_LONG, expected=4096)
    ]
    assert bench.told(CLIENT, ResponseReceived) == []


def test_a_cancelled_transfer_asks_for_no_further_block(bench: Bench) -> None:
    echo(bench)
    bench.fate = lambda source, data: [1.0]
    token = bench.client.send_request(0, SERVER, Request(Code.PUT, STATUS, BODY))
    bench.run(until=7)
    before = len(bench.departures(CLIENT))
    bench.client.cancel(bench.now, token, SERVER)
    bench.run(until=300)
    assert len(bench.departures(CLIENT)) == before
    assert not bench.client.busy
    assert bench.told(CLIENT, ResponseReceived) == []


def observe(bench: Bench) -> bytes:
    state = {"body": BODY[:1500]}

    def react(event: RequestReceived) -> None:
        found = options(observe=1) if event.message.observe == 0 else ()
        bench.server.respond(bench.now, event, Response(Code.CONTENT, found, state["body"]))

    bench.react = react
    token: bytes = bench.client.send_request(0, SERVER, Request(Code.GET, options(path=("status",), observe=0)))
    bench.run(until=1)
    assert bench.told(CLIENT, ResponseReceived)[-1].message.payload == BODY[:1500]
    state["body"] = BODY[1500:4000]
    return token


@pytest.mark.parametrize("confirmable", [True, False])
def test_a_large_notification_is_fetched_and_told_under_its_own_token(bench: Bench, confirmable: bool) -> None:
    """RFC 7959 3.4."""
    token = observe(bench)
    for order in (2, 3):
        bench.server.notify(
            bench.now, CLIENT, token, Response(Code.CONTENT, options(observe=order), BODY[1500:4000]), confirmable
        )
        bench.run(until=bench.now + 1)
        response = bench.told(CLIENT, ResponseReceived)[-1]
        assert (response.token, response.message.observe) == (token, order)
        assert response.message.payload == BODY[1500:4000]
    assert len(bench.told(SERVER, NotificationAcknowledged)) == (2 if confirmable else 0)
    bench.client.cancel(bench.now, token, SERVER)
    assert bench.client._observed == {}


def test_a_newer_notification_ends_the_fetching_of_an_older(bench: Bench) -> None:
    token = observe(bench)
    bench.fate = lambda source, data: [1.0]
    for order in (2, 3):
        bench.server.notify(
            bench.now, CLIENT, token, Response(Code.CONTENT, options(observe=order), BODY[1500:4000]), False
        )
        bench.run(until=bench.now + 1.5)
    bench.run(until=300)
    assert [event.message.observe for event in bench.told(CLIENT, ResponseReceived)] == [1, 3]
    assert not bench.client.busy


def test_a_notification_whose_rest_is_lost_is_dropped_and_the_observation_lives(bench: Bench) -> None:
    token = observe(bench)
    first = len(bench.sent)
    bench.fate = lambda source, data: [0.0] if len(bench.sent) == first + 1 else []
    bench.server.notify(bench.now, CLIENT, token, Response(Code.CONTENT, options(observe=2), BODY[1500:4000]), False)
    bench.run(until=200)
    assert bench.told(CLIENT, RequestUnanswered) == []
    assert bench.told(CLIENT, MessageDropped)[-1].refusal is CoapRefusal.NOTIFICATION_INCOMPLETE
    bench.fate = lambda source, data: [0.0]
    bench.server.notify(bench.now, CLIENT, token, Response(Code.CONTENT, options(observe=3), b"small"), True)
    bench.run(until=201)
    assert bench.told(CLIENT, ResponseReceived)[-1].message.payload == b"small"


def test_a_notification_that_is_too_large_is_dropped_and_the_observation_lives(bench: Bench) -> None:
    bench.client = BlockwiseEndpoint(random.Random(1), longest=2000)
    token = observe(bench)
    for order, payload in ((2, BODY[1500:4000]), (3, b"small")):
        response = Response(Code.CONTENT, options(observe=order), payload)
        bench.server.notify(bench.now, CLIENT, token, response, True)
        bench.run(until=bench.now + 1)
    assert [event.message.observe for event in bench.told(CLIENT, ResponseReceived)] == [1, 3]
    assert bench.told(CLIENT, MessageDropped) == [MessageDropped(SERVER, CoapRefusal.BODY_TOO_LONG, expected=2000)]


def test_an_observation_whose_first_answer_stays_incomplete_is_given_up(bench: Bench) -> None:
    bench.react = lambda event: bench.server.respond(bench.now, event, Response(Code.CONTENT, options(observe=1), BODY))
    bench.fate = lambda source, data: [0.0] if len(bench.sent) <= 4 else []
    token = bench.client.send_request(0, SERVER, Request(Code.GET, options(path=("status",), observe=0)))
    bench.run(until=62)
    assert bench.told(CLIENT, RequestUnanswered) == [RequestUnanswered(token, SERVER)]
    assert bench.client._observations == bench.client._observed == bench.client._asked == {}


def test_a_separate_response_is_waited_for_in_each_exchange(bench: Bench) -> None:
    bench.react = lambda event: bench.server.acknowledge(bench.now, event)
    token = bench.client.send_request(0, SERVER, Request(Code.PUT, STATUS, BODY[:1500]))
    bench.run(until=1)
    assert bench.told(CLIENT, RequestAcknowledged) == [RequestAcknowledged(token, SERVER)]
    (received,) = bench.told(SERVER, RequestReceived)
    bench.server.respond(1, received, Response(Code.CHANGED))
    bench.run(until=2)
    assert [event.token for event in bench.told(CLIENT, ResponseReceived)] == [token]


def test_block_sizes_are_those_of_the_rfc() -> None:
    with pytest.raises(ValueError, match="100"):
        BlockwiseEndpoint(random.Random(1), block_size=100)


@pytest.mark.parametrize("seed", range(3))
def test_hostile_blocks_harm_nothing(seed: int) -> None:
    source = random.Random(seed)
    server = BlockwiseEndpoint(random.Random(1), longest=4096)
    for message_id in range(3000):
        found = [
            (int(option), source.randbytes(source.randrange(4))) for option in (BLOCK1, BLOCK2) if source.random() < 0.7
        ]
        message = Message(
            Type.CON,
            source.randrange(1, 5),
            message_id,
            b"t",
            options(more=found),
            source.randbytes(source.choice((0, 16, 32, 1024))),
        )
        server.handle_datagram(0, STRANGER, encode(message))
        for event in server.events():
            if isinstance(event, RequestReceived):
                server.respond(0, event, Response(Code.CONTENT, payload=BODY[: source.randrange(5000)]))
        assert len(server.datagrams_to_send()) == 1


# --- FETCH (RFC 8132)


def fetched(payload: bytes, *more: tuple[int, bytes]) -> Message:
    return Message(Type.CON, Code.FETCH, 1, b"t", options(more=more), payload)


def test_two_fetches_with_other_payloads_have_answers_of_their_own() -> None:
    """RFC 8132 2: the payload is part of what is asked for, and of the cache key."""
    downloads = Downloads(2)  # blocks of 64
    for payload in (b"one", b"two"):
        downloads.cut(0.0, CLIENT, fetched(payload), Response(Code.CONTENT, (), payload * 40))
    for payload in (b"one", b"two"):
        second = downloads.handle_request(1.0, CLIENT, fetched(payload, (int(BLOCK2), Block(1, False, 2).encode())))
        assert second is not None
        assert second.payload == (payload * 40)[64:]
    assert downloads.handle_request(1.0, CLIENT, fetched(b"three", (int(BLOCK2), b"\x12"))) is None, "asked anew"


@pytest.mark.parametrize(("length", "again"), [(60, True), (64, True), (65, False), (500, False)])
def test_the_rest_of_a_notification_is_fetched_with_a_payload_that_fits_a_block(length: int, again: bool) -> None:
    """RFC 7959 3.3: what went in blocks is not sent again for each block of the answer."""
    request = Request(Code.FETCH, options(observe=0), bytes(length))
    step = Transfer(request, 2).proceed(answer(Code.CONTENT, bytes(64), b2=(0, 1, 64)))
    assert isinstance(step, Request)
    assert (step.code, printed(step), step.payload) == (Code.FETCH, {"b2": (1, 0, 64)}, bytes(length) if again else b"")


def test_all_blocks_of_a_fetch_that_observes_have_the_token_of_the_observation() -> None:
    """RFC 7641 3.1: it is the last block that the other side observes under its token."""
    ours = BlockwiseEndpoint(random.Random(1), block_size=64)
    token = ours.send_request(0.0, SERVER, Request(Code.FETCH, options(observe=0), bytes(150)))
    for number, more in ((0, True), (1, True), (2, False)):
        (sent,) = [decode(data) for _, data in ours.datagrams_to_send()]
        assert (sent.token, sent.observe, printed(sent)["b1"]) == (token, 0, (number, int(more), 64))
        code, order = (Code.CONTINUE, None) if more else (Code.CONTENT, 1)
        block = [(int(BLOCK1), Block(number, more, 2).encode())]
        said = Message(
            Type.ACK, code, sent.message_id, token, options(observe=order, more=block), b"" if more else b"v"
        )
        ours.handle_datagram(0.0, SERVER, encode(said))
    (received,) = [event for event in ours.events() if isinstance(event, ResponseReceived)]
    assert (received.token, received.message.payload) == (token, b"v")
    later = Message(Type.NON, Code.CONTENT, 77, token, options(observe=2), b"w")
    ours.handle_datagram(0.0, SERVER, encode(later))
    assert [e.message.payload for e in ours.events() if isinstance(e, ResponseReceived)] == [b"w"]


@pytest.mark.parametrize("block", [b"", b"\x02"])
def test_an_answer_that_brings_its_bytes_is_encoded_anew_where_a_block_is_answered(block: bytes) -> None:
    server, blocks = BlockwiseEndpoint(random.Random(1)), ((int(OptionNumber.BLOCK1), block),) if block else ()
    asked = options(path=("rd",), more=blocks)
    server.handle_datagram(0, CLIENT, encode(Message(Type.CON, Code.POST, 1, b"t", asked, b"body")))
    (received,) = server.events()
    location = options(location_path=("rd", "1"))
    server.respond(0, received, Response(Code.CREATED, location, encoded=encode_content(location)))
    ((_, data),) = server.datagrams_to_send()
    assert decode(data) == Message(Type.ACK, Code.CREATED, 1, b"t", (*location, *blocks))
