"""What is drawn over time, in a real browser: days that are cut, charts, one zone. Skipped without Chromium."""

from collections.abc import Iterator

import pytest
from browser import available
from console_page import Page, console

pytestmark = pytest.mark.skipif(not available(), reason="needs Debian's chromium and chromium-driver")

_GROUPS = "[...document.querySelectorAll('.seq-row.group')]"
_WINDOW = "import('/js/state/timeline.js').then(({ timeline }) => timeline)"
_TWELVE = [part for number in range(12) for part in ("--module", f"BC260Y-CN,name=m{number:02}")]


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """Twelve modules over thirty days."""
    with console(tmp_path_factory.mktemp("lab"), *_TWELVE, "--ports", "cmdmp=0", "--clock", "simulated") as page:
        page.post("/clock/advance", span="30d")
        yield page
        assert page.script_errors() == []


def _to_top(page: Page) -> None:
    page.run("document.querySelector('.seq-rows').scrollTop = 0")


def test_a_month_of_twelve_modules_begins_with_its_first_boot(month: Page) -> None:
    month.go("#/timeline")
    month.click(".seq-controls [data-value='4']")
    newest = month.api.get("/traces", params={"limit": 1}).json()["newest"]
    month.wait_until(f"{_WINDOW}.then((it) => it.entries[0]?.number === 1 && it.entries.length === {newest})")
    _to_top(month)
    month.wait_until(f"{_GROUPS}[0]?.innerText.includes('AT lines')")
    assert not month.run("return document.querySelector('.seq-row.cut, .seq-row.part')")
    month.run(f"{_GROUPS}[0].click()")
    month.click(".seq-controls [data-value='0']")
    _to_top(month)
    month.wait_for(".seq-rows", "module added")


def test_a_day_that_is_cut_says_how_much_is_missing_and_the_rest_is_fetched(month: Page) -> None:
    for number in range(12):
        module = f"/modules/m{number:02}/at"
        month.post(module, line="AT+QDMPCFG=1,117.161.2.41,5683,600")
        month.post(module, line="AT+QRST=1")
    month.post("/clock/advance", span="36h")
    month.click(".seq-controls [data-value='4']")
    month.wait_until(f"{_WINDOW}.then((it) => it.entries.length === 20000)")
    _to_top(month)
    month.wait_until("/\\d entries of .* not fetched/.test(document.querySelector('.seq-row.cut')?.innerText)")
    first = month.run(f"return {_WINDOW}.then((it) => it.entries[0])")
    day = first["at"] // 86400 * 86400
    whole = month.api.get("/traces", params={"since": day, "limit": 1}).json()["entries"][0]["number"]
    missing = first["number"] - whole
    said = month.text(".seq-row.cut")
    assert f"{missing:,} entries of " in said.replace(f"{missing} ", f"{missing:,} "), said
    assert f"{whole - 1:,} earlier entries not fetched" in said
    assert month.run("return document.querySelector('.seq-row.part .passed').innerText").endswith(" of it")
    month.click(".seq-row.cut button")
    month.wait_until(f"{_WINDOW}.then((it) => it.entries[0].number < {whole + 1})")
    _to_top(month)
    month.wait_until(f"{_GROUPS}[0] && !{_GROUPS}[0].matches('.part')")
    month.run("document.querySelector('.seq-rows').scrollTop = 1e9")
    month.wait_until(f"{_GROUPS}.at(-1).matches('.part')")
    month.wait_for("[data-side=after]", "not fetched")
