"""What a flight is made of: data. Its way into datagrams is `flights.py`, which is compiled."""

from __future__ import annotations

import msgspec


class Item(msgspec.Struct, frozen=True, gc=False):
    """A handshake message in its epoch, as it stands in a record that has room for it; or a ChangeCipherSpec."""

    title: str
    encoded: bytes
    epoch: int = 0
    is_message: bool = True
