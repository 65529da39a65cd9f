"""The page of a fleet, while it runs and as a file: in both languages, light and dark, on a telephone; its buttons.

Skipped where Chromium is missing; what axe-core finds, where `npm ci` has not run.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import msgspec
import pytest
from browser import Browser, available
from fleet_server import DELAY, Drive, Reply, Server, piggybacked, plan

from nbtwin.coap.message import decode
from nbtwin.coap.numbers import Code
from nbtwin.fleet.plan import FleetPhase
from nbtwin.fleet.report import FleetResult, page
from nbtwin.fleet.tally import FleetStats, SecondRow
from nbtwin.fleet.verdict import Requirement
from nbtwin.fleet.web_page import ProgressPage

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
VIOLATIONS = """return axe.run(document).then((result) => result.violations.map((one) =>
    `${one.id}: ${one.nodes.map((node) => node.target).join(' | ')}`))"""


@pytest.fixture(scope="module")
def result() -> FleetResult:
    """With everything that a report may have: refusals, values, what a server asks, a part that was lost."""
    inner = Server()

    def answers(now: float, lane: int, data: bytes) -> list[Reply]:
        if lane % 5 == 0 and decode(data).texts(11) == ("rd",):
            return [(DELAY, piggybacked(decode(data), Code.FORBIDDEN))]
        return inner.properly(now, lane, data)

    phases = (FleetPhase(do="register", rate=20), FleetPhase(do="uplink", rate=30, span=20))
    made = plan(*phases, duplicates=0.1)
    stats = Drive(made, Server(answers)).run()
    rules = tuple(map(Requirement.parse, ("p99<1ms", "errors<50%", "register.p50<1s")))
    return FleetResult(plan=made, stats=stats, requirements=rules, shards=("done", "lost", "again"))


def test_a_long_run_is_drawn_with_its_worst_second(result: FleetResult) -> None:
    """More seconds than a picture has points: of those that share one the highest is drawn, and none is left out."""
    rows = [SecondRow(begun=5, good=5) for _ in range(1000)]
    rows[501].errors = 77
    drawn = page(msgspec.structs.replace(result, stats=FleetStats(devices=20, seconds=rows)))
    assert 'text-anchor="end">77</text>' in drawn


@contextmanager
def served(result: Callable[[], FleetResult], told: list[str], language: str = "en") -> Iterator[ProgressPage]:
    shown = ProgressPage(("127.0.0.1", 0), result, told.append, language)
    try:
        yield shown
    finally:
        shown.close()


def looked_at(browser: Browser) -> list[str]:
    found: list[str] = []
    for width in (1000, 390):
        browser.resize(width, 800)
        if browser.run("return document.scrollingElement.scrollWidth > innerWidth"):
            found.append(f"scrolls sideways at {width}")
    if AXE.exists():
        browser.run(AXE.read_text())
        found += browser.run(VIOLATIONS)
    return found


@pytest.mark.skipif(not available(), reason="needs Debian's chromium and chromium-driver")
@pytest.mark.parametrize("dark", [False, True])
def test_the_page_is_readable_and_steers_the_fleet(dark: bool, result: FleetResult, tmp_path: Path) -> None:
    said: list[str] = []
    shown = result
    with Browser(dark=dark) as browser:
        for language in ("en", "zh"):
            file = tmp_path / f"{language}.html"
            file.write_text(page(result, language))
            browser.open(file.as_uri())
            assert looked_at(browser) == []
            assert browser.run("return document.querySelectorAll('button, script').length") == 0
            with served(lambda: shown, said, language) as served_page:
                browser.open(f"http://127.0.0.1:{served_page.port}/")
                assert looked_at(browser) == []
        with served(lambda: shown, said) as served_page:
            browser.open(f"http://127.0.0.1:{served_page.port}/")
            for word in ("pause", "resume", "stop"):
                browser.click(f"[name={word}]")
            shown = msgspec.structs.replace(
                result, stats=FleetStats(devices=20, registered=17, paused=True), shards=("running", "silent")
            )
            browser.wait_until("document.querySelector('[role=status]')?.textContent === 'paused'")
            assert browser.run("return document.querySelector('.no').textContent").startswith("part 1 of the fleet: ")
            assert said == ["pause", "resume", "stop"]


def test_the_page_hears_only_who_asks_under_a_name_of_loopback(result: FleetResult) -> None:
    said: list[str] = []
    with served(lambda: result, said) as shown:

        def status(method: str, path: str, **headers: str) -> int:
            connection = HTTPConnection("127.0.0.1", shown.port)
            try:
                connection.request(method, path, headers=headers)
                return connection.getresponse().status
            finally:
                connection.close()

        own = f"127.0.0.1:{shown.port}"
        assert status("POST", "/pause", Host=own, Origin=f"http://{own}") == 204
        assert status("POST", "/stop", Host=own, Origin="http://elsewhere.example") == 403
        assert status("POST", "/stop", Host="elsewhere.example:80") == 403
        assert status("POST", "/nothing", Host=own) == 404
        assert status("GET", "/nothing", Host=own) == 404
        assert status("GET", "/metrics", Host=own) == 200
        connection = HTTPConnection("127.0.0.1", shown.port)
        connection.request("GET", "/stats.json")
        assert json.loads(connection.getresponse().read())["devices"] == 20
        connection.close()
    assert said == ["pause"]
