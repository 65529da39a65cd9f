"""A service, a clock and a platform that answers by a script: what a module and its network do around the service."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.engine import Address, Deadline, Seconds, Service

Answer = Callable[[Message], "Message | None"]


def silence(request: Message) -> Message | None:
    return None


def ack(request: Message, code: int, location: tuple[str, ...] = (), payload: bytes = b"") -> Message:
    """A piggy-backed response."""
    return Message(Type.ACK, code, request.message_id, request.token, options(location_path=location), payload)


def registrar(request: Message) -> Message | None:
    """2.01 to /rd, 2.04 to what lies under it; acknowledgements of ours are not answered."""
    if request.code != Code.POST:
        return None
    if request.path == ("rd",):
        return ack(request, Code.CREATED, ("rd", "7"))
    return ack(request, Code.CHANGED)


class Bench:
    """``run(until)`` jumps from deadline to deadline, as the module would: not to those that do not wake it."""

    def __init__(
        self, service: Service, answer: Answer = registrar, names: dict[str, str | None] | None = None
    ) -> None:
        self.service = service
        self.answer = answer
        self.names = names or {}
        self.now: Seconds = 0.0
        self.asleep = False
        self.attached = False
        self.sent: list[tuple[Seconds, Address, Message]] = []
        self.happened: list[tuple[Seconds, Any]] = []

    def attach(self) -> None:
        self.attached = True
        self.service.handle_attached(self.now)
        self.drain()

    def detach(self) -> None:
        self.attached = False
        self.service.handle_detached(self.now)
        self.drain()

    def sleep(self) -> None:
        self.asleep = True
        self.service.handle_sleep(self.now)
        self.drain()

    def wake(self) -> None:
        self.asleep = False
        self.service.handle_wake(self.now)
        self.drain()

    def deliver(self, source: Address, data: bytes) -> None:
        self.service.handle_datagram(self.now, source, data)
        self.drain()

    def request(self, message: Message, source: Address = ("117.161.2.41", 5683)) -> Message:
        """Send a request from the platform, return what the module says to it."""
        before = len(self.sent)
        self.deliver(source, encode(message))
        return self.sent[before][2]

    def drain(self) -> None:
        """Until nothing moves: names are looked up, datagrams answered, at once."""
        moving = True
        while moving:
            moving = False
            self.happened += ((self.now, event) for event in self.service.events())
            for name in self.service.lookups():
                moving = True
                self.service.handle_lookup(self.now, name, self.names[name])
            for peer, data in self.service.datagrams_to_send():
                moving = True
                message = decode(data)
                self.sent.append((self.now, peer, message))
                answer = self.answer(message) if self.attached else None
                if answer is not None:
                    self.service.handle_datagram(self.now, peer, encode(answer))
        deadline = self.service.next_deadline()
        assert deadline is None or self.asleep or deadline.at > self.now, f"{deadline} is not in the future"

    def next_deadline(self) -> Deadline | None:
        return None if self.asleep and not self.service.wakes_module else self.service.next_deadline()

    def run(self, until: Seconds) -> None:
        while (deadline := self.next_deadline()) is not None and deadline.at <= until:
            self.now = max(self.now, deadline.at)
            if self.asleep:
                self.wake()
            self.service.handle_timer(self.now)
            self.drain()
        self.now = until

    def departures(self) -> list[Seconds]:
        """When requests of the module left."""
        return [at for at, _, message in self.sent if message.type == Type.CON and message.code == Code.POST]

    def seen(self, *kinds: type) -> list[tuple[Seconds, Any]]:
        return [(at, event) for at, event in self.happened if isinstance(event, kinds)]
