"""`nbtwin fleet` against Eclipse Leshan's server and one made of aiocoap, over real UDP: what the fleet counts, they
have seen; and what they ask of its devices, firmware pushed and pulled."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import aiocoap
import aiocoap.resource
import pytest
from foreign_lab import free_ports
from foreign_leshan import Servers
from preloaded import completed, started

DEVICES = 40
KEY = bytes(range(16))


@pytest.mark.parametrize("scheme", ["coap", "coaps"])
def test_what_the_fleet_says_of_its_devices_leshan_says_too(leshan: Servers, scheme: str) -> None:
    """Behind DTLS each device has its own identity; Leshan makes the handshakes."""
    before = {name: len(leshan.all(name)) for name in ("registered", "unregistered")}
    names = f"{scheme}-{{n}}"
    for number in range(DEVICES if scheme == "coaps" else 0):
        leshan.say("key", names.format(n=number), names.format(n=number), KEY.hex())
    leshan.configure("key", "nobody", "nobody", KEY.hex())
    port = leshan.coaps if scheme == "coaps" else leshan.coap
    load = ("--devices", str(DEVICES), "--name", names, "--psk", KEY.hex(), "--rate", "50", "--for", "1s", "--json")
    done = completed("fleet", f"{scheme}://127.0.0.1:{port}", *load, timeout=100)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["outcomes"]["register"] == told["outcomes"]["deregister"] == {"ok": DEVICES}
    assert told["latency"].get("handshake", {"count": 0})["count"] == (DEVICES if scheme == "coaps" else 0)
    for name, many in before.items():
        leshan.wait_until(lambda name=name, many=many: len(leshan.all(name)) >= many + DEVICES)
        assert len(leshan.all(name)) == many + DEVICES, name


@pytest.mark.parametrize(
    ("bootstrap", "server", "format"),
    [("coap", "coap", "TLV"), ("coap", "coaps", "TLV"), ("coaps", "coap", "JSON"), ("coaps", "coaps", "TLV")],
)
def test_devices_register_where_leshans_bootstrap_server_sends_them(
    leshan: Servers, bootstrap: str, server: str, format: str, tmp_path: Path
) -> None:
    """D212: the plan knows the bootstrap server alone. It deletes and writes their accounts, with another key."""
    names = [f"{bootstrap}-{server}-{n}" for n in range(5)]
    uri = f"{server}://127.0.0.1:{leshan.coaps if server == 'coaps' else leshan.coap}"
    for name in names:
        secret = (f"id-{name}", KEY[::-1].hex()) if server == "coaps" else ("-", "-")
        leshan.say("account", name, uri, 300, *secret, format)
        if server == "coaps":
            leshan.say("key", name, *secret)
        if bootstrap == "coaps":
            leshan.say("bootstrap-key", name, name, KEY.hex())
    leshan.configure("key", "no-one", "no-one", KEY.hex())
    target = f"{bootstrap}://127.0.0.1:{leshan.bootstrap_secure if bootstrap == 'coaps' else leshan.bootstrap}"
    plan = tmp_path / "plan.yaml"
    plan.write_text(
        f"bootstrap: true\nslow: 1min\ndevices: {{count: 5, name: '{bootstrap}-{server}-{{n}}'}}\n"
        "phases:\n  - {do: register, rate: 50}\n"
    )
    done = completed("fleet", target, "--plan", str(plan), "--psk", KEY.hex(), "--json", timeout=100)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["outcomes"] == {kind: {"ok": 5} for kind in ("bootstrap", "register", "deregister")}
    assert told["asked"] == {"delete": 10, "write": 10, "bootstrap-finish": 5}
    assert told["counts"]["accounts"] == 5
    handshakes = 5 * ((bootstrap == "coaps") + (server == "coaps"))
    assert told["latency"].get("handshake", {"count": 0})["count"] == handshakes
    for name in names:
        leshan.wait_until(lambda name=name: leshan.all("bootstrapped", name) and leshan.all("unregistered", name))
        assert [(line[1], line[4]) for line in leshan.all("registered", name)] == [("300", server)]


@contextmanager
def lasting(target: str, plan: Path, *options: str) -> Iterator[dict[str, Any]]:
    """A fleet whose plan ends with an hour of rest: from when it has come there. What it tells in the end, once Ctrl-C
    has ended it, stands in what is yielded."""
    command = ("fleet", target, "--plan", str(plan), "--json", "--http", "0", *options)
    told: dict[str, Any] = {}
    with started(*command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        try:
            assert run.stderr is not None
            url = run.stderr.readline().split()[-1]
            while (found := stats(url))["counts"].get("rebooted", 0) < 3 or found["under_way"]:
                assert run.poll() is None
            yield told
            run.send_signal(signal.SIGINT)
            told.update(json.loads(run.communicate(timeout=60)[0]))
            assert run.returncode == 130
        finally:
            run.kill()


def stats(url: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(urlopen(url + "stats.json").read())
    return found


def written_plan(folder: Path, names: str) -> Path:
    """Devices that register, change their address, and reboot; with copies, and with datagrams that are none."""
    plan = folder / "plan.yaml"
    plan.write_text(
        f"devices: {{count: 3, name: '{names}'}}\nduplicates: 0.5\nmalformed: 0.5\nphases:\n"
        "  - {do: register, rate: 100}\n  - {do: rest, for: 1s}\n  - {do: rebind, rate: 100}\n  - {do: rest, for: 1s}\n"
        "  - {do: reboot, rate: 100}\n  - {do: rest, for: 1h}\n"
    )
    return plan


@pytest.mark.parametrize("scheme", ["coap", "coaps"])
def test_leshan_pushes_a_package_and_has_one_pulled(leshan: Servers, scheme: str, tmp_path: Path) -> None:
    """Blocks of Californium in either direction; each step is told to who observes the firmware object."""
    names = [f"work-{scheme}-{n}" for n in range(3)]
    pushed, pulled, missing = names
    package = tmp_path / "package"
    package.write_bytes(bytes(range(256)) * 20 + bytes(100))
    for name in names if scheme == "coaps" else ():
        leshan.say("key", name, name, KEY.hex())
    leshan.configure("file", "fleet", package)
    target = f"{scheme}://127.0.0.1:{leshan.coaps if scheme == 'coaps' else leshan.coap}"

    def ask(operation: str, name: str, path: str, *more: object) -> tuple[str, ...]:
        id = leshan.send(operation, name, path, *more)
        leshan.wait_until(lambda: leshan.all("answer", id) or leshan.all("failed", id))
        assert leshan.all("answer", id), leshan.all("failed", id)
        return leshan.all("answer", id)[0]

    def hears(name: str, path: str, value: str) -> None:
        leshan.wait_until(lambda: leshan.all("notified", name, path, value))

    with lasting(target, written_plan(tmp_path, f"work-{scheme}-{{n}}"), "--psk", KEY.hex()) as told:
        assert ask("read", pushed, "/3/0/1", "-") == ("205", "BC260Y-CN")
        assert ask("read", pushed, "/1/0", "-") == ("205", "{0=1, 1=86400, 6=false, 7=U}")
        assert ask("write", pushed, "/3/0/14", "TEXT", "string", "+08")[0] == "204"
        for name in names:
            assert ask("observe", name, "/5/0/3", "-") == ("205", "0")
            assert ask("observe", name, "/5/0/5", "-") == ("205", "0")
        assert ask("write", pushed, "/5/0/0", "OPAQUE", "opaque", package.read_bytes().hex())[0] == "204"
        assert ask("write", pulled, "/5/0/1", "TEXT", "string", f"{target}/files/fleet")[0] == "204"
        assert ask("write", missing, "/5/0/1", "TEXT", "string", f"{target}/files/none")[0] == "204"
        hears(missing, "/5/0/5", "7")
        for name in (pushed, pulled):
            hears(name, "/5/0/3", "2")
            assert ask("execute", name, "/5/0/2", "")[0] == "204"
            hears(name, "/5/0/5", "1")
        assert leshan.all("notified", pulled, "/5/0/3", "1")
    assert told["outcomes"]["register"] == {"ok": 6}
    assert told["outcomes"]["update"] == told["outcomes"]["deregister"] == {"ok": 3}
    assert set(told["outcomes"]["report"]) == {"ok"}
    assert told["outcomes"]["firmware"]["refused"] == 1
    assert told["counts"]["packages"] == 1
    assert told["counts"]["bytes-packages"] == package.stat().st_size
    assert told["asked"]["observe"] == 6
    assert told["asked"]["execute"] == 2
    assert told["counts"]["duplicated"] > 0
    assert told["counts"]["malformed"] > 0
    for name in names:
        leshan.wait_until(lambda name=name: len(leshan.all("unregistered", name)) >= 1)
        assert leshan.all("updated", name)  # from another address


class Directory(aiocoap.resource.Resource):
    """/rd and /rd/a of a server made of aiocoap; who has registered lately."""

    def __init__(self, peers: dict[str, str]) -> None:
        super().__init__()
        self.peers = peers

    async def render_post(self, request: aiocoap.Message) -> aiocoap.Message:
        for name in (query[3:] for query in request.opt.uri_query if query.startswith("ep=")):
            host, port = request.remote.sockaddr[:2]
            self.peers[name] = f"coap://{host.removeprefix('::ffff:')}:{port}"
            return aiocoap.Message(code=aiocoap.CREATED, location_path=("rd", "a"))
        return aiocoap.Message(code=aiocoap.CHANGED)

    async def render_delete(self, request: aiocoap.Message) -> aiocoap.Message:
        return aiocoap.Message(code=aiocoap.DELETED)


class Package(aiocoap.resource.Resource):
    async def render_get(self, request: aiocoap.Message) -> aiocoap.Message:
        return aiocoap.Message(payload=bytes(range(256)) * 20, content_format=42)


@pytest.mark.asyncio
async def test_a_server_made_of_aiocoap_has_a_package_pulled(tmp_path: Path) -> None:
    peers: dict[str, str] = {}
    site = aiocoap.resource.Site()
    for path in (("rd",), ("rd", "a")):
        site.add_resource(path, Directory(peers))
    site.add_resource(("fw", "new"), Package())
    (port,) = free_ports(1)
    context = await aiocoap.Context.create_server_context(site, bind=("127.0.0.1", port), transports=["udp6"])

    async def ask(code: Any, path: str, payload: bytes = b"") -> aiocoap.Message:
        message = aiocoap.Message(code=code, uri=peers["work-0"] + path, payload=payload)
        if payload:
            message.opt.content_format = 0
        return await asyncio.wait_for(context.request(message).response, 30)

    fleet = lasting(f"coap://127.0.0.1:{port}", written_plan(tmp_path, "work-{n}"))
    told = await asyncio.to_thread(fleet.__enter__)
    assert (await ask(aiocoap.PUT, "/5/0/1", f"coap://127.0.0.1:{port}/fw/new".encode())).code == aiocoap.CHANGED
    while (state := (await ask(aiocoap.GET, "/5/0/3")).payload) != b"2":
        assert state == b"1"
    assert (await ask(aiocoap.POST, "/5/0/2")).code == aiocoap.CHANGED
    assert (await ask(aiocoap.GET, "/5/0/5")).payload == b"1"
    await asyncio.to_thread(fleet.__exit__, None, None, None)
    await context.shutdown()
    assert told["outcomes"]["firmware"] == {"ok": 5}
    assert told["counts"]["bytes-packages"] == 5120
    assert told["outcomes"]["deregister"] == {"ok": 3}
