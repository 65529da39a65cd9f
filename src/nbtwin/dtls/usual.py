"""What most handshakes are: those of very many clients with one server, whose flights differ in a few bytes.

Theory of operation. A client of these settings says the same as every other but for its random, the cookie and its
identity, so its flights are *templates* (made once by what makes every flight) with these put in. The server's flights
are alike but for the cookie; its random, the session id and the Connection ID; and what is sealed. The first such
datagram is decoded and leaves a *form*: where the varying bytes stand, and all others. A datagram that has these others
would be decoded to the same, so of it nothing is decoded. Of what is left, most are the calls into the crypto library.

Whatever is not exactly that (a lost or repeated datagram, an alert, a choice that is not allowed, keys that do not fit)
is not judged here. The handshake is given up: a `DtlsClient` that decodes everything is told what came so far, with the
same random, so it is where it would have been, and goes on (`UsualClient.client`). So it does with a session, once
something comes that is no data of its own. `tests/fleet/test_fleet_secure.py` plays both ways against each other.

RFC 6347 4.2, RFC 5246 7.4, RFC 4279 2, RFC 7627 4, RFC 9146 3. Knows full handshakes with a
cookie and an AEAD suite; no timer.
"""

from __future__ import annotations

import hmac

from cryptography.hazmat.primitives.hashes import HashAlgorithm

from nbtwin.dtls.ciphers import RandomBytes, derive, hash_of
from nbtwin.dtls.client import MAX_QUEUED, DtlsClient, check_secret
from nbtwin.dtls.client_handshake import agreed, offer_for
from nbtwin.dtls.endpoint import check_plaintext
from nbtwin.dtls.fragments import Reassembly
from nbtwin.dtls.handshake import HASHES, HandshakeRefused
from nbtwin.dtls.message_bytes import (
    HEADER,
    client_hello,
    decode_cookie,
    decode_identity,
    encode_identity,
    server_hello_fields,
    whole,
)
from nbtwin.dtls.numbers import (
    AES_128_CBC_SHA256,
    APPLICATION_DATA,
    CHANGE_CIPHER_SPEC,
    CLIENT_HELLO,
    CLIENT_KEY_EXCHANGE,
    CONNECTION_ID,
    DTLS_1_0,
    DTLS_1_2,
    FINISHED,
    HANDSHAKE,
    SERVER_HELLO,
    HandshakeType,
)
from nbtwin.dtls.prf import VERIFY_DATA, Prf, extended_master_secret, master_secret, psk_premaster_secret, verify_data
from nbtwin.dtls.reasons import DtlsError
from nbtwin.dtls.record import FIRST_EPOCH, VERSION, PlainEpoch, is_protected, records
from nbtwin.dtls.record import HEADER as RECORD_HEADER
from nbtwin.dtls.session import DtlsSession, NegotiatedParameters, Resumable
from nbtwin.dtls.settings import Settings
from nbtwin.engine import Address, Seconds

_SMALLEST_MTU = 512
"""No flight of ours is longer, whatever the cookie, the identity and the Connection ID."""
_MESSAGE_AT = RECORD_HEADER + HEADER
_RANDOM_AT = _MESSAGE_AT + 2  # behind the version, in both hellos
_SESSION_ID_AT = _RANDOM_AT + 33
_EXCHANGE = 2
"""Number of a record and of its message: before it are two ClientHellos, and no record is repeated."""
_CHANGE = PlainEpoch(_EXCHANGE + 1).protect(CHANGE_CIPHER_SPEC, b"\x01")
_FINISHED = whole(FINISHED, _EXCHANGE + 1, bytes(VERIFY_DATA))[:HEADER]
_CHANGE_SIZE = RECORD_HEADER + 1
_CHANGE_HEAD, _CHANGE_LENGTH = b"\x14" + VERSION + FIRST_EPOCH, b"\0\x01"
_MOST_MISSES, _TRIED_AGAIN = 16, 64
"""After so many handshakes in a row that were given up, one of so many is tried."""


class ServerFlight:
    """The form of a ServerHello, what follows and a ServerHelloDone in one datagram, and what answers it."""

    __slots__ = (
        "_before",
        "_chosen",
        "_cid_at",
        "_cid_end",
        "_exchange",
        "_exchange_for",
        "_rest",
        "_size",
        "algorithm",
        "cid_size",
        "finished",
        "hello_end",
        "parameters",
        "rest_messages",
        "session_id_end",
    )

    def __init__(self, data: bytes, messages: list[bytes], session_id: bytes, parameters: NegotiatedParameters) -> None:
        self._size, self._before = len(data), data[:_RANDOM_AT]
        self.session_id_end = _SESSION_ID_AT + len(session_id)
        self.hello_end = RECORD_HEADER + len(messages[0])
        self.rest_messages = b"".join(messages[1:])
        cid = parameters.write_cid or b""
        self.cid_size, self._cid_end = len(cid), self.session_id_end
        if cid:
            extension = (CONNECTION_ID << 16 | len(cid) + 1).to_bytes(4, "big") + bytes((len(cid),)) + cid
            self._cid_end = data.index(extension, self.session_id_end) + len(extension)
        self._cid_at = self._cid_end - len(cid)
        self._chosen, self._rest = data[self.session_id_end : self._cid_at], data[self._cid_end :]
        self.finished = whole(FINISHED, 1 + len(messages), bytes(VERIFY_DATA))[:HEADER]
        self.parameters, self.algorithm = parameters, hash_of(parameters.cipher_suite)
        self._exchange, self._exchange_for = b"", -1

    def matches(self, data: bytes) -> bool:
        return (
            len(data) == self._size
            and data[:_RANDOM_AT] == self._before
            and data[_SESSION_ID_AT - 1] == self.session_id_end - _SESSION_ID_AT
            and data[self.session_id_end : self._cid_at] == self._chosen
            and data[self._cid_end :] == self._rest
        )

    def parameters_in(self, data: bytes) -> NegotiatedParameters:
        parameters = self.parameters
        if not self.cid_size:
            return parameters
        suite, extended, cid = (
            parameters.cipher_suite,
            parameters.extended_master_secret,
            data[self._cid_at : self._cid_end],
        )
        return NegotiatedParameters(suite, extended, False, parameters.read_cid, cid)

    def exchange(self, identity: bytes) -> bytes:
        """The record of the ClientKeyExchange."""
        size = len(identity)
        if self._exchange_for != size:
            message = whole(CLIENT_KEY_EXCHANGE, _EXCHANGE, encode_identity(bytes(size)))
            record = PlainEpoch(_EXCHANGE).protect(HANDSHAKE, message)
            self._exchange, self._exchange_for = record[: len(record) - size], size
        return self._exchange + identity


class UsualForms:
    """Of the handshakes with one server, for clients of one kind of settings."""

    __slots__ = (
        "_again",
        "_again_for",
        "_extensions",
        "_flight",
        "_hello",
        "_offer",
        "_own_cid",
        "_possible",
        "_premaster",
        "_premaster_for",
        "_skipped",
        "_verify",
        "_verify_size",
        "misses",
        "settings",
        "wait",
    )

    def __init__(self, settings: Settings) -> None:
        self.settings, self.wait = settings, float(settings.waits[0])
        self._own_cid = b"" if settings.connection_id else None
        self._extensions, self._offer = offer_for(
            settings.cipher_suites, settings.extended_master_secret, settings.encrypt_then_mac, self._own_cid
        )
        drawn = settings.connection_id and settings.cid_length
        self._possible = not (drawn or settings.steps or settings.key_log) and settings.mtu >= _SMALLEST_MTU
        self.misses = self._skipped = 0
        self._hello = self._hello_with(b"", 0)
        self._again, self._again_for = self._hello, 0
        self._verify, self._verify_size = b"", 0
        self._flight: ServerFlight | None = None
        self._premaster: Prf | None = None
        self._premaster_for = b"", ""

    def hopeful(self) -> bool:
        """Whether the next handshake may be a usual one."""
        if self.misses < _MOST_MISSES:
            return self._possible
        self._skipped = (self._skipped + 1) % _TRIED_AGAIN
        return self._possible and not self._skipped

    # ours

    def premaster(self, key: bytes, algorithm: HashAlgorithm) -> Prf:
        """Most devices of a fleet have one key."""
        found, wanted = self._premaster, (key, algorithm.name)
        if found is None or self._premaster_for != wanted:
            found = self._premaster = Prf(psk_premaster_secret(key), algorithm)
            self._premaster_for = wanted
        return found

    def hello(self, client_random: bytes) -> bytes:
        before, after = self._hello
        return b"".join((before, client_random, after))

    def hello_again(self, client_random: bytes, cookie: bytes) -> bytes:
        size = len(cookie)
        if self._again_for != size:
            before, after = self._hello_with(bytes(size), 1)
            self._again, self._again_for = (before, after[:2]), size
        before, lengths = self._again
        return b"".join((before, client_random, lengths, cookie, self._offer))

    def _hello_with(self, cookie: bytes, seq: int) -> tuple[bytes, bytes]:
        """A ClientHello's datagram: what stands before the random, and what behind it."""
        body = client_hello(DTLS_1_2, bytes(32), b"", cookie, self._offer)
        record = PlainEpoch(seq, DTLS_1_0).protect(HANDSHAKE, whole(CLIENT_HELLO, seq, body))
        return record[:_RANDOM_AT], record[_RANDOM_AT + 32 :]

    # the server's

    def cookie_in(self, data: bytes) -> bytes:
        """Of a HelloVerifyRequest; b"" of anything else."""
        size = len(self._verify)
        if len(data) != self._verify_size or data[:size] != self._verify:
            messages = _messages(data, 0)
            if len(messages) != 1 or messages[0][0] != HandshakeType.HELLO_VERIFY_REQUEST:
                return b""
            try:
                cookie, _ = decode_cookie(messages[0][HEADER:])
            except DtlsError:
                return b""
            size = len(data) - len(cookie)
            self._verify, self._verify_size = data[:size], len(data)
        return data[size:]

    def flight_in(self, data: bytes) -> ServerFlight | None:
        """The form of a ServerHello and what follows."""
        flight = self._flight
        if flight is not None and flight.matches(data):
            return flight
        messages = _messages(data, 1)
        types = [message[0] for message in messages]
        if types[:1] != [SERVER_HELLO] or types[-1:] != [HandshakeType.SERVER_HELLO_DONE] or len(messages[-1]) > HEADER:
            return None
        try:
            if len(messages) > 2 and (types[1] != HandshakeType.SERVER_KEY_EXCHANGE or len(messages) > 3):
                return None
            if len(messages) > 2:
                decode_identity(messages[1][HEADER:])
            _, session_id, suite, extensions, compression, version = server_hello_fields(messages[0][HEADER:])
            parameters = agreed(self.settings, self._extensions, self._own_cid, version, suite, compression, extensions)
        except (DtlsError, HandshakeRefused):
            return None
        if suite == AES_128_CBC_SHA256:  # its records draw random numbers
            return None
        flight = self._flight = ServerFlight(data, messages, session_id, parameters)
        return flight


class UsualClient:
    """A handshake, for which waits what is to be sent, and then its session."""

    __slots__ = (
        "_cookie_at",
        "_expected",
        "_flight_at",
        "_forms",
        "_hello",
        "_key",
        "_master",
        "_parameters",
        "_queue",
        "_random",
        "_said",
        "_session",
        "_verify",
        "began_at",
        "client_random",
        "complete",
        "deadline",
        "identity",
        "peer",
    )

    def __init__(self, forms: UsualForms, peer: Address, identity: bytes, key: bytes, random: RandomBytes) -> None:
        check_secret(identity, key)
        self._forms, self.peer, self.identity, self._key, self._random = forms, peer, identity, key, random
        self.client_random = random(32)
        self._queue: tuple[bytes, ...] = ()
        self._said = self._verify = self._hello = self._expected = self._master = b""
        self.began_at = self.deadline = self._cookie_at = self._flight_at = 0.0
        self._session: DtlsSession | None = None
        self._parameters: NegotiatedParameters | None = None
        self.complete = False

    def start(self, now: Seconds) -> bytes:
        """The ClientHello."""
        self.began_at, self.deadline = now, now + self._forms.wait
        self._said = self._forms.hello(self.client_random)
        return self._said

    def send(self, plaintext: bytes) -> bytes:
        """The record, or b"": it waits, and as many as a client keeps."""
        check_plaintext(plaintext)
        if self.complete and self._session is not None:
            return self._session.protect(APPLICATION_DATA, plaintext)
        if len(self._queue) < MAX_QUEUED:
            self._queue += (plaintext,)
        return b""

    def take(self, now: Seconds, data: bytes) -> bytes:
        """Of a session: the plaintext; b"": what came is for its ``client``."""
        session = self._session
        plaintext = session.plaintext_in(data, 0, APPLICATION_DATA) if session is not None else b""
        if plaintext and session is not None:
            session.received_at = now
        return plaintext

    def waiting(self) -> list[bytes]:
        """Records of what has waited, now that there is a session."""
        session, queue, self._queue = self._session, self._queue, ()
        return [session.protect(APPLICATION_DATA, plaintext) for plaintext in queue] if session is not None else []

    def receive(self, now: Seconds, data: bytes) -> bytes:
        """In a handshake, what is to be said; b"": either it is ``complete``, or what came is for its ``client``."""
        session = self._session
        if session is not None:
            self.complete = self._is_finished(session, data)
            if self.complete:
                self._forms.misses = 0
                self._flight_at = session.received_at = now
                self._said = self._verify = self._hello = self._expected = self.client_random = b""
            return b""
        forms = self._forms
        if not self._verify:
            cookie = forms.cookie_in(data)
            if not cookie:
                return b""
            self._verify, self._cookie_at, self.deadline = data, now, now + forms.wait
            self._said = forms.hello_again(self.client_random, cookie)
            return self._said
        flight = forms.flight_in(data)
        if flight is None:
            return b""
        self._hello, self._flight_at, self.deadline = data, now, now + forms.wait
        return self._answer(data, flight)

    def client(self, now: Seconds) -> DtlsClient:
        """Who goes on: with the session, or where a client is that has been told the same so far."""
        forms, peer = self._forms, self.peer
        random = self._random if self.complete else self._again
        client = DtlsClient(peer, self.identity, self._key, random, settings=forms.settings)
        if self.complete:
            assert self._session is not None
            client.adopt(now, self._session, self._resumable())
        else:
            forms.misses += 1
            client.handshake(self.began_at)
            if self._verify:
                client.handle_datagram(self._cookie_at, peer, self._verify)
            if self._hello:
                client.handle_datagram(self._flight_at, peer, self._hello)
            client.datagrams_to_send()
            client.random = self._random
        for plaintext in self._queue:
            client.send(now, peer, plaintext)
        return client

    def _resumable(self) -> Resumable | None:
        session, agreed_on = self._session, self._parameters
        if session is None or agreed_on is None or not (session.session_id and agreed_on.extended_master_secret):
            return None
        suite, made_at = agreed_on.cipher_suite, self._flight_at
        return Resumable(session.session_id, self._master, suite, False, self.identity, self._key, made_at)

    def _again(self, size: int) -> bytes:
        return self.client_random

    def _answer(self, data: bytes, flight: ServerFlight) -> bytes:
        """The ClientKeyExchange, a ChangeCipherSpec and the Finished."""
        self._parameters = parameters = flight.parameters_in(data)
        client_random = self.client_random
        server_random = data[_RANDOM_AT : _RANDOM_AT + 32]
        suite, algorithm = parameters.cipher_suite, flight.algorithm
        exchange = flight.exchange(self.identity)
        transcript = HASHES[algorithm.name](
            b"".join(
                (
                    self._said[RECORD_HEADER:],
                    data[RECORD_HEADER : flight.hello_end],
                    flight.rest_messages,
                    exchange[RECORD_HEADER:],
                )
            )
        )
        heard = transcript.digest()
        premaster = self._forms.premaster(self._key, algorithm)
        if parameters.extended_master_secret:
            master = extended_master_secret(premaster, heard)
        else:
            master = master_secret(premaster, client_random, server_random)
        self._master, prf = master, Prf(master, algorithm)
        write, read = derive(suite, prf, (client_random, server_random), False, self._random)
        self._session = session = DtlsSession(self.peer, self.identity, read, write, parameters)
        session.session_id = data[_SESSION_ID_AT : flight.session_id_end]
        finished = _FINISHED + verify_data(prf, b"client finished", heard)
        transcript.update(finished)
        self._expected = flight.finished + verify_data(prf, b"server finished", transcript.digest())
        return exchange + _CHANGE + session.protect(HANDSHAKE, finished)

    def _is_finished(self, session: DtlsSession, data: bytes) -> bool:
        if len(data) <= _CHANGE_SIZE or data[:5] != _CHANGE_HEAD or data[11:13] != _CHANGE_LENGTH:
            return False
        return hmac.compare_digest(session.plaintext_in(data, _CHANGE_SIZE, HANDSHAKE), self._expected)


def _messages(data: bytes, seq: int) -> list[bytes]:
    """Of a datagram of whole messages from that number on, each in a record of its own; [] of anything else."""
    expected, found = Reassembly(seq), list[bytes]()
    try:
        for record in records(data, 0):
            if record.content_type != HANDSHAKE or is_protected(record) or not expected.take_whole(record.fragment):
                return []
            found.append(record.fragment)
    except DtlsError:
        return []
    return found
