"""The acceptance test: our modules show every clause, and a wrong module fails exactly its clause (D194, D195)."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
import yaml

from nbtwin.check.acceptance.acceptance import Acceptance, AcceptError, AcceptRefusal, Outcome, accept, clauses_for
from nbtwin.check.acceptance.clauses import OPERATORS, Subject, scenario_of
from nbtwin.check.acceptance.told import condition_of, evidence_of, page, why_of
from nbtwin.engine import DAY, HOUR
from nbtwin.module.profile import Profile
from nbtwin.profiles.models import PROFILES, profile
from nbtwin.selfreg.schedule import Operator, RoundSchedule, Schedule


def subject(model: str, **given: str) -> Subject:
    return Subject(profile=profile(model), **given)


def failed(made: Acceptance) -> list[str]:
    return [each.clause.id for each in made.of(Outcome.FAILED)]


@pytest.mark.parametrize(
    ("operator", "model"),
    [("telecom", "BC260Y-CN"), ("telecom", "BC25"), ("unicom", "BC25"), ("mobile", "BC95 R2.0"), ("andlink", "BC28")],
)
def test_our_modules_show_every_clause(operator: str, model: str) -> None:
    made = accept(operator, subject(model))
    assert failed(made) == []
    assert len(made.of(Outcome.PASSED)) >= 10
    assert len(made.imei) == 15
    assert made.iccid.startswith("8986")


def changed(model: str, operator: Operator, **fields: object) -> Profile:
    """A module whose schedule is another."""
    made = profile(model)
    schedule = replace(made.schedules[operator], **fields)  # type: ignore[arg-type]
    return replace(made, schedules={**made.schedules, operator: schedule})


WRONG = [
    ("telecom", "the first wait", changed("BC25", Operator.TELECOM, waits=(2, 6, 12, 24, 48)), ["TEL-03"]),
    ("telecom", "one attempt too few", changed("BC25", Operator.TELECOM, rounds=2), ["TEL-05"]),
    ("telecom", "half an hour", changed("BC25", Operator.TELECOM, hold_off=HOUR / 2), ["TEL-06"]),
    ("telecom", "updates that nobody asks for", changed("BC25", Operator.TELECOM, update_every=30 * DAY), ["TEL-07"]),
    ("unicom", "31 days", changed("BC25", Operator.UNICOM, update_every=31 * DAY), ["UNI-07"]),
    ("unicom", "four attempts", changed("BC25", Operator.UNICOM, rounds=4), ["UNI-05"]),
    ("mobile", "the last packet", changed("BC260Y-CN", Operator.MOBILE, waits=(2, 4, 8, 16, 98)), ["MOB-03"]),
]


@pytest.mark.parametrize(("operator", "what", "wrong", "clauses"), WRONG, ids=[f"{o}: {w}" for o, w, *_ in WRONG])
def test_a_wrong_module_fails_exactly_its_clause(operator: str, what: str, wrong: Profile, clauses: list[str]) -> None:
    made = accept(operator, Subject(profile=wrong))
    assert failed(made) == clauses
    (result,) = made.of(Outcome.FAILED)
    assert [said for passed, said in evidence_of(result, "en") if not passed]


def test_a_right_module_is_not_blamed_for_what_the_users_fault_took() -> None:
    made = accept("mobile", subject("BC25"), ["MOB-05", "MOB-08"], ["loss,probability=0.3"])
    assert failed(made) == []
    left = made.of(Outcome.INCONCLUSIVE)
    assert left
    assert all(each.why is not None and each.why.fields["count"] > 0 for each in left)
    assert "because of loss,probability=0.3: it touched" in why_of(made, left[0], "en")
    assert page(made, "1.2.3", "2026-11-29", "zh").count("无法判定") >= 2  # in the table, and at the clause


def test_a_wrong_module_fails_under_the_users_fault_too() -> None:
    _, _, wrong, clauses = WRONG[0]
    made = accept("telecom", Subject(profile=wrong), ["TEL-03"], ["loss,probability=0.3"])
    assert failed(made) == clauses


def test_a_wrong_check_digit_is_the_strict_platforms_remark() -> None:
    made = accept("telecom", subject("BC25", imei="863703030822510"), ["TEL-01", "TEL-02"])
    assert failed(made) == ["TEL-02"]
    said = [condition_of(each, "en") for each in made.of(Outcome.FAILED)[0].conditions]
    assert any("check digit" in each for each in said)


def test_cards_vendor_code_and_firmware_are_the_users() -> None:
    given = {"imsi": "460110123456789", "vendor": "ACME", "firmware": "BC25PAR01A77", "imei": "863703030822519"}
    made = accept("telecom", subject("BC25", **given), ["TEL-02"])
    assert failed(made) == []
    assert (made.imsi, made.firmware, made.imei) == ("460110123456789", "BC25PAR01A77", "863703030822519")
    other = accept("telecom", subject("BC25", iccid="89860118245001234567"), ["TEL-02"])
    assert failed(other) == ["TEL-02"]  # Unicom's ICCID


def test_a_table_has_its_clauses_once_in_both_languages_with_their_source() -> None:
    for operator in OPERATORS:
        for model in [each for each in PROFILES if operator in _operators(each)][:1]:
            clauses = clauses_for(operator, subject(model))
            assert len({clause.id for clause in clauses}) == len(clauses)
            for clause in clauses:
                assert clause.title.en
                assert any("\u4e00" <= letter <= "\u9fff" for letter in clause.title.zh)
                assert clause.document.startswith("DOC-")
                assert clause.chapter
                assert clause.holds or clause.fields.get("expect") or "answer" in yaml.safe_dump(clause.fields)
                scenario_of(clause)  # it can be read


def _operators(model: str) -> list[str]:
    made = profile(model)
    return [*map(str, made.schedules), *(["andlink"] if made.andlink else [])]


def test_a_clause_or_a_model_that_there_is_not_is_refused() -> None:
    with pytest.raises(AcceptError) as raised:
        clauses_for("telecom", subject("BC25"), ["TEL-99"])
    assert raised.value.code is AcceptRefusal.CLAUSE_UNKNOWN
    with pytest.raises(AcceptError) as raised:
        clauses_for("unicom", subject("BC26"))
    assert raised.value.code is AcceptRefusal.NO_COLUMN
    for other in (subject("BC25", imsi="460040123456789"), subject("BC25", plmn="46001")):
        with pytest.raises(AcceptError) as raised:
            clauses_for("telecom", other)
        assert raised.value.code is AcceptRefusal.OTHER_CARD


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_report_is_one_page_with_a_cover_every_clause_and_its_picture(language: str) -> None:
    made = accept("telecom", subject("BC25"), ["TEL-01", "TEL-03"])
    told = page(made, "1.2.3", "2026-11-29", language)
    places = [told.index(each) for each in ("nb-cover", "TEL-01", "TEL-03")]
    assert all(one < other for one, other in pairwise(places))
    for part in (made.imei, made.iccid, made.firmware, "QUE", "1.2.3", "2026-11-29", "<svg "):
        assert part in told
    assert "http" not in told.replace("http://www.w3.org/2000/svg", "")
    assert told == page(made, "1.2.3", "2026-11-29", language)


def test_numbers_of_the_tables_are_not_those_of_our_profiles() -> None:
    """D194: they are printed in the table, so that a wrong profile fails."""
    schedules: list[Schedule] = [profile("BC25").schedules[Operator.TELECOM]]
    assert isinstance(schedules[0], RoundSchedule)
    (clause,) = clauses_for("telecom", Subject(profile=WRONG[0][2]), ["TEL-03"])
    assert clause.holds[0].packets == [0, 3, 9, 21, 45]
