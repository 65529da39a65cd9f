"""Every field of a datagram with the bytes it came from, one after the other: for inspectors.

Knows where the fields of each protocol are told apart; knows entries, no screen. What DTLS protects is given apart
where the lab knows the keys. Never raises, whatever a peer has sent.
"""

from __future__ import annotations

from typing import NamedTuple

from nbtwin.coap.blockwise import block_of
from nbtwin.coap.message import decode
from nbtwin.coap.numbers import OptionNumber
from nbtwin.dtls.record import looks_like_one
from nbtwin.engine import DecodeError
from nbtwin.lwm2m.objects.registry import KNOWN
from nbtwin.lwm2m.path import Path, Paths
from nbtwin.lwm2m.secrets import has_key, has_package_address
from nbtwin.timeline.decoder import Decoded, DecodedDatagram
from nbtwin.timeline.facts import DatagramSeen
from nbtwin.timeline.field import DecodedField, Undecoded, shown
from nbtwin.timeline.fields_coap import message_fields
from nbtwin.timeline.fields_dtls import record_fields
from nbtwin.timeline.fields_payload import Objects


class Inside(NamedTuple):
    """What one protected record said: its fields count from the beginning of ``data``."""

    data: bytes
    fields: list[DecodedField]


def fields(decoded: Decoded, objects: Objects = KNOWN) -> list[DecodedField]:
    """Of a datagram, in the order of its bytes; nothing for other entries. ``objects`` gives resources their names."""
    data = data_of(decoded)
    if not data:
        return []
    if isinstance(decoded, DecodedDatagram) and decoded.of_host:
        return [DecodedField(0, len(data), "", shown(data), "RFC 768", Undecoded.UDP_PAYLOAD)]
    if looks_like_one(data):
        return list(record_fields(data))
    return list(message_fields(_without_cut_key(decoded, data), path_of(decoded), objects))


def insides(decoded: Decoded, objects: Objects = KNOWN) -> list[Inside]:
    """What its DTLS records protect, as far as the lab could read them."""
    path = path_of(decoded)
    return [
        Inside(data, list(message_fields(_without_cut_key(decoded, data), path, objects)))
        for data in decoded.plaintexts
    ]


def data_of(decoded: Decoded) -> bytes:
    fact = decoded.entry.fact
    return fact.data if isinstance(fact, DatagramSeen) else b""


def masked_data(decoded: Decoded) -> bytes:
    """As it went, but for the payload of a CoAP message that may have a key in it: that is asterisks."""
    data = data_of(decoded)
    if has_key(path_of(decoded)) or has_key(_paths_of(decoded)):
        return _without_payload(data)
    return _without_cut_key(decoded, data)


def _without_cut_key(decoded: Decoded, data: bytes) -> bytes:
    """A campaign's key in the address of its package is known by its form (D197), but not cut in two by blocks."""
    if not (has_package_address(path_of(decoded)) or has_package_address(_paths_of(decoded))):
        return data
    try:
        message = decode(data)
        blocks = [block_of(message, option) for option in (OptionNumber.BLOCK1, OptionNumber.BLOCK2)]
    except DecodeError:
        return data
    return _without_payload(data) if any(block and (block.number or block.more) for block in blocks) else data


def _without_payload(data: bytes) -> bytes:
    try:
        length = len(decode(data).payload)
    except DecodeError:
        return data  # a record of DTLS
    return data[: len(data) - length] + b"*" * length


def _paths_of(decoded: Decoded) -> Paths:
    """Of a composite operation; else none."""
    name = str(decoded.fields.get("operation", ""))
    try:
        return Paths(name.rpartition(" ")[2]) if "Composite" in name else Paths()
    except DecodeError:
        return Paths()


def path_of(decoded: Decoded) -> Path:
    """Of the objects in its payload, as the name of the operation tells: ``to Read /3/0``."""
    _, slash, path = str(decoded.fields.get("operation", "")).rpartition(" /")
    try:
        return Path(path) if slash else Path()
    except DecodeError:
        return Path()
