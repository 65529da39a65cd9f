"""The page of fleets at two servers: what a plan says can be read, and where another server is ahead stands in bold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks import fleet_generator
from benchmarks.chinese import unworded
from benchmarks.fleet_curves import LESHAN, TWO, LeftOut, Point, Row, points, table, write
from benchmarks.load import OURS
from nbtwin.fleet.plan_file import read_plan


def row(server: str, point: Point, *, p99: float, errors: int, cpu: float) -> Row:
    waits = {"p50": 0.001, "p99": p99, "p999": p99}
    told: dict[str, Any] = {
        "registered_most": 1000, "ended": 3000, "errors": errors, "ran": 10.0, "asked": {"observe": 1000},
        "latency": {"register": waits, "uplink": waits}, "generator": {"cpu_per_exchange": 40e-6, "memory": 2**26},
    }  # fmt: skip
    return Row(point, server, told, cpu, 100.0)


def test_each_point_is_a_plan(tmp_path: Path) -> None:
    file = tmp_path / "plan.yaml"
    for point in points(60, 5000)[0]:
        file.write_text(yaml.safe_dump(point.plan(5683)))
        said = read_plan(file)
        assert said.devices["count"] == point.devices
        assert [phase.do for phase in said.phases] == ["register", "uplink"]


def test_a_busy_machine_has_lower_rates_and_smaller_fleets() -> None:
    many, few = points(60, 5000)
    assert many[-1].devices == 1_000_000
    assert not few
    many, few = points(5, 5000)
    assert max(point.devices for point in many) == 100_000
    assert [one.why for one in few] == ["granted from --seconds 30 on"]
    many, few = points(60, 100)
    assert max(point.devices for point in many) == 10_000
    assert {point.rate for point in many} == {100}
    assert [(one.point.devices, one.why) for one in few] == [
        (100_000, "too slow on this machine"),
        (1_000_000, "too slow on this machine"),
    ]


def test_the_page_says_what_was_left_out_and_why() -> None:
    point = Point("devices", 1_000_000, devices=1_000_000)
    left = [LeftOut(point, "the server has ended", LESHAN), LeftOut(point, "the time was over", TWO)]
    said = (
        "Left out: devices 1,000,000, Leshan (the server has ended); devices 1,000,000, nbtwin, 2 processes (the time"
    )
    assert said in table([], left)
    assert "未测：设备数 1,000,000, Leshan (服务器已退出)；" in table([], left, chinese=True)


def test_where_another_server_is_ahead_stands_in_bold_in_both_languages(tmp_path: Path) -> None:
    point = Point("devices", 1000)
    ours = row(OURS, point, p99=0.02, errors=3, cpu=30)
    found = [ours, row(LESHAN, point, p99=0.01, errors=0, cpu=40)]
    first, second = table(found).splitlines()[-2:]
    assert first.split(" | ")[4] == "100"  # a second of what the server asked
    assert first.split(" | ")[5] == "**3**"
    assert first.split(" | ")[6] == "**1 / 20 / 20**"
    assert first.split(" | ")[8] == "30"  # ahead itself
    assert "**" not in second
    (tmp_path / "images").mkdir()
    for name in ("fleet-curves.md", "fleet-curves.zh-CN.md"):
        (tmp_path / name).write_text("before\n<!-- table -->\nold\n<!-- /table -->\nafter\n")
    write(found, [], tmp_path)
    page = (tmp_path / "fleet-curves.zh-CN.md").read_text()
    assert "设备数 | 服务器 | 已注册" in page
    assert page.startswith("before\n")
    assert page.endswith("<!-- /table -->\nafter\n")
    assert "old" not in page
    assert sorted(file.name for file in (tmp_path / "images").iterdir()) == [
        "fleet-devices-cpu.svg", "fleet-devices-memory.svg", "fleet-devices-waits.svg",
    ]  # fmt: skip


def test_what_a_fleet_costs_by_itself_is_told_of_its_own_span_and_has_words_in_chinese() -> None:
    told = [(0.5, 1.0, 600, 600), (1.0, 2.0, 1000, 1000), (11.0, 2.5, 1000, 1160)]
    ran = fleet_generator.Run(1000, told, 64 << 20)
    rate, memory, each, modules = figures = [
        *fleet_generator._plain_figures(ran, 1e5), fleet_generator._quiet_figure(ran),
        fleet_generator._module_figure(ran),
    ]  # fmt: skip
    assert rate.value == 500
    assert each.value == pytest.approx(50)  # half a second of CPU for 1,000 devices in ten seconds
    assert memory.value == modules.value == 64
    assert memory.to_reach is None, "what is to be reached is of 100,000"
    assert rate.missed
    assert not unworded(figures)
