"""What public drivers say to their modules and what they wait for (`tests/foreign/transcripts`), in simulated time.

A step sends a line or data, then waits for a text that has to come after it; ``tries`` are as many as the driver makes.
``{socket}`` in a ``wait`` is any number and is remembered. The driver's servers are the lab's echo and a broker.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbtwin.engine import Address, Seconds
from nbtwin.lab.network import Route
from nbtwin.lab.nodes import ModuleNode
from nbtwin.lab.peers import FarEnd
from nbtwin.lab.streams import Stream
from nbtwin.lab.world import World
from nbtwin.module.identity import ModuleIdentity, Usim
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage
from nbtwin.mqtt.packets import (
    Acknowledgement,
    ConnAck,
    Connect,
    Empty,
    Packet,
    PacketReader,
    PacketType,
    Publish,
    SubAck,
    Subscribe,
    Unsubscribe,
    encode,
)
from nbtwin.profiles.models import PROFILES
from nbtwin.selfreg.schedule import Operator

FOLDER = Path(__file__).parent / "transcripts"
BROKER = ("192.0.2.25", 1883)
STEP = {"send", "data", "wait", "tries", "within", "may_fail", "end", "only", "seen"}


@dataclass(frozen=True)
class Transcript:
    name: str
    driver: str
    repository: str
    version: str
    licence: str
    models: tuple[str, ...]
    steps: tuple[dict[str, Any], ...]
    differs: str = ""  # from the driver, and why
    stops: str = ""  # why the driver goes no further


def transcripts() -> list[Transcript]:
    found = []
    for path in sorted(FOLDER.glob("*.toml")):
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
        steps, models = tuple(fields.pop("steps")), tuple(fields.pop("models"))
        assert all(set(step) <= STEP for step in steps), path.name
        found.append(Transcript(path.stem, models=models, steps=steps, **fields))
    return found


class Host:
    """A driver's end of the serial line of one module in a simulated lab."""

    def __init__(self, model: str) -> None:
        self.world = World(seed=7)
        profile = PROFILES[model]
        identity = ModuleIdentity("module", "863703030822519", profile.firmware)
        usim = Usim.of(Operator.MOBILE, "module")
        self.module = Module(profile, identity, MemoryStorage(), self.world.random("module"), usim)
        self.node: ModuleNode = self.world.add_module("module", self.module)
        self.node.sinks.append(self._hear)
        self.heard = ""
        self.broker = Broker(self.world)
        self.world.carrier.streams.dial = self.broker.dial
        self.world.network.add_name("mqtt.lab.test", BROKER[0])
        self.world.network.add_route(Route(BROKER[0], None, BROKER[0], None))
        self.world.perform(self.node, self.module.power_on)

    def _hear(self, data: bytes) -> None:
        self.heard += data.decode("utf-8", "surrogateescape")

    def ask(self, line: str, wait: str, *, within: Seconds = 5, tries: int = 1) -> None:
        """A line, and what has to come after it."""
        start = len(self.heard)
        step = {"send": line, "within": within}
        done = any(self._try(step, "", re.escape(wait), start) for _ in range(tries))
        assert done, f"{line}: no {wait} in {self.heard[start:]!r}"

    def wait(self, text: str, *, within: Seconds = 5) -> None:
        """Heard by now, or within this time."""
        assert self._try({"within": within}, "", re.escape(text), 0), f"no {text} in {self.heard!r}"

    def play(self, transcript: Transcript) -> list[str]:
        """The steps that failed, as it was; none: the driver reaches its end."""
        socket, failed, end = "", [], 0  # where what the step before waited for has ended
        for step in transcript.steps:
            if self.module.profile.model not in step.get("only", [self.module.profile.model]):
                continue
            start = len(self.heard) if "send" in step or "data" in step else 0 if step.get("seen") else end
            wanted = step["wait"].replace("{socket}", socket) if socket else step["wait"]
            pattern = re.escape(wanted).replace(re.escape("{socket}"), r"(?P<socket>\d+)")
            if not any(self._try(step, socket, pattern, start) for _ in range(step.get("tries", 1))):
                if step.get("may_fail"):
                    continue
                failed.append(
                    f"{step.get('send', step.get('data', 'waiting'))!r}: no {wanted!r} in {self.heard[start:]!r}"
                )
                break
            found = re.search(pattern, self.heard[start:])
            assert found is not None
            end = start + found.end()
            if "socket" in found.groupdict():
                socket = found["socket"]
            if "+NSOCL" in step.get("send", ""):
                socket = ""
        return failed

    def _try(self, step: dict[str, Any], socket: str, pattern: str, start: int) -> bool:
        if "send" in step:
            line = step["send"].replace("{socket}", socket) + step.get("end", "\r\n")
            self.world.serial(self.node, line.encode())
        elif "data" in step:
            self.world.serial(self.node, step["data"].encode())
        until = self.world.now + step.get("within", 1)
        while re.search(pattern, self.heard[start:]) is None:
            if self.world.now >= until:
                return False
            self.world.advance(0.1)
        return True


class Broker:
    """A server of MQTT 3.1.1 inside a simulated lab, for one client: it grants what is asked and sends back what it is
    sent. Whether our client speaks MQTT, Mosquitto judges."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.connections: list[BrokerEnd] = []

    def dial(self, destination: Address, stream: Stream) -> FarEnd:
        end = BrokerEnd(stream)
        self.connections.append(end)
        self.world.scheduler.call_at(self.world.now, stream.far_opened)
        return end


class BrokerEnd:
    room = 65536

    def __init__(self, stream: Stream) -> None:
        self.stream, self._reader = stream, PacketReader()
        self._granted: dict[str, int] = {}
        self.packets: list[Packet] = []
        self.gone = False
        self.deaf = False
        """It takes everything and says nothing."""

    def say(self, *packets: Packet) -> None:
        self.stream.far_wrote(b"".join(map(encode, packets)))

    def hang_up(self) -> None:
        self.stream.far_finished()

    def write(self, data: bytes) -> None:
        self._reader.receive(data)
        while (packet := self._reader.next_packet()) is not None:
            self.packets.append(packet)
            if not self.deaf:
                self.say(*self._answers(packet))

    def finish(self) -> None:
        self.gone = True
        self.stream.far_finished()

    def abort(self) -> None:
        self.gone = True

    def leave(self, until: float) -> None:
        pass

    def resume(self) -> None:
        pass

    def close(self) -> None:
        self.gone = True

    def _answers(self, packet: Packet) -> list[Packet]:
        match packet:
            case Connect():
                return [ConnAck(0)]
            case Subscribe(packet_id, filters):
                self._granted |= dict(filters)
                return [SubAck(packet_id, tuple(qos for _, qos in filters))]
            case Unsubscribe(packet_id, filters):
                for name in filters:
                    self._granted.pop(name, None)
                return [Acknowledgement(PacketType.UNSUBACK, packet_id)]
            case Publish(topic, payload, qos, packet_id):
                answers: list[Packet] = []
                if qos:
                    answers.append(Acknowledgement(PacketType.PUBACK if qos == 1 else PacketType.PUBREC, packet_id))
                if topic in self._granted:
                    lower = min(qos, self._granted[topic])
                    answers.append(Publish(topic, payload, lower, 1 if lower else 0))
                return answers
            case Acknowledgement(PacketType.PUBREL, packet_id):
                return [Acknowledgement(PacketType.PUBCOMP, packet_id)]
            case Acknowledgement(PacketType.PUBREC, packet_id):
                return [Acknowledgement(PacketType.PUBREL, packet_id)]
            case Empty(PacketType.PINGREQ):
                return [Empty(PacketType.PINGRESP)]
            case _:
                return []
