"""Every page of the console: two languages, light and dark, keys, phones. Skipped where Chromium is missing."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from importlib import resources
from pathlib import Path

import pytest
from browser import available
from console_page import MODULE, Page, console

STATIC = Path(str(resources.files("nbtwin.web").joinpath("static")))
SCRIPTS = sorted(path for path in STATIC.rglob("*.js") if "vendor" not in path.parts)
PAGES = ("#/", "#/modules", "#/modules/meter", "#/timeline", "#/platforms", "#/platforms/cmdmp", "#/campaigns",
         "#/faults", "#/scenarios", "#/fleet", "#/access")  # fmt: skip
needs_browser = pytest.mark.skipif(not available(), reason="needs Debian's chromium and chromium-driver")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    state = tmp_path_factory.mktemp("lab")
    with console(state, "--module", MODULE, "--ports", "cmdmp=0", "--clock", "simulated") as page:
        page.post("/clock/advance", span="10s")
        yield page
        assert page.script_errors() == []


def test_nothing_is_fetched_from_elsewhere_and_nothing_is_written_into_pages_as_html() -> None:
    for path in (*SCRIPTS, *STATIC.rglob("*.css"), *STATIC.rglob("*.html")):
        if "vendor" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", text), path.name
        assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", text), path.name


def test_what_others_wrote_keeps_its_version_and_its_licence() -> None:
    for folder in (STATIC / "vendor").iterdir():
        assert re.search(r"Permission is hereby granted|Apache License", (folder / "LICENSE.txt").read_text()), folder
        assert re.fullmatch(r"\S+ \d+\.\d+\.\d+ \(npm\), unchanged\n", (folder / "VERSION.txt").read_text()), folder


def test_every_script_says_what_it_knows() -> None:
    for path in SCRIPTS:
        assert path.read_text(encoding="utf-8").startswith("// "), f"{path.name} does not say what it knows"


@needs_browser
def test_every_page_opens_without_an_error_of_its_scripts(page: Page) -> None:
    for address in PAGES:
        page.go(address)
        page.wait_until("document.querySelector('main h1') && !document.querySelector('main .loading')")
    assert page.script_errors() == []


@needs_browser
def test_an_address_that_names_no_page_says_so_and_the_others_still_open(page: Page) -> None:
    for address in ("#/modules/%", "#/nowhere", "#/platforms/cmdmp/devices/%E4%A"):
        page.go(address)
        page.wait_for("main h1", "There is no such page")
        page.go("#/modules")
        page.wait_for("main h1", "Modules")


@needs_browser
def test_the_language_switches_and_is_remembered(page: Page) -> None:
    page.go("#/modules")
    page.wait_for("main h1", "Modules")
    page.click("#language")
    page.wait_for("main h1", "模块")
    assert page.run("return document.documentElement.lang") == "zh-CN"
    page.open(page.url + "/#/modules/meter")
    page.wait_for(".nav", "时间线")
    page.wait_for("#switches", "电源")
    page.click("#language")
    page.wait_for(".nav", "Time line")


@needs_browser
def test_a_store_that_takes_nothing_is_said_above_every_page_until_it_takes_again(tmp_path: Path) -> None:
    asked = ("--module", "BC28,sim=none", "--ports", "telecom=0")
    with console(tmp_path, *asked) as page, closing(sqlite3.connect(tmp_path / "inventory.sqlite")) as intruder:
        page.click("#language")
        page.wait_for("main h1", "总览")
        intruder.isolation_level = None
        intruder.execute("BEGIN IMMEDIATE")
        while page.api.get("/ready").is_success:
            """It has not tried yet."""
        page.run("location.reload()")
        page.wait_for(".banner", "无法存储，因此平台不应答任何设备")
        page.wait_for(".banner", "inventory.sqlite: 被另一进程锁定")
        page.go("#/modules")
        page.wait_for("main h1", "模块")
        assert page.text(".banner")
        intruder.execute("ROLLBACK")
        while not page.api.get("/ready").is_success:
            """It has not tried again yet."""
        page.click(".banner button")
        page.wait_until("!document.querySelector('.banner')")


@needs_browser
def test_the_fleet_words_states_and_tells_no_delay_where_time_passes_by_jumps(page: Page) -> None:
    page.click("#language")
    page.go("#/fleet")
    page.wait_for(".fleet-charts", "注册成功")
    page.wait_for(".fleet-charts", "事件延迟\n–")
    page.click("#language")
    page.wait_for(".fleet-charts", "reg success")


@needs_browser
def test_light_and_dark_are_a_switch(page: Page) -> None:
    seen = set()
    for _ in range(3):
        page.click("#theme")
        seen.add(page.run("return getComputedStyle(document.body).backgroundColor"))
    assert len(seen) == 2


@needs_browser
def test_the_keyboard_goes_everywhere_and_question_mark_tells_how(page: Page) -> None:
    page.go("#/")
    page.wait_for("main h1", "Overview")
    page.type("body", "?")
    page.wait_for("dialog", "Keyboard shortcuts")
    page.wait_for("dialog", "Switch light and dark")
    page.type("dialog", "\ue00c")  # Escape
    page.wait_until("!document.querySelector('dialog')")
    page.type("body", "gt")
    page.wait_for("main h1", "Time line")
    page.type("body", "gm")
    page.wait_for("main h1", "Modules")
    page.type("body", "/")
    page.wait_until("document.activeElement.matches('[data-search]')")


@needs_browser
def test_everything_one_can_press_has_a_name(page: Page) -> None:
    nameless = """return [...document.querySelectorAll('button, a, input, select, textarea')].filter((e) =>
        !e.textContent.trim() && !e.ariaLabel && !e.title && !e.labels?.length && !e.getAttribute('aria-label'))
        .map((e) => e.outerHTML.slice(0, 120))"""
    for address in PAGES:
        page.go(address)
        page.wait_until("document.querySelector('main h1') && !document.querySelector('main .loading')")
        assert page.run(nameless) == [], address


@needs_browser
def test_a_phone_shows_every_page_without_scrolling_sideways(page: Page) -> None:
    page.resize(390, 844)
    try:
        for address in PAGES:
            page.go(address)
            page.wait_until("document.querySelector('main h1') && !document.querySelector('main .loading')")
            wide = page.run(
                "return document.querySelector('main').scrollWidth - document.querySelector('main').clientWidth"
            )
            assert wide <= 1, f"{address} is {wide} pixels too wide"
    finally:
        page.resize(1440, 1000)


@needs_browser
def test_a_token_is_made_shown_once_and_revoked_and_the_log_says_so(page: Page) -> None:
    page.go("#/access")
    page.wait_for("main", "No token")
    page.type("#token-name", "ci")
    page.click("#token-make")
    page.wait_until("document.querySelector('#made-token')?.innerText.length > 20")
    token = page.text("#made-token")
    page.type("dialog", "\ue00c")
    page.wait_for("#tokens", "ci")
    assert token not in page.text("main")
    page.press("document.querySelector('#tokens button')")
    page.wait_for("dialog", "Revoke ci?")
    page.press("document.querySelector('dialog .bad-act')")
    page.wait_for("main", "No token")
    page.wait_for("#audit", "/api/v1/access/tokens")


@needs_browser
def test_the_lab_starts_afresh_when_asked_twice(page: Page) -> None:
    page.go("#/access")
    page.wait_until("document.querySelector('#lab-reset')")
    assert page.api.get("/platforms/cmdmp/devices").json()
    page.click("#lab-reset")
    page.press("document.querySelector('dialog .bad-act')")
    page.wait_for("#toasts", "Done")
    assert page.api.get("/platforms/cmdmp/devices").json() == []
