"""Message IDs and tokens (RFC 7252 4.4 and 5.3.1).

Knows the source of randomness that was handed in; must not know what the identifiers are used for.
"""

from __future__ import annotations

from collections.abc import Container

from nbtwin.coap.bounded import make_room
from nbtwin.engine import Address, Randomness


class Identifiers:
    """Counts message IDs for each peer, from a random start; remembers a bounded number of peers."""

    __slots__ = ("_next", "_peers", "_random")

    def __init__(self, random: Randomness, peers: int) -> None:
        self._random = random
        self._peers = peers
        self._next: dict[Address, int] = {}

    def message_id(self, peer: Address, in_use: Container[tuple[Address, int]]) -> int:
        """One after the other: none comes back before 65536 others have gone to that peer (RFC 7252 4.4)."""
        message_id = self._next.get(peer)
        if message_id is None:
            make_room(self._next, self._peers)
            message_id = self._random.getrandbits(16)
        while (peer, message_id) in in_use:
            message_id = message_id + 1 & 0xFFFF
        self._next[peer] = message_id + 1 & 0xFFFF
        return message_id

    def token(
        self, peer: Address, asked: Container[tuple[Address, bytes]], observed: Container[tuple[Address, bytes]]
    ) -> bytes:
        """Four random bytes: what an endpoint on the open Internet needs at least (RFC 7252 5.3.1)."""
        while True:
            token = self._random.getrandbits(32).to_bytes(4, "big")
            key = (peer, token)
            if key not in asked and key not in observed:
                return token
