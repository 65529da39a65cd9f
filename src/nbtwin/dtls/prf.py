"""The key schedule of TLS 1.2 with SHA-256: PRF, PSK premaster secret, master secrets, key block, verify data.

RFC 5246 5, 6.3, 7.4.9 and 8.1; RFC 4279 2; RFC 7627 4. Knows no message and no record.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

MASTER_SECRET = 48
VERIFY_DATA = 12
_SHA256 = SHA256()


class Prf:
    """PRF(secret, label, seed) = P_SHA256(secret, label + seed), RFC 5246 5.

    The HMAC is keyed once a secret and copied for each use: a handshake needs a dozen.
    """

    __slots__ = ("_keyed",)

    def __init__(self, secret: bytes) -> None:
        self._keyed = HMAC(secret, _SHA256)

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


def master_secret(premaster: bytes, client_random: bytes, server_random: bytes) -> bytes:
    """RFC 5246 8.1."""
    return Prf(premaster)(b"master secret", client_random + server_random, MASTER_SECRET)


def extended_master_secret(premaster: bytes, session_hash: bytes) -> bytes:
    """RFC 7627 4."""
    return Prf(premaster)(b"extended master secret", session_hash, MASTER_SECRET)


def key_block(prf: Prf, client_random: bytes, server_random: bytes, length: int) -> bytes:
    """RFC 5246 6.3: note the order of the randoms. `prf` is keyed with the master secret."""
    return prf(b"key expansion", server_random + client_random, length)


def verify_data(prf: Prf, label: bytes, transcript_hash: bytes) -> bytes:
    """RFC 5246 7.4.9; `label` is b"client finished" or b"server finished"."""
    return prf(label, transcript_hash, VERIFY_DATA)
