"""An archive comes back with the TCP addresses of its serial lines, unless told otherwise (D173)."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest
from api_lab import ApiLab, api_lab

from nbtwin.runtime.kept import decode

pytestmark = pytest.mark.asyncio
IMPORT = "http://127.0.0.1/api/v1/lab/import"


async def serial_of(api: ApiLab, name: str) -> str:
    return str((await api.get(f"/modules/{name}"))["serial"])


async def hears(serial: str) -> bytes:
    """What a host that opens the port and says AT is answered."""
    host, port = serial.rpartition(":")[0].partition(":")[2], int(serial.rpartition(":")[2])
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(b"AT\r")
    answer = await reader.readuntil(b"OK\r\n")
    writer.close()
    await writer.wait_closed()
    return answer


@pytest.mark.parametrize("kind", ["tcp", "rfc2217"])
async def test_a_lab_comes_back_into_itself_at_the_same_address(tmp_path: Path, kind: str) -> None:
    async with api_lab(tmp_path, f"BC28,name=meter,serial={kind}:127.0.0.1:0") as api:
        where, archive = await serial_of(api, "meter"), await api.get("/lab/export")
        put = await api.http.put(IMPORT, content=archive)
        assert put.status_code == 200, put.text
        assert await serial_of(api, "meter") == where
        await api.advance("1min")
        if kind == "tcp":
            assert (await hears(where)).endswith(b"OK\r\n")
        kept = api.lab.directory.lab().load()
        assert kept is not None
        assert [module.serial for module in decode(kept).modules] == [where]


async def test_free_ones_are_taken_when_that_is_said(tmp_path: Path) -> None:
    async with api_lab(tmp_path, "BC28,name=meter,serial=tcp:127.0.0.1:0") as api:
        where, archive = await serial_of(api, "meter"), await api.get("/lab/export")
        put = await api.http.put(f"{IMPORT}?serial=free", content=archive)
        assert put.status_code == 200, put.text
        assert (await serial_of(api, "meter")).startswith("tcp:127.0.0.1:")
        assert await serial_of(api, "meter") != where
        assert (await api.http.put(f"{IMPORT}?serial=any", content=archive)).status_code == 422


async def test_an_address_that_somebody_else_has_is_named_and_nothing_changes(tmp_path: Path) -> None:
    async with api_lab(tmp_path / "one", "BC28,name=meter,serial=tcp:127.0.0.1:0") as one:
        archive, where = await one.get("/lab/export"), await serial_of(one, "meter")
    host, port = where.removeprefix("tcp:").rsplit(":", 1)
    with socket.create_server((host, int(port))):
        async with api_lab(tmp_path / "other", "BC26,name=mine") as other:
            kept = other.lab.directory.lab().load()
            put = await other.http.put(IMPORT, content=archive)
            assert put.status_code == 409
            assert (put.json()["code"], put.json()["fields"]["port"]) == ("edge-port-in-use", int(port))
            assert [module["name"] for module in await other.get("/modules")] == ["mine"]
            assert other.lab.directory.lab().load() == kept
            assert not list((tmp_path / "other").glob("replacement-*"))
            assert (await other.http.put(f"{IMPORT}?serial=free", content=archive)).status_code == 200
