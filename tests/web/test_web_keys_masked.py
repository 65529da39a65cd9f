"""A key that an operation writes to a device, or a host to a broker, is shown to nobody: not in tickets, time line,
traces, stories, history."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from guarded_lab import guarded

from nbtwin.engine import Fact
from nbtwin.mqtt.packets import Connect, encode
from nbtwin.timeline.facts import Direction, LineReceived, SegmentFlag, SegmentSeen
from nbtwin.web.access.roles import GRANTED

OCTETS, TEXT = "00112233445566778899aabbccddeeff", "s3cret-key-0123"
DEVICE = "/api/v1/platforms/andlink/devices/<device>"
ORDERS = (
    {"operation": "write", "path": "/0/0/5", "value": f"0x{OCTETS}"},
    {"operation": "write", "path": "/0/0/5", "value": TEXT},
    {"operation": "write", "path": "/0/0", "value": {"5": f"0x{OCTETS}"}},
    {"operation": "execute", "path": "/0/0/5", "arguments": f"0='{TEXT}'"},
)
KEYS = [each.lower() for key in (bytes.fromhex(OCTETS), TEXT.encode()) for each in (
    key.hex(), base64.b64encode(key).decode(), key.decode("latin-1")
)]  # fmt: skip


def host_says() -> Iterator[Fact]:
    """A password of a broker: to a module's client, and in two pieces of the host's own stream."""
    yield LineReceived(f'AT+QMTCONN=0,"meter","user","{TEXT}"')
    connect = encode(Connect("meter", username="user", password=TEXT.encode()))
    cut = len(connect) - len(TEXT)
    for at, data in ((1, connect[:cut]), (1 + cut, connect[cut:])):
        ends = ("10.0.0.2", 49200), ("192.0.2.30", 1883)
        yield SegmentSeen(Direction.UP, *ends, SegmentFlag.DATA, at, 1, data, "meter")


@pytest.mark.asyncio
async def test_a_key_that_an_operation_or_a_host_writes_is_shown_to_no_role(tmp_path: Path) -> None:
    async with guarded(tmp_path) as lab:
        for fact in host_says():
            lab.lab.timeline.record(lab.lab.world.now, "meter", fact)
        for order in ORDERS:
            answer = await lab.ask(
                "POST", "/api/v1/platforms/andlink/devices/<device>/operations", {**order, "wait": 0}
            )
            assert answer.status_code == 202
        await lab.lab.advance(30)
        document = lab.app.openapi()
        named = {"{device}": "<device>", "{endpoint}": "<device>", "{path}": "3/0", "{number}": "1", "{ticket}": "1"}
        numbers = [entry.number for entry in lab.lab.timeline.entries()]
        paths = [path for path, item in document["paths"].items() if "get" in item and "event" not in path]
        paths += [*(f"/api/v1/traces/{number}" for number in numbers), "/api/v1/traces?limit=1000&lang=zh"]
        seen = 0
        for role in GRANTED:
            for path in paths:
                asked = path.replace("{name}", "andlink" if "platforms" in path else "meter")
                for name, value in named.items():
                    asked = asked.replace(name, value)
                if "/api/clients/" in asked or asked.endswith((".pcapng", "/lab/export")):
                    continue  # asks the device; or is for admins, with every key in it
                text = (await lab.ask("GET", asked, role=role)).text.lower()
                seen += "write /0/0/5" in text
                assert [key for key in KEYS if key in text] == [], f"{role} GET {asked}"
        assert seen > 5, "the operations are shown"
