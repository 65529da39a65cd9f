"""A whole BC28 at Eclipse Leshan's LwM2M server, over real UDP, plain and DTLS: each operation, data, firmware."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from foreign_lab import KEY, ForeignLab, foreign_lab
from foreign_leshan import Servers

from nbtwin.dtls.events import HandshakeCompleted
from nbtwin.dtls.numbers import CipherSuite
from nbtwin.lwm2m.firmware.package import pack

pytestmark = pytest.mark.asyncio
LINKS = "[</>;rt=[oma.lwm2m], </1/0>, </3/0>, </5/0>, </19/0>, </19/1>]"
DEVICE = "{{0=Quectel, 1=BC28, 2={imei}, 3=BC28JAR01A10_ONT, 11={{0=0}}, 16=U, 17=31301}}"
READING = '{"n":"/19/1/0","vs":"ä"}'.encode()


def commands(leshan: Servers, imei: str, way: str) -> tuple[str, ...]:
    """What the host sets, and what Leshan has to know."""
    if way == "plain":
        server = (f'AT+QLASERVERIP="LWM2M","127.0.0.1",{leshan.coap}',)
    else:
        leshan.configure("key", imei, imei, KEY.hex())
        server = (
            f'AT+QLASERVERIP="LWM2M","127.0.0.1",{leshan.coaps}',
            "AT+QLASECSWT=1",
            f"AT+QLASETPSK=0,{KEY.hex()}",
        )
    return (*server, 'AT+QCFG="LWM2M/DeviceType","31301"')


@asynccontextmanager
async def registered(leshan: Servers, imei: str, way: str = "plain") -> AsyncIterator[ForeignLab]:
    async with foreign_lab(leshan, modules={imei: commands(leshan, imei, way)}) as lab:
        await lab.ask(imei, "AT+QLASREGIND=0")
        await lab.heard(imei, r"^\+QLAEVTIND:0$")
        await lab.told(leshan, "registered", imei)
        yield lab


@pytest.mark.conformance("LightweightM2M-1.0-int-101", "LightweightM2M-1.0-int-103", role="client", peer="Leshan 2")
async def test_the_module_registers_and_goes(leshan: Servers) -> None:
    imei = "867724031000011"
    async with registered(leshan, imei) as lab:
        assert leshan.all("registered", imei) == [("1.0", "86400", "U", LINKS, "coap")]
        assert "+QLASTATUS:REGISTERED" in await lab.ask(imei, "AT+QLASTATUS?")
        await lab.ask(imei, "AT+QLASREGIND=1")
        assert await lab.told(leshan, "unregistered", imei) == ("false",)
        await lab.heard(imei, r"^\+QLAEVTIND:1$")


@pytest.mark.conformance("LightweightM2M-1.0-int-401", role="client", peer="Leshan 2")
@pytest.mark.conformance("TD_COAP_DTLS_01", "RFC6655-CCM8", role="client", peer="Leshan 2")
async def test_the_module_registers_over_dtls(leshan: Servers) -> None:
    imei = "867724031000029"
    async with registered(leshan, imei, "secure") as lab:
        assert leshan.all("registered", imei) == [("1.0", "86400", "U", LINKS, "coaps")]
        await lab.heard(imei, r"^\+QLADTLSSTAT:0$")
        code, content = await leshan.ask(lab, "read", imei, "/3/0", "TLV")
        assert (code, content) == ("205", DEVICE.format(imei=imei))


@pytest.mark.conformance("TD_COAP_DTLS_02", role="client", peer="Leshan 2")
async def test_a_wrong_key_is_told_and_no_registration_comes(leshan: Servers) -> None:
    """DOC-E 3.12: 3, failed. Leshan answers a Finished that it cannot decrypt with nothing, or with an alert."""
    imei = "867724031000037"
    lines = commands(leshan, imei, "secure")
    wrong = [line.replace(KEY.hex(), "ff" * 16) for line in lines]
    async with foreign_lab(leshan, modules={imei: tuple(wrong)}) as lab:
        await lab.ask(imei, "AT+QLASREGIND=0")
        await lab.live.advance(120)
        await lab.heard(imei, r"^\+QLADTLSSTAT:3$")
        assert leshan.all("registered", imei) == []


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-102", "LightweightM2M-1.0-int-104", "LightweightM2M-1.0-int-201",
    "LightweightM2M-1.0-int-203", "LightweightM2M-1.0-int-204", "LightweightM2M-1.0-int-205",
    "LightweightM2M-1.0-int-241", "LightweightM2M-1.0-int-260", "LightweightM2M-1.0-int-556",
    "LightweightM2M-1.0-int-655", role="client", peer="Leshan 2",
)  # fmt: skip
@pytest.mark.parametrize("way", ["plain", "secure"])
async def test_leshan_does_each_operation_at_the_module(leshan: Servers, way: str) -> None:
    imei = {"plain": "867724031000045", "secure": "867724031000052"}[way]
    async with registered(leshan, imei, way) as lab:

        async def ask(operation: str, path: str, *more: object) -> tuple[str, ...]:
            return await leshan.ask(lab, operation, imei, path, *more)

        for format in ("-", "TLV", "JSON"):
            assert await ask("read", "/3/0", format) == ("205", DEVICE.format(imei=imei))
            assert await ask("read", "/3", format) == ("205", f"{{0={DEVICE.format(imei=imei)}}}")
            assert await ask("read", "/3/0/11", format) == ("205", "{0=0}")
        for format in ("-", "TLV", "JSON", "TEXT"):
            assert await ask("read", "/1/0/1", format) == ("205", "86400")
            assert await ask("read", "/1/0/6", format) == ("205", "false")
            assert await ask("read", "/3/0/17", format) == ("205", "31301")
        assert (await ask("read", "/3/0", "TEXT"))[0] == "406"
        assert (await ask("read", "/3/0/17", "SENML_JSON"))[0] == "406"  # of LwM2M 1.1
        assert (await ask("read", "/3/0/9", "-"))[0] == "404"
        assert (await ask("read", "/3/0/4", "-"))[0] == "405"
        assert (await ask("read", "/0/0", "-"))[0] in ("401", "404")
        assert await ask("discover", "/5") == (
            "205",
            "[</5>, </5/0>, </5/0/0>, </5/0/1>, </5/0/2>, </5/0/3>, </5/0/5>, </5/0/6>, </5/0/7>, </5/0/8>, </5/0/9>]",
        )

        assert (await ask("attributes", "/5/0/3", 5, 60))[0] == "204"
        assert await ask("discover", "/5/0/3") == ("205", "[</5/0/3>;pmin=5;pmax=60]")
        assert (await ask("execute", "/1/0/8", ""))[0] == "204"
        await lab.told(leshan, "updated", imei, "86400")
        await lab.heard(imei, r"^\+QLAEVTIND:2$")
        for number, format in enumerate(("TEXT", "TLV", "JSON", "-"), 1):
            assert (await ask("write", "/1/0/1", format, "integer", 600 + number))[0] == "204", format
            await lab.told(leshan, "updated", imei, str(600 + number))
        assert (await ask("update", "/1/0", "TLV", 1, "integer", 7200))[0] == "204"
        await lab.told(leshan, "updated", imei, "7200")
        assert (await ask("write", "/3/0/17", "TEXT", "string", "x"))[0] == "405"
        assert (await ask("execute", "/3/0/17", ""))[0] == "405"
        assert (await ask("delete", "/19/1"))[0] == "405"

        assert (await ask("execute", "/3/0/4", ""))[0] == "204"
        await lab.heard(imei, r"^REBOOT_CAUSE_APPLICATION_SYSRESETREQ$")


@pytest.mark.conformance("LightweightM2M-1.0-int-303", role="client", peer="Leshan 2")
@pytest.mark.parametrize("format", ["-", "TLV", "OPAQUE"])
async def test_leshan_observes_the_data_and_gets_what_the_host_sends(leshan: Servers, format: str) -> None:
    imei = {"-": "867724031000060", "TLV": "867724031000078", "OPAQUE": "867724031000086"}[format]
    async with registered(leshan, imei) as lab:
        code, _ = await leshan.ask(lab, "observe", imei, "/19/1/0", format)
        assert code == "205"
        await lab.heard(imei, r"^\+QLAEVTIND:3$")
        for number, mode in enumerate(("0x0100", "0x0000"), 1):
            assert "OK" in await lab.ask(imei, f"AT+QLASENDDATA={mode},{len(READING)}", READING)
            content = (await lab.told(leshan, "notified", imei, "/19/1/0", count=number))[0]
            assert READING.hex() in content
        await lab.heard(imei, r"^\+QLADATASTATUS:4$")
        assert leshan.all("unreadable") == []
        await leshan.ask(lab, "cancel", imei, "/19/1/0")


@pytest.mark.conformance("LightweightM2M-1.0-int-301", role="client", peer="Leshan 2")
async def test_leshan_observes_a_value_and_is_told_its_changes_until_it_cancels(leshan: Servers) -> None:
    imei = "867724031000094"
    async with registered(leshan, imei) as lab:
        assert await leshan.ask(lab, "observe", imei, "/1/0/1", "-") == ("205", "86400")
        assert await leshan.ask(lab, "observe", imei, "/1/0", "JSON") == (
            "205",
            "{0=1, 1=86400, 6=false, 7=U}",
        )
        await leshan.ask(lab, "write", imei, "/1/0/1", "TEXT", "integer", 1000)
        assert await lab.told(leshan, "notified", imei, "/1/0/1") == ("1000",)
        assert await lab.told(leshan, "notified", imei, "/1/0") == ("{0=1, 1=1000, 6=false, 7=U}",)
        await leshan.ask(lab, "attributes", imei, "/1/0", 1, 2)
        await lab.told(leshan, "notified", imei, "/1/0", count=2)  # by pmax


@pytest.mark.conformance("LightweightM2M-1.0-int-202", "LightweightM2M-1.0-int-210", role="client", peer="Leshan 2")
async def test_the_host_answers_what_leshan_reads_and_writes(leshan: Servers) -> None:
    """DOC-E 4.1, 4.2: the answer is a separate one, after an empty ACK."""
    imei = "867724031000102"
    async with registered(leshan, imei) as lab:
        id = leshan.send("read", imei, "/19/0/0", "OPAQUE")
        asked = await lab.heard(imei, r'^\+QLAREAD: (\d+),"([0-9A-F]+)"$')
        await lab.ask(imei, f"AT+QLASENDRSP={asked[1]},{asked[2]},1,{len(READING)}", READING)
        assert await lab.told(leshan, "answer", id) == ("205", READING.hex())

        id = leshan.send("write", imei, "/19/0/0", "OPAQUE", "opaque", b"on".hex())
        asked = await lab.heard(imei, r'^\+QLAWRITE: (\d+),"([0-9A-F]+)",on$')
        assert "OK" in await lab.ask(imei, f"AT+QLASENDRSP={asked[1]},{asked[2]},2,0")
        assert (await lab.told(leshan, "answer", id))[0] == "204"

        id = leshan.send("read", imei, "/19/0/0", "TLV")
        await lab.heard(imei, r"^\+QLAREAD: ", 2)
        await lab.live.advance(11)  # the host is silent for ten seconds
        assert (await lab.told(leshan, "answer", id))[0] == "503"


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-652", "LightweightM2M-1.0-int-751", "LightweightM2M-1.0-int-755",
    "LightweightM2M-1.0-int-756", "LightweightM2M-1.0-int-760", "LightweightM2M-1.0-int-770",
    "LightweightM2M-1.0-int-771", role="client", peer="Leshan 2",
)  # fmt: skip
@pytest.mark.parametrize("way", ["push", "pull", "pull over dtls"])
async def test_leshan_updates_the_firmware(leshan: Servers, way: str, tmp_path: Path) -> None:
    """docs/spec/wire.md, Andlink firmware: blocks to /5/0/0, or a URI to /5/0/1; Update; the new version is read."""
    imei = {"push": "867724031000110", "pull": "867724031000128", "pull over dtls": "867724031000136"}[way]
    package = pack("BC28", "BC28JAR01A11_ONT", bytes(range(256)) * 40)
    secure = way.endswith("dtls")
    async with registered(leshan, imei, "secure" if secure else "plain") as lab:
        assert await leshan.ask(lab, "observe", imei, "/5/0/3", "-") == ("205", "0")
        await lab.heard(imei, r"^\+QLAEVTIND:5$")
        if way == "push":
            answer = await leshan.ask(lab, "write", imei, "/5/0/0", "OPAQUE", "opaque", package.hex())
        else:
            (tmp_path / "package").write_bytes(package)
            leshan.configure("file", imei, tmp_path / "package")
            origin = f"coaps://127.0.0.1:{leshan.coaps}" if secure else f"coap://127.0.0.1:{leshan.coap}"
            answer = await leshan.ask(lab, "write", imei, "/5/0/1", "TEXT", "string", f"{origin}/files/{imei}")
        assert answer[0] == "204"
        await lab.told(leshan, "notified", imei, "/5/0/3", "2")
        await lab.heard(imei, r"^FIRMWARE DOWNLOADED\n\n\+QLAEVTIND:7$")
        assert await leshan.ask(lab, "read", imei, "/5/0/5", "-") == ("205", "0")
        assert (await leshan.ask(lab, "execute", imei, "/5/0/2", ""))[0] == "204"
        await lab.heard(imei, r"^FIRMWARE UPDATING$")
        await lab.live.advance(60)
        await lab.heard(imei, r"^REBOOT_CAUSE_SECURITY_FOTA_UPGRADE$")
        await lab.told(leshan, "registered", imei, count=2)  # by itself: D47
        assert await leshan.ask(lab, "read", imei, "/5/0/5", "-") == ("205", "1")
        assert await leshan.ask(lab, "read", imei, "/3/0/3", "TEXT") == ("205", "BC28JAR01A11_ONT")
        await lab.live.advance(100)  # Leshan has not been told to observe the data, and need not be
        await lab.heard(imei, r"^FIRMWARE UPDATE OVER$")
        assert "OK" in await lab.ask(imei, "AT+QLASREGIND=1")


@pytest.mark.conformance("LightweightM2M-1.0-int-776", "LightweightM2M-1.0-int-778", role="client", peer="Leshan 2")
async def test_a_package_that_is_not_there_and_one_that_is_broken_have_their_results(
    leshan: Servers, tmp_path: Path
) -> None:
    imei = "867724031000144"
    async with registered(leshan, imei) as lab:
        await leshan.ask(lab, "observe", imei, "/5/0/3", "-")
        uri = f"coap://127.0.0.1:{leshan.coap}/files/nothing"
        await leshan.ask(lab, "write", imei, "/5/0/1", "TEXT", "string", uri)
        await lab.heard(imei, r"^FIRMWARE DOWNLOAD FAILED$")
        assert await leshan.ask(lab, "read", imei, "/5/0/5", "-") == ("205", "7")
        package = bytearray(pack("BC28", "BC28JAR01A11_ONT", bytes(3000)))
        package[-40] ^= 1
        await leshan.ask(lab, "write", imei, "/5/0/0", "OPAQUE", "opaque", bytes(package).hex())
        await lab.heard(imei, r"^FIRMWARE DOWNLOAD FAILED$", 2)
        assert await leshan.ask(lab, "read", imei, "/5/0/5", "-") == ("205", "5")


async def test_after_thirty_seconds_of_silence_a_new_handshake_carries_the_data(leshan: Servers) -> None:
    """NAT type 0 (DOC-E 3.16): Leshan sees the same client on a new session."""
    imei = "867724031000151"
    async with registered(leshan, imei, "secure") as lab:
        await leshan.ask(lab, "observe", imei, "/19/1/0", "-")
        await lab.heard(imei, r"^\+QLAEVTIND:3$")
        await lab.live.advance(40)
        await lab.ask(imei, f"AT+QLASENDDATA=0x0100,{len(READING)}", READING)
        assert READING.hex() in (await lab.told(leshan, "notified", imei, "/19/1/0"))[0]
        await lab.heard(imei, r"^\+QLADATASTATUS:4$")
        await lab.heard(imei, r"^\+QLADTLSSTAT:0$", 2)  # told each time (3.12)
        assert (await leshan.ask(lab, "read", imei, "/3/0/17", "TEXT"))[0] == "205"
        await lab.ask(imei, "AT+QLARESETDTLS")
        await lab.ask(imei, f"AT+QLASENDDATA=0x0100,{len(READING)}", READING)
        await lab.told(leshan, "notified", imei, "/19/1/0", count=2)


@pytest.mark.conformance("RFC9146", role="client", peer="Leshan 2")
async def test_a_connection_id_carries_the_registration_through_a_nat_that_forgets(leshan: Servers) -> None:
    """RFC 9146: Leshan asks for one; the module's next datagram comes from another port, and needs no handshake."""
    imei = "867724031000169"
    async with registered(leshan, imei, "secure") as lab:
        await leshan.ask(lab, "observe", imei, "/19/1/0", "-")
        await lab.heard(imei, r"^\+QLAEVTIND:3$")
        lab.world.rebind(lab.nodes[imei])
        await lab.ask(imei, f"AT+QLASENDDATA=0x0100,{len(READING)}", READING)
        assert READING.hex() in (await lab.told(leshan, "notified", imei, "/19/1/0"))[0]
        await lab.heard(imei, r"^\+QLADATASTATUS:4$")
        (completed,) = lab.reported(HandshakeCompleted)
        assert completed.connection_id == b""  # negotiated; we ask for none ourselves


@pytest.mark.conformance("RFC5487-CBC", role="client", peer="Leshan 2")
async def test_a_server_that_takes_only_cbc_is_talked_to(tmp_path: Path) -> None:
    """TLS_PSK_WITH_AES_128_CBC_SHA256, the second of docs/spec/wire.md, Andlink security."""
    imei = "867724031000177"
    servers = Servers(tmp_path, "TLS_PSK_WITH_AES_128_CBC_SHA256")
    try:
        async with registered(servers, imei, "secure") as lab:
            (completed,) = lab.reported(HandshakeCompleted)
            assert completed.cipher_suite == CipherSuite.TLS_PSK_WITH_AES_128_CBC_SHA256
            assert (await servers.ask(lab, "read", imei, "/3/0/17", "TEXT")) == ("205", "31301")
    finally:
        servers.close()
