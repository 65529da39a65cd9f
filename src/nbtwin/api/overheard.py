"""What a module has said by itself, made out from the timeline: whoever sent the commands, their answers are none.

Knows a driver and entries; asks nobody.
"""

from __future__ import annotations

import threading

from nbtwin.api.results import TimelineEntry
from nbtwin.host.driver import Driver, UrcReceived
from nbtwin.timeline.entry import EntryKind

_NEVER = float("inf")
"""When a command is given up: by the next one, which the host would not have sent before."""


class Overheard:
    """One module's. ``lock``: while entries are taken, for threads."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.number = 0
        """The last entry that was taken."""
        self.urcs: list[str] = []
        """The oldest first."""
        self._driver = Driver()

    def take(self, entry: TimelineEntry) -> None:
        """The next of its serial line, in order."""
        self.number, line = entry.number, str(entry.fields.get("line", ""))
        if entry.kind == EntryKind.AT_IN:
            self._driver.handle_timer(_NEVER)
            self._driver.send(entry.at, line, timeout=_NEVER)
        else:
            self._driver.handle_bytes(entry.at, line.encode("utf-8", "surrogateescape") + b"\r\n")
        self._driver.bytes_to_send()
        self.urcs += [event.text for event in self._driver.events() if isinstance(event, UrcReceived)]
