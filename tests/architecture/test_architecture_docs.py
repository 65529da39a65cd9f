"""The documentation says what the tables and the code say."""

import ast
import itertools
import re
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from running import nbtwin

import nbtwin as package
from nbtwin.cli.profile_table import differences, sheet_of
from nbtwin.profiles import doc_c
from nbtwin.profiles.rules import RULES
from tools.pages import pages

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
WRITTEN = sorted((*ROOT.glob("*.md"), *DOCS.rglob("*.md")))
COMMANDS = (
    "demo", "up", "module", "platform", "models", "explain", "at", "run", "cost", "nvram", "firmware", "db", "token",
    "bench",
)  # fmt: skip
NAMING = [ROOT / "README.md", *DOCS.glob("tour*.md"), DOCS / "architecture.md", DOCS / "fidelity.md"]


@pytest.mark.parametrize("path", pages())
def test_generated_pages_are_up_to_date(path: str) -> None:
    assert (DOCS / path).read_text(encoding="utf-8") == pages()[path], "run: make docs"


def test_each_rule_has_its_chinese_and_no_chinese_is_left_over() -> None:
    table = tomllib.loads((ROOT / "tools/rules.zh.toml").read_text(encoding="utf-8"))
    rules = {rule.says for subjects in RULES.values() for rules in subjects.values() for rule in rules}
    assert set(table["rules"]) == rules, "tools/rules.zh.toml has the Chinese of src/nbtwin/profiles/rules*.py"


def test_no_page_of_a_model_is_left_over() -> None:
    assert {f"models/{path.name}" for path in (DOCS / "models").glob("*.md")} <= set(pages())


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text(encoding="utf-8")):
        assert target.startswith("http") or (path.parent / target).exists(), f"{path.name} links to {target}"


@cache
def places_in(path: Path) -> set[str]:
    """The headings of a page as links name them: small letters, hyphens, no punctuation."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_links_into_a_page_lead_to_a_heading(path: Path) -> None:
    for page, place in re.findall(r"\]\(((?!http)[^)#]*)#([^)]+)\)", path.read_text(encoding="utf-8")):
        target = path.parent / page if page else path
        places = defined_in(target) if target.suffix == ".py" else places_in(target)
        assert place in places, f"{path.name} links to {page}#{place}"


@pytest.mark.parametrize("path", NAMING, ids=lambda path: path.name)
def test_files_that_are_named_exist(path: Path) -> None:
    for name in re.findall(r"`((?:src|tests|docs|scripts|examples)/[\w./-]+)`", path.read_text(encoding="utf-8")):
        assert (ROOT / name).exists(), f"{path.name} names {name}"


@cache
def defined_in(path: Path) -> set[str]:
    """Functions and classes, and methods behind their class's name."""
    found = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {f"{node.name}.{inner.name}" for inner in node.body if isinstance(inner, ast.FunctionDef)}
    return found


@pytest.mark.parametrize("path", NAMING, ids=lambda path: path.name)
def test_functions_that_are_named_stand_in_their_files(path: Path) -> None:
    """`name` in `file`, or 中的 the other way round."""
    text = path.read_text(encoding="utf-8")
    pairs = re.findall(r"`([\w.]+)`\s+in\s+`(src/[\w/]+\.py)`", text)
    pairs += [(name, file) for file, name in re.findall(r"`(src/[\w/]+\.py)` 中的 `([\w.]+)`", text)]
    assert pairs or not path.name.startswith("tour")
    for name, file in pairs:
        assert name in defined_in(ROOT / file), f"{path.name} looks for {name} in {file}"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_in_the_readme_or_the_help(command: str) -> None:
    assert re.search(rf"^  {command} ", nbtwin("--help").stdout, re.MULTILINE), f"nbtwin has no {command}"
    assert (
        f"nbtwin {command}" in (ROOT / "README.md").read_text() or f"make {command}" in (ROOT / "README.md").read_text()
    )


def test_the_version_is_in_one_place_and_in_the_changelog() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert "version" not in project["project"]
    assert project["tool"]["hatch"]["version"]["path"] == "src/nbtwin/__init__.py"
    sections = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert package.__version__ == next(name for name in sections if name != "Unreleased")


def test_a_twelfth_model_is_what_contributing_says_it_is() -> None:
    """CONTRIBUTING's own lines, executed: one range differs, on the sheet and nowhere else."""
    (lines,) = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)
    names: dict[str, Any] = {**vars(doc_c), "replace": replace}
    exec(lines, names)
    rows = [*differences(sheet_of(doc_c.BC260Y_CN), sheet_of(names["BC99"]))]
    changed = {(row.section, row.name) for row in rows}
    assert changed == {
        ("model", "model"),
        ("model", "firmware"),
        ("commands", "AT+QDMPCFG=1"),
        ("cmdmp", "ports"),
    }, rows


def wanted() -> list[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"].values()
    listed = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"], *itertools.chain(*extras)]
    return [re.split("[><=]", name)[0] for name in listed]


@pytest.mark.parametrize("name", wanted())
def test_every_direct_dependency_has_its_reason(name: str) -> None:
    reasons = (DOCS / "dependencies.md").read_text()
    assert f"`{name}`" in reasons or f"`-{name.partition('-')[2]}`" in reasons


def test_the_lock_has_every_direct_dependency_and_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    assert "://" not in lock
    locked = {line.partition("==")[0].lower().replace("_", "-") for line in lock.splitlines() if "==" in line}
    assert {name.lower() for name in wanted()} <= locked
