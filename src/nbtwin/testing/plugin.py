"""The pytest plugin: a fresh lab for each test that asks for one, and what it did for each that fails.

Loaded with pytest itself, so it imports nothing of nbtwin before a test asks. Knows pytest and the public API.

    def test_meter_registers(nb_lab, nb_module):
        assert nb_module.at("AT+QDMPCFG=6").ok
        nb_lab.run_until(nb_module.registered("cmdmp"), within="2min")
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import nbtwin
    from nbtwin.api.clock import Clock
    from nbtwin.api.faults import FaultSet

_MARKS = (
    "nb_lab(seed=1, platforms=[…], latency=0, keys={…}): how the test's lab is made, as nbtwin.Lab takes it",
    "nb_module(model, sim=…, firmware=…, …): the test's module, as Lab.add_module takes it",
    "nb_platform(name): the platform that nb_platform gives",
)
_lab_of: pytest.StashKey[nbtwin.Lab] = pytest.StashKey()
DEFAULT_MODEL = "BC260Y-CN"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("nbtwin", "virtual NB-IoT modules (nbtwin)")
    group.addoption(
        "--nb-model", metavar="MODEL", help=f"model of nb_module where a test names none (default: {DEFAULT_MODEL})"
    )
    group.addoption("--nb-sim", metavar="SIM", help="its card: mobile (default), telecom, unicom, none")
    group.addoption("--nb-seed", metavar="N", type=int, help="seed of the labs of tests that name none (default: 1)")
    group.addoption(
        "--nb-artifacts",
        metavar="FOLDER",
        default="nbtwin-artifacts",
        help="where timeline, sequence diagram and capture of failed tests are kept (default: %(default)s)",
    )


def pytest_configure(config: pytest.Config) -> None:
    for mark in _MARKS:
        config.addinivalue_line("markers", mark)


@pytest.fixture
def nb_lab(request: pytest.FixtureRequest) -> Iterator[nbtwin.Lab]:
    """A simulated lab of the test's own, with all operators' platforms and no module (`nbtwin.Lab`)."""
    import nbtwin

    mark = request.node.get_closest_marker("nb_lab")
    given: dict[str, Any] = dict(mark.kwargs) if mark is not None else {}
    if (seed := request.config.getoption("--nb-seed")) is not None:
        given.setdefault("seed", seed)
    with nbtwin.Lab(**given) as lab:
        request.node.stash[_lab_of] = lab
        yield lab


@pytest.fixture
def nb_module(request: pytest.FixtureRequest, nb_lab: nbtwin.Lab) -> nbtwin.Module:
    """A module in the test's lab, switched on: what ``@pytest.mark.nb_module`` says, else ``--nb-model``."""
    mark = request.node.get_closest_marker("nb_module")
    given: dict[str, Any] = dict(mark.kwargs) if mark is not None else {}
    model = mark.args[0] if mark is not None and mark.args else given.pop("model", None)
    card = given.keys() & {"sim", "imsi", "iccid", "plmn"}
    if not card and (sim := request.config.getoption("--nb-sim")) is not None:
        given["sim"] = sim
    return nb_lab.add_module(model or request.config.getoption("--nb-model") or DEFAULT_MODEL, **given)


@pytest.fixture
def nb_modules(nb_lab: nbtwin.Lab) -> Callable[..., nbtwin.Module]:
    """Makes more of them: ``nb_modules("BC28", sim="telecom")``."""
    return nb_lab.add_module


@pytest.fixture
def nb_platform(request: pytest.FixtureRequest, nb_lab: nbtwin.Lab) -> nbtwin.Platform:
    """The platform that ``@pytest.mark.nb_platform("andlink")`` names, else China Mobile's CMDMP."""
    mark = request.node.get_closest_marker("nb_platform")
    return nb_lab.platform(mark.args[0] if mark is not None and mark.args else "cmdmp")


@pytest.fixture
def nb_clock(nb_lab: nbtwin.Lab) -> Clock:
    """The lab's time: ``now``, ``advance("24h")``, ``run_until(condition, within="2min")``."""
    from nbtwin.api.clock import Clock

    return Clock(nb_lab)


@pytest.fixture
def nb_faults(nb_lab: nbtwin.Lab) -> FaultSet:
    """What goes wrong in the lab's network: ``add("loss", probability=0.2)``, ``remove(number)``, ``clear()``."""
    from nbtwin.api.faults import FaultSet

    return FaultSet(nb_lab)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[pytest.TestReport | None]:
    """A failed test names the files that tell what its lab did."""
    report: pytest.TestReport = yield  # type: ignore[misc,assignment]
    lab = item.stash.get(_lab_of, None)
    if lab is not None and report.when == "call" and report.failed:
        folder = Path(item.config.getoption("--nb-artifacts")) / _file_name(item.nodeid)
        lines = [*(f"{file}" for file in lab.keep(item.config.rootpath / folder)), "", *lab.tail(20)]
        report.sections.append(("nbtwin", "\n".join(lines)))
    return report  # type: ignore[return-value]


def _file_name(node_id: str) -> str:
    return re.sub(r"[^\w.-]+", "_", node_id).strip("_")[-120:]
