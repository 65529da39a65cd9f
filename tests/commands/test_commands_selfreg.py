"""AT+QSREGENABLE and AT+QSELFREGISTER: defaults by firmware, DOC-C's note, saved and in use (D29, D33, D40)."""

from __future__ import annotations

import pytest
from commands_bench import accepted, refused
from player import Bench

from nbtwin.module.switches import is_on
from nbtwin.profiles.models import PROFILES
from nbtwin.selfreg.schedule import Operator

SWITCHES = {model: profile.switch.name for model, profile in PROFILES.items() if profile.switch is not None}
every_switch = pytest.mark.parametrize(("model", "name"), SWITCHES.items())


def test_the_models_that_have_a_switch() -> None:
    """DOC-C's and DOC-D's; the others register with nobody but China Mobile."""
    for model, profile in PROFILES.items():
        (document, *_) = profile.documents
        assert SWITCHES.get(model) == {"DOC-C": "+QSREGENABLE", "DOC-D": "+QSELFREGISTER"}.get(document)


@every_switch
def test_a_switch_is_0_or_1(model: str, name: str) -> None:
    bench, bad = Bench(model), PROFILES[model].errors.bad_parameter
    for mode in ("1", "0"):
        accepted(bench, f"AT{name}={mode}")
        accepted(bench, f"AT{name}?", f"{name}: {mode}")
    for value in ("", "2", "3", "-1", "x", '"1"', "1,1", "1,", "01x", "1 1"):
        refused(bench, f"AT{name}={value}", bad)


@every_switch
def test_no_test_form_and_no_execute_form_is_documented(model: str, name: str) -> None:
    """D60."""
    bench, err = Bench(model), PROFILES[model].errors.not_supported
    refused(bench, f"AT{name}=?", err)
    refused(bench, f"AT{name}", err)


@every_switch
def test_a_switch_is_shown_as_saved_and_works_after_the_boot(model: str, name: str) -> None:
    """D33."""
    bench = Bench(model)
    switch, operator = PROFILES[model].switch, Operator.TELECOM
    accepted(bench, f"AT{name}=1")
    accepted(bench, f"AT{name}?", f"{name}: 1")
    assert not is_on(switch, bench.module.in_use, bench.module.identity.firmware, operator)
    bench.happen("reboot")
    assert is_on(switch, bench.module.in_use, bench.module.identity.firmware, operator)


@pytest.mark.parametrize(
    ("model", "firmware", "default"),
    [  # DOC-D 1.1, table 1
        ("BC25", "BC25PAR01A03", 1), ("BC25", "BC25PAR01A04", 1),
        ("BC25", "BC25PAR01A05", 0), ("BC25", "BC25PAR02A01", 0),
        ("BC25", "BC25PAR01A03_BT", 1), ("BC25", "BC25PAR01A02_BT", 1), ("BC25", "BC25PAR01A04_BT", 0),
        ("BC25-B5", "BC25B5PAR01A04", 1), ("BC25-B5", "BC25B5PAR01A05", 0),
        ("BC25-B8", "BC25B8PAR01A05", 1), ("BC25-B8", "BC25B8PAR01A06", 0),
        ("BC32", "BC32RAR01A03", 1), ("BC32", "BC32RAR01A04", 0),
        ("BC32-B8", "BC32B8RAR01A03", 1), ("BC32-B8", "BC32B8RAR01A04", 0), ("BC32-B8", "something else", 0),
    ],
)  # fmt: skip
def test_the_default_is_the_firmwares(model: str, firmware: str, default: int) -> None:
    """D40."""
    accepted(Bench(model, firmware=firmware), "AT+QSELFREGISTER?", f"+QSELFREGISTER: {default}")


def test_a_firmware_update_changes_a_default_and_no_choice() -> None:
    bench = Bench("BC32", firmware="BC32RAR01A03")
    bench.happen("firmware BC32RAR01A04")
    accepted(bench, "AT+QSELFREGISTER?", "+QSELFREGISTER: 0")
    accepted(bench, "AT+QSELFREGISTER=1")
    bench.happen("firmware BC32RAR01A05")
    accepted(bench, "AT+QSELFREGISTER?", "+QSELFREGISTER: 1")


@pytest.mark.parametrize(
    ("before", "after", "mode", "shown"),
    [
        ("BC260YCNAAR01A03", "BC260YCNAAR01A04", 1, 3),
        ("BC260YCNAAR01A03", "BC260YCNAAR01A07", 1, 3),
        ("BC260YCNAAR01A03", "BC260YCNAAR02A02", 1, 3),
        ("BC260YCNAAR01A03", "BC260YCNAAR01A04", 0, 0),
        ("BC260YCNAAR01A04", "BC260YCNAAR01A05", 1, 1),
        ("BC260YCNAAR01A02", "BC260YCNAAR01A03", 1, 1),
    ],
)
def test_3_is_a_1_that_survived_the_update_of_the_note(before: str, after: str, mode: int, shown: int) -> None:
    """DOC-C 3.2.1 note."""
    bench = Bench("BC260Y-CN", firmware=before)
    accepted(bench, f"AT+QSREGENABLE={mode}")
    bench.happen(f"firmware {after}")
    accepted(bench, "AT+QSREGENABLE?", f"+QSREGENABLE: {shown}")
    assert is_on(PROFILES["BC260Y-CN"].switch, bench.module.in_use, after, Operator.TELECOM) is bool(mode)


@pytest.mark.parametrize(
    ("versions", "shown"),
    [
        (["A03", "A04", "A05"], 3),
        (["A02", "A03", "A04", "A05", "A07"], 3),
        (["A04", "A05", "A06"], 1),
        (["A03", "A04", "A03"], 1),  # the old firmware knows no 3
        (["A03", "A04", "A03", "A05"], 3),
        (["A04", "A03", "A04"], 3),
    ],
)
def test_a_3_stays_over_further_updates_until_the_switch_is_written(versions: list[str], shown: int) -> None:
    """DOC-C 3.2.1 note; D64."""
    line = "BC260YCNAAR01"
    bench = Bench("BC260Y-CN", firmware=line + versions[0])
    accepted(bench, "AT+QSREGENABLE=1")
    for version in versions[1:]:
        bench.happen(f"firmware {line}{version}")
        bench.happen("reboot")
    accepted(bench, "AT+QSREGENABLE?", f"+QSREGENABLE: {shown}")
    assert is_on(PROFILES["BC260Y-CN"].switch, bench.module.in_use, line + versions[-1], Operator.TELECOM)
    accepted(bench, "AT+QSREGENABLE=1")
    bench.happen(f"firmware {line}A09")
    accepted(bench, "AT+QSREGENABLE?", f"+QSREGENABLE: {3 if versions[-1] == 'A03' else 1}")


def test_a_new_setting_after_the_update_shows_as_itself() -> None:
    bench = Bench("BC260Y-CN", firmware="BC260YCNAAR01A03")
    accepted(bench, "AT+QSREGENABLE=1")
    bench.happen("firmware BC260YCNAAR01A04")
    accepted(bench, "AT+QSREGENABLE=1")
    accepted(bench, "AT+QSREGENABLE?", "+QSREGENABLE: 1")
