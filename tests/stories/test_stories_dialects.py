"""CMDMP in every dialect: in use against saved, credentials, answers of all kinds, a server that forgets.

One model of each document, the operator's real platform, faults by the names that scenario files use.
"""

from __future__ import annotations

import pytest
from stories_bench import Story

from nbtwin.engine import DAY, HOUR
from nbtwin.module.identity import Usim
from nbtwin.operators.key_store.appkeys import LAB_APPKEY, LAB_PASSWORD
from nbtwin.selfreg.cmdmp import DmpState
from nbtwin.selfreg.schedule import Operator

M = Operator.MOBILE
ON = "AT+QSELFREGISTER=1"
MODELS = ["BC28", "BC26", "BC260Y-CN", "BC25"]  # DOC-A, DOC-B, DOC-C, DOC-D
VERDICT = {"BC28": 62, "BC26": 62, "BC260Y-CN": 128, "BC25": 62}  # D14
IMEI = "863703030822519"
every_dialect = pytest.mark.parametrize("model", MODELS)


def mobile(model: str, *settings: str, **more: object) -> Story:
    on = (ON,) if model == "BC25" else ()
    return Story(model, M, *on, *settings, **more).start()  # type: ignore[arg-type]


def write(story: Story, parameters: str) -> None:
    assert story.ask(f"AT{story.module.profile.cmdmp.name}={parameters}") == ["OK"]


def read(story: Story, parameters: str) -> str:
    """A type 4 query, without the prefix."""
    answer, ok = story.ask(f"AT{story.module.profile.cmdmp.name}={parameters}")
    assert ok == "OK"
    return answer.removeprefix(story.module.profile.cmdmp.answer_prefix)


def in_use(story: Story) -> list[str]:
    dialect = story.module.profile.cmdmp
    *lines, ok = story.ask(f"AT{dialect.name}?")
    assert ok == "OK"
    return [line.removeprefix(f"{dialect.name}: ") for line in lines]


def credentials(model: str, appkey: str, password: str) -> str:
    """Of the factory, as an AT line."""
    name = "+DMPCONFIG" if model == "BC28" else "+QDMPCFG"
    return f'AT{name}=2,"{appkey}","{password}",1,{IMEI}'


# In use and saved


@every_dialect
def test_what_is_written_is_saved_at_once_and_in_use_after_the_next_boot(model: str) -> None:
    """DOC-A 2.1, DOC-B 2.2, DOC-C 3.2.2, DOC-D 3.2.1; D33. The packets follow what is in use."""
    story = mobile(model)
    write(story, "1,117.161.2.7,5683,3600")
    assert read(story, "4,1") == "1,117.161.2.7,5683,3600"
    assert in_use(story)[1] == "1,117.161.2.41,5683,86400"
    story.until(2 * HOUR)
    assert story.packets() == [0]  # the period in use is still a day
    story.restart()
    story.until(5 * HOUR)
    assert in_use(story)[1] == "1,117.161.2.7,5683,3600"
    boot = 2 * HOUR + 4
    assert story.packets(since=HOUR) == [boot, boot + HOUR, boot + 2 * HOUR]


@every_dialect
def test_what_is_erased_is_the_default_again_after_the_next_boot(model: str) -> None:
    """Type 5; D34."""
    story = mobile(model)
    write(story, "1,117.161.2.7,5683,420")
    story.restart()
    story.until(60)
    write(story, "5,4")
    assert in_use(story)[1] == "1,117.161.2.7,5683,420"
    story.restart()
    story.until(120)
    assert in_use(story)[1] == "1,117.161.2.41,5683,86400"


@pytest.mark.parametrize("model", ["BC28", "BC35-G", "BC95 R2.0"])
def test_doc_a_a_plmn_list_is_replaced_saved_and_in_use_after_the_next_boot(model: str) -> None:
    """DOC-A 2.1 type 3; D32 a second write replaces the list, D53 what it is for."""
    story = Story(model, Operator.UNICOM, "AT+DMPCONFIG=3,46001").start()
    story.until(60)
    assert story.packets() == [0]
    write(story, "3,46004,46003")
    assert read(story, "4,3") == "3,46004,46003"
    story.until(200)
    assert story.dmp_state() == 6  # nothing happens before the boot
    story.restart()
    story.until(DAY)
    assert story.packets(since=100) == []
    assert story.dmp_state() == 0


# Credentials


@every_dialect
def test_a_wrong_password_is_refused_until_it_is_right_and_the_module_has_booted(model: str) -> None:
    """docs/spec/wire.md, CMDMP platform: it verifies the ciphertext. D54: state 7, the next boot."""
    story = mobile(model, credentials(model, LAB_APPKEY, "wrong-password-0001"))
    story.until(DAY)
    assert story.packets() == [0]
    assert story.dmp_state() == 7
    write(story, f'2,"{LAB_APPKEY}","{LAB_PASSWORD}",1,{IMEI}')
    assert story.dmp_state() == 7
    story.restart()
    story.until(DAY + 60)
    assert story.dmp_state() == 6
    assert story.bench.devices[f"cmdmp:{IMEI}"].registrations == 1


@every_dialect
def test_an_unknown_appkey_is_refused_until_the_platform_knows_it(model: str) -> None:
    """docs/spec/wire.md, CMDMP platform: 4.01 or 4.03."""
    story = mobile(model, credentials(model, "M100000099", "a-password-of-its-own-01"))
    story.until(60)
    assert story.dmp_state() == 7
    story.bench.backing.keys.add("M100000099", "a-password-of-its-own-01")
    story.until(2 * DAY)
    assert story.packets() == [0], "an error answer is the end of it until the next boot (D54)"
    story.restart()
    story.until(2 * DAY + 60)
    assert story.dmp_state() == 6
    assert story.bench.devices[f"cmdmp:{IMEI}"].appkey == "M100000099"


@every_dialect
def test_a_password_that_is_changed_at_the_platform_refuses_the_next_update(model: str) -> None:
    story = mobile(model)
    story.until(HOUR)
    story.bench.backing.keys.add(LAB_APPKEY, "another-password-00001")
    story.until(DAY + 1)
    assert story.dmp_state() == 12
    story.bench.backing.keys.add(LAB_APPKEY, LAB_PASSWORD)
    story.until(DAY + HOUR + 1)  # the lifetime is over (D56)
    assert [state for _, state in story.states()][2:] == [12, 9, 4, 6]
    assert story.device.refusals >= 1


# Answers of all kinds


@every_dialect
@pytest.mark.parametrize("code", ["4.00", "4.01", "4.03", "4.04", "4.05", "5.00", "5.03"])
def test_any_error_is_state_7_for_a_registration_and_state_12_for_an_update(model: str, code: str) -> None:
    """DOC-C 2.2.3; D54; docs/spec/registration.md, CMDMP states: after a 4.04 to the update a fresh registration."""
    story = mobile(model, faults=[f"error,code={code},destination=cmdmp,packets=1"])
    story.until(60)
    assert story.states() == [(0, 4), (0, 7)]
    story.restart()
    story.until(70)
    boot = 64
    assert story.states()[2:] == [(boot, 4), (boot, 6)]
    story.fault(f"error,code={code},destination=cmdmp,packets=1,start=1h")
    story.until(boot + DAY)
    after = [6] if code == "4.04" else []
    assert [state for _, state in story.states()[4:]] == [12, *after]


@every_dialect
def test_a_reset_is_an_error_answer(model: str) -> None:
    """RFC 7252 4.2; D54."""
    story = mobile(model, faults=["reset,destination=cmdmp,packets=1"])
    story.until(DAY)
    assert story.packets() == [0]
    assert story.states() == [(0, 4), (0, 7)]


@every_dialect
@pytest.mark.parametrize("octets", [0, 3, 4, 7, 9])
def test_a_truncated_answer_is_as_good_as_none_and_the_retransmission_gets_the_whole_one(
    model: str, octets: int
) -> None:
    """RFC 7252 3 (format errors) and 4.5: the platform answers the same message again, and registers it once."""
    story = mobile(model, faults=[f"truncation,octets={octets},source=cmdmp,packets=1"])
    story.until(60)
    assert story.packets() == [0, 2]
    assert story.states() == [(0, 4), (2, 6)]
    assert story.device.registrations == 1


@every_dialect
def test_a_truncated_request_is_not_answered_with_a_registration(model: str) -> None:
    story = mobile(model, faults=["truncation,octets=100,source=meter,packets=1"])
    story.until(60)
    assert story.dmp_state() == 7
    assert story.bench.devices == {}


@every_dialect
def test_a_late_answer_within_the_give_up_time_registers(model: str) -> None:
    """D14: an answer to a packet that was sent must be able to arrive."""
    story = mobile(model, faults=["delay,source=cmdmp,seconds=55,end=10min"])
    story.until(60)
    assert story.states() == [(0, 4), (55, 6)]
    assert story.packets() == [0, 2, 6, 14, 30]
    assert story.device.registrations == 1


@every_dialect
def test_an_answer_after_the_verdict_changes_nothing_until_the_next_boot(model: str) -> None:
    late = VERDICT[model] + 1
    story = mobile(model, faults=[f"delay,source=cmdmp,seconds={late},end=10min"])
    story.until(DAY)
    assert story.states() == [(0, 4), (VERDICT[model], 8)]
    assert story.device.registrations == 1, "the platform believes it registered: only the module can tell"


@every_dialect
def test_duplicates_and_answers_out_of_order_register_once(model: str) -> None:
    """RFC 7252 4.5."""
    faults = ["duplication,copies=3,source=meter", "duplication,copies=3,source=cmdmp", "reordering,seconds=1,end=1min"]
    story = mobile(model, faults=faults)
    story.until(3 * DAY + 60)
    assert story.dmp_state() == 11
    assert (story.device.registrations, story.device.updates) == (1, 3)


# A server that forgets


@every_dialect
def test_a_server_that_forgets_its_registrations_gets_a_fresh_one_at_the_next_update(model: str) -> None:
    """docs/spec/registration.md, CMDMP states, 12: the 4.04 leads to it."""
    story = mobile(model)
    story.until(HOUR)
    story.bench.forget("cmdmp")
    story.until(3 * DAY + 10)
    assert story.states()[2:] == [(DAY, 12), (DAY, 6), (2 * DAY, 11)]
    assert story.device.registrations == 2


@every_dialect
def test_a_nat_that_forgets_it_costs_nothing(model: str) -> None:
    """docs/spec/wire.md, CMDMP platform: it knows a module by its location and its name, not by its address."""
    story = mobile(model, faults=["rebinding,source=meter,packets=3"])
    story.until(3 * DAY + 10)
    assert story.dmp_state() == 11
    assert story.device.registrations == 1


@every_dialect
def test_a_reboot_that_the_platform_asks_for_is_a_boot_like_any_other(model: str) -> None:
    """LwM2M 1.0 E.4, resource 4."""
    story = mobile(model)
    story.until(60)
    story.world.perform(story.node, story.module.reset, "REBOOT_CAUSE_APPLICATION_SYSRESETREQ")
    story.until(120)
    assert story.packets() == [0, 64]
    assert story.state is DmpState.REG_SUCCESS


# The platform's side


def test_the_platform_keeps_the_history_of_a_card_that_wanders_between_modules() -> None:
    """A Mobile card moved from one module to another: two devices, one IMSI."""
    card = Usim.of(M, "the card")
    story = Story("BC26", None)
    bench = story.bench
    other = bench.add_module("other", story.module.profile, None)
    for name, at in (("meter", 0.0), ("other", HOUR)):
        bench.world.run(at)
        bench.power_on(name)
    bench.world.run(2 * HOUR)
    story.insert(card)
    bench.world.run(3 * HOUR)
    story.insert(None)
    bench.world.perform(other, bench.modules["other"].insert_usim, card)
    bench.world.run(4 * HOUR)
    assert sorted(device.imsi for device in bench.devices.values()) == [card.imsi, card.imsi]
    assert story.dmp_state() == 0
