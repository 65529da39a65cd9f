"""What ends deep sleep (D109, D126): the host's bytes where the family listens, the wake-up pin everywhere."""

from __future__ import annotations

import pytest
from commands_bench import accepted
from player import Bench

from nbtwin.module.events import HostUnheard, ModuleReason, Woke
from nbtwin.profiles.models import PROFILES

DEAF = ("BC26", "BC20", "BC260Y-CN")


def asleep(model: str) -> Bench:
    bench = Bench(model)
    accepted(bench, 'AT+CPSMS=1,,,"01000011","00000001"')
    bench.happen("60 s")
    assert bench.module.power_state == "asleep"
    bench.module.events()
    return bench


@pytest.mark.parametrize("model", [model for model in PROFILES if model not in DEAF])
def test_the_hosts_first_byte_wakes_a_module_that_listens(model: str) -> None:
    """D126."""
    bench = asleep(model)
    accepted(bench, "AT")
    assert bench.module.power_state == "on"
    assert Woke(ModuleReason.HOST_WROTE) in bench.module.events()


@pytest.mark.parametrize("model", DEAF)
def test_a_host_that_does_not_pulse_the_pin_is_not_heard(model: str) -> None:
    """D109."""
    bench = asleep(model)
    for _ in range(3):
        assert bench.write(b"AT\r") == b""
    assert bench.module.power_state == "asleep"
    assert bench.module.events() == [HostUnheard()], "told once a sleep"
    bench.module.wake(bench.now)
    assert bench.module.events() == [Woke(ModuleReason.WAKE_UP_PIN)]
    accepted(bench, "AT")
    bench.happen("60 s")
    bench.module.events()
    assert bench.write(b"AT\r") == b""
    assert bench.module.events() == [HostUnheard()]


@pytest.mark.parametrize("model", DEAF)
def test_without_power_saving_or_with_light_sleep_alone_the_host_is_heard(model: str) -> None:
    for line in ("AT+CPSMS=0", "AT+QSCLK=0", "AT+QSCLK=2"):
        bench = Bench(model)
        accepted(bench, 'AT+CPSMS=1,,,"01000011","00000001"')
        accepted(bench, line)
        bench.happen("600 s")
        accepted(bench, "AT")


@pytest.mark.parametrize("model", DEAF)
def test_half_a_line_that_sleep_has_swallowed_does_not_come_back(model: str) -> None:
    bench = asleep(model)
    bench.write(b"AT+NOTH")
    bench.module.wake(bench.now)
    accepted(bench, "AT")
