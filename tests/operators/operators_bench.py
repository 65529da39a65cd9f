"""A platform, a store in memory or in a file, and raw CoAP messages under simulated time."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, ContentFormat, Type
from nbtwin.engine import Address
from nbtwin.lwm2m.content import tlv
from nbtwin.operators.cmdmp.platform import CmdmpPlatform
from nbtwin.operators.device_management.management import DeviceManagement
from nbtwin.operators.key_store.appkeys import LAB_APPKEY, LAB_PASSWORD, AppkeyStore
from nbtwin.operators.store.queue import QueueRepository
from nbtwin.operators.store.store import Store
from nbtwin.selfreg.cmdmp import TerminalIdentity, encrypt, endpoint_name, key_of, object_666, update_name

IMEI = "863703030822519"
IMSI = "460040123456789"
PEER: Address = ("10.0.0.1", 5683)
OBJECTS = b'</>;rt="oma.lwm2m",</1/0>,</3/0>,</666/0>'


def name_of(
    imei: str = IMEI, *, appkey: str = LAB_APPKEY, password: str = LAB_PASSWORD, update: bool = False, imsi: str = IMSI
) -> str:
    return (update_name if update else endpoint_name)(1, TerminalIdentity(imei, "", imsi), appkey, password, imei)


class Bench:
    """One platform and its store; every input is followed by a commit, as the live runtime does it."""

    def __init__(self, platform: Any = None, store: Store | None = None) -> None:
        self.store = store
        if platform is None:
            keys = AppkeyStore({LAB_APPKEY: LAB_PASSWORD}) if store is None else store.keys
            platform = CmdmpPlatform(random.Random(1), keys)
        self.platform: Any = platform
        self.now = 0.0
        self.log: list[Any] = []
        self._message_id = 0

    def drain(self) -> list[tuple[Address, Message]]:
        events = self.platform.events()
        self.log += events
        if self.store is not None:
            self.store.commit(events)
        return [(peer, decode(data)) for peer, data in self.platform.datagrams_to_send()]

    def give(self, data: bytes, peer: Address = PEER) -> list[Message]:
        self.platform.handle_datagram(self.now, peer, data)
        return [message for _, message in self.drain()]

    def advance(self, seconds: float) -> list[tuple[float, Message]]:
        """Run every deadline up to then; what left, and when."""
        sent, end = [], self.now + seconds
        while (deadline := self.platform.next_deadline()) is not None and deadline.at <= end:
            self.now = max(self.now, deadline.at)
            self.platform.handle_timer(self.now)
            sent += [(self.now, message) for _, message in self.drain()]
        self.now = end
        return sent

    def request(self, code: Code = Code.POST, *, type: Type = Type.CON, payload: bytes = b"", **more: Any) -> bytes:
        self._message_id += 1
        return encode(Message(type, code, self._message_id, b"tokn", options(**more), payload))

    def register(
        self, name: str | None = None, *, lifetime: int = 86400, peer: Address = PEER, payload: bytes = OBJECTS
    ) -> Message:
        query = ["lwm2m=1.0", f"ep={name or name_of()}", "b=U", f"lt={lifetime}"]
        data = self.request(path=["rd"], query=query, content_format=40, payload=payload)
        return self.give(data, peer)[0]

    def update(self, location: tuple[str, ...], name: str | None = None, *, peer: Address = PEER) -> Message:
        query = [f"epi={name or name_of(update=True)}"]
        return self.give(self.request(path=location, query=query), peer)[0]

    def events(self, kind: type) -> list[Any]:
        return [event for event in self.log if type(event) is kind]


def inventory_answer(read: Message, info: Mapping[int, str], password: str = LAB_PASSWORD) -> bytes:
    """What a module answers to a read of /666/0."""
    values = object_666(info, key_of(password))
    payload = tlv.encode(tlv.TlvEntry(tlv.TlvKind.RESOURCE, id, value.encode()) for id, value in values.items())
    found = options(content_format=ContentFormat.LWM2M_TLV)
    return encode(Message(Type.ACK, Code.CONTENT, read.message_id, read.token, found, payload))


__all__ = [
    "IMEI", "IMSI", "LAB_APPKEY", "LAB_PASSWORD", "OBJECTS", "PEER", "Bench", "encrypt", "inventory_answer", "name_of",
]  # fmt: skip


def restored_queue(store: Store, devices: DeviceManagement) -> None:
    """As a lab does it when it starts a platform."""
    queue = store.part(QueueRepository)
    devices.restore_queue(queue.reserve_tickets(devices.name), queue.open(devices.name))
