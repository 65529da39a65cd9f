"""The checker passes on all virtual models, says of each case how it is known, and keeps the bytes."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import pytest

from nbtwin.check.runner import Result, Runner, chosen
from nbtwin.check.settings import settings_of
from nbtwin.check.steps import Need
from nbtwin.check.suite import scenes_of
from nbtwin.check.verdicts import Verdict
from nbtwin.check.virtual import VirtualBench
from nbtwin.check.words import case_in_words
from nbtwin.profiles.models import PROFILES

every_model = pytest.mark.parametrize("model", PROFILES)


@cache
def checked(model: str) -> Result:
    profile = PROFILES[model]
    return Runner(profile, VirtualBench(profile), settings=settings_of(profile)).run(scenes_of(profile))


@every_model
def test_every_case_passes_on_the_virtual_model(model: str) -> None:
    result = checked(model)
    wrong = {each.case.name: (each.code, each.fields) for each in result.outcomes if each.verdict is not Verdict.PASS}
    assert wrong == {}
    assert len(result.outcomes) > 350
    never_set = ["LWM2M/DeviceType"] if PROFILES[model].andlink else []  # no command takes it back (D189)
    assert [each.name for each in result.unrestored] == never_set
    assert result.ended is None


@pytest.mark.parametrize(
    "fault",
    [
        "serial_split,probability=0.2,spread=2ms",
        "serial_urc,probability=0.2,places=after,text=+CGEV: NW DETACH",
        "serial_slow,percent=90",
    ],
)
@pytest.mark.parametrize("model", ["BC28", "BC26", "BC25"])
def test_what_the_documents_allow_a_line_changes_no_verdict(model: str, fault: str) -> None:
    """Characters in two pieces, URCs behind an answer, answers that wait for the network as long as they may."""
    profile = PROFILES[model]
    bench = VirtualBench(profile, faults=[fault])
    scenes = scenes_of(profile)
    if "slow" in fault:  # an answer that the line holds back is no moment from which packets are counted
        scenes = chosen(scenes, lambda case: not case.name.startswith(("schedule/", "urc/", "start/")))
    result = Runner(profile, bench, settings=settings_of(profile)).run(scenes)
    wrong = {each.case.name: (each.code, each.fields) for each in result.outcomes if each.verdict is not Verdict.PASS}
    wrong.pop("time/0.3s", None)  # AT+CMEE? is in no document's list: 5 s are assumed of it (D143)
    assert wrong == {}


@every_model
def test_each_case_has_a_name_of_its_own_a_sentence_in_both_languages_and_a_source(model: str) -> None:
    cases = [case for scene in scenes_of(PROFILES[model]) for case in scene.cases]
    assert [name for name, times in Counter(case.name for case in cases).items() if times > 1] == []
    for case in cases:
        assert case.sources
        for language in ("en", "zh"):
            assert not case_in_words(case, language).startswith(case.says), case.name


@every_model
def test_a_passed_case_keeps_the_bytes_and_their_times(model: str) -> None:
    outcome = next(each for each in checked(model).outcomes if each.case.name == "line/AT")
    assert [(heard.way, heard.data) for heard in outcome.evidence] == [
        ("to", b"AT\r"),
        ("from", b"AT\r\r\nOK\r\n"),
    ]
    assert outcome.evidence[0].at > 0


@every_model
def test_what_only_reads_comes_before_the_first_write(model: str) -> None:
    """D188."""
    needs = [scene.needs for scene in scenes_of(PROFILES[model])]
    first = next(place for place, need in enumerate(needs) if Need.WRITES in need)
    assert all(need for need in needs[first:])
    assert all(not need for need in needs[:first])


@every_model
def test_a_scene_that_a_real_module_plays_writes_no_server_of_an_operator(model: str) -> None:
    """D188: what is written as a server is nobody's address or name."""
    profile = PROFILES[model]
    lines = [
        heard.data.decode()
        for outcome in checked(model).outcomes
        for heard in outcome.evidence
        if heard.way == "to" and outcome.case.name.startswith(("takes/", "kept/", "blanks/", "erases/"))
    ]
    servers = [line for line in lines if re.match(rf"AT{re.escape(profile.cmdmp.name)}=1,[^ ,]", line)]
    assert servers
    for line in servers:
        assert "192.0.2." in line or "nobody.example" in line, line
