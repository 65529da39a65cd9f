"""aiocoap against our Endpoint, as client and as server: it shares no code with us."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from coap_live import Live
from free_ports import free_port

from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.endpoint import (
    NotificationReset,
    Request,
    RequestAcknowledged,
    RequestReceived,
    Response,
    ResponseReceived,
)
from nbtwin.coap.message import options
from nbtwin.coap.numbers import Code, ContentFormat
from nbtwin.coap.observe import Observers
from nbtwin.engine import Address

aiocoap = pytest.importorskip("aiocoap", reason="aiocoap is not installed")
resource = pytest.importorskip("aiocoap.resource", reason="aiocoap is not installed")


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::", 0))
    except OSError:
        return False
    return True


pytestmark = pytest.mark.skipif(not has_ipv6(), reason="aiocoap's UDP transport needs IPv6 sockets, even for IPv4")
BODY = ("".join(f"{n:05d}\n" for n in range(700))).encode()  # 4200 bytes
PATIENCE = 20


@pytest.fixture
def live() -> Iterator[Live]:
    with Live(BlockwiseEndpoint(random.Random(1))) as live:
        yield live


@asynccontextmanager
async def served(live: Live) -> AsyncIterator[None]:
    task = asyncio.create_task(live.serve())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@asynccontextmanager
async def client() -> AsyncIterator[Any]:
    context = await aiocoap.Context.create_client_context(transports=["udp6"])
    try:
        yield context
    finally:
        await context.shutdown()


async def fetched(context: Any, message: Any) -> Any:
    return await asyncio.wait_for(context.request(message).response, PATIENCE)


def answers(live: Live, response: Response) -> None:
    def react(live: Live, event: Any) -> None:
        if isinstance(event, RequestReceived):
            live.endpoint.respond(live.now, event, response)

    live.react = react


@pytest.mark.asyncio
async def test_aiocoap_reads_and_is_refused(live: Live) -> None:
    answers(live, Response(Code.CONTENT, options(content_format=ContentFormat.JSON, max_age=5), b"{}"))
    async with served(live), client() as context:
        answer = await fetched(context, aiocoap.Message(code=aiocoap.GET, uri=live.uri("/a/b?c=d&e")))
        assert (str(answer.code), answer.payload) == ("2.05 Content", b"{}")
        assert (int(answer.opt.content_format), answer.opt.max_age) == (50, 5)
        (received,) = live.told(RequestReceived)
        assert (received.message.path, received.message.query) == (("a", "b"), ("c=d", "e"))
        refused = await fetched(context, aiocoap.Message(code=aiocoap.GET, uri=live.uri("/a"), if_none_match=True))
        assert str(refused.code).startswith("4.02")


@pytest.mark.asyncio
async def test_aiocoap_waits_for_a_separate_response(live: Live) -> None:
    def react(live: Live, event: Any) -> None:
        if isinstance(event, RequestReceived):
            live.endpoint.acknowledge(live.now, event)
            live.endpoint.respond(live.now, event, Response(Code.CHANGED, payload=b"at last"))

    live.react = react
    async with served(live), client() as context:
        answer = await fetched(context, aiocoap.Message(code=aiocoap.POST, uri=live.uri("/slow"), payload=b"x"))
        assert answer.payload == b"at last"
        await live.until(lambda: not live.endpoint.busy)


@pytest.mark.asyncio
async def test_aiocoap_sends_and_gets_large_bodies(live: Live) -> None:
    def react(live: Live, event: Any) -> None:
        if isinstance(event, RequestReceived):
            live.endpoint.respond(live.now, event, Response(Code.CHANGED, payload=event.message.payload[::-1]))

    live.react = react
    async with served(live), client() as context:
        for length in (1024, 1025, 4200):
            message = aiocoap.Message(code=aiocoap.POST, uri=live.uri("/large"), payload=BODY[:length])
            answer = await fetched(context, message)
            assert answer.payload == BODY[:length][::-1]
    assert [len(event.message.payload) for event in live.told(RequestReceived)] == [1024, 1025, 4200]


@pytest.mark.conformance("TD_COAP_OBS_01", "TD_COAP_OBS_06", "TD_COAP_OBS_13", role="server", peer="aiocoap")
@pytest.mark.asyncio
@pytest.mark.parametrize("size", [10, 3000])
async def test_aiocoap_observes_and_cancels(live: Live, size: int) -> None:
    observers = Observers()
    state = [b"0" * size]

    def react(live: Live, event: Any) -> None:
        observers.handle_event(live.now, event)
        if isinstance(event, RequestReceived):
            observer = observers.handle_request(live.now, event.peer, event.message, "state")
            order = None if observer is None else observer.order
            live.endpoint.respond(live.now, event, Response(Code.CONTENT, options(observe=order), state[0]))

    live.react = react
    async with served(live), client() as context:
        request = context.request(aiocoap.Message(code=aiocoap.GET, uri=live.uri("/state"), observe=0))
        first = await asyncio.wait_for(request.response, PATIENCE)
        assert first.payload == state[0]
        notifications = aiter(request.observation)
        for n in (1, 2):
            state[0] = str(n).encode() * size
            (observer,) = observers.of("state")
            response = Response(Code.CONTENT, options(observe=observer.next_order()), state[0])
            live.endpoint.notify(live.now, observer.peer, observer.token, response, True)
            live.drain()
            assert (await asyncio.wait_for(anext(notifications), PATIENCE)).payload == state[0]
        request.observation.cancel()
        async with asyncio.timeout(PATIENCE):
            while len(observers):  # it acknowledges the first one it no longer wants, and resets the next
                (observer,) = observers.of("state")
                response = Response(Code.CONTENT, options(observe=observer.next_order()))
                live.endpoint.notify(live.now, observer.peer, observer.token, response, True)
                live.drain()
                await live.until(lambda: not live.endpoint.busy)
        assert len(live.told(NotificationReset)) == 1


# --- our client, its server


class Slow(resource.Resource):
    """Answers when it is told to."""

    def __init__(self, may_answer: asyncio.Event) -> None:
        super().__init__()
        self._may_answer = may_answer

    async def render_get(self, request: Any) -> Any:
        await self._may_answer.wait()
        return aiocoap.Message(payload=b"at last")


class Store(resource.ObservableResource):
    """Keeps what is written, and tells its observers."""

    body = b""

    async def render_get(self, request: Any) -> Any:
        return aiocoap.Message(payload=self.body, content_format=42)

    async def render_put(self, request: Any) -> Any:
        self.body = request.payload
        self.updated_state()
        return aiocoap.Message(code=aiocoap.CHANGED)


@asynccontextmanager
async def server(may_answer: asyncio.Event | None = None) -> AsyncIterator[Address]:
    site = resource.Site()
    site.add_resource(["store"], Store())
    site.add_resource(["slow"], Slow(may_answer or asyncio.Event()))
    address: Address = ("127.0.0.1", free_port())
    context = await aiocoap.Context.create_server_context(site, bind=address, transports=["udp6"])
    try:
        yield address
    finally:
        await context.shutdown()


async def ask(live: Live, peer: Address, request: Request) -> ResponseReceived:
    token = live.endpoint.send_request(live.now, peer, request)
    live.drain()
    await live.until(lambda: any(event.token == token for event in live.told(ResponseReceived)))
    answer: ResponseReceived = live.told(ResponseReceived)[-1]
    return answer


@pytest.mark.asyncio
@pytest.mark.parametrize("confirmable", [True, False])
async def test_our_client_reads_from_aiocoap(live: Live, confirmable: bool) -> None:
    """The slow one answers after its empty ACK, which only a Confirmable request gets."""
    may_answer = asyncio.Event()
    if not confirmable:
        may_answer.set()

    def react(live: Live, event: Any) -> None:
        if isinstance(event, RequestAcknowledged):
            may_answer.set()

    live.react = react
    async with server(may_answer) as peer, served(live):
        answer = await ask(live, peer, Request(Code.GET, options(path=("nowhere",)), confirmable=confirmable))
        assert answer.message.code == Code.NOT_FOUND
        answer = await ask(live, peer, Request(Code.GET, options(path=("slow",)), confirmable=confirmable))
        assert answer.message.payload == b"at last"
        assert len(live.told(RequestAcknowledged)) == (1 if confirmable else 0)


@pytest.mark.asyncio
async def test_our_client_moves_large_bodies_to_and_from_aiocoap(live: Live) -> None:
    async with server() as peer, served(live):
        path = options(path=("store",))
        for length in (0, 1024, 1025, 4200):
            assert (await ask(live, peer, Request(Code.PUT, path, BODY[:length]))).message.code == Code.CHANGED
            answer = await ask(live, peer, Request(Code.GET, path))
            assert (answer.message.payload, answer.message.content_format) == (BODY[:length], 42)


@pytest.mark.conformance(
    "TD_COAP_OBS_01", "TD_COAP_OBS_09", "TD_COAP_OBS_10", "TD_COAP_OBS_14", role="client", peer="aiocoap",
)  # fmt: skip
@pytest.mark.asyncio
async def test_our_client_observes_aiocoap(live: Live) -> None:
    async with server() as peer, served(live):
        path = options(path=("store",))
        first = await ask(live, peer, Request(Code.GET, options(path=("store",), observe=0)))
        assert first.message.observe is not None
        for length in (5, 3000):
            await ask(live, peer, Request(Code.PUT, path, BODY[:length]))

            def told(length: int = length) -> bool:
                return any(
                    event.token == first.token and len(event.message.payload) == length
                    for event in live.told(ResponseReceived)
                )

            await live.until(told)
