"""`nbtwin firmware` and `nbtwin platform keys psk`: files in, files out, and the store behind them."""

from __future__ import annotations

import os
import stat
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nbtwin.cli.main import app
from nbtwin.lwm2m.firmware.delta import apply, factory_image
from nbtwin.lwm2m.firmware.package import unpack
from nbtwin.runtime.errors import Failed, WrongUsage

OLD, NEW = "BC28JAR01A10_ONT", "BC28JAR01A11_ONT"
IMEI = "867724030000225"


def run(*arguments: str | Path) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.stdout


@pytest.fixture
def new(tmp_path: Path) -> Path:
    package = tmp_path / "new.pkg"
    run("firmware", "pack", "--model", "BC28", "--version", NEW, package)
    return package


def test_a_package_is_made_and_shown(new: Path) -> None:
    shown = run("firmware", "show", new)
    assert "model     BC28\n" in shown
    assert f"version   {NEW}\n" in shown
    assert "kind      whole image\n" in shown
    assert apply(unpack(new.read_bytes()), None) == (NEW, factory_image("BC28", NEW))


def test_what_is_in_a_package_is_said_in_chinese(new: Path) -> None:
    shown = run("--lang", "zh", "firmware", "show", new)
    assert "类型    完整镜像\n" in shown
    assert "大小    65536 字节\n" in shown
    assert "校验和  正确\n" in shown


def test_an_image_of_ones_own_is_packed(tmp_path: Path) -> None:
    (tmp_path / "image").write_bytes(b"my own image")
    run("firmware", "pack", "--model", "bc28", "--version", "X", "--image", tmp_path / "image", tmp_path / "out")
    assert unpack((tmp_path / "out").read_bytes()).image == b"my own image"


def test_a_delta_leads_from_a_version_or_a_package_to_another(new: Path, tmp_path: Path) -> None:
    old, small = tmp_path / "old.pkg", tmp_path / "small.pkg"
    run("firmware", "pack", "--model", "BC28", "--version", OLD, old)
    for base in (OLD, old):
        run("firmware", "delta", base, new, small)
        assert small.stat().st_size < new.stat().st_size / 8
        assert apply(unpack(small.read_bytes()), None)[0] == NEW
    assert f"kind      delta from {OLD}\n" in run("firmware", "show", small)
    with pytest.raises(WrongUsage, match="delta itself"):
        run("firmware", "delta", OLD, small, tmp_path / "none")


def test_a_broken_package_is_told(new: Path) -> None:
    new.write_bytes(new.read_bytes()[:-1] + b"?")
    with pytest.raises(Failed, match="checksum"):
        run("firmware", "show", new)


def test_packages_are_given_to_the_platform_and_taken_away(new: Path, tmp_path: Path) -> None:
    state = ("--state", tmp_path / "state")
    assert run("firmware", "add", new, *state) == f"new\tBC28\t{NEW}\n"
    with pytest.raises(WrongUsage, match="already"):
        run("firmware", "add", new, *state)
    assert run("firmware", "list", *state).startswith(f"new\tBC28\t{NEW}\t-\t")
    run("firmware", "remove", "new", *state)
    assert run("firmware", "list", *state) == ""
    with pytest.raises(Failed, match="no package"):
        run("firmware", "remove", "new", *state)


def test_a_file_of_any_format_is_given_to_the_platform_with_what_is_said_of_it(tmp_path: Path) -> None:
    """D164."""
    state, image = ("--state", tmp_path / "state"), tmp_path / "meter.bin"
    image.write_bytes(b"any bytes")
    said = ("--version", "2.4.1", "--model", "MTR-10", "--model", "MTR-20", "--notes", "from the vendor")
    right = ("--checksum", sha256(b"any bytes").hexdigest())
    with pytest.raises(Failed, match="SHA-256"):
        run("firmware", "add", image, "--checksum", "00" * 32, *state)
    assert run("firmware", "add", image, *said, *right, *state) == "meter\tMTR-10,MTR-20\t2.4.1\n"
    run("firmware", "add", image, "--name", "plain", *state)
    assert run("firmware", "list", *state) == "meter\tMTR-10,MTR-20\t2.4.1\t-\t9\nplain\t-\t-\t-\t9\n"


def psk(state: Path, *arguments: str | Path) -> str:
    return run("platform", "keys", "psk", *arguments, "--state", state)


def test_keys_are_added_listed_without_themselves_and_removed(tmp_path: Path) -> None:
    psk(tmp_path, "add", IMEI, "--bootstrap-key", "30313233343536373839303132336162")
    listed = psk(tmp_path, "list")
    assert listed == f"{IMEI}\t{IMEI} ***\t{IMEI} -\n"
    psk(tmp_path, "remove", IMEI)
    assert psk(tmp_path, "list") == ""
    with pytest.raises(Failed, match="no keys"):
        psk(tmp_path, "remove", IMEI)


def test_generated_keys_are_printed_once(tmp_path: Path) -> None:
    printed = psk(tmp_path, "add", IMEI, "--generate").split()
    assert [len(word) for word in printed[1::2]] == [32, 32]
    exported = psk(tmp_path, "export", "-")
    assert all(key in exported for key in printed[1::2])


@pytest.mark.parametrize("suffix", ["json", "csv"])
def test_keys_go_out_and_come_in_again(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"keys.{suffix}"
    psk(tmp_path / "a", "add", IMEI, "--generate")
    psk(tmp_path / "a", "add", "2" * 15, "--key", "ab", "--identity", "second")
    psk(tmp_path / "a", "export", file)
    assert stat.S_IMODE(os.stat(file).st_mode) == 0o600
    assert psk(tmp_path / "b", "import", file) == "2 devices\n"
    assert psk(tmp_path / "b", "export", "-") == psk(tmp_path / "a", "export", "-")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[{"device":"a","key":"zz"}]', "hexadecimal"),
        ('[{"device":"a"}]', "no key at all"),
        ("device,key\na\n", "number of fields"),
        ("imei,key\na,ab\n", "first line"),
        ('{"device":"a"}', "not a list"),
        ('[{"device":"a","key":"ab","identity":"x"},{"device":"b","key":"ab","identity":"x"}]', "belongs to a"),
    ],
)
def test_a_file_with_one_wrong_entry_changes_nothing(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "keys").write_text(text)
    with pytest.raises(WrongUsage, match=why):
        psk(tmp_path, "import", tmp_path / "keys")
    assert psk(tmp_path, "list") == ""
