"""Where the span of an expectation begins and ends, and how exact its numbers are: both sides of every edge.

The module of these files boots for one second, says so, is attached at 4 s and sends its first request there; its
network keeps the connection for 20 s.
"""

from __future__ import annotations

import textwrap

import pytest

from nbtwin.scenario.loading import load
from nbtwin.scenario.runner import run

FILE = """
title: edges
modules:
  - {name: meter, model: BC260Y-CN, settings: [ATE0]}
until: 1h
expect:
"""
REPEATED = """
title: edges
platforms: [{operator: telecom}]
modules:
  - {name: meter, model: BC260Y-CN, sim: telecom, settings: [ATE0, AT+QSREGENABLE=1]}
faults: ["silence,destination=telecom"]
until: 1h
expect:
"""


def holds(expectation: str, text: str = FILE) -> bool:
    (verdict,) = run(load(textwrap.dedent(text) + f"  - {expectation}\n")).verdicts
    return verdict.passed


@pytest.mark.parametrize(
    ("instant", "same"),
    [("4s", True), ("4.0004", True), ("3.9996", True), ("4.0006", False), ("3.9994", False), ("4.001", False)],
)
def test_instants_are_compared_to_the_millisecond(instant: str, same: bool) -> None:
    assert holds(f"{{requests: [{instant}]}}") is same


@pytest.mark.parametrize(
    ("claim", "same"),
    [
        ("sent: 1..2", True), ("sent: 2..3", True), ("sent: ..2", True), ("sent: 2..", True),
        ("sent: ..1", False), ("sent: 3..", False), ("sent: 0..1", False), ("sent: 3..4", False),
        ("awake: 1h..2h", True), ("awake: 30min..1h", True), ("awake: ..3599.99", False), ("awake: 3600.01..", False),
        ("connected: 20s", True), ("connected: 20.00001", False), ("connected: 19.99999", False),
    ],
)  # fmt: skip
def test_both_ends_of_a_range_belong_to_it_and_nothing_beyond(claim: str, same: bool) -> None:
    assert holds(f"{{{claim}}}") is same


@pytest.mark.parametrize(
    ("span", "requests"),
    [
        ("since: 4s", "[0s]"),
        ("since: 3.999", "[0.001]"),
        ("since: 4.001", "[]"),
        ("at: 4s", "[4s]"),
        ("at: 3.999", "[]"),
        ("since: 4s, at: 4s", "[0s]"),
    ],
)
def test_what_happens_at_the_first_and_at_the_last_instant_of_a_span_belongs_to_it(span: str, requests: str) -> None:
    assert holds(f"{{{span}, requests: {requests}}}")


@pytest.mark.parametrize(
    ("span", "requests"),
    [
        ("", "[4s, 6s, 10s, 18s, 34s]"),
        ("since: 6s, at: 18s", "[0s, 4s, 12s]"),
        ("since: 6.001, at: 18s", "[3.999, 11.999]"),
        ("since: 6s, at: 17.999", "[0s, 4s]"),
    ],
)
def test_instants_count_from_the_beginning_of_the_span(span: str, requests: str) -> None:
    assert holds(f"{{module: meter{', ' if span else ''}{span}, requests: {requests}}}", REPEATED)


@pytest.mark.parametrize(
    ("span", "claim"),
    [
        ("since: 4s", "sent: 2"),
        ("since: 4.001", "sent: 0"),
        ("at: 4s", "sent: 2"),
        ("at: 3.999", "sent: 0"),
        ("since: 4s", "received: 2"),
        ("since: 4.001", "received: 0"),
        ("since: 4.001", "bytes: 0"),
        ("since: 4s", "bytes: 400.."),
        ("since: 10s, at: 40s", "awake: 30s"),
        ("since: 4s", "connected: 20s"),
        ("since: 14s", "connected: 10s"),
        ("since: 14s, at: 20s", "connected: 6s"),
        ("since: 24s", "connected: 0s"),
        ("since: 1s", "said: RDY"),
        ("at: 1s", "said: RDY"),
    ],
)
def test_what_is_counted_is_counted_within_the_span(span: str, claim: str) -> None:
    assert holds(f"{{{span}, {claim}}}")


@pytest.mark.parametrize("span", ["since: 1.001, at: 1.5", "at: 0.999"])
def test_what_was_said_outside_the_span_was_not_said(span: str) -> None:
    assert not holds(f"{{{span}, said: RDY}}")


@pytest.mark.parametrize(
    ("found", "same"), [("90000", True), ("90000.0004", True), ("90000.0006", False), ("89999..90001", True)]
)
def test_numbers_of_a_device_are_compared_as_closely(found: str, same: bool) -> None:
    assert holds(f"{{platform: cmdmp, device: {{lifetime: {found}}}}}") is same


ANSWERED_LATE = """
title: late
modules:
  - {{name: meter, model: BC260Y-CN, power: 59s, settings: [ATE0]}}
steps:
  - {{at: 50s, send: AT, answer: [RDY, "+CFUN: 1"], within: {within}}}
until: 2min
"""


@pytest.mark.parametrize(("within", "in_time"), [("10s", True), ("10.001", True), ("9.999", False)])
def test_an_answer_at_the_last_instant_that_it_may_come_is_in_time(within: str, in_time: bool) -> None:
    """The module is switched on at 59 s and speaks at 60 s: ten seconds after it was asked."""
    (verdict,) = run(load(ANSWERED_LATE.format(within=within))).verdicts
    assert verdict.passed is in_time
