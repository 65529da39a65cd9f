"""OpenSSL's s_client at our Andlink platform with each cipher suite, and our module, which has two, at s_server."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from foreign_lab import KEY, foreign_lab, platform_lab
from free_ports import free_ports

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.coap.numbers import ContentFormat as F
from nbtwin.dtls.settings import ServerSettings
from nbtwin.lwm2m.firmware.file import file_of
from nbtwin.operators import events as ev
from nbtwin.operators.andlink.admission import AndlinkSettings
from nbtwin.operators.key_store.psk import DeviceKeys, PskStore
from nbtwin.timeline.pcapng import Capture

pytestmark = pytest.mark.asyncio
OF_THE_MODULE = pytest.mark.parametrize("suite", ["PSK-AES128-CCM8", "PSK-AES128-CBC-SHA256"])
SUITES = pytest.mark.parametrize(
    "suite",
    [
        "PSK-AES128-CCM8",
        "PSK-AES128-CCM",
        "PSK-AES128-GCM-SHA256",
        "PSK-AES256-CCM8",
        "PSK-AES256-CCM",
        "PSK-AES256-GCM-SHA384",
        "PSK-AES128-CBC-SHA256",
    ],
)
LINKS = b'</>;rt="oma.lwm2m",</1/0>,</3/0>,</19/1>'


def openssl(command: str, identity: str, suite: str, *more: str) -> tuple[str, ...]:
    """``-quiet``: what comes is written as it is, and no letter is a command."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed")
    psk = ("-psk_identity", identity, "-psk", KEY.hex(), "-cipher", f"{suite}:@SECLEVEL=0")
    return (program, command, "-dtls1_2", "-quiet", *psk, *more)


@pytest.mark.conformance("LightweightM2M-1.0-int-101", role="server", peer="OpenSSL")
@pytest.mark.conformance("TD_COAP_DTLS_01", role="server", peer="OpenSSL")
@SUITES
async def test_s_client_registers_at_the_platform(suite: str) -> None:
    name = "867724034000018"
    async with platform_lab(keys=PskStore([DeviceKeys(device=name, key=KEY.hex())])) as lab:
        wanted = options(path=("rd",), query=("lwm2m=1.0", f"ep={name}", "b=U", "lt=300"), content_format=F.LINK_FORMAT)
        register = Message(Type.CON, Code.POST, 0x1234, b"\xca\xfe", wanted, LINKS)
        with lab.running(*openssl("s_client", name, suite, "-connect", f"127.0.0.1:{lab.secure_port}")) as child:
            child.write(encode(register))
            registered = await lab.happened(ev.DeviceRegistered)
            assert registered.identity.psk_identity == name
            await lab.until(lambda: bytes.fromhex("62411234cafe82") in child.output)  # 2.01, with its Location-Path
            await lab.until(lambda: b"`R19\x011\x010" in child.output)  # it observes /19/1/0


@pytest.mark.conformance(
    "LightweightM2M-1.0-int-101", "LightweightM2M-1.0-int-201", "LightweightM2M-1.0-int-401", role="client",
    peer="OpenSSL",
)  # fmt: skip
@pytest.mark.conformance("TD_COAP_DTLS_01", role="client", peer="OpenSSL")
@OF_THE_MODULE
async def test_the_module_registers_at_s_server(suite: str) -> None:
    imei = "867724034000026"
    (port,) = free_ports(1)
    lines = (f'AT+QLASERVERIP="LWM2M","127.0.0.1",{port}', "AT+QLASECSWT=1", f"AT+QLASETPSK=0,{KEY.hex()}")
    async with foreign_lab(modules={imei: lines}) as lab:
        serving = openssl("s_server", imei, suite, "-accept", f"127.0.0.1:{port}", "-nocert")
        with lab.running(*serving) as child:
            await lab.ask(imei, "AT+QLASREGIND=0")
            await lab.until(lambda: child.output.endswith(b"</19/1>"))
            await lab.heard(imei, r"^\+QLADTLSSTAT:0$")
            register = decode(child.output[child.output.index(b"\x44\x02") :])
            assert register.query == ("lwm2m=1.0", f"ep={imei}", "b=U", "lt=86400")
            where = options(location_path=("rd", "7"))
            child.write(encode(Message(Type.ACK, Code.CREATED, register.message_id, register.token, where)))
            await lab.heard(imei, r"^\+QLAEVTIND:0$")
            wanted = options(path=("3", "0", "0"), accept=F.TEXT)
            child.write(encode(Message(Type.CON, Code.GET, 7, b"\x07", wanted)))
            await lab.until(lambda: child.output.endswith(b"\xffQuectel"))


async def test_two_s_clients_of_one_identity_get_their_own_answers() -> None:
    """RFC 7252 9.1, D146: twenty rounds, both under the same message IDs, and commands for who registered alone."""
    name = "867724034000034"
    package = bytes(range(1, 65))
    keys = PskStore([DeviceKeys(device=name, key=KEY.hex())])
    settings = AndlinkSettings(observe=(), read=())
    async with platform_lab(keys=keys, settings=settings, package_of=lambda _: file_of(package)) as lab:
        command = openssl("s_client", name, "PSK-AES128-CCM8", "-connect", f"127.0.0.1:{lab.secure_port}")
        with lab.running(*command) as device, lab.running(*command) as second:
            wanted = options(path=("rd",), query=("lwm2m=1.0", f"ep={name}"), content_format=F.LINK_FORMAT)
            device.write(encode(Message(Type.CON, Code.POST, 1, b"\x01", wanted, LINKS)))
            await lab.happened(ev.DeviceRegistered)
            for number in range(2, 22):
                token = bytes((0xA5, number))
                data = options(path=("dp",), query=(f"ep={name}",))
                fetch = options(path=("fw", "new"))
                device.write(encode(Message(Type.CON, Code.POST, number, token, data, b"value")))
                second.write(encode(Message(Type.CON, Code.GET, number, token, fetch)))
                changed = encode(Message(Type.ACK, Code.CHANGED, number, token))
                content = bytes((0x62, Code.CONTENT, 0, number)) + token
                await lab.until(lambda: device.output.endswith(changed))  # noqa: B023
                await lab.until(lambda: content in second.output)  # noqa: B023
            lab.world.perform(lab.node, lab.platform.devices.ask, name, "read", "/3/0/1")
            read = b"\xb1\x33\x01\x30\x01\x31"  # Uri-Path 3, 0, 1
            await lab.until(lambda: read in device.output)
            assert read not in second.output
            assert second.output.count(package) == 20


async def test_an_s_client_that_was_started_again_may_use_its_message_ids_again() -> None:
    name = "867724034000042"
    keys = PskStore([DeviceKeys(device=name, key=KEY.hex())])
    async with platform_lab(keys=keys, settings=AndlinkSettings(observe=(), read=())) as lab:
        command = openssl("s_client", name, "PSK-AES128-CCM8", "-connect", f"127.0.0.1:{lab.secure_port}")
        with lab.running(*command) as device:
            wanted = options(path=("rd",), query=("lwm2m=1.0", f"ep={name}"), content_format=F.LINK_FORMAT)
            device.write(encode(Message(Type.CON, Code.POST, 7, b"\x07", wanted, LINKS)))
            registered = await lab.happened(ev.DeviceRegistered)
        with lab.running(*command) as device:
            update = options(path=("rd", registered.registration.location))
            device.write(encode(Message(Type.CON, Code.POST, 7, b"\x07", update)))
            await lab.until(lambda: device.output.endswith(encode(Message(Type.ACK, Code.CHANGED, 7, b"\x07"))))
            assert len(lab.seen(ev.DeviceUpdated)) == 1


@SUITES
async def test_a_capture_has_both_directions_of_an_s_client_in_clear(suite: str, tmp_path: Path) -> None:
    """`--pcap`: only our server tells keys, and the key has to stand before the first record that needs it."""
    tshark = shutil.which("tshark")
    if tshark is None:
        pytest.skip("tshark is not installed")
    name, path = "867724034000059", tmp_path / "foreign.pcapng"
    keys = PskStore([DeviceKeys(device=name, key=KEY.hex())])
    with path.open("wb", buffering=0) as file:
        async with platform_lab(keys=keys, dtls=ServerSettings(key_log=True)) as lab:
            assert lab.world.timeline is not None
            lab.world.timeline.add_sink(Capture(file).add)
            with lab.running(*openssl("s_client", name, suite, "-connect", f"127.0.0.1:{lab.secure_port}")) as child:
                wanted = options(path=("rd",), query=("lwm2m=1.0", f"ep={name}"), content_format=F.LINK_FORMAT)
                child.write(encode(Message(Type.CON, Code.POST, 1, b"\x01", wanted, LINKS)))
                await lab.until(lambda: b"`R19\x011\x010" in child.output)
            command = (tshark, "-n", "-r", str(path), "-Y", "dtls && coap", "-T", "fields", "-e", "coap.code")
            codes = [word for word in (await lab.output_of(*command)).split() if word.isdecimal()]
            assert codes[:2] == ["2", "65"]
