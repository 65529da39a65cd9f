"""What the command tests share: asking, and checking that an error changed nothing."""

from __future__ import annotations

from typing import Any

from player import Bench

from nbtwin.module.internet.events import HOST
from nbtwin.module.internet.sockets import Socket
from nbtwin.module.nvram import encode


def everything(bench: Bench) -> tuple[Any, ...]:
    """What a command could have changed: NVRAM and what is in use, the radio, the line, power, what is running."""
    module, radio = bench.module, bench.module.radio
    return (
        encode(module.saved),
        encode(module.in_use),
        bench.storage.content,
        (radio.function, radio.attached, radio.connected, radio.cereg_mode, radio.cscon_mode, radio.usim),
        (radio.ctzr_mode, radio.npsmr_mode, radio.cid),
        [(one.label, one.peer, one.unread, one.unsent, one.connected) for one in sockets_of(bench)],
        (module.session.echo, module.power_state, module.identity, module.cmdmp_state, module.next_deadline()),
    )


def sockets_of(bench: Bench) -> list[Socket]:
    return bench.module.internet.sockets.of(HOST) if bench.module.has_internet else []


def refused(bench: Bench, line: str, err: int | None = None) -> None:
    """The line is an error, with this code under AT+CMEE=1 and plain ERROR under 0, and changes nothing."""
    before = everything(bench)
    for mode in (0, 1):
        bench.module.session.cmee = mode
        expected = "ERROR" if err is None or mode == 0 else f"+CME ERROR: {err}"
        assert bench.say(line) == [expected], f"{line} under AT+CMEE={mode}"
    bench.module.session.cmee = 0
    assert everything(bench) == before, line
    assert bench.say("AT") == ["OK"], f"after {line} the line is not usable"


def accepted(bench: Bench, line: str, *information: str) -> None:
    assert bench.say(line) == [*information, "OK"], line
