"""What a ClientHello offers that has nothing of ours: by which credentials, and the names of its cipher suites.

IANA's TLS parameters; RFC 4279, RFC 5489 and RFC 8442 (keys beside a Diffie-Hellman exchange), RFC 7250 (raw public
keys), RFC 9147 (DTLS 1.3). Knows hellos; no state, no key.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nbtwin.dtls.messages import ClientHello
from nbtwin.dtls.numbers import DTLS_1_3, AlertDescription, ExtensionType
from nbtwin.dtls.reasons import DtlsRefusal

_BY_EXCHANGE: Mapping[str, Mapping[int, str]] = {
    "PSK": {
        0x008C: "AES_128_CBC_SHA", 0x00AE: "AES_128_CBC_SHA256", 0xC0A4: "AES_128_CCM", 0xC0A8: "AES_128_CCM_8",
        0x00A8: "AES_128_GCM_SHA256", 0x008D: "AES_256_CBC_SHA", 0x00AF: "AES_256_CBC_SHA384", 0xC0A5: "AES_256_CCM",
        0xC0A9: "AES_256_CCM_8", 0x00A9: "AES_256_GCM_SHA384", 0xCCAB: "CHACHA20_POLY1305_SHA256", 0x002C: "NULL_SHA",
        0x00B0: "NULL_SHA256", 0x00B1: "NULL_SHA384",
    },
    "ECDHE_PSK": {
        0xC035: "AES_128_CBC_SHA", 0xC037: "AES_128_CBC_SHA256", 0xD003: "AES_128_CCM_8_SHA256",
        0xD005: "AES_128_CCM_SHA256", 0xD001: "AES_128_GCM_SHA256", 0xC036: "AES_256_CBC_SHA",
        0xC038: "AES_256_CBC_SHA384", 0xD002: "AES_256_GCM_SHA384", 0xCCAC: "CHACHA20_POLY1305_SHA256",
        0xC039: "NULL_SHA", 0xC03A: "NULL_SHA256", 0xC03B: "NULL_SHA384",
    },
    "DHE_PSK": {
        0x0090: "AES_128_CBC_SHA", 0x00B2: "AES_128_CBC_SHA256", 0xC0A6: "AES_128_CCM", 0x00AA: "AES_128_GCM_SHA256",
        0x0091: "AES_256_CBC_SHA", 0x00B3: "AES_256_CBC_SHA384", 0xC0A7: "AES_256_CCM", 0x00AB: "AES_256_GCM_SHA384",
        0xCCAD: "CHACHA20_POLY1305_SHA256", 0x002D: "NULL_SHA", 0x00B4: "NULL_SHA256", 0x00B5: "NULL_SHA384",
    },
    "PSK_DHE": {
        0xC0AA: "AES_128_CCM_8", 0xC0AB: "AES_256_CCM_8",
    },
    "RSA_PSK": {
        0x0094: "AES_128_CBC_SHA", 0x00B6: "AES_128_CBC_SHA256", 0x00AC: "AES_128_GCM_SHA256",
        0x0095: "AES_256_CBC_SHA", 0x00B7: "AES_256_CBC_SHA384", 0x00AD: "AES_256_GCM_SHA384",
        0xCCAE: "CHACHA20_POLY1305_SHA256", 0x002E: "NULL_SHA", 0x00B8: "NULL_SHA256", 0x00B9: "NULL_SHA384",
    },
    "ECDHE_ECDSA": {
        0xC009: "AES_128_CBC_SHA", 0xC023: "AES_128_CBC_SHA256", 0xC0AC: "AES_128_CCM", 0xC0AE: "AES_128_CCM_8",
        0xC02B: "AES_128_GCM_SHA256", 0xC00A: "AES_256_CBC_SHA", 0xC024: "AES_256_CBC_SHA384", 0xC0AD: "AES_256_CCM",
        0xC0AF: "AES_256_CCM_8", 0xC02C: "AES_256_GCM_SHA384", 0xCCA9: "CHACHA20_POLY1305_SHA256", 0xC006: "NULL_SHA",
    },
    "ECDHE_RSA": {
        0xC013: "AES_128_CBC_SHA", 0xC027: "AES_128_CBC_SHA256", 0xC02F: "AES_128_GCM_SHA256",
        0xC014: "AES_256_CBC_SHA", 0xC028: "AES_256_CBC_SHA384", 0xC030: "AES_256_GCM_SHA384",
        0xCCA8: "CHACHA20_POLY1305_SHA256", 0xC010: "NULL_SHA",
    },
    "DHE_RSA": {
        0x0033: "AES_128_CBC_SHA", 0x0067: "AES_128_CBC_SHA256", 0xC09E: "AES_128_CCM", 0xC0A2: "AES_128_CCM_8",
        0x009E: "AES_128_GCM_SHA256", 0x0039: "AES_256_CBC_SHA", 0x006B: "AES_256_CBC_SHA256", 0xC09F: "AES_256_CCM",
        0xC0A3: "AES_256_CCM_8", 0x009F: "AES_256_GCM_SHA384", 0xCCAA: "CHACHA20_POLY1305_SHA256",
    },
    "RSA": {
        0x002F: "AES_128_CBC_SHA", 0x003C: "AES_128_CBC_SHA256", 0xC09C: "AES_128_CCM", 0xC0A0: "AES_128_CCM_8",
        0x009C: "AES_128_GCM_SHA256", 0x0035: "AES_256_CBC_SHA", 0x003D: "AES_256_CBC_SHA256", 0xC09D: "AES_256_CCM",
        0xC0A1: "AES_256_CCM_8", 0x009D: "AES_256_GCM_SHA384", 0x0001: "NULL_MD5", 0x0002: "NULL_SHA",
        0x003B: "NULL_SHA256",
    },
    "ECDH_anon": {
        0xC018: "AES_128_CBC_SHA", 0xC019: "AES_256_CBC_SHA", 0xC015: "NULL_SHA",
    },
    "DH_anon": {
        0x0034: "AES_128_CBC_SHA", 0x006C: "AES_128_CBC_SHA256", 0x00A6: "AES_128_GCM_SHA256",
        0x003A: "AES_256_CBC_SHA", 0x006D: "AES_256_CBC_SHA256", 0x00A7: "AES_256_GCM_SHA384",
    },
}  # fmt: skip
"""By key exchange: the suites that peers offer, without the ciphers that hardly anybody has."""
_TLS_1_3: Mapping[int, str] = {
    0x1301: "TLS_AES_128_GCM_SHA256", 0x1302: "TLS_AES_256_GCM_SHA384", 0x1303: "TLS_CHACHA20_POLY1305_SHA256",
    0x1304: "TLS_AES_128_CCM_SHA256", 0x1305: "TLS_AES_128_CCM_8_SHA256",
}  # fmt: skip
_SIGNALS: Mapping[int, str] = {0x00FF: "TLS_EMPTY_RENEGOTIATION_INFO_SCSV", 0x5600: "TLS_FALLBACK_SCSV"}
"""No suites: RFC 5746 3.3, RFC 7507 2."""
_EXCHANGES = {number: exchange for exchange, suites in _BY_EXCHANGE.items() for number in suites}
_NAMES = {number: f"TLS_{exchange}_WITH_{_BY_EXCHANGE[exchange][number]}" for number, exchange in _EXCHANGES.items()}
_NAMES |= {**_TLS_1_3, **_SIGNALS}
_EPHEMERAL = frozenset(("ECDHE_PSK", "DHE_PSK", "PSK_DHE", "RSA_PSK"))
_CERTIFIED = frozenset(("ECDHE_ECDSA", "ECDHE_RSA", "DHE_RSA", "RSA"))
_RAW_PUBLIC_KEY = 2
"""RFC 7250 3: the certificate type."""
_NAMED = 4
"""Suites that a refusal names; it says how many there are."""


def suite_name(number: int) -> str:
    """IANA's; in hexadecimal where it is not known here."""
    return _NAMES.get(number) or f"{number:#06x}"


def only_newer(suites: Iterable[int]) -> bool:
    """Whether they are all of DTLS 1.3, which the version of a ClientHello does not say (RFC 9147 5.3)."""
    return all(suite >> 8 == 0x13 for suite in suites if suite not in _SIGNALS)


def refusal_of(hello: ClientHello) -> tuple[AlertDescription, DtlsRefusal, int, str]:
    """Of a ClientHello without a suite of ours: alert, code, how many suites (or the version), the first by name."""
    suites = [suite for suite in hello.cipher_suites if suite not in _SIGNALS]
    if suites and only_newer(suites):
        return AlertDescription.PROTOCOL_VERSION, DtlsRefusal.VERSION_UNSUPPORTED, DTLS_1_3, ""
    named = ", ".join([*map(suite_name, suites[:_NAMED]), *("…" for _ in suites[_NAMED : _NAMED + 1])])
    return AlertDescription.HANDSHAKE_FAILURE, _code(hello, suites), len(suites), named


def _code(hello: ClientHello, suites: Iterable[int]) -> DtlsRefusal:
    exchanges = {_EXCHANGES.get(suite) for suite in suites}
    if "PSK" in exchanges:
        return DtlsRefusal.NO_COMMON_SUITE
    if exchanges & _EPHEMERAL:
        return DtlsRefusal.EPHEMERAL_KEYS_ONLY
    if not exchanges & _CERTIFIED:
        return DtlsRefusal.NO_COMMON_SUITE
    types = (ExtensionType.CLIENT_CERTIFICATE_TYPE, ExtensionType.SERVER_CERTIFICATE_TYPE)
    if any(_RAW_PUBLIC_KEY in hello.extensions.get(type_, b"")[1:] for type_ in types):
        return DtlsRefusal.RAW_PUBLIC_KEYS_ONLY
    return DtlsRefusal.CERTIFICATES_ONLY
