"""Either side is started anew at each datagram of bootstrap, registration, observation, push and pull.

Both come to rest, and the outcome is what the device says (the module within a campaign: test_operators_power_cuts.py).

RFC 7252 9.1.1, RFC 6347 4.2.8; LwM2M 1.0 TS, 5.2 and 5.3; D168 of the module, D169 of the platform.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from andlink_bench import BOOTSTRAP_KEY, IMEI, SERVER_KEY, AndlinkBench, keys_of

from nbtwin.coap.numbers import EXCHANGE_LIFETIME
from nbtwin.engine import DAY, HOUR, MINUTE, Seconds
from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.observers import LabObserver
from nbtwin.lwm2m.firmware.package import pack
from nbtwin.operators import events as ev
from nbtwin.operators.campaigns.records import CampaignProgressed

NEW = "BC28JAR01A11_ONT"
PACKAGE = pack("BC28", NEW, bytes(range(256)) * 6)  # 2 blocks
READING = '[{"n":"19/1/0","p1":"v1"}]'  # DOC-E 6.1
PATIENCE: Seconds = 15 * MINUTE
"""Longer than every retransmission, a pause before the next attempt, and that attempt."""
WAYS = pytest.mark.parametrize("way", ["plain", "secure", "renegotiating"])


class Counter(LabObserver):
    """Datagrams since it was begun; at the one of that number something happens."""

    def __init__(self, at: int | None = None) -> None:
        self.count, self.at = 0, at

    def datagram(self, *_: Any, **__: Any) -> None:
        self.count += 1

    @property
    def reached(self) -> bool:
        return self.at is not None and self.count >= self.at


def waiting(way: str) -> tuple[AndlinkBench, ModuleNode]:
    """A module that begins to bootstrap when its host says so."""
    bench = AndlinkBench(*([] if way == "plain" else [keys_of()]))
    node = bench.add_module()
    if way == "plain":
        lines = ['AT+QLASERVERIP="BS","112.13.96.205",5783', "AT+QLABSSECSWT=0"]
    else:
        nat = 0 if way == "renegotiating" else 1  # DOC-E 3.16
        lines = [
            'AT+QLASERVERIP="BS","lwm.home.komect.com",5684', f"AT+QLASETBSPSK=0,{BOOTSTRAP_KEY}",
            f"AT+QLABSSECSWT=1,{nat}", f"AT+QLASECSWT=1,{nat}",
        ]  # fmt: skip
    bench.host(node, *lines, "AT+QLAREGSWT=1")
    bench.add_package(content=PACKAGE)
    return bench, node


def registered(way: str) -> tuple[AndlinkBench, ModuleNode]:
    """A module that is where `waiting` leads, without the bootstrap."""
    bench = AndlinkBench(*([] if way == "plain" else [keys_of()]))
    node = bench.add_module()
    if way == "plain":
        lines = ['AT+QLASERVERIP="LWM2M","192.0.2.11",5683']
    else:
        lines = [
            'AT+QLASERVERIP="LWM2M","lwm.home.komect.com",5685', f"AT+QLASETPSK={IMEI},{SERVER_KEY}",
            "AT+QLASECSWT=1,1",
        ]  # fmt: skip
    bench.host(node, *lines, "AT+QLAREGSWT=1")
    bench.world.ask(node, "AT+NRB")
    bench.add_package(content=PACKAGE)
    assert bench.world.run_until(lambda: settled(bench), PATIENCE)
    return bench, node


def settled(bench: AndlinkBench) -> bool:
    """Registered, observed and described by the platform that runs now."""
    return {"/19/1/0", "/5/0/3"} <= set(bench.platform.devices.observed(IMEI))


def restart_module(bench: AndlinkBench, node: ModuleNode) -> None:
    bench.world.perform(node, node.module.power_off)
    bench.world.advance(1)
    bench.world.perform(node, node.module.power_on)


def restart_platform(bench: AndlinkBench, node: ModuleNode) -> None:
    bench.restart_platform()
    bench.log.clear()  # its tickets begin anew


SIDES = pytest.mark.parametrize("restart", [restart_module, restart_platform])
Restart = Callable[[AndlinkBench, ModuleNode], None]


def interrupted(
    bench: AndlinkBench, node: ModuleNode, restart: Restart, at: int | None, done: Callable[[], bool]
) -> int:
    """From now until it is done, or until the restart at that datagram; how many there were."""
    counter, before = Counter(at), len(bench.seen(ev.DeviceRegistered))
    bench.world.observers.append(counter)
    assert bench.world.run_until(lambda: counter.reached or done(), PATIENCE), "it never came to its end"
    if counter.reached:
        known = IMEI in bench.platform.server.registrations
        restart(bench, node)
        if restart is restart_module:
            before = len(bench.seen(ev.DeviceRegistered))
            assert bench.world.run_until(lambda: len(bench.seen(ev.DeviceRegistered)) > before, PATIENCE), (
                "unregistered"
            )
        elif known:  # behind DTLS the platform hears of the device when that speaks
            speak(bench, node)
    assert bench.world.run_until(lambda: settled(bench), PATIENCE), "not registered and observed"
    return counter.count


def speak(bench: AndlinkBench, node: ModuleNode) -> None:
    """Data of the host, again while nobody answers (DOC-E 4.4: 2 and 3 are final)."""
    for _ in range(8):
        bench.said(node)
        if "OK" in bench.world.ask(node, f"AT+QLASENDDATA=0x0100,{len(READING)},{READING}"):
            heard: list[str] = []

            def told() -> bool:
                heard.extend(line for line in bench.said(node) if line.startswith("+QLADATASTATUS:"))  # noqa: B023
                return bool({f"+QLADATASTATUS:{status}" for status in (2, 3, 4, 5)} & set(heard))  # noqa: B023

            assert bench.world.run_until(told, PATIENCE), "no status of the data"
            if heard[-1] == "+QLADATASTATUS:4":
                assert bench.seen(ev.DataReceived)[-1].payload == READING.encode()
                return
        bench.world.advance(MINUTE)
    raise AssertionError(f"no data come through: {bench.said(node)}")


def at_rest(bench: AndlinkBench, node: ModuleNode) -> None:
    """Data come through and a value is read; then nothing is open on either side."""
    speak(bench, node)
    assert bench.do(bench.platform.devices.ask, IMEI, "read", "/3/0/1").value == "BC28"
    bench.world.advance(EXCHANGE_LIFETIME)
    assert node.module.andlink is not None
    assert not node.module.andlink.busy
    assert not bench.platform.coap.busy
    assert bench.platform.devices.waiting(IMEI) == 0


def bootstrap(way: str, restart: Restart, at: int | None) -> int:
    bench, node = waiting(way)
    bench.world.ask(node, "AT+NRB")
    count = interrupted(bench, node, restart, at, lambda: settled(bench))
    at_rest(bench, node)
    return count


def observation(way: str, restart: Restart, at: int | None) -> int:
    """An operator observes the lifetime, changes it, and is told. What a restart has ended is asked for again."""
    bench, node = waiting(way)
    bench.world.ask(node, "AT+NRB")
    assert bench.world.run_until(lambda: settled(bench), PATIENCE)
    bench.world.advance(MINUTE)  # renegotiating: the next word of the module needs a new handshake
    asked = {
        bench.perform(bench.platform.devices.ask, IMEI, "observe", "/1/0/1"),
        bench.perform(bench.platform.devices.ask, IMEI, "write", "/1/0/1", 7200),
    }
    platforms = bench.platforms

    def ended() -> bool:
        return asked <= {event.ticket for event in bench.seen(ev.OperationAnswered)}

    count = interrupted(bench, node, restart, at, ended)
    assert bench.platforms > platforms or bench.world.run_until(ended, PATIENCE), "a command has no end"
    if "/1/0/1" not in bench.platform.devices.observed(IMEI):
        assert bench.do(bench.platform.devices.ask, IMEI, "observe", "/1/0/1").response_code == "2.05"
    assert bench.do(bench.platform.devices.ask, IMEI, "write", "/1/0/1", 3600).response_code == "2.04"

    def told() -> bool:
        return [event.value for event in bench.seen(ev.ResourceNotified) if event.path == "/1/0/1"][-1:] == [3600]

    assert bench.world.run_until(told, MINUTE), "the change is not told"
    at_rest(bench, node)
    return count


STORIES = pytest.mark.parametrize("story", [bootstrap, observation])


@WAYS
@SIDES
@STORIES
def test_either_side_may_be_started_anew_at_any_datagram(
    story: Callable[[str, Restart, int | None], int], restart: Restart, way: str
) -> None:
    count = story(way, restart, None)
    assert count > 2
    known = story is bootstrap and way == "renegotiating"  # like "secure" until thirty seconds of silence: a sample
    for at in range(1, count + 1, 4 if known else 1):
        try:
            story(way, restart, at)
        except AssertionError as error:
            raise AssertionError(f"at datagram {at} of {count}: {error}") from error


def campaign(way: str, mode: str, at: int | None) -> int:
    """The verdict is the device's: the campaign says that it runs the new version, and it does."""
    bench, node = registered(way)
    number = bench.start(IMEI, mode=mode)
    counter = Counter(at)
    bench.world.observers.append(counter)

    def ended() -> bool:
        steps = [event.step for event in bench.seen(CampaignProgressed)]
        return bool({"succeeded", "failed"} & set(steps[-1:]))

    bench.world.run_until(lambda: counter.reached or ended(), 2 * HOUR)
    if counter.reached:
        restart_platform(bench, node)
    if not bench.world.run_until(ended, 10 * MINUTE):  # behind DTLS the platform hears of the device when that speaks
        bench.world.ask(node, f"AT+QLASENDDATA=0x0100,{len(READING)},{READING}")
    bench.world.run_until(ended, DAY)  # at the latest with its next update
    assert bench.steps(number) == {IMEI: "succeeded"}
    assert node.module.identity.firmware == NEW
    bench.world.advance(EXCHANGE_LIFETIME)
    assert bench.world.ask(node, "AT+QLASENDDATA=0x0100,4,21.5")[-1] == "OK"
    return counter.count


@pytest.mark.parametrize(("way", "mode"), [("plain", "pull"), ("secure", "push")])
def test_a_platform_that_is_started_anew_at_any_datagram_of_a_campaign_finishes_it(way: str, mode: str) -> None:
    count = campaign(way, mode, None)
    assert count > 10
    for at in range(1, count + 1):
        try:
            campaign(way, mode, at)
        except AssertionError as error:
            raise AssertionError(f"at datagram {at} of {count}: {error}") from error
