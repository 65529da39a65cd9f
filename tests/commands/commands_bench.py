"""What the command tests share: asking, and checking that an error changed nothing."""

from __future__ import annotations

from player import Bench

from nbtwin.module.nvram import encode


def refused(bench: Bench, line: str, err: int | None = None) -> None:
    """The line is an error, with this code under AT+CMEE=1 and plain ERROR under 0, and changes nothing."""
    before = encode(bench.module.saved), encode(bench.module.in_use), bench.storage.content
    for mode in (0, 1):
        bench.module.session.cmee = mode
        expected = "ERROR" if err is None or mode == 0 else f"+CME ERROR: {err}"
        assert bench.say(line) == [expected], f"{line} under AT+CMEE={mode}"
    bench.module.session.cmee = 0
    assert (encode(bench.module.saved), encode(bench.module.in_use), bench.storage.content) == before, line
    assert bench.say("AT") == ["OK"], f"after {line} the line is not usable"


def accepted(bench: Bench, line: str, *information: str) -> None:
    assert bench.say(line) == [*information, "OK"], line
