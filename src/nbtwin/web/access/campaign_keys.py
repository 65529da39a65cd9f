"""A campaign's key opens its package (D163): who may not change devices sees it in no answer (D197).

It stands in the address of the package, in text and in the hex of a datagram's bytes, and as a field of the campaign's
facts. Each is masked by as many asterisks, wherever an answer has it. Knows answers, no route.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from starlette.types import Message, Send

_KEY = re.compile(rb'(?:(?<=/fw/)[0-9a-fA-F]{32}(?=/)|(?<="key":")[0-9a-f]{32}(?="))')
_HEX = re.compile(rb"(?<=2f66772f)(?:3[0-9]|[46][1-6]){32}(?=2f)", re.IGNORECASE)
_OF_FILES = b"application/octet-stream"


def masked(text: bytes) -> bytes:
    """Of the same length."""
    text = _KEY.sub(lambda found: b"*" * len(found[0]), text)
    return _HEX.sub(lambda found: b"2a" * (len(found[0]) // 2), text)


def masking(send: Send) -> Send:
    """Each piece of an answer is whole lines or events; a file that somebody put there goes as it came."""
    mask: Callable[[bytes], bytes] = masked

    async def sending(message: Message) -> None:
        nonlocal mask
        if message["type"] == "http.response.start":
            if any(name.lower() == b"content-type" and _OF_FILES in value for name, value in message["headers"]):
                mask = bytes
        elif message.get("body"):
            message = {**message, "body": mask(message["body"])}
        await send(message)

    return sending
