"""Any datagram, to an engine in any state: no exception comes out, and nothing that is not bounded stays."""

from __future__ import annotations

from random import Random

import pytest
from dtls_link import CLIENT, SERVER, Link, a_client, a_server, connected
from hypothesis import given, settings
from hypothesis import strategies as st

from nbtwin.dtls import CipherSuite, DtlsClient, DtlsServer, ServerSettings, Settings, Status
from nbtwin.dtls.messages import ClientHello, HandshakeMessage, HelloVerifyRequest, ServerHello, decode_identity
from nbtwin.dtls.numbers import HandshakeType
from nbtwin.dtls.record import PlainEpoch
from nbtwin.engine import DecodeError


def mutated(random: Random, datagram: bytes) -> bytes:
    """What a broken or hostile network makes of it."""
    data = bytearray(datagram)
    for _ in range(random.randint(1, 4)):
        kind = random.randrange(4)
        if kind == 0 and data:
            data[random.randrange(len(data))] = random.randrange(256)
        elif kind == 1:
            del data[random.randint(0, len(data)) :]
        elif kind == 2:
            at = random.randint(0, len(data))
            data[at:at] = random.randbytes(random.randint(1, 20))
        elif data:
            at = random.randrange(len(data))
            data += data[at:]
    return bytes(data)


def take(engine: DtlsClient | DtlsServer, now: float, source: tuple[str, int], data: bytes) -> None:
    engine.handle_datagram(now, source, data)
    engine.datagrams_to_send()
    engine.events()
    engine.next_deadline()


@given(st.binary(max_size=300))
def test_random_bytes_raise_nothing(data: bytes) -> None:
    client = a_client()
    client.handshake(0)
    for engine, source in ((client, SERVER), (a_server(), CLIENT)):
        take(engine, 1, source, data)


@given(
    st.lists(
        st.tuples(st.sampled_from([20, 21, 22, 23, 25]), st.integers(0, 2), st.integers(0, 5), st.binary(max_size=60)),
        max_size=6,
    )
)
def test_records_of_anything_raise_nothing_in_any_state(parts: list[tuple[int, int, int, bytes]]) -> None:
    datagram = b"".join(
        bytes((type_,)) + b"\xfe\xfd" + bytes((0, epoch)) + number.to_bytes(6, "big") + len(data).to_bytes(2) + data
        for type_, epoch, number, data in parts
    )
    link, client = connected()
    take(client, link.now, SERVER, datagram)
    take(link.server, link.now, CLIENT, datagram)
    client.handshake(link.now)
    take(client, link.now, SERVER, datagram)


@given(st.sampled_from(list(HandshakeType)), st.integers(0, 3), st.binary(max_size=120), st.integers(0, 4))
def test_handshake_messages_of_anything_raise_nothing(type_: HandshakeType, seq: int, body: bytes, after: int) -> None:
    """Sent to both ends after so many datagrams of a handshake."""
    link, client = Link(), a_client()
    link.add(CLIENT, client)
    client.handshake(link.now)
    link.run(1, lambda: len(link.sent) > after)
    datagram = PlainEpoch().protect(22, HandshakeMessage(type_, seq, body).encode())
    take(client, link.now, SERVER, datagram)
    take(link.server, link.now, CLIENT, datagram)


@pytest.mark.parametrize("seed", range(60))
def test_changed_datagrams_raise_nothing_and_a_clean_handshake_follows(seed: int) -> None:
    random = Random(seed)
    suite = random.choice(list(CipherSuite))
    link = Link(a_server(ServerSettings(cid_length=random.choice([0, 6]))))
    client = a_client(Settings(cipher_suites=(suite,), mtu=random.choice([64, 1200]), waits=(1, 2, 4)))
    link.add(CLIENT, client)
    client.send(link.now, SERVER, b"x")
    for _ in range(40):
        link.run(0.3, None)
        if client.status in (Status.IDLE, Status.FAILED, Status.ESTABLISHED):
            client.handshake(link.now)
        link.drain()
        for _, source, destination, data in link.sent[-4:]:
            link.engines[destination].handle_datagram(link.now, source, mutated(random, data))
            link.drain()
    link.run(60)
    fresh = a_client(seed=1000 + seed)
    link.add(CLIENT, fresh)
    fresh.send(link.now, SERVER, b"clean")
    link.run(60)
    assert link.data(SERVER)[-1] == b"clean"
    assert link.server.handshake_count == 0


@given(st.binary(max_size=120))
@settings(max_examples=300)
def test_every_decode_raises_decode_error_and_nothing_else(body: bytes) -> None:
    for decode in (ClientHello.decode, ServerHello.decode, HelloVerifyRequest.decode, decode_identity):
        try:
            decode(body)
        except DecodeError:
            continue


@given(
    st.binary(min_size=32, max_size=32),
    st.binary(max_size=32),
    st.binary(max_size=255),
    st.lists(st.integers(0, 65535), min_size=1, max_size=20),
    st.dictionaries(st.integers(0, 65535), st.binary(max_size=20), max_size=6),
)
def test_hellos_come_back_as_they_went(
    random: bytes, session_id: bytes, cookie: bytes, suites: list[int], extensions: dict[int, bytes]
) -> None:
    hello = ClientHello(random, session_id, cookie, tuple(suites), b"\0", extensions)
    assert ClientHello.decode(hello.encode()) == hello
    answer = ServerHello(random, session_id, suites[0], extensions)
    assert ServerHello.decode(answer.encode()) == answer
