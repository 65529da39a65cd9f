"""libcoap's programs at our Andlink platform, and our whole module at its resource directory and its server."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from foreign_lab import foreign_lab, free_ports, platform_lab

from nbtwin.lwm2m.firmware.file import file_of
from nbtwin.lwm2m.firmware.package import pack
from nbtwin.operators import events as ev
from nbtwin.operators.andlink.admission import AndlinkSettings
from nbtwin.operators.key_store.psk import DeviceKeys, PskStore

pytestmark = pytest.mark.asyncio
SECRET = "sesame, open now"
"""libcoap takes keys as text."""
READING = '[{"n":"19/1/0","p1":"v1"}]'  # DOC-E 6.1
SETTINGS = AndlinkSettings(observe=(), read=())
"""For clients that come with one request each."""


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed (Debian: libcoap3-bin)")
    return found


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-101", "LightweightM2M-1.0-int-102", "LightweightM2M-1.0-int-103", role="server",
    peer="libcoap",
)  # fmt: skip
@pytest.mark.parametrize("build", ["openssl", "gnutls", "notls"])
async def test_coap_client_registers_sends_data_and_goes(build: str) -> None:
    """Each request from a port of its own: over DTLS the identity, else the location, says who it is.

    Data name no location: in plain CoAP they come from the port that registered (D125).
    """
    name = "867724035000017"
    secure = build != "notls"
    keys = PskStore([DeviceKeys(device=name, key=SECRET.encode().hex())] if secure else ())
    async with platform_lab(keys=keys, settings=SETTINGS) as lab:
        server = f"coaps://127.0.0.1:{lab.secure_port}" if secure else f"coap://127.0.0.1:{lab.port}"
        psk = ("-u", name, "-k", SECRET) if secure else ()

        async def ask(method: str, path: str, *more: str) -> str:
            command = (program(f"coap-client-{build}"), *psk, "-v", "7", "-B", "10", "-m", method, *more)
            return await lab.output_of(*command, f"{server}{path}")

        (own,) = free_ports(1)
        from_own = () if secure else ("-p", str(own))
        links = "</1/0>,</3/0>,</19/1>"
        said = await ask("post", f"/rd?lwm2m=1.0&ep={name}&b=U&lt=300", *from_own, "-t", "40", "-e", links)
        (registered,) = lab.seen(ev.DeviceRegistered)
        assert registered.identity.psk_identity == (name if secure else "")
        location = re.search(r"Location-Path:rd, Location-Path:(\w+)", said)
        assert location is not None, said
        if not secure:
            assert "c:4.03" in await ask("post", f"/dp?ep={name}", "-t", "11543", "-e", READING)
        assert "c:2.04" in await ask("post", f"/dp?ep={name}", *from_own, "-t", "11543", "-e", READING)
        assert [event.payload for event in lab.seen(ev.DataReceived)] == [READING.encode()]
        assert "c:2.04" in await ask("post", f"/rd/{location[1]}?lt=600")
        (updated,) = lab.seen(ev.DeviceUpdated)
        assert (updated.lifetime, updated.address_changed) == (600, not secure)
        assert "c:4.04" in await ask("post", "/rd/nowhere")
        assert "c:2.02" in await ask("delete", f"/rd/{location[1]}")
        assert len(lab.seen(ev.DeviceDeregistered)) == 1
        assert "c:2.04" in await ask("post", f"/bs?ep={name}") or secure  # there, bootstrapping has a port of its own


@pytest.mark.conformance("LightweightM2M-1.0-int-101", role="client", peer="libcoap")
@pytest.mark.parametrize("build", ["openssl", "gnutls", "notls"])
async def test_the_module_registers_at_a_resource_directory(build: str) -> None:
    """coap-rd keeps what the module registers under a location of its own. (4.3.1 itself crashes on a DELETE of it.)"""
    imei = "867724035000025"
    (port, secure_port) = free_ports(2)
    secure = build != "notls"
    lines = [f'AT+QLASERVERIP="LWM2M","127.0.0.1",{secure_port if secure else port}']
    if secure:
        lines += ["AT+QLASECSWT=1", f"AT+QLASETPSK=0,{SECRET.encode().hex()}"]
    serving = [program(f"coap-rd-{build}"), "-A", "127.0.0.1", "-p", str(port), *(("-k", SECRET) if secure else ())]
    async with foreign_lab(modules={imei: tuple(lines)}) as lab:
        with lab.running(*serving):
            await lab.ask(imei, "AT+QLASREGIND=0")
            await lab.heard(imei, r"^\+QLAEVTIND:0$")
            get, origin = program("coap-client-notls"), f"coap://127.0.0.1:{port}"
            listed = re.search(r"<(/rd/[^>]+)>", await lab.output_of(get, f"{origin}/.well-known/core"))
            assert listed is not None
            assert "</19/1>" in await lab.output_of(get, origin + listed[1])


@pytest.mark.conformance("LightweightM2M-1.0-int-756", role="client", peer="libcoap")
@pytest.mark.parametrize("build", ["openssl", "notls"])
async def test_the_module_pulls_a_package_from_coap_server(build: str, tmp_path: Path) -> None:
    """Our platform names the package, libcoap's server serves it in blocks."""
    imei = "867724035000033"
    secure = build != "notls"
    package = pack("BC28", "BC28JAR01A11_ONT", bytes(range(256)) * 40)
    (tmp_path / "package").write_bytes(package)
    (port, secure_port) = free_ports(2)
    serving = [program(f"coap-server-{build}"), "-A", "127.0.0.1", "-p", str(port), "-d", "10"]
    if secure:
        serving += ["-k", SECRET]
    async with platform_lab(keys=PskStore()) as lab:
        psk = (f"AT+QLASETPSK=0,{SECRET.encode().hex()}",) if secure else ()
        lab.add_module(imei, f'AT+QLASERVERIP="LWM2M","127.0.0.1",{lab.port}', *psk)
        with lab.running(*serving):
            put = (program("coap-client-notls"), "-m", "put", "-f", str(tmp_path / "package"))
            await lab.output_of(*put, f"coap://127.0.0.1:{port}/package")
            await lab.ask(imei, "AT+QLASREGIND=0")
            await lab.heard(imei, r"^\+QLAEVTIND:5$")
            origin = f"coaps://127.0.0.1:{secure_port}" if secure else f"coap://127.0.0.1:{port}"
            assert (await lab.operate("write", imei, "/5/0/1", f"{origin}/package")).response_code == "2.04"
            await lab.heard(imei, r"^\+QLAEVTIND:7$")
            assert (await lab.operate("read", imei, "/5/0/7")).value == "BC28JAR01A11_ONT"


async def test_coap_client_fetches_a_package_as_a_stranger(tmp_path: Path) -> None:
    """RFC 9175 2.3, D141: libcoap's client sends the Echo value back; nobody is registered at its host."""
    package = pack("BC28", "BC28JAR01A11_ONT", bytes(range(256)) * 40)
    fetched = tmp_path / "package"
    async with platform_lab(keys=PskStore(), settings=SETTINGS, package_of=lambda _: file_of(package)) as lab:
        command = (program("coap-client-notls"), "-v", "7", "-B", "10", "-o", str(fetched))
        said = await lab.output_of(*command, f"coap://127.0.0.1:{lab.port}/fw/new")
        assert said.count("c:4.01") == 1
        assert fetched.read_bytes() == package
