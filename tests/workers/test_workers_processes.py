"""`nbtwin platform --processes N`: real processes behind one port, and devices that find theirs again (D205-D207)."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest
from running import Running
from workers_bench import Device, lab, pids, port_of, processes_of, register, updates

from nbtwin.coap.numbers import Code


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with lab(tmp_path, "--http", "127.0.0.1:0") as one:
        yield one
        assert one.stop() == 0


Fleet = Callable[[Running, int], list[Device]]


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    """So many new devices, with sockets that are closed."""
    made: list[Device] = []

    def more(running: Running, count: int) -> list[Device]:
        new = [Device(len(made) + number, port_of(running)) for number in range(count)]
        made.extend(new)
        return new

    yield more
    for device in made:
        device.socket.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Running, list[Device]]]:
    """One lab for questions that change nothing, and a few devices that are registered there."""
    with lab(tmp_path_factory.mktemp("shared"), "--http", "127.0.0.1:0") as one, ExitStack() as closing:
        devices = [Device(number, port_of(one)) for number in range(8)]
        for device in devices:
            closing.enter_context(device.socket)
        register(devices)
        yield one, devices
        assert one.stop() == 0


def inventory(console: str, **asked: object) -> dict[str, dict[str, object]]:
    answer = httpx.get(f"{console}/api/v1/platforms/cmdmp/devices", params={"limit": 1000, **asked}, timeout=60)
    return {device["imei"]: device for device in answer.raise_for_status().json()}


def test_devices_are_spread_over_the_processes_and_one_page_has_them_all(running: Running, fleet: Fleet) -> None:
    devices = fleet(running, 40)
    register(devices)
    assert processes_of(devices, 2) == {0, 1}
    assert inventory(running.console()).keys() == {device.imei for device in devices}


def test_a_device_whose_address_has_changed_finds_its_process(running: Running, fleet: Fleet) -> None:
    devices = fleet(running, 40)
    register(devices)
    for device in devices:
        device.move()
    assert updates(devices) == {Code.CHANGED}
    known = inventory(running.console())
    for device in devices:
        assert known[device.imei]["port"] == device.socket.getsockname()[1]
        assert known[device.imei]["updates"] == 1


def test_who_registers_at_another_process_is_forgotten_by_the_first(running: Running, fleet: Fleet) -> None:
    """D206: also of two registrations a moment apart; the processes have one clock."""
    devices, before = fleet(running, 40), dict[Device, str]()
    for device in devices:
        register([device])
        before[device] = device.location
        device.move()
        register([device])
    moved = [device for device in devices if processes_of([device], 2) != {int(before[device][3:5], 16) % 2}]
    assert moved, "40 devices with new addresses, and none of them came to the other process"
    known = inventory(running.console(), state="registered")
    assert known.keys() == {device.imei for device in devices}
    assert {device.location for device in devices} == {str(one["location"]) for one in known.values()}
    after = {device: device.location for device in moved}
    for device in moved:
        device.location = before[device]
    assert updates(moved) == {Code.NOT_FOUND}
    for device in moved:
        device.location = after[device]
    assert updates(moved) == {Code.CHANGED}


def test_a_process_that_is_killed_loses_nothing_that_was_answered(tmp_path: Path, fleet: Fleet) -> None:
    """D207."""
    with lab(tmp_path) as running:
        devices = fleet(running, 400)
        victim, other = pids(running)

        def kill(count: int) -> None:
            if count == 150:
                os.kill(victim, signal.SIGKILL)

        register(devices, kill)
        assert updates(devices) == {Code.CHANGED}
        os.kill(other, signal.SIGKILL)  # and the one that has seen it all
        assert updates(devices) == {Code.CHANGED}
        assert running.stop() == 0
    with lab(tmp_path, "--http", "127.0.0.1:0", processes=1) as alone:
        known = inventory(alone.console(), state="registered")
        assert known.keys() == {device.imei for device in devices}
        assert {one["updates"] for one in known.values()} == {2}


def test_a_lab_that_is_killed_comes_back_with_any_number_of_processes(tmp_path: Path, fleet: Fleet) -> None:
    devices: list[Device] = []
    for processes in (2, 3, 1, 2):
        with lab(tmp_path, processes=processes) as running:
            for device in devices:
                device.move(port_of(running))
            if devices:
                assert updates(devices) == {Code.CHANGED}
            new = fleet(running, 50)
            register(new)
            devices += new
            running.kill()


def test_an_answer_to_what_the_lab_asks_comes_to_the_process_that_asked(running: Running, fleet: Fleet) -> None:
    devices = fleet(running, 12)
    register(devices)
    for device in devices:
        device.move()
    assert updates(devices) == {Code.CHANGED}
    with httpx.Client(base_url=running.console(), timeout=60) as client:
        for device in devices:
            asked = client.post(
                f"/api/v1/platforms/cmdmp/devices/{device.imei}/operations",
                json={"operation": "read", "path": "/3/0/0", "wait": 0},
            )
            assert asked.status_code in (200, 202), asked.text
            device.answer_reads("Quectel")
            path = f"/api/v1/platforms/cmdmp/devices/{device.imei}/operations/{asked.json()['ticket']}"
            while not (result := client.get(path).raise_for_status().json())["done"]:
                device.answer_reads("Quectel")
            assert (result["code"], result["value"]) == ("2.05", "Quectel")


def test_what_waits_for_a_device_goes_with_it_to_another_process(running: Running, fleet: Fleet) -> None:
    """D206: of a device in Queue Mode; what had been sent has failed."""
    devices = fleet(running, 12)
    for device in devices:
        device.sleeps = True
    register(devices)
    with httpx.Client(base_url=running.console(), timeout=60) as client:
        tickets: dict[Device, list[int]] = {}
        for device in devices:
            order = {"operation": "read", "path": "/3/0/0", "wait": 0}
            where = f"/api/v1/platforms/cmdmp/devices/{device.imei}"
            asked = [client.post(f"{where}/operations", json=order).raise_for_status().json() for _ in range(2)]
            tickets[device] = [one["ticket"] for one in asked]
            device.move()
        assert len({ticket for both in tickets.values() for ticket in both}) == 24, "no ticket is given twice"
        register(devices)
        inventory(running.console())
        for device, (_, second) in tickets.items():
            path = f"/api/v1/platforms/cmdmp/devices/{device.imei}/operations/{second}"
            while not (result := client.get(path).raise_for_status().json())["done"]:
                device.answer_reads("Quectel")
            assert (result["code"], result["value"]) == ("2.05", "Quectel")


def test_the_workers_write_the_log_as_the_lab_does(tmp_path: Path) -> None:
    with lab(tmp_path, "--log-json", "--log-level", "info") as running:
        assert running.stop() == 0
        told = [json.loads(line) for line in running.lines if "listens on" in line]
    assert [line["logger"] for line in told] == ["nbtwin.edge"] * 2


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "clock/advance", {"span": "1h"}),
        ("POST", "clock/rate", {"rate": 2}),
        ("POST", "platforms/cmdmp/forget", None),
        ("POST", "lab/reset", {"devices": True}),
        ("POST", "faults", {"kind": "loss"}),
    ],
)
def test_what_needs_one_process_is_refused_and_changes_nothing(
    shared: tuple[Running, list[Device]], method: str, path: str, body: dict[str, object] | None
) -> None:
    running, devices = shared
    answer = httpx.request(method, f"{running.console()}/api/v1/{path}", json=body, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (409, "usage-one-process"), answer.text
    assert updates(devices) == {Code.CHANGED}
