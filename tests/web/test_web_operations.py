"""The newest value of every resource, whatever was read in what order: what is kept is taken apart late."""

from __future__ import annotations

from typing import Any

import pytest

from nbtwin.lab.nodes import Node
from nbtwin.operators.events import DeviceDescribed, InventoryRead, OperationAnswered
from nbtwin.web.operations import OperationLog

DEVICE = "andlink:863703030000001"


def described(at: float, values: dict[int, str]) -> DeviceDescribed:
    return DeviceDescribed(at, DEVICE, values)


def read(at: float, path: str, value: Any) -> OperationAnswered:
    return OperationAnswered(at, 1, DEVICE, "read", path, "2.05", value)


@pytest.mark.parametrize(
    ("told", "known"),
    [
        ([described(1, {0: "a", 3: "v1"}), described(2, {0: "b", 3: "v2"})], {"/3/0/0": ("b", 2), "/3/0/3": ("v2", 2)}),
        ([described(1, {0: "a", 3: "v1"}), described(2, {3: "v2"})], {"/3/0/0": ("a", 1), "/3/0/3": ("v2", 2)}),
        ([described(1, {3: "v1"}), described(2, {0: "a"}), described(3, {3: "v3"})],
         {"/3/0/0": ("a", 2), "/3/0/3": ("v3", 3)}),
        ([read(1, "/3/0/9", 80), read(2, "/3/0/9", 70)], {"/3/0/9": (70, 2)}),
        ([read(1, "/4", {"0": {"1": 5, "2": 6}}), read(2, "/4", {"0": {"1": 7}})],
         {"/4/0/1": (7, 2), "/4/0/2": (6, 1)}),
        ([read(1, "/3/0", {"6": {"0": 1}}), read(2, "/3/0/6", {"0": 2}), read(3, "/3/0", {"6": {"0": 3}})],
         {"/3/0/6": ({"0": 3}, 3)}),
        ([InventoryRead(1, DEVICE, {0: "x"}), described(2, {0: "a"})], {"/666/0/0": ("x", 1), "/3/0/0": ("a", 2)}),
    ],
)  # fmt: skip
def test_the_newest_value_of_each_resource_is_known(told: list[Any], known: dict[str, Any]) -> None:
    log = OperationLog(lambda kind, result: None)
    for event in told:
        log.event(event.at, Node("andlink"), event)
    assert log.values(DEVICE) == known
