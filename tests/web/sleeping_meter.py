"""A device in Queue Mode that writes its own datagrams to the Andlink platform of a lab of this process."""

from __future__ import annotations

from typing import Any

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.engine import Address, Seconds
from nbtwin.lab.faults import Impairment, PacketInFlight
from nbtwin.lab.observers import LabObserver
from nbtwin.runtime.lab import LabRuntime
from nbtwin.runtime.simulated_lab import SimulatedLab

IMEI = "867724030000225"
PEER: Address = ("10.0.0.1", 5683)


class Meter(LabObserver):
    def __init__(self, lab: LabRuntime | SimulatedLab) -> None:
        self.lab = lab
        self.asked: list[Message] = []
        self.location: tuple[str, ...] = ()
        self._message_id = 0
        lab.world.observers.append(self)

    def datagram(
        self, at: Seconds, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: str | None
    ) -> None:
        if packet.destination == PEER:
            message = decode(data)
            if message.code < 32:
                self.asked.append(message)
            self.location = message.location or self.location

    def send(self, message: Message) -> None:
        world, node = self.lab.world, self.lab.world.platforms["andlink"]
        node.inputs[node.address](world.now, PEER, encode(message))
        world.drain(node)

    def register(self, lifetime: int = 3600) -> None:
        query = (f"ep={IMEI}", "lwm2m=1.0", "b=UQ", f"lt={lifetime}")
        self._say(options(path=("rd",), query=query, content_format=40), b"</9/0>")

    def update(self) -> None:
        self._say(options(path=self.location))

    def _say(self, found: Any, payload: bytes = b"") -> None:
        self._message_id += 1
        self.send(Message(Type.CON, Code.POST, self._message_id, b"t", found, payload))

    def answer(self, code: int = Code.CHANGED) -> str:
        asked = self.asked.pop(0)
        self.send(Message(Type.ACK, code, asked.message_id, asked.token))
        return "/" + "/".join(asked.path)
