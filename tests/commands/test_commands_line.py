"""V.250's own commands, on every model: the form of result codes, A/, S0, and what AT&W keeps (D103)."""

from __future__ import annotations

import pytest
from commands_bench import accepted, refused
from player import Bench

from nbtwin.module.nvram import MemoryStorage
from nbtwin.profiles.models import PROFILES

every_model = pytest.mark.parametrize("model", PROFILES)


def restart(bench: Bench) -> None:
    """As a host sees it: the echo is as it comes."""
    bench.module.reset(bench.now)
    bench.advance(5)
    bench.module.serial_to_send()


@every_model
def test_result_codes_are_numbers_under_atv0(model: str) -> None:
    """V.250 6.2.6: information without a line end before it, a number and one <CR>."""
    bench, head = Bench(model), f"+CMEE{PROFILES[model].everyday.colon}"
    assert bench.write(b"ATV0\r") == b"0\r"
    assert bench.write(b"AT\r") == b"0\r"
    assert bench.write(b"AT+NOTHING\r") == b"4\r"
    assert bench.write(b"AT+CMEE?\r") == f"{head}0\r\n0\r".encode()
    assert bench.write(b'AT+CMEE=1;+COPS=1,2,"99999"\r') == b"+CME ERROR: 30\r"
    bench.write(b"AT+CEREG=1\r")
    assert bench.happen("attached") == b""  # what was heard stands in the next line
    assert bench.write(b"ATV1\r") == b"\r\nOK\r\n"
    assert bench.write(b"ATV\r") == b"0\r"


@every_model
def test_urcs_have_the_form_of_result_codes(model: str) -> None:
    for line, before, after in ((b"ATV0\r", b"", b"\r"), (b"ATV1\r", b"\r\n", b"\r\n")):
        bench = Bench(model)
        bench.write(line)
        bench.module.urc("+CSCON: 1")
        assert bench.module.serial_to_send() == before + b"+CSCON: 1" + after
    bench.write(b"ATQ1\r")
    bench.module.urc("+CSCON: 1")
    assert bench.module.serial_to_send() == b""


@every_model
def test_atq1_keeps_result_codes_back_and_information_not(model: str) -> None:
    """V.250 6.2.5."""
    bench, head = Bench(model), f"+CMEE{PROFILES[model].everyday.colon}"
    assert bench.write(b"ATQ1\r") == b""
    assert bench.write(b"AT\r") == b""
    assert bench.write(b"AT+NOTHING\r") == b""
    assert bench.write(b"AT+CMEE?\r") == f"\r\n{head}0\r\n".encode()
    assert bench.write(b"ATQ\r") == b"\r\nOK\r\n"


@every_model
def test_a_slash_repeats_the_last_command_line_without_a_cr(model: str) -> None:
    """V.250 5.2.4."""
    bench, head = Bench(model), f"+CMEE{PROFILES[model].everyday.colon}"
    assert bench.write(b"A/") == b"\r\nOK\r\n"  # of an empty line
    accepted(bench, "AT+CMEE=1;+CMEE?", f"{head}1")
    bench.module.session.cmee = 0
    assert bench.write(b"a/") == f"\r\n{head}1\r\n\r\nOK\r\n".encode()
    assert bench.module.session.cmee == 1
    assert bench.write(b"A/\r") == f"\r\n{head}1\r\n\r\nOK\r\n".encode()
    assert bench.write(b"hello\rA/") == b"\r\nERROR\r\n" + f"\r\n{head}1\r\n\r\nOK\r\n".encode()
    assert bench.write(b"AT+NOTHING\rA/") == b"\r\nERROR\r\n" * 2
    assert bench.write(b"\xff\xfe\x00A/AT\r") == b"\r\nERROR\r\n\r\nOK\r\n"
    assert bench.write(b"BA/\r") == b"\r\nERROR\r\n"
    bench.module.session.echo = True
    assert bench.write(b"A/") == b"A/\r\nOK\r\n"
    bench.write(b"AT+NOTHING\r")
    restart(bench)
    bench.module.session.echo = False
    assert bench.write(b"A/") == b"\r\nOK\r\n"  # the line is not kept over a restart


@every_model
def test_s0_is_shown_with_three_digits(model: str) -> None:
    """V.250 5.3.2, 6.3.8."""
    bench = Bench(model)
    accepted(bench, "ATS0?", "000")
    accepted(bench, "ATS0=255")
    accepted(bench, "ATS0?", "255")
    accepted(bench, "ATS00=1E0S0?", "001")
    refused(bench, "ATS0=256", PROFILES[model].errors.bad_parameter)


@every_model
def test_what_is_kept_of_the_line_comes_back_with_atz_and_every_start(model: str) -> None:
    """D103."""
    storage = MemoryStorage()
    bench, head = Bench(model, storage=storage), f"+CMEE{PROFILES[model].everyday.colon}"
    bench.write(b"ATE0&W\r")
    bench.write(b"ATE1+CMEE=1;S0=2\r")
    bench.write(b"ATZ\r")
    assert bench.write(b"AT+CMEE?;S0?\r") == f"\r\n{head}0\r\n\r\n000\r\n\r\nOK\r\n".encode()
    bench.write(b"ATE1S0=2+CMEE=1;V0&W\r")
    for again in (bench, Bench(model, storage=storage)):
        restart(again)
        assert again.write(b"AT+CMEE?;S0?\r") == f"AT+CMEE?;S0?\r{head}1\r\n002\r\n0\r".encode()
    bench.write(b"AT&F\r")
    assert bench.module.session.settings == bench.module.factory_line_settings
    bench.write(b"ATZ\r")
    assert bench.write(b"AT\r") == b"AT\r0\r", "AT&F does not forget what is kept"
    bench.write(b"AT&F&W\r")
    restart(bench)
    assert bench.module.session.settings == bench.module.factory_line_settings


class Full(MemoryStorage):
    """Nothing can be written."""

    def save(self, content: bytes) -> None:
        raise OSError(28, "No space left on device")


@every_model
def test_what_cannot_be_kept_is_an_error_and_changes_nothing(model: str) -> None:
    bench = Bench(model, storage=Full())
    refused(bench, "AT&W", 23)
    assert bench.module.saved.generic.line is None
