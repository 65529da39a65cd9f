"""What survives a power cut: one module's saved settings, written through before any OK.

Knows the encoding of the settings; knows no file (the storage is handed in) and no command. What users do with an
NVRAM as a whole is in ``nbtwin.module.nvram_image``.
"""

from __future__ import annotations

from typing import Protocol

import msgspec

from nbtwin.engine import UNDECODABLE, CodedError, DecodeError, Refusal
from nbtwin.module.settings import Saved

FORMAT = 1
"""Raised when a change to the settings cannot be read by the version before."""


class NvramRefusal(Refusal):
    """Why bytes are no NVRAM image."""

    UNREADABLE = "nvram-unreadable"  # detail
    FORMAT = "nvram-format"  # format, known


class NvramError(CodedError, DecodeError):
    """Bytes that are no NVRAM image of this version."""


class Storage(Protocol):
    """Where NVRAM lives. ``save`` returns only when the bytes would survive a power cut; else it raises OSError."""

    def load(self) -> bytes | None:
        """What was saved last; None: never anything."""
        ...

    def save(self, content: bytes) -> None: ...


class MemoryStorage:
    """NVRAM of a module that lives as long as its process: simulations and fleets."""

    __slots__ = ("content",)

    def __init__(self, content: bytes | None = None) -> None:
        self.content = content

    def load(self) -> bytes | None:
        return self.content

    def save(self, content: bytes) -> None:
        self.content = content


class _Envelope(msgspec.Struct):
    format: int
    saved: Saved


_decoder = msgspec.json.Decoder(_Envelope)
_encoder = msgspec.json.Encoder()


def encode(saved: Saved) -> bytes:
    """An NVRAM image: JSON with its format's number."""
    return _encoder.encode(_Envelope(FORMAT, saved))


def decode(content: bytes) -> Saved:
    """Raises NvramError."""
    try:
        envelope = _decoder.decode(content)
    except UNDECODABLE as error:
        raise NvramError(NvramRefusal.UNREADABLE, detail=str(error)) from None
    if envelope.format != FORMAT:
        raise NvramError(NvramRefusal.FORMAT, format=envelope.format, known=FORMAT)
    return envelope.saved


class Nvram:
    """The saved settings and the way back to the last content that really was written."""

    __slots__ = ("_written", "saved", "storage")

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        content = storage.load()
        self.saved = decode(content) if content is not None else Saved()
        self._written = encode(self.saved)

    def save(self) -> bool:
        """Write through. On failure the saved settings are again what the storage holds."""
        content = encode(self.saved)
        if content == self._written:
            return True
        try:
            self.storage.save(content)
        except OSError:
            self.saved = decode(self._written)
            return False
        self._written = content
        return True

    def replaced(self, content: bytes) -> None:
        """The storage holds another image now."""
        self.saved = decode(content)
        self._written = content

    def copy(self) -> Saved:
        """A second copy, of what was last written: what comes into use at boot."""
        return decode(self._written)

    def snapshot(self) -> bytes:
        """The image as it was last written."""
        return self._written
