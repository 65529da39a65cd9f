"""What the RDY families keep of a <connectID> beside its socket: the host as it was written, mode, state, counts.

Knows no command, no URC and no byte of data.
"""

from __future__ import annotations

INITIAL, OPENING, CONNECTED, LISTENING, CLOSING = 0, 1, 2, 3, 4
"""<socket_state>."""
LISTENER, INCOMING = "TCP LISTENER", "TCP INCOMING"
"""<service_type> of a port that takes who connects, and of each of those."""
BUFFER, PUSH = 0, 1
"""<access_mode>."""


class Connection:
    """One <connectID> that is open, or that its host has yet to close."""

    __slots__ = (
        "access_mode", "acknowledged", "announced", "context", "gone", "host", "label", "local_port", "port", "sent",
        "state", "transport",
    )  # fmt: skip

    def __init__(
        self, label: int, context: int, transport: str, host: str, port: int, local_port: int, access_mode: int
    ) -> None:
        self.label = label
        self.context = context
        self.transport = transport
        self.host = host
        self.port = port
        self.local_port = local_port
        self.access_mode = access_mode
        self.state = OPENING
        self.sent = 0
        self.acknowledged = 0
        self.announced = False
        """The host was told that data waits, and has not read the last of it."""
        self.gone = False
        """No socket is behind it any more."""


class PingSeries:
    """One +QPING: how many are still to come, and what those that are over took."""

    __slots__ = ("address", "first", "left", "name", "sent", "size", "timeout", "times")

    def __init__(self, name: str, size: int, timeout: int, count: int) -> None:
        self.name = name
        self.address = ""
        self.size = size
        self.timeout = timeout
        self.left = count
        self.sent = 0
        self.times: list[int] = []


class Connections:
    """All of a module, and the errands that are its host's: one look-up, one ping, one time at once."""

    __slots__ = ("asked", "by_label", "last_error", "open_time", "pings", "server", "sets_time")

    def __init__(self, open_time: int) -> None:
        self.by_label: dict[int, Connection] = {}
        self.last_error = 0
        self.open_time = open_time
        self.asked = ""  # the name of AT+QIDNSGIP under way
        self.pings: PingSeries | None = None
        self.server: tuple[str, int] | None = None  # of AT+QNTP under way: its name, its port
        self.sets_time = False
