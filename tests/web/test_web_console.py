"""The console page in a real browser, against a real lab. Skipped where Chromium and its driver are missing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Browser, available
from running import Running

pytestmark = pytest.mark.skipif(not available(), reason="needs Debian's chromium and chromium-driver")


@pytest.fixture
def page(tmp_path: Path) -> Iterator[Browser]:
    asked = ("up", "--module", "BC260Y-CN,name=meter", "--ports", "cmdmp=0", "--http", "127.0.0.1:0")
    with Running(*asked, state=tmp_path) as lab, Browser() as browser:
        browser.open(lab.console())
        browser.wait_until("document.querySelector('#link').innerText === 'live'")
        yield browser


def test_a_line_typed_is_answered_and_the_registration_draws_itself(page: Browser) -> None:
    page.wait_until("document.querySelector('#modules').innerText.includes('6 reg success')")
    page.type("#line", "AT+QDMPCFG?\n")
    page.wait_until("document.querySelector('#terminal').innerText.includes('+QDMPCFG: 1,117.161.2.41,5683,86400')")
    timeline = page.text("#timeline")
    for shown in ("RDY", "CON POST", "ACK 2.01", "REG_SUCCESS (6)", "device registered"):
        assert shown in timeline
    assert "registered" in page.text("#devices")


def test_a_day_passes_at_the_push_of_a_button_and_the_update_is_seen(page: Browser) -> None:
    page.wait_until("document.querySelector('#modules').innerText.includes('6 reg success')")
    page.click("[data-span='24h']")
    page.wait_until("document.querySelector('#modules').innerText.includes('11 update success')")
    page.wait_until("document.querySelector('#devices').innerText.includes('updated 1×')")
    assert "24 h" in page.text("header") or "1 d" in page.text("#ahead")


def test_a_wrong_line_is_explained_where_it_was_typed(page: Browser) -> None:
    page.wait_until("document.querySelector('#modules').innerText.includes('attached')")
    page.type("#line", "AT+QDMPCFG=1,117.161.2.7,99999,420\n")
    page.wait_until("document.querySelector('#terminal').innerText.includes('<server_Port>')")
    assert "ERROR" in page.text("#terminal")
