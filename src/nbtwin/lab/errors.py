"""The answer of a server in trouble: a CoAP error or a Reset to what never reached the platform.

Knows CoAP messages; knows no fault and no network.
"""

from __future__ import annotations

import re

from nbtwin.coap.message import Message, Options, decode, encode
from nbtwin.coap.numbers import Code, Type, is_request
from nbtwin.engine import DecodeError

RESET = "RST"
"""What stands in the place of a code where the answer is a Reset."""
_CODE = re.compile(r"([45])\.([0-3]\d)")


def error_code(text: str) -> int:
    """``"5.03"`` as the byte; ``ValueError`` when it is not an error code."""
    match = _CODE.fullmatch(text)
    if match is None or int(match[2]) > 31:
        raise ValueError(f"{text!r} is not an error code such as 4.04 or 5.03")
    return int(match[1]) << 5 | int(match[2])


def error_answer(request: bytes, code: str, options: Options = ()) -> bytes | None:
    """The answer, or None when the datagram asks for none (RFC 7252 5.2.1, 5.2.3).

    A Reset answers what is confirmable, too: an observation ends with it (RFC 7252 4.2, RFC 7641 3.6).
    """
    try:
        asked = decode(request)
    except DecodeError:
        return None
    if code == RESET and (is_request(asked.code) or asked.type is Type.CON):
        return encode(Message(Type.RST, Code.EMPTY, asked.message_id))
    if not is_request(asked.code):
        return None
    kind = Type.ACK if asked.type is Type.CON else Type.NON
    return encode(Message(kind, error_code(code), asked.message_id, asked.token, options))
