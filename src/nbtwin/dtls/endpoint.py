"""What client and server do alike once they are asked: records of a session, alerts and their bound, the outbox.

A datagram of anybody raises nothing: what cannot be read is dropped, and one DatagramDropped says why.
"""

from __future__ import annotations

from typing import ClassVar

from nbtwin.dtls import flights
from nbtwin.dtls.ciphers import RandomBytes
from nbtwin.dtls.events import (
    AlertReceived,
    AlertSent,
    ApplicationDataReceived,
    DatagramDropped,
    DtlsEvent,
    FlightSent,
    HandshakeCompleted,
    SessionClosed,
)
from nbtwin.dtls.fragments import fragments
from nbtwin.dtls.handshake import Handshake
from nbtwin.dtls.numbers import ALERT, APPLICATION_DATA, HANDSHAKE, AlertDescription, AlertLevel, HandshakeType
from nbtwin.dtls.parsing import ByteReader
from nbtwin.dtls.reasons import DtlsError, DtlsRefusal
from nbtwin.dtls.record import MAX_PLAINTEXT, PlainEpoch, Record, record_at
from nbtwin.dtls.session import DtlsSession
from nbtwin.dtls.settings import Settings
from nbtwin.engine import Address, Outbox, Seconds


class AlertBudget:
    """A bucket of alerts: strangers cannot make us send more than so many a second."""

    __slots__ = ("_at", "_left", "_rate")

    def __init__(self, rate: int) -> None:
        self._rate, self._left, self._at = rate, float(rate), 0.0

    def spend(self, now: Seconds) -> bool:
        self._left = min(self._rate, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class DtlsEndpoint(Outbox[DtlsEvent]):
    __slots__ = ("_budget", "_cid_length", "_settings", "random")

    LAST_FLIGHT: ClassVar[int]

    def __init__(self, random: RandomBytes, settings: Settings) -> None:
        super().__init__()
        self.random = random
        self._settings = settings
        self._cid_length = settings.cid_length if settings.connection_id else 0
        self._budget = AlertBudget(settings.alerts_per_second)

    # what handshakes need

    def transmit(self, peer: Address, datagram: bytes) -> None:
        self._outbox.append((peer, datagram))

    def emit(self, event: DtlsEvent) -> None:
        self._events.append(event)

    def alert(self, now: Seconds, peer: Address, writer: flights.Writer, level: int, description: int) -> None:
        if self._budget.spend(now):
            self.transmit(peer, writer.protect(ALERT, bytes((level, description))))
            self.emit(AlertSent(peer, level, description))

    # datagrams in

    def handle_datagram(self, now: Seconds, source: Address, data: bytes) -> None:
        first: DtlsError | None = None
        at = count = 0
        try:
            while at < len(data):
                record, at = record_at(data, at, self._cid_length, count)
                count += 1
                try:
                    self._on_record(now, source, record)
                except DtlsError as error:
                    first = first or error
        except DtlsError as error:
            first = first or error
        if first is not None:
            self.emit(DatagramDropped(source, first.refusal, first.number, first.expected))

    def _on_record(self, now: Seconds, source: Address, record: Record) -> None:
        raise NotImplementedError

    def _forget(self, session: DtlsSession, resumable: bool) -> None:
        """Take the session out of every table; without `resumable` out of those for resumption, too."""
        raise NotImplementedError

    def _settle(self, now: Seconds, handshake: Handshake) -> None:
        """After every input to a handshake: it may be over."""
        raise NotImplementedError

    # records of epoch 1

    def _on_protected(
        self, now: Seconds, session: DtlsSession | None, handshake: Handshake | None, record: Record
    ) -> DtlsSession | None:
        """Give the record to whom it belongs: the session that lives, or the handshake that would replace it."""
        if session is not None:
            try:
                content_type, plaintext = session.unprotect(record)
            except DtlsError:
                if handshake is None:
                    raise
            else:
                self._on_plaintext(now, session, content_type, plaintext)
                return session
        if handshake is None:
            raise DtlsError(DtlsRefusal.NO_SESSION)
        try:
            handshake.handle_protected(now, record)
        finally:
            self._settle(now, handshake)
        return None

    def _on_plaintext(self, now: Seconds, session: DtlsSession, content_type: int, plaintext: bytes) -> None:
        session.received_at = now
        if content_type == APPLICATION_DATA:
            session.last_flight = ()  # it arrived, or the other side would not send this
            if plaintext:
                self._events.append(ApplicationDataReceived(session.peer, plaintext, session.identity, session.number))
        elif content_type == ALERT:
            self._on_alert(now, session, plaintext)
        elif content_type == HANDSHAKE:
            self._on_handshake_message(now, session, plaintext)
        else:
            raise DtlsError(DtlsRefusal.CONTENT_TYPE_UNEXPECTED, content_type)

    def _on_alert(self, now: Seconds, session: DtlsSession, plaintext: bytes) -> None:
        reader = ByteReader(plaintext)
        alert = AlertReceived(session.peer, reader.number(1), reader.number(1))
        reader.end()
        self.emit(alert)
        if alert.description == AlertDescription.CLOSE_NOTIFY:
            self._close(session, DtlsRefusal.CLOSE_NOTIFY)  # RFC 5246 7.2.1: answered in kind
        elif alert.level == AlertLevel.FATAL:
            self._forget(session, resumable=False)
            self.emit(SessionClosed(session.peer, DtlsRefusal.ALERT_RECEIVED, alert.description, str(alert)))

    def _on_handshake_message(self, now: Seconds, session: DtlsSession, plaintext: bytes) -> None:
        """Authentic, so it is the peer that repeats its Finished, or asks for what we do not do."""
        fragment = next(iter(fragments(plaintext)))
        type_ = fragment.type
        if type_ == HandshakeType.FINISHED:
            if not fragment.offset:  # once, however many fragments it came in
                self._repeat_last_flight(session)
        elif type_ in (HandshakeType.HELLO_REQUEST, HandshakeType.CLIENT_HELLO):
            self.alert(now, session.peer, session, AlertLevel.WARNING, AlertDescription.NO_RENEGOTIATION)
        else:
            raise DtlsError(DtlsRefusal.MESSAGE_IN_SESSION, type_)

    def _repeat_last_flight(self, session: DtlsSession) -> None:
        """Only the sender of the last flight does (RFC 6347 4.2.4), else two ends would answer each other for ever."""
        if not session.last_flight:
            return
        plain = PlainEpoch(session.plain_number)
        for datagram in flights.datagrams(session.last_flight, (plain, session), self._settings.mtu):
            self.transmit(session.peer, datagram)
        session.plain_number = plain.number
        if self._settings.steps:
            titles = tuple([item.title for item in session.last_flight])
            self.emit(FlightSent(session.peer, self.LAST_FLIGHT, titles, 0))

    # records out

    def _send_data(self, session: DtlsSession, plaintext: bytes) -> None:
        self._outbox.append((session.peer, session.protect(APPLICATION_DATA, plaintext)))

    def _close(self, session: DtlsSession, refusal: DtlsRefusal) -> None:
        closing = bytes((AlertLevel.WARNING, AlertDescription.CLOSE_NOTIFY))
        self.transmit(session.peer, session.protect(ALERT, closing))
        self.emit(AlertSent(session.peer, *closing))
        self._forget(session, resumable=True)
        self.emit(SessionClosed(session.peer, refusal))


def check_plaintext(plaintext: bytes) -> None:
    if len(plaintext) > MAX_PLAINTEXT:
        raise ValueError(f"{len(plaintext)} bytes, a record takes {MAX_PLAINTEXT}")


def completed(handshake: Handshake, replaced: bool) -> HandshakeCompleted:
    session, parameters = handshake.session, handshake.parameters
    assert session is not None
    assert parameters is not None
    return HandshakeCompleted(
        session.peer,
        session.identity,
        parameters.cipher_suite,
        handshake.resumed,
        replaced,
        parameters.extended_master_secret,
        parameters.encrypt_then_mac,
        parameters.read_cid,
    )
