"""A listener with the key log reads what two of our engines say to each other; without it, it says what it cannot."""

from __future__ import annotations

from random import Random

import pytest
from dtls_link import CLIENT, IDENTITY, SERVER, Link, a_client, a_server, connected, losing
from hypothesis import given
from hypothesis import strategies as st

from nbtwin.dtls import CipherSuite, DtlsClient, KeyLogged, ServerSettings, Settings
from nbtwin.dtls.messages import HandshakeMessage
from nbtwin.dtls.numbers import ContentType, HandshakeType
from nbtwin.dtls.record import PlainEpoch
from nbtwin.timeline import dtls_trace
from nbtwin.timeline.datagrams import describe_dtls
from nbtwin.timeline.dtls_trace import DtlsTrace, Seen
from nbtwin.timeline.keylog import KeyLog

CBC = CipherSuite.TLS_PSK_WITH_AES_128_CBC_SHA256
LOGGED = Settings(key_log=True)


def listen(link: Link, *, with_keys: bool = True) -> list[Seen]:
    """Everything that was sent, as a listener understands it."""
    keys = KeyLog()
    for address in list(link.events) if with_keys else ():
        for event in link.of(address, KeyLogged):
            keys.add(event.line)
    trace, understood = DtlsTrace(keys), []
    for _, source, destination, data in link.sent:
        seen = trace.read(source, destination, data)
        assert seen is not None
        understood.append(seen)
    return understood


def flights(understood: list[Seen]) -> list[tuple[int | None, str]]:
    return [(seen.flight, ", ".join(seen.titles)) for seen in understood]


FULL = [
    (1, "ClientHello"),
    (2, "HelloVerifyRequest"),
    (3, "ClientHello"),
    (4, "ServerHello, ServerHelloDone"),
    (5, "ClientKeyExchange, ChangeCipherSpec, Finished"),
    (6, "ChangeCipherSpec, Finished"),
]


@pytest.mark.parametrize("with_keys", [True, False], ids=["keys", "no-keys"])
def test_the_six_flights_have_their_numbers_and_their_messages_have_names(with_keys: bool) -> None:
    link, _ = connected(LOGGED)
    assert flights(listen(link, with_keys=with_keys)) == FULL


def test_a_short_handshake_has_its_finished_in_flights_4_and_5() -> None:
    link, client = connected(LOGGED)
    link.sent.clear()
    client.handshake(link.now)
    link.run(1)
    assert flights(listen(link)) == [
        *FULL[:3],
        (4, "ServerHello, ChangeCipherSpec, Finished"),
        (5, "ChangeCipherSpec, Finished"),
    ]


@pytest.mark.parametrize("version", [b"\xfe\x00", b"\xfe\xfc", b"\xfe\xff"])
def test_a_client_hello_is_one_whatever_version_of_dtls_its_record_has(version: bytes) -> None:
    """RFC 5246 E.1: a common C stack's default is fe00, and the server takes it."""
    link, _ = connected(LOGGED)
    link.sent = [
        (at, source, destination, data[:1] + version + data[3:] if data[0] == 22 and data[13] == 1 else data)
        for at, source, destination, data in link.sent
    ]
    assert flights(listen(link)) == FULL


def test_an_identity_hint_is_part_of_flight_4() -> None:
    link, _ = connected(LOGGED, ServerSettings(identity_hint=b"lab"))
    assert flights(listen(link))[3] == (4, "ServerHello, ServerKeyExchange, ServerHelloDone")


@pytest.mark.parametrize("cid", [0, 4], ids=["plain", "cid"])
@pytest.mark.parametrize(("suite", "etm"), [*((suite, True) for suite in CipherSuite), (CBC, False)])
def test_data_is_read_in_both_directions(suite: CipherSuite, etm: bool, cid: int) -> None:
    settings = Settings(cipher_suites=(suite,), encrypt_then_mac=etm, cid_length=cid, key_log=True)
    link, client = connected(settings, ServerSettings(cid_length=cid))
    client.send(link.now, SERVER, b"up")
    link.run(1)
    link.server.send(link.now, CLIENT, b"down")
    link.run(1)
    assert [seen.plaintexts for seen in listen(link)[-2:]] == [[b"up"], [b"down"]]
    assert not any(seen.unread for seen in listen(link))
    blind = listen(link, with_keys=False)
    assert [(seen.plaintexts, seen.unread) for seen in blind[-2:]] == [([], 1), ([], 1)]


@pytest.mark.parametrize("lost", range(6))
def test_a_flight_that_is_sent_again_counts_its_sendings(lost: int) -> None:
    link, client = Link(fate=losing(lost)), a_client(LOGGED)
    link.add(CLIENT, client)
    client.handshake(link.now)
    link.run(10)
    again = [(seen.flight, seen.sending) for seen in listen(link) if seen.sending > 1]
    assert min(sending for _, sending in again) == 2
    assert all(sending <= 3 for _, sending in again), "once each end's timer, once the answer to the other's repetition"
    assert FULL[lost][0] in [flight for flight, _ in again] or (lost == 1 and again[0][0] == 1), "2 follows from 1"


def test_messages_in_fragments_say_which_bytes_and_the_hellos_are_put_together() -> None:
    settings = Settings(mtu=64, key_log=True)
    link, client = connected(settings, ServerSettings(mtu=64))
    client.send(link.now, SERVER, b"read all the same")
    link.run(1)
    understood = listen(link)
    assert understood[0].titles == ["ClientHello (bytes 0-38 of 61)"]
    assert understood[1].titles == ["ClientHello (bytes 39-60 of 61)"]
    assert understood[-1].plaintexts == [b"read all the same"]


def test_a_peer_that_moved_is_still_read_in_both_directions() -> None:
    link, client = connected(LOGGED, ServerSettings(cid_length=6))
    link.move(CLIENT, moved := ("10.0.0.77", 4444))
    for text in (b"first", b"from elsewhere"):  # D137: the second is believed
        client.send(link.now, SERVER, text)
        link.run(1)
    link.server.send(link.now, moved, b"found")
    link.run(1)
    assert [seen.plaintexts for seen in listen(link)[-2:]] == [[b"from elsewhere"], [b"found"]]


def test_the_old_session_is_read_while_a_new_handshake_runs() -> None:
    link, client = connected(LOGGED)
    client.handshake(link.now, resume=False)
    link.drain()
    link.server.send(link.now, CLIENT, b"on the old keys")
    link.drain()
    assert listen(link)[-1].plaintexts == [b"on the old keys"]
    link.run(1)
    client.send(link.now, SERVER, b"on the new ones")
    link.run(1)
    assert listen(link)[-1].plaintexts == [b"on the new ones"]


def test_alerts_are_named_whether_in_the_clear_or_protected() -> None:
    link, client = connected(LOGGED)
    client.close(link.now)
    link.run(1)
    assert listen(link)[-2].titles == ["Alert warning close_notify"]
    assert listen(link, with_keys=False)[-2].titles == ["ConnectionID"], "RFC 9146 hides the type"
    wrong = Link(a_server(keys={IDENTITY: b"another key"}))
    wrong.add(CLIENT, a_client())
    wrong.engines[CLIENT].handshake(wrong.now)
    wrong.run(10)
    assert listen(wrong)[-1].titles == ["Alert fatal bad_record_mac"]
    foreign = DtlsTrace(KeyLog()).read(SERVER, CLIENT, PlainEpoch().protect(ContentType.ALERT, b"\x02\x73"))
    assert foreign is not None
    assert foreign.titles == ["Alert fatal unknown_psk_identity"], "others say it"


def test_a_datagram_of_the_middle_of_a_handshake_is_named_without_a_flight() -> None:
    hello_done = PlainEpoch().protect(22, HandshakeMessage(HandshakeType.SERVER_HELLO_DONE, 2, b"").encode())
    seen = DtlsTrace(KeyLog()).read(SERVER, CLIENT, hello_done)
    assert seen is not None
    assert (seen.titles, seen.flight) == (["ServerHelloDone"], None)


def test_a_line_says_flight_and_messages_or_what_is_inside() -> None:
    flight = describe_dtls(Seen(["ClientHello"], 3), (), 60)
    assert flight[0] == "DTLS flight 3: ClientHello"
    assert flight[1]["dtls"]["flight"] == 3
    inside = describe_dtls(Seen(["ApplicationData"], None, 1, [b"x"]), [("Read /3/0: CON GET", {"code": "0.01"})], 60)
    assert inside[0] == "DTLS  Read /3/0: CON GET"
    assert inside[1]["code"] == "0.01"
    assert describe_dtls(Seen(["ApplicationData"], None, 1, [], 1), (), 60)[0] == "DTLS ApplicationData, 60 bytes"


@given(st.lists(st.tuples(st.booleans(), st.binary(max_size=80)), max_size=8))
def test_any_datagrams_are_understood_or_not_and_raise_nothing(datagrams: list[tuple[bool, bytes]]) -> None:
    trace = DtlsTrace(KeyLog())
    for up, data in datagrams:
        source, destination = (CLIENT, SERVER) if up else (SERVER, CLIENT)
        trace.read(source, destination, data)
        for kind in (b"\x16", b"\x17", b"\x19"):
            trace.read(source, destination, kind + b"\xfe\xfd" + data)


@pytest.mark.parametrize("seed", range(20))
def test_changed_datagrams_raise_nothing_and_do_not_hide_the_true_ones(seed: int) -> None:
    random = Random(seed)
    settings = Settings(key_log=True, mtu=random.choice([64, 1200]))
    link, client = connected(settings, ServerSettings(cid_length=random.choice([0, 6])))
    client.send(link.now, SERVER, b"true")
    link.run(1)
    keys = KeyLog()
    for event in link.of(CLIENT, KeyLogged):
        keys.add(event.line)
    trace = DtlsTrace(keys)
    for _, source, destination, data in link.sent:
        for _ in range(8):
            changed = bytearray(data)
            changed[random.randrange(13, len(data))] ^= 1 << random.randrange(8)  # not its header
            if changed[13] != HandshakeType.CLIENT_HELLO:  # that one begins another handshake
                trace.read(source, destination, bytes(changed))
        seen = trace.read(source, destination, data)
    assert seen is not None
    assert seen.plaintexts == [b"true"]


def test_what_strangers_begin_is_forgotten_in_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dtls_trace, "MOST", 50)
    trace = DtlsTrace(KeyLog())
    for number in range(500):
        client = DtlsClient(
            SERVER, b"id", b"key", Random(number).randbytes, settings=Settings(mtu=[64, 1200][number % 2])
        )
        client.handshake(0)
        for _, data in client.datagrams_to_send()[:1]:
            trace.read(("10.0.0.9", number), SERVER, data)
    assert len(trace._by_pair) == 50
    assert len(trace.partials) == 250


def test_the_key_log_keeps_the_newest_and_takes_only_what_it_knows() -> None:
    keys = KeyLog(size=3)
    lines = [f"CLIENT_RANDOM {number:064x} {number:096x}" for number in range(5)]
    assert all(keys.add(line) for line in lines)
    for line in (lines[-1], "", "CLIENT_RANDOM 00 00", "CLIENT_HANDSHAKE_TRAFFIC_SECRET 00 00"):
        assert not keys.add(line)
    assert keys.lines() == lines[-3:]
    assert keys.find((4).to_bytes(32, "big")) == (4).to_bytes(48, "big")
    assert keys.find(bytes(32)) is None
    assert len(keys) == 3
