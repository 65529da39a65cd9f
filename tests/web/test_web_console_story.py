"""A story told with the time line: followed, compared, linked, noted, copied, and sent away as one file."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from browser import available
from console_page import MODULE, Page, console

pytestmark = pytest.mark.skipif(not available(), reason="needs Debian's chromium and chromium-driver")

_ROWS = "[...document.querySelectorAll('.seq-row')]"
_NUMBERS = f"{_ROWS}.filter((r) => r.dataset.number).map((r) => Number(r.dataset.number))"
_ENTRIES = "import('/js/state/timeline.js').then(({ timeline }) => timeline.entries)"
SECRET = "my-secret-password"
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}


def command(page: Page, name: str, **parameters: Any) -> None:
    page._call("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})


def number_of(page: Page, condition: str) -> int:
    """Of the first entry, from what is loaded."""
    return int(page.wait_until(f"{_ENTRIES}.then((all) => all.find((e) => {condition})?.number)"))


def open_entry(page: Page, number: int) -> None:
    page.go(f"#/timeline?entry={number}")
    page.wait_for(".inspector header", f"#{number}")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    state = tmp_path_factory.mktemp("lab")
    with console(state, "--module", MODULE, "--module", "BC28,name=pump", "--ports", "cmdmp=0") as page:
        page.post("/clock/advance", span="1min")
        page.post("/faults", fault="loss,direction=up,packets=1,source=pump")
        page.post("/modules/pump/power", action="reset")
        page.post("/clock/advance", span="1min")
        page.post("/modules/meter/at", line=f"AT+QDMPCFG=2,M100000089,{SECRET}")
        command(page, "Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
        yield page
        assert page.script_errors() == []


def register(page: Page, module: str) -> int:
    """The pump's is the one that was lost."""
    lost = "e.fields.lost" if module == "pump" else "true"
    return number_of(page, f"e.fields.operation === 'Register' && e.source === '{module}' && {lost}")


def test_an_exchange_is_followed_and_reload_and_back_show_the_same_again(page: Page) -> None:
    page.go("#/timeline")
    number = register(page, "pump")
    open_entry(page, number)
    page.click("[data-follow=exchange]")
    page.wait_for("#followed", f"#{number}")
    page.wait_until(f"{_NUMBERS}.length === 3")  # the lost one, the second sending, the answer
    shown, address = page.run(f"return {_NUMBERS}"), page.run("return location.hash")
    page.run("location.reload()")
    page.wait_until("document.querySelector('#followed')")
    page.wait_until(f"JSON.stringify({_NUMBERS}) === {json.dumps(json.dumps(shown, separators=(',', ':')))}")
    page.wait_for(".inspector header", f"#{number}")
    assert page.run("return location.hash") == address
    page.click("#followed")
    page.wait_until(f"!document.querySelector('#followed') && {_NUMBERS}.length > 3")
    page.run("history.back()")
    page.wait_until(f"document.querySelector('#followed') && {_NUMBERS}.length === 3")
    assert page.run("return location.hash") == address


def test_a_registration_is_followed_from_its_boot_and_two_are_compared_step_by_step(page: Page) -> None:
    meter, pump = register(page, "meter"), register(page, "pump")
    open_entry(page, meter)
    page.click("[data-follow=registration]")
    page.wait_until(f"{_ROWS}.length > 5 && {_ROWS}.every((r) => r.matches('.gap') || !r.title.includes('pump:'))")
    page.wait_for(".seq-rows", "powered on")
    page.click("#compare-runs")
    page.choose("#run1", f"registration.{pump}")
    page.press("document.querySelector('dialog .main-act')")
    page.wait_for(".runs", "REG_SUCCESS")
    differing = page.run("return [...document.querySelectorAll('.runs tr.differs')].map((r) => r.innerText)")
    assert any("not here" in row and "Register" in row for row in differing), differing  # what was sent again
    same = page.run("return [...document.querySelectorAll('.runs tbody tr:not(.differs)')].map((r) => r.innerText)")
    assert any("REG_SUCCESS" in row for row in same), same
    page.run("location.reload()")
    page.wait_for(".runs", "REG_SUCCESS")
    assert f"runs=registration.{meter}%7Eregistration.{pump}" in page.run("return location.hash")


def test_two_packets_stand_beside_each_other_and_what_differs_is_marked(page: Page) -> None:
    page.go("#/timeline")
    meter, pump = register(page, "meter"), register(page, "pump")
    open_entry(page, meter)
    page.click("#compare")
    page.wait_for("#picking", f"#{meter}")
    page.type(".seq-controls .search input", "Register: CON")
    page.wait_until(f"{_ROWS}.find((r) => r.dataset.number === '{pump}')")
    page.press(f"document.querySelector(\".seq-row[data-number='{pump}']\")")
    page.wait_for(".pair .pairs", "IMEI of the terminal")
    rows = "[...document.querySelectorAll('.pair .pairs tr')]"
    assert page.run(f"return {rows}.find((r) => r.innerText.includes('IMEI of the')).className") == "differs"
    assert page.run(f"return {rows}.find((r) => r.innerText.startsWith('Code')).className") == ""
    sides = "[...document.querySelectorAll('.pair .beside > .hex')]"
    lit = page.run(f"return {sides}.map((side) => side.querySelectorAll('.octets .differs').length)")
    assert min(lit) > 8
    assert f"entry={meter}&against={pump}" in page.run("return location.hash")


def test_a_link_is_copied_with_one_key(page: Page) -> None:
    page.go("#/timeline?module=meter&zoom=minute&hide=none")
    page.wait_until("document.querySelector('.seq-row.group')")
    page.run("document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'y', bubbles: true }))")
    page.wait_for("#toasts", "copied")
    copied = page.run("return navigator.clipboard.readText()")
    assert copied == page.run("return location.href")
    assert "module=meter&zoom=minute&hide=none" in copied


def test_a_note_is_kept_for_everyone_until_somebody_removes_it(page: Page) -> None:
    page.go("#/timeline")
    number = register(page, "meter")
    open_entry(page, number)
    page.type("#note", "here the meter registers\n")
    page.wait_for(".notes blockquote", "here the meter registers")
    (note,) = page.api.get("/notes").json()
    assert (note["entry"], note["text"], note["by"]) == (number, "here the meter registers", "local")
    page.run("location.reload()")
    page.wait_until("document.querySelector('.seq-row .noted')?.innerText === '1'")
    page.wait_for(".notes blockquote", "here the meter registers")
    page.api.delete(f"/notes/{note['id']}").raise_for_status()
    page.wait_until("!document.querySelector('.notes blockquote') && !document.querySelector('.seq-row .noted')")


def test_what_is_shown_is_copied_as_text_mermaid_svg_and_png(page: Page) -> None:
    number = register(page, "pump")
    page.go(f"#/timeline?follow=exchange.{number}")
    page.wait_until(f"document.querySelector('#followed') && {_NUMBERS}.length === 3")

    def copied(form: str) -> str:
        page.run("navigator.clipboard.writeText('')")
        page.press(f"document.querySelector('[data-take={form}]')")
        return str(page.wait_until("navigator.clipboard.readText()"))

    text = copied("text").splitlines()
    assert len(text) == 3
    assert all("pump" in line for line in text)
    mermaid = copied("mermaid")
    assert mermaid.startswith("sequenceDiagram\n    participant p1 as pump\n    participant p2 as cmdmp\n")
    assert len(re.findall("p1-xp2", mermaid)) == 1  # the one that was lost
    assert len(re.findall("p1->>p2|p2->>p1", mermaid)) == 2
    picture = ElementTree.fromstring(copied("svg"))
    words = [found.text for found in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert any("lost" in (word or "") for word in words)
    page.run("return navigator.clipboard.writeText('')")
    page.press("document.querySelector('[data-take=png]')")
    kinds = "navigator.clipboard.read().then(([it]) => it?.types.includes('image/png'))"
    assert page.wait_until(kinds)


def test_a_story_is_one_file_that_is_read_without_any_network_in_the_readers_language(
    page: Page, tmp_path: Path
) -> None:
    number = register(page, "meter")
    page.post("/notes", entry=number, text="it registers, as DOC-C says")
    imeis = [module["imei"] for module in page.api.get("/modules").json()]
    page.post("/clock/zone", zone="+05:45")
    story = page.api.get("/traces/story.html").raise_for_status().content
    page.post("/clock/zone", zone="UTC")
    assert b"as DOC-C says" not in page.api.get(f"/traces/story.html?numbers={number + 1}").content
    for hidden in (SECRET, *imeis, *(imei.encode().hex() for imei in imeis)):
        assert hidden.encode() not in story
    file = tmp_path / "story.html"
    file.write_bytes(story)
    command(page, "Network.enable")
    command(page, "Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0, uploadThroughput=0)
    try:
        page.open(f"{file.as_uri()}#/timeline?entry={number}")
        page.wait_for(".inspector .notes", "it registers, as DOC-C says")
        page.wait_for(".page header", "+05:45")  # the lab's zone
        for shown in ("RFC 7252", "DOC-C 2.2.1", "Message ID", "0000"):
            page.wait_for(".inspector", shown)
        rows = "[...document.querySelectorAll('.inspector .fields tr')]"
        page.press(f"{rows}.find((r) => r.innerText.includes('Message ID'))", "focus()")
        page.wait_until("document.querySelectorAll('.hex .octets .on').length === 2")
        page.press("document.querySelector('[data-follow=exchange]')")
        page.wait_until(f"{_NUMBERS}.length === 2")
        page.click("#language")
        page.wait_for(".inspector .notes + section", "注册")
        asked = page.run("return performance.getEntriesByType('resource').map((one) => one.name)")
        assert [one for one in asked if not one.startswith(("data:", "blob:"))] == []
    finally:
        command(page, "Network.emulateNetworkConditions", offline=False, latency=0, downloadThroughput=-1,
                uploadThroughput=-1)  # fmt: skip
        page.open(page.url)
        page.wait_until("document.querySelector('#link.good')")


def test_a_link_to_what_the_lab_does_not_have_says_so(page: Page) -> None:
    """And what only hides what there is does not say that nothing has happened."""
    page.go("#/timeline?entry=99999999")
    page.wait_for(".missing", "#99999999")
    page.go("#/timeline?follow=exchange.88888888")
    page.wait_for(".missing", "#88888888")
    page.go("#/timeline?module=nosuch&hide=fault%2Clab")
    page.wait_for(".diagram .empty", "No entry matches")
    assert not page.run("return document.querySelector('.missing')")
    page.go("#/timeline?entry=3&against=99999999")
    page.wait_for(".pair", "does not have both")
    page.go("#/timeline?runs=abc%7Edef")
    page.wait_for(".seq-split .empty", "abc")


def test_a_campaign_is_followed_though_it_is_older_than_what_is_loaded(tmp_path: Path) -> None:
    with console(
        tmp_path, "--module", "BC28,name=meter", "--clock", "simulated", "--ports", "cmdmp=0,andlink=0"
    ) as page:
        page.post("/clock/advance", span="1min")
        page.post("/modules/meter/at", line='AT+QLASERVERIP="LWM2M","192.0.2.11",5683')
        page.post("/modules/meter/power", action="reset")
        page.post("/clock/advance", span="2min")
        page.post("/firmware/made", name="new", model="BC28", version="BC28JAR01A11_ONT")
        device = page.api.get("/modules/meter").json()["imei"]
        page.post("/platforms/andlink/campaigns", package="new", devices=[device])
        for _ in range(4):
            page.post("/clock/advance", span="300d")
        newest = page.api.get("/traces?limit=1").json()["newest"]
        page.wait_until(f"import('/js/state/timeline.js').then(({{ timeline }}) => timeline.newest === {newest})")
        page.go("#/timeline?follow=campaign.andlink.1")
        page.wait_until("document.querySelectorAll('.seq-row[data-number]').length > 0")


def test_another_zone_is_at_once_in_every_row(page: Page) -> None:
    page.go("#/timeline")
    times = "[...document.querySelectorAll('.seq-row[data-number] .when')].map((w) => w.innerText.slice(3, 8)).join()"
    before = page.wait_until(times)
    page.post("/clock/zone", zone="+05:30")
    page.wait_for(".lines", "+05:30")
    page.wait_until(f"{times} !== {before!r}")
    page.post("/clock/zone", zone="UTC")
    page.wait_until(f"{times} === {before!r}")


def test_labels_of_the_strip_lie_beside_each_other(page: Page) -> None:
    page.post("/clock/zone", zone="America/Argentina/Buenos_Aires")
    page.go("#/timeline?zoom=minute")
    page.wait_for(".lines", "Buenos")
    page.run("""const drawn = CanvasRenderingContext2D.prototype.fillText; window.labels = [];
        CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
          const wide = this.measureText(text).width;
          if (this.canvas.closest('.strip')) labels.push([this.textAlign === 'right' ? x - wide : x, wide, text]);
          drawn.call(this, text, x, y);
        }""")
    for width in (1400, 1203, 1024):
        page.run("labels = []")
        page.resize(width, 900)
        page.wait_until("labels.some(([, , text]) => text.includes('Buenos'))")
        *others, (begin, _, _) = page.run("return labels.slice(labels.findLastIndex(([x]) => x === 2))")
        assert all(x + wide < begin for x, wide, _ in others), width
    page.resize(1440, 1000)
    page.post("/clock/zone", zone="UTC")
