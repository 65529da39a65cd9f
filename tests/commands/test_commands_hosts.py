"""Start-up sequences of public host drivers: probe, echo off, identity, reboot, banner, attach loop."""

from __future__ import annotations

import re

import pytest
from commands_bench import accepted, refused
from player import Bench

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


@pytest.mark.parametrize(
    ("model", "steps"),
    [("BC28", BC28_STARTS), ("BC26", BC26_STARTS), ("BC20", BC26_STARTS), ("BC260Y-CN", BC260Y_STARTS)],
)
def test_a_driver_starts(model: str, steps: list[tuple[str, str]]) -> None:
    bench = Bench(model)
    for given, sought in steps:
        heard = bench.happen(given) if given.endswith(" s") else bench.write(given.encode() + b"\r\n")
        assert re.search(sought, heard.decode()), f"after {given}: {heard!r}"


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
    accepted(bench, "AT+NATSPEED?", "+NATSPEED:9600,0,1,2,0")
    accepted(bench, "AT+NATSPEED=115200,10,1,2,1")
    accepted(bench, "AT+NATSPEED?", "+NATSPEED:115200,0,1,2,0")
    refused(bench, "AT+NATSPEED=115200,31", 50)


def test_what_no_twin_can_do_is_refused() -> None:
    bench = Bench("BC35-G")
    refused(bench, "AT+QREGSWT=1", 50)  # automatic registration with a platform that there is not
    accepted(bench, "AT+QREGSWT=0")
    accepted(bench, "AT+QREGSWT?", "+QREGSWT:0")
    accepted(bench, "AT+NSONMI=3")
    accepted(bench, "AT+NSONMI?", "+NSONMI:3")
    refused(bench, "AT+NSONMI=4", 50)


def test_registration_in_the_gprs_way_follows_the_network() -> None:
    bench = Bench("BC32")
    accepted(bench, "AT+CGREG?", "+CGREG: 0,2")
    accepted(bench, "AT+CGREG=0")
    refused(bench, "AT+CGREG=1", 53)
