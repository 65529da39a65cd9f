"""The numbers of DTLS 1.2 that a PSK engine needs, under the names the RFCs give them. Knows nothing else."""

from __future__ import annotations

from enum import IntEnum
from typing import Final

DTLS_1_0: Final = 0xFEFF
DTLS_1_2: Final = 0xFEFD
DTLS_1_3: Final = 0xFEFC
CLIENT_HELLO: Final = 1
SERVER_HELLO: Final = 2
CLIENT_KEY_EXCHANGE: Final = 16
FINISHED: Final = 20
CHANGE_CIPHER_SPEC: Final = 20
ALERT: Final = 21
HANDSHAKE: Final = 22
APPLICATION_DATA: Final = 23
TLS12_CID: Final = 25
AES_128_CBC_SHA256: Final = 0x00AE
ENCRYPT_THEN_MAC: Final = 22
EXTENDED_MASTER_SECRET: Final = 23
CONNECTION_ID: Final = 54
RENEGOTIATION_INFO: Final = 0xFF01
"""Some of those below as plain numbers: to compiled code they are in each comparison, and nothing to look up."""


class ContentType(IntEnum):
    """RFC 5246 6.2.1; RFC 9146 4."""

    CHANGE_CIPHER_SPEC = 20
    ALERT = 21
    HANDSHAKE = 22
    APPLICATION_DATA = 23
    TLS12_CID = 25


class HandshakeType(IntEnum):
    """RFC 5246 7.4; RFC 6347 4.3.2."""

    HELLO_REQUEST = 0
    CLIENT_HELLO = 1
    SERVER_HELLO = 2
    HELLO_VERIFY_REQUEST = 3
    SERVER_KEY_EXCHANGE = 12
    SERVER_HELLO_DONE = 14
    CLIENT_KEY_EXCHANGE = 16
    FINISHED = 20

    @property
    def title(self) -> str:
        """The name as the RFC prints it: ServerHelloDone."""
        return self.name.title().replace("_", "")


class CipherSuite(IntEnum):
    """RFC 6655 4, RFC 5487 2 and 3.1: each with a pre-shared key alone, in the order a server takes them (D166)."""

    TLS_PSK_WITH_AES_128_CCM_8 = 0xC0A8
    TLS_PSK_WITH_AES_128_CCM = 0xC0A4
    TLS_PSK_WITH_AES_128_GCM_SHA256 = 0x00A8
    TLS_PSK_WITH_AES_256_CCM_8 = 0xC0A9
    TLS_PSK_WITH_AES_256_CCM = 0xC0A5
    TLS_PSK_WITH_AES_256_GCM_SHA384 = 0x00A9
    TLS_PSK_WITH_AES_128_CBC_SHA256 = 0x00AE


EMPTY_RENEGOTIATION_INFO_SCSV = 0x00FF
"""RFC 5746 3.3: a cipher suite that stands for an empty renegotiation_info."""


class ExtensionType(IntEnum):
    CLIENT_CERTIFICATE_TYPE = 19  # RFC 7250
    SERVER_CERTIFICATE_TYPE = 20
    ENCRYPT_THEN_MAC = 22  # RFC 7366
    EXTENDED_MASTER_SECRET = 23  # RFC 7627
    CONNECTION_ID = 54  # RFC 9146
    RENEGOTIATION_INFO = 0xFF01  # RFC 5746


class AlertLevel(IntEnum):
    WARNING = 1
    FATAL = 2


class AlertDescription(IntEnum):
    """RFC 5246 7.2, RFC 4279 2. A number that is not listed stays a plain int."""

    CLOSE_NOTIFY = 0
    UNEXPECTED_MESSAGE = 10
    BAD_RECORD_MAC = 20
    RECORD_OVERFLOW = 22
    HANDSHAKE_FAILURE = 40
    ILLEGAL_PARAMETER = 47
    DECODE_ERROR = 50
    DECRYPT_ERROR = 51
    PROTOCOL_VERSION = 70
    INSUFFICIENT_SECURITY = 71
    INTERNAL_ERROR = 80
    USER_CANCELED = 90
    NO_RENEGOTIATION = 100
    UNSUPPORTED_EXTENSION = 110
    UNKNOWN_PSK_IDENTITY = 115


def alert_name(description: int) -> str:
    """handshake_failure, or "alert 200" for a number that nobody assigned."""
    try:
        return AlertDescription(description).name.lower()
    except ValueError:
        return f"alert {description}"
