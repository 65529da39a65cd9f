"""The datagrams of protocol-only devices: templates made once by the CoAP codec, and answers to what servers ask.

Knows LwM2M's interfaces as bytes; knows no state and no time.
"""

from __future__ import annotations

from functools import lru_cache
from struct import Struct

import cbor2

from nbtwin.coap.message import Message, encode, encode_content, options
from nbtwin.coap.numbers import Code, ContentFormat, OptionNumber, Type
from nbtwin.fleet.plan import FleetPlan
from nbtwin.lwm2m.content import codec
from nbtwin.lwm2m.model import InstanceNode
from nbtwin.lwm2m.path import Path

LINKS = b'</>;rt="oma.lwm2m";ct=112,</1/0>,</3/0>,</5/0>,</3303/0>'
TOKEN = 5
"""Bytes: three of the device's number, two of the message's."""
HEAD = Struct("!BBH")
_CON, _NON, _ACK, _RST = 0x40, 0x50, 0x60, 0x70
_URI_QUERY = OptionNumber.URI_QUERY
RUBBISH = (b"\x00", b"\x40\x02\x12\x34\xff", b"\x4f\x02\x12\x34" + bytes(15), b"\x44\x02\x12\x34\x01\x02\x03\x04\xf0")
"""Datagrams that are no message: too short, a payload that is missing, a token of fifteen bytes, a reserved nibble."""


def head(kind: int, code: int, message_id: int, device: int) -> bytes:
    """Header and token of a request."""
    return HEAD.pack(kind | TOKEN, code, message_id) + ((device << 16) | message_id).to_bytes(TOKEN, "big")


class Templates:
    """What follows the token, of each kind of request."""

    def __init__(self, plan: FleetPlan) -> None:
        self._plan = plan
        self._registers = {0: self._registration(plan.lifetime)}
        self._bootstrap = encode_content(options(path=("bs",)))
        self.uplink = encode_content(
            options(path=("dp",), content_format=ContentFormat.SENML_CBOR), _uplink(plan.payload)
        )
        self.notification = _value(plan.payload)

    def register(self, name: str, lifetime: int = 0) -> bytes:
        """``lifetime`` 0: the plan's."""
        found = self._registers.get(lifetime)
        if found is None:
            found = self._registers[lifetime] = self._registration(lifetime)
        return found + _query(0, "ep=" + name) + b"\xff" + LINKS

    def _registration(self, lifetime: int) -> bytes:
        """Up to the name."""
        version, queue = self._plan.version, bool(self._plan.queue)
        binding = ["b=UQ"] if queue and version == "1.0" else ["b=U", "Q"] if queue else ["b=U"]
        query = (f"lwm2m={version}", f"lt={lifetime}", *binding)
        return encode_content(options(path=("rd",), query=query, content_format=ContentFormat.LINK_FORMAT))

    def bootstrap(self, name: str) -> bytes:
        return self._bootstrap + _query(_URI_QUERY - OptionNumber.URI_PATH, "ep=" + name)


def _query(delta: int, text: str) -> bytes:
    value = text.encode()
    if len(value) < 13:
        return bytes((delta << 4 | len(value),)) + value
    if len(value) < 269:
        return bytes((delta << 4 | 13, len(value) - 13)) + value
    return bytes((delta << 4 | 14,)) + (len(value) - 269).to_bytes(2, "big") + value


def _uplink(size: int) -> bytes:
    """A Send (LwM2M 1.1): a temperature, and text up to the size wanted."""
    record = {-2: "/3303/0/", 0: "5700", 2: 23.5}
    shorter = cbor2.dumps([record])
    if size <= len(shorter) + 12:
        return shorter
    return cbor2.dumps([record, {0: "5750", 3: "x" * (size - len(shorter) - 10)}])


def _value(size: int) -> bytes:
    return b"23.5" if size < 8 else b"23." + b"5" * (size - 3)


def empty(kind: Type, message_id: int) -> bytes:
    return HEAD.pack(0x40 | kind << 4, 0, message_id)


@lru_cache(maxsize=256)
def device_object(model: str, path: tuple[int, ...], accept: int) -> tuple[bytes, int]:
    """Content and its format: /3/0, or one resource of it. KeyError for what is not there."""
    node: InstanceNode = {0: "Quectel", 1: model, 2: "fleet", 3: "1.0", 9: 90, 11: 0, 16: "U"}
    if len(path) >= 3 and accept in (-1, ContentFormat.TEXT):
        return str(node[path[2]]).encode(), ContentFormat.TEXT
    known = (ContentFormat.SENML_CBOR, ContentFormat.SENML_JSON, ContentFormat.LWM2M_CBOR)
    content_format = accept if accept in known else ContentFormat.LWM2M_TLV
    if len(path) >= 3:
        return codec.encode(content_format, Path(path[:3]), node[path[2]]), content_format
    return codec.encode(content_format, Path((3, 0)), node), content_format


def answer(asked: Message, code: int, found: tuple[tuple[int, bytes], ...] = (), payload: bytes = b"") -> bytes:
    kind = Type.ACK if asked.type is Type.CON else Type.NON
    return encode(Message(kind, Code(code), asked.message_id, asked.token, found, payload))
