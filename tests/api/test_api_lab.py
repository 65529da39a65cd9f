"""`nbtwin.Lab`: what a test's author writes, and what is said when it does not hold."""

from __future__ import annotations

import math
import pickle
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import nbtwin
from nbtwin.timeline.catalogue.errors import worded

SELF_REGISTERING = ("AT+QSELFREGISTER=1",)
"""Off as delivered (DOC-D 3.1, D40)."""


@pytest.fixture
def lab() -> nbtwin.Lab:
    return nbtwin.Lab(seed=7)


def test_a_module_registers_and_its_first_update_is_sent_again_after_2_and_6_seconds(
    lab: nbtwin.Lab, tmp_path: Path
) -> None:
    meter = lab.add_module("BC260Y-CN", sim="mobile")
    assert meter.at("AT+QDMPCFG=6").final == "OK"
    assert lab.run_until(meter.registered("cmdmp"), within="2min") == 3.0
    lab.add_fault("loss", direction="up", source=meter, packets=[1, 2])
    lab.advance("24h")
    lab.advance(timedelta(seconds=10))
    device = lab.platform("cmdmp").device(meter.imei)
    assert device.read("/3/0/0") == "Quectel"
    updates = lab.packets(source=meter, operation="Update")
    assert [packet.sent_after for packet in updates] == [0, 2, 6]
    assert [packet.lost for packet in updates] == [True, True, False]
    lab.save_pcap(tmp_path / "day.pcapng")
    assert (tmp_path / "day.pcapng").read_bytes()[:4] == bytes.fromhex("0a0d0d0a")


def test_what_there_is_not_is_refused_and_never_found_empty(lab: nbtwin.Lab) -> None:
    meter = lab.add_module("BC260Y-CN", sim="mobile", name="meter", settings=("AT+QDMPCFG=0,1",))
    lab.run_until(meter.registered("cmdmp"), within="10min")
    for wrong, said in (
        ({"operation": "Updat"}, r"there is no operation 'Updat'; near it: Update"),
        ({"operation": "Cancel /3/0"}, r"there is no operation 'Cancel'"),
        ({"source": "metre"}, r"there is no source 'metre'; near it: meter"),
        ({"destination": "cmpd"}, r"there is no source 'cmpd'; near it: cmdmp"),
    ):
        with pytest.raises(nbtwin.UnknownName, match=said):
            lab.packets(**wrong)
    with pytest.raises(nbtwin.UnknownName, match="near it: meter"):
        list(lab.entries(source="metre"))
    assert lab.packets(source="meter", operation="Register")
    for nothing in ({"operation": "Cancel Observation"}, {"operation": "Read /77/0"}, {"source": "10.9.9.9:5683"}):
        assert lab.packets(**nothing) == []
    meter.remove()
    assert list(lab.entries(source="meter"))
    assert lab.packets(source="meter", destination="lab") == []


def test_the_same_seed_is_the_same_run() -> None:
    def told(seed: int) -> list[str]:
        with nbtwin.Lab(seed=seed) as lab:
            module = lab.add_module("BC25", sim="telecom", name="m", settings=SELF_REGISTERING)
            lab.run_until(module.registered("telecom"), within="10min")
            return lab.tail(1000)

    assert told(3) == told(3)
    assert told(3) != told(4)


@pytest.mark.parametrize(("sim", "platform"), [("telecom", "telecom"), ("unicom", "unicom"), ("mobile", "cmdmp")])
def test_a_module_registers_with_its_cards_operator(lab: nbtwin.Lab, sim: str, platform: str) -> None:
    module = lab.add_module("BC25", sim=sim, settings=SELF_REGISTERING)
    lab.run_until(module.registered(platform), within="30min")
    assert lab.platform(platform).device(module.imei).registered


def test_an_answer_has_lines_a_final_code_and_a_value(lab: nbtwin.Lab) -> None:
    module = lab.add_module("BC28")
    answer = module.at("AT+CSQ")
    assert (answer.ok, answer.final, answer.value("+CSQ")) == (True, "OK", "20,99")
    module.at("AT+CMEE=1")
    refused = module.at("AT+CFUN=7")
    assert (refused.ok, refused.error) == (False, 50)


def test_what_a_module_says_by_itself_is_no_part_of_an_answer(lab: nbtwin.Lab) -> None:
    module = lab.add_module("BC260Y-CN")
    module.at("AT")
    lab.run_until(module.said("+IP:"), within="1min")
    assert "+CPIN: READY" in module.urcs
    assert module.at("AT+CSQ").urcs == ()


def test_what_did_not_come_is_told_with_what_is_there_and_the_last_lines(lab: nbtwin.Lab) -> None:
    module = lab.add_module("BC260Y-CN", sim="none", name="meter")
    with pytest.raises(AssertionError) as failed:
        lab.run_until(module.registered("cmdmp"), within="2min")
    error = failed.value
    assert isinstance(error, nbtwin.NotReached)
    assert error.code == "lab-not-reached"
    said = str(error).splitlines()
    wanted = "meter.registered('cmdmp') was not so within 2min; there is: cmdmp: -, meter: power=on attached=false"
    assert said[0].startswith(wanted)
    assert said[-1].strip() == lab.tail(1)[0].strip()


def test_conditions_can_be_joined_and_asked_at_once(lab: nbtwin.Lab) -> None:
    module = lab.add_module("BC260Y-CN")
    both = module.attached() & module.registered("cmdmp")
    assert not both
    lab.run_until(both, within="1min")
    assert both
    assert not ~both
    assert (module.powered("off") | module.powered("on")).holds()


def test_a_function_can_be_waited_for(lab: nbtwin.Lab) -> None:
    def noon() -> bool:
        return lab.now >= 12 * 3600

    with pytest.raises(nbtwin.NotReached, match="noon was not so within 1h"):
        lab.run_until(noon, within="1h")
    lab.add_module("BC260Y-CN")
    lab.run_until(noon, within="2d")


@pytest.mark.parametrize(
    ("ask", "near"),
    [
        (lambda lab: lab.add_module("BC26X"), "BC26"),
        (lambda lab: lab.add_module("BC28", sim="mobil"), "mobile"),
        (lambda lab: lab.platform("cmdm"), "cmdmp"),
        (lambda lab: lab.module("meter-2"), "meter-1"),
        (lambda lab: lab.platform("cmdmp").device("863703030011924"), None),
        (lambda lab: lab.entries(kind="datagrams"), "datagram"),
        (lambda lab: nbtwin.Lab(platforms=["andlnk"]), "andlink"),
        (lambda lab: lab.module("meter-1").powered("sleeping"), None),
    ],
)
def test_an_unknown_name_is_told_with_those_that_there_are(lab: nbtwin.Lab, ask: object, near: str | None) -> None:
    lab.add_module("BC260Y-CN", name="meter-1")
    with pytest.raises(nbtwin.UnknownName) as failed:
        ask(lab)  # type: ignore[operator]
    assert isinstance(failed.value, LookupError)
    assert near is None or near in failed.value.fields["near"]
    assert near is None or near in str(failed.value)


def test_a_name_is_given_once_and_a_wrong_imei_is_none(lab: nbtwin.Lab) -> None:
    lab.add_module("BC28", name="meter")
    with pytest.raises(ValueError, match="meter"):
        lab.add_module("BC28", name="meter")
    with pytest.raises(ValueError, match="12345"):
        lab.add_module("BC28", imei="12345")
    assert list(lab.modules) == ["meter"]


def test_what_a_device_refuses_has_its_response_code(lab: nbtwin.Lab) -> None:
    module = lab.add_module("BC260Y-CN")
    lab.run_until(module.registered("cmdmp"), within="1min")
    device = lab.platform("cmdmp").device(module.imei)
    with pytest.raises(nbtwin.OperationFailed) as failed:
        device.read("/3/0/77")
    assert failed.value.response_code == "4.04"


def test_a_device_that_hears_nothing_ends_an_operation_after_the_time_that_was_given(lab: nbtwin.Lab) -> None:
    module = lab.add_module("BC260Y-CN")
    lab.run_until(module.registered("cmdmp"), within="1min")
    lab.add_fault("loss", direction="down")
    began = lab.now
    with pytest.raises(nbtwin.OperationFailed) as failed:
        lab.platform("cmdmp").device(module.imei).read("/3/0/0", within="30s")
    assert (failed.value.response_code, lab.now - began) == ("", 30.0)


def test_a_platform_that_only_takes_reports_asks_nothing(lab: nbtwin.Lab) -> None:
    module = lab.add_module("BC25", sim="telecom", settings=SELF_REGISTERING)
    lab.run_until(module.registered("telecom"), within="30min")
    with pytest.raises(nbtwin.LabError, match="telecom"):
        lab.platform("telecom").device(module.imei).read("/3/0/0")


def test_a_module_that_is_off_takes_no_command_and_loses_what_was_not_kept(lab: nbtwin.Lab) -> None:
    module = lab.add_module("BC260Y-CN", power=False)
    with pytest.raises(nbtwin.LabError, match="bc260y-cn-1 is switched off"):
        module.at("AT")
    module.power_on()
    assert module.at("AT+CMEE=1").ok
    module.power_off()
    module.power_on()
    assert module.at("AT+CMEE?").value("+CMEE") == "0"


def test_faults_are_listed_and_taken_off(lab: nbtwin.Lab) -> None:
    module = lab.add_module("BC260Y-CN")
    number = lab.add_fault("loss", source=module)
    assert lab.faults == {number: {"kind": "loss", "source": "bc260y-cn-1"}}
    with pytest.raises(nbtwin.NotReached):
        lab.run_until(module.registered("cmdmp"), within="5min")
    lab.remove_fault(number)
    assert lab.faults == {}
    module.reset()
    lab.run_until(module.registered("cmdmp"), within="1h")
    with pytest.raises(nbtwin.UnknownName):
        lab.remove_fault(number)
    with pytest.raises(ValueError, match="los"):
        lab.add_fault("los")
    with pytest.raises(ValueError, match="metre"):
        lab.add_fault("loss", source="metre")


@pytest.mark.parametrize("span", ["forever", "", "-5", None, [], True, -1, timedelta(seconds=-1), math.nan, math.inf])
def test_what_is_no_span_is_refused_before_the_lab_does_anything(lab: nbtwin.Lab, span: Any) -> None:
    module = lab.add_module("BC260Y-CN")
    for ask in (
        lambda: lab.advance(span),
        lambda: lab.run_until(module.attached(), within=span),
        lambda: module.at("AT", within=span),
        lambda: nbtwin.Lab(latency=span),
    ):
        with pytest.raises(nbtwin.LabRefused) as refused:
            ask()
        assert refused.value.code == "span-malformed"
    assert lab.now == 0


@pytest.mark.parametrize("field", ["sim", "name", "imei", "imsi", "iccid", "plmn", "firmware", "vendor", "serial"])
def test_a_number_where_a_module_has_text_is_named_with_its_field(lab: nbtwin.Lab, field: str) -> None:
    with pytest.raises(nbtwin.LabRefused, match=f"^{field}: 12 is not text$"):
        lab.add_module("BC28", **{field: 12})  # type: ignore[arg-type]
    assert not lab.modules


def test_one_text_is_not_taken_for_a_list_of_letters(lab: nbtwin.Lab) -> None:
    with pytest.raises(nbtwin.LabRefused, match=r"^settings: 'AT\+CFUN=1' is one text"):
        lab.add_module("BC28", settings="AT+CFUN=1")
    with pytest.raises(nbtwin.LabRefused, match=r"^platforms: 'cmdmp' is one text"):
        nbtwin.Lab(platforms="cmdmp")
    with pytest.raises(nbtwin.LabRefused, match=r"^settings: 1 is not text$"):
        lab.add_module("BC28", settings=[1])  # type: ignore[list-item]


def test_what_is_no_command_line_is_not_sent(lab: nbtwin.Lab) -> None:
    module = lab.add_module("BC28")
    lines: list[Any] = ["", "AT\r\nAT", None, 5, b"AT"]
    for line in lines:
        with pytest.raises(nbtwin.LabRefused):
            module.at(line)
    assert lab.now == 0


def test_a_condition_is_joined_with_conditions_only(lab: nbtwin.Lab) -> None:
    condition = lab.add_module("BC28").attached()
    for join in (lambda: condition & None, lambda: condition | (lambda: True)):  # type: ignore[operator]
        with pytest.raises(TypeError, match="unsupported operand"):
            join()


def test_a_condition_that_an_assert_shows_says_what_is_there_instead(lab: nbtwin.Lab) -> None:
    meter = lab.add_module("BC260Y-CN", name="meter")
    assert repr(meter.powered("asleep")) == "<meter.powered('asleep'); there is: booting>"
    shown = repr(meter.registered("cmdmp"))
    assert shown.startswith("<meter.registered('cmdmp'); there is: cmdmp: -, meter: power=booting")
    attached = meter.attached()
    meter.remove()
    assert repr(attached) == "<meter.attached()>"


def test_an_unknown_name_where_there_is_none_at_all_says_so(lab: nbtwin.Lab) -> None:
    with pytest.raises(nbtwin.UnknownName, match=r"^there is no device '123'; there is none at all$"):
        lab.platform("cmdmp").device("123")


def test_errors_come_out_of_another_process_as_they_were(lab: nbtwin.Lab) -> None:
    module = lab.add_module("BC28")
    module.power_off()
    asks = (
        lambda: lab.run_until(module.said("+X"), within=1),
        lambda: lab.module("metre"),
        lambda: module.at("AT"),
        lambda: lab.advance(-1),
    )
    lab.advance("1s")
    for ask in asks:
        with pytest.raises(nbtwin.LabError) as raised:
            ask()
        again = pickle.loads(pickle.dumps(raised.value))
        assert (type(again), str(again), again.code) == (type(raised.value), str(raised.value), raised.value.code)


def test_a_closed_lab_does_nothing_more_and_can_be_read() -> None:
    with nbtwin.Lab() as lab:
        module = lab.add_module("BC260Y-CN")
        lab.advance("1min")
    assert lab.packets(source=module, operation="Register")
    for ask in (lambda: lab.advance("1s"), lambda: module.at("AT"), lambda: lab.add_module("BC28"), module.reset):
        with pytest.raises(nbtwin.LabClosed):
            ask()


def test_a_device_has_its_history_and_its_observed_values(lab: nbtwin.Lab) -> None:
    module = lab.add_module("BC260Y-CN")
    lab.run_until(module.registered("cmdmp"), within="1min")
    device = lab.platform("cmdmp").device(module.imei)
    assert [line.code for line in device.history][:2] == ["device-registered", "inventory-read"]
    assert list(lab.platform("cmdmp").devices) == [module.imei]


def test_the_sequence_is_a_diagram_in_which_a_lost_datagram_ends_in_a_cross(lab: nbtwin.Lab) -> None:
    module = lab.add_module("BC260Y-CN", name="meter")
    lab.add_fault("loss", direction="up", packets=[1])
    lab.run_until(module.registered("cmdmp"), within="1min")
    drawn = lab.sequence().splitlines()
    assert drawn[0] == "sequenceDiagram"
    assert "    participant p2 as meter" in drawn
    registers = [line for line in drawn if " Register: " in line and "to Register" not in line]
    assert "-x" in registers[0]
    assert "->>" in registers[1]


def test_entries_are_worded_in_both_languages(lab: nbtwin.Lab) -> None:
    lab.add_module("BC260Y-CN", name="meter")
    lab.advance("1min")
    entry = next(entry for entry in lab.entries(kind="platform") if entry.code == "device-registered")
    assert "registered" in entry.text()
    assert "注册" in entry.text("zh")


def test_importing_nbtwin_loads_nothing_of_the_lab() -> None:
    code = "import sys, nbtwin; print(sorted(name for name in sys.modules if name.startswith('nbtwin')))"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert shown.strip() == "['nbtwin']"


def test_a_language_that_nobody_speaks_here_is_told_with_those_that_are(lab: nbtwin.Lab, tmp_path: Path) -> None:
    for ask in (
        lambda: lab.report(tmp_path / "day.html", language="de"),
        lambda: lab.tail(language="de"),
        lambda: lab.diagram(language="de"),
    ):
        with pytest.raises(nbtwin.UnknownName) as error:
            ask()
        assert (error.value.fields["kind"], error.value.fields["known"]) == ("language", ["en", "zh"])
    assert not (tmp_path / "day.html").exists()


@pytest.mark.parametrize(("ask", "word"), [("model", "型号"), ("module", "模块"), ("platform", "平台")])
def test_what_is_not_there_is_named_in_chinese(lab: nbtwin.Lab, ask: str, word: str) -> None:
    asked = {"model": lab.add_module, "module": lab.module, "platform": lab.platform}
    with pytest.raises(nbtwin.UnknownName) as error:
        asked[ask]("nobody")
    said = worded(error.value, "zh")
    assert f"没有名为“nobody”的{word}" in said
    assert ask not in said


def test_a_path_and_a_line_that_are_no_text_are_refused_before_anything_is_asked(lab: nbtwin.Lab) -> None:
    module = lab.add_module("BC260Y-CN")
    lab.run_until(module.registered("cmdmp"), within="2min")
    device = lab.platform("cmdmp").device(module.imei)
    for ask in (lambda: device.read(3), lambda: device.write(b"/3/0/14", "1"), lambda: module.said(3)):  # type: ignore[arg-type]
        with pytest.raises(nbtwin.LabRefused) as error:
            ask()
        assert str(error.value.code) == "lab-not-text"
