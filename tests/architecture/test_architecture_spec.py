"""The pages under docs/spec say what the code does, and what cites them cites a chapter that exists."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import pytest

from nbtwin.profiles.models import PROFILES
from nbtwin.selfreg.cmdmp import encrypt, key_of
from nbtwin.selfreg.schedule import Operator

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
SPEC = DOCS / "spec"
CITING = sorted(
    path
    for folder in ("src", "tests", "examples", "benchmarks", "tools")
    for kind in ("*.py", "*.yaml", "*.at", "*.js")
    for path in (ROOT / folder).rglob(kind)
    if path != Path(__file__) and "vendor" not in path.parts
)


def headings_of(page: Path) -> set[str]:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return set(re.findall(r"^##+ (.+)$", text, re.MULTILINE))


def unwrapped(path: Path) -> str:
    """One line: a citation may go on in the next line, behind its # or without one."""
    return re.sub(r"\s*\n\s*(?:#+:? ?|// ?)?", " ", path.read_text(encoding="utf-8"))


def citations(path: Path) -> Iterator[tuple[str, str]]:
    """Each page of docs/spec that is cited, with what follows it."""
    yield from re.findall(r"docs/spec/(\w+\.md)([^\n]{0,80})", unwrapped(path))


def cites_a_chapter(rest: str, headings: set[str]) -> bool:
    """`, Heading`, and the heading ends where a word does."""
    return any(re.match(rf", {re.escape(heading)}(?!\w)", rest) for heading in headings)


def test_a_chapter_is_told_from_what_is_none() -> None:
    headings = {"CMDMP", "CMDMP names"}
    assert cites_a_chapter(", CMDMP names; D19)", headings)
    assert cites_a_chapter(", CMDMP.", headings)
    assert not cites_a_chapter("; D19)", headings)
    assert not cites_a_chapter(", CMDMPs", headings)


def test_every_chapter_that_is_cited_exists() -> None:
    headings = {page.name: headings_of(page) for page in SPEC.glob("*.md")}
    cited = [(path, page, rest) for path in CITING for page, rest in citations(path)]
    assert {page for _, page, _ in cited} == {"at.md", "registration.md", "wire.md"}
    wrong = [
        f"{path.relative_to(ROOT)}: docs/spec/{page}{rest[:30]}"
        for path, page, rest in cited
        if not cites_a_chapter(rest, headings[page])
    ]
    assert not wrong, "no such chapter:\n" + "\n".join(wrong)


def remarks(path: Path) -> str:
    """Comments and docstrings; of what is no Python everything."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py" or ".md" not in text:
        return text
    prose = [
        node.value.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
    ]
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return "\n".join((*prose, *(token.string for token in tokens if token.type == tokenize.COMMENT)))


def test_every_page_that_is_cited_is_a_page_of_the_project() -> None:
    """By its whole path, so that it can be opened from there."""
    wrong = [
        f"{path.relative_to(ROOT)} cites {page}"
        for path in CITING
        for page in re.findall(r"(?<![\w/.-])((?:[\w-]+/)*[\w-]+\.md)\b", remarks(path))
        if not (ROOT / page).exists()
    ]
    assert not wrong, "\n".join(wrong)


def rows_under(page: Path, heading: str) -> list[list[str]]:
    """The cells of the first table of a chapter."""
    (chapter,) = re.findall(
        rf"^#+ {re.escape(heading)}\n(.*?)(?=^#|\Z)", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in chapter.splitlines() if line[:1] == "|"]
    return [row for row in rows if not set("".join(row)) <= set("-")]


@pytest.mark.parametrize("page", ["wire.md", "wire.zh-CN.md"])
def test_the_vectors_of_the_page_are_those_of_the_cipher(page: str) -> None:
    heading = "CMDMP test vectors" if page == "wire.md" else "CMDMP 测试向量"
    (_, first, key), (_, _, empty), *texts = rows_under(SPEC / page, heading)[1:]
    password = first.strip("`")
    assert (key_of(password).hex(), key_of("").hex()) == (key.strip("`"), empty.strip("`"))
    assert len(texts) == 6
    for text, _, secret in texts:
        assert encrypt(text.strip("`"), key_of(password)) == secret.strip("`")


COLUMNS = (  # of the table of schedules: who, and by which models
    (Operator.TELECOM, ("BC260Y-CN",)),
    (Operator.TELECOM, ("BC25", "BC25-B5")),
    (Operator.UNICOM, ("BC25",)),
    (Operator.MOBILE, ("BC25", "BC25-B8", "BC32", "BC32-B8")),
    (Operator.MOBILE, ("BC260Y-CN",)),
    (Operator.MOBILE, ("BC35-G", "BC28", "BC95 R2.0", "BC26", "BC20")),
)


@pytest.mark.parametrize("column", range(len(COLUMNS)), ids=lambda column: f"{COLUMNS[column][0]}-{column}")
def test_the_schedules_of_the_page_are_those_of_the_profiles(column: int) -> None:
    table = {row[0]: row[1:] for row in rows_under(SPEC / "registration.md", "Schedules")}
    operator, models = COLUMNS[column]
    assert re.split(", ", table["models"][column]) == list(models)
    assert {name for name, profile in PROFILES.items() if operator in profile.schedules} == {
        name for other, names in COLUMNS if other is operator for name in names
    }
    same_as = {"as Telecom": 1, "as DOC-D (D13, D57)": 3}
    told = table["packets leave at"][same_as.get(table["packets leave at"][column], column)]
    for model in models:
        schedule = PROFILES[model].schedules[operator]
        sent = [0, *accumulate(schedule.waits)]
        assert [int(number) for number in re.findall(r"\d+", told.partition("(")[0])] == sent[:-1]
        assert int(re.findall(r"\d+", table["verdict at"][column])[0]) == sent[-1]
        assert int(re.findall(r"\d+", table["rounds"][column])[0]) == getattr(schedule, "rounds", 1)
