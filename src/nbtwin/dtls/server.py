"""The server: one UDP port, thousands of peers. Sans I/O, as engine.py says.

What a stranger can make it keep is bounded: nothing before a cookie came back, then so many handshakes, sessions and
resumable sessions, each kind making room for its own.

Theory of operation
===================

A record is given to whom it belongs, in this order:

    with a Connection ID        the session that has it, from whatever address
    of epoch 1                  the session at this address, and if it does not open there, the handshake that would
                                replace it
    a ClientHello               the cookie exchange; with the right cookie, a new handshake
    anything else of epoch 0    the handshake at this address

**Before the cookie** nothing is kept but a few unfinished ClientHellos. The answer to one without a cookie is smaller
than itself, so nobody can be flooded through us with a forged address (RFC 6347 4.2.1).

**Who answers a duplicate.** A ClientHello that comes again while its handshake is under way makes the handshake send
its flight again. One whose handshake is complete is dropped (HELLO_OUTDATED): the session lives, and a network may hold
a datagram for long. A repeated Finished is answered by the *session*, which still has the last flight. Everything else
that was seen before falls to the replay window.

**A new handshake** from an address does not touch the session there: anyone could send a ClientHello with a forged
address. Only its Finished, which proves the key, puts the new session in the old one's place. So a module that has lost
its state and one that makes a new handshake look alike, and neither can be thrown out by a third. An old session of
another identity stays where it is if it has a Connection ID: its records are still told apart.

**Strangers do not learn which identities have keys** (D150). One without a usable key is told to our user at once, and
its handshake goes on under a key that nobody has (`_stand_in`): flights, alerts, bounds and its end are those of a
wrong key (RFC 4279 2), made by the same code. It has failed, so it is told no second time (`lost`).

**Numbers.** A session has a number of its own, never given twice: its user tells by it which session something came
through, and answers in that one (`send_in`), wherever its peer is. It is kept when the address of the peer changes, and
by a resumed handshake that takes the place of the connection it resumes: to RFC 5246 the session is the same, and to
RFC 7252 9.1 so is the endpoint. Two connections of one session that live at once have two numbers: an answer belongs
where the question came from.

**When the address of a peer changes** (RFC 9146 6, D137). A record with a Connection ID is opened by its session, and
what it says is taken, from wherever it came. The session follows to another address only when a *second* record, in a
later datagram, comes from there, both authentic and newer than every record before, and none from the old address
between them. Whoever withholds one record and sends it from elsewhere so draws no answer there: its peer repeats from
the old address what was not answered. A peer that did move repeats it, too, and that is its second record (PeerMoved).
The check of RFC 9853, which takes a peer that offers it, is not built. A session *without* a Connection ID whose
address is taken in this way is closed (ADDRESS_TAKEN): its records could not be told from the other's any more. And its
own peer, come from a new address, has no session there: it has to make one.

**Timers.** Handshakes have one deadline each, in a heap whose outdated entries are skipped; sessions stand in the order
of their last record, so only the longest silent one has to be looked at.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict
from itertools import count

from nbtwin.dtls.ciphers import RandomBytes
from nbtwin.dtls.cookies import Cookies
from nbtwin.dtls.endpoint import DtlsEndpoint, check_plaintext, completed
from nbtwin.dtls.events import HandshakeFailed, PeerMoved, SessionClosed, SessionEnded
from nbtwin.dtls.fragments import fragments
from nbtwin.dtls.handshake import Handshake, HandshakeState
from nbtwin.dtls.messages import ClientHello
from nbtwin.dtls.numbers import (
    APPLICATION_DATA,
    CONNECTION_ID,
    DTLS_1_3,
    HANDSHAKE,
    TLS12_CID,
    AlertDescription,
    AlertLevel,
)
from nbtwin.dtls.offers import only_newer
from nbtwin.dtls.pending import PendingHellos
from nbtwin.dtls.prf import Prf
from nbtwin.dtls.reasons import DtlsError, DtlsReason, DtlsRefusal
from nbtwin.dtls.record import FIRST_EPOCH, PlainEpoch, Record
from nbtwin.dtls.resumption import ResumptionStore
from nbtwin.dtls.server_handshake import AcceptedHello, KeyOf, ServerHandshake
from nbtwin.dtls.session import DtlsSession, hello_mark
from nbtwin.dtls.settings import ServerSettings
from nbtwin.engine import AT_ONCE, Address, Deadline, Seconds, soonest

_TRIES = 16
_TLS_1_3 = 0x13
"""The first byte of its cipher suites (RFC 8446 B.4)."""
_STAND_IN = 16
"""Bytes of a stand-in's key: as many as most keys have (DOC-E 3.15)."""


class DtlsServer(DtlsEndpoint):
    """``key_of`` gives the key of a PSK identity, 1 to 64 bytes, or None; ``random`` gives so many random bytes."""

    __slots__ = (
        "_by_address",
        "_by_cid",
        "_datagrams",
        "_handshakes",
        "_key_of",
        "_limits",
        "_numbers",
        "_order",
        "_pending",
        "_resumable",
        "_sessions",
        "_stand_ins",
        "_timers",
    )

    LAST_FLIGHT = 6

    def __init__(self, key_of: KeyOf, random: RandomBytes, *, settings: ServerSettings | None = None) -> None:
        settings = settings or ServerSettings()
        super().__init__(random, settings)
        self._limits = settings
        self._key_of = key_of
        secret = random(32)
        self._pending = PendingHellos(Cookies(secret, settings.cookie_lifetime))
        self._stand_ins = Prf(secret)
        self._handshakes: OrderedDict[Address, ServerHandshake] = OrderedDict()
        self._sessions: OrderedDict[int, DtlsSession] = OrderedDict()  # by number; the longest silent first
        self._by_address: dict[Address, DtlsSession] = {}
        self._by_cid: dict[bytes, DtlsSession] = {}
        self._resumable = ResumptionStore(settings.max_resumable, settings.resumption_lifetime)
        self._timers: list[tuple[Seconds, int, Address, Deadline]] = []
        self._order = count()
        self._numbers = count(1)
        self._datagrams = 0

    # verbs and questions

    def send(self, now: Seconds, peer: Address, plaintext: bytes) -> bool:
        """False when there is no session with the peer: only clients start one.

        ValueError for more than 2^14 bytes, which no record takes.
        """
        check_plaintext(plaintext)
        session = self._by_address.get(peer)
        if session is None:
            return False
        self._send_data(session, plaintext)
        return True

    def send_in(self, now: Seconds, number: int, plaintext: bytes) -> bool:
        """The same in the session of this number: other sessions may be at its address, or of its identity."""
        check_plaintext(plaintext)
        session = self._sessions.get(number)
        if session is None:
            return False
        self._send_data(session, plaintext)
        return True

    def address_of(self, number: int) -> Address | None:
        """Where the peer of this session is; None when it lives no more."""
        session = self._sessions.get(number)
        return None if session is None else session.peer

    def close(self, now: Seconds, peer: Address) -> None:
        """Say close_notify and end the session; nothing where there is none. It may be resumed (RFC 5246 7.2.1)."""
        session = self._by_address.get(peer)
        if session is not None:
            self._close(session, DtlsRefusal.CLOSED_HERE)

    def identity_of(self, peer: Address) -> bytes | None:
        """The PSK identity of the session at this address; None where there is none."""
        session = self._by_address.get(peer)
        return session.identity if session is not None else None

    @property
    def session_count(self) -> int:
        return len(self._sessions)

    @property
    def handshake_count(self) -> int:
        return len(self._handshakes)

    # timers

    def next_deadline(self) -> Deadline | None:
        timers = self._timers
        if not timers and not self._sessions:
            return None
        while timers and not self._is_current(timers[0]):
            heapq.heappop(timers)
        return soonest(timers[0][3] if timers else None, self._idle_deadline())

    def handle_timer(self, now: Seconds) -> None:
        for _ in range(AT_ONCE):
            if (deadline := self.next_deadline()) is None or deadline.at > now:
                return
            if self._timers and self._timers[0][3] is deadline:
                handshake = self._handshakes[heapq.heappop(self._timers)[2]]
                handshake.handle_timer(now)
                self._settle(now, handshake)
            else:
                self._close(next(iter(self._sessions.values())), DtlsRefusal.IDLE)

    def _is_current(self, timer: tuple[Seconds, int, Address, Deadline]) -> bool:
        handshake = self._handshakes.get(timer[2])
        return handshake is not None and handshake.deadline is timer[3]

    def _idle_deadline(self) -> Deadline | None:
        if self._limits.idle is None or not self._sessions:
            return None
        session = next(iter(self._sessions.values()))
        return Deadline(
            session.received_at + self._limits.idle, DtlsReason.PEER_SILENT, f"{session.peer[0]}:{session.peer[1]}"
        )

    def _schedule(self, handshake: ServerHandshake) -> None:
        deadline = handshake.deadline
        if deadline is None or deadline is handshake.scheduled:
            return
        handshake.scheduled = deadline
        if len(self._timers) > 64 + 2 * len(self._handshakes):  # most of them of handshakes that are over
            self._timers = [timer for timer in self._timers if self._is_current(timer)]
            heapq.heapify(self._timers)
        heapq.heappush(self._timers, (deadline.at, next(self._order), handshake.peer, deadline))

    # records in

    def handle_datagram(self, now: Seconds, source: Address, data: bytes) -> None:
        self._datagrams += 1
        super().handle_datagram(now, source, data)

    def _on_record(self, now: Seconds, source: Address, record: Record) -> None:
        if record.content_type == TLS12_CID:
            self._on_cid_record(now, source, record)
        elif not record.sequence.startswith(FIRST_EPOCH):
            session = self._by_address.get(source)
            self._refresh(self._on_protected(now, session, self._handshakes.get(source), record))
        elif record.content_type == HANDSHAKE and record.fragment[:1] == b"\x01":  # ClientHello
            for fragment in fragments(record.fragment):
                self._on_hello(now, source, self._pending.add(source, fragment, record.number))
        else:
            handshake = self._handshakes.get(source)
            if handshake is None:
                raise DtlsError(DtlsRefusal.NO_HANDSHAKE)
            try:
                handshake.handle_plain(now, record)
            finally:
                self._settle(now, handshake)

    def _on_cid_record(self, now: Seconds, source: Address, record: Record) -> None:
        """RFC 9146 6: the newest authentic records tell where the peer is now."""
        session = self._by_cid.get(record.connection_id)
        if session is None:
            self._on_protected(now, None, self._handshakes.get(source), record)
            return
        newest = session.newest
        content_type, plaintext = session.unprotect(record)
        if session.newest > newest and self._is_elsewhere(session, source):
            self._move(session, source)
        self._on_plaintext(now, session, content_type, plaintext)
        self._refresh(session)

    def _is_elsewhere(self, session: DtlsSession, source: Address) -> bool:
        """Whether this fresh record is the second from there in a row (D137)."""
        if source == session.peer:
            session.seen_at = None
            return False
        before = session.seen_at
        if before is None or before[0] != source:
            session.seen_at = source, self._datagrams
            return False
        return before[1] != self._datagrams

    def _refresh(self, session: DtlsSession | None) -> None:
        if session is not None and session.number in self._sessions:
            self._sessions.move_to_end(session.number)

    def _on_hello(self, now: Seconds, source: Address, hello: AcceptedHello | None) -> None:
        if hello is None:
            return
        client_random = hello.client_random
        handshake = self._handshakes.get(source)
        if handshake is not None and hello.cookie and handshake.client_random == client_random:
            handshake.repeat(now)
            return
        session = self._by_address.get(source)
        if session is not None and session.hello_mark == hello_mark(client_random):
            raise DtlsError(DtlsRefusal.HELLO_OUTDATED)
        if self._pending.is_known(now, source, hello):
            self._open(now, source, hello)
        elif hello.first_suite[0] == _TLS_1_3 and only_newer(ClientHello.decode(hello.message.body).cipher_suites):
            plain = PlainEpoch(hello.record_number)  # without a cookie, which DTLS 1.3 has no place for (RFC 9147 5.3)
            self.alert(now, source, plain, AlertLevel.FATAL, AlertDescription.PROTOCOL_VERSION)
            raise DtlsError(DtlsRefusal.VERSION_UNSUPPORTED, DTLS_1_3)
        else:
            self.transmit(source, self._pending.challenge(now, source, hello))

    # a handshake from its cookie to its end

    def _open(self, now: Seconds, source: Address, hello: AcceptedHello) -> None:
        """The session that lives at this address, if any, lives on until the new one is complete."""
        handshake = ServerHandshake(self, self._limits, source, hello, self._key_of, self._stand_in)
        if source in self._handshakes:
            self._abandon(source, DtlsRefusal.HELLO_REPLACED)
        elif len(self._handshakes) >= self._limits.max_handshakes:
            self._abandon(next(iter(self._handshakes)), DtlsRefusal.TOO_MANY_HANDSHAKES)
        self._handshakes[source] = handshake
        resumable = self._resumable.find(now, handshake.hello.session_id)
        handshake.start(now, self._new_cid(handshake.hello), resumable)
        self._settle(now, handshake)

    def _stand_in(self, identity: bytes) -> bytes:
        """The key of an identity that has none: nobody knows it, and it is the same each time."""
        return self._stand_ins(b"key of nobody", identity, _STAND_IN)

    def _abandon(self, peer: Address, refusal: DtlsRefusal) -> None:
        if not self._handshakes.pop(peer).lost:
            self.emit(HandshakeFailed(peer, refusal))

    def _new_cid(self, hello: ClientHello) -> bytes | None:
        """A Connection ID that no session has; None when the client wants none, or none was found."""
        if not self._limits.connection_id or CONNECTION_ID not in hello.extensions:
            return None
        if not self._cid_length:
            return b""
        for _ in range(_TRIES):
            cid = self.random(self._cid_length)
            if cid not in self._by_cid:
                return cid
        return None

    def _settle(self, now: Seconds, handshake: Handshake) -> None:
        assert isinstance(handshake, ServerHandshake)
        if self._handshakes.get(handshake.peer) is not handshake:
            return
        if not handshake.over:
            self._schedule(handshake)
            return
        del self._handshakes[handshake.peer]
        if handshake.state is not HandshakeState.FAILED:
            self._establish(now, handshake)
        elif not handshake.lost:
            assert handshake.failure is not None
            self.emit(handshake.failure)

    def _establish(self, now: Seconds, handshake: ServerHandshake) -> None:
        session = handshake.session
        assert session is not None
        old = self._by_address.get(session.peer)
        replaced = old is not None and (old.identity == session.identity or not old.read_cid)
        if old is not None and replaced:
            if handshake.resumed and old.session_id == session.session_id:
                session.number = old.number
            self._forget(old, resumable=True, replaced_by=session)
        elif len(self._sessions) >= self._limits.max_sessions:
            self._close(next(iter(self._sessions.values())), DtlsRefusal.TOO_MANY_SESSIONS)
        session.number = session.number or next(self._numbers)
        if session.read_cid:
            if (same := self._by_cid.get(session.read_cid)) is not None:  # two handshakes drew it at once
                self._close(same, DtlsRefusal.CONNECTION_ID_DRAWN_AGAIN)
            self._by_cid[session.read_cid] = session
        self._by_address[session.peer] = session
        self._sessions[session.number] = session
        if handshake.resumable is not None:
            self._resumable.keep(handshake.resumable)
        self.emit(completed(handshake, replaced))
        for plaintext in handshake.late():
            self._on_plaintext(now, session, APPLICATION_DATA, plaintext)

    def _move(self, session: DtlsSession, source: Address) -> None:
        there = self._by_address.get(source)
        if there is not None and not there.read_cid:
            self._forget(there, resumable=True)
            self.emit(SessionClosed(source, DtlsRefusal.ADDRESS_TAKEN))
        old, session.peer, session.seen_at = session.peer, source, None
        if self._by_address.get(old) is session:
            del self._by_address[old]
        self._by_address[source] = session
        self.emit(PeerMoved(old, source, session.identity))

    def _forget(self, session: DtlsSession, resumable: bool, replaced_by: DtlsSession | None = None) -> None:
        self._sessions.pop(session.number, None)
        if replaced_by is None or replaced_by.number != session.number:
            self.emit(SessionEnded(session.peer, session.identity, session.number, replaced_by is not None))
        if self._by_address.get(session.peer) is session:
            del self._by_address[session.peer]
        if self._by_cid.get(session.read_cid) is session:
            del self._by_cid[session.read_cid]
        if not resumable:
            self._resumable.forget(session.session_id)
