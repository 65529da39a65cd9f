"""The client: one peer, one session, and at times a handshake that will replace it. Sans I/O, as engine.py says."""

from __future__ import annotations

from enum import Enum

from nbtwin.dtls.ciphers import RandomBytes
from nbtwin.dtls.client_handshake import ClientHandshake
from nbtwin.dtls.endpoint import DtlsEndpoint, check_plaintext, completed
from nbtwin.dtls.events import HandshakeFailed, SessionClosed
from nbtwin.dtls.handshake import Handshake, HandshakeState
from nbtwin.dtls.messages import MAX_IDENTITY, MAX_KEY
from nbtwin.dtls.numbers import APPLICATION_DATA
from nbtwin.dtls.reasons import DtlsError, DtlsRefusal
from nbtwin.dtls.record import Record, is_protected
from nbtwin.dtls.session import DtlsSession, Resumable
from nbtwin.dtls.settings import Settings
from nbtwin.engine import Address, Deadline, Seconds

MAX_QUEUED = 16
"""Plaintexts that wait for a handshake."""


class Status(Enum):
    """Where a client is; a handshake that replaces a session counts as one."""

    IDLE = "not started"
    HANDSHAKING = "in progress"
    ESTABLISHED = "done"
    FAILED = "failed"


class DtlsClient(DtlsEndpoint):
    """`send` starts a handshake by itself where one is needed and keeps what is to be sent until it is complete."""

    __slots__ = ("_active_at", "_failed", "_handshake", "_queue", "_secret", "_session", "peer", "resumable", "silence")

    LAST_FLIGHT = 5

    def __init__(
        self,
        peer: Address,
        identity: bytes,
        key: bytes,
        random: RandomBytes,
        *,
        settings: Settings | None = None,
        silence: Seconds | None = None,
        resumable: Resumable | None = None,
    ) -> None:
        """`silence`: after so many seconds without traffic, `send` makes a new handshake first; None: never.

        `resumable` is what an earlier client has kept. ValueError for an identity of more than 128 bytes and for a key
        that has not 1 to 64 bytes (RFC 4279 5.3).
        """
        check_secret(identity, key)
        super().__init__(random, settings or Settings())
        self.peer, self._secret, self.silence = peer, (identity, key), silence
        self.resumable = resumable
        self._session: DtlsSession | None = None
        self._handshake: ClientHandshake | None = None
        self._queue: list[bytes] = []
        self._failed = False
        self._active_at: Seconds = 0.0

    @property
    def status(self) -> Status:
        if self._handshake is not None:
            return Status.HANDSHAKING
        if self._session is not None:
            return Status.ESTABLISHED
        return Status.FAILED if self._failed else Status.IDLE

    # verbs

    def handshake(self, now: Seconds, *, resume: bool = True) -> None:
        """A new session; one that lives stays in use for what arrives until then. Nothing while one is under way."""
        if self._handshake is not None:
            return
        offered = self.resumable if resume else None
        if offered is not None and now - offered.made_at > self._settings.resumption_lifetime:
            offered = self.resumable = None
        self._handshake = ClientHandshake(self, self._settings, self.peer, self._secret, offered)
        self._handshake.start(now)

    def adopt(self, now: Seconds, session: DtlsSession, resumable: Resumable | None) -> None:
        """A session that was made elsewhere (`usual.py`); ours is none yet."""
        self._session, self._active_at, self.resumable = session, now, resumable

    def send(self, now: Seconds, peer: Address, plaintext: bytes) -> bool:
        """False when MAX_QUEUED plaintexts wait for a handshake already.

        ValueError for another peer than ours, and for more than 2^14 bytes, which no record takes.
        """
        if peer != self.peer:
            raise ValueError(f"this client talks to {self.peer}, not to {peer}")
        check_plaintext(plaintext)
        if self._session is not None and self._handshake is None and not self._was_silent(now):
            self._active_at = now
            self._send_data(self._session, plaintext)
            return True
        if len(self._queue) == MAX_QUEUED:
            return False
        self._queue.append(plaintext)
        self.handshake(now)
        return True

    def close(self, now: Seconds) -> None:
        """Say close_notify and be idle; a handshake under way ends as well. The next `send` makes a new handshake."""
        self._abandon(DtlsRefusal.CLOSED_HERE)
        if self._session is not None:
            self._close(self._session, DtlsRefusal.CLOSED_HERE)

    def reset(self) -> None:
        """Be idle without a word, as after a loss of power. What can be resumed is kept."""
        self._abandon(DtlsRefusal.RESET_HERE)
        self._failed = False
        if self._session is not None:
            self.emit(SessionClosed(self.peer, DtlsRefusal.RESET_HERE))
            self._session = None

    def handle_timer(self, now: Seconds) -> None:
        if self._handshake is not None:
            self._handshake.handle_timer(now)
            self._settle(now, self._handshake)

    def next_deadline(self) -> Deadline | None:
        return self._handshake.deadline if self._handshake is not None else None

    # reactions

    def _was_silent(self, now: Seconds) -> bool:
        return self.silence is not None and now - self._active_at >= self.silence

    def _abandon(self, refusal: DtlsRefusal) -> None:
        self._queue.clear()
        if self._handshake is not None:
            self._handshake = None
            self.emit(HandshakeFailed(self.peer, refusal))

    def _on_record(self, now: Seconds, source: Address, record: Record) -> None:
        if source != self.peer:
            raise DtlsError(DtlsRefusal.PEER_UNKNOWN)
        if is_protected(record):
            if self._on_protected(now, self._session, self._handshake, record):
                self._active_at = now
            return
        handshake = self._handshake
        if handshake is None:
            raise DtlsError(DtlsRefusal.NO_HANDSHAKE)
        try:
            handshake.handle_plain(now, record)
        finally:
            self._settle(now, handshake)

    def _settle(self, now: Seconds, handshake: Handshake) -> None:
        if handshake is not self._handshake or not handshake.over:
            return
        self._handshake = None
        self._failed = handshake.state is HandshakeState.FAILED
        if self._failed:
            self._queue.clear()
            self.resumable = None
            assert handshake.failure is not None
            self.emit(handshake.failure)
            return
        assert isinstance(handshake, ClientHandshake)
        session, replaced = handshake.session, self._session is not None
        assert session is not None
        self._session, self._active_at = session, now
        self.resumable = handshake.resumable(now)
        self.emit(completed(handshake, replaced))
        for plaintext in handshake.late():
            self._on_plaintext(now, session, APPLICATION_DATA, plaintext)
        queue, self._queue = self._queue, []
        for plaintext in queue:
            self._send_data(session, plaintext)

    def _forget(self, session: DtlsSession, resumable: bool) -> None:
        self._session = None
        if not resumable:
            self.resumable = None


def check_secret(identity: bytes, key: bytes) -> None:
    if len(identity) > MAX_IDENTITY:
        raise ValueError(f"a PSK identity of {len(identity)} bytes, at most {MAX_IDENTITY}")
    if not 1 <= len(key) <= MAX_KEY:
        raise ValueError(f"a key of {len(key)} bytes, not 1 to {MAX_KEY}")
