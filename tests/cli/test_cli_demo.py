"""`nbtwin demo`: shows the dialogue, the packets, the states and the inventory, and fails when anything is wrong."""

import re
import subprocess
import sys
from functools import partial

import pytest
from running import environment, nbtwin

from nbtwin.cli import demo
from nbtwin.cli.demo_month import simulate
from nbtwin.cli.language import choose
from nbtwin.selfreg.cmdmp import DmpState

DATAGRAM_OR_LINE = re.compile(r"^ +\d+\.\d{3}  \S+ +([<>] |\S+ → )")


def test_the_demo_shows_the_whole_chain_and_ends_well() -> None:
    done = nbtwin("demo", timeout=100)
    assert done.returncode == 0, done.stdout + done.stderr
    for shown in (
        "> AT+QDMPCFG=1,117.161.2.7,5683,420",
        "< +QDMPCFG: 1,117.161.2.7,5683,420",
        "bc260y → cmdmp  Register: CON POST /rd?lwm2m=1.0&ep=L@#@",
        "cmdmp → bc260y  to Register: ACK 2.01 CREATED location rd/",
        "CONNECT_SUCCESS (4) → REG_SUCCESS (6)",
        "< +QDMPCFG: 6,6",
        "/666/0/6606  EC616  CPU, decrypted",
        "Thirty days of the same module",
    ):
        assert shown in done.stdout, shown


_WITHOUT_PTYS = """
import os, sys
def none():
    raise OSError(19, "No such device")
os.openpty = none
sys.argv = ["nbtwin", "demo"]
from nbtwin.cli.main import run
run()
"""


def test_a_machine_without_pseudo_terminals_is_told_so_in_one_line() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_PTYS],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "nbtwin: this machine has no pseudo-terminal to give: No such device\n"


def test_the_demo_speaks_chinese_and_has_no_english_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same demo with two days in place of thirty. What is not ours stays: AT lines, and CoAP's own words."""
    monkeypatch.setattr(demo, "simulate", partial(simulate, days=2))
    monkeypatch.setenv("COLUMNS", "200")
    choose("zh")
    try:
        demo.run()
    finally:
        choose(None)
    shown = capsys.readouterr().out
    for said in (
        "一个 BC260Y-CN，插有中国移动 USIM",
        "平台现在掌握的信息",
        "/666/0/6607  FREE RTOS  操作系统版本，已解密",
        "同一模块的三十天（仿真）",
        " 第 12 天    平台按计划静默一小时",
        "全程用时",
    ):
        assert said in shown, said
    ours = [line for line in shown.splitlines() if not DATAGRAM_OR_LINE.search(line)]
    assert len(ours) > 30
    assert [line for line in ours if re.search(r"[a-z]{2,} [a-z]{2,}", line.partition("nbtwin up")[0])] == []


@pytest.mark.parametrize("days", [13])
def test_the_simulated_days_survive_an_hour_of_silence(days: int) -> None:
    """D56: no update within lifetime + give-up time leads to state 9 or a fresh registration, and then on as before."""
    month = simulate(days=days)
    assert month.fine
    assert month.registrations >= 1
    assert month.states[DmpState.REG_SUCCESS] >= 1


def test_two_runs_of_the_simulated_days_are_the_same() -> None:
    one, other = simulate(days=3), simulate(days=3)
    assert (one.packets, one.octets, one.connected) == (other.packets, other.octets, other.connected)
