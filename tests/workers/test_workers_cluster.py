"""`nbtwin platform --node`: two nodes over one PostgreSQL, with NATS between them (D217-D219)."""

from __future__ import annotations

import contextlib
import itertools
import select
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psycopg
import pytest
from api_examples import BC28, NEWER, WALK
from nodes_storm import LINKS, Sender, missing, storm
from running import Running, nbtwin
from test_workers_dtls import KEY, SecureDevice, Unanswered
from workers_bench import Device, exchange, register, updates
from workers_cluster import Cluster, cluster, get, read, stream, wait_until_ready
from workers_updates import INSTALLED_ONCE, Crowd, is_over, start, state, upload

from benchmarks.traffic import imei_of
from benchmarks.traffic import register as registration
from in_process import Done, command
from nbtwin.coap.message import decode, options
from nbtwin.coap.numbers import Code
from nbtwin.lab.hold import HELD_AT_MOST
from nbtwin.operators.key_store.psk import DeviceKeys
from nbtwin.operators.store.andlink import PskRepository
from nbtwin.operators.store.store import Store

__all__ = ["command"]

Made = Callable[[int], list[Device]]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with cluster(tmp_path_factory.mktemp("nodes")) as made:
        with Store.open(made.database.url) as store:
            keys = [DeviceKeys(device=f"8677240300{number:05d}", key=KEY) for number in range(6)]
            store.part(PskRepository).keys.add_all(keys)
        yield made


@pytest.fixture
def pair(servers: Cluster) -> Cluster:
    """Both nodes, and NATS, over which they find each other: what a test has ended is begun again."""
    servers.nats.start()
    for name in ("a", "b"):
        if name not in servers.nodes:
            servers.start(name)
    for node in servers.nodes.values():
        while not wait_until_ready(node)["node"]["connected"]:
            """Not yet."""
    return servers


@pytest.fixture(scope="module")
def numbers() -> Iterator[int]:
    return itertools.count()


@pytest.fixture
def fleet(pair: Cluster, numbers: Iterator[int]) -> Iterator[Made]:
    """So many new devices, with sockets that are closed."""
    made: list[Device] = []

    def more(count: int) -> list[Device]:
        new = [Device(next(numbers), pair.port) for _ in range(count)]
        made.extend(new)
        return new

    yield more
    for device in made:
        device.socket.close()


@pytest.fixture
def secure(pair: Cluster) -> Iterator[list[SecureDevice]]:
    """Behind DTLS, some of them at each node."""
    made = [SecureDevice(number, pair.secure) for number in range(6)]
    yield made
    for device in made:
        device.socket.close()


def owners(made: Cluster, devices: Iterable[str]) -> dict[str, str]:
    """The node of each."""
    with psycopg.connect(made.database.url) as db:
        query = "SELECT device, name FROM nbtwin.owners JOIN nbtwin.nodes ON node = number"
        found = dict(db.execute(query))
    return {device: found[device] for device in devices}


def nodes_of(made: Cluster, devices: list[Device]) -> dict[str, str]:
    found = owners(made, [f"cmdmp:{device.imei}" for device in devices])
    return {device.removeprefix("cmdmp:"): name for device, name in found.items()}


def known_of(node: Running, devices: list[Device]) -> dict[str, dict[str, object]]:
    """What this node's console has of the devices that are registered."""
    answer = get(node, "platforms/cmdmp/devices", limit=1000, state="registered").raise_for_status()
    found = {device["imei"]: device for device in answer.json()}
    return {device.imei: found[device.imei] for device in devices}


def value_of(node: Running, device: Device) -> object:
    """What the device answers to a read through this node."""
    asked = read(node, device.imei)
    assert asked.status_code in (200, 202), asked.text
    return ended(node, device, asked.json()["ticket"])["value"]


def ended(node: Running, device: Device, ticket: int) -> dict[str, object]:
    """How it ended, which the device answers."""
    path = f"platforms/cmdmp/devices/{device.imei}/operations/{ticket}"
    while not (found := get(node, path).json())["done"]:
        device.answer_reads("Quectel")
    return dict(found)


def test_each_node_answers_for_the_devices_of_both(pair: Cluster, fleet: Made) -> None:
    devices = fleet(30)
    register(devices)
    owners = nodes_of(pair, devices)
    assert set(owners.values()) == {"a", "b"}
    for node in pair.nodes.values():
        assert len(known_of(node, devices)) == 30
        for name in ("a", "b"):
            device = next(device for device in devices if owners[device.imei] == name)
            assert value_of(node, device) == "Quectel"


def test_every_operation_of_the_api_for_a_device_works_at_the_node_that_does_not_have_it(pair: Cluster) -> None:
    """Those that the schema's examples make for a device, its data, its commands, its labels and Leshan's paths."""
    crowd, over = Crowd(8, pair.plain, "asked"), threading.Event()
    crowd.register(pair.nodes["a"])
    found = owners(pair, [f"andlink:{name}" for name in crowd.names])
    there = next(device.partition(":")[2] for device, name in found.items() if name == "b")
    node, refused = pair.nodes["a"], dict[str, tuple[int, str]]()
    where = {
        operation["operationId"]: (method, path)
        for path, methods in httpx.get(f"{node.console()}/api/v1/openapi.json", timeout=60).json()["paths"].items()
        for method, operation in methods.items()
    }
    calls = [call for call in WALK if {call.parameters.get("device"), call.parameters.get("endpoint")} & {BC28, NEWER}]
    assert len({call.operation for call in calls}) > 20
    with ThreadPoolExecutor() as threads:
        living = threads.submit(crowd.run, over.is_set)
        try:
            for call in calls:
                method, path = where[call.operation]
                named = {key: there if value in (BC28, NEWER) else value for key, value in call.parameters.items()}
                query = {key: value for key, value in named.items() if f"{{{key}}}" not in path}
                asked = httpx.request(
                    method, node.console() + path.format(**named), params=query, json=call.body, timeout=60
                )
                if asked.status_code >= 400:
                    refused[call.operation] = (asked.status_code, asked.json()["code"])
        finally:
            over.set()
        living.result()
    crowd.close()
    newer = (409, "platform-version-lacks")  # the device speaks LwM2M 1.0
    composite = ("read_leshan_composite", "write_leshan_composite", "observe_leshan_composite")
    assert refused == dict.fromkeys(composite, newer)


def test_what_waits_for_a_device_in_queue_mode_goes_with_it_to_the_other_node(pair: Cluster, fleet: Made) -> None:
    devices = fleet(10)
    for device in devices:
        device.sleeps = True
    register(devices)
    before = nodes_of(pair, devices)
    tickets = {device: [read(pair.nodes["a"], device.imei).json()["ticket"] for _ in range(2)] for device in devices}
    assert len({ticket for both in tickets.values() for ticket in both}) == 20, "no ticket is given twice"
    while all(name == before[imei] for imei, name in nodes_of(pair, devices).items()):
        for device in devices:
            device.move()
        assert updates(devices) == {Code.CHANGED}
    for device, (_, second) in tickets.items():
        path = f"platforms/cmdmp/devices/{device.imei}/operations/{second}"
        while not (told := get(pair.nodes["b"], path).json())["done"]:
            device.answer_reads("Quectel")
        assert told["value"] == "Quectel"


def test_a_node_that_is_killed_gives_its_devices_to_the_other_and_has_some_again_later(
    pair: Cluster, fleet: Made, secure: list[SecureDevice]
) -> None:
    """D217: under their locations, behind DTLS by a new handshake. Nodes that end in order do as well."""
    devices = fleet(60)
    for sealed in secure:
        assert sealed.register() == Code.CREATED

    def kill(count: int) -> None:
        if count == 40:
            pair.kill("a")

    register(devices, kill)
    locations = {device.imei: device.location for device in devices}
    assert updates(devices) == {Code.CHANGED}
    for sealed in secure:
        sealed.begin()
        assert sealed.update() == Code.CHANGED
        assert sealed.handshakes == 2
    assert set(nodes_of(pair, devices).values()) == {"b"}
    known = known_of(pair.nodes["b"], devices)
    assert {imei: device["location"] for imei, device in known.items()} == locations
    assert {device["updates"] for device in known.values()} == {1}
    assert value_of(pair.nodes["b"], devices[0]) == "Quectel"
    pair.start("a")
    for device in devices:
        device.move()  # a load balancer gives them to both again
    assert updates(devices) == {Code.CHANGED}
    assert set(nodes_of(pair, devices).values()) == {"a", "b"}
    assert pair.stop("b") == 0
    assert updates(devices) == {Code.CHANGED}
    assert set(nodes_of(pair, devices).values()) == {"a"}
    assert {device["updates"] for device in known_of(pair.nodes["a"], devices).values()} == {3}


def test_nothing_that_was_acknowledged_is_lost_whatever_ends(pair: Cluster) -> None:
    """A node by ``kill -9``, PostgreSQL by a crash, NATS; under load (by hand, with more of all: `nodes_storm`)."""
    senders = [Sender(number, pair.plain, 3) for number in range(1000)]

    def end(count: int) -> None:
        match count:
            case 500:
                pair.nats.cut()
            case 1200:
                pair.kill("a")
            case 2200:
                pair.database.crash()
                pair.database.start()

    try:
        storm(senders, end, patience=100)
    finally:
        for sender in senders:
            sender.socket.close()
    assert {code for sender in senders for code in sender.refused} == set()
    assert missing(pair, senders) == ([], [])


def test_who_speaks_from_where_another_was_registered_is_found_by_its_name(pair: Cluster) -> None:
    """The node that it comes to has the other one in memory, at this address, and had never heard of it."""
    pair.stop("b")
    before = Sender(60_000, pair.plain, 0)
    address = before.socket.getsockname()
    storm([before], lambda count: None, patience=60)
    before.socket.close()
    wait_until_ready(pair.start("b"))
    pair.stop("a")
    now = Sender(60_001, pair.plain, 0)
    now.bind(address)
    storm([now], lambda count: None, patience=60)
    wait_until_ready(pair.start("a"))
    pair.stop("b")
    now.wanted = 1
    storm([now], lambda count: None, patience=60)
    now.socket.close()
    wait_until_ready(pair.start("b"))
    assert before.refused == now.refused == []
    assert missing(pair, [now]) == ([], [])


def test_nodes_are_begun_anew_one_after_the_other_and_nothing_is_lost(
    pair: Cluster, secure: list[SecureDevice]
) -> None:
    """Under load, plain and behind DTLS: each ends in order, and the next one's turn is when it is ready again."""
    senders = [Sender(50_000 + number, pair.plain, 1_000_000) for number in range(300)]
    assert {sealed.register() for sealed in secure} == {Code.CREATED}
    over = threading.Event()

    def roll() -> None:
        try:
            for name in ("a", "b"):
                assert pair.stop(name) == 0
                wait_until_ready(pair.start(name))
        finally:
            over.set()
            for sender in senders:
                sender.wanted = 0  # with the one that is under way

    acknowledged = Counter[str]()

    def update(sealed: SecureDevice) -> None:
        while True:
            with contextlib.suppress(Unanswered):
                assert sealed.update(patience=2) == Code.CHANGED
                acknowledged[f"andlink:{sealed.imei}"] += 1
                return
            sealed.begin()

    def update_all() -> None:
        """And once more when all is over."""
        while not over.is_set():
            for sealed in secure:
                update(sealed)
        for sealed in secure:
            update(sealed)

    with ThreadPoolExecutor() as threads:
        begun = threads.submit(roll), threads.submit(update_all)
        storm(senders, lambda count: None, patience=110)
        for each in begun:
            each.result()
    for sender in senders:
        sender.socket.close()
    assert {code for sender in senders for code in sender.refused} == set()
    assert missing(pair, senders) == ([], [])
    for sealed in secure:
        device = get(pair.nodes["b"], f"platforms/andlink/devices/andlink:{sealed.imei}").json()
        assert device["location"].rpartition("/")[2] == sealed.location
        assert device["updates"] >= acknowledged[device["id"]] > 0
        assert sealed.handshakes > 1, "whichever node had its session has gone"


def test_without_the_broker_devices_are_served_and_another_nodes_device_is_refused(pair: Cluster, fleet: Made) -> None:
    """D219."""
    devices = fleet(30)
    register(devices)
    pair.nats.cut()
    owners = nodes_of(pair, devices)
    there = next(device for device in devices if owners[device.imei] == "b")
    here = next(device for device in devices if owners[device.imei] == "a")
    while (refused := read(pair.nodes["a"], there.imei)).json().get("code") == "platform-node-away":
        """It has not noticed yet."""
    assert (refused.status_code, refused.json()["code"]) == (503, "platform-nodes-apart"), refused.text
    assert value_of(pair.nodes["a"], here) == "Quectel"
    for device in devices:
        device.move()
    assert updates(devices) == {Code.CHANGED}
    assert {device["updates"] for device in known_of(pair.nodes["b"], devices).values()} == {1}
    pair.nats.start()
    owners = nodes_of(pair, devices)
    for node in pair.nodes.values():
        for name in ("a", "b"):
            device = next(device for device in devices if owners[device.imei] == name)
            while read(node, device.imei).status_code == 503:
                """It has not connected again yet."""
            device.answer_reads("earlier")
            assert value_of(node, device) == "Quectel"


def go(made: Cluster, device: Device, name: str) -> None:
    """Until it is that node which hears it: its address decides."""
    while True:
        device.move()
        assert updates([device]) == {Code.CHANGED}
        if nodes_of(made, [device])[device.imei] == name:
            return


def say(device: Device, *said: str, code: int = Code.POST) -> int:
    """From where it is; the code of the answer."""
    (answer,) = exchange({device: device.update(*said, code=code)}).values()
    return int(answer.code)


def test_a_node_that_is_not_told_takes_the_databases_word_for_its_own(pair: Cluster, fleet: Made) -> None:
    """D204: what a device has said at the other node while the broker was away, and what it was asked there."""
    waits, leaves = devices = fleet(2)
    waits.sleeps = True
    register(devices)
    first = nodes_of(pair, devices)
    second = {imei: "ab".replace(name, "") for imei, name in first.items()}
    asked = [read(pair.nodes["a"], waits.imei).json()["ticket"] for _ in range(2)]
    pair.nats.cut()
    for name in ("a", "b"):
        while wait_until_ready(pair.nodes[name])["node"]["connected"]:
            """It has not noticed yet."""
    go(pair, waits, second[waits.imei])
    there, here = pair.nodes[second[waits.imei]], pair.nodes[first[waits.imei]]
    assert [ended(there, waits, ticket)["value"] for ticket in asked] == ["Quectel", "Quectel"]
    assert say(waits, "lt=864000") == Code.CHANGED
    before = set(waits.asked)
    go(pair, waits, first[waits.imei])
    assert known_of(here, [waits])[waits.imei]["lifetime"] == 864000
    again = read(here, waits.imei).json()["ticket"]
    queue = f"platforms/cmdmp/devices/{waits.imei}/queue"
    command = get(here, f"{queue}/{again}").json()
    assert command["deadline"] - command["asked_at"] == pytest.approx(2 * 864000), "as its node has the lifetime"
    assert ended(here, waits, again)["value"] == "Quectel"
    assert len(waits.asked - before) == 1, "the commands that were answered are not sent again"
    assert {get(here, f"{queue}/{ticket}").json()["state"] for ticket in asked} == {"answered"}
    go(pair, leaves, second[leaves.imei])
    go(pair, leaves, first[leaves.imei])
    assert say(leaves, code=Code.DELETE) == Code.DELETED
    for node in pair.nodes.values():
        assert get(node, f"platforms/cmdmp/devices/cmdmp:{leaves.imei}").json()["state"] == "de-registered"
    pair.nats.start()


def test_a_node_that_has_never_reached_the_broker_says_so_and_serves_its_devices(pair: Cluster, fleet: Made) -> None:
    """D201: it is not ready, so that a rollout ends with it; one that has lost the broker is."""
    assert pair.stop("b") == 0
    pair.nats.freeze()
    node = pair.start("b")
    assert any(line.startswith(f"nbtwin: {pair.nats.url}: NATS does not answer") for line in node.lines), node.lines
    said = wait_until_ready(node, False)
    assert (said["code"], said["ready"], said["node"]["connected"]) == ("lab-broker-away", False, False)
    assert said["fields"] == {"where": pair.nats.url, "detail": {"code": "system-etimedout"}}
    devices = fleet(20)
    register(devices)
    assert "b" in nodes_of(pair, devices).values()
    pair.nats.thaw()
    assert wait_until_ready(node)["node"] == {"name": "b", "connected": True, "trouble": None}
    there = next(device for device, name in nodes_of(pair, devices).items() if name == "b")
    while read(pair.nodes["a"], there).status_code == 503:
        """It has not connected again yet."""
    pair.nats.cut()
    while (said := wait_until_ready(node))["node"]["connected"]:
        """It has not noticed yet."""
    assert said["node"]["trouble"]["code"] == "lab-broker-away"


def test_what_a_request_changes_at_one_node_is_told_to_the_pages_of_the_other(pair: Cluster) -> None:
    """D203, and what happens to devices there; no name is told."""
    with stream(pair.nodes["b"], "changed", "device") as events:
        console = pair.nodes["a"].console()
        appkey = {"appkey": "M100000042", "password": "a-password-of-thirty-two-letters"}
        httpx.post(f"{console}/api/v1/appkeys", json=appkey, timeout=60).raise_for_status()
        while (told := next(events))[0] != "changed":
            """Of devices of other tests."""
        assert told[1] == {"tag": "keys", "operation": "add_appkey"}
        sender = Sender(77_001, pair.plain, 0)
        device, seen = f"andlink:{sender.imei}", set[str]()
        while seen != {"a", "b"}:  # its address decides which node has it
            sender.location = ""
            sender.move()
            storm([sender], lambda count: None, patience=60)
            seen |= set(owners(pair, [device]).values())
            while (told := next(events))[1].get("event") != "DeviceRegistered":
                """What else is told of it."""
            assert (told[0], told[1]["device"]) == ("device", device)
        sender.socket.close()


def test_while_postgresql_takes_nothing_nobody_is_answered_and_what_waits_is_bounded(pair: Cluster) -> None:
    """D202: it takes nothing from the workers, and answers everything else."""
    assert pair.stop("b") == 0
    node, senders = pair.nodes["a"], [Sender(80_000 + number, pair.plain, 1) for number in range(200)]
    more = itertools.count(1)
    with psycopg.connect(pair.database.url) as intruder, socket.socket(type=socket.SOCK_DGRAM) as flooding:
        intruder.execute("LOCK TABLE nbtwin.owners IN ACCESS EXCLUSIVE MODE")
        for sender in senders:
            sender.begin()
        said = wait_until_ready(node, False)
        assert said["code"] in ("store-locked", "store-commit-slow"), said
        flooding.connect(("127.0.0.1", pair.plain))
        while not select.select([flooding], [], [], 0.01)[0]:
            for number in itertools.islice(more, 50):
                made = registration(imei_of(90_000 + number), LINKS)
                flooding.send(made[:2] + number.to_bytes(2, "big") + made[4:])
        answer = decode(flooding.recv(2048))
        assert (answer.code, answer.options) == (Code.SERVICE_UNAVAILABLE, options(max_age=30))
        while (held := get(node, "ready").json()["held"]) < HELD_AT_MOST:
            """It is told now and then."""
        assert held < HELD_AT_MOST * 1.01
        assert not any(sender.take() for sender in senders)
    storm(senders, lambda count: None, patience=60)
    wait_until_ready(node)
    assert missing(pair, senders) == ([], [])
    for sender in senders:
        sender.socket.close()


def test_postgresql_that_hangs_is_said_and_nothing_that_was_acknowledged_is_missing(pair: Cluster) -> None:
    """D119, D202: SIGSTOP under load, at both nodes; both are ready when it goes on, with the devices that they had."""
    senders = [Sender(110_000 + number, pair.plain, 2) for number in range(200)]
    said: dict[str, str] = {}

    def hang(count: int) -> None:
        if count != 100:
            return
        pair.database.freeze()
        try:
            for name, node in pair.nodes.items():
                said[name] = wait_until_ready(node, False)["code"]
        finally:
            pair.database.thaw()

    try:
        storm(senders, hang, patience=100)
    finally:
        for sender in senders:
            sender.socket.close()
    assert said.keys() == {"a", "b"}
    assert all(code.startswith("store-") for code in said.values()), "a commit that lasts, or no connection to be had"
    for node in pair.nodes.values():
        wait_until_ready(node)
    assert {code for sender in senders for code in sender.refused} == set()
    assert missing(pair, senders) == ([], [])


def test_a_name_is_taken_once_and_a_lab_without_one_waits_for_all_nodes(pair: Cluster, tmp_path: Path) -> None:
    """D218."""
    stored = ("--database", pair.database.url, "--state", str(tmp_path / "another"))
    again = nbtwin("platform", "--ports", "cmdmp=0", "--node", "a", "--nats", pair.nats.url, *stored)
    assert (again.returncode, "a node named a is running already" in again.stderr) == (1, True), again.stderr
    alone = nbtwin("platform", "--ports", "cmdmp=0", "--durability", "database", *stored)
    assert (alone.returncode, "in use by another nbtwin" in alone.stderr) == (1, True), alone.stderr


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--node", "a"), "--nats is missing"),
        (("--nats", "nats://127.0.0.1:1"), "--node is missing"),
        (("--node", "a", "--nats", "nats://127.0.0.1:1"), "--database is missing"),
        (("--node", "a", "--nats", "nats://127.0.0.1:1", "--database", "x.sqlite"), "nodes share a PostgreSQL"),
        (("--node", "a b", "--nats", "nats://127.0.0.1:1", "--database", "postgresql://x"), "is no name of a node"),
        (("--node", "a", "--nats", "http://127.0.0.1:1", "--database", "postgresql://x"), "begins with nats://"),
        (
            ("--node", "a", "--nats", "nats://x", "--database", "postgresql://x", "--durability", "process"),
            "--durability: 'process' is none of database",
        ),
    ],
)
def test_what_a_node_lacks_is_said(
    command: Callable[..., Done], tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    ran = command("platform", "--ports", "cmdmp=0", *options, "--state", str(tmp_path))
    assert (ran.returncode, said in ran.stderr) == (2, True), ran.stderr


def test_a_campaign_is_driven_by_one_node_and_by_another_when_that_is_killed(pair: Cluster) -> None:
    """D221. Each of the two is killed, so that whoever drives is."""
    upload(pair.nodes["a"])
    crowd = Crowd(12, pair.plain, "nodes")
    crowd.register(pair.nodes["a"])
    number = start(pair.nodes["b"], devices=crowd.names, at_once=4)
    for name, other, count in (("a", "b", 2), ("b", "a", 6)):
        crowd.run(lambda: state(pair.nodes[other], number)["counts"].get("succeeded", 0) >= count)  # noqa: B023
        pair.kill(name)
        pair.start(name)
    crowd.run(is_over(pair.nodes["a"], number))
    assert state(pair.nodes["b"], number)["counts"] == {"succeeded": 12}
    assert crowd.installed == INSTALLED_ONCE
    crowd.close()
