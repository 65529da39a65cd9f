"""libcoap's own programs against our CoapEndpoint, in both roles: they share no code with us."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from coap_live import Live, Server, program

from nbtwin.coap import link_format
from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.critical_options import UNDERSTOOD
from nbtwin.coap.endpoint import (
    CoapEndpoint,
    NotificationAcknowledged,
    PingAnswered,
    Request,
    RequestAcknowledged,
    RequestReceived,
    RequestReset,
    Response,
    ResponseReceived,
)
from nbtwin.coap.message import options
from nbtwin.coap.numbers import Code, ContentFormat, Type
from nbtwin.coap.observe import Observers
from nbtwin.engine import Address

BODY = ("".join(f"{n:05d}\n" for n in range(700))).encode()  # 4200 bytes
QUICK = (0.2,) * 40


class Application:
    """A few resources: a small one, a large one, a slow one, one to write, one to observe."""

    def __init__(self) -> None:
        self.written: bytes = b""
        self.slow: RequestReceived | None = None
        self.observers = Observers()

    def __call__(self, live: Live, event: Any) -> None:
        ended = self.observers.handle_event(live.now, event)
        if ended is None and isinstance(event, RequestReceived):
            response = self.answer(live, event)
            if response is not None:
                live.endpoint.respond(live.now, event, response)

    def answer(self, live: Live, event: RequestReceived) -> Response | None:
        message = event.message
        path = "/".join(message.path)
        if path == "small":
            return Response(Code.CONTENT, options(content_format=ContentFormat.TEXT), b"22.3 C")
        if path == "large" and message.code == Code.GET:
            return Response(Code.CONTENT, options(content_format=ContentFormat.TEXT), BODY)
        if path == "large":
            self.written = message.payload
            return Response(Code.CHANGED, payload=message.payload[::-1] if message.code == Code.POST else b"")
        if path == "slow":
            return None  # the empty ACK goes out by itself; then whoever runs the test responds
        if path == "counter":
            observer = self.observers.handle_request(live.now, event.peer, message, path)
            return Response(Code.CONTENT, options(observe=None if observer is None else observer.order), b"count 0")
        return Response(Code.NOT_FOUND, payload=b"no such resource")


@pytest.fixture
def live() -> Iterator[Live]:
    with Live(BlockwiseEndpoint(random.Random(1)), Application()) as live:
        yield live


@pytest.mark.parametrize("type", ["CON", "NON"])
def test_coap_client_gets_a_resource(live: Live, type: str) -> None:
    kind = ["-N"] if type == "NON" else []
    assert live.output_of(program("coap-client"), *kind, live.uri("/small")).strip() == "22.3 C"
    (request,) = live.told(RequestReceived)
    assert request.message.type == Type[type]


def test_coap_client_understands_an_error(live: Live) -> None:
    assert "4.04 no such resource" in live.output_of(program("coap-client"), live.uri("/nowhere"))


def test_coap_client_is_told_about_a_critical_option(live: Live) -> None:
    output = live.output_of(program("coap-client"), "-O", "65001,x", live.uri("/small"))
    assert "4.02" in output
    assert live.told(RequestReceived) == []


def test_coap_client_waits_for_a_separate_response(live: Live) -> None:
    def respond_late(live: Live, event: Any) -> None:
        live.endpoint.acknowledge(live.now, event)
        live.endpoint.respond(live.now, event, Response(Code.CONTENT, payload=b"at last"))

    live.react = lambda live, event: respond_late(live, event) if isinstance(event, RequestReceived) else None
    assert live.output_of(program("coap-client"), live.uri("/slow")).strip() == "at last"


@pytest.mark.conformance("TD_COAP_CORE_15", role="server", peer="libcoap")
def test_coap_client_repeats_what_is_lost(live: Live) -> None:
    """It drops its first datagram on purpose (-l): ours comes at the second try, or after a real retransmission."""
    assert live.output_of(program("coap-client"), "-l", "1", live.uri("/small")).strip() == "22.3 C"


@pytest.mark.parametrize("size", [None, 16, 64, 1024])
def test_coap_client_gets_a_large_resource_in_blocks_of_its_choice(live: Live, size: int | None) -> None:
    kind = [] if size is None else ["-b", str(size)]
    assert live.output_of(program("coap-client"), *kind, live.uri("/large")) == BODY.decode() + "\n"


@pytest.mark.parametrize("size", [None, 64, 1024])
@pytest.mark.parametrize("method", ["put", "post"])
def test_coap_client_sends_a_large_body(live: Live, size: int | None, method: str, tmp_path: Path) -> None:
    body = tmp_path / "body"
    body.write_bytes(BODY)
    kind = [] if size is None else ["-b", str(size)]
    output = live.output_of(program("coap-client"), *kind, "-m", method, "-f", str(body), live.uri("/large"))
    assert live.react.written == BODY
    assert output == (BODY[::-1].decode() + "\n" if method == "post" else "")
    assert len(live.told(RequestReceived)) == 1


@pytest.mark.conformance("TD_COAP_OBS_01", "TD_COAP_OBS_12", role="server", peer="libcoap")
def test_coap_client_observes_and_goes(live: Live) -> None:
    """Three values under one token; when it leaves it cancels, and the list is empty again."""
    application = live.react
    assert isinstance(application, Application)

    def count(live: Live, event: Any) -> None:
        application(live, event)
        for observer in application.observers.of("counter"):
            if observer.order < 2 and not live.endpoint.busy:
                order = observer.next_order()
                response = Response(Code.CONTENT, options(observe=order), b" count %d" % order)
                live.endpoint.notify(live.now, observer.peer, observer.token, response, True)

    live.react = count
    output = live.output_of(program("coap-client"), "-s", "1", live.uri("/counter"))
    assert re.findall(r"count (\d)", output)[:3] == ["0", "1", "2"]
    assert len(live.told(NotificationAcknowledged)) == 2
    assert [event.message.observe for event in live.told(RequestReceived)] == [0, 1]
    assert len(application.observers) == 0


# --- our client, their server


@pytest.fixture
def libcoap() -> Iterator[Address]:
    with Server(program("coap-server"), "-A", "127.0.0.1", "-p", "{port}", "-d", "10") as address:
        yield address


def ask(live: Live, server: Address, request: Request) -> ResponseReceived:
    """Patient at first: the server may still be starting."""
    token = live.endpoint.send_request(live.now, server, request, waits=QUICK)
    live.run(lambda: any(event.token == token for event in live.told(ResponseReceived)))
    answer: ResponseReceived = live.told(ResponseReceived)[-1]
    return answer


@pytest.mark.conformance(
    "TD_COAP_CORE_01", "TD_COAP_CORE_05", "TD_COAP_CORE_31", "TD_COAP_LINK_01", role="client", peer="libcoap",
)  # fmt: skip
@pytest.mark.parametrize("endpoint", [CoapEndpoint, BlockwiseEndpoint])
def test_our_client_reads_what_coap_server_offers(libcoap: Address, endpoint: type[CoapEndpoint]) -> None:
    understood = UNDERSTOOD | {65001}  # coap-server's 4.02 repeats the option that it refuses
    with Live(endpoint(random.Random(3), understood=understood)) as live:
        core = ask(live, libcoap, Request(Code.GET, options(path=(".well-known", "core"))))
        assert core.message.content_format == ContentFormat.LINK_FORMAT
        links = {link.target: link for link in link_format.decode(core.message.payload)}
        assert links["/time"].has("obs")
        missing = ask(live, libcoap, Request(Code.GET, options(path=("nowhere",))))
        assert missing.message.code == Code.NOT_FOUND
        refused = ask(live, libcoap, Request(Code.GET, options(more=((65001, b"x"),))))
        assert refused.message.code == Code.BAD_OPTION
        unconfirmed = ask(live, libcoap, Request(Code.GET, options(path=("time",)), confirmable=False))
        assert unconfirmed.message.type == Type.NON
        live.endpoint.ping(live.now, libcoap)
        live.run(lambda: live.told(PingAnswered) != [])


@pytest.mark.conformance("TD_COAP_CORE_09", "TD_COAP_CORE_11", role="client", peer="libcoap")
def test_our_client_takes_a_separate_response(libcoap: Address) -> None:
    """Its /async answers after as many seconds as the query says: acknowledged first, then Confirmable."""
    with Live(CoapEndpoint(random.Random(3))) as live:
        answer = ask(live, libcoap, Request(Code.GET, options(path=("async",), query=("1",))))
        assert answer.message.type == Type.CON
        assert len(live.told(RequestAcknowledged)) == 1


@pytest.mark.conformance("TD_COAP_OBS_02", "TD_COAP_OBS_12", role="client", peer="libcoap")
def test_our_client_observes_the_time(libcoap: Address) -> None:
    with Live(CoapEndpoint(random.Random(3))) as live:
        observe = Request(Code.GET, options(path=("time",), observe=0))
        token = live.endpoint.send_request(live.now, libcoap, observe, waits=QUICK)
        live.run(lambda: len(live.told(ResponseReceived)) == 3)
        answers = live.told(ResponseReceived)
        assert {answer.token for answer in answers} == {token}
        orders = [answer.message.observe for answer in answers]
        assert None not in orders
        assert orders == sorted(set(orders))
        live.endpoint.send_request(
            live.now, libcoap, Request(Code.GET, options(path=("time",), observe=1)), token=token
        )
        live.run(
            lambda: len(live.told(ResponseReceived)) > 3 and live.told(ResponseReceived)[-1].message.observe is None
        )


@pytest.mark.conformance("TD_COAP_BLOCK_02", "TD_COAP_BLOCK_03", role="client", peer="libcoap")
@pytest.mark.parametrize("size", [64, 1024])
def test_our_client_writes_and_reads_a_large_body(libcoap: Address, size: int) -> None:
    with Live(BlockwiseEndpoint(random.Random(3), block_size=size)) as live:
        path = options(path=("example_data",))
        created = ask(live, libcoap, Request(Code.PUT, path, BODY))
        assert created.message.code in (Code.CREATED, Code.CHANGED)
        assert ask(live, libcoap, Request(Code.GET, path)).message.payload == BODY
        assert live.told(RequestReset) == []
