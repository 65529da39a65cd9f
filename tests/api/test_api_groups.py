"""What the REST API can do, Python can: each group of the API in a simulated lab and in one that runs elsewhere.

The last test walks the schema of the REST API. What was asked of the lab that runs elsewhere is what counts: a route
that no method reaches fails it, unless it stands in `WITHOUT`, with the reason.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sleeping_meter import IMEI, Meter

import nbtwin
from nbtwin.api.http_client import HttpClient, Query
from nbtwin.api.live import LabThread
from nbtwin.api.remote import RemoteBackend
from nbtwin.api.simulated import SimulatedBackend

ANDLINK = ('AT+QLASERVERIP="LWM2M","lwm.home.komect.com",5683', "AT+QLASECSWT=0,0")
TANK = """<LWM2M><Object><Name>Tank</Name><ObjectID>33001</ObjectID><MultipleInstances>Single</MultipleInstances>
<Mandatory>Optional</Mandatory><Resources><Item ID="1"><Name>Level</Name><Operations>R</Operations>
<MultipleInstances>Single</MultipleInstances><Mandatory>Optional</Mandatory><Type>Float</Type><Units>m</Units></Item>
</Resources></Object></LWM2M>"""
SCENARIO = """
title: it registers
modules: [{name: meter, model: BC260Y-CN}]
until: 1min
expect:
  - {at: 1min, platform: cmdmp, device: {state: registered}}
"""
WITHOUT = {
    "GET /metrics": "for Prometheus; `Lab.overview` has the figures",
    "GET /api/v1/events": "a stream for consoles; `Lab.run_until` waits by it",
    "GET /api/v1/timeline/events": "the same, plain",
    "GET /api/v1/timeline": "the plain form of traces.jsonl",
    "POST /api/v1/modules/{name}/at": "`Module.at` asks …/command, which runs the lab until the answer",
    "POST /api/v1/clock/run-until": "`Lab.run_until` takes any condition, and asks it here",
    "/api/clients": "for scripts made for Leshan",
    "/api/event": "for scripts made for Leshan",
    "/api/security": "for scripts made for Leshan",
    "/api/objectspecs": "for scripts made for Leshan",
}


class Recording(HttpClient):
    """Remembers what was asked."""

    asked: set[tuple[str, str]]

    def content(
        self,
        method: str,
        path: Sequence[str],
        body: Mapping[str, Any] | bytes | None = None,
        query: Query | None = None,
    ) -> bytes:
        self.asked.add((method, "/api/v1/" + "/".join(path)))
        return super().content(method, path, body, query)


class World:
    """A lab with a meter on CMDMP and a valve on Andlink, and which groups have been tried in it."""

    def __init__(self, lab: nbtwin.Lab, client: Recording | None) -> None:
        self.lab, self.client = lab, client
        self.done: set[str] = set()
        self.meter = lab.add_module("BC260Y-CN", name="meter")
        self.valve = lab.add_module("BC28", name="valve", settings=ANDLINK)
        lab.run_until(self.meter.registered("cmdmp"), within="1h")
        lab.run_until(self.valve.registered("andlink"), within="1h")

    def run(self, group: Callable[[World], None]) -> None:
        if group.__name__ not in self.done:
            self.done.add(group.__name__)
            group(self)


@pytest.fixture(scope="module")
def simulated() -> Iterator[World]:
    with nbtwin.Lab(seed=7) as lab:
        yield World(lab, None)


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[World]:
    thread = LabThread(seed=7, platforms=("cmdmp", "andlink", "telecom", "unicom"), simulated=True)
    try:
        client = Recording(thread.url)
        client.asked = set()
        with nbtwin.Lab._over(RemoteBackend(client)) as lab:
            yield World(lab, client)
    finally:
        thread.close()


def nvram(world: World) -> None:
    module = world.meter
    before = module.nvram.snapshot("before")
    assert (before.label, module.nvram.snapshots[-1]) == ("before", before)
    assert before.at == pytest.approx(world.lab.now, abs=1)
    assert module.at("AT+QDMPCFG=0,0").ok
    (change,) = module.nvram.diff(before)
    assert (change.name, change.before, change.after) == ("cmdmp.mode", None, 0)
    assert change in module.nvram.state.waiting
    changed = [setting for setting in module.nvram.state.settings if setting.waiting]
    assert [(one.name, one.command, one.saved) for one in changed] == [(change.name, "+QDMPCFG", change.after)]
    assert all(f"<{parameter}>" in one.write for one in changed for parameter in one.parameters)
    image = module.nvram.image
    module.nvram.restore(before.id)
    assert module.nvram.diff(before) == []
    module.nvram.restore_image(image)
    assert module.nvram.diff(before) == [change]
    module.nvram.factory_reset()
    assert module.nvram.diff("factory", "saved") == []
    module.nvram.restore(before)
    module.nvram.forget(before)
    assert before not in module.nvram.snapshots
    with pytest.raises(nbtwin.LabRefused) as refused:
        module.nvram.restore(99)
    assert refused.value.code == "api-snapshot-unknown"


def knowledge(world: World) -> None:
    module = world.meter
    found = module.explain("AT+QDMPCFG=6")
    assert (found.ok, found.commands[0].name, found.commands[0].form) == (True, "+QDMPCFG", "write")
    wrong = module.explain("AT+QDMPCFG=9", language="zh")
    error = wrong.commands[0].fields[0].error
    assert (wrong.ok, error is not None and error.code) == (False, "at-value-not-taken")
    assert any("+QDMPCFG" in each.text for each in module.completions("AT+QDMP"))
    assert "+QDMPCFG" in [row.name for row in module.commands("QDMPCFG")]
    assert {deadline.code for deadline in module.deadlines} >= {"cmdmp-update-period"}
    (standing,) = module.standing
    assert (standing.service, standing.code, standing.remedy) == ("mobile", "standing-registered", "nothing")
    assert module.sockets == ()
    assert module.at('AT+QIOPEN=0,3,"UDP","127.0.0.1",9,1234,1').ok
    assert module.at('AT+QISEND=3,5,"hello"').ok
    (socket,) = module.sockets
    assert (socket.owner, socket.number, socket.transport, socket.port) == ("host", 3, "udp", 1234)
    assert (socket.peer, socket.state, socket.sent, socket.received) == ("127.0.0.1:9", "connected", 5, 0)
    assert module.at("AT+QICLOSE=3").ok
    assert (module.internet.sockets, module.internet.mqtt) == ((), ())
    assert module.capabilities in world.lab.models()
    assert "BC28" in {model.model for model in world.lab.models()}


def switches(world: World) -> None:
    lab = world.lab
    module = lab.add_module("BC28", name="spare")
    module.at("AT")
    assert module.write(b"AT+CGMM\r").endswith(b"\r\nOK\r\n")
    cause = module.capabilities.causes[0]
    module.restart(cause)
    assert module.state.power == "booting"
    module.at("AT")
    module.bite()
    module.at("AT")
    module.insert_card("460110123456789", pin="SIM PIN")
    assert module.state.imsi == "460110123456789"
    module.insert_sim(None)
    module.set_signal(9)
    assert module.state.rssi == 9
    module.set_coverage(False)
    module.rebind()
    module.update_firmware("BC28JAR01A12")
    module.power_off()
    assert (module.state.firmware, module.state.power) == ("BC28JAR01A12", "off")
    with pytest.raises(nbtwin.LabRefused):
        module.restart("LIGHTNING")
    module.remove(keep_nvram=False)
    assert "spare" not in lab.modules


def devices(world: World) -> None:
    lab = world.lab
    platform = lab.platform("cmdmp")
    device = platform.device(world.meter.imei)
    assert device.read("/3/0/0") == "Quectel"
    tree = {each.id: each for each in device.objects}
    manufacturer = next(each for each in tree[3].instances[0].resources if each.path == "/3/0/0")
    assert (manufacturer.name, manufacturer.value) == ("Manufacturer", "Quectel")
    assert manufacturer.at == pytest.approx(lab.now, abs=1)
    assert [point.value for point in device.data("/3/0/0").points] == ["Quectel"]
    assert device.data("/3/0/0", since=lab.now + 60).points == ()
    assert "Quectel" in device.data_csv("/3/0/0")
    assert "Manufacturer" in device.values_csv()
    valve = lab.platform("andlink").device(world.valve.imei)
    valve.observe("/3/0/0")
    assert ("/3/0/0", "Quectel") in [(each.path, each.value) for each in valve.observations]
    valve.cancel("/3/0/0")
    assert "/3/0/0" not in [each.path for each in valve.observations]
    ordered = device.order("read", "/3/0/1")
    lab.advance("1min")
    found = device.operation(ordered.ticket)
    assert (found.done, found.code, found.operation) == (True, "2.05", "read")
    assert found in device.operations()
    assert device.history[0].code == "device-registered"
    assert platform.state.registered == len(platform.devices)
    assert platform.find(world.meter.imei) == [device.id]
    assert platform.find(state="expired") == []
    assert world.meter.imei in platform.devices_csv()
    platform.strict = True
    assert platform.state.strict
    platform.strict = False


def waiting_commands(world: World) -> None:
    """Of a device that is not in Queue Mode: none wait, and the composite operations are LwM2M 1.1's."""
    device = world.lab.platform("andlink").device(world.valve.imei)
    assert (device.queue.window.open, len(device.queue), list(device.queue), device.queue.all()) == (True, 0, [], ())
    assert device.queue.limit > 10
    for ask in (
        lambda: device.queue.command(9999),
        lambda: device.queue.move(9999, 1),
        lambda: device.queue.cancel(9999),
        lambda: device.read_composite(["/3/0/0", "/1/0/1"]),
        lambda: device.observe_composite(["/3/0/0"]),
        lambda: device.cancel_composite(["/3/0/0"]),
        lambda: device.write_composite({"/1/0/1": 300}),
    ):
        with pytest.raises(nbtwin.LabRefused) as refused:
            ask()
        assert refused.value.code in ("api-operation-unknown", "platform-version-lacks")


def keys(world: World) -> None:
    lab = world.lab
    lab.appkeys.add("M300000009", "a-secret-password")
    (key,) = [each for each in lab.appkeys.all() if each.appkey == "M300000009"]
    assert "secret" not in key.password
    assert ("M300000009", "a-secret-password") in [(k.appkey, k.password) for k in lab.appkeys.all(reveal=True)]
    lab.appkeys.remove("M300000009")
    ring = lab.platform("andlink").keys
    ring.set("863703030000001", bytes(16), bootstrap_key="11" * 16)
    assert ring.of("863703030000001").key == "***"
    assert ring.of("863703030000001", reveal=True).key == "00" * 16
    assert [each.device for each in ring.all("863703030000001")] == ["863703030000001"]
    ring.remove("863703030000001")
    with pytest.raises(nbtwin.LabRefused):
        ring.of("863703030000001")


def campaigns(world: World) -> None:
    lab, valve = world.lab, world.valve
    platform = lab.platform("andlink")
    package = platform.packages.make("new", "BC28", "BC28JAR01A11_ONT")
    assert (package.kind, package.models, lab.packages.get("new")) == ("container", ("BC28",), package)
    campaign = platform.campaigns.start(package, devices=[valve.imei], patience=600)
    lab.advance("30min")
    assert campaign.state.state == "finished"
    assert [(each.device, each.step) for each in campaign.devices()] == [(valve.imei, "succeeded")]
    assert valve.state.firmware == "BC28JAR01A11_ONT"
    assert campaign.csv().splitlines()[1].startswith(f"{valve.imei},succeeded,{package.size},")
    assert platform.campaigns.all() == [campaign.state]
    assert platform.campaigns.get(campaign.id).state == campaign.state
    with pytest.raises(nbtwin.LabRefused) as refused:
        campaign.stop()
    assert refused.value.code == "api-campaign-over"
    assert len(lab.packages.content("new")) == package.size
    raw = lab.packages.add("raw", bytes(100), version="2", models=["BC28"], notes="nothing in it")
    assert (raw.kind, raw.size) == ("raw", 100)
    lab.packages.remove("raw")
    assert [each.name for each in lab.packages.all()] == ["new"]


def many(world: World) -> None:
    platform, name = world.lab.platform("andlink"), world.valve.imei
    device = platform.device(name)
    label = device.relabel(name="valve 7", group="line 2", tags=["field"])
    assert (label, device.label.tags) == (device.label, ("field",))
    assert platform.find(group="line 2", tags=["field"]) == [device.id]
    assert [(each.name, each.devices) for each in platform.labels.tags] == [("field", 1)]
    table = platform.devices_csv(group="line 2")
    assert platform.import_csv(table, check=True).written is False
    assert platform.import_csv(table).labels == 1
    with pytest.raises(nbtwin.LabRefused) as wrong:
        platform.import_csv("id,nmae\nx,y\n")
    assert (wrong.value.code, wrong.value.fields["line"]) == ("api-csv-column", 1)
    batch = platform.batches.start("operate", tags=["field"], order={"operation": "read", "path": "/3/0/1"}, expected=1)
    world.lab.advance("10s")
    assert (batch.state.state, [(each.state, each.value) for each in batch.devices()]) == (
        "finished",
        [("done", "BC28")],
    )
    assert batch.csv().splitlines()[1].startswith(f"{device.id},done,2.05,BC28")
    tagged = platform.batches.start("label", devices=[name], labels={"remove": ["field"]})
    assert (tagged.state.counts, device.label.tags) == ({"done": 1}, ())
    assert platform.batches.all()[0] == platform.batches.get(tagged.number).state
    with pytest.raises(nbtwin.LabRefused) as over:
        batch.stop()
    assert over.value.code == "api-batch-over"
    assert platform.online(points=1).points[-1].online == 1
    assert device.online.spans[-1].until is None


def definitions(world: World) -> None:
    objects = world.lab.objects
    (tank,) = objects.add(TANK)
    assert (tank.name, tank.resources[0].unit, tank.source) == ("Tank", "m", "added")
    assert objects.get(33001) == tank
    assert [each.id for each in objects.all("added")] == [33001]
    with pytest.raises(nbtwin.LabRefused):
        objects.add(TANK)
    objects.add(TANK, replace=True)
    objects.remove(33001, tank.version)
    assert objects.all("added") == []


def notes(world: World) -> None:
    lab = world.lab
    number = next(entry.number for entry in lab.entries() if entry.code == "booted")
    note = lab.notes.add(number, "here it boots")
    assert (note.entry, note.text, note.at) == (number, "here it boots", lab.entry(number).at)
    assert lab.notes.all() == [note]
    assert [entry.fields["entry"] for entry in lab.entries() if entry.code == "note-added"] == [number]
    with pytest.raises(nbtwin.LabRefused):
        lab.notes.add(10**9, "on nothing")
    archive = lab.export()
    lab.notes.remove(note.id)
    assert lab.notes.all() == []
    with pytest.raises(nbtwin.LabRefused):
        lab.notes.remove(note.id)
    lab.import_(archive)
    assert lab.notes.all() == [note]
    lab.notes.remove(note.id)


def scenarios(world: World) -> None:
    lab = world.lab
    before = lab.now
    passed = lab.run_scenario(SCENARIO, seed=3)
    assert (passed.state, passed.passed, passed.seed, len(passed.verdicts)) == ("passed", True, 3, 1)
    assert lab.scenarios.get(passed.id) == passed
    assert passed.id in [run.id for run in lab.scenarios.runs()]
    assert any(entry.code == "device-registered" for entry in lab.scenarios.timeline(passed))
    failed = lab.run_scenario(SCENARIO.replace("state: registered", "state: expired"), language="zh")
    assert (failed.state, failed.verdicts[0].passed) == ("failed", False)
    example = lab.scenarios.examples()[0]
    assert lab.scenarios.example(example.name).yaml.strip()
    lab.scenarios.stop(failed.id)
    with pytest.raises(nbtwin.LabRefused):
        lab.run_scenario("title: wrong\nmodels: []\n")
    assert lab.now == pytest.approx(before, abs=60), "a world of its own"


def network_and_timeline(world: World) -> None:
    lab = world.lab
    assert {kind.kind for kind in lab.fault_kinds()} >= {"loss", "delay"}
    number = lab.add_fault("loss", source=world.meter, end="1s")
    lab.add_fault("delay", seconds=0)
    lab.remove_fault(number)
    assert len(lab.faults) == 1
    lab.clear_faults()
    assert lab.faults == {}
    packet = lab.packets(source=world.meter, operation="Register")[0]
    decoded = lab.entry(packet.number)
    assert decoded.at == packet.at
    assert (decoded.layout[0].start, decoded.layout[-1].end) == (0, len(packet.data))


def figures(world: World) -> None:
    lab = world.lab
    assert lab.ready.ready
    assert lab.overview.modules.total == len(lab.modules)
    assert lab.overview.now == pytest.approx(lab.now, abs=1)
    clock = lab.clock
    assert (clock.seed, clock.mode) == (7, "simulated")
    assert clock.next is not None
    lab.stop_advance()


def pace(world: World) -> None:
    for change in (lambda: world.lab.set_rate(10), world.lab.pause, world.lab.resume):
        with pytest.raises(nbtwin.LabError) as refused:
            change()
        assert refused.value.code == "lab-not-live"


def what_others_ask(world: World) -> None:
    """A lab that is simulated in the test's own process has no port, no token and no wall clock."""
    asks: tuple[Callable[[], object], ...] = (
        lambda: world.meter.serial_state,
        world.lab.rates,
        lambda: world.lab.set_zone("+08:00"),
        lambda: world.lab.access.me,
        world.lab.access.tokens,
        world.lab.access.audit,
    )
    if world.client is None:
        for ask in (*asks, lambda: world.lab.access.create("ci", "viewer"), lambda: world.lab.access.revoke("ci")):
            with pytest.raises(nbtwin.LabError) as refused:
                ask()
            assert refused.value.code == "lab-not-live"
        return
    assert world.meter.serial_state.kind == "pty"
    assert world.lab.rates(10).step == 1.0
    hours = world.lab.rates(30 * 86400, step=3600)
    assert sum(hours.series["registrations"]) >= 1
    assert all(0 <= last - begin < 3600 for begin, last in zip(hours.at, hours.last, strict=True))
    assert world.lab.set_zone("+08:00").zone == world.lab.clock.zone == "+08:00"
    assert world.lab.set_zone("UTC").zone == "UTC"
    assert world.lab.access.me.role == "admin"
    made = world.lab.access.create("ci", "viewer", lasts="90d")
    assert made.token.startswith(made.hint.removesuffix("…"))
    assert [token.name for token in world.lab.access.tokens()] == ["ci"]
    world.lab.access.revoke("ci")
    assert world.lab.access.audit("tokens")[0].what == "DELETE"


def files(world: World, folder: Path = Path()) -> None:
    lab = world.lab
    entries = list(lab.entries())
    lab.save_jsonl(folder / "all.jsonl")
    lines = (folder / "all.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["number"] for line in lines] == [entry.number for entry in entries]
    lab.save_story(folder / "story.html", [entries[0].number, entries[-1].number])
    told = (folder / "story.html").read_text("utf-8").partition('id="told">')[2].partition("</script>")[0]
    assert [entry["number"] for entry in json.loads(told)["entries"]] == [entries[0].number, entries[-1].number]
    assert world.meter.imei not in told
    lab.save_pcap(folder / "all.pcapng")
    lab.report(folder / "all.html")
    assert world.meter.imei in (folder / "all.html").read_text("utf-8")


def whole_state(world: World) -> None:
    lab = world.lab
    platform = lab.platform("cmdmp")
    world.meter.nvram.snapshot("kept")
    archive = lab.export()
    platform.device(world.meter.imei).forget()
    assert world.meter.imei not in platform.devices
    platform.forget_all()
    assert lab.reset(modules=True).devices == 0
    counts = lab.import_(archive)
    assert (counts.modules, counts.devices) == (len(lab.modules), len(platform.devices) + 1)
    assert platform.device(world.meter.imei).registered
    meter = lab.module("meter")
    assert meter.nvram.snapshots[-1].label == "kept"
    lab.run_until(meter.registered("cmdmp"), within="2d")
    assert meter.at("AT").ok
    with pytest.raises(nbtwin.LabRefused):
        lab.import_(b"no archive")


GROUPS = (
    nvram, knowledge, switches, devices, waiting_commands, keys, many, campaigns, definitions, notes, scenarios,
    network_and_timeline, figures, pace, what_others_ask, files, whole_state,
)  # fmt: skip


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_a_simulated_lab_has_it(simulated: World, group: Callable[[World], None]) -> None:
    simulated.run(group)


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.__name__)
def test_a_lab_elsewhere_has_it(elsewhere: World, group: Callable[[World], None]) -> None:
    elsewhere.run(group)


def test_every_route_of_the_rest_api_has_its_counterpart_in_python(elsewhere: World) -> None:
    for group in GROUPS:
        elsewhere.run(group)
    client = elsewhere.client
    assert client is not None
    asked = set(client.asked)
    missing = []
    for path, methods in json.loads(client.content("GET", ("openapi.json",)))["paths"].items():
        template = re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path)))
        for method in map(str.upper, methods):
            reached = any(verb == method and template.fullmatch(where) for verb, where in asked)
            excused = any(path.startswith(each) or f"{method} {path}" == each for each in WITHOUT)
            assert not (reached and excused), f"{method} {path} has a counterpart: take it off the list"
            if not (reached or excused):
                missing.append(f"{method} {path}")
    assert missing == []


def test_commands_wait_for_a_device_in_queue_mode_are_moved_and_taken_back() -> None:
    with nbtwin.Lab(platforms=["andlink"]) as lab:
        backend = lab._session.backend
        assert isinstance(backend, SimulatedBackend)
        meter = Meter(backend.lab)
        meter.register()
        lab.advance("5min")
        device = lab.platform("andlink").device(IMEI)
        first, second = device.order("read", "/9/0/0", within=3600), device.order("read", "/9/0/1")
        assert (first.done, first.deadline) == (False, lab.now + 3600)
        assert [(each.ticket, each.position) for each in device.queue] == [(first.ticket, 1), (second.ticket, 2)]
        assert not device.queue.window.open
        assert device.queue.move(second.ticket, 1).position == 1
        assert [each.ticket for each in device.queue] == [second.ticket, first.ticket]
        device.queue.cancel(device.queue.command(first.ticket))
        assert [each.state for each in device.queue.all()] == ["cancelled", "waiting"]
        lab.advance("3d")
        assert list(device.queue) == []


def test_the_archive_of_a_lab_on_the_wall_clock_is_decades_too_late_for_a_simulated_one(elsewhere: World) -> None:
    archive = elsewhere.lab.export()
    with nbtwin.Lab() as lab:
        lab.add_module("BC28", name="mine")
        with pytest.raises(nbtwin.LabRefused) as refused:
            lab.import_(archive)
        assert refused.value.code == "usage-archive-later"
        assert (lab.now, list(lab.modules)) == (0, ["mine"])


def test_a_closed_lab_answers_nothing_of_it() -> None:
    with nbtwin.Lab() as lab:
        module = lab.add_module("BC28")
    for ask in (lambda: module.nvram.state, lambda: lab.overview, lambda: lab.appkeys.all()):
        with pytest.raises(nbtwin.LabClosed):
            ask()
