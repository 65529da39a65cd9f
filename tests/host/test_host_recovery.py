"""What keeps a host and a module in step: waking, late answers, a restart, another host; each its own event."""

from __future__ import annotations

import pytest

import nbtwin
from nbtwin import host as host_face
from nbtwin.host.dialect import HostDialect, LineKind, waited
from nbtwin.host.driver import (
    AnswerCameLate,
    AnswerReceived,
    Driver,
    HostEvent,
    ModuleStarted,
    NoiseHeard,
    Recovery,
    StrangerHeard,
    UrcReceived,
)
from nbtwin.host.line import WorldTransport
from nbtwin.host.tables import any_dialect, dialect_of
from nbtwin.profiles.models import PROFILES


def driver() -> Driver:
    return Driver(dialect_of(PROFILES["BC28"]), Recovery(probes=3))


def heard(host: Driver, now: float, *lines: str) -> list[HostEvent]:
    host.handle_bytes(now, "".join(f"\r\n{line}\r\n" for line in lines).encode())
    return host.events()


def test_what_a_sleeping_module_loses_is_an_at_and_never_a_command() -> None:
    host = driver()
    heard(host, 0, "REGISTERNOTIFY")
    host.send(20, "AT+CFUN=0")
    assert host.bytes_to_send() == b"AT\r"
    host.handle_timer(21)
    assert host.bytes_to_send() == b"AT\r"
    assert heard(host, 21.1, "OK") == []
    assert host.bytes_to_send() == b"", "the first may be answered yet"
    host.handle_timer(21.6)
    assert host.bytes_to_send() == b"AT+CFUN=0\r"
    assert heard(host, 21.7, "OK") == [AnswerReceived("AT+CFUN=0", (), "OK", pytest.approx(0.1))]  # type: ignore[arg-type]


def test_one_that_does_not_wake_is_sent_nothing_else() -> None:
    host = driver()
    heard(host, 0, "REGISTERNOTIFY")
    host.send(20, "AT+CFUN=0")
    for now in (21, 22, 23):
        host.handle_timer(now)
    (answer,) = host.events()
    assert isinstance(answer, AnswerReceived)
    assert (answer.command, answer.final, answer.sent) == ("AT+CFUN=0", "", False)
    assert host.bytes_to_send() == b"AT\rAT\rAT\r"


def test_a_late_answer_is_that_of_its_own_command() -> None:
    host = driver()
    host.send(0, "AT+QLASERVERIP?")
    host.bytes_to_send()
    limit = waited(0.3)
    host.handle_timer(limit - 0.001)
    assert host.events() == []
    host.handle_timer(limit)
    (given_up,) = host.events()
    assert isinstance(given_up, AnswerReceived)
    assert (given_up.final, given_up.late) == ("", True)
    host.send(2, "AT+CGATT?")
    assert host.bytes_to_send() == b"AT\r"
    assert heard(host, 2.5, "+QLASERVERIP:0,1.2.3.4,5683", "OK") == [], "it may be AT's own"
    late = AnswerCameLate("AT+QLASERVERIP?", ("+QLASERVERIP:0,1.2.3.4,5683",), "OK")
    assert heard(host, 2.6, "OK") == [late]
    host.handle_timer(3.2)
    assert host.bytes_to_send() == b"AT+CGATT?\r"
    (answer,) = heard(host, 3.3, "+CGATT:1", "OK")
    assert isinstance(answer, AnswerReceived)
    assert answer.lines == ("+CGATT:1",)


def test_data_mode_that_was_given_up_is_left_before_anything_else_is_said() -> None:
    host = driver()
    host.send(0, "AT+QLASENDDATA=0,3", data=b"abc")
    host.handle_bytes(0, b"\r\n>")
    assert host.bytes_to_send() == b"AT+QLASENDDATA=0,3\rabc"
    host.handle_timer(9)
    host.send(9, "AT+CGATT?")
    assert host.bytes_to_send() == b"\x1bAT\r"


def test_a_command_whose_beginning_was_lost_is_sent_again_once_the_echo_has_shown_it() -> None:
    host = driver()
    host.send(0, "AT+CFUN=1")
    host.bytes_to_send()
    host.handle_bytes(0.1, b"+CFUN=1\r\r\nERROR\r\n")
    assert (host.events(), host.bytes_to_send()) == ([], b"AT+CFUN=1\r")
    host.handle_bytes(0.2, b"AT+CFUN=1\r\r\nOK\r\n")
    assert [event.final for event in host.events() if isinstance(event, AnswerReceived)] == ["OK"]


def test_an_unasked_line_within_the_echo_is_none_of_the_answer() -> None:
    host = driver()
    host.send(0, "AT+CEREG?")
    host.handle_bytes(0, b"AT+CE\r\n+CEREG:5\r\nREG?\r\r\n+CEREG:0,1\r\n\r\nOK\r\n")
    assert host.events() == [UrcReceived("+CEREG:5"), AnswerReceived("AT+CEREG?", ("+CEREG:0,1",), "OK", 0)]


def test_of_lines_that_may_be_either_the_last_before_ok_is_the_answer() -> None:
    """D142"""
    host = driver()
    host.send(0, "AT+QLADTLSSTAT?")
    assert heard(host, 0, "+QLADTLSSTAT:3", "+QLADTLSSTAT:0", "OK") == [
        UrcReceived("+QLADTLSSTAT:3"),
        AnswerReceived("AT+QLADTLSSTAT?", ("+QLADTLSSTAT:0",), "OK", 0),
    ]
    host.send(0, "AT+QLADTLSSTAT?")
    refused = heard(host, 0, "+QLADTLSSTAT:3", "+CME ERROR: 3")
    assert refused == [UrcReceived("+QLADTLSSTAT:3"), AnswerReceived("AT+QLADTLSSTAT?", (), "+CME ERROR: 3", 0)]


@pytest.mark.parametrize(
    ("command", "line", "kind"),
    [
        ("AT+CEREG?", "+CEREG:0,1", LineKind.ANSWER),
        ("AT+CEREG?", "+CEREG:1", LineKind.URC),
        ("AT+CEREG?", "+CEREG:1,1A2B,00C3D4E5,9", LineKind.URC),
        ("AT+CEREG?", "+CEREG:2,1,1A2B,00C3D4E5,9", LineKind.ANSWER),
        ("AT+CEREG=1", "+CEREG:1", LineKind.URC),
        ("AT+CSCON?", "+CSCON:0,1", LineKind.ANSWER),
        ("AT+CSCON?", "+CSCON:1", LineKind.URC),
        ("AT+NPING=1.2.3.4", "+NPING:1.2.3.4,52,9", LineKind.URC),
        ("AT+CGMM", "REGISTERNOTIFY", LineKind.URC),
        ("AT+QLADATASTATUS?", "+QLADATASTATUS:4", LineKind.EITHER),
    ],
)
def test_answers_and_urcs_of_one_name_are_told_apart_by_their_form(command: str, line: str, kind: LineKind) -> None:
    assert dialect_of(PROFILES["BC28"]).kind_of(line, command) is kind


def test_after_a_restart_the_next_command_waits_for_the_banner() -> None:
    host = driver()
    host.send(0, "AT+NRB")
    host.send(0, "AT+CGMM")
    assert host.bytes_to_send() == b"AT+NRB\r"
    assert heard(host, 0.1, "REBOOTING") == [AnswerReceived("AT+NRB", (), "REBOOTING", pytest.approx(0.1))]  # type: ignore[arg-type]
    assert host.bytes_to_send() == b""
    assert heard(host, 2, "\x01$", "$", "REBOOT_CAUSE_APPLICATION_AT", "Neul", "OK") == [
        NoiseHeard("\x01$"),
        NoiseHeard("$"),
        ModuleStarted("Neul", "REBOOT_CAUSE_APPLICATION_AT"),
    ]
    assert host.bytes_to_send() == b"AT+CGMM\r"


def test_another_host_on_the_same_line_is_heard() -> None:
    host = driver()
    host.send(0, "AT+CGMM")
    *_, answer = heard(host, 0, "AT+CFUN=0", "BC28", "OK")
    assert isinstance(answer, AnswerReceived)
    assert (answer.lines, answer.strangers) == (("BC28",), ("AT+CFUN=0",))
    assert heard(host, 1, "AT+CFUN=1") == [StrangerHeard("AT+CFUN=1")]


@pytest.mark.parametrize("model", PROFILES)
def test_the_dialect_of_a_model_knows_everything_that_its_profile_says_unasked(model: str) -> None:
    profile = PROFILES[model]
    radio, boot = profile.radio_urcs, profile.boot
    templates = (radio.cereg, radio.cereg_located, radio.cscon, *radio.time_zone, radio.address, radio.power_saving)
    values = {"stat": 1, "tac": "1A2B", "ci": "00C3D4E5", "act": 9, "mode": 1, "tz": "+32", "ip": "10.0.0.2"}
    values |= {"local": "26/11/29,22:00:00", "universal": "26/11/29,14:00:00", "pin": "READY"}
    for dialect in (dialect_of(profile), any_dialect()):
        for template in filter(None, (*templates, *boot.urcs, boot.usim_urc)):
            assert dialect.is_urc(template.format(**values)), template


@pytest.mark.parametrize(
    ("model", "line", "limit"),
    [
        ("BC28", "AT+QLASETPSK?", 2.0),  # DOC-E 3.3
        ("BC28", "AT+QLASERVERIP?", 0.3),
        ("BC260Y-CN", "AT+QDMPCFG=6", 0.3),
        ("BC260Y-CN", "AT+QDMPCFG?;+QDMPCFG=6", 0.6),
        ("BC26", "AT+COPS=?", 300.0),
        ("BC26", "AT+COPS?", 5.0),
    ],
)
def test_how_long_an_answer_may_take_is_the_documents(model: str, line: str, limit: float) -> None:
    """D143"""
    dialect: HostDialect = dialect_of(PROFILES[model])
    assert dialect.limit_of(dialect.asked(line)) == limit
    assert waited(limit) > 1.1 * limit


@pytest.mark.parametrize("pin", [True, False])
def test_a_module_that_wakes_by_its_pin_alone_is_woken_by_it(pin: bool) -> None:
    with nbtwin.Lab() as lab:
        backend, twin = lab._session.backend, lab.add_module("BC26")
        assert twin.at('AT+CPSMS=1,,,"01000011","00000001"').ok
        lab.advance(6 * 3600)
        assert twin.state.power == "asleep"
        world = backend.lab.world  # type: ignore[attr-defined]
        with host_face.over(WorldTransport(world, world.modules[twin.name]), model="BC26", wake_pin=pin) as module:
            assert module.send("AT").ok is pin
