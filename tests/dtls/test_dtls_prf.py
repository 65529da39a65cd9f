"""The key schedule against published vectors and the formulas of the RFCs."""

from __future__ import annotations

import hmac

from hypothesis import given
from hypothesis import strategies as st

from nbtwin.dtls import prf


def test_the_prf_gives_the_published_vector_of_tls_1_2_with_sha256() -> None:
    """Posted to the IETF's TLS list for P_SHA256 (2009), used by most TLS libraries' own tests."""
    secret = bytes.fromhex("9bbe436ba940f017b17652849a71db35")
    seed = bytes.fromhex("a0ba9f936cda311827a6f796ffd5198c")
    expected = bytes.fromhex(
        "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af"
        "0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701"
        "87347b66"
    )
    assert prf.Prf(secret)(b"test label", seed, 100) == expected


@given(st.binary(max_size=200), st.binary(max_size=80), st.integers(0, 200))
def test_the_prf_is_p_hash_of_rfc_5246_chapter_5_whatever_the_secret(secret: bytes, seed: bytes, length: int) -> None:
    a, output = b"label" + seed, b""
    while len(output) < length:
        a = hmac.digest(secret, a, "sha256")
        output += hmac.digest(secret, a + b"label" + seed, "sha256")
    assert prf.Prf(secret)(b"label", seed, length) == output[:length]


def test_the_premaster_secret_of_a_psk_is_two_vectors_of_its_length() -> None:
    """RFC 4279 2."""
    assert prf.psk_premaster_secret(b"\x01\x02\x03") == bytes.fromhex("0003 000000 0003 010203")


def test_the_master_secrets_use_the_labels_and_the_order_of_the_rfcs() -> None:
    client, server, premaster = b"c" * 32, b"s" * 32, b"premaster"
    keyed = prf.Prf(premaster)
    assert prf.master_secret(premaster, client, server) == keyed(b"master secret", client + server, 48)
    assert prf.extended_master_secret(premaster, b"hash") == keyed(b"extended master secret", b"hash", 48)
    master = prf.Prf(b"m" * 48)
    assert prf.key_block(master, client, server, 40) == master(b"key expansion", server + client, 40)
