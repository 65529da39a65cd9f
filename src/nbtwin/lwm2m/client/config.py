"""What the Andlink client is configured with, and which server it goes to. Values only."""

from __future__ import annotations

from dataclasses import dataclass, replace

from nbtwin.coap.endpoint import RFC7252_WAITS, Waits
from nbtwin.engine import Seconds
from nbtwin.lwm2m.client.accounts import Account
from nbtwin.lwm2m.client.channel import Psk, Target
from nbtwin.lwm2m.client.states import UplinkMode

NAT_SILENCE: Seconds = 30
"""NAT type 0: a new handshake before sending after so long a silence (DOC-E 3.16)."""
LIFETIME = 86400
"""Where no bootstrap server says otherwise (assumed)."""


@dataclass(frozen=True, slots=True)
class SecurityConfig:
    """How to secure the way to one kind of server: AT+QLASECSWT and QLASETPSK, or their two for bootstrap."""

    secure: bool = False
    psk: Psk | None = None
    silence: Seconds | None = NAT_SILENCE


@dataclass(frozen=True, slots=True)
class AndlinkConfig:
    """In use now: the server list, QLASECSWT and the device type take effect at once (D5)."""

    imei: str
    model: str
    firmware: str
    manufacturer: str = "Quectel"
    device_type: str | None = None  # /3/0/17
    bootstrap_servers: tuple[tuple[str, int], ...] = ()
    servers: tuple[tuple[str, int], ...] = ()
    bootstrap_security: SecurityConfig = SecurityConfig()
    security: SecurityConfig = SecurityConfig()
    automatic: bool = True  # AT+QLAREGSWT
    controlled: bool = False  # AT+QLAFOTAIND
    lifetime: int = LIFETIME
    uplink: UplinkMode = UplinkMode.OBSERVED_ELSE_POST
    waits: Waits = RFC7252_WAITS

    def bootstrap_target(self, attempt: int) -> Target | None:
        """The bootstrap servers in turn."""
        return _target(self.bootstrap_servers, attempt, self.bootstrap_security)

    def package_security(self, account: Account | None) -> SecurityConfig:
        """A package over coaps is fetched with the key of the LwM2M server."""
        return self.security if account is None or account.psk is None else replace(self.security, psk=account.psk)

    def server_target(self, attempt: int, account: Account | None) -> Target | None:
        """The one that was bootstrapped, else those of the list in turn (docs/spec/wire.md, Andlink security)."""
        if account is None:
            return _target(self.servers, attempt, self.security)
        secure = account.secure or self.security.secure
        psk = account.psk if account.psk is not None else self.security.psk
        return _complete(Target(account.host, account.port, secure, psk, self.security.silence))


def _target(servers: tuple[tuple[str, int], ...], attempt: int, security: SecurityConfig) -> Target | None:
    if not servers:
        return None
    host, port = servers[attempt % len(servers)]
    return _complete(Target(host, port, security.secure, security.psk, security.silence))


def _complete(target: Target) -> Target | None:
    """None where the key is missing."""
    return None if target.secure and target.psk is None else target
