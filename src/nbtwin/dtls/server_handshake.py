"""The server's side of one handshake, from a ClientHello whose cookie was right.

RFC 6347 4.2, RFC 4279 2 (PSK), RFC 7627 5, RFC 7366 3, RFC 9146 3, RFC 5746 3.6.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping

from nbtwin.dtls.accepted_hello import AcceptedHello as AcceptedHello
from nbtwin.dtls.events import HandshakeFailed
from nbtwin.dtls.flights import CCS, Item
from nbtwin.dtls.handshake import Handshake, HandshakeContext, HandshakeRefused, HandshakeState, Row
from nbtwin.dtls.message_bytes import (
    HEADER,
    decode_connection_id,
    decode_identity,
    encode_identity,
    server_hello,
)
from nbtwin.dtls.messages import MAX_KEY, ClientHello
from nbtwin.dtls.numbers import (
    AES_128_CBC_SHA256,
    CONNECTION_ID,
    DTLS_1_2,
    EMPTY_RENEGOTIATION_INFO_SCSV,
    ENCRYPT_THEN_MAC,
    EXTENDED_MASTER_SECRET,
    FINISHED,
    RENEGOTIATION_INFO,
    SERVER_HELLO,
    AlertDescription,
    HandshakeType,
)
from nbtwin.dtls.offers import refusal_of
from nbtwin.dtls.parsing import vector
from nbtwin.dtls.reasons import DtlsError, DtlsRefusal
from nbtwin.dtls.session import NegotiatedParameters, Resumable
from nbtwin.dtls.settings import MAX_CID, ServerSettings
from nbtwin.engine import Address, Deadline, Seconds

KeyOf = Callable[[bytes], bytes | None]
"""The PSK of an identity, or None where nobody has it."""
StandIn = Callable[[bytes], bytes]
"""A key that nobody has, for such an identity."""


class ServerHandshake(Handshake):
    __slots__ = (
        "_accepted",
        "_key",
        "_key_of",
        "_limits",
        "_server_random",
        "_stand_in",
        "hello",
        "identity",
        "lost",
        "resumable",
        "scheduled",
    )

    IS_CLIENT = False

    def __init__(
        self,
        context: HandshakeContext,
        settings: ServerSettings,
        peer: Address,
        hello: AcceptedHello,
        key_of: KeyOf,
        stand_in: StandIn,
    ) -> None:
        super().__init__(context, settings, peer, HandshakeState.AWAITING_CLIENT_KEY_EXCHANGE)
        self._limits = settings
        self._accepted: AcceptedHello | None = hello
        self.hello, self._key_of, self._stand_in = ClientHello.decode(hello.message.body), key_of, stand_in
        self.client_random = self.hello.random
        self._message_seq = hello.message.seq  # RFC 6347 4.2.2: one after the HelloVerifyRequest
        self._reassembly.next_seq = hello.message.seq + 1
        self._plain.number = hello.record_number  # RFC 6347 4.2.1
        self._server_random = self._key = b""
        self.identity = b""
        self.lost = False
        """It goes on for the sake of appearance (D150): it has failed, and our user was told why."""
        self.scheduled: Deadline | None = None
        """The deadline that the server has put into its timers."""
        self.resumable: Resumable | None = None
        """The session that is resumed, or, once complete, the one that may be."""

    def start(self, now: Seconds, own_cid: bytes | None, resumable: Resumable | None) -> None:
        """Answer the ClientHello. `resumable` is what is kept under its session id."""
        assert self._accepted is not None
        message, self._accepted = self._accepted.message, None
        self._server_random = self._context.random(32)
        try:
            parameters = self._agree(own_cid, resumable)
            self._begin_transcript(parameters.cipher_suite, message.encode())
            if resumable is not None and self._may_resume(resumable, parameters):
                self._resume(now, resumable, parameters)
            else:
                self._answer(now, parameters)
        except HandshakeRefused as refusal:
            self._refuse(now, refusal)
        except DtlsError as error:
            self._refuse(now, HandshakeRefused.of(error, message.title))

    def repeat(self, now: Seconds) -> None:
        """The same ClientHello once more."""
        self._repeat(now)

    # the two answers to a ClientHello

    def _answer(self, now: Seconds, parameters: NegotiatedParameters) -> None:
        if self._limits.max_resumable and parameters.extended_master_secret:  # RFC 7627 5.3: not without it
            self.session_id = self._context.random(32)
        self.parameters = parameters
        items = [self._server_hello(parameters)]
        if hint := self._limits.identity_hint:
            items.append(self._compose(HandshakeType.SERVER_KEY_EXCHANGE, encode_identity(hint)))
        items.append(self._compose(HandshakeType.SERVER_HELLO_DONE, b""))
        self._send(now, 4, items)

    def _resume(self, now: Seconds, resumable: Resumable, parameters: NegotiatedParameters) -> None:
        self.identity, self.resumable, self.resumed = resumable.identity, resumable, True
        self.session_id = resumable.session_id
        hello = self._server_hello(parameters)
        self._make_session(resumable.identity, resumable.master_secret, parameters, self._server_random)
        self.state = HandshakeState.AWAITING_FINISHED
        self._send(now, 4, [hello, CCS, self._finished()])

    def _may_resume(self, resumable: Resumable, parameters: NegotiatedParameters) -> bool:
        if not parameters.extended_master_secret:  # RFC 7627 5.3: every session that is kept has it
            raise HandshakeRefused(
                AlertDescription.HANDSHAKE_FAILURE, DtlsRefusal.RESUMED_WITHOUT_EXTENDED_MASTER_SECRET
            )
        same = (parameters.cipher_suite, parameters.encrypt_then_mac) == (
            resumable.cipher_suite,
            resumable.encrypt_then_mac,
        )
        key = self._key_of(resumable.identity)
        return same and key is not None and hmac.compare_digest(key, resumable.key)

    def _server_hello(self, parameters: NegotiatedParameters) -> Item:
        hello, extensions = self.hello, dict[int, bytes]()
        if RENEGOTIATION_INFO in hello.extensions or EMPTY_RENEGOTIATION_INFO_SCSV in hello.cipher_suites:
            extensions[RENEGOTIATION_INFO] = b"\0"  # RFC 5746 3.6
        if parameters.extended_master_secret:
            extensions[EXTENDED_MASTER_SECRET] = b""
        if parameters.encrypt_then_mac:
            extensions[ENCRYPT_THEN_MAC] = b""
        if parameters.read_cid is not None:
            extensions[CONNECTION_ID] = vector(1, parameters.read_cid)
        suite = parameters.cipher_suite
        answer = server_hello(DTLS_1_2, self._server_random, self.session_id, suite, 0, extensions)
        return self._compose(SERVER_HELLO, answer)

    # what the client says then

    def _on_client_key_exchange(self, now: Seconds, message: bytes) -> None:
        identity = decode_identity(message[HEADER:])
        key = self._usable_key(identity)
        self._hear(message)
        self.identity, self._key = identity, key
        parameters = self.parameters
        assert parameters is not None
        master = self._master_secret(key, parameters, self._server_random, self._heard())
        self._make_session(identity, master, parameters, self._server_random)
        self.state = HandshakeState.AWAITING_FINISHED

    def _usable_key(self, identity: bytes) -> bytes:
        """Or a stand-in, which from outside is a wrong key. It is made for everybody: each identity costs the same."""
        key, stand_in = self._key_of(identity), self._stand_in(identity)
        if key is None:
            subject = identity.decode(errors="backslashreplace")
            self._lose(HandshakeFailed(self.peer, DtlsRefusal.IDENTITY_UNKNOWN, subject=subject))
        elif not 1 <= len(key) <= MAX_KEY:
            self._lose(HandshakeFailed(self.peer, DtlsRefusal.KEY_LENGTH, len(key), MAX_KEY))
        else:
            return key
        return stand_in

    def _lose(self, failure: HandshakeFailed) -> None:
        self.lost = True
        self._context.emit(failure)

    def _on_finished(self, now: Seconds, message: bytes) -> None:
        if not hmac.compare_digest(message[HEADER:], self._verify_data(b"client finished", self._heard())) or self.lost:
            raise HandshakeRefused(AlertDescription.DECRYPT_ERROR, DtlsRefusal.FINISHED_WRONG)
        self._hear(message)
        if not self.resumed:
            self._send_last(now, 6, (CCS, self._finished()))
            self._keep(now)
        self._complete(now, last_flight=not self.resumed)

    def _finished(self) -> Item:
        return self._compose(FINISHED, self._verify_data(b"server finished", self._heard()), 1)

    def _keep(self, now: Seconds) -> None:
        parameters = self.parameters
        assert parameters is not None
        if self.session_id:
            suite, etm = parameters.cipher_suite, parameters.encrypt_then_mac
            self.resumable = Resumable(self.session_id, self.master_secret, suite, etm, self.identity, self._key, now)

    # what the server chooses

    def _agree(self, own_cid: bytes | None, resumable: Resumable | None) -> NegotiatedParameters:
        hello, settings = self.hello, self._limits
        if hello.version > DTLS_1_2:  # versions count downwards: 1.2 is 0xfefd, 1.0 is 0xfeff
            raise HandshakeRefused(AlertDescription.PROTOCOL_VERSION, DtlsRefusal.VERSION_UNSUPPORTED, hello.version)
        if 0 not in hello.compression_methods:
            raise HandshakeRefused(AlertDescription.ILLEGAL_PARAMETER, DtlsRefusal.NO_NULL_COMPRESSION)
        if hello.extensions.get(RENEGOTIATION_INFO, b"\0") != b"\0":
            raise HandshakeRefused(AlertDescription.HANDSHAKE_FAILURE, DtlsRefusal.RENEGOTIATION)
        suite = self._choose_suite(resumable)
        is_cbc = suite == AES_128_CBC_SHA256
        extended = settings.extended_master_secret and EXTENDED_MASTER_SECRET in hello.extensions
        etm = is_cbc and settings.encrypt_then_mac and ENCRYPT_THEN_MAC in hello.extensions
        if settings.require_extended_master_secret and not extended:
            raise HandshakeRefused(AlertDescription.HANDSHAKE_FAILURE, DtlsRefusal.NO_EXTENDED_MASTER_SECRET)
        if settings.require_encrypt_then_mac and is_cbc and not etm:
            raise HandshakeRefused(AlertDescription.HANDSHAKE_FAILURE, DtlsRefusal.NO_ENCRYPT_THEN_MAC)
        offered = hello.extensions.get(CONNECTION_ID)
        if offered is None or own_cid is None:
            return NegotiatedParameters(suite, extended, etm)
        write_cid = decode_connection_id(offered, 255)
        if len(write_cid) > MAX_CID:
            return NegotiatedParameters(suite, extended, etm)
        return NegotiatedParameters(suite, extended, etm, own_cid, write_cid)

    def _choose_suite(self, resumable: Resumable | None) -> int:
        """Our preference; before it the suite of the session that may be resumed."""
        offered, ours = self.hello.cipher_suites, self._limits.cipher_suites
        if resumable is not None and resumable.cipher_suite in offered and resumable.cipher_suite in ours:
            return resumable.cipher_suite
        for suite in ours:
            if suite in offered:
                return int(suite)  # the number alone, as compiled code makes of it
        alert, refusal, number, names = refusal_of(self.hello)
        raise HandshakeRefused(alert, refusal, number, subject=names)

    def _row(self, type_: int) -> Row | None:
        return ROWS.get((self.state, type_))


ROWS: Mapping[tuple[HandshakeState, int], Row] = {
    (
        HandshakeState.AWAITING_CLIENT_KEY_EXCHANGE,
        HandshakeType.CLIENT_KEY_EXCHANGE,
    ): ServerHandshake._on_client_key_exchange,
    (HandshakeState.AWAITING_FINISHED, HandshakeType.FINISHED): ServerHandshake._on_finished,
}
