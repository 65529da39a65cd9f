"""What both sides of a handshake share: message order, transcript, flights and their timer, the moment keys exist.

RFC 6347 4.2. The two roles install what they wait for as a table of (state, message type); a message without a row ends
the handshake. A ChangeCipherSpec says nothing that the epoch of the next record does not say, so its loss is no loss.

Theory of operation
===================

TLS wants a reliable stream; DTLS has datagrams that are lost, doubled and out of order. So handshake messages carry a
number of their own (message_seq) and are put in order by it (`fragments.py`), may be cut to fit a datagram, and are
sent in **flights**: whatever one side says before it has to listen (4.2.4)::

    client                                     server
    1  ClientHello                      ->
                                        <-     2  HelloVerifyRequest          nothing is kept (`pending.py`)
    3  ClientHello with the cookie      ->            <- here a `Handshake` begins at the server
                                        <-     4  ServerHello ... ServerHelloDone
    5  ClientKeyExchange,
       ChangeCipherSpec, Finished       ->
                                        <-     6  ChangeCipherSpec, Finished

    and where both remember a session (RFC 5246 7.3, figure 2):
    1, 2, 3 as above
                                        <-     4  ServerHello, ChangeCipherSpec, Finished
    5  ChangeCipherSpec, Finished       ->

**Who repeats what.** A flight is the acknowledgement of the one before it. Whoever has sent one keeps it and runs a
timer: no whole next flight within the wait, then the same messages leave again, in records with new numbers, and the
next wait is longer (1, 2, 4 ... 60 s). After the last wait the handshake has failed (NO_ANSWER). A flight also leaves
again when the other side visibly repeats *its* flight, a message whose number was taken already, for then ours was
lost; but not within a quarter of the first wait, or one late datagram would start an echo (`_repeat`).

The **last flight** is answered by nothing, so nothing can tell its sender that it was lost, and it has no timer. Its
sender is the server in a full handshake and the client in a short one. It keeps the flight in the session and sends it
again whenever the other side repeats its Finished; that other side alone runs a timer. If both did either, two ends
could answer each other for ever, or wait for each other for ever. Application data from the other side shows that the
flight arrived, and it is dropped then (`DtlsEndpoint._repeat_last_flight`).

**What overtakes.** Records of epoch 1 that come before the keys exist are held, a few of them (`_early`); application
data that comes before the Finished is held as plaintext (`_late`) and given out only once the handshake is complete.

**Whom to believe.** Records of epoch 0 prove nothing, the Finished proves them all at the end: it is a hash over the
transcript, every message of both sides but the first ClientHello and the HelloVerifyRequest (4.2.6). A forged record of
epoch 1 changes nothing, since it does not authenticate; but three of them in a row mean, most likely, that the other
side has another key (FINISHED_UNREADABLE), and that is worth an alert instead of a minute of silence.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from enum import IntEnum, auto
from typing import Any, ClassVar, Protocol

from nbtwin.dtls import flights
from nbtwin.dtls.ciphers import RandomBytes, Unauthentic, derive, hash_of
from nbtwin.dtls.events import AlertReceived, DtlsEvent, FlightSent, HandshakeFailed, KeyLogged, MessageReceived
from nbtwin.dtls.flights import Flight, Item
from nbtwin.dtls.fragments import Reassembly, fragments
from nbtwin.dtls.message_bytes import whole
from nbtwin.dtls.messages import TITLES
from nbtwin.dtls.numbers import (
    ALERT,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    FINISHED,
    HANDSHAKE,
    AlertDescription,
    AlertLevel,
)
from nbtwin.dtls.parsing import ByteReader
from nbtwin.dtls.prf import Prf, extended_master_secret, master_secret, psk_premaster_secret, verify_data
from nbtwin.dtls.reasons import DtlsError, DtlsReason, DtlsRefusal
from nbtwin.dtls.record import PlainEpoch, Record
from nbtwin.dtls.session import DtlsSession, NegotiatedParameters, hello_mark
from nbtwin.dtls.settings import Settings
from nbtwin.engine import Address, Deadline, Seconds

HASHES = {"sha256": hashlib.sha256, "sha384": hashlib.sha384}
MAX_HELD = 4
"""Records of epoch 1 that are kept because they overtook what makes them readable."""
MAX_HELD_BYTES = 2048
MAX_UNREADABLE = 3
"""Records of epoch 1 that do not authenticate before the key is called wrong: a peer repeats its Finished."""


class HandshakeState(IntEnum):
    AWAITING_SERVER_HELLO = auto()
    AWAITING_SERVER_HELLO_DONE = auto()
    AWAITING_CLIENT_KEY_EXCHANGE = auto()
    AWAITING_FINISHED = auto()
    COMPLETED = auto()
    FAILED = auto()


class HandshakeRefused(Exception):
    """This handshake cannot go on; the other side is told with a fatal alert."""

    def __init__(
        self, alert: AlertDescription, refusal: DtlsRefusal, number: int = 0, expected: int = 0, subject: str = ""
    ) -> None:
        super().__init__(alert, refusal)
        self.alert, self.refusal = alert, refusal
        self.number, self.expected, self.subject = number, expected, subject

    @classmethod
    def of(cls, error: DtlsError, subject: str) -> HandshakeRefused:
        """A message that cannot be read; ``subject`` is its name."""
        return cls(AlertDescription.DECODE_ERROR, error.refusal, error.number, error.expected, subject)


class HandshakeContext(Protocol):
    """The engine, as a handshake sees it."""

    random: RandomBytes

    def transmit(self, peer: Address, datagram: bytes) -> None: ...

    def emit(self, event: DtlsEvent) -> None: ...

    def alert(self, now: Seconds, peer: Address, writer: flights.Writer, level: int, description: int) -> None: ...


Row = Callable[[Any, Seconds, bytes], None]
"""What is done with a message that a state waits for: it is whole, its header before it."""


class Handshake:
    """One handshake with one peer, from the first message that is kept to the session or the failure."""

    __slots__ = (
        "_context",
        "_early",
        "_flight",
        "_late",
        "_message_seq",
        "_plain",
        "_prf",
        "_reassembly",
        "_settings",
        "_transcript",
        "_unreadable",
        "client_random",
        "deadline",
        "failure",
        "master_secret",
        "over",
        "parameters",
        "peer",
        "resumed",
        "session",
        "session_id",
        "state",
    )

    IS_CLIENT: ClassVar[bool]

    def __init__(self, context: HandshakeContext, settings: Settings, peer: Address, state: HandshakeState) -> None:
        self._context, self._settings, self.peer, self.state = context, settings, peer, state
        self._plain = PlainEpoch()
        self._reassembly = Reassembly()
        self._message_seq = 0
        self._flight: Flight | None = None
        self._early: list[Record] = []
        self._late: list[bytes] = []
        self._unreadable = 0
        self._prf: Prf | None = None
        self._transcript: hashlib._Hash | None = None
        """From the ClientHello on, once the server has chosen."""
        self.client_random = self.master_secret = self.session_id = b""
        self.parameters: NegotiatedParameters | None = None
        self.session: DtlsSession | None = None
        self.resumed = self.over = False
        self.deadline: Deadline | None = None
        self.failure: HandshakeFailed | None = None

    # inputs

    def handle_plain(self, now: Seconds, record: Record) -> None:
        """A record of epoch 0: nothing vouches for it but the Finished at the end."""
        if record.content_type == HANDSHAKE:
            self._guarded(now, record.fragment, 0)
        elif record.content_type == ALERT:
            self._on_alert(record.fragment)
        elif record.content_type != CHANGE_CIPHER_SPEC:
            raise DtlsError(DtlsRefusal.DATA_IN_THE_CLEAR)

    def handle_protected(self, now: Seconds, record: Record) -> None:
        """A record of epoch 1. DtlsError: it is not of this handshake."""
        if self.session is None:
            self._hold(record)
            return
        try:
            content_type, plaintext = self.session.unprotect(record)
        except Unauthentic:
            self._unreadable += 1
            if self._unreadable == MAX_UNREADABLE:
                unreadable = HandshakeRefused(AlertDescription.BAD_RECORD_MAC, DtlsRefusal.FINISHED_UNREADABLE)
                self._refuse(now, unreadable)
            raise
        if content_type == HANDSHAKE:
            self._guarded(now, plaintext, 1)
        elif content_type == ALERT:
            self._on_alert(plaintext)
        elif content_type == APPLICATION_DATA and len(self._late) < MAX_HELD:
            self._late.append(plaintext)  # it overtook the Finished

    def handle_timer(self, now: Seconds) -> None:
        if self.deadline is None or now < self.deadline.at or self._flight is None:
            return
        if self._flight.sendings == len(self._settings.waits):
            self.fail(DtlsRefusal.NO_ANSWER, self._flight.number)
        else:
            self._transmit(now)

    def fail(self, refusal: DtlsRefusal, number: int = 0, expected: int = 0, subject: str = "") -> None:
        self.failure = HandshakeFailed(self.peer, refusal, number, expected, subject)
        self.state, self.deadline, self.over = HandshakeState.FAILED, None, True

    def late(self) -> list[bytes]:
        """Application data that came before the Finished did."""
        late, self._late = self._late, []
        return late

    # messages in

    def _guarded(self, now: Seconds, plaintext: bytes, epoch: int) -> None:
        try:
            self._on_fragments(now, plaintext, epoch)
        except HandshakeRefused as refusal:
            self._refuse(now, refusal)
        if self.session is not None and self._early and not self.over:
            self._release(now)

    def _on_fragments(self, now: Seconds, plaintext: bytes, epoch: int) -> None:
        right = plaintext and (plaintext[0] == FINISHED) == (epoch == 1) and not self.over
        if right and self._reassembly.take_whole(plaintext):
            self._on_message(now, plaintext)
            return
        for fragment in fragments(plaintext):
            if (fragment.type == FINISHED) != (epoch == 1):
                raise DtlsError(DtlsRefusal.MESSAGE_IN_WRONG_EPOCH, fragment.type, epoch)
            if not self._reassembly.add(fragment):
                self._repeat(now)
            while not self.over and (message := self._reassembly.take()):
                self._on_message(now, message.encode())

    def _row(self, type_: int) -> Row | None:
        raise NotImplementedError

    def _on_message(self, now: Seconds, message: bytes) -> None:
        type_ = message[0]
        row = self._row(type_)
        if row is None:
            raise HandshakeRefused(AlertDescription.UNEXPECTED_MESSAGE, DtlsRefusal.MESSAGE_OUT_OF_TURN, type_)
        title = TITLES[type_]
        if self._settings.steps:
            self._context.emit(MessageReceived(self.peer, title))
        try:
            row(self, now, message)
        except DtlsError as error:
            raise HandshakeRefused.of(error, title) from None

    def _on_alert(self, fragment: bytes) -> None:
        reader = ByteReader(fragment)
        alert = AlertReceived(self.peer, reader.number(1), reader.number(1))
        reader.end()
        self._context.emit(alert)
        if alert.level == AlertLevel.FATAL or alert.description == AlertDescription.CLOSE_NOTIFY:
            self.fail(DtlsRefusal.ALERT_RECEIVED, alert.description, subject=str(alert))

    def _hold(self, record: Record) -> None:
        size = len(record.fragment) + sum(len(held.fragment) for held in self._early)
        if len(self._early) == MAX_HELD or size > MAX_HELD_BYTES:
            raise DtlsError(DtlsRefusal.RECORD_BEFORE_KEYS)
        self._early.append(record)

    def _release(self, now: Seconds) -> None:
        early, self._early = self._early, []
        for record in early:
            if self.over:
                return
            try:
                self.handle_protected(now, record)
            except DtlsError:
                continue  # not ours after all

    def _refuse(self, now: Seconds, refusal: HandshakeRefused) -> None:
        protects = self.session is not None and self._flight is not None and self._flight.items[-1].epoch == 1
        writer = self.session if self.session is not None and protects else self._plain
        self._context.alert(now, self.peer, writer, AlertLevel.FATAL, refusal.alert)
        self.fail(refusal.refusal, refusal.number, refusal.expected, refusal.subject)

    # transcript, keys, Finished

    def _begin_transcript(self, suite: int, hello: bytes) -> None:
        """With the ClientHello: which hash it is the suite says, and the server chooses that one (RFC 5246 7.4.9)."""
        self._transcript = HASHES[hash_of(suite).name](hello)

    def _hear(self, message: bytes) -> None:
        """It is part of what the Finished prove."""
        assert self._transcript is not None
        self._transcript.update(message)

    def _heard(self) -> bytes:
        """The hash of all so far."""
        assert self._transcript is not None
        return self._transcript.digest()

    def _compose(self, type_: int, body: bytes, epoch: int = 0) -> Item:
        """Our next message, counted and in the transcript."""
        encoded = whole(type_, self._message_seq, body)
        self._message_seq += 1
        if self._transcript is not None:
            self._transcript.update(encoded)
        return Item(TITLES[type_], encoded, epoch)

    def _make_session(
        self, identity: bytes, master: bytes, parameters: NegotiatedParameters, server_random: bytes
    ) -> DtlsSession:
        prf = self._prf = Prf(master, hash_of(parameters.cipher_suite))
        self.master_secret, self.parameters = master, parameters
        randoms = (self.client_random, server_random)
        write, read = derive(parameters.cipher_suite, prf, randoms, parameters.encrypt_then_mac, self._context.random)
        if not self.IS_CLIENT:
            write, read = read, write
        session = self.session = DtlsSession(self.peer, identity, read, write, parameters)
        session.hello_mark, session.session_id = hello_mark(self.client_random), self.session_id
        if self._settings.key_log:
            self._context.emit(KeyLogged(f"CLIENT_RANDOM {self.client_random.hex()} {master.hex()}"))
        return session

    def _master_secret(self, key: bytes, parameters: NegotiatedParameters, server_random: bytes, heard: bytes) -> bytes:
        premaster = Prf(psk_premaster_secret(key), hash_of(parameters.cipher_suite))
        if parameters.extended_master_secret:
            return extended_master_secret(premaster, heard)
        return master_secret(premaster, self.client_random, server_random)

    def _verify_data(self, label: bytes, heard: bytes) -> bytes:
        assert self._prf is not None
        return verify_data(self._prf, label, heard)

    # flights out

    def _send(self, now: Seconds, number: int, items: Iterable[Item]) -> None:
        self._flight = Flight(number, tuple(items))
        self._transmit(now)

    def _send_last(self, now: Seconds, number: int, items: Iterable[Item]) -> None:
        """Nothing answers it, so no timer waits."""
        self._flight = Flight(number, tuple(items))
        self._transmit_flight(now, 1)

    def _complete(self, now: Seconds, last_flight: bool) -> None:
        """Only who sent the last flight keeps it: the other side's repeated Finished is then answered with it."""
        assert self.session is not None
        self.state, self.deadline, self.over = HandshakeState.COMPLETED, None, True
        self.session.received_at = now
        if last_flight and self._flight is not None:
            self.session.last_flight = self._flight.items
            self.session.plain_number = self._plain.number

    def _transmit(self, now: Seconds) -> None:
        """One more sending, and the wait after it."""
        flight = self._flight
        assert flight is not None
        wait = self._settings.waits[flight.sendings]
        flight.sendings += 1
        self._transmit_flight(now, flight.sendings)
        self.deadline = Deadline(now + wait, DtlsReason.FLIGHT_UNANSWERED, number=flight.number, count=flight.sendings)

    def _repeat(self, now: Seconds) -> None:
        """The other side repeats its flight, so ours was lost. Not more often than it could know (RFC 6347 4.2.4)."""
        if self._flight is not None and now - self._flight.sent_at >= self._settings.waits[0] / 4:
            self._transmit_flight(now, 0)

    def _transmit_flight(self, now: Seconds, sending: int) -> None:
        flight = self._flight
        assert flight is not None
        flight.sent_at = now
        epochs = (self._plain,) if self.session is None else (self._plain, self.session)
        for datagram in flights.datagrams(flight.items, epochs, self._settings.mtu):
            self._context.transmit(self.peer, datagram)
        if self._settings.steps:
            self._context.emit(FlightSent(self.peer, flight.number, flight.titles(), sending))
