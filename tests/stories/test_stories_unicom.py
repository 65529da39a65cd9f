"""The Unicom column (docs/spec/registration.md, Schedules) over forty days and more: packets, rounds, updates."""

from __future__ import annotations

import pytest
from stories_bench import DEEP_SLEEP, Story

from nbtwin.engine import DAY, HOUR
from nbtwin.selfreg.schedule import Operator

ON = "AT+QSELFREGISTER=1"
ROUND, VERDICT = [0, 3, 9, 21, 45], 93  # DOC-D 2.2.3; D15
SECOND = VERDICT + HOUR
THIRD = 2 * SECOND
THREE_ROUNDS = [start + at for start in (0, SECOND, THIRD) for at in ROUND]
PERIOD = 30 * DAY  # DOC-D 2.2.2


def unicom(*settings: str, **more: object) -> Story:
    return Story("BC25", Operator.UNICOM, ON, *settings, **more).start()  # type: ignore[arg-type]


def test_an_unanswered_registration_is_three_rounds_and_then_nothing_before_the_next_boot() -> None:
    """DOC-D 2.2.3."""
    story = unicom(silent=True)
    story.until(40 * DAY)
    assert story.packets() == THREE_ROUNDS
    assert story.rounds() == [(0, 1), (SECOND, 2), (THIRD, 3)]
    assert story.verdicts() == [VERDICT, SECOND + VERDICT, THIRD + VERDICT]
    assert story.gave_up() == [(THIRD + VERDICT, None)]
    story.restart()
    story.until(41 * DAY)
    assert story.packets(since=40 * DAY) == [40 * DAY + 4 + at for at in THREE_ROUNDS]


@pytest.mark.parametrize("settings", [(), (DEEP_SLEEP,)], ids=["awake", "asleep"])
def test_an_update_every_thirty_days_awake_or_asleep(settings: tuple[str, ...]) -> None:
    """DOC-D 2.2.2; D55: an update leaves PSM."""
    story = unicom(*settings)
    story.until(100 * DAY)
    assert story.packets() == [0, PERIOD, 2 * PERIOD, 3 * PERIOD]
    assert story.successes() == [
        (0, "registration"), (PERIOD, "update"), (2 * PERIOD, "update"), (3 * PERIOD, "update")
    ]  # fmt: skip
    assert (story.device.registrations, story.device.updates) == (1, 3)  # D139


def test_a_retry_leaves_psm() -> None:
    """DOC-D 2.2.4."""
    story = unicom(DEEP_SLEEP, silent=True)
    story.until(40 * DAY)
    assert story.packets() == THREE_ROUNDS
    assert story.slept()[:3] == [VERDICT, SECOND + VERDICT, THIRD + VERDICT]


def test_a_failed_update_is_three_rounds_and_then_the_next_period() -> None:
    """D55."""
    story = unicom()
    story.until(DAY)
    story.server_down()
    story.until(40 * DAY)
    assert story.packets() == [0, *(PERIOD + at for at in THREE_ROUNDS)]
    assert story.gave_up() == [(PERIOD + THIRD + VERDICT, 2 * PERIOD)]
    story.server_up()
    story.until(100 * DAY)
    assert story.packets(since=40 * DAY) == [2 * PERIOD, 3 * PERIOD]


def test_the_due_time_does_not_move_with_reboots() -> None:
    """D55: it is in NVRAM."""
    story = unicom()
    for day in (3, 17, 29):
        story.until(day * DAY)
        story.restart()
    story.until(40 * DAY)
    assert story.packets() == [0, PERIOD]


def test_an_update_that_fell_due_while_it_was_off_leaves_at_the_attach() -> None:
    """D55."""
    story = unicom()
    story.until(29 * DAY)
    story.power_off()
    story.until(33 * DAY)
    story.power_on()
    story.until(70 * DAY)
    assert story.packets() == [0, 33 * DAY + 4, 63 * DAY + 4]
    assert story.successes()[1:] == [(33 * DAY + 4, "update"), (63 * DAY + 4, "update")]


def test_an_update_that_fell_due_out_of_coverage_leaves_at_the_attach() -> None:
    """D55."""
    story = unicom()
    story.until(29 * DAY)
    story.coverage(False)
    story.until(35 * DAY)
    story.coverage(True)
    story.until(40 * DAY)
    assert story.packets() == [0, 35 * DAY + 3]


def test_a_new_firmware_version_registers_at_once_and_the_thirty_days_run_from_there() -> None:
    """DOC-D 2.2.1."""
    story = unicom()
    story.until(10 * DAY)
    story.update_firmware("BC25PAR01A06")
    story.until(45 * DAY)
    assert story.packets() == [0, 10 * DAY + 4, 40 * DAY + 4]
    assert [what for _, what in story.successes()] == ["registration", "registration", "update"]


def test_an_error_answer_ends_the_round() -> None:
    """D54."""
    story = unicom(faults=["error,destination=unicom,code=4.04"])
    story.until(40 * DAY)
    assert story.packets() == [0, HOUR, 2 * HOUR]


@pytest.mark.parametrize("model", ["BC25-B5", "BC25-B8", "BC32", "BC32-B8", "BC260Y-CN", "BC26", "BC28"])
def test_models_without_unicom_stay_silent_with_a_unicom_card(model: str) -> None:
    """DOC-D 1.1 table 1; D52, D53."""
    settings = () if model in ("BC260Y-CN", "BC26", "BC28") else (ON,)
    story = Story(model, Operator.UNICOM, *settings).start()
    story.until(40 * DAY)
    assert story.packets() == []
