"""What is usual in handshakes against what is decoded (`dtls.usual`): a fleet's channels beside a client of each device
that decodes everything, of one seed, over a network that loses, doubles, delays and changes datagrams. They say the
same, byte for byte, and tell the same; so the servers at the other ends do.

By hand with more of them: ``python tests/fleet/test_fleet_secure.py 2000``.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from heapq import heappop, heappush
from itertools import count
from random import Random
from typing import Any

import pytest

from nbtwin.dtls import (
    ApplicationDataReceived,
    CipherSuite,
    DtlsClient,
    DtlsServer,
    HandshakeCompleted,
    HandshakeFailed,
    ServerSettings,
    SessionClosed,
    Settings,
    Status,
)
from nbtwin.dtls.message_bytes import whole
from nbtwin.dtls.numbers import FINISHED, ContentType
from nbtwin.engine import Address
from nbtwin.fleet.plan import FleetDevices, FleetPhase, FleetPlan, FleetTarget
from nbtwin.fleet.secure import PEER, SecureChannels

DEVICES, KEY, SPAN = 16, bytes(range(16)), 400.0
CCM_8, GCM, CBC = (
    CipherSuite.TLS_PSK_WITH_AES_128_CCM_8,
    CipherSuite.TLS_PSK_WITH_AES_128_GCM_SHA256,
    CipherSuite.TLS_PSK_WITH_AES_128_CBC_SHA256,
)


class Decoded:
    """The same verbs as `SecureChannels`: each device has a client of its own from the start."""

    def __init__(self, plan: FleetPlan, wrong: Callable[[int], bool], send: Callable[[int, bytes], None]) -> None:
        self._plan, self._wrong, self._send = plan, wrong, send
        self._clients: dict[int, DtlsClient] = {}
        self._begun: dict[int, float] = {}
        self._armed: dict[int, float] = {}
        self._random = Random(f"{plan.seed}/dtls")
        self.handshakes: list[float] = []

    def send(self, now: float, device: int, plaintext: bytes) -> float | None:
        client = self._clients.get(device)
        if client is None:
            identity, key = self._plan.devices.secret_of(device)
            if self._wrong(device):
                key = bytes(byte ^ 0xFF for byte in key)
            settings = Settings(connection_id=self._plan.connection_id, steps=False)
            client = DtlsClient(PEER, identity.encode(), key, self._random.randbytes, settings=settings)
            self._clients[device] = client
        if client.status is not Status.ESTABLISHED:
            self._begun.setdefault(device, now)
        client.send(now, PEER, plaintext)
        return self._leave(device, client)

    def busy(self, device: int) -> bool:
        client = self._clients.get(device)
        return client is not None and client.status is Status.HANDSHAKING

    def receive(self, now: float, device: int, data: bytes) -> tuple[list[bytes], bool, float | None]:
        client = self._clients.get(device)
        if client is None:
            return [], False, None
        client.handle_datagram(now, PEER, data)
        return self._settle(now, device, client)

    def timer(self, now: float, device: int) -> tuple[list[bytes], bool, float | None]:
        self._armed.pop(device, None)
        client = self._clients.get(device)
        if client is None:
            return [], False, None
        client.handle_timer(now)
        return self._settle(now, device, client)

    def reboot(self, device: int) -> None:
        self._clients.pop(device, None)
        self._begun.pop(device, None)

    def _settle(self, now: float, device: int, client: DtlsClient) -> tuple[list[bytes], bool, float | None]:
        events = client.events()
        for event in events:
            if isinstance(event, HandshakeCompleted):
                self.handshakes.append(now - self._begun.pop(device, now))
        failed = any(isinstance(event, HandshakeFailed | SessionClosed) for event in events)
        if failed:
            self._begun.pop(device, None)
        data = [event.data for event in events if isinstance(event, ApplicationDataReceived)]
        return data, failed, self._leave(device, client)

    def _leave(self, device: int, client: DtlsClient) -> float | None:
        for _, record in client.datagrams_to_send():
            self._send(device, record)
        deadline = client.next_deadline()
        if deadline is None or self._armed.get(device, deadline.at + 1) <= deadline.at:
            return None
        self._armed[device] = deadline.at
        return deadline.at


class Side:
    """One of the two: channels, and their server."""

    def __init__(
        self,
        kind: type[Any],
        plan: FleetPlan,
        settings: ServerSettings,
        wrong: frozenset[int],
        keys: dict[bytes, bytes],
    ) -> None:
        self.left: list[tuple[int, bytes]] = []
        self.channels = kind(plan, wrong.__contains__, lambda device, data: self.left.append((device, data)))
        self.server = DtlsServer(keys.get, Random(plan.seed).randbytes, settings=settings)

    def leaving(self) -> list[tuple[int, bytes]]:
        left = self.left[:]
        self.left.clear()
        return left


class Pair:
    """Both sides, told the same; the network between each and its server treats their datagrams alike."""

    def __init__(self, seed: int) -> None:
        random = self.random = Random(seed)
        self.noise = random.choice((0.0, 0.0, 0.02, 0.1))
        devices = FleetDevices(DEVICES, key=KEY)
        plan = FleetPlan(
            target=FleetTarget("127.0.0.1", 5684, True, "127.0.0.1"),
            devices=devices,
            phases=(FleetPhase(do="register"),),
            seed=seed,
            connection_id=random.random() < 0.7,
        )
        settings = ServerSettings(
            cipher_suites=random.choice((*[(CCM_8, CBC)] * 9, (CCM_8,), (CBC, CCM_8), (GCM,))),
            extended_master_secret=random.random() < 0.7,
            connection_id=random.random() < 0.7,
            cid_length=random.choice((0, 1, 6)),
            identity_hint=random.choice((b"", b"", b"a server")),
            max_resumable=random.choice((0, 100)),
            mtu=random.choice((*[1200] * 6, 100)),
        )
        wrong = frozenset(device for device in range(DEVICES) if random.random() < 0.1)
        keys = {devices.secret_of(device)[0].encode(): KEY for device in range(DEVICES) if random.random() < 0.95}
        self.usual, self.decoded = (Side(kind, plan, settings, wrong, keys) for kind in (SecureChannels, Decoded))
        self._due: list[tuple[float, int, str, int, bytes]] = []
        self._order = count()
        self._server_at: set[float] = set()
        self.now = 0.0
        self.completed = 0
        for device in range(DEVICES):
            for n in range(random.randrange(1, 4)):
                self.plan(random.uniform(0, 3) + 9 * n, "send", device, b"uplink %d" % n)
            if random.random() < 0.2:
                self.plan(random.uniform(0, 20), random.choice(("reboot", "close", "rubbish")), device)

    def plan(self, at: float, what: str, device: int, data: bytes = b"") -> None:
        heappush(self._due, (at, next(self._order), what, device, data))

    def run(self) -> None:
        while self._due and self._due[0][0] < SPAN:
            self.now, _, what, device, data = heappop(self._due)
            self._do(what, device, data)
        usual, decoded = self.usual.channels.handshakes, self.decoded.channels.handshakes
        assert usual == decoded
        self.completed = len(usual)

    def _do(self, what: str, device: int, data: bytes) -> None:
        where: Address = ("10.0.0.1", device + 1)
        if what == "arrive":
            self._both(lambda side: side.server.handle_datagram(self.now, where, data))
        elif what == "tell":
            self._both(lambda side: side.server.send(self.now, where, data))
        elif what == "close":
            self._both(lambda side: side.server.close(self.now, where))
        elif what == "reboot":
            self._both(lambda side: side.channels.reboot(device))
            self.plan(self.now, "send", device, b"again")
        elif what == "server-timer":
            self._both(lambda side: side.server.handle_timer(self.now))
        elif what == "rubbish":
            self._come(self.random.randbytes(self.random.randrange(60)), device)
        elif what == "come":
            self._come(data, device)
        elif what == "timer":
            self._timed(device, self._both(lambda side: side.channels.timer(self.now, device))[2])
        else:
            self._timed(device, self._both(lambda side: side.channels.send(self.now, device, data)))
        self._drain()

    def _come(self, data: bytes, device: int) -> None:
        plaintexts, _, at = self._both(lambda side: side.channels.receive(self.now, device, data))
        self._timed(device, at)
        assert plaintexts in ([], [b"told"])

    def _timed(self, device: int, at: float | None) -> None:
        if at is not None:
            self.plan(at, "timer", device)

    def _both(self, do: Callable[[Side], Any]) -> Any:
        usual, decoded = do(self.usual), do(self.decoded)
        assert usual == decoded
        return usual

    def _drain(self) -> None:
        for device in range(DEVICES):
            assert self.usual.channels.busy(device) == self.decoded.channels.busy(device)
        for device, data in self._both(Side.leaving):
            self._carry("arrive", device, data)
        for (_, port), data in self._both(lambda side: side.server.datagrams_to_send()):
            self._carry("come", port - 1, data)
        for event in self._both(lambda side: side.server.events()):
            if isinstance(event, ApplicationDataReceived):
                self.plan(self.now, "tell", event.peer[1] - 1, b"told")
        deadline = self._both(lambda side: side.server.next_deadline())
        if deadline is not None and deadline.at not in self._server_at:
            self._server_at.add(deadline.at)
            self.plan(deadline.at, "server-timer", 0)

    def _carry(self, what: str, device: int, data: bytes) -> None:
        random, noise = self.random, self.noise
        for _ in range(2 if random.random() < noise else 1):
            if random.random() < noise:
                continue
            if random.random() < noise / 4:
                at = random.randrange(len(data))
                data = data[:at] + bytes((data[at] ^ 1 << random.randrange(8),)) + data[at + 1 :]
            late = random.random() < noise
            self.plan(self.now + (random.uniform(0.02, 2.5) if late else 0.02), what, device, data)


@pytest.mark.parametrize("first", [1, 21, 41])
def test_what_is_usual_is_said_and_told_as_what_is_decoded(first: int) -> None:
    completed = 0
    for seed in range(first, first + 20):
        pair = Pair(seed)
        pair.run()
        completed += pair.completed
    assert completed > 20 * DEVICES * 5 // 8


def said_of(change: Callable[[DtlsServer, int, bytes], bytes]) -> list[list[Any]]:
    """Of either side: two handshakes, of which the second one gets changed what its server answers."""
    devices, told = FleetDevices(2, key=KEY), []
    target = FleetTarget("127.0.0.1", 5684, True, "127.0.0.1")
    plan = FleetPlan(target=target, devices=devices, phases=(FleetPhase(do="register"),))
    keys = {devices.secret_of(device)[0].encode(): KEY for device in range(2)}
    for kind in (SecureChannels, Decoded):
        side, said = Side(kind, plan, ServerSettings(), frozenset(), keys), list[Any]()
        for device in range(2):
            side.channels.send(1.0, device, b"uplink")
            for number in range(4):
                said.append(side.leaving())
                for _, data in said[-1]:
                    side.server.handle_datagram(1.0, ("10.0.0.1", device + 1), data)
                for _, data in side.server.datagrams_to_send():
                    answer = change(side.server, number, data) if device else data
                    said.append(side.channels.receive(1.0, device, answer))
        told.append([*said, side.channels.handshakes])
    return told


def test_of_what_a_server_answers_each_byte_that_differs_is_seen() -> None:
    sizes = dict[int, int]()
    usual, decoded = said_of(lambda server, number, data: data[: sizes.setdefault(number, len(data))])
    assert usual == decoded
    assert usual[-1] == [0.0, 0.0]
    for turn, size in sizes.items():
        for at in range(size):

            def change(server: DtlsServer, number: int, data: bytes, turn: int = turn, at: int = at) -> bytes:
                return data if number != turn else data[:at] + bytes((data[at] ^ 1,)) + data[at + 1 :]

            usual, decoded = said_of(change)
            assert usual == decoded, (turn, at)


def test_a_finished_that_proves_another_transcript_is_refused_as_ever() -> None:
    def change(server: DtlsServer, number: int, data: bytes) -> bytes:
        if number != 2:
            return data
        session = server._by_address["10.0.0.1", 2]
        return data[:14] + session.protect(ContentType.HANDSHAKE, whole(FINISHED, 3, bytes(12)))

    usual, decoded = said_of(change)
    assert usual == decoded
    assert usual[-1] == [0.0]


if __name__ == "__main__":
    done = 0
    for seed in range(int(sys.argv[1])):
        played = Pair(seed)
        played.run()
        done += played.completed
    print(f"{done:,} handshakes, each both ways")
