"""The power is cut at every instant of a registration: before and after each datagram, each answer, each deadline.

After the next boot the module does what the document says, and a success that the module has heard is never lost: it is
not asked for again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from stories_bench import ATTACHED, DEEP_SLEEP, Story

from nbtwin.engine import DAY, HOUR, Seconds
from nbtwin.selfreg.machine import RegistrationSucceeded
from nbtwin.selfreg.schedule import Operator

LATENCY = 0.25
BEFORE = 0.001
PERIOD = 30 * DAY
Make = Callable[[], Story]


def of(model: str, operator: Operator, *settings: str, **more: object) -> Make:
    return lambda: Story(model, operator, *settings, latency=LATENCY, **more)  # type: ignore[arg-type]


TELECOM = {
    "DOC-C": of("BC260Y-CN", Operator.TELECOM, "AT+QSREGENABLE=1"),
    "DOC-D": of("BC25", Operator.TELECOM, "AT+QSELFREGISTER=1"),
}
UNICOM = of("BC25", Operator.UNICOM, "AT+QSELFREGISTER=1")
MOBILE = {
    "DOC-A": of("BC28", Operator.MOBILE),
    "DOC-B": of("BC26", Operator.MOBILE),
    "DOC-C": of("BC260Y-CN", Operator.MOBILE),
    "DOC-D": of("BC32", Operator.MOBILE, "AT+QSELFREGISTER=1"),
}


def instants(make: Make, since: Seconds, until: Seconds) -> list[Seconds]:
    """Whenever something happens to an undisturbed module in that time, and a moment before that."""
    story = make()
    story.power_on()
    story.until(since)
    found: list[Seconds] = []
    while story.world.scheduler.step(ATTACHED + until):
        found.append(story.world.now - ATTACHED)
    assert len(found) > 3, "there is nothing to disturb"
    return sorted({moment for at in found for moment in (at - BEFORE, at)})


def cut(make: Make, since: Seconds, until: Seconds, off: Seconds = HOUR) -> Iterator[tuple[Seconds, Story]]:
    """A story for each instant: the power went there, and comes back an hour later; the server is well by then."""
    for at in instants(make, since, until):
        story = make()
        story.power_on()
        story.until(at)
        story.power_off()
        story.until(at + off)
        story.world.faults.clear()
        story.power_on()
        yield at, story


def asked_after(story: Story, at: Seconds) -> list[Seconds]:
    """When requests left after the cut."""
    return story.packets(since=at + BEFORE / 2)


def heard_success(story: Story, before: Seconds) -> list[Seconds]:
    return [at for at, _ in story.happened(RegistrationSucceeded) if at <= before]


@pytest.mark.parametrize("document", TELECOM)
def test_telecom_success_that_was_heard_is_never_asked_for_again_and_else_the_next_boot_asks(document: str) -> None:
    """DOC-C 2.1.2, DOC-D 2.1.2."""
    acknowledged = 0
    for at, story in cut(TELECOM[document], -ATTACHED, 60):
        story.until(at + 2 * DAY)
        after = asked_after(story, at)
        if heard_success(story, at):
            acknowledged += 1
            assert after == [], f"cut at {at}: asked again"
            assert story.device.registrations == 1
        else:
            assert len(after) == 1, f"cut at {at}: {after}"
            assert len(story.successes()) == 1
    assert acknowledged > 0


@pytest.mark.parametrize("document", TELECOM)
@pytest.mark.parametrize("settings", [(), (DEEP_SLEEP,)], ids=["awake", "deep sleep"])
def test_telecom_cut_in_any_round_the_next_boot_starts_with_the_first(document: str, settings: tuple[str, ...]) -> None:
    """DOC-C 2.1.3, DOC-D 2.1.3: "the next boot triggers it again"; also after giving up."""
    switch = "AT+QSREGENABLE=1" if document == "DOC-C" else "AT+QSELFREGISTER=1"
    model = "BC260Y-CN" if document == "DOC-C" else "BC25"
    make = of(model, Operator.TELECOM, switch, *settings, silent=True)
    for at, story in cut(make, -ATTACHED, 3 * HOUR):
        story.until(at + HOUR + 10)
        assert asked_after(story, at) == [pytest.approx(at + HOUR + ATTACHED + 2 * LATENCY)]  # the look-up, both ways
        assert story.rounds()[-1][1] == 1
        assert story.device.registrations == 1


def test_unicom_success_that_was_heard_is_kept_with_its_due_time_and_else_the_next_boot_asks() -> None:
    """DOC-D 2.2.2; D55: the thirty days run from the success that was heard."""
    acknowledged = 0
    for at, story in cut(UNICOM, -ATTACHED, 60):
        story.until(at + 29 * DAY)
        heard, after = heard_success(story, at), asked_after(story, at)
        if heard:
            acknowledged += 1
            assert after == []
        else:
            assert after == [pytest.approx(at + HOUR + ATTACHED)]
        story.until(at + 31 * DAY)
        (success,) = (when for when, what in story.successes() if what == "registration")
        assert [when for when in story.packets(since=at + 29 * DAY)] == [pytest.approx(success + PERIOD)]
    assert acknowledged > 0


def test_unicom_cut_in_any_round_the_next_boot_starts_with_the_first() -> None:
    """DOC-D 2.2.3."""
    make = of("BC25", Operator.UNICOM, "AT+QSELFREGISTER=1", silent=True)
    for at, story in cut(make, -ATTACHED, 3 * HOUR):
        story.until(at + HOUR + 10)
        assert asked_after(story, at) == [pytest.approx(at + HOUR + ATTACHED)]
        assert story.rounds()[-1][1] == 1


def test_unicom_cut_at_any_instant_of_an_update_it_is_overdue_at_the_next_boot_or_done() -> None:
    """D55: the due time is in NVRAM."""
    done = 0
    for at, story in cut(UNICOM, PERIOD - 1, PERIOD + 60):
        story.until(at + DAY)
        if len(heard_success(story, at)) == 2:
            done += 1
            assert asked_after(story, at) == []
        else:
            due = max(at + HOUR + ATTACHED, PERIOD + 2 * LATENCY)
            assert asked_after(story, at) == [pytest.approx(due)]
            assert [what for _, what in story.successes()] == ["registration", "update"]
    assert done > 0


@pytest.mark.parametrize("document", MOBILE)
def test_cmdmp_cut_at_any_instant_of_a_registration_the_next_boot_registers_afresh(document: str) -> None:
    """DOC-C 2.2.1, DOC-D 2.3.1: every boot. One registration at the platform, whatever was cut off."""
    for at, story in cut(MOBILE[document], -ATTACHED, 60):
        story.until(at + HOUR + 60)
        (again,) = asked_after(story, at)
        look_up = 2 * LATENCY if document in ("DOC-A", "DOC-C") else 0  # D39
        assert again == pytest.approx(at + HOUR + ATTACHED + look_up)
        assert story.dmp_state() == 6
        assert story.device.state == "registered"


@pytest.mark.parametrize("document", MOBILE)
def test_cmdmp_cut_between_any_two_packets_that_nobody_answers_the_next_boot_registers_afresh(document: str) -> None:
    """DOC-C 2.2.3, DOC-D 2.3.3."""
    model = MOBILE[document]().module.profile.model
    on = ("AT+QSELFREGISTER=1",) if document == "DOC-D" else ()
    for at, story in cut(of(model, Operator.MOBILE, *on, silent=True), -ATTACHED, 200):
        story.until(at + HOUR + 60)
        assert len(asked_after(story, at)) == 1
        assert story.dmp_state() == 6


@pytest.mark.parametrize("document", MOBILE)
def test_cmdmp_cut_at_any_instant_of_an_update_the_next_boot_registers_afresh(document: str) -> None:
    for at, story in cut(MOBILE[document], DAY - 1, DAY + 60):
        story.until(at + HOUR + 60)
        (again,) = story.packets(since=at + HOUR)
        assert story.requests()[-1].message.path == ("rd",)
        assert again > at
        assert story.dmp_state() == 6


def test_a_firmware_update_that_is_cut_off_after_its_restart_registers_with_the_new_version() -> None:
    """DOC-C 2.1.1: what counts is the last success that was heard, and the version that runs."""
    for off in (0.5, 2.0, 4.2, 4.6, 5.0):
        story = TELECOM["DOC-C"]()
        story.start()
        story.until(DAY)
        story.update_firmware("BC260YCNAAR01A05")
        story.until(DAY + off)
        story.power_off()
        story.until(DAY + HOUR)
        story.power_on()
        story.until(2 * DAY)
        assert story.device.firmware == "BC260YCNAAR01A05"
        assert len(story.successes()) == 2
