"""Platforms in a real browser: inventory, the object tree of a device, what was observed. Skipped without Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import available
from console_page import MODULE, Page, console

from nbtwin.lwm2m.firmware.delta import factory_image, pack_image

pytestmark = pytest.mark.skipif(not available(), reason="needs Debian's chromium and chromium-driver")

ANDLINK = ('AT+QLASERVERIP="LWM2M","lwm.home.komect.com",5683', "AT+QLASECSWT=0,0", "AT+NRB")
PORTS = "cmdmp=0,andlink=0"


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    state = tmp_path_factory.mktemp("lab")
    asked = ("--module", MODULE, "--module", "BC28,name=pump", "--ports", PORTS, "--clock", "simulated")
    with console(state, *asked) as page:
        page.post("/clock/advance", span="10s")
        for line in ANDLINK:
            page.post("/modules/pump/at", line=line)
        page.post("/clock/advance", span="15s")
        yield page
        assert page.script_errors() == []


def device_of(page: Page, platform: str, module: str) -> str:
    imei = page.api.get(f"/modules/{module}").json()["imei"]
    return f"#/platforms/{platform}/devices/{platform}:{imei}"


def test_the_inventory_is_searched_filtered_and_sorted_by_the_lab(page: Page) -> None:
    page.go("#/platforms/cmdmp")
    page.wait_until("document.querySelectorAll('#devices a').length === 2")
    imei = page.api.get("/modules/meter").json()["imei"]
    page.type("#search", imei)
    page.wait_until("document.querySelectorAll('#devices a').length === 1")
    assert imei in page.text("#devices")
    page.click("[data-value='expired']")
    page.wait_for("main", "No match")
    page.click("[data-value='']")
    page.wait_until("document.querySelector(\"[data-sort='id']\")")
    page.click("[data-sort='id']")
    page.wait_until("location.hash.includes('sort=id')")


def test_the_device_object_of_a_device_is_read(page: Page) -> None:
    page.go(device_of(page, "cmdmp", "meter"))
    page.wait_until("document.querySelector('#path')?.value === '/3/0'")
    page.click("#operate")
    page.wait_for("[data-path='/3/0/0'] .val", "Quectel")
    page.wait_for("[data-path='/3/0/1'] .val", "BC260Y-CN")
    page.wait_for("#oplog", "2.05")


def test_what_a_device_refuses_says_so(page: Page) -> None:
    page.select("#path")
    page.type("#path", "/77/0\n")
    page.wait_for("#oplog .pill.bad", "4.04")


def test_several_paths_are_asked_for_at_once_where_the_device_speaks_lwm2m_1_1(page: Page) -> None:
    """D154. The lab's modules speak 1.0, and the page says so."""
    page.go(device_of(page, "andlink", "pump"))
    page.wait_until("document.querySelector('#operation')")
    for operation, field, text in (
        ("read-composite", "#path", "/3/0/0, /1/0/1"),
        ("write-composite", "#value", "/1/0/1=600, /1/0/2=5"),
    ):
        page.choose("#operation", operation)
        page.wait_until(f"document.querySelector({field!r})")
        page.select(field)
        page.type(field, text)
        page.click("#operate")
        page.wait_for("body", f"{operation} of /1/0/1,")
        page.wait_for("body", "is of LwM2M 1.1")
    page.wait_until("document.querySelector('#path') === null")


def test_data_that_a_module_sends_are_drawn_as_they_come(page: Page) -> None:
    page.go(device_of(page, "andlink", "pump"))
    page.wait_for("main h1")
    for number, celsius in enumerate((20, 23, 21)):
        text = f'{{"celsius":{celsius},"n":{number}}}'
        page.post("/modules/pump/at", line=f"AT+QLASENDDATA=0x0100,{len(text)},{text}")
        page.post("/clock/advance", span="10s")
    page.wait_for(".chart .u-legend", "celsius")
    page.wait_for("#history", "data received")


def test_keys_are_added_and_shown_masked(page: Page) -> None:
    page.go("#/platforms/cmdmp")
    page.wait_until("document.querySelector('#keys')")
    page.click("#keys")
    page.wait_for("dialog", "M100000089")
    page.type("dialog .form input[type=text]", "M300000001")
    page.type("dialog .form input[type=password]", "a-secret-password\n")
    page.wait_for("dialog table", "M300000001")
    assert "a-secret-password" not in page.text("dialog")
    page.type("dialog", "\ue00c")
    page.wait_until("!document.querySelector('dialog')")


def test_a_scenario_runs_and_its_expectations_are_ticked_off(page: Page) -> None:
    page.go("#/scenarios")
    page.wait_until("document.querySelector(\"[data-scenario='changed-usim']\")")
    page.click("[data-scenario='changed-usim']")
    page.wait_until("document.querySelector('.yaml').value.includes('modules:')")
    page.click("#run-scenario")
    page.wait_for("#verdicts .ok", "✓")
    page.wait_for("main", "7 of 7 expectations hold")


def test_a_fault_is_put_together_and_taken_off(page: Page) -> None:
    page.go("#/faults")
    page.wait_until("document.querySelector(\"[data-kind='delay']\")")
    page.click("[data-kind='delay']")
    page.type("#fault-seconds", "3")
    page.wait_for("#fault-text", "delay,direction=up,seconds=3")
    page.click("#fault-add")
    page.wait_for("#faults", "delay, uplink, by 3s")
    page.click("#faults button")
    page.wait_for("main", "No active fault")


def test_a_firmware_campaign_runs_to_its_end(page: Page, tmp_path: Path) -> None:
    package = tmp_path / "pump-A11.pkg"
    version = "BC28JAR01A11_ONT"
    package.write_bytes(pack_image("BC28", version, factory_image("BC28", version)))
    page.go("#/campaigns")
    page.wait_until("document.querySelector('#firmware-file')")
    page.type("#firmware-file", str(package))
    page.wait_until("document.querySelector('#upload')")
    page.click("#upload")
    page.wait_for("#packages", "pump-A11.pkg")
    page.wait_until("document.querySelector('#campaign-package').value === 'pump-A11.pkg'")
    page.click("#campaign-start")
    page.wait_for("dialog h2", "Start with one device?")
    page.press("document.querySelector('dialog .bad-act')")
    page.wait_for("#campaigns", "running")
    page.post("/clock/advance", span="10min")
    page.wait_until("document.querySelector(\"#campaign-progress [data-step='succeeded']\")")
    page.wait_for("#campaigns", "finished")
    page.wait_for("#campaigns", "1 of 1 done")
    assert page.api.get("/modules/pump").json()["firmware"] == version


def test_a_file_of_any_format_is_uploaded_with_what_is_said_of_it(page: Page, tmp_path: Path) -> None:
    """D164: the form asks for what the file does not say itself, and a wrong checksum is told."""
    image = tmp_path / "meter.bin"
    image.write_bytes(b"any bytes")
    page.go("#/campaigns")
    page.wait_until("document.querySelector('#firmware-file')")
    page.type("#firmware-file", str(image))
    page.wait_until("document.querySelector('#firmware-version')")
    page.type("#firmware-version", "2.4.1")
    page.type("#firmware-models", "MTR-10, MTR-20")
    page.type("#firmware-checksum", "00")
    page.click("#upload")
    page.wait_for("body", "is no SHA-256")
    page.choose("#firmware-checksum", "", "input")
    page.click("#upload")
    page.wait_for("#packages", "MTR-10,MTR-20 · 2.4.1")
    (made,) = (one for one in page.api.get("/firmware").json() if one["name"] == "meter.bin")
    assert (made["kind"], made["models"], made["version"]) == ("raw", ["MTR-10", "MTR-20"], "2.4.1")


TANK = (
    "<LWM2M><Object><Name>Tank</Name><ObjectID>33001</ObjectID><MultipleInstances>Multiple</MultipleInstances>"
    '<Mandatory>Optional</Mandatory><Resources><Item ID="1"><Name>Level</Name><Operations>RW</Operations>'
    "<MultipleInstances>Single</MultipleInstances><Mandatory>Mandatory</Mandatory><Type>Float</Type>"
    "<RangeEnumeration>0..100</RangeEnumeration><Units>%</Units></Item></Resources></Object></LWM2M>"
)


def test_a_definition_of_an_object_is_brought_looked_at_and_removed(page: Page, tmp_path: Path) -> None:
    (tmp_path / "broken.xml").write_text(TANK.replace("Float", "Double"))
    (tmp_path / "tank.xml").write_text(TANK)
    page.go("#/platforms")
    page.wait_until("document.querySelector('#definition-file')")
    page.type("#definition-file", str(tmp_path / "broken.xml"))
    page.wait_for("body", "line 1: 'Double' of <Type> is none of")
    page.type("#definition-file", str(tmp_path / "tank.xml"))
    page.wait_for("#definitions", "Tank")
    page.click("#definitions .pick")
    page.wait_for("#definition", "0..100")
    page.type("dialog", "\ue00c")
    page.wait_until("!document.querySelector('dialog')")
    page.click("#definitions [aria-label='Remove 33001 1.0']")
    page.press("document.querySelector('dialog .bad-act')")
    page.wait_until("!document.querySelector('#definitions')")


def test_a_value_has_its_unit_and_one_out_of_range_says_which(page: Page) -> None:
    page.go(device_of(page, "andlink", "pump"))
    page.wait_until("document.querySelector('#path')?.value === '/3/0'")
    page.select("#path")
    page.type("#path", "/1/0\n")
    page.wait_for("[data-path='/1/0/1'] .val", "s")
    page.choose("#operation", "write")
    page.select("#path")
    page.type("#path", "/3311/0/5851")
    page.wait_until("document.querySelector('input[aria-label=\"Value\"]')")
    page.type("input[aria-label='Value']", "101\n")
    page.wait_for("body", "/3311/0/5851 takes 0..100 (/100), not 101")
