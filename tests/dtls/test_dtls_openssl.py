"""OpenSSL on the other side, as client and as server."""

from __future__ import annotations

from pathlib import Path

import pytest
from dtls_foreign import IDENTITY, KEY, QUICK, Pump, now, our_client, our_server, program, running
from free_ports import free_port

from nbtwin.dtls import (
    ApplicationDataReceived,
    CipherSuite,
    HandshakeCompleted,
    HandshakeFailed,
    ServerSettings,
    SessionClosed,
    Settings,
)
from nbtwin.dtls.reasons import DtlsRefusal

CCM = CipherSuite.TLS_PSK_WITH_AES_128_CCM_8
CBC = CipherSuite.TLS_PSK_WITH_AES_128_CBC_SHA256
NAMES = {
    CCM: "PSK-AES128-CCM8",
    CipherSuite.TLS_PSK_WITH_AES_128_CCM: "PSK-AES128-CCM",
    CipherSuite.TLS_PSK_WITH_AES_128_GCM_SHA256: "PSK-AES128-GCM-SHA256",
    CipherSuite.TLS_PSK_WITH_AES_256_CCM_8: "PSK-AES256-CCM8",
    CipherSuite.TLS_PSK_WITH_AES_256_CCM: "PSK-AES256-CCM",
    CipherSuite.TLS_PSK_WITH_AES_256_GCM_SHA384: "PSK-AES256-GCM-SHA384",
    CBC: "PSK-AES128-CBC-SHA256",
}
SUITES = pytest.mark.parametrize("suite", list(CipherSuite), ids=NAMES.get)


def psk(suite: CipherSuite, key: bytes = KEY) -> tuple[str, ...]:
    """Pitfall 3 of the design: without @SECLEVEL=0 newer OpenSSL refuses CCM_8."""
    return "-psk_identity", IDENTITY.decode(), "-psk", key.hex(), "-cipher", f"{NAMES[suite]}:@SECLEVEL=0"


def s_server(port: int, suite: CipherSuite, *more: str) -> tuple[str, ...]:
    address = f"127.0.0.1:{port}"
    return program("openssl"), "s_server", "-dtls1_2", "-accept", address, "-nocert", *psk(suite), *more


def s_client(port: int, suite: CipherSuite, *more: str, key: bytes = KEY) -> tuple[str, ...]:
    return program("openssl"), "s_client", "-dtls1_2", "-connect", f"127.0.0.1:{port}", *psk(suite, key), *more


@pytest.mark.conformance(
    "TD_COAP_DTLS_01", "RFC6347-4.2.3", "RFC5246-7.3", "RFC5487-CBC", "RFC5487-GCM", "RFC6655-CCM", "RFC6655-CCM8",
    "RFC7366", "RFC7627", role="client", peer="OpenSSL",
)  # fmt: skip
@SUITES
@pytest.mark.parametrize("mtu", [64, 1200])
def test_our_client_talks_to_openssl_s_server_and_resumes(suite: CipherSuite, mtu: int) -> None:
    port = free_port()
    client = our_client(port, Settings(waits=QUICK, cipher_suites=(suite,), mtu=mtu))
    with running(*s_server(port, suite)) as child, Pump(client) as pump:
        pump.until(lambda: b"ACCEPT" in child.output, child)
        client.send(now(), client.peer, b"hello from us\n")
        pump.until(lambda: b"hello from us" in child.output, child)
        child.say(b"and back\n")
        pump.until(lambda: [event.data for event in pump.of(ApplicationDataReceived)] == [b"and back\n"], child)
        client.close(now())
        pump.until(lambda: b"DONE" in child.output, child)
        client.send(now(), client.peer, b"hello again\n")
        pump.until(lambda: b"hello again" in child.output, child)
    first, second = pump.of(HandshakeCompleted)
    assert (first.cipher_suite, first.resumed, second.resumed) == (suite, False, True)
    assert first.extended_master_secret
    assert first.encrypt_then_mac == (suite == CBC)


@SUITES
def test_openssl_answers_the_older_order_of_mac_and_encryption(suite: CipherSuite) -> None:
    port = free_port()
    older = {"encrypt_then_mac": False, "extended_master_secret": False}
    client = our_client(port, Settings(waits=QUICK, cipher_suites=(suite,), **older))
    with running(*s_server(port, suite)) as child, Pump(client) as pump:
        pump.until(lambda: b"ACCEPT" in child.output, child)
        client.send(now(), client.peer, b"older\n")
        pump.until(lambda: b"older" in child.output, child)
    (completed,) = pump.of(HandshakeCompleted)
    assert (completed.cipher_suite, completed.encrypt_then_mac, completed.extended_master_secret) == (
        suite,
        False,
        False,
    )


@pytest.mark.conformance(
    "TD_COAP_DTLS_01", "RFC6347-4.2.3", "RFC5246-7.2.1", "RFC5487-CBC", "RFC5487-GCM", "RFC6655-CCM", "RFC6655-CCM8",
    "RFC7366", "RFC7627", role="server", peer="OpenSSL",
)  # fmt: skip
@SUITES
@pytest.mark.parametrize("mtu", [64, 1200])
def test_openssl_s_client_talks_to_our_server_and_closes(suite: CipherSuite, mtu: int) -> None:
    server = our_server(ServerSettings(waits=QUICK, mtu=mtu))
    with Pump(server) as pump, running(*s_client(pump.port, suite)) as child:
        pump.until(lambda: bool(pump.of(HandshakeCompleted)), child)
        child.say(b"hello from openssl\n")
        pump.until(lambda: bool(pump.of(ApplicationDataReceived)), child)
        (received,) = pump.of(ApplicationDataReceived)
        assert received.data == b"hello from openssl\n"
        server.send(now(), received.peer, b"hello from nbtwin\n")
        pump.until(lambda: b"hello from nbtwin" in child.output, child)
        child.say(b"Q\n")
        pump.until(lambda: bool(pump.of(SessionClosed)), child)
    (completed,) = pump.of(HandshakeCompleted)
    assert (completed.cipher_suite, completed.identity) == (suite, IDENTITY)
    assert completed.extended_master_secret
    assert completed.encrypt_then_mac == (suite == CBC)
    assert pump.of(SessionClosed)[0].refusal is DtlsRefusal.CLOSE_NOTIFY


@pytest.mark.conformance("RFC5246-7.3", role="server", peer="OpenSSL")
@pytest.mark.parametrize("suite", [CCM, CipherSuite.TLS_PSK_WITH_AES_256_GCM_SHA384], ids=NAMES.get)
def test_a_client_hello_of_openssl_that_fills_several_datagrams_is_put_together(suite: CipherSuite) -> None:
    """4 KiB of ALPN, which nobody here reads."""
    large = ("-mtu", "500", "-alpn", ",".join(letter * 200 for letter in "abcdefghijklmnopqrst"))
    server = our_server(ServerSettings(waits=QUICK))
    with Pump(server) as pump, running(*s_client(pump.port, suite, *large)) as child:
        pump.until(lambda: bool(pump.of(HandshakeCompleted)), child)
        child.say(b"after a large hello\n")
        pump.until(lambda: bool(pump.of(ApplicationDataReceived)), child)
    hellos = [data for sent, _, data in pump.wire if not sent and data[0] == 22 and data[13] == 1]
    assert int.from_bytes(hellos[0][14:17], "big") > 4000
    assert len(hellos) > 8


@SUITES
def test_openssl_s_client_resumes_a_session_of_our_server(suite: CipherSuite, tmp_path: Path) -> None:
    kept = str(tmp_path / "session.pem")
    with Pump(our_server(ServerSettings(waits=QUICK))) as pump:
        for count, option in ((1, "-sess_out"), (2, "-sess_in")):
            with running(*s_client(pump.port, suite, option, kept)) as child:
                pump.until(lambda: len(pump.of(HandshakeCompleted)) == count, child)  # noqa: B023 - called at once
                pump.until(lambda: b"Verify return code" in child.output, child)
                child.say(b"Q\n")
                pump.until(lambda: len(pump.of(SessionClosed)) == count, child)  # noqa: B023
            assert child.process.returncode is not None
    assert [event.resumed for event in pump.of(HandshakeCompleted)] == [False, True]


@pytest.mark.conformance("RFC5246-7.4.1.1", role="server", peer="OpenSSL")
@SUITES
def test_openssl_asks_for_renegotiation_and_is_refused(suite: CipherSuite) -> None:
    with Pump(our_server(ServerSettings(waits=QUICK))) as pump, running(*s_client(pump.port, suite)) as child:
        pump.until(lambda: bool(pump.of(HandshakeCompleted)), child)
        child.say(b"R\n")
        pump.until(lambda: b"no renegotiation" in child.output or bool(pump.of(SessionClosed)), child)
    assert len(pump.of(HandshakeCompleted)) == 1


@pytest.mark.conformance("TD_COAP_DTLS_02", role="server", peer="OpenSSL")
def test_openssl_with_another_key_is_told_so() -> None:
    with Pump(our_server()) as pump, running(*s_client(pump.port, CCM, key=b"another key")) as child:
        pump.until(lambda: bool(pump.of(HandshakeFailed)), child)
        assert pump.of(HandshakeFailed)[0].refusal is DtlsRefusal.FINISHED_UNREADABLE
        pump.until(lambda: b"bad record mac" in child.output, child)


def test_openssl_with_an_identity_that_nobody_has_is_told_the_same() -> None:
    """D150: outside a wrong key, at home an unknown identity."""
    with Pump(our_server()) as pump, running(*s_client(pump.port, CCM, "-psk_identity", "nobody")) as child:
        pump.until(lambda: bool(pump.of(HandshakeFailed)), child)
        pump.until(lambda: b"bad record mac" in child.output, child)
    (failed,) = pump.of(HandshakeFailed)
    assert (failed.refusal, failed.subject) == (DtlsRefusal.IDENTITY_UNKNOWN, "nobody")


@pytest.mark.conformance("TD_COAP_DTLS_02", role="client", peer="OpenSSL")
def test_our_client_with_another_key_gives_openssl_up() -> None:
    """OpenSSL drops what it cannot read and says nothing (RFC 6347 4.1.2.7 allows it)."""
    port = free_port()
    client = our_client(port, Settings(waits=(0.2, 0.4)))
    client._secret = (IDENTITY, b"another key")
    with running(*s_server(port, CCM)) as child, Pump(client) as pump:
        pump.until(lambda: b"ACCEPT" in child.output, child)
        client.handshake(now())
        pump.until(lambda: bool(pump.of(HandshakeFailed)), child)
    failed = pump.of(HandshakeFailed)[0]
    assert (failed.refusal, failed.number) == (DtlsRefusal.NO_ANSWER, 5)
