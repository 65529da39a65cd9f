"""`nbtwin explain LINE`: field by field, or why it is wrong, without a module."""

from __future__ import annotations

import pytest
from at_bench import COMMANDS, ERRORS, answer

from nbtwin.at.command import Command, row
from nbtwin.at.explain import LineExplained, explain
from nbtwin.at.refusals import AtRefusal, CommandRefused, ValueKind, ValueTaken
from nbtwin.at.values import Choice
from nbtwin.commands.meanings import CommandMeaning
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.explanation import about, lines_of
from nbtwin.timeline.catalogue import words


def explained(line: str) -> LineExplained:
    return explain(COMMANDS, ERRORS, line)


def test_every_field_with_its_name_text_value_and_what_it_takes() -> None:
    (command,) = explained("AT+HOST=117.161.2.7, 5683\r\n").commands
    assert (command.name, command.form, command.source, command.ok) == ("+HOST", "write", "DOC-Z 2", True)
    server, port = command.fields
    assert (server.name, server.text, server.value) == ("server", "117.161.2.7", "117.161.2.7")
    assert (port.name, port.text, port.value) == ("port", "5683", 5683)
    assert port.takes == ValueTaken(ValueKind.INTEGER, 0, 65535)


def test_no_handler_is_called() -> None:
    assert explained("AT+BROKEN;+FAIL;+NOW").ok


def test_what_is_left_out_or_empty_is_said() -> None:
    (command,) = explained("AT+SET=1").commands
    assert (command.fields[1].text, command.fields[1].value, about(command.fields[1])) == (None, 7, "left out: 7")
    (command,) = explained("AT+SET=1,").commands
    assert (command.fields[1].text, command.fields[1].value, about(command.fields[1])) == ("", None, "left empty")
    (command,) = explained("AT+SEND=1,3").commands
    assert about(command.fields[2]) == "left out"


def test_every_wrong_field_is_named_not_only_the_first() -> None:
    (command,) = explained("AT+HOST=1.2.3.999,99999").commands
    assert [bool(field.error) for field in command.fields] == [True, True]
    assert command.err == 50


def test_missing_and_surplus_values() -> None:
    (command,) = explained("AT+HOST=,").commands
    assert [field.error for field in command.fields] == [
        CommandRefused(AtRefusal.VALUE_EMPTY, "server"),
        CommandRefused(AtRefusal.VALUE_EMPTY, "port"),
    ]
    (command,) = explained("AT+HOST=1.2.3.4").commands
    assert command.fields[1].error == CommandRefused(AtRefusal.VALUE_MISSING, "port")
    (command,) = explained("AT+SET=1,2,3").commands
    why = CommandRefused(AtRefusal.TOO_MANY_VALUES, number=3, expected=2)
    assert command.error == command.fields[2].error == why


def test_the_type_picks_the_layout() -> None:
    (command,) = explained("AT+TYPE=0,1").commands
    assert [(field.name, field.value) for field in command.fields] == [("type", 0), ("mode", 1)]
    (command,) = explained("AT+TYPE=3,1").commands
    takes = ValueTaken(ValueKind.ONE_OF, allowed=("0", "6"))
    why = CommandRefused(AtRefusal.VALUE_NOT_TAKEN, "type", "3", takes=takes)
    assert (len(command.fields), command.error) == (1, why)
    (command,) = explained("AT+TYPE=").commands
    assert command.error == CommandRefused(AtRefusal.VALUE_MISSING, "type")


def test_a_choice_says_what_it_stands_for() -> None:
    def save(module: object, mode: int) -> tuple[str, ...]:
        return ()

    meanings = {0: CommandMeaning.PSM_OFF, 1: CommandMeaning.PSM_ON}
    command = Command("+A", "DOC-Z", write=row(save, Choice.of("mode", meanings)))
    assert explain((command,), ERRORS, "AT+A=1").commands[0].fields[0].meaning is CommandMeaning.PSM_ON


def test_a_chain_is_explained_to_its_end_but_not_executed_behind_a_failure() -> None:
    first, second, third = explained("AT+SET=1;+SET=99;+SET=2").commands
    assert (first.ok, second.ok, third.ok) == (True, False, True)
    assert (first.executed, second.executed, third.executed) == (True, True, False)
    assert not explained("AT+SET=1;+SET=99").ok


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("", AtRefusal.PREFIX_MISSING),
        ("At+SET=1", AtRefusal.PREFIX_MISSING),
        ("AT+SET=é", AtRefusal.LINE_UNPRINTABLE),
        ("AT" + "x" * 3071, AtRefusal.LINE_TOO_LONG),
    ],
)
def test_what_is_wrong_with_the_line_as_such(line: str, error: AtRefusal) -> None:
    found = explained(line)
    assert found.error is not None
    assert found.error.refusal == error
    assert lines_of(found) == [f"ERROR: {words(found.error)}"]
    assert not found.ok


def test_an_unknown_command_ends_the_explanation() -> None:
    good, bad = explained("AT+CGMM;+NOPE=1;+CGMM").commands
    assert (good.ok, bad.ok, bad.err, bad.source) == (True, False, None, "")
    assert bad.error == CommandRefused(AtRefusal.COMMAND_UNKNOWN, text="+NOPE")
    assert explained('AT+QCFG="x"').commands[0].err == 50


@pytest.mark.parametrize(
    ("line", "err"),
    [("AT+SET", 4), ("AT+SET?1", 4), ("AT+SET=10", 50), ("AT+NOPE", None), ("AT+SET=1", None), ("AT", None)],
)
def test_the_explanation_agrees_with_the_module(line: str, err: int | None) -> None:
    explanation = explained(line)
    codes = [command.err for command in explanation.commands if not command.ok]
    assert codes == ([] if explanation.ok else [err])
    final = answer(line, cmee=1)[-1]
    assert final == ("OK" if explanation.ok else f"+CME ERROR: {err}" if err else "ERROR")


def of_bc35(line: str, language: str) -> list[str]:
    profile = PROFILES["BC35-G"]
    return lines_of(explain(profile.commands, profile.errors, line), language)


def test_the_explanation_as_text() -> None:
    assert lines_of(explained("AT")) == ["no command: answers OK (DOC-E 2.2)"]
    assert lines_of(explained("AT+NOPE")) == ["+NOPE", "  ERROR: there is no command +NOPE (D61)"]
    does = "Minimum (0) or full (1) function, flight mode (4); with <rst> 1 after a restart."
    assert of_bc35("AT+CFUN=1;+CFUN=,;+CGMM", "en") == [
        f"AT+CFUN  write form, 27.007 8.2: {does}",
        "    <fun> 1  full function",
        "    <rst> (left out)  left out: 0",
        f"AT+CFUN  write form, 27.007 8.2: {does}",
        "  ✗ <fun> (empty)  <fun> is empty (D36)",
        "  ✗ <rst> (empty)  <rst> is empty (D36)",
        "  +CME ERROR: 50 (AT+CMEE=1): <fun> is empty (D36)",
        "AT+CGMM  execute form, 27.007 5.2: Model.",
        "  not executed: a command before it fails (V.250 5.7)",
    ]


def test_the_explanation_as_chinese_text() -> None:
    assert lines_of(explained("AT"), "zh") == ["没有命令：应答 OK（DOC-E 2.2）"]
    does = "最小功能（0）、全功能（1）、飞行模式（4）；<rst> 为 1 时先重启。"
    assert of_bc35("AT+CFUN=1;+CFUN=,;+CGMM", "zh") == [
        f"AT+CFUN  设置命令，27.007 8.2：{does}",
        "    <fun> 1  全功能",
        "    <rst> （省略）  省略，取默认值 0",
        f"AT+CFUN  设置命令，27.007 8.2：{does}",
        "  ✗ <fun> （空）  参数 <fun> 为空（D36）",
        "  ✗ <rst> （空）  参数 <rst> 为空（D36）",
        "  +CME ERROR: 50 (AT+CMEE=1): 参数 <fun> 为空（D36）",
        "AT+CGMM  执行命令，27.007 5.2：型号。",
        "  未执行：前面的命令失败（V.250 5.7）",
    ]
