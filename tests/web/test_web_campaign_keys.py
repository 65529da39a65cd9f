"""Who sees a campaign's key (D197): operators do, viewers see asterisks wherever it stands, a story has it nowhere."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from api_lab import served
from guarded_lab import Guarded, guarded
from starlette.types import Message

from nbtwin.operators.store.campaigns import CampaignRepository
from nbtwin.web.access.campaign_keys import masked, masking
from nbtwin.web.access.roles import Role

DEVICE = "/api/v1/platforms/andlink/devices/<device>"
NAMED = {"{device}": "<device>", "{endpoint}": "<device>", "{path}": "5/0/1", "{number}": "1", "{ticket}": "1"}


async def campaign_key(lab: Guarded) -> str:
    """Of a campaign whose address a device was told and has told again."""
    await lab.ask("POST", "/api/v1/firmware?name=meter.bin&version=2.4.1", b"a package")
    answer = await lab.ask("POST", "/api/v1/platforms/andlink/campaigns", {"package": "meter.bin"})
    assert answer.status_code == 201, answer.text
    campaign = lab.lab.store.part(CampaignRepository).find(1)
    assert campaign is not None
    address = f"http://192.0.2.9:8080/fw/{campaign.key}/meter.bin"
    write = {"operation": "write", "path": "/5/0/1", "value": address, "wait": 0}
    for order in (write, {"operation": "read", "path": "/5/0", "wait": 0}):
        assert (await lab.ask("POST", f"{DEVICE}/operations", order)).status_code == 202
    await lab.lab.advance(60)
    return campaign.key


@pytest.mark.asyncio
async def test_the_key_of_a_campaign_is_shown_to_operators_and_to_no_viewer(tmp_path: Path) -> None:
    async with guarded(tmp_path) as lab:
        key = await campaign_key(lab)
        forms = (key, key.encode().hex())
        numbers = [entry.number for entry in lab.lab.timeline.entries()]
        paths = [path for path, item in lab.app.openapi()["paths"].items() if "get" in item and "event" not in path]
        paths += [*(f"/api/v1/traces/{number}" for number in numbers), "/api/v1/traces?limit=1000&lang=zh"]
        shown: dict[Role, set[str]] = {Role.VIEWER: set(), Role.OPERATOR: set()}
        for role, found in shown.items():
            for path in paths:
                asked = path.replace("{name}", "andlink" if "platforms" in path else "meter")
                for name, value in NAMED.items():
                    asked = asked.replace(name, value)
                if "/api/clients/" not in asked:  # asks the device
                    text = (await lab.ask("GET", asked, role=role)).text
                    found |= {f"{form} {path}" for form in forms if form in text}
        assert shown[Role.VIEWER] == set()
        told = " ".join(shown[Role.OPERATOR])
        assert f"{forms[0]} /api/v1/traces" in told, "in the words of an entry"
        assert f"{forms[1]} /api/v1/traces.jsonl" in told, "in the bytes of a datagram"
        story = (await lab.ask("GET", "/api/v1/traces/story.html", role=Role.OPERATOR)).text
        assert not [form for form in forms if form in story]


@pytest.mark.asyncio
async def test_whoever_listens_sees_of_it_what_his_role_may(tmp_path: Path) -> None:
    async with guarded(tmp_path) as lab, served(lab) as http:
        key = await campaign_key(lab)
        newest = str(list(lab.lab.timeline.entries())[-1].number)
        heard: dict[Role, str] = {}
        for role in (Role.VIEWER, Role.OPERATOR):
            headers = {"Authorization": f"Bearer {lab.tokens[role]}", "Last-Event-ID": "1"}
            lines: list[str] = []
            async with asyncio.timeout(60), http.stream("GET", "/api/v1/events", headers=headers) as response:
                async for line in response.aiter_lines():
                    lines.append(line)
                    if line.startswith("id") and line.rpartition("-")[2].rpartition(" ")[2] == newest:
                        break
            heard[role] = "\n".join(lines)
        assert key in heard[Role.OPERATOR]
        assert key not in heard[Role.VIEWER]
        assert "/fw/" + "*" * len(key) in heard[Role.VIEWER]


@pytest.mark.asyncio
async def test_what_a_viewer_sees_of_it_is_as_long_as_what_went(tmp_path: Path) -> None:
    """So the bytes and the fields of a datagram stay beside each other."""
    async with guarded(tmp_path) as lab:
        key = await campaign_key(lab)
        answers = [
            [json.loads(line) for line in (await lab.ask("GET", "/api/v1/traces.jsonl", role=role)).text.splitlines()]
            for role in (Role.VIEWER, Role.OPERATOR)
        ]
        viewer, operator = ([entry["fields"].get("data", "") for entry in entries] for entries in answers)
        assert [len(data) for data in viewer] == [len(data) for data in operator]
        differing = [(seen, whole) for seen, whole in zip(viewer, operator, strict=True) if seen != whole]
        assert differing
        for seen, whole in differing:
            assert seen == whole.replace(key.encode().hex(), "2a" * 32)


@pytest.mark.asyncio
async def test_a_device_is_given_its_package_as_it_is_whoever_it_is(tmp_path: Path) -> None:
    """A package that has an address in it is not touched."""
    async with guarded(tmp_path) as lab:
        content = b"/fw/" + b"0123456789abcdef" * 2 + b"/next.bin"
        await lab.ask("POST", "/api/v1/firmware?name=meter.bin&version=2.4.1", content)
        await lab.ask("POST", "/api/v1/modules/meter/power", {"action": "off"})  # the campaign lasts
        await lab.ask("POST", "/api/v1/platforms/andlink/campaigns", {"package": "meter.bin"})
        campaign = lab.lab.store.part(CampaignRepository).find(1)
        assert campaign is not None
        answer = await lab.ask("GET", f"/fw/{campaign.key}/meter.bin", role=Role.NOBODY)
        assert answer.content == content


@pytest.mark.asyncio
async def test_in_a_long_answer_it_is_masked_wherever_it_stands() -> None:
    """Which is masked in pieces."""
    sent: list[bytes] = []

    async def send(message: Message) -> None:
        sent.append(message["body"])

    address = b"/fw/" + b"0123456789abcdef" * 2 + b"/meter.bin"
    for told in (address, address.hex().encode()):
        for before in range(65536 - len(told) - 8, 65536 + 8, 5):
            body = b"." * before + told + b"." * 100_000
            await masking(send)({"type": "http.response.body", "body": body})
            assert sent.pop() == masked(body) != body
