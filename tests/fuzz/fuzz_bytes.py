"""Bytes that are nearly right: samples of what really passes, changed as a broken or hostile network would.

``NBTWIN_FUZZ_ROUNDS`` makes a run longer and ``NBTWIN_FUZZ_SEED`` another one, as in ``fuzz_lines``.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from random import Random

ROUNDS = int(os.environ.get("NBTWIN_FUZZ_ROUNDS", "60"))
SEED = int(os.environ.get("NBTWIN_FUZZ_SEED", "1"))
_NUMBERS = (0, 1, 0x7F, 0x80, 0xFE, 0xFF)


class Bytes:
    """An endless supply from some samples."""

    def __init__(self, name: str, samples: Sequence[bytes]) -> None:
        self.random = Random(f"{name}/{SEED}")
        self._samples = samples

    def next(self) -> bytes:
        choice = self.random.random()
        if choice < 0.05:
            return self.random.randbytes(self.random.randint(0, 64))
        data = bytearray(self.random.choice(self._samples))
        for _ in range(self.random.choice([1, 1, 1, 2, 3, 8])):
            self._change(data)
        return bytes(data)

    def _change(self, data: bytearray) -> None:
        random = self.random
        at = random.randint(0, len(data))
        match random.randrange(7):
            case 0 if at < len(data):
                data[at] ^= 1 << random.randrange(8)
            case 1 if at < len(data):
                data[at] = random.choice(_NUMBERS)
            case 2:
                del data[at:]
            case 3:
                del data[at : at + random.choice([1, 1, 2, 4, 16])]
            case 4:
                data[at:at] = bytes((random.choice(_NUMBERS),)) * random.choice([1, 1, 2, 16, 300])
            case 5:
                data[at:at] = data[: random.randint(0, 32)]
            case _:
                other = random.choice(self._samples)
                data[at:] = other[random.randint(0, len(other)) :]
        del data[4096:]
