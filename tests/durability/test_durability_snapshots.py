"""A snapshot of a module's NVRAM that was answered for is there after a restart, `kill -9` and import (D118)."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import httpx
import pytest
from api_lab import ApiLab, api_lab
from running import Running

from nbtwin.runtime.snapshots import KEPT, Snapshots

SNAPSHOTS = "/modules/meter/nvram/snapshots"
BC28 = "BC28,name=meter"


async def label(api: ApiLab, text: str) -> int:
    return int((await api.post(SNAPSHOTS, {"label": text}, status=201))["id"])


async def labels(api: ApiLab) -> list[str]:
    return [snapshot["label"] for snapshot in await api.get(SNAPSHOTS)]


def test_a_snapshot_that_was_answered_for_survives_the_process(tmp_path: Path) -> None:
    asked = ("up", "--module", BC28, "--ports", "cmdmp=0", "--http", "127.0.0.1:0")
    with Running(*asked, state=tmp_path) as lab:
        made = httpx.post(f"{lab.console()}/api/v1{SNAPSHOTS}", json={"label": "before"}, timeout=30)
        lab.kill()
    assert made.status_code == 201
    with Running(*asked, state=tmp_path) as lab:
        assert httpx.get(f"{lab.console()}/api/v1{SNAPSHOTS}", timeout=30).json() == [made.json()]


@pytest.mark.asyncio
async def test_snapshots_are_listed_restored_and_deleted_after_a_restart_and_no_number_comes_again(
    tmp_path: Path,
) -> None:
    async with api_lab(tmp_path, BC28) as api:
        first = await label(api, "first")
        await api.post("/modules/meter/at", {"line": 'AT+QLASERVERIP="LWM2M","192.0.2.11",5683'})
        second = await label(api, "second")
    async with api_lab(tmp_path, BC28) as api:
        assert await labels(api) == ["first", "second"]
        changed = await api.get("/modules/meter/nvram/diff", before=first, after=second)
        assert "andlink.servers" in {each["name"] for each in changed}
        await api.post("/modules/meter/nvram/restore", {"snapshot": first})
        assert (await api.get("/modules/meter/nvram"))["saved"]["andlink.servers"] == []
        await api.delete(f"{SNAPSHOTS}/{second}")
    async with api_lab(tmp_path, BC28) as api:
        assert await labels(api) == ["first"]
        assert await label(api, "third") > second


@pytest.mark.asyncio
async def test_the_archive_has_them_and_an_import_brings_them_in_place_of_others(tmp_path: Path) -> None:
    async with api_lab(tmp_path, BC28) as api:
        await label(api, "kept")
        archive = await api.get("/lab/export")
        await label(api, "later")
        assert (await api.http.put("http://127.0.0.1/api/v1/lab/import", content=archive)).status_code == 200
        assert await labels(api) == ["kept"]
        await api.delete("/modules/meter?keep_nvram=false")
        await api.post("/modules", {"model": "BC28", "name": "meter"}, status=201)
        assert await labels(api) == [], "they go with the NVRAM"
    async with api_lab(tmp_path / "other", "BC28,name=meter", "BC28,name=second") as api:
        await api.post("/modules/second/nvram/snapshots", {"label": "of the second"}, status=201)
        assert (await api.http.put("http://127.0.0.1/api/v1/lab/import", content=archive)).status_code == 200
        assert await labels(api) == ["kept"]
        assert not list((tmp_path / "other").glob("second.*")), "nothing of it stays for one of that name"


@pytest.mark.asyncio
async def test_they_are_bounded_and_the_oldest_goes(tmp_path: Path) -> None:
    async with api_lab(tmp_path, BC28) as api:
        kept = Snapshots(api.lab.directory)
        image = api.lab.modules["meter"].nvram.snapshot()
        for number in range(KEPT - 1):
            kept.take("meter", 0, str(number), image)
        await label(api, "the last one that fits")
        await label(api, "one more")
        assert await labels(api) == [*map(str, range(1, KEPT - 1)), "the last one that fits", "one more"]


@pytest.mark.asyncio
async def test_what_the_disk_does_not_take_is_not_answered_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with api_lab(tmp_path, BC28) as api:
        number = await label(api, "before")
        with monkeypatch.context() as disk:

            def full(descriptor: int) -> None:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

            disk.setattr(os, "fsync", full)
            refused = await api.post(SNAPSHOTS, {"label": "after"}, status=503)
            assert refused["code"] == "edge-state-unusable"
            await api.delete(f"{SNAPSHOTS}/{number}", status=503)
        assert await labels(api) == ["before"]


@pytest.mark.asyncio
@pytest.mark.parametrize("spoil", [lambda raw: raw[:-1], lambda raw: raw[:40], lambda raw: b""])
async def test_a_broken_file_is_set_aside_and_the_module_goes_on(tmp_path: Path, spoil: object) -> None:
    assert callable(spoil)
    async with api_lab(tmp_path, BC28) as api:
        await label(api, "before")
        path = api.lab.directory.snapshots("meter").path
        path.write_bytes(spoil(path.read_bytes()))
        assert await labels(api) == []
        assert path.with_name("meter.snapshots.broken-1").exists()
        await label(api, "after")
        assert await labels(api) == ["after"]
