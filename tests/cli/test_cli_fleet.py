"""`nbtwin fleet` as its user meets it: against our platform, against bad servers, in two processes, with bad files."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from random import Random
from threading import Event, Thread
from typing import Any
from urllib.request import urlopen

import msgspec
import pytest
from free_ports import free_port
from preloaded import started
from prometheus_client.parser import text_string_to_metric_families
from running import Running, environment, nbtwin

from nbtwin.cli.main import status_of
from nbtwin.fleet.phrases import FleetPhrase
from nbtwin.fleet.plan import FleetDevices, FleetPhase, FleetPlan, FleetTarget
from nbtwin.fleet.processes import ShardProcesses, ShardState
from nbtwin.fleet.tally import FleetStats, Outcome
from nbtwin.timeline.catalogue import say


@pytest.fixture(scope="module")
def platforms(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    ports = "andlink=0,cmdmp=0,telecom=0,unicom=0"
    with Running("platform", "--ports", ports, state=tmp_path_factory.mktemp("state")) as running:
        yield running


def port_of(running: Running, operator: str) -> int:
    return int(running.wait_for(rf"platform operator={operator} udp=127.0.0.1:(\d+)")[1])


@pytest.fixture(scope="module")
def platform(platforms: Running) -> int:
    """The port of our own server of LwM2M."""
    return port_of(platforms, "andlink")


@contextmanager
def server(answer: Callable[[bytes], bytes | None]) -> Iterator[int]:
    """A small one that answers whatever it likes."""
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.bind(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            data, source = udp.recvfrom(65535)
            if data == b"end":
                return
            said = answer(data)
            if said is not None:
                udp.sendto(said, source)

    thread = Thread(target=serve)
    thread.start()
    try:
        yield udp.getsockname()[1]
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"end", ("127.0.0.1", udp.getsockname()[1]))
        thread.join()
        udp.close()


class Latency(msgspec.Struct, forbid_unknown_fields=True):
    p50: float
    p90: float
    p95: float
    p99: float
    p999: float
    max: float
    mean: float
    count: int


class Report(msgspec.Struct, forbid_unknown_fields=True):
    """Every field of `--json`, which scripts read."""

    target: str
    devices: int
    seed: int
    ran: float
    registered: int
    registered_most: int
    begun: dict[str, int]
    outcomes: dict[str, dict[Outcome, int]]
    errors: int
    ended: int
    under_way: int
    paused: bool
    codes: dict[str, int]
    asked: dict[str, int]
    counts: dict[str, int]
    latency: dict[str, Latency]
    worst: list[dict[str, float | str]]
    failing: dict[str, int]
    seconds: list[dict[str, int]]
    generator: dict[str, float]
    shards: list[ShardState]
    ended_by: str | None
    requirements: list[dict[str, str | float | bool | None]]


def asked(port: int, *options: str) -> tuple[int, dict[str, Any], str]:
    done = nbtwin("fleet", f"coap://127.0.0.1:{port}", *options, "--json")
    return done.returncode, json.loads(done.stdout or "{}"), done.stderr


@pytest.mark.parametrize("sockets", ["addresses", "each", "4"])
def test_devices_register_send_and_leave_and_the_numbers_add_up(platform: int, sockets: str, tmp_path: Path) -> None:
    files = ("--html", str(tmp_path / "f.html"), "--prometheus", str(tmp_path / "f.prom"))
    status, told, _ = asked(platform, "--devices", "60", "--rate", "200", "--for", "500ms", "--sockets", sockets,
                            "--require", "errors<0.1%", *files)  # fmt: skip
    assert status == 0
    assert told["outcomes"]["register"] == {"ok": 60}
    assert told["outcomes"]["deregister"] == {"ok": 60}
    assert told["registered"] == 0
    assert told["ended_by"] is None
    assert told["registered_most"] == 60
    assert sum(told["begun"].values()) == told["ended"] == sum(row["good"] + row["errors"] for row in told["seconds"])
    assert told["latency"]["all"]["count"] == told["ended"]
    page, metrics = (tmp_path / "f.html").read_text(), (tmp_path / "f.prom").read_text()
    assert "<svg" in page
    msgspec.convert(told, Report)
    samples = {
        (one.name, *one.labels.values()): one.value
        for family in text_string_to_metric_families(metrics) for one in family.samples
    }  # fmt: skip
    for kind, there in told["outcomes"].items():
        for outcome, count in there.items():
            assert samples["nbtwin_fleet_exchanges", kind, outcome] == count
        assert samples["nbtwin_fleet_seconds_count", kind] == told["latency"][kind]["count"]
        assert samples["nbtwin_fleet_seconds", kind, "0.99"] == told["latency"][kind]["p99"]
        word = say(FleetPhrase.KIND, "en", name=kind)
        cells = "".join(f"<td>{each}</td>" for each in (told["begun"][kind], *there.values()))
        assert f'<tr><th scope="row">{word}</th>{cells}</tr>' in page
    for what, count in told["counts"].items():
        assert samples["nbtwin_fleet_counts", what] == count
        assert f'<th scope="row">{say(FleetPhrase.COUNT, "en", name=what)}</th><td>{count}</td>' in page


@pytest.mark.parametrize(
    ("shape", "registrations", "counts"),
    [("ramp", 20, {}), ("wave", 20, {}), ("storm", 40, {"rebooted": 20})],
)
def test_a_shape_does_what_it_says(platform: int, shape: str, registrations: int, counts: dict[str, int]) -> None:
    status, told, said = asked(
        platform, "--shape", shape, "--devices", "20", "--rate", "100", "--for", "500ms", "--name", f"{shape}-{{n}}"
    )
    assert status == 0, said
    assert told["outcomes"]["register"] == {"ok": registrations}
    assert told["outcomes"]["uplink"]["ok"] > 20
    assert told["outcomes"]["deregister"] == {"ok": 20}
    assert counts.items() <= told["counts"].items()


def test_whole_modules_register_with_their_operator_while_hosts_send_at(platforms: Running) -> None:
    options = ("--modules", "mobile", "--devices", "12", "--rate", "50", "--at", "AT+CSQ", "--for", "5s")
    status, told, said = asked(port_of(platforms, "cmdmp"), *options)
    assert status == 0, said
    assert told["outcomes"]["register"] == {"ok": 12}
    assert set(told["outcomes"]["at"]) == {"ok"}
    assert told["registered"] == 12  # this registration has no request that ends it
    assert told["counts"]["booted"] == 12


def test_two_processes_are_one_fleet(platform: int) -> None:
    status, told, _ = asked(platform, "--devices", "61", "--rate", "200", "--for", "0", "--processes", "2")
    assert status == 0
    assert told["outcomes"] == {"register": {"ok": 61}, "deregister": {"ok": 61}}
    assert told["shards"] == ["done", "done"]


def test_a_requirement_that_does_not_hold_is_the_exit_status(platform: int) -> None:
    status, told, said = asked(platform, "--devices", "5", "--for", "0", "--require", "register.max<1ms")
    assert status == 1
    assert told["requirements"][0]["holds"] is False
    assert "register.max<1ms" in said


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (lambda data: b"\x00", "rubbish"),
        (lambda data: b"\x60\x84" + data[2:4], "stray"),
        (lambda data: b"\x65\x84" + data[2:9], "refused"),
        (lambda data: b"\x70\x00" + data[2:4], "reset"),
        (lambda data: None, "open"),
    ],
)
def test_a_bad_server_is_an_error_class_and_no_crash(
    answer: Callable[[bytes], bytes | None], outcome: str, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text("devices: {count: 3}\ngrace: 200ms\nphases:\n  - {do: register, rate: 100}\n")
    with server(answer) as port:
        status, told, _ = asked(port, "--plan", str(plan))
    assert status == 0
    if outcome == "stray":  # an answer without its token is nobody's
        assert told["counts"]["stray"] == 3
    else:
        assert told["outcomes"]["register"] == {outcome: 3}


def test_a_terminal_shows_error_classes_and_the_worst_devices_while_a_fleet_runs(tmp_path: Path) -> None:
    ours, theirs = os.openpty()
    plan = tmp_path / "plan.yaml"
    plan.write_text(
        "devices: {count: 5, name: 'meter-{n}'}\nphases:\n  - {do: register, rate: 50}\n  - {do: rest, for: 1h}\n"
    )
    with server(lambda data: bytes((0x65, 0xA3)) + data[2:9]) as port, open(ours, "rb", buffering=0) as terminal:
        command = ("--lang", "en", "fleet", f"coap://127.0.0.1:{port}", "--plan", str(plan))
        with started(*command, stdout=subprocess.DEVNULL, stderr=theirs, env={**environment(), "TERM": "xterm"}) as run:
            os.close(theirs)
            shown = b""
            while not (b"registration: refused 5" in shown and b"devices with most errors: meter-" in shown):
                shown += terminal.read(4096)
            assert b"longest waits: meter-" in shown
            run.send_signal(signal.SIGINT)
            with suppress(OSError):  # its terminal has gone
                while terminal.read(4096):
                    pass
        assert run.returncode == 130


def test_refusals_are_shown_with_their_codes() -> None:
    with server(lambda data: bytes((0x65, 0xA3)) + data[2:9]) as port:
        done = nbtwin(
            "--lang", "en", "fleet", f"coap://127.0.0.1:{port}", "--devices", "3", "--rate", "100", "--for", "0"
        )
    assert done.stdout.splitlines()[-2:] == ["registration: refused 3", "refused with: 5.03 3"]


def test_a_slow_server_is_an_error_class_of_those_who_waited(tmp_path: Path) -> None:
    """What is answered is answered: slow is told of, and no error."""
    plan = tmp_path / "plan.yaml"
    plan.write_text("devices: {count: 3}\nslow: 1ms\nphases:\n  - {do: register, rate: 100}\nkeep: true\n")
    later = Event()

    def answer(data: bytes) -> bytes:
        later.wait(0.02)
        return b"\x65\x41" + data[2:9] + b"\x82rd\x01a"

    with server(answer) as port:
        status, told, _ = asked(port, "--plan", str(plan), "--require", "slow>2", "--require", "errors<1")
    assert status == 0
    assert told["outcomes"]["register"] == {"slow": 3}
    assert told["registered"] == 3


@pytest.mark.parametrize(
    ("scheme", "host", "sockets"),
    [
        ("coap", "127.0.0.1", "addresses"),
        ("coap", "::1", "4"),
        ("coaps", "127.0.0.1", "addresses"),
        ("coaps", "127.0.0.1", "each"),
        ("coaps", "::1", "each"),
    ],
)
def test_nobody_there_is_an_error_class(scheme: str, host: str, sockets: str, tmp_path: Path) -> None:
    """Behind DTLS the datagram that comes back names no device; the address to which it comes back does."""
    plan = tmp_path / "plan.yaml"
    plan.write_text(
        "devices: {count: 3, key: 00ff}\nack_timeout: 10ms\nretransmissions: 2\n"
        "phases:\n  - {do: register, rate: 100}\n"
    )
    target = FleetTarget(host, free_port(), scheme == "coaps", host)
    done = nbtwin("fleet", str(target), "--plan", str(plan), "--sockets", sockets, "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["outcomes"]["register"] == {"away": 3}


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("coap://117.161.2.41:5683", "operator"),
        ("coap://lwm.home.komect.com", "operator"),
        ("coap://192.0.2.200:5683", "--target-is-mine 192.0.2.200"),
        ("http://127.0.0.1:80", "no target"),
        ("coap://127.0.0.1:99999", "no target"),
    ],
)
def test_whose_the_target_is(target: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status_of(["--lang", "en", "fleet", target, "--target-is-mine", "117.161.2.41"]) == 2
    assert said in capsys.readouterr().err


def judged(file: Path, text: str, capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    """What is said of a file, each with its place; the file is called f."""
    file.write_text(text)
    assert status_of(["--lang", "en", "fleet", *options, str(file)]) == 2
    return [line.partition(f"{file}:")[2] for line in capsys.readouterr().err.splitlines()]


def test_a_plan_is_judged_whole_with_line_and_column(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = (
        "seed: 1\nlos: 0.1\nnetwork: fe80::/64 \nseed: 2\nphases:\n  - {do: register, rate: -5}\n"
        "  - {do: fly, rate: 1}\n  - {do: rest}\n  - {do: at, rate: 1}\n"
    )
    told = judged(tmp_path / "plan.yaml", text, capsys, "coap://127.0.0.1:9", "--plan")
    assert [line.split(" ")[0] for line in told] == ["2:1:", "3:10:", "4:1:", "6:26:", "7:10:", "8:5:", "9:10:"]
    assert told[0] == "2:1: no such field; is it loss?"
    assert told[2] == "4:1: seed is there already, in line 1"
    assert told[3].startswith("6:26: '-5' cannot be here")
    assert told[5] == "8:5: for is missing"
    assert told[6] == "9:10: at is for whole modules: say modules"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "1:1: the plan is empty: it needs phases, such as - {do: register, rate: 100}"),
        ("# nothing yet\n---\n", "1:1: the plan is empty: it needs phases, such as - {do: register, rate: 100}"),
        ("- do: register\n", "1:1: fields belong here: target, seed,"),
        ("devices: 5\nphases:\n  - {do: register, rate: 1}\n", "1:10: fields belong here: count, name,"),
        ("seed: 1\nphases:\n  - {do: r\xe9g\x07}\n", "3:13: "),
        ("devices: {name: 'm-{n:99999}'}\nphases:\n  - {do: register, rate: 1}\n", "1:17: 'm-{n:99999}' cannot"),
        ("devices: {name: '{name}-{n}'}\nphases:\n  - {do: register, rate: 1}\n", "1:17: '{name}-{n}' cannot"),
        ("devices: {name: meter}\nphases:\n  - {do: register, rate: 1}\n", "1:17: 'meter' gives all devices one"),
        ("network: 127.16.0.0/28\nphases:\n  - {do: register, rate: 1}\n", "1:10: the plan needs 1000 addresses"),
        ("wrong_keys: 0.1\nphases:\n  - {do: register, rate: 1}\n", "1:13: wrong_keys is for coaps"),
        ("bootstrap: coap://192.0.2.9\nphases:\n  - {do: register, rate: 1}\n", "1:12: 192.0.2.9 is not on loopback"),
        (
            "network: 198.18.0.0/15\nphases:\n  - {do: register, rate: 1}\n",
            "1:10: this machine has no address",
        ),
        ("ack_timeout: 0s\nphases:\n  - {do: register, rate: 1}\n", "1:14: '0s' cannot be here: 1ms"),
        ("phases:\n  - {do: uplink, rate: 1, for: 1s, wave: 0s}\n", "2:42: '0s' cannot be here: 1ms"),
        ("phases:\n  - {do: register, rate: 1, lines: [AT]}\n", "2:29: no such field; there are do,"),
        ("queue: 10s\nsockets: 4\nphases:\n  - {do: register, rate: 1}\n", "1:8: queue needs an address or a port"),
        ("modules: {settings: [AT+NOTHING]}\nphases:\n  - {do: register, rate: 1}\n", "1:21: "),
        ("modules: {}\ndevices: {model: BC1}\nphases:\n  - {do: register, rate: 1}\n", "2:18: "),
    ],
)
def test_each_mistake_of_a_plan_has_its_place(
    text: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (told,) = judged(tmp_path / "plan.yaml", text, capsys, "coap://127.0.0.1:9", "--plan")
    assert told.startswith(said)


def test_files_that_are_no_utf_8_are_refused_at_their_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for option, name in (("--plan", "plan.yaml"), ("--csv", "d.csv")):
        (tmp_path / name).write_bytes("name\n\u8868".encode() + b"\xb1\xed\n")
        assert status_of(["--lang", "en", "fleet", "coap://127.0.0.1:9", option, str(tmp_path / name)]) == 2
        assert f"{name}:2:2: " in capsys.readouterr().err


GOOD = {
    "--plan": "target: coap://127.0.0.1:9\nseed: 7\ndevices: {count: 200, name: 'meter-{n:07}'}\nqueue: 10s\n"
    "duplicates: 0.01\nphases:\n  - {do: register, rate: 1000}\n  - {do: uplink, rate: 500, for: 5min, wave: 1min}\n",
    "--csv": "name,identity,key,model,operator,imsi,imei\na,i,00ff,BC28,mobile,460000000000001,863703030000017\n"
    '"b,c",,,,,,\n',
}


@pytest.mark.parametrize("option", GOOD)
def test_a_hundred_spoilt_files_are_refused_and_none_is_a_crash(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is good all the same goes no further than to the report, which cannot be written."""
    random, file, judged_wrong = Random(option), tmp_path / "spoilt", 0
    odd = [
        '"',
        "'",
        "{",
        "}",
        "[",
        ":",
        "- ",
        ",",
        "\n",
        "\t",
        "\r",
        "\0",
        "&a ",
        "*a",
        "!!x ",
        "{n",
        "9" * 5000,
        "\u2028",
        "nan",
    ]
    for _ in range(100):
        text = GOOD[option]
        for _ in range(random.randrange(1, 4)):
            at = random.randrange(len(text))
            text = text[:at] + random.choice(odd) + text[at + random.randrange(9) :]
        file.write_bytes(text.encode() if random.random() < 0.9 else text.encode("gb18030") + b"\xff")
        assert status_of(["--lang", "en", "fleet", "coap://127.0.0.1:9", option, str(file), "--html", "/"]) == 2
        lines = capsys.readouterr().err.splitlines()
        placed = [re.match(rf"nbtwin: {re.escape(str(file))}:\d+:\d+: .", line) for line in lines]
        assert lines
        assert all(placed) or lines[0].startswith("nbtwin: --html"), (text, lines)
        judged_wrong += all(placed)
    assert judged_wrong > 60


def test_a_plan_that_is_nested_without_end_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(judged(tmp_path / "plan.yaml", "[" * 5000, capsys, "coap://127.0.0.1:9", "--plan")) == 1


def test_a_plan_of_whole_modules_is_judged_by_what_modules_can(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (
        'lifetime: 60\nmodules: {operator: nobody, script: [ATE0, "A\\nT"]}\nphases:\n'
        "  - {do: uplink, rate: 1, for: 1s}\n  - {do: at, rate: 1, lines: AT+CSQ}\n"
    )
    told = judged(tmp_path / "plan.yaml", text, capsys, "coap://127.0.0.1:9", "--plan")
    assert [line.split(" ")[0] for line in told] == ["2:21:", "2:44:", "1:1:", "4:10:"]
    assert told[2] == "1:1: lifetime is nothing for whole modules: they decide that themselves"


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("coap://117.161.2.41", "3:9: 117.161.2.41 is an operator's: no fleet is ever sent there"),
        ("ftp://127.0.0.1", "3:9: 'ftp://127.0.0.1' is no target: coap://HOST:PORT or coaps://HOST:PORT"),
        ("coap://192.0.2.7", "3:9: 192.0.2.7 is not on loopback; if it is yours, say --target-is-mine 192.0.2.7"),
    ],
)
def test_a_target_of_a_plan_is_refused_with_its_place(
    target: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = f"phases:\n  - {{do: register, rate: 5}}\ntarget: {target}\n"
    assert judged(tmp_path / "plan.yaml", text, capsys, "--plan") == [said]


def test_a_list_of_devices_is_judged_whole_with_line_and_column(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = 'name,key,operator\na,00,\nb,xyz,\na,01,mobile\nc\n"d,e",q,\n"f\ng","01",nobody\n,00,\n'
    told = judged(tmp_path / "d.csv", text, capsys, "coap://127.0.0.1:9", "--csv")
    assert told == [
        "3:3: 'xyz' is no key: 1 to 64 bytes in hexadecimal digits",
        "4:1: a is there already, in line 2",
        "5:2: 1 cell, not 3",
        "6:7: 'q' is no key: 1 to 64 bytes in hexadecimal digits",
        "7:1: 'f\\ng' is no name: 1 to 200 printable bytes without & and #",
        "8:9: 'nobody' cannot be here: mobile, telecom, unicom",
        "9:1: '' is no name: 1 to 200 printable bytes without & and #",
    ]
    twice = "name,imei\na,863703030000017\nb,863703030000017\n"
    assert judged(tmp_path / "d.csv", twice, capsys, "coap://127.0.0.1:9", "--csv") == [
        "3:3: 863703030000017 is there already, in line 2"
    ]
    assert judged(tmp_path / "d.csv", "name,nme,name\na,b,c\n", capsys, "coap://127.0.0.1:9", "--csv") == [
        "1:6: there is no column 'nme': there are name, identity, key, model, operator, imsi, imei",
        "1:10: name is there already, in line 1",
    ]


@pytest.mark.parametrize(
    "options",
    [
        ["--sockets", "2", "--rate", "100000"],  # message IDs would come back
        ["--devices", "2000000"],  # more than the network's addresses
        ["--require", "p98<1s"],
        ["--shard", "4/4"],
        ["--shape", "square"],
        ["--name", "meter"],  # all would have one name
        ["--modules", "nobody"],
        ["--modules", "mobile", "--sockets", "4"],
        ["--modules", "mobile", "--model", "BC1000"],
        ["--modules", "unicom", "--model", "BC260Y-CN"],  # it never registers with that card
        ["--modules", "mobile", "--at", "AT\n"],
        ["--at", "AT+CSQ"],  # without modules
        ["--html", "/"],
        ["--prometheus", "/nowhere/metrics"],
        ["--save", "/nowhere/0.part"],
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["fleet", "coap://127.0.0.1:9", *options]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_process_that_is_killed_is_noticed_and_its_part_run_again(platform: int) -> None:
    target = FleetTarget("127.0.0.1", platform, False, "127.0.0.1")
    plan = FleetPlan(target=target, devices=FleetDevices(40, "killed-{n:04}"),
                     phases=(FleetPhase(do="register", rate=40), FleetPhase(do="rest", span=0.5)))  # fmt: skip
    team = ShardProcesses(plan, 2)
    killed: list[int] = []

    def tell(stats: FleetStats) -> None:
        if not killed and stats.registered:
            killed.append(team.processes[1])
            os.kill(killed[0], signal.SIGKILL)

    stats = team.run(tell)
    assert team.states == [ShardState.DONE, ShardState.AGAIN]
    assert stats.devices == 40
    assert stats.outcomes["register"] == {"ok": 40}
    assert stats.registered == 0


def test_a_process_that_hangs_is_ended_and_its_part_run_again(platform: int) -> None:
    """D199: SIGSTOP ends nobody; what it had registered its successor registers anew."""
    target = FleetTarget("127.0.0.1", platform, False, "127.0.0.1")
    plan = FleetPlan(target=target, devices=FleetDevices(20, "hung-{n:04}"),
                     phases=(FleetPhase(do="register", rate=40), FleetPhase(do="rest", span=1.0)))  # fmt: skip
    team = ShardProcesses(plan, 2, silent_for=4.0)
    stopped: list[int] = []
    seen: set[ShardState] = set()

    def tell(stats: FleetStats) -> None:
        seen.add(team.states[1])
        if not stopped and stats.registered:
            stopped.append(team.processes[1])
            os.kill(stopped[0], signal.SIGSTOP)

    stats = team.run(tell)
    assert team.states[1] is ShardState.AGAIN
    assert {ShardState.SILENT, ShardState.RESTARTED} < seen
    assert stats.outcomes["register"] == stats.outcomes["deregister"] == {"ok": 20}


def test_what_is_wanted_before_a_process_begins_is_wanted_of_it_too(platform: int) -> None:
    target = FleetTarget("127.0.0.1", platform, False, "127.0.0.1")
    plan = FleetPlan(target=target, devices=FleetDevices(40, "early-{n:04}"),
                     phases=(FleetPhase(do="register", rate=400), FleetPhase(do="rest", span=3600)))  # fmt: skip
    stopped = ShardProcesses(plan, 2)
    stopped.stop()
    assert stopped.run().registered == 0

    team = ShardProcesses(plan, 2)
    seen: list[FleetStats] = []

    def tell(stats: FleetStats) -> None:
        if not seen and stats.registered == 40:
            team.pause()
            os.kill(team.processes[1], signal.SIGKILL)
            seen.append(stats)
        elif seen and stats.memory > 0.9 * seen[0].memory:
            seen.append(stats)  # of two processes again
            if len(seen) == 6:
                team.stop()

    team.run(tell)
    assert seen[-1].begun["register"] == 20, "the process that took over is paused, too"
    assert team.states == [ShardState.DONE, ShardState.AGAIN]


@contextmanager
def running_fleet(port: int, *options: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """And the address of its page."""
    command = ["--lang", "en", "fleet", f"coap://127.0.0.1:{port}", *options, "--json", "--http", "0"]
    piped = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with started(*command, **piped, env=environment()) as run:
        assert run.stderr is not None
        try:
            yield run, run.stderr.readline().split()[-1]
        finally:
            run.kill()


def until(url: str, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """What a running fleet tells, once that is so."""
    while True:
        told: dict[str, Any] = json.loads(urlopen(url + "stats.json").read())
        if holds(told):
            return told


@pytest.mark.parametrize("processes", ["1", "2"])
def test_a_fleet_pauses_and_goes_on_by_signal_and_by_its_page(platform: int, processes: str) -> None:
    options = ("--devices", "40", "--rate", "100", "--for", "1h", "--processes", processes)
    with running_fleet(platform, *options) as (run, url):
        until(url, lambda told: told["registered"] == 40)

        def ask(word: str) -> None:
            urlopen(url + word, b"").close()

        def toggle() -> None:
            run.send_signal(signal.SIGUSR1)

        for pause, resume in ((toggle, toggle), (partial(ask, "pause"), partial(ask, "resume"))):
            pause()
            before = until(url, lambda told: told["paused"] and not told["under_way"])
            while (after := until(url, partial(later_than, before["ran"] + 0.6)))["begun"] != before["begun"]:
                before = after  # a process that has just heard of it; one that does not, begins more for ever
            resume()
            goes_on = until(url, partial(more_than, before["ended"]))
            assert not goes_on["paused"]
        ask("stop")
        told = json.loads(run.communicate(timeout=60)[0])
    assert run.returncode == 0
    assert told["ended_by"] == "page"
    assert told["outcomes"]["register"] == told["outcomes"]["deregister"] == {"ok": 40}
    assert set(told["outcomes"]["uplink"]) == {"ok"}  # no time of a pause makes an answer slow


def later_than(instant: float, told: dict[str, Any]) -> bool:
    return bool(told["ran"] > instant)


def more_than(ended: int, told: dict[str, Any]) -> bool:
    return bool(told["ended"] > ended and not told["paused"])


def test_open_files_are_counted_before_anything_is_sent(platform: int) -> None:
    for devices, status in ((40, 0), (80, 2)):
        options = f"--sockets each --devices {devices} --rate 200 --for 0 --json"
        command = (
            f"ulimit -n 120; exec {sys.executable} -m nbtwin --lang en fleet coap://127.0.0.1:{platform} {options}"
        )
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, env=environment(), check=False)
        assert done.returncode == status, done.stderr
    assert "130" in done.stderr
    assert "120" in done.stderr


@pytest.mark.parametrize(
    ("sent", "requirement", "status", "processes"),
    [
        ("SIGINT", "errors<1%", 130, "2"),
        ("SIGTERM", "errors<1%", 143, "1"),
        ("SIGINT", "uplink.ok>1000000", 1, "1"),
    ],
)
def test_who_ends_a_fleet_has_its_report_and_a_status_that_says_so(
    platform: int, sent: str, requirement: str, status: int, processes: str, tmp_path: Path
) -> None:
    """D198: the devices leave, the verdict is said, and no script takes half a plan for a whole one.

    A terminal sends Ctrl-C to all processes of a command.
    """
    files = ("--save", str(tmp_path / "0.part"), "--html", str(tmp_path / "f.html"))
    options = ("--devices", "50", "--rate", "500", "--for", "1h", "--require", requirement, *files)
    options += ("--processes", processes)
    with running_fleet(platform, *options) as (run, url):
        until(url, lambda told: told["registered"] == 50)
        for task in Path(f"/proc/{run.pid}/task").glob("*/children") if sent == "SIGINT" else ():
            for child in task.read_text().split():
                os.kill(int(child), signal.SIGINT)
        run.send_signal(signal.Signals[sent])
        out, said = run.communicate(timeout=30)
    assert run.returncode == status
    assert "de-registers" in said
    told = json.loads(out)
    assert told["outcomes"]["deregister"] == {"ok": 50}
    assert told["registered"] == 0
    assert told["ended_by"] == sent
    assert told["requirements"][0]["holds"] is (status != 1)
    assert f"ended before its plan had: by {sent}" in (tmp_path / "f.html").read_text()
    assert status_of(["fleet", "report", str(tmp_path / "0.part")]) == 1  # a part that has not done all is lost
