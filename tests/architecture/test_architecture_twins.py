"""The Chinese pages say what the English ones say: the same headings, code blocks, commands and links, as many rows."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TWINS = sorted((*ROOT.glob("*.zh-CN.md"), *(ROOT / "docs").rglob("*.zh-CN.md")))
READ_BY_USERS = (
    "acceptance", "andlink", "api", "architecture", "captures", "ci", "commands", "console", "decisions", "fidelity",
    "glossary", "judge", "operating", "scenarios", "tour", "at", "registration", "versions", "wire",
)  # fmt: skip

COMMAND = re.compile(r"(\$ )?(nbtwin|curl|make|printf|tshark|AT|[A-Z_]+=)")
QUOTED_COMMAND = re.compile(r"`((?:nbtwin|curl|make|tshark|GET|POST|PUT|DELETE)\b[^`]*|AT[+A-Z][^`]*)`")
SOURCE = re.compile(r"`(src/[\w/.]+)`")
FENCED = re.compile(r"^ *```.*?\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"(?<=\n\n)(?:^ {4,}\S.*\n(?:[ ]*\n(?= {4,}\S))?)+", re.MULTILINE)
LINK = re.compile(r"\]\(([^)#]+)[^)]*\)")


def names(path: Path) -> str:
    return path.name


def english_of(twin: Path) -> Path:
    return twin.with_name(twin.name.replace(".zh-CN", ""))


def without_code(text: str) -> str:
    return INDENTED.sub("", FENCED.sub("", text))


def blocks_of(path: Path) -> list[str]:
    """What stands between fences, and what is indented outside of them."""
    text = path.read_text(encoding="utf-8")
    return [*FENCED.findall(text), *INDENTED.findall(FENCED.sub("", text))]


def commands_of(block: str) -> list[str]:
    """What somebody would type; what stands behind two spaces is a remark."""
    lines = (re.split(r" {2,}", line.strip())[0] for line in block.splitlines())
    return [line for line in lines if COMMAND.match(line)]


def plain_links(path: Path) -> set[str]:
    """Where a page leads, the twin of a page counting as the page."""
    own = {path.name, path.name.replace(".zh-CN.md", ".md"), path.name.replace(".md", ".zh-CN.md")}
    links = {link.replace(".zh-CN.md", ".md") for link in LINK.findall(path.read_text(encoding="utf-8"))}
    return {link for link in links if not link.endswith((".png", ".svg"))} - own


def test_the_pages_that_users_read_have_twins() -> None:
    assert {f"{name}.zh-CN.md" for name in (*READ_BY_USERS, "README")} <= {path.name for path in TWINS}


@pytest.mark.parametrize("twin", TWINS, ids=names)
def test_each_of_the_two_leads_to_the_other_at_its_top(twin: Path) -> None:
    for path, other in ((twin, english_of(twin)), (english_of(twin), twin)):
        top = "\n".join(path.read_text(encoding="utf-8").splitlines()[:12])
        assert f"]({other.name})" in top, f"{path.name} does not lead to {other.name}"


@pytest.mark.parametrize("twin", TWINS, ids=names)
def test_twins_have_the_same_headings(twin: Path) -> None:
    levels = [
        re.findall(r"^#+(?= )", without_code(path.read_text(encoding="utf-8")), re.MULTILINE)
        for path in (english_of(twin), twin)
    ]
    assert levels[0] == levels[1]


@pytest.mark.parametrize("twin", TWINS, ids=names)
def test_twins_have_the_same_commands_in_as_many_code_blocks(twin: Path) -> None:
    english, chinese = blocks_of(english_of(twin)), blocks_of(twin)
    assert len(english) == len(chinese)
    for one, other in zip(english, chinese, strict=True):
        assert commands_of(one) == commands_of(other)


@pytest.mark.parametrize("twin", TWINS, ids=names)
def test_twins_name_the_same_commands_and_files_and_lead_to_the_same_pages(twin: Path) -> None:
    english = english_of(twin)
    for named in (QUOTED_COMMAND, SOURCE):
        one, other = (set(named.findall(path.read_text(encoding="utf-8"))) for path in (english, twin))
        assert one == other
    assert plain_links(english) == plain_links(twin)


@pytest.mark.parametrize("twin", TWINS, ids=names)
def test_twins_have_as_many_rows(twin: Path) -> None:
    rows = [
        len(re.findall(r"^\|", path.read_text(encoding="utf-8"), re.MULTILINE)) for path in (english_of(twin), twin)
    ]
    assert rows[0] == rows[1]


def test_a_chinese_page_leads_to_chinese_pages() -> None:
    for path in TWINS:
        for link in set(LINK.findall(path.read_text(encoding="utf-8"))):
            target = path.parent / link
            twin = target.with_suffix("").with_suffix(".zh-CN.md")
            if target.suffix == ".md" and ".zh-CN" not in link and target.name != english_of(path).name:
                assert not twin.exists(), f"{path.name} leads to {link}, which has a twin"


def test_the_numbers_of_decisions_are_the_same() -> None:
    pages = [ROOT / "docs" / name for name in ("decisions.md", "decisions.zh-CN.md")]
    numbers = [re.findall(r"^\| (D\d+) \|", page.read_text(encoding="utf-8"), re.MULTILINE) for page in pages]
    assert numbers[0] == numbers[1]
