"""The Telecom columns over forty days (docs/spec/registration.md, Schedules): every packet, round and verdict.

DOC-C 2.1 for BC260Y-CN, DOC-D 2.1 for BC25 and BC25-B5. Instants are counted from the first attach.
"""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from stories_bench import DEEP_SLEEP, Story

from nbtwin.engine import DAY, HOUR
from nbtwin.module.events import ModuleReason
from nbtwin.module.identity import Usim
from nbtwin.module.nvram import MemoryStorage
from nbtwin.selfreg.machine import SelfRegistrationReason
from nbtwin.selfreg.schedule import Operator

T = Operator.TELECOM
MODELS_D = ["BC25", "BC25-B5"]
ON_C, ON_D = "AT+QSREGENABLE=1", "AT+QSELFREGISTER=1"
ROUND_C, VERDICT_C = [0, 2, 6, 14, 30], 62  # D12: RFC 7252 with ACK_TIMEOUT 2 s, factor 1, MAX_RETRANSMIT 4
ROUND_D, VERDICT_D = [0, 3, 9, 21, 45], 93  # DOC-D 2.1.3: 3, 6, 12, 24 s; D15: verdict after the next doubling
BOOTS = [1 * DAY, 2 * DAY, 20 * DAY, 39 * DAY]


def doc_c(*settings: str, **more: object) -> Story:
    return Story("BC260Y-CN", T, ON_C, *settings, **more).start()  # type: ignore[arg-type]


def doc_d(model: str, *settings: str, **more: object) -> Story:
    return Story(model, T, ON_D, *settings, **more).start()  # type: ignore[arg-type]


# DOC-C


def test_doc_c_an_unanswered_registration_is_three_rounds_of_five_packets_and_then_nothing() -> None:
    """DOC-C 2.1.3: two more attempts, an hour apart, then the next boot. D12 the packets, D15 the hour. D115: sleep is
    allowed, but without PSM the module does not fall asleep."""
    story = doc_c(silent=True)
    story.until(40 * DAY)
    second = VERDICT_C + HOUR
    third = 2 * second
    assert story.packets() == [*ROUND_C, *(second + at for at in ROUND_C), *(third + at for at in ROUND_C)]
    assert story.rounds() == [(0, 1), (second, 2), (third, 3)]
    assert story.verdicts() == [VERDICT_C, second + VERDICT_C, third + VERDICT_C]
    assert story.gave_up() == [(third + VERDICT_C, None)]


def test_doc_c_after_success_nothing_over_any_number_of_boots() -> None:
    """DOC-C 2.1.2."""
    story = doc_c()
    for at in BOOTS:
        story.until(at)
        story.restart()
    story.until(40 * DAY)
    assert story.packets() == [0]
    assert story.successes() == [(0, "registration")]
    assert story.device.registrations == 1


def test_doc_c_after_a_failure_the_next_boot_starts_three_new_rounds() -> None:
    """DOC-C 2.1.3."""
    story = doc_c(silent=True)
    story.until(10 * DAY)
    story.restart()
    story.until(20 * DAY)
    story.server_up()
    story.restart()
    story.until(40 * DAY)
    boot, second = 10 * DAY + 4, VERDICT_C + HOUR
    again = [boot + start + at for start in (0, second, 2 * second) for at in ROUND_C]
    assert story.packets(since=10 * DAY) == [*again, 20 * DAY + 4]
    assert story.successes() == [(20 * DAY + 4, "registration")]


def test_doc_c_deep_sleep_comes_instead_of_the_retries() -> None:
    """DOC-C 2.1.4: the failed attempt lets the module sleep, and there is no retry; the next boot has one again."""
    story = doc_c(DEEP_SLEEP, silent=True)
    story.until(20 * DAY)
    assert story.packets() == ROUND_C
    assert story.gave_up() == [(VERDICT_C, None)]
    assert story.slept()[0] == VERDICT_C  # the exchange kept it awake until then
    story.restart()
    story.until(40 * DAY)
    assert story.packets(since=20 * DAY) == [20 * DAY + 4 + at for at in ROUND_C]


def test_doc_c_with_sleep_disabled_the_retries_are_there() -> None:
    """DOC-C 2.1.4: "unless sleep is disabled", AT+QSCLK=0."""
    story = doc_c(DEEP_SLEEP, "AT+QSCLK=0", silent=True)
    story.until(40 * DAY)
    assert len(story.packets()) == 15
    assert story.slept() == []


def test_doc_c_a_failed_look_up_ends_the_attempt_like_an_unanswered_one() -> None:
    """DOC-C 2.1.4. The look-up takes ten seconds to fail here, and the module is awake for so long."""
    story = doc_c(faults=["dns_failure,name=zzhc.vnet.cn,seconds=10"])
    story.until(40 * DAY)
    second = 10 + HOUR
    assert story.packets() == []
    assert [at for at, _, _ in story.notes.lookups] == [0, second, 2 * second]
    assert story.verdicts() == [10, second + 10, 2 * second + 10]
    assert story.gave_up() == [(2 * second + 10, None)]


def test_doc_c_a_failed_look_up_delays_deep_sleep_and_then_ends_it_all() -> None:
    """DOC-C 2.1.4."""
    quick = doc_c(DEEP_SLEEP, faults=["dns_failure,name=zzhc.vnet.cn,seconds=1"])
    slow = doc_c(DEEP_SLEEP, faults=["dns_failure,name=zzhc.vnet.cn,seconds=40"])
    for story, asleep_at in ((quick, 30), (slow, 40)):
        story.until(40 * DAY)
        assert story.slept()[0] == asleep_at
        assert len(story.notes.lookups) == 1


def test_doc_c_an_error_answer_ends_the_round_and_the_next_comes_after_the_hour() -> None:
    """D54."""
    story = doc_c(faults=["error,destination=telecom,code=5.03"])
    story.until(40 * DAY)
    assert story.packets() == [0, HOUR, 2 * HOUR]
    assert story.verdicts() == [0, HOUR, 2 * HOUR]


def test_doc_c_switched_off_there_is_no_packet() -> None:
    """DOC-C 3.2.1; D29."""
    story = Story("BC260Y-CN", T, silent=True).start()
    story.until(40 * DAY)
    assert story.packets() == []


def test_doc_c_a_new_firmware_version_is_a_reason_to_register_again() -> None:
    """DOC-C 2.1.1."""
    story = doc_c()
    story.until(10 * DAY)
    story.update_firmware("BC260YCNAAR01A05")
    story.until(20 * DAY)
    story.restart()
    story.until(40 * DAY)
    assert story.packets() == [0, 10 * DAY + 4]
    assert story.device.firmware == "BC260YCNAAR01A05"
    assert story.device.flags == ["firmware changed"]


def test_doc_c_another_usim_is_a_reason_to_register_again_and_the_first_one_too() -> None:
    """DOC-C 2.1.1: the pairing of module and USIM."""
    story = doc_c()
    first = story.module.radio.usim
    story.until(10 * DAY)
    story.insert(Usim.of(T, "another"))
    story.until(20 * DAY)
    story.insert(first)
    story.until(40 * DAY)
    assert story.packets() == [0, 10 * DAY + 3, 20 * DAY + 3]
    assert story.device.flags == ["pairing changed"]


@pytest.mark.parametrize("changed", ["iccid", "imsi"])
@pytest.mark.parametrize("model", ["BC260Y-CN", *MODELS_D])
def test_a_card_with_another_iccid_or_another_imsi_alone_is_another_pairing(model: str, changed: str) -> None:
    """DOC-C 2.1.1, DOC-D 2.1.1: a card that was replaced keeps its IMSI and has another ICCID."""
    story = doc_c() if model == "BC260Y-CN" else doc_d(model)
    first = story.module.radio.usim
    assert first is not None
    other = replace(first, **{changed: f"{getattr(first, changed)[:-4]}4321"})
    story.until(10 * DAY)
    story.insert(replace(first))
    story.until(20 * DAY)
    assert story.packets() == [0]
    story.insert(other)
    story.until(30 * DAY)
    story.restart()
    story.until(40 * DAY)
    assert story.packets() == [0, 20 * DAY + 3]
    assert (story.device.iccid, story.device.imsi) == (other.iccid, other.imsi)


@pytest.mark.parametrize(("imei", "packets"), [(None, []), ("863703030822519", [0])])
def test_a_memory_that_another_module_was_given_knows_nothing_of_that_pairing(
    imei: str | None, packets: list[float]
) -> None:
    """DOC-C 2.1.1: the pairing is of this module and this USIM, and NVRAM can be carried from one to another."""
    nvram = MemoryStorage()
    first = Story("BC260Y-CN", T, storage=nvram).start()
    first.ask(ON_C)
    first.restart()
    first.until(1 * DAY)
    assert len(first.packets()) == 1
    second = Story("BC260Y-CN", T, storage=MemoryStorage(nvram.load()), imei=imei).start()
    second.until(1 * DAY)
    assert second.packets() == packets


# DOC-D


@pytest.mark.parametrize("model", MODELS_D)
def test_doc_d_an_unanswered_registration_is_three_rounds_of_five_packets_and_then_nothing(model: str) -> None:
    """DOC-D 2.1.3: 3, 6, 12, 24 s, two more rounds an hour apart, then the next boot. D15 the verdict."""
    story = doc_d(model, silent=True)
    story.until(40 * DAY)
    second = VERDICT_D + HOUR
    third = 2 * second
    assert story.packets() == [*ROUND_D, *(second + at for at in ROUND_D), *(third + at for at in ROUND_D)]
    assert story.rounds() == [(0, 1), (second, 2), (third, 3)]
    assert story.verdicts() == [VERDICT_D, second + VERDICT_D, third + VERDICT_D]
    assert story.gave_up() == [(third + VERDICT_D, None)]


@pytest.mark.parametrize("model", MODELS_D)
def test_doc_d_after_success_nothing_over_any_number_of_boots(model: str) -> None:
    """DOC-D 2.1.2: no periodic update."""
    story = doc_d(model)
    for at in BOOTS:
        story.until(at)
        story.restart()
    story.until(40 * DAY)
    assert story.packets() == [0]
    assert story.device.registrations == 1


@pytest.mark.parametrize("model", MODELS_D)
def test_doc_d_a_retry_leaves_psm(model: str) -> None:
    """DOC-D 2.1.4: asleep between the rounds, and yet each leaves on its second."""
    story = doc_d(model, DEEP_SLEEP, silent=True)
    story.until(40 * DAY)
    second = VERDICT_D + HOUR
    assert story.packets() == [start + at for start in (0, second, 2 * second) for at in ROUND_D]
    assert story.slept()[:3] == [VERDICT_D, second + VERDICT_D, 2 * second + VERDICT_D]
    assert story.woke()[:2] == [
        (second, SelfRegistrationReason.NEXT_ROUND),
        (2 * second, SelfRegistrationReason.NEXT_ROUND),
    ]
    assert {reason for _, reason in story.woke()[2:]} == {ModuleReason.TRACKING_AREA_UPDATE}


def test_doc_d_a_failed_look_up_is_a_failed_round() -> None:
    """DOC-D 2.1.4."""
    story = doc_d("BC25", faults=["dns_failure,name=zzhc.vnet.cn,seconds=2"])
    story.until(40 * DAY)
    second = 2 + HOUR
    assert story.packets() == []
    assert [at for at, _, _ in story.notes.lookups] == [0, second, 2 * second]
    assert story.verdicts() == [2, second + 2, 2 * second + 2]


def test_doc_d_a_name_that_is_known_again_in_the_second_round_registers() -> None:
    story = doc_d("BC25", faults=["dns_failure,name=zzhc.vnet.cn,end=30min"])
    story.until(40 * DAY)
    assert story.packets() == [1 + HOUR]
    assert story.successes() == [(1 + HOUR, "registration")]


def test_doc_d_an_error_answer_ends_the_round_and_the_next_comes_after_the_hour() -> None:
    """D54."""
    story = doc_d("BC25", faults=["error,destination=telecom,code=4.00,packets=1+2"])
    story.until(40 * DAY)
    assert story.packets() == [0, HOUR, 2 * HOUR]
    assert story.successes() == [(2 * HOUR, "registration")]


def test_doc_d_a_server_that_is_down_for_an_hour_costs_one_round() -> None:
    """The README's question. DOC-D 2.1.3, D15: down for an hour from power-on, heard again at the second round."""
    story = doc_d("BC25", DEEP_SLEEP, faults=["silence,destination=telecom,end=1h"])
    story.until(30 * DAY)
    assert story.packets() == [*ROUND_D, VERDICT_D + HOUR]
    assert story.successes() == [(VERDICT_D + HOUR, "registration")]


@pytest.mark.parametrize(("firmware", "packets"), [("BC25PAR01A04", [0]), ("BC25PAR01A05", [])])
def test_doc_d_the_firmware_decides_whether_it_is_on_from_the_factory(firmware: str, packets: list[float]) -> None:
    """DOC-D 1.1 table 1; D40."""
    story = Story("BC25", T, firmware=firmware).start()
    story.until(DAY)
    assert story.packets() == packets


@pytest.mark.parametrize("model", ["BC25-B8", "BC32", "BC32-B8"])
def test_doc_d_models_without_telecom_stay_silent_with_a_telecom_card(model: str) -> None:
    """DOC-D 1.1 table 1; D52."""
    story = doc_d(model)
    story.until(40 * DAY)
    assert story.packets() == []
    assert story.notes.lookups == []
