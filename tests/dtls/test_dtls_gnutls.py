"""GnuTLS on the other side, as client and as server."""

from __future__ import annotations

from pathlib import Path

import pytest
from dtls_foreign import IDENTITY, KEY, QUICK, Pump, now, our_client, our_server, program, running
from free_ports import free_port

from nbtwin.dtls import ApplicationDataReceived, CipherSuite, HandshakeCompleted, ServerSettings, Settings

AEADS = {
    "AES-128-CCM-8": CipherSuite.TLS_PSK_WITH_AES_128_CCM_8,
    "AES-128-CCM": CipherSuite.TLS_PSK_WITH_AES_128_CCM,
    "AES-128-GCM": CipherSuite.TLS_PSK_WITH_AES_128_GCM_SHA256,
    "AES-256-CCM-8": CipherSuite.TLS_PSK_WITH_AES_256_CCM_8,
    "AES-256-CCM": CipherSuite.TLS_PSK_WITH_AES_256_CCM,
    "AES-256-GCM": CipherSuite.TLS_PSK_WITH_AES_256_GCM_SHA384,
}
CBC = CipherSuite.TLS_PSK_WITH_AES_128_CBC_SHA256
BASE = "NORMAL:-KX-ALL:+PSK:-VERS-ALL:+VERS-DTLS1.2:-CIPHER-ALL"
KINDS = pytest.mark.parametrize(
    ("priority", "suite", "encrypt_then_mac"),
    [
        *((f"{BASE}:+{name}:+AEAD", suite, False) for name, suite in AEADS.items()),
        (f"{BASE}:+AES-128-CBC:+SHA256", CBC, True),
        (f"{BASE}:+AES-128-CBC:+SHA256:%NO_ETM", CBC, False),
    ],
    ids=[*AEADS, "cbc-etm", "cbc"],
)


@pytest.mark.conformance(
    "TD_COAP_DTLS_01", "RFC6347-4.2.3", "RFC5487-CBC", "RFC5487-GCM", "RFC6655-CCM", "RFC6655-CCM8", role="client",
    peer="GnuTLS",
)  # fmt: skip
@KINDS
@pytest.mark.parametrize("mtu", [200, 1200])
def test_our_client_talks_to_gnutls_serv(
    priority: str, suite: CipherSuite, encrypt_then_mac: bool, mtu: int, tmp_path: Path
) -> None:
    keys, port = tmp_path / "psk", free_port()
    keys.write_text(f"{IDENTITY.decode()}:{KEY.hex()}\n", encoding="ascii")
    keys.chmod(0o600)
    client = our_client(port, Settings(waits=QUICK, mtu=mtu, cipher_suites=tuple(CipherSuite)))
    serving = (program("gnutls-serv"), "--udp", "--echo", "--port", str(port), "--pskpasswd", str(keys))
    with running(*serving, "--priority", priority) as child, Pump(client) as pump:
        pump.until(lambda: b"listening" in child.output, child)
        client.send(now(), client.peer, b"hello from us\n")
        pump.until(lambda: bool(pump.of(ApplicationDataReceived)), child)
    (completed,) = pump.of(HandshakeCompleted)
    assert (completed.cipher_suite, completed.encrypt_then_mac) == (suite, encrypt_then_mac)
    assert completed.extended_master_secret
    assert pump.of(ApplicationDataReceived)[0].data == b"hello from us\n"


@pytest.mark.conformance(
    "TD_COAP_DTLS_01", "RFC6347-4.2.3", "RFC5487-CBC", "RFC5487-GCM", "RFC6655-CCM", "RFC6655-CCM8", role="server",
    peer="GnuTLS",
)  # fmt: skip
@KINDS
@pytest.mark.parametrize("mtu", [64, 1200])
def test_gnutls_cli_talks_to_our_server(priority: str, suite: CipherSuite, encrypt_then_mac: bool, mtu: int) -> None:
    server = our_server(ServerSettings(waits=QUICK, mtu=mtu))
    secret = ("--pskusername", IDENTITY.decode(), "--pskkey", KEY.hex(), "--priority", priority)
    with Pump(server) as pump:
        calling = (program("gnutls-cli"), "--udp", "--port", str(pump.port), "127.0.0.1")
        with running(*calling, *secret) as child:
            pump.until(lambda: bool(pump.of(HandshakeCompleted)), child)
            child.say(b"hello from gnutls\n")
            pump.until(lambda: bool(pump.of(ApplicationDataReceived)), child)
            server.send(now(), pump.of(ApplicationDataReceived)[0].peer, b"hello from nbtwin\n")
            pump.until(lambda: b"hello from nbtwin" in child.output, child)
    (completed,) = pump.of(HandshakeCompleted)
    assert (completed.cipher_suite, completed.encrypt_then_mac) == (suite, encrypt_then_mac)
    assert completed.identity == IDENTITY
