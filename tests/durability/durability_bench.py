"""The four platforms, each on a store that fails when it is told to, and peers that write their own datagrams."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nbtwin.coap.message import Message, decode, encode, options
from nbtwin.coap.numbers import Code, Type
from nbtwin.engine import Address, Seconds
from nbtwin.lab.faults import Impairment, PacketInFlight
from nbtwin.lab.hold import Committer, InlineCommitter
from nbtwin.lab.nodes import Node, PlatformNode
from nbtwin.lab.observers import LabObserver
from nbtwin.lab.world import World
from nbtwin.operators.andlink.factory import create_andlink
from nbtwin.operators.cmdmp.platform import CmdmpPlatform
from nbtwin.operators.key_store.appkeys import LAB_APPKEY, LAB_PASSWORD
from nbtwin.operators.store.folding import room_again_in
from nbtwin.operators.store.store import Store
from nbtwin.operators.telecom import TelecomPlatform
from nbtwin.operators.unicom import UnicomPlatform
from nbtwin.selfreg.cmdmp import TerminalIdentity, endpoint_name

IMEI, SECOND = "863703030822519", "863703030000001"
PEER: Address = ("10.0.0.1", 5683)
LINKS = b"</1/0>,</19/0>,</19/1>"

PLATFORMS: dict[str, Callable[[World, Store], Any]] = {
    "telecom": lambda world, store: TelecomPlatform(world.random("telecom")),
    "unicom": lambda world, store: UnicomPlatform(world.random("unicom")),
    "cmdmp": lambda world, store: CmdmpPlatform(world.random("cmdmp"), store.keys),
    "andlink": lambda world, store: create_andlink(world.random("andlink"), store),
}
ACCEPTED = {"telecom": Code.CHANGED, "unicom": Code.CHANGED, "cmdmp": Code.CREATED, "andlink": Code.CREATED}


class HoldBench(LabObserver):
    """One platform in a simulated lab; what it sends, and when; what is told of it."""

    def __init__(self, operator: str, where: Path | str = ":memory:") -> None:
        self.operator = operator
        self.store = Store.open(where)
        self.world = World(seed=1)
        self.world.observers.append(self)
        self.failing = False
        self.refuses: Exception = OSError("the disk is full")
        self.commits: list[Seconds] = []
        self.sent: list[tuple[Seconds, Address, Message]] = []
        self.told: list[tuple[Seconds, Any]] = []
        self.engine = self._engine()
        self.node = self.world.add_platform(operator, self.engine, operator=operator, commit=self.committer())
        self._message_id = 0

    def committer(self) -> Committer:
        return InlineCommitter(self._commit, self.store.keeps, room_again_in)

    def _engine(self) -> Any:
        engine = PLATFORMS[self.operator](self.world, self.store)
        engine.restore(self.store.registrations(self.operator))
        return engine

    def _commit(self, events: Sequence[Any]) -> None:
        self.commits.append(self.world.now)
        if self.failing:
            raise self.refuses
        self.store.commit(events)

    def restart(self) -> None:
        """As after `kill -9`: a new engine, which knows what the store has."""
        self.engine = self._engine()
        self.node.install(self.engine)
        self.world.drain(self.node)

    def close(self) -> None:
        self.store.close()

    # what passes

    def datagram(
        self, at: Seconds, packet: PacketInFlight, data: bytes, impairment: Impairment, obstacle: str | None
    ) -> None:
        self.sent.append((at, packet.destination, decode(data)))

    def event(self, at: Seconds, node: Node, event: Any) -> None:
        assert isinstance(node, PlatformNode)
        self.told.append((at, event))

    # what peers do

    def registration(self, imei: str = IMEI) -> bytes:
        self._message_id += 1
        if self.operator in ("telecom", "unicom"):
            report = {"REGVER": "2", "MEID": imei, "MODEL": "QUE-BC28", "SWVER": "V1", "SIM1ICCID": "A"}
            found = options(path=["nb"], content_format=50)
            payload = base64.b64encode(json.dumps(report).encode())
        else:
            name = imei
            if self.operator == "cmdmp":
                name = endpoint_name(1, TerminalIdentity(imei, "", "46004"), LAB_APPKEY, LAB_PASSWORD, imei)
            found = options(path=["rd"], query=[f"ep={name}", "lwm2m=1.0", "lt=86400"], content_format=40)
            payload = LINKS
        return encode(Message(Type.CON, Code.POST, self._message_id, b"reg", found, payload))

    def give(self, data: bytes, peer: Address = PEER) -> None:
        """A datagram arrives at the first port."""
        self.node.inputs[self.node.address](self.world.now, peer, data)
        self.world.drain(self.node)

    def answers(self, peer: Address = PEER) -> list[tuple[Seconds, Code]]:
        """What the peer is answered (not what it is asked), and when."""
        found = [(at, m) for at, to, m in self.sent if to == peer and m.type is not Type.CON]
        return [(at, Code(message.code)) for at, message in found]

    def seen(self, kind: type) -> list[tuple[Seconds, Any]]:
        return [(at, event) for at, event in self.told if isinstance(event, kind)]

    # what is known

    def stored(self) -> list[str]:
        return [device.imei for device in self.store.devices(self.operator)]

    def believed(self, imei: str = IMEI) -> bool:
        """Whether the engine has it registered."""
        if self.operator in ("telecom", "unicom"):
            return imei in self.engine._pairings._known  # shows outside only in the flags of its next report
        return imei in self.engine.server.registrations
