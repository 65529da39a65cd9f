"""The firmware object of protocol-only devices (LwM2M 1.0 TS, E.6): state, result, and the package that is pulled block
by block (RFC 7959) from the server itself. Blocks are counted, not kept.

Knows messages; knows no device's row, no timer and no socket.
"""

from __future__ import annotations

from enum import IntEnum
from urllib.parse import unquote, urlsplit

from nbtwin.coap.blockwise import Block, BlockwiseError, block_of
from nbtwin.coap.message import Message, encode_content, options
from nbtwin.coap.numbers import ContentFormat, OptionNumber
from nbtwin.fleet.plan import FleetTarget
from nbtwin.lwm2m.content import codec
from nbtwin.lwm2m.path import Path

FIRMWARE = (5, 0)
PACKAGE, URI, UPDATE, STATE, RESULT = 0, 1, 2, 3, 5
_SIZE_EXPONENT = 6
_ETAG = 4


class FirmwareState(IntEnum):
    """/5/0/3"""

    IDLE = 0
    DOWNLOADING = 1
    DOWNLOADED = 2
    UPDATING = 3


class FirmwareEnd(IntEnum):
    """/5/0/5"""

    NONE = 0
    SUCCESS = 1
    CONNECTION_LOST = 4
    INVALID_URI = 7
    UNSUPPORTED_PROTOCOL = 9


class Pull:
    """One package: where it is, and the next block."""

    __slots__ = ("etag", "next", "path", "size")

    def __init__(self, path: tuple[str, ...]) -> None:
        self.path, self.size = path, 0
        self.next = Block(0, False, _SIZE_EXPONENT)
        self.etag: bytes | None = None

    def request(self) -> bytes:
        """What follows the token."""
        block = self.next
        found = options(path=self.path)
        return encode_content((*found, (int(OptionNumber.BLOCK2), Block(block.number, False, block.exponent).encode())))

    def take(self, answer: Message) -> bool | None:
        """Whether there is more; None for what is no part of this package."""
        try:
            block = block_of(answer, OptionNumber.BLOCK2)
        except BlockwiseError:
            return None
        if block is None:
            self.size = len(answer.payload)
            return False if not self.next.number else None
        etag = answer.first(_ETAG)
        if block.offset != self.next.offset or (self.next.number and etag != self.etag):
            return None
        if block.more and len(answer.payload) != block.size:
            return None
        self.etag, self.size = etag, self.size + len(answer.payload)
        self.next = Block(block.number + 1, False, block.exponent)
        return block.more


def pull_of(uri: str, target: FleetTarget) -> Pull | FirmwareEnd:
    """From the server itself and by its own scheme: no device of a fleet asks anybody else."""
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return FirmwareEnd.INVALID_URI
    if parts.scheme not in ("coap", "coaps"):
        return FirmwareEnd.UNSUPPORTED_PROTOCOL
    secure = parts.scheme == "coaps"
    there = (parts.hostname or "").lower(), port or (5684 if secure else 5683)
    if secure != target.secure or there[1] != target.port or there[0] not in (target.host, target.address):
        return FirmwareEnd.INVALID_URI
    return Pull(tuple(unquote(part) for part in parts.path.removeprefix("/").split("/")))


def written_uri(payload: bytes, content_format: int | None) -> str:
    """What was written to /5/0/1; DecodeError or UnsupportedFormat for what is no text."""
    if content_format is None:
        content_format = ContentFormat.TEXT
    found = codec.decode(content_format, Path((*FIRMWARE, URI)), payload)
    return found if isinstance(found, str) else ""
