"""The pitfalls that the design lists (docs: dependencies, "DTLS: pitfalls already met"), each as a test."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from dtls_link import CLIENT, IDENTITY, KEY, SERVER, Link, a_client, a_server, connected, cookie_in, hello_datagram

import nbtwin.dtls
from nbtwin.dtls import (
    AlertReceived,
    AlertSent,
    ApplicationDataReceived,
    DatagramDropped,
    HandshakeCompleted,
    HandshakeFailed,
    ServerSettings,
    SessionClosed,
    Settings,
    Status,
)
from nbtwin.dtls.messages import ClientHello, HandshakeMessage
from nbtwin.dtls.numbers import AlertDescription, ContentType, HandshakeType
from nbtwin.dtls.reasons import DtlsRefusal
from nbtwin.dtls.record import PlainEpoch
from nbtwin.dtls.session import DtlsSession


def half_open(link: Link, address: tuple[str, int], seed: int, suites: tuple[int, ...] = (0xC0A8,)) -> None:
    """A stranger that returns its cookie and then says no more."""
    link.server.handle_datagram(link.now, address, hello_datagram(seed, suites=suites))
    ((_, answer),) = link.server.datagrams_to_send()
    link.server.handle_datagram(link.now, address, hello_datagram(seed, cookie_in(answer), 1, suites))
    link.drain()


def session_of(client: nbtwin.dtls.Client) -> DtlsSession:
    assert client._session is not None
    return client._session


# 1


@pytest.mark.parametrize("resumed", [False, True])
def test_only_the_sender_of_the_last_flight_answers_a_repeated_finished(resumed: bool) -> None:
    link, client = connected()
    if resumed:
        client.handshake(link.now)
        link.run(1)
    served = link.server._by_address[CLIENT]
    last, other = (session_of(client), served) if resumed else (served, session_of(client))
    assert [item.title for item in last.last_flight] == ["ChangeCipherSpec", "Finished"]
    assert other.last_flight == ()
    finished = HandshakeMessage(HandshakeType.FINISHED, 2, bytes(12)).encode()
    sent = len(link.sent)
    to_last = (SERVER, CLIENT) if resumed else (CLIENT, SERVER)
    link.carry(*to_last, other.protect(ContentType.HANDSHAKE, finished))  # the other side repeats its own
    link.run(100)
    assert len(link.sent) == sent + 2, "one answer, and no answer to the answer"


def test_the_last_flight_is_let_go_once_data_shows_that_it_arrived() -> None:
    link, client = connected()
    assert link.server._by_address[CLIENT].last_flight
    client.send(link.now, SERVER, b"x")
    link.run(1)
    assert link.server._by_address[CLIENT].last_flight == ()


# 2: tests/dtls/test_dtls_fragments.py, and across a whole handshake


def test_a_client_hello_in_fragments_costs_a_stranger_more_than_the_server() -> None:
    link = Link()
    whole = HandshakeMessage(HandshakeType.CLIENT_HELLO, 0, bytes(2048))
    for port in range(2000):
        datagram = PlainEpoch().protect(ContentType.HANDSHAKE, whole.fragment(1, 1))
        link.server.handle_datagram(0, ("10.0.0.9", port), datagram)
    assert len(link.server._pending._partial) == 64
    assert link.server.datagrams_to_send() == []


@pytest.mark.parametrize("size", [1200, 9000])
def test_a_client_hello_of_some_kilobytes_begins_a_handshake(size: int) -> None:
    """With key shares of other versions and groups it has more than 2 KiB; cookies and fragments as ever."""
    link, cookie = Link(), b""
    for number in range(2):
        hello = ClientHello(bytes(32), cookie=cookie, cipher_suites=(0xC0A8,), extensions={0xFE00: bytes(6000)})
        whole = HandshakeMessage(HandshakeType.CLIENT_HELLO, number, hello.encode())
        for offset in range(0, len(whole.body), size):
            fragment = whole.fragment(offset, min(size, len(whole.body) - offset))
            record = PlainEpoch(10 * number).protect(ContentType.HANDSHAKE, fragment)
            link.server.handle_datagram(link.now, CLIENT, record)
        cookie = cookie or cookie_in(link.server.datagrams_to_send()[0][1])
    assert link.server.handshake_count == 1


def test_a_stale_fragment_does_not_stop_the_next_client_hello_of_the_address() -> None:
    link, old, new = Link(), a_client(Settings(mtu=64), seed=5), a_client(Settings(mtu=64), seed=6)
    old.handshake(0)
    link.server.handle_datagram(link.now, CLIENT, old.datagrams_to_send()[0][1])
    link.add(CLIENT, new)
    new.handshake(link.now)
    link.run(0.9)
    assert new.status is Status.ESTABLISHED


# 4: bounds, constant time, replay, extended master secret


@pytest.mark.conformance("RFC6347-4.2.1", role="server")
def test_nothing_is_kept_of_a_client_hello_without_a_cookie() -> None:
    link = Link()
    for port in range(1000):
        link.server.handle_datagram(0, ("10.0.0.9", port), hello_datagram(port))
    answers = link.server.datagrams_to_send()
    assert len(answers) == 1000
    assert link.server.handshake_count == 0
    assert link.server.next_deadline() is None
    assert all(len(data) < len(hello_datagram(0)) for _, data in answers), "nobody is amplified"


def test_a_cookie_is_good_for_its_address_its_hello_and_two_periods() -> None:
    link = Link()
    server, now = link.server, 600.0
    server.handle_datagram(now, CLIENT, hello_datagram(1))
    ((_, answer),) = server.datagrams_to_send()
    cookie = cookie_in(answer)
    for at, address, datagram in (
        (now, ("10.0.0.3", 40000), hello_datagram(1, cookie, 1)),
        (now, ("10.0.0.2", 40001), hello_datagram(1, cookie, 1)),
        (now, CLIENT, hello_datagram(2, cookie, 1)),
        (now, CLIENT, hello_datagram(1, cookie, 1, (0xC0A8, 0xAE))),
        (now, CLIENT, hello_datagram(1, cookie[:-1] + b"?", 1)),
        (now, CLIENT, hello_datagram(1, cookie[:-1], 1)),
        (now + 120, CLIENT, hello_datagram(1, cookie, 1)),
    ):
        server.handle_datagram(at, address, datagram)
        assert server.handshake_count == 0
    server.handle_datagram(now + 119, CLIENT, hello_datagram(1, cookie, 1))
    assert server.handshake_count == 1


def test_half_open_handshakes_are_bounded_and_the_oldest_makes_room() -> None:
    link = Link(a_server(ServerSettings(max_handshakes=10)))
    for number in range(25):
        half_open(link, ("10.0.1.1", 1000 + number), number)
    assert link.server.handshake_count == 10
    evicted = [event.peer[1] for event in link.of(SERVER, HandshakeFailed)]
    assert evicted == list(range(1000, 1015))
    client = a_client()
    link.add(CLIENT, client)
    client.handshake(link.now)
    link.run(1)
    assert client.status is Status.ESTABLISHED


def test_timers_of_handshakes_that_are_over_do_not_pile_up() -> None:
    link = Link(a_server(ServerSettings(max_handshakes=4)))
    for number in range(1000):
        half_open(link, ("10.0.1.1", 1000 + number), number)
    assert len(link.server._timers) < 100


def test_strangers_cannot_make_the_server_send_more_alerts_than_the_bound() -> None:
    link = Link(a_server(ServerSettings(alerts_per_second=5)))
    for number in range(50):
        half_open(link, ("10.0.1.1", 1000 + number), number, suites=(0xC0AE,))
    assert len(link.of(SERVER, AlertSent)) == 5
    assert len(link.of(SERVER, HandshakeFailed)) == 50
    link.now += 1
    for number in range(50):
        half_open(link, ("10.0.1.2", 1000 + number), number, suites=(0xC0AE,))
    assert len(link.of(SERVER, AlertSent)) == 10


def test_an_identity_longer_than_the_bound_is_refused() -> None:
    link, client = Link(), a_client()
    client._secret = (b"i" * 129, KEY)
    link.add(CLIENT, client)
    client.handshake(link.now)
    link.run(1)
    assert link.of(SERVER, HandshakeFailed) == [
        HandshakeFailed(CLIENT, DtlsRefusal.VECTOR_LENGTH, 129, 128, "ClientKeyExchange")
    ]


@pytest.mark.conformance("RFC5246-7.4.1.1", role="both")
@pytest.mark.parametrize("type_", [HandshakeType.CLIENT_HELLO, HandshakeType.HELLO_REQUEST])
def test_renegotiation_inside_a_session_is_refused_and_the_session_lives(type_: HandshakeType) -> None:
    link, client = connected()
    body = ClientHello(bytes(32), cipher_suites=(0xC0A8,)).encode() if type_ else b""
    asking = HandshakeMessage(type_, 3, body).encode()
    link.carry(CLIENT, SERVER, session_of(client).protect(ContentType.HANDSHAKE, asking))
    link.carry(SERVER, CLIENT, link.server._by_address[CLIENT].protect(ContentType.HANDSHAKE, asking))
    link.run(1)
    for address in (CLIENT, SERVER):
        assert [event.description for event in link.of(address, AlertReceived)] == [AlertDescription.NO_RENEGOTIATION]
        assert not link.of(address, SessionClosed)
    client.send(link.now, SERVER, b"still here")
    link.run(1)
    assert link.data(SERVER) == [b"still here"]


@pytest.mark.conformance("RFC6347-4.1.2.6", role="server")
def test_a_replayed_datagram_is_dropped() -> None:
    link, client = connected()
    client.send(link.now, SERVER, b"once")
    link.run(1)
    *_, data = link.sent[-1]
    link.carry(CLIENT, SERVER, data)
    link.run(1)
    assert link.data(SERVER) == [b"once"]
    assert link.of(SERVER, DatagramDropped)[-1].refusal is DtlsRefusal.REPLAYED


def test_the_extended_master_secret_is_used_whenever_both_know_it() -> None:
    link, _ = connected()
    assert link.of(SERVER, HandshakeCompleted)[0].extended_master_secret


SECRETS = {"mac", "cookie", "verify_data", "expected", "key", "padded"}


def test_secrets_are_never_compared_with_equals() -> None:
    """Every `==` in the package, looked at: none has a MAC, a cookie, a Finished or a key on either side."""
    for path in Path(nbtwin.dtls.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
                names = {each.id for side in (node.left, *node.comparators) for each in _values(side)}
                assert not names & SECRETS, f"{path.name}:{node.lineno}"


def _values(side: ast.expr) -> list[ast.Name]:
    """Names compared by value: not those inside len(…)."""
    if isinstance(side, ast.Call):
        return []
    return [node for node in ast.walk(side) if isinstance(node, ast.Name)]


# 5


@pytest.mark.conformance("RFC6347-4.2.8", role="server")
def test_a_fresh_handshake_from_a_known_address_replaces_the_session_only_when_it_is_complete() -> None:
    link, client = connected()
    half_open(link, CLIENT, 77)  # a stranger with a spoofed address, say, or a module that reboots for ever
    client.send(link.now, SERVER, b"still the old one")
    link.run(0.5)
    assert link.data(SERVER) == [b"still the old one"]
    reborn = a_client(seed=99)
    link.add(CLIENT, reborn)
    reborn.send(link.now, SERVER, b"the new one")
    link.run(1)
    assert link.data(SERVER)[-1] == b"the new one"
    assert link.of(SERVER, HandshakeCompleted)[-1].replaced
    assert not link.of(SERVER, SessionClosed)
    assert link.server.session_count == 1


@pytest.mark.conformance("RFC6347-4.2.8", role="client")
def test_a_client_keeps_hearing_its_old_session_while_a_new_handshake_runs() -> None:
    link, client = connected()
    link.server.send(link.now, CLIENT, b"old")
    client.handshake(link.now)
    link.run(0.06)
    assert client.status is Status.HANDSHAKING
    assert link.data(CLIENT) == [b"old"]
    link.run(1)
    assert client.status is Status.ESTABLISHED


def test_a_failed_handshake_leaves_the_old_session_alone() -> None:
    link, client = connected()
    del link.engines[SERVER]
    client.handshake(link.now)
    link.run(200)
    assert link.of(CLIENT, HandshakeFailed)
    link.add(SERVER, link.server)
    assert client.status is Status.ESTABLISHED
    client.send(link.now, SERVER, b"x")
    link.run(1)
    assert link.data(SERVER) == [b"x"]


@pytest.mark.conformance("RFC6347-4.1.2.7", role="both")
def test_forged_datagrams_neither_end_a_session_nor_a_handshake() -> None:
    link, client = connected()
    plain = PlainEpoch()
    forged = [
        plain.protect(ContentType.ALERT, b"\x02\x28"),
        plain.protect(ContentType.APPLICATION_DATA, b"in the clear"),
        b"\x17\xfe\xfd\x00\x01\x00\x00\x00\x00\x00\x09\x00\x20" + bytes(32),
        b"\x15\xfe\xfd\x00\x01\x00\x00\x00\x00\x00\x0a\x00\x20" + bytes(32),
    ]
    for datagram in forged:
        link.carry(CLIENT, SERVER, datagram)
        link.carry(SERVER, CLIENT, datagram)
    link.run(1)
    assert len(link.of(SERVER, DatagramDropped)) == len(link.of(CLIENT, DatagramDropped)) == 4
    client.send(link.now, SERVER, b"unharmed")
    link.run(1)
    assert link.data(SERVER) == [b"unharmed"]
    assert [type(event) for event in link.events[SERVER][-1:]] == [ApplicationDataReceived]
    assert link.server.identity_of(CLIENT) == IDENTITY
