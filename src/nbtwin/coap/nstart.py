"""Whose turn it is: how many interactions may be outstanding with one peer, and who waits for it (RFC 7252 4.7).

Knows peers, order and bounds; must not know what a message says or how it is sent.

An interaction is outstanding from the moment in which a Confirmable message of ours leaves until its acknowledgement,
its response, a Reset, or the end of its last wait. An *acknowledged* request is outstanding no more, although its
response is still to come: the section counts "a request for which neither a response nor an Acknowledgment message has
yet been received". RFC 7641 4.5.1 puts the same limit on a server's Confirmable notifications and separate responses;
one count serves both roles, so that never more than NSTART Confirmable messages are under way to one peer.
Non-confirmable messages, acknowledgements and Resets leave at once: when their sender ceases to expect an answer is
"not defined" by the section, and their rate is their user's affair.
"""

from __future__ import annotations

from collections import OrderedDict

from nbtwin.coap.reasons import CoapReason
from nbtwin.coap.records import Transmission
from nbtwin.engine import Address, Deadline, Seconds

NSTART = 1
"""Interactions outstanding with one peer (RFC 7252 4.8)."""
QUEUE_SIZE = 64
"""Messages that may wait for one peer."""


class Interactions:
    """Turns and queues by peer. Every step is O(1), and a peer without an interaction takes no memory."""

    __slots__ = ("_nstart", "_outstanding", "_queue_size", "_queues", "_refused", "freed")

    def __init__(self, nstart: int, queue_size: int) -> None:
        if nstart < 1 or queue_size < 0:
            raise ValueError(f"NSTART is at least 1, not {nstart}; a queue has room for 0 or more, not {queue_size}")
        self._nstart = nstart
        self._queue_size = queue_size
        self._outstanding: dict[Address, int] = {}
        self._queues: dict[Address, OrderedDict[int, Transmission]] = {}  # by message ID, in the order of leaving
        self._refused: list[Transmission] | None = None
        self.freed: dict[Address, None] | None = None
        """Peers that have a queue and a turn free: `leaving` is to be asked."""

    def begin(self, now: Seconds, transmission: Transmission, *, continues: bool) -> bool:
        """Take a turn; else it waits, or is refused. What ``continues`` goes before the others and always has room."""
        peer = transmission.peer
        queue = self._queues.get(peer)
        outstanding = self._outstanding.get(peer, 0)
        if outstanding < self._nstart and (continues or queue is None):
            self._outstanding[peer] = outstanding + 1
            transmission.has_turn = True
            return True
        transmission.at = now
        if not continues and (0 if queue is None else len(queue)) >= self._queue_size:
            if self._refused is None:
                self._refused = []
            self._refused.append(transmission)
            return False
        if queue is None:
            queue = self._queues[peer] = OrderedDict()
        queue[transmission.message_id] = transmission
        if continues:
            queue.move_to_end(transmission.message_id, last=False)
        return False

    def end(self, transmission: Transmission) -> None:
        """It is outstanding no more, or waits no more. Once is enough."""
        peer = transmission.peer
        queue = self._queues.get(peer)
        if transmission.has_turn:
            transmission.has_turn = False
            outstanding = self._outstanding[peer] - 1
            if outstanding:
                self._outstanding[peer] = outstanding
            else:
                del self._outstanding[peer]
                if not self._outstanding:
                    self._outstanding.clear()  # of its room, too: very many endpoints wait for nothing
            if queue is not None:
                if self.freed is None:
                    self.freed = {}
                self.freed[peer] = None
        elif queue is not None and queue.get(transmission.message_id) is transmission:
            del queue[transmission.message_id]
            if not queue:
                del self._queues[peer]

    def leaving(self) -> list[Transmission]:
        """Take those whose turn has come, first come, first served."""
        leaving: list[Transmission] = []
        freed, self.freed = self.freed, None
        for peer in freed or ():
            queue = self._queues.get(peer)
            while queue is not None and (outstanding := self._outstanding.get(peer, 0)) < self._nstart:
                _, transmission = queue.popitem(last=False)
                self._outstanding[peer] = outstanding + 1
                transmission.has_turn = True
                leaving.append(transmission)
                if not queue:
                    del self._queues[peer]
                    queue = None
        return leaving

    def refused(self) -> list[Transmission]:
        """Take those for which there was no room."""
        refused, self._refused = self._refused, None
        return refused or []

    def waiting(self, peer: Address) -> int:
        """How many wait for this peer."""
        return len(self._queues.get(peer, ()))

    def queue_of(self, peer: Address) -> list[Transmission]:
        """Who waits for this peer, in the order of leaving."""
        return list(self._queues.get(peer, {}).values())

    def has_room(self, peer: Address) -> bool:
        """Whether one more would not be refused."""
        queue = self._queues.get(peer)
        if queue is None:
            return self._queue_size > 0 or self._outstanding.get(peer, 0) < self._nstart
        return len(queue) < self._queue_size

    def next_deadline(self) -> Deadline | None:
        """At once, where a refusal is due as an event."""
        return None if self._refused is None else Deadline(self._refused[0].at, CoapReason.REFUSAL_DUE)
