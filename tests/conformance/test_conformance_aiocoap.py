"""The CoAP plugtests with aiocoap: its client at our endpoint, and our endpoint at its server."""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from coap_live import Live
from free_ports import free_port
from plugtest_cases import EXCHANGES, FILTERS, LINKS, Exchange
from plugtest_peers import CONDITIONAL, SiteApplication
from plugtest_site import CHANGED, CON, CREATED, GET, LARGE, POST, PUT, Options, Site, path

from nbtwin.coap import link_format
from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.endpoint import Request, RequestAcknowledged, Response, ResponseReceived
from nbtwin.coap.message import in_order
from nbtwin.coap.numbers import Code
from nbtwin.engine import Address

aiocoap = pytest.importorskip("aiocoap", reason="aiocoap is not installed")
resource = pytest.importorskip("aiocoap.resource", reason="aiocoap is not installed")
numbers = pytest.importorskip("aiocoap.numbers", reason="aiocoap is not installed")


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::", 0))
    except OSError:
        return False
    return True


pytestmark = pytest.mark.skipif(not has_ipv6(), reason="aiocoap's UDP transport needs IPv6 sockets, even for IPv4")
PATIENCE = 20
BODY = LARGE[:1100]


def with_options(message: Any, found: Options) -> Any:
    for number, value in found:
        message.opt.add_option(numbers.OptionNumber(number).create_option(decode=value))
    return message


# --- its client, our server


@asynccontextmanager
async def at_ours() -> AsyncIterator[tuple[Live, SiteApplication, Any]]:
    """Our endpoint with the site, and a client context."""
    application = SiteApplication()

    def react(live: Live, event: Any) -> None:
        application.react(live.endpoint, live.now, event)
        while application.slow:
            answer = application.site.answer(GET, "separate", (), b"")
            live.endpoint.respond(live.now, application.slow.pop(), Response(*answer))

    with Live(BlockwiseEndpoint(random.Random(1), understood=CONDITIONAL), react) as live:
        task = asyncio.create_task(live.serve())
        context = await aiocoap.Context.create_client_context(transports=["udp6"])
        try:
            yield live, application, context
        finally:
            await context.shutdown()
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def ask(
    live: Live, context: Any, code: int, where: str, body: bytes = b"", found: Options = (), con: bool = True
) -> Any:
    tuning = aiocoap.Reliable if con else aiocoap.Unreliable
    message = aiocoap.Message(code=aiocoap.Code(code), transport_tuning=tuning, uri=live.uri("/" + where), payload=body)
    return await asyncio.wait_for(context.request(with_options(message, found)).response, PATIENCE)


@pytest.mark.conformance(
    "TD_COAP_CORE_01", "TD_COAP_CORE_02", "TD_COAP_CORE_03", "TD_COAP_CORE_04", "TD_COAP_CORE_05", "TD_COAP_CORE_06",
    "TD_COAP_CORE_07", "TD_COAP_CORE_08", "TD_COAP_CORE_13", "TD_COAP_CORE_14", "TD_COAP_CORE_18", "TD_COAP_CORE_19",
    "TD_COAP_CORE_20", "TD_COAP_CORE_21", "TD_COAP_CORE_22", "TD_COAP_CORE_23", role="server", peer="aiocoap",
)  # fmt: skip
@pytest.mark.parametrize("case", [case for case in EXCHANGES if case not in ("TD_COAP_CORE_10", "TD_COAP_CORE_12")])
@pytest.mark.asyncio
async def test_aiocoap_asks_our_server(case: str) -> None:
    """Its tokens are its own."""
    async with at_ours() as (live, _, context):
        for wanted in EXCHANGES[case]:
            answer = await ask(
                live, context, wanted.code, wanted.where, wanted.body, wanted.options, wanted.type == CON
            )
            assert (int(answer.code), answer.payload) == (wanted.answered, wanted.told)
            brought = [(int(option.number), option.encode()) for option in answer.opt.option_list()]
            assert set(wanted.brings) <= set(brought)


@pytest.mark.conformance("TD_COAP_CORE_09", "TD_COAP_CORE_11", "TD_COAP_CORE_17", role="server", peer="aiocoap")
@pytest.mark.parametrize("con", [True, False])
@pytest.mark.asyncio
async def test_aiocoap_takes_our_separate_answer(con: bool) -> None:
    async with at_ours() as (live, _, context):
        answer = await ask(live, context, GET, "separate", con=con)
        assert answer.payload == b"found separate"
        await live.until(lambda: not live.endpoint.busy)


@pytest.mark.conformance(
    "TD_COAP_LINK_01", "TD_COAP_LINK_02", "TD_COAP_LINK_03", "TD_COAP_LINK_04", "TD_COAP_LINK_05", "TD_COAP_LINK_06",
    "TD_COAP_LINK_07", "TD_COAP_LINK_08", "TD_COAP_LINK_09", role="server", peer="aiocoap",
)  # fmt: skip
@pytest.mark.asyncio
async def test_aiocoap_asks_for_links() -> None:
    async with at_ours() as (live, _, context):
        for query, wanted in FILTERS.values():
            answer = await ask(live, context, GET, ".well-known/core" + ("?" + query if query else ""))
            assert int(answer.opt.content_format) == 40
            assert [link.target for link in link_format.decode(answer.payload)] == wanted
        further = await ask(live, context, GET, "path")
        assert further.payload == b"</path/sub1>,</path/sub2>"
        assert (await ask(live, context, GET, "path/sub1")).payload == b"/path/sub1"


@pytest.mark.conformance(
    "TD_COAP_BLOCK_02", "TD_COAP_BLOCK_03", "TD_COAP_BLOCK_04", "TD_COAP_BLOCK_05", role="server", peer="aiocoap",
)  # fmt: skip
@pytest.mark.asyncio
async def test_aiocoap_moves_large_bodies_to_and_from_our_server() -> None:
    async with at_ours() as (live, application, context):
        assert (await ask(live, context, GET, "large")).payload == LARGE
        assert int((await ask(live, context, PUT, "large-update", BODY)).code) == CHANGED
        created = await ask(live, context, POST, "large-create", BODY)
        assert (int(created.code), created.opt.location_path) == (CREATED, ("large-create", "1"))
        assert (await ask(live, context, POST, "large-post", BODY)).payload == BODY[::-1]
        assert application.site.written == dict.fromkeys(("large-update", "large-create", "large-post"), BODY)


# --- our client, its server


class Everything(resource.Resource):
    """The site on aiocoap."""

    def __init__(self) -> None:
        super().__init__()
        self.site = Site()
        self.may_answer = asyncio.Event()

    async def render(self, request: Any) -> Any:
        where = "/".join(request.opt.uri_path)
        if where == "separate":
            await self.may_answer.wait()
        if where == ".well-known/core":
            answer = aiocoap.Message(code=aiocoap.CONTENT, payload=LINKS)
            answer.opt.content_format = 40
            return answer
        found = [(int(option.number), option.encode()) for option in request.opt.option_list()]
        code, brings, body = self.site.answer(int(request.code), where, found, request.payload)
        return with_options(aiocoap.Message(code=aiocoap.Code(code), payload=body), brings)


@asynccontextmanager
async def at_theirs(may_answer: bool = False) -> AsyncIterator[tuple[Live, Address, Site]]:
    """A separate answer comes when the request was acknowledged, or may come at once."""
    everything = Everything()
    if may_answer:
        everything.may_answer.set()
    address: Address = ("127.0.0.1", free_port())
    context = await aiocoap.Context.create_server_context(everything, bind=address, transports=["udp6"])

    def react(live: Live, event: Any) -> None:
        if isinstance(event, RequestAcknowledged):
            everything.may_answer.set()

    with Live(BlockwiseEndpoint(random.Random(3), block_size=256), react) as live:
        task = asyncio.create_task(live.serve())
        try:
            yield live, address, everything.site
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await context.shutdown()


async def asked(live: Live, peer: Address, wanted: Exchange) -> ResponseReceived:
    found = in_order((*path(wanted.where), *wanted.options))
    request = Request(Code(wanted.code), found, wanted.body, confirmable=wanted.type == CON)
    before = len(live.told(ResponseReceived))
    live.endpoint.send_request(live.now, peer, request, token=wanted.token)
    live.drain()
    await live.until(lambda: len(live.told(ResponseReceived)) > before)
    answer: ResponseReceived = live.told(ResponseReceived)[before]
    return answer


@pytest.mark.conformance(
    "TD_COAP_CORE_01", "TD_COAP_CORE_02", "TD_COAP_CORE_03", "TD_COAP_CORE_04", "TD_COAP_CORE_05", "TD_COAP_CORE_06",
    "TD_COAP_CORE_07", "TD_COAP_CORE_08", "TD_COAP_CORE_10", "TD_COAP_CORE_12", "TD_COAP_CORE_13", "TD_COAP_CORE_14",
    "TD_COAP_CORE_18", "TD_COAP_CORE_19", "TD_COAP_CORE_20", "TD_COAP_CORE_21", "TD_COAP_CORE_22", "TD_COAP_CORE_23",
    role="client", peer="aiocoap",
)  # fmt: skip
@pytest.mark.parametrize("case", EXCHANGES)
@pytest.mark.asyncio
async def test_our_client_asks_aiocoap(case: str) -> None:
    async with at_theirs() as (live, peer, _):
        for wanted in EXCHANGES[case]:
            answer = (await asked(live, peer, wanted)).message
            assert (answer.code, answer.payload, answer.token) == (wanted.answered, wanted.told, wanted.token)
            assert set(wanted.brings) <= set(answer.options)


@pytest.mark.conformance("TD_COAP_CORE_09", "TD_COAP_CORE_11", "TD_COAP_CORE_17", role="client", peer="aiocoap")
@pytest.mark.parametrize("con", [True, False])
@pytest.mark.asyncio
async def test_our_client_takes_a_separate_answer_of_aiocoap(con: bool) -> None:
    async with at_theirs(may_answer=not con) as (live, peer, _):
        wanted = Exchange(GET, "separate", 69, type=CON if con else 1)
        assert (await asked(live, peer, wanted)).message.payload == b"found separate"
        assert len(live.told(RequestAcknowledged)) == con


@pytest.mark.conformance("TD_COAP_LINK_01", role="client", peer="aiocoap")
@pytest.mark.asyncio
async def test_our_client_reads_the_links_of_aiocoap() -> None:
    async with at_theirs() as (live, peer, _):
        answer = (await asked(live, peer, Exchange(GET, ".well-known/core", 69))).message
        assert [link.target for link in link_format.decode(answer.payload)] == FILTERS["TD_COAP_LINK_01"][1]


@pytest.mark.conformance(
    "TD_COAP_BLOCK_02", "TD_COAP_BLOCK_03", "TD_COAP_BLOCK_04", "TD_COAP_BLOCK_05", role="client", peer="aiocoap",
)  # fmt: skip
@pytest.mark.asyncio
async def test_our_client_moves_large_bodies_to_and_from_aiocoap() -> None:
    async with at_theirs() as (live, peer, site):
        assert (await asked(live, peer, Exchange(GET, "large", 69))).message.payload == LARGE
        for code, where, answered in (
            (PUT, "large-update", CHANGED), (POST, "large-create", CREATED), (POST, "large-post", CHANGED),
        ):  # fmt: skip
            answer = (await asked(live, peer, Exchange(code, where, answered, body=BODY))).message
            assert answer.code == answered
            assert site.written[where] == BODY
        assert answer.payload == BODY[::-1]
