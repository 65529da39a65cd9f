"""docs/api.md and its Chinese twin: every route that they name is there, and every route that is there is named."""

import re
from pathlib import Path

import pytest
from api_lab import api_lab

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.asyncio
async def test_every_area_of_the_api_is_in_the_docs(tmp_path: Path) -> None:
    async with api_lab(tmp_path) as api:
        paths = (await api.get("/openapi.json"))["paths"]
    for page in ("api.md", "api.zh-CN.md"):
        text = (DOCS / page).read_text(encoding="utf-8")
        for path in paths:
            area = path.removeprefix("/api/v1").strip("/").split("/")
            last = [part for part in area if not part.startswith("{")][-1]
            assert last in text or area[0] == "access", f"{page} does not name {path}"


@pytest.mark.asyncio
async def test_every_address_that_a_curl_line_asks_is_there(tmp_path: Path) -> None:
    async with api_lab(tmp_path) as api:
        known = {re.compile(re.sub(r"\{[^}]*\}", "[^?]+", path)) for path in (await api.get("/openapi.json"))["paths"]}
    for page in ("api.md", "api.zh-CN.md"):
        text = (DOCS / page).read_text(encoding="utf-8")
        asked = re.findall(r"\$ (?:timeout \d+ )?curl [^\n]*?(?:(\$API)|http://127\.0\.0\.1:8080)(/[^\s\"'?]*)", text)
        assert len(asked) > 15
        for api_prefix, path in asked:
            address = ("/api/v1" if api_prefix else "") + path
            assert any(pattern.fullmatch(address) for pattern in known), f"{page} asks {address}"
