"""What self-registration costs: the figures by hand, on and off, by day, with faults; table, JSON, chart."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from typer.testing import CliRunner

from nbtwin.cli.main import app
from nbtwin.engine import DAY, HOUR
from nbtwin.lab.faults import Fault
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.errors import WrongUsage
from nbtwin.scenario.chart import draw
from nbtwin.scenario.cost import Bill, Comparison, NeverRegisters, Psm, Question, compare
from nbtwin.scenario.meter import HEADERS, Usage
from nbtwin.scenario.registration_log import RegistrationDeed, runs
from nbtwin.selfreg.machine import RegistrationSucceeded, RoundStarted
from nbtwin.selfreg.schedule import Operator

Command = Callable[..., Any]
SVG = "{http://www.w3.org/2000/svg}"
DOWN = "silence,destination=telecom,end=1h"


def cost(model: str, operator: Operator, *faults: str, days: int = 30, psm: str = "30h,10s") -> Comparison:
    question = Question(PROFILES[model], operator, days, Psm.parse(psm), [Fault.parse(f) for f in faults])
    return compare(question)


def of(bill: Bill) -> tuple[int, int, int, int]:
    return bill.total.sent, bill.total.received, bill.registrations, bill.updates


def test_a_bc25_whose_telecom_server_is_down_for_an_hour_by_hand() -> None:
    """The README's question. DOC-D 2.1.3: five packets nobody answers, and one that is; 93 s more awake at first (until
    4 + 93 s instead of 34 s, D15), and 30 s for the retry that leaves PSM (DOC-D 2.1.4)."""
    found = cost("BC25", Operator.TELECOM, DOWN)
    assert of(found.on) == (6, 1, 1, 0)
    assert of(found.off) == (0, 0, 0, 0)
    assert found.on.total.awake - found.off.total.awake == pytest.approx(63 + 30)
    assert found.off.total.awake == pytest.approx(34 + 23 * 30)  # one boot, and 23 periodic updates in 30 days
    assert found.on.days[0].sent == 6
    assert [day.sent for day in found.on.days[1:]] == [0] * 29
    assert [deed.at for deed in found.on.deeds] == [4, 97, 97 + HOUR, 97 + HOUR]
    assert found.off.deeds == []


@pytest.mark.parametrize(
    ("model", "operator", "expected"),
    [
        ("BC260Y-CN", Operator.MOBILE, (31, 31, 1, 29)),  # DOC-C 2.2.2; a read of the platform's and its answer
        ("BC260Y-CN", Operator.TELECOM, (1, 1, 1, 0)),  # DOC-C 2.1.2
        (
            "BC25",
            Operator.MOBILE,
            (48, 48, 24, 0),
        ),  # DOC-D 2.3.2: asleep each time, afresh every 30 h and half a minute
        ("BC25", Operator.UNICOM, (1, 1, 1, 0)),  # DOC-D 2.2.2: the next is due on day 31
        ("BC25-B5", Operator.TELECOM, (1, 1, 1, 0)),  # DOC-D 2.1.2
        ("BC26", Operator.MOBILE, (48, 48, 24, 0)),  # D57
    ],
)
def test_a_month_of_each_schedule_in_deep_sleep(
    model: str, operator: Operator, expected: tuple[int, int, int, int]
) -> None:
    assert of(cost(model, operator).on) == expected


def test_without_deep_sleep_it_is_awake_all_day_and_the_updates_leave() -> None:
    found = cost("BC25", Operator.MOBILE, days=10, psm="off")
    assert of(found.on) == (11, 11, 1, 9)
    assert [day.awake for day in found.on.days] == [DAY] * 10
    assert found.on.total.connected > found.off.total.connected


def test_bytes_are_payload_and_headers_of_each_datagram() -> None:
    """RFC 791 3.1, RFC 768: 28 octets."""
    total = cost("BC25-B5", Operator.TELECOM, days=1).on.total
    assert total.datagrams == 2
    assert total.octets(HEADERS) == total.bytes_sent + total.bytes_received + 2 * 28


def test_the_days_add_up_to_the_whole() -> None:
    bill = cost("BC260Y-CN", Operator.MOBILE, "loss,probability=0.3", days=40).on
    assert len(bill.days) == 40
    added = Usage()
    for day in bill.days:
        added += day
    assert added == bill.total


def test_a_model_that_never_registers_there_is_no_question() -> None:
    """D52."""
    with pytest.raises(NeverRegisters, match="BC32 never registers itself with unicom; it does with mobile"):
        cost("BC32", Operator.UNICOM)


@pytest.mark.parametrize("text", ["30h", "31d,10s", "30h,1d", "soon,10s", "33h10min,10s"])
def test_timers_that_cannot_be_are_refused(text: str) -> None:
    """TS 24.008 10.5.7.3 and 10.5.7.4a: 0 to 31 of a unit."""
    with pytest.raises(ValueError, match=r"neither off nor|cannot be|is not a span"):
        Psm.parse(text)


def deed(at: float, number: int) -> RegistrationDeed:
    return RegistrationDeed(at, RoundStarted(number))


def test_the_same_again_and_again_is_one_line() -> None:
    deeds = [deed(0, 1), *(deed(at, 2) for at in (1, 2, 3)), deed(4, 1)]
    assert [(run.first, run.last, run.times) for run in runs(deeds)] == [(0, 0, 1), (1, 3, 3), (4, 4, 1)]


def test_a_cycle_of_two_or_three_is_a_line_for_each_part() -> None:
    found = runs([*(deed(n, n % 3) for n in range(9)), deed(9, 3)])
    assert [(run.what, run.first, run.last, run.times) for run in found] == [
        (RoundStarted(0), 0, 6, 3), (RoundStarted(1), 1, 7, 3), (RoundStarted(2), 2, 8, 3),
        (RoundStarted(3), 9, 9, 1),
    ]  # fmt: skip


@given(st.lists(st.integers(0, 2), max_size=30))
def test_nothing_is_lost_in_summing_up(numbers: list[int]) -> None:
    found = runs([deed(at, number) for at, number in enumerate(numbers)])
    told = [run.what.number for run in found if isinstance(run.what, RoundStarted) for _ in range(run.times)]
    assert sorted(told) == sorted(numbers)
    assert len(found) <= len(numbers)


def test_the_same_deed_is_the_same_whenever_it_was_done() -> None:
    """DOC-D 2.2.2: an update every 30 days, each of which says when the next is due."""
    deeds = cost("BC25", Operator.UNICOM, days=100).on.deeds
    *_, last = runs(deeds)
    assert last.what == RegistrationSucceeded(update=True, next_due_at=30 * DAY)
    assert last.times == 3


# The chart


@pytest.mark.parametrize(
    ("days", "fault"), [(1, None), (30, DOWN), (400, "silence,destination=telecom,start=9d,end=20d")]
)
def test_the_chart_is_a_picture_of_the_days_with_words_for_each_bar(days: int, fault: str | None) -> None:
    found = cost("BC25", Operator.TELECOM, *([fault] if fault else []), days=days)
    picture = ElementTree.fromstring(draw(found, HEADERS))
    width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
    bars = [rect for rect in picture.iter(f"{SVG}rect") if rect.attrib["class"] in ("on", "off") and len(rect)]
    assert bars
    for rect in picture.iter(f"{SVG}rect"):
        x, y = float(rect.attrib.get("x", 0)), float(rect.attrib.get("y", 0))
        assert 0 <= x <= x + float(rect.attrib["width"]) <= width + 0.01
        assert 0 <= y <= y + float(rect.attrib["height"]) <= height + 0.01
    texts = {text.text for text in picture.iter(f"{SVG}text")}
    assert {"bytes a day, with IP and UDP headers", "awake, time a day", "radio connected, time a day"} <= texts
    bands = [rect for rect in picture.iter(f"{SVG}rect") if rect.attrib["class"] == "fault"]
    assert len(bands) == (3 if fault else 0)


def test_what_users_write_in_a_fault_cannot_get_out_of_the_picture() -> None:
    picture = draw(cost("BC25", Operator.TELECOM, "loss,source=<script>&", days=1), HEADERS)
    assert "<script>" not in picture
    ElementTree.fromstring(picture)


def test_the_chart_speaks_the_readers_language() -> None:
    """Names aside, no word of it is English."""
    found = cost("BC25", Operator.TELECOM, DOWN, "loss,packets=1+2,direction=up", days=3)
    picture = ElementTree.fromstring(draw(found, HEADERS, "zh"))
    said = [text for node in picture.iter() if node.tag != f"{SVG}style" and (text := (node.text or "").strip())]
    assert {"每天字节数，含 IP 和 UDP 头", "第 1 天", "第 1 天，开启：1610 B"} <= set(said)
    words = {word for text in said for word in re.findall(r"[A-Za-z]+", text)}
    assert words <= {"BC", "PSM", "T", "IP", "UDP", "B", "telecom", "d", "h", "min", "s"}


# The command


def test_the_command_answers_the_question_in_a_sentence_and_two_tables(command: Command, tmp_path: Path) -> None:
    chart = tmp_path / "cost.svg"
    done = command("cost", "BC25", "--sim", "telecom", "--days", "30", "--fault", DOWN, "--chart", str(chart))
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("BC25 with a China Telecom card, 30 days, PSM T3412 30h, T3324 10s")
    assert "    01:01:37  registered; nothing more to do" in lines
    assert (
        "Self-registration costs 7 datagrams and 1610 B; "
        "the module is awake 1min 33s longer, its radio connected 1min 1s longer."
    ) in lines
    assert len([line for line in lines if line.split(" ")[0].isdigit()]) == 30, "a line a day"
    assert chart.read_text().startswith("<svg ")


def test_the_command_answers_in_chinese(command: Command) -> None:
    done = command("--lang", "zh", "cost", "BC25", "--sim", "telecom", "--days", "40", "--fault", DOWN)
    lines = done.stdout.splitlines()
    assert lines[0] == "BC25，中国电信卡，40 天，PSM T3412 30h, T3324 10s，主机不发命令；字节数含 IP 和 UDP 头"
    assert "    01:01:37  已注册；无后续动作" in lines
    assert "自注册的开销是 7 个报文、1610 B；模块唤醒时间增加 1min 33s，无线连接时间增加 1min 1s。" in lines
    assert [line.split()[0] for line in lines[10:17]] == [
        "发送的报文", "接收的报文", "字节", "唤醒时间", "无线连接时间", "注册", "更新",
    ]  # fmt: skip


def test_columns_of_wide_characters_stand_under_each_other(command: Command) -> None:
    done = command("--lang", "zh", "cost", "BC25", "--sim", "telecom", "--days", "3")
    (rows,) = [part.splitlines() for part in done.stdout.split("\n\n") if "发送的报文" in part]
    assert len({cell_len(row) for row in rows}) == 1


def test_what_it_does_has_a_code_and_fields_in_json_and_words_in_two_languages(command: Command) -> None:
    told = [
        json.loads(command("--lang", language, "cost", "BC25", "--days", "2", "--json").stdout)["on"]["events"]
        for language in ("en", "zh")
    ]
    english, chinese = ([event.pop("what") for event in events] for events in told)
    assert told[0] == told[1]
    assert english[0] == "state 4, connect success: 117.161.2.41 needs no look-up"
    assert chinese[0].startswith("状态 4 CONNECT_SUCCESS：")


def test_the_command_answers_in_json(command: Command) -> None:
    done = command("cost", "BC260Y-CN", "--days", "3", "--json", "--payload")
    answer = json.loads(done.stdout)
    assert (answer["model"], answer["operator"], answer["days"], answer["headers"]) == ("BC260Y-CN", "mobile", 3, 0)
    assert answer["on"]["updates"] == 2
    assert len(answer["on"]["days"]) == len(answer["off"]["days"]) == 3
    assert answer["on"]["total"]["sent"] == pytest.approx(3 * answer["on"]["per_day"]["sent"])
    assert [event["what"] for event in answer["on"]["events"]][-1] == "updated"
    assert answer["off"]["total"]["datagrams"] == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["BC99"], "unknown model 'BC99'"),
        (["BC25", "--sim", "orange"], "--sim: 'orange' is none of mobile, telecom, unicom"),
        (["BC25-B5"], "BC25-B5 never registers itself with mobile; it does with telecom"),
        (["BC25", "--days", "0"], "--days"),
        (["BC25", "--psm", "33h10min,10s"], "T3412 cannot be 1d 9h"),
        (["BC25", "--fault", "gremlins"], "--fault: 'gremlins' is not a kind of fault: loss"),
        (["BC25", "--chart", "cost.png"], "--chart cost.png: the name ends in none of .svg"),
        (["BC25", "--latency", "soon"], "'soon' is not a span"),
    ],
)
def test_a_wrong_question_is_one_clear_line(command: Command, arguments: list[str], says: str) -> None:
    done = command("cost", *arguments)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1
    assert says in done.stderr


@pytest.mark.parametrize(("card", "same"), [("plmn=46011", "telecom"), ("imsi=460010123456789", "unicom")])
def test_the_card_may_be_chosen_by_its_numbers(card: str, same: str) -> None:
    by_number, by_name = (
        CliRunner().invoke(app, ["cost", "BC25", "--sim", sim, "--days", "3", "--json"]) for sim in (card, same)
    )
    assert by_number.exit_code == 0, by_number.output
    assert json.loads(by_number.stdout)["operator"] == same
    assert json.loads(by_number.stdout)["on"] == json.loads(by_name.stdout)["on"]


@pytest.mark.parametrize("card", ["none", "plmn=26201", "imsi=1", "nobody"])
def test_a_card_of_no_operator_asks_nothing(card: str) -> None:
    assert isinstance(CliRunner().invoke(app, ["cost", "BC25", "--sim", card]).exception, WrongUsage)
