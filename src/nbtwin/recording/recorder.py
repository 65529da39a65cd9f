"""Between a host and a real module: what one sends goes to the other, and into a file.

The host opens a port of ours, the module is at a port of the machine. Whatever speed the host sets, the module's port
gets. A cable that is pulled is recorded and waited for; the host's end stays.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeAlias

from nbtwin.edge.errors import EdgeError, EdgeRefusal
from nbtwin.edge.host_port import HostPort
from nbtwin.edge.serial_line import SerialLine
from nbtwin.edge.serial_port import SerialPort
from nbtwin.engine import Seconds
from nbtwin.recording.file import Bytes, LineChanged, RecordingEntry, RecordingWriter, Sender
from nbtwin.recording.redaction import Redactor

RETRY: Seconds = 0.5
"""Between two attempts to open a port that has gone."""
_TICK: Seconds = 1.0

Keep: TypeAlias = Callable[[RecordingEntry], None]


class Recorder(SerialLine):
    """The module's end, for a port of ours. ``on_change`` is told when the module's port goes and comes back.

    Until `close`, which writes the file's last line.
    """

    name = "module"

    def __init__(
        self,
        real: HostPort,
        redactor: Redactor | None,
        on_change: Callable[[LineChanged], object] = lambda change: None,
        on_failure: Callable[[], object] = lambda: None,
    ) -> None:
        self.sinks = []
        self._real, self._redactor, self._on_change, self._on_failure = real, redactor, on_change, on_failure
        self._writer: RecordingWriter | None = None
        self.failure: OSError | None = None
        """Why the file could not be written on: host and module still hear one another."""
        self._loop = asyncio.get_running_loop()
        self._began = time.monotonic()
        self._port: SerialPort | None = None
        self._outgoing = ThreadPoolExecutor(1, "nbtwin-record")  # a slow line takes its time, in order
        self._stopping = threading.Event()
        self._reader = threading.Thread(target=self._read, name="nbtwin-record-read", daemon=True)
        self.sent = self.came = 0
        self.is_taken = False
        """The module's port is gone because another host has it."""

    def start(self, port: SerialPort, writer: RecordingWriter) -> None:
        """``port`` is the host's. Until now there is no file that a refused beginning could leave behind."""
        self._port, self._writer = port, writer
        self._reader.start()
        self._loop.call_later(_TICK, self._tick)

    @property
    def listens_at(self) -> int:
        """What the host speaks at: the other side follows."""
        asked = self._port.host_speed() if self._port is not None else None
        return self._real.baud if asked is None else asked

    speaks_at = listens_at

    def handle_bytes(self, data: bytes) -> None:
        at, speed = self._now(), self.listens_at
        if speed != self._real.baud:
            self._put(LineChanged(at, "speed", speed))
            self._outgoing.submit(self._real.set_baud, speed)
        self.sent += len(data)
        self._put(Bytes(at, Sender.HOST, data))
        self._outgoing.submit(self._write, data)

    def _write(self, data: bytes) -> None:
        try:
            self._real.write(data)
        except EdgeError:
            return  # the reader finds it, too, and says so

    def _now(self) -> Seconds:
        return time.monotonic() - self._began

    def _put(self, entry: RecordingEntry) -> None:
        self._keep(iter([entry]) if self._redactor is None else self._redactor.add(entry))

    def _tick(self) -> None:
        if self._stopping.is_set():
            return
        if self._redactor is not None:
            self._keep(self._redactor.tick(self._now()))
        self._loop.call_later(_TICK, self._tick)

    def _keep(self, entries: Iterator[RecordingEntry]) -> None:
        """What cannot be written ends the file; the line goes on until whoever records has heard of it."""
        if self._writer is None:
            return
        try:
            for entry in entries:
                self._writer.write(entry)
        except OSError as error:
            self._writer, self.failure = None, error
            self._on_failure()

    # the module's side, in a thread: a real port has no event loop on every system

    def _read(self) -> None:
        gone = False
        while not self._stopping.is_set():
            try:
                data = self._real.read()
            except EdgeError as error:
                if not gone:  # else it was turned away again
                    gone, self.is_taken = True, error.code is EdgeRefusal.SERIAL_TAKEN
                    self._hand_over(lambda at: self._changed(LineChanged(at, "lost")))
                self._reopened()
                continue
            if gone and not self._real.beginning.is_fresh:
                gone = False
                self._hand_over(lambda at: self._changed(LineChanged(at, "back")))
            if data:
                self._hand_over(partial(self._came, data))

    def _reopened(self) -> None:
        url, baud = self._real.url, self._real.baud
        self._real.close()
        while not self._stopping.wait(RETRY):
            try:
                self._real = HostPort(url, baud)
                return
            except EdgeError:
                continue

    def _hand_over(self, what: Callable[[Seconds], None]) -> None:
        at = self._now()
        if not self._stopping.is_set():
            self._loop.call_soon_threadsafe(what, at)

    def _came(self, data: bytes, at: Seconds) -> None:
        if not self._stopping.is_set():
            self.came += len(data)
            self._put(Bytes(at, Sender.MODULE, data))
            for sink in list(self.sinks):
                sink(data)

    def _changed(self, change: LineChanged) -> None:
        if not self._stopping.is_set():
            self._put(change)
            self._on_change(change)

    def close(self) -> None:
        self._stopping.set()
        self._outgoing.shutdown(wait=False, cancel_futures=True)
        if self._reader.is_alive():
            self._reader.join(timeout=2.0)
        self._real.close()
        if self._redactor is not None:
            self._keep(self._redactor.end())
        if self._writer is not None:
            self._writer.end(self._now())
