"""What a test's marks ask for, and what is wrong with them. Knows pytest's marks; imports nothing of nbtwin.

Marks of one name are put together, the test's own before its class's and its module's: each keyword is the closest
one's, and so are the models.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

DESCRIBED = {
    "nb_lab": "nb_lab(seed=1, platforms=[…], latency=0, keys={…}, live=False): how the test's lab is made, as"
    " nbtwin.Lab takes it",
    "nb_module": "nb_module(*models, sim=…, firmware=…, settings=[…], …): the test's module, as Lab.add_module takes"
    " it; with several models the test runs once with each",
    "nb_platform": "nb_platform(name): the platform that nb_platform gives",
    "nb_scenario": "nb_scenario(file, seed=…): the lab is what the scenario's file describes; nb_scenario.run() plays"
    " its steps and asserts what it expects",
}
"""As `pytest --markers` shows them."""
KEYWORDS: Mapping[str, tuple[str, ...]] = {
    "nb_lab": ("seed", "platforms", "latency", "keys", "live"),
    "nb_module": (
        "model", "sim", "firmware", "settings", "name", "imei", "imsi", "iccid", "plmn", "vendor", "power",
    ),
    "nb_platform": ("name",),
    "nb_scenario": ("file", "seed"),
}  # fmt: skip
"""The first one may stand without its name; of `nb_lab` none."""
_MOST_WORDS = {"nb_lab": 0, "nb_platform": 1, "nb_scenario": 1}
"""Arguments without a keyword; a module's are models, as many as one likes."""


class MarkMisused(Exception):
    """A mark that cannot be read. ``keyword`` is one that there is not; empty: too many words, or not of text."""

    def __init__(self, mark: str, keyword: str = "") -> None:
        super().__init__(mark, keyword)
        self.mark, self.keyword, self.known = mark, keyword, KEYWORDS[mark]
        self.described = DESCRIBED[mark].partition(": ")[0]


@dataclass(frozen=True)
class Asked:
    """All marks of one name that hold for a test."""

    words: tuple[str, ...] = ()
    keywords: Mapping[str, Any] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.words or self.keywords)


def asked(node: pytest.Item | pytest.Function, name: str) -> Asked:
    """MarkMisused for a keyword that there is not, and for words that cannot be."""
    words: tuple[str, ...] = ()
    keywords: dict[str, Any] = {}
    for mark in node.iter_markers(name):
        _check(name, mark)
        words = words or mark.args
        keywords = {**mark.kwargs, **keywords}
    first = KEYWORDS[name][0]
    if name != "nb_lab" and not words and first in keywords:
        words = (keywords.pop(first),)
    return Asked(words, keywords)


def models_of(node: pytest.Item | pytest.Function, chosen: Sequence[str]) -> tuple[str, ...]:
    """Of `nb_module`: those of the marks, else those of the command line; empty: whatever is the default."""
    if node.get_closest_marker("nb_scenario") is not None:
        return ()  # the file says which
    try:
        return asked(node, "nb_module").words or tuple(chosen)
    except MarkMisused:
        return ()  # the test says so itself, at its set-up


def _check(name: str, mark: pytest.Mark) -> None:
    for keyword in mark.kwargs:
        if keyword not in KEYWORDS[name]:
            raise MarkMisused(name, keyword)
    words = len(mark.args) + (KEYWORDS[name][0] in mark.kwargs and name != "nb_lab")
    most = _MOST_WORDS.get(name)
    if (most is not None and words > most) or not all(isinstance(word, str) for word in mark.args):
        raise MarkMisused(name)
