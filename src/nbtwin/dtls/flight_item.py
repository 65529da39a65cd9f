"""What a flight is made of: data. Its way into datagrams is `flights.py`, which is compiled."""

from __future__ import annotations

import msgspec

from nbtwin.dtls.messages import HandshakeMessage


class Item(msgspec.Struct, frozen=True, gc=False):
    """A handshake message in its epoch, also as it stands in a record that has room for it; or a ChangeCipherSpec."""

    title: str
    encoded: bytes
    message: HandshakeMessage | None = None
    epoch: int = 0
