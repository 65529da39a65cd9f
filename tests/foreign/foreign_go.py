"""pion/dtls and go-coap as tests meet them: the program of go/, built by go/prepare, told what to do line by line."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from foreign_lab import ForeignLab
from foreign_program import Program

_FOLDER = Path(__file__).parent / "go"


@cache
def _prepared() -> Path | str:
    """Where the program is, or why there is none."""
    if shutil.which("go") is None:
        return "go is not installed"
    made = subprocess.run([_FOLDER / "prepare", "--offline"], capture_output=True, text=True)
    if made.returncode:
        return f"the Go peer is not here; tests/foreign/go/prepare builds it ({made.stderr[:200]!r})"
    return Path(made.stdout.strip())


@dataclass(frozen=True)
class Got:
    """A message as go-coap's codec reads it; options by number."""

    type: str
    code: str
    id: int
    token: str
    options: dict[int, list[bytes]]
    payload: bytes

    @property
    def path(self) -> str:
        return "/" + "/".join(part.decode() for part in self.options.get(11, ()))


class GoPeer(Program):
    """Sessions written by hand, whole devices, and a server."""

    def __init__(self) -> None:
        prepared = _prepared()
        if isinstance(prepared, str):
            pytest.skip(prepared)
        super().__init__([str(prepared)], _FOLDER)
        self.wait_for("ready")

    async def dial(self, lab: ForeignLab, name: str, port: int, *secret: str) -> tuple[str, ...]:
        """A session with this identity and key (suite in hexadecimal, "cid"); without them, plain. How it ended."""
        before = len(self.told)
        self.say("dial", name, f"127.0.0.1:{port}", *secret)
        return await self._one_of(lab, before, ("connected", name), ("refused", name))

    async def device(self, lab: ForeignLab, name: str, port: int, *secret: str) -> None:
        """go-coap's own client, with this identity and key."""
        self.say("device", name, f"127.0.0.1:{port}", *secret)
        await lab.told(self, "connected", name)

    def send(
        self, session: str, kind: str, code: str, id: int, token: str = "", options: str = "", payload: bytes = b""
    ) -> None:
        self.say("send", session, kind, code, id, token, options, payload.hex())

    def got(self, session: str) -> list[Got]:
        """All that came in a session."""
        return [_read(words) for words in self.all("got", session)]

    async def next(self, lab: ForeignLab, session: str, after: int) -> Got:
        """The first message of a session after so many."""
        await lab.until(lambda: len(self.all("got", session)) > after)
        return self.got(session)[after]

    async def request(
        self,
        lab: ForeignLab,
        name: str,
        method: str,
        path: str,
        query: str = "",
        format: object = "",
        body: bytes = b"",
    ) -> tuple[str, ...]:
        """What go-coap's client asks, and what it took from the answer: code, location, payload."""
        before = len(self.told)
        self.say("request", name, method, path, query, format, body.hex())
        return await self._one_of(lab, before, ("answered", name, path), ("unanswered", name, path))

    async def ask(
        self, lab: ForeignLab, endpoint: str, method: str, path: str, format: object = "", body: bytes = b""
    ) -> tuple[str, ...]:
        """What go-coap's server asks a client that registered there, and the answer: code, payload."""
        before = len(self.told)
        self.say("ask", endpoint, method, path, format, body.hex())
        return await self._one_of(lab, before, ("answered", endpoint, path), ("unanswered", endpoint, path))

    async def _one_of(self, lab: ForeignLab, before: int, *begins: tuple[str, ...]) -> tuple[str, ...]:
        def found() -> list[tuple[str, ...]]:
            lines = self.told[before:]
            return [line[len(begin) :] for line in lines for begin in begins if line[: len(begin)] == begin]

        await lab.until(found)
        return found()[0]


def _read(words: tuple[str, ...]) -> Got:
    kind, code, id, token, listed, payload = words
    options: dict[int, list[bytes]] = {}
    for one in listed.split():
        number, _, value = one.partition("=")
        options.setdefault(int(number), []).append(bytes.fromhex(value))
    return Got(
        {"Confirmable": "CON", "NonConfirmable": "NON", "Acknowledgement": "ACK"}.get(kind, "RST"),
        code,
        int(id),
        token,
        options,
        bytes.fromhex(payload),
    )
