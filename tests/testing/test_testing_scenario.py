"""``@pytest.mark.nb_scenario``: the lab is the file's, and its steps are played when the test says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import pytest

from nbtwin.testing import scenarios

assert scenarios  # loaded once, and not again by every run
pytest_plugins = ["pytester"]
Run: TypeAlias = Callable[..., str]
FILE = """\
title: a lossy night
seed: 4
modules:
  - {name: meter, model: BC260Y-CN}
  - {name: spare, model: BC28, power: off}
faults:
  - {kind: loss, direction: up, source: meter, packets: [1]}
steps:
  - {at: 1min, module: meter, send: AT+CMEE=1, answer: OK}
until: 2min
expect:
  - {at: 30s, module: meter, platform: cmdmp, device: {state: registered}}
  - {at: 2min, module: meter, said: ["+CPIN: READY"]}
"""


def test_the_lab_is_what_the_file_describes_and_no_step_is_taken(pytest_run: Run, pytester: pytest.Pytester) -> None:
    pytester.makefile(".yaml", night=FILE)
    test = """
import pytest

@pytest.mark.nb_scenario("night.yaml")
def test_modules(nb_lab, nb_module):
    assert (nb_module.name, nb_module.model, nb_module.state.power) == ("meter", "BC260Y-CN", "booting")
    assert nb_lab.module("spare").state.power == "off"
    assert (nb_lab.now, len(nb_lab.faults)) == (0, 1)
    nb_lab.run_until(nb_module.registered("cmdmp"), within="2min")
    registers = nb_lab.packets(source=nb_module, operation="Register")
    assert [packet.lost for packet in registers] == [True, False]
    assert nb_module.at("AT+CMEE?").value("+CMEE") == "0"

@pytest.mark.nb_scenario("night.yaml")
def test_steps(nb_scenario, nb_lab, nb_module):
    assert nb_scenario.title == "a lossy night"
    assert all(verdict.passed for verdict in nb_scenario.run())
    assert nb_lab.now == 120
    assert nb_module.at("AT+CMEE?").value("+CMEE") == "1"
"""
    said = pytest_run(test, "--nb-model", "BC25", "--nb-model", "BC28", "--strict-markers")
    assert " 2 passed in " in said, said


def test_what_is_not_as_the_file_expects_is_told_with_its_line_and_the_labs_files_are_kept(
    pytest_run: Run, pytester: pytest.Pytester
) -> None:
    pytester.makefile(".yaml", night=FILE.replace("answer: OK", "answer: ERROR").replace("registered", "offline"))
    test = """
import pytest

@pytest.mark.nb_scenario("night.yaml")
def test_steps(nb_scenario):
    nb_scenario.run()
"""
    said = pytest_run(test, "--tb", "short")
    assert "ScenarioUnmet: a lossy night: 2 of 3 not as expected" in said, said
    assert "night.yaml:9: " in said, said
    assert "night.yaml:12: " in said, said
    assert "nbtwin-artifacts/test_users.py/test_steps/timeline.txt" in said, said


def test_a_file_or_a_mark_that_cannot_be_is_one_line(pytest_run: Run, pytester: pytest.Pytester) -> None:
    pytester.makefile(".yaml", night=FILE.replace("model: BC28", "model: BC2"), good=FILE)
    test = """
import pytest

@pytest.mark.nb_scenario("night.yaml")
def test_model(nb_scenario):
    pass

@pytest.mark.nb_scenario("none.yaml")
def test_none(nb_lab):
    pass

@pytest.mark.nb_scenario("good.yaml")
@pytest.mark.nb_module("BC28")
def test_beside(nb_module):
    pass

def test_unmarked(nb_scenario):
    pass
"""
    said = pytest_run(test)
    for line in (
        "night.yaml:5: modules[2].model: ",
        "@pytest.mark.nb_scenario: none.yaml cannot be read: No such file or directory",
        "@pytest.mark.nb_scenario: nb_module cannot stand beside nb_scenario: the file says what the lab is",
        'the test asks for nb_scenario, and no @pytest.mark.nb_scenario("FILE") says which',
    ):
        assert f"\n{line}" in said, said
    assert " 4 errors in " in said, said
    assert "Traceback" not in said, said
    said = pytest_run(test, "--nb-port=/dev/ttyNONE", "-k", "test_none")
    assert "a scenario's lab is simulated, and the tests run with --nb-port" in said, said
