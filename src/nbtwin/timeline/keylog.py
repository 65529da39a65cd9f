"""The keys of DTLS sessions that an engine of the lab has told, in the form every tool reads (NSS key log).

Knows lines; knows no engine. Whoever has them can read everything: they are in memory, in the timeline's file and in
captures, nowhere else.
"""

from __future__ import annotations

from collections import OrderedDict

_LABEL = "CLIENT_RANDOM"
_RANDOM, _SECRET = 64, 96  # hexadecimal digits


class KeyLog:
    """The newest keys by the client's random."""

    def __init__(self, size: int = 10_000) -> None:
        self._size = size
        self._secrets: OrderedDict[bytes, bytes] = OrderedDict()

    def __len__(self) -> int:
        return len(self._secrets)

    def add(self, line: str) -> bool:
        """``CLIENT_RANDOM <random> <master secret>``; another line, or one that both ends told, adds nothing."""
        label, _, rest = line.partition(" ")
        hello, _, secret = rest.partition(" ")
        if label != _LABEL or len(hello) != _RANDOM or len(secret) != _SECRET:
            return False
        key = bytes.fromhex(hello)
        if key in self._secrets:
            return False
        self._secrets[key] = bytes.fromhex(secret)
        if len(self._secrets) > self._size:
            self._secrets.popitem(last=False)
        return True

    def find(self, client_random: bytes) -> bytes | None:
        """The master secret."""
        return self._secrets.get(client_random)

    def lines(self) -> list[str]:
        """Oldest first."""
        return [f"{_LABEL} {hello.hex()} {secret.hex()}" for hello, secret in self._secrets.items()]
