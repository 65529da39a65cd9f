"""A message of the catalogue is parsed when it is first said, and says then what the whole file says."""

import random
import subprocess
import sys

import pytest
from fluent.runtime import FluentBundle, FluentResource
from fluent.runtime.types import fluent_number
from fluent.syntax import ast
from fluent.syntax.visitor import Visitor

from nbtwin.timeline.catalogue import LANGUAGES, source
from nbtwin.timeline.catalogue.bundle import Messages, entries_of
from nbtwin.timeline.catalogue.patterns import NotCompiled, compiled, plural_of

ARGUMENTS = [
    "",
    "none",
    "abc",
    "true",
    "1",
    "x" * 300,
    *(0, 1, 2, 12345678, 1.5),
]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_entry_of_the_file_is_found_and_is_what_the_whole_file_has(language: str) -> None:
    text = source(language)
    whole = [entry for entry in FluentResource(text).body if isinstance(entry, ast.Message | ast.Term)]
    names = [f"-{entry.id.name}" if isinstance(entry, ast.Term) else entry.id.name for entry in whole]
    pieces = entries_of(text)
    assert list(pieces) == names
    for entry, piece in zip(whole[::7], list(pieces.values())[::7], strict=True):
        (alone,) = [one for one in FluentResource(piece).body if isinstance(one, ast.Message | ast.Term)]
        assert alone.equals(entry, ignored_fields=["span", "comment"])


def test_what_a_message_says_of_others_is_read_with_it() -> None:
    text = """
# of all
-lab = the lab
    itself
said = { -lab } says { other } to { $who ->
    [one] one
   *[none] nobody
}
other = of others, and { third }
third = { said-again }
said-again = no more
"""
    words = Messages({"en": text}).words
    assert words("said", {"who": "one"}) == "the lab\nitself says of others, and no more to one"
    assert words("third", {}) == "no more"
    assert words("of-nobody", {"what": "x"}) == "of nobody: what x"


def test_what_happens_in_a_lab_is_worded_without_what_knows_people_s_money() -> None:
    program = """
import sys, nbtwin
lab = nbtwin.Lab(seed=7)
module = lab.add_module("BC260Y-CN", sim="mobile")
lab.run_until(module.registered("cmdmp"), within="2min")
assert "Register" in str(lab.packets()) and len(lab.tail(None, "en")) == len(lab.tail(None, "zh")) > 10
print("babel" in sys.modules)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ended.stdout == "False\n"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_as_a_function_says_what_fluent_says(language: str) -> None:
    chance, said = random.Random(1), 0
    functions = {name: str.swapcase for name in ("WORD", "SPAN", "UNTIL", "TIME", "PEER", "PATH", "BYTES", "LIST")}
    resource = FluentResource(source(language))
    fluent = FluentBundle([language], functions, use_isolating=False)
    fluent.add_resource(resource)
    for entry in resource.body:
        if not isinstance(entry, ast.Message) or entry.value is None:
            continue
        names = {node.id.name for node in arguments_of(entry)}
        for _ in range(3):
            arguments = {name: chance.choice(ARGUMENTS) for name in names}
            try:
                words = compiled(entry.value, functions, plural_of(language))(arguments)
            except NotCompiled:
                continue
            said += 1
            given = {
                name: value if isinstance(value, str) else fluent_number(value, useGrouping=False)
                for name, value in arguments.items()
            }
            assert words == fluent.format_pattern(fluent.get_message(entry.id.name).value, given)[0], entry.id.name
    assert said > 2000, "most of them"


def arguments_of(node: ast.BaseNode) -> list[ast.VariableReference]:
    found: list[ast.VariableReference] = []

    class Visits(Visitor):
        def visit_VariableReference(self, node: ast.VariableReference) -> None:
            found.append(node)

    Visits().visit(node)
    return found
