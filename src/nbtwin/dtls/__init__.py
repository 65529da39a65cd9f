"""DTLS 1.2 with pre-shared keys over memory buffers: `DtlsClient` for one peer, `DtlsServer` for thousands.

RFC 6347, RFC 4279, RFC 6655, RFC 7366, RFC 7627, RFC 9146. Knows bytes, keys and time; no socket, no clock, no CoAP.
"""

from nbtwin.dtls.client import DtlsClient, Status
from nbtwin.dtls.events import (
    AlertReceived,
    AlertSent,
    ApplicationDataReceived,
    DatagramDropped,
    FlightSent,
    HandshakeCompleted,
    HandshakeFailed,
    KeyLogged,
    MessageReceived,
    PeerMoved,
    SessionClosed,
    SessionEnded,
)
from nbtwin.dtls.numbers import CipherSuite
from nbtwin.dtls.server import DtlsServer
from nbtwin.dtls.session import Resumable
from nbtwin.dtls.settings import RFC6347_WAITS, ServerSettings, Settings

__all__ = [
    "RFC6347_WAITS",
    "AlertReceived",
    "AlertSent",
    "ApplicationDataReceived",
    "CipherSuite",
    "DatagramDropped",
    "DtlsClient",
    "DtlsServer",
    "FlightSent",
    "HandshakeCompleted",
    "HandshakeFailed",
    "KeyLogged",
    "MessageReceived",
    "PeerMoved",
    "Resumable",
    "ServerSettings",
    "SessionClosed",
    "SessionEnded",
    "Settings",
    "Status",
]
