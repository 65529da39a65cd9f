"""Telecom and Unicom as stories under simulated time (docs/spec/registration.md, Schedules)."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from selfreg_bench import Answer, Bench, ack, silence

from nbtwin.coap.message import Message, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.coap.reasons import CoapReason
from nbtwin.engine import DAY, HOUR, Deadline, Seconds
from nbtwin.selfreg.machine import (
    GaveUp,
    RegistrationFailed,
    RegistrationSucceeded,
    RoundStarted,
    SelfRegistration,
    SelfRegistrationReason,
    SelfRegistrationRefusal,
    SelfRegistrationState,
)
from nbtwin.selfreg.payloads import PORT, SUCCESS, TELECOM_HOST, UNICOM_HOST, accepted, telecom_request, unicom_request
from nbtwin.selfreg.schedule import RoundSchedule

TELECOM_C = RoundSchedule(waits=(2, 4, 8, 16, 32), rounds=3, sleep_ends_retries=True)  # DOC-C 2.1; D12
TELECOM_D = RoundSchedule(waits=(3, 6, 12, 24, 48), rounds=3, retry_wakes_module=True)  # DOC-D 2.1.3; D15
UNICOM_D = replace(TELECOM_D, update_every=30 * DAY, update_wakes_module=True)  # DOC-D 2.2; D55
ME = ("863703030822519", "QUE-BC25", "BC25PAR01A04", "89861118245001234567", "460110123456789")
ADDRESS = "192.0.2.50"
D_ROUND = [0, 3, 9, 21, 45]  # D15; the verdict comes at 93 s


def success(request: Message) -> Message:
    return ack(request, Code.CHANGED, payload=SUCCESS)


def telecom(answer: Answer = silence, schedule: RoundSchedule = TELECOM_D, **more: Any) -> Bench:
    service = SelfRegistration(
        schedule, TELECOM_HOST, PORT, telecom_request(*ME), accepted, random.Random(1), first_due_at=0.0, **more
    )
    return Bench(service, answer, {TELECOM_HOST: ADDRESS})


def unicom(answer: Answer = silence, first_due_at: Seconds = 0.0, **more: Any) -> Bench:
    service = SelfRegistration(
        UNICOM_D, UNICOM_HOST, PORT, unicom_request(*ME), accepted, random.Random(1), first_due_at=first_due_at, **more
    )
    return Bench(service, answer)


def rounds(b: Bench) -> list[tuple[Seconds, int]]:
    return [(at, event.number) for at, event in b.seen(RoundStarted)]


def verdicts(b: Bench) -> list[Seconds]:
    return [at for at, _ in b.seen(RegistrationFailed)]


NO_SUCCESS = SelfRegistrationRefusal.NO_SUCCESS


def state(b: Bench) -> SelfRegistrationState:
    assert isinstance(b.service, SelfRegistration)
    return b.service.state


# Rounds


def test_doc_d_three_rounds_of_five_packets_an_hour_after_each_verdict() -> None:
    """DOC-D 2.1.3, 2.2.3; D15: sends at 0, 3, 9, 21, 45, verdict at 93 s, the hour runs from the verdict."""
    b = telecom()
    b.attach()
    b.run(40 * DAY)
    second, third = 93 + HOUR, 2 * (93 + HOUR)
    assert b.departures() == [start + gap for start in (0, second, third) for gap in D_ROUND]
    assert rounds(b) == [(0, 1), (second, 2), (third, 3)]
    assert verdicts(b) == [93, second + 93, third + 93]
    assert b.seen(GaveUp) == [(third + 93, GaveUp(SelfRegistrationRefusal.ROUNDS_FAILED, 3, None))]
    assert b.service.next_deadline() is None
    assert not b.service.busy


def test_doc_c_three_rounds_of_five_packets_an_hour_after_each_verdict() -> None:
    """DOC-C 2.1.3; D12: RFC 7252 with ACK_TIMEOUT 2 s, ACK_RANDOM_FACTOR 1, MAX_RETRANSMIT 4; D15 for the hour."""
    b = telecom(schedule=TELECOM_C)
    b.attach()
    b.run(40 * DAY)
    second, third = 62 + HOUR, 2 * (62 + HOUR)
    assert b.departures() == [start + gap for start in (0, second, third) for gap in (0, 2, 6, 14, 30)]
    assert verdicts(b) == [62, second + 62, third + 62]


def test_the_packets_of_a_round_are_one_message_and_each_round_has_its_own() -> None:
    b = telecom()
    b.attach()
    b.run(DAY)
    assert len({encode(message) for _, _, message in b.sent}) == 3
    assert len({message.payload for _, _, message in b.sent}) == 1


def test_the_deadlines_explain_themselves() -> None:
    b = telecom()
    b.attach()
    deadline = b.service.next_deadline()
    assert deadline is not None
    assert deadline == Deadline(3, CoapReason.PACKET_UNANSWERED, number=1)
    b.run(100)
    deadline = b.service.next_deadline()
    assert deadline is not None
    assert (deadline.at, deadline.reason) == (93 + HOUR, SelfRegistrationReason.NEXT_ROUND)


def test_telecom_success_is_the_end_for_this_boot() -> None:
    """DOC-C 2.1.2, DOC-D 2.1.2."""
    b = telecom(success)
    b.attach()
    b.run(40 * DAY)
    assert b.departures() == [0]
    assert b.sent[0][1] == (ADDRESS, 5683)
    assert b.seen(RegistrationSucceeded) == [(0, RegistrationSucceeded(update=False, next_due_at=None))]
    assert b.service.next_deadline() is None


def test_success_in_the_second_round_ends_the_rounds() -> None:
    b = telecom()
    b.attach()
    b.run(HOUR)
    b.answer = success
    b.run(DAY)
    assert b.departures() == [*D_ROUND, 93 + HOUR]
    assert state(b) is SelfRegistrationState.DONE


@pytest.mark.parametrize(
    ("answer", "refusal", "response_code"),
    [
        (lambda r: ack(r, 0x80), NO_SUCCESS, "4.00"),
        (lambda r: ack(r, 0xA3, payload=SUCCESS), NO_SUCCESS, "5.03"),
        (lambda r: ack(r, Code.CHANGED, payload=b'{"resultCode":"1","resultDesc":"Failed"}'), NO_SUCCESS, "2.04"),
        (lambda r: Message(Type.RST, 0, r.message_id), SelfRegistrationRefusal.RESET, ""),
    ],
)
def test_an_error_answer_ends_the_round_and_the_next_comes_after_the_hour(
    answer: Answer, refusal: SelfRegistrationRefusal, response_code: str
) -> None:
    """D54."""
    b = telecom(answer)
    b.attach()
    b.run(DAY)
    assert b.departures() == [0, HOUR, 2 * HOUR]
    assert verdicts(b) == [0, HOUR, 2 * HOUR]
    assert b.seen(RegistrationFailed)[0][1] == RegistrationFailed(1, refusal, response_code=response_code)


def test_a_separate_success_counts() -> None:
    b = telecom(lambda r: Message(Type.ACK, 0, r.message_id))
    b.attach()
    b.run(50)
    assert b.departures() == [0]
    b.deliver((ADDRESS, 5683), encode(Message(Type.CON, Code.CONTENT, 9, b.sent[0][2].token, (), SUCCESS)))
    assert state(b) is SelfRegistrationState.DONE


def test_a_success_after_the_verdict_does_not_count() -> None:
    b = telecom()
    b.attach()
    b.run(94)
    b.deliver((ADDRESS, 5683), encode(success(b.sent[0][2])))
    assert state(b) is SelfRegistrationState.HOLDING_OFF
    assert b.seen(RegistrationSucceeded) == []


def test_a_request_from_the_operator_is_refused() -> None:
    b = telecom(success)
    b.attach()
    answer = b.request(Message(Type.CON, Code.GET, 1, b"t", options(path=("3",))), (ADDRESS, 5683))
    assert answer.code == Code.NOT_FOUND


# Names


def test_a_failed_look_up_is_a_failed_round() -> None:
    """DOC-C 2.1.4, DOC-D 2.1.4."""
    b = telecom(success)
    b.names[TELECOM_HOST] = None
    b.attach()
    assert b.sent == []
    unknown = SelfRegistrationRefusal.NAME_UNKNOWN
    assert b.seen(RegistrationFailed) == [(0, RegistrationFailed(1, unknown, TELECOM_HOST))]
    b.run(HOUR - 1)
    b.names[TELECOM_HOST] = ADDRESS
    b.run(DAY)
    assert b.departures() == [HOUR]
    assert rounds(b) == [(0, 1), (HOUR, 2)]


def test_a_configured_fallback_address_takes_the_place_of_a_failed_look_up() -> None:
    b = telecom(success, fallback="192.0.2.51")
    b.names[TELECOM_HOST] = None
    b.attach()
    assert b.sent[0][1] == ("192.0.2.51", 5683)


def test_while_the_name_is_looked_up_the_module_stays_awake() -> None:
    b = telecom()
    b.service.handle_attached(0)
    assert b.service.busy
    b.service.handle_lookup(0, "elsewhere.example", None)
    assert b.service.busy


def test_losing_coverage_during_the_look_up_fails_the_round() -> None:
    b = telecom(success)
    b.service.handle_attached(0)
    b.service.lookups()
    b.detach()
    assert verdicts(b) == [0]
    b.run(2 * HOUR)
    assert rounds(b) == [(0, 1)]  # out of coverage nothing starts
    b.attach()
    assert rounds(b) == [(0, 1), (2 * HOUR, 2)]


# Deep sleep


def test_doc_c_deep_sleep_after_a_failed_attempt_ends_the_retries() -> None:
    """DOC-C 2.1.4."""
    b = telecom(schedule=TELECOM_C)
    b.attach()
    b.run(70)
    b.sleep()
    assert not b.service.wakes_module
    assert [event.refusal for _, event in b.seen(GaveUp)] == [SelfRegistrationRefusal.DEEP_SLEEP]
    b.run(HOUR)
    b.wake()
    b.run(40 * DAY)
    assert rounds(b) == [(0, 1)]


def test_doc_c_with_sleep_disabled_the_retries_happen() -> None:
    """DOC-C 2.1.3 and 2.1.4: the module never calls handle_sleep then."""
    b = telecom(schedule=TELECOM_C)
    b.attach()
    b.run(DAY)
    assert len(rounds(b)) == 3


def test_doc_d_a_retry_leaves_psm() -> None:
    """DOC-D 2.1.4, 2.2.4."""
    b = telecom()
    b.attach()
    b.run(100)
    b.sleep()
    assert b.service.wakes_module
    b.run(2 * HOUR)
    assert rounds(b) == [(0, 1), (93 + HOUR, 2)]
    assert not b.asleep


def test_a_schedule_that_says_neither_retries_at_the_next_wake() -> None:
    b = telecom(schedule=replace(TELECOM_D, retry_wakes_module=False))
    b.attach()
    b.run(100)
    b.sleep()
    assert b.service.next_deadline() is None
    b.run(5 * HOUR)
    b.wake()
    assert rounds(b) == [(0, 1), (5 * HOUR, 2)]


def test_after_success_deep_sleep_is_undisturbed() -> None:
    b = telecom(success)
    b.attach()
    b.sleep()
    assert not b.service.wakes_module


# Unicom's thirty days


def test_unicom_updates_every_30_days() -> None:
    """DOC-D 2.2.2."""
    b = unicom(success)
    b.attach()
    b.run(100 * DAY)
    assert b.departures() == [0, 30 * DAY, 60 * DAY, 90 * DAY]
    assert b.sent[0][1] == ("114.255.193.236", 5683)
    assert [event for _, event in b.seen(RegistrationSucceeded)][:2] == [
        RegistrationSucceeded(update=False, next_due_at=30 * DAY),
        RegistrationSucceeded(update=True, next_due_at=60 * DAY),
    ]


def test_the_due_time_survives_a_reboot() -> None:
    """D55: the module hands in what NVRAM says."""
    b = unicom(success, first_due_at=12 * DAY)
    b.attach()
    b.run(12 * DAY - 1)
    assert b.departures() == []
    deadline = b.service.next_deadline()
    assert deadline is not None
    assert (deadline.at, deadline.reason) == (12 * DAY, SelfRegistrationReason.NEXT_UPDATE)
    b.run(12 * DAY)
    assert b.seen(RegistrationSucceeded) == [(12 * DAY, RegistrationSucceeded(update=True, next_due_at=42 * DAY))]


def test_an_overdue_update_leaves_at_attach() -> None:
    """D55."""
    b = unicom(success, first_due_at=0.0, update=True)
    b.now = 100.0
    b.attach()
    assert b.departures() == [100]
    assert b.seen(RegistrationSucceeded)[0][1].update


def test_an_update_leaves_psm() -> None:
    """D55, DOC-D 2.2.4."""
    b = unicom(success)
    b.attach()
    b.sleep()
    assert b.service.wakes_module
    b.run(30 * DAY)
    assert b.departures() == [0, 30 * DAY]


def test_an_update_that_falls_due_out_of_coverage_leaves_at_the_next_attach() -> None:
    b = unicom(success)
    b.attach()
    b.detach()
    b.run(35 * DAY)
    b.attach()
    b.run(66 * DAY)
    assert b.departures() == [0, 35 * DAY, 65 * DAY]


def test_a_failed_update_takes_its_three_rounds_and_then_the_next_period() -> None:
    """D55."""
    b = unicom(success)
    b.attach()
    b.answer = silence
    b.run(60 * DAY - 1)
    second, third = 93 + HOUR, 2 * (93 + HOUR)
    assert b.departures() == [0] + [30 * DAY + start + gap for start in (0, second, third) for gap in D_ROUND]
    assert b.seen(GaveUp) == [(30 * DAY + third + 93, GaveUp(SelfRegistrationRefusal.ROUNDS_FAILED, 3, 60 * DAY))]
    b.answer = success
    b.run(60 * DAY)
    assert b.departures()[-1] == 60 * DAY
    assert rounds(b)[-1] == (60 * DAY, 1)


def test_a_failed_first_registration_waits_for_the_next_boot() -> None:
    """DOC-D 2.2.3."""
    b = unicom()
    b.attach()
    b.run(100 * DAY)
    assert len(b.departures()) == 15
    assert b.seen(GaveUp)[0][1].next_due_at is None


def test_every_state_is_reached() -> None:
    b = telecom()
    seen = {state(b)}
    b.service.handle_attached(0)
    seen.add(state(b))
    b.attached = True
    b.drain()
    seen.add(state(b))
    b.run(93)
    seen.add(state(b))
    b.run(DAY)
    seen.add(state(b))
    assert seen == set(SelfRegistrationState)
