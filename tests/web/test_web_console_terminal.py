"""The terminal's tools: scripts, paste that waits, bytes, search, the time line beside it. Skipped without Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import available
from console_page import MODULE, Page, console, pasted

pytestmark = pytest.mark.skipif(not available(), reason="needs Debian's chromium and chromium-driver")
LINES = "[...document.querySelectorAll('#terminal .tline')]"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    state = tmp_path_factory.mktemp("lab")
    with console(state, "--module", MODULE, "--ports", "cmdmp=0", "--clock", "simulated") as page:
        page.post("/clock/advance", span="10s")
        page.go("#/modules/meter")
        page.wait_for("#terminal", "+IP: 10.0.0.2")
        yield page
        assert page.script_errors() == []


def write(page: Page, name: str, text: str) -> None:
    """A script, in the place of what the editor offers."""
    page.click("#new-script")
    page.type("#script-name", name)
    page.choose("#script-text", text, "input")
    page.click("#keep-script")


def test_a_script_of_nbtwin_at_is_kept_and_run_and_its_failure_is_worded(page: Page) -> None:
    page.click("#open-scripts")
    page.wait_for("#scripts", "No scripts are saved")
    write(page, "attach", "AT+CFUN=0\nAT+CFUN=1\nAT+CEREG=1\nwait +CEREG: 1 2min\nAT+CEREG?\nexpect +CEREG: 1,1\n")
    page.click("[data-run=attach]")
    page.wait_for("#terminal", "attach: all 5 steps are done")
    write(page, "wrong", "AT+CGMM\nexpect *BC28\n")
    page.click("[data-run=wrong]")
    page.wait_for("#terminal .tline.bad", "wrong:1: AT+CGMM was to be answered *BC28")


def test_a_script_that_cannot_be_understood_is_not_kept_and_says_where(page: Page) -> None:
    write(page, "odd", "AT\nhello\n")
    page.wait_for("#scripts [role=alert]", "odd:2: 'hello' is neither a command nor")
    page.press("[...document.querySelectorAll('#scripts button')].find((b) => b.innerText === 'Cancel')")


def test_scripts_stay_in_the_browser_and_come_from_macros_toml(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "macros.toml"
    file.write_text('[hello]\nscript = """\nAT+CGMR\n"""\n')
    page.type("#load-scripts", str(file))  # once the editor is closed
    page.wait_until("document.querySelector('[data-run=hello]')")
    page.run("window.before = true; location.reload()")
    page.wait_until("!window.before && document.querySelector('#open-scripts')")
    page.click("#open-scripts")
    page.click("[data-run=hello]")
    page.wait_for("#terminal", "hello: all 1 steps are done")
    page.wait_for("#terminal", "BC260YCNAAR01A04")


def test_pasted_lines_wait_to_be_looked_at_where_that_is_chosen(page: Page) -> None:
    page.click("#paste-waits")
    page.press("document.querySelector('#line')", f"dispatchEvent({pasted('AT+CGMM' + chr(10) + 'AT+CIMI' + chr(10))})")
    page.wait_until("document.querySelector('#pending')?.value === 'AT+CGMM\\nAT+CIMI\\n'")
    sent = f"{LINES}.filter((line) => line.innerText.includes('AT+CIMI')).length"
    assert page.run(f"return {sent}") == 0
    page.type("#pending", "\n")
    page.wait_for("#terminal", "2 of 2 lines sent")
    page.wait_until(f"{sent} === 1")
    page.wait_until("document.querySelector('#line')")
    page.click("#paste-waits")


def test_what_is_searched_is_marked_and_stepped_through(page: Page) -> None:
    page.type("#terminal-search", "cgmr")
    page.wait_until("document.querySelectorAll('#terminal mark').length >= 1")
    page.wait_until("document.querySelector('#terminal .tline.found mark')")
    assert "0" not in page.text(".tools .hits").split(" / ")
    page.choose("#terminal-search", "", "input")
    page.wait_until("!document.querySelector('#terminal mark')")


def test_lines_are_shown_as_bytes(page: Page) -> None:
    page.click("#terminal-hex")
    page.wait_for("#terminal", "0000  41 54 2b 43 49 4d 49")
    page.click("#terminal-hex")
    page.wait_until("!document.querySelector('#terminal .bytes')")


def test_the_time_line_stands_beside_the_terminal_and_below_where_the_page_is_narrow(page: Page) -> None:
    page.click("#split")
    left = "document.querySelector('.term').getBoundingClientRect()"
    right = "document.querySelector('.beside').getBoundingClientRect()"
    page.wait_until(f"document.querySelector('.beside .seq-rows') && {right}.left >= {left}.right - 1")
    assert page.run(f"return Math.abs({right}.top - {left}.top)") < 2
    page.resize(900, 1000)
    page.wait_until(f"{right}.top >= {left}.bottom")
    page.resize(1440, 1000)
    page.click("#split")
