"""`Lab.report` and what a notebook shows: complete, the same for the same run, and nothing in it can run."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest

import nbtwin
from nbtwin.api.report.tally import Bucket, tally
from nbtwin.lab.faults import Fault
from nbtwin.runtime.simulated_lab import SimulatedLab
from nbtwin.runtime.spec import module_spec
from nbtwin.scenario.meter import Meter
from nbtwin.timeline.ring import Timeline

SCRIPT = 'AT+<script>alert("1")</script>'


def played() -> nbtwin.Lab:
    """A day with a lost registration, a sleep, a wicked line, and an answer to a read."""
    lab = nbtwin.Lab(seed=7)
    meter = lab.add_module("BC260Y-CN", name="meter")
    lab.add_fault("loss", direction="up", source=meter, packets=[1])
    lab.run_until(meter.registered("cmdmp"), within="2min")
    meter.at(SCRIPT)
    meter.at("AT+CPSMS=1")
    lab.platform("cmdmp").device(meter.imei).read("/3/0/0")
    lab.advance("24h 1min")
    return lab


@pytest.fixture(scope="module")
def lab() -> nbtwin.Lab:
    return played()


@pytest.fixture(scope="module")
def page(lab: nbtwin.Lab, tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("report") / "day.html"
    lab.report(file)
    return file.read_text(encoding="utf-8")


class Seen(HTMLParser):
    """Tags, and whatever would be fetched."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_a_report_is_one_file_that_fetches_nothing_and_runs_nothing(page: str) -> None:
    seen = Seen(page)
    assert not {"script", "link", "img", "iframe", "object", "embed"} & set(seen.tags)
    assert {name for name, _ in seen.attributes} & {"src", "href", "xlink:href"} == set()
    assert [name for name, _ in seen.attributes if name.startswith("on")] == []
    assert "url(" not in page
    assert "@import" not in page


def test_what_a_host_types_is_shown_and_is_no_markup(page: str) -> None:
    assert SCRIPT in Seen(page).text
    assert "<script" not in page


def test_a_report_has_every_part_in_both_languages(lab: nbtwin.Lab, page: str, tmp_path: Path) -> None:
    lab.report(tmp_path / "tag.html", language="zh")
    chinese = (tmp_path / "tag.html").read_text(encoding="utf-8")
    for heading, translated in (
        ("Modules", "模块"), ("Devices on the platforms", "平台上的设备"), ("Faults in force", "生效中的故障"),
        ("Datagrams by operation", "报文（按操作）"), ("What each module cost", "每个模块的开销"),
        ("Sequence", "时序图"), ("Timeline", "时间线"),
    ):  # fmt: skip
        assert f'<div class="nb-title">{heading}</div>' in page
        assert f'<div class="nb-title">{translated}</div>' in chinese
    assert '<html lang="zh-CN">' in chinese
    assert "设备注册" in chinese
    assert not re.search(r"report-|report [a-z]+: name", page + chinese), "every text has its message"


def test_the_same_run_is_the_same_report(page: str, tmp_path: Path) -> None:
    played().report(tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text(encoding="utf-8") == page


def test_every_picture_is_well_formed(lab: nbtwin.Lab, page: str) -> None:
    pictures = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(pictures) >= 4
    for picture in (*pictures, lab.diagram().svg()):
        ET.fromstring(picture)


def test_a_lost_datagram_is_crossed_out_and_its_retransmission_says_which_it_is(lab: nbtwin.Lab) -> None:
    rows = [row for row in lab.diagram().rows if row.head == "Register" and not row.is_answer]
    assert [(row.lost, row.sending) for row in rows] == [(True, 1), (False, 2)]
    drawn = lab.diagram().svg()
    assert drawn.count("l10 10m0 -10l-10 10") == 1
    assert ">sending 2<" in drawn.replace("<title>", "<")


def test_a_long_diagram_is_cut_in_the_middle_and_says_how_many_rows_are_not_drawn(lab: nbtwin.Lab) -> None:
    whole, short = lab.diagram().rows, lab.diagram(most=10).rows
    assert len(short) == 11
    assert [*short[:5], *short[6:]] == [*whole[:5], *whole[-5:]]
    assert short[5].rest == f"{len(whole) - 10} more are not drawn here"


def test_a_diagram_of_one_module_has_nothing_of_the_others() -> None:
    with nbtwin.Lab() as lab:
        meter, lamp = lab.add_module("BC260Y-CN", name="meter"), lab.add_module("BC28", name="lamp")
        lab.run_until(meter.registered("cmdmp") & lamp.registered("cmdmp"), within="5min")
        names = {name for row in lab.diagram(source=meter).rows for name in (row.sender, row.receiver)}
    assert names == {"meter", "host of meter", "cmdmp", ""}


def test_a_report_from_a_time_on_counts_what_was_from_then_on(lab: nbtwin.Lab, tmp_path: Path) -> None:
    lab.report(tmp_path / "late.html", since=3600.0)
    late = Seen((tmp_path / "late.html").read_text(encoding="utf-8")).text
    assert "01:00:00.000 to 1d 00:01:06.000, 23h 1min" in late
    assert "RDY" not in late
    assert any("device updated" in text for text in late)


def test_what_a_module_cost_is_what_the_meter_of_nbtwin_cost_counts() -> None:
    meter, timeline = Meter(), Timeline(100_000)
    lab = SimulatedLab(seed=3, timeline=timeline)
    lab.world.observers.append(meter)
    spec = module_spec("BC260Y-CN")
    lab.add_module("m", spec.profile, spec.usim("m"), settings=['AT+CPSMS=1,,,"00100001","00000101"'])
    lab.world.add_fault(Fault.parse("loss,probability=0.3"))
    lab.world.add_fault(Fault.parse("duplication,probability=0.3"))
    lab.world.add_fault(Fault.parse("truncation,probability=0.1,octets=8"))
    lab.power_on("m")
    lab.world.run(3 * 86400.0)
    told = [each for each in timeline.reader.after() if each.kind != "key"]
    counted = tally(told, ["m"], None, lab.world.now).modules["m"].usage
    assert counted == meter.account("m").total(lab.world.now)
    assert counted.connected > 0 < counted.awake


def test_stretches_of_time_add_up_to_all_datagrams(lab: nbtwin.Lab) -> None:
    packets = lab.packets()
    told = tally(list(lab.entries()), ["meter"], None, lab.now)
    assert (told.datagrams, told.octets) == (len(packets), sum(len(packet.data) for packet in packets))
    assert told.lost == 1
    assert sum(each.datagrams for each in told.operations) == len(packets)
    assert all(isinstance(each, Bucket) and each.begins < each.ends for each in told.buckets)
    stretches = told.modules["meter"].powers
    assert [each.state for each in stretches[:3]] == ["booting", "on", "asleep"]
    assert stretches[-1].ends == lab.now


def test_a_lab_in_which_nothing_happened_has_a_report(tmp_path: Path) -> None:
    nbtwin.Lab().report(tmp_path / "none.html")
    assert "Nothing was sent." in (tmp_path / "none.html").read_text(encoding="utf-8")
    assert "Nothing was sent." in nbtwin.Lab().diagram()._repr_html_()


def test_a_notebook_shows_every_object_of_a_lab(lab: nbtwin.Lab) -> None:
    meter = lab.module("meter")
    platform = lab.platform("cmdmp")
    shown = {
        "lab": lab, "module": meter, "platform": platform, "device": platform.device(meter.imei),
        "diagram": lab.diagram(), "answer": nbtwin.AtResult(
            command=SCRIPT, lines=("<b>",), final="OK", urcs=("+IP: 10.0.0.2",), took=0.5
        ),
    }  # fmt: skip
    for name, each in shown.items():
        html = each._repr_html_()  # type: ignore[attr-defined]
        seen = Seen(html)
        assert "script" not in seen.tags, name
        assert seen.tags[0] == "div"
    assert "&lt;b&gt;" in shown["answer"]._repr_html_()  # type: ignore[attr-defined]
    assert meter.imei in meter._repr_html_()
