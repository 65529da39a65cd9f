"""What all tests share: the helpers of tests/cli and tests/web are importable from every folder; the databases."""

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("a shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("a shared machine")  # how fast a test runs is no reason to fail it

sys.path += [str(Path(__file__).parent / folder) for folder in ("cli", "web", "operators", "storage")]

_schemas = itertools.count(1)


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
