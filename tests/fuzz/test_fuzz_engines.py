"""Datagrams that are nearly right to whole modules and platforms, at every state of a story: nothing crashes, what is
kept is bounded, and the story that follows is as good as any."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from andlink_bench import BOOTSTRAP_KEY, DEVICE, IMEI, AndlinkBench, keys_of
from fuzz_bytes import ROUNDS, Bytes

from kept_memory import kept_by
from nbtwin.engine import DAY
from nbtwin.lab.faults import Direction, PacketInFlight
from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.observers import LabObserver, Observers
from nbtwin.lab.recorder import TimelineRecorder
from nbtwin.module.identity import Usim
from nbtwin.module.services import PORTS
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.simulated_lab import SimulatedLab as ScenarioBench
from nbtwin.selfreg.schedule import Operator
from nbtwin.timeline.ring import Timeline

MEGABYTE = 1 << 20
STRANGER = ("203.0.113.9", 40000)


class Recorder(LabObserver):
    """Every datagram of a story, and which module's port it was for or from."""

    def __init__(self) -> None:
        self.up: list[bytes] = []
        self.down: list[bytes] = []

    def datagram(self, at: float, packet: PacketInFlight, data: bytes, *_: Any) -> None:
        (self.up if packet.direction is Direction.UP else self.down).append(data)


class Story:
    """DOC-E 6.1 or 6.2 with data both ways, and somebody who puts changed datagrams between the true ones."""

    def __init__(self, way: str) -> None:
        self.way = way
        self.bench = AndlinkBench(*([keys_of()] if way == "secure" else []))
        self.recorder = Recorder()
        self.bench.world.observers.append(self.recorder)
        self.node: ModuleNode | None = None

    def tell(self, between: Any = lambda: None) -> None:
        """`between` is called again and again while it goes on."""
        bench = self.bench
        node = self.node = bench.add_module()
        port = 5684 if self.way == "secure" else 5783
        bench.host(node, f'AT+QLASERVERIP="BS","lwm.home.komect.com",{port}')
        bench.host(node, f"AT+QLASETBSPSK={IMEI},{BOOTSTRAP_KEY}")
        bench.host(node, f"AT+QLABSSECSWT={int(self.way == 'secure')}", "AT+NRB")
        for _ in range(40):
            between()
            bench.world.advance(0.11)
        bench.world.advance(60)
        for _ in range(3):
            between()
            if self.registered:
                bench.perform(bench.platform.devices.ask, IMEI, "read", "/3/0")
            bench.world.advance(5)

    @property
    def registered(self) -> bool:
        device = self.bench.store.device(DEVICE)
        return device is not None and device.state == "registered"

    def outer(self) -> tuple[str, int]:
        """The module's address as the platform sees it."""
        return self.bench.world.network.outer(IMEI, PORTS["andlink"]) or STRANGER


def samples(way: str) -> Recorder:
    story = Story(way)
    story.tell()
    assert story.registered
    return story.recorder


ways = pytest.mark.parametrize("way", ["plain", "secure"])


@ways
def test_a_platform_hears_changed_datagrams_of_its_own_device_and_of_strangers(way: str) -> None:
    supply, story = Bytes(f"up/{way}", samples(way).up), Story(way)
    bench, random = story.bench, supply.random

    def between() -> None:
        for _ in range(max(1, ROUNDS // 4)):
            source = random.choice([story.outer(), STRANGER, (STRANGER[0], random.randint(1, 65535))])
            bench.perform(bench.platform.handle_datagram, source, supply.next(), random.randrange(3))

    story.tell(between)
    bench.world.advance(600)
    assert story.node is not None
    bench.host(story.node, "AT+NRB")
    bench.world.advance(200)
    assert story.registered
    assert bench.do(bench.platform.devices.ask, IMEI, "read", "/3/0/0").value == "Quectel"


@ways
def test_a_module_hears_changed_datagrams_in_the_name_of_its_platform(way: str) -> None:
    supply, story = Bytes(f"down/{way}", samples(way).down), Story(way)
    bench, random = story.bench, supply.random
    peers = [("192.0.2.11", port) for port in (5683, 5684, 5685, 5783)]

    def between() -> None:
        assert story.node is not None
        for _ in range(max(1, ROUNDS // 4)):
            bench.world.perform(
                story.node, story.node.module.handle_packet, PORTS["andlink"], random.choice(peers), supply.next()
            )

    story.tell(between)
    assert story.node is not None
    bench.world.advance(400)
    bench.host(story.node, "AT+NRB")
    bench.world.advance(400)
    assert b"+QLAEVTIND:0" in story.node.take_serial(), "it registers after its next boot"
    assert story.registered


@pytest.mark.parametrize("operator", [Operator.MOBILE, Operator.TELECOM, Operator.UNICOM])
def test_self_registration_hears_changed_datagrams_at_both_ends_and_registers_all_the_same(operator: Operator) -> None:
    name = {Operator.MOBILE: "cmdmp", Operator.TELECOM: "telecom", Operator.UNICOM: "unicom"}[operator]
    first = SelfRegistration(operator, name)
    first.run()
    second, supply = SelfRegistration(operator, name), Bytes(name, [*first.recorder.up, *first.recorder.down])
    for _ in range(ROUNDS * 4):
        second.disturb(supply)
    second.bench.world.advance(2 * DAY)  # a refusal that was heard is over
    second.restart()
    assert second.registered


class SelfRegistration:
    """A module with a card of an operator, and that operator's platform."""

    def __init__(self, operator: Operator, name: str) -> None:
        self.bench, self.name = ScenarioBench(latency=0.05), name
        self.recorder = Recorder()
        self.bench.world.observers.append(self.recorder)
        model, on = ("BC25", "AT+QSELFREGISTER=1") if name == "unicom" else ("BC260Y-CN", "AT+QSREGENABLE=1")
        self.node = self.bench.add_module("meter", PROFILES[model], Usim.of(operator, "meter"), settings=[on])
        self.bench.power_on("meter")

    def run(self) -> None:
        self.bench.world.advance(60)
        assert self.registered

    @property
    def registered(self) -> bool:
        device = self.bench.device(self.name, "meter")
        return device is not None and device.state == "registered"

    def disturb(self, supply: Bytes) -> None:
        world, random = self.bench.world, supply.random
        platform = self.bench.platform(self.name)
        if random.random() < 0.5:
            source = world.network.outer("meter", PORTS[self.name]) or STRANGER
            world.perform(platform, platform.engine.handle_datagram, source, supply.next())
        else:
            module = self.bench.modules["meter"]
            world.perform(self.node, module.handle_packet, PORTS[self.name], platform.address, supply.next())
        world.advance(random.choice([0.01, 0.05, 0.2]))

    def restart(self) -> None:
        self.bench.power_off("meter")
        self.bench.power_on("meter")
        self.bench.world.advance(2 * DAY)


@ways
def test_what_strangers_send_leaves_little_in_a_platform_and_its_timeline(way: str) -> None:
    supply, story = Bytes(f"many/{way}", samples(way).up), Story(way)
    bench, random = story.bench, supply.random
    bench.world.observers = Observers(TimelineRecorder(Timeline(size=100)))

    def flood(rounds: int) -> None:
        for _ in range(rounds):
            source = (f"203.0.113.{random.randint(1, 254)}", random.randint(1, 65535))
            data, listener = supply.next(), random.randrange(3)
            packet = PacketInFlight(Direction.UP, None, "andlink", source, ("192.0.2.11", 5683))
            for observer in bench.world.observers:
                observer.datagram(
                    bench.world.now, packet, data, bench.world.faults.judge(bench.world.now, packet), None
                )
            bench.perform(bench.platform.handle_datagram, source, data, listener)
            bench.log.clear()

    flood(ROUNDS * 5)
    assert kept_by(partial(flood, ROUNDS * 8)) < 2 * MEGABYTE
