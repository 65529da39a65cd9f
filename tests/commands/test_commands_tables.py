"""Every command of every model, from the tables: forms, too many values, too long ones, bytes that do not belong."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from commands_bench import refused
from commands_values import everyday
from player import Bench

from nbtwin.at.command import ByType, Command, Row
from nbtwin.at.explain import explain
from nbtwin.at.refusals import CommandRefused
from nbtwin.commands.refusals import CommandRefusal
from nbtwin.module.profile import Profile
from nbtwin.profiles.models import PROFILES
from nbtwin.timeline.catalogue import words

every_model = pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.model)
UNSET = {"+QLASETPSK", "+QLASETBSPSK", "+QSETBSPSK"}  # a read before the first write is error 512


def rows_of(command: Command) -> Iterator[tuple[str, Row]]:
    """What stands before the values, and the row that takes them."""
    if isinstance(command.write, ByType):
        yield from ((f"{command.name}={kind},", row) for kind, row in command.write.rows.items())
    elif command.write is not None:
        yield (f"{command.name}{',' if '=' in command.name else '='}", command.write)


@every_model
def test_each_form_that_the_table_has_answers_and_each_other_is_an_error(profile: Profile) -> None:
    """D30, D60."""
    for command in profile.commands:
        bench = Bench(profile.model)
        bench.happen("attached")
        if not command.name.startswith("+") or "=" in command.name:
            continue  # basic commands have no such forms, a quoted subcommand no test form
        forms = {"?": command.read, "": command.execute, "=?": command.test}
        for sign, form in forms.items():
            if form is None:
                refused(bench, f"AT{command.name}{sign}", profile.errors.not_supported)
            elif sign == "?" and command.name in UNSET:
                refused(bench, f"AT{command.name}?", 512)
            else:
                answer = bench.say(f"AT{command.name}{sign}")
                assert answer[-1] in ("OK", "REBOOTING"), f"AT{command.name}{sign} answered {answer}"
                bench.advance(10)
                bench.happen("reboot")
        if command.write is None:
            refused(bench, f"AT{command.name}=1", profile.errors.not_supported)


@every_model
def test_one_value_too_many_is_an_error(profile: Profile) -> None:
    bench = Bench(profile.model)
    for command in profile.commands:
        for head, row in rows_of(command):
            if command.takes_rest_of_line or not command.name.startswith("+"):
                continue
            refused(bench, f"AT{head}{','.join(['1'] * (len(row.fields) + 1))}", profile.errors.bad_parameter)


@every_model
def test_one_value_too_few_is_an_error(profile: Profile) -> None:
    bench = Bench(profile.model)
    for command in profile.commands:
        for head, row in rows_of(command):
            values = everyday(row)
            if values and command.name.startswith("+"):
                line = f"AT{head}{','.join(values[:-1])}"
                if isinstance(command.write, ByType):
                    line = line.removesuffix(",")  # an empty value is none too few
                refused(bench, line, profile.errors.bad_parameter)


@every_model
def test_a_value_of_2000_bytes_or_with_a_byte_that_does_not_belong_is_an_error(profile: Profile) -> None:
    bench = Bench(profile.model)
    for command in profile.commands:
        for head, row in rows_of(command):
            if not row.fields or not command.name.startswith("+"):
                continue
            refused(bench, f"AT{head}{'9' * 2000}", profile.errors.bad_parameter)
            refused(bench, f'AT{head}"{"x" * 2000}"', profile.errors.bad_parameter)
            refused(bench, f"AT{head}\x7f", None)
            before = bench.storage.content
            assert bench.write(f"AT{head}".encode() + b"\xc3\xa4\r") == b"\r\nERROR\r\n"
            assert bench.storage.content == before


@every_model
def test_a_space_in_a_name_or_before_its_sign_is_an_error(profile: Profile) -> None:
    """DOC-E 2.2, D62."""
    bench = Bench(profile.model)
    for command in profile.commands:
        if command.read is not None and command.name.startswith("+") and "=" not in command.name:
            name = command.name
            refused(bench, f"AT{name} ?")
            refused(bench, f"AT{name[:3]} {name[3:]}?")


@every_model
def test_every_command_says_what_it_is_for_and_where_it_stands(profile: Profile) -> None:
    for command in profile.commands:
        assert words(command.says).endswith("."), command.name
        assert words(command.says, "zh").endswith("。"), command.name
        assert command.source, command.name


@every_model
def test_names_are_unique(profile: Profile) -> None:
    names = [command.name.upper() for command in profile.commands]
    assert len(names) == len(set(names))


def test_a_line_is_explained_by_the_vendors_names() -> None:
    profile = PROFILES["BC25"]
    explained = explain(profile.commands, profile.errors, "AT+QDMPCFG=1,117.161.2.7,999,420")
    assert not explained.ok
    assert [field.name for field in explained.commands[0].fields] == [
        "type", "server_IP", "server_port", "update_period",
    ]  # fmt: skip
    assert explained.commands[0].err == 53
    assert explained.commands[0].source == "DOC-D 3.2.1"


def test_an_act_with_too_many_values_is_explained() -> None:
    profile = PROFILES["BC26"]
    explained = explain(profile.commands, profile.errors, 'AT+QDMPCFGEX=1,1,"00-01"')
    assert explained.commands[0].error == CommandRefused(CommandRefusal.ACT_VALUES, "act", "1", 1, 0)


def test_data_of_another_length_than_was_said_is_explained() -> None:
    """D25: nobody has to register a module to learn that the line is wrong."""
    profile = PROFILES["BC28"]
    wrong = CommandRefused(CommandRefusal.DATA_LENGTH, number=4, expected=5)
    for line, error in (("5,hell", wrong), ("5,hello", None)):
        explained = explain(profile.commands, profile.errors, f"AT+QLASENDDATA=0x0100,{line}")
        assert (explained.commands[0].error, explained.ok) == (error, error is None)
