"""One DTLS record as a value: data. Its bytes are the concern of `record.py`, which is compiled."""

from __future__ import annotations

import msgspec

FIRST_EPOCH = b"\0\0"


class Record(msgspec.Struct, frozen=True, gc=False):
    """One record as it arrived; of a protected one nothing is known to be true yet."""

    content_type: int
    sequence: bytes  # epoch and sequence number, 8 bytes
    connection_id: bytes
    fragment: bytes

    @property
    def epoch(self) -> int:
        return int.from_bytes(self.sequence[:2], "big")

    @property
    def number(self) -> int:
        return int.from_bytes(self.sequence[2:], "big")
