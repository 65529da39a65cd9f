"""The server's side of one handshake, from a ClientHello whose cookie was right.

RFC 6347 4.2, RFC 4279 2 (PSK), RFC 7627 5, RFC 7366 3, RFC 9146 3, RFC 5746 3.6.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping

import msgspec

from nbtwin.dtls import prf
from nbtwin.dtls.flights import CCS, Item
from nbtwin.dtls.handshake import Handshake, HandshakeContext, HandshakeRefused, HandshakeState, Row
from nbtwin.dtls.messages import (
    MAX_KEY,
    ClientHello,
    HandshakeMessage,
    ServerHello,
    decode_connection_id,
    decode_identity,
    encode_identity,
)
from nbtwin.dtls.numbers import (
    DTLS_1_2,
    EMPTY_RENEGOTIATION_INFO_SCSV,
    AlertDescription,
    CipherSuite,
    ExtensionType,
    HandshakeType,
)
from nbtwin.dtls.parsing import vector
from nbtwin.dtls.reasons import DtlsError, DtlsRefusal
from nbtwin.dtls.session import NegotiatedParameters, Resumable
from nbtwin.dtls.settings import MAX_CID, ServerSettings
from nbtwin.engine import Address, Deadline, Seconds

KeyOf = Callable[[bytes], bytes | None]
"""The PSK of an identity, or None where nobody has it."""


class AcceptedHello(msgspec.Struct, frozen=True, gc=False):
    """The ClientHello that opens a handshake; decoded once its cookie was right."""

    message: HandshakeMessage
    record_number: int
    cookie: bytes
    parameters: bytes

    @property
    def client_random(self) -> bytes:
        return self.message.body[2:34]


class ServerHandshake(Handshake):
    __slots__ = ("_key", "_key_of", "_opening", "_server_random", "hello", "identity", "resumable", "scheduled")

    IS_CLIENT = False
    _settings: ServerSettings

    def __init__(
        self, wire: HandshakeContext, settings: ServerSettings, peer: Address, opening: AcceptedHello, key_of: KeyOf
    ) -> None:
        super().__init__(wire, settings, peer, HandshakeState.AWAITING_CLIENT_KEY_EXCHANGE)
        self._opening: AcceptedHello | None = opening
        self.hello, self._key_of = ClientHello.decode(opening.message.body), key_of
        self.client_random = self.hello.random
        self._message_seq = opening.message.seq  # RFC 6347 4.2.2: one after the HelloVerifyRequest
        self._reassembly.next_seq = opening.message.seq + 1
        self._plain.number = opening.record_number  # RFC 6347 4.2.1
        self._server_random = self._key = b""
        self.identity = b""
        self.scheduled: Deadline | None = None
        """The deadline that the server has put into its timers."""
        self.resumable: Resumable | None = None
        """The session that is resumed, or, once complete, the one that may be."""

    def start(self, now: Seconds, own_cid: bytes | None, resumable: Resumable | None) -> None:
        """Answer the ClientHello. `resumable` is what is kept under its session id."""
        assert self._opening is not None
        message, self._opening = self._opening.message, None
        self._hear(message)
        self._server_random = self._wire.random(32)
        try:
            terms = self._agree(own_cid, resumable)
            if resumable is not None and self._may_resume(resumable, terms):
                self._resume(now, resumable, terms)
            else:
                self._answer(now, terms)
        except HandshakeRefused as refusal:
            self._refuse(now, refusal)
        except DtlsError as error:
            self._refuse(now, HandshakeRefused.of(error, message.title))

    def repeat(self, now: Seconds) -> None:
        """The same ClientHello once more."""
        self._repeat(now)

    # the two answers to a ClientHello

    def _answer(self, now: Seconds, terms: NegotiatedParameters) -> None:
        if self._settings.max_resumable and terms.extended_master_secret:  # RFC 7627 5.3: not without it
            self.session_id = self._wire.random(32)
        self.terms = terms
        items = [self._server_hello(terms)]
        if hint := self._settings.identity_hint:
            items.append(self._say(HandshakeType.SERVER_KEY_EXCHANGE, encode_identity(hint)))
        items.append(self._say(HandshakeType.SERVER_HELLO_DONE, b""))
        self._send(now, 4, items)

    def _resume(self, now: Seconds, resumable: Resumable, terms: NegotiatedParameters) -> None:
        self.identity, self.resumable, self.resumed = resumable.identity, resumable, True
        self.session_id = resumable.session_id
        hello = self._server_hello(terms)
        self._make_session(resumable.identity, resumable.master_secret, terms, self._server_random)
        self.state = HandshakeState.AWAITING_FINISHED
        self._send(now, 4, [hello, CCS, self._finished()])

    def _may_resume(self, resumable: Resumable, terms: NegotiatedParameters) -> bool:
        if not terms.extended_master_secret:  # RFC 7627 5.3: every session that is kept has it
            raise HandshakeRefused(
                AlertDescription.HANDSHAKE_FAILURE, DtlsRefusal.RESUMED_WITHOUT_EXTENDED_MASTER_SECRET
            )
        same = (terms.cipher_suite, terms.encrypt_then_mac) == (resumable.cipher_suite, resumable.encrypt_then_mac)
        key = self._key_of(resumable.identity)
        return same and key is not None and hmac.compare_digest(key, resumable.key)

    def _server_hello(self, terms: NegotiatedParameters) -> Item:
        hello, extensions = self.hello, dict[int, bytes]()
        if ExtensionType.RENEGOTIATION_INFO in hello.extensions or EMPTY_RENEGOTIATION_INFO_SCSV in hello.cipher_suites:
            extensions[ExtensionType.RENEGOTIATION_INFO] = b"\0"  # RFC 5746 3.6
        if terms.extended_master_secret:
            extensions[ExtensionType.EXTENDED_MASTER_SECRET] = b""
        if terms.encrypt_then_mac:
            extensions[ExtensionType.ENCRYPT_THEN_MAC] = b""
        if terms.read_cid is not None:
            extensions[ExtensionType.CONNECTION_ID] = vector(1, terms.read_cid)
        answer = ServerHello(self._server_random, self.session_id, terms.cipher_suite, extensions)
        return self._say(HandshakeType.SERVER_HELLO, answer.encode())

    # what the client says then

    def _on_client_key_exchange(self, now: Seconds, message: HandshakeMessage) -> None:
        identity = decode_identity(message.body)
        key = self._key_of(identity)
        if key is None:
            raise HandshakeRefused(
                AlertDescription.UNKNOWN_PSK_IDENTITY,
                DtlsRefusal.IDENTITY_UNKNOWN,
                subject=identity.decode(errors="backslashreplace"),
            )
        if not 1 <= len(key) <= MAX_KEY:
            raise HandshakeRefused(AlertDescription.INTERNAL_ERROR, DtlsRefusal.KEY_LENGTH, len(key), MAX_KEY)
        self._hear(message)
        self.identity, self._key = identity, key
        terms, premaster = self.terms, prf.psk_premaster_secret(key)
        assert terms is not None
        if terms.extended_master_secret:
            master = prf.extended_master_secret(premaster, self._transcript.digest())
        else:
            master = prf.master_secret(premaster, self.client_random, self._server_random)
        self._make_session(identity, master, terms, self._server_random)
        self.state = HandshakeState.AWAITING_FINISHED

    def _on_finished(self, now: Seconds, message: HandshakeMessage) -> None:
        if not hmac.compare_digest(message.body, self._verify_data(b"client finished")):
            raise HandshakeRefused(AlertDescription.DECRYPT_ERROR, DtlsRefusal.FINISHED_WRONG)
        self._hear(message)
        if not self.resumed:
            self._send_last(now, 6, (CCS, self._finished()))
            self._keep(now)
        self._complete(now, last_flight=not self.resumed)

    def _finished(self) -> Item:
        return self._say(HandshakeType.FINISHED, self._verify_data(b"server finished"), epoch=1)

    def _keep(self, now: Seconds) -> None:
        terms = self.terms
        assert terms is not None
        if self.session_id:
            secrets = self.session_id, self.master_secret
            suite, etm = terms.cipher_suite, terms.encrypt_then_mac
            self.resumable = Resumable(*secrets, suite, etm, self.identity, self._key, now)

    # what the server chooses

    def _agree(self, own_cid: bytes | None, resumable: Resumable | None) -> NegotiatedParameters:
        hello, settings = self.hello, self._settings
        if hello.version > DTLS_1_2:  # versions count downwards: 1.2 is 0xfefd, 1.0 is 0xfeff
            raise HandshakeRefused(AlertDescription.PROTOCOL_VERSION, DtlsRefusal.VERSION_UNSUPPORTED, hello.version)
        if 0 not in hello.compression_methods:
            raise HandshakeRefused(AlertDescription.ILLEGAL_PARAMETER, DtlsRefusal.NO_NULL_COMPRESSION)
        if hello.extensions.get(ExtensionType.RENEGOTIATION_INFO, b"\0") != b"\0":
            raise HandshakeRefused(AlertDescription.HANDSHAKE_FAILURE, DtlsRefusal.RENEGOTIATION)
        suite = self._choose_suite(resumable)
        is_cbc = suite == CipherSuite.TLS_PSK_WITH_AES_128_CBC_SHA256
        extended = settings.extended_master_secret and ExtensionType.EXTENDED_MASTER_SECRET in hello.extensions
        etm = is_cbc and settings.encrypt_then_mac and ExtensionType.ENCRYPT_THEN_MAC in hello.extensions
        if settings.require_extended_master_secret and not extended:
            raise HandshakeRefused(AlertDescription.HANDSHAKE_FAILURE, DtlsRefusal.NO_EXTENDED_MASTER_SECRET)
        if settings.require_encrypt_then_mac and is_cbc and not etm:
            raise HandshakeRefused(AlertDescription.HANDSHAKE_FAILURE, DtlsRefusal.NO_ENCRYPT_THEN_MAC)
        offered = hello.extensions.get(ExtensionType.CONNECTION_ID)
        if offered is None or own_cid is None:
            return NegotiatedParameters(suite, extended, etm)
        write_cid = decode_connection_id(offered, 255)
        if len(write_cid) > MAX_CID:
            return NegotiatedParameters(suite, extended, etm)
        return NegotiatedParameters(suite, extended, etm, own_cid, write_cid)

    def _choose_suite(self, resumable: Resumable | None) -> int:
        """Our preference; before it the suite of the session that may be resumed."""
        offered, ours = self.hello.cipher_suites, self._settings.cipher_suites
        if resumable is not None and resumable.cipher_suite in offered and resumable.cipher_suite in ours:
            return resumable.cipher_suite
        for suite in ours:
            if suite in offered:
                return suite
        raise HandshakeRefused(AlertDescription.HANDSHAKE_FAILURE, DtlsRefusal.NO_COMMON_SUITE)

    def _row(self, type_: int) -> Row | None:
        return ROWS.get((self.state, type_))


ROWS: Mapping[tuple[HandshakeState, int], Row] = {
    (
        HandshakeState.AWAITING_CLIENT_KEY_EXCHANGE,
        HandshakeType.CLIENT_KEY_EXCHANGE,
    ): ServerHandshake._on_client_key_exchange,
    (HandshakeState.AWAITING_FINISHED, HandshakeType.FINISHED): ServerHandshake._on_finished,
}
