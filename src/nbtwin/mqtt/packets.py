"""The packets of MQTT 3.1 and 3.1.1 as values, and as bytes in both directions (MQTT 3.1.1, chapters 2 and 3).

Knows the layout and what no packet may hold; must not know when a packet is sent or what answers it. Both directions,
because a client's test is a broker's codec. `PacketReader` takes a stream in pieces of any size and keeps no more of
it than the longest packet that it was told to take: a longer one passes through it unread and is counted.
"""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import TypeAlias

import msgspec

from nbtwin.mqtt.reasons import MqttFormatError, MqttRefusal

LONGEST = 268_435_455
"""The longest remaining length that four bytes can say (2.2.3)."""
REJECTED = 0x80
"""A SUBACK's code for a filter that the server does not take (3.9.3)."""
_NAMES = {3: b"MQIsdp", 4: b"MQTT"}  # protocol level → protocol name


class PacketType(IntEnum):
    """2.2.1."""

    CONNECT = 1
    CONNACK = 2
    PUBLISH = 3
    PUBACK = 4
    PUBREC = 5
    PUBREL = 6
    PUBCOMP = 7
    SUBSCRIBE = 8
    SUBACK = 9
    UNSUBSCRIBE = 10
    UNSUBACK = 11
    PINGREQ = 12
    PINGRESP = 13
    DISCONNECT = 14


_ACKNOWLEDGEMENTS = (PacketType.PUBACK, PacketType.PUBREC, PacketType.PUBREL, PacketType.PUBCOMP, PacketType.UNSUBACK)
_EMPTY = (PacketType.PINGREQ, PacketType.PINGRESP, PacketType.DISCONNECT)
_FLAG_2 = (PacketType.PUBREL, PacketType.SUBSCRIBE, PacketType.UNSUBSCRIBE)  # 2.2.2: their flags are 0010


class Will(msgspec.Struct, frozen=True):
    """What the server publishes for a client that is gone (3.1.2.5)."""

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False


class Connect(msgspec.Struct, frozen=True):
    """3.1."""

    client_id: str
    version: int = 4  # 3: MQTT 3.1; 4: MQTT 3.1.1
    clean: bool = True
    keep_alive: int = 0  # seconds, 0 to 65535
    username: str | None = None
    password: bytes | None = None  # only with a user name
    will: Will | None = None


class ConnAck(msgspec.Struct, frozen=True):
    """3.2."""

    code: int  # 0: accepted; 1-5
    session_present: bool = False


class Publish(msgspec.Struct, frozen=True):
    """3.3."""

    topic: str
    payload: bytes
    qos: int = 0
    packet_id: int = 0  # 0 with QoS 0 alone
    retain: bool = False
    duplicate: bool = False


class Acknowledgement(msgspec.Struct, frozen=True):
    """PUBACK, PUBREC, PUBREL, PUBCOMP, UNSUBACK: an identifier and nothing else (3.4-3.7, 3.11)."""

    type: PacketType
    packet_id: int


class Subscribe(msgspec.Struct, frozen=True):
    """3.8."""

    packet_id: int
    filters: tuple[tuple[str, int], ...]  # topic filter, QoS


class SubAck(msgspec.Struct, frozen=True):
    """3.9."""

    packet_id: int
    codes: tuple[int, ...]  # granted QoS, or `REJECTED`


class Unsubscribe(msgspec.Struct, frozen=True):
    """3.10."""

    packet_id: int
    filters: tuple[str, ...]


class Empty(msgspec.Struct, frozen=True):
    """PINGREQ, PINGRESP, DISCONNECT (3.12-3.14)."""

    type: PacketType


Packet: TypeAlias = Connect | ConnAck | Publish | Acknowledgement | Subscribe | SubAck | Unsubscribe | Empty


def is_topic(topic: str) -> bool:
    """Whether messages may have this topic (4.7)."""
    return _is_text(topic) and "#" not in topic and "+" not in topic


def is_filter(text: str) -> bool:
    """Whether a subscription may have this filter (4.7.1): ``#`` ends it, both wildcards have a level to themselves."""
    levels = text.split("/")
    return (
        _is_text(text)
        and all(level in ("#", "+") or ("#" not in level and "+" not in level) for level in levels)
        and "#" not in levels[:-1]
    )


def _is_text(text: str) -> bool:
    try:
        return 0 < len(text.encode()) <= 0xFFFF and "\0" not in text
    except UnicodeEncodeError:
        return False


# As bytes


def encode(packet: Packet) -> bytes:
    """The packet as bytes. A value that no packet can hold is a ValueError."""
    if isinstance(packet, Publish):
        flags = packet.duplicate << 3 | packet.qos << 1 | packet.retain
        head = _text(packet.topic) + (_number(packet.packet_id) if packet.qos else b"")
        return _framed(PacketType.PUBLISH, flags, head + packet.payload)
    if isinstance(packet, Acknowledgement):
        return _framed(packet.type, 2 if packet.type in _FLAG_2 else 0, _number(packet.packet_id))
    if isinstance(packet, Empty):
        return _framed(packet.type, 0, b"")
    if isinstance(packet, Connect):
        return _framed(PacketType.CONNECT, 0, _connect_body(packet))
    if isinstance(packet, ConnAck):
        return _framed(PacketType.CONNACK, 0, bytes((packet.session_present, packet.code)))
    if isinstance(packet, Subscribe):
        filters = b"".join(_text(text) + bytes((qos,)) for text, qos in packet.filters)
        return _framed(PacketType.SUBSCRIBE, 2, _number(packet.packet_id) + filters)
    if isinstance(packet, SubAck):
        return _framed(PacketType.SUBACK, 0, _number(packet.packet_id) + bytes(packet.codes))
    return _framed(PacketType.UNSUBSCRIBE, 2, _number(packet.packet_id) + b"".join(map(_text, packet.filters)))


def _connect_body(packet: Connect) -> bytes:
    will = packet.will
    flags = packet.clean << 1 | (packet.username is not None) << 7 | (packet.password is not None) << 6
    body = _text(packet.client_id)
    if will is not None:
        flags |= 4 | will.qos << 3 | will.retain << 5
        body += _text(will.topic) + _binary(will.payload)
    if packet.username is not None:
        body += _text(packet.username)
    if packet.password is not None:
        body += _binary(packet.password)
    return _binary(_NAMES[packet.version]) + bytes((packet.version, flags)) + _number(packet.keep_alive) + body


def _framed(type: PacketType, flags: int, body: bytes) -> bytes:
    length, head = len(body), bytearray((type << 4 | flags,))
    if length > LONGEST:
        raise ValueError(f"a packet of {length} bytes")
    while True:
        length, digit = length >> 7, length & 0x7F
        head.append(digit | 0x80 if length else digit)
        if not length:
            return bytes(head) + body


def _number(value: int) -> bytes:
    if not 0 <= value <= 0xFFFF:
        raise ValueError(f"{value} is no 16-bit number")
    return value.to_bytes(2, "big")


def _binary(data: bytes) -> bytes:
    return _number(len(data)) + data


def _text(text: str) -> bytes:
    return _binary(text.encode())


# From bytes


class PacketReader:
    """A stream of bytes as packets."""

    __slots__ = ("_buffer", "_longest", "_unread", "skipped")

    def __init__(self, longest: int = LONGEST) -> None:
        self._buffer = bytearray()
        self._longest = longest  # remaining length of a packet that is read
        self._unread = 0  # bytes still to come of a packet that is not
        self.skipped: list[int] = []
        """The lengths of packets that were too long. Whoever reads them clears them."""

    def receive(self, data: bytes) -> None:
        passed = min(self._unread, len(data))
        self._unread -= passed
        self._buffer += data[passed:]

    @property
    def waiting(self) -> int:
        """Bytes that are not a whole packet yet."""
        return len(self._buffer)

    def next_packet(self) -> Packet | None:
        """The next packet, or None when more bytes must come first. Raises MqttFormatError, after which the stream is
        worth nothing (4.8)."""
        while True:
            head = _length_at(self._buffer, 1)
            if head is None:
                return None
            length, start = head
            if length > self._longest:
                self.skipped.append(length)
                passed = min(start + length, len(self._buffer))
                self._unread = start + length - passed
                del self._buffer[:passed]
                continue
            if len(self._buffer) < start + length:
                return None
            first, body = self._buffer[0], bytes(self._buffer[start : start + length])
            del self._buffer[: start + length]
            return decode(first >> 4, first & 0x0F, body)


def _length_at(buffer: bytearray, start: int) -> tuple[int, int] | None:
    """The remaining length and where it ends (2.2.3)."""
    length = 0
    for place in range(4):
        if start + place >= len(buffer):
            return None
        digit = buffer[start + place]
        length |= (digit & 0x7F) << 7 * place
        if digit < 0x80:
            return length, start + place + 1
    raise MqttFormatError(MqttRefusal.LENGTH_MALFORMED)


class _Fields:
    """The fields of a packet's body, one after the other."""

    __slots__ = ("_at", "_body")

    def __init__(self, body: bytes) -> None:
        self._body, self._at = body, 0

    @property
    def left(self) -> int:
        return len(self._body) - self._at

    def take(self, length: int) -> bytes:
        if length > self.left:
            raise MqttFormatError(MqttRefusal.PACKET_CUT)
        self._at += length
        return self._body[self._at - length : self._at]

    def number(self) -> int:
        return int(struct.unpack("!H", self.take(2))[0])

    def identifier(self) -> int:
        number = self.number()
        if not number:
            raise MqttFormatError(MqttRefusal.IDENTIFIER_ZERO)
        return number

    def binary(self) -> bytes:
        return self.take(self.number())

    def text(self) -> str:
        try:
            text = self.binary().decode()
        except UnicodeDecodeError:
            raise MqttFormatError(MqttRefusal.TEXT_INVALID) from None
        if "\0" in text:
            raise MqttFormatError(MqttRefusal.TEXT_INVALID)
        return text

    def end(self) -> None:
        if self.left:
            raise MqttFormatError(MqttRefusal.PACKET_TRAILING, self.left)


def decode(type: int, flags: int, body: bytes) -> Packet:
    """A packet of these flags and this body. Raises MqttFormatError."""
    try:
        kind = PacketType(type)
    except ValueError:
        raise MqttFormatError(MqttRefusal.TYPE_RESERVED, type) from None
    if kind is not PacketType.PUBLISH and flags != (2 if kind in _FLAG_2 else 0):
        raise MqttFormatError(MqttRefusal.FLAGS_INVALID, flags)
    fields = _Fields(body)
    packet = _packet_of(kind, flags, fields)
    fields.end()
    return packet


def _packet_of(kind: PacketType, flags: int, fields: _Fields) -> Packet:
    if kind is PacketType.PUBLISH:
        return _publish(flags, fields)
    if kind in _ACKNOWLEDGEMENTS:
        return Acknowledgement(kind, fields.identifier())
    if kind in _EMPTY:
        return Empty(kind)
    if kind is PacketType.CONNACK:
        return _connack(fields)
    if kind is PacketType.SUBACK:
        packet_id, codes = fields.identifier(), tuple(fields.take(fields.left))
        for code in codes:
            if code not in (0, 1, 2, REJECTED):
                raise MqttFormatError(MqttRefusal.CODE_UNKNOWN, code)
        return SubAck(packet_id, codes)
    if kind is PacketType.CONNECT:
        return _connect(fields)
    packet_id = fields.identifier()
    if kind is PacketType.SUBSCRIBE:
        subscriptions = [(_filter(fields), _qos(fields.take(1)[0]))]
        while fields.left:
            subscriptions.append((_filter(fields), _qos(fields.take(1)[0])))
        return Subscribe(packet_id, tuple(subscriptions))
    filters = [_filter(fields)]
    while fields.left:
        filters.append(_filter(fields))
    return Unsubscribe(packet_id, tuple(filters))


def _publish(flags: int, fields: _Fields) -> Publish:
    qos = _qos(flags >> 1 & 3)
    topic = fields.text()
    if not is_topic(topic):
        raise MqttFormatError(MqttRefusal.TOPIC_INVALID)
    packet_id = fields.identifier() if qos else 0
    return Publish(topic, fields.take(fields.left), qos, packet_id, bool(flags & 1), bool(flags & 8))


def _connack(fields: _Fields) -> ConnAck:
    flags, code = fields.take(2)
    if flags > 1:
        raise MqttFormatError(MqttRefusal.FLAGS_INVALID, flags)
    if code > 5:
        raise MqttFormatError(MqttRefusal.CODE_UNKNOWN, code)
    return ConnAck(code, bool(flags))


def _connect(fields: _Fields) -> Connect:
    name, version, flags = fields.binary(), fields.take(1)[0], fields.take(1)[0]
    if _NAMES.get(version) != name:
        raise MqttFormatError(MqttRefusal.PROTOCOL_UNKNOWN, version)
    has_user, has_password, has_will = flags & 0x80, flags & 0x40, flags & 4
    if flags & 1 or (has_password and not has_user) or (flags & 0x38 and not has_will):
        raise MqttFormatError(MqttRefusal.FLAGS_INVALID, flags)
    qos = _qos(flags >> 3 & 3)
    keep_alive, client_id, will = fields.number(), fields.text(), None
    if has_will:
        topic = fields.text()
        if not is_topic(topic):
            raise MqttFormatError(MqttRefusal.TOPIC_INVALID)
        will = Will(topic, fields.binary(), qos, bool(flags & 0x20))
    username = fields.text() if has_user else None
    password = fields.binary() if has_password else None
    return Connect(client_id, version, bool(flags & 2), keep_alive, username, password, will)


def _filter(fields: _Fields) -> str:
    text = fields.text()
    if not is_filter(text):
        raise MqttFormatError(MqttRefusal.TOPIC_INVALID)
    return text


def _qos(value: int) -> int:
    if value > 2:
        raise MqttFormatError(MqttRefusal.FLAGS_INVALID, value)
    return value
