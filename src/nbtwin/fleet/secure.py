"""DTLS of very many devices: a client each, made when the device first sends. Knows no CoAP.

A device has an address or a port of its own, or the server could not tell handshakes from one another (RFC 6347 4.2.8).
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from nbtwin.dtls import (
    ApplicationDataReceived,
    DatagramDropped,
    DtlsClient,
    HandshakeCompleted,
    HandshakeFailed,
    SessionClosed,
    Settings,
    Status,
)
from nbtwin.dtls.reasons import DtlsRefusal
from nbtwin.dtls.usual import UsualClient, UsualForms
from nbtwin.engine import Address, Seconds
from nbtwin.fleet.plan import FleetPlan

PEER: Address = ("server", 0)
"""There is one; where it is, the transport knows."""
_BAD_ENDS = (HandshakeFailed, SessionClosed)
_NO_RECORD = frozenset({
    DtlsRefusal.CONTENT_TYPE_UNKNOWN, DtlsRefusal.RECORD_CUT, DtlsRefusal.RECORD_VERSION, DtlsRefusal.RECORD_LENGTH,
    DtlsRefusal.FRAGMENT_CUT, DtlsRefusal.FRAGMENT_BOUNDS,
})  # fmt: skip


class SecureChannels:
    """``send(device, record)`` is told what leaves. Numbers behind the plan's devices are their sessions with whoever
    bootstraps them, in the same order."""

    def __init__(self, plan: FleetPlan, wrong: Callable[[int], bool], send: Callable[[int, bytes], None]) -> None:
        self._plan, self._wrong, self._send = plan, wrong, send
        self._clients: dict[int, DtlsClient] = {}
        self._usual: dict[int, UsualClient] = {}
        """Whose handshake is as all are, and whose session had nothing but data."""
        self._begun: dict[int, Seconds] = {}
        self._random = Random(f"{plan.seed}/dtls").randbytes
        self._settings = Settings(connection_id=plan.connection_id, cid_length=0, steps=False)
        self._forms = UsualForms(self._settings), UsualForms(self._settings)
        """With the server, and with who bootstraps."""
        self._armed: dict[int, Seconds] = {}
        """When whoever drives it comes with a device's timer: not again for each flight."""
        self._secrets: dict[int, tuple[bytes, bytes]] = {}
        """Of sessions that have another identity and key than the plan says."""
        self.handshakes: list[Seconds] = []
        """How long those took that were completed since somebody looked."""
        self.rubbish: list[int] = []
        """Who has got what is no record since somebody looked."""

    def send(self, now: Seconds, device: int, plaintext: bytes) -> Seconds | None:
        """When its timer is to be looked at; None: no sooner than was said already."""
        usual = self._usual.get(device)
        if usual is not None:
            if record := usual.send(plaintext):
                self._send(device, record)
                return None
            return None
        client = self._clients.get(device)
        if client is None:
            elsewhere, who = divmod(device, self._plan.devices.count)
            identity, key = self._secret(device)
            if self._wrong(who):
                key = bytes([byte ^ 0xFF for byte in key])
            forms = self._forms[elsewhere]
            if forms.hopeful():
                usual = self._usual[device] = UsualClient(forms, PEER, identity, key, self._random)
                usual.send(plaintext)
                self._send(device, usual.start(now))
                return self._arm(device, usual.deadline)
            client = DtlsClient(PEER, identity, key, self._random, settings=self._settings)
            self._clients[device] = client
            self._begun[device] = now
        elif client.status is not Status.ESTABLISHED:
            self._begun.setdefault(device, now)
        client.send(now, PEER, plaintext)
        return self._leave(device, client)

    def busy(self, device: int) -> bool:
        """A handshake is under way: what is to be sent waits for it already."""
        usual = self._usual.get(device)
        if usual is not None:
            return not usual.complete
        client = self._clients.get(device)
        return client is not None and client.status is Status.HANDSHAKING

    def receive(self, now: Seconds, device: int, data: bytes) -> tuple[list[bytes], bool, Seconds | None]:
        """Plaintexts, whether a handshake or a session came to a bad end, and of its timer what `send` says."""
        usual = self._usual.get(device)
        if usual is not None and usual.complete:
            if plaintext := usual.take(now, data):
                return [plaintext], False, None
        elif usual is not None:
            if said := usual.receive(now, data):
                self._send(device, said)
                return [], False, None  # its timer is set already, for an earlier flight
            if usual.complete:
                self.handshakes.append(now - usual.began_at)
                for record in usual.waiting():
                    self._send(device, record)
                return [], False, None
        client = self._client(now, device)
        if client is None:
            return [], False, None
        client.handle_datagram(now, PEER, data)
        return self._settle(now, device, client)

    def timer(self, now: Seconds, device: int) -> tuple[list[bytes], bool, Seconds | None]:
        self._armed.pop(device, None)
        usual = self._usual.get(device)
        if usual is not None and (usual.complete or now < usual.deadline):
            return [], False, None if usual.complete else self._arm(device, usual.deadline)
        client = self._client(now, device)
        if client is None:
            return [], False, None
        client.handle_timer(now)
        return self._settle(now, device, client)

    def assign(self, device: int, identity: bytes, key: bytes, elsewhere: bool) -> None:
        """Another secret from now on, and (``elsewhere``) another server: the session with who was there is none."""
        if elsewhere or (identity, key) != self._secret(device):
            self.reboot(device)
        self._secrets[device] = identity, key

    def reboot(self, device: int) -> None:
        """The session is lost, or nobody is at its other end any more; a new handshake is whole."""
        self._usual.pop(device, None)
        self._clients.pop(device, None)
        self._begun.pop(device, None)

    def _secret(self, device: int) -> tuple[bytes, bytes]:
        found = self._secrets.get(device)
        if found is not None:
            return found
        identity, key = self._plan.devices.secret_of(device % self._plan.devices.count, self._plan.first)
        return identity.encode(), key

    def _client(self, now: Seconds, device: int) -> DtlsClient | None:
        """Who decodes everything: from now on, where all was usual so far."""
        usual = self._usual.pop(device, None)
        if usual is None:
            return self._clients.get(device)
        client = self._clients[device] = usual.client(now)
        if not usual.complete:
            self._begun[device] = usual.began_at
        return client

    def _settle(self, now: Seconds, device: int, client: DtlsClient) -> tuple[list[bytes], bool, Seconds | None]:
        plaintexts: list[bytes] = []
        failed = False
        for event in client.events():
            if isinstance(event, ApplicationDataReceived):
                plaintexts.append(event.data)
            elif isinstance(event, HandshakeCompleted):
                self.handshakes.append(now - self._begun.pop(device, now))
            elif isinstance(event, _BAD_ENDS):
                failed = True
                self._begun.pop(device, None)
            elif isinstance(event, DatagramDropped) and event.refusal in _NO_RECORD:
                self.rubbish.append(device)
        return plaintexts, failed, self._leave(device, client)

    def _leave(self, device: int, client: DtlsClient) -> Seconds | None:
        for _, record in client.datagrams_to_send():
            self._send(device, record)
        deadline = client.next_deadline()
        return self._arm(device, deadline.at) if deadline is not None else None

    def _arm(self, device: int, at: Seconds) -> Seconds | None:
        if self._armed.get(device, at + 1) <= at:
            return None
        self._armed[device] = at
        return at
