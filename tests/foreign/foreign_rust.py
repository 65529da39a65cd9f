"""The crates coap and coap-lite as tests meet them: the program of rust/, built by rust/prepare, told what to do."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from foreign_lab import ForeignLab
from foreign_program import Program

_FOLDER = Path(__file__).parent / "rust"


@cache
def _prepared() -> Path | str:
    """Where the program is, or why there is none."""
    if shutil.which("cargo") is None:
        return "cargo is not installed"
    made = subprocess.run([_FOLDER / "prepare", "--offline"], capture_output=True, text=True)
    if made.returncode:
        return f"the Rust peer is not here; tests/foreign/rust/prepare builds it ({made.stderr[:200]!r})"
    return Path(made.stdout.strip())


class RustPeer(Program):
    """A device or a server: the crate's server and its client on one socket."""

    def __init__(self) -> None:
        prepared = _prepared()
        if isinstance(prepared, str):
            pytest.skip(prepared)
        super().__init__([str(prepared)], _FOLDER)
        self.wait_for("ready")

    def bind(self, port: int = 0) -> int:
        self.say("bind", port)
        (bound,) = self.wait_for("bound")
        return int(bound)

    async def request(
        self, lab: ForeignLab, port: int, method: str, path: str, query: str = "", format: object = "",
        body: bytes = b"", block: object = "",
    ) -> tuple[str, ...]:  # fmt: skip
        """What its client asks, and the answer: code, location, payload."""
        before = len(self.told)
        self.say("request", port, method, path, query, format, body.hex(), block)
        begins = ("answered", path), ("unanswered", path)

        def found() -> list[tuple[str, ...]]:
            return [line[2:] for line in self.told[before:] if line[:2] in begins]

        await lab.until(found)
        return found()[0]
