"""One Leshan for all tests of this folder: a Java machine takes its seconds to start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from foreign_leshan import Clients, Demo, Servers


@pytest.fixture(scope="session")
def leshan(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    servers = Servers(tmp_path_factory.mktemp("leshan"))
    yield servers
    servers.close()


@pytest.fixture(scope="session", params=["v1", "v2"])
def clients(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clients]:
    clients = Clients(tmp_path_factory.mktemp("leshan"), request.param)
    yield clients
    clients.close()


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    server = Demo(tmp_path_factory.mktemp("leshan"))
    yield server
    server.close()
