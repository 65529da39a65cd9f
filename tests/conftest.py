"""What all tests share: the helpers of tests/cli and tests/web are importable from every folder; the databases.

What tests draw is the same in each run, so that a failure can be repeated; ``NBTWIN_FUZZ_SEED=N`` draws something else,
here and in the fuzz targets (`fuzz_bytes`), and ``pytest`` says the seed of whatever fails.
"""

import gc
import itertools
import json
import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

_SEED = os.environ.get("NBTWIN_FUZZ_SEED")
settings.register_profile(
    "nbtwin",
    deadline=None,  # how fast a test runs is no reason to fail it
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=_SEED is None,
    database=None,
    print_blob=True,
)
settings.load_profile("nbtwin")

sys.path += [str(Path(__file__).parent / folder) for folder in ("cli", "web", "operators", "storage")]

_schemas = itertools.count(1)

_LONGEST = ("workers/", "web/test_web_console_", "durability/", "examples/", "cli/", "web/", "foreign/", "release/",
            "kit/", "stories/", "fleet/", "storage/")  # fmt: skip
"""What waits for browsers, kills and other programs: last, it would keep one process busy and the others idle."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--conformance", metavar="FILE", help="write how the tests of standard cases ended, as JSON")


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if _SEED is not None:
        config.option.hypothesis_seed = _SEED
    config.addinivalue_line("markers", "conformance(case, ..., role, peer): shows cases of docs/conformance.md")
    if config.getoption("--conformance") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Conformance(Path(config.getoption("--conformance"))))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: next((n for n, part in enumerate(_LONGEST) if part in item.nodeid), len(_LONGEST)))


def pytest_collection() -> None:
    gc.disable()  # until all is loaded, which stays


def pytest_collection_finish() -> None:
    """To look for garbage in what stays, again and again, cost a fifth of the time."""
    gc.collect()
    gc.freeze()
    gc.enable()


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.get_closest_marker("conformance"):
        item.user_properties.append(("conformance", True))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed and _SEED is not None:
        report.sections.append(("Seed", f"NBTWIN_FUZZ_SEED={_SEED}"))
    return report


class _Conformance:
    """Where reports arrive, also those of other processes: how each marked test ended (tools/conformance.py)."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.outcomes: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if ("conformance", True) not in map(tuple, report.user_properties):
            return
        if report.failed:
            self.outcomes[report.nodeid] = "failed"
        elif report.skipped:
            why = getattr(report, "wasxfail", None)
            self.outcomes[report.nodeid] = "skipped" if why is None else f"xfailed: {why}"
        elif report.when == "call":
            self.outcomes[report.nodeid] = "passed"

    def pytest_sessionfinish(self) -> None:
        from tools.conformance_peers import versions  # not for who needs none

        self.file.parent.mkdir(parents=True, exist_ok=True)
        self.file.write_text(json.dumps({"peers": versions(), "outcomes": self.outcomes}, indent=1))


@pytest.fixture(scope="session", autouse=True)
def shared_settings() -> Iterator[None]:
    """Modules that are alike share their settings: whatever a test did to one, no command wrote into them."""
    yield
    if (nvram := sys.modules.get("nbtwin.module.nvram")) is not None:
        for image, saved in nvram.SHARED.items():
            assert nvram.encode(saved) == nvram.encode(nvram.decode(image)), "to_save or to_use is what may be changed"


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A PostgreSQL server of this session's own; skipped where the machine has none."""
    from benchmarks.postgres import NoServer, private_server  # not for who needs none

    try:
        with private_server(durable=False) as server:
            yield server.url
    except NoServer as reason:
        pytest.skip(str(reason))


@pytest.fixture
def postgresql(postgresql_server: str) -> str:
    """The URL of an empty store on PostgreSQL."""
    return f"{postgresql_server}&schema=test_{next(_schemas)}"


@pytest.fixture(params=["sqlite", "postgresql"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty store, on each of the two databases."""
    if request.param == "sqlite":
        return str(tmp_path / "state" / "nbtwin.sqlite")
    url: str = request.getfixturevalue("postgresql")
    return url
