"""The queue of a sleeping device in a real browser: when it is due, moved, cancelled. Skipped without Chromium."""

import asyncio
from pathlib import Path

import pytest
from api_lab import api_lab
from browser import available
from console_page import Page
from sleeping_meter import IMEI, Meter

from nbtwin.web.server import Console

pytestmark = [
    pytest.mark.skipif(not available(), reason="needs Debian's chromium and chromium-driver"),
    pytest.mark.asyncio,
]
FIRST = "document.querySelector('#queue li code').innerText"


def look(url: str, ticket: int) -> None:
    with Page(url) as page:
        page.go(f"#/platforms/andlink/devices/andlink:{IMEI}")
        page.wait_for("#window", "its lifetime ends")
        page.wait_until(f"{FIRST} === '/1/0/1'")
        page.click("#queue li:nth-child(2) button")
        page.wait_until(f"{FIRST} === '/3/0/4'")
        page.click(f"[data-cancel='{ticket}']")
        page.press("document.querySelector('dialog .bad-act')")
        page.wait_until("document.querySelectorAll('#queue [data-cancel]').length === 1")
        page.wait_for("#queue", "cancelled")
        page.wait_for("#history", "moved in the queue")
        assert page.script_errors() == []
        page.close()


async def test_a_command_is_moved_and_taken_back_on_the_page_of_its_device(tmp_path: Path) -> None:
    async with api_lab(tmp_path, platforms=("andlink",)) as api:
        Meter(api.lab).register()
        await api.advance("10min")
        orders = [{"operation": "write", "path": "/1/0/1", "value": 300}, {"operation": "execute", "path": "/3/0/4"}]
        where = f"/platforms/andlink/devices/{IMEI}/operations"
        first, _ = [await api.post(where, {"wait": 0, **order}, 202) for order in orders]
        console = Console(("127.0.0.1", 0))
        await console.start(api.app)
        try:
            await asyncio.to_thread(look, console.url, first["ticket"])
        finally:
            await console.close()
        (left,) = (await api.get(f"/platforms/andlink/devices/{IMEI}/queue"))["commands"]
        assert left["path"] == "/3/0/4"
