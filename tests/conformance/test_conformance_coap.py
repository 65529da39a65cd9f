"""The CoAP plugtests: our endpoint as server and as client; the other side is written byte by byte."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from plugtest_cases import EXCHANGES, FILTERS, LINKS, Exchange
from plugtest_peers import SERVER, OurClient, OurServer
from plugtest_site import (
    ACK,
    BLOCK1,
    BLOCK2,
    CHANGED,
    CON,
    CONTENT,
    CONTENT_FORMAT,
    CONTINUE,
    CREATED,
    DELETE,
    GET,
    LARGE,
    LOCATION_PATH,
    NON,
    NOT_ACCEPTABLE,
    NOT_FOUND,
    OBSERVE,
    POST,
    PUT,
    RST,
    Options,
    Raw,
    block,
    path,
    uint,
)  # fmt: skip

from nbtwin.coap import link_format
from nbtwin.coap.endpoint import (
    MessageDropped,
    NotificationUnanswered,
    PingAnswered,
    RequestAcknowledged,
    ResponseReceived,
    Retransmitted,
)

BODY = LARGE[:300]


@pytest.fixture
def ours() -> OurServer:
    return OurServer()


@pytest.fixture
def client() -> OurClient:
    return OurClient()


def fits(answer: Any, wanted: Exchange) -> bool:
    """Code, body and the named options, in their order."""
    found = [option for option in answer.options if option[0] in {number for number, _ in wanted.brings}]
    return (answer.code, answer.payload, tuple(found)) == (wanted.answered, wanted.told, wanted.brings)


# --- exchanges


@pytest.mark.conformance(
    "TD_COAP_CORE_01", "TD_COAP_CORE_02", "TD_COAP_CORE_03", "TD_COAP_CORE_04", "TD_COAP_CORE_05", "TD_COAP_CORE_06",
    "TD_COAP_CORE_07", "TD_COAP_CORE_08", "TD_COAP_CORE_10", "TD_COAP_CORE_12", "TD_COAP_CORE_13", "TD_COAP_CORE_14",
    "TD_COAP_CORE_18", "TD_COAP_CORE_19", "TD_COAP_CORE_20", "TD_COAP_CORE_21", "TD_COAP_CORE_22", "TD_COAP_CORE_23",
    role="server",
)  # fmt: skip
@pytest.mark.parametrize("case", EXCHANGES)
def test_our_server_answers_a_request(ours: OurServer, case: str) -> None:
    """The answer has the request's token; in an ACK its message ID, and an ID of its own in a NON."""
    for id, wanted in enumerate(EXCHANGES[case], start=1):
        asked = Raw(wanted.type, wanted.code, id, wanted.token, (*path(wanted.where), *wanted.options), wanted.body)
        (answer,) = ours.hear(asked)
        assert fits(answer, wanted)
        assert answer.token == wanted.token
        assert answer.type == (ACK if wanted.type == CON else NON)
        assert (answer.id == id) is (wanted.type == CON) or wanted.type == NON
        if wanted.code in (PUT, POST, DELETE) and wanted.where == "test":
            assert ours.site.written["test"] == wanted.body


@pytest.mark.conformance(
    "TD_COAP_CORE_01", "TD_COAP_CORE_02", "TD_COAP_CORE_03", "TD_COAP_CORE_04", "TD_COAP_CORE_05", "TD_COAP_CORE_06",
    "TD_COAP_CORE_07", "TD_COAP_CORE_08", "TD_COAP_CORE_10", "TD_COAP_CORE_12", "TD_COAP_CORE_13", "TD_COAP_CORE_14",
    "TD_COAP_CORE_18", "TD_COAP_CORE_19", "TD_COAP_CORE_20", "TD_COAP_CORE_21", "TD_COAP_CORE_22", "TD_COAP_CORE_23",
    role="client",
)  # fmt: skip
@pytest.mark.parametrize("case", EXCHANGES)
def test_our_client_asks_and_takes_the_answer(client: OurClient, case: str) -> None:
    for wanted in EXCHANGES[case]:
        answer = client.ask(wanted)
        assert fits(answer.message, wanted)
        asked = client.server.heard[-1]
        assert (asked.type, asked.code, asked.token, asked.payload) == (
            wanted.type, wanted.code, wanted.token, wanted.body,
        )  # fmt: skip
        assert asked.options == tuple(sorted((*path(wanted.where), *wanted.options), key=lambda option: option[0]))
    assert len(client.server.heard) == len(EXCHANGES[case])


SEPARATE = Exchange(GET, "separate", CONTENT, b"found separate")


@pytest.mark.conformance("TD_COAP_CORE_09", "TD_COAP_CORE_11", role="server")
@pytest.mark.parametrize("token", [b"", b"12345678"])
def test_our_server_answers_separately(ours: OurServer, token: bytes) -> None:
    (acknowledged,) = ours.hear(Raw(CON, GET, 1, token, path("separate")))
    assert acknowledged == Raw(ACK, 0, 1)
    (answer,) = ours.answer_separately()
    assert (answer.type, answer.code, answer.token, answer.payload) == (CON, CONTENT, token, b"found separate")
    assert ours.hear(Raw(ACK, 0, answer.id)) == []
    assert not ours.endpoint.busy


@pytest.mark.conformance("TD_COAP_CORE_09", "TD_COAP_CORE_11", role="client")
@pytest.mark.parametrize("token", [b"", b"12345678"])
def test_our_client_takes_a_separate_answer(client: OurClient, token: bytes) -> None:
    answer = client.ask(replace(SEPARATE, token=token))
    assert fits(answer.message, SEPARATE)
    assert len(client.told(RequestAcknowledged)) == 1
    asked, acknowledgement = client.server.heard
    assert acknowledgement == Raw(ACK, 0, answer.message.message_id)
    assert (asked.token, answer.token) == (token, token)


@pytest.mark.conformance("TD_COAP_CORE_17", role="server")
def test_our_server_answers_a_non_confirmable_request_when_it_can(ours: OurServer) -> None:
    assert ours.hear(Raw(NON, GET, 1, b"t", path("separate"))) == []
    assert ours.advance(5) == []
    (answer,) = ours.answer_separately()
    assert (answer.type, answer.code, answer.token, answer.payload) == (NON, CONTENT, b"t", b"found separate")


@pytest.mark.conformance("TD_COAP_CORE_17", role="client")
def test_our_client_takes_a_late_non_confirmable_answer(client: OurClient) -> None:
    answer = client.ask(replace(SEPARATE, type=NON))
    assert fits(answer.message, SEPARATE)
    assert answer.message.type == NON
    assert len(client.server.heard) == 1
    assert client.told(RequestAcknowledged) == []


# --- loss


@pytest.mark.conformance("TD_COAP_CORE_15", role="server")
def test_our_server_answers_a_repeated_request_alike_and_acts_once(ours: OurServer) -> None:
    """The answer was lost: the same bytes again. The request was lost: there is nothing to tell apart."""
    asked = Raw(CON, POST, 7, b"t", path("test"), BODY)
    first = ours.hear(asked)
    ours.site.written.clear()
    assert ours.hear(asked) == first
    assert ours.site.written == {}


@pytest.mark.conformance("TD_COAP_CORE_15", role="client")
@pytest.mark.parametrize("lost", [("to", 0), ("from", 0), ("to", 3), ("from", 3)])
def test_our_client_repeats_until_it_is_answered(client: OurClient, lost: tuple[str, int]) -> None:
    client.loses(*lost)
    answer = client.ask(EXCHANGES["TD_COAP_CORE_01"][0])
    assert answer.message.payload == b"found test"
    assert len(client.told(Retransmitted)) == lost[1] + 1
    assert len({message.id for message in client.sent}) == 1


@pytest.mark.conformance("TD_COAP_CORE_16", role="server")
def test_our_server_repeats_a_separate_answer_until_it_is_acknowledged(ours: OurServer) -> None:
    asked = Raw(CON, GET, 1, b"t", path("separate"))
    acknowledged = ours.hear(asked)
    assert ours.hear(asked) == acknowledged  # its ACK was lost
    (answer,) = ours.answer_separately()
    assert ours.advance(3) == [answer]  # the answer was lost, or its ACK
    assert ours.hear(Raw(ACK, 0, answer.id)) == []
    assert ours.advance(300) == []


@pytest.mark.conformance("TD_COAP_CORE_16", role="client")
@pytest.mark.parametrize("lost", [("to", 0), ("from", 0), ("from", 1), ("to", 1)])
def test_our_client_loses_a_message_of_a_separate_answer(client: OurClient, lost: tuple[str, int]) -> None:
    """Request, its ACK, the answer, or the ACK of that: delivered once, and no request after the answer came."""
    client.loses(*lost, one=True)
    answer = client.ask(SEPARATE)
    assert fits(answer.message, SEPARATE)
    client.run(client.now + 300)
    assert len(client.told(ResponseReceived)) == 1
    assert client.server.unacknowledged == 0
    assert not client.endpoint.busy


# --- ping


@pytest.mark.conformance("TD_COAP_CORE_31", role="server")
def test_our_server_resets_a_ping(ours: OurServer) -> None:
    assert ours.give(b"\x40\x00\x12\x34") == [b"\x70\x00\x12\x34"]


@pytest.mark.conformance("TD_COAP_CORE_31", role="client")
def test_our_client_pings(client: OurClient) -> None:
    client.endpoint.ping(client.now, SERVER)
    client.run(client.now)
    assert [(message.type, message.code, message.token, message.options) for message in client.server.heard] == [
        (CON, 0, b"", ())
    ]
    assert len(client.told(PingAnswered)) == 1


# --- links


@pytest.mark.conformance(
    "TD_COAP_LINK_01", "TD_COAP_LINK_02", "TD_COAP_LINK_03", "TD_COAP_LINK_04", "TD_COAP_LINK_05", "TD_COAP_LINK_06",
    "TD_COAP_LINK_07", "TD_COAP_LINK_08", role="server",
)  # fmt: skip
@pytest.mark.parametrize("case", FILTERS)
def test_our_server_filters_its_links(ours: OurServer, case: str) -> None:
    """A server filters what it has; the client that asks knows RFC 6690 as far as the angle brackets."""
    query, wanted = FILTERS[case]
    (answer,) = ours.hear(Raw(CON, GET, 1, b"t", core(query)))
    assert (answer.code, answer.uint(CONTENT_FORMAT)) == (CONTENT, 40)
    assert [part.split(b">")[0].decode() for part in answer.payload.split(b"<")[1:]] == wanted


@pytest.mark.conformance(
    "TD_COAP_LINK_01", "TD_COAP_LINK_02", "TD_COAP_LINK_03", "TD_COAP_LINK_04", "TD_COAP_LINK_05", "TD_COAP_LINK_06",
    "TD_COAP_LINK_07", "TD_COAP_LINK_08", role="client",
)  # fmt: skip
@pytest.mark.parametrize("case", FILTERS)
def test_our_client_asks_for_links_and_reads_them(client: OurClient, case: str) -> None:
    query, wanted = FILTERS[case]
    client.server.largest = 1024
    client.server.links = b"<" + b",<".join(
        link for link in LINKS[1:].split(b",<") if link.split(b">")[0].decode() in wanted
    )
    answer = client.ask(Exchange(GET, ".well-known/core", CONTENT, options=core(query)[2:]))
    assert [link.target for link in link_format.decode(answer.message.payload)] == wanted
    assert client.server.heard[-1].options == core(query)


def core(query: str) -> Options:
    return (*path(".well-known/core"), *([(15, query.encode())] if query else []))


@pytest.mark.conformance("TD_COAP_LINK_09", role="server")
def test_our_server_links_to_links(ours: OurServer) -> None:
    (first,) = ours.hear(Raw(CON, GET, 1, b"t", core("")))
    assert b"</path>;ct=40" in first.payload
    (second,) = ours.hear(Raw(CON, GET, 2, b"t", path("path")))
    assert (second.uint(CONTENT_FORMAT), second.payload) == (40, b"</path/sub1>,</path/sub2>")
    (third,) = ours.hear(Raw(CON, GET, 3, b"t", path("path/sub1")))
    assert third.payload == b"/path/sub1"


@pytest.mark.conformance("TD_COAP_LINK_09", role="client")
def test_our_client_follows_links(client: OurClient) -> None:
    client.server.links = LINKS
    where = [".well-known", "core"]
    for _ in range(2):
        answer = client.ask(Exchange(GET, "/".join(where), CONTENT))
        assert answer.message.content_format == 40
        links = link_format.decode(answer.message.payload)
        where = next(link for link in links if link.target.startswith("/path")).target.strip("/").split("/")
    assert client.ask(Exchange(GET, "/".join(where), CONTENT)).message.payload == b"/path/sub1"


# --- blocks


@pytest.mark.conformance("TD_COAP_BLOCK_01", "TD_COAP_BLOCK_02", "TD_COAP_BLOCK_06", role="server")
@pytest.mark.parametrize(
    ("case", "size"), [("TD_COAP_BLOCK_01", 64), ("TD_COAP_BLOCK_02", None), ("TD_COAP_BLOCK_06", 16)]
)
def test_our_server_sends_a_large_resource(ours: OurServer, case: str, size: int | None) -> None:
    body, number, more = b"", 0, True
    while more:
        asked = ((BLOCK2, block(number, False, size)),) if size else ()
        (answer,) = ours.hear(Raw(CON, GET, 100 + number, b"t%d" % number, (*path("large"), *asked)))
        found = answer.block(BLOCK2)
        assert found is not None
        got, more, told = found
        assert (answer.code, got) == (CONTENT, number)
        assert told == size if size else told <= 1024
        assert len(answer.payload) == told if more else len(answer.payload) <= told
        size = told  # late negotiation: what the server chose
        body, number = body + answer.payload, number + 1
    assert body == LARGE


@pytest.mark.conformance("TD_COAP_BLOCK_01", "TD_COAP_BLOCK_02", "TD_COAP_BLOCK_06", role="client")
@pytest.mark.parametrize(
    ("case", "size"), [("TD_COAP_BLOCK_01", 64), ("TD_COAP_BLOCK_02", None), ("TD_COAP_BLOCK_06", 16)]
)
def test_our_client_fetches_a_large_resource(client: OurClient, case: str, size: int | None) -> None:
    early = ((BLOCK2, block(0, False, size)),) if size else ()
    answer = client.ask(Exchange(GET, "large", CONTENT, options=early))
    assert answer.message.payload == LARGE
    blocks = [message.block(BLOCK2) for message in client.server.heard]
    first, *further = blocks
    assert first == ((0, False, size) if size else None)
    assert further == [(number, False, size or 64) for number in range(1, -(-len(LARGE) // (size or 64)))]


def send(ours: OurServer, code: int, where: str, size: int = 64) -> Raw:
    """A body in blocks; each but the last is answered 2.31, and the last is the answer."""
    count = -(-len(BODY) // size)
    for number in range(count):
        part, more = BODY[number * size : (number + 1) * size], number < count - 1
        asked = Raw(CON, code, 200 + number, b"b%d" % number, (*path(where), (BLOCK1, block(number, more, size))), part)
        (answer,) = ours.hear(asked)
        assert answer.block(BLOCK1) == (number, more, size)
        assert (answer.code == CONTINUE) is more
    assert ours.site.written[where] == BODY
    return answer


@pytest.mark.conformance("TD_COAP_BLOCK_03", role="server")
def test_our_server_takes_a_put_in_blocks(ours: OurServer) -> None:
    assert send(ours, PUT, "large-update").code == CHANGED


@pytest.mark.conformance("TD_COAP_BLOCK_04", role="server")
def test_our_server_creates_from_a_post_in_blocks(ours: OurServer) -> None:
    answer = send(ours, POST, "large-create")
    assert (answer.code, answer.all(LOCATION_PATH)) == (CREATED, [b"large-create", b"1"])


@pytest.mark.conformance("TD_COAP_BLOCK_05", role="server")
def test_our_server_answers_a_post_in_blocks_with_blocks() -> None:
    ours = OurServer(block_size=64)
    answer = send(ours, POST, "large-post")
    assert (answer.code, answer.block(BLOCK2)) == (CHANGED, (0, True, 64))
    body, number, more = answer.payload, 1, True
    while more:
        asked = Raw(CON, POST, 300 + number, b"r%d" % number, (*path("large-post"), (BLOCK2, block(number, False, 64))))
        (answer,) = ours.hear(asked)
        found = answer.block(BLOCK2)
        assert found is not None
        more = found[1]
        assert (answer.code, found) == (CHANGED, (number, more, 64))
        body, number = body + answer.payload, number + 1
    assert body == BODY[::-1]


@pytest.mark.conformance("TD_COAP_BLOCK_03", "TD_COAP_BLOCK_04", "TD_COAP_BLOCK_05", role="client")
@pytest.mark.parametrize(
    ("case", "code", "where", "answered"),
    [
        ("TD_COAP_BLOCK_03", PUT, "large-update", CHANGED),
        ("TD_COAP_BLOCK_04", POST, "large-create", CREATED),
        ("TD_COAP_BLOCK_05", POST, "large-post", CHANGED),
    ],
)
@pytest.mark.parametrize("smaller", [None, 32])
def test_our_client_sends_a_large_body(case: str, code: int, where: str, answered: int, smaller: int | None) -> None:
    """In blocks of 64, or of what the server asks for in its first answer."""
    client = OurClient(block_size=64)
    client.server.largest = smaller or 64
    answer = client.ask(Exchange(code, where, answered, body=BODY))
    assert answer.message.code == answered
    assert client.server.site.written[where] == BODY
    assert answer.message.payload == (BODY[::-1] if where == "large-post" else b"")
    sizes = [found[2] for message in client.server.heard if (found := message.block(BLOCK1)) is not None]
    assert sizes[0] == 64
    assert set(sizes[1:]) == {smaller or 64}


# --- observing: ours as server

OBSERVED = (*path("obs"), (OBSERVE, b""))


def observed(ours: OurServer, type: int = CON, where: str = "obs") -> None:
    (answer,) = ours.hear(Raw(type, GET, 1, b"o", (*path(where), (OBSERVE, b""))))
    assert (answer.type, answer.code, answer.token) == (ACK if type == CON else NON, CONTENT, b"o")
    assert answer.uint(OBSERVE) is not None
    assert answer.uint(CONTENT_FORMAT) == 0


@pytest.mark.conformance("TD_COAP_OBS_01", "TD_COAP_OBS_02", role="server")
@pytest.mark.parametrize(("case", "type"), [("TD_COAP_OBS_01", CON), ("TD_COAP_OBS_02", NON)])
def test_our_server_notifies(ours: OurServer, case: str, type: int) -> None:
    observed(ours, type)
    orders = []
    for value in (b"one", b"two", b"three"):
        (told,) = ours.change(value, confirmable=type == CON)
        assert (told.type, told.code, told.token, told.payload) == (type, CONTENT, b"o", value)
        assert told.uint(CONTENT_FORMAT) == 0
        orders.append(told.uint(OBSERVE) or 0)
        if type == CON:
            assert ours.hear(Raw(ACK, 0, told.id)) == []
    assert orders == sorted(set(orders))


@pytest.mark.conformance("TD_COAP_OBS_04", role="server")
def test_a_restarted_server_takes_the_observation_anew() -> None:
    observed(OurServer())
    again = OurServer()  # as after a restart: nothing is known of anybody
    assert again.change(b"nobody hears") == []
    observed(again)
    (told,) = again.change(b"heard")
    assert (told.token, told.payload) == (b"o", b"heard")


@pytest.mark.conformance("TD_COAP_OBS_05", role="server")
def test_our_server_notes_that_a_client_is_off(ours: OurServer) -> None:
    observed(ours)
    assert len(ours.change(b"one")) == 1
    assert len(ours.advance(300)) == 4  # MAX_RETRANSMIT
    assert len(ours.told(NotificationUnanswered)) == 1
    assert ours.change(b"two") == []


@pytest.mark.conformance("TD_COAP_OBS_06", role="server")
def test_a_reset_takes_the_client_off_the_list(ours: OurServer) -> None:
    observed(ours)
    (told,) = ours.change(b"one")
    assert ours.hear(Raw(RST, 0, told.id)) == []
    assert ours.change(b"two") == []


@pytest.mark.conformance("TD_COAP_OBS_07", "TD_COAP_OBS_08", role="server")
@pytest.mark.parametrize(("case", "code"), [("TD_COAP_OBS_07", NOT_FOUND), ("TD_COAP_OBS_08", NOT_ACCEPTABLE)])
def test_an_error_is_the_last_notification(ours: OurServer, case: str, code: int) -> None:
    observed(ours)
    (told,) = ours.end_with(code)
    assert (told.type, told.code, told.token, told.uint(OBSERVE)) == (CON, code, b"o", None)
    ours.hear(Raw(ACK, 0, told.id))
    assert ours.change(b"two") == []


@pytest.mark.conformance("TD_COAP_OBS_09", role="server")
def test_what_another_client_writes_is_told(ours: OurServer) -> None:
    observed(ours)
    changed, told = ours.hear(Raw(CON, PUT, 9, b"p", path("obs"), b"written"))
    assert (changed.code, told.token, told.payload) == (CHANGED, b"o", b"written")


@pytest.mark.conformance("TD_COAP_OBS_10", role="server")
def test_a_plain_read_of_another_token_cancels_nothing(ours: OurServer) -> None:
    observed(ours)
    (answer,) = ours.hear(Raw(CON, GET, 2, b"other", path("obs")))
    assert (answer.token, answer.uint(OBSERVE)) == (b"other", None)
    assert [told.token for told in ours.change(b"one")] == [b"o"]


@pytest.mark.conformance("TD_COAP_OBS_11", role="server")
def test_under_loss_one_notification_is_out_at_a_time(ours: OurServer) -> None:
    observed(ours)
    (first,) = ours.change(b"one")
    assert ours.change(b"two") == []  # it waits: the client has not acknowledged
    again = ours.advance(3)
    assert again == [first]
    assert [(told.token, told.payload) for told in ours.hear(Raw(ACK, 0, first.id))] == [(b"o", b"two")]


@pytest.mark.conformance("TD_COAP_OBS_12", role="server")
def test_observe_1_cancels(ours: OurServer) -> None:
    observed(ours)
    (answer,) = ours.hear(Raw(CON, GET, 2, b"o", (*path("obs"), (OBSERVE, uint(1)))))
    assert (answer.code, answer.token, answer.uint(OBSERVE)) == (CONTENT, b"o", None)
    assert ours.change(b"one") == []


@pytest.mark.conformance("TD_COAP_OBS_13", "TD_COAP_OBS_14", role="server")
@pytest.mark.parametrize(("case", "lengths"), [("TD_COAP_OBS_13", (1600, 1600)), ("TD_COAP_OBS_14", (1600, 10, 1100))])
def test_large_notifications_are_fetched_block_by_block(ours: OurServer, case: str, lengths: tuple[int, ...]) -> None:
    observed(ours)
    for round, length in enumerate(lengths):
        body = LARGE[:length]
        (told,) = ours.change(body)
        ours.hear(Raw(ACK, 0, told.id))
        got, found = told.payload, told.block(BLOCK2)
        while found is not None and found[1]:
            number = found[0] + 1
            asked = (*path("obs"), (BLOCK2, block(number, False, found[2])))
            (part,) = ours.hear(Raw(CON, GET, 1000 + 100 * round + number, b"x%d" % number, asked))
            got, found = got + part.payload, part.block(BLOCK2)
        assert got == body


# --- observing: ours as client


def observing(client: OurClient) -> bytes:
    answer = client.ask(Exchange(GET, "obs", CONTENT, options=((OBSERVE, b""),), token=b"o"))
    assert answer.message.observe is not None
    return answer.token


def told_by(client: OurClient) -> list[tuple[int, bytes]]:
    return [(event.message.code, event.message.payload) for event in client.told(ResponseReceived)[1:]]


@pytest.mark.conformance("TD_COAP_OBS_01", "TD_COAP_OBS_02", role="client")
@pytest.mark.parametrize(("case", "type"), [("TD_COAP_OBS_01", CON), ("TD_COAP_OBS_02", NON)])
def test_our_client_hears_notifications(client: OurClient, case: str, type: int) -> None:
    observing(client)
    for order, value in enumerate((b"one", b"two"), start=2):
        answers = client.notified(order, value, type)
        assert answers == ([Raw(ACK, 0, client.server.last_id)] if type == CON else [])
    assert told_by(client) == [(CONTENT, b"one"), (CONTENT, b"two")]


@pytest.mark.conformance("TD_COAP_OBS_05", "TD_COAP_OBS_06", role="client")
def test_a_client_that_was_started_anew_resets_what_it_never_asked_for(client: OurClient) -> None:
    observing(client)
    fresh = OurClient(seed=2)
    assert fresh.notified(2, b"one") == [Raw(RST, 0, fresh.server.last_id)]
    assert fresh.told(ResponseReceived) == []


@pytest.mark.conformance("TD_COAP_OBS_07", "TD_COAP_OBS_08", role="client")
@pytest.mark.parametrize(("case", "code"), [("TD_COAP_OBS_07", NOT_FOUND), ("TD_COAP_OBS_08", NOT_ACCEPTABLE)])
def test_after_an_error_our_client_observes_no_more(client: OurClient, case: str, code: int) -> None:
    observing(client)
    assert client.notified(None, b"", code=code) == [Raw(ACK, 0, client.server.last_id)]
    assert client.notified(3, b"more") == [Raw(RST, 0, client.server.last_id)]
    assert told_by(client) == [(code, b"")]


@pytest.mark.conformance("TD_COAP_OBS_09", "TD_COAP_OBS_10", role="client")
def test_our_client_writes_and_reads_beside_an_observation(client: OurClient) -> None:
    observing(client)
    client.ask(Exchange(PUT, "test", CHANGED, body=b"x", token=b"p"))
    assert client.ask(Exchange(GET, "test", CONTENT, token=b"g")).message.observe is None
    client.notified(2, b"x")
    assert told_by(client)[-1] == (CONTENT, b"x")


@pytest.mark.conformance("TD_COAP_OBS_11", role="client")
def test_a_repeated_notification_is_acknowledged_again_and_told_once(client: OurClient) -> None:
    observing(client)
    first = client.notified(2, b"one")
    assert client.again() == first
    assert told_by(client) == [(CONTENT, b"one")]
    late = client.notified(1, b"overtaken")
    assert [message.type for message in late] == [ACK]
    assert told_by(client) == [(CONTENT, b"one")]
    assert len(client.told(MessageDropped)) == 2


@pytest.mark.conformance("TD_COAP_OBS_12", role="client")
def test_our_client_cancels_with_observe_1(client: OurClient) -> None:
    observing(client)
    answer = client.ask(Exchange(GET, "obs", CONTENT, options=((OBSERVE, uint(1)),), token=b"o"))
    assert answer.message.observe is None
    assert client.notified(3, b"late") == [Raw(RST, 0, client.server.last_id)]


@pytest.mark.conformance("TD_COAP_OBS_13", "TD_COAP_OBS_14", role="client")
@pytest.mark.parametrize(("case", "lengths"), [("TD_COAP_OBS_13", (1600, 1600)), ("TD_COAP_OBS_14", (1600, 10, 1100))])
def test_our_client_puts_large_notifications_together(client: OurClient, case: str, lengths: tuple[int, ...]) -> None:
    observing(client)
    for order, length in enumerate(lengths, start=2):
        client.server.observed = LARGE[:length]
        client.notified(order, LARGE[:length])
        client.run(client.now + 1)
    assert told_by(client) == [(CONTENT, LARGE[:length]) for length in lengths]
