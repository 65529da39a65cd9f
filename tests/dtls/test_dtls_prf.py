"""The key schedule against published vectors and the formulas of the RFCs."""

from __future__ import annotations

import hmac

import pytest
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, HashAlgorithm
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


def test_the_prf_gives_the_published_vector_of_tls_1_2_with_sha384() -> None:
    """From the same message."""
    secret = bytes.fromhex("b80b733d6ceefcdc71566ea48e5567df")
    seed = bytes.fromhex("cd665cf6a8447dd6ff8b27555edb7465")
    expected = bytes.fromhex(
        "7b0c18e9ced410ed1804f2cfa34a336a1c14dffb4900bb5fd7942107e81c83cde9ca0faa60be9fe34f82b1233c9146a0"
        "e534cb400fed2700884f9dc236f80edd8bfa961144c9e8d792eca722a7b32fc3d416d473ebc2c5fd4abfdad05d918425"
        "9b5bf8cd4d90fa0d31e2dec479e4f1a26066f2eea9a69236a3e52655c9e9aee691c8f3a26854308d5eaa3be85e0990703d73e56f"
    )
    assert prf.Prf(secret, SHA384())(b"test label", seed, 148) == expected


@pytest.mark.parametrize("algorithm", [SHA256(), SHA384()], ids=["sha256", "sha384"])
@given(st.binary(max_size=200), st.binary(max_size=80), st.integers(0, 200))
def test_the_prf_is_p_hash_of_rfc_5246_chapter_5_whatever_the_secret(
    algorithm: HashAlgorithm, secret: bytes, seed: bytes, length: int
) -> None:
    a, output = b"label" + seed, b""
    while len(output) < length:
        a = hmac.digest(secret, a, algorithm.name)
        output += hmac.digest(secret, a + b"label" + seed, algorithm.name)
    assert prf.Prf(secret, algorithm)(b"label", seed, length) == output[:length]


def test_the_premaster_secret_of_a_psk_is_two_vectors_of_its_length() -> None:
    """RFC 4279 2."""
    assert prf.psk_premaster_secret(b"\x01\x02\x03") == bytes.fromhex("0003 000000 0003 010203")


def test_the_master_secrets_use_the_labels_and_the_order_of_the_rfcs() -> None:
    client, server, premaster = b"c" * 32, b"s" * 32, b"premaster"
    keyed = prf.Prf(premaster)
    assert prf.master_secret(keyed, client, server) == keyed(b"master secret", client + server, 48)
    assert prf.extended_master_secret(keyed, b"hash") == keyed(b"extended master secret", b"hash", 48)
    master = prf.Prf(b"m" * 48)
    assert prf.key_block(master, client, server, 40) == master(b"key expansion", server + client, 40)
