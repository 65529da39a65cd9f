"""Randomness of its own for each of very many modules: the numbers of ``random.Random``, without its 2.5 KiB.

Knows the Mersenne Twister's words, and how many of them a number takes; knows not what anybody does with them.
"""

from __future__ import annotations

import random

_WORD = 32
_AHEAD = 16
"""So many words are kept in advance: a token takes one, a wait two."""
_MOST_AGAIN = 4096
"""Whoever has taken so many words keeps the whole state: to find its place anew would take longer and longer."""


class SmallRandom:
    """What ``random.Random(f"{seed}/{name}")`` gives, call for call. It keeps how far it is, and makes the state anew
    for every `_AHEAD` words."""

    __slots__ = ("_ahead", "_left", "_made", "_name", "_seed", "_state")

    def __init__(self, seed: int, name: str) -> None:
        self._seed = seed
        self._name = name
        self._made = 0  # words, with those ahead
        self._ahead = 0  # the next words, the first one lowest
        self._left = 0  # how many of them
        self._state: random.Random | None = None  # of one that takes many

    def getrandbits(self, k: int) -> int:
        words, over = divmod(k, _WORD)
        low = self._take(words)
        return low if not over else low | self._take(1) >> _WORD - over << words * _WORD

    def random(self) -> float:
        high = self._take(1) >> 5
        return (high * 67108864 + (self._take(1) >> 6)) / 9007199254740992

    def uniform(self, a: float, b: float) -> float:
        return a + (b - a) * self.random()

    def randbytes(self, n: int) -> bytes:
        return self.getrandbits(n * 8).to_bytes(n, "little")

    def _take(self, words: int) -> int:
        """So many words as one number, the first one lowest."""
        if words > self._left:
            self._look_ahead(max(_AHEAD, words))
        bits = words * _WORD
        taken = self._ahead & (1 << bits) - 1
        self._ahead >>= bits
        self._left -= words
        return taken

    def _look_ahead(self, more: int) -> None:
        state = self._state
        if state is None:
            state = random.Random(f"{self._seed}/{self._name}")
            state.getrandbits(self._made * _WORD)
            if self._made > _MOST_AGAIN:
                self._state = state
        self._ahead |= state.getrandbits(more * _WORD) << self._left * _WORD
        self._left += more
        self._made += more
