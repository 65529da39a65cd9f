"""Usual handshakes (`nbtwin.dtls.usual`) with other projects' servers: the second one is of the form of the first.

That they say and tell what a client does that decodes everything, tests/fleet/test_fleet_secure.py shows."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from dtls_foreign import IDENTITY, KEY, QUICK, Pump, now, running
from free_ports import free_port
from test_dtls_openssl import CCM, s_server

from nbtwin.dtls import CipherSuite, DtlsClient, Settings
from nbtwin.dtls.usual import UsualClient, UsualForms
from nbtwin.engine import Address, Datagram, Deadline, Seconds

GCM = CipherSuite.TLS_PSK_WITH_AES_128_GCM_SHA256


class Usual:
    """A usual client, and the one that goes on, as one engine."""

    def __init__(self, forms: UsualForms, peer: Address, seed: int) -> None:
        self.usual = UsualClient(forms, peer, IDENTITY, KEY, Random(seed).randbytes)
        self.usual.send(b"hello from us\n")
        self.client: DtlsClient | None = None
        self._out: list[bytes] = []

    def begin(self) -> None:
        self._out.append(self.usual.start(now()))

    def handle_datagram(self, at: Seconds, source: Address, data: bytes) -> None:
        if self.client is None and not self.usual.complete:
            if said := self.usual.receive(at, data):
                self._out.append(said)
                return
            if self.usual.complete:
                self._out += self.usual.waiting()
                return
        self.go_on(at).handle_datagram(at, source, data)

    def go_on(self, at: Seconds) -> DtlsClient:
        if self.client is None:
            self.client = self.usual.client(at)
        return self.client

    def datagrams_to_send(self) -> list[Datagram]:
        out, self._out = self._out, []
        rest = self.client.datagrams_to_send() if self.client is not None else []
        return [(self.usual.peer, data) for data in out] + rest

    def events(self) -> list[Any]:
        return self.client.events() if self.client is not None else []

    def next_deadline(self) -> Deadline | None:
        return self.client.next_deadline() if self.client is not None else None

    def handle_timer(self, at: Seconds) -> None:
        self.go_on(at).handle_timer(at)


@pytest.mark.parametrize("suite", [CCM, GCM])
def test_openssl_is_answered_without_being_decoded(suite: CipherSuite) -> None:
    port, said = free_port(), 0
    forms = UsualForms(Settings(waits=QUICK, cipher_suites=(suite,), steps=False))
    with running(*s_server(port, suite)) as child:
        for seed in (1, 2):
            engine = Usual(forms, ("127.0.0.1", port), seed)
            with Pump(engine) as pump:  # type: ignore[arg-type]
                pump.until(lambda: b"ACCEPT" in child.output, child)
                engine.begin()
                pump.until(lambda: child.output.count(b"hello from us") > said, child)  # noqa: B023
                assert engine.usual.complete
                engine.go_on(now()).close(now())
                pump.until(lambda: child.output.count(b"DONE") > said, child)  # noqa: B023
            said += 1


@pytest.mark.parametrize("settings", [Settings(), Settings(steps=False, cid_length=6), Settings(steps=False, mtu=100)])
def test_settings_whose_handshakes_are_not_all_alike_have_no_forms(settings: Settings) -> None:
    assert not UsualForms(settings).hopeful()


def test_where_no_handshake_ends_as_usual_few_are_tried() -> None:
    forms = UsualForms(Settings(steps=False))
    for seed in range(16):
        assert forms.hopeful()
        given_up = UsualClient(forms, ("server", 0), IDENTITY, KEY, Random(seed).randbytes)
        given_up.start(0.0)
        given_up.client(1.0)
    assert sum(forms.hopeful() for _ in range(128)) == 2
