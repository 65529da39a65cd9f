"""A CMDMP server that answers by a script, in place of the operator's real platform: for what that one never does."""

from __future__ import annotations

from typing import Any

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.engine import Address, Deadline, Outbox, Seconds
from nbtwin.lab.errors import error_code

RST = "RST"
SILENCE = "silence"


class ScriptedServer(Outbox[Any]):
    """What it answers to a Register and to an Update: a code as ``5.03``, ``RST`` or ``silence``."""

    def __init__(self) -> None:
        super().__init__()
        self.register = "2.01"
        self.update = "2.04"
        self._peer: Address = ("", 0)
        self._triggers = 0

    def trigger(self, now: Seconds) -> None:
        """Ask for an update: execute /1/0/8."""
        self._triggers += 1
        message = Message(Type.CON, Code.POST, self._triggers, b"t", options(path=("1", "0", "8")))
        self._outbox.append((self._peer, encode(message)))

    def handle_datagram(self, now: Seconds, source: Address, data: bytes) -> None:
        request = decode(data)
        if request.code != Code.POST:
            return
        self._peer = source
        answer = self.register if request.path == ("rd",) else self.update
        if answer == RST:
            self._outbox.append((source, encode(Message(Type.RST, Code.EMPTY, request.message_id))))
        elif answer != SILENCE:
            location = ("rd", "7") if answer == "2.01" else ()
            code = code_of(answer)
            message = Message(Type.ACK, code, request.message_id, request.token, options(location_path=location))
            self._outbox.append((source, encode(message)))

    def handle_timer(self, now: Seconds) -> None:
        pass

    def next_deadline(self) -> Deadline | None:
        return None


def code_of(text: str) -> int:
    return {"2.01": int(Code.CREATED), "2.04": int(Code.CHANGED)}.get(text) or error_code(text)
