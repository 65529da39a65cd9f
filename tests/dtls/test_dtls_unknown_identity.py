"""D150: from outside an identity that nobody has looks like one whose key is another (RFC 4279 2)."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random

import pytest
from dtls_link import (
    CLIENT,
    IDENTITY,
    KEY,
    LATENCY,
    SERVER,
    Fate,
    Link,
    a_client,
    a_server,
    noisy,
    reliable,
)

from nbtwin.dtls import (
    AlertReceived,
    AlertSent,
    CipherSuite,
    HandshakeCompleted,
    HandshakeFailed,
    MessageReceived,
    Resumable,
    ServerSettings,
    Settings,
    Status,
)
from nbtwin.dtls.numbers import AlertDescription
from nbtwin.dtls.reasons import DtlsRefusal
from nbtwin.dtls.record import records
from nbtwin.engine import Address

CCM, CBC = CipherSuite.TLS_PSK_WITH_AES_128_CCM_8, CipherSuite.TLS_PSK_WITH_AES_128_CBC_SHA256
STRANGER = b"863703030822510"
OTHER_KEY = b"another key 16 b"
KNOWN: Mapping[bytes, bytes] = {IDENTITY: KEY, STRANGER: KEY}
UNKNOWN: Mapping[bytes, bytes] = {IDENTITY: KEY}

Sent = list[tuple[float, Address, bytes]]


def sent_by_the_server(link: Link) -> Sent:
    return [(at, to, data) for at, source, to, data in link.sent if source == SERVER]


def a_handshake(
    keys: Mapping[bytes, bytes],
    settings: Settings | None = None,
    server: ServerSettings | None = None,
    fate: Fate = reliable,
    *,
    resumable: Resumable | None = None,
    span: float = 300,
) -> Link:
    """Somebody says to be the stranger, with a key that is not the one of `keys`."""
    link = Link(a_server(server, keys=dict(keys)), fate)
    link.add(CLIENT, client := a_client(settings, identity=STRANGER, key=OTHER_KEY, resumable=resumable))
    client.handshake(link.now)
    link.run(span)
    return link


def is_protected(data: bytes) -> bool:
    return any(record.epoch for record in records(data, ServerSettings().cid_length))


def silent_after_the_keys(n: int, source: Address, destination: Address, data: bytes) -> tuple[float, ...]:
    """ClientKeyExchange arrives, Finished never."""
    return () if source != SERVER and is_protected(data) else (LATENCY,)


def gone_after_the_keys() -> Fate:
    """The client's ClientKeyExchange arrives once, and nothing of it any more."""
    seen: list[bytes] = []

    def fate(n: int, source: Address, destination: Address, data: bytes) -> tuple[float, ...]:
        if source == CLIENT and seen:
            return ()
        if source == CLIENT and data[13] == 16:
            seen.append(data)
        return (LATENCY,)

    return fate


FORGOTTEN = {
    suite: Resumable(bytes(range(32)), bytes(48), suite, True, STRANGER, OTHER_KEY, 0.0) for suite in CipherSuite
}


@pytest.mark.parametrize("offers", [False, True], ids=["full", "offers a session"])
@pytest.mark.parametrize("modern", [True, False], ids=["modern", "plain"])
@pytest.mark.parametrize("suite", list(CipherSuite))
def test_the_server_sends_the_same_bytes_at_the_same_times(suite: CipherSuite, modern: bool, offers: bool) -> None:
    """Lengths, types, counts, repetitions and alerts: everything but the fact at home."""
    settings = Settings(
        cipher_suites=(suite,), extended_master_secret=modern, encrypt_then_mac=modern, connection_id=modern
    )
    resumable = FORGOTTEN[suite] if offers else None
    wrong, unknown = (a_handshake(keys, settings, resumable=resumable) for keys in (KNOWN, UNKNOWN))
    assert sent_by_the_server(unknown) == sent_by_the_server(wrong)
    assert len(sent_by_the_server(unknown)) > 2
    for link in (wrong, unknown):
        (alert,) = link.of(CLIENT, AlertReceived)
        assert alert.description == AlertDescription.BAD_RECORD_MAC
        assert link.engines[CLIENT].status is Status.FAILED
        assert link.server.handshake_count == link.server.session_count == 0
    assert [event.refusal for event in wrong.of(SERVER, HandshakeFailed)] == [DtlsRefusal.FINISHED_UNREADABLE]
    assert unknown.of(SERVER, HandshakeFailed) == [
        HandshakeFailed(CLIENT, DtlsRefusal.IDENTITY_UNKNOWN, subject=STRANGER.decode())
    ]


@pytest.mark.parametrize("suite", list(CipherSuite))
def test_so_it_does_on_any_network(suite: CipherSuite) -> None:
    settings = Settings(cipher_suites=(suite,), mtu=64)
    for seed in range(25):
        wrong, unknown = (a_handshake(keys, settings, fate=noisy(Random(seed), 0.2)) for keys in (KNOWN, UNKNOWN))
        assert sent_by_the_server(unknown) == sent_by_the_server(wrong), seed
        assert unknown.server.handshake_count == wrong.server.handshake_count == 0


@pytest.mark.parametrize("suite", list(CipherSuite))
def test_a_removed_and_a_changed_key_end_the_resumption_of_a_session_alike(suite: CipherSuite) -> None:
    links: list[Link] = []
    for key in (OTHER_KEY, None):
        keys = {b"somebody": KEY, IDENTITY: KEY}
        link = Link(a_server(keys=keys))
        link.server._key_of = keys.get
        link.add(CLIENT, client := a_client(Settings(cipher_suites=(suite,))))
        client.handshake(link.now)
        link.run(1)
        assert client.resumable is not None
        keys.pop(IDENTITY)
        if key is not None:
            keys[IDENTITY] = key
        client.handshake(link.now)
        link.run(300)
        assert len(link.of(SERVER, HandshakeCompleted)) == len(link.of(CLIENT, HandshakeFailed)) == 1
        links.append(link)
    wrong, unknown = links
    assert sent_by_the_server(unknown) == sent_by_the_server(wrong)
    (failed,) = unknown.of(SERVER, HandshakeFailed)
    assert failed.refusal is DtlsRefusal.IDENTITY_UNKNOWN


@pytest.mark.parametrize("gone", [False, True], ids=["repeats", "gone"])
def test_half_open_handshakes_are_repeated_to_and_expire_alike(gone: bool) -> None:
    settings = Settings(mtu=64, waits=(1, 2, 4, 8, 16, 32, 60, 60))
    spans = [0.2, 1, 5, 30, 60, 100, 150, 200]
    seen = []
    for keys in (KNOWN, UNKNOWN):
        counts = []
        for span in spans:
            link = a_handshake(keys, settings, fate=gone_after_the_keys() if gone else silent_after_the_keys, span=span)
            counts.append(link.server.handshake_count)
        seen.append((counts, sent_by_the_server(link), link.server.next_deadline()))
        assert link.of(SERVER, HandshakeFailed)[0].refusal in (DtlsRefusal.NO_ANSWER, DtlsRefusal.IDENTITY_UNKNOWN)
        assert len(link.of(SERVER, HandshakeFailed)) == 1
    assert seen[0] == seen[1]
    assert (seen[0][0][2], seen[0][0][-1]) == (1, 0)


def test_half_open_handshakes_are_bounded_alike() -> None:
    """Each has come as far as its ClientKeyExchange; the oldest makes room, and is told once."""
    seen = []
    for keys in (KNOWN, UNKNOWN):
        link = Link(a_server(ServerSettings(max_handshakes=5), keys=dict(keys)), silent_after_the_keys)
        addresses = [("10.0.4.1", 3000 + number) for number in range(12)]
        for number, address in enumerate(addresses):
            link.add(address, client := a_client(Settings(mtu=64), seed=50 + number, identity=STRANGER, key=OTHER_KEY))
            client.handshake(link.now)
            link.run(0.3)
            del link.engines[address]
        seen.append((link.server.handshake_count, sent_by_the_server(link)))
        failed = [event.peer for event in link.of(SERVER, HandshakeFailed)]
        assert len(failed) == len(set(failed))
        assert set(failed) == set(addresses[:7] if keys is KNOWN else addresses)
    assert seen[0] == seen[1]
    assert seen[0][0] == 5


def test_alerts_of_many_are_bounded_alike() -> None:
    seen = []
    for keys in (KNOWN, UNKNOWN):
        link = Link(a_server(ServerSettings(alerts_per_second=3), keys=dict(keys)))
        for number in range(10):
            link.add(
                ("10.0.4.1", 3000 + number), client := a_client(seed=50 + number, identity=STRANGER, key=OTHER_KEY)
            )
            client.handshake(link.now)
        link.run(300)
        seen.append((link.of(SERVER, AlertSent), sent_by_the_server(link)))
    assert seen[0] == seen[1]
    assert len(seen[0][0]) == 3


@pytest.mark.parametrize("key", [b"", b"k" * 65], ids=len)
def test_a_stored_key_that_cannot_be_used_looks_like_a_wrong_one(key: bytes) -> None:
    wrong, unusable = (a_handshake(keys) for keys in (KNOWN, {IDENTITY: KEY, STRANGER: key}))
    assert sent_by_the_server(unusable) == sent_by_the_server(wrong)
    assert unusable.of(SERVER, HandshakeFailed) == [HandshakeFailed(CLIENT, DtlsRefusal.KEY_LENGTH, len(key), 64)]


def test_at_home_the_identity_is_told_at_once_and_once() -> None:
    link = a_handshake(UNKNOWN, Settings(mtu=64), fate=silent_after_the_keys, span=0.3)
    assert [event for event in link.events[SERVER] if isinstance(event, MessageReceived | HandshakeFailed)] == [
        MessageReceived(CLIENT, "ClientKeyExchange"),
        told := HandshakeFailed(CLIENT, DtlsRefusal.IDENTITY_UNKNOWN, subject=STRANGER.decode()),
    ]
    assert link.server.handshake_count == 1
    link.add(CLIENT, a_client(seed=9))  # begins anew, and has the right key
    link.fate = reliable
    link.engines[CLIENT].handshake(link.now)
    link.run(300)
    assert link.of(SERVER, HandshakeFailed) == [told]
    assert link.of(SERVER, HandshakeCompleted)


def test_whoever_guesses_the_key_of_nobody_has_no_session() -> None:
    link = Link(a_server(keys=dict(UNKNOWN)))
    guessed = link.server._stand_in(STRANGER)
    assert guessed != link.server._stand_in(STRANGER[1:])
    assert guessed != a_server(seed=5)._stand_in(STRANGER), "every server has its own"
    link.add(CLIENT, client := a_client(identity=STRANGER, key=guessed))
    client.handshake(link.now)
    link.run(300)
    assert client.status is Status.FAILED
    assert not link.of(SERVER, HandshakeCompleted)
    assert [event.refusal for event in link.of(SERVER, HandshakeFailed)] == [DtlsRefusal.IDENTITY_UNKNOWN]
