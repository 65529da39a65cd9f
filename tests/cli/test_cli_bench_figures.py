"""What a benchmark's table says: who is ahead, what is missed, what has changed since a release; and the curves."""

from __future__ import annotations

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from benchmarks import load, released, run
from benchmarks.chinese import chinese, unworded
from benchmarks.figures import Figure, losses, markdown
from benchmarks.peers import COAP_RD
from benchmarks.svg import Chart
from nbtwin.runtime.errors import Failed, UsageRefusal

SLOWER = Figure("registration", 40.0, "µs", {"echo": 4.0}, "", {"Leshan": 30.0, "coap-rd": 80.0}, 20)
FASTER = Figure("registrations", 9000.0, "/s", {"echo": 90_000.0}, "", {"Leshan": 3000.0}, 5000)


def test_a_ratio_says_how_many_times_as_good_whatever_the_unit() -> None:
    assert SLOWER.ratios == {"echo": 0.1, "Leshan": 0.75, "coap-rd": 2.0}
    assert FASTER.ratios == {"echo": 0.1, "Leshan": 3.0}
    assert (SLOWER.behind, FASTER.behind) == (["Leshan"], [])
    assert (SLOWER.missed, FASTER.missed) == (True, False)


def test_the_table_has_in_bold_where_a_peer_is_ahead_and_what_is_missed() -> None:
    slower, faster = markdown([SLOWER, FASTER], {"registrations": 1.5}).splitlines()[2:]
    assert slower == (
        "| registration | **40 µs** | ≤ 20 | echo: 4<br>**Leshan: 30**<br>coap-rd: 80 | 0.1<br>**0.75**<br>2 |  |"
    )
    assert faster == "| registrations | 9,000 /s | ≥ 5,000 | echo: 90,000<br>Leshan: 3,000 | 0.1<br>3 | 1.50 × |"


def test_above_the_table_stands_where_a_peer_is_ahead_and_what_is_missed() -> None:
    assert losses([SLOWER, FASTER]) == (
        "A peer is ahead in: **registration** (Leshan 1.3 ×).\n\nNot reached: **registration** (40 µs, not 20).\n\n"
    )
    assert losses([FASTER]) == ""


def test_a_change_is_that_of_the_ratio_so_that_the_machine_does_not_matter(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = tmp_path / "released.json"
    kept.write_text(
        json.dumps(
            {"release": "9.9", "ratios": {"registration": {"echo": 0.05}, "watched": {"": 0.5}, "memory": {"": 0.002}}}
        )
    )
    monkeypatch.setattr(released, "FILE", kept)
    slow_machine = Figure("registration", 400.0, "µs", {"echo": 40.0})
    memory = Figure("memory", 250.0, "MiB")
    found = released.changes([slow_machine, Figure("watched", 1.0, "×"), memory, Figure("never released", 1.0, "µs")])
    assert found == {name: pytest.approx(2.0) for name in ("registration", "watched", "memory")}


def test_the_released_ratios_name_rows_of_this_program() -> None:
    assert released.version()
    assert all(ratios for ratios in json.loads(released.FILE.read_text())["ratios"].values())


def test_a_chart_draws_every_line_with_its_name_and_every_point_with_its_values() -> None:
    lines = {"nbtwin, known": [(1000.0, 20.0), (100_000.0, 25.0)], "Leshan, known": [(1000.0, 41.0), (100_000.0, 62.0)]}
    picture = ElementTree.fromstring(Chart("CPU of a registration", lines, "devices", "µs").svg())
    texts = ["".join(element.itertext()) for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert set(texts) >= {"CPU of a registration", "nbtwin, known", "Leshan, known", "1,000", "100,000", "10", "100"}
    told = [element.text for element in picture.iter("{http://www.w3.org/2000/svg}title")]
    assert "Leshan, known: 100,000 devices, 62 µs" in told
    ways = list(picture.iter("{http://www.w3.org/2000/svg}path"))
    heights = [[float(point.split()[1]) for point in way.attrib["d"][1:].split("L")] for way in ways]
    assert heights[0][0] > heights[1][0] > heights[1][1], "what costs more is drawn higher"


def test_writing_replaces_the_pages_table_and_nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    figure = Figure("LwM2M update", 9.0, "µs", {"echo in C": 4.0}, "", {"Leshan": 8.0}, 5)
    monkeypatch.setattr(run, "BENCHMARKS", {"coap": lambda seconds: [figure]})
    pages = {language: tmp_path / name for language, name in run.PAGES.items()}
    for page in pages.values():
        page.write_text("# Performance\n\n<!-- figures -->\nold\n<!-- /figures -->\n\nWhat each is.\n")
    (tmp_path / "images").mkdir()
    for name in ("scaling.md", "scaling.zh-CN.md"):  # whose model has the table's figures
        (tmp_path / name).write_text("# Scaling\n\n<!-- model -->\nold\n<!-- /model -->\n")
    run.run([], 1.0, None, None, tmp_path)
    texts = {language: page.read_text() for language, page in pages.items()}
    for text in texts.values():
        assert "old" not in text
        assert text.startswith("# Performance\n\n<!-- figures -->\n")
        assert text.endswith("\n<!-- /figures -->\n\nWhat each is.\n")
    assert "\nNot reached: **LwM2M update** (9 µs, not 5).\n" in texts["en"]
    assert "| LwM2M update | **9 µs** | ≤ 5 | echo in C: 4<br>**Leshan: 8** |" in texts["en"]
    assert "\n对照服务器领先：**LwM2M 更新**（Leshan 好 1.1 倍）。\n" in texts["zh"]
    assert "| LwM2M 更新 | **9 µs** | ≤ 5 | C 写的回显: 4<br>**Leshan: 8** |" in texts["zh"]


def in_chinese(table: str) -> str:
    """What the English page has between its comments, as the other one has it."""
    lines = []
    for line in table.splitlines():
        if line.startswith("| | figure"):
            said = markdown([], language="zh").splitlines()[0]
        elif line.startswith("| "):
            name, value, goal, beside, *rest = line.removeprefix("| ").removesuffix(" |").split(" | ")
            name = "<br>".join(map(chinese, name.split("<br>")))
            beside = re.sub(r"([^*<>|]+)(: [\d.,]+)", lambda each: f"{chinese(each[1])}{each[2]}", beside)
            said = f"| {' | '.join([name, value, goal, beside, *rest])} |"
        elif line.startswith("A peer is ahead in: "):
            found = re.findall(r"\*\*(.+?)\*\* \((\S+) (\S+) ×\)", line)
            said = (
                f"对照服务器领先：{'；'.join(f'**{chinese(each)}**（{who} 好 {by} 倍）' for each, who, by in found)}。"
            )
        elif line.startswith("Not reached: "):
            missed = re.findall(r"\*\*(.+?)\*\* \((.+?), not (\S+)\)", line)
            said = (
                f"未达到：{'；'.join(f'**{chinese(each)}**（{value}，目标 {goal}）' for each, value, goal in missed)}。"
            )
        else:
            said = line if line.startswith("|") else chinese(line)
        lines.append(f"{said}\n")
    return "".join(lines)


def test_the_chinese_page_has_the_same_figures_in_its_own_words() -> None:
    docs = Path(run.__file__).parents[1] / "docs"
    english, own = (run.table_of((docs / page).read_text()) for page in run.PAGES.values())
    assert english is not None
    assert own == in_chinese(english), "nbtwin bench --write docs writes both; who adds a row by hand adds it to both"
    cells = [line.split(" | ") for line in english.splitlines() if line.startswith("| ")][1:]
    names = [each for row in cells for each in row[0].removeprefix("| ").split("<br>")]
    beside = [each for row in cells for each in re.findall(r"([^*<>|]+): [\d.,]+", row[3])]
    assert unworded([Figure(each, 1.0, "") for each in names + beside]) == [], "benchmarks/chinese.py has no words for"


def test_a_peer_that_is_not_installed_is_named_and_left_out(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    def cost() -> float:
        with load.theirs(COAP_RD, "time", 1):
            return 1.0

    assert load.unless_missing(cost, None) is None
    assert capsys.readouterr().err == "bench: left out: coap-rd is not installed (Debian: libcoap3-bin)\n"


def test_of_all_benchmarks_one_that_fails_is_left_out_but_alone_it_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(seconds: float) -> list[Figure]:
        raise Failed(UsageRefusal.FOREIGN, "bench", detail="no server")

    monkeypatch.setattr(run, "BENCHMARKS", {"broken": fails, "coap": lambda seconds: [FASTER]})
    run.run([], 1.0, None, None)
    said = capsys.readouterr().out
    assert "left out: broken: bench: no server" in said
    assert "9,000" in said
    with pytest.raises(Failed, match="no server"):
        run.run(["broken"], 1.0, None, None)
