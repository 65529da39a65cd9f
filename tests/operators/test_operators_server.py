"""The LwM2M server, told in raw CoAP messages under simulated time (LwM2M 1.0 TS, 5.3 to 5.5)."""

from __future__ import annotations

import random
from typing import Any

import pytest
from operators_bench import PEER

from nbtwin.coap.events import RequestReceived, Response
from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.engine import Address, Deadline
from nbtwin.lwm2m.model import OBJECTS
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.server.events import (
    ClientDeregistered,
    ClientExpired,
    ClientOperationAnswered,
    ClientOperationFailed,
    ClientRefused,
    ClientRegistered,
    ClientUpdated,
    Lwm2mServerReason,
    RequestForwarded,
)
from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal
from nbtwin.lwm2m.server.server import LwM2mServer
from nbtwin.operators.device_management.verbs import VERBS

LINKS = b'</>;rt="oma.lwm2m",</1/0>,</3/0>,</19/0>'
GOOD = ("lwm2m=1.0", "ep=863703030822519", "b=U", "lt=60")


class Client:
    """A client that writes its own datagrams."""

    def __init__(self, server: LwM2mServer, peer: Address = PEER) -> None:
        self.server = server
        self.peer = peer
        self.message_id = 0

    def send(self, now: float, code: Code, *, payload: bytes = b"", type: Type = Type.CON, **more: Any) -> Message:
        self.message_id += 1
        message = Message(type, code, self.message_id, b"tok", options(**more), payload)
        self.server.handle_datagram(now, self.peer, encode(message))
        return self.received()

    def received(self) -> Message:
        ((peer, data),) = self.server.datagrams_to_send()
        assert peer == self.peer
        return decode(data)

    def register(self, now: float, *query: str, payload: bytes = LINKS, content_format: int | None = 40) -> Message:
        return self.send(
            now, Code.POST, path=["rd"], query=query or GOOD, payload=payload, content_format=content_format
        )

    def answer(self, now: float, request: Message, code: Code, *, payload: bytes = b"", **more: Any) -> None:
        message = Message(Type.ACK, code, request.message_id, request.token, options(**more), payload)
        self.server.handle_datagram(now, self.peer, encode(message))


@pytest.fixture
def server() -> LwM2mServer:
    return LwM2mServer(random.Random(1))


def send(server: LwM2mServer, now: float, verb: str, client: str, path: str, value: Any = None) -> bytes:
    return server.send(now, client, Path(path), VERBS[verb].request(Path(path), value, None, OBJECTS))


def kinds(server: LwM2mServer) -> list[type]:
    return [type(event) for event in server.events()]


def test_register_update_deregister(server: LwM2mServer) -> None:
    client = Client(server)
    created = client.register(0.0)
    assert (created.type, created.code, created.location[0]) == (Type.ACK, Code.CREATED, "rd")
    registration = server.registrations["863703030822519"]
    assert (registration.lifetime, registration.binding, registration.version) == (60, "U", "1.0")
    assert client.send(30.0, Code.POST, path=created.location, query=["lt=90", "b=UQ"]).code == Code.CHANGED
    assert registration.lifetime == 60  # as it was: a change makes another one
    registration = server.registrations["863703030822519"]
    assert (registration.lifetime, registration.binding, registration.refreshed_at) == (90, "UQ", 30.0)
    assert client.send(40.0, Code.DELETE, path=created.location).code == Code.DELETED
    assert client.send(41.0, Code.POST, path=created.location).code == Code.NOT_FOUND
    assert client.send(41.0, Code.DELETE, path=created.location).code == Code.NOT_FOUND
    assert kinds(server) == [ClientRegistered, ClientUpdated, ClientDeregistered, ClientRefused, ClientRefused]
    assert server.next_deadline() is None


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (("lt=60",), Code.BAD_REQUEST),  # no ep
        (("ep=", "lt=60"), Code.BAD_REQUEST),
        (("ep=a", "lt=0"), Code.BAD_REQUEST),
        (("ep=a", "lt=-5"), Code.BAD_REQUEST),
        (("ep=a", "lt=4294967296"), Code.BAD_REQUEST),
        (("ep=a", "lt=1e3"), Code.BAD_REQUEST),
        (("ep=a", "lt=\N{ARABIC-INDIC DIGIT FIVE}"), Code.BAD_REQUEST),
        (("ep=a", "b=X"), Code.BAD_REQUEST),
        (("ep=a", "lwm2m=one"), Code.BAD_REQUEST),
        (("ep=a", "lwm2m=2.0"), Code.PRECONDITION_FAILED),
        (("ep=a", "lwm2m=1.0", "lt=4294967295", "b=UQS", "sms=1", "unknown"), Code.CREATED),
        (("ep=a",), Code.CREATED),  # table 15: all but ep have defaults
    ],
)
def test_every_parameter_is_checked(server: LwM2mServer, query: tuple[str, ...], code: Code) -> None:
    assert Client(server).register(0.0, *query).code == code
    assert bool(server.registrations) == (code == Code.CREATED)


@pytest.mark.parametrize(
    ("payload", "content_format", "code"),
    [
        (b"", 40, Code.BAD_REQUEST),
        (b"</1/0>,<", 40, Code.BAD_REQUEST),
        (b"not links", None, Code.BAD_REQUEST),
        (b"\xff\xfe", 40, Code.BAD_REQUEST),
        (LINKS, 0, Code.UNSUPPORTED_CONTENT_FORMAT),
        (LINKS, None, Code.CREATED),
    ],
)
def test_the_object_list_is_checked(
    server: LwM2mServer, payload: bytes, content_format: int | None, code: Code
) -> None:
    assert Client(server).register(0.0, payload=payload, content_format=content_format).code == code


def test_other_methods_and_paths(server: LwM2mServer) -> None:
    client = Client(server)
    location = client.register(0.0).location
    assert client.send(0.0, Code.GET, path=["rd"]).code == Code.METHOD_NOT_ALLOWED
    assert client.send(0.0, Code.PUT, path=location).code == Code.METHOD_NOT_ALLOWED
    assert client.send(0.0, Code.POST, path=["rd", "x", "y"]).code == Code.NOT_FOUND
    assert client.send(0.0, Code.POST, path=["elsewhere"]).code == Code.NOT_FOUND
    assert client.send(0.0, Code.POST).code == Code.NOT_FOUND


def test_registering_anew_replaces_the_registration(server: LwM2mServer) -> None:
    client = Client(server)
    first, second = client.register(0.0).location, client.register(10.0).location
    assert first != second
    assert len(server.registrations) == 1
    assert client.send(11.0, Code.POST, path=first).code == Code.NOT_FOUND
    assert client.send(11.0, Code.POST, path=second).code == Code.CHANGED
    events = server.events()
    assert events[1].replaced.location == first[1]


def test_a_registration_ends_with_its_lifetime() -> None:
    server = LwM2mServer(random.Random(1), grace=10)
    client = Client(server)
    location = client.register(0.0).location
    client.send(50.0, Code.POST, path=location)
    server.events()
    assert server.next_deadline() == Deadline(120.0, Lwm2mServerReason.LIFETIME_END, "863703030822519")
    server.handle_timer(70.0)  # the lifetime of before the update: nothing ends
    assert server.events() == []
    server.handle_timer(119.9)
    assert server.events() == []
    server.handle_timer(120.0)
    assert kinds(server) == [ClientExpired]
    assert server.registrations == {}


def test_a_shorter_lifetime_ends_sooner(server: LwM2mServer) -> None:
    client = Client(server)
    location = client.register(0.0, "ep=a", "lt=100000").location
    client.send(10.0, Code.POST, path=location, query=["lt=5"])
    server.events()
    server.handle_timer(15.0)
    assert kinds(server) == [ClientExpired]


def test_the_list_of_lifetimes_does_not_grow_with_use(server: LwM2mServer) -> None:
    client = Client(server)
    for n in range(3000):
        location = client.register(n * 1.0, f"ep=device{n}", f"lt={10_000_000 - n}").location
        client.send(n * 1.0, Code.DELETE, path=location)
    assert len(server._expiries) < 200


def test_an_update_from_another_address_moves_the_client(server: LwM2mServer) -> None:
    location = Client(server).register(0.0).location
    moved = Client(server, ("10.9.9.9", 40000))
    assert moved.send(5.0, Code.POST, path=location).code == Code.CHANGED
    assert server.events()[-1].address_changed
    send(server, 6.0, "read", "863703030822519", "/3/0")
    assert moved.received().path == ("3", "0")


def test_operations_and_their_answers(server: LwM2mServer) -> None:
    client = Client(server)
    client.register(0.0)
    name = "863703030822519"
    asked = [
        (send(server, 1.0, "read", name, "/3/0"), Code.GET, ("3", "0")),
        (send(server, 1.0, "discover", name, "/3"), Code.GET, ("3",)),
        (send(server, 1.0, "write", name, "/1/0/1", 60), Code.PUT, ("1", "0", "1")),
        (send(server, 1.0, "write-partly", name, "/1/0", {"1": 60}), Code.POST, ("1", "0")),
        (send(server, 1.0, "write-attributes", name, "/3/0", {"pmin": 5, "pmax": 60}), Code.PUT, ("3", "0")),
        (send(server, 1.0, "execute", name, "/3/0/4", "0='x'"), Code.POST, ("3", "0", "4")),
        (send(server, 1.0, "create", name, "/9", {"1": {"0": {"type": "string", "value": "x"}}}), Code.POST, ("9",)),
        (send(server, 1.0, "delete", name, "/9/0"), Code.DELETE, ("9", "0")),
    ]
    server.events()
    sent = []
    while datagrams := server.datagrams_to_send():  # one after the other (RFC 7252 4.7)
        sent += [decode(data) for _, data in datagrams]
        server.handle_datagram(1.0, PEER, encode(Message(Type.ACK, Code.EMPTY, sent[-1].message_id)))
    assert [(m.token, m.code, m.path) for m in sent] == asked
    assert (sent[0].accept, sent[1].accept, sent[4].query) == (None, 40, ("pmin=5", "pmax=60"))
    assert (sent[2].payload, sent[2].content_format, sent[5].payload) == (b"60", 0, b"0='x'")
    server.events()
    client.answer(2.0, sent[2], Code.CHANGED)
    (answered,) = server.events()
    assert isinstance(answered, ClientOperationAnswered)
    assert (answered.token, answered.client, answered.path) == (sent[2].token, name, Path("/1/0/1"))
    server.handle_datagram(3.0, PEER, encode(Message(Type.RST, Code.EMPTY, sent[0].message_id)))
    (failed,) = server.events()
    assert isinstance(failed, ClientOperationFailed)
    assert (failed.path, failed.refusal) == (Path("/3/0"), Lwm2mServerRefusal.RESET)
    with pytest.raises(KeyError):
        send(server, 3.0, "read", "nobody", "/3/0")


def test_a_read_that_nobody_answers_fails_after_the_last_wait(server: LwM2mServer) -> None:
    Client(server).register(0.0, "ep=a", "lt=86400")
    send(server, 0.0, "read", "a", "/3/0")
    sent, events = [0.0 for _ in server.datagrams_to_send()], []
    while (deadline := server.next_deadline()) is not None and deadline.at < 1000:
        server.handle_timer(deadline.at)
        sent += [deadline.at for _ in server.datagrams_to_send()]
        events += [event for event in server.events() if isinstance(event, ClientOperationFailed)]
    assert sent == [0.0, 2, 6, 14, 30]
    assert [(event.at, event.refusal) for event in events] == [(62.0, Lwm2mServerRefusal.UNANSWERED)]


def test_an_observation_lasts_until_it_is_cancelled(server: LwM2mServer) -> None:
    client = Client(server)
    client.register(0.0)
    token = send(server, 1.0, "observe", "863703030822519", "/19/1/0")
    request = client.received()
    assert request.observe == 0
    client.answer(1.0, request, Code.CONTENT, observe=1, payload=b"a")
    for order, value in ((2, b"b"), (3, b"c")):
        note = Message(Type.NON, Code.CONTENT, 100 + order, token, options(observe=order), value)
        server.handle_datagram(2.0, PEER, encode(note))
    payloads = [event.message.payload for event in server.events() if isinstance(event, ClientOperationAnswered)]
    assert payloads == [b"a", b"b", b"c"]
    server.cancel(3.0, token)
    note = Message(Type.CON, Code.CONTENT, 200, token, options(observe=4), b"d")
    server.handle_datagram(4.0, PEER, encode(note))
    assert client.received().type == Type.RST


def test_observations_end_with_the_registration(server: LwM2mServer) -> None:
    client = Client(server)
    client.register(0.0)
    token = send(server, 1.0, "observe", "863703030822519", "/19/1/0")
    client.answer(1.0, client.received(), Code.CONTENT, observe=1, payload=b"a")
    client.register(2.0)
    server.events()
    note = Message(Type.CON, Code.CONTENT, 200, token, options(observe=4), b"d")
    server.handle_datagram(3.0, PEER, encode(note))
    assert client.received().type == Type.RST
    assert not any(isinstance(event, ClientOperationAnswered) for event in server.events())
    assert server._operations == {}


def test_paths_kept_for_the_caller_are_handed_on() -> None:
    server = LwM2mServer(random.Random(1), other_paths=("dp",))
    message = Message(Type.CON, Code.POST, 1, b"t", options(path=["dp"], query=["ep=a"]), b"{}")
    server.handle_datagram(0.0, PEER, encode(message))
    (forwarded,) = server.events()
    assert isinstance(forwarded, RequestForwarded)
    assert isinstance(forwarded.received, RequestReceived)
    server.coap.respond(0.0, forwarded.received, Response(Code.CHANGED))
    assert Client(server).received().code == Code.CHANGED


def test_the_number_of_registrations_is_bounded() -> None:
    server = LwM2mServer(random.Random(1), registrations_at_most=2)
    client = Client(server)
    assert [client.register(0.0, f"ep={n}").code for n in (1, 2, 3, 1)] == [
        Code.CREATED,
        Code.CREATED,
        Code.SERVICE_UNAVAILABLE,
        Code.CREATED,
    ]


def test_a_non_confirmable_register_is_answered_non_confirmable(server: LwM2mServer) -> None:
    answer = Client(server).send(
        0.0, Code.POST, type=Type.NON, path=["rd"], query=GOOD, payload=LINKS, content_format=40
    )
    assert (answer.type, answer.code) == (Type.NON, Code.CREATED)


def test_damaged_datagrams_are_reset_or_dropped_and_register_nobody(server: LwM2mServer) -> None:
    whole = encode(Message(Type.CON, Code.POST, 7, b"t", options(path=["rd"], query=GOOD, content_format=40), LINKS))
    source = random.Random(5)
    for _ in range(3000):
        data = bytearray(whole[: source.randrange(len(whole) + 1)])
        for _ in range(source.randrange(3)):
            if data:
                data[source.randrange(len(data))] = source.randrange(256)
        server.handle_datagram(0.0, PEER, bytes(data))
        server.datagrams_to_send()
        server.events()
    assert len(server.registrations) < 3000
