"""coap, lwm2m-node-lib and node-coap-client (npm) at our Andlink platform, and our module at their servers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from foreign_lab import KEY, ForeignLab, PlatformLab, foreign_lab, free_ports, platform_lab
from foreign_node import NodePeer

from nbtwin.coap.reasons import CoapRefusal
from nbtwin.dtls.events import HandshakeCompleted
from nbtwin.dtls.numbers import CipherSuite
from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal
from nbtwin.operators import events as ev
from nbtwin.operators.key_store.psk import DeviceKeys, PskStore
from nbtwin.operators.refusals import PlatformError

pytestmark = pytest.mark.asyncio
NAME, OTHER = "867724034100016", "867724034100024"
LINKS = b'</>;rt="oma.lwm2m",</1/0>,</3/0>,</19/0>,</19/1>'
LARGE = bytes(range(128)) * 24
LINK_FORMAT = 40
READING = b"21.5 degrees"
IN_64_BYTES = 2
"""SZX (RFC 7959, 2.2)."""


@pytest.fixture
def node() -> Iterator[NodePeer]:
    made = NodePeer()
    yield made
    made.close()


def keys(device: str) -> PskStore:
    return PskStore([DeviceKeys(device=device, key=KEY.hex())])


@asynccontextmanager
async def device(node: NodePeer, keys: PskStore | None = None) -> AsyncIterator[tuple[PlatformLab, str]]:
    """One of `coap`, registered without DTLS; where its registration is."""
    async with platform_lab(node, keys=keys or PskStore()) as lab:
        await node.endpoint(lab, "d")
        for path, value, format in (
            ("/3", b"</3>,</3/0>,</3/0/0>", "application/link-format"),
            ("/3/0/0", b"Nodus", "text/plain"),
            ("/3/0/17", LARGE, "text/plain"),
            ("/19/1/0", b"", ""),
        ):
            node.say("keep", "d", path, value.hex(), format)
        query = f"lwm2m=1.0&ep={NAME}&b=U&lt=300"
        code, location, _ = await node.request(lab, "d", lab.port, "POST", "/rd", query, LINK_FORMAT, LINKS)
        assert (code, location[:3]) == ("2.01", "rd/")
        await lab.happened(ev.ObservationStarted, path="/19/1/0")
        yield lab, "/" + location


@pytest.mark.conformance(
    "TD_COAP_CORE_01", "TD_COAP_CORE_03", "TD_COAP_CORE_04", "TD_COAP_CORE_10", "TD_COAP_CORE_13",
    "TD_COAP_BLOCK_02", role="client", peer="coap (npm)",
)  # fmt: skip
@pytest.mark.conformance(
    "TD_COAP_CORE_02", "TD_COAP_CORE_04", "TD_COAP_CORE_14", "TD_COAP_CORE_18", "LightweightM2M-1.0-int-101",
    "LightweightM2M-1.0-int-102", "LightweightM2M-1.0-int-103", "LightweightM2M-1.0-int-201",
    "LightweightM2M-1.0-int-205", role="server", peer="coap (npm)",
)  # fmt: skip
async def test_a_device_of_coap_is_registered_and_does_each_operation(node: NodePeer) -> None:
    async with device(node) as (lab, location):
        assert (await lab.happened(ev.DeviceRegistered)).device == f"andlink:{NAME}"
        read = await lab.operate("read", NAME, "/3/0/0")
        assert (read.response_code, read.value) == ("2.05", "Nodus")
        long = await lab.operate("read", NAME, "/3/0/17")
        assert (long.response_code, long.value) == ("2.05", LARGE.decode()), "in blocks"
        assert (await lab.operate("write", NAME, "/3/0/15", "Asia/Shanghai")).response_code == "2.04"
        assert ("d", "PUT", "/3/0/15", "", "text/plain", "", b"Asia/Shanghai".hex()) in node.all("asked")
        assert (await lab.operate("execute", NAME, "/3/0/4")).response_code == "2.04"
        found = await lab.operate("discover", NAME, "/3")
        assert [link["path"] for link in found.value] == ["/3", "/3/0", "/3/0/0"]
        query = f"ep={NAME}"
        assert (await node.request(lab, "d", lab.port, "POST", "/dp", query, 0, READING))[0] == "2.04"
        assert (await lab.happened(ev.DataReceived)).payload == READING
        assert (await node.request(lab, "d", lab.port, "POST", location, "lt=600"))[0] == "2.04"
        assert (await lab.happened(ev.DeviceUpdated)).lifetime == 600
        assert (await node.request(lab, "d", lab.port, "DELETE", location))[0] == "2.02"
        await lab.happened(ev.DeviceDeregistered)


@pytest.mark.conformance(
    "TD_COAP_OBS_01", role="client", peer="coap (npm)",
)  # fmt: skip
@pytest.mark.conformance(
    "LightweightM2M-1.0-int-303", role="server", peer="coap (npm)",
)  # fmt: skip
async def test_a_device_of_coap_is_observed_until_that_is_cancelled(node: NodePeer) -> None:
    async with device(node) as (lab, _):
        assert (await lab.operate("observe", NAME, "/3/0/0")).response_code == "2.05"
        for value in (b"Nodulus", b"Nodellus"):
            node.say("notify", "d", "/3/0/0", value.hex())
            await lab.happened(ev.ResourceNotified, path="/3/0/0", value=value.decode())
        assert (await lab.operate("cancel", NAME, "/3/0/0")).response_code == "2.05"
        await lab.happened(ev.ObservationEnded, path="/3/0/0")
        await lab.told(node, "ended", "d", "/3/0/0")


async def test_blocks_that_coap_tells_apart_by_their_tokens_are_refused_and_that_is_told(node: NodePeer) -> None:
    """RFC 7959 2.5 joins blocks by endpoint and path; coap 1.5 wants one token, and every block of ours has its own."""
    async with device(node) as (lab, _):
        written = await lab.operate("write", NAME, "/19/0/0", LARGE.decode())
        assert (written.response_code, written.diagnostic) == ("5.00", "Byte offset not the next in line...")
        read = await lab.operate("read", NAME, "/3/0/0")
        assert read.value == "Nodus", "nothing is stuck"


@pytest.mark.parametrize("method", ["post", "delete"])
async def test_another_identity_neither_updates_nor_ends_a_registration(node: NodePeer, method: str) -> None:
    """The one is registered by `coap` without DTLS, the other comes with node-coap-client and a key."""
    async with device(node, keys(OTHER)) as (lab, location):
        node.say("secret", OTHER, KEY.hex())
        url = f"coaps://127.0.0.1:{lab.secure_port}{location}"
        assert (await node.get(lab, "other", url, method))[0].startswith("4.")
        assert lab.seen(ev.DeviceUpdated, ev.DeviceDeregistered) == []
        assert (await lab.operate("read", NAME, "/3/0/0")).value == "Nodus"


async def test_who_has_a_key_does_not_register_without_it(node: NodePeer) -> None:
    async with platform_lab(node, keys=keys(NAME)) as lab:
        await node.endpoint(lab, "stranger")
        query = f"lwm2m=1.0&ep={NAME}&b=U&lt=300"
        refused = await node.request(lab, "stranger", lab.port, "POST", "/rd", query, LINK_FORMAT, LINKS)
        assert refused[0] == "4.01"
        assert lab.seen(ev.DeviceRegistered) == []


async def test_a_value_of_an_unknown_object_is_text_or_has_its_type_named_or_does_not_leave(node: NodePeer) -> None:
    """Text needs no type; in TLV, which an instance takes, every value has one."""
    async with device(node) as (lab, _):
        assert (await lab.operate("write", NAME, "/33000/0/0", "21")).response_code == "2.04"
        assert ("d", "PUT", "/33000/0/0", "", "text/plain", "", b"21".hex()) in node.all("asked")
        before = len(node.all("asked"))
        with pytest.raises(PlatformError):
            await lab.operate("write", NAME, "/33000/0", {"0": 21})
        named = {"0": {"type": "integer", "value": 21}}
        assert (await lab.operate("write", NAME, "/33000/0", named)).response_code == "2.04"
        (asked,) = node.all("asked")[before:]
        assert (asked[2], asked[-1]) == ("/33000/0", "c10015"), "the first one did not leave"


@asynccontextmanager
async def served(node: NodePeer) -> AsyncIterator[tuple[ForeignLab, int]]:
    """Our module, registered at a server of `coap`, and its port."""
    (port,) = free_ports(1)
    async with foreign_lab(node, modules={NAME: (f'AT+QLASERVERIP="LWM2M","127.0.0.1",{port}',)}) as lab:
        await node.endpoint(lab, "s", port)
        await lab.ask(NAME, "AT+QLASREGIND=0")
        await lab.heard(NAME, r"^\+QLAEVTIND:0$")
        node.say("client", "s", NAME)
        yield lab, int((await lab.told(node, "client", "s", NAME))[0])


@pytest.mark.conformance(
    "TD_COAP_BLOCK_03", role="server", peer="coap (npm)",
)  # fmt: skip
@pytest.mark.conformance(
    "LightweightM2M-1.0-int-101", "LightweightM2M-1.0-int-102", "LightweightM2M-1.0-int-103",
    "LightweightM2M-1.0-int-203", "LightweightM2M-1.0-int-205", role="client", peer="coap (npm)",
)  # fmt: skip
async def test_the_module_is_driven_by_a_server_of_coap(node: NodePeer) -> None:
    """100 bytes in two blocks to /19/0/0 are a command for the host, and no firmware."""
    async with served(node) as (lab, module):
        code, _, payload = await node.request(lab, "s", module, "GET", "/3/0/0")
        assert (code, bytes.fromhex(payload)) == ("2.05", b"\xc7\x00Quectel")
        assert (await node.request(lab, "s", module, "GET", "/0/0/0"))[0] == "4.01"
        assert (await node.request(lab, "s", module, "PUT", "/1/0/1", "", 0, b"600"))[0] == "2.04"
        node.say("request", "s", module, "PUT", "/19/0/0", "", 42, bytes(range(48, 98)).hex() * 2, IN_64_BYTES)
        asked = await lab.heard(NAME, r'^\+QLAWRITE: (\d+),"([0-9A-F]+)",')
        assert "OK" in await lab.ask(NAME, f"AT+QLASENDRSP={asked[1]},{asked[2]},2,0")
        assert (await lab.told(node, "answered", "s", "/19/0/0"))[0] == "2.04"
        assert "FIRMWARE" not in lab.said[NAME]
        await lab.ask(NAME, "AT+QLASREGIND=1")
        await lab.heard(NAME, r"^\+QLAEVTIND:1$")
        assert node.all("asked", "s", "DELETE")


@pytest.mark.conformance(
    "TD_COAP_OBS_01", "TD_COAP_OBS_06", "TD_COAP_OBS_12", role="server", peer="coap (npm)",
)  # fmt: skip
@pytest.mark.conformance(
    "LightweightM2M-1.0-int-302", "LightweightM2M-1.0-int-303", role="client", peer="coap (npm)",
)  # fmt: skip
@pytest.mark.parametrize("way", ["cancel", "forget"])
async def test_a_server_of_coap_observes_the_module_until_it_cancels_or_forgets(node: NodePeer, way: str) -> None:
    """RFC 7641 3.6: GET with Observe 1, or RST for what comes next. Afterwards data go to /dp."""
    async with served(node) as (lab, module):
        node.say("observe", "s", module, "/19/1/0")
        await lab.heard(NAME, r"^\+QLAEVTIND:3$")
        await lab.ask(NAME, f"AT+QLASENDDATA=0x0100,{len(READING)}", READING)
        await lab.heard(NAME, r"^\+QLADATASTATUS:4$")
        await lab.until(
            lambda: any(READING in bytes.fromhex(words[1]) for words in node.all("notified", "s", "/19/1/0"))
        )
        node.say(way, "s", "/19/1/0")
        assert (await node.request(lab, "s", module, "GET", "/3/0/0"))[0] == "2.05"  # after that, on its socket
        if way == "forget":
            await lab.ask(NAME, f"AT+QLASENDDATA=0x0100,{len(READING)}", READING)
            await lab.heard(NAME, r"^\+QLADATASTATUS:5$")
        await lab.ask(NAME, f"AT+QLASENDDATA=0x0100,{len(READING)}", READING)
        assert (await lab.told(node, "asked", "s", "POST", "/dp"))[-1] == READING.hex()


@asynccontextmanager
async def library_client(node: NodePeer) -> AsyncIterator[PlatformLab]:
    async with platform_lab(node, keys=PskStore()) as lab:
        for uri, id, value in (
            ("/3/0", 0, "Telefonica"),
            ("/3303/0", 5700, 21.5),
            ("/33000/0", 0, "own"),
            ("/33000/0", 8, "x" * 3000),
            ("/33000/0", 9, "ä" * 1500),
        ):
            if id < 8 or id == 5700:
                node.say("object", uri)
            node.say("set", uri, id, value)
        node.say("register", NAME, lab.port, 300)
        await lab.told(node, "registered", NAME)
        # Its socket is closed for an instant then: what we ask at once comes with our retransmission.
        await lab.live.advance(3, until=lambda: bool(lab.seen(ev.ObservationStarted)))
        yield lab


@pytest.mark.conformance(
    "TD_COAP_CORE_01", "TD_COAP_CORE_03", "TD_COAP_CORE_04", "TD_COAP_BLOCK_02", "TD_COAP_OBS_01",
    role="client", peer="lwm2m-node-lib",
)  # fmt: skip
@pytest.mark.conformance(
    "LightweightM2M-1.0-int-201", "LightweightM2M-1.0-int-205", "LightweightM2M-1.0-int-260",
    role="server", peer="lwm2m-node-lib",
)  # fmt: skip
async def test_a_client_of_lwm2m_node_lib_does_each_operation(node: NodePeer) -> None:
    async with library_client(node) as lab:
        (registered,) = lab.seen(ev.DeviceRegistered)
        assert registered.registration.objects == "</3/0>,</3303/0>,</33000/0>"
        assert (await lab.operate("read", NAME, "/3/0/0")).value == "Telefonica"
        assert (await lab.operate("read", NAME, "/3303/0/5700")).value == 21.5, "no format is named: as it is defined"
        assert (await lab.operate("read", NAME, "/33000/0/0")).value == "own"
        assert (await lab.operate("read", NAME, "/33000/0/8")).value == "x" * 3000, "in blocks"
        assert (await lab.operate("read", NAME, "/3/0/1")).response_code == "4.04"
        assert (await lab.operate("write", NAME, "/33000/0/0", "hello")).response_code == "2.04"
        assert await lab.told(node, "written", NAME, "/33000/0/0") == ("hello",)
        assert (await lab.operate("execute", NAME, "/33000/0/5", "0='on'")).response_code == "2.04"
        assert await lab.told(node, "executed", NAME, "/33000/0/5") == ("0='on'",)

        found = await lab.operate("discover", NAME, "/3/0")
        assert [link["path"] for link in found.value] == ["/3/0", "/3/0/0"], "its links come without a Content-Format"
        limits = await lab.operate("write-attributes", NAME, "/33000/0/0", {"pmin": 1, "pmax": 60})
        assert limits.response_code == "2.04"
        (link,) = (await lab.operate("discover", NAME, "/33000/0/0")).value
        assert (link["pmin"], link["pmax"]) == ("1", "60")

        assert (await lab.operate("observe", NAME, "/3303/0/5700")).value == 21.5
        node.say("set", "/3303/0", 5700, 22.5)
        assert (await lab.happened(ev.ResourceNotified, is_answer=False, path="/3303/0/5700")).value == 22.5


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-101", "LightweightM2M-1.0-int-102", "LightweightM2M-1.0-int-103",
    role="server", peer="lwm2m-node-lib",
)  # fmt: skip
async def test_a_client_of_lwm2m_node_lib_updates_and_goes_from_other_ports(node: NodePeer) -> None:
    """Each request of it has a socket of its own; its registration follows it where there is no key."""
    async with library_client(node) as lab:
        (registered,) = lab.seen(ev.DeviceRegistered)
        node.say("update", NAME)
        await lab.told(node, "updated", NAME)
        updated = await lab.happened(ev.DeviceUpdated)
        assert updated.address_changed
        assert updated.peer != registered.peer
        assert (await lab.operate("read", NAME, "/3/0/0")).value == "Telefonica"
        node.say("leave", NAME)
        await lab.told(node, "left", NAME)
        await lab.happened(ev.DeviceDeregistered, device=registered.device)


async def test_what_lwm2m_node_lib_cannot_do_ends_with_a_verdict(node: NodePeer) -> None:
    """It cuts blocks by characters, takes the first block for the whole, and never answers a cancellation."""
    async with library_client(node) as lab:
        long = await lab.operate("read", NAME, "/33000/0/9")
        assert (long.response_code, long.diagnostic) == ("5.00", "Max packet size is 1280: current is 2065")
        early = await lab.operate("write", NAME, "/33000/0/0", "y" * 3000)
        assert early.refusal == CoapRefusal.BODY_TAKEN_EARLY, "the first block was answered 2.04"
        assert (await lab.operate("observe", NAME, "/3303/0/5700")).response_code == "2.05"
        ticket = lab.world.perform(lab.node, lab.platform.devices.ask, NAME, "cancel", "/3303/0/5700")
        await lab.live.advance(
            100, until=lambda: bool([e for e in lab.seen(ev.OperationAnswered) if e.ticket == ticket])
        )
        cancelled = await lab.happened(ev.OperationAnswered, ticket=ticket)
        assert cancelled.refusal == Lwm2mServerRefusal.UNANSWERED
        assert lab.seen(ev.ObservationEnded), "notifications are refused from now on"
        node.say("set", "/3303/0", 5700, 23.5)
        with pytest.raises(PlatformError):
            await lab.operate("cancel", NAME, "/3303/0/5700")
        assert (await lab.operate("observe", NAME, "/3303/0/5700")).value == 23.5
        assert (await lab.operate("read", NAME, "/3/0/0")).value == "Telefonica"


@asynccontextmanager
async def library_server(node: NodePeer, accept: str = "") -> AsyncIterator[ForeignLab]:
    (port,) = free_ports(1)
    node.say("serve", port, accept)
    node.wait_for("listening")
    async with foreign_lab(node, modules={NAME: (f'AT+QLASERVERIP="LWM2M","127.0.0.1",{port}',)}) as lab:
        await lab.ask(NAME, "AT+QLASREGIND=0")
        await lab.heard(NAME, r"^\+QLAEVTIND:0$")
        yield lab


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-101", "LightweightM2M-1.0-int-102", "LightweightM2M-1.0-int-103",
    "LightweightM2M-1.0-int-104", "LightweightM2M-1.0-int-201", "LightweightM2M-1.0-int-205",
    "LightweightM2M-1.0-int-260", role="client", peer="lwm2m-node-lib",
)  # fmt: skip
async def test_the_module_is_driven_by_a_server_of_lwm2m_node_lib(node: NodePeer) -> None:
    async with library_server(node, "text/plain") as lab:
        links = '</>;rt="oma.lwm2m",</1/0>,</3/0>,</5/0>,</19/0>,</19/1>'
        assert node.all("came") == [(NAME, "86400", "1.0", "U", links)]
        listed = "</3/0/0>;pmin=1;pmax=60,</3/0/1>,</3/0/2>,</3/0/3>,</3/0/4>,</3/0/11>,</3/0/16>,</3/0/17>"
        for verb, path, value, outcome in (
            ("read", "/3/0/0", (), ("did", "Quectel")),
            ("read", "/3/0/9", (), ("refused", "4.04")),
            ("read", "/0/0/0", (), ("refused", "4.01")),
            ("write", "/1/0/1", ("600",), ("did", "")),
            ("read", "/1/0/1", (), ("did", "600")),
            ("observe", "/1/0/1", (), ("did", "600")),
            ("write", "/1/0/1", ("700",), ("did", "")),
            ("writeAttributes", "/3/0/0", ("pmin=1&pmax=60",), ("did", "")),
            ("discover", "/3", (), ("did", f"</3>,</3/0>,{listed}")),
            ("discover", "/3/0", (), ("did", f"</3/0>,{listed}")),
            ("discover", "/3/0/0", (), ("did", "</3/0/0>;pmin=1;pmax=60")),
            ("execute", "/3/0/0", ("",), ("refused", "4.05")),
            ("create", "/3/1", (), ("refused", "4.04")),
            ("remove", "/1/0", (), ("did", "")),  # it says so and asks nothing
            ("read", "/1/0/1", (), ("did", "700")),
        ):
            assert await node.ask(lab, NAME, verb, path, *value) == outcome, (verb, path)
        assert await lab.told(node, "notified", NAME, "/1/0/1") == ("700",)
        # Its acknowledgement of a notification goes to its own proxy: the module gives up, and then has its update.
        await lab.live.advance(100, until=lambda: bool(node.all("updated", NAME, "700")))
        await lab.told(node, "updated", NAME, "700")
        assert await node.ask(lab, NAME, "cancel", "/1/0/1") == ("did", "")  # and tells nobody
        assert await node.ask(lab, NAME, "write", "/1/0/1", "800") == ("did", "")
        await lab.told(node, "updated", NAME, "800")
        assert node.all("notified") == [(NAME, "/1/0/1", "700")], "the module has ended the observation"
        assert await node.ask(lab, NAME, "execute", "/1/0/8", "") == ("did", "")
        await lab.told(node, "updated", NAME, "800", count=2)
        await lab.ask(NAME, "AT+QLASREGIND=1")
        assert await lab.told(node, "gone") == (NAME,)


async def test_data_of_the_module_reaches_a_server_of_lwm2m_node_lib(node: NodePeer) -> None:
    async with library_server(node) as lab:
        assert (await node.ask(lab, NAME, "observe", "/19/1/0"))[0] == "did"
        await lab.heard(NAME, r"^\+QLAEVTIND:3$")
        await lab.ask(NAME, f"AT+QLASENDDATA=0x0100,{len(READING)}", READING)
        assert (await lab.told(node, "notified", NAME, "/19/1/0"))[0].endswith(READING.decode())
        await lab.live.advance(100, until=lambda: "DATASTATUS" in lab.said[NAME])
        await lab.heard(NAME, r"^\+QLADATASTATUS:3$")  # its acknowledgement went to its own proxy
        node.say("ask", NAME, "write", 19, 0, 0, "on")
        asked = await lab.heard(NAME, r'^\+QLAWRITE: (\d+),"([0-9A-F]+)",on$')
        await lab.ask(NAME, f"AT+QLASENDRSP={asked[1]},{asked[2]},2,0")
        assert await lab.told(node, "did", NAME, "write", "/19/0/0") == ("",)


@pytest.mark.conformance(
    "TD_COAP_CORE_01", "TD_COAP_CORE_31", "TD_COAP_LINK_01", "TD_COAP_DTLS_01",
    role="server", peer="node-coap-client",
)  # fmt: skip
@pytest.mark.parametrize("suite", [suite.name for suite in CipherSuite])
async def test_node_coap_client_asks_over_dtls(node: NodePeer, suite: str) -> None:
    async with platform_lab(node, keys=keys(NAME)) as lab:
        node.say("secret", NAME, KEY.hex())
        node.say("suite", suite)
        url = f"coaps://127.0.0.1:{lab.secure_port}"
        code, format, payload = await node.get(lab, "links", url + "/.well-known/core")
        assert (code, format) == ("2.05", str(LINK_FORMAT))
        assert b"</rd>" in bytes.fromhex(payload)
        (completed,) = lab.seen(HandshakeCompleted)
        assert CipherSuite(completed.cipher_suite).name == suite
        node.say("ping", "it", url)
        assert await lab.told(node, "alive", "it") == ("true",)
        # It says application/json of everything that it sends, and so cannot register.
        register = f"{url}/rd?ep={NAME}&lt=300&lwm2m=1.0"
        assert (await node.get(lab, "register", register, "post", LINKS))[0] == "4.15"
        assert lab.seen(ev.DeviceRegistered) == []


async def test_each_session_of_node_coap_client_begins_with_message_1(node: NodePeer) -> None:
    """RFC 7252 9.1: a message ID of the session before is no duplicate, of whomever it is."""
    async with platform_lab(node, keys=keys(NAME)) as lab:
        node.say("secret", NAME, KEY.hex())
        url = f"coaps://127.0.0.1:{lab.secure_port}"
        assert (await node.get(lab, "first", url + "/.well-known/core"))[0] == "2.05"
        node.say("reset")
        assert (await node.get(lab, "second", url + "/nowhere"))[0] == "4.04"
        assert len(lab.seen(HandshakeCompleted)) == 2
