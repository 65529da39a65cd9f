"""The numbers that IANA keeps for CoAP: message types, codes, options, content formats, transmission parameters.

Knows what each number means and how long an option may be (RFC 7252 5.10, 7641 2, 7959 2.1, 9175 2.2.1, 3.2); must not
know how a message is laid out or exchanged.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import NamedTuple

from nbtwin.engine import Seconds


class Type(IntEnum):
    """RFC 7252 3: the two bits after the version."""

    CON = 0
    NON = 1
    ACK = 2
    RST = 3


def dotted(code: int) -> str:
    """``69`` is "2.05"; also for codes without a name (RFC 7252 3)."""
    return f"{code >> 5}.{code & 31:02d}"


class Code(IntEnum):
    """RFC 7252 12.1 with the methods of RFC 8132 and the codes of RFC 7959 and 8516. Others stay plain integers."""

    EMPTY = 0x00
    GET = 0x01
    POST = 0x02
    PUT = 0x03
    DELETE = 0x04
    FETCH = 0x05
    PATCH = 0x06
    IPATCH = 0x07
    CREATED = 0x41
    DELETED = 0x42
    VALID = 0x43
    CHANGED = 0x44
    CONTENT = 0x45
    CONTINUE = 0x5F
    BAD_REQUEST = 0x80
    UNAUTHORIZED = 0x81
    BAD_OPTION = 0x82
    FORBIDDEN = 0x83
    NOT_FOUND = 0x84
    METHOD_NOT_ALLOWED = 0x85
    NOT_ACCEPTABLE = 0x86
    REQUEST_ENTITY_INCOMPLETE = 0x88
    CONFLICT = 0x89
    PRECONDITION_FAILED = 0x8C
    REQUEST_ENTITY_TOO_LARGE = 0x8D
    UNSUPPORTED_CONTENT_FORMAT = 0x8F
    UNPROCESSABLE_ENTITY = 0x96
    TOO_MANY_REQUESTS = 0x9D
    INTERNAL_SERVER_ERROR = 0xA0
    NOT_IMPLEMENTED = 0xA1
    BAD_GATEWAY = 0xA2
    SERVICE_UNAVAILABLE = 0xA3
    GATEWAY_TIMEOUT = 0xA4
    PROXYING_NOT_SUPPORTED = 0xA5

    @property
    def dotted(self) -> str:
        return dotted(self)

    def __repr__(self) -> str:
        return f"{self.name} {self.dotted}"


def is_request(code: int) -> bool:
    """Class 0 without 0.00 (RFC 7252 12.1.1)."""
    return 0 < code < 32


def is_response(code: int) -> bool:
    """Classes 2 to 5 (RFC 7252 12.1.2)."""
    return 64 <= code < 192


def is_success(code: int) -> bool:
    """Class 2 (RFC 7252 5.9.1)."""
    return code >> 5 == 2


class OptionNumber(IntEnum):
    """RFC 7252 12.2, 7641 6, 7959 6, 7967 6, 8613 2, 9175 6. An odd number is critical (RFC 7252 5.4.6)."""

    IF_MATCH = 1
    URI_HOST = 3
    ETAG = 4
    IF_NONE_MATCH = 5
    OBSERVE = 6
    URI_PORT = 7
    LOCATION_PATH = 8
    OSCORE = 9
    URI_PATH = 11
    CONTENT_FORMAT = 12
    MAX_AGE = 14
    URI_QUERY = 15
    ACCEPT = 17
    LOCATION_QUERY = 20
    BLOCK2 = 23
    BLOCK1 = 27
    SIZE2 = 28
    PROXY_URI = 35
    PROXY_SCHEME = 39
    SIZE1 = 60
    ECHO = 252
    NO_RESPONSE = 258
    REQUEST_TAG = 292


class OptionRule(NamedTuple):
    """One row of the table in RFC 7252 5.10."""

    shortest: int
    longest: int
    repeatable: bool = False
    text: bool = False  # UTF-8 (RFC 7252 3.2)


SEGMENT = OptionRule(0, 255, repeatable=True, text=True)
"""What most options of a request are: of its path and of its query."""

O = OptionNumber  # noqa: E741  the table below is read beside the RFC's
OPTION_RULES: Mapping[int, OptionRule] = {
    O.IF_MATCH:       OptionRule(0, 8, repeatable=True),
    O.URI_HOST:       OptionRule(1, 255, text=True),
    O.ETAG:           OptionRule(1, 8, repeatable=True),
    O.IF_NONE_MATCH:  OptionRule(0, 0),
    O.OBSERVE:        OptionRule(0, 3),
    O.URI_PORT:       OptionRule(0, 2),
    O.LOCATION_PATH:  OptionRule(0, 255, repeatable=True, text=True),
    O.URI_PATH:       SEGMENT,
    O.CONTENT_FORMAT: OptionRule(0, 2),
    O.MAX_AGE:        OptionRule(0, 4),
    O.URI_QUERY:      SEGMENT,
    O.ACCEPT:         OptionRule(0, 2),
    O.LOCATION_QUERY: OptionRule(0, 255, repeatable=True, text=True),
    O.BLOCK2:         OptionRule(0, 3),
    O.BLOCK1:         OptionRule(0, 3),
    O.SIZE2:          OptionRule(0, 4),
    O.PROXY_URI:      OptionRule(1, 1034, text=True),
    O.PROXY_SCHEME:   OptionRule(1, 255, text=True),
    O.SIZE1:          OptionRule(0, 4),
    O.ECHO:           OptionRule(1, 40),
    O.NO_RESPONSE:    OptionRule(0, 1),
    O.REQUEST_TAG:    OptionRule(0, 8, repeatable=True),
}  # fmt: skip
del O


class ContentFormat(IntEnum):
    """The formats of RFC 7252 12.3, RFC 8428 and OMA LwM2M 1.0 to 1.2 that anything here speaks."""

    TEXT = 0
    LINK_FORMAT = 40
    XML = 41
    OCTET_STREAM = 42
    EXI = 47
    JSON = 50
    CBOR = 60
    SENML_JSON = 110
    SENML_CBOR = 112
    OLD_LWM2M_TLV = 1542
    OLD_LWM2M_JSON = 1543
    LWM2M_TLV = 11542
    LWM2M_JSON = 11543
    LWM2M_CBOR = 11544


ACK_TIMEOUT: Seconds = 2  # RFC 7252 4.8, table 2
ACK_RANDOM_FACTOR = 1.5
MAX_RETRANSMIT = 4
MAX_TRANSMIT_SPAN: Seconds = 45  # RFC 7252 4.8.2, table 3
MAX_TRANSMIT_WAIT: Seconds = 93
MAX_LATENCY: Seconds = 100
PROCESSING_DELAY: Seconds = ACK_TIMEOUT
EXCHANGE_LIFETIME: Seconds = MAX_TRANSMIT_SPAN + 2 * MAX_LATENCY + PROCESSING_DELAY
NON_LIFETIME: Seconds = MAX_TRANSMIT_SPAN + MAX_LATENCY

COAP_PORT = 5683
COAPS_PORT = 5684
