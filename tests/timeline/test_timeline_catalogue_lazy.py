"""A message of the catalogue is parsed when it is first said, and says then what the whole file says."""

import pytest
from fluent.runtime import FluentResource
from fluent.syntax import ast

from nbtwin.timeline.catalogue import LANGUAGES, source
from nbtwin.timeline.catalogue.bundle import Messages, entries_of


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_entry_of_the_file_is_found_and_is_what_the_whole_file_has(language: str) -> None:
    text = source(language)
    whole = [entry for entry in FluentResource(text).body if isinstance(entry, ast.Message | ast.Term)]
    names = [f"-{entry.id.name}" if isinstance(entry, ast.Term) else entry.id.name for entry in whole]
    pieces = entries_of(text)
    assert list(pieces) == names
    for entry, piece in zip(whole[::7], list(pieces.values())[::7], strict=True):
        (alone,) = [one for one in FluentResource(piece).body if isinstance(one, ast.Message | ast.Term)]
        assert alone.equals(entry)


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
