"""Every field of every command of every model: at its bounds it is taken, one beyond it fails with the right code.

The values come from the tables (`commands_values`); what a handler adds to its fields is tested where the handler is.
"""

from __future__ import annotations

import re

import pytest
from commands_bench import everything, refused
from commands_values import bad, everyday, good, required, rows_of, takes_rest, variants
from player import Bench

from nbtwin.at.command import Command
from nbtwin.at.values import Quoted, Rest
from nbtwin.commands.mqtt import Topic
from nbtwin.module.profile import Profile
from nbtwin.profiles.models import PROFILES

every_model = pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.model)

# What a handler asks besides what its fields say, and what it may answer when values are right one by one.
MORE_IS_ASKED = {
    "+QLASENDDATA": {513}, "+QLASENDATA": {513},  # D23: nobody is registered
    "+QLASENDRSP": {516}, "+QLASREGIND": {512, 513}, "+QLAFOTAIND": {516},
    "+QLASERVERIP": {50},  # DEL of what is not there (D49)
    "+COPS": {"bad", 30}, "+CPIN": {3}, "+CGACT": {3}, "+QBAND": {"bad"}, "+NBAND": {"bad"}, "+NCONFIG": {"bad"},
    "+QDMPCFGEX": {"bad"},  # <act> 1 and 2 take no values
    "+NSOCR": {"bad", 3}, "+NSOST": {"bad", 530}, "+NSOSTF": {"bad", 530}, "+NSORF": {"bad", 530},
    "+NSOCO": {"bad", 530}, "+NSOSD": {"bad", 530}, "+NSOCL": {"bad", 530}, "+NQSOS": {"bad", 530},  # no such socket
    "+CMEE": set(),
    "+QIOPEN": {3, None}, "+QIDNSGIP": {3, None}, "+QNTP": {3, None},  # another context; a <connectID> that is open
    "+QICLOSE": {3, None}, "+QISEND": {3, None}, "+QISENDEX": {3, None}, "+QIRD": {3, None}, "+QISWTMD": {3, None},
    "+QPING": {3, None},  # while others are under way
    "+QMTOPEN": {"bad", 3, None}, "+QMTCLOSE": {"bad", 3, None}, "+QMTCONN": {"bad", 3, None},  # the client's state
    "+QMTDISC": {"bad", 3, None}, "+QMTSUB": {"bad", 3, None}, "+QMTUNS": {"bad", 3, None},
    "+QMTPUB": {"bad", 3, None},
    "+QMTCFG": {"bad", 3, 4, None},  # a will without its topic, one of three names, one of two formats; TLS
}  # fmt: skip
OF_A_CONNECTION = {"+QMTCONN", "+QMTSUB", "+QMTUNS", "+QMTPUB"}
"""Refused without one: test_commands_mqtt."""
ALL_OR_NONE = {'+QMTCFG="aliauth"'}
RESTARTS = {"+QRST", "+NRB", "+CFUN"}
OF_RESULTS = {"Q", "V"}  # what they do to OK is in test_commands_line


def fresh(profile: Profile) -> Bench:
    bench = Bench(profile.model)
    bench.happen("attached")
    return bench


@every_model
def test_every_value_at_a_bound_is_taken(profile: Profile) -> None:
    for command in profile.commands:
        if command.name in OF_RESULTS:
            continue
        bench = fresh(profile)
        for head, row in rows_of(command):
            for position, field in enumerate(row.fields):
                if not isinstance(field, Rest):
                    for values in variants(row, everyday(row), position, good(field)):
                        field.parse(values[position])  # raises ValueError
                        check_taken(bench, profile, command, f"AT{head}{','.join(values)}")


def check_taken(bench: Bench, profile: Profile, command: Command, line: str) -> None:
    """OK, data mode, or an error that the handler adds."""
    bench.module.session.cmee = 1
    *_, final = bench.say(line)
    if final == ">":
        bench.write(b"\x1b")
    elif final not in ("OK", "REBOOTING") and not final.startswith(("+NPING", "+QPING", "+QDNS")):
        added = MORE_IS_ASKED.get(command.name.partition("=")[0], set())
        allowed = {profile.errors.bad_parameter if error == "bad" else error for error in added}
        code = re.fullmatch(r"\+CME ERROR: (\d+)", final)
        assert (int(code[1]) if code else None) in allowed, f"{line} answered {final}"
    if command.name in RESTARTS:
        bench.advance(10)
        bench.happen("attached")
    bench.module.session.echo = False


@every_model
def test_every_value_beyond_a_bound_is_an_error_and_changes_nothing(profile: Profile) -> None:
    bench = fresh(profile)
    wrong = profile.errors.bad_parameter
    for command in profile.commands:
        for head, row in rows_of(command):
            if not command.name.startswith("+"):
                continue  # basic commands: V.250's own grammar, below
            for position, field in enumerate(row.fields):
                if isinstance(field, Rest):
                    continue
                for values in variants(row, everyday(row), position, bad(field)):
                    if takes_rest(row) and any('"' in value for value in values):
                        continue  # an open quote swallows nothing there (D25): the next field sees it
                    refused(bench, f"AT{head}{','.join(values)}", wrong)


@every_model
def test_values_that_are_missing_or_too_many_are_errors(profile: Profile) -> None:
    bench = fresh(profile)
    wrong = profile.errors.bad_parameter
    for command in profile.commands:
        for head, row in rows_of(command):
            if not command.name.startswith("+"):
                continue
            values = everyday(row)
            for count in range(len(required(row))):
                if "=" not in head[:-1] or count:  # a subcommand without a value is its read
                    refused(bench, f"AT{head}{','.join(values[:count])}", wrong)
            if not takes_rest(row):
                full = [good(field)[0] for field in row.fields]
                head = head if row.fields else f"{head},"
                refused(bench, f"AT{head}{','.join([*full, '1'])}", wrong)
                refused(bench, f"AT{head}{','.join([*full, ''])}", wrong)


@every_model
def test_bytes_that_are_not_printable_ascii_are_errors_in_every_value(profile: Profile) -> None:
    bench = fresh(profile)
    for command in profile.commands:
        for head, row in rows_of(command):
            if not row.fields:
                continue
            before = everything(bench)
            for junk in (b"\xc3\xa4", b"\xe4\xb8\xad", b"\xff", b"\x7f"):  # V.250 5.2.2 ignores control characters
                text = ",".join(everyday(row)[:-1]).encode()
                assert bench.write(f"AT{head}".encode() + text + junk + b"\r") == b"\r\nERROR\r\n", (head, junk)
            assert everything(bench) == before, head


@every_model
def test_basic_commands_take_their_numbers_and_no_others(profile: Profile) -> None:
    bench = fresh(profile)
    for line in ("ATE2", "ATE9", "ATE99999999999999999999", "ATI1", "ATI9", "ATQ2", "ATV2", "AT&W1", "ATS0=256"):
        refused(bench, line, profile.errors.bad_parameter)
    for line in ("ATZ9", "ATX", "AT&", "ATE-1", "ATé", "ATS", "ATS0", "ATS0=", "ATS0=-1", "ATS1=0", "ATS=0", "ATS0=?"):
        before = everything(bench)
        assert bench.say(line)[-1] == "ERROR", line
        assert everything(bench) == before


@every_model
def test_spaces_around_values_are_ignored_and_inside_them_are_not(profile: Profile) -> None:
    """DOC-E 2.2, D62."""
    for command in profile.commands:
        bench = fresh(profile)
        for head, row in rows_of(command):
            if row.fields and command.name.startswith("+") and not takes_rest(row):
                spaced = " , ".join(everyday(row))
                check_taken(bench, profile, command, f" AT{head} {spaced} ; ")


@every_model
def test_names_in_either_case_are_the_same_command(profile: Profile) -> None:
    """DOC-E 2.2, D62."""
    bench = fresh(profile)
    for command in profile.commands:
        if command.read is not None:
            sign = "" if "=" in command.name else "?"
            upper, lower = bench.say(f"AT{command.name.upper()}{sign}"), bench.say(f"at{command.name.lower()}{sign}")
            assert upper == lower, command.name


@every_model
def test_commands_inside_quotes_are_text(profile: Profile) -> None:
    """DOC-E 2.2, D62; the example of DOC-B 2.3 has ; in its value."""
    bench = fresh(profile)
    before = everything(bench)[3:]
    for command in profile.commands:
        if command.name in OF_A_CONNECTION:
            continue
        for head, row in rows_of(command):
            for position, field in enumerate(row.fields):
                if isinstance(field, Quoted) and field.longest >= 30:
                    text = (
                        '";AT&F;E1"' if isinstance(field, Topic) else '";+CFUN=0;AT+CFUN=0;E1"'
                    )  # no wildcard of MQTT
                    for values in variants(row, everyday(row), position, [text]):
                        if command.name in ALL_OR_NONE and len(values) < len(row.fields):
                            continue
                        line = f"AT{head}{','.join(values)};+CSQ"
                        answer = bench.say(line)
                        assert answer[-1] == "OK", line
                        assert answer[0].startswith("+CSQ"), line  # the chain goes on behind the quotes
    assert everything(bench)[3:] == before
