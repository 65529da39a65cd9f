"""What a request costs, as a number of Python calls: no machine and no neighbour changes it, as they change times."""

from __future__ import annotations

import pytest

from benchmarks import in_process

MOST = {
    "register": 50,
    "update": 50,
    "uplink": 51,
    "notification": 69,
    "policy": 272,
    "telecom": 48,
    "cmdmp": 106,
}
"""In batches of 64, with the part of world, hold and platform in a batch. The first count was about twice that."""


@pytest.mark.parametrize("work", MOST)
def test_a_request_takes_no_more_calls_than_were_counted_once(work: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_process, "ENDPOINTS", 256)
    monkeypatch.setattr(in_process, "BATCHES", 2)
    platform = in_process.Platform(in_process.WORKS[work], store=False)
    try:
        calls = platform.calls()
    finally:
        platform.end()
    assert 0 < calls.total() / (in_process.BATCH * in_process.BATCHES) <= MOST[work], calls.most_common(20)
