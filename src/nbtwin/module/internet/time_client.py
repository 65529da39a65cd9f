"""The time from a server (SNTP, RFC 4330) over a UDP socket of the module: asked, asked again, given up.

Knows sockets and seconds; knows no command, no URC and no name.
"""

from __future__ import annotations

from nbtwin.engine import Address, Deadline, Randomness, Seconds
from nbtwin.module.internet.events import (
    HOST,
    InternetEvent,
    InternetReason,
    SocketClosed,
    SocketReceived,
    TimeAnswered,
    Transport,
)
from nbtwin.module.internet.ntp import SntpExchange
from nbtwin.module.internet.sockets import Socket, SocketTable

OWNER = "ntp"
AGAIN_AFTER: Seconds = 5.0
"""Assumed."""
GIVEN_UP_AFTER: Seconds = 20.0
"""Observed: what firmware of this class waits."""


class TimeClient:
    """One question at once; its socket is there as long as it is open. Hears of it as the listener of `OWNER`."""

    __slots__ = ("_again_at", "_exchange", "_peer", "_random", "_socket", "_sockets", "_until", "answers")

    def __init__(self, sockets: SocketTable, random: Randomness) -> None:
        self._sockets = sockets
        self._random = random
        self._socket: Socket | None = None
        self._exchange: SntpExchange | None = None
        self._peer: Address = ("", 0)
        self._again_at: Seconds = 0.0
        self._until: Seconds = 0.0
        self.answers: list[InternetEvent] = []
        """That nobody has taken yet."""

    @property
    def busy(self) -> bool:
        return self._socket is not None

    @property
    def asked(self) -> Address | None:
        """The server whose answer is outstanding."""
        return self._peer if self._socket is not None else None

    def ask(self, now: Seconds, peer: Address) -> None:
        """TimeAnswered comes. Raises SocketError."""
        self._socket = socket = self._sockets.open(OWNER, 0, Transport.UDP)
        self._sockets.connect(socket, peer)
        self._peer, self._until = peer, now + GIVEN_UP_AFTER
        self._send(now, socket)

    def _send(self, now: Seconds, socket: Socket) -> None:
        self._exchange = exchange = SntpExchange(now, self._random)
        self._again_at = now + AGAIN_AFTER
        self._sockets.send_to(now, socket, self._peer, exchange.request())

    def hear(self, now: Seconds, event: InternetEvent) -> None:
        """What is no answer with a time in it counts for nothing."""
        if isinstance(event, SocketClosed) and event.forced:
            self._socket = self._exchange = None
            self._tell(None)
        if not isinstance(event, SocketReceived):
            return
        while self._socket is not None and (received := self._sockets.read(self._socket, 65535)) is not None:
            assert self._exchange is not None
            time = self._exchange.time_in(now, received.data)
            if time is not None:
                self._end(now, time)

    def handle_timer(self, now: Seconds) -> None:
        socket = self._socket
        if socket is None:
            return
        if now >= self._until:
            self._end(now, None)
        elif now >= self._again_at:
            self._send(now, socket)

    def next_deadline(self) -> Deadline | None:
        if self._socket is None:
            return None
        return Deadline(min(self._again_at, self._until), InternetReason.TIME, f"{self._peer[0]}:{self._peer[1]}")

    def take_answers(self) -> list[InternetEvent]:
        answers, self.answers = self.answers, []
        return answers

    def _end(self, now: Seconds, time: float | None) -> None:
        assert self._socket is not None
        self._sockets.close(self._socket)
        self._socket = self._exchange = None
        self._tell(time)

    def _tell(self, time: float | None) -> None:
        self.answers.append(TimeAnswered(HOST, f"{self._peer[0]}:{self._peer[1]}", time))
