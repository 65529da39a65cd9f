"""Two nodes have a device in memory, and one of them has not been told what the other knows (D204).

What is written is what the device says, so that no old copy comes into the database.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator

import pytest
from operators_bench import IMEI, OBJECTS, PEER, Bench, name_of
from storage_events import DEVICE

from nbtwin.coap.message import Message
from nbtwin.coap.numbers import Code
from nbtwin.engine import Address
from nbtwin.operators import events as ev
from nbtwin.operators.cmdmp.platform import CmdmpPlatform
from nbtwin.operators.device_management.commands import CommandState
from nbtwin.operators.inventory.devices import Device
from nbtwin.operators.refusals import PlatformRefusal
from nbtwin.operators.store.devices import DeviceRepository
from nbtwin.operators.store.owners import OwnerRepository, Sharing
from nbtwin.operators.store.queue import QueueRepository
from nbtwin.operators.store.store import Store
from nbtwin.operators.unicom import UnicomPlatform
from nbtwin.selfreg.payloads import accepted

ELSEWHERE: Address = ("10.0.0.2", 5683)
UNICOM = f"unicom:{IMEI}"


class Node:
    """CMDMP and Unicom, and a store that others write, too."""

    def __init__(self, name: str, store: Store) -> None:
        self.store = store
        self.sharing = store.sharing = Sharing(store.part(OwnerRepository), store.part(DeviceRepository), name, 0)
        self.cmdmp = Bench(CmdmpPlatform(random.Random(name), store.keys), store)
        self.unicom = Bench(UnicomPlatform(random.Random(1)), store)

    def take(self) -> None:
        """The device, as somebody does who asks the database."""
        self.cmdmp.platform.restore(self.sharing.take(devices=[DEVICE])[0])

    def say(
        self, at: float, code: Code, location: tuple[str, ...], *said: str, payload: bytes = b"", peer: Address = PEER
    ) -> Message:
        self.cmdmp.now = at
        query = (f"epi={name_of(update=True)}", *said)
        form = 40 if payload else None
        (answer, *_) = self.cmdmp.give(
            self.cmdmp.request(code, path=location, query=query, content_format=form, payload=payload), peer
        )
        return answer

    def report(self, at: float, firmware: str) -> None:
        members = {
            "REGVER": "2",
            "MEID": IMEI,
            "MODELSMS": "M",
            "SWVER": firmware,
            "SIM1ICCID": "A",
            "SIM1LTEIMSI": "1",
        }
        self.unicom.now = at
        payload = base64.b64encode(json.dumps(members).encode())
        (answer,) = self.unicom.give(self.unicom.request(content_format=50, payload=payload))
        assert accepted(answer)

    def device(self, name: str = DEVICE) -> Device:
        found = self.store.device(name)
        assert found is not None
        return found


@pytest.fixture
def nodes(postgresql: str) -> Iterator[tuple[Node, Node]]:
    with Store.open(postgresql, lock_timeout=10.0) as first, Store.open(postgresql, lock_timeout=10.0) as second:
        first.keys.replace(Bench().platform.keys.passwords)
        second.refresh_keys()
        yield Node("a", first), Node("b", second)


def registered(node: Node, lifetime: int = 86400) -> tuple[str, ...]:
    return node.cmdmp.register(lifetime=lifetime).location


def test_what_was_said_at_another_node_is_not_written_back(nodes: tuple[Node, Node]) -> None:
    a, b = nodes
    location = registered(a)
    b.take()
    longer = OBJECTS + b",</4/0>"
    said = ("lt=600", "b=UQ", "sms=8613800138000")
    assert b.say(1, Code.POST, location, *said, payload=longer, peer=ELSEWHERE).code == Code.CHANGED
    assert a.say(2, Code.POST, location).code == Code.CHANGED
    device = a.device()
    assert (device.lifetime, device.binding, device.sms) == (600, "UQ", "8613800138000")
    assert device.objects == longer.decode()
    assert (device.host, device.updates) == (PEER[0], 2)
    assert a.sharing.outdated == {DEVICE}, "who drives the engine puts the database's word in its place"
    assert [each.id for each in b.sharing.take(peers=[f"{PEER[0]}:{PEER[1]}"])[0]] == [DEVICE]


def test_a_list_that_a_node_knows_already_counts_where_another_has_heard_a_newer_one(
    nodes: tuple[Node, Node],
) -> None:
    a, b = nodes
    location = registered(a)
    b.take()
    b.say(1, Code.POST, location, payload=OBJECTS + b",</4/0>")
    a.say(2, Code.POST, location, payload=OBJECTS)
    assert a.device().objects == OBJECTS.decode()


def test_the_end_of_an_old_lifetime_ends_nothing(nodes: tuple[Node, Node]) -> None:
    a, b = nodes
    location = registered(a, lifetime=60)
    b.take()
    b.say(1, Code.POST, location, "lt=86400")
    a.say(2, Code.POST, location)
    a.sharing.outdated.clear()
    a.cmdmp.advance(3600)
    assert a.cmdmp.events(ev.DeviceExpired) != []
    assert (a.device().state, a.sharing.outdated) == ("registered", {DEVICE})
    b.take()
    b.cmdmp.now = 4000
    b.cmdmp.advance(2 * 86400)
    assert b.device().state == "expired"


def test_a_device_leaves_where_it_says_so(nodes: tuple[Node, Node]) -> None:
    a, b = nodes
    location = registered(a)
    b.take()
    b.say(1, Code.POST, location)
    assert a.say(2, Code.DELETE, location).code == Code.DELETED
    assert a.device().state == "de-registered"
    older, newest = registered(a), registered(b)
    assert a.say(5, Code.DELETE, older).code == Code.DELETED
    assert (a.device().state, a.device().location) == ("registered", "/".join(newest))


def test_a_command_that_has_ended_stays_as_it_ended(nodes: tuple[Node, Node]) -> None:
    a, b = nodes
    registered(a)
    named = (7, DEVICE, "read", "/3/0/0")
    request = Bench().request(Code.GET, path=("3", "0", "0"))
    a.store.commit([ev.CommandQueued(1, *named, None, None, 100, "", request)])
    b.store.commit([ev.DeviceUpdated(2, DEVICE, PEER), ev.CommandSent(2, *named)])
    b.store.commit([ev.OperationAnswered(3, *named, "2.05", "Quectel")])
    a.store.commit(
        [
            ev.CommandExpired(100, *named),
            ev.OperationAnswered(100, *named, "", refusal=PlatformRefusal.COMMAND_EXPIRED),
        ]
    )
    command = a.store.part(QueueRepository).find(DEVICE, 7)
    assert command is not None
    assert (command.state, command.result) == (CommandState.ANSWERED, "Quectel")
    assert [line.code for line in a.store.history(DEVICE)][-1] == "operation-answered"


def test_a_report_counts_whole_wherever_the_one_before_came(nodes: tuple[Node, Node]) -> None:
    a, b = nodes
    a.report(1, "V1")
    b.report(2, "V2")
    a.report(3, "V1")
    device = a.device(UNICOM)
    assert (device.firmware, device.registrations + device.updates) == ("V1", 3)
    assert a.store.history(UNICOM)[-1].fields["firmware"] == ["V2", "V1"]
