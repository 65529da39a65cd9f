"""A scenario file that cannot be run: one line, with the file, the line and the field, whatever is wrong with it."""

from __future__ import annotations

import re
import textwrap
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nbtwin.scenario.loading import load, places
from nbtwin.scenario.refusals import ScenarioError, ScenarioRefusal
from nbtwin.timeline.catalogue.errors import worded

GOOD = """
title: good
modules:
  - {name: meter, model: BC260Y-CN}
steps:
  - {at: 1h, send: AT, answer: OK}
expect:
  - {state: 6}
"""


LAUGHS = "a: &a [x, x]\n" + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 8)}]\n" for a, b in pairwise("abcdefgh"))
"""A few lines that unfold to millions of values."""


def problem(text: str) -> str:
    with pytest.raises(ScenarioError) as raised:
        load(textwrap.dedent(text), "file.yaml")
    assert "\n" not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize("nested", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000])
def test_what_is_nested_without_end_is_refused_at_the_depth_of_no_scenario(nested: str) -> None:
    assert "more than 50 levels in one another" in problem(f"title: x\nmodules:\n {nested}")


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("title: good", "titel: good", "file.yaml:2: titel: no such field; is it title?"),
        ("title: good", "", "file.yaml:1: a scenario needs title"),
        ("BC260Y-CN", "BC99", "file.yaml:4: modules[1].model: unknown model 'BC99'; the models are BC35-G"),
        ("name: meter", "nmae: meter", "file.yaml:4: modules[1].nmae: no such field; is it name?"),
        ("name: meter", "name: cmdmp", "file.yaml:4: modules[1].name: cmdmp is taken"),
        ("name: meter", "sim: orange", "file.yaml:4: modules[1].sim: 'orange' is none of mobile, telecom, unicom"),
        ("name: meter", "imei: 12", "file.yaml:4: modules[1].imei: '12' is not 15 digits"),
        ("name: meter", "nvram: {cmdmp: {sever: x}}", "file.yaml:4: modules[1].nvram: NVRAM has no cmdmp.sever"),
        ("at: 1h", "at: soon", "file.yaml:6: steps[1].at: 'soon' is not a span such as 90, 30min, 24h or 1d4h"),
        ("at: 1h", "at: -3", "file.yaml:6: steps[1].at: '-3' is not a span"),
        ("at: 1h", "at: 1h, after: 2h", "file.yaml:6: steps[1].after: at and after exclude each other"),
        ("send: AT", "note: x", "file.yaml:6: steps[1]: an answer needs the line that was sent"),
        (", send: AT, answer: OK", "", "file.yaml:6: steps[1]: nothing is done; a step is one of power, reset"),
        ("send: AT, answer: OK", "firmware: ''", "file.yaml:6: steps[1].firmware: it is empty"),
        ("name: meter", "firmware: ''", "file.yaml:4: modules[1].firmware: it is empty"),
        ("name: meter", "vendor: A-B", "file.yaml:4: modules[1]: vendor: 'A-B' is no vendor's code"),
        ("send: AT, answer: OK", "server: sideways", "file.yaml:6: steps[1].server: 'sideways' is none of down, up"),
        ("modules:", "platforms: [x]\nmodules:", "file.yaml:3: platforms[1]: 'x' is none of cmdmp, telecom, unicom"),
        ("send: AT", "send: AT, wake: true", "file.yaml:6: steps[1]: several things at once (wake, send)"),
        ("send: AT, answer: OK", "module: other, wake: true", "file.yaml:6: steps[1].module: there is no module other"),
        ("send: AT, answer: OK", "signal: 40", "file.yaml:6: steps[1].signal: rssi 40 is not 0-31 or 99"),
        ("send: AT, answer: OK", "server: down", "file.yaml:6: steps[1]: which platform? There is cmdmp, telecom"),
        ("send: AT, answer: OK", "fault: gremlins", "file.yaml:6: steps[1].fault: 'gremlins' is not a kind of fault"),
        ("send: AT, answer: OK", "fault: 'loss,probability=2'", "file.yaml:6: steps[1].fault: probability: '2' is not"),
        ("send: AT, answer: OK", "platform: cmdmp, refuses: 2.05", "file.yaml:6: steps[1].refuses: '2.05' is not"),
        ("state: 6", "state: 99", "file.yaml:8: expect[1].state: '99' is none of 0 INITIAL_STATE, 4 CONNECT_SUCCESS"),
        ("state: 6", "why: because", "file.yaml:8: expect[1]: nothing is expected; it may be state, registration"),
        ("state: 6", "state: 6, since: 1h", "file.yaml:8: expect[1].since: only requests, sent"),
        ("state: 6", "sent: 3, since: 2h, at: 1h", "file.yaml:8: expect[1].since: it lies after at"),
        ("state: 6", "sent: 5..3", "file.yaml:8: expect[1].sent: '5..3' ends before it starts"),
        ("state: 6", "device: {state: x}", "file.yaml:8: expect[1]: the inventory of several platforms: name one"),
        ("state: 6", "platform: cmdmp, device: {stat: x}", "file.yaml:8: expect[1].device.stat: no such field"),
        ("state: 6", "power: sideways", "file.yaml:8: expect[1].power: 'sideways' is none of off, booting, asleep, on"),
        ("  - {state: 6}", "  - {state: 6", "file.yaml:9: expected ',' or '}'"),
        ("title: good", "title: good\ntitle: twice", "file.yaml:3: title is given twice"),
        ("title: good", "\ttitle: good", "file.yaml:2: found character '\\t'"),
        ("modules:", "seed: x\nmodules:", "file.yaml:3: seed: expected a whole number, not text"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(old: str, new: str, says: str) -> None:
    assert old in GOOD
    assert problem(GOOD.replace(old, new, 1)).startswith(says)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            GOOD.replace("BC260Y-CN", "BC99").replace("state: 6", "stat: 6").replace("send: AT", "signal: 40"),
            [(4, "modules[1].model"), (6, "steps[1]"), (6, "steps[1].signal"), (8, "expect[1].stat")],
        ),
        (
            GOOD.replace("state: 6", "sent: x}\n  - {nothing: 1}\n  - {state: 6, since: 1h, module: other"),
            [(8, "expect[1].sent"), (9, "expect[2].nothing"), (10, "expect[3].since"), (10, "expect[3].module")],
        ),
        (
            GOOD.replace("steps:", "steps:\n  - 7\n  - {signal: 99, wake: true}\n  - {signal: 40}"),
            [(6, "steps[1]"), (7, "steps[2]"), (8, "steps[3].signal")],
        ),
        (GOOD.replace("name: meter", "nmae: meter, name: a, name: b, sim: x"), [(4, "name"), (4, "modules[1].nmae"),
                                                                              (4, "modules[1].sim")]),
        (GOOD.replace("  - {name: meter, model: BC260Y-CN}", "  - {name: a}\n  - {name: b, model: BC1}"),
         [(4, "modules[1]"), (5, "modules[2].model")]),
        ("title: x\nfoo: 2", [(1, "a scenario needs modules"), (2, "foo")]),
        ("modules: 3\nseed: x", [(1, "modules: expected a list"), (1, "a scenario needs title"), (2, "seed")]),
    ],
)  # fmt: skip
def test_all_mistakes_of_a_file_are_told_at_once_each_with_its_line(text: str, told: list[tuple[int, str]]) -> None:
    with pytest.raises(ScenarioError) as raised:
        load(text, "file.yaml")
    assert raised.value is raised.value.mistakes[0]
    assert len(raised.value.mistakes) == len(told)
    for mistake, (line, part) in zip(raised.value.mistakes, told, strict=True):
        assert str(mistake).startswith(f"file.yaml:{line}: {part}")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "file.yaml:1: expected a mapping of fields, not nothing"),
        ("- a", "file.yaml:1: expected a mapping of fields, not a list"),
        ("title: x\nmodules: []", "file.yaml:2: modules: at least one"),
        ("title: x\nmodules: [{model: BC25}, {model: BC25}]\nexpect: [{state: 0}]", "There is bc25, bc25-2"),
        ("title: x\nmodules: [{model: BC28}]\nsteps: [{at: 1h, reset: dog}]", "steps[1].reset: 'dog' is none of"),
        ("title: x\nmodules: [{model: BC25}]\nplatforms: [cmdmp, cmdmp]", "platforms[2]: cmdmp is there already"),
        ("title: x\nmodules: [{model: BC25}]\nplatforms: [{operator: telecom, keys: {a: b}}]", "knows no appkeys"),
        ("a: &a [*a]", "more than 200000 values, or one that contains itself"),
        (LAUGHS, "more than 200000 values"),
        ("!!python/object/apply:os.system [ls]", "could not determine a constructor"),
    ],
)  # fmt: skip
def test_files_of_another_shape_are_refused(text: str, says: str) -> None:
    assert says in problem(text)


@given(st.text(max_size=60) | st.binary(max_size=60))
@settings(max_examples=150)
def test_any_text_is_a_scenario_or_a_scenario_error(text: str | bytes) -> None:
    with suppress(ScenarioError):
        load(text)


def test_the_parts_of_a_file_know_their_lines() -> None:
    assert places(GOOD) == {"modules[1]": 4, "steps[1]": 6, "expect[1]": 8}


@pytest.mark.parametrize(
    ("more", "where"),
    [
        ("faults: ['loss,source=metre']\n", "faults[1]"),
        ("faults: [{kind: silence, destination: cmdpm}]\n", "faults[1]"),
        ("", "steps[2].fault"),
    ],
)
def test_a_fault_for_nobody_is_refused(more: str, where: str) -> None:
    """D134."""
    text = GOOD + more if more else GOOD.replace("expect:", "  - {at: 2h, fault: 'loss,source=metre'}\nexpect:")
    said = problem(text)
    assert where in said
    assert ("near it: cmdmp" if "cmdpm" in more else "near it: meter") in said
    load(text.replace("metre", "met*").replace("cmdpm", "117.161.2.41:*"))


def test_the_same_fault_is_read_from_a_line_and_from_a_mapping() -> None:
    line = load(GOOD + "faults: ['loss,packets=1+2,end=1h']\n").faults[0].fault
    mapping = load(GOOD + "faults: [{kind: loss, packets: [1, 2], end: 1h}]\n").faults[0].fault
    assert line == mapping


def test_a_message_says_what_a_person_calls_things() -> None:
    """No name of a Python class, no path of JSON."""
    for text in ("title: [x]", "title: x\nmodules: 3", "title: x\nmodules: [{model: [x]}]"):
        assert not re.search(r"Object|array|\$\.|Struct|`", problem(text)), problem(text)


def test_what_is_wrong_is_told_in_the_readers_language() -> None:
    """Of every code of this floor: no English sentence goes into it."""
    told = {
        GOOD.replace("title: good", ""): "场景缺少 title",
        GOOD.replace("name: meter", "nmae: meter"): "没有此字段；是否为 name？",
        GOOD.replace("name: meter", "sim: orange"): "“orange”不在可选值之内：mobile、telecom、unicom、none",
        GOOD.replace("send: AT", "send: AT, wake: true"): "一个步骤有多个动作（wake、send）",
        GOOD.replace("modules:", "seed: x\nmodules:"): "此处应为整数，而不是文本",
        GOOD.replace("answer: OK", "answer: 3"): "此处应为文本或列表，而不是数字",
        GOOD.replace("state: 6", "sent: 5..3"): "“5..3”的终点在起点之前",
        GOOD.replace("name: meter", "nvram: {cmdmp: {sever: x}}"): "NVRAM 没有 cmdmp.sever",
        GOOD.replace("at: 1h", "at: -3"): "“-3” 不是时长",
        "- a": "此处应为字段映射，而不是列表",
    }
    for text, says in told.items():
        with pytest.raises(ScenarioError) as raised:
            load(text)
        assert says in worded(raised.value, "zh")


def test_a_code_is_raised_for_each_thing_that_can_be_wrong() -> None:
    with pytest.raises(ScenarioError) as raised:
        load(GOOD.replace("sim", "").replace("name: meter", "sim: orange"))
    known = ["mobile", "telecom", "unicom", "none"]
    assert (raised.value.code, raised.value.fields) == (ScenarioRefusal.NONE_OF, {"value": "orange", "known": known})


def test_a_card_is_chosen_by_its_numbers() -> None:
    for sim, imsi, iccid in (("imsi=460010123456789", "460010123456789", "898601"), ("plmn=46011", "46011", "898611")):
        card = load(GOOD.replace("name: meter", f"name: meter, sim: '{sim}'")).modules[0].card.usim("meter")
        assert card is not None
        assert (card.imsi.startswith(imsi), card.iccid.startswith(iccid)) == (True, True)
    assert "460" in problem(GOOD.replace("name: meter", "name: meter, sim: 'imsi=460'"))
