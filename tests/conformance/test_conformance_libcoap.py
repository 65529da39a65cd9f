"""The CoAP plugtests with libcoap's client at our endpoint: what it prints of each message is compared."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from coap_live import Live, program
from plugtest_cases import EXCHANGES, FILTERS, Exchange
from plugtest_peers import CONDITIONAL, SiteApplication
from plugtest_site import (
    ACCEPT,
    CON,
    CONTENT_FORMAT,
    ETAG,
    GET,
    LARGE,
    LOCATION_PATH,
    NON,
    POST,
    PUT,
    URI_QUERY,
)  # fmt: skip

from nbtwin.coap.blockwise_endpoint import BlockwiseEndpoint
from nbtwin.coap.endpoint import RequestReceived, Response

BODY = LARGE[:300]
METHODS = {1: "get", 2: "post", 3: "put", 4: "delete"}
FORMATS = {b"": "text/plain", b"\x29": "application/xml"}
ANSWER = re.compile(
    r"v:1 t:(\w+) c:(\d)\.(\d\d) i:\w+ \{(\w*)\} \[ (.*?) ?\](?: :: (?:binary data length \d+|'(.*)'))?$", re.M
)


@pytest.fixture
def application() -> SiteApplication:
    return SiteApplication()


@pytest.fixture
def live(application: SiteApplication) -> Iterator[Live]:
    def react(live: Live, event: Any) -> None:
        application.react(live.endpoint, live.now, event)

    with Live(BlockwiseEndpoint(random.Random(1), understood=CONDITIONAL), react) as live:
        yield live


def ask(live: Live, *arguments: str, where: str) -> list[tuple[str, ...]]:
    """Type, class, detail, token, options and body of what came back."""
    printed = live.output_of(program("coap-client"), "-v", "7", *arguments, live.uri("/" + where))
    return [found for found in ANSWER.findall(printed) if found[1] != "0"]


def arguments_of(wanted: Exchange) -> list[str]:
    found = ["-m", METHODS[wanted.code], *(["-N"] if wanted.type == NON else [])]
    found += ["-e", wanted.body.decode()] if wanted.body else []
    found += ["-T", wanted.token.decode()] if wanted.token else []
    for number, value in wanted.options:
        if number == ACCEPT:
            found += ["-A", str(int.from_bytes(value, "big"))]
        elif number == CONTENT_FORMAT:
            found += ["-t", str(int.from_bytes(value, "big"))]
        elif number != URI_QUERY:
            found += ["-O", f"{number},{value.decode()}"]
    return found


def printed(number: int, value: bytes) -> str:
    if number == CONTENT_FORMAT:
        return f"Content-Format:{FORMATS[value]}"
    if number == ETAG:
        return f"ETag:0x{value.hex()}"
    return f"{'Location-Path' if number == LOCATION_PATH else 'Location-Query'}:{value.decode()}"


@pytest.mark.conformance(
    "TD_COAP_CORE_01", "TD_COAP_CORE_02", "TD_COAP_CORE_03", "TD_COAP_CORE_04", "TD_COAP_CORE_05", "TD_COAP_CORE_06",
    "TD_COAP_CORE_07", "TD_COAP_CORE_08", "TD_COAP_CORE_10", "TD_COAP_CORE_13", "TD_COAP_CORE_14", "TD_COAP_CORE_18",
    "TD_COAP_CORE_19", "TD_COAP_CORE_20", "TD_COAP_CORE_21", "TD_COAP_CORE_22", "TD_COAP_CORE_23", role="server",
    peer="libcoap",
)  # fmt: skip
@pytest.mark.parametrize("case", [case for case in EXCHANGES if case != "TD_COAP_CORE_12"])  # it always has a token
def test_coap_client_asks_our_server(live: Live, case: str) -> None:
    for wanted in EXCHANGES[case]:
        query = "&".join(value.decode() for number, value in wanted.options if number == URI_QUERY)
        where = wanted.where + ("?" + query if query else "")
        (*_, (type, code, detail, token, options, body)) = ask(live, *arguments_of(wanted), where=where)
        assert (int(code) << 5 | int(detail), body.encode()) == (wanted.answered, wanted.told)
        assert type == ("ACK" if wanted.type == CON else "NON")
        assert bytes.fromhex(token) == live.told(RequestReceived)[-1].message.token  # it counts up from the one named
        for number, value in wanted.brings:
            assert printed(number, value) in options


@pytest.mark.conformance("TD_COAP_CORE_09", "TD_COAP_CORE_11", "TD_COAP_CORE_17", role="server", peer="libcoap")
@pytest.mark.parametrize("type", ["CON", "NON"])
def test_coap_client_waits_for_our_separate_answer(live: Live, application: SiteApplication, type: str) -> None:
    react = live.react

    def react_late(live: Live, event: Any) -> None:
        react(live, event)
        while application.slow:
            answer = application.site.answer(GET, "separate", (), b"")
            live.endpoint.respond(live.now, application.slow.pop(), Response(*answer))

    live.react = react_late
    (*_, (kind, code, detail, token, _, body)) = ask(
        live, *(["-N"] if type == "NON" else []), "-T", "abcd", where="separate"
    )
    assert (kind, f"{code}.{detail}", body) == (type, "2.05", "found separate")
    assert bytes.fromhex(token) == live.told(RequestReceived)[-1].message.token


@pytest.mark.conformance(
    "TD_COAP_LINK_01", "TD_COAP_LINK_02", "TD_COAP_LINK_03", "TD_COAP_LINK_04", "TD_COAP_LINK_05", "TD_COAP_LINK_06",
    "TD_COAP_LINK_07", "TD_COAP_LINK_08", role="server", peer="libcoap",
)  # fmt: skip
@pytest.mark.parametrize("case", FILTERS)
def test_coap_client_asks_for_links(live: Live, case: str) -> None:
    query, wanted = FILTERS[case]
    output = live.output_of(program("coap-client"), live.uri("/.well-known/core" + ("?" + query if query else "")))
    assert re.findall(r"<(.*?)>", output) == wanted


@pytest.mark.conformance("TD_COAP_BLOCK_01", "TD_COAP_BLOCK_02", "TD_COAP_BLOCK_06", role="server", peer="libcoap")
@pytest.mark.parametrize(
    ("case", "size"), [("TD_COAP_BLOCK_01", ["-b", "64"]), ("TD_COAP_BLOCK_02", []), ("TD_COAP_BLOCK_06", ["-b", "16"])]
)
def test_coap_client_gets_a_large_resource(live: Live, case: str, size: list[str]) -> None:
    assert live.output_of(program("coap-client"), *size, live.uri("/large")).strip() == LARGE.decode()


@pytest.mark.conformance("TD_COAP_BLOCK_03", "TD_COAP_BLOCK_04", "TD_COAP_BLOCK_05", role="server", peer="libcoap")
@pytest.mark.parametrize(
    ("case", "code", "where"),
    [
        ("TD_COAP_BLOCK_03", PUT, "large-update"),
        ("TD_COAP_BLOCK_04", POST, "large-create"),
        ("TD_COAP_BLOCK_05", POST, "large-post"),
    ],
)
def test_coap_client_sends_a_large_body(
    live: Live, application: SiteApplication, tmp_path: Path, case: str, code: int, where: str
) -> None:
    (tmp_path / "body").write_bytes(BODY)
    sent = ("-m", METHODS[code], "-b", "64", "-f", str(tmp_path / "body"))
    output = live.output_of(program("coap-client"), *sent, live.uri("/" + where))
    assert application.site.written[where] == BODY
    assert output.strip() == (BODY[::-1].decode() if where == "large-post" else "")
