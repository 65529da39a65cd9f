"""The client's side of one handshake: full, or short with a session that both sides remember.

RFC 6347 4.2 (cookie, flights), RFC 4279 2 (PSK), RFC 7627 5, RFC 7366 3, RFC 9146 3, RFC 5746 3.4.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from functools import lru_cache

from nbtwin.dtls.flights import CCS, Item
from nbtwin.dtls.handshake import Handshake, HandshakeContext, HandshakeRefused, HandshakeState, Row
from nbtwin.dtls.message_bytes import (
    HEADER,
    client_hello,
    decode_connection_id,
    decode_cookie,
    decode_identity,
    encode_identity,
    offer_of,
    server_hello_fields,
    with_cookie,
)
from nbtwin.dtls.numbers import (
    AES_128_CBC_SHA256,
    CLIENT_HELLO,
    CLIENT_KEY_EXCHANGE,
    CONNECTION_ID,
    DTLS_1_2,
    EMPTY_RENEGOTIATION_INFO_SCSV,
    ENCRYPT_THEN_MAC,
    EXTENDED_MASTER_SECRET,
    FINISHED,
    RENEGOTIATION_INFO,
    AlertDescription,
    HandshakeType,
)
from nbtwin.dtls.parsing import vector
from nbtwin.dtls.reasons import DtlsError, DtlsRefusal
from nbtwin.dtls.record import VERSION, VERSION_1_0
from nbtwin.dtls.session import NegotiatedParameters, Resumable
from nbtwin.dtls.settings import MAX_CID, Settings
from nbtwin.engine import Address, Seconds

MAX_COOKIES = 3
"""HelloVerifyRequests that are followed in one handshake."""


class ClientHandshake(Handshake):
    __slots__ = (
        "_cookies",
        "_extensions",
        "_hello",
        "_identity",
        "_key",
        "_offered",
        "_own_cid",
        "_server_random",
    )

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
        self._identity, self._key = secret
        self._offered = offered
        own_cid: bytes | None = None
        if settings.connection_id:
            own_cid = context.random(settings.cid_length) if settings.cid_length else b""
        self._own_cid = own_cid
        self._cookies = 0
        self._server_random = b""
        self.client_random = context.random(32)
        self._extensions, offer = offer_for(
            settings.cipher_suites, settings.extended_master_secret, settings.encrypt_then_mac, own_cid
        )
        session_id = offered.session_id if offered is not None else b""
        self._hello = client_hello(DTLS_1_2, self.client_random, session_id, b"", offer)

    def start(self, now: Seconds) -> None:
        self._plain.version = VERSION_1_0  # RFC 6347 4.1: until the version is known
        self._send(now, 1, [self._compose(CLIENT_HELLO, self._hello)])

    def resumable(self, now: Seconds) -> Resumable | None:
        """What the next handshake may offer, once this one is complete."""
        if self.resumed:
            return self._offered
        parameters = self.parameters
        if parameters is None or not self.session_id or not parameters.extended_master_secret:
            return None  # RFC 7627 5.3: without it a session is not safe to resume
        suite, etm = parameters.cipher_suite, parameters.encrypt_then_mac
        return Resumable(self.session_id, self.master_secret, suite, etm, self._identity, self._key, now)

    # what the server says

    def _on_hello_verify_request(self, now: Seconds, message: bytes) -> None:
        cookie, _ = decode_cookie(message[HEADER:])
        self._cookies += 1
        if self._cookies > MAX_COOKIES:
            raise HandshakeRefused(
                AlertDescription.HANDSHAKE_FAILURE, DtlsRefusal.TOO_MANY_COOKIES, expected=MAX_COOKIES
            )
        self._hello = with_cookie(self._hello, cookie)
        self._send(now, 3, [self._compose(CLIENT_HELLO, self._hello)])

    def _on_server_hello(self, now: Seconds, message: bytes) -> None:
        server_random, session_id, suite, extensions, compression, version = server_hello_fields(message[HEADER:])
        self._plain.version = VERSION
        parameters = agreed(self._settings, self._extensions, self._own_cid, version, suite, compression, extensions)
        assert self._flight is not None
        (said,) = self._flight.items  # RFC 6347 4.2.6: with the cookie, and without what made us send it
        self._begin_transcript(suite, said.encoded)
        self._hear(message)
        self._server_random, self.session_id = server_random, session_id
        offered = self._offered
        if offered is None or not session_id or session_id != offered.session_id:
            self.parameters, self.state = parameters, HandshakeState.AWAITING_SERVER_HELLO_DONE
            return
        same = (parameters.cipher_suite, parameters.encrypt_then_mac) == (
            offered.cipher_suite,
            offered.encrypt_then_mac,
        )
        if not (same and parameters.extended_master_secret):  # RFC 5246 7.4.1.3, RFC 7627 5.3
            raise HandshakeRefused(AlertDescription.ILLEGAL_PARAMETER, DtlsRefusal.RESUMED_ON_OTHER_TERMS)
        self._make_session(self._identity, offered.master_secret, parameters, server_random)
        self.resumed, self.state = True, HandshakeState.AWAITING_FINISHED

    def _on_server_key_exchange(self, now: Seconds, message: bytes) -> None:
        decode_identity(message[HEADER:])  # a hint (RFC 4279 5.2); there is one identity, so nothing to choose
        self._hear(message)

    def _on_server_hello_done(self, now: Seconds, message: bytes) -> None:
        if len(message) > HEADER:
            raise DtlsError(DtlsRefusal.BYTES_LEFT_OVER, len(message) - HEADER)
        self._hear(message)
        parameters = self.parameters
        assert parameters is not None
        exchange = self._compose(CLIENT_KEY_EXCHANGE, encode_identity(self._identity))
        heard = self._heard()
        master = self._master_secret(self._key, parameters, self._server_random, heard)
        self._make_session(self._identity, master, parameters, self._server_random)
        self.state = HandshakeState.AWAITING_FINISHED
        self._send(now, 5, [exchange, CCS, self._finished(heard)])

    def _on_finished(self, now: Seconds, message: bytes) -> None:
        if not hmac.compare_digest(message[HEADER:], self._verify_data(b"server finished", self._heard())):
            raise HandshakeRefused(AlertDescription.DECRYPT_ERROR, DtlsRefusal.FINISHED_WRONG)
        if self.resumed:
            self._hear(message)
            self._send_last(now, 5, (CCS, self._finished(self._heard())))
        self._complete(now, last_flight=self.resumed)

    def _finished(self, heard: bytes) -> Item:
        return self._compose(FINISHED, self._verify_data(b"client finished", heard), 1)

    def _row(self, type_: int) -> Row | None:
        return ROWS.get((self.state, type_))


def agreed(
    settings: Settings,
    offered: Mapping[int, bytes],
    own_cid: bytes | None,
    version: int,
    suite: int,
    compression: int,
    extensions: Mapping[int, bytes],
) -> NegotiatedParameters:
    """What a ServerHello has chosen of what was offered; HandshakeRefused: it may not."""
    if version != DTLS_1_2:
        raise HandshakeRefused(AlertDescription.PROTOCOL_VERSION, DtlsRefusal.VERSION_UNSUPPORTED, version)
    if suite not in settings.cipher_suites or compression:
        raise HandshakeRefused(AlertDescription.ILLEGAL_PARAMETER, DtlsRefusal.SUITE_NOT_OFFERED, suite)
    for extension in extensions:
        if extension not in offered and extension != RENEGOTIATION_INFO:
            raise HandshakeRefused(AlertDescription.UNSUPPORTED_EXTENSION, DtlsRefusal.EXTENSION_NOT_OFFERED, extension)
    if extensions.get(RENEGOTIATION_INFO, b"\0") != b"\0":  # RFC 5746 3.4
        raise HandshakeRefused(AlertDescription.HANDSHAKE_FAILURE, DtlsRefusal.RENEGOTIATION)
    is_cbc = suite == AES_128_CBC_SHA256
    extended = EXTENDED_MASTER_SECRET in extensions
    encrypt_then_mac = is_cbc and ENCRYPT_THEN_MAC in extensions
    if settings.require_extended_master_secret and not extended:
        raise HandshakeRefused(AlertDescription.HANDSHAKE_FAILURE, DtlsRefusal.NO_EXTENDED_MASTER_SECRET)
    if settings.require_encrypt_then_mac and is_cbc and not encrypt_then_mac:
        raise HandshakeRefused(AlertDescription.HANDSHAKE_FAILURE, DtlsRefusal.NO_ENCRYPT_THEN_MAC)
    connection_id = extensions.get(CONNECTION_ID)
    if connection_id is None:
        return NegotiatedParameters(suite, extended, encrypt_then_mac)
    return NegotiatedParameters(
        suite, extended, encrypt_then_mac, own_cid, decode_connection_id(connection_id, MAX_CID)
    )


@lru_cache(maxsize=64)
def offer_for(
    suites: tuple[int, ...], extended_master_secret: bool, encrypt_then_mac: bool, own_cid: bytes | None
) -> tuple[Mapping[int, bytes], bytes]:
    """The extensions, and all that is offered as it stands in the hello: the same for clients of the same settings."""
    extensions = dict[int, bytes]()
    if extended_master_secret:
        extensions[EXTENDED_MASTER_SECRET] = b""
    if encrypt_then_mac and AES_128_CBC_SHA256 in suites:
        extensions[ENCRYPT_THEN_MAC] = b""
    if own_cid is not None:
        extensions[CONNECTION_ID] = vector(1, own_cid)
    return extensions, offer_of((*suites, EMPTY_RENEGOTIATION_INFO_SCSV), b"\0", extensions)


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
