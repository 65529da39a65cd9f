"""What a request costs, as a number of Python calls: no machine and no neighbour changes it, as they change times."""

from __future__ import annotations

import pytest

from benchmarks import in_process

MOST = {
    "register": 52,
    "update": 52,
    "uplink": 62,
    "notification": 72,
    "policy": 290,
    "telecom": 66,
    "cmdmp": 115,
}
"""In batches of 64, with the part of world, hold and platform in a batch. Before, it was about twice that."""


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
