"""CMDMP as stories under simulated time (docs/spec/registration.md, Schedules; docs/spec/wire.md, CMDMP)."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from selfreg_bench import Answer, Bench, ack, registrar, silence

from nbtwin.coap.endpoint import MessageDropped, Retransmitted
from nbtwin.coap.message import Message, encode, options
from nbtwin.coap.numbers import Code, ContentFormat, OptionNumber, Type
from nbtwin.coap.reasons import CoapReason
from nbtwin.engine import DAY, HOUR, Deadline, Seconds
from nbtwin.lwm2m.client.registration import Registered, RegistrationRefusal, Updated
from nbtwin.lwm2m.content import tlv
from nbtwin.selfreg.cmdmp import DmpState, decrypt, key_of
from nbtwin.selfreg.cmdmp_client import (
    TRANSITIONS,
    CmdmpClient,
    CmdmpConfig,
    CmdmpInput,
    CmdmpReason,
    CmdmpRebootRequested,
    CmdmpRegistrationFailed,
    CmdmpStateChanged,
    CmdmpUpdateFailed,
)
from nbtwin.selfreg.schedule import Schedule

DOC_C = Schedule(waits=(2, 4, 8, 16, 32, 66), update_wakes_module=True)  # 2.2; D14
DOC_D = Schedule(waits=(2, 4, 8, 16, 32))  # 2.3; D14; DOC-A and DOC-B: D13, D57
PASSWORD = "77GaaTUi33nUK05ha528888QFbk0Y38M"
CONFIG = CmdmpConfig(
    server="117.161.2.41",
    fallback=None,
    port=5683,
    period=86400,
    appkey="M100000089",
    password=PASSWORD,
    terminal_type=1,
    terminal_imei="863703030822519",
    imei="863703030822519",
    imei2="",
    imsi="460040123456789",
    info={6603: "00-01-6C-06-A6-29"},
    manufacturer="Quectel",
    model="BC260Y-CN",
    schedule=DOC_C,
)
PLATFORM = ("117.161.2.41", 5683)
DOMAIN = "m.fxlttsbl.com"  # D19
S, I = DmpState, CmdmpInput  # noqa: E741


def bench(answer: Answer = registrar, names: dict[str, str | None] | None = None, **changes: Any) -> Bench:
    return Bench(CmdmpClient(replace(CONFIG, **changes), random.Random(1)), answer, names)


def states(b: Bench) -> list[tuple[Seconds, int]]:
    return [(at, int(event.new)) for at, event in b.seen(CmdmpStateChanged)]


def state(b: Bench) -> DmpState:
    assert isinstance(b.service, CmdmpClient)
    return b.service.state


def refusing_updates(code: int) -> Answer:
    return lambda request: registrar(request) if request.path == ("rd",) else ack(request, code)


def registering_only(request: Message) -> Message | None:
    """Answers Register, is silent to Update."""
    return registrar(request) if request.path == ("rd",) else None


# The bytes


def test_the_registration_leaves_byte_for_byte_as_wire_md_says() -> None:
    b = bench(silence)
    b.attach()
    _, peer, message = b.sent[0]
    query = (
        "lwm2m=1.0",
        "ep=L@#@6sEyeL3X12HQaiMLRRaHpXLPaXOqf8JsDuDmWcXqwKpIfUO2bBsr+Nk2J6jIpZBK@#@M100000089@#@863703030822519@#@v2.0",
        "b=U",
        "lt=90000",
    )
    ep = query[1].encode()
    assert peer == PLATFORM
    assert encode(message) == (
        bytes([0x44, 0x02]) + message.message_id.to_bytes(2, "big") + message.token
        + b"\xb2rd" + b"\x11\x28"  # Uri-Path, Content-Format 40
        + b"\x39lwm2m=1.0" + bytes([0x0D, len(ep) - 13]) + ep + b"\x03b=U" + b"\x08lt=90000"
        + b"\xff" + b'</>;rt="oma.lwm2m",</1/0>,</3/0>,</666/0>'
    )  # fmt: skip


def test_the_update_leaves_byte_for_byte_as_wire_md_says() -> None:
    b = bench()
    b.attach()
    b.run(DAY)
    _, _, message = b.sent[-1]
    epi = (
        b"epi=L@#@6sEyeL3X12HQaiMLRRaHpXLPaXOqf8JsDuDmWcXqwKoP9udxfcdStUwcHSywskMl"
        b"@#@M100000089@#@863703030822519@#@v2.0"
    )
    assert encode(message) == (
        bytes([0x44, 0x02]) + message.message_id.to_bytes(2, "big") + message.token
        + b"\xb2rd" + b"\x017" + bytes([0x4D, len(epi) - 13]) + epi
    )  # fmt: skip


def test_a_name_is_resolved_and_does_not_go_along() -> None:
    """docs/spec/wire.md, CMDMP registration: the request has no Uri-Host."""
    b = bench(server=DOMAIN, names={DOMAIN: "192.0.2.9"})
    b.attach()
    b.run(DAY)
    assert [(peer, message.host) for _, peer, message in b.sent] == [(("192.0.2.9", 5683), None)] * 2


# When packets leave


def test_doc_c_six_packets_leave_and_state_8_comes_after_128_seconds() -> None:
    """DOC-C 2.2.3, D14."""
    b = bench(silence)
    b.attach()
    b.run(62)
    assert b.departures() == [0, 2, 6, 14, 30, 62]
    assert b.service.next_deadline() == Deadline(128, CoapReason.PACKET_UNANSWERED, number=6)
    b.run(40 * DAY)
    assert b.departures() == [0, 2, 6, 14, 30, 62]
    assert states(b) == [(0, 4), (128, 8)]
    assert [at for at, _ in b.seen(CmdmpRegistrationFailed)] == [128]
    assert not b.service.busy


def test_doc_d_five_packets_leave_and_state_8_comes_after_62_seconds() -> None:
    """DOC-D 2.3.3, D14; DOC-A and DOC-B the same: D13, D57."""
    b = bench(silence, schedule=DOC_D)
    b.attach()
    b.run(40 * DAY)
    assert b.departures() == [0, 2, 6, 14, 30]
    assert states(b) == [(0, 4), (62, 8)]


def test_all_packets_of_a_registration_are_one_message() -> None:
    b = bench(silence)
    b.attach()
    b.run(200)
    assert len({encode(message) for _, _, message in b.sent}) == 1
    assert [event.sending for _, event in b.seen(Retransmitted)] == [2, 3, 4, 5, 6]


@pytest.mark.parametrize("schedule", [DOC_C, DOC_D])
def test_awake_the_module_updates_every_period_for_40_days(schedule: Schedule) -> None:
    """DOC-C 2.2.2, DOC-D 2.3.2."""
    b = bench(schedule=schedule)
    b.attach()
    b.run(40 * DAY)
    assert b.departures() == [n * DAY for n in range(41)]
    assert states(b) == [(0, 4), (0, 6), (DAY, 11)]
    assert len(b.seen(Updated)) == 40
    assert b.seen(Registered) == [(0, Registered(("rd", "7")))]


@pytest.mark.parametrize(("period", "lifetime"), [(300, 450), (420, 630), (7200, 10800), (86400, 90000)])
def test_the_lifetime_is_the_period_and_room_for_an_update(period: int, lifetime: int) -> None:
    """D113."""
    b = bench(period=period)
    b.attach()
    assert f"lt={lifetime}" in b.sent[0][2].query
    assert lifetime - period > DOC_C.gives_up_after


def test_the_update_period_is_the_configured_one() -> None:
    b = bench(period=420)
    b.attach()
    b.run(HOUR)
    assert b.departures() == [n * 420 for n in range(9)]


def test_a_lost_first_packet_and_a_late_answer_make_no_update_late() -> None:
    """D113: counted from the first packet that left."""
    answers = iter([silence])
    b = bench(lambda request: next(answers, registrar)(request))
    b.attach()
    b.run(3 * DAY)
    assert b.departures() == [0, 2, DAY, 2 * DAY, 3 * DAY]


# Looking up the server


def test_a_domain_is_looked_up_before_state_4() -> None:
    b = bench(server=DOMAIN, names={DOMAIN: "192.0.2.9"})
    b.service.handle_attached(0)
    assert state(b) is S.INITIAL_STATE
    assert b.service.busy
    assert b.service.datagrams_to_send() == []
    assert b.service.lookups() == [DOMAIN]
    b.service.handle_lookup(0.5, DOMAIN, "192.0.2.9")
    assert state(b) is S.CONNECT_SUCCESS
    assert [peer for peer, _ in b.service.datagrams_to_send()] == [("192.0.2.9", 5683)]


def test_a_failed_look_up_falls_back_where_the_document_says_so() -> None:
    """D39: DOC-A and DOC-C."""
    b = bench(server=DOMAIN, fallback="117.161.2.41", names={DOMAIN: None})
    b.attach()
    assert states(b) == [(0, 4), (0, 6)]
    assert b.sent[0][1] == PLATFORM
    assert b.sent[0][2].host is None
    assert b.seen(CmdmpStateChanged)[0][1].reason is CmdmpReason.FALLBACK_USED


def test_a_failed_look_up_without_a_fallback_is_state_5_until_the_next_boot() -> None:
    b = bench(server=DOMAIN, names={DOMAIN: None})
    b.attach()
    b.run(40 * DAY)
    assert states(b) == [(0, 5)]
    assert b.sent == []
    assert b.service.next_deadline() is None
    assert not b.service.busy


def test_an_answer_to_another_look_up_changes_nothing() -> None:
    b = bench(server=DOMAIN)
    b.service.handle_attached(0)
    b.service.handle_lookup(0, "elsewhere.example", "192.0.2.1")
    assert state(b) is S.INITIAL_STATE


def test_a_look_up_lost_with_the_coverage_is_repeated_at_the_next_attach() -> None:
    b = bench(server=DOMAIN, names={DOMAIN: "192.0.2.9"})
    b.service.handle_attached(0)
    assert b.service.lookups() == [DOMAIN]
    b.detach()
    b.service.handle_lookup(1, DOMAIN, "192.0.2.9")
    assert state(b) is S.INITIAL_STATE
    b.attach()
    assert state(b) is S.REG_SUCCESS


# Answers of all kinds


@pytest.mark.parametrize("code", [0x80, 0x81, 0x83, 0x84, 0xA0, 0xA3, 0x44, 0x45])
def test_any_other_answer_is_state_7_and_no_retry_before_the_next_boot(code: int) -> None:
    """DOC-C 2.2.3, D54."""
    b = bench(lambda request: ack(request, code))
    b.attach()
    b.run(40 * DAY)
    assert states(b) == [(0, 4), (0, 7)]
    assert b.departures() == [0]


def test_created_without_a_location_is_state_7() -> None:
    b = bench(lambda request: ack(request, Code.CREATED))
    b.attach()
    assert state(b) is S.REG_FAILED


def test_a_reset_is_state_7() -> None:
    b = bench(lambda request: Message(Type.RST, 0, request.message_id))
    b.attach()
    assert states(b) == [(0, 4), (0, 7)]
    assert b.seen(CmdmpStateChanged)[-1][1].refusal is RegistrationRefusal.RESET


def test_a_separate_response_registers() -> None:
    """RFC 7252 5.2.2."""
    b = bench(lambda request: Message(Type.ACK, 0, request.message_id))
    b.attach()
    b.run(5)
    assert b.departures() == [0]
    token = b.sent[0][2].token
    created = Message(Type.CON, Code.CREATED, 77, token, options(location_path=("rd", "9")))
    b.deliver(PLATFORM, encode(created))
    assert (b.sent[-1][2].type, b.sent[-1][2].code, b.sent[-1][2].message_id) == (Type.ACK, 0, 77)
    assert state(b) is S.REG_SUCCESS
    b.deliver(PLATFORM, encode(created))  # its acknowledgement was lost
    assert len(b.seen(Registered)) == 1
    b.answer = registrar
    b.run(5 + DAY)
    assert b.sent[-1][2].path == ("rd", "9")


def test_acknowledged_and_then_nothing_is_state_8_at_the_same_instant() -> None:
    b = bench(lambda request: Message(Type.ACK, 0, request.message_id))
    b.attach()
    b.run(DAY)
    assert states(b) == [(0, 4), (128, 8)]


def test_an_answer_after_the_verdict_changes_nothing() -> None:
    b = bench(silence)
    b.attach()
    b.run(129)
    b.deliver(PLATFORM, encode(ack(b.sent[0][2], Code.CREATED, ("rd", "7"))))
    assert state(b) is S.REG_TIMEOUT
    assert b.seen(MessageDropped)
    b.run(40 * DAY)
    assert b.departures() == [0, 2, 6, 14, 30, 62]


def test_an_answer_from_elsewhere_changes_nothing() -> None:
    b = bench(silence)
    b.attach()
    b.deliver(("192.0.2.66", 5683), encode(ack(b.sent[0][2], Code.CREATED, ("rd", "7"))))
    assert state(b) is S.CONNECT_SUCCESS


@pytest.mark.parametrize("cut", [3, 5, 9])
def test_a_truncated_answer_is_as_good_as_none(cut: int) -> None:
    b = bench(silence)
    b.attach()
    b.deliver(PLATFORM, encode(ack(b.sent[0][2], Code.CREATED, ("rd", "7")))[:cut])
    assert state(b) is S.CONNECT_SUCCESS
    b.run(200)
    assert b.departures() == [0, 2, 6, 14, 30, 62]


# Updates that fail


@pytest.mark.parametrize("code", [0x80, 0x83, 0xA0, 0xA3, 0x41, 0x45])
def test_an_update_answered_with_an_error_is_state_12_until_the_lifetime_ends(code: int) -> None:
    """D56."""
    b = bench(refusing_updates(code))
    b.attach()
    b.run(DAY + HOUR)
    assert b.departures() == [0, DAY, DAY + HOUR]
    assert states(b) == [(0, 4), (0, 6), (DAY, 12), *((DAY + HOUR, new) for new in (9, 4, 6))]


def test_an_unknown_registration_is_state_12_and_a_fresh_registration_at_once() -> None:
    """docs/spec/registration.md, CMDMP states, 12: the platform rebooted and forgot."""
    b = bench(refusing_updates(Code.NOT_FOUND))
    b.attach()
    b.run(DAY)
    assert states(b) == [(0, 4), (0, 6), (DAY, 12), (DAY, 6)]
    assert [message.path for _, _, message in b.sent] == [("rd",), ("rd", "7"), ("rd",)]
    assert b.seen(CmdmpUpdateFailed)[0][1].response_code == "4.04"


@pytest.mark.parametrize(("then", "last"), [(silence, (DAY + 128, 8)), (lambda r: ack(r, 0x83), (DAY, 7))])
def test_the_fresh_registration_may_fail_like_the_first(then: Answer, last: tuple[Seconds, int]) -> None:
    b = bench()
    b.attach()
    b.answer = lambda request: then(request) if request.path == ("rd",) else ack(request, Code.NOT_FOUND)
    b.run(2 * DAY - 1)
    assert states(b)[2:] == [(DAY, 12), last]


def test_a_server_that_is_away_for_days_is_found_again_a_period_after_each_attempt() -> None:
    """D116; D54: an error answer is the end."""
    b = bench()
    b.attach()
    b.answer = silence
    b.run(3 * DAY)
    registrations = [DAY + HOUR, 2 * DAY + HOUR]
    assert b.departures()[7:] == [at + gap for at in registrations for gap in (0, 2, 6, 14, 30, 62)]
    assert states(b)[3:5] == [(DAY + HOUR, 9), (DAY + HOUR, 4)]
    assert state(b) is S.REG_TIMEOUT
    b.answer = registrar
    b.run(3 * DAY + HOUR)
    assert state(b) is S.REG_SUCCESS
    refused = bench(lambda r: registrar(r) if refused.now == 0 else ack(r, 0x83 if r.path == ("rd",) else 0x84))
    refused.attach()
    refused.run(3 * DAY)
    assert states(refused)[-1] == (DAY, 7)
    assert refused.service.next_deadline() is None


def test_an_update_unanswered_is_state_13_then_9_when_the_lifetime_ends_and_a_fresh_registration() -> None:
    """docs/spec/registration.md, CMDMP states, 9: without a successful update, sent or not (D56)."""
    b = bench(registering_only)
    b.attach()
    b.run(DAY + 200)
    assert b.departures() == [0] + [DAY + gap for gap in (0, 2, 6, 14, 30, 62)]
    assert states(b) == [(0, 4), (0, 6), (DAY + 128, 13)]
    b.run(DAY + HOUR)
    assert states(b)[3:] == [(DAY + HOUR, 9), (DAY + HOUR, 4), (DAY + HOUR, 6)]
    assert b.sent[-1][2].path == ("rd",)


def test_an_update_that_is_open_at_the_end_of_the_lifetime_is_ended_first() -> None:
    """D56: it left late, out of coverage until then."""
    b = bench(registering_only)
    b.attach()
    b.detach()
    b.run(DAY + HOUR - 10)
    b.attach()
    b.run(DAY + HOUR + 117)
    assert state(b) is S.REG_SUCCESS
    b.run(DAY + HOUR + 118)
    assert states(b)[2:] == [(DAY + HOUR + 118, new) for new in (13, 9, 4, 6)]


def test_the_packets_told_are_those_that_left() -> None:
    """An acknowledged request is not repeated; out of coverage nothing leaves."""
    acknowledged = bench(lambda request: Message(Type.ACK, 0, request.message_id))
    acknowledged.attach()
    acknowledged.run(128)
    lost = bench(silence)
    lost.attach()
    lost.run(3)
    lost.detach()
    lost.run(128)
    whole = bench(silence)
    whole.attach()
    whole.run(128)
    told = [b.seen(CmdmpRegistrationFailed)[0][1].packets for b in (acknowledged, lost, whole)]
    assert told == [1, 2, 6]


def test_a_reset_of_an_update_is_state_12() -> None:
    b = bench(lambda r: registrar(r) if r.path == ("rd",) else Message(Type.RST, 0, r.message_id))
    b.attach()
    b.run(DAY)
    assert states(b)[-1] == (DAY, 12)


# Deep sleep and coverage


def test_doc_c_an_update_wakes_the_module_from_deep_sleep() -> None:
    """DOC-C 2.2.4."""
    b = bench()
    b.attach()
    b.run(60)
    b.sleep()
    assert b.service.wakes_module
    b.run(DAY)
    assert b.departures() == [0, DAY]
    assert state(b) is S.UPDATE_SUCCESS
    assert not b.asleep


def test_doc_d_no_update_while_asleep_then_state_9_and_a_fresh_registration_at_the_wake() -> None:
    """DOC-D 2.3.2, D56."""
    b = bench(schedule=DOC_D)
    b.attach()
    b.run(60)
    b.sleep()
    assert not b.service.wakes_module
    b.run(2 * DAY)
    assert b.departures() == [0]
    b.wake()
    assert states(b) == [(0, 4), (0, 6), (2 * DAY, 9), (2 * DAY, 4), (2 * DAY, 6)]
    assert [message.path for _, _, message in b.sent] == [("rd",), ("rd",)]
    b.run(3 * DAY)
    assert b.departures() == [0, 2 * DAY, 3 * DAY]


def test_doc_d_awake_again_within_the_lifetime_the_update_is_still_sent() -> None:
    """D56."""
    b = bench(schedule=DOC_D)
    b.attach()
    b.sleep()
    b.run(DAY + HOUR - 1)
    b.wake()
    assert b.departures() == [0, DAY + HOUR - 1]
    assert state(b) is S.UPDATE_SUCCESS


def test_doc_d_awake_again_before_the_period_ends_nothing_is_missed() -> None:
    b = bench(schedule=DOC_D)
    b.attach()
    b.sleep()
    b.run(HOUR)
    b.wake()
    assert b.departures() == [0]
    b.run(DAY)
    assert b.departures() == [0, DAY]


def test_a_timer_in_deep_sleep_sets_state_9_and_leaves_nothing_due() -> None:
    """Somebody may call handle_timer for a sleeping module: no packet leaves, and no deadline stays behind."""
    b = bench(schedule=DOC_D)
    b.attach()
    b.sleep()
    assert b.service.next_deadline() == Deadline(DAY + HOUR, CmdmpReason.LIFETIME_END)
    b.now = DAY + HOUR
    b.service.handle_timer(b.now)
    b.drain()
    assert state(b) is S.LIFETIME_TIMEOUT
    assert b.service.next_deadline() is None
    assert b.departures() == [0]


def test_out_of_coverage_state_9_is_visible_until_the_next_attach() -> None:
    b = bench()
    b.attach()
    b.detach()
    b.run(2 * DAY)
    assert states(b) == [(0, 4), (0, 6), (DAY + HOUR, 9)]
    b.attach()
    assert states(b)[3:] == [(2 * DAY, 4), (2 * DAY, 6)]


def test_back_in_coverage_in_time_the_overdue_update_is_sent_at_once() -> None:
    b = bench()
    b.attach()
    b.detach()
    b.run(DAY + HOUR - 1)
    b.attach()
    assert b.departures() == [0, DAY + HOUR - 1]
    assert state(b) is S.UPDATE_SUCCESS


def test_a_registration_that_begins_and_loses_coverage_ends_in_state_8() -> None:
    b = bench(silence)
    b.attach()
    b.detach()
    b.run(DAY)
    b.attach()
    assert states(b) == [(0, 4), (128, 8)]


def test_after_state_9_the_name_is_looked_up_again_and_may_be_unknown() -> None:
    b = bench(server=DOMAIN, names={DOMAIN: "192.0.2.9"})
    b.attach()
    b.detach()
    b.run(2 * DAY)
    b.names[DOMAIN] = None
    b.attach()
    assert states(b) == [(0, 4), (0, 6), (DAY + HOUR, 9), (2 * DAY, 5)]


def test_a_late_answer_to_an_update_of_a_registration_that_expired_changes_nothing() -> None:
    b = bench(registering_only)
    b.attach()
    b.run(DAY)
    update = b.sent[-1][2]
    b.run(DAY + 128)
    b.detach()
    b.run(3 * DAY)
    assert state(b) is S.LIFETIME_TIMEOUT
    b.deliver(PLATFORM, encode(ack(update, Code.CHANGED)))
    assert state(b) is S.LIFETIME_TIMEOUT


# What the platform reads and does


def get(path: str, accept: int | None = None, message_id: int = 0x1234) -> Message:
    found = options(path=path.strip("/").split("/"), accept=accept)
    return Message(Type.CON, Code.GET, message_id, b"\x01\x02", found)


@pytest.mark.parametrize("accept", [None, ContentFormat.LWM2M_TLV, ContentFormat.OLD_LWM2M_TLV])
def test_the_platform_reads_and_decrypts_the_private_object(accept: int | None) -> None:
    b = bench()
    b.attach()
    answer = b.request(get("/666/0", accept))
    assert (answer.type, answer.code, answer.token) == (Type.ACK, Code.CONTENT, b"\x01\x02")
    assert answer.content_format == (accept or ContentFormat.LWM2M_TLV)
    entries = tlv.decode(answer.payload)
    assert [entry.id for entry in entries] == list(range(6602, 6615))
    clear = {entry.id: decrypt(entry.value.decode(), key_of(PASSWORD)) for entry in entries}
    assert clear == {**dict.fromkeys(range(6602, 6615), "NULL"), 6603: "00-01-6C-06-A6-29"}


def test_the_longest_values_are_read_in_blocks() -> None:
    """docs/spec/at.md, Extended information: 255 bytes for two of them, more than one CoAP payload (RFC 7959)."""
    info = {**dict.fromkeys(range(6603, 6614), "x" * 47), 6602: "a" * 255, 6614: "l" * 255}
    b = bench(info=info)
    b.attach()
    body, block = b"", 0
    while True:
        more = [(OptionNumber.BLOCK2, bytes([block << 4 | 6]))] if block else []
        answer = b.request(Message(Type.CON, Code.GET, block, b"t", options(path=("666", "0"), more=more)))
        body += answer.payload
        value = answer.uint(OptionNumber.BLOCK2)
        assert value is not None
        if not value & 8:
            break
        block += 1
    assert block == 1
    clear = {entry.id: decrypt(entry.value.decode(), key_of(PASSWORD)) for entry in tlv.decode(body)}
    assert clear == info


def test_the_platform_reads_device_and_server() -> None:
    b = bench()
    b.attach()
    device = b.request(get("/3/0"))
    assert [(entry.id, entry.value) for entry in tlv.decode(device.payload)] == [
        (0, b"Quectel"),
        (1, b"BC260Y-CN"),
        (16, b"U"),
    ]
    server = b.request(get("/1/0/1", ContentFormat.TEXT, message_id=2))
    assert server.payload == b"90000"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (get("/4/0"), "4.04"),
        (get("/666/0", accept=60), "4.06"),
        (Message(Type.CON, Code.PUT, 1, b"", options(path=("666", "0", "6603"), content_format=0), b"x"), "4.05"),
        (Message(Type.CON, Code.POST, 1, b"", options(path=("3", "0", "0"))), "4.05"),
        (Message(Type.CON, Code.DELETE, 1, b"", options(path=("666", "0"))), "4.05"),
    ],
)
def test_what_the_platform_may_not_do_is_refused(message: Message, code: str) -> None:
    b = bench()
    b.attach()
    answer = b.request(message)
    assert Code(answer.code).dotted == code


def test_nobody_else_may_read() -> None:
    b = bench()
    b.attach()
    assert b.request(get("/666/0"), source=("192.0.2.66", 5683)).code == Code.UNAUTHORIZED


def test_a_reboot_is_answered_first_and_then_asked_for() -> None:
    b = bench()
    b.attach()
    answer = b.request(Message(Type.CON, Code.POST, 1, b"t", options(path=("3", "0", "4"))))
    assert answer.code == Code.CHANGED
    assert b.seen(CmdmpRebootRequested) == [(0, CmdmpRebootRequested())]


def test_the_update_trigger_updates_at_once_and_starts_a_new_period() -> None:
    """LwM2M 1.0 E.2, resource 8."""
    b = bench()
    b.attach()
    b.run(HOUR)
    b.request(Message(Type.CON, Code.POST, 1, b"t", options(path=("1", "0", "8"))))
    b.run(DAY + HOUR)
    assert b.departures() == [0, HOUR, DAY + HOUR]


def test_the_update_trigger_does_nothing_while_an_update_is_open() -> None:
    b = bench(registering_only)
    b.attach()
    b.run(DAY)
    b.request(Message(Type.CON, Code.POST, 1, b"t", options(path=("1", "0", "8"))))
    assert b.departures() == [0, DAY]


# The table


def test_every_state_is_reached_and_every_row_leads_between_documented_states() -> None:
    reached = {S.INITIAL_STATE} | set(TRANSITIONS.values())
    assert reached == set(DmpState)
    assert {old for old, _ in TRANSITIONS} <= reached


FOREVER = 10 * DAY


@pytest.mark.parametrize(("row", "new"), TRANSITIONS.items(), ids=lambda x: getattr(x, "name", ""))
def test_every_row_is_exercised(row: tuple[DmpState, CmdmpInput], new: DmpState) -> None:
    """A way into the old state, then the input: nothing but what network, platform, sleep and coverage do."""
    old, input = row
    b = bench(server=DOMAIN, names={DOMAIN: "192.0.2.9"})
    _reach(b, old)
    assert state(b) is old
    _apply(b, old, input)
    if old is not new:
        assert (old, new) in [(event.old, event.new) for _, event in b.seen(CmdmpStateChanged)]
    else:
        assert state(b) is new
        assert b.seen(Updated if input is I.CHANGED else CmdmpUpdateFailed)[-1][0] == b.now


def _reach(b: Bench, old: DmpState) -> None:
    if old is S.INITIAL_STATE:
        return
    if old is S.CONNECT_SUCCESS:
        b.answer = silence
        b.attach()
        return
    b.attach()
    if old is S.UPDATE_SUCCESS:
        b.run(DAY)
    elif old is S.UPDATE_FAILED:
        b.answer = refusing_updates(0xA0)
        b.run(DAY)
    elif old is S.UPDATE_TIMEOUT:
        b.answer = registering_only
        b.run(DAY + 128)
    elif old is S.LIFETIME_TIMEOUT:
        b.detach()
        b.run(DAY + HOUR)
    elif old is S.REG_TIMEOUT:
        b.answer = silence
        b.run(DAY + HOUR + 128)


def _apply(b: Bench, old: DmpState, input: CmdmpInput) -> None:
    if input in (I.CONNECTED, I.NOT_CONNECTED):
        b.names[DOMAIN] = "192.0.2.9" if input is I.CONNECTED else None
        b.attach()
        b.run(b.now + (DAY if old is S.REG_TIMEOUT else 0))
        return
    if input is I.LIFETIME_OVER:
        b.detach()
        b.run(b.now + DAY + HOUR)
        return
    if input in (I.CREATED, I.REGISTRATION_REFUSED, I.REGISTRATION_UNANSWERED):
        first = {
            I.CREATED: registrar,
            I.REGISTRATION_REFUSED: lambda request: ack(request, 0x83),
            I.REGISTRATION_UNANSWERED: silence,
        }[input]
        if old is S.UPDATE_FAILED:
            b.answer = lambda request: first(request) if request.path == ("rd",) else ack(request, Code.NOT_FOUND)
            _trigger(b)
            b.run(b.now + 128)
        elif input is I.REGISTRATION_UNANSWERED:
            b.run(b.now + 128)
        else:
            answer = first(b.sent[0][2])
            assert answer is not None
            b.deliver(("192.0.2.9", 5683), encode(answer))
        return
    b.answer = {
        I.CHANGED: registrar,
        I.UPDATE_REFUSED: refusing_updates(0xA0),
        I.UPDATE_UNANSWERED: registering_only,
    }[input]
    if old in (S.UPDATE_FAILED, S.UPDATE_TIMEOUT):
        _trigger(b)
        b.run(b.now + (128 if input is I.UPDATE_UNANSWERED else 0))
    else:
        b.run(b.now + DAY + (128 if input is I.UPDATE_UNANSWERED else 0))


def _trigger(b: Bench) -> None:
    """After a failed update the module sends none by itself; the platform may ask for one (/1/0/8)."""
    b.request(Message(Type.CON, Code.POST, 1, b"t", options(path=("1", "0", "8"))), ("192.0.2.9", 5683))
