"""Events whose names and fields say less than they mean, in better words; and events that the datagrams have told.

Knows event classes of the protocol floors; everything else is described by its name and fields (``timeline.wording``).
"""

from __future__ import annotations

from typing import Any

import msgspec

from nbtwin.coap.events import MessageDropped, ResponseReceived
from nbtwin.dtls import events as dtls
from nbtwin.dtls.numbers import AlertLevel, CipherSuite, alert_name
from nbtwin.engine import Address
from nbtwin.timeline.catalogue import words

SAID_BY_DATAGRAMS = (dtls.FlightSent, dtls.MessageReceived, dtls.AlertSent, ResponseReceived)


def phrase(event: Any) -> str | None:
    """None where name and fields say it."""
    match event:
        case dtls.HandshakeCompleted():
            return _completed(event)
        case dtls.HandshakeFailed(peer=peer):
            return f"DTLS handshake with {_at(peer)} failed: {_why(event)}"
        case dtls.SessionClosed(peer=peer):
            return f"DTLS session with {_at(peer)} closed: {_why(event)}"
        case dtls.PeerMoved(old=old, new=new, identity=identity):
            return f"DTLS peer {_text(identity)} moved from {_at(old)} to {_at(new)}"
        case dtls.AlertReceived(peer=peer, level=level, description=description):
            kind = "fatal" if level == AlertLevel.FATAL else "warning"
            return f"DTLS alert of {_at(peer)}: {kind} {alert_name(description)}"
        case dtls.DatagramDropped(peer=peer):
            return f"DTLS datagram of {_at(peer)} dropped: {_why(event)}"
        case MessageDropped(peer=peer):
            return f"CoAP message of {_at(peer)} dropped: {_why(event)}"
        case _:
            return None


def _completed(event: dtls.HandshakeCompleted) -> str:
    suites = {int(suite): suite.name for suite in CipherSuite}
    facts = [suites.get(event.cipher_suite, f"suite {event.cipher_suite:#06x}")]
    facts += ["resumed"] * event.resumed + ["in place of a session"] * event.replaced
    facts += ["without the extended master secret"] * (not event.extended_master_secret)
    facts += ["encrypt-then-MAC"] * event.encrypt_then_mac
    if event.connection_id:
        facts.append(f"Connection ID {event.connection_id.hex()}")
    return f"DTLS session with {_at(event.peer)} as {_text(event.identity)}: {', '.join(facts)}"


def _why(event: dtls.HandshakeFailed | dtls.SessionClosed | dtls.DatagramDropped | MessageDropped) -> str:
    return words(event.refusal, **msgspec.structs.asdict(event))


def _at(address: Address) -> str:
    return f"{address[0]}:{address[1]}"


def _text(identity: bytes) -> str:
    try:
        text = identity.decode()
    except UnicodeDecodeError:
        return identity.hex()
    return text if text.isprintable() else identity.hex()
