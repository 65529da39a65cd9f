"""A card takes a while to be read after a start (D107); full function without one (D108)."""

from __future__ import annotations

import random

import pytest
from commands_bench import accepted, refused
from player import IMEI, Bench

from nbtwin.module.identity import ModuleIdentity, Usim
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage
from nbtwin.profiles.models import PROFILES
from nbtwin.selfreg.schedule import Operator

NEUL = ("BC35-G", "BC28", "BC95 R2.0")
every_model = pytest.mark.parametrize("model", PROFILES)


class Started:
    """A module whose banner has just come."""

    def __init__(self, model: str, usim: Usim | None) -> None:
        self.profile = PROFILES[model]
        identity = ModuleIdentity(model, IMEI, self.profile.firmware)
        self.module = Module(self.profile, identity, MemoryStorage(), random.Random(1), usim)
        self.module.power_on(0.0)
        self.now = self.profile.boot.duration
        self.banner = self.until(self.now)

    def until(self, now: float) -> bytes:
        self.now = now
        while (deadline := self.module.next_deadline()) is not None and deadline.at <= now:
            self.module.handle_timer(deadline.at)
            self.module.packets_to_send()
        return self.module.serial_to_send()

    def say(self, line: str) -> list[str]:
        self.module.session.echo = False
        self.module.handle_serial(self.now, line.encode() + b"\r")
        return [text for text in self.module.serial_to_send().decode().split("\r\n") if text]


@every_model
def test_the_card_is_read_two_seconds_after_the_banner(model: str) -> None:
    usim = Usim.of(Operator.MOBILE, model)
    iccid = PROFILES[model].everyday.iccid_commands[0]
    for after, read in ((0.0, False), (1.9, False), (2.0, True)):
        started = Started(model, usim)
        assert b"+CPIN" not in started.banner
        heard = started.until(started.now + after)
        assert (heard == b"\r\n+CPIN: READY\r\n") is (read and model not in NEUL)
        started.say("AT+CMEE=1")
        busy = f"+CME ERROR: {314 if started.profile.everyday.no_usim == 310 else 14}"
        assert started.say("AT+CIMI") == ([usim.imsi, "OK"] if read else [busy])
        for line in (f"AT{iccid}", "AT+CPIN?"):
            assert (started.say(line)[-1] == "OK") is read, line
            assert read or started.say(line) == [busy]
        assert started.say("AT+CGATT=1") == ["OK"], "what does not ask the card is answered"


@every_model
def test_a_restart_reads_the_card_again(model: str) -> None:
    bench = Bench(model)
    accepted(bench, "AT+CIMI", Usim.of(Operator.MOBILE, model).imsi)
    bench.module.reset(bench.now)
    bench.advance(bench.profile.boot.duration)
    bench.module.session.echo = False
    bench.module.serial_to_send()
    refused(bench, "AT+CIMI", bench.profile.everyday.usim_busy)
    bench.advance(2)
    assert bench.module.serial_to_send() == (b"" if model in NEUL else b"\r\n+CPIN: READY\r\n")
    accepted(bench, "AT+CIMI", Usim.of(Operator.MOBILE, model).imsi)


@every_model
def test_without_a_card_nothing_is_read_and_nothing_said(model: str) -> None:
    started = Started(model, None)
    started.say("AT+CMEE=1")
    assert started.say("AT+CIMI") == [f"+CME ERROR: {started.profile.everyday.no_usim}"]
    assert started.until(5) == b""


@every_model
def test_full_function_without_a_card(model: str) -> None:
    """D108."""
    bench, sign = Bench(model, usim=None), PROFILES[model].everyday.colon
    accepted(bench, "AT+CFUN=0")
    if model in NEUL:
        refused(bench, "AT+CFUN=1", 4)
        accepted(bench, "AT+CFUN?", f"+CFUN{sign}0")
        bench.module.insert_usim(bench.now, Usim.of(Operator.MOBILE, model))
    accepted(bench, "AT+CFUN=1")
    accepted(bench, "AT+CFUN?", f"+CFUN{sign}1")
