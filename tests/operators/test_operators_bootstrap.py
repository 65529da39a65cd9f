"""The bootstrap server, told in raw CoAP messages (LwM2M 1.0 TS, 5.2)."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from operators_bench import IMEI, PEER

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, ContentFormat, Type, is_success
from nbtwin.engine import Address
from nbtwin.lwm2m.client.accounts import Bootstrap
from nbtwin.lwm2m.content.codec import decode as decode_node
from nbtwin.lwm2m.content.codec import encode as encode_node
from nbtwin.lwm2m.content.composite import FORMATS
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


# LwM2M 1.1 and 1.2


def begun(server: BootstrapServer, *query: str) -> list[Message]:
    server.handle_datagram(0.0, PEER, request(path=["bs"], query=[f"ep={IMEI}", *query]))
    return sent(server)


def pack(server: BootstrapServer, accept: int | None = None, code: Code = Code.GET, name: str = IMEI) -> Message:
    server.handle_datagram(0.0, PEER, request(7, code, path=["bspack"], query=[f"ep={name}"], accept=accept))
    (message,) = sent(server)
    return message


@pytest.mark.parametrize("form", [ContentFormat.LWM2M_TLV, *FORMATS])
def test_writes_are_in_the_format_that_the_client_prefers(server: BootstrapServer, form: ContentFormat) -> None:
    """TS Core 1.1, 6.1.7.1: pct."""
    _, step = begun(server, f"pct={int(form)}")
    written = []
    while step.path != ("bs",):
        if step.code == Code.PUT:
            written.append((step.content_format, decode_node(form, Path("/" + "/".join(step.path)), step.payload)))
        (step,) = answer(server, step, Code.CHANGED)
    assert written == [(form, ACCOUNT.security()), (form, ACCOUNT.server())]


@pytest.mark.parametrize(
    ("pct", "code"),
    [
        ("11543", Code.UNSUPPORTED_CONTENT_FORMAT),  # LwM2M JSON is none of the four
        ("0", Code.UNSUPPORTED_CONTENT_FORMAT),
        ("60", Code.UNSUPPORTED_CONTENT_FORMAT),
        ("", Code.BAD_REQUEST),
        ("json", Code.BAD_REQUEST),
        ("\u0661\u0661\u0660", Code.BAD_REQUEST),
    ],
)
def test_a_format_that_is_not_offered_is_refused(server: BootstrapServer, pct: str, code: Code) -> None:
    """TS Transport 1.1, table of the response codes: 4.15."""
    assert [message.code for message in begun(server, f"pct={pct}")] == [code]
    (refused,) = server.events()
    assert isinstance(refused, BootstrapRefused)
    assert (refused.refusal, refused.subject) == (Lwm2mServerRefusal.PREFERRED_FORMAT, pct)


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        (None, ContentFormat.SENML_CBOR),
        *zip(FORMATS, FORMATS, strict=True),
    ],
)
def test_a_bootstrap_pack_is_all_in_one_answer(
    server: BootstrapServer, accept: ContentFormat | None, form: ContentFormat
) -> None:
    """TS Core 1.2, 6.1.7.7: no write and no Finish follows."""
    message = pack(server, accept)
    assert (message.type, message.code, message.content_format) == (Type.ACK, Code.CONTENT, form)
    everything = decode_node(form, Path("/"), message.payload)
    assert everything == {0: {1: ACCOUNT.security()}, 1: {0: ACCOUNT.server()}}
    assert [type(event) for event in server.events()] == [BootstrapStarted, BootstrapFinished]
    assert server.next_deadline() is None


def test_a_pack_has_every_account() -> None:
    both = (ServerAccount("coap://a"), ServerAccount("coap://b", short_server_id=2))
    server = BootstrapServer(random.Random(1), lambda *_: both)
    payload = pack(server, ContentFormat.SENML_JSON).payload
    names = [record["n"].rsplit("/", 1)[0] for record in json.loads(payload)]
    assert list(dict.fromkeys(names)) == ["/0/1", "/0/2", "/1/0", "/1/1"]


@pytest.mark.parametrize(
    ("accept", "method", "name", "code"),
    [
        (ContentFormat.LWM2M_TLV, Code.GET, IMEI, Code.NOT_ACCEPTABLE),
        (ContentFormat.LINK_FORMAT, Code.GET, IMEI, Code.NOT_ACCEPTABLE),
        (None, Code.POST, IMEI, Code.METHOD_NOT_ALLOWED),
        (None, Code.GET, "stranger", Code.BAD_REQUEST),
        (None, Code.GET, "", Code.BAD_REQUEST),
    ],
)
def test_what_is_no_bootstrap_pack_request_is_refused(
    server: BootstrapServer, accept: int | None, method: Code, name: str, code: Code
) -> None:
    assert pack(server, accept, method, name).code == code
    assert [type(event) for event in server.events()] == [BootstrapRefused]


def test_a_server_may_want_no_packs() -> None:
    """TS Core 1.2, 6.1.7.7: 4.05, and the client goes on with a Bootstrap-Request."""
    server = BootstrapServer(random.Random(1), accounts_of, packs=False)
    assert pack(server).code == Code.METHOD_NOT_ALLOWED
    assert begun(server)[0].code == Code.CHANGED


def test_a_pack_ends_the_bootstrap_that_was_under_way(server: BootstrapServer) -> None:
    _, delete = begun(server)
    assert pack(server).code == Code.CONTENT
    server.handle_datagram(1.0, PEER, encode(Message(Type.ACK, Code.DELETED, delete.message_id, delete.token)))
    assert sent(server) == []


@pytest.mark.parametrize(
    ("links", "first"),
    [
        (b'</>;lwm2m=1.1,</0/0>;ssid=101;uri="coaps://a",</0/1>,</1/0/>;ssid=101,</3/0>,</5>', "/0/0"),
        (b'</>;lwm2m=1.1,</0/0>,</0/1>;ssid=101;uri="coaps://a",</55>;ver=1.9,</55/0>', "/0/1"),
        (b'lwm2m="1.0",</0/0>;ssid=101,</0/1>,</0/2>;ssid=102', "/0/0"),  # as the examples of 1.0 have it
        (b"no links", "/0/1"),
        (b"", "/0/1"),
    ],
)
def test_the_bootstrap_servers_own_account_is_not_written_over(links: bytes, first: str) -> None:
    """TS Core 1.1, 6.1.7.3: it is the one without ssid, wherever the client keeps it."""
    server = BootstrapServer(random.Random(1), accounts_of, discovers_first=True)
    _, discover = begun(server)
    found = options(content_format=ContentFormat.LINK_FORMAT)
    content = Message(Type.ACK, Code.CONTENT, discover.message_id, discover.token, found, links)
    server.handle_datagram(1.0, PEER, encode(content))
    (delete,) = sent(server)
    (write,) = answer(server, delete, Code.DELETED)
    assert "/" + "/".join(write.path) == first


def test_server_accounts_and_access_control_may_be_read_first() -> None:
    """TS Core 1.1, 6.1.7.4; a client of 1.0 does not know it, and that is all right."""
    server = BootstrapServer(random.Random(1), accounts_of, reads_first=(1, 2))
    _, read = begun(server, "pct=110")
    assert (read.code, read.path, read.accept) == (Code.GET, ("1",), ContentFormat.SENML_JSON)
    payload = b'[{"bn":"/1/","n":"0/0","v":7},{"n":"0/1","v":60}]'
    found = options(content_format=ContentFormat.SENML_JSON)
    content = Message(Type.ACK, Code.CONTENT, read.message_id, read.token, found, payload)
    server.handle_datagram(1.0, PEER, encode(content))
    (read,) = sent(server)
    assert read.path == ("2",)
    (step,) = answer(server, read, Code.METHOD_NOT_ALLOWED)
    while step.path != ("bs",):
        (step,) = answer(server, step, Code.CHANGED)
    answer(server, step, Code.CHANGED)
    _, finished = server.events()
    assert isinstance(finished, BootstrapFinished)
    assert {path: message.payload for path, message in finished.answers.items()} == {"/1": payload}


def test_a_name_that_the_keys_say_may_be_left_out() -> None:
    """TS Core 1.1, 6.1.7.1."""
    server = BootstrapServer(random.Random(1), accounts_of, name_of=lambda peer: IMEI if peer == PEER else "")
    for path, code in (("bs", Code.POST), ("bspack", Code.GET)):
        server.handle_datagram(0.0, PEER, request(int(code), code, path=[path]))
        assert is_success(sent(server)[0].code)
    assert {event.client for event in server.events()} == {IMEI}
