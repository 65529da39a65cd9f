"""`nbtwin explain LINE`: field by field, or why it is wrong, without a module."""

from __future__ import annotations

import pytest
from at_bench import COMMANDS, ERRORS, answer

from nbtwin.at.command import Command, row
from nbtwin.at.explain import LineExplained, explain
from nbtwin.at.session import explain as from_session
from nbtwin.at.values import Choice


def explained(line: str) -> LineExplained:
    return explain(COMMANDS, ERRORS, line)


def test_every_field_with_its_name_text_value_and_what_it_takes() -> None:
    (command,) = explained("AT+HOST=117.161.2.7, 5683\r\n").commands
    assert (command.name, command.form, command.source, command.ok) == ("+HOST", "write", "DOC-Z 2", True)
    server, port = command.fields
    assert (server.name, server.text, server.value) == ("server", "117.161.2.7", "117.161.2.7")
    assert (port.name, port.text, port.value, port.takes) == ("port", "5683", 5683, "an integer 0-65535")


def test_no_handler_is_called() -> None:
    assert explained("AT+BROKEN;+FAIL;+NOW").ok


def test_what_is_left_out_or_empty_is_said() -> None:
    (command,) = explained("AT+SET=1").commands
    assert (command.fields[1].text, command.fields[1].value, command.fields[1].note) == (None, 7, "left out: 7")
    (command,) = explained("AT+SET=1,").commands
    assert (command.fields[1].text, command.fields[1].value, command.fields[1].note) == ("", None, "left empty")
    (command,) = explained("AT+SEND=1,3").commands
    assert command.fields[2].note == "left out"


def test_every_wrong_field_is_named_not_only_the_first() -> None:
    (command,) = explained("AT+HOST=1.2.3.999,99999").commands
    assert [bool(field.error) for field in command.fields] == [True, True]
    assert command.err == 50


def test_missing_and_surplus_values() -> None:
    (command,) = explained("AT+HOST=,").commands
    assert [field.error for field in command.fields] == ["<server> is empty (D36)", "<port> is empty (D36)"]
    (command,) = explained("AT+HOST=1.2.3.4").commands
    assert command.fields[1].error == "<port> is missing"
    (command,) = explained("AT+SET=1,2,3").commands
    assert command.error == command.fields[2].error == "3 values where at most 2 are allowed"


def test_the_type_picks_the_layout() -> None:
    (command,) = explained("AT+TYPE=0,1").commands
    assert [(field.name, field.value) for field in command.fields] == [("type", 0), ("mode", 1)]
    (command,) = explained("AT+TYPE=3,1").commands
    assert (len(command.fields), command.error) == (1, "<type> is '3', not one of 0, 6")
    (command,) = explained("AT+TYPE=").commands
    assert command.error == "<type> is missing"


def test_a_choice_says_what_it_stands_for() -> None:
    def save(module: object, mode: int) -> tuple[str, ...]:
        return ()

    meanings = Command("+A", "DOC-Z", write=row(save, Choice("mode", (0, 1), {0: "off", 1: "on"})))
    assert explain((meanings,), ERRORS, "AT+A=1").commands[0].fields[0].note == "on"


def test_a_chain_is_explained_to_its_end_but_not_executed_behind_a_failure() -> None:
    first, second, third = explained("AT+SET=1;+SET=99;+SET=2").commands
    assert (first.ok, second.ok, third.ok) == (True, False, True)
    assert (first.executed, second.executed, third.executed) == (True, True, False)
    assert not explained("AT+SET=1;+SET=99").ok


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("", "does not start with AT"),
        ("At+SET=1", "does not start with AT"),
        ("AT+SET=é", "not printable ASCII"),
        ("AT" + "x" * 2047, "longer than 2048"),
    ],
)
def test_what_is_wrong_with_the_line_as_such(line: str, error: str) -> None:
    assert error in explained(line).error
    assert error in explained(line).lines()[0]
    assert not explained(line).ok


def test_an_unknown_command_ends_the_explanation() -> None:
    good, bad = explained("AT+CGMM;+NOPE=1;+CGMM").commands
    assert (good.ok, bad.ok, bad.err, bad.source) == (True, False, None, "")
    assert bad.error == "there is no command +NOPE (D61)"
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


def test_the_explanation_as_text() -> None:
    assert explained("AT").lines() == ["no command: answers OK (DOC-E 2.2)"]
    assert explained("AT+SET=1;+SET=,;+CGMM").lines() == [
        "AT+SET  write form, DOC-Z 1: sets two numbers",
        "    <a> 1  an integer 0-9",
        "    <b> (left out)  left out: 7",
        "AT+SET  write form, DOC-Z 1: sets two numbers",
        "  ✗ <a> (empty)  <a> is empty (D36)",
        "    <b> (empty)  left empty",
        "  +CME ERROR: 50 (AT+CMEE=1): <a> is empty (D36)",
        "AT+CGMM  execute form, DOC-Z 12".replace("DOC-Z 12", "27.007 5.2"),
        "  not executed: a command before it fails (V.250 5.7)",
    ]
    assert explained("AT+NOPE").lines() == ["+NOPE", "  ERROR: there is no command +NOPE (D61)"]


def test_session_offers_the_same_function() -> None:
    assert from_session is explain
