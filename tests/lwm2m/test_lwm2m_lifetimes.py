"""Which registration ends first: the same as if all were in order, whatever becomes of them (`Lifetimes`)."""

from __future__ import annotations

import random
import tracemalloc

import pytest

from nbtwin.lwm2m.server.lifetimes import SPAN, Lifetimes


class Kept:
    """Ends by client; a client whose end moves forward is told, one whose end moves back is looked at later."""

    def __init__(self) -> None:
        self.ends: dict[str, float] = {}
        self.lifetimes = Lifetimes(self.ends.get)

    def put(self, client: str, at: float) -> None:
        before = self.ends.get(client)
        self.ends[client] = at
        if before is None or at < before:
            self.lifetimes.add(at, client)


@pytest.mark.parametrize("seed", range(5))
def test_the_first_one_is_the_first_of_all_whatever_becomes_of_them(seed: int) -> None:
    source, kept, now = random.Random(seed), Kept(), 0.0
    for _ in range(3000):
        client = f"device{source.randrange(40)}"
        happens = source.randrange(6)
        if happens < 3:
            kept.put(client, now + source.choice((0.0, 0.1, SPAN, 0.9 * SPAN, 3.0, 86_400.0, 86_400.0 + SPAN)))
        elif happens == 3:
            kept.ends.pop(client, None)
        elif happens == 4:
            now += source.choice((0.01, 0.1, SPAN, 5.0, 90_000.0))
        while (first := kept.lifetimes.first()) is not None and first[0] <= now:
            assert first == (min(kept.ends.values()), first[1])
            assert kept.ends.pop(first[1]) == first[0]
        assert all(at > now for at in kept.ends.values())
        assert (None if first is None else first[0]) == min(kept.ends.values(), default=None)
        if len(kept.lifetimes) > 2 * len(kept.ends) + 64:
            kept.lifetimes.renew(kept.ends)
            assert len(kept.lifetimes) == len(kept.ends)


def test_one_that_is_far_away_takes_a_name_alone() -> None:
    """A million devices that registered within minutes."""
    names = [f"device{number}" for number in range(20_000)]
    ends = {name: 86_400.0 + number / 5000 for number, name in enumerate(names)}
    lifetimes = Lifetimes(ends.get)
    tracemalloc.start()
    try:
        for name in names:
            lifetimes.add(ends[name], name)
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size / len(names) < 16
