"""A whole BC28 at Eclipse Leshan's bootstrap server: what it writes is where the module registers."""

from __future__ import annotations

import pytest
from foreign_lab import KEY, foreign_lab
from foreign_leshan import Servers

pytestmark = pytest.mark.asyncio
SERVER_KEY = KEY[::-1]


@pytest.mark.conformance("LightweightM2M-1.0-int-0", role="client", peer="Leshan 2")
@pytest.mark.parametrize(
    ("imei", "bootstrap", "server", "format"),
    [
        ("867724032000010", "plain", "plain", "TLV"),
        ("867724032000028", "plain", "secure", "TLV"),
        ("867724032000036", "secure", "plain", "TLV"),
        ("867724032000044", "secure", "secure", "TLV"),
        ("867724032000051", "secure", "secure", "JSON"),
    ],
)
async def test_the_module_bootstraps_and_registers_where_it_is_sent(
    leshan: Servers, imei: str, bootstrap: str, server: str, format: str
) -> None:
    if bootstrap == "plain":
        lines = [f'AT+QLASERVERIP="BS","127.0.0.1",{leshan.bootstrap}', "AT+QLABSSECSWT=0"]
    else:
        leshan.configure("bootstrap-key", imei, imei, KEY.hex())
        lines = [
            f'AT+QLASERVERIP="BS","127.0.0.1",{leshan.bootstrap_secure}',
            "AT+QLABSSECSWT=1",
            f"AT+QLASETBSPSK={imei},{KEY.hex()}",
        ]
    if server == "plain":
        leshan.configure("account", imei, f"coap://127.0.0.1:{leshan.coap}", 300, "-", "-", format)
    else:
        leshan.configure("key", imei, f"id-{imei}", SERVER_KEY.hex())
        uri = f"coaps://127.0.0.1:{leshan.coaps}"
        leshan.configure("account", imei, uri, 300, f"id-{imei}", SERVER_KEY.hex(), format)
    async with foreign_lab(leshan, modules={imei: tuple(lines)}) as lab:
        await lab.ask(imei, "AT+QLASREGIND=0")
        await lab.heard(imei, r"^\+QLAEVTIND:0$")
        await lab.told(leshan, "bootstrapped", imei)
        assert leshan.all("bootstrap-refused") == []
        await lab.heard(imei, r"^\+QLAEVTIND:4$")
        scheme = "coap" if server == "plain" else "coaps"
        await lab.told(leshan, "registered", imei)
        assert [(line[1], line[4]) for line in leshan.all("registered", imei)] == [("300", scheme)]
        assert (await leshan.ask(lab, "read", imei, "/1/0", "-"))[1] == "{0=123, 1=300, 6=true, 7=U}"


async def test_leshan_knows_no_account_and_the_module_is_refused(leshan: Servers) -> None:
    imei = "867724032000069"
    lines = (f'AT+QLASERVERIP="BS","127.0.0.1",{leshan.bootstrap}',)
    async with foreign_lab(leshan, modules={imei: lines}) as lab:
        await lab.ask(imei, "AT+QLASREGIND=0")
        assert await lab.told(leshan, "bootstrap-failed", imei) == ("NO_BOOTSTRAP_CONFIG",)
        assert "+QLAEVTIND:4" not in lab.said[imei]
