"""One world: what follows from an input, over names, addresses and time."""

import time

import pytest
from lab_peers import EchoPlatform, ToyModule

from nbtwin.engine import DAY
from nbtwin.lab.nodes import ModuleNode, PlatformNode
from nbtwin.lab.world import World
from nbtwin.timeline.entry import EntryKind
from nbtwin.timeline.ring import Timeline

CMDMP = "117.161.2.41"


def lab(**options: object) -> tuple[World, ModuleNode, ToyModule, PlatformNode, EchoPlatform]:
    world = World(timeline=Timeline(), **options)  # type: ignore[arg-type]
    module, platform = ToyModule(), EchoPlatform()
    node = world.add_module("bc28", module)
    return world, node, module, world.add_platform("cmdmp", platform, operator="cmdmp"), platform


def test_a_module_boots_when_its_time_has_come() -> None:
    world, node, module, *_ = lab()
    world.perform(node, module.power_on)
    world.run(0.999)
    assert node.take_serial() == b""
    world.run(1)
    assert node.take_serial() == b"\r\nRDY\r\n"
    assert world.now == 1


def test_a_command_line_is_answered_at_once() -> None:
    world, node, *_ = lab()
    assert world.ask(node, "AT") == ["OK"]
    assert world.ask(node, "AT+NONSENSE") == ["ERROR"]
    assert world.now == 0


def test_an_answer_comes_from_the_address_that_was_asked() -> None:
    world, node, module, _, platform = lab()
    for host in (CMDMP, "117.161.2.7"):
        world.ask(node, f"AT+SEND={host},5683,hello")
        world.advance(1)
    assert [source for _, source, _ in module.heard] == [(CMDMP, 5683), ("117.161.2.7", 5683)]
    assert [data for *_, data in module.heard] == [b"echo hello"] * 2
    assert platform.heard[0][1] == platform.heard[1][1], "the same local port is seen from one outer address"


def test_latency_counts_on_each_way() -> None:
    world, node, module, _, platform = lab(latency=0.5)
    world.ask(node, f"AT+SEND={CMDMP},5683,hello")
    world.run(10)
    assert platform.heard[0][0] == 0.5
    assert module.heard[0][0] == 1.0


def test_jitter_is_seeded_and_adds_to_the_latency() -> None:
    def arrivals(seed: int) -> list[float]:
        world, node, _, _, platform = lab(latency=0.5, jitter=0.2, seed=seed)
        for _ in range(20):
            world.ask(node, f"AT+SEND={CMDMP},5683,hello")
        world.run(10)
        return [at for at, *_ in platform.heard]

    assert arrivals(1) == arrivals(1) != arrivals(2)
    assert all(0.5 <= at < 0.7 for at in arrivals(1))
    assert len(set(arrivals(1))) == 20


@pytest.mark.parametrize("name", ["m.fxlttsbl.com", "m.fxltsbl.com", "M.FXLTTSBL.COM", "m.fxlttsbl.com."])
def test_the_operators_names_resolve_inside_the_lab(name: str) -> None:
    """D19: the name as DOC-C prints it, and as it is observed elsewhere."""
    world, node, *_ = lab()
    world.ask(node, f"AT+LOOKUP={name}")
    world.run(1)
    assert node.take_serial().endswith(f"\r\n+LOOKUP: {name},{CMDMP}\r\n".encode())


def test_an_unknown_name_fails_and_an_unrouted_address_is_nowhere() -> None:
    world, node, module, *_ = lab()
    world.ask(node, "AT+LOOKUP=example.com")
    world.run(1)
    assert b"+LOOKUP: example.com,None" in node.take_serial()
    world.ask(node, "AT+SEND=203.0.113.9,5683,hello")
    world.run(10)
    assert module.heard == []
    assert world.timeline is not None
    assert world.timeline.reader.after()[-1].text().endswith("✗ no route")


def test_a_route_leads_to_another_platform_of_the_lab() -> None:
    world, node, module, *_ = lab()
    other = EchoPlatform()
    world.add_platform("mine", other, address=("192.0.2.77", 9999))
    world.route(f"{CMDMP}:5683=192.0.2.77:9999")
    world.ask(node, f"AT+SEND={CMDMP},5683,hello")
    world.run(1)
    assert len(other.heard) == 1
    assert module.heard[0][1] == (CMDMP, 5683)


def test_a_routed_name_resolves_to_an_address_that_leads_there() -> None:
    world, node, module, *_ = lab()
    world.add_platform("mine", EchoPlatform(), address=("192.0.2.77", 5683))
    world.route("iot.example.com:5683=192.0.2.77:5683")
    world.ask(node, "AT+LOOKUP=iot.example.com")
    world.run(1)
    host = node.take_serial().split(b",")[-1].strip().decode()
    world.ask(node, f"AT+SEND={host},5683,hello")
    world.run(2)
    assert module.heard[0][1] == (host, 5683)


def test_after_nat_rebinding_the_platform_sees_another_address_and_the_old_one_leads_nowhere() -> None:
    world, node, module, platform_unit, platform = lab()
    world.ask(node, f"AT+SEND={CMDMP},5683,one")
    world.run(1)
    before = platform.heard[0][1]
    world.rebind(node)
    world.perform(platform_unit, platform.say, before, b"anybody?")
    world.run(2)
    assert [data for *_, data in module.heard] == [b"echo one"]
    world.ask(node, f"AT+SEND={CMDMP},5683,two")
    world.run(3)
    assert platform.heard[1][1] != before
    assert module.heard[-1][2] == b"echo two"


def test_no_answer_leaves_before_the_commit_and_a_failed_commit_is_tried_again() -> None:
    world = World(timeline=Timeline())
    module, platform = ToyModule(), EchoPlatform()
    node = world.add_module("bc28", module)
    batches: list[list[object]] = []
    broken = [OSError("disk full"), OSError("disk full")]

    def commit(events: object) -> None:
        assert module.heard == []
        if broken:
            raise broken.pop()
        batches.append(list(events))  # type: ignore[call-overload]

    world.add_platform("cmdmp", platform, operator="cmdmp", commit=commit)
    world.ask(node, f"AT+SEND={CMDMP},5683,one")
    world.run(1.5)
    assert module.heard == []
    world.run(10)
    assert module.heard == [(3.0, (CMDMP, 5683), b"echo one")], "one second, then two"
    assert [len(batch) for batch in batches] == [1]


def test_a_removed_unit_does_nothing_more() -> None:
    world, node, module, *_ = lab()
    world.ask(node, f"AT+EVERY=10,{CMDMP},5683")
    world.run(25)
    world.remove("bc28")
    world.run(100)
    assert module.sent_at == [10, 20]
    world.remove("cmdmp")
    with pytest.raises(KeyError):
        world.remove("cmdmp")


def test_two_units_cannot_have_one_name() -> None:
    world, *_ = lab()
    with pytest.raises(ValueError, match="the lab has a 'bc28' already"):
        world.add_module("bc28", ToyModule())


def test_thirty_days_take_milliseconds_and_each_report_leaves_on_the_second(record_property: object) -> None:
    world, node, module, *_ = lab()
    world.ask(node, f"AT+EVERY=86400,{CMDMP},5683")
    began = time.perf_counter()
    world.run(30 * DAY)
    print(f"\n30 days of one module: {(time.perf_counter() - began) * 1000:.2f} ms")
    assert module.sent_at == [day * DAY for day in range(1, 31)]
    assert [at for at, *_ in module.heard] == module.sent_at


def story(seed: int) -> list[tuple[float, str, str]]:
    world, node, _module, *_ = lab(seed=seed, latency=0.1)
    for fault in ("loss,probability=0.3", "delay,probability=0.3,seconds=2,spread=3", "duplication,probability=0.2"):
        world.add_fault(fault)
    world.ask(node, f"AT+EVERY=600,{CMDMP},5683")
    world.run(2 * DAY)
    assert world.timeline is not None
    return [(entry.at, entry.source, entry.text()) for entry in world.timeline.reader.after()]


def test_the_same_seed_tells_the_same_story_and_another_one_another() -> None:
    assert story(7) == story(7)
    assert story(7) != story(8)


def test_run_until_stops_at_the_condition_or_when_the_time_is_over() -> None:
    world, node, module, *_ = lab()
    world.ask(node, f"AT+EVERY=10,{CMDMP},5683")
    assert world.run_until(lambda: len(module.heard) == 3, within=100)
    assert world.now == 30
    assert not world.run_until(lambda: len(module.heard) == 30, within=100)
    assert world.now == 130


def test_a_host_that_answers_from_inside_the_drain_is_heard_after_it() -> None:
    world, node, *_ = lab()
    said: list[bytes] = []

    def host(data: bytes) -> None:
        said.append(data)
        if len(said) < 4:
            world.serial(node, b"AT\r")

    node.sinks.append(host)
    world.serial(node, b"AT\r")
    world.run(0)
    assert said == [b"\r\nOK\r\n"] * 4


def test_what_was_due_before_the_host_wrote_happens_before_it_in_a_lab_that_is_late() -> None:
    world, node, module, *_ = lab()
    world.perform(node, module.power_on)
    world.scheduler.clock = lambda: 5.0  # the boot was over at 1, and nobody has come to it yet
    world.serial(node, b"AT\r")
    assert node.take_serial() == b"\r\nRDY\r\n\r\nOK\r\n"


def test_the_timeline_tells_lines_states_deadlines_datagrams_and_the_platform() -> None:
    world, node, module, *_ = lab()
    world.perform(node, module.power_on)
    world.run(1)
    world.ask(node, f"AT+SEND={CMDMP},5683,hello")
    world.run(2)
    assert world.timeline is not None
    kinds = [entry.kind for entry in world.timeline.reader.after()]
    assert kinds == [
        EntryKind.LAB,
        EntryKind.DEADLINE,
        EntryKind.AT_OUT,
        EntryKind.DEADLINE,
        EntryKind.AT_IN,
        EntryKind.AT_OUT,
        EntryKind.DATAGRAM,
        EntryKind.PLATFORM,
        EntryKind.DATAGRAM,
        EntryKind.AT_OUT,
        EntryKind.STATE,
    ]
    texts = [entry.text() for entry in world.timeline.reader.after()]
    assert texts[1] == "waiting 1s: the module to boot"
    assert texts[6].startswith("bc28 → cmdmp  5 bytes, not CoAP")
