"""Stories of a whole module: power, serial line, radio, registration, sleep, USIM and firmware changes."""

from __future__ import annotations

import pytest
from module_bench import BOOT, IMEI, ModuleBench

from nbtwin.coap.reasons import CoapReason
from nbtwin.engine import DAY, HOUR, Deadline
from nbtwin.module.events import FellAsleep, NvramWriteFailed, Woke
from nbtwin.module.identity import Usim
from nbtwin.module.nvram import MemoryStorage
from nbtwin.profiles.models import PROFILES
from nbtwin.selfreg.cmdmp import DmpState
from nbtwin.selfreg.cmdmp_client import CmdmpStateChanged
from nbtwin.selfreg.machine import GaveUp, RegistrationSucceeded, SelfRegistrationRefusal
from nbtwin.selfreg.schedule import Operator


class BrokenStorage(MemoryStorage):
    """Flash that fails from some write on."""

    broken = False

    def save(self, content: bytes) -> None:
        if self.broken:
            raise OSError(5, "Input/output error")
        super().save(content)


def test_a_module_that_is_off_hears_and_says_nothing() -> None:
    bench = ModuleBench()
    bench.world.serial(bench.node, b"AT\r")
    bench.world.advance(10)
    assert bench.node.take_serial() == b""
    assert bench.module.power_state == "off"


def test_the_boot_text_of_the_rdy_family_comes_before_anything_else() -> None:
    bench = ModuleBench()
    bench.boot()
    assert bench.node.take_serial().startswith(b"\r\nRDY\r\n")


def test_power_on_prints_no_cause_and_a_watchdog_prints_its_own() -> None:
    """DOC-E chapter 7; D50."""
    bench = ModuleBench("BC28")
    bench.power_on()
    bench.world.advance(2)
    assert bench.node.take_serial() == b"\r\nNeul\r\nOK\r\n"
    bench.world.perform(bench.node, bench.module.reset, "REBOOT_CAUSE_APPLICATION_WATCHDOG")
    bench.world.advance(2)
    assert bench.node.take_serial() == b"\r\nREBOOT_CAUSE_APPLICATION_WATCHDOG\r\nNeul\r\nOK\r\n"


def test_nrb_says_rebooting_then_the_cause_and_loses_what_follows_it() -> None:
    """D21."""
    bench = ModuleBench("BC28")
    bench.power_on()
    bench.world.advance(2)
    bench.ask("ATE0")
    bench.node.take_serial()
    bench.world.serial(bench.node, b"AT+NRB\rAT+CMEE=1\r")
    bench.world.advance(2)
    assert bench.node.take_serial() == (b"\r\nREBOOTING\r\n\r\nREBOOT_CAUSE_APPLICATION_AT\r\nNeul\r\nOK\r\n")
    assert bench.module.session.cmee == 0


def test_the_packets_of_an_unanswered_registration_leave_as_doc_c_lists_them() -> None:
    """DOC-C 2.2.3; D14: sends at 0, 2, 6, 14, 30, 62 s, verdict at 128 s."""
    bench = ModuleBench(answers=False)
    bench.boot()
    bench.world.advance(127.9)
    assert bench.departures() == [0, 2, 6, 14, 30, 62]
    assert bench.module.services.next_deadline() == Deadline(BOOT + 128, CoapReason.PACKET_UNANSWERED, number=6)
    assert bench.module.cmdmp_state is DmpState.CONNECT_SUCCESS
    bench.world.advance(0.1)
    assert bench.module.cmdmp_state is DmpState.REG_TIMEOUT
    bench.world.advance(DAY)
    assert len(bench.ear.heard) == 6  # nothing until the next boot
    bench.restart()
    assert len(bench.ear.heard) == 7


def test_saved_settings_come_into_use_at_the_next_boot() -> None:
    """D33, DOC-C 3.2.2."""
    bench = ModuleBench()
    bench.boot()
    assert bench.ask("AT+QDMPCFG=1,117.161.2.7,5683,420") == ["OK"]
    assert "+QDMPCFG: 1,117.161.2.41,5683,86400" in bench.ask("AT+QDMPCFG?")
    bench.restart()
    assert "+QDMPCFG: 1,117.161.2.7,5683,420" in bench.ask("AT+QDMPCFG?")


def test_a_registered_module_updates_every_period() -> None:
    bench = ModuleBench()
    bench.boot()
    assert bench.ask("AT+QDMPCFG=6") == ["+QDMPCFG: 6,6", "OK"]
    bench.world.advance(3 * DAY + 60)
    states = [(event.old, event.new) for event in bench.reported(CmdmpStateChanged)]
    registered, updated = DmpState.REG_SUCCESS, DmpState.UPDATE_SUCCESS
    assert states[1:] == [(DmpState.CONNECT_SUCCESS, registered), (registered, updated)]
    assert bench.ask("AT+QDMPCFG=6") == ["+QDMPCFG: 6,11", "OK"]


def test_access_switched_off_means_no_packet_after_the_next_boot() -> None:
    bench = ModuleBench(answers=False)
    bench.boot()
    assert bench.ask("AT+QDMPCFG=0,0") == ["OK"]
    heard = len(bench.ear.heard)
    bench.restart()
    bench.world.advance(DAY)
    assert len(bench.ear.heard) == heard
    assert bench.ask("AT+QDMPCFG=6") == ["+QDMPCFG: 6,0", "OK"]


@pytest.mark.parametrize("operator", [Operator.UNICOM, None])
def test_cmdmp_is_for_cards_of_china_mobile(operator: Operator | None) -> None:
    """DOC-C 2.2.1; D53."""
    bench = ModuleBench(operator=operator, answers=False)
    bench.boot()
    bench.world.advance(HOUR)
    assert "cmdmp" not in bench.module.services


def test_doc_a_a_saved_plmn_admits_another_card() -> None:
    """D53."""
    bench = ModuleBench("BC28", Operator.UNICOM)
    bench.boot()
    assert "cmdmp" not in bench.module.services
    assert bench.ask("AT+DMPCONFIG=3,46001") == ["OK"]
    bench.restart()
    assert "cmdmp" in bench.module.services


def test_a_changed_card_ends_the_old_cards_service() -> None:
    bench = ModuleBench()
    bench.boot()
    bench.world.perform(bench.node, bench.module.insert_usim, None)
    assert bench.ask("AT+QDMPCFG=6") == ["+QDMPCFG: 6,0", "OK"]
    bench.world.perform(bench.node, bench.module.insert_usim, bench.usim)
    bench.world.advance(BOOT)
    assert bench.ask("AT+QDMPCFG=6") == ["+QDMPCFG: 6,6", "OK"]


def test_a_write_that_fails_is_an_error_and_changes_nothing() -> None:
    storage = BrokenStorage()
    bench = ModuleBench("BC28", storage=storage)
    bench.boot()
    bench.ask("AT+CMEE=1")
    storage.broken = True
    assert bench.ask("AT+DMPCONFIG=0,0") == ["+CME ERROR: 23"]
    assert NvramWriteFailed() in bench.facts
    assert bench.module.saved.cmdmp.mode is None
    storage.broken = False
    assert bench.ask("AT+DMPCONFIG=0,0") == ["OK"]
    assert ModuleBench("BC28", storage=storage).module.saved.cmdmp.mode == 0


def test_what_was_answered_ok_is_there_after_the_power_went_right_behind_it() -> None:
    bench = ModuleBench()
    bench.boot()
    bench.ask('AT+QDMPCFGEX=1,0,"00-01-6C-06-A6-29"')
    again = ModuleBench(storage=MemoryStorage(bench.storage.load()))
    again.boot()
    assert again.ask("AT+QDMPCFGEX=1,1")[0] == "+QDMPCFGEX: 1,00-01-6C-06-A6-29"


@pytest.mark.parametrize("at", [0.5, 1.5, 3.9, 4.0, 4.1, 6.0, 10.0, 20.0, 66.0, 131.9])
def test_power_cut_at_any_instant_of_a_registration_leads_to_a_fresh_one(at: float) -> None:
    bench = ModuleBench(answers=False)
    bench.power_on()
    bench.world.advance(at)
    bench.power_off()
    bench.world.advance(HOUR)
    heard = len(bench.ear.heard)
    assert bench.module.next_deadline() is None
    bench.boot()
    bench.world.advance(130)
    assert len(bench.ear.heard) == heard + 6


def test_deep_sleep_begins_after_the_active_time_and_the_update_wakes_a_bc260y() -> None:
    """DOC-C 2.2.4."""
    bench = ModuleBench()
    bench.boot()
    assert bench.ask('AT+CPSMS=1,,,"01000011","00000101"') == ["OK"]
    bench.world.advance(60)
    assert bench.module.power_state == "asleep"
    bench.world.advance(DAY)
    assert any(isinstance(fact, Woke) for fact in bench.facts)
    assert bench.reported(CmdmpStateChanged)[-1].new is DmpState.UPDATE_SUCCESS


def test_a_bc25_asleep_sends_no_update_until_it_wakes() -> None:
    """DOC-D 2.3.2."""
    bench = ModuleBench("BC25", firmware="BC25PAR01A04")
    bench.boot()
    assert bench.ask('AT+CPSMS=1,,,"01000011","00000101"') == ["OK"]
    bench.world.advance(DAY + HOUR)
    assert bench.module.power_state == "asleep"
    assert [event.new for event in bench.reported(CmdmpStateChanged)] == [
        DmpState.CONNECT_SUCCESS,
        DmpState.REG_SUCCESS,
    ]


def test_the_host_wakes_a_sleeping_module_by_writing() -> None:
    bench = ModuleBench("BC25")
    bench.boot()
    bench.ask("AT+CPSMS=1")
    bench.world.advance(60)
    assert bench.module.power_state == "asleep"
    assert bench.ask("AT") == ["OK"]
    assert bench.module.power_state == "on"


def test_sleep_switched_off_keeps_the_module_awake() -> None:
    bench = ModuleBench()
    bench.boot()
    bench.ask("AT+CPSMS=1")
    bench.ask("AT+QSCLK=0")
    bench.world.advance(HOUR)
    assert not any(isinstance(fact, FellAsleep) for fact in bench.facts)


def test_doc_c_telecom_deep_sleep_ends_the_retries() -> None:
    """DOC-C 2.1.4."""
    bench = ModuleBench(operator=Operator.TELECOM, answers=False)
    bench.boot()
    bench.ask("AT+QSREGENABLE=1")
    bench.ask("AT+CPSMS=1")
    bench.restart()
    bench.world.advance(3 * HOUR)
    assert len(bench.ear.heard) == 5  # D12: one round
    assert [event.refusal for event in bench.reported(GaveUp)] == [SelfRegistrationRefusal.DEEP_SLEEP]


def test_doc_c_telecom_without_sleep_tries_three_rounds() -> None:
    """DOC-C 2.1.3; D12, D15: the hour runs from the verdict."""
    bench = ModuleBench(operator=Operator.TELECOM, answers=False)
    bench.boot()
    bench.ask("AT+QSREGENABLE=1")
    bench.restart()
    bench.world.advance(5 * HOUR)
    round_ = [0, 2, 6, 14, 30]
    assert bench.departures() == [start + at for start in (0, 62 + HOUR, 2 * (62 + HOUR)) for at in round_]


def test_the_firmware_update_keeps_nvram_and_changes_the_identity() -> None:
    bench = ModuleBench(firmware="BC260YCNAAR01A03")
    bench.boot()
    bench.ask("AT+QSREGENABLE=1")
    bench.world.perform(bench.node, bench.module.update_firmware, "BC260YCNAAR01A04")
    bench.world.advance(BOOT)
    assert bench.module.identity.firmware == "BC260YCNAAR01A04"
    assert bench.ask("AT+QSREGENABLE?") == ["+QSREGENABLE: 3", "OK"]  # DOC-C 3.2.1, note


def test_the_urcs_of_registration_come_when_they_were_asked_for() -> None:
    bench = ModuleBench()
    bench.boot()
    bench.ask("AT+CEREG=1")
    bench.world.perform(bench.node, bench.module.set_coverage, False)
    assert bench.node.take_serial() == b"\r\n+CEREG: 2\r\n"
    bench.world.perform(bench.node, bench.module.set_coverage, True)
    bench.world.advance(4)
    assert bench.node.take_serial() == b"\r\n+CEREG: 1\r\n\r\n+IP: 10.0.0.2\r\n"


def test_the_identity_is_what_at_commands_and_packets_say() -> None:
    bench = ModuleBench(answers=False)
    bench.boot()
    assert any(IMEI in line for line in bench.ask("AT+CGSN=1"))
    assert f"@#@{IMEI}@#@v2.0" in bench.ear.heard[0][1].query[1]


@pytest.mark.parametrize("model", list(PROFILES))
def test_every_model_boots_answers_at_and_registers_with_its_card(model: str) -> None:
    """A Mobile card, or a Telecom one where the model has no other operator; the DOC-D switch on."""
    mobile = Operator.MOBILE in PROFILES[model].schedules
    bench = ModuleBench(model, Operator.MOBILE if mobile else Operator.TELECOM, answers=False)
    bench.boot()
    bench.ask("AT+QSELFREGISTER=1")
    bench.restart()
    assert bench.ask("AT") == ["OK"]
    assert bench.ear.heard


def test_telecom_registers_at_the_first_boot_ever_and_then_only_after_a_change() -> None:
    """DOC-C 2.1.1, 2.1.2; D58."""
    bench = ModuleBench(operator=Operator.TELECOM)
    bench.boot()
    bench.ask("AT+QSREGENABLE=1")
    counts = []
    for _ in range(3):
        bench.restart()
        counts.append(len(bench.reported(RegistrationSucceeded)))
    assert counts == [1, 1, 1]
    bench.world.perform(bench.node, bench.module.update_firmware, "BC260YCNAAR01A05")
    bench.world.advance(BOOT)
    assert len(bench.reported(RegistrationSucceeded)) == 2
    bench.world.perform(bench.node, bench.module.insert_usim, Usim.of(Operator.TELECOM, "another"))
    bench.world.advance(BOOT)
    assert len(bench.reported(RegistrationSucceeded)) == 3


def test_unicoms_thirty_days_run_on_over_reboots() -> None:
    """DOC-D 2.2.2; D55."""
    bench = ModuleBench("BC25", Operator.UNICOM, firmware="BC25PAR01A04")
    bench.boot()
    bench.world.advance(20 * DAY)
    bench.restart()
    bench.world.advance(9 * DAY)
    assert [event.update for event in bench.reported(RegistrationSucceeded)] == [False]
    bench.power_off()
    bench.world.advance(5 * DAY)  # overdue while it was off
    bench.boot()
    assert [event.update for event in bench.reported(RegistrationSucceeded)] == [False, True]


def test_a_boot_without_a_card_says_nothing_of_a_card() -> None:
    bench = ModuleBench(operator=None)
    bench.boot()
    assert bench.node.take_serial() == b"\r\nRDY\r\n\r\n+CFUN: 1\r\n"


def test_autoconnect_switched_off_leaves_the_radio_off_after_the_next_boot() -> None:
    bench = ModuleBench("BC28")
    bench.boot()
    assert bench.ask("AT+NCONFIG=AUTOCONNECT,FALSE") == ["OK"]
    bench.restart()
    bench.world.advance(60)
    assert not bench.module.radio.attached
    assert bench.ask("AT+CFUN?") == ["+CFUN:0", "OK"]
    bench.ask("AT+CFUN=1")
    bench.world.advance(5)
    assert bench.module.radio.attached
