"""A campaign's key opens its package (D163): who may not change devices sees it in no answer (D197).

It stands in the address of the package, in text and in the hex of a datagram's bytes, and as a field of the campaign's
facts. Each is masked by as many asterisks, wherever an answer has it. Knows answers, no route.
"""

from __future__ import annotations

import re

from starlette.types import Message, Send

from nbtwin.edge.turns import in_turns

_KEY = re.compile(rb'(?:(?<=/fw/)[0-9a-fA-F]{32}(?=/)|(?<="key":")[0-9a-f]{32}(?="))')
_HEX = re.compile(rb"(?<=2f66772f)(?:3[0-9]|[46][1-6]){32}(?=2f)", re.IGNORECASE)
_OF_FILES = b"application/octet-stream"
_PIECE = 64 * 1024
_LONGEST = 256
"""Bytes in which a key is, in hex too, with what it is known by on both sides."""


def masked(text: bytes) -> bytes:
    """Of the same length."""
    text = _KEY.sub(lambda found: b"*" * len(found[0]), text)
    return _HEX.sub(lambda found: b"2a" * (len(found[0]) // 2), text)


async def _masked_in_turns(body: bytes) -> bytes:
    """A long one in pieces that overlap, as what is masked has its own length."""
    if len(body) <= _PIECE:
        return masked(body)
    found = bytearray(body)
    async for begin in in_turns(range(0, len(body), _PIECE)):
        piece = slice(max(0, begin - _LONGEST), begin + _PIECE)
        found[piece] = masked(bytes(found[piece]))
    return bytes(found)


def masking(send: Send) -> Send:
    """Each piece of an answer is whole lines or events; a file that somebody put there goes as it came."""
    of_files = False

    async def sending(message: Message) -> None:
        nonlocal of_files
        if message["type"] == "http.response.start":
            of_files = any(name.lower() == b"content-type" and _OF_FILES in value for name, value in message["headers"])
        elif (body := message.get("body")) and not of_files:
            message = {**message, "body": await _masked_in_turns(body)}
        await send(message)

    return sending
