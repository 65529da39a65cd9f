"""A time line that is left open: many events a second, the tab in the background, the lab restarted. Needs Chromium."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import available
from console_benchmark import ENTRIES_A_REGISTRATION, Load
from console_page import MODULE, Page
from running import Running

pytestmark = pytest.mark.skipif(not available(), reason="needs Debian's chromium and chromium-driver")

ENTRIES_PER_SECOND = 1000
_TIMELINE = "import('/js/state/timeline.js').then(({ timeline }) => timeline)"


class Lab:
    """A lab that is started anew at the same address."""

    def __init__(self, state: Path) -> None:
        self.state, self.http = state, "127.0.0.1:0"
        self.running = self._up()
        self.http = self.running.console().removeprefix("http://")

    def _up(self) -> Running:
        return Running("up", "--module", MODULE, "--ports", "cmdmp=0", "--http", self.http, state=self.state)

    def port(self) -> int:
        return int(self.running.platform()["udp"].rpartition(":")[2])

    def end(self) -> None:
        self.running.__exit__(None, None, None)

    def restart(self) -> None:
        self.running = self._up()


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    made = Lab(tmp_path)
    try:
        yield made
    finally:
        made.end()


def kept(page: Page) -> dict[str, Any]:
    """What the page has of the time line: its size, its newest number, and whether numbers follow one another."""
    found: dict[str, Any] = page.run(
        f"return {_TIMELINE}.then((t) => ({{ size: t.entries.length, newest: t.newest,"
        " ordered: t.entries.every((e, i) => !i || e.number === t.entries[i - 1].number + 1) }))"
    )
    return found


def newest(page: Page) -> int:
    return int(page.api.get("/traces", params={"limit": 1}).json()["newest"])


def catch_up(page: Page, number: int) -> None:
    page.wait_until(f"{_TIMELINE}.then((t) => t.newest >= {number})")


def in_the_background(page: Page, count: int) -> None:
    """Another tab is looked at until the lab has recorded so many entries more."""
    own = page._call("GET", "/window")
    other = page._call("POST", "/window/new", {"type": "tab"})["handle"]
    page._call("POST", "/window", {"handle": other})
    until = newest(page) + count
    while newest(page) < until:
        page.run("return new Promise((done) => setTimeout(done, 100))")
    page._call("DELETE", "/window")
    page._call("POST", "/window", {"handle": own})


def gets_lower(page: Page) -> None:
    """The list, while it follows what comes: a head with more lanes above it does that."""
    page.run(
        "const list = document.querySelector('.seq-rows'); list.style.maxHeight = `${list.clientHeight - 90}px`;"
        " list.dispatchEvent(new Event('scroll'))"
    )


def test_a_time_line_that_is_left_open_keeps_up_hidden_or_not_and_finds_the_restarted_lab(lab: Lab) -> None:
    with Page(lab.running.console()) as page:
        page.go("#/timeline")
        page.wait_for(".seq-rows", "REG_SUCCESS")
        page.run("document.addEventListener('visibilitychange', () => (window.hid = window.hid || document.hidden))")
        load = Load(lab.port(), 1, ENTRIES_PER_SECOND / ENTRIES_A_REGISTRATION)
        load.start()
        load.paced.set()
        try:
            catch_up(page, newest(page) + 2000)
            gets_lower(page)
            in_the_background(page, 2500)
            assert page.run("return window.hid")
        finally:
            load.stopped.set()
            load.join()
        catch_up(page, newest(page))
        after = kept(page)
        assert after["ordered"], "entries are missing"
        assert 2500 <= after["size"] <= 20_000  # what came while it was hidden is there
        page.wait_until(f"document.querySelector(\".seq-row[data-number='{after['newest']}']\")")
        assert page.run("return document.querySelectorAll('.seq-row').length") < 80
        assert "Newest" not in page.text("main"), "it follows"
        page.run("document.querySelector('.seq-rows').scrollTop -= 300")
        page.wait_for("main", "Newest")  # who scrolls away is left where they are
        page.run("document.querySelector('.seq-rows').scrollTop = 1e9")
        page.wait_until("!document.querySelector('main').innerText.includes('Newest')")
        the_lab_goes_away_and_comes_back(lab, page, after["newest"])
        assert page.script_errors() == []
        page.close()


def the_lab_goes_away_and_comes_back(lab: Lab, page: Page, before: int) -> None:
    lab.end()
    page.wait_for("#link", "no connection")
    page.wait_for("main [role=alert]", "does not answer")
    lab.restart()
    page.wait_for("#link", "live")
    page.wait_until(f"{_TIMELINE}.then((t) => t.entries.length > 0 && t.newest !== {before})")
    page.wait_for(".seq-rows", "RDY")
    page.wait_for(".seq-rows", "REG_SUCCESS")
    assert kept(page)["ordered"], "entries of before the restart and of after it"
    page.post("/modules/meter/at", line="AT+CGMM")
    page.wait_for(".seq-rows", "AT+CGMM")
    assert kept(page)["ordered"]


def test_pages_that_the_browser_keeps_for_back_hold_no_connection_and_go_on_when_they_return(lab: Lab) -> None:
    """Six connections are all that a browser has for an address; each page has a stream."""
    with Page(lab.running.console()) as page:
        for visit in range(8):
            page.open(f"{page.url}/?visit={visit}#/modules")
            page.wait_until("document.querySelector('#link.good')")
        page.post("/modules", model="BC28", name="newcomer")
        page.run("history.back()")
        page.wait_until("location.search === '?visit=6' && document.querySelector('#link.good')")
        page.wait_for("main", "newcomer")
        page.post("/modules", model="BC28", name="another")
        page.wait_for("main", "another")
        assert page.script_errors() == []
        page.close()


def test_tabs_that_nobody_sees_leave_connections_for_the_one_that_is_seen_and_miss_nothing(lab: Lab) -> None:
    with Page(lab.running.console()) as page:
        page.go("#/timeline")
        page.wait_for(".seq-rows", "REG_SUCCESS")
        own = page._call("GET", "/window")
        for _ in range(8):
            page._call("POST", "/window", {"handle": page._call("POST", "/window/new", {"type": "tab"})["handle"]})
            page.open(f"{page.url}/#/modules")
            page.wait_until("document.querySelector('#link.good')")
        page.post("/modules/meter/at", line="AT+CGMM")
        page._call("POST", "/window", {"handle": own})
        page.wait_for(".seq-rows", "AT+CGMM")
        assert kept(page)["ordered"]
        assert page.script_errors() == []
        page.close()


def test_a_tab_that_has_heard_of_no_entry_yet_misses_nothing_either(lab: Lab) -> None:
    """What it shows it has fetched; then somebody looks at another tab for longer than a connection is kept."""
    with Page(lab.running.console()) as page:
        page.post("/clock/advance", span="60s")
        page.go("#/timeline")
        page.wait_for(".seq-rows", "advanced 1min")
        page.run("location.reload()")
        page.wait_for(".seq-rows", "REG_SUCCESS")
        own = page._call("GET", "/window")
        page._call("POST", "/window", {"handle": page._call("POST", "/window/new", {"type": "tab"})["handle"]})
        page.open(f"{page.url}/#/timeline")
        page.wait_until("(window.since ??= performance.now()) < performance.now() - 7000")
        page.post("/modules/meter/at", line="AT+CGMI")
        page.wait_for(".seq-rows", "AT+CGMI")
        page._call("POST", "/window", {"handle": own})
        page.wait_for(".seq-rows", "AT+CGMI")
        assert page.script_errors() == []
        page.close()


def test_a_batch_that_went_with_the_labs_run_says_so(lab: Lab) -> None:
    with Page(lab.running.console()) as page:
        page.go("#/timeline")
        page.wait_for(".seq-rows", "REG_SUCCESS")
        page.post("/faults", fault="loss,direction=down")
        page.go("#/platforms/cmdmp")
        page.click("#choose-all")
        page.click("[data-batch='operate']")
        page.type("#batch-value", "300")
        page.click("#batch-begin")
        page.wait_for("#batch-counts", "1 asked")
        lab.end()
        page.wait_for("#link", "no connection")
        lab.restart()
        page.wait_for("#link", "live")
        page.wait_for("#batch-lost", "the lab was restarted")
        assert "/1/0/1 · 300" in page.text("#batch-lost")
        page.close()
