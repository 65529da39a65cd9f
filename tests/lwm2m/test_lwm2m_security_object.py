"""Object 0 is the bootstrap server's alone (LwM2M 1.0 TS, E.1)."""

from __future__ import annotations

import pytest
from lwm2m_bench import Bench

from nbtwin.coap.numbers import Code


@pytest.mark.parametrize("path", ["/0", "/0/0", "/0/0/0", "/0/0/5"])
@pytest.mark.parametrize("code", [Code.GET, Code.PUT, Code.POST, Code.DELETE])
def test_a_server_may_do_nothing_with_it(code: Code, path: str) -> None:
    bench = Bench()
    bench.attach()
    assert bench.ask(code, path).code == Code.UNAUTHORIZED
