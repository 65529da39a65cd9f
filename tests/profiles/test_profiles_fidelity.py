"""The fidelity pages: everything is on one, nothing is without a source, no source is made up."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nbtwin.at.command import ByType
from nbtwin.at.known import Basis, sources
from nbtwin.cli.profile_table import calls_of, schedule_fields, sheet_of
from nbtwin.module.profile import Profile
from nbtwin.profiles.models import PROFILES
from nbtwin.profiles.rules import CHAPTERS, DOCUMENTS, RULES
from tools.fidelity import FROM_MANUALS, all_statements, pages

ROOT = Path(__file__).parents[2]
every_model = pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.model)
STATEMENTS = list(all_statements())


def test_nothing_on_a_page_is_blank() -> None:
    for page, heading, row in STATEMENTS:
        assert sources(row.known), f"{page} {heading}: {row}"  # raises for a blank and for what is no source
        assert row.what, f"{page} {heading}: {row}"
        assert row.says, f"{page} {heading}: {row}"


def test_no_cell_of_the_written_pages_is_blank() -> None:
    for name, text in pages().items():
        rows = [line for line in text.splitlines() if line.startswith("| ") and not line.startswith("| | |")]
        assert rows
        blank = [row for row in rows if any(not cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1])]
        assert not blank, f"{name}: {blank}"


@every_model
def test_every_value_of_a_profile_is_known_somehow(profile: Profile) -> None:
    for path in leaves(profile):
        assert sources(profile.known_by(path)), path


@pytest.mark.parametrize("document", DOCUMENTS)
def test_no_source_is_kept_for_a_value_that_is_gone(document: str) -> None:
    models = [profile for profile in PROFILES.values() if document in profile.documents]
    there = {"schedules", "gates"}
    for profile in models:
        there |= leaves(profile) | {f"cmdmp.<{name}>" for name in profile.cmdmp.parameters}
        if profile.extended is not None:
            there |= {f"extended.values.<{name}>" for row in profile.extended.values.values() for name, _ in row}
    there |= {path.rpartition(".")[0] for path in there}
    assert {path for profile in models for path in profile.known} - there == set()


def leaves(profile: Profile) -> set[str]:
    """Every value of a profile by where it stands; those of what it does not have by the name of the whole."""
    found = {
        f"schedules.{operator}.{name}" for operator, s in profile.schedules.items() for name, _ in schedule_fields(s)
    }
    for section, rows in sheet_of(profile).items():
        if section not in ("commands", "schedules"):
            found |= {name if section == "model" else f"{section}.{name}" for name in rows if not name.isdigit()}
    return found


@every_model
def test_every_command_of_a_model_is_on_a_page_with_each_form_and_field(profile: Profile) -> None:
    said = {(heading, row.what.partition(" (")[0]) for _, heading, row in STATEMENTS}
    for command in profile.commands:
        wanted = {f"{form} form" for form in calls_of(command)}
        if isinstance(command.write, ByType):
            wanted |= {f"type {kind}" for kind in command.write.rows}
            wanted |= {
                f"type {kind} <{field.name}>" for kind, row in command.write.rows.items() for field in row.fields
            }
        elif command.write is not None:
            wanted |= {f"<{field.name}>" for field in command.write.fields}
        assert {what for what in wanted if (f"AT{command.name}", what) not in said} == set(), command.name


def test_every_decision_is_on_a_page() -> None:
    decided = set(re.findall(r"^\| (D\d+) \|", (ROOT / "docs" / "decisions.md").read_text(), re.MULTILINE))
    named = {source.what for _, _, row in STATEMENTS for source in sources(row.known) if source.basis is Basis.DECISION}
    assert named == decided


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_chapter_that_asks_something_is_on_the_page_of_its_document(document: str) -> None:
    cited = {
        source.what.split()[1]
        for _, _, row in STATEMENTS
        for source in sources(row.known)
        if source.basis is Basis.DOCUMENT and source.what.startswith(document)
    }
    asking = set(CHAPTERS[document].split())
    assert asking - cited == set(), "nothing on any page comes from there"
    assert cited - asking <= {"1", "2"}, "there are no such chapters"


@pytest.mark.parametrize("letter", "abcde")
def test_what_a_profile_says_in_its_margin_its_page_says_too(letter: str) -> None:
    margin = (ROOT / "src" / "nbtwin" / "profiles" / f"doc_{letter}.py").read_text()
    cited = {number for comment in re.findall(r"#.*", margin) for number in re.findall(r"\bD\d+\b", comment)}
    found = pages()[f"fidelity-doc-{letter}.md"] + pages()["fidelity.md"]
    assert {number for number in cited if f"decision {number}" not in found} == set()


def test_rules_of_a_command_stand_beside_it() -> None:
    """A misspelled command would be a heading of its own, without forms."""
    for document, subjects in RULES.items():
        for subject in subjects:
            if subject.startswith("AT"):
                whats = {
                    row.what.partition(" (")[0]
                    for page, heading, row in STATEMENTS
                    if (page, heading) == (document, subject)
                }
                assert "write form" in whats, f"{document} has no {subject}"


def test_no_page_is_left_over() -> None:
    assert {path.name for path in (ROOT / "docs").glob("fidelity*.md")} == set(pages())


def test_commands_of_no_document_are_on_a_page_of_their_own() -> None:
    everyday = {heading for page, heading, _ in STATEMENTS if page == FROM_MANUALS}
    assert {"AT+CGATT", "AT+NRB", "AT+QRST", "ATE", "ATI"} <= everyday
    assert not any(heading.startswith(("AT+QLA", "AT+QDMP", "AT+DMP")) for heading in everyday)


def test_a_decision_about_one_value_stands_beside_that_value_alone() -> None:
    """D63 is about application blocks."""
    beside = {row.what for _, _, row in STATEMENTS if "D63" in row.known}
    assert beside == {"type 0 <APP_Info>", "rule"}


def test_a_row_that_names_a_command_of_27_007_cites_the_clause_of_that_command() -> None:
    clauses = {
        command.name: command.source
        for profile in PROFILES.values()
        for command in profile.commands
        if command.source.startswith("27.007")
    }
    for page, heading, row in STATEMENTS:
        cited = re.findall(r"27\.007 [\d.]*\d", row.known)
        wanted = {clauses[name] for name in re.findall(r"\+C[A-Z]+", row.says) if name in clauses}
        if wanted and cited and not heading.startswith("AT"):
            assert wanted <= set(cited), f"{page} {heading}: {row}"


def test_what_an_empty_server_is_said_to_do_is_what_it_does_on_that_model() -> None:
    """D4, D31: four behaviours, four texts, in `nbtwin explain` as well."""
    said: dict[str, set[str]] = {}
    for model, profile in PROFILES.items():
        (command,) = (c for c in profile.commands if c.name == profile.cmdmp.name)
        assert isinstance(command.write, ByType)
        said.setdefault(str(command.write.rows[1].meaning), set()).add(model)
    assert said == {
        "command-cmdmp-server-cleared": {"BC35-G", "BC28"},
        "command-cmdmp-server-whole": {"BC95 R2.0"},
        "command-cmdmp-server-default": {"BC26", "BC20"},
        "command-cmdmp-server-kept": {"BC260Y-CN", "BC25", "BC25-B5", "BC25-B8", "BC32", "BC32-B8"},
    }
