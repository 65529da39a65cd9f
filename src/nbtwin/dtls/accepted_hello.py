"""The ClientHello whose cookie was right: data. What follows is `server_handshake.py`, which is compiled."""

from __future__ import annotations

import msgspec

from nbtwin.dtls.messages import (
    HandshakeMessage,
)


class AcceptedHello(msgspec.Struct, frozen=True, gc=False):
    """The ClientHello that opens a handshake; decoded once its cookie was right."""

    message: HandshakeMessage
    record_number: int
    cookie: bytes
    parameters: bytes

    @property
    def client_random(self) -> bytes:
        return self.message.body[2:34]

    @property
    def first_suite(self) -> bytes:
        at = 37 + self.parameters[34]  # behind version, random, session id and the length of the suites
        return self.parameters[at : at + 2]
