"""docs/api.md and its Chinese twin: every route that they name is there, every route that is there is named, and what
their commands print is what a lab answers (`page_sessions`; what may differ: `answers`)."""

import re
from pathlib import Path

import pytest
from answers import output_alike
from api_lab import api_lab
from page_sessions import lab_of, read, run

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


@pytest.mark.parametrize("name", ["api.md", "api.zh-CN.md"])
def test_what_the_commands_of_the_page_print_is_what_the_lab_of_the_page_answers(tmp_path: Path, name: str) -> None:
    page = read(DOCS / name)
    missing = {tool for command in page.commands for tool in command.missing}
    if missing & {"curl", "jq"}:
        pytest.skip(f"not on this machine: {', '.join(sorted(missing))}")
    assert len(page.commands) > 20
    with lab_of(page, tmp_path) as environment:
        found = [(command, run(command, environment, tmp_path)) for command in page.commands if not command.missing]
    wrong = [
        f"{name}:{command.line}: $ {command.text}\nexpected:\n{command.expected}\nfound:\n{output}"
        for command, output in found
        if not output_alike(command.expected, output)
    ]
    assert wrong == [], "\n\n".join(wrong)


@pytest.mark.parametrize(
    ("known", "found", "same"),
    [
        ('{"at":1795368386.27,"seconds":5}', '{"at": 1800000000.5, "seconds": 5.0}', True),
        ('{"at":1795368386.27,"seconds":5}', '{"at": 5, "seconds": 5}', False),
        ('{"seconds":5}', '{"seconds":6}', False),
        ('{"a":1}', '{"a":1,"b":2}', False),
        ('{"imei":"863703031270866"}', '{"imei":"863703031270867"}', False),
        ('"tcp:127.0.0.1:41149"', '"tcp:127.0.0.1:2"', True),
        ("192", "193", False),
        ("id: 0929f379-4", "id: aa29f3b9-4", True),
        ("id: 0929f379-4", "id: aa29f3b9-5", False),
        ('data: {"at":1795368386.5,"text":"Neul"}', 'data: {"at":1795368387.5,"text":"OK"}', False),
        ("lab.json\nstore.backup", "lab.json", False),
    ],
)
def test_what_differs_from_run_to_run_may_and_nothing_else(known: str, found: str, same: bool) -> None:
    assert output_alike(known, found) is same
