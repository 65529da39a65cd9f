"""What is refused is a code with fields: each code has a message in every language, which names its fields alone."""

import ast
import importlib
import pkgutil
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import nbtwin
from nbtwin.engine import CodedError, Refusal
from nbtwin.timeline.catalogue import LANGUAGES, source

SOURCE = Path(nbtwin.__file__).parent
WORDED = ("usage-", "cli-", "demo-", "cost-", "scenario-", "setting-", "profile-", "span-", "fault-", "route-",
          "fleet-", "edge-", "key-", "host-", "lab-", "store-", "api-", "content-", "path-", "coap-link-",
          "account-", "attribute-", "endpoint-", "report-", "timeline-")  # fmt: skip
_ARGUMENT = re.compile(r"\$(\w+)")


def all_refusals() -> list[Refusal]:
    for module in pkgutil.walk_packages(nbtwin.__path__, "nbtwin."):
        if not module.name.endswith("__main__") and ".static" not in module.name:
            importlib.import_module(module.name)
    there = [enum for enum in Refusal.__subclasses__() if vars(sys.modules[enum.__module__]).get(enum.__name__) is enum]
    return [code for enum in there for code in enum if code.startswith(WORDED)]  # not those of modules loaded anew


def messages(language: str) -> dict[str, frozenset[str]]:
    """The arguments of each message."""
    found = [text.partition(" = ") for text in re.split(r"^(?=[a-z])", source(language), flags=re.MULTILINE)]
    return {code: frozenset(_ARGUMENT.findall(text)) for code, _, text in found}


def raised() -> Iterator[tuple[str, frozenset[str], str]]:
    """Wherever a code is raised with its fields: its name in the source, the fields, and the place."""
    for path in SOURCE.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(call, ast.Call) or not call.args:
                continue
            code = call.args[0]
            spread = any(keyword.arg is None for keyword in call.keywords)
            if isinstance(code, ast.Attribute) and isinstance(code.value, ast.Name) and not spread:
                fields = frozenset(word.arg for word in call.keywords if word.arg) - {"status", "field"}
                yield f"{code.value.id}.{code.attr}", fields, f"{path.relative_to(SOURCE)}:{call.lineno}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_message_in_every_language(language: str) -> None:
    known = messages(language)
    codes = all_refusals()
    assert len(codes) > 150
    assert [code for code in codes if code not in known] == []


def test_every_code_is_used() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    used = set(re.findall(r"(\w+Refusal\.[A-Z0-9_]+)\b", text))
    assert [code for code in all_refusals() if f"{type(code).__name__}.{code.name}" not in used] == []


def test_no_code_is_given_twice() -> None:
    codes = all_refusals()
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_names_only_what_its_code_is_raised_with(language: str) -> None:
    arguments = messages(language)
    by_name = {f"{type(code).__name__}.{code.name}": code for code in all_refusals()}
    found = [(by_name[name], fields, place) for name, fields, place in raised() if name in by_name]
    wrong = [
        (code, sorted(arguments[code] - fields), place) for code, fields, place in found if arguments[code] - fields
    ]
    # what is spread (**fields) is not looked at; not_found() names it for its callers
    assert len(found) > 100
    assert [one for one in wrong if one[1] != ["name"]] == []


def test_both_languages_name_the_same_fields() -> None:
    en, zh = messages("en"), messages("zh")
    assert [code for code in en if code in zh and en[code] != zh[code]] == []


def test_an_exception_for_users_is_raised_with_a_code_and_not_with_a_sentence() -> None:
    coded = {error.__name__ for error in _descendants(CodedError)} | {"ApiError", "DecodeError"}
    sentences = []
    for path in SOURCE.rglob("*.py"):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            named = isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in coded
            if named and call.args and isinstance(call.args[0], ast.Constant | ast.JoinedStr | ast.BinOp):  # type: ignore[union-attr]
                sentences.append(f"{path.relative_to(SOURCE)}:{call.lineno}")  # type: ignore[union-attr]
    assert sentences == []


def _descendants(kind: type) -> Iterator[type]:
    for child in kind.__subclasses__():
        yield child
        yield from _descendants(child)


def _of_our_words(node: ast.expr) -> bool:
    texts = node.values if isinstance(node, ast.JoinedStr) else [node]
    return any(isinstance(one, ast.Constant) and re.search("[A-Za-z]", str(one.value)) for one in texts)


def _details(tree: ast.AST) -> Iterator[ast.expr]:
    """Whatever becomes a `detail`: a keyword, a variable, a field of a mapping."""
    for node in ast.walk(tree):
        if (isinstance(node, ast.keyword) and node.arg == "detail") or (
            isinstance(node, ast.Assign) and any(isinstance(t, ast.Name) and t.id == "detail" for t in node.targets)
        ):
            yield node.value
        elif isinstance(node, ast.Dict):
            named = zip(node.keys, node.values, strict=True)
            yield from (value for key, value in named if isinstance(key, ast.Constant) and key.value == "detail")


def test_what_is_told_as_a_detail_is_the_text_of_the_system_or_of_a_library_and_never_a_sentence_of_ours() -> None:
    found = [
        f"{path.relative_to(SOURCE)}:{value.lineno}"
        for path in SOURCE.rglob("*.py")
        for value in _details(ast.parse(path.read_text(encoding="utf-8")))
        if _of_our_words(value)
    ]
    assert found == []
