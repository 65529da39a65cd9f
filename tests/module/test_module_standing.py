"""Why a module is where it is, at every step on its way to its operator, and the line that helps really helps."""

from __future__ import annotations

import pytest
from module_bench import ModuleBench

from nbtwin.engine import DAY
from nbtwin.module.standing import Remedy, StandingReason, standings
from nbtwin.selfreg.schedule import Operator

S = StandingReason


def told(bench: ModuleBench) -> list[tuple[str, StandingReason]]:
    return [(one.service, one.reason) for one in standings(bench.module)]


def say(bench: ModuleBench, line: str) -> None:
    bench.world.serial(bench.node, f"{line}\r".encode())


def started(model: str, operator: Operator | None, *, answers: bool = True, firmware: str | None = None) -> ModuleBench:
    bench = ModuleBench(model, operator, answers=answers, firmware=firmware)
    bench.power_on()
    bench.world.run_until(lambda: False, 10)
    return bench


def test_what_stands_in_the_way_of_the_whole_module_is_said_first() -> None:
    bench = ModuleBench("BC260Y-CN", Operator.MOBILE)
    assert told(bench) == [("", S.OFF)]
    bench.power_on()
    assert told(bench) == [("", S.BOOTING)]
    bench.world.run_until(lambda: False, 1.5)
    assert told(bench) == [("", S.ATTACHING)]
    bench.world.run_until(lambda: False, 10)
    for line, reason, number in (("AT+CFUN=0", S.FUNCTION, 0), ("AT+CGATT=0", S.NOT_WANTED, 0)):
        say(bench, line)
        (standing,) = standings(bench.module)
        assert (standing.reason, standing.remedy, standing.number) == (reason, Remedy.LINE, number)
        say(bench, standing.line)
        bench.world.run_until(lambda: False, 10)
        assert bench.module.radio.attached
    bench.world.perform(bench.node, bench.module.set_coverage, False)
    assert told(bench) == [("", S.NO_COVERAGE)]
    bench.world.perform(bench.node, bench.module.insert_usim, None)
    assert told(bench) == [("", S.NO_CARD)]


@pytest.mark.parametrize("operator", list(Operator))
def test_a_switch_that_is_off_says_which_and_the_line_that_turns_it_on(operator: Operator) -> None:
    """BC25 as it is sold: self-registration is off from this firmware on (DOC-D table 1)."""
    bench = started("BC25", operator)
    (off,) = standings(bench.module)
    assert (off.service, off.reason, off.line) == (str(operator), S.SWITCHED_OFF, "AT+QSELFREGISTER=1")
    say(bench, off.line)
    (waits,) = standings(bench.module)
    assert (waits.reason, waits.line) == (S.ON_AFTER_BOOT, "AT+QRST=1")
    say(bench, waits.line)
    bench.world.run_until(lambda: False, 30)
    (there,) = standings(bench.module)
    assert there.reason is (S.REGISTERED_ONCE if operator is Operator.TELECOM else S.REGISTERED)
    assert (there.at is None) is (operator is Operator.TELECOM)


def test_cmdmp_switched_off_and_a_firmware_without_it_are_told_apart() -> None:
    bench = started("BC260Y-CN", Operator.MOBILE)
    say(bench, "AT+QDMPCFG=0,0")
    say(bench, "AT+QRST=1")
    bench.world.run_until(lambda: False, 10)
    (off,) = standings(bench.module)
    assert (off.reason, off.line) == (S.SWITCHED_OFF, "AT+QDMPCFG=0,1")
    plain = started("BC28", Operator.MOBILE, firmware="BC28JAR01A10")
    assert told(plain)[0] == ("mobile", S.FIRMWARE)


def test_a_card_of_an_operator_that_the_model_never_registers_with() -> None:
    (standing,) = standings(started("BC260Y-CN", Operator.UNICOM).module)
    assert (standing.reason, standing.known) == (S.NOT_OF_MODEL, ("telecom", "mobile"))


def test_an_unanswered_registration_is_followed_to_its_end() -> None:
    mobile = started("BC260Y-CN", Operator.MOBILE, answers=False)
    assert told(mobile) == [("mobile", S.SENDING)]
    mobile.world.run_until(lambda: False, 200)
    assert told(mobile) == [("mobile", S.UNANSWERED)]
    telecom = started("BC25", Operator.TELECOM, answers=False, firmware="BC25PAR01A04")
    assert told(telecom) == [("telecom", S.SENDING)]
    telecom.world.run_until(lambda: False, 200)
    (between,) = standings(telecom.module)
    assert (between.reason, between.number) == (S.NEXT_ROUND, 1)
    telecom.world.run_until(lambda: False, DAY)
    (over,) = standings(telecom.module)
    assert (over.reason, over.number, over.line) == (S.GAVE_UP, 3, "AT+QRST=1")


def test_asleep_it_says_until_when_and_where_its_operator_is() -> None:
    bench = started("BC260Y-CN", Operator.MOBILE)
    say(bench, "AT+CPSMS=1")
    bench.world.run_until(lambda: bench.module.power_state == "asleep", 200)
    asleep, registered = standings(bench.module)
    assert (asleep.reason, asleep.remedy, registered.reason) == (S.ASLEEP, Remedy.WAKE, S.REGISTERED)
    assert asleep.at is not None
    assert asleep.at > bench.world.now


def test_andlink_has_its_own_whatever_the_card() -> None:
    bench = started("BC28", Operator.TELECOM)
    assert told(bench) == [("telecom", S.NOT_OF_MODEL), ("andlink", S.ANDLINK_NO_SERVER)]
    say(bench, "AT+QLAREGSWT=0")
    say(bench, "AT+NRB")
    bench.world.run_until(lambda: False, 10)
    say(bench, 'AT+QLASERVERIP="LWM2M","192.0.2.9",5683')
    *_, manual = standings(bench.module)
    assert (manual.reason, manual.line) == (S.ANDLINK_MANUAL, "AT+QLASREGIND=0")
    say(bench, manual.line)
    assert told(bench)[-1] == ("andlink", S.ANDLINK_UNDER_WAY)
