"""The CMDMP columns over forty days (docs/spec/registration.md, Schedules): every packet, update and state.

DOC-D 2.3 (BC25, BC25-B8, BC32, BC32-B8), DOC-C 2.2 (BC260Y-CN), DOC-A and DOC-B (the others). Instants are counted from
the first attach.
"""

from __future__ import annotations

import pytest
from stories_bench import DEEP_SLEEP, Story

from nbtwin.engine import DAY, HOUR
from nbtwin.module.events import ModuleReason
from nbtwin.selfreg.cmdmp_client import CmdmpReason
from nbtwin.selfreg.schedule import Operator

M = Operator.MOBILE
ON = "AT+QSELFREGISTER=1"
DOC_A, DOC_B = ["BC35-G", "BC28", "BC95 R2.0"], ["BC26", "BC20"]
DOC_C, DOC_D = ["BC260Y-CN"], ["BC25", "BC25-B8", "BC32", "BC32-B8"]
ALL = [*DOC_A, *DOC_B, *DOC_C, *DOC_D]
ROUND = {model: [0, 2, 6, 14, 30] for model in ALL} | {"BC260Y-CN": [0, 2, 6, 14, 30, 62]}  # D13, D14
VERDICT = dict.fromkeys(ALL, 62) | {"BC260Y-CN": 128}  # D14
PERIOD = dict.fromkeys(ALL, DAY) | {"BC95 R2.0": 900}  # DOC-A 2.1, note
TAU = 30 * HOUR  # what DEEP_SLEEP asks for


def mobile(model: str, *settings: str, **more: object) -> Story:
    on = (ON,) if model in DOC_D else ()
    return Story(model, M, *on, *settings, **more).start()  # type: ignore[arg-type]


# Every column: what it does when nobody answers, when all is well, and at each boot


@pytest.mark.parametrize("model", ALL)
def test_an_unanswered_registration_is_one_round_and_then_nothing_before_the_next_boot(model: str) -> None:
    """DOC-C 2.2.3, DOC-D 2.3.3; DOC-A and DOC-B as DOC-D: D13, D57. Gaps and give-up: D14."""
    story = mobile(model, silent=True)
    story.until(40 * DAY)
    assert story.packets() == ROUND[model]
    assert story.states() == [(0, 4), (VERDICT[model], 8)]
    story.restart()
    story.until(41 * DAY)
    boot = 40 * DAY + 4
    assert story.packets(since=40 * DAY) == [boot + at for at in ROUND[model]]
    assert story.states()[2:] == [(boot, 4), (boot + VERDICT[model], 8)]


@pytest.mark.parametrize("model", ALL)
def test_awake_it_updates_every_period(model: str) -> None:
    """DOC-C 2.2.2, DOC-D 2.3.2; the lifetime is longer (D113)."""
    story = mobile(model)
    days = 1 if PERIOD[model] < DAY else 40
    story.until(days * DAY)
    period = PERIOD[model]
    assert story.packets() == [n * period for n in range(int(days * DAY / period) + 1)]
    assert story.states() == [(0, 4), (0, 6), (period, 11)]
    assert f"lt={period + min(period // 2, HOUR)}" in story.requests()[0].message.query
    assert (story.device.registrations, story.device.updates) == (1, days * DAY / period)


@pytest.mark.parametrize("model", ALL)
def test_every_boot_registers_afresh(model: str) -> None:
    """DOC-C 2.2.1, DOC-D 2.3.1; DOC-A 2.1 and DOC-B 2.1 say no less."""
    story = mobile(model)
    boots = [HOUR / 12, 10 * DAY, 20 * DAY + 1]
    for at in boots:
        story.power_off()
        story.until(at)
        story.power_on()
        story.until(at + 10)
    registrations = [sent.at for sent in story.requests() if sent.message.path == ("rd",)]
    assert registrations == [0, *(at + 4 for at in boots)]
    assert story.device.registrations == 4


@pytest.mark.parametrize("model", ALL)
def test_any_error_answer_is_the_end_until_the_next_boot(model: str) -> None:
    """DOC-C 2.2.3; D54."""
    story = mobile(model, faults=["error,destination=cmdmp,code=5.03"])
    story.until(40 * DAY)
    assert story.packets() == [0]
    assert story.states() == [(0, 4), (0, 7)]


@pytest.mark.parametrize("model", ALL)
def test_an_update_nobody_answers_is_state_13_then_9_and_a_fresh_registration(model: str) -> None:
    """docs/spec/registration.md, CMDMP states, 13 and 9: the lifetime ran out without a successful update (D56)."""
    story = mobile(model)
    story.until(10)
    story.server_down()
    period, verdict = PERIOD[model], VERDICT[model]
    story.until(period + verdict + 1)
    story.server_up()
    again = period + min(period // 2, HOUR)
    story.until(again + 1)
    assert story.packets() == [0, *(period + at for at in ROUND[model]), again]
    assert story.states()[2:] == [(period + verdict, 13), (again, 9), (again, 4), (again, 6)]


@pytest.mark.parametrize("model", [*DOC_A, *DOC_C])
def test_a_failed_look_up_falls_back_to_the_address(model: str) -> None:
    """D39: DOC-A 2.1 and DOC-C 3.2.2 print a domain and an address. D19: the domain as printed."""
    story = mobile(model, faults=["dns_failure,name=m.fxlttsbl.com,seconds=5"])
    story.until(20)
    assert story.notes.lookups == [(0, "m.fxlttsbl.com", None)]
    assert story.packets() == [5]
    assert story.states() == [(5, 4), (5, 6)]


@pytest.mark.parametrize("model", [*DOC_B, *DOC_D])
def test_where_the_document_prints_an_address_nothing_is_looked_up(model: str) -> None:
    """D39: DOC-B 2.2, DOC-D 3.2.1."""
    story = mobile(model)
    story.until(40 * DAY)
    assert story.notes.lookups == []


def test_doc_c_a_configured_domain_that_is_unknown_is_state_5() -> None:
    """DOC-C 3.2.2: IP address or domain; D39."""
    story = mobile("BC260Y-CN", "AT+QDMPCFG=1,dm.example.com,5683,86400")
    story.until(20)
    assert [(name, host) for _, name, host in story.notes.lookups] == [("dm.example.com", None)]
    assert story.states() == [(0, 5)]
    assert story.packets() == []


@pytest.mark.parametrize("model", DOC_D)
def test_doc_d_needs_both_switches(model: str) -> None:
    """D10: QSELFREGISTER is the master, and mode 1 (D28) is needed too."""
    for settings in (("AT+QSELFREGISTER=0",), (ON, "AT+QDMPCFG=0,0")):
        story = Story(model, M, *settings).start()
        story.until(40 * DAY)
        assert story.packets() == []
        assert story.dmp_state() == 0


@pytest.mark.parametrize("model", [*DOC_A, *DOC_B, *DOC_C])
def test_mode_0_is_no_packet(model: str) -> None:
    story = mobile(model)
    dialect = story.module.profile.cmdmp
    assert story.ask(f"AT{dialect.name}=0,0") == ["OK"]
    story.restart()
    story.until(40 * DAY)
    assert story.packets() == [0]
    assert story.dmp_state() == 0


@pytest.mark.parametrize("model", DOC_A)
def test_doc_a_without_ont_in_its_firmware_there_is_no_access(model: str) -> None:
    """DOC-A 1; D51, D30."""
    story = mobile(model, firmware="BC28JAR01A10")
    story.until(40 * DAY)
    assert story.packets() == []
    assert story.ask("AT+DMPCONFIG=6") == ["ERROR"]


@pytest.mark.parametrize("model", DOC_A)
def test_doc_a_a_saved_plmn_starts_it_with_another_operators_card(model: str) -> None:
    """DOC-A 2.1, type 3; D53."""
    without = Story(model, Operator.UNICOM).start()
    listed = Story(model, Operator.UNICOM, "AT+DMPCONFIG=3,46011,46001").start()
    for story in (without, listed):
        story.until(HOUR / 12)
    assert without.packets() == []
    assert [sent.to for sent in listed.requests()] == ["cmdmp"]


@pytest.mark.parametrize("model", ["BC25-B5"])
def test_bc25_b5_stores_what_it_is_told_and_never_contacts_cmdmp(model: str) -> None:
    """D52."""
    story = Story(model, M, ON, "AT+QDMPCFG=1,117.161.2.7,5683,420").start()
    story.until(40 * DAY)
    assert story.packets() == []
    assert story.ask("AT+QDMPCFG=4,1") == ["+QDMPCFG: 1,117.161.2.7,5683,420", "OK"]


# Deep sleep


def test_doc_c_an_update_wakes_it_from_deep_sleep() -> None:
    """DOC-C 2.2.4: forty updates, each on its second, and nothing else ever wakes it."""
    story = mobile("BC260Y-CN", DEEP_SLEEP)
    story.until(40 * DAY)
    assert story.packets() == [n * DAY for n in range(41)]
    assert story.woke() == [(n * DAY, CmdmpReason.UPDATE_PERIOD) for n in range(1, 41)]
    assert story.states() == [(0, 4), (0, 6), (DAY, 11)]


@pytest.mark.parametrize("model", [model for model in ALL if model not in ("BC260Y-CN", "BC95 R2.0")])
def test_elsewhere_it_sleeps_through_its_update_and_registers_afresh_at_the_next_wake(model: str) -> None:
    """DOC-D 2.3.2, D57; D56: the lifetime is over by the time that the tracking area update wakes it, every 30 h."""
    story = mobile(model, DEEP_SLEEP)
    story.until(40 * DAY)
    asleep, awake = 30, 20 + 10  # 20 s of connection and the active time of 10 s, each time
    wakes = [asleep + TAU + n * (awake + TAU) for n in range(31)]
    assert story.packets() == [0, *wakes]
    assert [reason for _, reason in story.woke()] == [ModuleReason.TRACKING_AREA_UPDATE] * 31
    assert story.states()[2:5] == [(wakes[0], 9), (wakes[0], 4), (wakes[0], 6)]
    assert {sent.message.path for sent in story.requests()} == {("rd",)}
    assert (story.device.registrations, story.device.updates) == (32, 0)


def test_a_period_shorter_than_the_time_before_sleep_is_kept_by_being_awake() -> None:
    """DOC-A 2.1 note: BC95 R2.0's 900 s. Asleep it misses them like any other (D57)."""
    story = mobile("BC95 R2.0", DEEP_SLEEP)
    story.until(10 * DAY)
    assert story.packets()[:2] == [0, 30 + TAU]
    assert story.device.updates == 0


@pytest.mark.parametrize("model", DOC_D)
def test_doc_d_awake_again_within_the_lifetime_the_update_is_sent_at_once(model: str) -> None:
    """D56."""
    story = mobile(model, DEEP_SLEEP)
    story.until(DAY + 50)
    assert story.asleep()
    story.wake()
    story.until(DAY + 60)
    assert story.packets() == [0, DAY + 50]
    assert story.states()[-1] == (DAY + 50, 11)


# Coverage


@pytest.mark.parametrize("model", ["BC260Y-CN", "BC25", "BC26", "BC28"])
def test_out_of_coverage_the_lifetime_runs_out_and_the_next_attach_registers_afresh(model: str) -> None:
    """docs/spec/registration.md, CMDMP states, 9; D56."""
    story = mobile(model)
    story.until(HOUR)
    story.coverage(False)
    story.until(39 * DAY)
    assert story.states()[2:] == [(DAY + HOUR, 9)]
    assert story.dmp_state() == 9
    story.coverage(True)
    story.until(40 * DAY)
    back = 39 * DAY + 3
    assert story.packets() == [0, back]
    assert story.states()[3:] == [(back, 4), (back, 6)]


def test_coverage_lost_while_it_registers_loses_the_packets_and_ends_in_state_8() -> None:
    story = mobile("BC25", silent=True)
    story.until(5)
    story.coverage(False)
    story.until(40 * DAY)
    assert story.packets() == [0, 2]  # 6, 14 and 30 never got as far as the air
    assert story.states() == [(0, 4), (62, 8)]


# Nothing of this is ever told to the host unasked


@pytest.mark.parametrize("model", ALL)
def test_no_state_is_ever_announced_by_a_urc(model: str) -> None:
    """The states are there for who asks (type 6): DOC-A 2.1 to DOC-D 3.2.1 define no URC."""
    story = mobile(model)
    story.until(2)
    story.server_down()
    said = len(story.notes.said)
    story.until((900 if model == "BC95 R2.0" else DAY) + 200)
    assert {state for _, state in story.states()} >= {4, 6, 13}
    assert story.notes.said[said:] == []
    assert story.dmp_state() == 13
