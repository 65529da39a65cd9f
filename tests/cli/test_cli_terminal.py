"""What the terminal makes of lines, answers, scripts and macros; and `nbtwin at` for scripts, at a real port."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from running import WITHOUT_POSIX, Running, environment

from nbtwin.cli.main import status_of
from nbtwin.cli.terminal.macros import macros
from nbtwin.cli.terminal.ports import ports, resolve
from nbtwin.cli.terminal.script import Pattern, ScriptRun, Wait, load, parse
from nbtwin.cli.terminal.session import Answered, LineKind, LineSeen, Order, Prompted, Session, SessionEvent
from nbtwin.cli.terminal.tables import Tables
from nbtwin.cli.terminal.view import Stamps, Styled, View, dump, shown
from nbtwin.host.tables import dialect_of
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.errors import WrongUsage


class Spoken:
    """A session, and everything that it has said so far."""

    def __init__(self) -> None:
        self.session = Session()
        self.seen: list[SessionEvent] = []
        self.now = 0.0

    def submit(self, *lines: str) -> None:
        self.session.submit(self.now, [Order(line) for line in lines])

    def hear(self, data: bytes) -> None:
        self.session.handle_bytes(self.now, data)

    def sent(self) -> bytes:
        self.seen += self.session.events()
        return self.session.bytes_to_send()

    def lines(self) -> list[tuple[str, str]]:
        self.seen += self.session.events()
        return [(event.kind.value, event.text) for event in self.seen if isinstance(event, LineSeen)]

    def answers(self) -> list[str]:
        self.seen += self.session.events()
        return [event.answer.final for event in self.seen if isinstance(event, Answered)]

    def pass_time(self, seconds: float) -> None:
        """Up to the next thing that is due, and so on."""
        end = self.now + seconds
        while (due := self.session.next_deadline()) is not None and due <= end:
            self.now = due
            self.session.handle_timer(due)
        self.now = end


def test_each_line_waits_for_the_answer_to_the_one_before() -> None:
    spoken = Spoken()
    spoken.submit("AT+CGMM", "AT+CGMR")
    assert spoken.sent() == b"AT+CGMM\r"
    spoken.hear(b"AT+CGMM\r\r\nQuectel_BC28\r\n")
    assert spoken.sent() == b""
    spoken.hear(b"\r\nOK\r\n")
    assert spoken.sent() == b"AT+CGMR\r"
    assert spoken.session.waiting == 0
    assert spoken.lines() == [
        ("sent", "AT+CGMM"), ("echo", "AT+CGMM\r".strip()), ("information", "Quectel_BC28"), ("ok", "OK"),
        ("sent", "AT+CGMR"),
    ]  # fmt: skip


@pytest.mark.parametrize("urc", ["+CEREG: 1", "+NPING: 1", "REGISTERNOTIFY"])
def test_a_urc_in_the_middle_of_an_answer_is_none_of_it(urc: str) -> None:
    spoken = Spoken()
    spoken.submit("AT+CGMM")
    spoken.hear(f"\r\nQuectel_BC28\r\n\r\n{urc}\r\n\r\nOK\r\n".encode())
    assert spoken.lines()[1:] == [("information", "Quectel_BC28"), ("urc", urc), ("ok", "OK")]
    (answered,) = [event for event in spoken.seen if isinstance(event, Answered)]
    assert (answered.answer.lines, answered.urcs) == (("Quectel_BC28",), (urc,))


@pytest.mark.parametrize("line", ["AT+QRST=1", "at+cmee=1;+nrb"])
def test_what_follows_a_restart_waits_for_the_banner(line: str) -> None:
    spoken = Spoken()
    spoken.submit(line, "AT+CGMM")
    spoken.hear(b"\r\nOK\r\n")
    assert spoken.sent() == line.encode() + b"\r"
    spoken.hear(b"\r\nRDY\r\n")
    assert spoken.sent() == b"AT+CGMM\r"


def test_the_line_behind_a_command_that_prompts_is_its_data() -> None:
    spoken = Spoken()
    spoken.submit("AT+QLWDATASEND=19,0,0,5,3,0x0000", "hello", "AT")
    spoken.hear(b"\r\n>")
    assert spoken.sent() == b"AT+QLWDATASEND=19,0,0,5,3,0x0000\rhello"
    assert any(isinstance(event, Prompted) for event in spoken.seen)
    spoken.hear(b"hello\r\n\r\nOK\r\n")
    assert spoken.sent() == b"AT\r"
    assert [kind for kind, _ in spoken.lines()] == ["sent", "data", "ok", "sent"]


def test_a_line_without_an_answer_is_given_up_and_so_is_one_that_is_no_command() -> None:
    spoken = Spoken()
    spoken.submit("AT+COPS=?", "nonsense", "AT")
    spoken.pass_time(29)
    assert spoken.answers() == []
    spoken.pass_time(3)
    assert spoken.answers() == ["", ""]
    assert [event.silent for event in spoken.seen if isinstance(event, Answered)] == [False, True]
    assert spoken.sent().endswith(b"AT\r")


def test_bytes_without_an_end_of_line_are_shown_when_nothing_follows() -> None:
    spoken = Spoken()
    spoken.hear(b"\x00\xff\x80")
    assert spoken.lines() == []
    spoken.pass_time(1)
    assert spoken.lines() == [("part", "\x00\\xff\\x80")]
    spoken.hear(b"more\r\n")
    assert spoken.lines()[1][1].endswith("more")


def test_stopping_forgets_what_was_to_be_sent_and_leaves_data_mode() -> None:
    spoken = Spoken()
    spoken.submit("AT+QLWDATASEND=19,0,0,5,3,0x0000")
    spoken.hear(b"\r\n>")
    spoken.session.submit(0.0, [])
    spoken.sent()
    assert spoken.session.stop(0.0) == 0
    assert spoken.sent() == b"\x1b"
    spoken.submit("AT+COPS=?", "AT", "AT")
    assert spoken.session.stop(0.0) == 2
    assert not spoken.session.busy


def test_boot_text_that_was_waiting_in_the_port_does_not_take_an_answer_away() -> None:
    """D176: what came before the line was sent is read behind it."""
    spoken = Spoken()
    spoken.submit("AT+CGMM")
    spoken.hear(b"\r\nRDY\r\n\r\n+CFUN: 1\r\nAT+CGMM\r\r\nQuectel_BC260Y-CN\r\n\r\nOK\r\n")
    assert spoken.answers() == ["OK"]
    spoken.submit("AT+CGMM")
    spoken.hear(b"\r\nRDY\r\n")
    spoken.pass_time(2)
    assert spoken.answers() == ["OK", ""]
    assert [event.restarted for event in spoken.seen if isinstance(event, Answered)] == [False, True]


def test_how_long_an_answer_may_take_is_its_documents_where_that_is_longer() -> None:
    spoken = Spoken()
    spoken.session.follow(dialect_of(PROFILES["BC28"]))
    spoken.submit("AT+COPS=?")
    spoken.pass_time(60)
    assert spoken.answers() == []
    spoken.hear(b"\r\nOK\r\n")
    spoken.submit("AT+CGMM")
    spoken.now += 6
    spoken.hear(b"\r\nOK\r\n")
    assert spoken.answers() == ["OK", "OK"]
    assert [event.answer.late for event in spoken.seen if isinstance(event, Answered)] == [False, True]


# Scripts


def run(text: str, answers: dict[str, bytes], *, later: bytes = b"") -> ScriptRun:
    """Play a script against a module that says what is given here."""
    session = Session()
    script = ScriptRun(parse(text, "t.at", lambda name: []), session)
    now = 0.0
    script.start(now)
    while not script.finished:
        if events := session.events():
            for event in events:
                script.handle_event(now, event)
            continue
        if data := session.bytes_to_send():
            session.handle_bytes(now, answers[data.decode().strip()])
            continue
        due = [at for at in (session.next_deadline(), script.next_deadline()) if at is not None]
        if later and isinstance(script.now, Wait):
            session.handle_bytes(now, later)
            later = b""
        else:
            now = min(due)
            session.handle_timer(now)
            script.handle_timer(now)
    return script


OK = b"\r\nOK\r\n"


def test_a_script_passes_when_all_that_it_expects_has_come() -> None:
    text = """
    # who is it
    AT+CGMM
    expect *BC28
    AT+NOSUCH
    expect ERROR
    sleep 5s
    AT+CEREG=1
    wait +CEREG: 1 2min
    wait /^\\+NPSMR: \\d/ 10s
    """
    answers = {"AT+CGMM": b"\r\nQuectel_BC28\r\n" + OK, "AT+NOSUCH": b"\r\nERROR\r\n", "AT+CEREG=1": OK}
    script = run(text, answers, later=b"\r\n+CEREG: 1\r\n\r\n+NPSMR: 0\r\n")
    assert script.error is None
    assert len(script.done) == script.total == 6


@pytest.mark.parametrize(
    ("text", "code", "where"),
    [
        ("AT\n\nAT+NOSUCH", "cli-script-error", "t.at:3"),
        ("AT\nexpect +X: *", "cli-script-other", "t.at:1"),
        ("AT\nwait +CEREG: 1 10s", "cli-script-never", "t.at:2"),
        ("timeout 2s\nAT+SILENT", "cli-script-silence", "t.at:2"),
    ],
)
def test_a_script_fails_at_the_line_that_was_not_kept(text: str, code: str, where: str) -> None:
    script = run(text, {"AT": OK, "AT+NOSUCH": b"\r\nERROR\r\n", "AT+SILENT": b""})
    assert script.error is not None
    assert (script.error.code, script.error.where) == (code, where)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("dial 3", "cli-script-line"),
        ("expect OK", "cli-script-no-command"),
        ("> data", "cli-script-no-command"),
        ("AT\nexpect /(/", "cli-script-expression"),
        ("send hex 1g", "cli-script-hex"),
        ("sleep", "cli-value-missing"),
        ("sleep long", "span-malformed"),
        ("run", "cli-value-missing"),
    ],
)
def test_a_script_that_cannot_be_understood_is_refused_before_anything_is_sent(text: str, code: str) -> None:
    with pytest.raises(WrongUsage) as refused:
        parse(text, "t.at", lambda name: [])
    assert refused.value.code == code
    assert refused.value.where.startswith(f"t.at:{len(text.splitlines())}")


def test_scripts_run_others_beside_them_but_not_themselves(tmp_path: Path) -> None:
    (tmp_path / "a.at").write_text("AT\nrun b.at\n")
    (tmp_path / "b.at").write_text("AT+CGMM\n")
    assert [step.where.rpartition("/")[2] for step in load(tmp_path / "a.at")] == ["a.at:1", "b.at:1"]
    (tmp_path / "b.at").write_text("run a.at\n")
    with pytest.raises(WrongUsage) as refused:
        load(tmp_path / "a.at")
    assert refused.value.code == "cli-script-loop"


def test_a_pattern_is_a_whole_line_or_an_expression() -> None:
    assert Pattern.of("+CEREG: *,1").fits("+CEREG: 0,1")
    assert not Pattern.of("+CEREG").fits("+CEREG: 0,1")
    assert Pattern.of("/CEREG/").fits("+CEREG: 0,1")
    assert not Pattern.of("A.").fits("AT")


def test_macros_have_names_keys_and_lines_of_their_file(tmp_path: Path) -> None:
    path = tmp_path / "macros.toml"
    assert macros(path) == {}
    path.write_text('[who]\nkey = "f5"\nscript = """\nAT+CGMM\nAT+CGMR\n"""\n')
    (macro,) = macros(path).values()
    assert (macro.key, [step.where for step in macro.steps]) == ("f5", [f"{path}:4", f"{path}:5"])
    for wrong in ('[who]\nkey = "f1"\nscript = "AT"', "[who]\nkey = 3", "who = 3", '[who]\nscript = "dial"', "[who"):
        path.write_text(wrong)
        with pytest.raises(WrongUsage) as refused:
            macros(path)
        assert refused.value.where.startswith(str(path))


# What is shown


def test_a_screen_obeys_nothing_that_a_module_sends() -> None:
    assert shown("\x1b[2Jhello\x07\r") == "\\e[2Jhello\\x07\\r"
    assert dump(b"AT\r") == [f"{'41 54 0d':<48} AT."]


def test_lines_have_marks_and_stamps() -> None:
    lines: list[Styled] = []
    times = iter([0.0, 1.25, 1.25])
    view = View(lines.append, lambda: next(times))
    view.stamps = Stamps.DELTA
    view.line(LineKind.SENT, "AT")
    view.line(LineKind.URC, "+CEREG: 1")
    view.line(LineKind.ECHO, "AT")
    assert ["".join(text for _, text in line) for line in lines] == ["   +0.000 > AT", "   +1.250 * +CEREG: 1"]


def test_tables_say_what_a_line_needs_and_why_it_was_refused() -> None:
    tables = Tables("en")
    assert tables.learn(["Quectel_BC260Y-CN"])
    assert tables.profile is not None
    assert tables.profile.model == "BC260Y-CN"
    assert "AT+QDMPCFG=" in [each.insert for each in tables.completions("AT+QDMPCFG")]
    assert tables.shortly("AT+QDMPCFG=1,117.161.2.7,99999").startswith("<server_Port> is '99999'")
    assert tables.shortly("AT+QDM") == ""
    assert tables.why("AT+NOSUCH", "ERROR") == ["there is no command +NOSUCH (D61)"]
    assert "50:" in tables.why("AT+CFUN=9", "+CME ERROR: 50")[0]


# With a port


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the lab's state directory is."""
    return tmp_path_factory.mktemp("lab")


@pytest.fixture(scope="module")
def lab(folder: Path) -> Iterator[Running]:
    wire, network = "BC260Y-CN,name=wire,serial=tcp:127.0.0.1:0", "BC28,name=network,serial=rfc2217:127.0.0.1:0"
    specs = (wire, network, "BC26,name=line")
    modules = [part for spec in specs for part in ("--module", spec)]
    with Running("up", *modules, "--ports", "cmdmp=0", state=folder / ".nbtwin") as running:
        yield running


def test_without_a_port_it_lists_the_modules_of_the_lab_that_runs_here(
    lab: Running, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("XDG_STATE_HOME", str(folder / "none"))
    found = {each.name: each.port for each in ports() if each.name}
    assert set(found) == {"wire", "network", "line"}
    assert found["wire"] == resolve("wire") == port_of(lab, "wire")
    assert os.path.realpath(found["line"]) == port_of(lab, "line")
    assert resolve("/dev/ttyUSB7") == "/dev/ttyUSB7"
    with pytest.raises(WrongUsage) as refused:
        resolve("wier")
    assert refused.value.fields["known"] == ["line", "network", "wire"]


def test_a_module_of_a_lab_elsewhere_is_found_with_its_state_and_else_it_is_said_where_was_looked(
    lab: Running, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "none"))
    assert resolve("wire", folder / ".nbtwin") == port_of(lab, "wire")
    assert status_of(["at", "--state", str(folder / ".nbtwin"), "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["items"]
    assert [each["module"] for each in listed if each["module"]] == ["wire", "network", "line"]
    assert status_of(["at", "wire", "AT"]) == 2
    said = capsys.readouterr().err
    assert str(tmp_path / ".nbtwin") in said
    assert str(tmp_path / "none" / "nbtwin" / "labs") in said
    assert "--state" in said


def test_a_pty_at_a_wrong_speed_is_told_at_which_the_module_answers(
    lab: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    port = port_of(lab, "line")
    assert status_of(["at", port, "AT", "--baud", "2400", "--timeout", "200ms"]) == 1
    assert "at 2400 baud: the module may have another speed; leave --baud out" in capsys.readouterr().err
    assert status_of(["at", port, "AT", "--timeout", "200ms"]) == 1  # the PTY keeps 2400
    assert "at 2400 baud, but AT is answered at 115200: --baud 115200" in capsys.readouterr().err
    assert status_of(["at", port, "AT", "--baud", "115200"]) == 0


def port_of(lab: Running, name: str) -> str:
    return lab.wait_for(rf"module name={name} .*serial=(\S+)")[1]


@pytest.mark.parametrize(("name", "model"), [("wire", "BC260Y-CN"), ("network", "BC28"), ("line", "BC26")])
def test_lines_are_answered_as_json_at_every_port_that_up_prints(
    lab: Running, name: str, model: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status = status_of(["at", port_of(lab, name), "AT", "AT+CGMM", "--json"])
    said = json.loads(capsys.readouterr().out)
    assert (status, said["kind"], said["ok"]) == (0, "answers", True)
    assert [item["command"] for item in said["items"]] == ["AT", "AT+CGMM"]
    assert model in said["items"][1]["lines"][0]


def test_the_first_error_ends_it_with_status_1_and_a_port_that_is_none_with_2(
    lab: Running, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status_of(["at", port_of(lab, "wire"), "AT+NOSUCH", "AT+CGMM"]) == 1
    assert capsys.readouterr().out.splitlines()[-1] == "ERROR"
    assert status_of(["at", "/dev/nosuch", "AT"]) == 2
    assert capsys.readouterr().err == "nbtwin: /dev/nosuch: there is no such port\n"


def test_a_second_program_is_told_that_another_has_the_port(lab: Running, capsys: pytest.CaptureFixture[str]) -> None:
    where = port_of(lab, "wire")
    with socket.create_connection(("127.0.0.1", int(where.rpartition(":")[2]))) as first:
        first.sendall(b"AT\r")
        assert first.recv(1)
        assert status_of(["at", where, "AT"]) == 1
        assert "another program has the port" in capsys.readouterr().err
        assert status_of(["check", where.replace("tcp:", "socket://"), "--model", "BC260Y-CN"]) == 1
        assert "another program has the port" in capsys.readouterr().err


def test_a_script_ends_with_its_verdict(lab: Running, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script = tmp_path / "t.at"
    script.write_text("AT+CGMM\nexpect *BC260Y-CN\nAT+NOSUCH\n")
    status = status_of(["at", port_of(lab, "wire"), "--script", str(script), "--json"])
    printed = capsys.readouterr()
    said = json.loads(printed.out)
    assert (status, said["ok"], [item["ok"] for item in said["items"]]) == (1, False, [True, False])
    assert printed.err == f"nbtwin: {script}:3: AT+NOSUCH was answered ERROR\n"


def test_it_works_without_the_modules_that_windows_does_not_have(lab: Running) -> None:
    command = [sys.executable, "-c", WITHOUT_POSIX, "at", port_of(lab, "wire"), "AT+CGMM"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment())
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "OK"), done.stderr
