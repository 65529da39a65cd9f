"""An established session: two keys, two counters, a replay window. Thousands of these live in one server.

Knows how to protect and unprotect records of epoch 1; knows no handshake, no timer, no peer's behaviour.

Every record has an epoch (0 in the clear, 1 under the keys of the handshake) and a 48-bit number. The number is part of
the nonce, so the sender never uses one twice (RFC 6347 4.1), and a retransmitted flight takes new numbers. The receiver
may see them in any order: it takes each once, and none that is more than 64 behind the newest (4.1.2.6). The window
moves only after a record has authenticated, or a forged number could close it to the real ones. `newest` also decides
whether an address is news (RFC 9146 6; `server.py`).

With a Connection ID (RFC 9146) the record says to which session it belongs, whatever address it comes from. The true
content type then stands inside, behind the content, and zeros may follow it to hide the length.
"""

from __future__ import annotations

from nbtwin.dtls.ciphers import Protection
from nbtwin.dtls.flights import Item
from nbtwin.dtls.numbers import TLS12_CID
from nbtwin.dtls.reasons import DtlsError, DtlsRefusal
from nbtwin.dtls.record import (
    BEGINNINGS,
    HEADER,
    LAST_NUMBER,
    MAX_PLAINTEXT,
    Record,
    authenticated_prefix,
    fresh,
    taken,
)
from nbtwin.dtls.session_values import NegotiatedParameters as NegotiatedParameters
from nbtwin.dtls.session_values import Resumable as Resumable
from nbtwin.engine import Address, Seconds

_EPOCH_1 = 1 << 48
_PROTECTED = [beginning + b"\0\1" for beginning in BEGINNINGS]
"""How records begin in epoch 1, without a Connection ID."""


def hello_mark(client_random: bytes) -> int:
    """Enough of the client's random to know its ClientHello again when it comes late; thousands of sessions keep it."""
    return int.from_bytes(client_random[-7:], "big")


class DtlsSession:
    """Epoch 1 of one association. No epoch 2: renegotiation is refused, a new handshake makes a new session."""

    __slots__ = (
        "_number",
        "_read",
        "_read_cid",
        "_seen",
        "_write",
        "_write_cid",
        "hello_mark",
        "identity",
        "last_flight",
        "newest",
        "number",
        "peer",
        "plain_number",
        "received_at",
        "seen_at",
        "session_id",
    )

    def __init__(
        self, peer: Address, identity: bytes, read: Protection, write: Protection, parameters: NegotiatedParameters
    ) -> None:
        self.peer, self.identity = peer, identity
        self._read, self._write = read, write
        self._read_cid, self._write_cid = parameters.read_cid or b"", parameters.write_cid or b""
        self._number = 0
        self.newest, self._seen = -1, 0
        self.received_at: Seconds = 0.0
        self.seen_at: tuple[Address, int] | None = None
        """Another address that the newest record came from, and in which datagram: not believed yet (D137)."""
        self.number = 0
        """At a server: which of its sessions this is (`DtlsServer`)."""
        self.session_id = b""
        self.hello_mark = 0
        """Of the ClientHello it began with (`hello_mark`)."""
        self.last_flight: tuple[Item, ...] = ()
        """Ours, when it ended the handshake and nothing has shown yet that it arrived."""
        self.plain_number = 0

    @property
    def read_cid(self) -> bytes:
        return self._read_cid

    def room(self, size: int) -> int:
        """The longest plaintext whose record fits into `size` bytes."""
        cid = len(self._write_cid)
        return self._write.room(size - HEADER - cid) - (1 if cid else 0)

    def protect(self, content_type: int, plaintext: bytes) -> bytes:
        """The next record. A session ends long before its 2^48 numbers do."""
        number, self._number = self._number, self._number + 1
        if number > LAST_NUMBER:
            raise OverflowError("no record number left")  # RFC 6347 4.1: never wrap
        sequence = (_EPOCH_1 | number).to_bytes(8, "big")
        cid = self._write_cid
        if cid:  # RFC 9146 4: the true type stands behind the content
            plaintext += BEGINNINGS[content_type][:1]
            content_type = TLS12_CID
        sealed = self._write.seal(sequence, authenticated_prefix(content_type, sequence, cid), plaintext)
        return b"".join((BEGINNINGS[content_type], sequence, cid, len(sealed).to_bytes(2, "big"), sealed))

    def plaintext_in(self, data: bytes, at: int, content_type: int) -> bytes:
        """Of a datagram's last record, which begins there, if it is of that type and without a Connection ID; b"":
        nothing has changed, and what it is `unprotect` says."""
        start = at + HEADER
        size, number = len(data) - start, int.from_bytes(data[at + 5 : at + 11], "big")
        if size < 0 or self._read_cid or data[at : at + 5] != _PROTECTED[content_type] or size > MAX_PLAINTEXT:
            return b""
        if (data[start - 2] << 8 | data[start - 1]) != size or not fresh(self.newest, self._seen, number):
            return b""
        sequence = data[at + 3 : at + 11]
        try:
            plaintext = self._read.open(sequence, sequence + BEGINNINGS[content_type], data[start:])
        except DtlsError:
            return b""
        if plaintext:
            self.newest, self._seen = taken(self.newest, self._seen, number)
        return plaintext

    def unprotect(self, record: Record) -> tuple[int, bytes]:
        """Content type and plaintext, once; or a DtlsError, and nothing has changed."""
        content_type, sequence, connection_id = record.content_type, record.sequence, record.connection_id
        if connection_id != self._read_cid:
            raise DtlsError(DtlsRefusal.CONNECTION_ID_UNKNOWN)
        number = int.from_bytes(sequence, "big") ^ _EPOCH_1
        if number > LAST_NUMBER:
            raise DtlsError(DtlsRefusal.EPOCH_UNKNOWN, record.epoch)
        if not fresh(self.newest, self._seen, number):
            raise DtlsError(DtlsRefusal.REPLAYED)
        prefix = authenticated_prefix(content_type, sequence, connection_id)
        plaintext = self._read.open(sequence, prefix, record.fragment)
        self.newest, self._seen = taken(self.newest, self._seen, number)
        if content_type == TLS12_CID:
            plaintext = plaintext.rstrip(b"\0")
            if not plaintext:
                raise DtlsError(DtlsRefusal.CONTENT_TYPE_MISSING)
            content_type, plaintext = plaintext[-1], plaintext[:-1]
        if len(plaintext) > MAX_PLAINTEXT:
            raise DtlsError(DtlsRefusal.PLAINTEXT_TOO_LONG)
        return content_type, plaintext
