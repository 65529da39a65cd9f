"""The live sequence diagram in a real browser: a registration, a day, losses, bytes. Skipped without Chromium."""

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import available
from console_page import MODULE, Page, console

from nbtwin.timeline.entry import Entry
from nbtwin.timeline.facts import DatagramSeen, Direction
from nbtwin.timeline.segments import SMALLEST, TimelineFile

pytestmark = pytest.mark.skipif(not available(), reason="needs Debian's chromium and chromium-driver")

_FIELDS = "[...document.querySelectorAll('.inspector .fields tr')]"
_ROWS = "[...document.querySelectorAll('.seq-row')]"


def open_packet(page: Page, words: str) -> None:
    """The newest packet of which these words are said, wherever it is by now: only rows in view are in the page."""
    page.type(".seq-controls input", words)
    found = f"{_ROWS}.filter((r) => r.matches('[data-kind=datagram]') && r.innerText.includes({words!r}))"
    page.wait_until(f"{found}.length && {_ROWS}.every((r) => r.matches('.gap') || r.title.includes({words!r}))")
    page.press(f"{found}.at(-1)")
    page.select(".seq-controls input")
    page.type(".seq-controls input", "\ue003")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    state = tmp_path_factory.mktemp("lab")
    with console(state, "--module", MODULE, "--ports", "cmdmp=0") as page:
        yield page
        assert page.script_errors() == []


def test_a_registration_draws_itself(page: Page) -> None:
    page.go("#/timeline?module=meter")
    page.wait_for(".seq-rows", "RDY")
    page.wait_for(".seq-rows", "→ REG_SUCCESS (6)")
    for shown in ("RDY", "CON POST /rd", "ACK 2.01", "device registered", "CON GET /666/0"):
        page.wait_for(".seq-rows", shown)
    assert page.text(".seq-head").split() == ["Time", "UTC", "Host", "Module", "Network", "Platform"]


def test_a_day_passes_at_the_push_of_a_button_and_the_update_is_seen(page: Page) -> None:
    page.click("[data-span='24h']")
    page.wait_for(".seq-rows", "→ UPDATE_SUCCESS (11)")
    page.wait_for(".seq-rows", "later")
    page.wait_until("/23 h 59|24 h|1 d/.test(document.querySelector('#ahead').innerText)")


def test_lost_packets_are_drawn_so_and_sent_again_after_2_4_8_seconds(page: Page) -> None:
    page.post("/faults", fault="loss,direction=up,packets=1+2+3,source=meter")
    page.click("[data-span='24h']")
    page.wait_until("!document.querySelector(\"[data-span='24h']\").disabled")
    page.click("[data-span='1min']")
    page.wait_for(".seq-rows", "sending 4 · 8 s later")
    again = page.run(f"return {_ROWS}.map((r) => r.querySelector('.badge.again')?.innerText).filter(Boolean)")
    assert again == ["sending 2 · 2 s later", "sending 3 · 4 s later", "sending 4 · 8 s later"]
    lost = f"{_ROWS}.filter((r) => r.querySelector('.arrow.dashed .cross'))"
    assert page.run(f"return {lost}.length") == 3
    assert page.run(f"return getComputedStyle({lost}[0].querySelector('line')).strokeDasharray") != "none"


def test_a_packet_opens_into_bytes_fields_chapter_and_decision(page: Page) -> None:
    open_packet(page, "CON POST /rd")
    page.wait_for(".inspector", "Message ID")
    about = page.text(".inspector")
    for shown in ("RFC 7252", "DOC-C 2.2.3", "D56", "Uri-Path", "0000"):
        assert shown in about
    page.press(f"{_FIELDS}.find((r) => r.innerText.includes('Message ID'))", "focus()")
    page.wait_until("document.querySelectorAll('.hex .octets .on').length === 2")


def test_a_field_within_a_field_lights_up_its_own_bytes_and_a_byte_its_field(page: Page) -> None:
    page.wait_for(".inspector .fields", "appkey")
    entered = "dispatchEvent(new MouseEvent('mouseenter'))"
    page.press(f"{_FIELDS}.find((r) => r.innerText.startsWith('appkey'))", entered)
    page.wait_until("document.querySelectorAll('.hex .octets .on').length === 'M100000089'.length")
    lit = "[...document.querySelectorAll('.hex .chars .on')].map((octet) => octet.innerText).join('')"
    assert page.run(f"return {lit}") == "M100000089"
    page.press("document.querySelector('.hex .octets span')", entered)
    page.wait_until("document.querySelector('.inspector .fields tr.on')?.innerText.includes('Ver')")
    open_packet(page, "ACK 2.05")
    page.wait_for(".inspector .fields", "/666/0/6603 MAC")
    assert "AES-256-CBC" in page.text(".inspector .fields")


def test_zoomed_out_thirty_days_are_a_row_a_day(page: Page) -> None:
    page.post("/clock/advance", span="28d")
    page.click(".seq-controls [data-value='4']")
    page.wait_until("document.querySelectorAll('.seq-row.group').length > 10")
    assert "packets" in page.text(".seq-row.group")
    page.press("document.querySelector('.seq-row.group')")
    page.wait_until("document.querySelector(\".seq-controls [data-value='3']\").ariaPressed === 'true'")
    page.click(".seq-controls [data-value='0']")


def test_what_the_lab_words_is_in_the_language_of_the_page_whatever_the_browsers_is(page: Page) -> None:
    """What is here already when the language is switched, and what comes after it over the stream."""
    said = f"{_ROWS}.filter((row) => row.title.includes(': ACK 2.0')).map((row) => row.title)"
    page.go("#/timeline?q=ACK 2.0")
    page.wait_until(f"{said}.length && {said}.every((title) => / to (Register|Update|Read)/.test(title))")
    page.click("#language")
    page.wait_until(f"{said}.length && {said}.every((title) => /应答 (Register|Update|Read)/.test(title))")
    before = page.run(f"return {_WINDOW}.then((it) => it.newest)")
    page.post("/modules/meter/power", action="reset")
    page.post("/clock/advance", span="1min")
    newer = f"it.entries.filter((one) => one.number > {before} && /ACK 2.0/.test(one.fields.summary))"
    page.wait_until(
        f"{_WINDOW}.then((it) => {newer}.length && {newer}.every((one) => one.fields.summary.startsWith('应答')))"
    )
    page.go("#/modules/meter")
    page.wait_until("document.querySelector('#deadlines [title]')")
    assert not page.run(
        "return [...document.querySelectorAll('#deadlines [title]')].some((one) => /[a-z]{3}/.test(one.title))"
    )
    page.click("#language")
    page.wait_until("document.documentElement.lang === 'en'")
    page.go("#/timeline")


_WINDOW = "import('/js/state/timeline.js').then(({ timeline }) => timeline)"


def test_kinds_are_switched_on_and_off_and_the_search_narrows(page: Page) -> None:
    page.click(".kind[data-kind='state']")
    page.wait_until("!document.querySelector(\".seq-row[data-kind='state']\")")
    page.click(".kind[data-kind='state']")
    page.type(".seq-controls input", "REG_SUCCESS")
    page.wait_until(f"{_ROWS}.length > 0 && {_ROWS}.every((r) => r.matches('.gap') || r.title.includes('REG_SUCCESS'))")


def test_the_page_holds_few_rows_however_many_there_are(page: Page) -> None:
    page.select(".seq-controls input")
    page.type(".seq-controls input", "\ue003")
    page.wait_until("Number(document.querySelector('.diagram [role=table]').getAttribute('aria-rowcount')) > 200")
    assert page.run(f"return {_ROWS}.length") < 80


def test_a_month_begins_with_the_first_boot_and_any_part_of_it_is_reached_after_a_restart_too(tmp_path: Path) -> None:
    asked = ("--module", MODULE, "--ports", "cmdmp=0")
    with console(tmp_path, *asked) as page:
        page.post("/clock/advance", span="1min")
        page.post("/modules/meter/at", line="AT+QDMPCFG=1,117.161.2.41,5683,3600")
        page.post("/modules/meter/at", line="AT+QRST=1")
        page.post("/clock/advance", span="30d")
    with console(tmp_path, *asked) as page:
        page.go("#/timeline")
        page.wait_until(f"{_WINDOW}.then((it) => it.entries.length >= 2000)")
        page.click("#beginning")
        page.wait_until(f"{_ROWS}[0].innerText.endsWith('module added')")
        page.wait_for(".seq-rows", "powered on")
        assert page.run(f"return {_WINDOW}.then((it) => it.atEnd)") is False
        page.press("document.querySelector('.newer')")
        page.wait_until(f"{_WINDOW}.then((it) => it.entries.length === 4000 && it.entries[0].number === 1)")
        start = page.run(f"return {_WINDOW}.then((it) => it.entries[0].at)")
        page.type("#moment", time.strftime("%Y-%m-%d %H:%M\n", time.gmtime(start + 20 * 86400)))
        page.wait_until(f"{_WINDOW}.then((it) => it.entries.at(-1).at > {start + 20 * 86400} && !it.loading)")
        page.wait_until("document.querySelector('.older')")
        page.click(".sequence .newest")
        page.wait_until(f"{_WINDOW}.then((it) => it.atEnd)")
        assert page.script_errors() == []


def test_what_the_lab_does_not_keep_any_more_is_said_where_the_diagram_begins(tmp_path: Path) -> None:
    """The smallest timeline, 1 MiB, after more has happened than it holds."""
    kept, noise, began = TimelineFile(tmp_path / "timeline", SMALLEST), random.Random(1), time.time() - 7200
    for number in range(2, 1502):
        sent = DatagramSeen(Direction.UP, ("10.0.0.2", 9), ("10.0.0.3", 5683), noise.randbytes(1000), "meter")
        kept.append(Entry(number, began + number, "meter", sent))
        if number % 50 == 0:
            kept.flush()
    kept.flush()
    with console(tmp_path, "--module", MODULE, "--ports", "cmdmp=0", "--timeline-size", "1M") as page:
        page.go("#/timeline")
        page.wait_until(f"{_WINDOW}.then((it) => it.entries.length > 0)")
        page.click("#beginning")
        page.wait_for(".seq-row[data-side='forgotten']", "Not kept any more: entries 1 to ")
        oldest = page.run(f"return {_WINDOW}.then((it) => it.oldestThere)")
        assert 100 < oldest < 1500
        since = time.gmtime(page.run(f"return {_WINDOW}.then((it) => it.entries[0].at)"))
        said = page.text(".seq-row[data-side='forgotten']")
        assert f"entries 1 to {oldest - 1:,}, before {time.strftime('%Y-%m-%d %H:%M', since)}" in said
        page.click(".seq-controls [data-value='4']")  # a day that is cut is not drawn as a whole one
        page.wait_until("document.querySelector('.seq-row.group')?.matches('.part')")
        page.go("#/timeline?entry=1")
        page.wait_for("main", "The lab does not keep entry #1 any more")
        page.click("#language")
        page.wait_for("main", "实验室已不再保留条目 #1")
        assert page.script_errors() == []


_HEADS = "[...document.querySelectorAll('.seq-head .lane')]"
_APART = f"""(() => {{
  const boxes = {_HEADS}.map((head) => head.getBoundingClientRect()).sort((a, b) => a.left - b.left);
  const edge = document.querySelector('.diagram').getBoundingClientRect();
  const inside = boxes.every((box) => box.left >= edge.left && box.right <= edge.right);
  return inside && boxes.every((box, i) => !i || box.left >= boxes[i - 1].right);
}})()"""
_CUT = f"""{_ROWS}.filter((row) => row.dataset.kind === 'datagram').map((row) => {{
  const label = row.querySelector('.label > span').getBoundingClientRect();
  return Math.round((100 * label.width) / row.getBoundingClientRect().width);
}})"""


def screen(page: Page, width: int) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    page._call("POST", "/goog/cdp/execute", {"cmd": "Emulation.setDeviceMetricsOverride", "params": size})
    page.wait_until(f"innerWidth === {width}")


_IN_VIEW = f"""(() => {{
  const list = document.querySelector('.seq-rows').getBoundingClientRect();
  return {_ROWS}.filter((row) => {{
    const box = row.getBoundingClientRect();
    return box.top >= list.top && box.bottom <= list.bottom;
  }});
}})()"""
_MODULES_IN_VIEW = f"""[...new Set({_IN_VIEW}
  .filter((row) => ['datagram', 'at.in', 'at.out', 'state'].includes(row.dataset.kind))
  .map((row) => /meter-\\d+/.exec(row.title)?.[0]))]"""


def test_of_two_hundred_modules_twelve_have_a_lane_that_is_read_and_all_are_found_and_followed(tmp_path: Path) -> None:
    names = [f"meter-{number}" for number in range(1, 201)]
    modules = [word for name in names for word in ("--module", f"BC260Y-CN,name={name}")]
    with console(tmp_path, *modules, "--ports", "cmdmp=0") as page:
        page.post("/clock/advance", span="1min")
        page.go("#/timeline?module=" + ",".join(names[:12]))
        page.wait_until(f"{_HEADS}.length === 14 && {_ROWS}.length > 12")
        for width in (1440, 1024, 390):
            screen(page, width)
            assert page.run(f"return {_HEADS}.map((head) => head.innerText)") == [*names[:12], "Network", "Platform"]
            page.wait_until(_APART)
        screen(page, 1440)
        page.run("location.hash = '#/timeline?q=Register'")
        # twelve, and one for all others, of whom not everything is loaded
        page.wait_until(f"{_HEADS}.length === 15 && {_HEADS}[12].innerText === '{len(names) - 12} others'")
        for place in ("0", "list.scrollHeight / 3", "list.scrollHeight / 2"):
            before = page.run(f"return {_IN_VIEW}[0].title")
            page.run(f"const list = document.querySelector('.seq-rows'); list.scrollTop = {place}")
            page.wait_until(f"{_IN_VIEW}.length && {_IN_VIEW}[0].title !== {before!r}")
            laned = f"{_MODULES_IN_VIEW}.filter((name) => {_HEADS}.some((head) => head.innerText === name)).length"
            # rows that are half in view have lanes, too
            page.wait_until(f"{laned} >= Math.min(10, {_MODULES_IN_VIEW}.length) && {_APART}")
        assert page.run(f"return {_ROWS}.length") < 100  # what is not in view is not in the page
        page.click("#modules")
        page.type(".picker input[type=search]", "meter-157")
        page.wait_until("document.querySelectorAll('.picker .names label').length === 1")
        page.click("[data-module='meter-157']")
        page.wait_until(f"{_HEADS}.length === 4 && String({_MODULES_IN_VIEW}) === 'meter-157'")
        page.press(f"{_ROWS}.find((row) => row.innerText.includes('CON POST /rd'))")
        page.click("[data-follow=exchange]")
        page.wait_for("#followed")
        page.wait_until(f"{_ROWS}.length > 1 && {_ROWS}.every((row) => row.title.includes('meter-157'))")
        screen(page, 390)
        page.run("location.hash = '#/timeline?module=meter-3'")
        page.wait_until(f"{_HEADS}.length === 4")
        page.wait_for(".seq-rows", "REG_SUCCESS")
        page.wait_until(_APART)
        assert page.run(f"return {_HEADS}.map((head) => head.innerText)") == ["Host", "Module", "Network", "Platform"]
        assert min(page.run(f"return {_CUT}")) >= 50  # percent of a phone's width
        screen(page, 1440)
        page.go("#/timeline?module=meter-1,meter-2,meter-4")
        page.click("[data-lane='meter-2']")
        page.wait_until(f"{_HEADS}.every((head) => head.innerText !== 'meter-2')")
        assert "fold=meter-2" in page.run("return location.hash")
        assert page.script_errors() == []
