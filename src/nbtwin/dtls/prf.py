"""The key schedule of TLS 1.2: PRF, PSK premaster secret, master secrets, key block, verify data.

RFC 5246 5, 6.3, 7.4.9 and 8.1; RFC 4279 2; RFC 7627 4. The hash is SHA-256 where a cipher suite names no other
(RFC 5246 5). Knows no message and no record.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256, HashAlgorithm
from cryptography.hazmat.primitives.hmac import HMAC

MASTER_SECRET = 48
VERIFY_DATA = 12
_SHA256 = SHA256()


class Prf:
    """PRF(secret, label, seed) = P_hash(secret, label + seed), RFC 5246 5.

    The HMAC is keyed once a secret and copied for each use: a handshake needs a dozen.
    """

    __slots__ = ("_keyed",)

    def __init__(self, secret: bytes, algorithm: HashAlgorithm = _SHA256) -> None:
        self._keyed = HMAC(secret, algorithm)

    def __call__(self, label: bytes, seed: bytes, length: int) -> bytes:
        seed = label + seed
        a, output = seed, b""
        while True:
            a = self._hmac(a)
            output += self._hmac(a + seed)
            if len(output) >= length:
                return output[:length]

    def _hmac(self, data: bytes) -> bytes:
        keyed = self._keyed.copy()
        keyed.update(data)
        return keyed.finalize()


def psk_premaster_secret(key: bytes) -> bytes:
    """RFC 4279 2: for plain PSK the other secret is as many zero octets as the key is long."""
    length = len(key).to_bytes(2, "big")
    return length + bytes(len(key)) + length + key


def master_secret(premaster: Prf, client_random: bytes, server_random: bytes) -> bytes:
    """RFC 5246 8.1. `premaster` is keyed with the premaster secret."""
    return premaster(b"master secret", client_random + server_random, MASTER_SECRET)


def extended_master_secret(premaster: Prf, session_hash: bytes) -> bytes:
    """RFC 7627 4. `premaster` is keyed with the premaster secret."""
    return premaster(b"extended master secret", session_hash, MASTER_SECRET)


def key_block(prf: Prf, client_random: bytes, server_random: bytes, length: int) -> bytes:
    """RFC 5246 6.3: note the order of the randoms. `prf` is keyed with the master secret."""
    return prf(b"key expansion", server_random + client_random, length)


def verify_data(prf: Prf, label: bytes, transcript_hash: bytes) -> bytes:
    """RFC 5246 7.4.9; `label` is b"client finished" or b"server finished"."""
    return prf(label, transcript_hash, VERIFY_DATA)
