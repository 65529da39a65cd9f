"""A run as a whole: settings put back, a line that goes wrong, a run that goes on, reports, what is said otherwise."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from wrong_modules import Says, Wrapped, cmdmp, late, says

from nbtwin.check.junit import junit
from nbtwin.check.line import Line
from nbtwin.check.page import page
from nbtwin.check.runner import Result, Runner, chosen
from nbtwin.check.saved import decode, differences, encode, outcomes_again
from nbtwin.check.settings import settings_of
from nbtwin.check.steps import Need, Scene
from nbtwin.check.suite import scenes_of
from nbtwin.check.verdicts import CheckRefusal, Verdict
from nbtwin.check.virtual import IMEI, VirtualBench
from nbtwin.check.words import case_in_words, fidelity_line
from nbtwin.edge.errors import EdgeError, EdgeRefusal
from nbtwin.engine import Seconds
from nbtwin.module.module import Module
from nbtwin.profiles.models import PROFILES
from nbtwin.selfreg.schedule import Operator

BC26 = PROFILES["BC26"]
BC28 = PROFILES["BC28"]


class RealLike(VirtualBench):
    """A virtual module of which no more is granted than of a real one; the cable may go after some line."""

    slack: Seconds = 0.1

    def __init__(self, profile: object, granted: Sequence[Need] = (Need.WRITES,), cable: bytes | None = None) -> None:
        super().__init__(PROFILES[str(profile)])
        self.grants = frozenset(granted)
        self.cable = cable

    def run(self, holds: Callable[[], bool], within: Seconds) -> bool:
        if self.cable is not None and any(self.cable in each.data for each in self.line.heard if each.way == "to"):
            raise EdgeError(EdgeRefusal.SERIAL_LOST, "/dev/ttyUSB0", detail="gone")
        return super().run(holds, within)

    def fresh(self, card: Operator | None, firmware: str | None) -> None:  # type: ignore[override]
        """There is one module."""


def play(bench: VirtualBench, model: str, *only: str, before: object = None) -> Result:
    profile = PROFILES[model]
    scenes = chosen(scenes_of(profile), lambda case: not only or any(case.name.startswith(each) for each in only))
    return Runner(profile, bench, settings=settings_of(profile)).run(scenes)


def said(bench: VirtualBench, line: str) -> tuple[str, ...]:
    bench.line.send(bench.now, line, None, 5.0)
    bench.run(lambda: bench.line.answer is not None, 5.0)
    assert bench.line.answer is not None
    return bench.line.answer.lines


@pytest.mark.parametrize("model", ["BC28", "BC26", "BC260Y-CN", "BC25"])
def test_the_settings_are_as_they_were_after_a_whole_run(model: str) -> None:
    """D189."""
    bench = RealLike(model, [Need.WRITES, Need.RESTARTS, Need.POWER])
    name = PROFILES[model].cmdmp.name
    for line in ("0,0", "1,192.0.2.77,6000,4000"):
        assert said(bench, f"AT{name}={line}") == ()
    if PROFILES[model].andlink:
        assert said(bench, 'AT+QCFG="LWM2M/DeviceType","meter"') == ()
    before = {each.name: said(bench, each.read) for each in settings_of(PROFILES[model])}
    result = play(bench, model)
    assert result.unrestored == []
    assert result.restored > 0
    assert {each.name: said(bench, each.read) for each in settings_of(PROFILES[model])} == before
    assert result.count(Verdict.FAIL) == 0


@pytest.mark.parametrize("model", ["BC28", "BC26"])
@pytest.mark.parametrize(("echo", "mode"), [(0, 0), (1, 0), (0, 1)])
def test_the_line_is_as_it_was_after_a_run(model: str, echo: int, mode: int) -> None:
    """D189: the echo and AT+CMEE, which the checker sets for itself, and which a start sets, too."""
    bench = RealLike(model, [Need.WRITES, Need.RESTARTS])
    said(bench, f"AT+CMEE={mode}")
    said(bench, f"ATE{echo}")
    runner = Runner(PROFILES[model], bench, settings=settings_of(PROFILES[model]))
    result = runner.run(chosen(scenes_of(PROFILES[model]), lambda case: case.name.startswith(("errors/", "start/"))))
    assert result.unrestored == []
    assert (runner.before["ATE"], runner.before["+CMEE"]) == ((str(echo),), (str(mode),))
    assert said(bench, "AT") == ()
    assert bench.line.raw.startswith(b"AT\r") == bool(echo)
    assert said(bench, "AT+CMEE?") == (f"+CMEE{PROFILES[model].everyday.colon}{mode}",)


def test_a_run_that_goes_on_puts_the_line_back_as_it_was_before_the_first() -> None:
    """D189."""
    bench = RealLike("BC26")
    before = {"ATE": ("0",), "+CMEE": ("0",)}
    Runner(BC26, bench, before=before).run(chosen(scenes_of(BC26), lambda case: case.name == "line/AT"))
    assert said(bench, "AT") == ()
    assert bench.line.raw == b"\r\nOK\r\n"


def test_what_a_user_has_not_agreed_to_is_not_done_and_says_so() -> None:
    """D188."""
    bench = RealLike("BC26")
    result = play(bench, "BC26")
    left = {each.case.name: each for each in result.outcomes if each.verdict is Verdict.NOT_APPLICABLE}
    assert left["kept/cmdmp-keys/restart"].code is CheckRefusal.NOT_AGREED
    assert left["kept/cmdmp-server/cut"].code is CheckRefusal.NOT_HERE
    assert left["schedule/mobile/waits"].code is CheckRefusal.NOT_HERE
    assert left["defaults/cmdmp-server"].code is CheckRefusal.NOT_FACTORY
    written = b"".join(each.data for each in bench.line.heard if each.way == "to")
    assert b"AT+QRST" not in written
    assert b"AT+QDMPCFG=2," not in written  # keys
    assert result.count(Verdict.FAIL) == 0


def test_a_cable_that_goes_in_the_middle_of_a_case_ends_the_run_and_is_told() -> None:
    """D190."""
    bench = RealLike("BC26", cable=b"AT+QDMPCFG=1,192.0.2.1,5001,3601")
    result = play(bench, "BC26")
    assert result.ended is CheckRefusal.PORT_LOST
    broken = [each for each in result.outcomes if each.code is CheckRefusal.PORT_LOST]
    assert broken
    assert all(each.verdict is Verdict.INCONCLUSIVE for each in broken)
    assert sum(each.code is CheckRefusal.NOT_REACHED for each in result.outcomes) > 50
    assert [each.said for each in result.unrestored] == ["?"] * len(result.unrestored)
    assert result.count(Verdict.FAIL) == 0


class Replugged(RealLike):
    """The cable comes back, as often as it went; behind it is the same module."""

    returns_within: Seconds = 60.0

    def reopen(self) -> bool:
        self.cable = None
        return True


@pytest.mark.parametrize("line", [b"AT+QDMPCFG=1,192.0.2.1", b"AT+QDMPCFG=5,1", b"AT+QDMPCFG=4,1"])
def test_a_cable_that_comes_back_costs_no_more_than_its_case(line: bytes) -> None:
    """D190: wherever it went, while settings are read and while they are put back, too."""
    bench = Replugged("BC26")
    for wanted in ("0,0", "1,192.0.2.77,6000,4000"):
        assert said(bench, f"AT+QDMPCFG={wanted}") == ()
    before = {each.name: said(bench, each.read) for each in settings_of(BC26)}
    bench.line.heard.clear()
    bench.cable = line
    waited: list[Seconds] = []
    scenes = chosen(scenes_of(BC26), lambda case: case.name.startswith("takes/"))
    result = Runner(BC26, bench, settings=settings_of(BC26), awaits=waited.append, imei=IMEI).run(scenes)
    assert waited == [60.0]
    assert (result.ended, result.unrestored, result.count(Verdict.FAIL)) == (None, [], 0)
    assert {each.code for each in result.outcomes if each.verdict is Verdict.INCONCLUSIVE} <= {CheckRefusal.PORT_LOST}
    assert {each.name: said(bench, each.read) for each in settings_of(BC26)} == before


def test_another_module_that_comes_back_at_the_port_is_left_alone() -> None:
    """D190."""
    bench = Replugged("BC26", cable=b"AT+QDMPCFG=1,192.0.2.1,5001,3601")
    result = Runner(BC26, bench, settings=settings_of(BC26), imei="490154203237518").run(scenes_of(BC26))
    assert result.ended is CheckRefusal.OTHER_MODULE
    assert {each.said for each in result.unrestored} == {"?"}
    assert bench.line.heard[-2].data == b"AT+CGSN=1\r"


class Disturbed(RealLike):
    """Once, behind the first line that is ``line``, something happens before anybody has read the answer."""

    line_of: bytes
    happens: Callable[[Disturbed], None]

    def __init__(self, model: str, line: bytes, happens: Callable[[Disturbed], None]) -> None:
        super().__init__(model)
        self.line_of, self.happens, self.happened, self.since = line, happens, False, 0

    def run(self, holds: Callable[[], bool], within: Seconds) -> bool:
        if not self.happened and any(each.data == self.line_of for each in self.line.heard[self.since :]):
            self.happened = True
            self.happens(self)
        return super().run(holds, within)

    def other_host(self) -> None:
        self._to_module(b"AT+CSQ\r")


def control_c(bench: Disturbed) -> None:
    raise KeyboardInterrupt


def a_second_host(bench: Disturbed) -> None:
    bench.other_host()


@pytest.mark.parametrize(
    ("line", "happens"),
    [
        (b"AT+DMPCONFIG=1,192.0.2.1,5000,300\r", control_c),  # its answer is still to come
        (b"AT+DMPCONFIG=5,1\r", control_c),  # while it is put back
        (b"AT+DMPCONFIG=1,192.0.2.77,6000,4000\r", a_second_host),  # the same
    ],
)
def test_ctrl_c_and_a_second_host_leave_no_setting_behind(line: bytes, happens: Callable[[Disturbed], None]) -> None:
    """D189. What is answered after the stop belongs to no line of the putting back."""
    bench = Disturbed("BC28", line, happens)
    bench.happened = True  # not yet
    for wanted in ("0,0", "1,192.0.2.77,6000,4000"):
        assert said(bench, f"AT+DMPCONFIG={wanted}") == ()
    before = {each.name: said(bench, each.read) for each in settings_of(BC28)}
    bench.happened, bench.since = False, len(bench.line.heard)
    result = play(bench, "BC28", "takes/")
    assert bench.happened
    assert result.unrestored == []
    assert {each.name: said(bench, each.read) for each in settings_of(BC28)} == before
    if happens is control_c:
        assert result.ended is CheckRefusal.STOPPED
        assert not result.passed


def test_a_second_host_while_the_settings_are_read_does_not_end_the_run() -> None:
    bench = Disturbed("BC28", b"AT+DMPCONFIG=4,1\r", a_second_host)
    result = play(bench, "BC28", "takes/")
    assert bench.happened
    assert result.ended is None
    assert result.count(Verdict.INCONCLUSIVE) == 0


def test_a_run_that_was_cut_off_goes_on_where_it_was_and_puts_back_what_was_before() -> None:
    bench = RealLike("BC26", cable=b"AT+QDMPCFG=1,192.0.2.1,5001,3601")
    before = said(bench, "AT+QDMPCFG=4,1")
    runner = Runner(BC26, bench, settings=settings_of(BC26))
    scenes = scenes_of(BC26)
    result = runner.run(scenes)
    assert result.ended is CheckRefusal.PORT_LOST
    run = decode(encode(result, IMEI, runner.before))
    bench.cable = None
    assert said(bench, "AT+QDMPCFG=4,1") != before
    cases = [case for scene in scenes for case in scene.cases]
    earlier = outcomes_again(run, cases)
    done = {outcome.case.name for outcome in earlier}
    left = [scene for scene in scenes if not all(case.name in done for case in scene.cases)]
    assert 0 < len(left) < len(scenes)
    assert run.before is not None
    again = Runner(
        BC26, bench, settings=settings_of(BC26), before={name: tuple(lines) for name, lines in run.before.items()}
    )
    finished = again.run(left)
    assert finished.ended is None
    assert finished.unrestored == []
    assert said(bench, "AT+QDMPCFG=4,1") == before


class Noise(Wrapped):
    """Bytes of another baud rate from some line on."""

    def serial_to_send(self) -> bytes:
        text = self.module.serial_to_send()
        return b"\xf8\x80\xfe" * (len(text) // 3) if b"CSQ" in text else text


class SecondHost(Wrapped):
    """Somebody else writes on the same line, and the module echoes it."""

    def handle_serial(self, now: Seconds, data: bytes) -> None:
        if b"+CSQ?" in data:
            self.module.handle_serial(now, b"AT+CGATT?\r")
        super().handle_serial(now, data)


class Dead(Wrapped):
    """Says nothing from some line on."""

    dead = False

    def handle_serial(self, now: Seconds, data: bytes) -> None:
        self.dead = self.dead or b"+CSQ?" in data
        super().handle_serial(now, data)

    def serial_to_send(self) -> bytes:
        text = self.module.serial_to_send()
        return b"" if self.dead else text


class Crashes(Wrapped):
    """Starts anew in the middle of an answer."""

    def handle_serial(self, now: Seconds, data: bytes) -> None:
        if b"+CSQ?" in data:
            self.module.reset(now)
        else:
            super().handle_serial(now, data)


@pytest.mark.parametrize(
    ("wrap", "code"),
    [
        (Noise, CheckRefusal.GARBLED),
        (SecondHost, CheckRefusal.OTHER_HOST),
        (Dead, CheckRefusal.SILENT),
        (Crashes, CheckRefusal.RESTARTED),
    ],
)
def test_a_line_that_goes_wrong_makes_its_case_inconclusive_and_no_other_fail(
    wrap: Callable[[Module], Wrapped], code: CheckRefusal
) -> None:
    """D190."""
    result = play(VirtualBench(BC26, wrap=wrap), "BC26", "forms/", "line/")
    found = {each.case.name: each for each in result.outcomes}
    assert found["forms/+CSQ/read"].verdict is Verdict.INCONCLUSIVE
    assert found["forms/+CSQ/read"].code is code
    assert result.count(Verdict.FAIL) == 0
    assert (result.ended is not None) == (code is CheckRefusal.SILENT)


def test_a_module_that_disagrees_with_a_decision_says_otherwise_with_a_line_for_the_fidelity_page() -> None:
    """D187: no document prints the lowest port of DOC-B; D38 does."""
    wrong = cmdmp(ports=(0, 65535))(BC26)
    result = play(VirtualBench(wrong), "BC26", "bounds/+QDMPCFG/1/serverPort")
    result.firmware = BC26.firmware
    outcome = next(each for each in result.outcomes if each.case.name.endswith("/0"))
    assert outcome.says_otherwise
    assert "D38" in outcome.case.decisions
    line = fidelity_line(outcome, result.model, result.firmware)
    assert line.startswith("| rule | BC26 BC26NBR01A07: AT+QDMPCFG=1,192.0.2.1,0 answers OK | observed (against D38")
    for language, words in (("en", "says otherwise"), ("zh", "不同")):
        document = page(result, IMEI, language)
        assert words in document
        assert "AT+QDMPCFG=1,192.0.2.1,0 answers OK" in document


def test_a_line_for_the_fidelity_page_says_what_did_not_come_as_well() -> None:
    """D187: DOC-B says nothing of what is told behind RDY; D21 does."""
    wrong = replace(BC26, boot=replace(BC26.boot, urcs=()))
    outcome = next(each for each in play(VirtualBench(wrong), "BC26", "start/cut").outcomes if each.says_otherwise)
    assert fidelity_line(outcome, "BC26", "BC26NBR01A07") == (
        "| rule | BC26 BC26NBR01A07: start/cut/+CFUN: 1: +CFUN: 1 did not come within 3s | observed (against D21) |"
    )


def test_an_answer_that_is_late_fails_the_case_about_time_and_tells_how_late() -> None:
    """D186."""
    result = play(VirtualBench(BC26, wrap=late(b"AT+QDMPCFG?", 0.8)), "BC26", "cmdmp/")
    failed = [each for each in result.outcomes if each.verdict is Verdict.FAIL]
    assert [each.case.name for each in failed] == ["time/0.3s"]
    assert failed[0].fields["took"] == pytest.approx(0.8)
    assert any(b"QDMPCFG?" in each.data for each in failed[0].evidence)


@pytest.fixture(scope="module")
def wrong_run() -> Result:
    """With failures, and with schedules: datagrams are among the evidence."""
    result = play(
        VirtualBench(BC28, wrap=lambda module: Says(module, rb"OK\r\n\Z", b"OK\r\n")), "BC28", "line/", "schedule/"
    )
    bad = play(VirtualBench(BC28, wrap=says(rb"CMEE:1", b"CMEE: 1")), "BC28", "line/framing")
    result.outcomes = [*bad.outcomes, *(each for each in result.outcomes if each.case.name != "line/framing")]
    return result


def test_the_page_needs_nothing_else_and_pictures_what_failed(wrong_run: Result) -> None:
    document = page(wrong_run, IMEI)
    assert not re.search(r'(?:src|href)="(?:https?:)?//', document)
    assert "<script" not in document
    assert document.count("<svg") == 1
    assert "@media print" in document
    assert "line/framing" in document


def test_junit_has_a_test_case_for_each_case(wrong_run: Result) -> None:
    root = ElementTree.fromstring(junit(wrong_run, 1.5, "en"))
    suite = root[0]
    assert (suite.get("tests"), suite.get("failures")) == (str(len(wrong_run.outcomes)), "1")
    failure = suite.find(".//failure")
    assert failure is not None
    assert failure.get("type") == "check-framing"
    assert "AT+CMEE?" in (failure.text or "")


def test_a_saved_run_is_read_again_and_two_are_compared(wrong_run: Result) -> None:
    good = play(VirtualBench(BC28), "BC28", "line/", "schedule/")
    found = differences(decode(encode(good, IMEI, None)), decode(encode(wrong_run, IMEI, None)))
    assert [(each.case, each.before, each.after) for each in found] == [("line/framing", Verdict.PASS, Verdict.FAIL)]


def test_only_the_cases_that_are_chosen_are_told(tmp_path: Path) -> None:
    scenes: list[Scene] = chosen(scenes_of(BC26), lambda case: case.name.startswith("start/restart"))
    assert {case.name.split("/")[1] for scene in scenes for case in scene.cases} == {"restart"}
    result = Runner(BC26, VirtualBench(BC26)).run([replace(scene, costs=1) for scene in scenes])
    told = {each.case.name for each in result.outcomes if not each.case.name.startswith("time/")}
    assert told == {case.name for scene in scenes for case in scene.cases}


@pytest.mark.parametrize(
    ("heard", "foreign"),
    [
        (b"AT+CSQ\r\r\nOK\r\n", ["AT+CSQ"]),
        (b"AT+CSQAT+CMEE?\r\r\nERROR\r\n", ["AT+CSQ"]),
        (b"AT+CMEE?AT+CSQ\r\r\nERROR\r\n", ["AT+CSQ"]),
        (b"AT+CMAT+CSQ\r\r\nERROR\r\n", ["AT+CSQ"]),
        (b"AT+CFUN?\r\r\n+CFUN: 1\r\n\r\nOK\r\n", [""]),  # ours, late
        (b"AT+CMEE?\r\r\nOK\r\nAT+CSQ\r\r\nOK\r\n", ["AT+CSQ"]),
        (b"AT+CSQ\r\r\nOK\r\nAT+CSQ\r\r\nOK\r\n", ["AT+CSQ", "AT+CSQ"]),
    ],
)
def test_a_line_of_ours_is_not_named_as_somebody_elses(heard: bytes, foreign: list[str]) -> None:
    """D190."""
    line = Line(lambda data: None)
    line.send(0.0, "AT+CFUN?", None, 1.0)
    line.forget()
    line.send(2.0, "AT+CMEE?", None, 1.0)
    line.handle_bytes(2.5, heard)
    assert line.foreign == foreign


def test_an_answer_that_comes_behind_its_time_accuses_nobody() -> None:
    """D190."""
    result = play(VirtualBench(BC26, wrap=late(b"AT+CSQ?", 15.0)), "BC26", "forms/+CSQ", "forms/+CGATT")
    codes = {each.code for each in result.outcomes if each.verdict is not Verdict.PASS}
    assert CheckRefusal.OTHER_HOST not in codes
    assert result.count(Verdict.FAIL) == 0


def test_a_test_form_without_information_is_said_to_be_answered_ok_alone() -> None:
    scenes = chosen(scenes_of(BC28), lambda case: case.name == "forms/+CLAC/test")
    case = next(case for scene in scenes for case in scene.cases)
    assert case_in_words(case, "en") == "AT+CLAC=? is answered OK alone, with no line before it"
    assert case_in_words(case, "zh") == "AT+CLAC=? 只应答 OK，之前没有其他内容"
