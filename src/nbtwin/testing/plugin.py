"""The pytest plugin: a fresh lab for each test that asks for one, and what it did for each that fails.

Loaded with pytest itself, so it imports nothing of nbtwin before a test asks: what makes labs is in `labs`.

    def test_meter_registers(nb_lab, nb_module):
        assert nb_module.at("AT+QDMPCFG=6").ok
        nb_lab.run_until(nb_module.registered("cmdmp"), within="2min")
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from nbtwin.testing import artifacts, marks

if TYPE_CHECKING:
    from serial.serialutil import SerialBase

    import nbtwin
    from nbtwin.api.clock import Clock
    from nbtwin.api.faults import FaultSet
    from nbtwin.testing.scenarios import ScenarioPlay

_lab_of: pytest.StashKey[nbtwin.Lab] = pytest.StashKey()
_TOLD = 20
"""Lines of the timeline in the report of a failed test."""


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("nbtwin", "virtual NB-IoT modules (nbtwin)")
    group.addoption(
        "--nb-model",
        metavar="MODEL",
        action="append",
        help="model of nb_module where a test names none (default: BC260Y-CN); given several times, each such test runs"
        " once with each",
    )
    group.addoption(
        "--nb-sim",
        choices=("mobile", "telecom", "unicom", "none"),
        help="its card where a test names none (default: mobile)",
    )
    group.addoption("--nb-seed", metavar="N", type=int, help="seed of the labs of tests that name none (default: 1)")
    group.addoption(
        "--nb-port",
        metavar="PORT",
        help="run the tests with the real module at this serial port: /dev/ttyUSB0, socket://HOST:PORT,"
        " rfc2217://HOST:PORT; what a real one cannot do is skipped",
    )
    group.addoption(
        "--nb-live",
        action="store_true",
        help="labs on the wall clock, with serial ports, platforms on UDP and a console of their own, on free ports",
    )
    group.addoption("--nb-baud", metavar="BAUD", type=int, help="the port's speed (default: the model's own)")
    group.addoption(
        "--nb-url", metavar="URL", help="a running lab that the port's module registers with; its token: NBTWIN_TOKEN"
    )
    group.addoption(
        "--nb-artifacts",
        metavar="FOLDER",
        default="nbtwin-artifacts",
        help="where timeline, sequence diagram and capture of tests are kept (default: %(default)s)",
    )
    group.addoption(
        "--nb-keep",
        choices=("failed", "always", "never"),
        default="failed",
        help="of which tests they are kept (default: %(default)s)",
    )


def pytest_configure(config: pytest.Config) -> None:
    for described in marks.DESCRIBED.values():
        config.addinivalue_line("markers", described)


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Options that do not go together end the run before it begins."""
    option = session.config.getoption
    if any(option(name) is not None for name in ("--nb-port", "--nb-baud", "--nb-url")):
        from nbtwin.testing import ports

        ports.check_options(session.config)


def pytest_unconfigure(config: pytest.Config) -> None:
    """The port of ``--nb-port`` is open until then."""
    if config.getoption("--nb-port", None) is not None:
        from nbtwin.testing import ports

        ports.close(config)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A model that there is not ends the run before it begins: every test that names none would say the same."""
    if config.getoption("--nb-model") and any("nb_module" in getattr(item, "fixturenames", ()) for item in items):
        from nbtwin.testing import labs

        labs.check_options(config)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test whose module may be of several models runs once with each."""
    if "nb_module" not in metafunc.fixturenames or _has_its_own(metafunc):
        return
    models = marks.models_of(metafunc.definition, metafunc.config.getoption("--nb-model") or ())
    if len(models) > 1:
        metafunc.parametrize("nb_module", models, indirect=True)


def _has_its_own(metafunc: pytest.Metafunc) -> bool:
    """``@pytest.mark.parametrize("nb_module", …, indirect=True)`` stands at the test itself."""
    named = (mark.args[0] if mark.args else mark.kwargs["argnames"] for mark in _parametrized(metafunc))
    return any(
        "nb_module" in (names.replace(" ", "").split(",") if isinstance(names, str) else names) for names in named
    )


def _parametrized(metafunc: pytest.Metafunc) -> Iterator[pytest.Mark]:
    return metafunc.definition.iter_markers("parametrize")


@pytest.fixture
def nb_lab(request: pytest.FixtureRequest) -> Iterator[nbtwin.Lab]:
    """A lab of the test's own, with all operators' platforms and no module (`nbtwin.Lab`)."""
    from nbtwin.testing import labs, misuse

    with misuse.plainly(lambda: labs.new_lab(request)) as lab:
        request.node.stash[_lab_of] = lab
        yield lab


@pytest.fixture
def nb_module(request: pytest.FixtureRequest, nb_lab: nbtwin.Lab) -> nbtwin.Module:
    """A module in the test's lab, switched on: what ``@pytest.mark.nb_module`` says, else ``--nb-model``."""
    from nbtwin.testing import labs, misuse

    return misuse.plainly(lambda: labs.new_module(request, nb_lab))


@pytest.fixture
def nb_serial(request: pytest.FixtureRequest, nb_lab: nbtwin.Lab, nb_module: nbtwin.Module) -> Iterator[SerialBase]:
    """The module's serial line, open, as pyserial has one: for a host program. Its timeouts are of the lab's time."""
    from nbtwin.testing import labs

    with labs.open_serial(request.config, nb_lab, nb_module) as port:
        yield port


@pytest.fixture
def nb_modules(nb_lab: nbtwin.Lab) -> Callable[..., nbtwin.Module]:
    """Makes more of them: ``nb_modules("BC28", sim="telecom")``."""
    return nb_lab.add_module


@pytest.fixture
def nb_platform(request: pytest.FixtureRequest, nb_lab: nbtwin.Lab) -> nbtwin.Platform:
    """The platform that ``@pytest.mark.nb_platform("andlink")`` names, else China Mobile's CMDMP."""
    from nbtwin.testing import labs, misuse

    return misuse.plainly(lambda: labs.platform_of(request, nb_lab))


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


@pytest.fixture
def nb_scenario(request: pytest.FixtureRequest, nb_lab: nbtwin.Lab) -> ScenarioPlay:
    """Of ``@pytest.mark.nb_scenario``: ``run()`` plays the file's steps in the lab and asserts what it expects."""
    from nbtwin.testing import misuse, scenarios

    return misuse.plainly(lambda: scenarios.play_of(request, nb_lab))


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
    """The report of a failed test, or of its set-up or its teardown, names the files that tell what its lab did.

    A test that asks of a real module what none can do is skipped.
    """
    lab = item.stash.get(_lab_of, None)
    reason = _not_on_real(call) if lab is not None else ""
    if reason:
        call.excinfo = pytest.CallInfo.from_call(lambda: pytest.skip(reason), "call").excinfo
    outcome = yield
    report: pytest.TestReport = outcome.get_result()
    if reason and report.skipped:
        file, line, _ = item.location
        report.longrepr = (file, (line or 0) + 1, f"Skipped: {reason}")
    if lab is None:
        return
    keep = item.config.getoption("--nb-keep")
    if (report.failed and keep != "never") or (keep == "always" and report.when == "call"):
        _keep(item, report, lab)
    if report.when == "teardown":
        del item.stash[_lab_of]


def _not_on_real(call: pytest.CallInfo[None]) -> str:
    """Why, in one line."""
    import nbtwin

    error = call.excinfo.value if call.excinfo is not None else None
    return str(error) if isinstance(error, nbtwin.NotOnRealModule) else ""


def _keep(item: pytest.Item, report: pytest.TestReport, lab: nbtwin.Lab) -> None:
    """Of a lab in which something has happened. That files cannot be written is said, and changes nothing."""
    told, folder = lab.tail(_TOLD), artifacts.folder_of(item)
    if not told:
        return
    try:
        files = [artifacts.relative(file, item.config) for file in lab.keep(folder)]
    except OSError as error:
        report.sections.append(("nbtwin", f"{artifacts.relative(folder, item.config)}: {error.strerror}"))
        return
    if report.failed:
        report.sections.append(("nbtwin", "\n".join([*files, "", *told])))
    for owner in (item, report):  # for the JUnit file
        properties = [(artifacts.PROPERTY, file) for file in files]
        owner.user_properties += [each for each in properties if each not in owner.user_properties]
