"""Both sides of the platforms' limits: keys that demand DTLS, lifetimes, attempts, addresses that change."""

from __future__ import annotations

import random
from typing import Any

import pytest
from andlink_bench import DEVICE, IMEI, SERVER_KEY, AndlinkBench, keys_of

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.engine import DAY, Address
from nbtwin.lwm2m.model import OBJECTS
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.server.events import ClientOperationAnswered
from nbtwin.lwm2m.server.server import LwM2mServer
from nbtwin.operators import events as ev
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.device_management.verbs import VERBS
from nbtwin.operators.key_store.psk import DeviceKeys, PskStore
from nbtwin.operators.store.campaigns import CampaignRepository

HOME: Address = ("10.0.0.1", 5683)
AWAY: Address = ("10.9.9.9", 40000)
KEY = "ab" * 16


class Line:
    """What passes between an engine and devices that write their own datagrams."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine
        self.log: list[Any] = []
        self._message_id = 0

    def give(self, now: float, message: Message, peer: Address = HOME) -> list[Message]:
        """One datagram, and what goes back to that peer."""
        self.engine.handle_datagram(now, peer, encode(message))
        self.log += self.engine.events()
        if hasattr(self.engine, "handle_committed"):
            self.engine.handle_committed(now)
        return [decode(data) for to, data in self.engine.datagrams_to_send() if to == peer]

    def ask(
        self, now: float, code: Code, path: str, *query: str, peer: Address = HOME, payload: bytes = b"", **more: Any
    ) -> Message:
        self._message_id += 1
        found = options(path=path.split("/"), query=query, **more)
        return self.give(now, Message(Type.CON, code, self._message_id, b"t", found, payload), peer)[0]

    def register(self, now: float, *query: str, peer: Address = HOME) -> str:
        created = self.ask(now, Code.POST, "rd", *query, peer=peer, payload=b"</3/0>,</19/0>", content_format=40)
        assert created.code == Code.CREATED
        return "/".join(created.location)


# The key that demands DTLS (D66, D136)


@pytest.mark.parametrize(
    ("keys", "bootstrap", "registration"),
    [
        ({"bootstrap_key": KEY}, Code.UNAUTHORIZED, Code.UNAUTHORIZED),
        ({"key": KEY}, Code.CHANGED, Code.UNAUTHORIZED),
        ({"bootstrap_key": KEY, "key": KEY}, Code.UNAUTHORIZED, Code.UNAUTHORIZED),
        (None, Code.CHANGED, Code.CREATED),
    ],
    ids=["a bootstrap key", "a server key", "both", "none"],
)
def test_a_key_demands_dtls_where_it_is_meant_and_nowhere_else(
    keys: dict[str, str] | None, bootstrap: Code, registration: Code
) -> None:
    """The bootstrap key at both servers, the LwM2M server's there alone (D67, D136)."""
    ring = PskStore([] if keys is None else [DeviceKeys(device=IMEI, **keys)])
    for path, code in (("bs", bootstrap), ("rd", registration)):
        line = Line(AndlinkPlatform(random.Random(1), ring))
        assert line.ask(0, Code.POST, path, f"ep={IMEI}", payload=b"</3/0>").code == code


@pytest.mark.parametrize("key", ["bootstrap_key", "key"])
def test_a_device_that_was_given_a_key_updates_over_dtls_from_then_on(key: str) -> None:
    ring = PskStore()
    line = Line(AndlinkPlatform(random.Random(1), ring))
    location = line.register(0, f"ep={IMEI}")
    assert line.ask(1, Code.POST, location).code == Code.CHANGED
    ring.add(DeviceKeys(device=IMEI, **{key: KEY}))
    assert line.ask(2, Code.POST, location).code == Code.UNAUTHORIZED


# Lifetime and grace


@pytest.mark.parametrize("updated", [None, 1, 9, 10, 11, 59, 60, 69])
@pytest.mark.parametrize("grace", [0, 10])
def test_a_registration_ends_a_lifetime_and_the_grace_after_it_was_last_refreshed(
    updated: int | None, grace: int
) -> None:
    """However early or late the update came, and with every deadline on the way obeyed."""
    if updated is not None and updated >= 60 + grace:
        return
    server = LwM2mServer(random.Random(1), grace=grace)
    line = Line(server)
    location = line.register(0, "ep=meter", "lt=60")
    if updated is not None:
        line.ask(updated, Code.POST, location)
    end = (updated or 0) + 60 + grace
    while (deadline := server.next_deadline()) is not None and deadline.at < end:
        server.handle_timer(deadline.at)
    server.handle_timer(end - 0.001)
    assert "meter" in server.registrations
    server.handle_timer(end)
    assert "meter" not in server.registrations


# Observations and addresses


def observed(line: Line) -> Message:
    path = Path("/19/1/0")
    line.engine.send(1, "meter", path, VERBS["observe"].request(path, None, None, OBJECTS))
    ((_, data),) = line.engine.datagrams_to_send()
    asked = decode(data)
    line.give(1, Message(Type.ACK, Code.CONTENT, asked.message_id, asked.token, options(observe=1), b"a"))
    return asked


def test_an_observation_follows_a_client_to_its_new_address_and_leaves_the_old_one() -> None:
    line = Line(LwM2mServer(random.Random(1)))
    location = line.register(0, "ep=meter")
    asked = observed(line)
    line.ask(2, Code.POST, location, peer=AWAY)

    def notified(number: int, value: bytes, peer: Address) -> list[Message]:
        message = Message(Type.CON, Code.CONTENT, 900 + number, asked.token, options(observe=number), value)
        return line.give(3, message, peer)

    (answer,) = notified(2, b"new address", AWAY)
    assert answer.type == Type.ACK
    (answer,) = notified(3, b"old address", HOME)
    assert answer.type == Type.RST
    (answer,) = notified(4, b"again", AWAY)
    assert answer.type == Type.ACK
    assert [e.message.payload for e in line.log if isinstance(e, ClientOperationAnswered)] == [
        b"a",
        b"new address",
        b"again",
    ]


def test_data_of_an_observation_arrive_after_a_new_address_and_an_update_from_there() -> None:
    bench = AndlinkBench()
    node = bench.registered()
    bench.world.rebind(node)
    bench.world.advance(DAY)
    assert [event.address_changed for event in bench.seen(ev.DeviceUpdated)] == [True]
    bench.host(node, "AT+QLASENDDATA=0x0100,4,data")
    bench.world.advance(5)
    (data,) = bench.seen(ev.DataReceived)
    assert (data.way, data.payload) == ("notification", b"data")


# Peers behind DTLS


def test_a_peer_behind_dtls_is_known_by_host_and_port_after_the_platform_was_started_anew() -> None:
    bench = AndlinkBench(keys_of())
    node = bench.add_module()
    bench.host(
        node, 'AT+QLASERVERIP="LWM2M","lwm.home.komect.com",5685', f"AT+QLASETPSK={IMEI},{SERVER_KEY}",
        "AT+QLASECSWT=1,0", "AT+NRB",
    )  # fmt: skip
    bench.world.advance(30)
    device = bench.store.device(DEVICE)
    assert device is not None
    assert device.port != 0
    where = (device.host, device.port)
    bench.restart_platform()
    bench.log.clear()
    bench.perform(bench.platform.devices.request, IMEI, "read", Path("/3/0/1"))
    bench.world.advance(300)
    assert bench.seen(ev.OperationAnswered)[-1].response_code == ""  # only devices begin a session
    told = {event.peer for event in bench.log if hasattr(event, "peer")}
    assert told == {where}
    bench.world.advance(DAY)
    assert {event.address_changed for event in bench.seen(ev.DeviceUpdated)} == {False}


# Attempts of a campaign


def silent(bench: AndlinkBench) -> int:
    """From now on nothing of the platform arrives at the module."""
    return bench.world.add_fault("silence,source=andlink")


def entry(bench: AndlinkBench, campaign: int) -> tuple[str, int]:
    (device,) = bench.store.part(CampaignRepository).devices(campaign)
    return str(device.step), device.attempts


def test_a_device_that_never_answers_is_told_three_times() -> None:
    """And is waited for until its registration would end (D165)."""
    bench = AndlinkBench()
    bench.add_package()
    bench.registered()
    silent(bench)
    campaign = bench.start(IMEI)
    bench.world.advance(3600)
    assert entry(bench, campaign) == ("starting", 3)
    assert bench.world.run_until(lambda: entry(bench, campaign)[0] == "failed", DAY + 128)
    assert entry(bench, campaign) == ("failed", 3)


@pytest.mark.parametrize("failures", [1, 2])
def test_a_device_that_answers_the_last_time_is_updated(failures: int) -> None:
    bench = AndlinkBench()
    bench.add_package()
    bench.registered()
    fault = silent(bench)
    campaign = bench.start(IMEI)
    assert bench.world.run_until(lambda: entry(bench, campaign) == ("starting", failures + 1), 3600)
    bench.world.faults.remove(fault)
    bench.world.advance(900)
    assert entry(bench, campaign) == ("succeeded", failures + 1)


@pytest.mark.parametrize(("cuts", "outcome"), [(2, ("succeeded", 3)), (3, ("failed", 3))])
def test_a_device_that_loses_a_download_is_told_again_until_it_was_told_three_times(
    cuts: int, outcome: tuple[str, int]
) -> None:
    bench = AndlinkBench()
    bench.add_package()
    node = bench.registered()
    campaign = bench.start(IMEI)
    for attempt in range(cuts):
        assert bench.world.run_until(lambda n=attempt + 1: entry(bench, campaign) == ("downloading", n), 300)
        bench.world.advance(2)
        bench.world.perform(node, node.module.power_off)
        bench.world.perform(node, node.module.power_on)
    bench.world.advance(900)
    assert entry(bench, campaign) == outcome
