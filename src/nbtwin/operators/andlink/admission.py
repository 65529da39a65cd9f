"""Who may bootstrap and register at the Andlink platform, and which account a bootstrapped device gets.

Knows keys and rules; must not know a message exchange.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from nbtwin.coap.numbers import Code
from nbtwin.engine import DAY, Address, Seconds
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.server.bootstrap import ServerAccount
from nbtwin.lwm2m.server.events import Registration
from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal, RequestRefused
from nbtwin.lwm2m.server.requests import UpdateRequest
from nbtwin.operators import remarks
from nbtwin.operators.andlink.listeners import LISTENING_PORTS, ListenerPort, Listeners
from nbtwin.operators.key_store.psk import DeviceKeys, PskStore
from nbtwin.operators.refusals import PlatformRefusal
from nbtwin.operators.remarks import Remark

HOST = "lwm.home.komect.com"
LONGEST_NAME = 128
VERSION = "1.0"
"""Of LwM2M, as the modules speak it."""


class PlaintextPolicy(StrEnum):
    """Which devices the platform takes without DTLS."""

    ANYBODY = "anybody"
    KEYLESS = "keyless"  # whoever has no key here
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class AndlinkSettings:
    """``host`` and ``ports`` are what bootstrapped devices are told: plain, and behind DTLS."""

    observe: tuple[Path, ...] = (Path("/19/1/0"), Path("/5/0/3"))  # docs/spec/wire.md, Andlink registration
    read: tuple[Path, ...] = (Path("/3/0"),)
    plain: PlaintextPolicy = PlaintextPolicy.KEYLESS
    unknown_devices: bool = True  # devices without keys are let in
    host: str = HOST
    ports: tuple[int, int] = (
        LISTENING_PORTS[ListenerPort.PLAIN].ports[0],
        LISTENING_PORTS[ListenerPort.SECURE].ports[0],
    )
    http: str = ""  # where packages can be had over HTTP, e.g. "http://192.0.2.1:8080"; "": nowhere
    lifetime: int = int(DAY)  # of bootstrapped accounts
    deletes_first: bool = True  # a bootstrap begins with Delete /
    discovers_first: bool = False  # and before that with Discover /
    reads_first: tuple[int, ...] = ()  # and with reads of these objects: 1, 2 (LwM2M 1.1)
    packs: bool = True  # who asks for a Bootstrap-Pack (LwM2M 1.2) gets one

    def told_as(self, other: AndlinkSettings) -> AndlinkSettings:
        """Of a platform in another's place: devices are told the same addresses."""
        return replace(self, host=other.host, ports=other.ports, http=other.http)


class Admission:
    """The server's policy (``lwm2m.server.Policy``) and the bootstrap server's accounts. All raise RequestRefused."""

    def __init__(self, keys: PskStore, settings: AndlinkSettings) -> None:
        self._keys = keys
        self.change(settings)
        self.strict = False
        """What it has a remark about is refused (D138)."""
        self.remarks: tuple[Remark, ...] = ()  # about the registration that was taken in, or refused, last

    def change(self, settings: AndlinkSettings) -> None:
        self.settings = settings
        self._takes_keyless = settings.unknown_devices and settings.plain is not PlaintextPolicy.NOBODY

    def admit(self, now: Seconds, registration: Registration) -> str:
        peer = registration.peer
        client = registration.endpoint or self.name_of(peer)
        if not client:
            raise RequestRefused(Code.BAD_REQUEST, Lwm2mServerRefusal.NAME_MISSING, "no endpoint client name (ep)")
        self._check(Listeners.identity_of(peer), client, bootstrap=False)
        self.remarks = self.remarks_on(client, registration.version)
        if self.strict and self.remarks:
            said = ", ".join(remark.code for remark in self.remarks)
            raise RequestRefused(Code.BAD_REQUEST, PlatformRefusal.STRICT, said, client)
        return client

    @staticmethod
    def remarks_on(client: str, version: str) -> tuple[Remark, ...]:
        found = remarks.of_imei(client)
        if version != VERSION:
            found += remarks.of_version(version, VERSION)
        return tuple(found)

    def admits_again(self, client: str, *, registers: bool) -> bool:
        """Whether it takes in what a client that it has taken in says again, without DTLS. False: it is to be asked."""
        return self._takes_keyless and self._keys.get(client) is None and not (registers and self.strict)

    def name_of(self, peer: Address) -> str:
        """Of whoever leaves its name out: its keys say it (LwM2M TS Core 1.1, 6.1.7.1 and 6.2.1); "" without DTLS."""
        return self._keys.device_of(Listeners.identity_of(peer) or "") or ""

    def admit_update(self, now: Seconds, peer: Address, registration: Registration, request: UpdateRequest) -> None:
        self._check_owner(peer, Listeners.identity_of(peer), registration)

    def admit_deregistration(
        self, now: Seconds, peer: Address, registration: Registration, request: UpdateRequest
    ) -> None:
        self._check_owner(peer, Listeners.identity_of(peer), registration)

    def admit_data(self, peer: Address, registration: Registration) -> None:
        """What comes under a name alone: without DTLS nothing but the address says whose it is (D125)."""
        identity = Listeners.identity_of(peer)
        self._check_owner(peer, identity, registration)
        if identity is None and peer != registration.peer:
            raise RequestRefused(
                Code.FORBIDDEN, PlatformRefusal.NAME_OF_ANOTHER, "this is the name of another device",
                registration.client,
            )  # fmt: skip

    def _check_owner(self, peer: Address, identity: str | None, registration: Registration) -> None:
        """A registration is changed by whoever made it: behind DTLS by the same identity (D125)."""
        self._check(identity, registration.client, bootstrap=False)
        if identity is not None or peer == registration.peer:
            return  # the usual case
        if Listeners.identity_of(registration.peer) is not None:
            raise RequestRefused(
                Code.UNAUTHORIZED, PlatformRefusal.DTLS_REQUIRED, "this device comes over DTLS", registration.client
            )

    def accounts_of(self, client: str, peer: Address) -> tuple[ServerAccount, ...]:
        """A key never leaves over plain CoAP: the device has to have it already (AT+QLASETPSK; D67)."""
        identified = Listeners.identity_of(peer)
        keys = self._check(identified, client, bootstrap=True)
        host, (plain, secure) = self.settings.host, self.settings.ports
        lifetime = self.settings.lifetime
        if keys is None:
            return (ServerAccount(f"coap://{host}:{plain}", lifetime),)
        uri = f"coaps://{host}:{secure}"
        if identified is None:
            return (ServerAccount(uri, lifetime),)
        identity, key = (keys.name, keys.key) if keys.key else (keys.bootstrap_name, keys.bootstrap_key)
        return (ServerAccount(uri, lifetime, identity=identity.encode(), key=bytes.fromhex(key)),)

    def _check(self, identity: str | None, client: str, *, bootstrap: bool) -> DeviceKeys | None:
        """The keys of this client, who is who it says, as far as anybody can tell. Refuses as D66 says.

        ``identity``: of its session, None without DTLS.
        """
        is_segment = "/" not in client and client not in (".", "..")  # it is part of addresses (D132)
        if not (client.isprintable() and is_segment) or len(client.encode()) > LONGEST_NAME:
            raise RequestRefused(Code.BAD_REQUEST, PlatformRefusal.ENDPOINT_NAME, "the endpoint client name is no name")
        keys = self._keys.get(client)
        if identity is not None:
            if self._keys.device_of(identity) != client:
                raise RequestRefused(
                    Code.FORBIDDEN,
                    PlatformRefusal.IDENTITY_OF_ANOTHER,
                    "this identity belongs to another device",
                    client,
                )
            return keys
        plain = self.settings.plain
        if keys is None and not self.settings.unknown_devices:
            raise RequestRefused(Code.FORBIDDEN, PlatformRefusal.DEVICE_UNKNOWN, "unknown device", client)
        needs_dtls = keys is not None and bool(keys.bootstrap_key or (keys.key and not bootstrap))  # D136
        if plain is PlaintextPolicy.NOBODY or (needs_dtls and plain is PlaintextPolicy.KEYLESS):
            raise RequestRefused(
                Code.UNAUTHORIZED, PlatformRefusal.DTLS_REQUIRED, "this device comes over DTLS", client
            )
        return keys
