"""Record protection: AES-CCM, AES-GCM, and AES-128-CBC with HMAC-SHA256 in both orders. One object a direction.

RFC 6655 3 (CCM), RFC 5288 3 and RFC 5487 2 (GCM), RFC 5246 6.2.3.2 (CBC, MAC-then-encrypt), RFC 7366
(encrypt-then-MAC). The library does the AES; nothing here knows a record's header: `prefix` is what is authenticated
before the length (RFC 5246 6.2.3, RFC 9146 5).
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from typing import ClassVar, Protocol, TypeAlias

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESCCM, AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, HashAlgorithm
from cryptography.hazmat.primitives.hmac import HMAC

from nbtwin.dtls.numbers import CipherSuite
from nbtwin.dtls.prf import Prf, key_block
from nbtwin.dtls.reasons import DtlsError, DtlsRefusal

RandomBytes: TypeAlias = Callable[[int], bytes]
"""So many bytes of randomness: `random.Random(seed).randbytes` in a simulation, `os.urandom` on a real network."""

_CBC_KEY = 16
_IMPLICIT = 4
_EXPLICIT = 8
_BLOCK = 16
_MAC = 32
_SHA256 = SHA256()
_SHA384 = SHA384()


class Unauthentic(DtlsError):
    """Not sealed with this key, or changed on its way; it says the same whatever was wrong."""

    def __init__(self) -> None:
        super().__init__(DtlsRefusal.NOT_AUTHENTIC)


class Protection(Protocol):
    """One direction of one epoch."""

    def seal(self, sequence: bytes, prefix: bytes, plaintext: bytes) -> bytes:
        """`sequence` is epoch and sequence number, 8 bytes, never the same twice."""
        ...

    def open(self, sequence: bytes, prefix: bytes, fragment: bytes) -> bytes:
        """The plaintext; Unauthentic, or another DtlsError when the length alone is impossible."""
        ...

    def room(self, size: int) -> int:
        """The longest plaintext whose fragment fits into `size` bytes; 0 or less when none does."""
        ...


class _Library(Protocol):
    def encrypt(self, nonce: bytes, data: bytes, additional: bytes, /) -> bytes: ...

    def decrypt(self, nonce: bytes, data: bytes, additional: bytes, /) -> bytes: ...


class Aead:
    """The nonce is four bytes of the key block and the eight of the sequence, which stand in front of what is sealed.

    RFC 6655 3 and RFC 5288 3 say the same of CCM and GCM. The library's object is made anew for each record: it costs
    two microseconds or none, and kept it takes half a KiB (CCM) or two (GCM), twice a session.
    """

    __slots__ = ("_implicit", "_key")

    TAG: ClassVar[int] = 16

    def __init__(self, key: bytes, implicit: bytes) -> None:
        self._key, self._implicit = key, implicit

    def _library(self) -> _Library:
        raise NotImplementedError

    def seal(self, sequence: bytes, prefix: bytes, plaintext: bytes) -> bytes:
        additional = prefix + len(plaintext).to_bytes(2, "big")
        return sequence + self._library().encrypt(self._implicit + sequence, plaintext, additional)

    def open(self, sequence: bytes, prefix: bytes, fragment: bytes) -> bytes:
        length = len(fragment) - _EXPLICIT - self.TAG
        if length < 0:
            raise DtlsError(DtlsRefusal.RECORD_TOO_SHORT)
        nonce = self._implicit + fragment[:_EXPLICIT]  # the peer's choice, not always the sequence number
        try:
            return self._library().decrypt(nonce, fragment[_EXPLICIT:], prefix + length.to_bytes(2, "big"))
        except InvalidTag:
            raise Unauthentic from None

    def room(self, size: int) -> int:
        return size - _EXPLICIT - self.TAG


class Ccm(Aead):
    __slots__ = ()

    def _library(self) -> _Library:
        return AESCCM(self._key)


class Ccm8(Aead):
    """With a tag of 8 bytes (RFC 6655 4)."""

    __slots__ = ()

    TAG = 8

    def _library(self) -> _Library:
        return AESCCM(self._key, 8)


class Gcm(Aead):
    __slots__ = ()

    def _library(self) -> _Library:
        return AESGCM(self._key)


class CbcEncryptThenMac:
    """RFC 7366: the MAC covers the IV and the ciphertext, and is looked at before anything is decrypted."""

    __slots__ = ("_key", "_mac", "_random")

    def __init__(self, key: bytes, mac_key: bytes, random: RandomBytes) -> None:
        self._key, self._mac, self._random = key, HMAC(mac_key, _SHA256), random

    def seal(self, sequence: bytes, prefix: bytes, plaintext: bytes) -> bytes:
        sealed = _encrypt(self._key, self._random(_BLOCK), plaintext)
        return sealed + _mac(self._mac, prefix, sealed)

    def open(self, sequence: bytes, prefix: bytes, fragment: bytes) -> bytes:
        sealed, mac = fragment[:-_MAC], fragment[-_MAC:]
        if len(sealed) < 2 * _BLOCK or len(sealed) % _BLOCK:
            raise DtlsError(DtlsRefusal.RECORD_TOO_SHORT)
        if not hmac.compare_digest(mac, _mac(self._mac, prefix, sealed)):
            raise Unauthentic
        padded = _decrypt(self._key, sealed)
        if not _padding_is_right(padded):  # authentic, so a broken peer and no oracle
            raise Unauthentic
        return padded[: -padded[-1] - 1]

    def room(self, size: int) -> int:
        return (size - _MAC - _BLOCK) // _BLOCK * _BLOCK - 1


class CbcMacThenEncrypt:
    """RFC 5246 6.2.3.2, for peers without encrypt-then-MAC.

    Wrong padding is worked on as if it were empty, the MAC is always computed, and what it then leaves out is hashed as
    well, so that the work does not depend on the padding. In Python this narrows the timing channel and cannot close
    it; a bad record is dropped in silence, so no answer carries the timing back.
    """

    __slots__ = ("_key", "_mac", "_random")

    def __init__(self, key: bytes, mac_key: bytes, random: RandomBytes) -> None:
        self._key, self._mac, self._random = key, HMAC(mac_key, _SHA256), random

    def seal(self, sequence: bytes, prefix: bytes, plaintext: bytes) -> bytes:
        return _encrypt(self._key, self._random(_BLOCK), plaintext + _mac(self._mac, prefix, plaintext))

    def open(self, sequence: bytes, prefix: bytes, fragment: bytes) -> bytes:
        if len(fragment) < 2 * _BLOCK + _MAC or len(fragment) % _BLOCK:
            raise DtlsError(DtlsRefusal.RECORD_TOO_SHORT)
        padded = _decrypt(self._key, fragment)
        fits = padded[-1] + 1 + _MAC <= len(padded)
        right = fits & _padding_is_right(padded)
        end = len(padded) - _MAC - (padded[-1] + 1 if right else 1)
        expected = _mac(self._mac, prefix, padded[:end])
        _mac(self._mac, prefix, padded[end:])
        if not (hmac.compare_digest(padded[end : end + _MAC], expected) & right):
            raise Unauthentic
        return padded[:end]

    def room(self, size: int) -> int:
        return (size - _BLOCK) // _BLOCK * _BLOCK - 1 - _MAC


_AEADS: Mapping[int, tuple[int, type[Aead]]] = {
    CipherSuite.TLS_PSK_WITH_AES_128_CCM_8: (16, Ccm8),
    CipherSuite.TLS_PSK_WITH_AES_128_CCM: (16, Ccm),
    CipherSuite.TLS_PSK_WITH_AES_128_GCM_SHA256: (16, Gcm),
    CipherSuite.TLS_PSK_WITH_AES_256_CCM_8: (32, Ccm8),
    CipherSuite.TLS_PSK_WITH_AES_256_CCM: (32, Ccm),
    CipherSuite.TLS_PSK_WITH_AES_256_GCM_SHA384: (32, Gcm),
}
"""Bytes of a key, and how it is used."""


def hash_of(suite: int) -> HashAlgorithm:
    """What the PRF, the transcript and so the Finished use: RFC 5246 5, RFC 5487 2."""
    return _SHA384 if suite == CipherSuite.TLS_PSK_WITH_AES_256_GCM_SHA384 else _SHA256


def derive(
    suite: int, prf: Prf, randoms: tuple[bytes, bytes], encrypt_then_mac: bool, random: RandomBytes
) -> tuple[Protection, Protection]:
    """The client's and the server's write direction, cut from the key block in the order of RFC 5246 6.3."""
    client_random, server_random = randoms
    if (aead := _AEADS.get(suite)) is not None:
        size, sealed_by = aead
        block = key_block(prf, client_random, server_random, 2 * (size + _IMPLICIT))
        client_iv, server_iv = block[2 * size : 2 * size + _IMPLICIT], block[2 * size + _IMPLICIT :]
        return sealed_by(block[:size], client_iv), sealed_by(block[size : 2 * size], server_iv)
    block = key_block(prf, client_random, server_random, 2 * (_MAC + _CBC_KEY))
    client_mac, server_mac, keys = block[:_MAC], block[_MAC : 2 * _MAC], block[2 * _MAC :]
    kind = CbcEncryptThenMac if encrypt_then_mac else CbcMacThenEncrypt
    return kind(keys[:_CBC_KEY], client_mac, random), kind(keys[_CBC_KEY:], server_mac, random)


def _mac(keyed: HMAC, prefix: bytes, data: bytes) -> bytes:
    mac = keyed.copy()
    mac.update(prefix + len(data).to_bytes(2, "big") + data)
    return mac.finalize()


def _encrypt(key: bytes, iv: bytes, data: bytes) -> bytes:
    missing = _BLOCK - 1 - len(data) % _BLOCK
    encryptor = Cipher(algorithms.AES128(key), modes.CBC(iv)).encryptor()
    return iv + encryptor.update(data + bytes((missing,)) * (missing + 1)) + encryptor.finalize()


def _decrypt(key: bytes, sealed: bytes) -> bytes:
    decryptor = Cipher(algorithms.AES128(key), modes.CBC(sealed[:_BLOCK])).decryptor()
    return decryptor.update(sealed[_BLOCK:]) + decryptor.finalize()


def _padding_is_right(padded: bytes) -> bool:
    length = padded[-1] + 1
    return hmac.compare_digest(padded[-length:], padded[-1:] * length)
