"""pion/dtls and go-coap (Go) at our Andlink platform, and our module at go-coap's server."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator

import pytest
from foreign_go import GoPeer, Got
from foreign_lab import KEY, PlatformLab, foreign_lab, free_ports, platform_lab

from nbtwin.dtls.events import HandshakeCompleted
from nbtwin.dtls.numbers import CipherSuite
from nbtwin.dtls.settings import MODULE_SUITES
from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal
from nbtwin.operators import events as ev
from nbtwin.operators.key_store.psk import DeviceKeys, PskStore

pytestmark = pytest.mark.asyncio
NAME, OTHER = "867724034000018", "867724034000026"
OTHER_KEY = bytes(range(16, 32))
LINKS = b'</>;rt="oma.lwm2m",</1/0>,</3/0>,</19/1>'
LINK_FORMAT = 40
SECRET, OTHER_SECRET = (NAME, KEY.hex()), (OTHER, OTHER_KEY.hex())
SUITES_OF_PION = [
    (suite, cid)
    for suite in (
        CipherSuite.TLS_PSK_WITH_AES_128_CCM_8,
        CipherSuite.TLS_PSK_WITH_AES_128_CCM,
        CipherSuite.TLS_PSK_WITH_AES_128_GCM_SHA256,
        CipherSuite.TLS_PSK_WITH_AES_256_CCM_8,
    )
    for cid in ("", "cid")
]
SUITES_OF_PION.append((CipherSuite.TLS_PSK_WITH_AES_128_CBC_SHA256, ""))  # its MAC of CBC with a Connection ID is wrong
LARGE = bytes(range(256)) * 12


@pytest.fixture
def go() -> Iterator[GoPeer]:
    made = GoPeer()
    yield made
    made.close()


def keys() -> PskStore:
    return PskStore([DeviceKeys(device=NAME, key=KEY.hex()), DeviceKeys(device=OTHER, key=OTHER_KEY.hex())])


def options(*path: str, query: tuple[str, ...] = (), format: int | None = None) -> str:
    listed = [f"11={part.encode().hex()}" for part in path]
    listed += [] if format is None else [f"12={format:02x}"]
    return " ".join(listed + [f"15={part.encode().hex()}" for part in query])


def registration(name: str = NAME) -> str:
    return options("rd", query=("lwm2m=1.0", f"ep={name}", "b=U", "lt=300"), format=LINK_FORMAT)


async def answer(lab: PlatformLab, go: GoPeer, session: str, token: str) -> Got:
    """What came in a session for this token."""

    def found() -> list[Got]:
        return [got for got in go.got(session) if got.token == token]

    await lab.until(found)
    return found()[0]


async def register(lab: PlatformLab, go: GoPeer, session: str, id: int, name: str = NAME) -> str:
    """Registers in a session and answers what the platform then asks; where the registration is."""
    go.send(session, "CON", "0.02", id, f"{id:04x}", registration(name), LINKS)

    registered = await answer(lab, go, session, f"{id:04x}")
    assert registered.code == "2.01"
    for path, code, listed in (("/19/1/0", "2.05", "6=01"), ("/3/0", "4.04", "")):  # what the platform does about it
        asked = await request_for(lab, go, session, path)
        go.send(session, "ACK", code, asked.id, asked.token, listed)
    return "/".join(part.decode() for part in registered.options[8])


async def request_for(lab: PlatformLab, go: GoPeer, session: str, path: str, after: int = 0) -> Got:
    """What the platform asks for in a session."""

    def found() -> list[Got]:
        return [got for got in go.got(session) if got.code.startswith("0.0") and got.path == path]

    await lab.until(lambda: len(found()) > after)
    return found()[after]


@pytest.mark.conformance(
    "TD_COAP_CORE_01", "TD_COAP_CORE_03", "TD_COAP_OBS_01", "TD_COAP_BLOCK_02", role="client", peer="go-coap",
)  # fmt: skip
@pytest.mark.conformance(
    "TD_COAP_CORE_02", "TD_COAP_CORE_04", "TD_COAP_DTLS_01", "LightweightM2M-1.0-int-101",
    "LightweightM2M-1.0-int-102", "LightweightM2M-1.0-int-103", "LightweightM2M-1.0-int-201",
    "LightweightM2M-1.0-int-401", role="server", peer="go-coap",
)  # fmt: skip
async def test_a_device_of_go_coap_is_registered_read_written_and_observed(go: GoPeer) -> None:
    async with platform_lab(go, keys=keys()) as lab:
        await go.device(lab, "d", lab.secure_port, *SECRET)
        for path, value in (("/3/0/0", b"Gopher"), ("/19/1/0", b""), ("/3/0/17", LARGE)):
            go.say("set", "d", path, value.hex())
        query = f"lwm2m=1.0&ep={NAME}&b=U&lt=300"
        code, location, _ = await go.request(lab, "d", "POST", "/rd", query, LINK_FORMAT, LINKS)
        assert (code, location[:4]) == ("2.01", "/rd/")
        assert (await lab.happened(ev.DeviceRegistered)).device == f"andlink:{NAME}"
        read = await lab.operate("read", NAME, "/3/0/0")
        assert (read.response_code, read.value) == ("2.05", "Gopher")
        long = await lab.operate("read", NAME, "/3/0/17")
        assert (long.response_code, long.payload) == ("2.05", LARGE), "in 64-byte blocks"
        written = await lab.operate("write", NAME, "/3/0/15", "Asia/Shanghai")
        assert written.response_code == "2.04"
        assert go.all("asked", "d", "PUT", "/3/0/15")[0][1] == b"Asia/Shanghai".hex()
        observed = await lab.operate("observe", NAME, "/3/0/0")
        assert observed.response_code == "2.05"
        token = go.all("observed", "d", "/3/0/0")[-1][0]
        go.say("notify", "d", token, 3, b"Marmot".hex())
        assert (await lab.happened(ev.ResourceNotified, is_answer=False, path="/3/0/0")).value == "Marmot"
        await lab.told(go, "acknowledged", "d", "3")
        assert (await go.request(lab, "d", "POST", location, "lt=600"))[0] == "2.04"
        assert (await go.request(lab, "d", "DELETE", location))[0] == "2.02"


async def test_a_device_of_lwm2m_1_2_gets_a_bootstrap_pack_and_registers(go: GoPeer) -> None:
    """TS Core 1.2, 6.1.7.7 and 6.2.1: one GET, and no name where the keys say it."""
    async with platform_lab(go, keys=keys()) as lab:
        await go.dial(lab, "a", lab.secure_port, *SECRET)
        go.send("a", "CON", "0.01", 1, "01", f"{options('bspack')} 17=6e")
        pack = await answer(lab, go, "a", "01")
        assert (pack.code, pack.options[12]) == ("2.05", [bytes([110])])
        records = json.loads(pack.payload)
        values = {record["n"]: next(value for label, value in record.items() if label != "n") for record in records}
        assert {name.rsplit("/", 1)[0] for name in values} == {"/0/1", "/1/0"}
        assert values["/0/1/0"].startswith("coaps://")
        key = values["/0/1/5"]
        assert base64.urlsafe_b64decode(key + "==") == KEY
        go.send("a", "CON", "0.01", 2, "02", f"{options('bspack')} 17=2d16")  # TLV
        assert (await answer(lab, go, "a", "02")).code == "4.06"
        for id, query, code in (
            (3, ("lwm2m=1.3", "lt=300"), "4.12"),
            (4, ("lwm2m=1.2", "lt=300", "b=UQ"), "4.00"),
            (5, ("lwm2m=1.2", "lt=300", "b=UM", "Q"), "2.01"),
        ):
            go.send("a", "CON", "0.02", id, f"{id:02x}", options("rd", query=query, format=LINK_FORMAT), b"</9/0>")
            assert (await answer(lab, go, "a", f"{id:02x}")).code == code, query
        registration = (await lab.happened(ev.DeviceRegistered)).registration
        assert (registration.version, registration.binding, registration.endpoint) == ("1.2", "UMQ", NAME)
        asked = lab.world.perform(lab.node, lab.platform.devices.ask, NAME, "delete", "/9/0/1/7")
        delete = await request_for(lab, go, "a", "/9/0/1/7")
        go.send("a", "ACK", "2.02", delete.id, delete.token)
        assert (await lab.happened(ev.OperationAnswered, ticket=asked)).response_code == "2.02"


async def test_a_rebooted_device_may_use_a_message_id_again(go: GoPeer) -> None:
    """RFC 7252 9.1: messages of another session are no duplicates, whatever their IDs."""
    async with platform_lab(go, keys=keys()) as lab:
        await go.dial(lab, "first", lab.secure_port, *SECRET)
        where = await register(lab, go, "first", 7)
        await go.dial(lab, "second", lab.secure_port, *SECRET)
        again = await register(lab, go, "second", 7)
        assert len(lab.seen(ev.DeviceRegistered)) == 2
        assert where != again


async def test_two_sessions_of_one_identity_never_get_each_other_s_answers(go: GoPeer) -> None:
    """A client that asks over a second session: every answer comes in the session that asked."""
    async with platform_lab(go, keys=keys()) as lab:
        for session in ("one", "two"):
            await go.dial(lab, session, lab.secure_port, *SECRET)
        await register(lab, go, "one", 1)
        for round in range(20):
            first, second = f"a{round:03x}", f"b{round:03x}"
            go.send("one", "CON", "0.01", 100 + round, first, options("nowhere"))
            go.send("two", "CON", "0.01", 100 + round, second, options("rd"))

            assert (await answer(lab, go, "one", first)).code == "4.04"
            assert (await answer(lab, go, "two", second)).code == "4.05"
        for session, other in (("one", "b"), ("two", "a")):
            assert not [got for got in go.got(session) if len(got.token) == 4 and got.token[0] == other]


async def test_a_command_goes_to_the_session_that_registered(go: GoPeer) -> None:
    """A second session that only asks for something does not take the commands of the first."""
    async with platform_lab(go, keys=keys()) as lab:
        for session in ("one", "two"):
            await go.dial(lab, session, lab.secure_port, *SECRET)
        await register(lab, go, "one", 1)
        go.send("two", "CON", "0.01", 9, "0909", options("rd"))
        await answer(lab, go, "two", "0909")
        ticket = lab.world.perform(lab.node, lab.platform.devices.ask, NAME, "read", "/3/0/0")
        asked = await request_for(lab, go, "one", "/3/0/0")
        go.send("one", "ACK", "2.05", asked.id, asked.token, "12=", b"here")
        assert (await lab.happened(ev.OperationAnswered, ticket=ticket)).value == "here"
        assert not [got for got in go.got("two") if got.path == "/3/0/0"]


async def test_an_answer_from_another_session_is_none(go: GoPeer) -> None:
    """Somebody with the same key (a cloned device) answers with the token that the first session was asked with."""
    async with platform_lab(go, keys=keys()) as lab:
        for session in ("one", "clone"):
            await go.dial(lab, session, lab.secure_port, *SECRET)
        await register(lab, go, "one", 1)
        ticket = lab.world.perform(lab.node, lab.platform.devices.ask, NAME, "read", "/3/0/0")
        asked = await request_for(lab, go, "one", "/3/0/0")
        go.send("clone", "ACK", "2.05", asked.id, asked.token, "12=", b"forged")
        go.send("clone", "CON", "0.01", 5, "0505", options("rd"))
        await answer(lab, go, "clone", "0505")
        go.send("one", "ACK", "2.05", asked.id, asked.token, "12=", b"true")
        assert (await lab.happened(ev.OperationAnswered, ticket=ticket)).value == "true"


async def test_a_registration_is_carried_over_when_a_new_session_updates_it(go: GoPeer) -> None:
    async with platform_lab(go, keys=keys()) as lab:
        await go.dial(lab, "old", lab.secure_port, *SECRET)
        where = await register(lab, go, "old", 1)
        await go.dial(lab, "new", lab.secure_port, *SECRET)
        go.send("new", "CON", "0.02", 2, "0202", options(*where.split("/")))
        assert (await answer(lab, go, "new", "0202")).code == "2.04"
        ticket = lab.world.perform(lab.node, lab.platform.devices.ask, NAME, "read", "/3/0/0")
        asked = await request_for(lab, go, "new", "/3/0/0")
        go.send("new", "ACK", "2.05", asked.id, asked.token, "12=", b"moved")
        assert (await lab.happened(ev.OperationAnswered, ticket=ticket)).value == "moved"
        assert not [got for got in go.got("old") if got.path == "/3/0/0"]


@pytest.mark.parametrize("intruder", [OTHER_SECRET, ()], ids=["another identity", "the plain port"])
async def test_nobody_else_ends_a_registration(go: GoPeer, intruder: tuple[str, ...]) -> None:
    async with platform_lab(go, keys=keys()) as lab:
        await go.dial(lab, "own", lab.secure_port, *SECRET)
        where = await register(lab, go, "own", 1)
        await go.dial(lab, "intruder", lab.secure_port if intruder else lab.port, *intruder)
        for id, code in ((2, "0.04"), (3, "0.02")):
            go.send("intruder", "CON", code, id, f"{id:02x}", options(*where.split("/")))
            assert (await answer(lab, go, "intruder", f"{id:02x}")).code.startswith("4.")
        go.send("own", "CON", "0.04", 4, "04", options(*where.split("/")))
        assert (await answer(lab, go, "own", "04")).code == "2.02"


@pytest.mark.conformance("TD_COAP_DTLS_02", "RFC9146", role="server", peer="go-coap")
async def test_connection_ids_and_a_wrong_key(go: GoPeer) -> None:
    async with platform_lab(go, keys=keys()) as lab:
        await go.dial(lab, "cid", lab.secure_port, *SECRET, "cid")
        await register(lab, go, "cid", 1)
        refused = await go.dial(lab, "wrong", lab.secure_port, NAME, OTHER_KEY.hex())
        assert not go.all("connected", "wrong"), refused


@pytest.mark.parametrize(("suite", "cid"), SUITES_OF_PION, ids=str)
async def test_every_suite_that_pion_has_carries_a_registration(go: GoPeer, suite: CipherSuite, cid: str) -> None:
    async with platform_lab(go, keys=keys()) as lab:
        await go.dial(lab, "one", lab.secure_port, *SECRET, f"{suite:04x}", *cid.split())
        await register(lab, go, "one", 1)
        (completed,) = lab.seen(HandshakeCompleted)
        assert completed.cipher_suite == suite
        assert bool(completed.connection_id) == (cid == "cid")


async def test_oscore_and_a_binding_of_tcp_alone_are_refused_with_words(go: GoPeer) -> None:
    """D167."""
    async with platform_lab(go, keys=keys()) as lab:
        await go.dial(lab, "one", lab.secure_port, *SECRET)
        go.send("one", "CON", "0.02", 1, "01", "9=090001 11=7264", b"ciphertext")
        oscore = await answer(lab, go, "one", "01")
        assert (oscore.code, oscore.payload) == ("4.02", b"critical option 9 (OSCORE)")
        tcp = options("rd", query=("lwm2m=1.1", f"ep={NAME}", "b=T"), format=LINK_FORMAT)
        go.send("one", "CON", "0.02", 2, "02", tcp, LINKS)
        assert (await answer(lab, go, "one", "02")).code == "4.00"
        (refused,) = lab.seen(ev.DeviceRefused)
        assert refused.refusal is Lwm2mServerRefusal.BINDING_TRANSPORT


async def test_an_operation_ends_with_the_session(go: GoPeer) -> None:
    """close_notify while an operation is open: it ends, and waits for nobody."""
    async with platform_lab(go, keys=keys()) as lab:
        await go.dial(lab, "one", lab.secure_port, *SECRET)
        await register(lab, go, "one", 1)
        ticket = lab.world.perform(lab.node, lab.platform.devices.ask, NAME, "read", "/3/0/0")
        await request_for(lab, go, "one", "/3/0/0")
        go.say("close", "one")
        ended = await lab.happened(ev.OperationAnswered, ticket=ticket)
        assert ended.response_code == ""


@pytest.mark.conformance(
    "TD_COAP_DTLS_01", "LightweightM2M-1.0-int-101", "LightweightM2M-1.0-int-203", "LightweightM2M-1.0-int-205",
    "LightweightM2M-1.0-int-401", role="client", peer="go-coap",
)  # fmt: skip
@pytest.mark.parametrize("suite", MODULE_SUITES, ids=lambda suite: suite.name)
async def test_the_module_registers_at_a_server_of_go_coap(go: GoPeer, suite: CipherSuite) -> None:
    (port,) = free_ports(1)
    lines = (f'AT+QLASERVERIP="LWM2M","127.0.0.1",{port}', "AT+QLASECSWT=1", f"AT+QLASETPSK=0,{KEY.hex()}")
    go.say("serve", f"127.0.0.1:{port}", KEY.hex(), f"{suite:04x}")
    go.wait_for("listening")
    async with foreign_lab(go, modules={NAME: lines}) as lab:
        await lab.ask(NAME, "AT+QLASREGIND=0")
        await lab.heard(NAME, r"^\+QLADTLSSTAT:0$")
        await lab.heard(NAME, r"^\+QLAEVTIND:0$")
        code, _, payload = await go.ask(lab, NAME, "GET", "/3/0/0")
        assert (code, bytes.fromhex(payload)) == ("2.05", b"\xc7\x00Quectel"), "TLV, as nothing else was asked for"
        code, *_ = await go.ask(lab, NAME, "PUT", "/1/0/1", 0, b"600")
        assert code == "2.04"
        assert (await go.ask(lab, NAME, "GET", "/0/0/0"))[0] == "4.01"
