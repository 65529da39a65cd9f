"""The bench of coap_bench.py with two seeded Endpoints on it."""

from __future__ import annotations

import random

import pytest
from coap_bench import Bench

from nbtwin.coap.exchange import Endpoint


@pytest.fixture
def bench() -> Bench:
    return Bench(Endpoint(random.Random(1)), Endpoint(random.Random(2)))
