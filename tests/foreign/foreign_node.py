"""coap, lwm2m-node-lib and node-coap-client (npm) as tests meet them: the program of node/, told what to do."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest
from foreign_lab import ForeignLab
from foreign_program import Program

_FOLDER = Path(__file__).parent / "node"


@cache
def _prepared() -> Path | str:
    """Where the modules are, or why there are none."""
    if shutil.which("node") is None:
        return "node is not installed"
    made = subprocess.run([_FOLDER / "prepare", "--offline"], capture_output=True, text=True)
    if made.returncode:
        return f"the node peers are not here; tests/foreign/node/prepare installs them ({made.stderr[:200]!r})"
    return Path(made.stdout.strip())


class NodePeer(Program):
    """A device or a server of `coap`, a client and a server of `lwm2m-node-lib`, requests of `node-coap-client`."""

    def __init__(self) -> None:
        prepared = _prepared()
        if isinstance(prepared, str):
            pytest.skip(prepared)
        super().__init__(["node", "--no-warnings", "main.js", str(prepared)], _FOLDER)
        self.wait_for("ready")

    async def endpoint(self, lab: ForeignLab, name: str, port: int = 0) -> int:
        """A socket with a server and a client of `coap`; its port."""
        self.say("endpoint", name, port)
        (bound,) = await lab.told(self, "bound", name)
        return int(bound)

    async def request(
        self, lab: ForeignLab, name: str, port: int, method: str, path: str, query: str = "", format: object = "",
        body: bytes = b"", block: object = "",
    ) -> tuple[str, ...]:  # fmt: skip
        """What an endpoint asks, and the answer: code, location, payload."""
        return await self._answer(
            lab,
            ("request", name, port, method, path, query, format, body.hex(), block),
            ("answered", name, path),
            ("unanswered", name, path),
        )

    async def ask(self, lab: ForeignLab, device: str, verb: str, path: str, *value: object) -> tuple[str, ...]:
        """What the server of lwm2m-node-lib asks a device, and the outcome: "did" or "refused", and a word."""
        ids = path.strip("/").split("/")
        return await self._answer(
            lab,
            ("ask", device, verb, *ids, *value),
            ("did", device, verb, path),
            ("refused", device, verb, path),
            outcome=True,
        )

    async def get(
        self, lab: ForeignLab, name: str, url: str, method: str = "get", body: bytes = b""
    ) -> tuple[str, ...]:
        """A request of node-coap-client: code, format, payload; or why there is none."""
        return await self._answer(lab, ("get", name, url, method, body.hex()), ("got", name), ("refused", name))

    async def _answer(
        self, lab: ForeignLab, said: tuple[object, ...], *begins: tuple[str, ...], outcome: bool = False
    ) -> tuple[str, ...]:
        before = len(self.told)
        self.say(*said)

        def found() -> list[tuple[str, ...]]:
            lines = self.told[before:]
            return [
                ((begin[0],) if outcome else ()) + line[len(begin) :]
                for line in lines
                for begin in begins
                if line[: len(begin)] == begin
            ]

        await lab.until(found)
        return found()[0]
