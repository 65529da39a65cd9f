"""The bootstrap server, told in raw CoAP messages (LwM2M 1.0 TS, 5.2)."""

from __future__ import annotations

import random
from typing import Any

import pytest
from operators_bench import IMEI, PEER

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, ContentFormat, Type
from nbtwin.engine import Address
from nbtwin.lwm2m.client.accounts import Bootstrap
from nbtwin.lwm2m.content.codec import encode as encode_node
from nbtwin.lwm2m.model import InstanceNode
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.server.bootstrap import (
    BootstrapAborted,
    BootstrapFinished,
    BootstrapRefused,
    BootstrapServer,
    BootstrapStarted,
    ServerAccount,
)
from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal

ACCOUNT = ServerAccount("coaps://10.2.2.2:5684", lifetime=3600, identity=IMEI.encode(), key=bytes(16))


def accounts_of(client: str, peer: Address) -> tuple[ServerAccount, ...]:
    return (ACCOUNT,) if client == IMEI else ()


def request(message_id: int = 1, code: Code = Code.POST, **more: Any) -> bytes:
    more = more or {"path": ["bs"], "query": [f"ep={IMEI}"]}
    return encode(Message(Type.CON, code, message_id, b"t", options(**more)))


@pytest.fixture
def server() -> BootstrapServer:
    return BootstrapServer(random.Random(1), accounts_of)


def sent(server: BootstrapServer) -> list[Message]:
    return [decode(data) for _, data in server.datagrams_to_send()]


def answer(server: BootstrapServer, asked: Message, code: int) -> list[Message]:
    server.handle_datagram(1.0, PEER, encode(Message(Type.ACK, code, asked.message_id, asked.token)))
    return sent(server)


def test_a_client_gets_its_account_step_by_step(server: BootstrapServer) -> None:
    """The client's side is the module's own reading of the writes."""
    client = Bootstrap()
    server.handle_datagram(0.0, PEER, request())
    ok, step = sent(server)
    assert (ok.type, ok.code) == (Type.ACK, Code.CHANGED)
    seen = []
    while True:
        seen.append((step.code, step.path))
        later = answer(server, step, client.handle(step).code)
        if not later:
            break
        (step,) = later
    assert seen == [
        (Code.DELETE, ()),
        (Code.PUT, ("0", "1")),
        (Code.PUT, ("1", "0")),
        (Code.POST, ("bs",)),
    ]
    account = client.account
    assert account is not None
    assert (account.host, account.port, account.secure, account.lifetime) == ("10.2.2.2", 5684, True, 3600)
    assert account.psk is not None
    assert account.psk == (IMEI.encode(), bytes(16))
    assert [type(event) for event in server.events()] == [BootstrapStarted, BootstrapFinished]
    assert server.next_deadline() is None


def test_the_writes_are_tlv() -> None:
    server = BootstrapServer(random.Random(1), lambda *_: (ServerAccount("coap://a"),), deletes_first=False)
    server.handle_datagram(0.0, PEER, request())
    _, write = sent(server)
    assert write.content_format == 11542
    # 6.4.3: resource 0, 8 bytes, so the length has a byte of its own; then 1: false, 2: 3, 3 to 5 empty, 10: 1
    assert (
        write.payload.hex() == "c80008" + b"coap://a".hex() + "c10100" + "c10203" + "c003" + "c004" + "c005" + "c10a01"
    )


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (request(path=["bs"]), Code.BAD_REQUEST),
        (request(path=["bs"], query=["ep=unknown"]), Code.BAD_REQUEST),
        (request(code=Code.GET, path=["bs"], query=[f"ep={IMEI}"]), Code.METHOD_NOT_ALLOWED),
        (request(path=["rd"], query=[f"ep={IMEI}"]), Code.NOT_FOUND),
    ],
)
def test_what_is_no_bootstrap_request_is_refused(server: BootstrapServer, data: bytes, code: Code) -> None:
    server.handle_datagram(0.0, PEER, data)
    (refusal,) = sent(server)
    assert refusal.code == code
    (event,) = server.events()
    assert isinstance(event, BootstrapRefused)


def test_a_refused_step_ends_it(server: BootstrapServer) -> None:
    server.handle_datagram(0.0, PEER, request())
    step = sent(server)[1]
    assert answer(server, step, Code.METHOD_NOT_ALLOWED) == []
    failed = server.events()[-1]
    assert isinstance(failed, BootstrapAborted)
    assert (failed.step, failed.refusal, failed.response_code) == ("Delete /", Lwm2mServerRefusal.ERROR_ANSWER, "4.05")


def test_silence_ends_it_after_the_last_wait(server: BootstrapServer) -> None:
    server.handle_datagram(0.0, PEER, request())
    while (deadline := server.next_deadline()) is not None:
        server.handle_timer(deadline.at)
    failed = server.events()[-1]
    assert isinstance(failed, BootstrapAborted)
    assert (failed.at, failed.refusal) == (62.0, Lwm2mServerRefusal.UNANSWERED)


def test_who_asks_again_starts_again(server: BootstrapServer) -> None:
    server.handle_datagram(0.0, PEER, request(1))
    first = sent(server)[1]
    server.handle_datagram(5.0, PEER, request(2))
    again = sent(server)
    assert again[-1].code == Code.DELETE
    assert answer(server, first, Code.DELETED) == []  # an answer to what was given up
    (write,) = answer(server, again[-1], Code.DELETED)
    assert write.path == ("0", "1")


def test_a_repeated_request_is_not_a_new_one(server: BootstrapServer) -> None:
    server.handle_datagram(0.0, PEER, request())
    first, _ = server.datagrams_to_send()
    server.handle_datagram(2.0, PEER, request())
    assert server.datagrams_to_send() == [first]


def test_the_number_of_sessions_is_bounded() -> None:
    server = BootstrapServer(random.Random(1), accounts_of, sessions_at_most=1)
    server.handle_datagram(0.0, PEER, request())
    sent(server)
    server.handle_datagram(0.0, ("10.0.0.2", 5683), request())
    assert [message.code for message in sent(server)] == [Code.SERVICE_UNAVAILABLE]


def test_a_client_tells_which_server_an_account_is_of() -> None:
    """LwM2M 1.0 TS, 5.2.7.3: ssid, of all accounts but the bootstrap server's own."""
    client = Bootstrap()
    form = ContentFormat.LWM2M_TLV
    written: dict[str, InstanceNode] = {
        "/0/0": {0: "coap://bs", 1: True}, "/0/1": {0: "coap://a", 1: False, 2: 3, 10: 7}, "/1/0": {0: 7, 1: 60},
    }  # fmt: skip
    for path, node in written.items():
        found = options(path=Path(path).segments, content_format=form)
        wanted = Message(Type.CON, Code.PUT, 1, b"", found, encode_node(form, Path(path), node))
        assert client.handle(wanted).code == Code.CHANGED
    discover = Message(Type.CON, Code.GET, 1, b"", options(accept=ContentFormat.LINK_FORMAT))
    assert client.handle(discover).payload == b'</>;lwm2m="1.0",</0>,</0/0>,</0/1>;ssid=7,</1>,</1/0>;ssid=7'
