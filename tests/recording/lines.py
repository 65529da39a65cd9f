"""Both ends of a line for tests: what a host and a module said, and a replay that is read like a port."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable

from nbtwin.engine import Seconds
from nbtwin.recording.file import Bytes, Header, Recording, RecordingWriter, Sender, read_recording
from nbtwin.recording.redaction import Redactor
from nbtwin.recording.replay import Matching, Replay, ReplayEvent


def recorded(pieces: Iterable[Bytes], *, hide: bool = True, salt: bytes = b"salt") -> bytes:
    """The file."""
    file = io.BytesIO()
    writer = RecordingWriter(file, Header(began="2026-11-29T21:00:00Z", port="/dev/ttyUSB0", baud=9600, hidden=hide))
    redactor, last = Redactor(salt), 0.0
    for piece in pieces:
        last = piece.at
        for entry in redactor.add(piece) if hide else [piece]:
            writer.write(entry)
    for entry in redactor.end():
        writer.write(entry)
    writer.end(last)
    return file.getvalue()


def reread(pieces: Iterable[Bytes], **how: bool) -> Recording:
    return read_recording(recorded(pieces, **how))


def dialogue(*said: tuple[float, str, bytes]) -> list[Bytes]:
    """``(at, ">" or "<", bytes)``."""
    return [Bytes(at, Sender.HOST if who == ">" else Sender.MODULE, data) for at, who, data in said]


class ReplayPort:
    """What a host program calls of `serial.Serial`, on a replay; time passes while it reads."""

    def __init__(self, recording: Recording, matching: Matching = Matching.STRICT, *, began: Seconds = 0.0) -> None:
        self.now = began
        self.timeout: float | None = 1.0
        self.replay = Replay(recording, matching)
        self.replay.start(self.now)
        self.found: list[ReplayEvent] = []
        self._come = bytearray()
        self._take()

    def _take(self) -> None:
        self._come += self.replay.bytes_to_send()
        self.found += self.replay.events()

    def write(self, data: bytes) -> int:
        self.replay.handle_bytes(self.now, bytes(data))
        self._take()
        return len(data)

    def read(self, size: int = 1) -> bytes:
        end = self.now + (self.timeout or 0.0)
        while len(self._come) < size:
            deadline = self.replay.next_deadline()
            if deadline is None or deadline.at > end:
                self.now = end
                break
            self.now = max(self.now, deadline.at)
            self.replay.handle_timer(self.now)
            self._take()
        data = bytes(self._come[:size])
        del self._come[:size]
        return data

    @property
    def in_waiting(self) -> int:
        return len(self._come)

    def all_until(self, at: Seconds) -> bytes:
        self.timeout = max(0.0, at - self.now)
        return self.read(1_000_000)


class Tap:
    """Remembers what passes between a host and a port of a simulated lab."""

    def __init__(self, clock: Callable[[], Seconds], sinks: list[Callable[[bytes], None]]) -> None:
        self.pieces: list[Bytes] = []
        self._clock = clock
        sinks.insert(0, lambda data: self.pieces.append(Bytes(clock(), Sender.MODULE, data)))

    def sent(self, data: bytes) -> None:
        self.pieces.append(Bytes(self._clock(), Sender.HOST, data))
