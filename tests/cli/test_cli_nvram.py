"""`nbtwin nvram`: on the state directory that a real lab has left, and beside one that runs."""

from __future__ import annotations

import os
import random
import re
import stat
from pathlib import Path

import pytest
from running import Running, nbtwin

from nbtwin.at.session import LineSettings
from nbtwin.cli.nvram import shown
from nbtwin.edge.nvram_file import StateDirectory
from nbtwin.module.identity import ModuleIdentity
from nbtwin.module.module import Module
from nbtwin.module.nvram_image import setting_code, settings_of
from nbtwin.module.settings import Saved, SavedPsk, SavedServer, Success
from nbtwin.profiles.models import PROFILES
from nbtwin.timeline.catalogue import words


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Two modules that were configured and switched off."""
    path = tmp_path / "state"
    with StateDirectory(path) as directory:
        for name, server in (("bc28", "117.161.2.7"), ("other", "117.161.2.8")):
            identity = ModuleIdentity(name, "863703030822519", "BC28JAR01A10_ONT")
            module = Module(PROFILES["BC28"], identity, directory.nvram(name), random.Random(1))
            module.power_on(0)
            module.handle_timer(1)
            for line in (f"AT+DMPCONFIG=1,{server},5683,420", 'AT+DMPCONFIG=2,"key","95Go-secret",1,863703030822519'):
                module.handle_serial(1, line.encode() + b"\r")
    return path


def rows(text: str) -> dict[str, str]:
    """By name the value, without what the setting is."""
    told = (line.partition("  # ")[0].split() for line in text.splitlines())
    return {name: " ".join(value) for name, *value in told}


def test_it_lists_and_shows_what_is_saved(state: Path) -> None:
    assert nbtwin("nvram", "--state", str(state)).stdout.split() == ["bc28", "other"]
    found = rows(nbtwin("nvram", "show", "bc28", "--state", str(state)).stdout)
    assert found["cmdmp.server"] == "117.161.2.7"
    assert found["cmdmp.password"] == "95Go****"
    assert found["cmdmp.mode"] == "never saved"
    assert rows(nbtwin("nvram", "show", "bc28", "--secrets", "--state", str(state)).stdout)["cmdmp.password"] == (
        "95Go-secret"
    )


def test_the_directory_may_stand_before_the_subcommand_too(state: Path) -> None:
    where = ("--state", str(state))
    for subcommand in (["show", "bc28"], ["diff", "bc28", "other"]):
        behind = nbtwin("nvram", *subcommand, *where)
        before = nbtwin("nvram", *where, *subcommand)
        assert (before.returncode, before.stdout) == (0, behind.stdout)
        assert behind.stdout


def test_snapshot_diff_restore_and_reset(state: Path, tmp_path: Path) -> None:
    kept, where = str(tmp_path / "before.nvram"), ("--state", str(state))
    assert nbtwin("nvram", "snapshot", "bc28", kept, *where).returncode == 0
    assert stat.S_IMODE(os.stat(kept).st_mode) == 0o600  # passwords are in it
    assert rows(nbtwin("nvram", "diff", kept, "other", *where).stdout) == {"cmdmp.server": "117.161.2.7 → 117.161.2.8"}
    reset = nbtwin("nvram", "reset", "bc28", *where)
    assert rows(reset.stdout)["cmdmp.server"] == "117.161.2.7 → never saved"
    assert nbtwin("nvram", "reset", "bc28", *where).stdout == "bc28 had nothing to change\n"
    restored = nbtwin("nvram", "restore", "bc28", kept, *where)
    assert rows(restored.stdout)["cmdmp.period"] == "never saved → 420"
    assert nbtwin("nvram", "diff", kept, "bc28", *where).stdout == f"{kept} and bc28 differ in nothing\n"
    assert nbtwin("nvram", "restore", "third", kept, *where).stdout.startswith("third is new in ")


def test_a_snapshot_may_go_to_standard_output(state: Path, tmp_path: Path) -> None:
    done = nbtwin("nvram", "snapshot", "bc28", "--state", str(state))
    (tmp_path / "copy").write_text(done.stdout)
    assert "differ in nothing" in nbtwin("nvram", "diff", "bc28", str(tmp_path / "copy"), "--state", str(state)).stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            ("show", "bc99"),
            "no NVRAM of 'bc99' (a module's begins with its first setting); there is that of bc28, other",
        ),
        (("diff", "bc28", "nothing"), "no NVRAM of 'nothing'"),
        (("restore", "bc28", "/nonexistent"), "/nonexistent: cannot be read: No such file or directory"),
        (("restore", "bc28", "/dev/null"), "/dev/null: not an NVRAM image"),
        (("snapshot", "bc28", "/nonexistent/x"), "/nonexistent/x: cannot be written: No such file or directory"),
        (("reset", "bc99"), "no NVRAM of 'bc99'"),
    ],
)
def test_what_cannot_be_is_one_clear_line_and_status_2(state: Path, arguments: tuple[str, ...], says: str) -> None:
    done = nbtwin("nvram", *arguments, "--state", str(state))
    assert done.returncode == 2
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_directory_that_there_is_not_is_not_made(tmp_path: Path) -> None:
    for command in (("show", "x"), ("reset", "x"), ("restore", "x", "/dev/null"), ()):
        assert nbtwin("nvram", *command, "--state", str(tmp_path / "none")).returncode == 2
    assert not (tmp_path / "none").exists()


def test_a_broken_file_is_named_and_left_where_it_is(state: Path) -> None:
    file = state / "bc28.nvram"
    file.write_bytes(file.read_bytes()[:-1])
    for command in ("show", "reset"):
        done = nbtwin("nvram", command, "bc28", "--state", str(state))
        assert done.returncode == 2
        assert "bc28.nvram: broken: it has " in done.stderr
    assert file.exists()


def test_beside_a_running_lab_it_shows_and_does_not_change(state: Path) -> None:
    with Running("up", "--module", "BC28,name=bc28,serial=tcp:127.0.0.1:0", "--ports", "", state=state) as lab:
        told = nbtwin("nvram", "show", "bc28", "--state", str(state)).stdout
        assert rows(told)["cmdmp.server"] == "117.161.2.7"
        assert rows(told)["cmdmp.mode"] == "1 (default, never saved)"
        assert "AT+DMPCONFIG <dmMode> DOC-A 2.1" in told  # the lab says which model it is
        assert "telecom_enabled" not in told
        done = nbtwin("nvram", "reset", "bc28", "--state", str(state))
        assert done.returncode == 2
        assert f"is in use by process {lab.process.pid}; only a lab that is stopped can be changed here" in done.stderr


def every_setting() -> Saved:
    """An NVRAM in which everything has been saved once."""
    saved = Saved(extended={1: ["x"]}, successes={"telecom": Success("A01", "1", "2", "3", 0.0)})
    saved.andlink.psk = saved.andlink.bootstrap_psk = SavedPsk("0", "00" * 16)
    saved.generic.config = {"AUTOCONNECT": "TRUE"}
    saved.generic.line = LineSettings()
    return saved


def test_every_setting_has_words_in_both_languages() -> None:
    for name in {**settings_of(Saved()), **settings_of(every_setting())}:
        code = setting_code(name)
        assert words(code, "en") != code.replace("-", " "), name
        assert re.search("[\u4e00-\u9fff]|^PSK|^IMEI|^IMSI|^ICCID|^appkey", words(code, "zh")), name


def test_a_reader_of_chinese_is_told_in_chinese_what_each_setting_is(state: Path) -> None:
    where = "--state", str(state)
    printed = nbtwin("--lang", "zh", "nvram", "show", "bc28", *where).stdout
    assert "# CMDMP 服务器\n" in printed
    assert "从未保存" in printed
    assert nbtwin("--lang", "zh", "nvram", "diff", "bc28", "bc28", *where).stdout == "bc28 与 bc28 没有差异\n"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "never saved"),
        ([], "none"),
        ((0, 1), "0, 1"),
        (True, "on"),
        (False, "off"),
        ("x", "x"),
        (420, "420"),
        (2592000.0, "2592000"),
        (0.0, "0"),
        (1795284251.75, "1795284251.75"),  # when a registration succeeded, in a live lab: no digit is lost
    ],
)
def test_values_as_text(value: object, text: str) -> None:
    assert shown(value, "en") == text


def test_a_list_of_servers_as_text() -> None:
    saved = Saved()
    saved.andlink.servers = [SavedServer("BS", "1.2.3.4", 5683), SavedServer("LWM2M", "a.example", 5684)]
    assert shown(settings_of(saved)["andlink.servers"], "en") == "BS,1.2.3.4,5683, LWM2M,a.example,5684"
