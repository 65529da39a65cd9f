"""The eleven models against their documents, sentence by sentence."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from player import Bench

from nbtwin.at.refusals import BadParameter, ValueKind, ValueTaken
from nbtwin.commands.andlink_engine import UPDATE_GATE
from nbtwin.commands.cmdmp import ONT_FIRMWARE
from nbtwin.module.profile import UnknownCause, UnknownModel
from nbtwin.profiles import doc_d, doc_e
from nbtwin.profiles.models import PROFILES, profile
from nbtwin.selfreg.schedule import Operator, RoundSchedule, Schedule
from nbtwin.timeline.catalogue.errors import worded

M, T, U = Operator.MOBILE, Operator.TELECOM, Operator.UNICOM
DOC_A, DOC_B, DOC_C = ("BC35-G", "BC28", "BC95 R2.0"), ("BC26", "BC20"), ("BC260Y-CN",)
DOC_D = ("BC25", "BC25-B5", "BC25-B8", "BC32", "BC32-B8")


def test_the_eleven_models_in_the_order_of_their_documents() -> None:
    eleven = [*DOC_A, *DOC_B, *DOC_C, *DOC_D]
    assert len(eleven) == 11
    assert [model for model in PROFILES if model in eleven] == eleven
    assert all(PROFILES[model].model == model for model in PROFILES)


@pytest.mark.parametrize(
    ("models", "documents"),
    [
        (("BC35-G", "BC95 R2.0"), ("DOC-A",)),
        (("BC28",), ("DOC-A", "DOC-E")),
        (DOC_B, ("DOC-B",)),
        (DOC_C, ("DOC-C",)),
        (DOC_D, ("DOC-D",)),
    ],
)
def test_a_model_names_its_documents(models: tuple[str, ...], documents: tuple[str, ...]) -> None:
    assert {PROFILES[model].documents for model in models} == {documents}


@pytest.mark.parametrize("name", ["bc95r2.0", "BC95-R2.0", "bc95 r2.0", "BC95_R2.0", " BC95 R2.0 "])
def test_a_model_is_found_as_a_user_types_it(name: str) -> None:
    assert profile(name).model == "BC95 R2.0"


@pytest.mark.parametrize("name", ["BC00", "", "BC", "BC95"])
def test_an_unknown_model_is_answered_with_the_known_ones(name: str) -> None:
    with pytest.raises(UnknownModel) as unknown:
        profile(name)
    assert re.search("the models are BC35-G, BC28, .*BC32-B8", worded(unknown.value))


def test_the_operators_of_each_model_are_those_of_its_document() -> None:
    """DOC-D table 1: only these are ever contacted (D52), whatever the commands store."""
    expected = {
        **{model: {M} for model in DOC_A + DOC_B},
        "BC260Y-CN": {T, M}, "BC25": {M, T, U}, "BC25-B5": {T}, "BC25-B8": {M}, "BC32": {M}, "BC32-B8": {M},
    }  # fmt: skip
    assert {model: set(PROFILES[model].schedules) for model in expected} == expected


def rounds(model: str, operator: Operator) -> RoundSchedule:
    schedule = PROFILES[model].schedules[operator]
    assert isinstance(schedule, RoundSchedule)
    return schedule


def sends(schedule: Schedule) -> list[float]:
    return [sum(schedule.waits[:packet]) for packet in range(schedule.packets)]


@pytest.mark.parametrize("model", [*DOC_A, *DOC_B, "BC25", "BC25-B8", "BC32", "BC32-B8"])
def test_mobile_sends_five_packets_and_gives_up_at_62_s(model: str) -> None:
    """D13, D14, D57."""
    schedule = PROFILES[model].schedules[M]
    assert (sends(schedule), schedule.gives_up_after) == ([0, 2, 6, 14, 30], 62)
    assert schedule.update_wakes_module is False


def test_mobile_of_doc_c_sends_six_packets_and_gives_up_at_128_s() -> None:
    """D14; an update may wake the module (2.2.4)."""
    schedule = PROFILES["BC260Y-CN"].schedules[M]
    assert (sends(schedule), schedule.gives_up_after) == ([0, 2, 6, 14, 30, 62], 128)
    assert schedule.update_wakes_module is True


def test_telecom_of_doc_c_retries_twice_an_hour_apart_unless_it_sleeps() -> None:
    """DOC-C 2.1.3, 2.1.4; five packets: D12."""
    schedule = rounds("BC260Y-CN", T)
    assert schedule.packets == 5
    assert (schedule.rounds, schedule.hold_off, schedule.sleep_ends_retries) == (3, 3600, True)
    assert (schedule.update_every, schedule.retry_wakes_module) == (None, False)


@pytest.mark.parametrize(("model", "operator"), [("BC25", T), ("BC25", U), ("BC25-B5", T)])
def test_telecom_and_unicom_of_doc_d(model: str, operator: Operator) -> None:
    """DOC-D 2.1.3, 2.1.4, 2.2.2-2.2.4; D15, D55."""
    schedule = rounds(model, operator)
    assert (sends(schedule), schedule.gives_up_after) == ([0, 3, 9, 21, 45], 93)
    assert (schedule.rounds, schedule.hold_off, schedule.retry_wakes_module) == (3, 3600, True)
    assert schedule.sleep_ends_retries is False
    assert schedule.update_every == (30 * 86400 if operator is U else None)
    assert schedule.update_wakes_module is (operator is U)


def test_the_default_firmware_shows_what_the_documents_describe() -> None:
    """D40: off by default in DOC-D; D51: _ONT in DOC-A."""
    assert all(PROFILES[model].firmware.endswith("_ONT") for model in DOC_A)
    assert PROFILES["BC260Y-CN"].firmware == "BC260YCNAAR01A04"
    assert {model: PROFILES[model].firmware for model in DOC_D} == {
        "BC25": "BC25PAR01A05", "BC25-B5": "BC25B5PAR01A05", "BC25-B8": "BC25B8PAR01A06", "BC32": "BC32RAR01A04",
        "BC32-B8": "BC32B8RAR01A04",
    }  # fmt: skip


def test_servers_and_domains() -> None:
    """D19, D39."""
    for found in PROFILES.values():
        assert (found.cmdmp.default_server, found.cmdmp.default_port) == ("117.161.2.41", 5683)
        assert found.cmdmp.domain == ("m.fxlttsbl.com" if found.documents[0] in ("DOC-A", "DOC-C") else None)


def test_bc95_r2_differs_from_its_family_in_period_and_omission_only() -> None:
    """DOC-A 2.1 note."""
    bc28, bc95 = PROFILES["BC28"].cmdmp, PROFILES["BC95 R2.0"].cmdmp
    differing = {name for name in bc28.__dataclass_fields__ if getattr(bc28, name) != getattr(bc95, name)}
    assert differing == {"default_period", "period_needs_server"}
    assert bc95.default_period == 900


GENERAL = {3, 4, 23, 30, 159, 300, 301, 302, 303, 304, 305, *range(310, 319), 320, 321, 322, 330, 331, 332, 340, 500}


def test_error_tables() -> None:
    """docs/spec/at.md, Errors; DOC-A 3, DOC-D 4, DOC-E 5."""
    assert set(PROFILES["BC35-G"].errors.texts) == GENERAL | {50, 51, 52}
    assert set(PROFILES["BC25"].errors.texts) == GENERAL | {50, 52, 53}
    assert set(PROFILES["BC28"].errors.texts) == GENERAL | {50, 51, 52, *range(512, 519), *range(520, 538)}
    assert PROFILES["BC28"].errors.texts[50] == "Incorrect parameters"
    assert PROFILES["BC25"].errors.texts[50] == "Execute fail"
    assert PROFILES["BC28"].errors.texts[513] == "TUP not registered"
    for model in DOC_B + DOC_C:
        errors = PROFILES[model].errors
        assert (errors.bad_parameter, errors.not_supported, errors.aborted) == (None, None, None)


def test_the_families_that_print_rdy_have_texts_for_their_errors() -> None:
    assert {model for model, found in PROFILES.items() if 2 in found.errors.cmee_modes} == {
        model for model, found in PROFILES.items() if found.boot.banner == ("RDY",)
    }


def test_boot_texts() -> None:
    """DOC-E 2 and 7; D50, D62."""
    for model, found in PROFILES.items():
        assert found.boot.banner == (("Neul", "OK") if model in DOC_A else ("RDY",))
        assert found.boot.reports_cause is (model in DOC_A)
        assert len(found.boot.causes) == (24 if model in DOC_A else 0)
    causes = PROFILES["BC28"].boot.causes
    assert (causes[0], causes[10], causes[11], causes[20], causes[23]) == (
        "REBOOT_CAUSE_SECURITY_RESET_UNKNOWN", "REBOOT_CAUSE_SECURITY_PMU_POWER_ON_RESET",
        "REBOOT_CAUSE_SECURITY_RESET_PIN", "REBOOT_CAUSE_APPLICATION_AT", "REBOOT_CAUSE_UNKNOWN",
    )  # fmt: skip


NEUL_MODELS = pytest.mark.parametrize("model", DOC_A)


@NEUL_MODELS
def test_each_of_the_24_causes_is_printed_before_the_banner_but_11_and_12(model: str) -> None:
    """DOC-E 7, table 6; D50."""
    bench = Bench(model)
    for number, cause in enumerate(PROFILES[model].boot.causes, 1):
        for name in (cause, str(number), cause.removeprefix("REBOOT_CAUSE_").lower()):
            bench.module.reset(bench.now, name)
            printed = b"" if number in (11, 12) else cause.encode() + b"\r\n"
            assert bench.happen("1 s") == b"\r\n" + printed + b"Neul\r\nOK\r\n"


@NEUL_MODELS
def test_a_cause_that_is_not_in_the_table_restarts_nothing(model: str) -> None:
    bench = Bench(model)
    for name in ("", "0", "25", "WATCHDOG", "REBOOT_CAUSE_"):
        with pytest.raises(UnknownCause, match="profile-cause-unknown"):
            bench.module.reset(bench.now, name)
    assert bench.module.power_state == "on"


@pytest.mark.parametrize("model", [model for model in PROFILES if model not in DOC_A])
def test_the_other_family_prints_no_cause(model: str) -> None:
    bench = Bench(model)
    bench.module.reset(bench.now, "watchdog")
    assert bench.happen("1 s").startswith(b"\r\nRDY\r\n")


def test_the_commands_of_a_model_follow_from_its_dialects() -> None:
    """One `replace()` changes a range wherever it counts; what it does not touch is equal to the base's."""
    bc33 = replace(doc_d.BC32, model="BC33", cmdmp=replace(doc_d.CMDMP, ports=(5000, 6000)))
    assert [command.name for command in bc33.commands] == [command.name for command in doc_d.BC32.commands]
    write = next(command.write for command in bc33.commands if command.name == "+QDMPCFG")
    assert write is not None
    write.bind(["1", "1.2.3.4", "5000", "300"])
    with pytest.raises(BadParameter) as caught:
        write.bind(["1", "1.2.3.4", "4999", "300"])
    assert caught.value.why.takes == ValueTaken(ValueKind.INTEGER, 5000, 6000)


def test_gates_of_a_model_stand_before_each_of_its_commands() -> None:
    """D47; DOC-A's own gate comes first (D30)."""
    for command in doc_e.BC28.commands:
        assert command.gates[-1] is UPDATE_GATE
        assert (command.gates[0] is ONT_FIRMWARE) is (command.name == "+DMPCONFIG")
    assert not any(UPDATE_GATE in command.gates for command in PROFILES["BC35-G"].commands)
