"""A real module and the real CMDMP platform in one simulated world (docs/spec/registration.md, Schedules)."""

import hashlib
import itertools
import time

import pytest

from nbtwin.engine import DAY, HOUR
from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.world import World
from nbtwin.module.identity import ModuleIdentity, Usim, imei_of
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage
from nbtwin.operators.cmdmp.platform import CmdmpPlatform
from nbtwin.operators.key_store.appkeys import LAB_APPKEY, LAB_PASSWORD, AppkeyStore
from nbtwin.profiles.models import profile
from nbtwin.selfreg.schedule import Operator
from nbtwin.timeline.decoder import Decoded
from nbtwin.timeline.entry import EntryKind
from nbtwin.timeline.ring import Timeline


def lab(model: str = "BC260Y-CN", *, seed: int = 1, timeline: Timeline | None = None) -> tuple[World, ModuleNode]:
    world = World(seed=seed, timeline=timeline)
    keys = AppkeyStore()
    keys.add(LAB_APPKEY, LAB_PASSWORD)
    world.add_platform("cmdmp", CmdmpPlatform(world.random("cmdmp"), keys), operator="cmdmp")
    card, identity = Usim.of(Operator.MOBILE, "one"), ModuleIdentity("one", imei_of("one"), profile(model).firmware)
    module = Module(profile(model), identity, MemoryStorage(), world.random("one"), card)
    node = world.add_module("one", module)
    world.perform(node, module.power_on)
    return world, node


def entries(world: World, kind: EntryKind) -> list[Decoded]:
    assert world.timeline is not None
    return [entry for entry in world.timeline.reader.after() if entry.kind is kind]


def sent(world: World) -> list[float]:
    return [entry.at for entry in entries(world, EntryKind.DATAGRAM) if entry.fields["direction"] == "up"]


def test_a_fresh_module_registers_by_default_and_says_so() -> None:
    """DOC-C 2.2.1, 3.2.2 type 6; D20."""
    world, node = lab()
    assert world.run_until(lambda: world.ask(node, "AT+QDMPCFG=6") == ["+QDMPCFG: 6,6", "OK"], within=60)


def test_lost_packets_leave_at_0_2_6_14_30_62_and_state_8_comes_at_128() -> None:
    """DOC-C 2.2.3; D14."""
    world, node = lab(timeline=Timeline())
    world.add_fault("loss,direction=up")
    world.run(300)
    times = sent(world)
    assert [at - times[0] for at in times] == [0, 2, 6, 14, 30, 62]
    told = [entry for entry in entries(world, EntryKind.STATE) if entry.code == "service-reported"]
    changes = [entry for entry in told if entry.fields["event"].get("new") == "REG_TIMEOUT"]
    assert [entry.at - times[0] for entry in changes] == [128]
    assert world.ask(node, "AT+QDMPCFG=6") == ["+QDMPCFG: 6,8", "OK"]
    datagrams = [entry for entry in entries(world, EntryKind.DATAGRAM) if entry.fields["direction"] == "up"]
    assert [entry.fields["sending"] for entry in datagrams] == [1, 2, 3, 4, 5, 6]
    assert all(entry.text().endswith("✗ lost") for entry in datagrams)
    assert "(sending 6)" in datagrams[-1].text()


def test_an_answer_to_the_third_packet_is_good_enough() -> None:
    world, node = lab(timeline=Timeline())
    world.add_fault("loss,direction=up,packets=1+2")
    world.run(60)
    assert world.ask(node, "AT+QDMPCFG=6") == ["+QDMPCFG: 6,6", "OK"]


def test_an_error_answer_ends_it_until_the_next_boot() -> None:
    """DOC-C 2.2.3, D54."""
    world, node = lab()
    world.add_fault("error,code=5.03")
    world.run(HOUR)
    assert world.ask(node, "AT+QDMPCFG=6") == ["+QDMPCFG: 6,7", "OK"]


def test_a_failed_lookup_falls_back_to_the_address() -> None:
    """D39."""
    world, node = lab()
    world.add_fault("dns_failure,seconds=10")
    world.run(60)
    assert world.ask(node, "AT+QDMPCFG=6") == ["+QDMPCFG: 6,6", "OK"]


def test_an_update_a_day_for_thirty_days_and_how_long_that_took() -> None:
    """docs/spec/registration.md, After success: DOC-C updates every 24 h."""
    world, _ = lab(timeline=Timeline())
    began = time.perf_counter()
    world.run(30 * DAY)
    print(f"\n30 days of a BC260Y-CN: {(time.perf_counter() - began) * 1000:.1f} ms")
    updated = [e.at for e in entries(world, EntryKind.PLATFORM) if e.code == "device-updated"]
    assert len(updated) == 29
    assert [b - a for a, b in itertools.pairwise(updated)] == pytest.approx([DAY] * 28)


def test_after_a_nat_rebinding_the_platform_learns_the_new_address_from_the_next_update() -> None:
    world, node = lab(timeline=Timeline())
    world.run(HOUR)
    world.rebind(node)
    world.run(2 * DAY)
    updates = [e for e in entries(world, EntryKind.PLATFORM) if e.code == "device-updated"]
    assert updates[0].fields["address_changed"]


def test_a_server_that_is_down_for_a_day_is_found_again() -> None:
    """D56: no successful update within the lifetime is a fresh registration; D116: and another, a period later."""
    world, node = lab()
    world.add_fault("silence,destination=cmdmp,start=1h,end=50h")
    world.run(5 * DAY)
    (answer, ok) = world.ask(node, "AT+QDMPCFG=6")
    assert ok == "OK"
    assert answer in ("+QDMPCFG: 6,6", "+QDMPCFG: 6,11")


def trace(seed: int) -> str:
    timeline = Timeline(size=100_000)
    world, _ = lab(seed=seed, timeline=timeline)
    world.add_fault("loss,probability=0.4")
    world.run(10 * DAY)
    told = "\n".join(f"{e.at} {e.source} {e.text()} {e.fields}" for e in timeline.reader.after())
    return hashlib.sha256(told.encode()).hexdigest()


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert trace(5) == trace(5)
    assert trace(5) != trace(6)
