"""The Andlink client over DTLS: keys, NAT types, resets, failures.

DOC-E 3.11, 3.12; docs/spec/wire.md, Andlink security.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from lwm2m_bench import BOOTSTRAP, CONFIG, MODULE, SERVER, Bench, Platform

from nbtwin.coap.endpoint import CoapEndpoint
from nbtwin.coap.events import RequestReceived, Response
from nbtwin.coap.message import Message, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.coap.numbers import ContentFormat as F
from nbtwin.dtls.events import ApplicationDataReceived, DtlsEvent, FlightSent
from nbtwin.dtls.numbers import CipherSuite
from nbtwin.dtls.server import DtlsServer
from nbtwin.dtls.settings import ServerSettings, Settings
from nbtwin.engine import Address, Seconds
from nbtwin.lwm2m.client.channel import Channel, Connected, Connections, Psk, Target
from nbtwin.lwm2m.client.config import SecurityConfig
from nbtwin.lwm2m.client.events import Bootstrapped, DataReported, DtlsChanged
from nbtwin.lwm2m.client.registration import Registered
from nbtwin.lwm2m.client.states import ReleaseAssistance
from nbtwin.lwm2m.firmware.package import pack
from nbtwin.module.dtls_channel import DtlsChannel

KEY = bytes.fromhex("30313233343536373839303132336162")  # DOC-E 6.2
OTHER_KEY = bytes.fromhex("E8E19CC16CE1F388E8E19CC16CE1F388")  # DOC-E 3.3
IMEI = CONFIG.imei.encode()
PSK = Psk(IMEI, KEY)


class SecurePlatform(Platform):
    """The same behind DTLS."""

    def __init__(self, address: Address, key: bytes = KEY, **more: Any) -> None:
        super().__init__(address, **more)
        keys = {IMEI: key}
        self.dtls = DtlsServer(keys.get, random.Random(9).randbytes, settings=ServerSettings())


class SecureBench(Bench):
    channel_events: list[DtlsEvent]
    """Of the module's channels, in their order."""

    def to_platform(self, platform: Platform, data: bytes) -> None:
        if not isinstance(platform, SecurePlatform):
            super().to_platform(platform, data)
            return
        platform.dtls.handle_datagram(self.now, MODULE, data)
        for event in platform.dtls.events():
            if isinstance(event, ApplicationDataReceived):
                platform.endpoint.handle_datagram(self.now, MODULE, event.data)
            else:
                platform.happened.append(event)

    def from_platform(self, platform: Platform) -> list[tuple[Address, bytes]]:
        if not isinstance(platform, SecurePlatform):
            return super().from_platform(platform)
        for peer, data in platform.endpoint.datagrams_to_send():
            platform.dtls.send(self.now, peer, data)
        return platform.dtls.datagrams_to_send()

    def platform_deadlines(self) -> list[Any]:
        servers = [p.dtls for p in self.platforms.values() if isinstance(p, SecurePlatform)]
        return super().platform_deadlines() + [server.next_deadline() for server in servers]

    def platform_timers(self) -> None:
        super().platform_timers()
        for platform in self.platforms.values():
            if isinstance(platform, SecurePlatform):
                platform.dtls.handle_timer(self.now)


def channels(settings: Settings | None, events: list[DtlsEvent]) -> Any:
    source = random.Random(5)

    def make(peer: Address, psk: Psk, silence: Seconds | None) -> Channel:
        return DtlsChannel(peer, psk, silence, source, settings or Settings(), events)

    return make


def secure(*platforms: Platform, settings: Settings | None = None, **changes: Any) -> SecureBench:
    changes.setdefault("security", SecurityConfig(True, PSK))
    events: list[DtlsEvent] = []
    bench = SecureBench(*(platforms or (SecurePlatform(SERVER),)), make_channel=channels(settings, events), **changes)
    bench.channel_events = events
    return bench


def bootstrapping(server_key: bytes = OTHER_KEY, **changes: Any) -> SecureBench:
    changes.setdefault("security", SecurityConfig())
    return secure(
        SecurePlatform(BOOTSTRAP),
        SecurePlatform(SERVER, server_key),
        bootstrap_servers=(BOOTSTRAP,),
        servers=(),
        bootstrap_security=SecurityConfig(True, PSK),
        **changes,
    )


def handshakes(bench: SecureBench) -> int:
    flights = [event for event in bench.channel_events if isinstance(event, FlightSent)]
    return len([event for event in flights if event.flight == 1 and event.sending == 1])


def dtls(bench: Bench) -> list[int]:
    return [event.state for event in bench.seen(DtlsChanged)]


def test_the_registration_waits_for_the_handshake() -> None:
    bench = secure()
    assert bench.client.dtls_state == 1  # D41
    bench.attach()
    assert bench.state == "REGISTERED"
    assert bench.client.dtls_state == 0
    assert dtls(bench)[-1] == 0
    kinds = [type(event) for event in bench.seen(DtlsChanged, Registered)]
    assert kinds.index(Registered) > kinds.index(DtlsChanged)


def test_doc_e_6_2_bootstrap_over_dtls_with_the_servers_key_from_the_account() -> None:
    """docs/spec/wire.md, Andlink security: one key from QLASETBSPSK, the other from what the bootstrap wrote."""
    bench = bootstrapping()
    bench.attach()
    bench.write_account("coaps://192.0.2.11:5683", OTHER_KEY, mode=0)
    assert bench.finish_bootstrap().code == Code.CHANGED
    assert bench.state == "REGISTERED"
    assert [type(event) for event in bench.seen(Bootstrapped, Registered)] == [Bootstrapped, Registered]
    assert bench.client.dtls_state == 0


def test_an_account_without_a_key_is_opened_with_qlasetpsk() -> None:
    bench = bootstrapping(security=SecurityConfig(False, Psk(IMEI, OTHER_KEY)))
    bench.attach()
    bench.write_account("coaps://192.0.2.11:5683", b"", mode=0)
    bench.finish_bootstrap()
    assert bench.state == "REGISTERED"


def test_a_wrong_key_fails_the_attempt_and_is_tried_again() -> None:
    bench = secure(SecurePlatform(SERVER, OTHER_KEY))
    bench.attach()
    bench.run(123)
    assert bench.client.dtls_state == 3
    assert bench.state == "TIMEOUT_AND_RETRYING"
    assert bench.platform.received == []
    bench.run(10_000)
    assert bench.state == "INIT_FAILED"


def test_nobody_there_fails_after_the_handshakes_own_waits() -> None:
    bench = secure(SecurePlatform(SERVER))
    bench.platform.deaf = True
    bench.attach()
    bench.run(122)
    assert (bench.state, bench.client.dtls_state) == ("INIITIALISING", 2)
    bench.run(123)
    assert (bench.state, bench.client.dtls_state) == ("TIMEOUT_AND_RETRYING", 3)


def test_without_a_key_the_configuration_is_missing() -> None:
    bench = secure(security=SecurityConfig(True, None))
    bench.attach()
    assert bench.state == "MISSING_CONFIG"


@pytest.mark.conformance("LightweightM2M-1.0-int-401", role="client")
@pytest.mark.parametrize("suite", list(CipherSuite))
def test_every_cipher_suite_carries_it(suite: CipherSuite) -> None:
    bench = secure(settings=Settings(cipher_suites=(suite,)))
    bench.attach()
    assert bench.ask(Code.GET, "/3/0/0", accept=F.TEXT).payload == b"Quectel"


def test_nat_type_0_makes_a_new_handshake_after_30_seconds_of_silence() -> None:
    """DOC-E 3.2, 3.16."""
    bench = secure(lifetime=86400)
    bench.attach()
    bench.run(29)
    bench.client.send_data(bench.now, True, ReleaseAssistance.NONE, b"x")
    bench.drain()
    assert handshakes(bench) == 1
    bench.run(29 + 31)
    bench.client.send_data(bench.now, True, ReleaseAssistance.NONE, b"x")
    bench.drain()
    assert handshakes(bench) == 2
    assert [event.state for event in bench.seen(DtlsChanged)] == [2, 0, 2, 0]  # each one is told: DOC-E 3.12
    assert [int(event.status) for event in bench.seen(DataReported)] == [4, 4]


def test_nat_type_1_never_does() -> None:
    bench = secure(lifetime=86400, security=SecurityConfig(True, PSK, silence=None))
    bench.attach()
    bench.run(1000)
    bench.client.send_data(bench.now, True, ReleaseAssistance.NONE, b"x")
    bench.drain()
    assert handshakes(bench) == 1


def test_resetting_dtls_makes_the_next_data_do_a_handshake() -> None:
    """DOC-E 3.11."""
    bench = secure(lifetime=86400)
    bench.attach()
    bench.client.reset_dtls(1)
    bench.drain()
    assert bench.client.dtls_state == 1
    assert handshakes(bench) == 1
    bench.client.send_data(1, True, ReleaseAssistance.NONE, b"x")
    bench.drain()
    assert (handshakes(bench), bench.client.dtls_state) == (2, 0)
    assert bench.client.registered


def test_resetting_dtls_during_a_handshake_changes_nothing() -> None:
    bench = secure()
    bench.platform.deaf = True
    bench.attach()
    bench.client.reset_dtls(0)
    assert bench.client.dtls_state == 2
    bench.platform.deaf = False
    bench.run(1)
    assert bench.state == "REGISTERED"


def test_a_package_over_coaps() -> None:
    package = pack("BC28", "BC28JAR02A01", bytes(3000))
    platform = SecurePlatform(SERVER, answers={"fw": Response(Code.CONTENT, options(content_format=42), package)})
    bench = secure(platform)
    bench.attach()
    bench.ask(Code.PUT, "/5/0/1", b"coaps://192.0.2.11:5683/fw", content_format=F.TEXT)
    assert bench.ask(Code.GET, "/5/0/3", accept=F.TEXT).payload == b"2"


def test_a_package_over_coaps_with_the_key_of_the_account() -> None:
    package = pack("BC28", "BC28JAR02A01", bytes(30))
    bench = bootstrapping()
    bench.platform.answers["fw"] = Response(Code.CONTENT, (), package)
    bench.attach()
    bench.write_account("coaps://192.0.2.11:5683", OTHER_KEY, mode=0)
    bench.finish_bootstrap()
    store = SecurePlatform(("192.0.2.12", 5684), OTHER_KEY, answers={"fw": Response(Code.CONTENT, (), package)})
    bench.platforms[store.address] = store
    bench.ask(Code.PUT, "/5/0/1", b"coaps://192.0.2.12/fw", content_format=F.TEXT)
    assert bench.ask(Code.GET, "/5/0/3", accept=F.TEXT).payload == b"2"


@pytest.mark.parametrize("number", range(1, 14))
def test_any_single_datagram_of_handshake_and_registration_may_be_lost(number: int) -> None:
    bench = secure()
    bench.lose = lambda carried: carried == number
    bench.attach()
    bench.run(20)
    assert bench.state == "REGISTERED"


@pytest.mark.parametrize("seed", range(5))
def test_one_in_five_lost_for_an_hour_leaves_nothing_stuck(seed: int) -> None:
    bench = bootstrapping(lifetime=300)
    source = random.Random(seed)
    bench.lose = lambda carried: source.random() < 0.2
    bench.attach()
    for _ in range(60):
        bench.run(bench.now + 60)
    bench.lose = lambda carried: False
    if bench.state in ("INIT_FAILED", "REG_FAILED"):
        bench.client.register(bench.now)
        bench.drain()
    bench.run(bench.now + 300)
    bench.write_account("coaps://192.0.2.11:5683", OTHER_KEY, mode=0)
    bench.finish_bootstrap()
    bench.run(bench.now + 300)
    assert bench.state == "REGISTERED"


def test_one_in_five_lost_for_an_hour_while_registered() -> None:
    bench = secure(lifetime=300)
    bench.attach()
    source = random.Random(3)
    bench.lose = lambda carried: source.random() < 0.2
    for _ in range(60):
        if bench.client.registered and not bench.client.uplink_waits:
            bench.client.send_data(bench.now, True, ReleaseAssistance.NONE, b"x")
            bench.drain()
        bench.run(bench.now + 60)
    bench.lose = lambda carried: False
    bench.run(bench.now + 600)
    assert bench.state == "REGISTERED"
    assert len(bench.seen(DataReported)) > 30


class Way:
    """A CoAP endpoint behind the module's channels, and a DTLS server that may be started anew."""

    def __init__(self) -> None:
        self.endpoint = CoapEndpoint(random.Random(1))
        self.connections = Connections(self.endpoint, channels(None, []))
        self.start()

    def start(self) -> None:
        self.server = DtlsServer({IMEI: KEY}.get, random.Random(3).randbytes)

    def connect(self) -> None:
        self.connections.connect(0.0, "server", Target(*SERVER, secure=True, psk=PSK))
        self.run()
        assert [type(outcome) for outcome in self.connections.outcomes()] == [Connected]

    def run(self) -> None:
        moving = True
        while moving:
            up, down = self.connections.flush(0.0), self.server.datagrams_to_send()
            for _, data in up:
                self.server.handle_datagram(0.0, MODULE, data)
            for _, data in down:
                self.connections.handle_datagram(0.0, SERVER, data)
            moving = bool(up or down)

    def asked(self, *path: str) -> list[tuple[str, ...]]:
        """What the endpoint hears of a request of the server, always under the same message ID."""
        request = Message(Type.CON, Code.GET, 7, b"t", options(path=path))
        self.server.send(0.0, MODULE, encode(request))
        self.run()
        return [event.message.path for event in self.endpoint.events() if isinstance(event, RequestReceived)]


def test_a_server_that_was_started_anew_may_use_its_message_ids_again() -> None:
    """RFC 7252 9.1.1: what it asks in a new session is no duplicate of what it asked before."""
    way = Way()
    way.connect()
    assert way.asked("3", "0") == [("3", "0")]
    assert way.asked("3", "0") == []
    way.connections.reset(0.0)
    way.endpoint.ping(0.0, SERVER)
    way.run()  # resumed: the session is the same (D148)
    assert way.asked("1", "0") == []
    way.start()
    way.connections.reset(0.0)
    way.connect()
    assert way.asked("1", "0") == [("1", "0")]
