"""A module's randomness is that of the standard library, and small."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from nbtwin.lab.randomness import SmallRandom
from nbtwin.lab.world import World

CALLS: st.SearchStrategy[tuple[str, tuple[Any, ...]]] = st.one_of(
    st.just(("random", ())),
    st.just(("uniform", (1, 1.5))),
    st.tuples(st.just("getrandbits"), st.integers(0, 700).map(lambda k: (k,))),
    st.tuples(st.just("randbytes"), st.integers(0, 90).map(lambda n: (n,))),
)


@given(st.text(max_size=12), st.lists(CALLS, max_size=60))
def test_its_numbers_are_those_of_the_standard_library_call_for_call(
    seed: str, calls: list[tuple[str, tuple[Any, ...]]]
) -> None:
    small, whole = SmallRandom(7, seed), random.Random(f"7/{seed}")
    for name, arguments in calls:
        assert getattr(small, name)(*arguments) == getattr(whole, name)(*arguments)


def test_one_that_takes_very_many_keeps_its_place() -> None:
    small, whole = SmallRandom(1, "module"), random.Random("1/module")
    assert [small.getrandbits(32) for _ in range(9000)] == [whole.getrandbits(32) for _ in range(9000)]
    assert small.randbytes(30) == whole.randbytes(30)


def test_a_world_gives_a_module_the_numbers_that_it_would_give_anybody_of_this_name() -> None:
    world = World(seed=7)
    assert world.small_random("one").getrandbits(64) == world.random("one").getrandbits(64)
