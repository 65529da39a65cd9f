"""`nbtwin.toml` describes a lab once: what it says holds (D174), and every mistake in it is one line with its place."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from collections.abc import Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pytest
from preloaded import completed
from running import Running, environment

from nbtwin.cli.main import run
from nbtwin.runtime.lab_file import LabFileError, LabTables, load

FILE = """
http = "127.0.0.1:0"
strict = true
seed = 5
faults = ["loss,source=meter,packets=1", { kind = "delay", seconds = 2 }]
objects = []

[platforms.cmdmp]
port = 0

[[modules]]
model = "BC28"
name = "meter"
sim = "telecom"

[[appkeys]]
appkey = "M1"
password_env = "METER_PASSWORD"

[[psk]]
device = "867724030000225"
key_file = "key.hex"
"""
KEY = "00112233445566778899aabbccddeeff"


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


def nbtwin_in(folder: Path, *arguments: str, **more: str) -> Done:
    """In this process: most commands here end before anything is opened."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        patch.chdir(folder)
        patch.setattr(sys, "argv", ["nbtwin", *arguments])
        for name, value in more.items():
            patch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            run()
    assert isinstance(ended.value.code, int)
    return Done(ended.value.code, out.getvalue(), err.getvalue())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "nbtwin.toml").write_text(FILE)
    (tmp_path / "key.hex").write_text(f"{KEY}\n")
    return tmp_path


def shown(folder: Path, *options: str, **more: str) -> Mapping[str, tuple[object, str]]:
    done = nbtwin_in(folder, "config", "show", "--json", *options, METER_PASSWORD="sesame", **more)
    assert done.returncode == 0, done.stderr
    assert "sesame" not in done.stdout
    assert KEY not in done.stdout
    return {said["name"]: (said["value"], said["from"]) for said in json.loads(done.stdout)["items"]}


def test_an_option_wins_over_the_environment_that_over_the_file_and_that_over_the_default(folder: Path) -> None:
    found = shown(folder)
    assert found["seed"] == (5, "nbtwin.toml:4")
    assert found["faults[2]"] == ("delay,seconds=2", "nbtwin.toml:5")
    assert found["modules[1]"] == ("BC28,sim=telecom,name=meter", "nbtwin.toml:11")
    assert found["platforms.cmdmp.port"] == (0, "nbtwin.toml:9")
    assert found["clock"] == ("live", "default")
    assert found["appkeys.M1"] == ("****", "nbtwin.toml:16")
    assert found["psk.867724030000225"] == ("****", "nbtwin.toml:20")
    (folder / "nbtwin.toml").write_text(FILE + "[platforms.unicom]\n".join(["", ""]))
    (folder / "nbtwin.toml").write_text('database = "a.sqlite"\n' + FILE)
    found = shown(
        folder, "--seed", "9", "--module", "BC26", "--no-strict", NBTWIN_DATABASE="postgresql://me:sesame@db/x"
    )
    assert found["seed"] == (9, "--seed")
    assert found["modules"] == (["BC26"], "--module")
    assert found["strict"] == (False, "--strict")
    assert found["database"] == ("postgresql://me:****@db/x", "$NBTWIN_DATABASE")
    assert shown(folder)["database"] == ("a.sqlite", "nbtwin.toml:1")


def test_up_in_the_folder_starts_what_the_file_describes(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METER_PASSWORD", "sesame")
    state = folder / "kept"
    for _ in range(2):  # what has come back is not there twice
        with Running("up", "--config", str(folder / "nbtwin.toml"), state=state) as lab:
            assert lab.module()["name"] == "meter"
            assert lab.platform()["operator"] == "cmdmp"
            assert len([line for line in lab.lines if line.startswith("platform ")]) == 1
            keys = nbtwin_in(folder, "platform", "keys", "list", "--state", str(state)).stdout
            assert "M1\t****" in keys
            lab.stop()
    assert (state / "lab").read_text().count('"kind"') == 2
    assert b"sesame" not in (state / "lab").read_bytes()


def test_other_commands_find_the_state_directory_that_the_file_names(folder: Path) -> None:
    (folder / "nbtwin.toml").write_text('state = "mine"\ndatabase = "mine.sqlite"\n')
    added = nbtwin_in(folder, "platform", "keys", "add", "M7", "--password", "x")
    assert (added.returncode, added.stderr) == (0, "")
    assert (folder / "mine.sqlite").exists()
    assert not (folder / ".nbtwin").exists()


def test_all_mistakes_of_a_file_are_told_a_line_each_and_nothing_is_started(folder: Path) -> None:
    (folder / "nbtwin.toml").write_text('htttp = "x"\nclock = 3\n[[modules]]\nmodel = "BC29"\nsim = "orange"\n')
    for command in (("up",), ("config", "check"), ("config", "show"), ("exec", "--", "true"), ("platform",)):
        done = nbtwin_in(folder, *command)
        assert done.returncode == 2, command
        lines = done.stderr.splitlines()
        assert [re.match(r"nbtwin: (\S+: \S+):", line)[1] for line in lines] == [
            "nbtwin.toml:1: htttp", "nbtwin.toml:2: clock", "nbtwin.toml:4: modules[1].model",
            "nbtwin.toml:5: modules[1].sim",
        ]  # fmt: skip
    assert sorted(path.name for path in folder.iterdir()) == ["key.hex", "nbtwin.toml"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("seed = ", "1: no TOML: Invalid value"),
        ("seed = 1\nseed = 2", "2: no TOML: Cannot overwrite a value"),
        ('pcap = "a\nb"', "1: no TOML: Illegal character"),
        ('a = """\n', "1: no TOML: "),
        ("\nhtpp = 'x'", "2: htpp: no such key; is it http?"),
        ("xyz = 1", "1: xyz: no such key; there are state, database, http,"),
        ("platforms.telekom.port = 1", "1: platforms.telekom: no such key; is it telecom?"),
        ("[platforms.cmdmp]\nport = 70000", "2: platforms.cmdmp.port: 70000 is no port"),
        ("[platforms]\ncmdmp = {port = 5784}\nandlink = {port = 5783}", "3: platforms.andlink.port: port 5784 is"),
        ("seed = '7'", "1: seed: expected a whole number, not text"),
        ("tokens = 'yes'", "1: tokens: expected true or false, not text"),
        ("clock = 'fast'", "1: clock: 'fast' is none of live, simulated"),
        ("http = 'here'", "1: http: 'here' is not HOST:PORT"),
        ("database = 'mysql://me:hunter2@h/x'", "1: database: mysql:// is no database that nbtwin can use"),
        ("database = ''", "1: database: empty"),
        ("state = ''", "1: state: empty"),
        ("trace = ''", "1: trace: empty"),
        ("pcap = ''", "1: pcap: empty"),
        ("history = 'x'", "1: history: 'x' is not a span"),
        ("patience = 'x'", "1: patience: 'x' is not a span"),
        ("timeline_size = 'x'", "1: timeline_size: 'x' is no size"),
        ("routes = [\n 'x',\n]", "2: routes[1]: 'x' is not REAL=TARGET"),
        ("faults = [ # two\n 'loss',\n {kind = 'los'} ]", "3: faults[2]: 'los' is not a kind of fault"),
        ("objects = ['none.xml']", "1: objects[1]: there is no file 'none.xml'"),
        ("[[modules]]\nname = 'x'", "1: modules[1]: model is missing"),
        ("[[modules]]\nmodell = 'BC28'", "2: modules[1].modell: no such key; is it model?"),
        ("[[modules]]\nmodel = 'BC29'", "2: modules[1].model: unknown model 'BC29'; the models are BC35-G"),
        ("[[modules]]\nmodel = 'BC28'\nserial = 'usb'", "3: modules[1].serial: 'usb' is none of pty, tcp:HOST:PORT"),
        ("[[modules]]\nmodel = 'BC28'\nimei = 867724030000225", "3: modules[1].imei: expected text, not a whole"),
        ("[[modules]]\nmodel = 'BC28'\nsim = 'mobile'\nplmn = '46000'", "4: modules[1].plmn: sim, plmn: one of them"),
        ("[[modules]]\nmodel = 'BC28'\nname = 'unicom'", "3: modules[1].name: the lab already has 'unicom'"),
        ("modules = [{model = 'BC28', name = 'a'},\n{model = 'BC26', name = 'a'}]", "2: modules[2].name: 'a' is there"),
        ("[[appkeys]]\nappkey = 'M1'", "1: appkeys[1]: password is missing"),
        ("[[appkeys]]\nappkey = 'M1'\npassword_env = 'NOT_SET_HERE'", "3: appkeys[1].password_env: there is no env"),
        ("[[appkeys]]\nappkey = 'M1'\npassword_file = 'x'", "3: appkeys[1].password_file: No such file"),
        ("[[appkeys]]\nappkey = 'M1'\npassword = ''\npassword_file = 'x'", "4: appkeys[1].password_file: password,"),
        ("[[psk]]\ndevice = 'd'\nkey = 'zz'", "1: psk[1]: a key of d is not made of pairs of hexadecimal digits"),
        ("[[psk]]\ndevice = 'd'", "1: psk[1]: "),
        ("[[psk]]\ndevice = 'd'\nkey = '00'\n[[psk]]\ndevice = 'e'\nkey = '00'\nidentity = 'd'", "4: psk[2]: "),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_its_line_and_with_what_is_allowed(text: str, told: str, tmp_path: Path) -> None:
    path = tmp_path / "nbtwin.toml"
    path.write_text(text)
    with pytest.raises(LabFileError) as raised:
        load(path)
    [mistake] = raised.value.mistakes
    assert str(mistake).startswith(f"{path}:{told}")
    assert "\n" not in str(mistake)


def test_the_example_has_everything_that_may_stand_there_and_each_of_it_is_right(tmp_path: Path) -> None:
    made = nbtwin_in(tmp_path, "config", "init")
    assert made.returncode == 0, made.stderr
    path = tmp_path / "nbtwin.toml"
    example = path.read_text()
    assert example == (files("nbtwin.cli") / "example.toml").read_text()
    assert not [line for line in example.splitlines() if line and not line.startswith("#")]
    plain = re.sub(r"^# (?=\[|[a-z_]+ = )", "", example, flags=re.MULTILINE)
    path.write_text(plain)
    (tmp_path / "objects").mkdir()
    (tmp_path / "objects" / "33001.xml").write_text("")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "meter.psk").write_text(KEY)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("METER_PASSWORD", "x")
        patch.setenv("METER_BOOTSTRAP_KEY", KEY)
        tables = load(path).tables
    assert not [name for name in LabTables.__struct_fields__ if not getattr(tables, name)  # what is false is said, too
                and getattr(tables, name) is not False]  # fmt: skip
    again = nbtwin_in(tmp_path, "config", "init")
    assert (again.returncode, again.stderr) == (2, "nbtwin: nbtwin.toml: File exists\n")
    assert path.read_text() == plain


def test_a_test_command_has_what_the_file_describes_at_free_ports(folder: Path) -> None:
    (folder / "nbtwin.toml").write_text(
        '[[modules]]\nmodel = "BC28"\nname = "meter"\nserial = "tcp:127.0.0.1:1"\n[platforms.telecom]\nport = 1\n'
    )
    done = completed("exec", "--", "env", cwd=folder, env=environment())
    assert done.returncode == 0, done.stderr
    said = dict(line.split("=", 1) for line in done.stdout.splitlines() if line.startswith("NBTWIN_"))
    assert re.fullmatch(r"tcp:127\.0\.0\.1:\d{4,5}", said["NBTWIN_SERIAL_METER"])
    assert re.fullmatch(r"127\.0\.0\.1:\d{4,5}", said["NBTWIN_TELECOM"])
    assert "NBTWIN_CMDMP" not in said
    assert os.listdir(folder).count(".nbtwin") == 0


@pytest.mark.parametrize("page", ["operating.md", "operating.zh-CN.md"])
def test_the_file_on_the_page_is_right_and_so_are_its_commands(page: str, tmp_path: Path) -> None:
    text = (Path(__file__).parents[2] / "docs" / page).read_text()
    [example] = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    (tmp_path / "nbtwin.toml").write_text(example)
    done = nbtwin_in(tmp_path, "config", "check", METER_PASSWORD="sesame")
    assert (done.returncode, done.stderr) == (0, "")
    found = shown(tmp_path)
    assert found["modules[1]"][0] == "BC260Y-CN,serial=tcp:127.0.0.1:7001,name=meter"
    assert (found["http"][0], found["platforms.cmdmp.strict"][0]) == ("127.0.0.1:8080", True)
    for command in set(re.findall(r"`nbtwin ((?:config|labs)(?: [a-z]+)?)", text)):
        assert nbtwin_in(tmp_path, *command.split(), "--help").returncode == 0, command


def test_a_file_that_is_a_link_to_nowhere_is_told_and_no_other_lab_started(tmp_path: Path) -> None:
    (tmp_path / "nbtwin.toml").symlink_to(tmp_path / "gone.toml")
    for command in (("up", "--fresh"), ("config", "show"), ("db", "info")):
        done = nbtwin_in(tmp_path, *command)
        assert done.returncode == 2, command
        assert done.stderr == "nbtwin: nbtwin.toml: No such file or directory\n"


@pytest.mark.parametrize("command", [("up",), ("db", "info"), ("db", "migrate"), ("token", "list")])
def test_a_database_of_another_kind_is_refused_and_nothing_of_its_url_gets_into_a_path(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    done = nbtwin_in(tmp_path, *command, "--database", "mysql://me:hunter2@h/x")
    assert done.returncode in (1, 2)
    assert "mysql:// is no database that nbtwin can use; there are postgresql://" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr
    assert not list(tmp_path.rglob("*hunter2*"))
    assert not (tmp_path / "mysql:").exists()
