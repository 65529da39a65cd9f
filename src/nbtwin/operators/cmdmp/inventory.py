"""What a device answers to a read of /666/0: opened, decrypted, checked (docs/spec/wire.md, CMDMP objects).

Knows object 666 and the cipher; must not know who asks.
"""

from __future__ import annotations

from binascii import Error as Base64Error
from binascii import a2b_base64
from collections.abc import Mapping
from typing import Any

from nbtwin.coap.bounded import make_room
from nbtwin.coap.message import Message, Options
from nbtwin.coap.numbers import Code, ContentFormat, dotted
from nbtwin.engine import DecodeError, Refusal
from nbtwin.lwm2m.content import codec
from nbtwin.lwm2m.content.refusals import UnsupportedFormat
from nbtwin.lwm2m.path import Path
from nbtwin.operators.key_store.appkeys import Appkey, CiphertextError
from nbtwin.operators.refusals import PlatformRefusal
from nbtwin.selfreg.cmdmp import OBJECT_666

INVENTORY = Path("/666/0")
ANSWERS = 4096
"""Answers whose values are kept, for a device that has nothing new to say."""
LONGEST_KEPT = 1024
"""Bytes of such an answer."""
_CONTENT = Code.CONTENT
_OBJECTS = {666: OBJECT_666}
_TLV = (ContentFormat.LWM2M_TLV, ContentFormat.OLD_LWM2M_TLV, None)


class InventoryError(Exception):
    """What the device answered is no inventory."""

    def __init__(self, refusal: Refusal, response_code: str = "") -> None:
        super().__init__(f"{refusal} {response_code}".strip())
        self.refusal = refusal
        self.response_code = response_code


class Inventories:
    """What answers said, opened once: equal bytes say the same as long as they are opened with the same key."""

    __slots__ = ("_known", "_size")

    def __init__(self, size: int = ANSWERS) -> None:
        self._size = size
        self._known: dict[bytes, tuple[Appkey, Options, Mapping[int, str]]] = {}  # by the payload

    def decode(self, message: Message, key: Appkey | None) -> Mapping[int, str]:
        """As `decode_inventory`. Not to be changed: other devices may have the same."""
        payload = message.payload
        known = self._known.get(payload)
        if known is not None and known[0] is key and known[1] == message.options and message.code == _CONTENT:
            return known[2]
        values = decode_inventory(message, key)
        if key is not None and len(payload) <= LONGEST_KEPT:
            make_room(self._known, self._size)
            self._known[payload] = key, message.options, values
        return values

    def __len__(self) -> int:
        return len(self._known)


def decode_inventory(message: Message, key: Appkey | None) -> dict[int, str]:
    """Resource to clear text; InventoryError."""
    if message.code != Code.CONTENT:
        raise InventoryError(PlatformRefusal.OPERATION_REFUSED, dotted(message.code))
    if key is None:
        raise InventoryError(PlatformRefusal.APPKEY_UNKNOWN)
    try:
        values = _resources(message)
    except DecodeError:
        raise InventoryError(PlatformRefusal.INVENTORY_MALFORMED) from None
    if not values:
        raise InventoryError(PlatformRefusal.INVENTORY_EMPTY)
    try:
        return dict(zip(values, key.open_all(values.values()), strict=True))
    except Base64Error:
        raise InventoryError(PlatformRefusal.CIPHERTEXT_BASE64) from None
    except CiphertextError as error:
        raise InventoryError(error.refusal) from None


def decrypted(value: Any, key: Appkey | None) -> Any:
    """The plain value of an answer, every text in it that opens with the key in clear; the rest stays as it came."""
    if isinstance(value, dict):
        return {number: decrypted(child, key) for number, child in value.items()}
    if key is None or not isinstance(value, str):
        return value
    try:
        return key.decrypt(a2b_base64(value, strict_mode=True))
    except (Base64Error, DecodeError, ValueError):
        return value


def _resources(message: Message) -> dict[int, bytes]:
    content_format = message.content_format
    if content_format in _TLV:
        flat = _flat_tlv(message.payload)
        if flat is not None:
            return flat
        content_format = ContentFormat.LWM2M_TLV
    try:
        tree = codec.decode(int(content_format or 0), INVENTORY, message.payload, _OBJECTS)
    except UnsupportedFormat:
        raise InventoryError(PlatformRefusal.INVENTORY_FORMAT) from None
    if not isinstance(tree, dict):
        raise InventoryError(PlatformRefusal.INVENTORY_MALFORMED)
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
