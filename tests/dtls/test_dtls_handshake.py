"""Handshakes between our two ends: what is agreed on, what is resumed, what is refused, and when flights leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from dtls_link import CLIENT, IDENTITY, KEY, LATENCY, SERVER, Link, a_client, a_server, connected, losing

from nbtwin.dtls import (
    AlertReceived,
    CipherSuite,
    DatagramDropped,
    DtlsClient,
    FlightSent,
    HandshakeCompleted,
    HandshakeFailed,
    KeyLogged,
    ServerSettings,
    SessionClosed,
    Settings,
    Status,
)
from nbtwin.dtls.messages import ClientHello
from nbtwin.dtls.numbers import AlertDescription
from nbtwin.dtls.reasons import DtlsReason, DtlsRefusal
from nbtwin.engine import Deadline

CCM = CipherSuite.TLS_PSK_WITH_AES_128_CCM_8
CBC = CipherSuite.TLS_PSK_WITH_AES_128_CBC_SHA256
GCM = CipherSuite.TLS_PSK_WITH_AES_128_GCM_SHA256
SUITES = pytest.mark.parametrize("suite", list(CipherSuite))


def flights(link: Link, who: tuple[str, int]) -> list[tuple[int, tuple[str, ...], int]]:
    return [(event.flight, event.messages, event.sending) for event in link.of(who, FlightSent)]


@pytest.mark.conformance(
    "TD_COAP_DTLS_01", "RFC5487-CBC", "RFC5487-GCM", "RFC6655-CCM", "RFC6655-CCM8", "RFC7366", "RFC7627", "RFC9146",
    role="both",
)  # fmt: skip
@SUITES
@pytest.mark.parametrize("mtu", [64, 80, 128, 200, 1200])
@pytest.mark.parametrize(("client_cid", "server_cid"), [(0, 0), (0, 6), (4, 0), (32, 32)])
def test_both_ends_talk_whatever_is_agreed_on(suite: CipherSuite, mtu: int, client_cid: int, server_cid: int) -> None:
    settings = Settings(cipher_suites=(suite,), mtu=mtu, cid_length=client_cid)
    link, client = connected(settings, ServerSettings(mtu=mtu, cid_length=server_cid))
    for event in (*link.of(CLIENT, HandshakeCompleted), *link.of(SERVER, HandshakeCompleted)):
        assert (event.cipher_suite, event.identity, event.resumed, event.replaced) == (suite, IDENTITY, False, False)
        assert event.extended_master_secret
        assert event.encrypt_then_mac == (suite == CBC)
    assert len(link.of(CLIENT, HandshakeCompleted)[0].connection_id) == client_cid
    assert len(link.of(SERVER, HandshakeCompleted)[0].connection_id) == server_cid
    client.send(link.now, SERVER, b"up")
    link.server.send(link.now, CLIENT, b"down")
    link.run(1)
    assert (link.data(SERVER), link.data(CLIENT)) == ([b"up"], [b"down"])
    assert not link.of(CLIENT, DatagramDropped)
    assert not link.of(SERVER, DatagramDropped)


@pytest.mark.conformance("RFC6347-4.2.3", role="both")
@SUITES
@pytest.mark.parametrize("mtu", [128, 200, 1200])
def test_no_datagram_of_a_handshake_is_longer_than_the_mtu(suite: CipherSuite, mtu: int) -> None:
    link, _ = connected(Settings(cipher_suites=(suite,), mtu=mtu, cid_length=8), ServerSettings(mtu=mtu, cid_length=8))
    assert max(len(data) for _, _, _, data in link.sent) <= mtu


@pytest.mark.conformance("RFC6347-4.2.1", role="client")
def test_a_full_handshake_is_the_six_flights_of_rfc_6347() -> None:
    link, _ = connected()
    assert flights(link, CLIENT) == [
        (1, ("ClientHello",), 1),
        (3, ("ClientHello",), 1),
        (5, ("ClientKeyExchange", "ChangeCipherSpec", "Finished"), 1),
    ]
    assert flights(link, SERVER) == [
        (4, ("ServerHello", "ServerHelloDone"), 1),
        (6, ("ChangeCipherSpec", "Finished"), 1),
    ]
    assert len(link.sent) == 6


def test_a_hint_is_sent_where_one_is_set_and_read_over() -> None:
    link, _ = connected(None, ServerSettings(identity_hint=b"nbtwin"))
    assert flights(link, SERVER)[0] == (4, ("ServerHello", "ServerKeyExchange", "ServerHelloDone"), 1)


@pytest.mark.conformance("RFC5246-7.3", role="both")
@SUITES
def test_a_second_handshake_is_short_and_has_the_same_identity(suite: CipherSuite) -> None:
    link, client = connected(Settings(cipher_suites=(suite,)))
    before = len(link.sent)
    client.handshake(link.now)
    link.run(1)
    first, second = link.of(SERVER, HandshakeCompleted)
    assert (first.resumed, second.resumed, second.replaced, second.identity) == (False, True, True, IDENTITY)
    assert flights(link, SERVER)[-1] == (4, ("ServerHello", "ChangeCipherSpec", "Finished"), 1)
    assert len(link.sent) - before == 5
    client.send(link.now, SERVER, b"again")
    link.run(1)
    assert link.data(SERVER) == [b"again"]


def test_a_resumable_session_outlives_its_client() -> None:
    """A module that kept it over a reboot needs no full handshake."""
    link, client = connected()
    reborn = a_client(seed=9, resumable=client.resumable)
    link.add(CLIENT, reborn)
    reborn.handshake(link.now)
    link.run(1)
    assert [event.resumed for event in link.of(SERVER, HandshakeCompleted)] == [False, True]


def resumed_after(change: Callable[[Link, DtlsClient], None]) -> bool:
    link, client = connected()
    change(link, client)
    client.handshake(link.now)
    link.run(5)
    return bool(link.of(SERVER, HandshakeCompleted)[-1].resumed)


def forget_the_key(link: Link, client: DtlsClient) -> None:
    link.server._key_of = {IDENTITY: b"another key ....", b"x": KEY}.get
    client._secret = (b"x", KEY)


def test_a_session_is_not_resumed_once_its_key_has_changed() -> None:
    assert not resumed_after(forget_the_key)


def test_a_session_is_not_resumed_after_a_day() -> None:
    """RFC 5246 F.1.4."""
    assert not resumed_after(lambda link, client: link.run(86401))
    assert resumed_after(lambda link, client: link.run(86000))


def test_a_session_is_not_resumed_when_the_client_does_not_ask() -> None:
    link, client = connected()
    client.handshake(link.now, resume=False)
    link.run(1)
    assert [event.resumed for event in link.of(SERVER, HandshakeCompleted)] == [False, False]


def test_a_session_is_not_resumed_on_another_suite() -> None:
    def other_suite(link: Link, client: DtlsClient) -> None:
        client._settings = Settings(cipher_suites=(CBC,))

    assert not resumed_after(other_suite)


def test_a_server_that_forgot_the_session_makes_a_full_handshake() -> None:
    link, client = connected()
    link.add(SERVER, a_server(seed=5))
    client.handshake(link.now)
    link.run(1)
    assert link.of(SERVER, HandshakeCompleted)[-1].resumed is False
    assert client.status is Status.ESTABLISHED


def test_resumption_without_the_extended_master_secret_is_refused() -> None:
    """RFC 7627 5.3."""
    link, client = connected()
    client._settings = Settings(extended_master_secret=False)
    client.handshake(link.now)
    link.run(1)
    assert link.of(SERVER, HandshakeFailed)[-1].refusal is DtlsRefusal.RESUMED_WITHOUT_EXTENDED_MASTER_SECRET
    assert link.of(CLIENT, AlertReceived)[-1].description == AlertDescription.HANDSHAKE_FAILURE


@pytest.mark.parametrize(
    ("offered", "taken"),
    [
        (tuple(reversed(CipherSuite)), CCM),  # whatever the client prefers
        ((CBC, CipherSuite.TLS_PSK_WITH_AES_256_GCM_SHA384), CipherSuite.TLS_PSK_WITH_AES_256_GCM_SHA384),
        ((CipherSuite.TLS_PSK_WITH_AES_256_CCM, GCM), GCM),
    ],
)
def test_the_server_takes_the_first_of_its_own_suites(offered: tuple[CipherSuite, ...], taken: CipherSuite) -> None:
    """D166."""
    link, _ = connected(Settings(cipher_suites=offered))
    assert link.of(SERVER, HandshakeCompleted)[0].cipher_suite == taken


def test_the_order_of_a_server_s_suites_is_a_setting() -> None:
    link, _ = connected(Settings(cipher_suites=(CCM, CBC)), ServerSettings(cipher_suites=(CBC, CCM)))
    assert link.of(SERVER, HandshakeCompleted)[0].cipher_suite == CBC


def test_a_module_offers_the_two_suites_of_its_documents() -> None:
    """docs/spec/wire.md, Andlink security: whatever else a server takes, its ClientHello stays as it is."""
    client = a_client()
    client.handshake(0)
    ((_, hello),) = client.datagrams_to_send()
    assert ClientHello.decode(hello[25:]).cipher_suites == (0xC0A8, 0x00AE, 0x00FF)


def test_sessions_without_the_extended_master_secret_cannot_be_resumed() -> None:
    link, client = connected(Settings(extended_master_secret=False))
    assert not link.of(CLIENT, HandshakeCompleted)[0].extended_master_secret
    assert client.resumable is None
    client.handshake(link.now)
    link.run(1)
    assert link.of(SERVER, HandshakeCompleted)[-1].resumed is False


@pytest.mark.parametrize(
    ("client", "server", "refusal", "alert"),
    [
        (
            Settings(extended_master_secret=False),
            ServerSettings(require_extended_master_secret=True),
            DtlsRefusal.NO_EXTENDED_MASTER_SECRET,
            40,
        ),
        (
            Settings(encrypt_then_mac=False, cipher_suites=(CBC,)),
            ServerSettings(require_encrypt_then_mac=True),
            DtlsRefusal.NO_ENCRYPT_THEN_MAC,
            40,
        ),
    ],
)
def test_what_cannot_be_agreed_on_ends_with_an_alert_and_a_reason(
    client: Settings, server: ServerSettings, refusal: DtlsRefusal, alert: int
) -> None:
    link, engine = Link(a_server(server)), a_client(client)
    link.add(CLIENT, engine)
    engine.handshake(link.now)
    link.run(1)
    assert link.of(SERVER, HandshakeFailed) == [HandshakeFailed(CLIENT, refusal)]
    assert link.of(CLIENT, AlertReceived)[0].description == alert
    assert link.of(CLIENT, HandshakeFailed) == [
        HandshakeFailed(SERVER, DtlsRefusal.ALERT_RECEIVED, alert, subject="fatal handshake_failure")
    ]
    assert engine.status is Status.FAILED
    assert link.server.handshake_count == 0


@pytest.mark.parametrize(
    ("client", "server"),
    [
        (Settings(require_extended_master_secret=True), ServerSettings(extended_master_secret=False)),
        (Settings(require_encrypt_then_mac=True, cipher_suites=(CBC,)), ServerSettings(encrypt_then_mac=False)),
    ],
)
def test_a_client_refuses_what_it_requires_and_does_not_get(client: Settings, server: ServerSettings) -> None:
    link, engine = Link(a_server(server)), a_client(client)
    link.add(CLIENT, engine)
    engine.handshake(link.now)
    link.run(1)
    assert engine.status is Status.FAILED
    assert link.of(SERVER, HandshakeFailed) == [
        HandshakeFailed(CLIENT, DtlsRefusal.ALERT_RECEIVED, 40, subject="fatal handshake_failure")
    ]


def test_without_encrypt_then_mac_the_older_order_is_used() -> None:
    link, client = connected(Settings(encrypt_then_mac=False, cipher_suites=(CBC,)))
    assert not link.of(SERVER, HandshakeCompleted)[0].encrypt_then_mac
    client.send(link.now, SERVER, b"old order")
    link.run(1)
    assert link.data(SERVER) == [b"old order"]


def test_an_identity_nobody_has_is_told_at_home_and_not_outside() -> None:
    """RFC 4279 2, D150: the peer hears of a wrong key."""
    link, client = Link(), a_client(identity=b"stranger")
    link.add(CLIENT, client)
    client.handshake(link.now)
    link.run(10)
    assert link.of(SERVER, HandshakeFailed) == [
        HandshakeFailed(CLIENT, DtlsRefusal.IDENTITY_UNKNOWN, subject="stranger")
    ]
    assert link.of(CLIENT, AlertReceived)[0].description == AlertDescription.BAD_RECORD_MAC


@pytest.mark.conformance("TD_COAP_DTLS_02", role="both")
def test_a_wrong_key_is_told_after_three_finished_that_cannot_be_read() -> None:
    link, client = Link(), a_client(key=b"wrong")
    link.add(CLIENT, client)
    client.handshake(link.now)
    link.run(10)
    assert link.of(SERVER, HandshakeFailed)[0].refusal is DtlsRefusal.FINISHED_UNREADABLE
    assert link.of(CLIENT, AlertReceived)[0].description == AlertDescription.BAD_RECORD_MAC
    assert client.status is Status.FAILED


def test_what_is_sent_before_the_handshake_waits_for_it_in_order() -> None:
    link, client = Link(), a_client()
    link.add(CLIENT, client)
    assert client.status is Status.IDLE
    sent = [bytes((number,)) for number in range(16)]
    assert [client.send(link.now, SERVER, each) for each in sent] == [True] * 16
    assert client.send(link.now, SERVER, b"too much") is False
    assert client.status is Status.HANDSHAKING
    link.run(2)
    assert link.data(SERVER) == sent


def test_after_thirty_seconds_of_silence_a_new_handshake_comes_first() -> None:
    """NAT mode 0 of AT+QLASECSWT (DOC-E)."""
    link, client = Link(), a_client(silence=30)
    link.add(CLIENT, client)
    client.send(link.now, SERVER, b"1")
    link.run(29)
    client.send(link.now, SERVER, b"2")
    link.run(20)
    assert len(link.of(SERVER, HandshakeCompleted)) == 1
    link.run(11)
    client.send(link.now, SERVER, b"3")
    link.run(1)
    assert len(link.of(SERVER, HandshakeCompleted)) == 2
    assert link.data(SERVER) == [b"1", b"2", b"3"]


def test_flights_are_repeated_after_1_2_4_8_16_32_and_60_seconds_and_then_given_up() -> None:
    """RFC 6347 4.2.4.1."""
    link, client = Link(), a_client()
    link.add(CLIENT, client)
    del link.engines[SERVER]
    client.handshake(100)
    link.drain()
    assert client.next_deadline() == Deadline(101, DtlsReason.FLIGHT_UNANSWERED, number=1, count=1)
    link.run(500)
    assert [at - 100 for at, *_ in link.sent] == [0, 1, 3, 7, 15, 31, 63]
    assert link.of(CLIENT, HandshakeFailed) == [HandshakeFailed(SERVER, DtlsRefusal.NO_ANSWER, 1)]
    assert client.next_deadline() is None
    assert client.status is Status.FAILED


def test_the_waits_are_handed_in() -> None:
    link, client = Link(), a_client(Settings(waits=(5, 7)))
    link.add(CLIENT, client)
    del link.engines[SERVER]
    client.handshake(100)
    link.run(11.9)
    assert [at for at, *_ in link.sent] == [100, 105]
    assert not link.of(CLIENT, HandshakeFailed)
    link.run(0.2)
    assert link.of(CLIENT, HandshakeFailed)


def test_a_timer_that_comes_early_does_nothing() -> None:
    client, server = a_client(), a_server()
    client.handshake(0)
    client.datagrams_to_send()
    client.handle_timer(0.5)
    server.handle_timer(0.5)
    assert client.datagrams_to_send() == []


def test_the_server_gives_a_silent_client_up_and_says_which_flight_it_lost() -> None:
    link, client = Link(fate=losing(*range(3, 1000))), a_client()
    link.add(CLIENT, client)
    client.handshake(link.now)
    link.run(1)
    assert link.server.handshake_count == 1
    deadline = link.server.next_deadline()
    assert deadline is not None
    assert (deadline.reason, deadline.number, deadline.count) == (DtlsReason.FLIGHT_UNANSWERED, 4, 1)
    assert deadline.at == pytest.approx(100 + 3 * LATENCY + 1)
    link.run(300)
    assert link.of(SERVER, HandshakeFailed) == [HandshakeFailed(CLIENT, DtlsRefusal.NO_ANSWER, 4)]
    assert link.server.handshake_count == 0
    assert link.server.next_deadline() is None


@pytest.mark.conformance("RFC5246-7.2.1", role="both")
def test_close_notify_is_answered_and_both_ends_know() -> None:
    link, client = connected()
    client.close(link.now)
    link.run(1)
    assert link.of(CLIENT, SessionClosed) == [SessionClosed(SERVER, DtlsRefusal.CLOSED_HERE)]
    assert link.of(SERVER, SessionClosed) == [SessionClosed(CLIENT, DtlsRefusal.CLOSE_NOTIFY)]
    assert (client.status, link.server.session_count) == (Status.IDLE, 0)
    assert not link.server.send(link.now, CLIENT, b"too late")
    client.send(link.now, SERVER, b"anew")
    link.run(1)
    assert link.data(SERVER) == [b"anew"]
    assert link.of(SERVER, HandshakeCompleted)[-1].resumed  # RFC 5246 7.2.1 allows it


def test_the_server_closes_a_session() -> None:
    link, client = connected()
    link.server.close(link.now, CLIENT)
    link.server.close(link.now, CLIENT)
    link.run(1)
    assert link.of(CLIENT, SessionClosed) == [SessionClosed(SERVER, DtlsRefusal.CLOSE_NOTIFY)]
    assert link.of(SERVER, SessionClosed) == [SessionClosed(CLIENT, DtlsRefusal.CLOSED_HERE)]
    assert client.status is Status.IDLE


def test_reset_says_nothing_to_anybody_and_the_next_send_starts_anew() -> None:
    """AT+QLARESETDTLS (DOC-E): back to the initial state."""
    link, client = connected()
    sent = len(link.sent)
    client.reset()
    link.run(1)
    assert client.status is Status.IDLE
    assert len(link.sent) == sent
    client.send(link.now, SERVER, b"x")
    client.reset()
    client.send(link.now, SERVER, b"y")
    link.run(1)
    assert link.data(SERVER) == [b"y"]


def test_a_fatal_alert_ends_the_session_and_its_resumption() -> None:
    """RFC 5246 7.2.2."""
    link, client = connected()
    session = client._session
    assert session is not None
    link.carry(CLIENT, SERVER, session.protect(21, b"\x02\x50"))
    link.run(1)
    assert link.of(SERVER, SessionClosed) == [
        SessionClosed(CLIENT, DtlsRefusal.ALERT_RECEIVED, 80, "fatal internal_error")
    ]
    client.handshake(link.now)
    link.run(1)
    assert link.of(SERVER, HandshakeCompleted)[-1].resumed is False


def test_the_key_log_is_told_only_where_it_is_asked_for() -> None:
    link, client = connected(Settings(key_log=True))
    assert not link.of(SERVER, KeyLogged)
    (logged,) = link.of(CLIENT, KeyLogged)
    label, client_random, master = logged.line.split()
    assert (label, len(client_random), len(master)) == ("CLIENT_RANDOM", 64, 96)
    assert client.resumable is not None
    assert client.resumable.master_secret.hex() == master


def test_the_same_seeds_give_the_same_bytes() -> None:
    def run() -> list[Any]:
        link, client = connected(Settings(cipher_suites=(CBC,)))
        client.send(link.now, SERVER, b"x")
        link.run(1)
        return link.sent

    assert run() == run()


@pytest.mark.parametrize(
    "wrong",
    [
        {"waits": ()},
        {"waits": (0,)},
        {"mtu": 63},
        {"mtu": 70000},
        {"cipher_suites": ()},
        {"cid_length": 33},
    ],
)
def test_settings_out_of_bounds_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        replace(Settings(), **wrong)


@pytest.mark.parametrize(("identity", "key"), [(b"i" * 129, KEY), (b"i", b""), (b"i", b"k" * 65)])
def test_a_client_refuses_an_identity_or_key_out_of_bounds(identity: bytes, key: bytes) -> None:
    with pytest.raises(ValueError, match="bytes"):
        DtlsClient(SERVER, identity, key, Random(1).randbytes)


@pytest.mark.parametrize("key", [b"", b"k" * 65])
def test_a_server_refuses_a_stored_key_out_of_bounds(key: bytes) -> None:
    link, client = Link(a_server(keys={IDENTITY: key})), a_client()
    link.add(CLIENT, client)
    client.handshake(link.now)
    link.run(1)
    assert link.of(SERVER, HandshakeFailed) == [HandshakeFailed(CLIENT, DtlsRefusal.KEY_LENGTH, len(key), 64)]


@pytest.mark.parametrize("size", [1, 16, 64])
def test_keys_and_identities_up_to_the_bounds_work(size: int) -> None:
    identity, key = b"i" * 2 * size, b"k" * size
    link, client = Link(a_server(keys={identity: key})), a_client(identity=identity, key=key)
    link.add(CLIENT, client)
    client.handshake(link.now)
    link.run(1)
    assert link.of(SERVER, HandshakeCompleted)[0].identity == identity
    assert link.server.identity_of(CLIENT) == identity


def test_data_that_does_not_fit_a_record_is_an_error_of_the_caller() -> None:
    link, client = connected()
    for engine, peer in ((client, SERVER), (link.server, CLIENT)):
        assert engine.send(link.now, peer, bytes(1 << 14))
        with pytest.raises(ValueError, match="16385"):
            engine.send(link.now, peer, bytes((1 << 14) + 1))
    with pytest.raises(ValueError, match="talks to"):
        client.send(link.now, CLIENT, b"x")


def test_steps_are_told_only_where_they_are_wanted() -> None:
    link, _ = connected(Settings(steps=False), ServerSettings(steps=False))
    told = {type(event).__name__ for address in (CLIENT, SERVER) for event in link.events[address]}
    assert told == {"HandshakeCompleted"}
