"""Handshakes over a network that loses, doubles and reorders: they complete, and no end is left stuck."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from dtls_link import CLIENT, LATENCY, SERVER, Fate, Link, a_client, a_server, losing, noisy

from nbtwin.dtls import CipherSuite, HandshakeCompleted, HandshakeFailed, ServerSettings, Settings, Status

SUITES = [
    CipherSuite.TLS_PSK_WITH_AES_128_CCM_8,
    CipherSuite.TLS_PSK_WITH_AES_256_GCM_SHA384,
    CipherSuite.TLS_PSK_WITH_AES_128_CBC_SHA256,
]


def exchange(fate: Fate, mtu: int, resumed: bool, suite: CipherSuite) -> Link:
    """A handshake, full or short, under `fate`, then a word each way that is repeated until it is heard."""
    link = Link(a_server(ServerSettings(mtu=mtu)))
    client = a_client(Settings(mtu=mtu, cipher_suites=(suite,)))
    link.add(CLIENT, client)
    if resumed:
        client.handshake(link.now)
        link.run(1)
        for events in link.events.values():
            events.clear()
        link.sent.clear()
    link.fate = fate
    client.handshake(link.now)
    link.run(130, lambda: client.status is not Status.HANDSHAKING)
    for _ in range(30):
        client.send(link.now, SERVER, b"up")
        link.server.send(link.now, CLIENT, b"down")
        link.run(2)
        if link.data(SERVER) and link.data(CLIENT):
            break
    return link


def doubling(number: int) -> Fate:
    """That one comes twice."""
    return lambda n, source, destination, data: (LATENCY, 2 * LATENCY) if n == number else (LATENCY,)


def delaying(span: float) -> Callable[[int], Fate]:
    """That one comes so much later."""
    return lambda number: lambda n, source, destination, data: (LATENCY + span if n == number else LATENCY,)


@pytest.mark.conformance("TD_COAP_DTLS_03", role="both")
@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("resumed", [False, True])
@pytest.mark.parametrize("mtu", [100, 1200])
def test_the_loss_of_any_single_datagram_does_not_matter(mtu: int, resumed: bool, suite: CipherSuite) -> None:
    clean = len(exchange(losing(), mtu, resumed, suite).sent)
    for lost in range(clean):
        link = exchange(losing(lost), mtu, resumed, suite)
        for address in (CLIENT, SERVER):
            assert [event.resumed for event in link.of(address, HandshakeCompleted)] == [resumed], lost
            assert not link.of(address, HandshakeFailed), lost
        assert link.data(SERVER), lost
        assert link.data(CLIENT), lost


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("resumed", [False, True])
@pytest.mark.parametrize("mtu", [100, 1200])
@pytest.mark.parametrize(
    "fate_of", [doubling, delaying(0.3), delaying(3), delaying(45)], ids=["twice", "0.3s", "3s", "45s"]
)
def test_any_single_datagram_may_come_twice_or_late(
    fate_of: Callable[[int], Fate], mtu: int, resumed: bool, suite: CipherSuite
) -> None:
    """Late: overtaken by the next one, by its own repetition, or by everything."""
    clean = len(exchange(losing(), mtu, resumed, suite).sent)
    for number in range(clean):
        link = exchange(fate_of(number), mtu, resumed, suite)
        for address in (CLIENT, SERVER):
            assert [event.resumed for event in link.of(address, HandshakeCompleted)] == [resumed], number
            assert not link.of(address, HandshakeFailed), number
        assert set(link.data(SERVER)) == {b"up"}, number
        assert set(link.data(CLIENT)) == {b"down"}, number
        link.run(400)
        assert link.server.handshake_count == 0, number
        assert link.server.session_count == 1, number


@pytest.mark.parametrize("resumed", [False, True])
def test_the_loss_of_any_two_datagrams_does_not_matter(resumed: bool) -> None:
    for first in range(10):
        for second in range(first + 1, 12):
            link = exchange(losing(first, second), 1200, resumed, SUITES[0])
            assert link.of(CLIENT, HandshakeCompleted), (first, second)
            assert link.data(SERVER), (first, second)
            assert link.data(CLIENT), (first, second)


@pytest.mark.parametrize("seed", range(40))
def test_a_handshake_survives_a_network_that_loses_doubles_and_reorders(seed: int) -> None:
    random = Random(seed)
    link = exchange(noisy(random, loss=0.2), random.choice([64, 128, 1200]), seed % 2 == 0, SUITES[seed // 2 % 2])
    assert link.data(SERVER), f"seed {seed}"
    assert link.data(CLIENT), f"seed {seed}"


@pytest.mark.parametrize("seed", range(3))
def test_an_hour_with_one_datagram_in_five_lost_leaves_nobody_stuck(seed: int) -> None:
    """A client that says something every minute, with a new handshake after each silence."""
    link, client = Link(fate=noisy(Random(seed), loss=0.2)), a_client(silence=30)
    link.add(CLIENT, client)
    for minute in range(60):
        client.send(link.now, SERVER, minute.to_bytes(1, "big"))
        link.run(60)
    link.fate = losing()
    link.run(130)
    client.send(link.now, SERVER, b"last")
    link.run(130)
    assert link.data(SERVER)[-1] == b"last"
    assert len(set(link.data(SERVER))) > 40
    assert link.server.handshake_count == 0
    assert link.server.session_count == 1
    assert client.next_deadline() is None


def test_data_that_overtakes_the_finished_is_delivered_after_it() -> None:
    """In a short handshake the client's data follows its Finished at once; the server keeps what came first."""
    link, client = Link(), a_client()
    link.add(CLIENT, client)
    client.handshake(link.now)
    link.run(1)
    link.events[SERVER].clear()
    client.handshake(link.now)
    client.send(link.now, SERVER, b"early")
    sent = len(link.sent)

    def finished_late(n: int, source: object, destination: object, data: bytes) -> tuple[float, ...]:
        return (0.5,) if n == sent + 4 else (0.05,)

    link.fate = finished_late
    link.run(0.9)
    kinds = [type(event).__name__ for event in link.events[SERVER]]
    assert kinds.index("HandshakeCompleted") < kinds.index("ApplicationDataReceived")
    assert link.data(SERVER) == [b"early"]


def test_nobody_answers_a_doubled_network_with_more_than_twice_the_datagrams() -> None:
    """Repetitions are not answered faster than the other side can have noticed."""
    link, client = Link(fate=lambda n, source, destination, data: (0.05, 0.06, 0.07)), a_client()
    link.add(CLIENT, client)
    client.handshake(link.now)
    link.run(30)
    assert len(link.of(CLIENT, HandshakeCompleted)) == len(link.of(SERVER, HandshakeCompleted)) == 1
    assert len(link.sent) <= 12


@pytest.mark.parametrize("seed", range(2))
def test_an_hour_of_twenty_clients_on_one_port_leaves_no_handshake_and_no_session_too_many(seed: int) -> None:
    """One in five is lost; they speak at odd times, reboot, and change their addresses."""
    random = Random(f"twenty/{seed}")
    link = Link(fate=noisy(random, loss=0.2))
    homes = [("10.0.0.2", 40000 + number) for number in range(20)]
    clients = [a_client(seed=100 + number, silence=random.choice([30, None])) for number in range(20)]
    for home, client in zip(homes, clients, strict=True):
        link.add(home, client)
    for turn in range(600):
        number = random.randrange(20)
        if turn % 97 == 96:
            clients[number].reset()
        if turn % 41 == 40:
            link.move(homes[number], moved := ("10.0.0.3", 50000 + turn))
            homes[number] = moved
        clients[number].send(link.now, SERVER, b"%d" % turn)
        link.run(6)
    link.fate = losing()
    link.run(300)
    for number, client in enumerate(clients):
        client.send(link.now, SERVER, b"last of %d" % number)
        link.run(130)
        if client.silence is None and link.data(SERVER)[-1] != b"last of %d" % number:
            client.reset()  # its session was replaced, and without a silence it cannot know
            client.send(link.now, SERVER, b"last of %d" % number)
            link.run(130)
        assert link.data(SERVER)[-1] == b"last of %d" % number
        assert client.next_deadline() is None
    assert link.server.handshake_count == 0
    assert link.server.session_count <= 20 + 600 // 41, "an address that was left may keep its session"
