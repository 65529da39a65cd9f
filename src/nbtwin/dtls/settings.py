"""The settings of a client or server, each value with its bound. Knows nothing of how it is used."""

from __future__ import annotations

from dataclasses import dataclass

from nbtwin.dtls.numbers import CipherSuite
from nbtwin.engine import DAY, MINUTE, Seconds

RFC6347_WAITS: tuple[Seconds, ...] = (1, 2, 4, 8, 16, 32, 60)
"""RFC 6347 4.2.4.1: one second, doubling up to sixty; one wait after each sending of a flight, their sum is the end."""
MAX_CID = 32
"""The longest Connection ID that is taken from a peer, and given to one."""
SMALLEST_MTU = 64
MODULE_SUITES = (CipherSuite.TLS_PSK_WITH_AES_128_CCM_8, CipherSuite.TLS_PSK_WITH_AES_128_CBC_SHA256)
"""What the modules offer, in this order (docs/spec/wire.md, Andlink security)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Of a client or a server. ValueError for a value out of its range."""

    waits: tuple[Seconds, ...] = RFC6347_WAITS
    """Seconds after each sending of a flight; at least one, all above 0 (RFC 6347 4.2.4.1)."""
    mtu: int = 1200
    """Bytes, 64 to 65507: bounds a handshake's datagrams; a record that cannot be smaller is sent anyway."""
    cipher_suites: tuple[CipherSuite, ...] = MODULE_SUITES
    """In the order of preference."""
    extended_master_secret: bool = True
    encrypt_then_mac: bool = True
    connection_id: bool = True
    cid_length: int = 0
    """Bytes of the Connection IDs that peers put into what they send us, at most 32; 0 asks for none (RFC 9146 3)."""
    require_extended_master_secret: bool = False
    require_encrypt_then_mac: bool = False
    key_log: bool = False
    """Whether KeyLogged events are emitted: whoever reads those lines can decrypt everything."""
    steps: bool = True
    """Whether FlightSent and MessageReceived are emitted. A fleet has nobody who reads them."""
    alerts_per_second: int = 10
    """Alerts that strangers can make us send; never more than as many in one burst."""
    resumption_lifetime: Seconds = DAY
    """RFC 5246 F.1.4: no longer than a day."""

    def __post_init__(self) -> None:
        if not self.waits or min(self.waits) <= 0:
            raise ValueError("waits: at least one, all above 0")
        if not SMALLEST_MTU <= self.mtu <= 65507:
            raise ValueError(f"mtu is {self.mtu}, not {SMALLEST_MTU} to 65507")
        if not self.cipher_suites:
            raise ValueError("cipher_suites: at least one")
        if not 0 <= self.cid_length <= MAX_CID:
            raise ValueError(f"cid_length is {self.cid_length}, not 0 to {MAX_CID}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings(Settings):
    """And what only a server needs: how much it keeps for whom."""

    cipher_suites: tuple[CipherSuite, ...] = tuple(CipherSuite)
    """The first of these that the client offers is taken, whatever its own order is (D166)."""
    cid_length: int = 6
    identity_hint: bytes = b""
    """Sent in a ServerKeyExchange unless empty (RFC 4279 2)."""
    max_sessions: int = 100_000
    """The one that was silent longest makes room."""
    max_handshakes: int = 1_000
    """Half-open ones, all of them from addresses that returned a cookie; the oldest makes room."""
    max_resumable: int = 100_000
    """0: sessions are not resumed."""
    cookie_lifetime: Seconds = MINUTE
    """Seconds; a cookie is good for the period it was made in and the next one."""
    idle: Seconds | None = None
    """A session that was silent for so many seconds is closed; None: never."""
