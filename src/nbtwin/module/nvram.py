"""What survives a power cut: one module's saved settings, written through before any OK.

In a live lab somebody else writes them (`Behind`), so that a slow disk stops nobody but the host that waits for
this OK. Knows the encoding of the settings; knows no file (the storage is handed in) and no command. What users do with
an NVRAM as a whole is in ``nbtwin.module.nvram_image``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import msgspec
from msgspec.structs import replace

from nbtwin.engine import UNDECODABLE, CodedError, DecodeError, Refusal
from nbtwin.foreign import detail_of
from nbtwin.module.settings import Saved, Success

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
        raise NvramError(NvramRefusal.UNREADABLE, detail=detail_of(error)) from None
    if envelope.format != FORMAT:
        raise NvramError(NvramRefusal.FORMAT, format=envelope.format, known=FORMAT)
    return envelope.saved


FACTORY = encode(Saved())
"""The image of a module that nothing was ever saved in."""


class MemoryStorage:
    """NVRAM of a module that lives as long as its process: simulations and fleets.

    Of what is saved it keeps the end that is not as in the image that it began with: thousands begin with the same.
    """

    __slots__ = ("_alike", "_end", "_first")

    def __init__(self, content: bytes | None = None) -> None:
        self._first = content  # what the module was delivered with
        self._alike = 0  # so many bytes of it, or of the factory's image, are as they were
        self._end: bytes | None = None  # and what follows them; None: nothing was saved

    @property
    def content(self) -> bytes | None:
        if self._end is None:
            return self._first
        return self._end if not self._alike else (self._first or FACTORY)[: self._alike] + self._end

    def load(self) -> bytes | None:
        return self.content

    def save(self, content: bytes) -> None:
        self._alike = _alike(self._first or FACTORY, content)
        self._end = content[self._alike :]


def _alike(one: bytes, other: bytes) -> int:
    """How many bytes both begin with."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if other.startswith(one[:middle]):
            low = middle
        else:
            high = middle - 1
    return low


SHARED: dict[bytes, Saved] = {}
"""By image: one structure for all modules that have it, which nobody may change."""
_SHARED_AT_MOST = 32


def _shared(content: bytes) -> Saved:
    """Raises NvramError."""
    saved = SHARED.get(content)
    if saved is None:
        saved = decode(content)
        if len(SHARED) >= _SHARED_AT_MOST:
            SHARED.pop(next(iter(SHARED)))  # the oldest is the factory's, or soon is there again
        SHARED[content] = saved
    return saved


class Behind:
    """The storage of images that somebody else writes while others go on: only in a live lab does a module have one."""

    __slots__ = ("awaited", "durable", "failed", "storage", "under_way", "write")

    def __init__(self, storage: Storage, write: Callable[[bytes], object]) -> None:
        self.storage = storage
        self.write = write
        """Takes an image; `Nvram.handle_written` is told how it ended."""
        self.under_way: list[bytes] = []
        """Images that are being written, oldest first."""
        self.durable = b""
        """What the storage has meanwhile."""
        self.failed = False
        """Whether the last write did."""
        self.awaited = 0
        """So many of those under way must end before the host's command is answered."""

    @property
    def decided(self) -> bool:
        """What the host's command has saved is on the disk now, or never will be: a newer image has all of it."""
        return not self.awaited and not (self.failed and self.under_way)

    def load(self) -> bytes | None:
        return self.storage.load()

    def save(self, content: bytes) -> None:
        self.storage.save(content)


class Nvram:
    """The saved settings and the way back to the last content that really was written."""

    __slots__ = ("_own", "_written", "saved", "storage")

    def __init__(self, storage: Storage) -> None:
        self.storage = storage
        content = storage.load()
        self.saved = _shared(FACTORY if content is None else content)
        """To be read only: other modules may have the same structure. `to_save` is to be changed."""
        self._own = False
        written = encode(self.saved)
        self._written = None if isinstance(storage, MemoryStorage) and written == (content or FACTORY) else written

    @property
    def behind(self) -> Behind | None:
        """None: `storage` is written at once."""
        storage = self.storage
        return storage if isinstance(storage, Behind) else None

    @property
    def to_save(self) -> Saved:
        """The saved settings, to be changed; `save` writes them through."""
        if not self._own:
            self.saved, self._own = decode(encode(self.saved)), True
        return self.saved

    def keep_success(self, operator: str, success: Success) -> None:
        """As a change in `to_save`; what else is saved stays shared."""
        self.saved = replace(self.saved, successes={**self.saved.successes, operator: success})

    def save(self) -> bool:
        """Write through. On failure the saved settings are again what the storage holds. While it is `writing`, True is
        no more than a hope: `handle_written` decides."""
        content, before = encode(self.saved), self.snapshot()
        if content == before:
            return True
        if (behind := self.behind) is not None:
            if not behind.under_way:
                behind.durable = before
            behind.under_way.append(content)
            self._written = content
            behind.write(content)
            return True
        try:
            self.storage.save(content)
        except OSError:
            self.saved, self._own = _shared(before), False
            return False
        self._written = None if isinstance(self.storage, MemoryStorage) else content
        return True

    @property
    def writing(self) -> bool:
        """Something is being written."""
        behind = self.behind
        return behind is not None and bool(behind.under_way)

    def handle_written(self, failed: bool) -> None:
        """The oldest write that was under way has ended. A failure counts when no newer one, which has all of its
        content, is under way."""
        behind = self.behind
        if behind is None or not behind.under_way:
            return  # another image has taken its place
        content = behind.under_way.pop(0)
        behind.failed, behind.awaited = failed, max(0, behind.awaited - 1)
        if not failed:
            behind.durable = content
        elif not behind.under_way:
            self.saved, self._own = _shared(behind.durable), False
            self._written = behind.durable

    def replaced(self, content: bytes) -> None:
        """The storage holds another image now; writes that are under way are of no account."""
        if (behind := self.behind) is not None:
            behind.under_way.clear()
            behind.awaited = 0
        self.saved, self._own = _shared(content), False
        self._written = content

    def copy(self) -> Saved:
        """What was last written, and comes into use at boot; to be read only, as `saved`."""
        return _shared(self.snapshot())

    def snapshot(self) -> bytes:
        """The image as it was last written."""
        if self._written is not None:
            return self._written
        content = self.storage.load()  # memory, which does not fail, has it
        return FACTORY if content is None else content
