"""A disk that takes its time, or refuses, under a module's NVRAM: its `OK` waits, and everybody else is answered."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_lab import ApiLab, api_lab

from nbtwin.edge.nvram_file import NvramFile
from nbtwin.lwm2m.firmware.delta import pack_image
from nbtwin.lwm2m.firmware.package import unpack
from nbtwin.module import flash
from nbtwin.module.nvram import decode
from nbtwin.timeline import segments
from nbtwin.timeline.reader import Query
from nbtwin.timeline.ring import Timeline
from nbtwin.timeline.segments import TimelineFile

pytestmark = pytest.mark.asyncio

SAVES, SHOWS = "AT+QDMPCFG=1,192.0.2.9,5683,7200", "AT+QDMPCFG=4,1"
MODULES = ("BC26,name=meter", "BC26,name=other")


class Disk:
    """Each `os.fsync` waits until the disk is `quick`, and then raises what `refuses` says."""

    def __init__(self) -> None:
        self.quick, self.asked = threading.Event(), threading.Event()
        self.refuses: OSError | None = None
        self.quick.set()

    def fsync(self, file: int) -> None:
        self.asked.set()
        self.quick.wait(60)
        if self.refuses is not None:
            raise self.refuses

    def stop(self) -> None:
        self.asked.clear()
        self.quick.clear()


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    made = Disk()
    monkeypatch.setattr(os, "fsync", made.fsync)
    yield made
    made.quick.set()


class Host:
    """At a module's serial line."""

    def __init__(self, api: ApiLab, module: str) -> None:
        self._lab, self._node = api.lab, api.lab.world.modules[module]
        self._said, self._came = bytearray(), asyncio.Event()
        self._node.sinks.append(self._take)

    def _take(self, data: bytes) -> None:
        self._said += data
        self._came.set()

    def send(self, line: str) -> None:
        self._said.clear()
        self._lab.world.serial(self._node, line.encode() + b"\r")

    async def ask(self, line: str) -> str:
        self.send(line)
        return await self.answer()

    async def answer(self) -> str:
        async with asyncio.timeout(60):
            while not any(end in self._said for end in (b"\r\nOK\r\n", b"ERROR")):
                self._came.clear()
                await self._came.wait()
        return self.said

    @property
    def said(self) -> str:
        return self._said.decode()


async def test_while_the_disk_is_slow_one_ok_waits_and_all_others_are_answered(tmp_path: Path, disk: Disk) -> None:
    async with api_lab(tmp_path, *MODULES, simulated=False) as api:
        await api.lab.advance(30)
        host, other = Host(api, "meter"), Host(api, "other")
        disk.stop()
        host.send(SAVES + ";+CSQ")
        await asyncio.to_thread(disk.asked.wait, 60)
        assert "OK" in await other.ask("AT+CSQ")
        assert await api.get("/modules/other")
        assert "+QDMPCFG" in await other.ask(SHOWS)
        assert "OK" not in host.said
        assert "+CSQ:" not in host.said
        disk.quick.set()
        answer = await host.answer()
        assert answer.index("+CSQ:") < answer.index("OK")
        kept = NvramFile(api.lab.directory.nvram("meter").path).read()
        assert kept is not None
        assert decode(kept).cmdmp.server == "192.0.2.9"


async def test_while_the_image_of_an_update_is_written_others_are_answered_and_the_module_restarts_with_it(
    tmp_path: Path, disk: Disk
) -> None:
    async with api_lab(tmp_path, "BC28,name=meter", "BC26,name=other", simulated=False) as api:
        await api.lab.advance(30)
        node, module, other = api.lab.world.modules["meter"], api.lab.modules["meter"], Host(api, "other")
        package = unpack(pack_image("BC28", "BC28JAR01A11_ONT", b"an image"))
        disk.stop()
        api.lab.world.perform(node, lambda now: flash.install(module, package))
        await asyncio.to_thread(disk.asked.wait, 60)
        assert "OK" in await other.ask("AT+CSQ")
        assert await api.get("/modules/other")
        assert (await api.get("/modules/meter"))["firmware"] == module.profile.firmware
        disk.quick.set()
        await api.lab.advance(60)  # which jumps over no write
        assert (await api.get("/modules/meter"))["firmware"] == "BC28JAR01A11_ONT"
        assert "BC28JAR01A11_ONT" in await Host(api, "meter").ask("AT+CGMR")
        await api.lab.files_written()
        kept = NvramFile(api.lab.directory.nvram("meter").path).read()
        assert kept is not None
        assert decode(kept).firmware == "BC28JAR01A11_ONT"
        assert NvramFile(api.lab.directory.flash("meter").path).read() is not None


async def test_while_the_disk_of_the_timeline_is_slow_all_are_answered_and_nothing_of_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick, asked = threading.Event(), threading.Event()

    def slow_open(*arguments: Any, **more: Any) -> Any:
        asked.set()
        quick.wait(60)
        return open(*arguments, **more)

    async with api_lab(tmp_path, *MODULES, simulated=False) as api:
        await api.lab.advance(30)
        await api.lab.files_written()
        host, timeline = Host(api, "meter"), api.lab.timeline
        assert timeline.file is not None
        monkeypatch.setattr(segments, "open", slow_open, raising=False)
        assert "OK" in await host.ask("AT+CGMR")
        timeline.flush()
        await asyncio.to_thread(asked.wait, 60)
        assert "OK" in await host.ask("AT+CSQ")
        assert await api.get("/modules/other")
        quick.set()
    found = TimelineFile(timeline.file.path)
    numbers = [one.number for one in Timeline(1, file=found).reader.forward(Query()) if one is not None]
    assert numbers == list(range(1, timeline.recorded + 1))


async def test_what_the_disk_refuses_is_an_error_and_nothing_has_changed(tmp_path: Path, disk: Disk) -> None:
    async with api_lab(tmp_path, *MODULES, simulated=False) as api:
        await api.lab.advance(30)
        host = Host(api, "meter")
        await host.ask("AT+CMEE=1")
        before = await host.ask(SHOWS)
        disk.refuses = OSError(5, "Input/output error")
        assert "+CME ERROR: 23" in await host.ask(SAVES)
        refused = await api.post("/modules/meter/nvram/factory-reset", status=409)
        assert refused["code"] == "api-module-refused"
        assert await host.ask(SHOWS) == before
        disk.refuses = None
        assert "OK" in await host.ask(SAVES)
        assert "192.0.2.9" in await host.ask(SHOWS)


async def test_the_labs_time_does_not_jump_over_a_write(tmp_path: Path, disk: Disk) -> None:
    """Else an answer that took the disk a moment would come hours later."""
    async with api_lab(tmp_path, MODULES[0], simulated=False) as api:
        await api.lab.advance(30)
        host = Host(api, "meter")
        disk.stop()
        host.send(SAVES)
        at = api.lab.world.now
        await asyncio.to_thread(disk.asked.wait, 60)
        jump = asyncio.create_task(api.lab.advance(3600))
        await asyncio.sleep(0)
        assert await api.get("/modules/meter")
        disk.quick.set()
        await jump
        entries = [entry for entry in api.lab.timeline.entries() if entry.kind == "at.out" and entry.at >= at]
        assert entries[0].at - at < 60
        assert "OK" in host.said


async def test_while_files_are_put_in_place_others_are_answered_and_what_is_saved_meanwhile_is_of_no_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick, asked, really = threading.Event(), threading.Event(), os.replace

    def replace(source: Path, target: Path) -> None:
        if Path(source).parent.name.startswith("replacement-"):
            asked.set()
            quick.wait(60)
        really(source, target)

    async with api_lab(tmp_path, *MODULES, simulated=False) as api:
        await api.lab.advance(30)
        monkeypatch.setattr(os, "replace", replace)
        host, other = Host(api, "meter"), Host(api, "other")
        reset = asyncio.create_task(api.post("/lab/reset", {"modules": True}))
        await asyncio.to_thread(asked.wait, 60)
        host.send(SAVES)
        assert "OK" in await other.ask("AT+CSQ")
        quick.set()
        await reset
        await api.lab.files_written()
        kept = NvramFile(api.lab.directory.nvram("meter").path).read()
        assert kept is not None
        assert decode(kept).cmdmp.server is None
        assert api.lab.modules["meter"].saved.cmdmp.server is None


@pytest.mark.parametrize("saves", [False, True])
async def test_a_reset_whose_files_cannot_be_put_in_place_stays_and_undoes_nothing_that_is_saved_afterwards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, saves: bool
) -> None:
    really, refuses = os.replace, True

    def replace(source: Path, target: Path) -> None:
        if refuses and Path(source).parent != Path(target).parent:
            raise OSError(5, "Input/output error")
        really(source, target)

    async with api_lab(tmp_path, *MODULES, simulated=False) as api:
        await api.lab.advance(30)
        for module in api.lab.modules:
            assert "OK" in await Host(api, module).ask(SAVES)
        monkeypatch.setattr(os, "replace", replace)
        await api.post("/lab/reset", {"modules": True})
        if saves:
            await api.lab.advance(30)
            host = Host(api, "meter")
            assert "ERROR" in await host.ask(SAVES)
            refuses = False
            assert "OK" in await host.ask(SAVES)
    refuses = False
    async with api_lab(tmp_path, *MODULES, simulated=False) as api:
        found = {name: module.saved.cmdmp.server for name, module in api.lab.modules.items()}
        assert found == {"meter": "192.0.2.9" if saves else None, "other": None}
