"""`kill -9` at random instants of import, reset, restore, migration and more: old or new, never neither.

`kill_rounds.py 100` tries more of them.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest
from kill_rounds import CHANGES, Rounds

SEED = 20260


@pytest.mark.timeout(600)
def test_whatever_is_killed_leaves_what_was_or_what_was_to_be(tmp_path: Path) -> None:
    chance, rounds = random.Random(SEED), Rounds(tmp_path)
    for change in CHANGES:
        rounds.round(change, chance)
