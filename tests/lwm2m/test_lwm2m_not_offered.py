"""D167: raw public keys, certificates and other transports than UDP are refused by the module, which says which."""

from __future__ import annotations

import pytest
from lwm2m_bench import BOOTSTRAP, SERVER, Bench, Platform

from nbtwin.coap.numbers import Code
from nbtwin.lwm2m.client.events import AccountRefused
from nbtwin.timeline.catalogue import words


def bootstrapping() -> Bench:
    bench = Bench(Platform(BOOTSTRAP), Platform(SERVER), bootstrap_servers=(BOOTSTRAP,), servers=())
    bench.attach()
    return bench


@pytest.mark.parametrize(
    ("mode", "english", "chinese"),
    [
        (1, "(raw public key)", "（裸公钥）"),
        (2, "(certificate)", "（证书）"),
        (4, "(certificate by EST)", "（EST 证书）"),
    ],
)
def test_a_security_mode_that_is_not_offered_is_refused_by_its_name(mode: int, english: str, chinese: str) -> None:
    bench = bootstrapping()
    bench.write_account("coaps://192.0.2.11", b"key", mode)
    assert bench.finish_bootstrap().code == Code.NOT_ACCEPTABLE
    (refused,) = bench.seen(AccountRefused)
    assert refused.why == {"code": "account-security-mode", "mode": mode}
    assert f"security mode {mode} {english} is not supported" in words(refused, "en")
    assert f"{mode}{chinese}" in words(refused, "zh")
    bench.write_account("coap://192.0.2.11")  # the server may mend it
    assert bench.finish_bootstrap().code == Code.CHANGED
    assert bench.state == "REGISTERED"
    assert len(bench.seen(AccountRefused)) == 1


@pytest.mark.parametrize("scheme", ["coap+tcp", "coaps+tcp", "coap+ws", "coaps+ws"])
def test_an_account_at_another_transport_is_refused(scheme: str) -> None:
    """RFC 8323 8."""
    bench = bootstrapping()
    bench.write_account(f"{scheme}://192.0.2.11")
    assert bench.finish_bootstrap().code == Code.NOT_ACCEPTABLE
    (refused,) = bench.seen(AccountRefused)
    assert refused.why == {"code": "account-other-transport", "uri": f"{scheme}://192.0.2.11"}
    assert "another transport than UDP" in words(refused, "en")
    assert "UDP 以外的传输方式" in words(refused, "zh")
