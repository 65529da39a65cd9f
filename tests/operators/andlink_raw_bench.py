"""The Andlink platform, and a device that writes its own datagrams."""

from __future__ import annotations

import random
from typing import Any

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.engine import Address
from nbtwin.operators import events as ev
from nbtwin.operators.andlink.admission import AndlinkSettings
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.key_store.psk import DeviceKeys, PskStore

IMEI, OTHER = "867724030000225", "867724030000226"
PEER: Address = ("10.0.0.1", 5683)
LINKS = b'</>;rt="oma.lwm2m",</1/0>,</3/0>,</5/0>,</19/0>,</19/1>'
NOTHING = b"</9/0>"


class Client:
    """A device that writes its own datagrams, and the platform behind them."""

    def __init__(self, peer: Address = PEER, **settings: Any) -> None:
        self.keys = PskStore([DeviceKeys(device=OTHER, key="ab" * 16, bootstrap_key="cd" * 16)])
        self.platform = AndlinkPlatform(random.Random(1), self.keys, settings=AndlinkSettings(**settings))
        self.peer = peer
        self.now = 0.0
        self.log: list[Any] = []
        self._message_id = 0

    def drain(self) -> list[Message]:
        self.log += self.platform.events()
        return [decode(data) for data in self._sent()]

    def _sent(self) -> list[bytes]:
        return [
            data for listener, to, data in self.platform.datagrams_by_listener() if (listener, to) == (0, self.peer)
        ]

    def ask(self, code: int, path: str, *query: str, payload: bytes = b"", **more: Any) -> list[Message]:
        self._message_id += 1
        segments = tuple(path.strip("/").split("/"))
        found = options(path=segments, query=query, **more)
        return self.give(Message(Type.CON, code, self._message_id, b"t", found, payload))

    def give(self, message: Message) -> list[Message]:
        self.platform.handle_datagram(self.now, self.peer, encode(message))
        return self.drain()

    def answer(self, asked: Message, code: int = Code.CONTENT, payload: bytes = b"", **more: Any) -> list[Message]:
        return self.give(Message(Type.ACK, code, asked.message_id, asked.token, options(**more), payload))

    def register(self, *query: str, ep: str = IMEI, links: bytes = NOTHING) -> list[Message]:
        query = query or ("lwm2m=1.0", "b=U", "lt=300")
        return self.ask(Code.POST, "rd", f"ep={ep}", *query, payload=links, content_format=40)

    def do(self, verb: Any, *arguments: Any, **more: Any) -> tuple[int, list[Message]]:
        ticket = verb(self.now, *arguments, **more)
        return ticket, self.drain()

    def outcome(self, ticket: int) -> ev.OperationAnswered:
        (found,) = [e for e in self.log if isinstance(e, ev.OperationAnswered) and e.ticket == ticket]
        return found


def codes(messages: list[Message]) -> list[int]:
    return [message.code for message in messages]
