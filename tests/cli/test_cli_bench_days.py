"""The benchmarks of simulated time, on fleets small enough for a test: modules that register and update are counted."""

from __future__ import annotations

import pytest

from benchmarks import fleet_size, module_days
from nbtwin.engine import DAY


def test_module_days_are_measured_with_and_without_faults_and_into_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module_days, "MODULES", 5)
    monkeypatch.setattr(module_days, "MANY", 3)
    well, faults, stored, many = module_days.measure(0.1)
    assert all(figure.value > 0 and figure.unit == "/s" for figure in (well, faults, stored))
    assert faults.references["all well"] == stored.references["in memory"] == well.value
    assert well.notes.endswith(" instants a module-day")
    assert (many.name, many.unit, many.to_reach) == ("a day of 3 simulated modules", "s", 0.2)
    assert many.value > 0


def test_the_modules_of_a_benchmark_register_and_update_once_a_day() -> None:
    world = module_days.fleet(3, 1.0)
    rate, instants = module_days.rate_of(world, 3, 0.05)
    assert rate > 0
    assert instants == pytest.approx(2, abs=0.3)  # the update, and the end of a connection's idle time
    assert {node.module.cmdmp_state for node in world.modules.values()} == {11}  # type: ignore[attr-defined]


def test_a_fleet_is_measured_from_one_module_upward(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet_size, "SIZES", (1, 4, 10_000))
    monkeypatch.setattr(fleet_size, "IN_A_WORLD", 2)
    monkeypatch.setattr(fleet_size, "DAYS", 2)
    monkeypatch.setattr(fleet_size, "ALONE_FROM", 4)
    monkeypatch.setattr(fleet_size, "REMEMBERED", 4)
    one, four, memory, worlds = fleet_size.measure(0.05)
    assert (one.name, four.name) == ("module-days, 1 module", "module-days, 4 modules")
    assert four.references == worlds.references == {"one module": one.value}
    assert (memory.name, memory.unit, memory.to_reach) == ("memory of 4 modules in one world", "MiB", 1024)
    assert 0 < memory.value < 50
    assert f"{memory.value:,.0f} MiB together" in four.notes
    assert "2 a world, 2 days with boot and registration" in worlds.notes
    assert fleet_size.BOOT_SPREAD == DAY, "else there are hours without any update"
