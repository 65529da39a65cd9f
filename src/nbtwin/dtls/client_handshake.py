"""The client's side of one handshake: full, or short with a session that both sides remember.

RFC 6347 4.2 (cookie, flights), RFC 4279 2 (PSK), RFC 7627 5, RFC 7366 3, RFC 9146 3, RFC 5746 3.4.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping

from msgspec.structs import replace

from nbtwin.dtls.flights import CCS, Item
from nbtwin.dtls.handshake import Handshake, HandshakeContext, HandshakeRefused, HandshakeState, Row
from nbtwin.dtls.messages import (
    ClientHello,
    HandshakeMessage,
    HelloVerifyRequest,
    ServerHello,
    decode_connection_id,
    decode_identity,
    encode_identity,
)
from nbtwin.dtls.numbers import (
    DTLS_1_0,
    DTLS_1_2,
    EMPTY_RENEGOTIATION_INFO_SCSV,
    AlertDescription,
    CipherSuite,
    ExtensionType,
    HandshakeType,
)
from nbtwin.dtls.parsing import vector
from nbtwin.dtls.reasons import DtlsError, DtlsRefusal
from nbtwin.dtls.record import VERSION
from nbtwin.dtls.session import NegotiatedParameters, Resumable
from nbtwin.dtls.settings import MAX_CID, Settings
from nbtwin.engine import Address, Seconds

MAX_COOKIES = 3
"""HelloVerifyRequests that are followed in one handshake."""


class ClientHandshake(Handshake):
    __slots__ = ("_cookies", "_hello", "_identity", "_key", "_offered", "_own_cid", "_server_random")

    IS_CLIENT = True

    def __init__(
        self,
        context: HandshakeContext,
        settings: Settings,
        peer: Address,
        secret: tuple[bytes, bytes],
        offered: Resumable | None,
    ) -> None:
        super().__init__(context, settings, peer, HandshakeState.AWAITING_SERVER_HELLO)
        self._transcript = hashlib.sha256()  # of no use before the server has chosen
        self._identity, self._key = secret
        self._offered = offered
        self._own_cid = context.random(settings.cid_length) if settings.connection_id else None
        self._cookies = 0
        self._server_random = b""
        self.client_random = context.random(32)
        self._hello = ClientHello(
            self.client_random,
            offered.session_id if offered else b"",
            cipher_suites=(*settings.cipher_suites, EMPTY_RENEGOTIATION_INFO_SCSV),
            extensions=self._extensions(),
        )

    def start(self, now: Seconds) -> None:
        self._plain.version = DTLS_1_0.to_bytes(2, "big")  # RFC 6347 4.1: until the version is known
        self._send(now, 1, [self._compose(HandshakeType.CLIENT_HELLO, self._hello.encode())])

    def resumable(self, now: Seconds) -> Resumable | None:
        """What the next handshake may offer, once this one is complete."""
        if self.resumed:
            return self._offered
        parameters = self.parameters
        if parameters is None or not self.session_id or not parameters.extended_master_secret:
            return None  # RFC 7627 5.3: without it a session is not safe to resume
        secrets = self.session_id, self.master_secret
        return Resumable(*secrets, parameters.cipher_suite, parameters.encrypt_then_mac, self._identity, self._key, now)

    def _extensions(self) -> dict[int, bytes]:
        settings, extensions = self._settings, dict[int, bytes]()
        if settings.extended_master_secret:
            extensions[ExtensionType.EXTENDED_MASTER_SECRET] = b""
        if settings.encrypt_then_mac and CipherSuite.TLS_PSK_WITH_AES_128_CBC_SHA256 in settings.cipher_suites:
            extensions[ExtensionType.ENCRYPT_THEN_MAC] = b""
        if self._own_cid is not None:
            extensions[ExtensionType.CONNECTION_ID] = vector(1, self._own_cid)
        return extensions

    # what the server says

    def _on_hello_verify_request(self, now: Seconds, message: HandshakeMessage) -> None:
        cookie = HelloVerifyRequest.decode(message.body).cookie
        self._cookies += 1
        if self._cookies > MAX_COOKIES:
            raise HandshakeRefused(
                AlertDescription.HANDSHAKE_FAILURE, DtlsRefusal.TOO_MANY_COOKIES, expected=MAX_COOKIES
            )
        self._hello = replace(self._hello, cookie=cookie)
        self._send(now, 3, [self._compose(HandshakeType.CLIENT_HELLO, self._hello.encode())])

    def _on_server_hello(self, now: Seconds, message: HandshakeMessage) -> None:
        hello = ServerHello.decode(message.body)
        self._plain.version = VERSION
        parameters = self._check(hello)
        assert self._flight is not None
        (said,) = self._flight.items  # RFC 6347 4.2.6: with the cookie, and without what made us send it
        self._begin_transcript(parameters.cipher_suite, said.encoded)
        self._add_to_transcript(message)
        self._server_random, self.session_id = hello.random, hello.session_id
        offered = self._offered
        if offered is None or not hello.session_id or hello.session_id != offered.session_id:
            self.parameters, self.state = parameters, HandshakeState.AWAITING_SERVER_HELLO_DONE
            return
        same = (parameters.cipher_suite, parameters.encrypt_then_mac) == (
            offered.cipher_suite,
            offered.encrypt_then_mac,
        )
        if not (same and parameters.extended_master_secret):  # RFC 5246 7.4.1.3, RFC 7627 5.3
            raise HandshakeRefused(AlertDescription.ILLEGAL_PARAMETER, DtlsRefusal.RESUMED_ON_OTHER_TERMS)
        self._make_session(self._identity, offered.master_secret, parameters, hello.random)
        self.resumed, self.state = True, HandshakeState.AWAITING_FINISHED

    def _on_server_key_exchange(self, now: Seconds, message: HandshakeMessage) -> None:
        decode_identity(message.body)  # a hint (RFC 4279 5.2); there is one identity, so nothing to choose
        self._add_to_transcript(message)

    def _on_server_hello_done(self, now: Seconds, message: HandshakeMessage) -> None:
        if message.body:
            raise DtlsError(DtlsRefusal.BYTES_LEFT_OVER, len(message.body))
        self._add_to_transcript(message)
        parameters = self.parameters
        assert parameters is not None
        exchange = self._compose(HandshakeType.CLIENT_KEY_EXCHANGE, encode_identity(self._identity))
        master = self._master_secret(self._key, parameters, self._server_random)
        self._make_session(self._identity, master, parameters, self._server_random)
        self.state = HandshakeState.AWAITING_FINISHED
        self._send(now, 5, [exchange, CCS, self._finished()])

    def _on_finished(self, now: Seconds, message: HandshakeMessage) -> None:
        if not hmac.compare_digest(message.body, self._verify_data(b"server finished")):
            raise HandshakeRefused(AlertDescription.DECRYPT_ERROR, DtlsRefusal.FINISHED_WRONG)
        self._add_to_transcript(message)
        if self.resumed:
            self._send_last(now, 5, (CCS, self._finished()))
        self._complete(now, last_flight=self.resumed)

    def _finished(self) -> Item:
        return self._compose(HandshakeType.FINISHED, self._verify_data(b"client finished"), epoch=1)

    # what the server may choose

    def _check(self, hello: ServerHello) -> NegotiatedParameters:
        if hello.version != DTLS_1_2:
            raise HandshakeRefused(AlertDescription.PROTOCOL_VERSION, DtlsRefusal.VERSION_UNSUPPORTED, hello.version)
        if hello.cipher_suite not in self._settings.cipher_suites or hello.compression_method:
            raise HandshakeRefused(
                AlertDescription.ILLEGAL_PARAMETER, DtlsRefusal.SUITE_NOT_OFFERED, hello.cipher_suite
            )
        for extension in hello.extensions:
            if extension not in self._hello.extensions and extension != ExtensionType.RENEGOTIATION_INFO:
                raise HandshakeRefused(
                    AlertDescription.UNSUPPORTED_EXTENSION, DtlsRefusal.EXTENSION_NOT_OFFERED, extension
                )
        if hello.extensions.get(ExtensionType.RENEGOTIATION_INFO, b"\0") != b"\0":  # RFC 5746 3.4
            raise HandshakeRefused(AlertDescription.HANDSHAKE_FAILURE, DtlsRefusal.RENEGOTIATION)
        is_cbc = hello.cipher_suite == CipherSuite.TLS_PSK_WITH_AES_128_CBC_SHA256
        extended = ExtensionType.EXTENDED_MASTER_SECRET in hello.extensions
        encrypt_then_mac = is_cbc and ExtensionType.ENCRYPT_THEN_MAC in hello.extensions
        if self._settings.require_extended_master_secret and not extended:
            raise HandshakeRefused(AlertDescription.HANDSHAKE_FAILURE, DtlsRefusal.NO_EXTENDED_MASTER_SECRET)
        if self._settings.require_encrypt_then_mac and is_cbc and not encrypt_then_mac:
            raise HandshakeRefused(AlertDescription.HANDSHAKE_FAILURE, DtlsRefusal.NO_ENCRYPT_THEN_MAC)
        connection_id = hello.extensions.get(ExtensionType.CONNECTION_ID)
        if connection_id is None:
            return NegotiatedParameters(hello.cipher_suite, extended, encrypt_then_mac)
        write_cid = decode_connection_id(connection_id, MAX_CID)
        return NegotiatedParameters(hello.cipher_suite, extended, encrypt_then_mac, self._own_cid, write_cid)

    def _row(self, type_: int) -> Row | None:
        return ROWS.get((self.state, type_))


ROWS: Mapping[tuple[HandshakeState, int], Row] = {
    (
        HandshakeState.AWAITING_SERVER_HELLO,
        HandshakeType.HELLO_VERIFY_REQUEST,
    ): ClientHandshake._on_hello_verify_request,
    (HandshakeState.AWAITING_SERVER_HELLO, HandshakeType.SERVER_HELLO): ClientHandshake._on_server_hello,
    (
        HandshakeState.AWAITING_SERVER_HELLO_DONE,
        HandshakeType.SERVER_KEY_EXCHANGE,
    ): ClientHandshake._on_server_key_exchange,
    (HandshakeState.AWAITING_SERVER_HELLO_DONE, HandshakeType.SERVER_HELLO_DONE): ClientHandshake._on_server_hello_done,
    (HandshakeState.AWAITING_FINISHED, HandshakeType.FINISHED): ClientHandshake._on_finished,
}
