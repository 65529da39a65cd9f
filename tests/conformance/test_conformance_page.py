"""docs/conformance.md says what the marked tests said, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import conformance
from tools.conformance_cases import CASES, TABLES

AGAIN = "run: pytest <the file> --conformance run.json && python -m tools.conformance run.json"
PASSING = "def test_a():\n    pass\n"
MARKED = (
    '@pytest.mark.conformance("TD_COAP_CORE_01", "TD_COAP_CORE_02", role="server", peer={"v1": "One", "v2": "Two"})\n'
)


@pytest.fixture(scope="module")
def marks() -> list[conformance.Mark]:
    return conformance.marks()


def test_every_marked_case_is_in_a_table_and_every_case_in_one_table(marks: list[conformance.Mark]) -> None:
    assert conformance.unknown(marks) == []
    assert len(CASES) == sum(len(table.cases) for table in TABLES)
    assert {mark.role for mark in marks} <= {*conformance.ROLES, "both"}


def test_every_marked_test_has_been_run(marks: list[conformance.Mark]) -> None:
    assert conformance.never_run(marks, conformance.load(conformance.KNOWN)["outcomes"]) == [], AGAIN


def test_the_page_is_what_the_marks_and_their_outcomes_make(marks: list[conformance.Mark]) -> None:
    text = conformance.PAGE.read_text(encoding="utf-8")
    assert conformance.page(text, marks, conformance.load(conformance.KNOWN)) == text, AGAIN


def test_a_mark_is_read_from_the_text_of_a_test(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_x.py").write_text(f"import pytest\n\n\n{MARKED}{PASSING}")
    (mark,) = conformance.marks(tmp_path / "tests")
    assert (mark.id, mark.cases) == ("tests/test_x.py::test_a", ("TD_COAP_CORE_01", "TD_COAP_CORE_02"))
    assert mark.peer == {"v1": "One", "v2": "Two"}


def outcome_of(case: str, peer: str, outcomes: dict[str, str]) -> str:
    mark = conformance.Mark(
        ("TD_COAP_CORE_01", "TD_COAP_CORE_02"), "server", {"v1": "One", "v2": "Two"}, "tests/x.py", "test_a"
    )
    (found,) = [one for one in conformance.shown([mark], outcomes) if (one.case, one.peer) == (case, peer)]
    return found.outcome


def test_what_was_skipped_or_is_absent_never_passes() -> None:
    ran = {"tests/x.py::test_a[v1-plain]": "passed", "tests/x.py::test_a[v2-plain]": "skipped"}
    assert outcome_of("TD_COAP_CORE_01", "One", ran) == "passed"
    assert outcome_of("TD_COAP_CORE_01", "Two", ran) == "not run"
    assert outcome_of("TD_COAP_CORE_01", "One", {}) == "not run"


def test_one_failure_among_the_parameters_is_a_failure() -> None:
    ran = {"tests/x.py::test_a[v1-plain]": "passed", "tests/x.py::test_a[v1-secure]": "failed"}
    assert outcome_of("TD_COAP_CORE_01", "One", ran) == "failed"


def test_a_parameter_that_names_a_case_speaks_for_that_case_alone() -> None:
    ran = {"tests/x.py::test_a[v1-TD_COAP_CORE_01]": "passed", "tests/x.py::test_a[v1-TD_COAP_CORE_02]": "failed"}
    assert outcome_of("TD_COAP_CORE_01", "One", ran) == "passed"
    assert outcome_of("TD_COAP_CORE_02", "One", ran) == "failed"


def test_a_run_replaces_what_it_ran_and_keeps_what_it_skipped() -> None:
    mark = conformance.Mark(("TD_COAP_CORE_01",), "server", None, "tests/x.py", "test_a")
    known = {"peers": {}, "outcomes": {"tests/x.py::test_a": "passed", "tests/gone.py::test_b": "passed"}}
    run = {"peers": {"libcoap": "4.3.1"}, "outcomes": {"tests/x.py::test_a": "skipped"}}
    assert conformance.merged(known, run, [mark]) == {
        "peers": {"libcoap": "4.3.1"}, "outcomes": {"tests/x.py::test_a": "passed"},
    }  # fmt: skip
    failed = {"peers": {}, "outcomes": {"tests/x.py::test_a": "failed"}}
    assert conformance.merged(known, failed, [mark])["outcomes"] == {"tests/x.py::test_a": "failed"}
    assert conformance.differences(known, failed) == ["tests/x.py::test_a: failed; the page has passed"]
    assert conformance.differences(known, run) == []
