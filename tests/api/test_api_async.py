"""The faces for asyncio: the same names, no waiting on the caller's loop, and what is cancelled ends."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

import nbtwin
from nbtwin.api.asynchronous import faces
from nbtwin.api.live import LabThread
from tools import async_faces

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module", params=["simulated", "live", "connected"])
async def lab(request: pytest.FixtureRequest) -> AsyncIterator[nbtwin.AsyncLab]:
    if request.param == "connected":
        thread = LabThread(seed=7, platforms=("cmdmp",), simulated=True)
        try:
            async with await nbtwin.connect_async(thread.url) as lab:
                yield lab
        finally:
            thread.close()
        return
    async with nbtwin.AsyncLab(seed=7, platforms=("cmdmp",), live=request.param == "live") as lab:
        if request.param == "live":
            await lab.set_rate(100)
        yield lab


async def test_a_module_registers_and_is_asked(lab: nbtwin.AsyncLab) -> None:
    meter = await lab.add_module("BC260Y-CN", power=False)
    said = meter.said("+IP:")
    await meter.power_on()
    assert (await meter.at("AT+CSQ")).ok
    assert await lab.run_until(meter.registered("cmdmp") & said, within="1h") >= 0
    assert await meter.attached()
    assert not await (~meter.attached())
    platform = await lab.platform("cmdmp")
    device = await platform.device(meter.imei)
    assert await device.read("/3/0/0", within="1h") == "Quectel"
    assert list(await platform.devices()) == [meter.imei]
    assert (await device.history())[0].code == "device-registered"
    number = await lab.add_fault("loss", source=meter)
    assert (await lab.faults())[number]["source"] == meter.name
    await lab.remove_fault(number)
    assert await lab.packets(source=meter, operation="Register")
    assert (await lab.entries(kind="platform"))[0].code == "device-registered"
    assert (await lab.module(meter.name)).name in await lab.modules()
    with pytest.raises(nbtwin.UnknownName):
        await lab.run_until(meter.registered("cmdm"), within="1s")


async def test_the_callers_loop_goes_on_while_a_lab_is_waited_for(lab: nbtwin.AsyncLab) -> None:
    turned = threading.Event()
    asyncio.get_running_loop().call_soon(turned.set)
    await lab.run_until(turned.is_set, within="1000d")  # asked in another thread: only this loop can make it true


async def test_what_is_cancelled_ends_and_the_lab_goes_on(lab: nbtwin.AsyncLab) -> None:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def never() -> bool:
        loop.call_soon_threadsafe(asked.set)
        return False

    waiting = asyncio.create_task(lab.run_until(never, within="100000d"))
    await asked.wait()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    meter = await lab.add_module("BC28")
    assert (await meter.at("AT")).ok


async def test_a_closed_lab_is_asked_nothing_more_and_leaves_no_thread() -> None:
    before = set(threading.enumerate())
    lab = nbtwin.AsyncLab(platforms=("cmdmp",), live=True)
    endless = asyncio.create_task(lab.run_until(lambda: False, within="1000d"))
    meter = await lab.add_module("BC28")
    await lab.close()
    await lab.close()
    with pytest.raises(nbtwin.LabClosed):
        await endless
    with pytest.raises(nbtwin.LabClosed):
        await meter.at("AT")
    with pytest.raises(nbtwin.LabClosed):
        meter.attached()
    left = {thread for thread in threading.enumerate() if thread.name.startswith("nbtwin")}
    assert left <= before


async def test_a_lab_that_cannot_be_had_is_refused_when_it_is_entered(tmp_path: Path) -> None:
    with pytest.raises(nbtwin.LabRefused):
        async with nbtwin.AsyncLab(live=True, http="192.0.2.1:0"):
            pass
    with pytest.raises(nbtwin.LabUnreachable):
        await nbtwin.connect_async("http://127.0.0.1:1")


async def test_the_faces_for_asyncio_are_made_from_the_synchronous_ones() -> None:
    """`python -m tools.async_faces` makes them anew."""
    assert async_faces.TARGET.read_text(encoding="utf-8") == async_faces.made()


@pytest.mark.parametrize("name", list(async_faces.faces()))
async def test_both_have_the_same_names_and_parameters(name: str) -> None:
    sync, other = async_faces.faces()[name], getattr(faces, f"Async{name}")
    for member, thing in async_faces.members(sync).items():
        mine = inspect.getattr_static(other, member)
        if isinstance(thing, property):
            assert isinstance(mine, property) or list(inspect.signature(mine).parameters) == ["self"]
            continue
        asked, given = (inspect.signature(function).parameters.values() for function in (thing, mine))
        assert [(one.name, one.kind, one.default) for one in asked] == [
            (one.name, one.kind, one.default) for one in given
        ]
