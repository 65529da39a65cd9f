"""One DTLS association as a listener knows it: what the hellos said, and what follows with the master secret.

Knows the wire format and the key schedule; takes every record as often as it comes. Remembers no datagram.
"""

from __future__ import annotations

from nbtwin.dtls import record as wire
from nbtwin.dtls.ciphers import Protection, derive, hash_of
from nbtwin.dtls.messages import TITLES, ClientHello, ServerHello, decode_connection_id
from nbtwin.dtls.numbers import CipherSuite, ContentType, ExtensionType, HandshakeType
from nbtwin.dtls.prf import Prf
from nbtwin.dtls.settings import MAX_CID
from nbtwin.engine import Address, DecodeError
from nbtwin.timeline.keylog import KeyLog

_COUNTED = 64
_FLIGHTS = {  # RFC 6347 4.2.4, figure 1
    HandshakeType.HELLO_VERIFY_REQUEST: 2,
    HandshakeType.SERVER_HELLO: 4,
    HandshakeType.SERVER_KEY_EXCHANGE: 4,
    HandshakeType.SERVER_HELLO_DONE: 4,
    HandshakeType.CLIENT_KEY_EXCHANGE: 5,
}


class Association:
    __slots__ = (
        "_counts",
        "_hello",
        "_keys",
        "_resumed",
        "_terms",
        "client",
        "client_cid",
        "previous",
        "server",
        "server_cid",
    )

    def __init__(self, client: Address, server: Address, hello: ClientHello, previous: Association | None) -> None:
        self.client, self.server = client, server
        self.previous = previous
        """The one that lives until this one is complete."""
        self.client_cid = self.server_cid = b""  # what records to the client, and to the server, carry
        self._hello = hello
        self._terms: ServerHello | None = None
        self._resumed = False
        self._counts: dict[tuple[bool, int, int, int], int] = {}
        self._keys: tuple[Protection, Protection] | None = None

    @property
    def client_random(self) -> bytes:
        """By which its keys are told."""
        return self._hello.random

    def begins_with(self, hello: ClientHello) -> bool:
        """Whether this is its ClientHello: the first one, the one with the cookie, or a repetition of either."""
        if hello.random != self._hello.random:
            return False
        self._hello = hello
        return True

    def answered(self, hello: ServerHello) -> None:
        if self._terms is not None and self._terms.random == hello.random:
            return
        self._terms, self._keys = hello, None
        self._resumed = bool(hello.session_id) and hello.session_id == self._hello.session_id
        theirs, ours = (each.extensions.get(ExtensionType.CONNECTION_ID) for each in (hello, self._hello))
        if theirs is not None and ours is not None:
            self.client_cid = decode_connection_id(ours, MAX_CID)
            self.server_cid = decode_connection_id(theirs, MAX_CID)

    def flight(self, type_: int | None, from_client: bool) -> int | None:
        """Of a handshake message; None: of a ChangeCipherSpec, which goes with a Finished."""
        if type_ == HandshakeType.CLIENT_HELLO:
            return 3 if self._hello.cookie else 1
        if type_ in (None, HandshakeType.FINISHED):
            return 5 if from_client else 4 if self._resumed else 6
        return _FLIGHTS.get(HandshakeType(type_)) if type_ in TITLES else None

    def count(self, from_client: bool, seq: int, type_: int, offset: int) -> int:
        """The how-many-th time this fragment comes."""
        key = (from_client, seq, type_, offset)
        if key not in self._counts and len(self._counts) == _COUNTED:
            return 1
        self._counts[key] = count = self._counts.get(key, 0) + 1
        return count

    def open(self, keys: KeyLog, record: wire.Record, from_client: bool) -> tuple[int, bytes] | None:
        """Content type and plaintext; None without the keys, or when it is not authentic."""
        directions = self._directions(keys)
        if directions is None:
            return None
        content_type, sequence, cid = record.content_type, record.sequence, record.connection_id
        prefix = wire.authenticated_prefix(content_type, sequence, cid)
        try:
            plaintext = directions[not from_client].open(sequence, prefix, record.fragment)
        except DecodeError:
            return None
        if content_type == ContentType.TLS12_CID:  # RFC 9146 4: the true type stands behind the content
            plaintext = plaintext.rstrip(b"\0")
            return (plaintext[-1], plaintext[:-1]) if plaintext else None
        return content_type, plaintext

    def _directions(self, keys: KeyLog) -> tuple[Protection, Protection] | None:
        """The client's and the server's."""
        terms = self._terms
        if self._keys is None and terms is not None and terms.cipher_suite in tuple(CipherSuite):
            master = keys.find(self._hello.random)
            if master is not None:
                encrypt_then_mac = ExtensionType.ENCRYPT_THEN_MAC in terms.extensions
                randoms = (self._hello.random, terms.random)
                suite, schedule = terms.cipher_suite, Prf(master, hash_of(terms.cipher_suite))
                self._keys = derive(suite, schedule, randoms, encrypt_then_mac, bytes)
        return self._keys
