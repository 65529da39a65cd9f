"""How the console treats people: it asks before it destroys, covers nothing, says what is wrong beside its field, and
is worked with the keyboard alone. Skipped where Chromium is missing.
"""

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path

import pytest
from browser import available
from console_page import MODULE, Page, console

STATIC = Path(str(resources.files("nbtwin.web").joinpath("static")))
DESTROYS = re.compile(r"\bdel\(|/restore`|/factory-reset`|\"/lab/reset\"|\"/lab/import\"")
ASKS = ("tryDestructive(", "tryUndoable(")
ESCAPE, ENTER, TAB, DOWN, CONTROL = "\ue00c", "\ue007", "\ue004", "\ue015", "\ue009"
FOCUSED = "document.activeElement"

needs_browser = pytest.mark.skipif(not available(), reason="needs Debian's chromium and chromium-driver")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    state = tmp_path_factory.mktemp("lab")
    with console(state, "--module", MODULE, "--ports", "cmdmp=0", "--clock", "simulated") as page:
        page.post("/clock/advance", span="10s")
        yield page
        assert page.script_errors() == []


def test_a_space_stays_while_the_rest_is_typed() -> None:
    """A field that is drawn anew is given all that was typed: values are trimmed when they are sent."""
    trimmed = re.compile(r"oninput=\$\{[^}]*trim\(\)")
    assert [path.name for path in (STATIC / "js").rglob("*.js") if trimmed.search(path.read_text("utf-8"))] == []


def test_what_destroys_asks_first_or_can_be_taken_back() -> None:
    """Taking a USIM out is put right by the same switch; who removes a note is asked by the pad that it is on."""
    for path in sorted((STATIC / "js").rglob("*.js")):
        text = path.read_text(encoding="utf-8")
        for found in DESTROYS.finditer(text):
            before = text[: found.start()]
            line = before[before.rfind("\n") + 1 :]
            taken_out = "/usim" in text[found.start() : found.start() + 30]
            if (
                taken_out
                or line.startswith(("import", "export const del", " *", "  remove: ("))
                or path.name == "notes.js"
            ):
                continue
            asked = max(before.rfind(word) for word in ASKS)
            assert asked > before.rfind("tryRequest("), f"{path.name}: {line.strip()} {found[0]}"


@needs_browser
def test_a_message_covers_nothing_at_any_width(page: Page) -> None:
    covered = """return [...document.querySelectorAll('#app button, #app a, #app input')].filter((one) => {
        const box = one.getBoundingClientRect();
        if (!box.width || box.top > innerHeight || !one.checkVisibility()) return false;
        return [...document.querySelectorAll('.toast')].some((toast) => {
            const other = toast.getBoundingClientRect();
            return box.left < other.right && box.right > other.left && box.top < other.bottom
                && box.bottom > other.top && !clipped(one, other); });
        function clipped(one, other) {
            for (let at = one.parentElement; at; at = at.parentElement)
                if (getComputedStyle(at).overflowY !== 'visible' && at.getBoundingClientRect().bottom <= other.top + 1)
                    return true;
            return false; }
    }).map((one) => one.outerHTML.slice(0, 90))"""
    said = "return import('/js/parts/toast.js').then(({ toast }) => { toast('Done'); toast('x '.repeat(200), 'bad'); })"
    try:
        for width, height in ((1440, 900), (1024, 700), (390, 844)):
            page.resize(width, height)
            for address in ("#/modules/meter", "#/platforms/cmdmp", "#/faults"):
                page.go(address)
                page.wait_until("document.querySelector('main h1')")
                page.run(said)
                page.wait_until("document.querySelectorAll('.toast').length > 1")
                assert page.run(covered) == [], (width, address)
                assert page.run(
                    "return document.querySelector('#toasts').getBoundingClientRect().bottom <= innerHeight"
                )
                page.click("#toasts .toast button")
    finally:
        page.resize(1440, 1000)


@needs_browser
def test_a_fault_that_was_removed_comes_back_when_one_asks(page: Page) -> None:
    page.post("/faults", fault="loss,direction=up,packets=1+2,source=meter")
    page.go("#/faults")
    page.click("#faults button")
    page.wait_for("#toasts", "Undo")
    assert page.api.get("/faults").json() == []
    page.press("[...document.querySelectorAll('#toasts button')].find((b) => b.innerText === 'Undo')")
    page.wait_until("document.querySelector('#faults')")
    assert [one["detail"]["packets"] for one in page.api.get("/faults").json()] == [[1, 2]]
    page.api.delete("/faults")


@needs_browser
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_refusal_stands_beside_its_field_in_the_language_of_the_page(page: Page, language: str) -> None:
    page.go("#/faults")
    page.wait_until("document.querySelector('#fault-probability')")
    if language == "zh":
        page.click("#language")
    page.select("#fault-probability")
    page.type("#fault-probability", "2")
    page.click("#fault-add")
    page.wait_for(
        "#fault-probability-wrong", {"en": "is not a number between 0 and 1", "zh": "不是 0 到 1 之间的数"}[language]
    )
    described = page.run("return document.querySelector('#fault-probability').getAttribute('aria-describedby')")
    assert described == "fault-probability-wrong"
    page.go("#/access")
    page.type("#token-name", "a b")
    page.click("#token-make")
    page.wait_for("#token-name-wrong", {"en": "only letters, digits", "zh": "只能使用字母"}[language])
    page.go("#/platforms/cmdmp")
    page.click("#keys")
    page.type("#key-appkey", "a")
    page.press("document.querySelector('dialog .main-act')")
    page.wait_for("#key-password-wrong", {"en": "this is required", "zh": "缺少必填项"}[language])
    page.keys(ESCAPE)
    page.wait_until("!document.querySelector('dialog')")
    if language == "zh":
        page.click("#language")


@needs_browser
def test_an_old_verdict_goes_when_a_new_run_is_refused(page: Page) -> None:
    page.go("#/scenarios")
    page.click("[data-scenario='changed-usim']")
    page.wait_until("document.querySelector('.yaml').value.length > 20")
    page.click("#run-scenario")
    page.wait_until("document.querySelector('#verdicts .ok')")
    page.select(".yaml")
    page.type(".yaml", "steps: 7")
    page.click("#run-scenario")
    page.wait_until("document.querySelector('#scenario-yaml-wrong')")
    assert not page.run("return document.querySelector('#verdicts')")


@needs_browser
def test_a_dialog_keeps_the_focus_and_gives_it_back(page: Page) -> None:
    page.go("#/access")
    page.click("#lab-reset")
    page.wait_until(f"{FOCUSED}.matches('dialog .bad-act')")
    for _ in range(6):
        page.keys(TAB)
        assert page.run(f"return {FOCUSED} === document.body || Boolean({FOCUSED}.closest('dialog'))")
    page.keys(ESCAPE)
    page.wait_until("!document.querySelector('dialog')")
    assert page.run(f"return {FOCUSED}.id") == "lab-reset"


@needs_browser
def test_what_had_the_focus_and_is_gone_leaves_it_to_the_page(page: Page) -> None:
    page.go("#/modules")
    page.wait_until("document.querySelector('a.modcard')")
    page.press("document.querySelector('a.modcard')", "focus()")
    page.keys(ENTER)
    page.wait_for("main h1", "meter")
    page.wait_until(f"{FOCUSED}.id === 'main'")


@needs_browser
def test_everything_is_found_by_its_name(page: Page) -> None:
    device = page.api.get("/platforms/cmdmp/devices").json()[0]
    page.go("#/")
    page.wait_for("main h1", "Overview")
    for typed, address in (
        ("fleet", "#/fleet"),
        ("meter bc260", "#/modules/meter"),
        (device["imei"][-8:], "#/platforms/cmdmp/devices/"),
    ):
        page.keys(CONTROL, "k")
        page.wait_until(f"{FOCUSED}.id === 'palette'")
        page.type("#palette", typed)
        page.wait_until("document.querySelectorAll('#palette-list li').length > 0")
        if "devices" in address:
            page.wait_for("#palette-list", device["id"])
            page.press("[...document.querySelectorAll('#palette-list li')].find((one) => /cmdmp:/.test(one.innerText))")
        else:
            page.keys(ENTER)
        page.wait_until(f"location.hash.startsWith({address!r})")
    page.keys(CONTROL, "k")
    page.type("#palette", "mod")
    page.wait_for("#palette-list", "27.007")
    page.run((Path(__file__).parent / "page_checks.js").read_text())
    assert page.run("return pageChecks.collisions()") == []
    page.keys(ESCAPE)
    page.wait_until("!document.querySelector('dialog')")
    page.keys(CONTROL, "k")
    page.type("#palette", "AT+QDMPCFG")
    page.wait_for("#palette-list", "DOC-C")
    page.keys(DOWN, ENTER)
    page.wait_until("document.querySelector('#line')?.value.startsWith('AT+QDMPCFG')")
    page.choose("#line", "", "input")
    page.keys(CONTROL, "k")
    page.type("#palette", "light and dark")
    before = page.run("return document.documentElement.dataset.theme ?? ''")
    page.keys(ENTER)
    page.wait_until(f"(document.documentElement.dataset.theme ?? '') !== {before!r}")
    page.click("#theme")
    page.click("#theme")


@needs_browser
@pytest.mark.parametrize(
    "address", ["#/modules/none", "#/platforms/none", "#/platforms/cmdmp/devices/none", "#/docs/none", "#/modules/%"]
)
def test_an_address_of_what_is_not_there_shows_a_page_that_says_so(page: Page, address: str) -> None:
    page.go(address)
    page.wait_until("document.querySelector('main h1') && document.querySelector('main .empty, main .wrong')")
    page.wait_until("!document.querySelector('main .loading')")
    if page.run("return document.documentElement.lang") != "en":
        page.click("#language")
    page.wait_until(
        "/\\bno\\b|\\bnot\\b|\\bnone\\b/i.test(document.querySelector('main .empty, main .wrong')?.innerText)"
    )
    assert not page.run("return document.querySelector('main .bad-act')"), "what is not there can be destroyed"


@needs_browser
@pytest.mark.parametrize("lacking", ["*/words/*", "*/js/base/api.js*"])
def test_a_page_that_cannot_begin_says_so(page: Page, lacking: str) -> None:
    page.block(lacking)
    try:
        page.open(page.url)
        page.wait_for(".starting", "The console could not be loaded")
        assert "控制台加载失败" in page.text(".starting")
    finally:
        page.block()
        page.script_errors()
    page.click(".starting button")
    page.wait_until("document.querySelector('#link.good') && !document.querySelector('.starting')")
