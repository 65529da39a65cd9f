"""Many devices in a real browser: chosen, asked, tagged, brought as a table; one that did not register; a campaign.

Fifty devices are at an Andlink platform from the beginning, registered long ago and silent since; one module is alive.
"""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import available
from console_page import Page, console

from nbtwin.lwm2m.firmware.delta import factory_image, pack_image
from nbtwin.lwm2m.server.events import Registration
from nbtwin.operators import events as ev
from nbtwin.operators.remark import Remark, RemarkCode
from nbtwin.operators.store.store import Store

pytestmark = pytest.mark.skipif(not available(), reason="needs Debian's chromium and chromium-driver")

FIFTY = [f"8677240300{number:05d}" for number in range(50)]
SLEEPER = FIFTY[1]
ANDLINK = ('AT+QLASERVERIP="LWM2M","lwm.home.komect.com",5683', "AT+QLASECSWT=0,0", "AT+NRB")


def fill(database: Path) -> None:
    """Every second one sleeps; one has let its lifetime pass; one was taken with a remark; one may be two."""
    events: list[ev.DeviceEvent] = []
    for number, imei in enumerate(FIFTY):
        at, peer = time.time() - 7200 + number, (f"10.0.1.{number}", 5683)
        binding = "UQ" if number % 2 else "U"
        registration = Registration(imei, imei, f"{number}", peer, 86400 * 30, binding, "1.0", "</1/0>,</3/0>", at, at)
        remarks = (Remark(RemarkCode.IMEI_LUHN, imei),) if number == 2 else ()
        flags = (ev.DeviceFlag.DUPLICATE_IMEI,) if number == 6 else ()
        identity = ev.DeviceIdentity(imei, model="BC26" if number == 6 else "BC28")
        events.append(ev.DeviceRegistered(at, f"andlink:{imei}", peer, identity, registration, flags, remarks=remarks))
    events.append(ev.DeviceExpired(time.time() - 60, f"andlink:{FIFTY[0]}"))
    with Store.open(database) as store:
        store.commit(events)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    state = tmp_path_factory.mktemp("lab")
    fill(state / "inventory.sqlite")
    with console(state, "--module", "BC28,name=pump", "--ports", "cmdmp=0,andlink=0", "--clock", "simulated") as page:
        page.post("/clock/advance", span="10s")
        for line in ANDLINK:
            page.post("/modules/pump/at", line=line)
        page.post("/clock/advance", span="15s")
        yield page
        assert page.script_errors() == []


def inventory(page: Page, rows: int, query: str = "") -> None:
    page.go(f"#/platforms/andlink{query}")
    page.wait_for("main .sub", f"{rows} device")
    page.wait_until("document.querySelector('#devices [data-device]')")


def test_a_setting_goes_to_fifty_devices_and_each_says_what_became_of_it(page: Page) -> None:
    """Six presses, from the inventory to the result."""
    inventory(page, 50, "?q=86772403")
    page.click("#choose-all")
    page.wait_for("#batchbar", "50 chosen")
    page.click("[data-batch='operate']")
    page.wait_for("#batch-number", "50 devices are touched")
    page.type("#batch-value", "soon")
    page.click("#batch-begin")
    page.wait_for("#batch-value-wrong", "/1/0/1")  # once, beside its field; nobody is asked
    page.select("#batch-value")
    page.type("#batch-value", "300")
    page.click("#batch-begin")
    page.wait_for("#batch-counts", "25 waits until it wakes")
    page.wait_for("#batch-counts", "1 refused")
    page.click("[data-batch-state='refused']")
    page.wait_for("#batch-rows", "is not registered")
    page.click("#batch-stop")
    page.wait_for("dialog", "are not asked any more")
    page.press("document.querySelector('dialog .bad-act')")
    page.wait_for("#batch-counts", "25 cancelled")
    assert page.api.get(f"/platforms/andlink/devices/{SLEEPER}/queue").json()["commands"] == []
    page.go("#/platforms/cmdmp")
    inventory(page, 50, "?q=86772403")
    page.click("#batches")
    page.wait_for("#batch-counts", "25 cancelled")


def test_devices_are_tagged_found_by_it_and_the_question_has_the_number(page: Page) -> None:
    inventory(page, 51, "?sort=id&order=asc")
    page.click(f"[data-device='andlink:{FIFTY[3]}'] input")
    page.click(f"[data-device='andlink:{FIFTY[4]}'] input")
    page.wait_for("#batchbar", "2 chosen")
    page.click("[data-batch='tag']")
    page.wait_for("#batch-number", "2 devices are touched")
    page.type("#batch-words", "field v2\n")
    page.wait_for("#batch-counts", "2 done")
    page.wait_for("#filter-tag", "field (2)")
    page.choose("#filter-tag", "v2")
    page.wait_for("main .sub", "2 devices")
    page.wait_until("location.hash.includes('tag=v2')")
    page.click("#choose-all")
    page.click("[data-batch='forget']")
    page.wait_for("#batch-number", "2 devices are touched")
    page.type("dialog", "\ue00c")  # Escape: nothing is done
    page.wait_until("!document.querySelector('dialog')")
    assert len(page.api.get("/platforms/andlink/devices?tag=v2").json()) == 2


def test_they_are_sorted_by_model_and_one_that_may_be_two_is_marked(page: Page) -> None:
    inventory(page, 51, "?sort=id&order=asc")
    page.click("[data-sort='model']")
    first = "document.querySelector('#devices [aria-rowindex=\"1\"]')"
    page.wait_until(f"{first}?.dataset.device === 'andlink:{FIFTY[6]}' && {first}.innerText.includes('BC26')")
    assert page.run(f"return {first}.querySelector('[data-flag]').title") == "duplicate IMEI"
    page.click(f"[data-device='andlink:{FIFTY[6]}'] a")
    page.wait_for("main .sub [data-flag]", "duplicate IMEI")


def test_a_table_is_looked_at_before_anything_changes(page: Page, tmp_path: Path) -> None:
    (tmp_path / "wrong.csv").write_text(f"imei,name,tags\n{FIFTY[5]},Meter 5,a\n{FIFTY[5]},again,b\nx,{'n' * 101},\n")
    (tmp_path / "right.csv").write_text(f"imei,name,group\n{FIFTY[5]},水表 5,Line 2\n867724039999999,later,Line 2\n")
    inventory(page, 51)
    page.click("#import-devices")
    page.type("#csv-file", str(tmp_path / "wrong.csv"))
    page.wait_for("#csv-errors", "the device is in line 2 already")
    page.wait_for("#csv-errors tbody tr:last-child", "4")
    assert page.run("return document.querySelector('#csv-write').disabled")
    page.type("#csv-file", str(tmp_path / "right.csv"))
    page.wait_for("#csv-looked", "One of them has not registered yet")
    page.click("#csv-write")
    page.wait_until("!document.querySelector('dialog')")
    page.type("#search", "水表")
    page.wait_for("#devices", "水表 5")
    page.wait_for("main .sub", "1 device")


def test_why_a_device_did_not_register_is_found_by_its_name(page: Page) -> None:
    """Two steps: its name into the search; the refusal is there, with a way to its entry."""
    page.run("location.hash = '#/platforms/cmdmp'")
    assert page.api.delete("/appkeys/M100000089").is_success
    page.post("/modules", model="BC260Y-CN", name="stranger")
    page.post("/clock/advance", span="1min")
    imei = page.api.get("/modules/stranger").json()["imei"]
    page.wait_until("document.querySelector('#search')")
    page.type("#search", imei)
    page.wait_for("main", "is not in the inventory")
    page.wait_until("document.querySelector('#livelog [data-entry]')")
    page.wait_for("#livelog", "refused")
    assert page.run("return document.querySelector('#livelog a').hash").startswith("#/timeline?entry=")


def test_the_page_of_a_device_has_its_label_log_remarks_and_when_it_was_reachable(page: Page) -> None:
    page.go(f"#/platforms/andlink/devices/andlink:{FIFTY[2]}")
    page.wait_for("#remarks", "the check digit of IMEI")
    page.wait_for("#remarks", "3GPP TS 23.003")
    page.wait_for("#online-said", "Registered since")
    page.click("#edit-label")
    page.type("#label-name", "Pump house")
    page.type("#label-tags", "two words\n")
    page.wait_for("#label", "Pump house")
    page.wait_for("#label", "words")
    imei = page.api.get("/modules/pump").json()["imei"]
    page.go(f"#/platforms/andlink/devices/andlink:{imei}")
    before = int(page.wait_until("document.querySelector('#livelog [data-entry]')?.dataset.entry"))
    asked = {"operation": "read", "path": "/3/0/1"}
    assert page.api.post(f"/platforms/andlink/devices/{imei}/operations", json=asked).is_success
    page.wait_until(f"Number(document.querySelector('#livelog [data-entry]')?.dataset.entry) > {before}")
    page.go(f"#/platforms/andlink/devices/andlink:{FIFTY[0]}")
    page.wait_for("#online-said", "Registered until")


def test_the_online_curve_is_drawn(page: Page) -> None:
    inventory(page, 51)
    page.click("#online-curve")
    page.wait_until("document.querySelector('#online .u-over')")
    page.wait_for("#online", "kept since")


def test_a_campaign_asks_with_the_number_and_has_a_row_for_each_device(page: Page) -> None:
    version = "BC28JAR01A11_ONT"
    content = pack_image("BC28", version, factory_image("BC28", version))
    assert page.api.post("/firmware?name=new.pkg", content=content).is_success
    page.go("#/campaigns")
    page.choose("#campaign-package", "new.pkg")
    page.wait_until("!document.querySelector('#campaign-start').disabled")
    page.click("#campaign-start")
    page.wait_for("dialog h2", "Start with 50 devices?")
    page.press("document.querySelector('dialog .bad-act')")
    page.wait_for("#campaigns", "running")
    page.post("/clock/advance", span="10min")
    page.wait_until("document.querySelector(\"#campaign-progress [data-step='succeeded']\")")
    page.click("#campaign-progress [data-sort='bytes']")
    page.click("#campaign-progress [data-sort='bytes']")
    page.wait_until("document.querySelector('#campaign-progress [aria-rowindex=\"1\"]')?.dataset.step === 'succeeded'")
    page.wait_for("#campaign-progress [data-step='succeeded']", "KiB / ")
