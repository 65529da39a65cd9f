"""The conformance tables of docs/conformance.md: which case is shown by which test, and how that test ended.

Tests carry `@pytest.mark.conformance(case, ..., role=..., peer=...)`; `pytest --conformance FILE` writes how they ended
(tests/conftest.py); this turns both into tables. `role` is ours: "server", "client" or "both". `peer` is the foreign
program, or a mapping from a part of the test's parameters to one; without it the test speaks raw messages, or our own
other side. Where a parameter is the name of a case, the others say nothing about that case.

    pytest tests/coap --conformance run.json    # or any part of the suite
    python -m tools.conformance run.json        # keeps what it says beside what was known, writes the page
    python -m tools.conformance --check run.json  # says where the run and the page differ

Knows Markdown and the source text of tests; runs nothing of ours.
"""

from __future__ import annotations

import ast
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from tools.conformance_cases import CASES, REASONS, TABLES, Case, Table

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "conformance.md"
KNOWN = ROOT / "tests" / "conformance" / "outcomes.json"
"""How each marked test ended when it was last run where its peer was there."""
BEGIN, END = "<!-- conformance: written by python -m tools.conformance -->", "<!-- /conformance -->"
ROLES = ("server", "client")
_PEERS = ("Leshan 1", "Leshan 2", "Leshan demo", "libcoap", "aiocoap", "OpenSSL", "GnuTLS", "go-coap")
"""The order of the first columns; others follow by name."""

Outcomes: TypeAlias = Mapping[str, str]
"""Node id to "passed", "failed", "skipped", or "xfailed: why"."""


@dataclass(frozen=True)
class Mark:
    """One decorator of one test."""

    cases: tuple[str, ...]
    role: str
    peer: str | dict[str, str] | None
    file: str  # from the root
    test: str

    @property
    def id(self) -> str:
        return f"{self.file}::{self.test}"


@dataclass(frozen=True)
class Shown:
    """A case, one of our roles, and a test that shows it; ``outcome`` of all its parameters that are for this peer."""

    case: str
    role: str
    peer: str
    file: str
    test: str
    outcome: str


def marks(folder: Path = ROOT / "tests") -> list[Mark]:
    """From the text of the tests: nothing is imported."""
    found = []
    for path in sorted(folder.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "mark.conformance(" not in text:
            continue
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                calls = [call for call in node.decorator_list if isinstance(call, ast.Call)]
                file = path.relative_to(folder.parent).as_posix()
                found += [_mark(call, file, node.name) for call in calls if _is_mark(call.func)]
    return found


def _is_mark(function: ast.expr) -> bool:
    return isinstance(function, ast.Attribute) and function.attr == "conformance"


def _mark(call: ast.Call, file: str, test: str) -> Mark:
    named: dict[str, Any] = {word.arg or "": ast.literal_eval(word.value) for word in call.keywords}
    return Mark(tuple(map(ast.literal_eval, call.args)), named["role"], named.get("peer"), file, test)


def shown(found: Iterable[Mark], outcomes: Outcomes) -> list[Shown]:
    by_test: dict[str, dict[str, str]] = {}
    for node, outcome in outcomes.items():
        test, _, parameters = node.partition("[")
        by_test.setdefault(test, {})[parameters.rstrip("]")] = outcome
    return [
        Shown(case, role, peer, mark.file, mark.test, _together(_of_case(case, mark, ended)))
        for mark in found
        for role in (ROLES if mark.role == "both" else (mark.role,))
        for peer, ended in _by_peer(mark, by_test.get(mark.id, {}))
        for case in mark.cases
    ]


def _by_peer(mark: Mark, ended: Mapping[str, str]) -> Iterator[tuple[str, Mapping[str, str]]]:
    if not isinstance(mark.peer, dict):
        yield mark.peer or "", ended
        return
    for part, peer in mark.peer.items():
        yield peer, {found: outcome for found, outcome in ended.items() if _has(found, part)}


def _of_case(case: str, mark: Mark, ended: Mapping[str, str]) -> list[str]:
    return [
        outcome for found, outcome in ended.items()
        if _has(found, case) or not any(_has(found, other) for other in mark.cases)
    ]  # fmt: skip


def _has(parameters: str, part: str) -> bool:
    return f"-{part}-" in f"-{parameters}-"


def _together(ended: list[str]) -> str:
    """A skipped or absent test is never a pass."""
    for outcome in ("failed", "xfailed", "passed"):
        for one in ended:
            if one.startswith(outcome):
                return one
    return "not run"


def tables(found: Iterable[Mark], outcomes: Outcomes, versions: Mapping[str, str]) -> str:
    every = shown(found, outcomes)
    lines: list[str] = []
    for table in TABLES:
        lines += [*_table(table, [one for one in every if one.case in {case.id for case in table.cases}], versions), ""]
    lines += ["Where a case does not apply:", ""]
    lines += [f"- **{why}**: {sentence}." for why, sentence in REASONS.items()]
    return "\n".join([*lines, ""])


def _table(table: Table, every: list[Shown], versions: Mapping[str, str]) -> Iterator[str]:
    peers = sorted({one.peer for one in every if one.peer}, key=lambda name: (_order(name), name))
    count = len({one.case for one in every if one.outcome == "passed"})
    applies = sum(case.server is None or case.client is None for case in table.cases)
    yield f"### {table.heading}"
    yield ""
    yield f"{len(table.cases)} cases; {applies} apply to a side of ours, {count} of these have a test that passes."
    yield ""
    heads = ["case", "what it shows", "chapter", "ours as server", "ours as client"]
    heads += [f"{peer} {versions.get(peer, '')}".strip() for peer in peers]
    yield f"| {' | '.join(heads)} |"
    yield "|" + "---|" * len(heads)
    for case in table.cases:
        mine = [one for one in every if one.case == case.id]
        cells = [_own(case, role, [one for one in mine if one.role == role]) for role in ROLES]
        cells += [_foreign([one for one in mine if one.peer == peer]) for peer in peers]
        yield f"| {case.id} | {case.title} | {case.chapter} | {' | '.join(cells)} |"


def _order(peer: str) -> int:
    return _PEERS.index(peer) if peer in _PEERS else len(_PEERS)


def _own(case: Case, role: str, mine: list[Shown]) -> str:
    """Over raw messages or between our own ends, else whoever shows it."""
    why = getattr(case, role)
    if why is not None:
        assert not mine, f"{case.id} does not apply to our {role}, and {mine[0].test} shows it"
        return f"does not apply ({why})"
    return _verdicts([one for one in mine if not one.peer] or mine) or "not run"


def _foreign(mine: list[Shown]) -> str:
    return "<br>".join(
        f"{role}: {verdict}" for role in ROLES if (verdict := _verdicts([one for one in mine if one.role == role]))
    )


def _verdicts(mine: list[Shown]) -> str:
    """The word once for the tests that it holds for, with links to them."""
    groups: dict[str, list[Shown]] = {}
    for one in mine:
        kind, _, why = one.outcome.partition(": ")
        word = {"passed": "passes", "failed": "fails", "xfailed": "fails", "not run": "not run"}[kind]
        groups.setdefault(f"{word} ({why})" if why else word, []).append(one)
    order = sorted(groups, key=lambda word: (not word.startswith("fails"), word == "not run"))
    return ", ".join(" ".join(_links(word, groups[word])) for word in order)


def _links(word: str, mine: list[Shown]) -> Iterator[str]:
    """The word leads to the first test, numbers to the others."""
    for number, (file, test) in enumerate(dict.fromkeys((one.file, one.test) for one in mine), start=1):
        yield f"[{word if number == 1 else number}](../{file}#{test})"


def page(text: str, found: Iterable[Mark], known: Mapping[str, Any]) -> str:
    """The page with its tables written anew."""
    made = tables(found, known["outcomes"], known["peers"])
    before, rest = text.split(BEGIN)
    return f"{before}{BEGIN}\n\n{made}\n{END}{rest.split(END)[1]}"


def merged(known: Mapping[str, Any], run: Mapping[str, Any], found: Iterable[Mark]) -> dict[str, Any]:
    """What a run says takes the place of what was known; a test that was skipped keeps it. Tests that are gone go."""
    ids = {mark.id for mark in found}
    told = {node: outcome for node, outcome in run["outcomes"].items() if outcome != "skipped"}
    ran = {node.partition("[")[0] for node in told}
    kept = {
        node: old
        for node, old in known["outcomes"].items()
        if node.partition("[")[0] not in ran or node in _skipped(run)
    }
    every = {**kept, **told}
    return {
        "peers": dict(sorted({**known["peers"], **run["peers"]}.items())),
        "outcomes": {node: every[node] for node in sorted(every) if node.partition("[")[0] in ids},
    }


def _skipped(run: Mapping[str, Any]) -> set[str]:
    return {node for node, outcome in run["outcomes"].items() if outcome == "skipped"}


def differences(known: Mapping[str, Any], run: Mapping[str, Any]) -> list[str]:
    """Where the page says something else than this run; what a run skipped says nothing."""
    said = known["outcomes"]
    return [
        f"{node}: {outcome}; the page has {said.get(node, 'no such test')}"
        for node, outcome in sorted(run["outcomes"].items())
        if outcome not in ("skipped", said.get(node))
    ]


def load(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def main(arguments: list[str]) -> int:
    if arguments[:1] == ["--check"]:
        run = load(Path(arguments[1]))
        wrong = differences(load(KNOWN), run)
        told = f"{len(run['outcomes'])} marked tests, {len(_skipped(run))} skipped, {len(wrong)} not as on the page"
        print(f"conformance: {told}")
        print("".join(f"  {line}\n" for line in wrong), end="")
        return bool(wrong)
    found = marks()
    known = load(KNOWN) if KNOWN.exists() else {"peers": {}, "outcomes": {}}
    for name in arguments:
        known = merged(known, load(Path(name)), found)
    KNOWN.write_text(json.dumps(known, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), found, known), encoding="utf-8")
    return 0


def unknown(found: Iterable[Mark]) -> list[str]:
    """Cases that no table has."""
    return [f"{mark.id}: {case}" for mark in found for case in mark.cases if case not in CASES]


def never_run(found: Iterable[Mark], outcomes: Outcomes) -> list[str]:
    ran = {node.partition("[")[0] for node in outcomes}
    return sorted({mark.id for mark in found} - ran)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
