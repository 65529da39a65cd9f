"""What most datagrams are: a Client that is registered says the same once more, from where it is, in the same bytes.

Theory of operation. Of the Register requests of a fleet all bytes are alike but for message ID, token and name; of what
it sends to another path under its name also but for the payload. So a request that was taken in leaves its *form*: what
stands before the name, how long the name is, what stands behind it, and what its Client has said with it. From another
datagram with these two pieces of bytes the same would be decoded but for the name: the first piece has every header up
to the name's own, the second one goes on at the same option. So it is not decoded, nor checked again; whether its
Client is known and says nothing new `LwM2mServer.known` answers. An Update without parameters has one form: "rd", a
location, and nothing else.

Whatever is not exactly that (another type, a duplicate, a new name, an address that has changed, an open operation) is
left to the endpoint and the server. What they would have answered and told is answered and told here:
`tests/operators/test_operators_usual.py` plays one against the other.

Knows the bytes of RFC 7252 3; must not know what follows from a registration.
"""

from __future__ import annotations

from nbtwin.coap.bounded import make_room
from nbtwin.coap.critical_options import is_plain
from nbtwin.coap.message import Message, decode
from nbtwin.coap.numbers import OptionNumber
from nbtwin.lwm2m.server.events import Registration

_NAME = b"ep="
_URI_QUERY = int(OptionNumber.URI_QUERY)
_MARKER = b"\xff"  # before a payload
_LONGEST_TOKEN = 8
_POST = 2
_UPDATE = b"\xb2rd\x0a"
"""Uri-Path "rd", and the header of a location of ten characters."""
_UPDATE_SIZE = len(_UPDATE) + 10
_CREATED = [bytes((0x60 | length, 0x41)) for length in range(_LONGEST_TOKEN + 1)]
_CHANGED = [bytes((0x60 | length, 0x44)) for length in range(_LONGEST_TOKEN + 1)]
"""The first two bytes of an acknowledgement with 2.01 and 2.04, by the length of the token."""
_FORMS = 256
"""Pieces before names, and as many behind each: of a fleet of one model there is one."""


class Form:
    """What stands in requests that differ in the name, and in the payload where that is no list of objects."""

    __slots__ = ("_before", "_length", "_rest", "content_format", "said")

    def __init__(
        self, before: int, length: int, rest: int, said: Registration | None, content_format: int | None
    ) -> None:
        self._before, self._length, self._rest = before, length, rest  # bytes before the name, of it, alike behind it
        self.said = said
        """With a Register request; None: a request to another path, whose payload follows."""
        self.content_format = content_format

    def name_in(self, data: bytes, start: int) -> str:
        """As it was said; "" where it is no ASCII, which is to be looked at."""
        name_at = start + self._before
        name = data[name_at : name_at + self._length]
        return name.decode() if name.isascii() else ""

    def payload_in(self, data: bytes, start: int) -> bytes:
        return data[start + self._before + self._length + self._rest :]


class _Start:
    """What stands before a name: so long is the name, and so what is alike behind it may be."""

    __slots__ = ("by_rest", "length", "registers", "size", "text")

    def __init__(self, text: bytes, length: int, registers: bool) -> None:
        self.text, self.size = text, len(text)
        self.length = length
        self.registers = registers
        self.by_rest: dict[bytes, Form] = {}


class Forms:
    """Of the requests that were taken in, the last ones."""

    __slots__ = ("_by_start", "_last")

    def __init__(self) -> None:
        self._by_start: dict[bytes, _Start] = {}
        self._last: _Start | None = None  # that was found

    def find(self, data: bytes, start: int) -> Form | None:
        """Of a request whose options begin there."""
        before = self._last
        if before is None or data[start : start + before.size] != before.text:
            name_at = _name_at(data, start)  # compiled, a slice that ends before it begins is an error
            before = self._by_start.get(data[start:name_at]) if name_at else None
            if before is None:
                return None
            self._last = before
        end, size = start + before.size + before.length, len(data)
        if end > size:  # the name is cut short
            return None
        if before.registers:
            return before.by_rest.get(data[end:])
        payload = data.find(_MARKER, end) + 1
        return before.by_rest.get(data[end:payload]) if 0 < payload < size else None

    def learn(self, data: bytes, said: Registration | None = None) -> None:
        """From a datagram that was taken in; what it has said, or None where it is another request with a name."""
        message, start = decode(data), start_of(data)
        name_at = _name_at(data, start)
        named = [value for number, value in message.options if number == _URI_QUERY and value.startswith(_NAME)]
        if len(named) != 1 or name_at != _place_of(message, start, named[0]) or not is_plain(message.options):
            return
        length = len(named[0]) - len(_NAME)
        end = name_at + length
        if said is None:
            payload = data.find(_MARKER, end) + 1
            if not payload or not message.payload or payload + len(message.payload) != len(data):
                return
            rest = data[end:payload]
        else:
            rest = data[end:]
        text = data[start:name_at]
        before = self._by_start.get(text)
        if before is None:
            make_room(self._by_start, _FORMS)
            before = self._by_start[text] = _Start(text, length, said is not None)
        make_room(before.by_rest, _FORMS)
        before.by_rest[rest] = Form(len(text), length, len(rest), said, message.content_format)


def is_usual(data: bytes) -> bool:
    """Whether it may be such a request: of version 1, Confirmable, POST, with a token and something behind it."""
    return len(data) > 4 and data[1] == _POST and data[0] & 0xF0 == 0x40 and 4 + (data[0] & 15) < min(len(data), 13)


def start_of(data: bytes) -> int:
    """Where the options begin."""
    return 4 + (data[0] & 15)


def location_in(data: bytes, start: int) -> str:
    """Of an Update without parameters; "" of anything else."""
    if len(data) != start + _UPDATE_SIZE or not data.startswith(_UPDATE, start):
        return ""
    location = data[start + len(_UPDATE) :]
    return location.decode() if location.isascii() else ""


def created(data: bytes, location: bytes) -> bytes:
    """The acknowledgement of a Register request; ``location``: as options."""
    length = data[0] & 15
    return _CREATED[length] + data[2 : 4 + length] + location


def changed(data: bytes) -> bytes:
    """The acknowledgement of an Update."""
    length = data[0] & 15
    return _CHANGED[length] + data[2 : 4 + length]


def _name_at(data: bytes, start: int) -> int:
    """Where a name begins, if there is one behind that; else 0."""
    at = data.find(_NAME, start)
    return at + len(_NAME) if at >= 0 else 0


def _place_of(message: Message, start: int, named: bytes) -> int:
    """Where the name begins, where every option is written as short as it can be; 0 where it is not so."""
    previous = 0
    for number, value in message.options:
        start += 1 + _more(number - previous) + _more(len(value))
        if value is named:
            return start + len(_NAME)
        start += len(value)
        previous = number
    return 0


def _more(value: int) -> int:
    """Bytes behind the header of an option (RFC 7252 3.1)."""
    return 0 if value < 13 else 1 if value < 269 else 2
