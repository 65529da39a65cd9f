"""The bytes of a CoAP message (RFC 7252 3 and 5.4); the message itself is in `message_struct.py`.

Knows the layout: header, token, options, payload; must not know when messages are sent or what an answer is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter
from struct import Struct
from typing import Any

from nbtwin.coap.message_struct import Message as Message
from nbtwin.coap.numbers import Code, OptionNumber, Type
from nbtwin.coap.option_values import Options as Options
from nbtwin.coap.option_values import observe_of as observe_of
from nbtwin.coap.option_values import segments_of as segments_of
from nbtwin.coap.option_values import uint_of as uint_of
from nbtwin.coap.option_values import uint_value as uint_value
from nbtwin.coap.reasons import CoapError, CoapRefusal

_HEAD = Struct("!BBH")
_NUMBER = itemgetter(0)
_TYPES = tuple(Type)
_NAMED = {int(code): code for code in Code}
_CODES: tuple[Any, ...] = tuple(_NAMED.get(code, code) for code in range(256))
_VERSION_1 = 0x40
_PAYLOAD_MARKER = 0xFF
_LONGEST_TOKEN = 8
_LONGEST_VALUE = 269 + 0xFFFF
_NOTHING: tuple[Options, bytes] = ((), b"")


class MessageFormatError(CoapError):
    """Not a CoAP message of version 1. ``message_id`` is set when a Reset must answer it (RFC 7252 4.2)."""

    def __init__(self, refusal: CoapRefusal, number: int = 0, message_id: int | None = None) -> None:
        super().__init__(refusal, number)
        self.message_id = message_id


def options(
    *,
    path: Iterable[str] = (),
    query: Iterable[str] = (),
    host: str | None = None,
    port: int | None = None,
    content_format: int | None = None,
    accept: int | None = None,
    observe: int | None = None,
    location_path: Iterable[str] = (),
    location_query: Iterable[str] = (),
    max_age: int | None = None,
    etag: bytes | None = None,
    more: Iterable[tuple[int, bytes]] = (),
) -> Options:
    """The options that are given, in the order in which they leave."""
    numbers = (
        (OptionNumber.OBSERVE, observe),
        (OptionNumber.URI_PORT, port),
        (OptionNumber.CONTENT_FORMAT, content_format),
        (OptionNumber.MAX_AGE, max_age),
        (OptionNumber.ACCEPT, accept),
    )
    lists = (
        (OptionNumber.LOCATION_PATH, location_path),
        (OptionNumber.URI_PATH, path),
        (OptionNumber.URI_QUERY, query),
        (OptionNumber.LOCATION_QUERY, location_query),
    )
    found: list[tuple[int, bytes]] = list(more)
    found += [(number, uint_value(value)) for number, value in numbers if value is not None]
    found += [(number, text.encode()) for number, texts in lists for text in texts]
    if host is not None:
        found.append((OptionNumber.URI_HOST, host.encode()))
    if etag is not None:
        found.append((OptionNumber.ETAG, etag))
    return in_order(found)


def in_order(found: Iterable[tuple[int, bytes]]) -> Options:
    """Ascending numbers; those of one number stay as they were (RFC 7252 3.1)."""
    return tuple(sorted(found, key=_NUMBER))


def without(found: Options, *numbers: int) -> Options:
    """The options but for those of the given numbers."""
    return tuple([option for option in found if option[0] not in numbers])


def encode(message: Message) -> bytes:
    """The message as bytes. Values that no message can carry are a ValueError."""
    return encode_fields(
        message.type, message.code, message.message_id, message.token, message.options, message.payload
    )


def encode_fields(
    type: int, code: int, message_id: int, token: bytes, options: Sequence[tuple[int, bytes]], payload: bytes
) -> bytes:
    """RFC 7252 3, figure 7, without a Message in between."""
    content = encode_content(options, payload) if options or payload else b""
    return encode_head(type, code, message_id, token) + content


def encode_head(type: int, code: int, message_id: int, token: bytes) -> bytes:
    """The header and the token."""
    if len(token) > _LONGEST_TOKEN:
        raise ValueError(f"a token of {len(token)} bytes; 8 are the most")
    return _HEAD.pack(_VERSION_1 | type << 4 | len(token), code, message_id) + token


def encode_empty(type: int, message_id: int) -> bytes:
    """An Empty message (RFC 7252 4.1)."""
    return _HEAD.pack(_VERSION_1 | type << 4, 0, message_id)


def encode_content(options: Sequence[tuple[int, bytes]], payload: bytes = b"") -> bytes:
    """What follows the token."""
    out = bytearray()
    previous = 0
    for number, value in options:
        delta, length = number - previous, len(value)
        if 0 <= delta < 13 and length < 13:
            out.append(delta << 4 | length)
        elif delta < 0:
            return encode_content(in_order(options), payload)
        else:
            out += _option_head(delta, length)
        out += value
        previous = number
    if payload:
        out.append(_PAYLOAD_MARKER)
        out += payload
    return bytes(out)


def _option_head(delta: int, length: int) -> bytes:
    """RFC 7252 3.1: nibbles 13 and 14 announce one and two more bytes."""
    if delta > _LONGEST_VALUE or length > _LONGEST_VALUE:
        raise ValueError(f"option delta {delta}, length {length}: {_LONGEST_VALUE} is the most")
    delta_nibble, delta_more = _extended(delta)
    length_nibble, length_more = _extended(length)
    return bytes((delta_nibble << 4 | length_nibble,)) + delta_more + length_more


def _extended(value: int) -> tuple[int, bytes]:
    if value < 13:
        return value, b""
    if value < 269:
        return 13, bytes((value - 13,))
    return 14, (value - 269).to_bytes(2, "big")


def decode(data: bytes) -> Message:
    """The message in the datagram; MessageFormatError (a DecodeError) for anything else."""
    size = len(data)
    if size < 4:
        raise MessageFormatError(CoapRefusal.HEADER_CUT)
    first, code = data[0], data[1]
    if first & 0xC0 != _VERSION_1:
        raise MessageFormatError(CoapRefusal.VERSION_UNKNOWN, first >> 6)
    position = 4 + (first & 15)
    if code == 0 and (size > 4 or position > 4):
        raise _format_error(data, CoapRefusal.EMPTY_WITH_CONTENT)  # RFC 7252 4.1
    if position > 12:
        raise _format_error(data, CoapRefusal.TOKEN_LENGTH_RESERVED, first & 15)
    if position > size:
        raise _format_error(data, CoapRefusal.TOKEN_CUT)
    found, payload = _options_and_payload(data, position, size) if position < size else _NOTHING
    return Message(_TYPES[first >> 4 & 3], _CODES[code], data[2] << 8 | data[3], data[4:position], found, payload)


def _options_and_payload(data: bytes, position: int, size: int) -> tuple[Options, bytes]:
    """RFC 7252 3.1, one pass over the bytes. The nibble 13, one more byte, is as usual as none: names are so long."""
    found: list[tuple[int, bytes]] = []
    number = 0
    try:
        while position < size:
            head = data[position]
            position += 1
            length = head & 15
            if head > 0xCF or length > 13:
                if head == _PAYLOAD_MARKER:
                    if position == size:
                        raise _format_error(data, CoapRefusal.PAYLOAD_MISSING)
                    return tuple(found), data[position:]
                delta, position = _read_extended(data, position, head >> 4)
                length, position = _read_extended(data, position, length)
                number += delta
            else:
                number += head >> 4
                if length == 13:
                    length += data[position]
                    position += 1
            end = position + length
            found.append((number, data[position:end]))
            position = end
    except IndexError:
        raise _format_error(data, CoapRefusal.OPTION_CUT) from None
    if position > size:
        raise _format_error(data, CoapRefusal.OPTION_CUT)
    return tuple(found), b""


def _read_extended(data: bytes, position: int, nibble: int) -> tuple[int, int]:
    if nibble < 13:
        return nibble, position
    if nibble == 13:
        return data[position] + 13, position + 1
    if nibble == 14:
        return (data[position] << 8 | data[position + 1]) + 269, position + 2
    raise _format_error(data, CoapRefusal.OPTION_NIBBLE_RESERVED)


def _format_error(data: bytes, refusal: CoapRefusal, number: int = 0) -> MessageFormatError:
    """Only a Confirmable message is rejected with a Reset (RFC 7252 4.2, 4.3)."""
    return MessageFormatError(refusal, number, data[2] << 8 | data[3] if data[0] & 0x30 == 0 else None)
