"""What a session was agreed on, and what resumes it: data. The session is in `session.py`, which is compiled."""

from __future__ import annotations

import msgspec

from nbtwin.engine import Seconds


class NegotiatedParameters(msgspec.Struct, frozen=True, gc=False):
    """What the two hellos agreed on."""

    cipher_suite: int
    extended_master_secret: bool
    encrypt_then_mac: bool
    read_cid: bytes | None = None
    """What the peer puts into its records; None when Connection IDs were not negotiated."""
    write_cid: bytes | None = None


class Resumable(msgspec.Struct, frozen=True, gc=False):
    """What both sides keep to make the next handshake a short one (RFC 5246 F.1.4, RFC 7627 5.3)."""

    session_id: bytes
    master_secret: bytes
    cipher_suite: int
    encrypt_then_mac: bool
    identity: bytes
    key: bytes
    """A server resumes only while this is still the identity's key."""
    made_at: Seconds
