"""The Andlink platform behind DTLS: keys, identities, NAT types, restarts.

DOC-E 6.2; docs/spec/wire.md, Andlink security.
"""

from __future__ import annotations

from typing import Any

import pytest
from andlink_bench import BOOTSTRAP_KEY, DEVICE, IMEI, SERVER_KEY, AndlinkBench, keys_of

from nbtwin.dtls.events import HandshakeCompleted, HandshakeFailed, KeyLogged
from nbtwin.dtls.reasons import DtlsRefusal
from nbtwin.dtls.settings import ServerSettings
from nbtwin.lab.nodes import ModuleNode
from nbtwin.operators import events as ev
from nbtwin.operators.andlink.listeners import ListenerPort, Listeners
from nbtwin.operators.key_store.psk import DeviceKeys, PskStore
from nbtwin.operators.key_store.refusals import KeyRefusal, PskError
from nbtwin.operators.refusals import PlatformRefusal

OTHER = "867724030000226"
DOC_E_6_2 = (
    'AT+QLASERVERIP="BS","lwm.home.komect.com",5684',
    f"AT+QLASETBSPSK={IMEI},{BOOTSTRAP_KEY}",
    'AT+QCFG="LWM2M/DeviceType","31301"',
    "AT+QLABSSECSWT=1,0",
    "AT+NRB",
)


def bootstrapped(bench: AndlinkBench) -> ModuleNode:
    node = bench.add_module()
    bench.host(node, *DOC_E_6_2)
    bench.world.advance(30)
    return node


def configured(bench: AndlinkBench, key: str, imei: str = IMEI, nat: int = 0) -> ModuleNode:
    """Without bootstrap: server and key are the host's to set."""
    node = bench.add_module(imei)
    bench.host(
        node,
        'AT+QLASERVERIP="LWM2M","lwm.home.komect.com",5685',
        f"AT+QLASETPSK={imei},{key}",
        f"AT+QLASECSWT=1,{nat}",
        "AT+NRB",
    )
    bench.world.advance(30)
    return node


@pytest.mark.conformance("LightweightM2M-1.0-int-401", role="server")
def test_doc_e_6_2_bootstrap_and_registration_behind_dtls() -> None:
    bench = AndlinkBench(keys_of())
    node = bootstrapped(bench)
    events = [line for line in bench.said(node) if line.startswith("+QLA")]
    assert events == [
        "+QLADTLSSTAT:0", "+QLAEVTIND:4", "+QLADTLSSTAT:0", "+QLAEVTIND:0", "+QLAEVTIND:3", "+QLAEVTIND:5",
    ]  # D70  # fmt: skip
    device = bench.store.device(DEVICE)
    assert device is not None
    assert (device.psk_identity, device.device_type, device.state) == (IMEI, "31301", "registered")
    payload = '{"outletStatus":"0","setTime":"1","firmware":"1.0","softVersion":"1.0"}'
    ticket = bench.perform(bench.platform.devices.ask, IMEI, "read", "/19/1/0")
    bench.world.advance(1)
    read = bench.said(node)[-1].removeprefix("+QLAREAD: ").replace('"', "").split(",")
    bench.respond(node, (read[0], read[1]), payload)
    assert bench.answer(ticket).value == payload
    bench.host(node, f"AT+QLASENDDATA=0X0100,{len(payload)},{payload}")
    bench.world.advance(5)
    assert "+QLADATASTATUS:4" in bench.said(node)
    assert bench.seen(ev.DataReceived)[-1].payload == payload.encode()


def test_bootstrap_and_server_have_keys_of_their_own_under_one_identity() -> None:
    """D65: the port says which key is meant."""
    bench = AndlinkBench(keys_of())
    bootstrapped(bench)
    assert [event.identity for event in bench.seen(HandshakeCompleted)] == [IMEI.encode()] * 2
    ring = bench.keys
    assert ring.key_at_bootstrap(IMEI.encode()) == bytes.fromhex(BOOTSTRAP_KEY)
    assert ring.key_at_server(IMEI.encode()) == bytes.fromhex(SERVER_KEY)


def test_a_device_with_a_bootstrap_key_alone_keeps_it_for_the_server() -> None:
    bench = AndlinkBench(DeviceKeys(device=IMEI, bootstrap_key=BOOTSTRAP_KEY))
    node = bootstrapped(bench)
    assert "+QLAEVTIND:0" in bench.said(node)


def test_a_device_registers_with_the_key_that_its_host_has_set() -> None:
    bench = AndlinkBench(keys_of())
    node = configured(bench, SERVER_KEY)
    assert "+QLAEVTIND:0" in bench.said(node)


@pytest.mark.parametrize(
    ("keys", "refusal"),
    [
        ((), DtlsRefusal.IDENTITY_UNKNOWN),
        ((keys_of(OTHER),), DtlsRefusal.IDENTITY_UNKNOWN),
        ((keys_of(),), DtlsRefusal.FINISHED_UNREADABLE),
    ],
)
def test_a_wrong_key_and_an_unknown_identity_end_in_a_failed_handshake(
    keys: tuple[Any, ...], refusal: DtlsRefusal
) -> None:
    """D150: the module cannot tell them apart, the platform's user can."""
    bench = AndlinkBench(*keys)
    node = configured(bench, BOOTSTRAP_KEY)
    bench.world.advance(200)
    assert "+QLADTLSSTAT:3" in bench.said(node)
    assert bench.seen(ev.DeviceRegistered) == []
    assert {event.refusal for event in bench.seen(HandshakeFailed)} == {refusal}


def test_a_removed_key_ends_with_the_next_handshake() -> None:
    bench = AndlinkBench(keys_of())
    node = configured(bench, SERVER_KEY)
    bench.keys.remove(IMEI)
    bench.host(node, "AT+NRB")
    bench.world.advance(200)
    assert len(bench.seen(ev.DeviceRegistered)) == 1


def test_nobody_registers_in_anothers_name() -> None:
    """The identity is the other device's, and its key is right (D66)."""
    bench = AndlinkBench(keys_of(OTHER))
    node = bench.add_module()
    bench.host(
        node, 'AT+QLASERVERIP="LWM2M","lwm.home.komect.com",5685', f"AT+QLASETPSK=0,{SERVER_KEY}", "AT+QLASECSWT=1,0"
    )
    bench.keys.add(DeviceKeys(device=OTHER, key=SERVER_KEY, identity=IMEI))
    bench.host(node, "AT+NRB")
    bench.world.advance(60)
    (refused,) = {event.refusal for event in bench.seen(ev.DeviceRefused)}
    assert refused is PlatformRefusal.IDENTITY_OF_ANOTHER


def test_after_a_silence_a_new_handshake_brings_data_of_the_same_observation() -> None:
    """NAT type 0 (DOC-E 3.16, D148): a resumed session is the same endpoint."""
    bench = AndlinkBench(keys_of())
    node = configured(bench, SERVER_KEY)
    for payload in ("one", "two"):
        bench.world.advance(40)
        bench.host(node, f"AT+QLASENDDATA=0x0100,3,{payload}")
    bench.world.advance(5)
    assert [event.payload for event in bench.seen(ev.DataReceived)] == [b"one", b"two"]
    assert [event.resumed for event in bench.seen(HandshakeCompleted)] == [False, True, True]
    assert len(bench.seen(ev.DeviceRegistered)) == 1


def test_a_new_address_behind_a_nat_changes_nothing() -> None:
    """Connection ID (RFC 9146), NAT type 1: no new handshake."""
    bench = AndlinkBench(keys_of())
    node = configured(bench, SERVER_KEY, nat=1)
    bench.world.advance(600)
    bench.world.rebind(node)
    bench.host(node, "AT+QLASENDDATA=0x0100,4,data")
    bench.world.advance(5)
    assert bench.seen(ev.DataReceived)[-1].payload == b"data"
    assert len(bench.seen(HandshakeCompleted)) == 1
    assert bench.do(bench.platform.devices.ask, IMEI, "read", "/3/0/1").value == "BC28"


def test_registration_and_observations_outlive_the_platform_behind_dtls() -> None:
    bench = AndlinkBench(keys_of())
    node = configured(bench, SERVER_KEY)
    bench.restart_platform()
    read = bench.do(bench.platform.devices.ask, IMEI, "read", "/3/0/1", within=0)
    assert read.refusal is PlatformRefusal.SESSION_MISSING  # only devices begin a session (D147)
    bench.world.advance(60)  # the module hears nothing, and makes a new handshake
    bench.host(node, "AT+QLASENDDATA=0x0100,4,data")
    bench.world.advance(100)
    assert bench.seen(ev.DataReceived)[-1].way == "notification"
    assert bench.do(bench.platform.devices.ask, IMEI, "read", "/3/0/1").value == "BC28"
    assert len(bench.seen(ev.DeviceRegistered)) == 1


def test_keys_of_sessions_are_told_where_the_settings_say_so() -> None:
    bench = AndlinkBench(keys_of(), dtls=ServerSettings(key_log=True))
    configured(bench, SERVER_KEY)
    assert bench.seen(KeyLogged)[0].line.startswith("CLIENT_RANDOM ")
    assert not AndlinkBench(keys_of()).seen(KeyLogged)


def test_peers_behind_dtls_have_names_that_no_address_has() -> None:
    peer = Listeners.peer_of(IMEI, ListenerPort.SECURE)
    assert Listeners.identity_of(peer) == IMEI
    assert Listeners.identity_of(("10.0.0.1", 5683)) is None


def test_an_identity_belongs_to_one_device() -> None:
    ring = PskStore([DeviceKeys(device="a", key="ab", identity="x")])
    with pytest.raises(PskError) as taken:
        ring.add(DeviceKeys(device="b", key="cd", bootstrap_identity="x"))
    assert (taken.value.code, taken.value.fields) == (KeyRefusal.IDENTITY_TAKEN, {"identity": "x", "device": "a"})
    ring.add(DeviceKeys(device="a", key="cd"))
    ring.add(DeviceKeys(device="b", key="ef", identity="x"))
    assert [ring.device_of(identity) for identity in ("a", "b", "x", "y")] == ["a", "b", "b", None]
    assert ring.remove("b")
    assert ring.device_of("x") is None
    assert [entry.key for entry in ring.list()] == ["***"]


@pytest.mark.parametrize(
    "keys",
    [
        DeviceKeys(device="", key="ab"),
        DeviceKeys(device="a"),
        DeviceKeys(device="a", key="abc"),
        DeviceKeys(device="a", key="ab" * 65),
        DeviceKeys(device="a\n", key="ab"),
        DeviceKeys(device="a", key="ab", identity="x" * 129),
    ],
)
def test_keys_that_cannot_be_are_refused_without_showing_them(keys: DeviceKeys) -> None:
    with pytest.raises(PskError) as refused:
        PskStore().add(keys)
    assert not keys.key or keys.key not in str(refused.value)
