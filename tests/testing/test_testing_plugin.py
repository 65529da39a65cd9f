"""The pytest plugin: fixtures, marks, options, and what is kept."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from typing import TypeAlias

import pytest

from nbtwin.testing import marks, plugin

_PLUGIN = "nbtwin.testing.plugin"
pytest_plugins = ["pytester"]
Run: TypeAlias = Callable[..., str]


def test_each_test_has_a_fresh_lab_and_a_module_that_its_marks_describe(pytest_run: Run) -> None:
    said = pytest_run(
        """
import pytest

def test_default(nb_lab, nb_module):
    nb_lab.run_until(nb_module.registered("cmdmp"), within="2min")
    assert (nb_module.model, nb_lab.now) == ("BC260Y-CN", 4.0)

def test_fresh(nb_lab):
    assert (nb_lab.now, dict(nb_lab.modules)) == (0.0, {})

@pytest.mark.nb_module("BC25", sim="telecom", firmware="BC25PAR01A09", settings=["AT+QSELFREGISTER=1"])
@pytest.mark.nb_platform("telecom")
def test_marked(nb_clock, nb_module, nb_platform):
    nb_clock.run_until(nb_module.registered("telecom"), within="30min")
    assert nb_platform.device(nb_module.imei).known.firmware == "BC25PAR01A09"

@pytest.mark.nb_lab(seed=5, platforms=["cmdmp"])
def test_lab_marked(nb_lab, nb_modules, nb_faults):
    one, two = nb_modules("BC260Y-CN"), nb_modules("BC260Y-CN")
    nb_faults.add("loss", source=one)
    nb_lab.run_until(two.registered("cmdmp"), within="5min")
    assert not one.registered("cmdmp")
    nb_faults.clear()
    one.reset()
    nb_lab.run_until(one.registered("cmdmp"), within="1h")
""",
        "--strict-markers",
    )
    assert " 4 passed in " in said, said


def test_a_failed_test_keeps_timeline_diagram_and_capture_and_names_them(
    pytest_run: Run, pytester: pytest.Pytester
) -> None:
    said = pytest_run(
        """
def test_wrong(nb_lab, nb_module):
    nb_lab.run_until(nb_module.registered("telecom"), within="2min")

def test_right(nb_module):
    assert nb_module.at("AT").ok
""",
    )
    assert " 1 failed, 1 passed in " in said, said
    kept = pytester.path / "nbtwin-artifacts"
    files = sorted(path.relative_to(kept).as_posix() for path in kept.rglob("*") if path.is_file())
    assert files == [
        "test_users.py/test_wrong/capture.pcapng",
        "test_users.py/test_wrong/sequence.mmd",
        "test_users.py/test_wrong/timeline.txt",
    ]
    for file in files:
        assert f"\nnbtwin-artifacts/{file}\n" in said
    assert "bc260y-cn-1.registered('telecom') was not so within 2min" in said
    assert re.search(r"registered", (kept / files[2]).read_text(encoding="utf-8"))


def test_the_model_can_be_chosen_on_the_command_line(pytest_run: Run) -> None:
    test = """
def test_model(nb_module):
    assert (nb_module.model, nb_module.state.imsi is None) == ("BC95 R2.0", True)
"""
    said = pytest_run(test, "--nb-model", "bc95r2.0", "--nb-sim", "none")
    assert " 1 passed in " in said, said


def test_a_mark_or_an_option_that_cannot_be_is_one_line_with_what_there_is(pytest_run: Run) -> None:
    test = """
import pytest

@pytest.mark.nb_module("BC28", simm="telecom")
def test_keyword(nb_module):
    pass

@pytest.mark.nb_module("BC26X")
def test_model(nb_module):
    pass

@pytest.mark.nb_module("BC28", sim="telekom")
def test_sim(nb_module):
    pass

@pytest.mark.nb_platform("cmdm")
def test_platform(nb_platform):
    pass

@pytest.mark.nb_lab(7)
def test_lab(nb_lab):
    pass

@pytest.mark.nb_module(imei="12")
def test_imei(nb_module):
    pass
"""
    said = pytest_run(test, "--strict-markers")
    for line in (
        "@pytest.mark.nb_module: there is no 'simm'; near it: sim; there is model, sim, firmware, settings, name, imei,"
        " imsi, iccid, plmn, vendor, power",
        "@pytest.mark.nb_module: there is no model 'BC26X'; near it: BC26, BC32, BC28; there is BC20, BC25, BC25-B5,"
        " BC25-B8, BC26, BC260Y-CN, BC28, BC32, BC32-B8, BC35-G, BC95 R2.0",
        "@pytest.mark.nb_module: there is no sim 'telekom'; near it: telecom; there is mobile, none, telecom, unicom",
        "@pytest.mark.nb_platform: there is no platform 'cmdm'; near it: cmdmp; there is andlink, cmdmp, telecom,"
        " unicom",
        "@pytest.mark.nb_lab: it is written nb_lab(seed=1, platforms=[…], latency=0, keys={…}, live=False)",
    ):
        assert f"\n{line}\n" in said, said
    assert "imei: '12' is not" in said, said
    assert " 6 errors in " in said, said
    assert "Traceback" not in said, said
    assert not re.search(r"\.py:\d+", said), said
    said = pytest_run(test, "--nb-model", "BC2")
    assert "ERROR: --nb-model BC2: there is no model 'BC2'; near it: BC32, BC28, BC26; there is BC20" in said, said


def test_marks_of_test_class_and_module_are_put_together_the_closest_first(pytest_run: Run) -> None:
    test = """
import pytest

pytestmark = pytest.mark.nb_module("BC25", sim="telecom", firmware="BC25PAR01A09")

class TestNight:
    pytestmark = pytest.mark.nb_module("BC28", sim="none")

    @pytest.mark.nb_module(sim="unicom", firmware="F1")
    def test_it(self, nb_module):
        state = nb_module.state
        assert (state.model, state.imsi[:5], state.firmware) == ("BC28", "46001", "F1")

def test_module(nb_module):
    assert (nb_module.model, nb_module.state.firmware) == ("BC25", "BC25PAR01A09")
"""
    said = pytest_run(test)
    assert " 2 passed in " in said, said


def test_a_test_runs_once_with_each_of_several_models_and_its_name_says_which(pytest_run: Run) -> None:
    test = """
import pytest

def test_any(nb_module):
    assert nb_module.at("AT").ok

@pytest.fixture
def meter(nb_module):
    return nb_module

@pytest.mark.nb_module("BC28", "BC95 R2.0", sim="none")
@pytest.mark.parametrize("echo", [0, 1])
def test_two(meter, echo):
    assert meter.at(f"ATE{echo}").ok

@pytest.mark.parametrize("nb_module", ["BC32"], indirect=True)
def test_own(nb_module):
    assert nb_module.model == "BC32"

def test_none(nb_lab):
    pass
"""
    said = pytest_run(test, "--nb-model", "BC26", "--nb-model", "bc260y-cn")
    names = re.findall(r"PASSED test_users.py::(.*)", said)
    assert sorted(names) == [
        "test_any[BC26]",
        "test_any[bc260y-cn]",
        "test_none",
        "test_own[BC32]",
        "test_two[BC28-0]",
        "test_two[BC28-1]",
        "test_two[BC95 R2.0-0]",
        "test_two[BC95 R2.0-1]",
    ], said


def test_labs_side_by_side_do_not_meet_and_each_test_that_fails_in_any_phase_has_its_files(
    pytest_run: Run, pytester: pytest.Pytester
) -> None:
    test = """
import pytest

@pytest.fixture
def before(nb_module):
    raise RuntimeError

@pytest.fixture
def after(nb_module):
    yield
    raise RuntimeError

def test_before(before):
    pass

def test_after(after):
    pass

@pytest.mark.parametrize("path", ["a/b", "a_b", "a b", "甲", "x" * 300, "x" * 301])
def test_wrong(nb_module, path):
    assert False

@pytest.mark.parametrize("number", range(8))
def test_each(nb_lab, nb_module, number):
    nb_lab.run_until(nb_module.registered("cmdmp"), within="2min")
    assert len(nb_lab.platform("cmdmp").devices) == 1
"""
    found = ("-n", "2", "--junitxml", "junit.xml", "--rootdir", str(pytester.path))
    said = pytest_run(test, *found, plugins=(_PLUGIN, "xdist.plugin"))
    assert " 6 failed, 9 passed, 2 errors in " in said, said
    folders = [path for path in (pytester.path / "nbtwin-artifacts" / "test_users.py").iterdir() if path.is_dir()]
    assert len(folders) == 8
    named = re.findall(r"^nbtwin-artifacts/.*/capture\.pcapng$", said, re.MULTILINE)
    assert len(set(named)) == 8
    properties = ElementTree.parse(pytester.path / "junit.xml").iter("property")
    files = [each.get("value") for each in properties if each.get("name") == "nb_artifact"]
    assert len(files) == len(set(files)) == 3 * 8
    assert all((pytester.path / str(file)).is_file() for file in files)


def test_what_is_kept_is_chosen_and_a_folder_that_cannot_be_had_fails_nothing(
    pytest_run: Run, pytester: pytest.Pytester
) -> None:
    test = """
def test_right(nb_module):
    assert nb_module.at("AT").ok

def test_wrong(nb_module):
    assert not nb_module.at("AT").ok
"""

    def kept() -> list[str]:
        return sorted(path.parent.name for path in pytester.path.rglob("timeline.txt"))

    pytest_run(test, "--nb-keep", "never")
    assert kept() == []
    pytest_run(test, "--nb-keep", "always")
    assert kept() == ["test_right", "test_wrong"]
    (pytester.path / "taken").touch()
    said = pytest_run(test, "--nb-artifacts", "taken")
    assert " 1 failed, 1 passed in " in said, said
    assert "taken/test_users.py/test_wrong: Not a directory" in said, said


def test_a_test_that_takes_too_long_keeps_its_files(pytest_run: Run) -> None:
    test = """
import pytest

@pytest.mark.timeout(0.2, func_only=True)
def test_endless(nb_lab, nb_module):
    while True:
        nb_lab.advance("1s")
"""
    said = pytest_run(test, plugins=(_PLUGIN, "pytest_timeout"))
    assert " 1 failed in " in said, said
    assert "nbtwin-artifacts/test_users.py/test_endless/timeline.txt" in said, said


def test_a_run_that_uses_no_fixture_of_ours_loads_nothing_of_nbtwin(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    test = """
import sys

def test_nothing():
    assert sorted(name for name in sys.modules if name.split(".")[0] == "nbtwin") in (
        [],
        ["nbtwin", "nbtwin.testing", "nbtwin.testing.artifacts", "nbtwin.testing.marks", "nbtwin.testing.plugin"],
    )
"""
    pytester.makepyfile(test_users=test)
    for plugin_or_not in (_PLUGIN, "no:nbtwin"):
        pytester.runpytest_subprocess("-p", plugin_or_not).assert_outcomes(passed=1)


def test_the_names_of_fixtures_marks_and_options_are_these_and_no_others() -> None:
    """They are public (docs/pytest.md), and no other plugin's."""
    fixtures = sorted(name for name in vars(plugin) if name.startswith("nb_"))
    assert fixtures == [
        "nb_clock",
        "nb_faults",
        "nb_lab",
        "nb_module",
        "nb_modules",
        "nb_platform",
        "nb_scenario",
        "nb_serial",
    ]
    assert sorted(marks.DESCRIBED) == ["nb_lab", "nb_module", "nb_platform", "nb_scenario"]
    parser = pytest.Parser(_ispytest=True)
    plugin.pytest_addoption(parser)
    options = [name for option in parser.getgroup("nbtwin").options for name in option.names()]
    assert sorted(options) == [
        "--nb-artifacts",
        "--nb-baud",
        "--nb-keep",
        "--nb-live",
        "--nb-model",
        "--nb-port",
        "--nb-seed",
        "--nb-sim",
        "--nb-url",
    ]
