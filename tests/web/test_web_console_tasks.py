"""What four tasks take at the console, in clicks, keystrokes and pages: docs/console.md has other consoles beside it.

Each begins at the console's first page, logged in, and ends when the answer is on the screen.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from browser import available
from console_page import MODULE, Page, console
from counted_browser import Counted

from nbtwin.lwm2m.server.events import Registration
from nbtwin.operators import events as ev
from nbtwin.operators.store.store import Store

pytestmark = pytest.mark.skipif(not available(), reason="needs Debian's chromium and chromium-driver")

FIFTY = [f"8677240300{number:05d}" for number in range(50)]
APPKEY = "M100000089"


def fill(database: Path) -> None:
    """Fifty devices that registered two hours ago."""
    events = []
    for number, imei in enumerate(FIFTY):
        at, peer = time.time() - 7200 + number, (f"10.0.1.{number}", 5683)
        registration = Registration(imei, imei, f"{number}", peer, 86400 * 30, "UQ", "1.0", "</1/0>,</3/0>", at, at)
        events.append(ev.DeviceRegistered(at, f"andlink:{imei}", peer, ev.DeviceIdentity(imei), registration))
    with Store.open(database) as store:
        store.commit(events)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    state = tmp_path_factory.mktemp("lab")
    fill(state / "inventory.sqlite")
    asked = ("--module", MODULE, "--ports", "cmdmp=0,andlink=0", "--clock", "simulated")
    with console(state, *asked) as page:
        page.post("/clock/advance", span="9d")  # a week and more of the meter
        page.post("/faults", fault="loss,direction=up,packets=1,source=meter")
        page.post("/modules/meter/power", action="reset")
        page.post("/clock/advance", span="1min")
        page.api.delete("/faults")
        yield page
        assert page.script_errors() == []


@pytest.fixture
def user(page: Page) -> Counted:
    page.run("location.hash = '#/'")
    page.wait_until("document.querySelector('#link.good')")
    return Counted(page)


def test_a_colleague_is_shown_a_loss(page: Page, user: Counted) -> None:
    """The link of the entry, which opens there with its bytes and what was sent again after it."""
    user.clicks("nav a", "Time line")
    user.sees(".seq-rows", "all faults removed")  # the newest
    user.clicks(".seq-row:has(.badge.lost)")
    page.wait_for(".inspector", "✗ lost")
    user.presses("y")
    link = str(page.run("return location.href"))
    assert user.done.all <= 3, user.done
    page.open("about:blank")
    page.open(link)
    page.wait_for(".inspector", "✗ lost")


def test_what_a_device_did_last_tuesday(page: Page, user: Counted) -> None:
    """Nine days are kept: a row a day, which is opened by a press."""
    tuesday = datetime.fromtimestamp(page.api.get("/clock").json()["now"], UTC)
    tuesday -= timedelta(days=(tuesday.weekday() - 1) % 7 or 7)
    user.clicks("nav a", "Time line")
    user.clicks(".seq-controls [data-value='4']")
    user.clicks(".seq-row.group", f"{tuesday:%Y-%m-%d}")
    user.sees(".seq-rows", "device updated")
    assert user.done.all <= 3, user.done


def test_a_setting_goes_to_fifty_devices(page: Page, user: Counted) -> None:
    user.clicks("nav a", "andlink")
    user.clicks("#choose-all")
    user.sees("#batchbar", "50 chosen")
    user.clicks("[data-batch='operate']")
    user.types("#batch-value", "600")
    user.clicks("#batch-begin")
    user.sees("#batch-counts", "50 waits until it wakes")
    waiting = page.api.get(f"/platforms/andlink/devices/{FIFTY[7]}/queue").json()["commands"]
    assert [command["path"] for command in waiting] == ["/1/0/1"]
    assert user.done.all <= 7, user.done


def test_why_a_device_did_not_register(page: Page, user: Counted) -> None:
    assert page.api.delete(f"/appkeys/{APPKEY}").is_success
    page.post("/modules", model="BC260Y-CN", name="stranger")
    page.post("/clock/advance", span="1min")
    user.clicks("nav a", "Modules")
    user.clicks("main a", "stranger")
    user.sees("main", "unknown appkey")
    assert user.done.all <= 2, user.done
