"""DTLS servers on one port, for comparison: ours, and OpenSSL's through Python. Same face, same clients.

OpenSSL is the one inside the `cryptography` wheel, through its cffi bindings; they are private, so whoever asks for it
must be ready to go without.
"""

from __future__ import annotations

import hmac
from random import Random
from typing import Any, Protocol

from nbtwin.dtls import ApplicationDataReceived, CipherSuite, DtlsServer
from nbtwin.engine import Address

KEY = bytes(range(16))
OPENSSL_NAMES = {
    CipherSuite.TLS_PSK_WITH_AES_128_CCM_8: b"PSK-AES128-CCM8",
    CipherSuite.TLS_PSK_WITH_AES_128_CCM: b"PSK-AES128-CCM",
    CipherSuite.TLS_PSK_WITH_AES_128_GCM_SHA256: b"PSK-AES128-GCM-SHA256",
    CipherSuite.TLS_PSK_WITH_AES_256_CCM_8: b"PSK-AES256-CCM8",
    CipherSuite.TLS_PSK_WITH_AES_256_CCM: b"PSK-AES256-CCM",
    CipherSuite.TLS_PSK_WITH_AES_256_GCM_SHA384: b"PSK-AES256-GCM-SHA384",
    CipherSuite.TLS_PSK_WITH_AES_128_CBC_SHA256: b"PSK-AES128-CBC-SHA256",
}
_COOKIE = 16
_BUFFER = 16384


class NoPeer(Exception):
    """OpenSSL cannot be had on this machine; the text says why."""


class BenchedServer(Protocol):
    def handle(self, now: float, source: Address, data: bytes) -> list[bytes]:
        """A datagram in; the datagrams that answer it."""
        ...

    def received(self) -> int:
        """How many pieces of application data have come."""
        ...


class Ours:
    def __init__(self, keys: dict[bytes, bytes]) -> None:
        self._server = DtlsServer(keys.get, Random(1).randbytes)
        self._received = 0

    def handle(self, now: float, source: Address, data: bytes) -> list[bytes]:
        server = self._server
        server.handle_datagram(now, source, data)
        for event in server.events():
            if type(event) is ApplicationDataReceived:
                self._received += 1
        return [datagram for _, datagram in server.datagrams_to_send()]

    def received(self) -> int:
        return self._received


class OpenSsl:
    """An SSL object and two memory buffers a peer; cookies, no tickets, no session cache, idle buffers released."""

    def __init__(self, suite: CipherSuite, keys: dict[bytes, bytes]) -> None:
        try:
            from cryptography.hazmat.bindings.openssl.binding import Binding

            lib, ffi = self._lib, self._ffi = Binding.lib, Binding.ffi
            self._context = lib.SSL_CTX_new(lib.DTLS_server_method())
            suites = OPENSSL_NAMES[suite] + b":@SECLEVEL=0"  # OpenSSL 4 has CCM_8 there alone
            if lib.SSL_CTX_set_cipher_list(self._context, suites) != 1:
                raise NoPeer(f"this OpenSSL has no {OPENSSL_NAMES[suite].decode()}")
            lib.SSL_CTX_set_options(self._context, lib.SSL_OP_COOKIE_EXCHANGE | lib.SSL_OP_NO_TICKET)
            lib.SSL_CTX_set_session_cache_mode(self._context, lib.SSL_SESS_CACHE_OFF)
            lib.SSL_CTX_set_mode(self._context, lib.SSL_MODE_RELEASE_BUFFERS)
        except (ImportError, AttributeError) as error:
            raise NoPeer(f"the cryptography library has no DTLS to offer: {error}") from None
        self._keys, self._callbacks = keys, self._set_callbacks(lib, ffi)
        self._peers: dict[Address, tuple[Any, Any, Any]] = {}
        self._done: set[Address] = set()
        self._buffer = ffi.new("unsigned char[]", _BUFFER)
        self._source: Address = ("", 0)
        self._received = 0

    def _set_callbacks(self, lib: Any, ffi: Any) -> tuple[Any, ...]:
        key_of = ffi.callback("unsigned int(SSL *, const char *, unsigned char *, unsigned int)", self._key_of)
        generate = ffi.callback("int(SSL *, unsigned char *, unsigned int *)", self._generate)
        verify = ffi.callback("int(SSL *, const unsigned char *, unsigned int)", self._verify)
        lib.SSL_CTX_set_psk_server_callback(self._context, key_of)
        lib.SSL_CTX_set_cookie_generate_cb(self._context, generate)
        lib.SSL_CTX_set_cookie_verify_cb(self._context, verify)
        return key_of, generate, verify  # kept alive

    def _key_of(self, _: Any, identity: Any, key: Any, most: int) -> int:
        found = self._keys.get(self._ffi.string(identity), b"")
        self._ffi.memmove(key, found, len(found))
        return len(found)

    def _cookie(self) -> bytes:
        return hmac.digest(KEY, f"{self._source[0]} {self._source[1]}".encode(), "sha256")[:_COOKIE]

    def _generate(self, _: Any, cookie: Any, length: Any) -> int:
        self._ffi.memmove(cookie, self._cookie(), _COOKIE)
        length[0] = _COOKIE
        return 1

    def _verify(self, _: Any, cookie: Any, length: int) -> int:
        return int(hmac.compare_digest(self._ffi.buffer(cookie, length)[:], self._cookie()))

    def _new(self, source: Address) -> tuple[Any, Any, Any]:
        lib = self._lib
        ssl = lib.SSL_new(self._context)
        into, out = lib.BIO_new(lib.BIO_s_mem()), lib.BIO_new(lib.BIO_s_mem())
        for bio in (into, out):
            lib.BIO_set_mem_eof_return(bio, -1)
        lib.SSL_set_bio(ssl, into, out)
        lib.SSL_set_options(ssl, lib.SSL_OP_NO_QUERY_MTU)
        lib.SSL_set_mtu(ssl, 1200)
        lib.SSL_set_accept_state(ssl)
        peer = self._peers[source] = (ssl, into, out)
        return peer

    def handle(self, now: float, source: Address, data: bytes) -> list[bytes]:
        lib, self._source = self._lib, source
        ssl, into, out = self._peers.get(source) or self._new(source)
        lib.BIO_write(into, data, len(data))
        if source in self._done:
            self._received += lib.SSL_read(ssl, self._buffer, _BUFFER) > 0
        elif lib.SSL_do_handshake(ssl) == 1:
            self._done.add(source)
        else:
            lib.ERR_clear_error()
        count = lib.BIO_read(out, self._buffer, _BUFFER)
        return [self._ffi.buffer(self._buffer, count)[:]] if count > 0 else []

    def received(self) -> int:
        return self._received
