"""House rules about the text of the sources: short functions, promises, and a source for every decision."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "nbtwin"
FILES = sorted(SOURCE.rglob("*.py"))
TEXTS = sorted((*FILES, *(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").rglob("*.py")))

LONGEST_FUNCTION = 60
# What is longer than that today. An entry goes when its function has shrunk; the test fails when one stays behind.
LONG_FUNCTIONS: dict[str, int] = {}

# Decisions of docs/decisions.md that no source line or no test names yet. These lists may only shrink.
NOT_IN_SOURCE: set[str] = set()
NOT_IN_TESTS: set[str] = set()


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_functions_are_short() -> None:
    long = {}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                lines = node.end_lineno - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    long[f"{name_of(path)}::{node.name}"] = lines
    assert set(long) == set(LONG_FUNCTIONS), f"longer than {LONGEST_FUNCTION} lines: {long}"
    assert all(lines <= LONG_FUNCTIONS[name] for name, lines in long.items()), f"it grew: {long}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_no_comprehension_goes_through_what_has_no_end(path: Path) -> None:
    """A compiled generator expression is a list: it would take all memory there is."""
    endless = [
        comprehension.iter.lineno
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.GeneratorExp | ast.ListComp | ast.SetComp | ast.DictComp)
        for comprehension in node.generators
        if isinstance(comprehension.iter, ast.Call)
        and ast.unparse(comprehension.iter.func).rpartition(".")[2] in ("count", "cycle", "repeat")
    ]
    assert not endless, f"{name_of(path)}: lines {endless}"


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_every_module_says_what_it_knows(path: Path) -> None:
    text = path.read_text()
    assert not text.strip() or ast.get_docstring(ast.parse(text)), f"{name_of(path)} opens with no docstring"


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_nothing_is_promised_for_later(path: Path) -> None:
    words = "|".join(("TO" + "DO", "FIX" + "ME"))
    found = re.search(rf"\b({words})", path.read_text())
    assert not found, f"{name_of(path)} says {found[0]}"  # type: ignore[index]


@pytest.mark.parametrize("path", sorted((ROOT / "tests").rglob("*.py")), ids=name_of)
def test_no_test_sleeps(path: Path) -> None:
    """Virtual time, or a wait for something that is said; never for the wall clock."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "sleep":
            pause = node.args[0] if node.args else None  # an expression is a deadline that an engine has named
            guessed = isinstance(pause, ast.Constant) and pause.value != 0
            clock = isinstance(node.func.value, ast.Name) and node.func.value.id in ("time", "asyncio")
            assert not (clock and guessed), f"{name_of(path)}:{node.lineno} sleeps"


def decisions() -> set[str]:
    rows = re.findall(r"^\| (D\d+) \|", (ROOT / "docs" / "decisions.md").read_text(), re.MULTILINE)
    assert len(rows) == len(set(rows)), "a number stands twice"
    return set(rows)


def cited_under(folder: str) -> set[str]:
    here = Path(__file__)
    texts = (
        path.read_text() for kind in ("*.py", "*.at", "*.yaml") for path in (ROOT / folder).rglob(kind) if path != here
    )
    return {number for text in texts for number in re.findall(r"\bD\d+\b", text)}


@pytest.mark.parametrize(("folder", "not_yet"), [("src", NOT_IN_SOURCE), ("tests", NOT_IN_TESTS)])
def test_every_decision_is_cited(folder: str, not_yet: set[str]) -> None:
    missing = decisions() - cited_under(folder)
    assert missing - not_yet == set(), f"no line under {folder} cites them"
    assert not_yet - missing == set(), "cited by now: take them off the list"


@pytest.mark.parametrize("folder", ["src", "tests"])
def test_no_decision_is_cited_that_does_not_exist(folder: str) -> None:
    assert {number for number in cited_under(folder) if 0 < int(number[1:]) < 100} <= decisions()


def committed() -> list[Path]:
    skipped = {
        ".git",
        ".mutants",
        "node_modules",
        "__pycache__",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".hypothesis",
        ".coverage",
    }
    return sorted(
        p
        for p in ROOT.rglob("*")
        if p.is_file() and not any(part in skipped or part.startswith(".venv") for part in p.relative_to(ROOT).parts)
    )


def test_no_file_names_a_package_index_or_a_path_of_one_machine() -> None:
    """The lock works with whatever index pip is set to; a path of ours means nothing elsewhere."""
    suspicious = re.compile(r"pypi\.org|pythonhosted|registry\.npmjs|/" r"work/(main|shared)|/root/")
    for path in committed():
        if path.suffix in {".py", ".md", ".toml", ".lock", ".yaml", ".at", ".txt", ".html", ".js", ".json", ".ftl", ""}:
            found = suspicious.search(path.read_text(errors="replace"))
            assert not found or path == Path(__file__), f"{name_of(path)} names {found[0] if found else ''}"
