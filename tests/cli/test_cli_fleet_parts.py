"""A fleet in parts: on machines that share a scheduler, and run apart and put together of files."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import urlopen

import pytest
from free_ports import free_port
from preloaded import started
from running import PATIENCE, Running, environment, nbtwin

from nbtwin.cli.main import status_of
from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.fleet.plan import FleetDevices, FleetModules, FleetPhase, FleetPlan, FleetTarget
from nbtwin.fleet.saved import SavedPart, save, together
from nbtwin.fleet.tally import FleetStats


class CountingServer:
    """Answers registrations, values and de-registrations, and counts who asked: by the port of the sender, which is
    another one for each process of a fleet, and by the device's name."""

    def __init__(self) -> None:
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.port: int = self.udp.getsockname()[1]
        self.asked: Counter[int] = Counter()
        self.registered: dict[str, int] = {}
        self._seen: set[tuple[object, int]] = set()

    def serve(self) -> None:
        while (found := self.udp.recvfrom(65535))[0] != b"end":
            data, source = found
            asked = decode(data)
            if (source, asked.message_id) not in self._seen:
                self._seen.add((source, asked.message_id))
                self.asked[source[1]] += 1
            path = asked.texts(11)
            code, more = Code.CHANGED, {}
            if path == ("rd",):
                name = next(query[3:] for query in asked.texts(15) if query.startswith("ep="))
                self.registered[name] = source[1]
                code, more = Code.CREATED, {"location_path": ("rd", name)}
            elif asked.code == Code.DELETE:
                self.registered.pop(path[1], None)
                code = Code.DELETED
            said = Message(Type.ACK, code, asked.message_id, asked.token, options(**more))  # type: ignore[arg-type]
            self.udp.sendto(encode(said), source)


@contextmanager
def server() -> Iterator[CountingServer]:
    counting = CountingServer()
    thread = Thread(target=counting.serve)
    thread.start()
    try:
        yield counting
    finally:
        counting.udp.sendto(b"end", ("127.0.0.1", counting.port))
        thread.join()
        counting.udp.close()


class Machines:
    """A scheduler and two workers, each a process."""

    def __init__(self, stack: ExitStack) -> None:
        begun = Running("fleet", "scheduler", "--listen", "127.0.0.1:0", state=None)
        self.scheduler_process = stack.enter_context(begun)
        self.scheduler = begun.wait_for(r"scheduler (tcp://127\.0\.0\.1:\d+)")[1]
        worker = ("fleet", "worker", "--scheduler", self.scheduler)
        self.workers = [stack.enter_context(Running(*worker, state=None)) for _ in range(2)]


@pytest.fixture(scope="module")
def machines() -> Iterator[Machines]:
    """For two tests; the second ends them."""
    pytest.importorskip("distributed", reason="nbtwin[cluster] is not installed")
    with ExitStack() as stack, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL", "6s")
        yield Machines(stack)


@contextmanager
def fleet(machines: Machines, port: int, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """One that runs, and the address of its page."""
    command = ["--lang", "en", "fleet", f"coap://127.0.0.1:{port}", "--scheduler", machines.scheduler]
    piped = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with started(*command, "--json", "--http", "0", *options, **piped, env=environment()) as run:
        assert run.stderr is not None
        try:
            yield run, run.stderr.readline().split()[-1]
        finally:
            run.kill()


def until_registered(url: str, count: int) -> None:
    until_told(url, lambda told: told["registered"] >= count)


def until_told(url: str, holds: Callable[[dict[str, Any]], object]) -> None:
    until = time.monotonic() + PATIENCE
    while not holds(json.loads(urlopen(url + "stats.json").read())):
        assert time.monotonic() < until


def test_ctrl_c_reaches_every_machine_and_so_does_the_end_of_who_asked(machines: Machines) -> None:
    options = ("--devices", "40", "--rate", "400", "--for", "1h")
    with server() as counting:
        with fleet(machines, counting.port, *options) as (run, url):
            until_registered(url, 40)
            run.send_signal(signal.SIGINT)
            told = json.loads(run.communicate(timeout=60)[0])
        assert told["shards"] == ["done", "done"]
        assert told["outcomes"]["deregister"] == {"ok": 40}
        assert counting.registered == {}
        with fleet(machines, counting.port, *options) as (run, url):
            until_registered(url, 40)
            run.kill()
        until = time.monotonic() + PATIENCE
        while counting.registered:
            assert time.monotonic() < until, "shards that nobody asks for any more go on"


def test_a_machine_that_dies_is_noticed_and_its_part_run_again_and_the_numbers_add_up(machines: Machines) -> None:
    with server() as counting:
        with fleet(machines, counting.port, "--devices", "60", "--rate", "60", "--for", "2s") as (run, url):
            until_registered(url, 40)
            ports = set(counting.registered.values())
            machines.workers[1].kill()
            out, said = run.communicate(timeout=60)
        told: dict[str, Any] = json.loads(out)
        assert run.returncode == 0, said
        assert sorted(told["shards"]) == ["again", "done"]
        assert told["devices"] == 60
        assert told["outcomes"]["register"] == {"ok": 60}
        assert told["outcomes"]["deregister"] == {"ok": 60}
        assert sum(told["begun"].values()) == told["ended"] == told["latency"]["all"]["count"]
        # what the target counted: the report has everything but what the dead one had asked for
        assert counting.registered == {}
        asked = counting.asked
        assert [asked.total() - asked[port] for port in ports].count(told["ended"]) == 1
        assert told["generator"]["cpu"] > 0

    # a worker that is told to end lets its devices leave; its part has not done what it was to do, and that is told
    with server() as counting, fleet(machines, counting.port, "--devices", "20", "--rate", "200", "--for", "1h") as (
        run, url,
    ):  # fmt: skip
        until_registered(url, 20)
        assert machines.workers[0].stop() == 0
        assert counting.registered == {}
        out, said = run.communicate(timeout=60)
        assert json.loads(out)["shards"] == ["lost"]
        assert run.returncode == 1
        assert "a part of the fleet is lost" in said
    alone = nbtwin("--lang", "en", "fleet", "coap://127.0.0.1:9", "--scheduler", machines.scheduler)
    assert (alone.returncode, "it has no workers" in alone.stderr) == (2, True)

    port = machines.scheduler.rpartition(":")[2]
    taken = nbtwin("--lang", "en", "fleet", "scheduler", "--listen", f"127.0.0.1:{port}")
    assert (taken.returncode, taken.stderr) == (1, f"nbtwin: TCP port {port} on 127.0.0.1 is in use\n")
    foreign = nbtwin("--lang", "en", "fleet", "worker", "--scheduler", machines.scheduler, "--listen", "192.0.2.77")
    assert (foreign.returncode, foreign.stderr) == (1, "nbtwin: this machine has no address 192.0.2.77\n")

    # one that hangs is given up (D199); when it goes on it finds that nobody asks for its part any more
    command = ("fleet", "worker", "--scheduler", machines.scheduler)
    with Running(*command, state=None) as worker:
        with (
            Running(*command, state=None) as hung,
            server() as counting,
            fleet(machines, counting.port, "--devices", "20", "--rate", "200", "--for", "3s") as (run, url),
        ):
            until_registered(url, 20)
            hung.process.send_signal(signal.SIGSTOP)
            until_told(url, lambda told: {"silent", "restarted"} & set(told["shards"]))
            out, said = run.communicate(timeout=60)
            told = json.loads(out)
            assert sorted(told["shards"]) == ["again", "done"], said
            assert told["outcomes"]["register"] == told["outcomes"]["deregister"] == {"ok": 20}
            assert sum(told["begun"].values()) == told["ended"]
            hung.process.send_signal(signal.SIGCONT)
            assert hung.process.wait(PATIENCE) == 0
            assert counting.registered == {}
        the_scheduler_goes(machines, worker)


def the_scheduler_goes(machines: Machines, worker: Running) -> None:
    """Nobody asks for the parts any more."""
    with (
        server() as counting,
        fleet(machines, counting.port, "--devices", "20", "--rate", "200", "--for", "1h") as (run, url),
    ):
        until_registered(url, 20)
        machines.scheduler_process.kill()
        assert worker.process.wait(PATIENCE) == 0
        assert counting.registered == {}
        out, said = run.communicate(timeout=60)
    assert json.loads(out)["shards"] == ["lost"]
    assert said.splitlines()[-1:] == ["nbtwin: a part of the fleet is lost"]
    assert "Traceback" not in said


def test_a_fleet_without_a_scheduler_or_without_workers_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = f"tcp://127.0.0.1:{free_port()}"
    for wrong, said in (
        (["fleet", "coap://127.0.0.1:9", "--scheduler", "127.0.0.1:1"], "is no scheduler"),
        (["fleet", "worker", "--scheduler", "tcp://192.0.2.7:8786"], "--listen"),
        (["fleet", "worker", "--scheduler", "nowhere"], "is no scheduler"),
    ):
        assert status_of(["--lang", "en", *wrong]) == 2
        assert said in capsys.readouterr().err
    assert "no scheduler answers" in nbtwin("--lang", "en", "fleet", "worker", "--scheduler", nowhere).stderr


# parts of files


def test_parts_that_ran_apart_are_one_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    parts = [tmp_path / f"{number}.part" for number in range(3)]
    with server() as counting:
        plan = ["fleet", f"coap://127.0.0.1:{counting.port}", "--devices", "31", "--rate", "300", "--for", "0",
                "--psk", "00112233"]  # fmt: skip
        for number, part in enumerate(parts[:2]):
            assert status_of([*plan, "--shard", f"{number}/3", "--save", str(part)]) == 0
        capsys.readouterr()
        assert status_of([*plan, "--shard", "2/3", "--save", "-"]) == 0
        parts[2].write_text(capsys.readouterr().out)
        assert counting.asked.total() == 62
    assert "00112233" not in "".join(part.read_text() for part in parts)
    assert "ESIzA" not in parts[0].read_text()  # as base64
    page = tmp_path / "fleet.html"
    assert status_of(["fleet", "report", *map(str, parts), "--json", "--html", str(page),
                      "--require", "register.ok==31"]) == 0  # fmt: skip
    told = json.loads(capsys.readouterr().out)
    assert told["devices"] == 31
    assert told["outcomes"] == {"register": {"ok": 31}, "deregister": {"ok": 31}}
    assert told["shards"] == ["done", "done", "done"]
    assert told["latency"]["all"]["count"] == 62
    assert "<svg" in page.read_text()


def test_a_saved_part_has_no_line_of_a_module(tmp_path: Path) -> None:
    """A key may stand in it."""
    line = "AT+QLASETPSK=0,0123456789abcdef"
    plan = FleetPlan(
        target=FleetTarget("127.0.0.1", 5683, False), devices=FleetDevices(1, key=b"\x5a\x5a\x5a"),
        modules=FleetModules(settings=(line,), script=(line,)), phases=(FleetPhase(do="at", rate=1, lines=(line,)),),
    )  # fmt: skip
    save(SavedPart(number=0, of=1, plan=plan, stats=FleetStats(devices=1)), str(tmp_path / "0.part"))
    assert "0123456789abcdef" not in (tmp_path / "0.part").read_text()
    assert together([tmp_path / "0.part"]).shards == ("done",)


def test_a_part_that_is_missing_is_lost_and_strangers_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other, no_part = (tmp_path / name for name in ("one.part", "other.part", "no.part"))
    with server() as counting:
        target = f"coap://127.0.0.1:{counting.port}"
        for path, count in ((one, "10"), (other, "12")):
            options = ["--devices", count, "--for", "0", "--shard", "0/2", "--save", str(path)]
            assert status_of(["fleet", target, *options]) == 0
    no_part.write_text("{}")
    capsys.readouterr()
    assert status_of(["--lang", "en", "fleet", "report", str(one)]) == 1
    shown = capsys.readouterr()
    assert "part 1 of the fleet: lost" in shown.out
    assert "a part of the fleet is lost" in shown.err
    for paths, said in (
        ([one, other], "other.part: is part of another fleet"),
        ([one, one], "one.part: part 0 is there twice"),
        ([no_part], "no.part: is no file of"),
        ([tmp_path / "none"], "none"),
    ):
        assert status_of(["--lang", "en", "fleet", "report", *map(str, paths)]) == 2
        assert said in capsys.readouterr().err
    assert os.stat(one).st_size < 20_000
