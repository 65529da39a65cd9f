"""The boot benchmark, on a fleet small enough for a test: it counts only modules that answer."""

from __future__ import annotations

import pytest

from benchmarks import fleet_boot
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.errors import Failed


def test_every_model_of_a_mixed_fleet_boots_and_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet_boot, "MODULES", 110)
    booted, memory = fleet_boot.measure(0.05)
    assert booted.unit == "/s"
    assert booted.value > 0
    assert set(booted.ratios) == {"bare heap, as many events (heapq)"}
    assert memory.unit == "KiB"
    assert set(memory.references) == {"a bare Python process"}
    world, instants = fleet_boot.boot(2 * len(PROFILES))
    assert [node.module.profile.model for node in world.modules.values()] == 2 * list(PROFILES)
    assert instants >= 2 * len(PROFILES)


def test_a_module_that_does_not_answer_fails_the_benchmark(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet_boot, "MODULES", 11)
    monkeypatch.setattr(fleet_boot, "BOOTED_AFTER", 0.5)
    with pytest.raises(Failed, match="11 of 11 modules do not answer"):
        fleet_boot.measure(0.05)
