"""This lab as one node of several over one database: who is asked about a device, and what nodes tell each other.

A question goes to the node that has the device (`operators.store.owners`); where nobody lives who has it, this one
takes it first. Who took a device from another node tells that one to forget it. While that cannot be told, for
the broker is away, workers ask the database before they believe what they have in memory (D204); when it is back they
forget what others have meanwhile. What a request has
changed at one node is told to all (D203): whoever is not told finds it in the database within a second.

Any thread may ask. Knows no process and no socket: whoever makes it hands in how a worker of this node is asked.
"""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import msgspec

from nbtwin.engine import UNDECODABLE, Fact
from nbtwin.operators.refusals import PlatformError, PlatformRefusal
from nbtwin.operators.store.journal_format import Damaged, EventDecoder, Record
from nbtwin.operators.store.owners import Moved, OwnerRepository
from nbtwin.operators.store.store import KEPT, Store
from nbtwin.runtime.workers.broker import Broker, BrokerAway, NodeAway, Taker
from nbtwin.runtime.workers.messages import encode
from nbtwin.runtime.workers.routing import process_of

ASKED = frozenset(
    {
        "ask", "check", "forget", "deregister", "move", "cancel", "observed", "waiting", "commands", "awake_until",
        "strict", "campaign",
    }
)  # fmt: skip
"""What another node may ask of a worker of this one."""
FACTS_AT_ONCE = 200


class AskWorker(Protocol):
    """Of this node. PlatformError as it says, or when it does not answer."""

    def __call__(self, process: int, device: str, platform: str, verb: str, *arguments: Any, **named: Any) -> Any: ...


class Changed(msgspec.Struct, array_like=True):
    """By a request, at one node: which part of the API it belongs to, and the operation. No name out of its path."""

    tag: str
    operation: str


class Question(msgspec.Struct, array_like=True):
    process: int
    device: str
    platform: str
    verb: str
    arguments: list[Any]
    named: dict[str, Any]


class Answered(msgspec.Struct, array_like=True):
    result: Any = None
    code: str | None = None  # of the platform's refusal
    fields: dict[str, Any] = {}


_question_in = msgspec.msgpack.Decoder(Question).decode
_answered_in = msgspec.msgpack.Decoder(Answered).decode
_moved_in = msgspec.msgpack.Decoder(list[Moved]).decode
_changed_in = msgspec.msgpack.Decoder(Changed).decode
_facts_in = msgspec.msgpack.Decoder(list[msgspec.Raw]).decode


class Nodes:
    """From `start` to `close`; ``on_facts`` is given what another node, or a worker of this one, has committed,
    ``on_changed`` what was changed at another one."""

    def __init__(
        self, node: str, broker: str, store: Store, processes: int, ask_worker: AskWorker,
        on_facts: Callable[[Sequence[Fact]], object], on_changed: Callable[[Changed], object],
    ) -> None:  # fmt: skip
        self.node = node
        self._processes, self._ask_worker = processes, ask_worker
        self._on_facts, self._on_changed = on_facts, on_changed
        self._owners = store.part(OwnerRepository)
        self._decoder = EventDecoder(KEPT)
        taker = Taker(self._answer, self._forget, self._take_facts, self._take_changed, self._catch_up, self._doubt)
        self.broker = Broker(broker, node, taker)

    def start(self) -> None:
        """Before the first worker. StoreError; Failed without the broker's driver."""
        self._owners.end(self.node)
        self.broker.start(self._owners.cluster(random.SystemRandom().getrandbits(56)))

    def ended(self, process: int) -> None:
        """A worker has ended: its successor takes what it had, at once."""
        self._owners.end(self.node, process)

    def ticket(self, platform: str) -> int:
        return self._owners.ticket(platform)

    # questions

    def ask(self, device: str, verb: str, *arguments: Any, **named: Any) -> Any:
        """The worker that has the device, wherever. PlatformError as it says, or when it cannot be asked."""
        platform = device.partition(":")[0]
        owner = self._owners.owner_of(device)
        if owner is None:
            return self._ask_worker(0, device, platform, verb, *arguments, **named)
        if owner.node != self.node and owner.lives:
            return self._ask_other(owner.node, owner.process, device, platform, verb, *arguments, **named)
        process = owner.process
        if owner.node != self.node:
            process = process_of(self._owners.location_of(device), self._processes)
            self._ask_worker(process, device, platform, "take", device)
        return self._ask_worker(process, device, platform, verb, *arguments, **named)

    def _ask_other(
        self, node: str, process: int, device: str, platform: str, verb: str, *arguments: Any, **named: Any
    ) -> Any:
        question = Question(process, device, platform, verb, list(arguments), named)
        try:
            answered = _answered_in(self.broker.ask(node, encode(question)))
        except BrokerAway:
            raise PlatformError(PlatformRefusal.NODES_APART, device=device, node=node) from None
        except (NodeAway, *UNDECODABLE):
            raise PlatformError(PlatformRefusal.NODE_AWAY, device=device, node=node) from None
        if answered.code is not None:
            raise PlatformError(PlatformRefusal(answered.code), **answered.fields)
        return answered.result

    def _answer(self, data: bytes) -> bytes:
        """What another node asks of a worker of this one."""
        try:
            asked = _question_in(data)
            if asked.verb not in ASKED:
                raise PlatformError(PlatformRefusal.VERB_UNKNOWN, operation=asked.verb[:40])
            result = self._ask_worker(
                asked.process, asked.device, asked.platform, asked.verb, *asked.arguments, **asked.named
            )
        except PlatformError as error:
            return encode(Answered(None, str(error.code), error.fields))
        except UNDECODABLE:
            return b""
        return encode(Answered(result))

    def tell_all(self, platform: str, verb: str, *arguments: Any) -> None:
        """Workers of other nodes, those that can be reached now."""
        for member in self._owners.members():
            if member.node != self.node:
                with contextlib.suppress(PlatformError):
                    self._ask_other(member.node, member.process, "", platform, verb, *arguments)

    def tell_facts(self, facts: Sequence[Fact]) -> None:
        """What this node's lab has written itself, to the pages of all."""
        self.take_told("facts", encode(facts))

    def tell_changed(self, changed: Changed) -> None:
        """To the other nodes."""
        self.broker.publish_changed(encode(changed))

    # what workers of this node have told

    def take_told(self, kind: str, what: bytes) -> None:
        """Of a worker of this node."""
        if kind == "facts":
            self._on_facts(self._events(what))
            if self.broker.connected:
                facts = _facts_in(what)
                for at in range(0, len(facts), FACTS_AT_ONCE):
                    self.broker.publish_facts(encode(facts[at : at + FACTS_AT_ONCE]))
            return
        of: dict[tuple[str, int], list[Moved]] = {}
        for moved in _moved_in(what):
            of.setdefault((moved.node, moved.process), []).append(moved)
        for (node, _), some in of.items():
            if node == self.node:
                self._forget(encode(some))
            else:
                self.broker.tell(node, encode(some))

    def _events(self, what: bytes) -> Sequence[Fact]:
        try:
            return self._decoder.events(Record(0, what, 0))
        except Damaged:
            return ()  # of another version, which a node that has just been begun anew may have

    # what other nodes tell

    def _forget(self, data: bytes) -> None:
        with contextlib.suppress(*UNDECODABLE):
            moved = _moved_in(data)
            for process in {each.process for each in moved if each.process < self._processes}:
                devices = [each.device for each in moved if each.process == process]
                with contextlib.suppress(PlatformError):  # it begins with what the database says
                    self._ask_worker(process, devices[0], "", "forget-others", devices)

    def _take_facts(self, data: bytes) -> None:
        self._on_facts(self._events(data))

    def _take_changed(self, data: bytes) -> None:
        with contextlib.suppress(*UNDECODABLE):
            self._on_changed(_changed_in(data))

    def begun(self, process: int) -> None:
        """A worker answers."""
        if self.broker.connected:
            self._catch_up_of(process)

    def _catch_up(self) -> None:
        """The broker is there, for this node or for one that was without it: what that said was not heard here."""
        for process in range(self._processes):
            self._catch_up_of(process)

    def _catch_up_of(self, process: int) -> None:
        with contextlib.suppress(PlatformError):
            self._ask_worker(process, "", "", "forget-all-others")
            if not self.broker.connected:  # it has gone again
                self._ask_worker(process, "", "", "doubt")

    def _doubt(self) -> None:
        for process in range(self._processes):
            with contextlib.suppress(PlatformError):  # each begins with doubts
                self._ask_worker(process, "", "", "doubt")

    def close(self) -> None:
        self.broker.close()
