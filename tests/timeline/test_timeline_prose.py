"""Nothing in the product decides by a sentence: what is said to people is made from codes, and never looked at."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "nbtwin"
PROSE = {"why", "text", "message", "detail", "sentence"}
LOOKS = {"startswith", "endswith", "partition", "rpartition", "split", "find", "index", "count", "match", "search"}
PATTERNS = {"match", "fullmatch", "search", "findall"}
ALLOWED = {  # a text that is no sentence of ours
    "at/command.py": "text of a field, as the host wrote it",
    "at/explain.py": "text of a field, as the host wrote it",
    "web/completion.py": "text of a suggestion, which is AT",
}


def is_prose(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr in PROSE


def is_sentence(node: ast.expr) -> bool:
    """A constant that may be in prose; "" asks whether there is any."""
    values = node.elts if isinstance(node, ast.Tuple | ast.List | ast.Set) else [node]
    return any(isinstance(each, ast.Constant) and isinstance(each.value, str) and each.value for each in values)


def decisions(tree: ast.AST) -> Iterator[int]:
    """Lines on which a sentence decides something."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            sides = [node.left, *node.comparators]
            if any(map(is_prose, sides)) and any(map(is_sentence, sides)):
                yield node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name, of = node.func.attr, node.func.value
            if (name in LOOKS and is_prose(of)) or (name in PATTERNS and any(map(is_prose, node.args))):
                yield node.lineno
        elif isinstance(node, ast.MatchClass):
            named = zip(node.kwd_attrs, node.kwd_patterns, strict=True)
            if any(name in PROSE and isinstance(p, ast.MatchValue) and is_sentence(p.value) for name, p in named):
                yield node.lineno


def test_no_line_of_the_product_decides_by_a_sentence() -> None:
    found = {
        name: line
        for path in sorted(SOURCE.rglob("*.py"))
        if (name := path.relative_to(SOURCE).as_posix()) not in ALLOWED
        for line in decisions(ast.parse(path.read_text()))
    }
    assert found == {}


def test_a_decision_by_a_sentence_is_found_however_it_is_made() -> None:
    for line in (
        "x = event.why == 'no answer'",
        "x = 'unknown' in event.why",
        "x = event.why.endswith('unknown')",
        "x = pattern.match(entry.text)",
        "x = re.search('refused', entry.text)",
        "x = entry.text in ('lost', 'refused')",
        "match event:\n    case Answered(why='lost'): pass",
    ):
        assert list(decisions(ast.parse(line))), line
    for line in ("x = event.why != ''", "x = not event.why", "x = event.code == Code.CREATED", "print(event.why)"):
        assert not list(decisions(ast.parse(line))), line
