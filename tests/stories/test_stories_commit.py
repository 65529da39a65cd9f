"""Nothing that a platform acknowledges leaves it before it is in the store, whichever platform it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from nbtwin.coap.message import decode
from nbtwin.coap.numbers import is_success
from nbtwin.engine import MINUTE
from nbtwin.lab.faults import Direction, Impairment, PacketInFlight
from nbtwin.lab.observers import LabObserver
from nbtwin.module.identity import Usim
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.simulated_lab import SimulatedLab as Lab
from nbtwin.selfreg.schedule import Operator

STORIES = {
    "cmdmp": ("BC260Y-CN", Operator.MOBILE, ()),
    "telecom": ("BC25", Operator.TELECOM, ("AT+QSELFREGISTER=1",)),
    "unicom": ("BC25", Operator.UNICOM, ("AT+QSELFREGISTER=1",)),
    "andlink": ("BC28", Operator.MOBILE, ('AT+QLASERVERIP="LWM2M","192.0.2.11",5683',)),
}


class Answers(LabObserver):
    """When a platform answered with success."""

    def __init__(self) -> None:
        self.left_at: list[float] = []

    def datagram(
        self, at: float, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: str | None
    ) -> None:
        if packet.direction is Direction.DOWN and is_success(decode(data).code):
            self.left_at.append(at)


@pytest.mark.parametrize("platform", STORIES)
def test_no_success_leaves_while_the_store_fails_and_it_leaves_once_the_store_works(platform: str) -> None:
    model, operator, settings = STORIES[platform]
    bench, answers, stored_at = Lab(operators=()), Answers(), []
    world = bench.world
    world.observers.append(answers)
    failing = True

    def commit(events: Sequence[Any]) -> None:
        if failing:
            raise OSError("the disk is full")
        bench.commit(events)
        stored_at.append(world.now)

    world.add_platform(platform, bench.new_platform(platform), operator=platform, commit=commit)
    bench.add_module("meter", PROFILES[model], Usim.of(operator, "meter"), settings=settings)
    bench.power_on("meter")
    world.advance(3 * MINUTE)
    assert (answers.left_at, bench.device(platform, "meter")) == ([], None)
    failing = False
    bench.power_off("meter")
    bench.power_on("meter")
    world.advance(MINUTE)
    device = bench.device(platform, "meter")
    assert device is not None
    assert device.state == "registered"
    assert answers.left_at
    assert answers.left_at[0] >= stored_at[0]
