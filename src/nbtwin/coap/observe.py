"""The bookkeeping of observations on both sides (RFC 7641 3.4, 4.1 to 4.5).

Knows observers, sequence numbers and their age; must not know what is observed, nor how a notification travels.

Theory of operation
===================

An observation is a request that is answered more than once. A client asks GET with Observe 0; the server answers with
an Observe option and puts (client's address, token) on its list; whenever the resource changes, another response with
that token leaves: a notification. Both sides know the observation by **address and token**, nothing else.

**Order** (3.4). Notifications may overtake each other, so each has a 24-bit number that counts up and wraps. A client
takes one for newer when it is ahead by less than half the circle, or when the last one is more than 128 s old: no
datagram lives so long, and a server that restarted counts from elsewhere. An older one is acknowledged and dropped.

**How it ends.** There is no farewell that could not be lost, so every side ends it by itself:

    the client answers a notification with RST      it has forgotten the token (3.6); NotificationReset here
    the client asks again with Observe 1            the response is the last word; under a token that observes nothing
                                                    it ends whatever this client observes there (D159)
    a Confirmable notification is never answered    the client has gone (4.5); NotificationUnanswered here
    a notification with an error code, or without   the server has ended it (3.2, 4.2); the client drops its entry
    an Observe option

What still waits in the queue for the same observation goes with it (NotificationAborted, OBSERVATION_ENDED). As a
server could send Non-confirmable notifications to nobody for ever, at least one a day has to be Confirmable
(`must_be_confirmable`, 4.5).

**How often.** RFC 7641 4.5.1 puts NSTART on notifications, too: the next Confirmable one waits until the one before has
its acknowledgement. Each is sent in its turn, none is replaced by a newer one: with LwM2M's data objects every value
counts. Whoever only wants to say the latest state waits for the end of the one that is out.

**When an address changes** (NAT), the peer is another one for both sides. A notification that comes from a new address
belongs to no entry here, and the RST that answers it ends the observation at its server; nothing in RFC 7641 prevents
that. Whoever learns of the new address first, as an LwM2M server does from a registration update, moves its entries:
`cancel` at the old address, `BlockwiseEndpoint.adopt` at the new one, which takes whatever comes first for news. A peer
behind DTLS is its session instead of its address (RFC 7252 9.1): with a new session, too, it is another peer, and
`CoapEndpoint.owner_of` may know better.
"""

from __future__ import annotations

from collections.abc import Hashable

from nbtwin.coap.events import CoapEvent, NotificationAcknowledged, NotificationReset, NotificationUnanswered
from nbtwin.coap.message import Message
from nbtwin.coap.numbers import Code
from nbtwin.engine import DAY, Address, Seconds

REGISTER, DEREGISTER = 0, 1
"""The values of Observe in a request (RFC 7641 2)."""
_ORDERS = 1 << 24
_STALE_AFTER: Seconds = 128


class NotificationOrder:
    """The newest notification of one observation, as the client keeps it."""

    __slots__ = ("at", "order")

    def __init__(self, order: int, at: Seconds) -> None:
        self.order = order
        self.at = at

    def accept(self, order: int, now: Seconds) -> bool:
        """Whether this one is newer, and if so, the newest from now on (RFC 7641 3.4)."""
        if 0 < (order - self.order) % _ORDERS < _ORDERS // 2 or now > self.at + _STALE_AFTER:
            self.order, self.at = order, now
            return True
        return False


class Observer:
    """One entry of the server's list (RFC 7641 4.1): a client and its token."""

    __slots__ = ("confirmed_at", "order", "peer", "resource", "token")

    def __init__(self, now: Seconds, peer: Address, token: bytes, resource: Hashable) -> None:
        self.peer = peer
        self.token = token
        self.resource = resource
        self.order = 0
        self.confirmed_at = now

    def next_order(self) -> int:
        """The Observe value of the next notification (RFC 7641 4.4)."""
        self.order = (self.order + 1) % _ORDERS
        return self.order

    def must_be_confirmable(self, now: Seconds) -> bool:
        """At least once a day a notification has to prove that the client is still there (RFC 7641 4.5)."""
        return now >= self.confirmed_at + DAY


class Observers:
    """The server's list of observers, for all its resources; full, it answers without observing (RFC 7641 4.1)."""

    __slots__ = ("_by_resource", "_by_token", "_size")

    def __init__(self, size: int = 1024) -> None:
        self._size = size
        self._by_token: dict[tuple[Address, bytes], Observer] = {}
        self._by_resource: dict[Hashable, dict[tuple[Address, bytes], Observer]] = {}

    def __len__(self) -> int:
        return len(self._by_token)

    def handle_request(self, now: Seconds, peer: Address, message: Message, resource: Hashable) -> Observer | None:
        """Follow the Observe option of a GET or FETCH; the observer's ``order`` belongs into the response."""
        observe = message.observe
        if observe not in (REGISTER, DEREGISTER) or message.code not in (Code.GET, Code.FETCH):
            return None
        known = self.remove(peer, message.token)
        if observe == DEREGISTER and known is None:  # older stacks cancel with a new token (D159)
            for observer in self.of(resource):
                if observer.peer == peer:
                    self.remove(peer, observer.token)
        if observe == DEREGISTER or len(self._by_token) >= self._size:
            return None
        observer = Observer(now, peer, message.token, resource)
        self._by_token[peer, message.token] = observer
        self._by_resource.setdefault(resource, {})[peer, message.token] = observer
        return observer

    def handle_event(self, now: Seconds, event: CoapEvent) -> Observer | None:
        """The observer that an event about a notification has ended (RFC 7641 4.2, 4.5)."""
        if isinstance(event, NotificationReset | NotificationUnanswered):
            return self.remove(event.peer, event.token)
        if isinstance(event, NotificationAcknowledged):
            observer = self._by_token.get((event.peer, event.token))
            if observer is not None:
                observer.confirmed_at = now
        return None

    def of(self, resource: Hashable) -> list[Observer]:
        """Who is to be notified, in the order in which they came."""
        return list(self._by_resource.get(resource, {}).values())

    def remove(self, peer: Address, token: bytes) -> Observer | None:
        observer = self._by_token.pop((peer, token), None)
        if observer is not None:
            observers = self._by_resource[observer.resource]
            del observers[peer, token]
            if not observers:
                del self._by_resource[observer.resource]
        return observer
