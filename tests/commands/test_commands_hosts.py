"""Start-up sequences of public host drivers: probe, echo off, identity, reboot, banner, attach loop."""

from __future__ import annotations

import re

import pytest
from commands_bench import accepted, refused
from player import Bench

from nbtwin.profiles.models import PROFILES

BC28_STARTS = [  # (line, what the driver looks for in the answer)
    ("AT", "OK"), ("ATE0", "OK"), ("AT+QREGSWT=2", "OK"), ("AT+NCONFIG=AUTOCONNECT,FALSE", "OK"),
    ("AT+NRB", "REBOOTING"), ("5 s", "Neul"), ("AT", "OK"), ("ATE0", "OK"), ("AT+CGSN=1", r"\+CGSN:\d{15}"),
    ("AT+NBAND=8", "OK"), ("AT+CFUN=1", "OK"), ("AT+NSONMI=2", "OK"), ("AT+CEDRXS=0,5", "OK"), ("AT+CPSMS=0", "OK"),
    ("AT+CIMI", r"\d{15}"), ("AT+CGATT=1", "OK"), ("AT+NATSPEED?", r"\+NATSPEED:9600"), ("ATI", "Revision:"),
    ("AT+CPIN?", "READY"), ("AT+CSQ", r"\+CSQ:20,"), ("5 s", ""), ("AT+CGATT?", r"\+CGATT:1"),
    ("AT+CGPADDR", r"\+CGPADDR:0,10\.0\.0\.2"),
]  # fmt: skip
BC26_STARTS = [
    ("AT", "OK"), ("ATE0", "OK"), ("AT+QSCLK=0", "OK"), ("AT+CEDRXS=0", "OK"), ("AT+CPSMS=0", "OK"),
    ("AT+IPR?", r"\+IPR: 115200"), ("ATI", "Revision: "), ("AT+CPIN?", "READY"), ("AT+CSQ", r"\+CSQ: 20,"),
    ("5 s", ""), ("AT+CGREG?", r"\+CGREG: 0,1"), ("AT+CGPADDR=1", r'\+CGPADDR: 1,"10\.0\.0\.2"'),
]  # fmt: skip
BC260Y_STARTS = [
    ("AT", "OK"), ("ATE0", "OK"), ("AT+QSCLK=0", "OK"), ("ATI", "Quectel_BC260Y-CN"), ("AT+CGSN=1", r"\+CGSN: \d{15}"),
    ("AT+CPIN?", r"\+CPIN: READY"), ("AT+QRST=1", "OK"), ("5 s", "RDY"), ("AT+CEREG?", r"\+CEREG: 0,1"),
    ("AT+CGATT?", r"\+CGATT: 1"), ("AT+CGPADDR?", r'\+CGPADDR: 0,"10\.0\.0\.2"'), ("AT+CSCON?", r"\+CSCON: 0,[01]"),
]  # fmt: skip


BC28_WITH_APN = [  # checks APN and band, sets them, resets, checks again; errors as plain ERROR
    ("AT+CFUN=0", "OK"), ("AT+CMEE=0", "OK"), ("AT+QREGSWT=2", "OK"), ('AT+CPSMS=1,,,"00111000","00010000"', "OK"),
    ("AT+CGDCONT?", r'\+CGDCONT:0,"IP",""'), ("AT+CGATT=0", "OK"), ('AT+CGDCONT=0,"IPV4V6","cmnbiot"', "OK"),
    ("AT+CFUN=0", "OK"), ("AT+NBAND=8", "OK"), ("AT+NRB", "REBOOTING"), ("2 s", "Neul"),
    ("AT+CGDCONT?", r'\+CGDCONT:0,"IPV4V6","cmnbiot"'), ("AT+NBAND?", r"\+NBAND:8\r"), ("AT+CEREG=5", "OK"),
    ("5 s", r"\+CEREG:1"), ("AT+CEREG?", r"\+CEREG:5,1"), ("AT+CCLK?", r"\+CCLK:\d\d/\d\d/\d\d,.*\+32"),
]  # fmt: skip
BC35_STARTS = [
    ("AT+NCONFIG=AUTOCONNECT,FALSE", "OK"), ("AT+QREGSWT=0", "OK"), ("AT+NRB", "REBOOTING"), ("10 s", "OK\r\n"),
    ("AT+CMEE=1", "OK"), ("AT+CFUN=0", "OK"), ("AT+NCSEARFCN", "OK"), ("AT+NBAND=8", "OK"), ("AT+CFUN=1", "OK"),
    ("AT+CIMI", r"460\d{12}"), ("AT+CEDRXS=0,5", "OK"), ("ATI", "Revision:"), ("AT+CGMR", "OK"),
    ("AT+NCCID", r"\+NCCID:\d{20}"), ("AT+CGSN=1", r"\+CGSN:\d{15}"), ("AT+CGATT=1", "OK"), ("AT+NSMI=0", "OK"),
    ("AT+NNMI=0", "OK"), ("AT+CPSMS=1,,,01000011,00000001", "OK"), ("5 s", ""), ("AT+CSQ", r"\+CSQ:20,"),
    ("AT+NUESTATS", r"Signal power:-\d+[\s\S]*Cell ID:\d+[\s\S]*ECL:\d+[\s\S]*SNR:\d+[\s\S]*EARFCN:\d+"),
    ("AT+CEREG?", r"\+CEREG:0,1"),
]  # fmt: skip
BC95_STARTS = [
    ("AT", "OK"), ("ATI", "BC95"), ("ATE0", "OK"), ("AT+NCCID?", r"\+NCCID:\d{20}"), ("AT+NBAND?", r"\+NBAND:"),
    ("AT+NCONFIG=AUTOCONNECT,TRUE", "OK"), ("AT+NCONFIG=CR_0354_0338_SCRAMBLING,TRUE", "OK"),
    ("AT+NCONFIG=CR_0859_SI_AVOID,TRUE", "OK"), ("AT+NBAND=5", "OK"), ("AT+NRB", "REBOOTING"), ("5 s", "Neul"),
    ("AT+NCONFIG?", "AUTOCONNECT,TRUE"), ("AT+CFUN?", r"\+CFUN:1"), ("AT+CGSN=1", r"\+CGSN:\d{15}"),
    ("AT+CGATT=1", "OK"), ("AT+CEREG=1", "OK"), ("AT+CSCON=1", "OK"), ("5 s", ""), ("AT+CSCON?", r"\+CSCON:1,[01]"),
    ("AT+CEREG?", r"\+CEREG:1,1"), ("AT+CGATT?", r"\+CGATT:1\r\n\r\nOK"), ("AT+CGPADDR", r"\+CGPADDR:0,10"),
]  # fmt: skip
BC26_BY_RESET = [  # resets first and looks for the answer of each line, wherever it stands
    ("AT+QRST=1", "OK"), ("3 s", "RDY"), ("AT", "OK"), ("AT+QSCLK=1", "OK"), ("AT+CPSMS=0", "OK"),
    ("AT+CGSN=1", r"\+CGSN: \d{15}"), ("AT+QBAND=1,8", "OK"), ("AT+CFUN=1", "OK"), ("AT+CSCON=0", "OK"),
    ("AT+CEDRXS=0,5", "OK"), ("AT+QLEDMODE=1", "OK"), ("AT+QCCID", r"\+QCCID: \d{20}"), ("5 s", ""),
    ("AT+CEREG?", r"\+CEREG: 0,1"), ("AT+CGATT?", r"\+CGATT: 1"),
]  # fmt: skip
RDY_STARTS = [  # the other family's, in the words of its manual
    ("AT", "OK"), ("ATE0", "OK"), ("AT+CMEE=1", "OK"), ("ATI", "Quectel_Ltd"), ("AT+CGMR", "Revision: BC"),
    ("AT+CGSN=1", r"\+CGSN: \d{15}"), ("AT+CFUN=0", "OK"), ("AT+QCSEARFCN", "OK"), ("AT+QBAND=1,{band}", "OK"),
    ('AT+CGDCONT={context},"IP","cmnbiot"', "OK"), ("AT+QRST=1", "OK"),
    ("3 s", r"^\r\nRDY\r\n\r\n\+CFUN: 1\r\n\r\n\+CPIN: READY\r\n$"), ("ATE0", "OK"), ("AT+CPIN?", r"\+CPIN: READY"),
    ("AT+CIMI", r"460\d{12}"), ("AT+QCCID", r"\+QCCID: \d{20}"), ("AT+QBAND?", r"\+QBAND: {band}\r"),
    ("AT+CEREG=1", "OK"), ("5 s", r"\+CEREG: 1"), ("AT+CGATT?", r"\+CGATT: 1"), ("AT+CSQ", r"\+CSQ: 20,"),
    ("AT+CGDCONT?", r'\+CGDCONT: {context},"IP","cmnbiot"'),
]  # fmt: skip
STARTS = [
    ("BC28", BC28_STARTS), ("BC28", BC28_WITH_APN), ("BC35-G", BC35_STARTS), ("BC35-G", BC28_STARTS),
    ("BC95 R2.0", BC95_STARTS), ("BC26", BC26_STARTS), ("BC26", BC26_BY_RESET), ("BC20", BC26_STARTS),
    ("BC20", BC26_BY_RESET), ("BC260Y-CN", BC260Y_STARTS),
    *((model, RDY_STARTS) for model, profile in PROFILES.items() if profile.boot.banner == ("RDY",)),
]  # fmt: skip


@pytest.mark.parametrize(("model", "steps"), STARTS)
def test_a_driver_starts(model: str, steps: list[tuple[str, str]]) -> None:
    bench = Bench(model)
    values = {"{band}": str(bench.profile.bands[-1]), "{context}": str(bench.profile.everyday.context)}
    for texts in steps:
        given, sought = texts
        for name, value in values.items():
            given, sought = given.replace(name, value), sought.replace(name, value)
        heard = bench.happen(given) if given.endswith(" s") else bench.write(given.encode() + b"\r\n")
        assert re.search(sought, heard.decode()), f"after {given}: {heard!r}"


def test_every_model_has_a_driver_that_starts_it() -> None:
    assert {model for model, _ in STARTS} == set(PROFILES)


@pytest.mark.parametrize("model", PROFILES)
def test_what_hosts_of_other_modules_ask_first_is_answered(model: str) -> None:
    bench = Bench(model)
    sign, context, bad = (
        bench.profile.everyday.colon,
        bench.profile.everyday.context,
        bench.profile.errors.bad_parameter,
    )
    for short, long in (("GMI", "CGMI"), ("GMM", "CGMM"), ("GMR", "CGMR")):
        assert bench.say(f"AT+{short}") == bench.say(f"AT+{long}")
    accepted(bench, "AT+GSN", bench.module.identity.imei)
    refused(bench, f"AT+CGACT=1,{context}", bench.profile.everyday.no_network)
    bench.happen("attached")
    accepted(bench, "AT+CGACT?", f"+CGACT{sign}{context},1")
    accepted(bench, f"AT+CGACT=1,{context}")
    refused(bench, f"AT+CGACT=0,{context}", 3)
    refused(bench, "AT+CGACT=2", bad)
    accepted(bench, "AT+CESQ", f"+CESQ{sign}99,99,255,255,18,56")
    bench.module.set_signal(bench.now, 99)
    accepted(bench, "AT+CESQ", f"+CESQ{sign}99,99,255,255,255,255")
    for line in ("ATZ", "AT&F"):
        accepted(bench, "AT+CMEE=1;+CEREG=2")
        bench.say(line)
        bench.module.session.echo = False
        accepted(bench, "AT+CMEE?", f"+CMEE{sign}0")
        assert bench.say("AT+CEREG?")[0].startswith(f"+CEREG{sign}0,")
        refused(bench, f"{line}1", bad)


def test_edrx_is_kept_until_switched_off() -> None:
    for model, head in (("BC28", "+CEDRXS:"), ("BC25", "+CEDRXS: ")):
        bench = Bench(model)
        accepted(bench, "AT+CEDRXS?", f"{head}0")
        accepted(bench, 'AT+CEDRXS=1,5,"0010"')
        bench.happen("reboot")
        accepted(bench, "AT+CEDRXS?", f'{head}5,"0010"')
        accepted(bench, "AT+CEDRXS=2,5")
        accepted(bench, "AT+CEDRXS?", f'{head}5,"0010"')
        for value in ("4", "1,4", "1,5,0010", '1,5,"00100"', "x"):
            refused(bench, f"AT+CEDRXS={value}", bench.profile.errors.bad_parameter)
        accepted(bench, "AT+CEDRXS=3")
        accepted(bench, "AT+CEDRXS?", f"{head}0")


def test_baud_rates_are_kept() -> None:
    bench = Bench("BC26")
    accepted(bench, "AT+IPR=9600")
    accepted(bench, "AT+IPR?", "+IPR: 9600")
    refused(bench, "AT+IPR=1234")
    bench = Bench("BC28")
    accepted(bench, "AT+NATSPEED=115200,10")
    accepted(bench, "AT+NATSPEED?", "+NATSPEED:115200,0,1,2,0")
    bench.happen("reboot")
    accepted(bench, "AT+NATSPEED?", "+NATSPEED:9600,0,1,2,0")
    accepted(bench, "AT+NATSPEED=115200,10,1,2,1")
    accepted(bench, "AT+NATSPEED?", "+NATSPEED:115200,0,1,2,0")
    bench.happen("reboot")
    accepted(bench, "AT+NATSPEED?", "+NATSPEED:115200,0,1,2,0")
    refused(bench, "AT+NATSPEED=115200,31", 50)


def speeds(bench: Bench) -> tuple[int, int]:
    """At which the module listens, and at which it spoke last."""
    return bench.module.line_speed, bench.module.spoken_at


def test_ok_is_said_at_the_former_speed() -> None:
    """D110."""
    for model, line, former in (("BC26", "AT+IPR=9600", 115200), ("BC28", "AT+NATSPEED=4800,30,1", 9600)):
        bench = Bench(model)
        assert speeds(bench) == (former, former)
        accepted(bench, line)
        new = int(line.partition("=")[2].split(",")[0])
        assert speeds(bench) == (new, former)
        accepted(bench, "AT")
        assert speeds(bench) == (new, new)
        bench.happen("reboot")
        assert speeds(bench) == (new, new), "both are stored"


@pytest.mark.parametrize(("timeout", "wait", "used", "stays"), [
    (5, 4.9, False, True), (5, 5.0, False, False), (5, 5.0, True, True), (30, 29.9, False, True), (0, 600, False, True),
])  # fmt: skip
def test_a_speed_that_nobody_uses_in_time_is_given_up(timeout: int, wait: float, used: bool, stays: bool) -> None:
    """D110."""
    bench = Bench("BC35-G")
    accepted(bench, f"AT+NATSPEED=57600,{timeout},0")
    if used:
        accepted(bench, "AT")
    bench.advance(wait)
    bench.module.serial_to_send()
    assert bench.module.line_speed == (57600 if stays else 9600)
    bench.happen("reboot")
    assert bench.module.line_speed == 9600, "it was not stored"


@pytest.mark.parametrize("model", ["BC35-G", "BC28", "BC95 R2.0"])
def test_registration_with_a_platform_that_there_is_not(model: str) -> None:
    """D106: kept and shown; nothing is sent, because nobody has told a server."""
    bench = Bench(model)
    accepted(bench, "AT+QREGSWT?", "+QREGSWT:2")
    for mode in (0, 1, 2, 1):
        accepted(bench, f"AT+QREGSWT={mode}")
        accepted(bench, "AT+QREGSWT?", f"+QREGSWT:{mode}")
    refused(bench, "AT+QREGSWT=3", 50)
    assert bench.happen("reboot").endswith(b"Neul\r\nOK\r\n")
    accepted(bench, "AT+QREGSWT?", "+QREGSWT:1")
    assert bench.happen("60 s") == b""


def test_how_data_would_be_announced_is_kept() -> None:
    bench = Bench("BC35-G")
    accepted(bench, "AT+NSONMI=3")
    accepted(bench, "AT+NSONMI?", "+NSONMI:3")
    refused(bench, "AT+NSONMI=4", 50)


def test_registration_in_the_gprs_way_follows_the_network() -> None:
    bench = Bench("BC32")
    accepted(bench, "AT+CGREG?", "+CGREG: 0,2")
    accepted(bench, "AT+CGREG=0")
    refused(bench, "AT+CGREG=1", 53)


def test_the_apn_is_kept_and_of_a_known_type() -> None:
    for model, context in (("BC28", 0), ("BC26", 1), ("BC260Y-CN", 0), ("BC32", 1)):
        bench = Bench(model)
        sign = ":" if model == "BC28" else ": "
        accepted(bench, "AT+CGDCONT?", f'+CGDCONT{sign}{context},"IP",""')
        accepted(bench, f'AT+CGDCONT={context},"nonip"')
        bench.happen("reboot")
        accepted(bench, "AT+CGDCONT?", f'+CGDCONT{sign}{context},"NONIP",""')
        for value in (
            "",
            "9",
            f'{context},"PPP"',
            f"{context},IP",
            f'{context},"IP",apn',
            f'{context},"IP","{"x" * 100}"',
        ):
            refused(bench, f"AT+CGDCONT={value}", bench.profile.errors.bad_parameter)


def test_numbers_that_mean_nothing_here_are_shown_again_until_the_next_boot() -> None:
    bench = Bench("BC35-G")
    for name, most, default in (("NSONMI", 3, 1), ("NSMI", 1, 0), ("NNMI", 2, 0), ("QLEDMODE", 1, 0)):
        accepted(bench, f"AT+{name}={most}")
        accepted(bench, f"AT+{name}?", f"+{name}:{most}")
        refused(bench, f"AT+{name}={most + 1}", 50)
        bench.happen("reboot")
        accepted(bench, f"AT+{name}?", f"+{name}:{default}")
