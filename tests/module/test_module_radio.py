"""The radio: conditions in, registration and connection out."""

from __future__ import annotations

import pytest

from nbtwin.engine import Deadline
from nbtwin.module.events import Attached, ConnectionChanged, Detached, ModuleReason
from nbtwin.module.identity import Usim
from nbtwin.module.radio import ATTACH_DELAY, INACTIVITY, Radio
from nbtwin.selfreg.schedule import Operator

CARD = Usim.of(Operator.MOBILE, "m1")


def powered(usim: Usim | None = CARD) -> Radio:
    radio = Radio(usim, "10.0.0.2")
    radio.set_power(0.0, True)
    return radio


def attached() -> Radio:
    radio = powered()
    radio.handle_timer(ATTACH_DELAY)
    radio.events()
    return radio


def test_a_powered_module_with_a_card_searches_and_is_attached_after_the_delay() -> None:
    radio = powered()
    assert radio.cereg_stat == 2
    assert radio.next_deadline() == Deadline(ATTACH_DELAY, ModuleReason.ATTACH)
    radio.handle_timer(ATTACH_DELAY)
    assert radio.cereg_stat == 1
    assert radio.events() == [Attached("mobile", "10.0.0.2"), ConnectionChanged(True)]


def test_an_early_timer_attaches_nothing() -> None:
    radio = powered()
    radio.handle_timer(ATTACH_DELAY - 0.1)
    assert not radio.attached
    assert radio.events() == []


@pytest.mark.parametrize("usim", [None, Usim("460040123456789", "89860412345678901234", pin="SIM PIN")])
def test_without_a_ready_card_nothing_is_searched(usim: Usim | None) -> None:
    radio = powered(usim)
    assert radio.cereg_stat == 0
    assert radio.next_deadline() is None


def test_an_idle_connection_is_released_and_traffic_keeps_it() -> None:
    radio = attached()
    radio.use(10.0)
    radio.handle_timer(ATTACH_DELAY + INACTIVITY)  # the release was put off by the traffic
    assert radio.connected
    radio.handle_timer(10.0 + INACTIVITY)
    assert not radio.connected
    assert radio.events() == [ConnectionChanged(False)]


@pytest.mark.parametrize(
    "lose",
    [
        lambda radio: radio.set_coverage(50.0, False),
        lambda radio: radio.set_function(50.0, 4),
        lambda radio: radio.set_attach(50.0, False),
        lambda radio: radio.insert_usim(50.0, None),
        lambda radio: radio.set_power(50.0, False),
    ],
)
def test_each_lost_condition_ends_the_registration(lose) -> None:  # type: ignore[no-untyped-def]
    radio = attached()
    radio.handle_timer(ATTACH_DELAY + INACTIVITY)
    radio.events()
    lose(radio)
    assert [type(event) for event in radio.events()] == [Detached]
    assert not radio.attached
    assert radio.next_deadline() is None


def test_coverage_that_comes_back_starts_a_new_search() -> None:
    radio = attached()
    radio.set_coverage(50.0, False)
    assert radio.cereg_stat == 2
    assert radio.signal == 99
    radio.set_coverage(60.0, True)
    assert radio.next_deadline() == Deadline(60.0 + ATTACH_DELAY, ModuleReason.ATTACH)


def test_a_new_card_means_a_new_registration() -> None:
    radio = attached()
    radio.insert_usim(50.0, Usim.of(Operator.TELECOM, "m1"))
    radio.handle_timer(50.0 + ATTACH_DELAY)
    assert Attached("telecom", "10.0.0.2") in radio.events()
