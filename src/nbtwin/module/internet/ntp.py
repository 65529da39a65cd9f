"""SNTP (RFC 4330, the packet of RFC 5905): a request, and what of an answer is the time. Knows bytes and seconds; no
socket, no name and no clock of the host.
"""

from __future__ import annotations

from nbtwin.engine import Randomness, Seconds

LENGTH = 48
UNIX_EPOCH = 2_208_988_800
"""1970 in seconds since 1900 (RFC 5905 6)."""
ERA = 1 << 32
PORT = 123
_FRACTION = float(1 << 32)
CLIENT, _SERVER = 3, 4  # modes


class SntpExchange:
    """One request under way. The transmit timestamp is drawn, not told: whoever answers has to have read it."""

    __slots__ = ("_cookie", "_sent_at")

    def __init__(self, now: Seconds, random: Randomness) -> None:
        self._sent_at = now
        self._cookie = random.randbytes(8)

    def request(self) -> bytes:
        """Version 4, from a client; all else is 0 (RFC 4330 5)."""
        return bytes((4 << 3 | CLIENT,)) + bytes(LENGTH - 9) + self._cookie

    def time_in(self, now: Seconds, data: bytes) -> float | None:
        """Seconds since 1970 at ``now``, half of the way there and back taken off. None: no answer to this request, or
        of a server that has no time (RFC 4330 5: leap indicator 3; stratum 0, the kiss-o'-death)."""
        if len(data) < LENGTH or data[0] & 7 != _SERVER:
            return None
        first, stratum = data[0], data[1]
        if data[24:32] != self._cookie:
            return None
        received, sent = _seconds(data, 32), _seconds(data, 40)
        if first >> 6 == 3 or not 1 <= stratum <= 15 or sent == 0.0:
            return None
        way = (now - self._sent_at) - (sent - received)
        return sent - UNIX_EPOCH + max(way, 0.0) / 2


def answer(request: bytes, since_1970: float) -> bytes:
    """What a server of stratum 2 says at this time to a client's request."""
    whole = int(since_1970)
    part = int((since_1970 - whole) * _FRACTION)
    stamp = ((whole + UNIX_EPOCH) % ERA).to_bytes(4, "big") + part.to_bytes(4, "big")
    head = bytes((request[0] & 0x38 | _SERVER, 2, request[2], 0xEC)) + bytes(8) + bytes((192, 0, 2, 22))
    return head + stamp + request[40:48] + stamp + stamp


def _seconds(data: bytes, at: int) -> float:
    """Since 1900; 0 stays 0. Up to 1968 it is the era that begins in 2036 (RFC 4330 3)."""
    whole = int.from_bytes(data[at : at + 4], "big")
    part = int.from_bytes(data[at + 4 : at + 8], "big")
    if whole == 0 and part == 0:
        return 0.0
    era = 0 if whole & 0x80000000 else ERA
    return float(whole + era) + part / _FRACTION
