"""GET /fw: packages for devices that fetch over HTTP, by key or by host, whole or in parts (D163, RFC 9110)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from hashlib import sha256
from http.client import HTTPConnection
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from api_lab import ApiLab, andlink_device, api_lab, served

from nbtwin.cli.live import _packages_at
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.store.campaigns import CampaignRepository
from nbtwin.web.access.roles import Role, role_for
from nbtwin.web.packages import part_of

IMAGE = bytes(range(256)) * 40
SIZE = len(IMAGE)
TAG = f'"{sha256(IMAGE).hexdigest()}"'


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes


def fetch(base: str, path: str, method: str = "GET", **headers: str) -> Answer:
    """As a device's own client does it."""
    connection = HTTPConnection(urlsplit(base).netloc, timeout=20)
    try:
        connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
    finally:
        connection.close()


@pytest_asyncio.fixture
async def api(tmp_path: Path) -> AsyncIterator[ApiLab]:
    async with api_lab(tmp_path, "BC28,name=meter", platforms=("andlink",)) as lab:
        yield lab


@pytest.mark.asyncio
async def test_a_package_is_fetched_whole_in_parts_and_not_twice(api: ApiLab) -> None:
    await andlink_device(api)
    await api.post("/modules/meter/power", {"action": "off"})  # the campaign lasts
    await api.http.post("http://127.0.0.1/api/v1/firmware?name=meter.bin&version=2.4.1", content=IMAGE)
    await api.post("/platforms/andlink/campaigns", {"package": "meter.bin"}, status=201)
    campaign = api.lab.store.part(CampaignRepository).find(1)
    assert campaign is not None
    path = f"/fw/{campaign.key}/meter.bin"

    async with served(api) as http:

        async def get(path: str, method: str = "GET", **headers: str) -> Answer:
            return await asyncio.to_thread(fetch, str(http.base_url), path, method, **headers)

        whole = await get(path)
        assert (whole.status, whole.body, whole.headers["etag"]) == (200, IMAGE, TAG)
        assert whole.headers["accept-ranges"] == "bytes"
        head = await get(path, "HEAD")
        assert (head.status, head.headers["content-length"], head.body) == (200, str(SIZE), b"")
        found = b""
        while len(found) < SIZE:  # as a device does whose connection breaks off again and again
            part = await get(path, Range=f"bytes={len(found)}-{len(found) + 4095}", If_Range=TAG)
            assert part.status == 206
            assert part.headers["content-range"].startswith(f"bytes {len(found)}-")
            found += part.body
        assert found == IMAGE
        changed = await get(path, Range="bytes=0-9", If_Range='"another"')
        assert (changed.status, changed.body) == (200, IMAGE)
        beyond = await get(path, Range=f"bytes={SIZE}-")
        assert (beyond.status, beyond.headers["content-range"]) == (416, f"bytes */{SIZE}")
        assert (await get(path, If_None_Match=TAG)).status == 304
        for wrong in (f"/fw/{'0' * 32}/meter.bin", "/fw/meter.bin", f"/fw/{campaign.key}/other", "/fw/a/b/c"):
            assert (await get(wrong)).status == 404, wrong
        assert (await get(path, "POST")).status in (403, 405)
        await api.post("/platforms/andlink/campaigns/1/stop")
        assert (await get(path)).status == 404, "the key is its campaign's"


@pytest.mark.asyncio
async def test_a_platform_that_is_started_anew_tells_devices_the_same_addresses(tmp_path: Path) -> None:
    """After an import, a restore or a reset."""
    async with api_lab(tmp_path, platforms=("andlink",)) as api:
        api.lab.serve_packages("http://192.0.2.9:8080")
        engine = api.lab.world.platforms["andlink"].engine
        assert isinstance(engine, AndlinkPlatform)
        engine.advertise("lab.example", 15683, 15684)
        async with api.lab.platforms_stopped():
            pass
        anew = api.lab.world.platforms["andlink"].engine
    assert isinstance(anew, AndlinkPlatform)
    assert anew is not engine
    assert (anew.settings.host, anew.settings.ports) == ("lab.example", (15683, 15684))
    assert anew.firmware.settings.http == "http://192.0.2.9:8080"


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=10-", (10, 100)),
        ("bytes=-10", (90, 100)),
        ("bytes=-1000", (0, 100)),
        ("bytes=90-1000", (90, 100)),
        ("", None),
        ("bytes=", None),
        ("bytes=-", None),
        ("bytes=5-4", None),
        ("bytes=0-1,5-6", None),
        ("lines=0-1", None),
        ("bytes=a-b", None),
        ("bytes=²-", None),
    ],
)
def test_the_part_of_a_file_that_a_range_means(wanted: str, part: tuple[int, int] | None) -> None:
    assert part_of(wanted, 100) == part


@pytest.mark.parametrize("wanted", ["bytes=100-", "bytes=-0", "bytes=1000-2000"])
def test_a_range_beyond_the_end_is_refused(wanted: str) -> None:
    with pytest.raises(ValueError, match=r"bytes"):
        part_of(wanted, 100)


@pytest.mark.parametrize(
    ("listens", "advertised", "base"),
    [
        ("http://127.0.0.1:8080", None, "http://127.0.0.1:8080"),
        ("http://0.0.0.0:8080", None, "http://127.0.0.1:8080"),
        ("http://0.0.0.0:8080", "lab.example", "http://lab.example:8080"),
        ("http://[::1]:8080", None, "http://[::1]:8080"),
        ("http://[::1]:8080", "2001:db8::1", "http://[2001:db8::1]:8080"),
    ],
)
def test_devices_are_told_the_host_that_is_advertised(listens: str, advertised: str | None, base: str) -> None:
    assert _packages_at(listens, advertised) == base


def test_a_device_needs_no_token_for_a_package_and_changes_none() -> None:
    assert role_for("GET", "/fw/key/name") is Role.NOBODY
    assert role_for("POST", "/fw/key/name") is Role.ADMIN
