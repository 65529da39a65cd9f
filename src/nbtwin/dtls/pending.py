"""Where a ClientHello waits until it is whole and its sender has shown that it lives at its address.

A few fragmented ClientHellos are put together, the oldest making room for the newest; of whole ones nothing is kept.
RFC 6347 4.2.1 and 4.2.2. Knows no session and no handshake.
"""

from __future__ import annotations

from collections import OrderedDict

from nbtwin.dtls.cookies import COOKIE, Cookies
from nbtwin.dtls.fragments import Fragment, Partial
from nbtwin.dtls.message_bytes import cookie_and_parameters
from nbtwin.dtls.messages import HandshakeMessage
from nbtwin.dtls.numbers import ContentType, HandshakeType
from nbtwin.dtls.reasons import DtlsError
from nbtwin.dtls.record import LAST_NUMBER, VERSION_1_0, encode
from nbtwin.dtls.server_handshake import AcceptedHello
from nbtwin.engine import Address, Seconds

MAX_PARTIAL = 64
"""Unfinished ClientHellos of all strangers together: 64 of 8 KiB, twice over, is 1 MiB."""

_VERIFY = VERSION_1_0 + bytes((COOKIE,))
"""A HelloVerifyRequest up to its cookie; 1.0 whatever will be negotiated (RFC 6347 4.2.1)."""


class PendingHellos:
    __slots__ = ("_cookies", "_partial")

    def __init__(self, cookies: Cookies) -> None:
        self._cookies = cookies
        self._partial: OrderedDict[tuple[Address, int], Partial] = OrderedDict()

    def add(self, source: Address, fragment: Fragment, record_number: int) -> AcceptedHello | None:
        """The ClientHello, when this fragment makes it whole."""
        if len(fragment.data) == fragment.length:
            return self._accept(HandshakeMessage(fragment.type, fragment.seq, fragment.data), record_number)
        key = (source, fragment.seq)
        partial = self._partial.get(key) or self._start(key, fragment)
        try:
            partial.add(fragment)
        except DtlsError:  # what was kept is from an earlier attempt
            partial = self._start(key, fragment)
            partial.add(fragment)
        if partial.missing:
            return None
        del self._partial[key]
        return self._accept(HandshakeMessage(fragment.type, fragment.seq, partial.body()), record_number)

    def _start(self, key: tuple[Address, int], fragment: Fragment) -> Partial:
        self._partial.pop(key, None)
        if len(self._partial) == MAX_PARTIAL:
            self._partial.popitem(last=False)
        partial = self._partial[key] = Partial(fragment.type, fragment.length)
        return partial

    def is_known(self, now: Seconds, source: Address, hello: AcceptedHello) -> bool:
        return self._cookies.is_right(now, source, hello.cookie, hello.parameters)

    def challenge(self, now: Seconds, source: Address, hello: AcceptedHello) -> bytes:
        """The datagram with the cookie: smaller than any ClientHello, so nobody is amplified."""
        body = _VERIFY + self._cookies.make(now, source, hello.parameters)
        message = HandshakeMessage(HandshakeType.HELLO_VERIFY_REQUEST, hello.message.seq, body)
        sequence = (hello.record_number & LAST_NUMBER).to_bytes(8, "big")  # RFC 6347 4.2.1: that of the ClientHello
        return encode(ContentType.HANDSHAKE, sequence, b"", message.encode(), VERSION_1_0)

    @staticmethod
    def _accept(message: HandshakeMessage, record_number: int) -> AcceptedHello:
        cookie, parameters = cookie_and_parameters(message.body)
        return AcceptedHello(message, record_number, cookie, parameters)
