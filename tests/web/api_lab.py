"""A real lab and the real application in this process, and a client that speaks ASGI to it: quick, nothing faked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from nbtwin.runtime.lab import LabRuntime
from nbtwin.runtime.spec import parse_spec
from nbtwin.web.app import create_app
from nbtwin.web.server import Console

BASE = "http://127.0.0.1/api/v1"


@dataclass
class ApiLab:
    lab: LabRuntime
    app: FastAPI
    http: httpx.AsyncClient

    async def get(self, path: str, status: int = 200, **query: Any) -> Any:
        return self._checked(await self.http.get(BASE + path, params=query), status)

    async def post(self, path: str, body: Any = None, status: int = 200) -> Any:
        return self._checked(await self.http.post(BASE + path, json=body), status)

    async def put(self, path: str, body: Any = None, status: int = 200) -> Any:
        return self._checked(await self.http.put(BASE + path, json=body), status)

    async def delete(self, path: str, status: int = 204) -> Any:
        return self._checked(await self.http.delete(BASE + path), status)

    async def advance(self, span: str) -> None:
        await self.post("/clock/advance", {"span": span})

    def _checked(self, answer: httpx.Response, status: int) -> Any:
        assert answer.status_code == status, f"{answer.request.method} {answer.request.url}: {answer.text}"
        media_type = answer.headers.get("content-type", "")
        return answer.json() if media_type in ("application/json", "application/problem+json") else answer.content


async def andlink_device(api: ApiLab, module: str = "meter") -> str:
    """Register this module with the lab's Andlink platform; the address of its device."""
    await api.post(f"/modules/{module}/at", {"line": 'AT+QLASERVERIP="LWM2M","192.0.2.11",5683'})
    await api.post(f"/modules/{module}/power", {"action": "reset"})
    await api.advance("2min")
    return f"/platforms/andlink/devices/{(await api.get(f'/modules/{module}'))['imei']}"


@asynccontextmanager
async def served(api: ApiLab) -> AsyncIterator[httpx.AsyncClient]:
    """The application behind a real HTTP server, on the lab's own event loop: for streams."""
    console = Console(("127.0.0.1", 0))
    await console.start(api.app)
    try:
        async with httpx.AsyncClient(base_url=console.url, timeout=60) as http:
            yield http
    finally:
        await console.close()


@asynccontextmanager
async def api_lab(
    state: Path,
    *specs: str,
    platforms: tuple[str, ...] = ("cmdmp",),
    simulated: bool = True,
    database: str | None = None,
) -> AsyncIterator[ApiLab]:
    """A lab with these modules, switched on and registered where they do that by themselves."""
    lab = LabRuntime(state, seed=1, simulated=simulated, database=database)
    try:
        for operator in platforms:
            lab.add_platform(operator, ("127.0.0.1", 0))
        for spec in specs:
            await lab.add_module(parse_spec(spec))
        app = create_app(lab)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
            if simulated:
                await lab.advance(30)
            yield ApiLab(lab, app, http)
    finally:
        await lab.close()
