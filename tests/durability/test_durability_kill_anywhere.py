"""`kill -9` at random instants of import, reset, restore, migration and more: old or new, never neither.

`kill_rounds.py 100` tries more of them.
"""

from __future__ import annotations

import random
from itertools import count

import pytest
from kill_rounds import CHANGES, Rounds

SEED = 20260


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> Rounds:
    return Rounds(tmp_path_factory.mktemp("rounds"))


@pytest.mark.timeout(600)
def test_whatever_is_killed_leaves_what_was_or_what_was_to_be(rounds: Rounds) -> None:
    chance = random.Random(SEED)
    for change in CHANGES:
        rounds.round(change, chance)


@pytest.mark.timeout(600)
def test_on_a_server_restores_campaigns_labels_and_orders_to_many_are_as_whole(rounds: Rounds, postgresql: str) -> None:
    chance, numbers = random.Random(SEED), count()
    there = rounds.on_server(lambda: f"{postgresql}_{next(numbers)}")
    for change in ("restore", "campaign", "labels", "orders"):
        there.round(change, chance)
