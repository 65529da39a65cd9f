"""One shape: the same test functions with a simulated lab, a live one, and two that run elsewhere and are connected to.

The live ones run a hundred times as fast as the wall clock: what they do is the same, and takes as many of their
seconds.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

import nbtwin
from nbtwin.api.live import LabThread

FAST = 100.0
SELF_REGISTERING = ("AT+QSELFREGISTER=1",)
"""Off as delivered (DOC-D 3.1, D40)."""
EVERYBODY = ("cmdmp", "telecom", "unicom", "andlink")


@pytest.fixture(scope="module", params=["simulated", "live", "connected", "connected-simulated"])
def lab(request: pytest.FixtureRequest) -> Iterator[nbtwin.Lab]:
    """One for all tests of a kind; each puts its own modules in."""
    if request.param in ("simulated", "live"):
        with nbtwin.Lab(seed=7, live=request.param == "live", keys={"M300000001": "a-password"}) as lab:
            if request.param == "live":
                lab.set_rate(FAST)
            yield lab
        return
    thread = LabThread(seed=7, platforms=EVERYBODY, simulated=request.param == "connected-simulated")
    try:
        with nbtwin.connect(thread.url) as lab:
            if request.param == "connected":
                lab.set_rate(FAST)
            yield lab
    finally:
        thread.close()


def lab_jumps(lab: nbtwin.Lab) -> bool:
    """Whether its time passes when something is waited for."""
    return not lab.url or httpx.get(f"{lab.url}/api/v1/clock").json()["mode"] == "simulated"


@pytest.fixture(scope="module")
def meter(lab: nbtwin.Lab) -> nbtwin.Module:
    meter = lab.add_module("BC260Y-CN", sim="mobile")
    lab.run_until(meter.registered("cmdmp"), within="1h")
    return meter


def test_a_module_registers_is_asked_and_says_lines_by_itself(lab: nbtwin.Lab) -> None:
    meter = lab.add_module("BC260Y-CN", sim="mobile")
    assert meter.at("AT+QDMPCFG=6").final == "OK"
    took = lab.run_until(meter.registered("cmdmp"), within="1h")
    assert 0 <= took < 3600
    device = lab.platform("cmdmp").device(meter.imei)
    assert device.read("/3/0/0", within="1h") == "Quectel"
    assert device.read("/3/0", within="1h")["1"] == "BC260Y-CN"
    assert device.registered
    assert [line.code for line in device.history][:2] == ["device-registered", "inventory-read"]
    assert "+CPIN: READY" in meter.urcs
    assert "OK" not in meter.urcs
    assert lab.module(meter.name) is meter


def test_updates_that_are_lost_are_sent_again_after_2_and_6_seconds(lab: nbtwin.Lab, meter: nbtwin.Module) -> None:
    number = lab.add_fault("loss", direction="up", source=meter, packets=[1, 2])
    began = lab.now
    lab.advance("24h 1min")
    updates = lab.packets(source=meter, operation="Update", since=began)
    assert [round(packet.sent_after) for packet in updates] == [0, 2, 6]
    assert [packet.lost for packet in updates] == [True, True, False]
    assert lab.faults[number]["source"] == meter.name
    lab.remove_fault(number)
    assert number not in lab.faults


def test_an_answer_has_lines_a_final_code_and_an_error(lab: nbtwin.Lab) -> None:
    module = lab.add_module("BC28")
    answer = module.at("AT+CSQ")
    assert (answer.ok, answer.final, answer.value("+CSQ")) == (True, "OK", "20,99")
    module.at("AT+CMEE=1")
    assert module.at("AT+CFUN=7").error == 50
    module.set_signal(9)
    assert module.at("AT+CSQ").value("+CSQ") == "9,99"


def test_what_is_said_by_itself_is_waited_for_from_now_on(lab: nbtwin.Lab) -> None:
    module = lab.add_module("BC260Y-CN", power=False)
    said = module.said("+IP:")
    module.power_on()
    lab.run_until(said, within="1h")
    again = module.said("+IP:")
    assert not again
    module.reset()
    lab.run_until(again, within="1h")


def test_a_module_that_is_off_takes_no_command_and_is_delivered_as_it_was_ordered(lab: nbtwin.Lab) -> None:
    module = lab.add_module("BC25", sim="telecom", settings=SELF_REGISTERING, power=False)
    assert module.state.power == "off"
    with pytest.raises(nbtwin.LabError, match=f"{module.name} is switched off"):
        module.at("AT")
    module.power_on()
    lab.run_until(module.registered("telecom"), within="2h")
    with pytest.raises(nbtwin.LabError, match="telecom takes reports and asks nothing"):
        lab.platform("telecom").device(module.imei).read("/3/0/0")


def test_a_platform_that_forgot_everybody_is_registered_with_again(lab: nbtwin.Lab, meter: nbtwin.Module) -> None:
    platform, began = lab.platform("cmdmp"), lab.now
    platform.forget_all()
    assert meter.imei in platform.devices
    lab.advance("25h")
    lab.run_until(meter.registered("cmdmp"), within="2h")
    assert lab.packets(source=meter, operation="Register", since=began)
    platform.strict = True
    assert platform.strict
    platform.strict = False
    assert not platform.strict


@pytest.mark.parametrize(
    ("ask", "near"),
    [
        (lambda lab, _: lab.add_module("BC26X"), "BC26"),
        (lambda lab, _: lab.add_module("BC28", sim="mobil"), "mobile"),
        (lambda lab, meter: meter.insert_sim("mobil"), "mobile"),
        (lambda lab, _: lab.platform("cmdm"), "cmdmp"),
        (lambda lab, meter: lab.module(f"{meter.name}0"), "meter"),
        (lambda lab, meter: lab.platform("cmdmp").device(f"{meter.imei[:-1]}x"), "imei"),
        (lambda lab, _: list(lab.entries(kind="datagrams")), "datagram"),
        (lambda lab, meter: meter.registered("cmdm"), "cmdmp"),
        (lambda lab, meter: meter.powered("of"), "off"),
        (lambda lab, _: lab.remove_fault(77), None),
    ],
)
def test_an_unknown_name_is_told_with_those_that_there_are(
    lab: nbtwin.Lab, meter: nbtwin.Module, ask: object, near: str | None
) -> None:
    with pytest.raises(nbtwin.UnknownName) as failed:
        ask(lab, meter)  # type: ignore[operator]
    expected = {"meter": meter.name, "imei": meter.imei}.get(near or "", near)
    assert expected is None or expected in failed.value.fields["near"]


@pytest.mark.parametrize(
    ("ask", "code"),
    [
        (lambda lab, meter: lab.add_module("BC28", name=meter.name), "usage-name-taken"),
        (lambda lab, _: lab.add_module("BC28", imei="12345"), "usage-imei"),
        (lambda lab, _: lab.add_module("BC28", sim="mobile", imsi="460001234567890"), "usage-card-twice"),
        (lambda lab, _: lab.add_module("BC28", settings=["AT+NONSENSE"]), "setting-answered"),
        (lambda lab, meter: meter.set_signal(50), "api-rssi"),
        (lambda lab, _: lab.add_fault("los"), None),
        (lambda lab, _: lab.add_fault("loss", source="nobody"), None),
        (lambda lab, meter: lab.platform("cmdmp").device(meter.imei).read("/3/x"), None),
    ],
)
def test_what_cannot_be_is_refused_with_the_same_code(
    lab: nbtwin.Lab, meter: nbtwin.Module, ask: object, code: str | None
) -> None:
    with pytest.raises(nbtwin.LabRefused) as failed:
        ask(lab, meter)  # type: ignore[operator]
    assert isinstance(failed.value, ValueError)
    assert code is None or str(failed.value.code) == code
    assert str(failed.value.code) != "lab-refused"


def test_what_a_device_refuses_and_what_it_does_not_hear_end_an_operation(
    lab: nbtwin.Lab, meter: nbtwin.Module
) -> None:
    device = lab.platform("cmdmp").device(meter.imei)
    with pytest.raises(nbtwin.OperationFailed) as failed:
        device.read("/3/0/77", within="1h")
    assert failed.value.response_code == "4.04"
    number, began = lab.add_fault("loss", direction="down"), lab.now
    with pytest.raises(nbtwin.OperationFailed) as failed:
        device.read("/3/0/0", within="30s")
    assert failed.value.response_code == ""
    assert lab.now - began >= 30
    lab.remove_fault(number)


def test_a_platform_that_starts_anew_gives_no_answer_of_before(lab: nbtwin.Lab, meter: nbtwin.Module) -> None:
    """Its tickets may begin anew, too."""
    device = lab.platform("cmdmp").device(meter.imei)
    assert device.read("/3/0/0", within="1h") == "Quectel"
    lab.platform("cmdmp").forget_all()
    meter.reset()
    lab.run_until(lambda: len([line for line in device.history if line.code == "device-registered"]) > 1, within="2h")
    lab.run_until(meter.registered("cmdmp"), within="1h")
    assert device.read("/3/0/1", within="1h") == "BC260Y-CN"


def test_what_did_not_come_is_told_with_what_is_there_and_the_last_lines(lab: nbtwin.Lab) -> None:
    module = lab.add_module("BC260Y-CN", sim="none")
    lab.run_until(module.powered("on"), within="1h")
    lab.advance("1min")
    with pytest.raises(nbtwin.NotReached) as failed:
        lab.run_until(module.registered("cmdmp") & module.attached(), within="2min")
    said = str(failed.value).splitlines()
    wanted = f"{module.name}.registered('cmdmp') & {module.name}.attached() was not so within 2min"
    assert said[0].startswith(f"{wanted}; there is: cmdmp: -, {module.name}: power=on attached=false")
    assert len(said) > 5
    assert all(line.startswith("    ") for line in said[1:])


def test_a_function_can_be_waited_for(lab: nbtwin.Lab) -> None:
    noon = lab.now + 60
    assert lab.run_until(lambda: lab.now >= noon, within="1h") >= 59


def test_what_has_happened_is_entries_lines_a_diagram_and_a_capture(
    lab: nbtwin.Lab, meter: nbtwin.Module, tmp_path: Path
) -> None:
    entry = next(
        entry
        for entry in lab.entries(kind="platform", source="cmdmp")
        if entry.code == "device-registered" and entry.fields["device"].endswith(meter.imei)
    )
    assert 0 < entry.at <= lab.now
    assert "registered" in entry.text()
    assert "注册" in entry.text("zh")
    assert len(lab.tail(3)) == 3
    assert lab.sequence().startswith("sequenceDiagram\n")
    lab.save_pcap(tmp_path / "lab.pcapng")
    assert (tmp_path / "lab.pcapng").read_bytes()[:4] == bytes.fromhex("0a0d0d0a")
    assert [file.name for file in lab.keep(tmp_path / "kept")] == ["timeline.txt", "sequence.mmd", "capture.pcapng"]


def test_a_labs_pace_is_changed_where_it_has_one(lab: nbtwin.Lab) -> None:
    if lab_jumps(lab):
        for ask in (lambda: lab.rate, lab.pause, lab.resume, lambda: lab.set_rate(2.0)):
            with pytest.raises(nbtwin.LabError) as failed:
                ask()
            assert str(failed.value.code) == "lab-not-live"
        return
    before = lab.rate
    lab.pause()
    assert lab.rate == 0
    with pytest.raises(nbtwin.LabRefused) as waited:
        lab.run_until(lambda: False, within="1s")
    assert str(waited.value.code) == "lab-paused"
    lab.resume()
    assert lab.rate == before
