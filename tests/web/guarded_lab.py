"""A real lab that asks for tokens, and one with each role; with a registered Andlink device, and one that sleeps."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from api_lab import andlink_device, api_lab
from fastapi import FastAPI
from sleeping_meter import Meter

from nbtwin.operators.store.access import AuditLine, AuditRepository
from nbtwin.runtime.lab import LabRuntime
from nbtwin.web.access import tokens
from nbtwin.web.access.roles import GRANTED, Role
from nbtwin.web.access.tokens import Access
from nbtwin.web.app import create_app


class Guarded:
    """A lab that asks for tokens, with a registered Andlink device."""

    def __init__(self, lab: LabRuntime, app: FastAPI, known: dict[str, Any]) -> None:
        self.lab, self.app, self._known = lab, app, known
        self.audit = lab.store.part(AuditRepository)
        self.tokens = {role: tokens.create(lab.store, str(role), role, now=0.0) for role in GRANTED}

    async def ask(self, method: str, path: str, body: Any = None, role: Role = Role.ADMIN) -> httpx.Response:
        for name in ("<device>", "<number>"):
            path = path.replace(name, str(self._known[name]))
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} if role in self.tokens else {}
        how: dict[str, Any] = {}
        if isinstance(body, bytes):
            how["content"] = self._known.get(body.decode("latin-1"), body)
        elif body is not None:
            how["json"] = {name: self._of(value) for name, value in body.items()}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://127.0.0.1") as http:
            answer = await http.request(method, path, headers=headers, **how)
        if answer.status_code in (201, 202):
            made = answer.json()
            self._known["<number>"] = made.get("id", made.get("number", made.get("ticket", 1)))
        return answer

    def _of(self, value: Any) -> Any:
        return [self._of(one) for one in value] if isinstance(value, list) else self._known.get(str(value), value)

    def lines(self) -> list[AuditLine]:
        """The newest first."""
        return self.audit.lines(limit=100_000)

    def state(self) -> dict[str, Any]:
        """Whatever a change could change, but for the audit log."""
        db, world = self.lab.store.database, self.lab.world
        sql = {"tokens": "SELECT name, digest FROM tokens"}
        files = {path.name: path.read_bytes() for path in self.lab.directory.path.glob("*.nvram")}
        return {
            **{t: db.rows(sql.get(t, f"SELECT * FROM {t}")) for t in db.tables() if t != "audit"},
            **files,
            "modules": {
                name: (module.powered, module.radio.coverage, module.radio.rssi, module.radio.usim)
                for name, module in self.lab.modules.items()
            },
            "world": [*world.modules, *world.faults.listed(), self.lab.rate, len(self.lab.timeline.entries())],
        }


@asynccontextmanager
async def guarded(state: Path) -> AsyncIterator[Guarded]:
    async with api_lab(state, "BC28,name=meter", platforms=("cmdmp", "andlink")) as api:
        Meter(api.lab).register()
        device = (await andlink_device(api)).rpartition("/")[2]
        known = {
            "<device>": device,
            "<number>": 1,  # of what was made last
            "<the image>": await api.get("/modules/meter/nvram/image"),
            "<the archive>": await api.get("/lab/export"),
        }
        yield Guarded(api.lab, create_app(api.lab, Access(api.lab.store, needed=True)), known)
