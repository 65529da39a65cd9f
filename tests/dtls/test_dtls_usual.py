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
from nbtwin.dtls.usual import UsualForms, UsualHandshake
from nbtwin.engine import Address, Datagram, Deadline, Seconds

GCM = CipherSuite.TLS_PSK_WITH_AES_128_GCM_SHA256


class Usual:
    """A usual handshake and then its client, as one engine."""

    def __init__(self, forms: UsualForms, peer: Address, seed: int) -> None:
        self.handshake = UsualHandshake(forms, peer, IDENTITY, KEY, Random(seed).randbytes)
        self.handshake.send(b"hello from us\n")
        self.client: DtlsClient | None = None
        self._out: list[Datagram] = []

    def begin(self) -> None:
        self._out.append((self.handshake.peer, self.handshake.start(now())))

    def handle_datagram(self, at: Seconds, source: Address, data: bytes) -> None:
        if self.client is not None:
            self.client.handle_datagram(at, source, data)
        elif said := self.handshake.receive(at, data):
            self._out.append((source, said))
        else:
            self.client = self.handshake.client(at)
            if not self.handshake.complete:
                self.client.handle_datagram(at, source, data)

    def datagrams_to_send(self) -> list[Datagram]:
        out, self._out = self._out, []
        return out + (self.client.datagrams_to_send() if self.client is not None else [])

    def events(self) -> list[Any]:
        return self.client.events() if self.client is not None else []

    def next_deadline(self) -> Deadline | None:
        return self.client.next_deadline() if self.client is not None else None

    def handle_timer(self, at: Seconds) -> None:
        if self.client is not None:
            self.client.handle_timer(at)


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
                assert engine.handshake.complete
                assert engine.client is not None
                engine.client.close(now())
                pump.until(lambda: child.output.count(b"DONE") > said, child)  # noqa: B023
            said += 1
