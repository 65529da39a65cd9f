"""What was answered is there after `kill -9`: of the platform, on both databases, and of the database's server."""

from __future__ import annotations

import re
import signal
import socket
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from durability_bench import ACCEPTED, HoldBench
from durability_load import MESSAGES, load
from running import Running, nbtwin

from benchmarks.postgres import NoServer, private_server
from nbtwin.coap.message import decode
from nbtwin.edge.clock_watermark import STEPS
from nbtwin.operators.store.store import Store


def platform(operator: str, where: str, state: Path, durability: str = "process") -> Running:
    asked = ("--ports", f"{operator}=0", "--database", where, "--durability", durability)
    return Running("platform", *asked, state=state)


def port_of(lab: Running) -> int:
    return int(lab.platform()["udp"].rpartition(":")[2])


def missing_from(where: str, operator: str, answered: dict[str, str], state: Path) -> dict[str, str]:
    with Store.open(where, state=state) as store:
        kept = {device.imei: device.location for device in store.registrations(operator)}
        for imei in list(answered)[:50]:
            assert "device-registered" in {line.code for line in store.history(f"{operator}:{imei}")}
    return {imei: location for imei, location in answered.items() if kept.get(imei) != location}


@pytest.mark.parametrize("operator", MESSAGES)
def test_every_registration_that_was_answered_is_there_after_the_platform_was_killed(
    operator: str, where: str, tmp_path: Path
) -> None:
    answered: dict[str, str] = {}
    for round_, (after, durability) in enumerate(((400, "process"), (1, "database"), (150, "disk"))):
        with platform(operator, where, tmp_path, durability) as lab:
            answered |= load(operator, port_of(lab), round_ * 10_000, after, lab.process.kill)
            lab.process.wait()
        assert lab.process.returncode == -signal.SIGKILL
        missing = missing_from(where, operator, answered, tmp_path)
        assert missing == {}, f"{len(missing)} of {len(answered)} answered registrations are lost"
    assert len(answered) >= 400 + 1 + 150


def test_a_platform_outlives_the_crash_of_its_database_and_nothing_answered_is_lost(tmp_path: Path) -> None:
    """The server waits for its disk here, as it does for users; answers wait while it is away."""
    try:
        server = private_server(durable=True)
        database = server.__enter__()
    except NoServer as reason:
        pytest.skip(str(reason))
    try:

        def crash() -> None:
            database.crash()
            database.start()

        with platform("telecom", database.url, tmp_path) as lab:
            answered = load("telecom", port_of(lab), 0, 200, crash, until=400)
            assert lab.stop() == 0
        assert len(answered) >= 400, "it did not go on"
        missing = missing_from(database.url, "telecom", answered, tmp_path)
        assert missing == {}, f"{len(missing)} of {len(answered)} answered registrations are lost"
    finally:
        server.__exit__(None, None, None)


PORTS = ("telecom", "unicom", "cmdmp", "andlink")


def lab_of_all_four(state: Path) -> Running:
    ports = ",".join(f"{operator}=0" for operator in PORTS)
    asked = ("--module", "BC28,sim=none", "--ports", ports, "--http", "127.0.0.1:0", "--durability", "database")
    return Running("up", *asked, state=state)


def ports_of(lab: Running) -> dict[str, int]:
    found = (lab.wait_for(rf"platform operator={operator} .*?udp=\S*?:(\d+)") for operator in PORTS)
    return dict(zip(PORTS, (int(match[1]) for match in found), strict=True))


def readiness(base: str, wanted: int) -> dict[str, Any]:
    """What /ready says once it says so."""
    with httpx.Client(base_url=base, timeout=60) as client:
        while (answer := client.get("/api/v1/ready")).status_code != wanted:
            assert answer.status_code in (200, 503)
        return dict(answer.json())


def failures(base: str) -> set[str]:
    """The platforms that have told of a failed commit."""
    metrics = httpx.get(f"{base}/metrics", timeout=60).text
    return set(re.findall(r'nbtwin_platform_events_total\{event="commit[ -]failed",platform="(\w+)"\}', metrics))


def test_while_the_store_refuses_nobody_is_answered_and_after_kill_9_nothing_was_promised(tmp_path: Path) -> None:
    requests: dict[str, bytes] = {}
    for operator in PORTS:
        bench = HoldBench(operator)
        requests[operator] = bench.registration()
        bench.close()
    with ExitStack() as peers:
        udp = {operator: peers.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for operator in PORTS}
        with lab_of_all_four(tmp_path) as lab, closing(sqlite3.connect(tmp_path / "inventory.sqlite")) as intruder:
            base = lab.console()
            assert readiness(base, 200)["trouble"] is None
            intruder.isolation_level = None
            intruder.execute("BEGIN IMMEDIATE")
            trouble = readiness(base, 503)["trouble"]
            assert (trouble["code"], trouble["fields"]["where"]) == ("store-locked", str(tmp_path / "inventory.sqlite"))
            assert "locked by another process" in trouble["detail"]
            chinese = httpx.get(f"{base}/api/v1/ready", headers={"Accept-Language": "zh-CN"}, timeout=60).json()
            assert "被另一进程锁定" in chinese["trouble"]["detail"]
            for operator, port in ports_of(lab).items():
                udp[operator].connect(("127.0.0.1", port))
                udp[operator].send(requests[operator])
            devices = httpx.get(f"{base}/api/v1/platforms/cmdmp/devices", timeout=60)
            assert (devices.status_code, devices.json()) == (200, []), "pages go on"
            while failures(base) != set(PORTS):
                """Each has taken its request in, and could not commit it."""
            lab.kill()
        for peer in udp.values():
            peer.setblocking(False)
            with pytest.raises(BlockingIOError):
                peer.recv(2048)
        with Store.open(tmp_path / "inventory.sqlite") as store:
            assert store.count() == 0
        with lab_of_all_four(tmp_path) as lab:
            for operator, port in ports_of(lab).items():
                udp[operator].connect(("127.0.0.1", port))
                udp[operator].settimeout(30)
                udp[operator].send(requests[operator])  # a retransmission, to the new process
                assert decode(udp[operator].recv(2048)).code == ACCEPTED[operator]
            lab.kill()
        with Store.open(tmp_path / "inventory.sqlite") as store:
            assert [store.count(operator) for operator in PORTS] == [1, 1, 1, 1]


def test_the_labs_time_does_not_go_back_when_it_is_killed_after_an_advance(tmp_path: Path) -> None:
    asked = ("up", "--module", "BC260Y-CN", "--ports", "cmdmp=0", "--http", "127.0.0.1:0")
    latest, span = 0.0, "26h"
    for clock in ("live", "simulated"):
        with Running(*asked, "--clock", clock, state=tmp_path) as lab:
            base = lab.console()
            now = httpx.get(f"{base}/api/v1/clock").json()["now"]
            assert now >= latest, f"the lab's time went back by {latest - now} s"
            latest = httpx.post(f"{base}/api/v1/clock/advance", json={"span": span}, timeout=60).json()["now"]
            (device,) = httpx.get(f"{base}/api/v1/platforms/cmdmp/devices").json()
            latest = max(latest, device["last_seen_at"])
            lab.kill()
    with Running(*asked, state=tmp_path) as lab:
        now = httpx.get(f"{lab.console()}/api/v1/clock").json()["now"]
        assert now >= latest
        assert now < latest + 3600, "it was killed after the advance, not in the middle of it"


def test_the_labs_time_does_not_go_back_when_it_is_killed_within_an_advance(tmp_path: Path) -> None:
    asked = ("up", "--module", "BC260Y-CN", "--ports", "cmdmp=0", "--http", "127.0.0.1:0", "--clock", "simulated")
    with Running(*asked, state=tmp_path) as lab, httpx.Client(base_url=lab.console(), timeout=60) as client:
        began = client.get("/api/v1/clock").json()["now"]
        with ThreadPoolExecutor(1) as other:
            advancing = other.submit(httpx.post, f"{lab.console()}/api/v1/clock/advance", json={"span": "366d"})
            while (now := client.get("/api/v1/clock").json()["now"]) < began + 10 * 86400:
                assert not advancing.done()
            lab.kill()
            assert isinstance(advancing.exception(), httpx.HTTPError), "it was over before the kill"
    with Store.open(tmp_path / "inventory.sqlite") as store:
        (device,) = store.devices("cmdmp")
    with Running(*asked, state=tmp_path) as lab:
        after = httpx.get(f"{lab.console()}/api/v1/clock").json()["now"]
    assert after >= max(now, device.last_seen_at)
    assert after <= device.last_seen_at + 366 * 86400 * 2 / STEPS, "a twentieth is skipped, and no more"


@pytest.mark.parametrize("observations", ['{"/3/0":"zz"}', '{"/3/0":"abc"}', '{"/x":"ab"}', '{"/3/99999999":"ab"}'])
def test_a_lab_whose_database_has_a_damaged_observation_says_so_in_one_line(tmp_path: Path, observations: str) -> None:
    with platform("andlink", str(tmp_path / "inventory.sqlite"), tmp_path) as lab:
        lab.stop()
    with closing(sqlite3.connect(tmp_path / "inventory.sqlite")) as db, db:
        record = (
            f'{{"id":"andlink:1","platform":"andlink","imei":"1","state":"registered","observations":{observations}}}'
        )
        db.execute(
            "INSERT INTO devices (number, id, platform, imei, state, last_seen_at, record) VALUES (1, 'andlink:1',"
            " 'andlink', '1', 'registered', 1.0, ?)",
            (record,),
        )
    refused = nbtwin("platform", "--ports", "andlink=0", "--state", str(tmp_path))
    assert (refused.returncode, len(refused.stderr.splitlines())) == (1, 1), refused.stderr
    assert "andlink:1 (1)" in refused.stderr
    assert "observations" in refused.stderr
