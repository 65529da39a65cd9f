"""Firmware campaigns of a platform in several processes: each device gets the package once (D220)."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from zlib import crc32

import httpx
import pytest
from running import Running
from workers_bench import lab, pids, port_of
from workers_updates import (
    INSTALLED_ONCE,
    ONCE,
    Crowd,
    campaigns,
    is_over,
    processes_of,
    registered,
    start,
    state,
    upload,
)

DEVICES = 20
Made = Callable[..., Crowd]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with lab(tmp_path_factory.mktemp("campaigns"), "--http", "127.0.0.1:0", ports="andlink=0") as one:
        upload(one)
        yield one
        assert one.stop() == 0


@pytest.fixture
def crowd(running: Running, request: pytest.FixtureRequest) -> Iterator[Crowd]:
    """Devices of this test alone, some of them at each process."""
    made = Crowd(DEVICES, port_of(running), str(crc32(request.node.name.encode())))
    made.register(running)
    assert processes_of(made.devices) == {0, 1}
    yield made
    made.close()


@pytest.mark.parametrize("mode", ["pull", "push"])
def test_each_device_of_all_processes_is_updated_once(running: Running, crowd: Crowd, mode: str) -> None:
    number = start(running, devices=crowd.names, mode=mode, at_once=12)
    most: list[int] = []

    def over() -> bool:
        found = state(running, number)
        counts = found["counts"]
        most.append(sum(counts.values()) - counts.get("waiting", 0) - counts.get("succeeded", 0))
        return bool(found["state"] == "finished")

    crowd.run(over)
    assert state(running, number)["counts"] == {"succeeded": DEVICES}
    assert crowd.got == ONCE
    assert 0 < max(most) <= 12


def test_a_campaign_goes_on_when_a_process_and_when_the_lab_is_killed(tmp_path: Path) -> None:
    ports = "andlink=0"
    with lab(tmp_path, "--http", "127.0.0.1:0", ports=ports) as first:
        upload(first)
        crowd = Crowd(12, port_of(first), "killed")
        crowd.register(first)
        number = start(first, at_once=6)
        ended = lambda running: state(running, number)["counts"].get("succeeded", 0)  # noqa: E731
        crowd.run(lambda: ended(first) >= 2)
        os.kill(pids(first)[1], signal.SIGKILL)
        crowd.run(lambda: ended(first) >= 7)
        port = port_of(first)
        first.kill()
    with lab(tmp_path, "--http", "127.0.0.1:0", ports=f"andlink={port}") as second:
        crowd.run(is_over(second, number))
        assert state(second, number)["counts"] == {"succeeded": 12}
        assert crowd.installed == INSTALLED_ONCE
        assert second.stop() == 0
    crowd.close()


def test_a_device_that_registers_at_another_process_goes_on_there(running: Running, crowd: Crowd) -> None:
    """Each under a new address whenever it restarts, which is between Execute and its verdict."""
    before = {device.name: processes_of([device]) for device in crowd.devices}
    for device in crowd.devices:
        device.moves = crowd.move
    number = start(running, devices=crowd.names)
    crowd.run(is_over(running, number))
    assert state(running, number)["counts"] == {"succeeded": DEVICES}
    assert crowd.got == ONCE
    assert any(processes_of([device]) != before[device.name] for device in crowd.devices)


def test_a_campaign_is_stopped_in_all_processes(running: Running, crowd: Crowd) -> None:
    number = start(running, devices=crowd.names, at_once=6, per_minute=60)
    crowd.run(lambda: bool(state(running, number)["counts"].get("waiting", 0) < DEVICES))
    answer = httpx.post(campaigns(running, str(number), "stop"), timeout=60)
    assert answer.json()["state"] in ("stopping", "stopped")
    crowd.run(is_over(running, number))
    found = state(running, number)
    assert found["state"] == "stopped"
    assert found["counts"]["stopped"] >= DEVICES - 6
    assert httpx.post(campaigns(running, str(number), "stop"), timeout=60).status_code == 409


def test_one_order_for_devices_of_all_processes_is_answered_by_each(running: Running, crowd: Crowd) -> None:
    where = f"{running.console()}/api/v1/platforms/andlink/batches"
    asked = {"act": "operate", "of": {"devices": crowd.names}, "order": {"operation": "read", "path": "/3/0/3"}}
    answer = httpx.post(where, json={**asked, "expected": DEVICES}, timeout=60)
    assert answer.status_code == 201, answer.text
    batch = f"{where}/{answer.json()['number']}"
    crowd.run(lambda: bool(httpx.get(batch, timeout=60).json()["state"] == "finished"))
    assert httpx.get(batch, timeout=60).json()["counts"] == {"done": DEVICES}


def test_what_cannot_be_begun_is_refused(running: Running, crowd: Crowd) -> None:
    def refusal(**asked: object) -> tuple[int, str]:
        answer = httpx.post(campaigns(running), json={"package": "new", **asked}, timeout=60)
        return answer.status_code, answer.json()["code"]

    first, second, *_ = crowd.names
    assert refusal(package="other", devices=[first])[1] == "campaign-package-unknown"
    assert refusal(devices=["meter-999"])[1] == "api-no-device-fits"
    start(running, devices=[first])
    assert refusal(devices=[first, second])[1] == "campaign-device-taken"


def test_who_stays_away_has_failed_and_who_fetches_over_http_alone_is_updated(running: Running, crowd: Crowd) -> None:
    """D163: the lab's own listener gives the package, whichever process has the device."""
    away, *over_http, _ = crowd.devices
    for device in over_http:
        device.manners.schemes, device.manners.method = (2,), 0
    assert processes_of(over_http) == {0, 1}
    crowd.leave(away)
    crowd.run(lambda: away.name not in registered(running, away.name))
    names = crowd.names
    number = start(running, devices=names, registered=False, within=5, at_once=DEVICES)
    crowd.run(is_over(running, number))
    rows = {row["device"]: row for row in httpx.get(campaigns(running, str(number), "devices"), timeout=60).json()}
    assert [rows[name]["step"] for name in names] == ["failed", *["succeeded"] * (DEVICES - 1)]
    assert rows[away.name]["cause"]["code"] == "campaign-device-absent"
    assert {device.packages for device in over_http} == {1}
    address = f"{running.console()}/fw/{'0' * 32}/new"
    assert httpx.get(address, timeout=60).status_code == 404  # nobody gave this key away
