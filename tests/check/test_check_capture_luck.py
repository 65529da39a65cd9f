"""Captures as they are found: of other tools, cut off, of several modules, of something else; each has its own line."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import check_captures as make
import msgspec
import pytest

from nbtwin.check.capture import files, packets
from nbtwin.check.capture.files import CaptureError, CaptureRefusal
from nbtwin.check.capture.findings import Judgement
from nbtwin.check.capture.judge import JudgeError, JudgeRefusal, judge
from nbtwin.check.capture.told import page
from nbtwin.engine import DAY, HOUR, LATEST
from nbtwin.lab.facts import ModuleReset
from nbtwin.operators.key_store.psk import DeviceKeys
from nbtwin.timeline.facts import DatagramSeen

IMEI = "867724030000225"
KEY = "30313233343536373839303132336162"
DOWN = ["silence,destination=telecom,end=90min"]


@pytest.fixture(scope="module")
def telecom() -> make.Entries:
    return make.captured("BC25", "telecom", 3 * HOUR, faults=DOWN)


def ip_packets(entries: make.Entries) -> list[tuple[float, bytes]]:
    return [(packet.at, packet.data) for packet in files.read(make.written(entries)).packets]


def codes_of(data: bytes, **more: object) -> list[str]:
    return make.codes(judge(data, make.asking("BC25", "telecom", **more)))


LINKS = {
    "Ethernet": (1, b"\x02" * 6 + b"\x04" * 6 + b"\x08\x00"),
    "a VLAN": (1, b"\x02" * 6 + b"\x04" * 6 + b"\x81\x00\x00\x07\x08\x00"),
    "Linux cooked": (113, b"\x00\x04\x00\x01\x00\x06" + b"\x02" * 6 + b"\x00\x00\x08\x00"),
    "Linux cooked 2": (276, b"\x08\x00" + bytes(18)),
    "loopback": (0, b"\x02\x00\x00\x00"),
    "OpenBSD's loopback": (108, b"\x00\x00\x00\x02"),
    "raw IP": (101, b""),
    "raw IPv4": (228, b""),
}


@pytest.mark.parametrize("name", LINKS)
def test_every_link_layer_says_the_same(name: str, telecom: make.Entries) -> None:
    link, head = LINKS[name]
    wrapped = [(at, head + data) for at, data in ip_packets(make.dropped(telecom, 2))]
    assert codes_of(make.classic(wrapped, link)) == ["missing"]


def test_a_capture_of_the_other_byte_order_says_the_same(telecom: make.Entries) -> None:
    assert codes_of(make.classic(ip_packets(make.dropped(telecom, 2)), order=">")) == ["missing"]


def test_ipv6_and_fragments_are_put_together(telecom: make.Entries) -> None:
    first = ip_packets(telecom)[0][1]
    segment = first[20:]
    half = len(segment) // 16 * 8
    made = []
    for offset, part, more in ((0, segment[:half], 1), (half, segment[half:], 0)):
        head = bytearray(first[:20])
        head[2:4] = (20 + len(part)).to_bytes(2, "big")
        head[6:8] = (more << 13 | offset // 8).to_bytes(2, "big")
        made.append((4.0, bytes(head) + part))
    sorted_ = packets.sort(files.read(make.classic(made)).packets)
    assert [datagram.data for datagram in sorted_.datagrams] == [segment[8:]]
    assert not sorted_.datagrams[0].checksum_wrong
    source, destination = bytes(15) + b"\x01", bytes(15) + b"\x02"
    six = b"\x60\x00\x00\x00" + len(segment).to_bytes(2, "big") + b"\x11\x40" + source + destination + segment
    (datagram,) = packets.sort(files.read(make.classic([(0.0, six)])).packets).datagrams
    assert datagram.source == ("::1", int.from_bytes(segment[:2], "big"))
    assert datagram.checksum_wrong  # that of IPv4


def test_what_is_no_capture_is_said_in_one_code() -> None:
    for data, code in (
        (b"", CaptureRefusal.EMPTY),
        (b"%PDF-1.7 and so on, longer than a head of anything", CaptureRefusal.FOREIGN),
        (make.classic([]), CaptureRefusal.NO_PACKETS),
    ):
        with pytest.raises(CaptureError) as raised:
            judge(data, make.asking("BC25", "telecom"))
        assert raised.value.code is code


def test_a_model_that_does_not_register_with_the_operator_is_refused() -> None:
    with pytest.raises(JudgeError) as raised:
        judge(make.classic([(0.0, b"")]), make.asking("BC26", "unicom"))
    assert raised.value.code is JudgeRefusal.NO_COLUMN
    assert raised.value.fields["known"] == ["mobile"]


def test_a_capture_of_something_else_has_one_finding(telecom: make.Entries) -> None:
    mobile = make.captured("BC26", "mobile", HOUR)
    judgement = make.judged(mobile, "BC25", "telecom")
    assert make.codes(judgement) == ["nothing"]
    assert "other-coap" in make.notes(judgement)


def test_a_file_that_is_cut_off_is_judged_up_to_there(telecom: make.Entries) -> None:
    data = make.written(telecom)
    judgement = judge(data[: len(data) * 2 // 3], make.asking("BC25", "telecom"))
    assert make.codes(judgement) == []
    assert "file-cut" in make.notes(judgement)
    whole = make.classic(ip_packets(telecom))
    assert "file-cut" in make.notes(judge(whole[:-5], make.asking("BC25", "telecom")))


def test_packets_that_the_capture_has_shortened_are_judged_by_their_time(telecom: make.Entries) -> None:
    data = make.classic(ip_packets(make.dropped(telecom, 2)), snap=64)
    judgement = judge(data, make.asking("BC25", "telecom"))
    assert "snapped" in make.notes(judgement)
    assert "nothing" in make.codes(judgement)  # nobody's name is in what was kept
    head = ip_packets(telecom)
    some = make.classic([head[0]]) + make.classic(head[1:], snap=64)[24:]
    assert "snapped" in make.notes(judge(some, make.asking("BC25", "telecom")))


def test_modules_are_told_apart_by_their_imei() -> None:
    entries = make.captured("BC25", "telecom", 2 * HOUR, names=("one", "two"), faults=DOWN[:0])
    first, second = (entry.fact for entry in entries if isinstance(entry.fact, DatagramSeen)), None
    assert second is None
    source = next(first).source
    wrong = [
        msgspec.structs.replace(entry, at=entry.at + 1.0)
        if isinstance(entry.fact, DatagramSeen) and entry.fact.source == source
        else entry
        for entry in entries
    ]
    judgement = make.judged(wrong, "BC25", "telecom")
    assert len({module.imei for module in judgement.modules}) == 2
    assert "several" in make.notes(judgement)
    only = make.judged(entries, "BC25", "telecom", imei=judgement.modules[1].imei)
    assert [module.imei for module in only.modules] == [judgement.modules[1].imei]


def test_a_nat_that_forgets_the_module_is_noted_and_nothing_is_found() -> None:
    entries = make.captured("BC260Y-CN", "mobile", 3 * DAY)
    index = make.requests(entries)[1]
    at = entries[index].at
    moved = []
    for entry in entries:
        fact = entry.fact
        if isinstance(fact, DatagramSeen) and entry.at >= at:
            here = ("100.64.9.9", 40000)
            up = fact.direction.value == "up"
            fact = msgspec.structs.replace(fact, source=here) if up else msgspec.structs.replace(fact, destination=here)
            entry = msgspec.structs.replace(entry, fact=fact)
        moved.append(entry)
    judgement = make.judged(moved, "BC260Y-CN", "mobile")
    assert make.codes(judgement) == []
    assert "rebound" in make.notes(judgement)
    assert len(judgement.modules) == 1


def test_a_datagram_that_is_there_twice_is_noted_and_not_counted(telecom: make.Entries) -> None:
    judgement = make.judged(make.again(telecom, 1, 0.002), "BC25", "telecom")
    assert make.codes(judgement) == []
    assert "duplicate" in make.notes(judgement)


@pytest.mark.parametrize(("span", "note"), [(-5000.0, "clock-back"), (900 * DAY, "clock-ahead")])
def test_no_wait_is_judged_across_a_jump_of_the_clock(telecom: make.Entries, span: float, note: str) -> None:
    number = make.requests(telecom)[3]
    at = telecom[number].at
    data = [(when + span if when >= at else when, packet) for when, packet in ip_packets(telecom)]
    judgement = judge(make.classic([(when + 10_000, packet) for when, packet in data]), make.asking("BC25", "telecom"))
    assert make.codes(judgement) == []
    assert note in make.notes(judgement)


def test_an_answer_that_was_lost_is_no_fault_of_the_module() -> None:
    entries = make.captured("BC25", "telecom", HOUR, faults=["loss,direction=down,packets=1+2"])
    judgement = make.judged(entries, "BC25", "telecom")
    assert make.codes(judgement) == []
    assert len(judgement.modules[0].slots) == 3


def test_a_server_at_another_port_is_found_and_can_be_named(telecom: make.Entries) -> None:
    data = []
    for at, packet in ip_packets(telecom):
        port, other = (5683).to_bytes(2, "big"), (7700).to_bytes(2, "big")
        made = packet[:20] + packet[20:24].replace(port, other) + packet[24:26] + bytes(2) + packet[28:]
        data.append((at, made))
    assert set(codes_of(make.classic(data))) == {"port"}
    assert codes_of(make.classic(data), ports=(7700,)) == []


# what the user tells


def test_a_boot_that_leads_to_nothing_is_found_d191() -> None:
    entries = make.captured("BC260Y-CN", "mobile", 20 * HOUR)
    later = [*entries, msgspec.structs.replace(entries[-1], at=19 * HOUR)]
    assert make.codes(make.judged(later, "BC260Y-CN", "mobile", booted_at=(1.0,))) == []
    assert make.codes(make.judged(later, "BC260Y-CN", "mobile", booted_at=(1.0, 9 * HOUR))) == ["missing"]


def test_with_all_boots_told_a_registration_needs_one_d191() -> None:
    def reset(lab: make.SimulatedLab) -> None:
        lab.world.run(9 * HOUR)
        node = lab.world.modules["meter"]
        lab.world.note("meter", ModuleReset())
        lab.world.perform(node, lab.modules["meter"].reset)

    entries = make.captured("BC260Y-CN", "mobile", 20 * HOUR, then=reset)
    assert make.codes(make.judged(entries, "BC260Y-CN", "mobile", booted_at=(1.0, 9 * HOUR))) == []
    assert make.codes(make.judged(entries, "BC260Y-CN", "mobile", booted_at=(1.0,))) == ["not-due"]
    assert "boot-assumed" in make.notes(make.judged(entries, "BC260Y-CN", "mobile"))


def test_what_a_document_lets_a_module_sleep_through_is_missed_only_by_one_that_does_not_sleep() -> None:
    settings = ["AT+QSELFREGISTER=1", 'AT+CPSMS=1,,,"01000111","00000101"']
    entries = make.captured("BC25-B8", "mobile", 5 * DAY, settings=settings)
    assert make.codes(make.judged(entries, "BC25-B8", "mobile", sleeps=True)) == []
    assert "missing" in make.codes(make.judged(entries, "BC25-B8", "mobile"))


def test_another_period_has_to_be_told_or_is_read_from_the_lifetime() -> None:
    settings = ["AT+QDMPCFG=1,117.161.2.41,5683,7200"]
    entries = make.captured("BC260Y-CN", "mobile", DAY, settings=settings)
    assert make.codes(make.judged(entries, "BC260Y-CN", "mobile")) == []
    assert make.codes(make.judged(entries, "BC260Y-CN", "mobile", period=7200.0)) == []
    assert set(make.codes(make.judged(entries, "BC260Y-CN", "mobile", period=3 * HOUR))) == {"part", "not-due"}


def test_a_tolerance_can_be_told_d192(telecom: make.Entries) -> None:
    """D192."""
    late = make.shifted(telecom, 1, 0.9)
    assert make.codes(make.judged(late, "BC25", "telecom")) == ["late"]
    assert make.codes(make.judged(late, "BC25", "telecom", tolerance=1.0)) == []


def test_an_app_key_whose_password_is_not_known_is_noted() -> None:
    entries = make.captured("BC260Y-CN", "mobile", 2 * DAY)
    judgement = judge(make.written(entries), make.asking("BC260Y-CN", "mobile", appkeys={}))
    assert make.codes(judgement) == []
    assert "key-unknown" in make.notes(judgement)


# DTLS


@pytest.fixture(scope="module")
def dtls() -> make.Entries:
    settings = [
        'AT+QLASERVERIP="BS","lwm.home.komect.com",5684', f"AT+QLASETBSPSK=0,{KEY}", "AT+QLABSSECSWT=1,0",
    ]  # fmt: skip
    keys = DeviceKeys(device=IMEI, bootstrap_key=KEY, key="E8E19CC16CE1F388E8E19CC16CE1F388")
    return make.captured("BC28", "mobile", 2 * DAY, settings=settings, imei=IMEI, psk=keys)


def test_dtls_is_read_with_the_keys_in_the_capture(dtls: make.Entries) -> None:
    judgement = make.judged(dtls, "BC28", "andlink")
    assert make.codes(judgement) == []
    assert [slot.what.value for slot in judgement.modules[0].slots][:2] == ["judge-bootstrap", "judge-registration"]


def test_dtls_is_read_with_a_key_log(dtls: make.Entries) -> None:
    data = make.written(dtls, keys=False)
    lines = tuple(files.read(make.written(dtls)).keys)
    assert "no-keys" in make.notes(judge(data, make.asking("BC28", "andlink")))
    judgement = judge(data, make.asking("BC28", "andlink", keys=lines))
    assert make.codes(judgement) == []
    assert judgement.modules[0].imei == IMEI


def test_a_question_that_the_module_never_answers_is_found(dtls: make.Entries) -> None:
    plain = make.captured("BC28", "mobile", 2 * HOUR)
    asked = next(
        index for index, entry in enumerate(plain)
        if isinstance(entry.fact, DatagramSeen) and entry.fact.direction.value == "down"
        and 0 < make._message(entry).code < 32
    )  # fmt: skip
    number, token = make._message(plain[asked]).message_id, make._message(plain[asked]).token
    silent = [
        entry for entry in plain
        if not (
            isinstance(entry.fact, DatagramSeen) and entry.fact.direction.value == "up"
            and make._message(entry).code >= 64
            and (make._message(entry).message_id == number or make._message(entry).token == token)
        )
    ]  # fmt: skip
    silent.append(msgspec.structs.replace(silent[-1], at=HOUR))
    assert make.codes(make.judged(silent, "BC28", "andlink")) == ["unanswered"]


def test_packets_stand_in_order_of_time(telecom: make.Entries) -> None:
    judgement: Judgement = make.judged(telecom, "BC25", "telecom")
    sent = [slot.sent for slot in judgement.modules[0].slots if slot.sent is not None]
    assert all(one <= other for one, other in pairwise(sent))


def test_a_damaged_file_is_judged_or_refused_whatever_is_damaged(telecom: make.Entries) -> None:
    data, random = make.written(telecom), Random(11)
    for _ in range(150):
        damaged = bytearray(data)
        for _ in range(random.choice((1, 3, 20))):
            place = random.randrange(len(damaged))
            if random.random() < 0.7:
                damaged[place] = random.randrange(256)
            else:
                del damaged[place : place + random.randrange(1, 40)]
        try:
            judgement = judge(bytes(damaged), make.asking("BC25", "telecom"))
        except CaptureError:
            continue
        assert "</html>" in page(judgement, "a.pcapng", "1", "zh")


def test_what_no_platform_takes_in_is_found(telecom: make.Entries) -> None:
    judgement = make.judged(make.changed(telecom, 0, make.option(9, b"x")), "BC25", "telecom")
    assert make.codes(judgement)[0] == "not-taken"


def test_a_time_that_no_calendar_has_is_the_last_of_all() -> None:
    head = b"\x06\x00\x00\x00" + (36).to_bytes(4, "little") + bytes(4) + b"\xff" * 8 + (1).to_bytes(4, "little") * 2
    (late,) = files.read(make.written([]) + head + b"\x45\x00\x00\x00" + (36).to_bytes(4, "little")).packets
    assert late.at < LATEST
