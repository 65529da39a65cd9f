"""The crates coap and coap-lite (Rust) at our Andlink platform, and our module at their server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from foreign_lab import KEY, PlatformLab, foreign_lab, platform_lab
from foreign_rust import RustPeer
from free_ports import free_ports

from nbtwin.operators import events as ev
from nbtwin.operators.key_store.psk import DeviceKeys, PskStore

pytestmark = pytest.mark.asyncio
NAME = "867724034200014"
LINKS = b'</>;rt="oma.lwm2m",</1/0>,</3/0>,</19/0>,</19/1>'
LARGE = bytes(range(128)) * 24
TEXT, LINK_FORMAT = 0, 40
READING = b"21.5 degrees"


@pytest.fixture
def rust() -> Iterator[RustPeer]:
    made = RustPeer()
    yield made
    made.close()


@asynccontextmanager
async def device(rust: RustPeer) -> AsyncIterator[tuple[PlatformLab, str]]:
    """Registered without DTLS; where its registration is."""
    async with platform_lab(rust, keys=PskStore()) as lab:
        rust.bind()
        for path, value, format in (
            ("/3", b"</3>,</3/0>,</3/0/0>", LINK_FORMAT),
            ("/3/0/0", b"Ferris", TEXT),
            ("/3/0/17", LARGE, TEXT),
        ):
            rust.say("keep", path, value.hex(), format)
        query = f"lwm2m=1.0&ep={NAME}&b=U&lt=300"
        code, location, _ = await rust.request(lab, lab.port, "POST", "/rd", query, LINK_FORMAT, LINKS)
        assert (code, location[:3]) == ("2.01", "rd/")
        yield lab, "/" + location


@pytest.mark.conformance(
    "TD_COAP_CORE_01", "TD_COAP_CORE_03", "TD_COAP_CORE_04", "TD_COAP_CORE_10", "TD_COAP_CORE_13",
    "TD_COAP_BLOCK_02", "TD_COAP_BLOCK_03", role="client", peer="coap (crate)",
)  # fmt: skip
@pytest.mark.conformance(
    "LightweightM2M-1.0-int-101", "LightweightM2M-1.0-int-201", "LightweightM2M-1.0-int-205",
    role="server", peer="coap (crate)",
)  # fmt: skip
async def test_a_device_of_coap_is_registered_and_does_each_operation(rust: RustPeer) -> None:
    async with device(rust) as (lab, _):
        assert (await lab.happened(ev.DeviceRegistered)).device == f"andlink:{NAME}"
        read = await lab.operate("read", NAME, "/3/0/0")
        assert (read.response_code, read.value) == ("2.05", "Ferris")
        long = await lab.operate("read", NAME, "/3/0/17")
        assert (long.response_code, long.value) == ("2.05", LARGE.decode()), "in blocks"
        assert (await lab.operate("write", NAME, "/19/0/0", LARGE.decode())).response_code == "2.04"
        assert rust.all("asked", "PUT", "/19/0/0")[0][2] == LARGE.hex(), "in blocks"
        assert (await lab.operate("execute", NAME, "/3/0/4")).response_code == "2.04"
        found = await lab.operate("discover", NAME, "/3")
        assert [link["path"] for link in found.value] == ["/3", "/3/0", "/3/0/0"]
        assert (await lab.operate("read", NAME, "/3/0/1")).response_code == "4.04"


@pytest.mark.conformance(
    "TD_COAP_CORE_01", "TD_COAP_CORE_02", "TD_COAP_CORE_04", "TD_COAP_CORE_12",
    "TD_COAP_LINK_01", role="server", peer="coap (crate)",
)  # fmt: skip
@pytest.mark.conformance(
    "LightweightM2M-1.0-int-102", "LightweightM2M-1.0-int-103", role="server", peer="coap (crate)",
)  # fmt: skip
async def test_what_a_device_of_coap_asks_is_answered(rust: RustPeer) -> None:
    """It sends no token; its data come in 64-byte blocks."""
    async with device(rust) as (lab, location):
        query = f"ep={NAME}"
        assert (await rust.request(lab, lab.port, "POST", "/dp", query, TEXT, LARGE, 64))[0] == "2.04"
        assert (await lab.happened(ev.DataReceived)).payload == LARGE
        code, _, links = await rust.request(lab, lab.port, "GET", "/.well-known/core")
        assert code == "2.05"
        assert b"</rd>" in bytes.fromhex(links)
        assert (await rust.request(lab, lab.port, "GET", "/nowhere"))[0] == "4.04"
        assert (await rust.request(lab, lab.port, "POST", location, "lt=600"))[0] == "2.04"
        assert (await lab.happened(ev.DeviceUpdated)).lifetime == 600
        assert (await rust.request(lab, lab.port, "DELETE", location))[0] == "2.02"
        await lab.happened(ev.DeviceDeregistered)


@pytest.mark.conformance(
    "TD_COAP_OBS_02", role="client", peer="coap (crate)",
)  # fmt: skip
@pytest.mark.conformance(
    "LightweightM2M-1.0-int-303", role="server", peer="coap (crate)",
)  # fmt: skip
async def test_a_device_of_coap_is_observed_until_that_is_cancelled(rust: RustPeer) -> None:
    """Its server observes what was written once, and notifies without asking for an acknowledgement."""
    async with device(rust) as (lab, _):
        for value in ("Asia/Shanghai", "Asia/Urumqi"):
            assert (await lab.operate("write", NAME, "/3/0/15", value)).response_code == "2.04"
            if value == "Asia/Shanghai":
                assert (await lab.operate("observe", NAME, "/3/0/15")).value == value
        await lab.happened(ev.ResourceNotified, is_answer=False, path="/3/0/15", value="Asia/Urumqi")
        assert (await lab.operate("cancel", NAME, "/3/0/15")).response_code == "2.05"
        await lab.happened(ev.ObservationEnded, path="/3/0/15")
        await lab.operate("write", NAME, "/3/0/15", "Asia/Tokyo")
        assert (await lab.operate("read", NAME, "/3/0/15")).value == "Asia/Tokyo"
        assert "Asia/Tokyo" not in [told.value for told in lab.seen(ev.ResourceNotified)]


async def test_a_stranger_without_dtls_neither_takes_nor_ends_what_has_a_key(rust: RustPeer) -> None:
    async with platform_lab(rust, keys=PskStore([DeviceKeys(device=NAME, key=KEY.hex())])) as lab:
        rust.bind()
        query = f"lwm2m=1.0&ep={NAME}&b=U&lt=300"
        assert (await rust.request(lab, lab.port, "POST", "/rd", query, LINK_FORMAT, LINKS))[0] == "4.01"
        assert (await rust.request(lab, lab.port, "POST", "/dp", f"ep={NAME}", TEXT, READING))[0] == "4.04"
        assert lab.seen(ev.DeviceRegistered, ev.DataReceived) == []


@pytest.mark.conformance(
    "TD_COAP_CORE_12", "TD_COAP_BLOCK_03", "TD_COAP_OBS_01", role="server", peer="coap (crate)",
)  # fmt: skip
@pytest.mark.conformance(
    "LightweightM2M-1.0-int-101", "LightweightM2M-1.0-int-102", "LightweightM2M-1.0-int-103",
    "LightweightM2M-1.0-int-203", "LightweightM2M-1.0-int-205", role="client", peer="coap (crate)",
)  # fmt: skip
async def test_the_module_is_driven_by_a_server_of_coap(rust: RustPeer) -> None:
    """100 bytes in two blocks to /19/0/0 are a command for the host, without a token, and no firmware."""
    (port,) = free_ports(1)
    async with foreign_lab(rust, modules={NAME: (f'AT+QLASERVERIP="LWM2M","127.0.0.1",{port}',)}) as lab:
        rust.bind(port)
        await lab.ask(NAME, "AT+QLASREGIND=0")
        await lab.heard(NAME, r"^\+QLAEVTIND:0$")
        query, format, _, peer = rust.all("asked", "POST", "/rd")[0]
        assert (query, format) == (f"lwm2m=1.0&ep={NAME}&b=U&lt=86400", str(LINK_FORMAT))
        module = int(peer)
        code, _, payload = await rust.request(lab, module, "GET", "/3/0/0")
        assert (code, bytes.fromhex(payload)) == ("2.05", b"\xc7\x00Quectel")
        assert (await rust.request(lab, module, "GET", "/0/0/0"))[0] == "4.01"
        assert (await rust.request(lab, module, "PUT", "/1/0/1", "", TEXT, b"600"))[0] == "2.04"
        await lab.heard(NAME, r"^\+QLAEVTIND:2$")
        assert rust.all("asked", "POST", "/rd/5a")[0][0] == "lt=600"

        rust.say("request", module, "PUT", "/19/0/0", "", 42, bytes(range(48, 98)).hex() * 2, 64)
        asked = await lab.heard(NAME, r'^\+QLAWRITE: (\d+),"",')
        assert "OK" in await lab.ask(NAME, f'AT+QLASENDRSP={asked[1]},"",2,0')
        assert (await lab.told(rust, "answered", "/19/0/0"))[0] == "2.04"
        assert "FIRMWARE" not in lab.said[NAME]

        rust.say("observe", module, "/19/1/0")
        await lab.heard(NAME, r"^\+QLAEVTIND:3$")
        await lab.ask(NAME, f"AT+QLASENDDATA=0x0100,{len(READING)}", READING)
        await lab.heard(NAME, r"^\+QLADATASTATUS:4$")
        await lab.until(lambda: any(READING in bytes.fromhex(words[0]) for words in rust.all("notified", "/19/1/0")))
        rust.say("cancel", "/19/1/0")
        await lab.ask(NAME, "AT+QLASREGIND=1")
        await lab.heard(NAME, r"^\+QLAEVTIND:1$")
        assert rust.all("asked", "DELETE", "/rd/5a")
