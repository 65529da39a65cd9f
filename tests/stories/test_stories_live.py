"""Live: the first packets of each schedule leave at their instants over real UDP, and foreign CoAP servers see the very
bytes that docs/spec/wire.md, Overview promises. Whole modules on the wall clock; no code of ours on the other side.
"""

from __future__ import annotations

import asyncio
import base64
import re
from collections import defaultdict

import aiocoap
import aiocoap.resource
import pytest
from stories_live import (
    LOOPBACK,
    Answering,
    ForeignSite,
    LibcoapServer,
    SilentServer,
    aiocoap_server,
    libcoap_server,
    live_lab,
)

from nbtwin.engine import DAY, Seconds
from nbtwin.lwm2m.content import tlv
from nbtwin.module.identity import Usim, imei_of
from nbtwin.operators.key_store.appkeys import LAB_APPKEY, LAB_PASSWORD
from nbtwin.selfreg.cmdmp import decrypt, encrypt, key_of
from nbtwin.selfreg.schedule import Operator

pytestmark = pytest.mark.asyncio
M, T, U = Operator.MOBILE, Operator.TELECOM, Operator.UNICOM
ON_C, ON_D = "AT+QSREGENABLE=1", "AT+QSELFREGISTER=1"
BOOTED = 3.9  # a tenth of a second before the attach: from there on the wall clock alone counts
SUCCESS = b'{"resultCode":"0","resultDesc":"Success"}'

SCHEDULES: dict[str, tuple[str, Operator, tuple[str, ...], list[Seconds]]] = {
    "telecom-c": ("BC260Y-CN", T, (ON_C,), [0, 2, 6]),  # D12
    "telecom-d": ("BC25-B5", T, (ON_D,), [0, 3, 9]),  # DOC-D 2.1.3
    "unicom-d": ("BC25", U, (ON_D,), [0, 3, 9]),  # DOC-D 2.2.3
    "mobile-d": ("BC32", M, (ON_D,), [0, 2, 6]),  # DOC-D 2.3.3
    "mobile-c": ("BC260Y-CN", M, (), [0, 2, 6]),  # DOC-C 2.2.3
    "mobile-b": ("BC26", M, (), [0, 2, 6]),  # D13
    "mobile-a": ("BC35-G", M, (), [0, 2, 6]),  # D13
}


async def test_the_first_three_packets_of_every_schedule_leave_on_their_second_of_the_wall_clock() -> None:
    server = SilentServer()
    try:
        async with live_lab() as lab:
            for operator in Operator:
                await lab.route(operator, server.udp.address[1])
            for name, (model, operator, settings, _) in SCHEDULES.items():
                lab.add(name, model, operator, *settings)
            lab.power_on()
            await lab.live.advance(BOOTED)
            arrived: dict[str, list[tuple[Seconds, bytes]]] = defaultdict(list)
            for at, source, data in await server.take(3 * len(SCHEDULES)):
                arrived[lab.name_of(source)].append((at, data))
    finally:
        server.udp.close()
    for name, (_, _, _, instants) in SCHEDULES.items():
        first = arrived[name][0][0]
        assert [at - first for at, _ in arrived[name]] == pytest.approx(instants, abs=0.45), (
            name
        )  # 2 or 3, also on a busy machine
        assert len({data for _, data in arrived[name]}) == 1, "a retransmission is the same message"


def head(encoded: bytes) -> tuple[bytes, int, bytes]:
    """Type and code are CON POST; then the message ID and token that the module chose."""
    length = encoded[0] & 0x0F
    assert encoded[0] >> 4 == 0b0100
    assert encoded[1] == 0x02
    return encoded[: 4 + length], length, encoded[4 + length :]


def report(version: str, model_member: str, name: str, operator: Operator, model: str, firmware: str) -> bytes:
    """docs/spec/wire.md, Telecom and Unicom: one compact JSON object, members strings in this order, in base64."""
    usim = Usim.of(operator, name)
    clear = (
        f'{{"REGVER":"{version}","MEID":"{imei_of(name)}","{model_member}":"QUE-{model}","SWVER":"{firmware}",'
        f'"SIM1ICCID":"{usim.iccid}","SIM1LTEIMSI":"{usim.imsi}"}}'
    )
    return base64.b64encode(clear.encode())


def identity(name: str, last: str) -> str:
    """The ciphertext of docs/spec/wire.md, CMDMP names; the cipher is under test with the page's own vectors."""
    return encrypt(f"{imei_of(name)}-****-{Usim.of(M, name).imsi}-{last}", key_of(LAB_PASSWORD))


def name_of_mobile(name: str, last: str) -> str:
    return f"L@#@{identity(name, last)}@#@{LAB_APPKEY}@#@{imei_of(name)}@#@v2.0"


def option(delta: int, value: bytes) -> bytes:
    """RFC 7252 3.1, by hand."""
    assert delta < 13
    assert len(value) < 269
    if len(value) < 13:
        return bytes([delta << 4 | len(value)]) + value
    return bytes([delta << 4 | 13, len(value) - 13]) + value


async def test_aiocoap_sees_telecoms_bytes_and_its_answer_is_a_success() -> None:
    """docs/spec/wire.md, Telecom and Unicom: CON POST /nb, Uri-Host, Content-Format 50."""
    site = ForeignSite()
    site.add_resource(["nb"], Answering(code=aiocoap.CHANGED, payload=SUCCESS))
    async with live_lab() as lab, aiocoap_server(site) as (_, port):
        await lab.route(T, port)
        node = lab.add("one", "BC25", T, ON_D)
        lab.power_on()
        await lab.live.advance(BOOTED)
        request, encoded = await site.next()
        assert head(encoded)[2] == (
            b"\x3c" + b"zzhc.vnet.cn" + b"\x82nb" + b"\x11\x32" + b"\xff"
            + report("2", "MODEL", "one", T, "BC25", "BC25PAR01A05")
        )  # fmt: skip
        assert request.opt.uri_host == "zzhc.vnet.cn"
        await lab.live.advance(40 * DAY)
        assert node.module.saved.successes["telecom"].imsi == Usim.of(T, "one").imsi  # type: ignore[attr-defined]
        assert site.heard.empty(), "DOC-D 2.1.2: never again"


async def test_aiocoap_sees_unicoms_bytes_now_and_after_thirty_days() -> None:
    """docs/spec/wire.md, Telecom and Unicom: CON POST to the root, Content-Format 50, no name. DOC-D 2.2.2."""

    site = ForeignSite()
    site.add_resource([], Answering(code=aiocoap.CONTENT, payload=SUCCESS))
    async with live_lab() as lab, aiocoap_server(site) as (_, port):
        await lab.route(U, port)
        lab.add("one", "BC25", U, ON_D)
        lab.power_on()
        await lab.live.advance(BOOTED)
        body = b"\xc1\x32" + b"\xff" + report("1", "MODELSMS", "one", U, "BC25", "BC25PAR01A05")
        first = await site.next()
        assert head(first[1])[2] == body
        await lab.live.advance(30 * DAY)
        again = await site.next()
        assert head(again[1])[2] == body
        assert head(again[1])[0] != head(first[1])[0]
        assert site.heard.empty()


@pytest.mark.parametrize(("model", "settings"), [("BC260Y-CN", ()), ("BC25", (ON_D,)), ("BC26", ()), ("BC28", ())])
async def test_aiocoap_sees_cmdmps_bytes_reads_object_666_and_gets_the_update(
    model: str, settings: tuple[str, ...]
) -> None:
    """docs/spec/wire.md, CMDMP registration: every dialect."""
    site = ForeignSite()
    site.add_resource(["rd"], Answering(code=aiocoap.CREATED, location_path=["rd", "77"]))
    site.add_resource(["rd", "77"], Answering(code=aiocoap.CHANGED))
    async with live_lab() as lab, aiocoap_server(site) as (context, port):
        await lab.route(M, port)
        lab.add("one", model, M, *settings)
        lab.power_on()
        await lab.live.advance(BOOTED)
        request, encoded = await site.next()
        ep = b"ep=" + name_of_mobile("one", "v2.0").encode()
        assert head(encoded)[2] == (
            b"\xb2rd" + b"\x11\x28" + option(3, b"lwm2m=1.0") + option(0, ep) + option(0, b"b=U")
            + option(0, b"lt=90000") + b"\xff" + b'</>;rt="oma.lwm2m",</1/0>,</3/0>,</666/0>'
        )  # fmt: skip
        where = request.remote.sockaddr[1]  # type: ignore[union-attr]
        reading = aiocoap.Message(code=aiocoap.GET, uri=f"coap://{LOOPBACK}:{where}/666/0")
        answer = await asyncio.wait_for(context.request(reading).response, 60)
        values = {entry.id: decrypt(entry.value.decode(), key_of(LAB_PASSWORD)) for entry in tlv.decode(answer.payload)}
        assert values == dict.fromkeys(range(6602, 6615), "NULL")
        await lab.live.advance(DAY)
        update, encoded = await site.next()
        epi = b"epi=" + name_of_mobile("one", "****").encode()
        assert head(encoded)[2] == b"\xb2rd" + b"\x0277" + option(4, epi)
        assert update.payload == b""


async def test_libcoap_sees_what_wire_md_says_and_its_answer_registers() -> None:
    """libcoap prints each message that it has parsed, and answers a POST to a new path 2.01 with it as the location."""
    async with live_lab() as lab, libcoap_server() as server:
        for operator in (M, T):
            await lab.route(operator, server.port)
        lab.add("telecom", "BC25-B5", T, ON_D)
        mobile = lab.add("mobile", "BC260Y-CN", M)
        lab.power_on()
        await lab.live.advance(BOOTED)
        body = report("2", "MODEL", "telecom", T, "BC25-B5", "BC25B5PAR01A05").decode()
        assert await heard(server, "Uri-Path:nb") == (
            "v:1 t:CON c:POST i:* {*} [ Uri-Host:zzhc.vnet.cn, Uri-Path:nb, Content-Format:application/json ]"
            f" :: '{body}'"
        )
        assert await heard(server, "Uri-Query:ep=") == (
            "v:1 t:CON c:POST i:* {*} [ Uri-Path:rd, Content-Format:application/link-format, Uri-Query:lwm2m=1.0, "
            f"Uri-Query:ep={name_of_mobile('mobile', 'v2.0')}, Uri-Query:b=U, Uri-Query:lt=90000 ]"
            """ :: '</>;rt="oma.lwm2m",</1/0>,</3/0>,</666/0>'"""
        )
        await lab.live.advance(DAY)
        assert mobile.module.cmdmp_state in (6, 11)  # type: ignore[attr-defined]
        epi = name_of_mobile("mobile", "****")
        assert (
            await heard(server, "Uri-Query:epi=") == f"v:1 t:CON c:POST i:* {{*}} [ Uri-Path:rd, Uri-Query:epi={epi} ]"
        )
        await lab.live.advance(1)
        assert mobile.module.cmdmp_state == 11  # type: ignore[attr-defined]


async def heard(server: LibcoapServer, what: str) -> str:
    """The message that libcoap has printed, without what the module chose by chance: message ID and token."""
    line = await server.until(lambda line: "c:POST" in line and what in line)
    return re.sub(r"i:[0-9a-f]{4} \{[0-9a-f]+\}", "i:* {*}", line)
