"""`nbtwin bench dtls` on a few sessions: both of its servers serve the same clients, and what it counts is there."""

from __future__ import annotations

import pytest

from benchmarks import dtls_child
from benchmarks.dtls_child import Crowd, make, measure_memory, measure_rates
from benchmarks.dtls_peers import NoPeer
from nbtwin.dtls import CipherSuite

suites = pytest.mark.parametrize(
    "suite",
    [
        CipherSuite.TLS_PSK_WITH_AES_128_CCM_8,
        CipherSuite.TLS_PSK_WITH_AES_256_GCM_SHA384,
        CipherSuite.TLS_PSK_WITH_AES_128_CBC_SHA256,
    ],
)


@pytest.fixture(autouse=True)
def _warm_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dtls_child, "WARM_UP", 5)


@suites
def test_the_openssl_inside_the_cryptography_wheel_serves_our_clients(suite: CipherSuite) -> None:
    try:
        server = make("openssl", suite, 20)
    except NoPeer as why:
        pytest.skip(str(why))
    crowd = Crowd(server, suite)
    for number in range(20):
        crowd.connect(number)
    assert server.received() == 20
    ours, theirs = measure_rates(["ours", "openssl"], suite, 20)
    assert ours > 0
    assert theirs > 0


@suites
def test_every_client_of_the_benchmark_says_something_to_our_server(suite: CipherSuite) -> None:
    server = make("ours", suite, 20)
    crowd = Crowd(server, suite)
    for number in range(20):
        crowd.connect(number)
    assert server.received() == 20
    assert crowd.server_time > 0
    assert measure_memory("ours", suite, 20) >= 0


def test_a_client_that_is_refused_fails_the_benchmark() -> None:
    """Nobody has its identity, so nothing is said to it at once (D150), and the benchmark's clock stands."""
    suite = CipherSuite.TLS_PSK_WITH_AES_128_CCM_8
    crowd = Crowd(make("ours", suite, 1), suite)
    with pytest.raises(NoPeer, match="the handshake of client 99 ended as in progress"):
        crowd.connect(99)
