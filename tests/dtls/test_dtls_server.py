"""One port, many peers: Connection IDs, addresses that change, and what is bounded by making room."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count, islice

import pytest
from dtls_link import CLIENT, IDENTITY, KEY, SERVER, Link, a_client, a_server, connected, cookie_in, hello_datagram

from kept_memory import kept_by
from nbtwin.dtls import (
    ApplicationDataReceived,
    DatagramDropped,
    HandshakeCompleted,
    PeerMoved,
    ServerSettings,
    SessionClosed,
    Settings,
    Status,
)
from nbtwin.dtls.numbers import HandshakeType
from nbtwin.dtls.reasons import DtlsReason, DtlsRefusal
from nbtwin.engine import Deadline

ELSEWHERE = ("10.0.0.2", 51111)


def crowd(link: Link, number: int) -> list[tuple[str, int]]:
    """So many clients with a session each."""
    addresses = [("10.0.2.1", 1000 + index) for index in range(number)]
    for index, address in enumerate(addresses):
        client = a_client(seed=100 + index, identity=b"%d" % index)
        link.add(address, client)
        client.handshake(link.now)
        link.run(0.5)
        assert client.status is Status.ESTABLISHED
    return addresses


def a_crowded_server(settings: ServerSettings) -> Link:
    return Link(a_server(settings, keys={b"%d" % index: KEY for index in range(300)}))


def test_three_hundred_peers_share_one_port_and_are_kept_apart() -> None:
    link = a_crowded_server(ServerSettings())
    addresses = crowd(link, 300)
    for address in addresses:
        link.engines[address].send(link.now, SERVER, b"%d" % address[1])
        link.server.send(link.now, address, b"to %d" % address[1])
    link.run(1)
    assert sorted(link.data(SERVER)) == sorted(b"%d" % address[1] for address in addresses)
    assert all(link.data(address) == [b"to %d" % address[1]] for address in addresses)


@pytest.mark.conformance("RFC9146", role="server")
def test_a_peer_with_a_connection_id_may_change_its_address() -> None:
    """RFC 9146 6, D137: the second record from there is believed."""
    link, client = connected()
    link.move(CLIENT, ELSEWHERE)
    client.send(link.now, SERVER, b"from elsewhere")
    link.run(1)
    assert not link.of(SERVER, PeerMoved)
    client.send(link.now, SERVER, b"and again")
    link.run(1)
    assert link.of(SERVER, PeerMoved) == [PeerMoved(CLIENT, ELSEWHERE, IDENTITY)]
    assert link.data(SERVER) == [b"from elsewhere", b"and again"]
    assert link.server.send(link.now, ELSEWHERE, b"there you are")
    assert not link.server.send(link.now, CLIENT, b"nobody")
    link.run(1)
    assert link.data(ELSEWHERE) == [b"there you are"]
    assert link.server.session_count == 1


def test_whoever_withholds_a_record_and_sends_it_from_elsewhere_draws_no_answer_there() -> None:
    """D137. What the record says is taken; the answer goes where the peer is known to be."""
    link, client = connected()
    for turn in range(3):  # as often as they like
        client.send(link.now, SERVER, b"withheld %d" % turn)
        ((_, withheld),) = client.datagrams_to_send()
        link.server.handle_datagram(link.now, ELSEWHERE, withheld)
        link.server.handle_datagram(link.now, ELSEWHERE, withheld)  # a copy is no second record
        assert link.server.send(link.now, CLIENT, b"answer %d" % turn)
        assert {to for to, _ in link.server.datagrams_to_send()} == {CLIENT}
        client.send(link.now, SERVER, b"repeated %d" % turn)
        link.run(1)
    assert not link.of(SERVER, PeerMoved)
    assert not link.server.send(link.now, ELSEWHERE, b"x")


def test_two_records_of_one_datagram_are_one_witness() -> None:
    link, client = connected()
    for text in (b"1", b"2"):
        client.send(link.now, SERVER, text)
    both = b"".join(data for _, data in client.datagrams_to_send())
    link.server.handle_datagram(link.now, ELSEWHERE, both)
    link.run(1)
    assert link.data(SERVER) == [b"1", b"2"]
    assert not link.of(SERVER, PeerMoved)


def test_a_session_that_shares_its_address_speaks_for_itself_alone() -> None:
    """Another identity has made a session at the address of one with a Connection ID, which lives on."""
    link, first = connected()
    second = a_client(seed=3, identity=b"200")
    link.server._key_of = {IDENTITY: KEY, b"200": KEY}.get
    link.add(CLIENT, second)
    second.handshake(link.now)
    link.run(1)
    first.send(link.now, SERVER, b"of the first")
    ((_, record),) = first.datagrams_to_send()
    link.server.handle_datagram(link.now, CLIENT, record)
    (received,) = [event for event in link.server.events() if isinstance(event, ApplicationDataReceived)]
    assert (received.identity, received.data) == (IDENTITY, b"of the first")


def test_without_a_connection_id_a_new_address_has_no_session() -> None:
    link, client = connected(Settings(connection_id=False))
    link.move(CLIENT, ELSEWHERE)
    client.send(link.now, SERVER, b"from elsewhere")
    link.run(1)
    assert link.data(SERVER) == []
    assert link.of(SERVER, DatagramDropped) == [DatagramDropped(ELSEWHERE, DtlsRefusal.NO_SESSION)]


@pytest.mark.conformance("RFC9146-6", role="server")
def test_an_old_or_replayed_record_moves_nobody() -> None:
    """RFC 9146 6: only the newest record says where a peer is."""
    link, client = connected()
    client.send(link.now, SERVER, b"1")
    client.send(link.now, SERVER, b"2")
    (_, first), (_, second) = client.datagrams_to_send()
    link.server.handle_datagram(link.now, CLIENT, second)
    link.server.handle_datagram(link.now, ELSEWHERE, second)
    link.server.handle_datagram(link.now, ELSEWHERE, first)
    link.run(1)
    assert link.data(SERVER) == [b"2", b"1"]
    assert not link.of(SERVER, PeerMoved)
    assert link.server.send(link.now, CLIENT, b"x")


def test_two_peers_that_swap_their_addresses_are_both_found_again() -> None:
    """A NAT that was restarted gives A the port that B had."""
    link = a_crowded_server(ServerSettings())
    first, second = crowd(link, 2)
    a, b = link.engines[first], link.engines[second]
    link.add(first, b)
    link.add(second, a)
    for _ in range(2):
        a.send(link.now, SERVER, b"I am a")
        link.run(1)
        b.send(link.now, SERVER, b"I am b")
        link.run(1)
    assert link.data(SERVER) == [b"I am a", b"I am b"] * 2
    assert (link.server.identity_of(second), link.server.identity_of(first)) == (b"0", b"1")
    assert link.server.session_count == 2
    assert not link.of(SERVER, SessionClosed)


def test_a_peer_without_a_connection_id_loses_its_address_to_one_with() -> None:
    link = a_crowded_server(ServerSettings())
    plain = a_client(Settings(connection_id=False), identity=b"7")
    link.add(ELSEWHERE, plain)
    plain.handshake(link.now)
    link.run(1)
    (address,) = crowd(link, 1)
    link.move(address, ELSEWHERE)
    for _ in range(2):
        link.engines[ELSEWHERE].send(link.now, SERVER, b"mine now")
        link.run(1)
    assert link.of(SERVER, SessionClosed) == [SessionClosed(ELSEWHERE, DtlsRefusal.ADDRESS_TAKEN)]
    assert link.server.identity_of(ELSEWHERE) == b"0"


def test_another_identity_at_a_known_address_leaves_the_first_reachable_by_its_connection_id() -> None:
    link = a_crowded_server(ServerSettings())
    (address,) = crowd(link, 1)
    first = link.engines[address]
    second = a_client(seed=3, identity=b"200")
    link.add(address, second)
    second.handshake(link.now)
    link.run(1)
    assert link.of(SERVER, HandshakeCompleted)[-1].replaced is False
    link.add(ELSEWHERE, first)
    first.send(link.now, SERVER, b"I moved")
    link.run(1)
    assert link.data(SERVER) == [b"I moved"]
    assert link.server.session_count == 2


def test_an_unknown_connection_id_is_dropped() -> None:
    link, client = connected()
    link.add(SERVER, a_server(seed=44))
    client.send(link.now, SERVER, b"x")
    link.run(1)
    assert link.of(SERVER, DatagramDropped)[-1] == DatagramDropped(CLIENT, DtlsRefusal.NO_SESSION)


def test_short_connection_ids_are_never_given_twice() -> None:
    link = a_crowded_server(ServerSettings(cid_length=1))
    crowd(link, 80)
    given = [event.connection_id for event in link.of(SERVER, HandshakeCompleted)]
    assert len(set(given)) == len(given) == 80


def test_when_there_are_too_many_sessions_the_longest_silent_makes_room() -> None:
    link = a_crowded_server(ServerSettings(max_sessions=5))
    addresses = crowd(link, 5)
    link.engines[addresses[0]].send(link.now, SERVER, b"not silent")
    link.run(0.5)
    newcomer = a_client(seed=7, identity=b"250")
    link.add(CLIENT, newcomer)
    newcomer.handshake(link.now)
    link.run(1)
    assert link.of(SERVER, SessionClosed) == [SessionClosed(addresses[1], DtlsRefusal.TOO_MANY_SESSIONS)]
    assert link.of(addresses[1], SessionClosed) == [SessionClosed(SERVER, DtlsRefusal.CLOSE_NOTIFY)]
    assert link.server.session_count == 5


def test_a_silent_session_is_closed_after_the_idle_time() -> None:
    link, client = connected(None, ServerSettings(idle=600))
    received_at = link.server._by_address[CLIENT].received_at
    assert link.server.next_deadline() == Deadline(received_at + 600, DtlsReason.PEER_SILENT, "10.0.0.2:40000")
    link.run(500)
    client.send(link.now, SERVER, b"x")
    link.run(550)
    assert link.server.session_count == 1
    link.run(60)
    assert link.of(SERVER, SessionClosed) == [SessionClosed(CLIENT, DtlsRefusal.IDLE)]
    assert link.server.next_deadline() is None
    assert client.status is Status.IDLE


def test_what_can_be_resumed_is_bounded() -> None:
    link = a_crowded_server(ServerSettings(max_resumable=3))
    addresses = crowd(link, 5)
    assert len(link.server._resumable) == 3
    for address in (addresses[0], addresses[4]):
        link.engines[address].handshake(link.now)
        link.run(1)
    assert [event.resumed for event in link.of(SERVER, HandshakeCompleted)[-2:]] == [False, True]


def test_a_server_may_resume_nothing() -> None:
    link, client = connected(None, ServerSettings(max_resumable=0))
    assert client.resumable is None
    client.handshake(link.now)
    link.run(1)
    assert link.of(SERVER, HandshakeCompleted)[-1].resumed is False


@pytest.mark.parametrize("cid_length", [0, 6])
def test_an_established_session_takes_less_than_4_kib(cid_length: int) -> None:
    number, indexes = 100, count(1)
    link = a_crowded_server(ServerSettings(cid_length=cid_length))
    crowd(link, 1)

    def establish() -> None:
        for index in islice(indexes, number):
            client = a_client(seed=index, identity=b"%d" % index)
            address = ("10.0.3.1", 2000 + index)
            link.add(address, client)
            client.send(link.now, SERVER, b"x")
            link.run(0.5)
            del link.engines[address], link.events[address]
            link.sent.clear()
            link.events[SERVER].clear()
        link.run(130)

    assert kept_by(establish) / number < 4096
    assert link.server.session_count == 2 * number + 1


@pytest.mark.conformance("RFC5246-E.1", role="server")
@pytest.mark.parametrize("version", ["fe00", "fe7f", "feff", "fefd"])
def test_a_client_hello_may_have_any_record_version_of_dtls(version: str) -> None:
    """RFC 5246 E.1: the version is the one inside; a server must take any of the same major number outside."""
    link = Link()

    def ask(datagram: bytes) -> bytes:
        link.server.handle_datagram(link.now, CLIENT, datagram[:1] + bytes.fromhex(version) + datagram[3:])
        return b"".join(data for _, data in link.server.datagrams_to_send())

    verify = ask(hello_datagram(1))
    assert ask(hello_datagram(1, cookie_in(verify), 1))[13:14] == bytes((HandshakeType.SERVER_HELLO,))
    assert link.server.handshake_count == 1


@pytest.mark.parametrize(
    ("change", "version"),
    [
        (lambda data: data[:1] + b"\x03\x03" + data[3:], 0x0303),  # TLS
        (lambda data: data[:1] + b"\xfe\x00\x00\x01" + data[5:], 0xFE00),  # of epoch 1
        (lambda data: data[:1] + b"\xfe\x00" + data[3:13] + b"\x10" + data[14:], 0xFE00),  # no ClientHello
        (lambda data: b"\x15\xfe\x00" + data[3:], 0xFE00),  # an alert
    ],
)
def test_any_other_record_needs_the_version_that_is_spoken(change: Callable[[bytes], bytes], version: int) -> None:
    link = Link()
    link.server.handle_datagram(link.now, CLIENT, change(hello_datagram(1)))
    assert link.server.events() == [DatagramDropped(CLIENT, DtlsRefusal.RECORD_VERSION, version)]
    assert link.server.datagrams_to_send() == []
