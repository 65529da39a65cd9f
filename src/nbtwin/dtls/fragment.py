"""A part of a handshake message: data. How it is found and put together is `fragments.py`, which is compiled."""

from __future__ import annotations

import msgspec


class Fragment(msgspec.Struct, frozen=True, gc=False):
    type: int
    length: int  # of the whole message
    seq: int
    offset: int
    data: bytes
