"""More connections than the process has descriptors for, and requests that do not end."""

import asyncio
import contextlib
import resource
import socket
from pathlib import Path

import httpx
import pytest
from api_lab import api_lab, served
from running import Running

from nbtwin.web import server


def test_connections_that_say_nothing_take_no_descriptor_from_the_lab(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, hard))
    try:
        module = "BC28,name=meter,serial=tcp:127.0.0.1:0"
        lab = Running("up", "--module", module, "--ports", "cmdmp=0", "--http", "127.0.0.1:0", state=tmp_path / "lab")
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    with lab, contextlib.ExitStack() as silent:
        host, port = lab.console().removeprefix("http://").split(":")
        for _ in range(400):
            silent.enter_context(socket.create_connection((host, int(port)), timeout=60))
        with httpx.Client(base_url=lab.console(), timeout=60) as api:
            scheme, at, number = api.get("/api/v1/modules/meter").json()["serial"].split(":")
        assert scheme == "tcp"
        with socket.create_connection((at, int(number)), timeout=60) as line:
            line.sendall(b"AT\r")
            assert line.recv(100)
    assert not [line for line in lab.lines if "Traceback" in line or "rror" in line]


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "half", [b"", b"GET / HT", b"POST /api/v1/modules HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n\r\n{"]
)
async def test_a_request_that_does_not_end_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, half: bytes
) -> None:
    monkeypatch.setattr(server, "REQUEST_TIMEOUT", 0.05)
    async with api_lab(tmp_path) as api, served(api) as http:
        reader, writer = await asyncio.open_connection(http.base_url.host, http.base_url.port)
        writer.write(half)
        with contextlib.suppress(ConnectionError):
            assert await asyncio.wait_for(reader.read(), 60) == b""
        writer.close()
        assert (await http.get("/api/v1/modules")).status_code == 200
