"""The labs of tests: how marks and options make one. Loaded with the first test that asks for a lab.

Knows the public API and pytest's requests; knows no report.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeVar

import pytest

import nbtwin
from nbtwin.api.errors import PythonRefusal
from nbtwin.engine import CodedError
from nbtwin.module.profile import UnknownModel
from nbtwin.runtime.spec import profile_of
from nbtwin.testing.misuse import asked
from nbtwin.timeline.catalogue.errors import worded

if TYPE_CHECKING:
    from serial.serialutil import SerialBase

DEFAULT_MODEL = "BC260Y-CN"
T = TypeVar("T")


def check_options(config: pytest.Config) -> None:
    """pytest.UsageError for a model that there is not. Workers of pytest-xdist leave it to the tests."""
    if hasattr(config, "workerinput"):
        return
    for model in config.getoption("--nb-model"):
        try:
            profile_of(model)
        except UnknownModel as error:
            unknown = nbtwin.UnknownName.of("model", model, error.fields["known"])
            raise pytest.UsageError(f"--nb-model {model}: {unknown}") from None


def has_scenario(node: pytest.Item) -> bool:
    """Whether its lab is a scenario's file's."""
    return node.get_closest_marker("nb_scenario") is not None


def new_lab(request: pytest.FixtureRequest) -> nbtwin.Lab:
    """As `nb_lab` marks, ``--nb-seed`` and ``--nb-port`` say."""
    if has_scenario(request.node):
        from nbtwin.testing import scenarios

        return scenarios.new_lab(request)
    given = dict(asked(request.node, "nb_lab").keywords)
    if request.config.getoption("--nb-port") is not None:
        from nbtwin.testing import ports

        return ports.new_lab(request.config, given)
    if (seed := request.config.getoption("--nb-seed")) is not None:
        given.setdefault("seed", seed)
    if request.config.getoption("--nb-live"):
        if given.get("latency"):
            pytest.skip(worded(nbtwin.LabError(PythonRefusal.SIMULATED_ONLY, option="latency")))
        given["live"] = True
    return _made("nb_lab", nbtwin.Lab, **given)


def new_module(request: pytest.FixtureRequest, lab: nbtwin.Lab) -> nbtwin.Module:
    """As `nb_module` marks, the test's own parameter, ``--nb-model`` and ``--nb-sim`` say."""
    if has_scenario(request.node):
        return next(iter(lab.modules.values()))
    said = asked(request.node, "nb_module")
    given = dict(said.keywords)
    chosen: Sequence[str] = request.config.getoption("--nb-model") or (_default_model(request.config),)
    model = getattr(request, "param", None) or (said.words or chosen)[0]
    card = given.keys() & {"sim", "imsi", "iccid", "plmn"}
    if not card and (sim := request.config.getoption("--nb-sim")) is not None:
        given["sim"] = sim
    return _made("nb_module" if said else "", lab.add_module, model, **given)


def _default_model(config: pytest.Config) -> str:
    if config.getoption("--nb-port") is None:
        return DEFAULT_MODEL
    from nbtwin.testing import ports

    return ports.model_of(config)


def open_serial(config: pytest.Config, lab: nbtwin.Lab, module: nbtwin.Module) -> AbstractContextManager[SerialBase]:
    """The host's end of its line; of a real module the port itself."""
    if config.getoption("--nb-port") is None:
        from nbtwin.testing import serial_line

        return serial_line.open_serial(lab, module)
    from nbtwin.testing import ports

    return ports.lent(config)


def platform_of(request: pytest.FixtureRequest, lab: nbtwin.Lab) -> nbtwin.Platform:
    """As `nb_platform` marks say, else China Mobile's CMDMP."""
    said = asked(request.node, "nb_platform")
    return _made("nb_platform" if said else "", lab.platform, (said.words or ("cmdmp",))[0])


def _made(mark: str, make: Callable[..., T], *words: Any, **given: Any) -> T:
    """What the mark says of it stands before what is wrong with it."""
    try:
        return make(*words, **given)
    except CodedError as error:
        if mark and not error.where:
            error.where = f"@pytest.mark.{mark}"
        raise
