"""What is not offered (certificates, raw public keys, other versions) is refused with RFC 5246's alert and a reason."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from dtls_foreign import IDENTITY, KEY, QUICK, Pump, our_server, program, running
from dtls_link import CLIENT, SERVER, Link, a_server, cookie_in

from nbtwin.dtls import AlertSent, DatagramDropped, HandshakeFailed, ServerSettings
from nbtwin.dtls.messages import ClientHello, HandshakeMessage
from nbtwin.dtls.numbers import DTLS_1_0, DTLS_1_3, ContentType, HandshakeType
from nbtwin.dtls.offers import suite_name
from nbtwin.dtls.reasons import DtlsRefusal
from nbtwin.dtls.record import PlainEpoch
from nbtwin.timeline.catalogue import words

CERTIFICATE_TYPES = {19: b"\x01\x02", 20: b"\x02\x00\x02"}


def hello(cookie: bytes = b"", **parts: object) -> bytes:
    body = ClientHello(bytes(32), cookie=cookie, **parts).encode()  # type: ignore[arg-type]
    message = HandshakeMessage(HandshakeType.CLIENT_HELLO, bool(cookie), body)
    return PlainEpoch(len(cookie)).protect(ContentType.HANDSHAKE, message.encode())


def offered(**parts: object) -> Link:
    """Two ClientHellos, the second with the cookie."""
    link = Link(a_server())
    link.server.handle_datagram(0, CLIENT, hello(**parts))
    ((_, challenge),) = link.server.datagrams_to_send()
    link.server.handle_datagram(0, CLIENT, hello(cookie_in(challenge), **parts))
    link.drain()
    return link


SECOND = {"cipher_suites": (0xC0AE, 0x00FF)}  # TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, of RFC 7252's other modes


@pytest.mark.parametrize(
    ("parts", "alert", "refusal", "number", "subject"),
    [
        (SECOND, 40, DtlsRefusal.CERTIFICATES_ONLY, 1, "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8"),
        (
            {**SECOND, "extensions": CERTIFICATE_TYPES},
            40,
            DtlsRefusal.RAW_PUBLIC_KEYS_ONLY,
            1,
            "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8",
        ),
        (
            {"cipher_suites": (0xC0AE, 0xC037)},
            40,
            DtlsRefusal.EPHEMERAL_KEYS_ONLY,
            2,
            "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8, TLS_ECDHE_PSK_WITH_AES_128_CBC_SHA256",
        ),
        (
            {"cipher_suites": (0x00AF, 0x008D, 0x008C, 0xCCAB, 0xC0AE)},
            40,
            DtlsRefusal.NO_COMMON_SUITE,
            5,
            "TLS_PSK_WITH_AES_256_CBC_SHA384, TLS_PSK_WITH_AES_256_CBC_SHA, TLS_PSK_WITH_AES_128_CBC_SHA, "
            "TLS_PSK_WITH_CHACHA20_POLY1305_SHA256, …",
        ),
        ({"cipher_suites": (0xFFFE,)}, 40, DtlsRefusal.NO_COMMON_SUITE, 1, "0xfffe"),
        ({"cipher_suites": (0x00FF,)}, 40, DtlsRefusal.NO_COMMON_SUITE, 0, ""),
        ({"cipher_suites": (0xC0A8,), "version": DTLS_1_0}, 70, DtlsRefusal.VERSION_UNSUPPORTED, DTLS_1_0, ""),
    ],
)
def test_what_is_not_offered_is_refused_with_the_alert_of_rfc_5246_and_a_reason(
    parts: dict[str, object], alert: int, refusal: DtlsRefusal, number: int, subject: str
) -> None:
    """D167."""
    link = offered(**parts)
    assert [(event.level, event.description) for event in link.of(SERVER, AlertSent)] == [(2, alert)]
    assert link.of(SERVER, HandshakeFailed) == [HandshakeFailed(CLIENT, refusal, number, subject=subject)]
    assert link.server.handshake_count == 0


def test_one_that_has_certificates_and_a_pre_shared_key_is_served_with_the_key() -> None:
    link = offered(cipher_suites=(0xC0AE, 0x1301, 0xC0A8))
    assert not link.of(SERVER, HandshakeFailed)
    assert link.server.handshake_count == 1


def test_a_client_of_dtls_1_3_alone_is_told_so_without_a_cookie_that_it_could_not_return() -> None:
    """RFC 9147 5.3: its legacy_cookie is empty. Smaller than what it answers, and bounded as all alerts are."""
    server = a_server()
    for _ in range(15):
        said = hello(cipher_suites=(0x1305, 0x1301), extensions={43: b"\x02\xfe\xfc"})
        server.handle_datagram(0, CLIENT, said)
    sent = [data for _, data in server.datagrams_to_send()]
    assert sent[0] == bytes.fromhex("15 fefd 0000 000000000000 0002 0246")
    assert len(sent) == 10
    dropped = DatagramDropped(CLIENT, DtlsRefusal.VERSION_UNSUPPORTED, DTLS_1_3)
    assert [event for event in server.events() if isinstance(event, DatagramDropped)] == [dropped] * 15


@pytest.mark.parametrize(
    ("failed", "english", "chinese"),
    [
        (
            HandshakeFailed(CLIENT, DtlsRefusal.CERTIFICATES_ONLY, 1, subject="TLS_RSA_WITH_AES_128_CCM_8"),
            "certificates are offered, a pre-shared key is wanted; offered is TLS_RSA_WITH_AES_128_CCM_8",
            "提供的是证书，需要预共享密钥；提供了 1 个套件：TLS_RSA_WITH_AES_128_CCM_8",
        ),
        (
            HandshakeFailed(CLIENT, DtlsRefusal.VERSION_UNSUPPORTED, DTLS_1_0),
            "the other side speaks DTLS 1.0 and not DTLS 1.2",
            "对端使用 DTLS 1.0，而不是 DTLS 1.2",
        ),
    ],
)
def test_the_timeline_says_what_was_offered(failed: HandshakeFailed, english: str, chinese: str) -> None:
    assert english in words(failed, "en", 0.0)
    assert chinese in words(failed, "zh", 0.0)


def test_openssl_has_the_same_names_for_the_suites() -> None:
    command = [program("openssl"), "ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"]
    listed = subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines()
    names = {int(words[0].replace(",0x", ""), 16): words[2] for words in map(str.split, listed)}
    ours = {number: suite_name(number) for number in names}
    known = {number: name for number, name in ours.items() if not name.startswith("0x")}
    assert len(known) > 80
    assert known == {number: names[number] for number in known}


@pytest.mark.parametrize(
    ("options", "told", "refusal"),
    [
        (("-dtls1_2", "-cipher", "ECDHE:@SECLEVEL=0"), b"handshake failure", DtlsRefusal.CERTIFICATES_ONLY),
        (
            ("-dtls1_2", "-cipher", "DHE-PSK-AES128-CCM8:@SECLEVEL=0"),
            b"handshake failure",
            DtlsRefusal.EPHEMERAL_KEYS_ONLY,
        ),
        (("-dtls1_2", "-cipher", "PSK-AES256-CBC-SHA:@SECLEVEL=0"), b"handshake failure", DtlsRefusal.NO_COMMON_SUITE),
        (("-dtls1", "-cipher", "PSK-AES128-CBC-SHA:@SECLEVEL=0"), b"protocol version", DtlsRefusal.VERSION_UNSUPPORTED),
    ],
    ids=["certificates", "ephemeral", "another suite", "DTLS 1.0"],
)
def test_openssl_is_told_what_is_not_offered(options: tuple[str, ...], told: bytes, refusal: DtlsRefusal) -> None:
    secret = ("-psk_identity", IDENTITY.decode(), "-psk", KEY.hex())
    with Pump(our_server(ServerSettings(waits=QUICK))) as pump:
        command = (program("openssl"), "s_client", "-connect", f"127.0.0.1:{pump.port}", *secret, *options)
        with running(*command) as child:
            pump.until(lambda: told in child.output, child)
    assert [event.refusal for event in pump.of(HandshakeFailed)] == [refusal]


def test_gnutls_with_a_raw_public_key_is_told_that_it_is_not_offered(tmp_path: Path) -> None:
    secret, public = tmp_path / "key.pem", tmp_path / "public.pem"
    tool = program("certtool")
    made = [tool, "--generate-privkey", "--key-type", "ecdsa", "--outfile", str(secret)]
    subprocess.run(made, capture_output=True, check=True)
    subprocess.run([tool, "--load-privkey", str(secret), "--pubkey-info", "--outfile", str(public)], check=True)
    kinds = "NORMAL:-VERS-ALL:+VERS-DTLS1.2:-CTYPE-ALL:+CTYPE-CLI-RAWPK:+CTYPE-SRV-RAWPK"
    keys = ("--rawpkkeyfile", str(secret), "--rawpkfile", str(public), "--priority", kinds)
    with Pump(our_server(ServerSettings(waits=QUICK))) as pump:
        calling = (program("gnutls-cli"), "--udp", "--port", str(pump.port), "127.0.0.1", *keys)
        with running(*calling) as child:
            pump.until(lambda: b"Handshake failed" in child.output, child)
    assert {event.refusal for event in pump.of(HandshakeFailed)} == {DtlsRefusal.RAW_PUBLIC_KEYS_ONLY}
