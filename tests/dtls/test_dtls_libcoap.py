"""libcoap on the other side, over GnuTLS and over OpenSSL: CoAP in DTLS as devices speak it."""

from __future__ import annotations

from typing import Any

import pytest
from dtls_foreign import QUICK, Pump, now, our_client, our_server, program, running
from free_ports import free_port

from nbtwin.dtls import ApplicationDataReceived, DtlsClient, DtlsServer, HandshakeCompleted, Settings

BUILDS = pytest.mark.parametrize("build", ["gnutls", "openssl"])
IDENTITY, KEY = b"module", b"sesame"


def piggybacked(request: bytes, payload: bytes) -> bytes:
    """2.05 for a confirmable request (RFC 7252 5.2.1), in four lines so that no CoAP of ours is needed here."""
    token = request[0] & 15
    return bytes((0x60 | token, 0x45)) + request[2 : 4 + token] + b"\xff" + payload


@pytest.mark.conformance("TD_COAP_DTLS_01", role="server", peer="libcoap")
@BUILDS
def test_coap_client_reads_a_resource_of_our_server(build: str) -> None:
    server: DtlsServer = our_server()
    server._key_of = {IDENTITY: KEY}.get

    def answer(event: Any) -> None:
        if isinstance(event, ApplicationDataReceived) and event.data[1] == 1:  # GET
            server.send(now(), event.peer, piggybacked(event.data, b"noon"))

    with Pump(server) as pump:
        calling = (program(f"coap-client-{build}"), "-u", IDENTITY.decode(), "-k", KEY.decode(), "-m", "get")
        with running(*calling, f"coaps://127.0.0.1:{pump.port}/time") as child:
            pump.until(lambda: b"noon" in child.output, child, answer)
    (completed,) = pump.of(HandshakeCompleted)
    assert completed.identity == IDENTITY


@pytest.mark.conformance("TD_COAP_DTLS_01", role="client", peer="libcoap")
@BUILDS
@pytest.mark.parametrize("mtu", [128, 1200])
def test_our_client_reads_a_resource_of_coap_server(build: str, mtu: int) -> None:
    port = free_port()
    client: DtlsClient = our_client(port, Settings(waits=QUICK, mtu=mtu))
    client._secret = (IDENTITY, KEY)
    serving = (program(f"coap-server-{build}"), "-A", "127.0.0.1", "-p", str(port - 1), "-k", KEY.decode())
    with running(*serving) as child, Pump(client) as pump:
        client.send(now(), client.peer, bytes.fromhex("40011234"))  # GET coaps://…/
        pump.until(lambda: bool(pump.of(ApplicationDataReceived)), child)
    (received,) = pump.of(ApplicationDataReceived)
    assert received.data.startswith(bytes.fromhex("60451234"))
    assert b"libcoap" in received.data
