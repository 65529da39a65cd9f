"""What a module does to itself by AT is in the state directory within five seconds (D170)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace

from nbtwin.edge.clock_watermark import TICK
from nbtwin.edge.nvram_file import NvramFile
from nbtwin.runtime import lab as runtime
from nbtwin.runtime.kept import decode
from nbtwin.runtime.lab import KEEP_EVERY, LabRuntime
from nbtwin.runtime.spec import parse_spec

pytestmark = pytest.mark.asyncio


def kept_pin(state: Path) -> str | None:
    content = NvramFile(state / "lab").read()
    card = decode(content).modules[0].usim if content is not None else None
    return None if card is None else card.pin


async def test_a_pin_that_was_entered_is_kept_within_five_ticks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert KEEP_EVERY * TICK <= 5
    monkeypatch.setattr(runtime, "TICK", 0.01)  # the same number of ticks, sooner
    lab = LabRuntime(tmp_path, seed=1, simulated=True)
    try:
        node = await lab.add_module(parse_spec("BC260Y-CN,name=meter"))
        module = lab.modules["meter"]
        usim = module.radio.usim
        assert usim is not None
        module.radio.usim = replace(usim, pin="SIM PIN")
        await lab.advance(30)
        await lab.keep()
        assert await asyncio.to_thread(kept_pin, tmp_path) == "SIM PIN"
        lab.world.serial(node, b'AT+CPIN="1234"\r')
        assert module.radio.usim.pin == "READY"
        async with asyncio.timeout(30):
            while await asyncio.to_thread(kept_pin, tmp_path) != "READY":
                pass
    finally:
        await lab.close()
