"""A device of aiocoap with an object from a definition file: written with the right types, or nothing is sent."""

from __future__ import annotations

import json
from typing import Any

import aiocoap
import aiocoap.resource
import cbor2
import pytest
from ddf_files import TANK
from foreign_lab import PlatformLab, platform_lab
from test_foreign_aiocoap import LINKS, Peer, Value, peer

from nbtwin.lwm2m.objects.ddf import definitions_in
from nbtwin.lwm2m.objects.registry import ObjectRegistry
from nbtwin.operators.key_store.psk import PskStore
from nbtwin.operators.refusals import PlatformError, PlatformRefusal, WriteRefusal

pytestmark = pytest.mark.asyncio
NAME = "867724036000057"
TLV = bytes.fromhex("c40141ac0000c10201c105c88606410001410100")
"""Written by hand: 21.5, true, 200 in one byte without a sign, and two instances (TS Core 1.1.1, 7.4.3, appendix C)."""
WRITTEN = {"1": 21.5, "2": True, "5": 200, "6": {"0": 1, "1": 0}}


class Tank(Value):
    """Keeps each write, with its format."""

    def __init__(self) -> None:
        super().__init__(TLV, 11542)
        self.written: list[tuple[int | None, bytes]] = []

    async def render_put(self, request: aiocoap.Message) -> aiocoap.Message:
        self.written.append((request.opt.content_format, request.payload))
        return aiocoap.Message(code=aiocoap.CHANGED)


async def register(lab: PlatformLab, client: Peer, version: str, formats: str) -> None:
    links = f'</>;ct="{formats}",</33001/0>'.encode()
    path = f"/rd?lwm2m={version}&ep={NAME}&b=U&lt=300"
    answer = await client.ask(aiocoap.POST, lab.port, path, payload=links, content_format=LINKS)
    assert answer.code == aiocoap.CREATED


def records(found: list[dict[Any, Any]], name: Any, number: Any, boolean: Any) -> dict[str, Any]:
    """Of SenML: each value by its name behind the first one's base name."""
    return {record[name]: record.get(number, record.get(boolean)) for record in found}


async def test_an_object_from_a_definition_is_written_and_read_by_its_types() -> None:
    tank, level, registry = Tank(), Value(b"21.5"), ObjectRegistry()
    resources: dict[str, aiocoap.resource.Resource] = {"_33001__0": tank, "_33001__0__1": level}
    async with platform_lab(keys=PskStore(), definitions=registry) as lab, peer(**resources) as client:
        await register(lab, client, "1.1", "11542")
        with pytest.raises(PlatformError) as unknown:
            await lab.operate("write", NAME, "/33001/0", WRITTEN)
        assert unknown.value.code is PlatformRefusal.TYPE_UNKNOWN
        assert (await lab.operate("read", NAME, "/33001/0/1")).value == "21.5"

        registry.replace(definitions_in(TANK))  # while it is registered
        assert (await lab.operate("read", NAME, "/33001/0/1")).value == 21.5
        assert (await lab.operate("read", NAME, "/33001/0")).value == WRITTEN
        assert (await lab.operate("write", NAME, "/33001/0", WRITTEN)).response_code == "2.04"
        assert tank.written == [(11542, TLV)]
        assert (await lab.operate("write", NAME, "/33001/0/1", 99.5)).response_code == "2.04"
        assert level.value == b"99.5"

        flat = [{"1": "21.5", "2": True, "5": 200}, {"1": 21.5, "2": 1, "5": "200"}]
        await register(lab, client, "1.1", "112")
        for value in flat:
            assert (await lab.operate("write", NAME, "/33001/0", value)).response_code == "2.04"
            form, payload = tank.written.pop()
            assert (form, records(cbor2.loads(payload), 0, 2, 4)) == (112, {"1": 21.5, "2": True, "5": 200})
        await register(lab, client, "1.1", "110")
        assert (await lab.operate("write", NAME, "/33001/0", flat[0])).response_code == "2.04"
        form, payload = tank.written.pop()
        assert (form, records(json.loads(payload), "n", "v", "vb")) == (110, {"1": 21.5, "2": True, "5": 200})


@pytest.mark.parametrize(
    ("path", "value", "code"),
    [
        ("/33001/0/1", 100.5, WriteRefusal.OUT_OF_RANGE),
        ("/33001/0", {"1": -1}, WriteRefusal.OUT_OF_RANGE),
        ("/33001/0", {"6": {"0": 2}}, WriteRefusal.OUT_OF_RANGE),
        ("/33001/0", {"4": "x" * 17}, WriteRefusal.OTHER_LENGTH),
        ("/33001/0", {"5": -1}, WriteRefusal.NO_VALUE),
        ("/33001/0", {"2": "on"}, WriteRefusal.NO_VALUE),
        ("/33001/0", {"1": {"0": 1, "1": 2}}, WriteRefusal.NOT_MULTIPLE),
    ],
)
async def test_what_its_definition_does_not_take_never_reaches_the_device(
    path: str, value: Any, code: WriteRefusal
) -> None:
    tank, level = Tank(), Value(b"21.5")
    resources: dict[str, aiocoap.resource.Resource] = {"_33001__0": tank, "_33001__0__1": level}
    registry = ObjectRegistry(definitions_in(TANK))
    async with platform_lab(keys=PskStore(), definitions=registry) as lab, peer(**resources) as client:
        await register(lab, client, "1.0", "11542")
        with pytest.raises(PlatformError) as refused:
            await lab.operate("write", NAME, path, value)
        assert refused.value.code is code
        assert (await lab.operate("read", NAME, "/33001/0/1")).value == 21.5  # what was asked before would have come
        assert (tank.written, level.value) == ([], b"21.5")
