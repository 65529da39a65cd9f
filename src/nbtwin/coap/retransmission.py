"""When a message of ours leaves again, and when we stop waiting for its answer (RFC 7252 4.2).

Knows the waits that were handed in, one per sending; must not know what the messages say or what an answer looks like.
"""

from __future__ import annotations

from heapq import heapify, heappop, heappush

from nbtwin.coap.numbers import ACK_RANDOM_FACTOR, ACK_TIMEOUT, MAX_RETRANSMIT
from nbtwin.coap.records import Transmission, Waits
from nbtwin.engine import Deadline, Randomness, Seconds

RFC7252_WAITS: Waits = tuple([ACK_TIMEOUT * 2**n for n in range(MAX_RETRANSMIT + 1)])


def rfc7252_waits(random: Randomness) -> Waits:
    """The waits of one message with the factor between 1 and ACK_RANDOM_FACTOR (RFC 7252 4.2, 4.8)."""
    factor = random.uniform(1, ACK_RANDOM_FACTOR)
    return tuple([factor * wait for wait in RFC7252_WAITS])


class Transmissions:
    """The timers of all that is out: a heap, whose outdated entries are skipped, and removed when they are the most."""

    __slots__ = ("_count", "_heap", "_outdated")

    def __init__(self) -> None:
        self._heap: list[tuple[Seconds, int, Transmission]] = []
        self._count = 0
        self._outdated = 0

    def start(self, now: Seconds, transmission: Transmission) -> None:
        wait = transmission.waits[0]
        transmission.started_at, transmission.elapsed, transmission.sending = now, wait, 1
        self._count += 1  # as `_set` does, without a hand in between
        transmission.at, transmission.timer, transmission.deadline = now + wait, self._count, None
        heappush(self._heap, (now + wait, self._count, transmission))

    def acknowledge(self, transmission: Transmission) -> None:
        """No more sendings, but the time to give up stays (RFC 7252 5.2.2)."""
        transmission.acknowledged = True
        self.stop(transmission)
        self._set(transmission, transmission.started_at + sum(transmission.waits))

    def stop(self, transmission: Transmission) -> None:
        if transmission.timer == 0:
            return  # it has never left
        transmission.timer = 0
        self._outdated += 1
        if self._outdated > 32 and self._outdated * 2 > len(self._heap):
            self._heap = [entry for entry in self._heap if entry[2].timer == entry[1]]
            heapify(self._heap)
            self._outdated = 0

    def pop_due(self, now: Seconds) -> tuple[Transmission, bool] | None:
        """A transmission whose wait is over, and whether it is to leave again (else it is given up)."""
        while self._heap and self._heap[0][0] <= now:
            _, count, transmission = heappop(self._heap)
            if transmission.timer != count:
                self._outdated -= 1
                continue
            if transmission.acknowledged or transmission.sending == len(transmission.waits):
                self._outdated -= 1  # its entry is gone already: stop() will count one too many
                return transmission, False
            self._next_sending(transmission)
            return transmission, True
        return None

    def next_deadline(self) -> Deadline | None:
        while self._heap:
            at, count, transmission = self._heap[0]
            if transmission.timer == count:
                if transmission.deadline is None:
                    transmission.deadline = Deadline(at, transmission.reason, number=transmission.sending)
                return transmission.deadline
            heappop(self._heap)
            self._outdated -= 1
        return None

    def _next_sending(self, transmission: Transmission) -> None:
        transmission.elapsed += transmission.waits[transmission.sending]
        transmission.sending += 1
        self._set(transmission, transmission.started_at + transmission.elapsed)

    def _set(self, transmission: Transmission, at: Seconds) -> None:
        self._count += 1
        transmission.at, transmission.timer, transmission.deadline = at, self._count, None
        heappush(self._heap, (at, self._count, transmission))
