"""What a device answers to a read of /666/0: opened, decrypted, checked (docs/spec/wire.md, CMDMP objects).

Knows object 666 and the cipher; must not know who asks.
"""

from __future__ import annotations

from binascii import Error as Base64Error
from binascii import a2b_base64

from nbtwin.coap.message import Message
from nbtwin.coap.numbers import Code, ContentFormat, dotted
from nbtwin.engine import DecodeError
from nbtwin.lwm2m.content import codec
from nbtwin.lwm2m.path import Path
from nbtwin.operators.key_store.appkeys import Appkey
from nbtwin.selfreg.cmdmp import OBJECT_666

INVENTORY = Path("/666/0")
_OBJECTS = {666: OBJECT_666}
_TLV = (ContentFormat.LWM2M_TLV, ContentFormat.OLD_LWM2M_TLV, None)


def decode_inventory(message: Message, key: Appkey | None) -> dict[int, str]:
    """Resource to clear text. DecodeError says what is wrong, for the device's history."""
    if message.code != Code.CONTENT:
        raise DecodeError(f"answered {dotted(message.code)}")
    if key is None:
        raise DecodeError("its appkey is not known any more")
    values = _resources(message)
    try:
        return dict(
            zip(values, key.decrypt_all([a2b_base64(v, strict_mode=True) for v in values.values()]), strict=True)
        )
    except Base64Error as error:
        raise DecodeError(f"a value is not base64: {error}") from None


def _resources(message: Message) -> dict[int, bytes]:
    content_format = message.content_format
    if content_format in _TLV:
        flat = _flat_tlv(message.payload)
        if flat is not None:
            return flat
        content_format = ContentFormat.LWM2M_TLV
    try:
        tree = codec.decode(int(content_format or 0), INVENTORY, message.payload, _OBJECTS)
    except codec.UnsupportedFormat as error:
        raise DecodeError(str(error)) from None
    if not isinstance(tree, dict):
        raise DecodeError("not an object instance")
    return {number: value.encode() if isinstance(value, str) else b"" for number, value in tree.items()}


def _flat_tlv(data: bytes) -> dict[int, bytes] | None:
    """The usual answer: resources one after the other, nothing nested. None for anything else: the codec's turn.

    One pass without a value per entry: a fleet's daily inventories are this platform's heaviest decoding.
    """
    values, at, end = {}, 0, len(data)
    try:
        while at < end:
            head = data[at]
            if head & 0xC0 != 0xC0:
                return None
            if head & 0x20:
                number = data[at + 1] << 8 | data[at + 2]
                at += 3
            else:
                number = data[at + 1]
                at += 2
            size = head >> 3 & 3
            length = int.from_bytes(data[at : at + size], "big") if size else head & 7
            at += size
            values[number] = data[at : at + length]
            at += length
    except IndexError:
        return None
    return values if at == end else None
