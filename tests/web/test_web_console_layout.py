"""Every page at three widths, in two languages, light and dark, empty and with 2,000 devices: axe-core finds nothing,
nothing is out of reach, nothing scrolls sideways, no two texts share a place.

Skipped where Chromium is missing; what axe-core finds, where `npm ci` has not run (`make check` does).
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import available
from console_benchmark import Load
from console_page import Page
from running import Running

ROOT = Path(__file__).parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
DEVICES = 2_000
WIDTHS = (1440, 1024, 390)
PAGES = ("#/", "#/modules", "#/timeline", "#/platforms", "#/campaigns", "#/faults", "#/scenarios", "#/fleet",
         "#/access", "#/docs", "#/docs/create_module", "#/nowhere", "#/modules/none", "#/start/registration",
         "#/start/firmware", "#/start/real")  # fmt: skip
SETTLED = """document.querySelector('main').dataset.address === location.hash.split('?')[0]
             && document.querySelector('main h1') && !document.querySelector('main .loading')
             && !document.getAnimations().length"""
GEOMETRY = """return Object.fromEntries(['collisions', 'outOfReach', 'sideways', 'squeezed'].map((name) =>
    [name, pageChecks[name]()]).filter(([, found]) => found.length))"""
FOUND = """.then((result) => result.violations.map((one) => `${one.id}: ${one.nodes.map((node) =>
    `${node.target} ${node.any[0]?.message ?? node.failureSummary}`).slice(0, 3).join(' | ')}`))"""

pytestmark = [
    pytest.mark.skipif(not available(), reason="needs Debian's chromium and chromium-driver"),
    pytest.mark.timeout(400),
]


@pytest.fixture(scope="module", params=["empty", "full"])
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    asked = ["--ports", "cmdmp=0", "--http", "127.0.0.1:0"]
    if request.param == "full":
        asked[1] = "cmdmp=0,andlink=0"
        asked += ["--module", "BC260Y-CN,name=meter", "--module", "BC28,name=pump"]
    with Running("up", *asked, state=tmp_path_factory.mktemp("lab")) as lab, Page(lab.console()) as page:
        if request.param == "full":
            _fill(page)
        page.emulate(reduced_motion=True)
        page.run((ROOT / "tests/web/page_checks.js").read_text())
        if AXE.exists():
            page.run(AXE.read_text())
        yield page
        assert page.script_errors() == []
        page.close()


def _fill(page: Page) -> None:
    """Devices, a registration with losses and a day after it, a socket: what there is to draw."""
    udp = {one["name"]: one["udp"] for one in page.api.get("/platforms").json()}
    load = Load(int(udp["cmdmp"].rpartition(":")[2]), DEVICES, 0)
    load.start()
    load.filled.wait()
    load.stopped.set()
    load.join()
    for line in ('AT+QLASERVERIP="LWM2M","lwm.home.komect.com",5683', "AT+QLASECSWT=0,0", "AT+NRB"):
        page.post("/modules/pump/at", line=line)
    page.post("/faults", fault="loss,direction=up,packets=1+2+3,source=meter")
    for span in ("1min", "24h", "1min", "24h"):
        page.post("/clock/advance", span=span)
    for line in ("AT+NSOCR=DGRAM,17,4567,1", "AT+NSOST=1,127.0.0.1,9,2,4142", "AT+QDNS=0,nowhere.test"):
        page.post("/modules/pump/at", line=line)


def _addresses(page: Page) -> list[str]:
    """Every page, with those of what there is."""
    modules = [f"#/modules/{one['name']}" for one in page.api.get("/modules").json()]
    platforms = [one["name"] for one in page.api.get("/platforms").json()]
    devices = [f"#/platforms/{name}/devices/{found[0]['id']}" for name in platforms
               if (found := page.api.get(f"/platforms/{name}/devices", params={"limit": 1}).json())]  # fmt: skip
    return [*PAGES, *modules, *(f"#/platforms/{name}" for name in platforms), *devices]


def _speak(page: Page, language: str) -> None:
    if not page.run("return document.documentElement.lang").startswith(language):
        page.click("#language")
        page.wait_until(f"document.documentElement.lang.startsWith({language!r})")


def _axe(page: Page, rules: list[str] | None = None) -> list[str]:
    asked: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        asked["runOnly"] = {"type": "rule", "values": rules}
    found: list[str] = page.run(f"return axe.run(document, {json.dumps(asked)}){FOUND}")
    return found


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("width", WIDTHS)
def test_everything_is_in_reach_and_readable_for_eyes_hands_and_screen_readers(
    page: Page, language: str, width: int
) -> None:
    """What depends on colours is looked at light and dark; everything else is the same in both."""
    _speak(page, language)
    page.resize(width, 900)
    found: dict[str, Any] = {}
    for address in _addresses(page):
        page.go(address)
        page.wait_until(SETTLED)
        here = page.run(GEOMETRY)
        if AXE.exists():
            page.run("document.documentElement.dataset.theme = 'light'")
            here["axe"] = _axe(page)
            page.run("document.documentElement.dataset.theme = 'dark'")
            here["axe"] += _axe(page, ["color-contrast", "link-in-text-block"])
        if any(here.values()):
            found[address] = {name: said for name, said in here.items() if said}
    assert not found, json.dumps(found, indent=1, ensure_ascii=False)

    if not AXE.exists():
        pytest.skip("the geometry is right; axe-core is not here: `npm ci`, as `make check` does where there is node")


QUESTIONS = (
    ("#/", "document.querySelector('.top [title$=\"(?)\"]')"),
    ("#/", "document.querySelector('#find')"),
    ("#/modules", "document.querySelector('#add-module')"),
    ("#/platforms/cmdmp", "document.querySelector('#keys')"),
    ("#/access", "document.querySelector('#lab-reset')"),
)


@pytest.mark.parametrize("width", [1440, 390])
def test_what_is_asked_in_front_of_a_page_is_in_reach_and_readable_as_well(page: Page, width: int) -> None:
    page.resize(width, 900)
    found: dict[str, Any] = {}
    for number, (address, opened) in enumerate(QUESTIONS):
        page.go(address)
        page.wait_until(SETTLED)
        page.press(opened)
        page.wait_until("document.querySelector('dialog[open]') && !document.querySelector('dialog .loading')")
        here = page.run(GEOMETRY)
        here["axe"] = _axe(page) if AXE.exists() else []
        page.run("document.querySelector('dialog').close()")
        if any(here.values()):
            found[f"{address} {number}"] = here
    assert not found, json.dumps(found, indent=1, ensure_ascii=False)
