"""The bench of coap_bench.py with two seeded Endpoints on it."""

from __future__ import annotations

import random

import pytest
from coap_bench import Bench

from nbtwin.coap.endpoint import CoapEndpoint


@pytest.fixture
def bench() -> Bench:
    return Bench(CoapEndpoint(random.Random(1)), CoapEndpoint(random.Random(2)))
