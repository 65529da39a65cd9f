"""The MQTT commands of each family that has them: forms, bounds, errors, and what opening a connection says."""

from __future__ import annotations

import pytest
from commands_bench import accepted, refused
from player import Bench

from nbtwin.module.identity import Usim
from nbtwin.profiles.models import PROFILES

MODELS = [model for model, profile in PROFILES.items() if profile.mqtt is not None]
EIGENCOMM = ("BC260Y-CN",)
every_model = pytest.mark.parametrize("model", MODELS)


def bad(model: str) -> int | None:
    return PROFILES[model].errors.bad_parameter


def state(model: str) -> int | None:
    return 3 if bad(model) is not None else None


def attached(model: str) -> Bench:
    bench = Bench(model, usim=Usim("460040123456789", "89860418123456789012"))
    bench.happen("attached")
    return bench


def test_who_has_them() -> None:
    assert set(PROFILES) - set(MODELS) == {"BC95 R2.0"}


@every_model
@pytest.mark.parametrize(
    ("setting", "default", "taken", "shown", "refused_ones"),
    [
        ("keepalive", "120", "3600", "3600", ("3601", "-1", "a")),
        ("session", "1", "0", "0", ("2",)),
        ("version", "1", "0", "0", ("2", "3", "4")),
        ("showrecvlen", "0", "1", "1", ("2",)),
        ("echomode", "0", "1", "1", ("2",)),
        ("dataformat", "0,0", "1,1", "1,1", ("2,0", "0,2", "1")),
        ("will", "0", '1,2,1,"t","m"', '1,2,1,"t","m"', ("2", "1", '1,3,0,"t","m"', '1,0,0,"#","m"', "1,0,0")),
        ("ssl", "0", "0", "0", ("2", "0,11")),
    ],
)
def test_settings(
    model: str, setting: str, default: str, taken: str, shown: str, refused_ones: tuple[str, ...]
) -> None:
    bench, last = Bench(model), 4 if model in EIGENCOMM else 5
    accepted(bench, f'AT+QMTCFG="{setting}",0', f"+QMTCFG: {default}")
    for wrong in refused_ones:
        refused(bench, f'AT+QMTCFG="{setting}",0,{wrong}', bad(model))
    accepted(bench, f'AT+QMTCFG="{setting}",0', f"+QMTCFG: {default}")
    accepted(bench, f'AT+QMTCFG="{setting}",0,{taken}')
    accepted(bench, f'AT+QMTCFG="{setting.upper()}",0', f"+QMTCFG: {shown}")
    accepted(bench, f'AT+QMTCFG="{setting}",{last}', f"+QMTCFG: {default}")
    refused(bench, f'AT+QMTCFG="{setting}",{last + 1}', bad(model))


@every_model
def test_time_outs_have_the_familys_default_and_may_be_given_in_part(model: str) -> None:
    bench = Bench(model)
    accepted(bench, 'AT+QMTCFG="timeout",1', "+QMTCFG: 30,0,0" if model in EIGENCOMM else "+QMTCFG: 10,3,0")
    accepted(bench, 'AT+QMTCFG="timeout",1,5,2,1')
    accepted(bench, 'AT+QMTCFG="timeout",1,60')
    accepted(bench, 'AT+QMTCFG="timeout",1', "+QMTCFG: 60,2,1")
    for wrong in ("0", "61", "5,11", "5,2,2"):
        refused(bench, f'AT+QMTCFG="timeout",1,{wrong}', bad(model))


@every_model
def test_credentials_of_alibaba_cloud_are_shown_once_they_are_set(model: str) -> None:
    bench = Bench(model)
    accepted(bench, 'AT+QMTCFG="aliauth",0')
    refused(bench, 'AT+QMTCFG="aliauth",0,"key"', bad(model))
    refused(bench, f'AT+QMTCFG="aliauth",0,"{"k" * 65}","name","secret"', bad(model))
    accepted(bench, 'AT+QMTCFG="aliauth",0,"key","name","secret"')
    accepted(bench, 'AT+QMTCFG="aliauth",0', '+QMTCFG: "key","name","secret"')


@every_model
def test_tls_is_refused_because_there_is_none(model: str) -> None:
    refused(Bench(model), 'AT+QMTCFG="ssl",0,1,0,0', PROFILES[model].errors.not_supported)


@every_model
def test_test_forms_say_what_is_taken(model: str) -> None:
    bench, ids = Bench(model), "(0-4)" if model in EIGENCOMM else "(0-5)"
    accepted(bench, "AT+QMTOPEN=?", f"+QMTOPEN: {ids},<host_name>,(1-65535)")
    accepted(bench, "AT+QMTCLOSE=?", f"+QMTCLOSE: {ids}")
    accepted(bench, "AT+QMTCONN=?", f"+QMTCONN: {ids},<clientID>,<username>,<password>")
    accepted(bench, "AT+QMTDISC=?", f"+QMTDISC: {ids}")
    accepted(bench, "AT+QMTSUB=?", f"+QMTSUB: {ids},(1-65535),<topic>,(0-2),<topic>,(0-2),...")
    accepted(bench, "AT+QMTUNS=?", f"+QMTUNS: {ids},(1-65535),<topic>,<topic>,...")
    length = ",(0-1460)" if model in EIGENCOMM else ""
    accepted(bench, "AT+QMTPUB=?", f"+QMTPUB: {ids},(0-65535),(0-2),(0,1),<topic>{length},<msg>")
    assert bench.say("AT+QMTCFG=?")[-2:] == [f'+QMTCFG: "ssl",{ids},(0)', "OK"]


@every_model
@pytest.mark.parametrize(
    "line",
    [
        'AT+QMTOPEN=6,"192.0.2.25",1883', "AT+QMTOPEN=0,192.0.2.25,1883", 'AT+QMTOPEN=0,"192.0.2.25",0',
        'AT+QMTOPEN=0,"192.0.2.25",65536', 'AT+QMTOPEN=0,"a b",1883', 'AT+QMTOPEN=0,"192.0.2.25"',
        "AT+QMTCLOSE=6", "AT+QMTDISC=6", 'AT+QMTCONN=6,"c"', 'AT+QMTCONN=0,""', f'AT+QMTCONN=0,"{"c" * 129}"',
        'AT+QMTSUB=0,0,"t",0', 'AT+QMTSUB=0,1,"t",3', 'AT+QMTSUB=0,1,"t"', 'AT+QMTSUB=0,1,"a#",0', 'AT+QMTSUB=0,1,"",0',
        'AT+QMTSUB=0,1,"t",0,"u"', 'AT+QMTUNS=0,65536,"t"', 'AT+QMTUNS=0,1,"+a"',
        'AT+QMTPUB=0,1,0,0,"t"', 'AT+QMTPUB=0,0,1,0,"t"', 'AT+QMTPUB=0,0,0,2,"t"', 'AT+QMTPUB=0,0,3,0,"t"',
        'AT+QMTPUB=0,0,0,0,"#"', f'AT+QMTPUB=0,0,0,0,"{"t" * 257}"',
    ],
)  # fmt: skip
def test_what_is_out_of_bounds_is_refused_and_changes_nothing(model: str, line: str) -> None:
    refused(attached(model), line, bad(model))


@every_model
@pytest.mark.parametrize(
    "line",
    ["AT+QMTCLOSE=0", "AT+QMTDISC=0", 'AT+QMTCONN=0,"c"', 'AT+QMTSUB=0,1,"t",0', 'AT+QMTUNS=0,1,"t"',
     'AT+QMTPUB=0,0,0,0,"t"'],
)  # fmt: skip
def test_what_needs_a_connection_is_refused_without_one(model: str, line: str) -> None:
    refused(attached(model), line, state(model))


@every_model
def test_without_a_network_a_connection_is_not_opened(model: str) -> None:
    bench = Bench(model)
    assert bench.say('AT+QMTOPEN=0,"192.0.2.25",1883') == ["OK", "+QMTOPEN: 0,3"]
    accepted(bench, "AT+QMTOPEN?")


@every_model
def test_a_connection_that_is_being_opened_has_its_number_taken(model: str) -> None:
    bench = attached(model)
    assert bench.say('AT+QMTOPEN=0,"192.0.2.25",1883') == ["OK"]
    assert bench.say('AT+QMTOPEN=0,"192.0.2.26",1883') == ["OK", "+QMTOPEN: 0,2"]
