"""A message as a function of its arguments, for what most of ours are made of: text, arguments, functions of one
argument, choices by a word, by a number or by the plural of whole numbers. What this does not know is left to Fluent,
whose words are the same.

Knows Fluent's syntax tree; knows no message. A timeline under load words thousands a second.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from fluent.syntax import ast

LONGEST = 2500
"""Characters of an argument; Fluent cuts longer ones."""
_PLURALS = frozenset({"zero", "one", "two", "few", "many", "other"})
Part: TypeAlias = Callable[[Mapping[str, Any]], str]
Functions: TypeAlias = Mapping[str, Callable[[Any], Any]]
Plural: TypeAlias = Callable[[int], str]
"""The category of a whole number: "one", "other"."""


class NotCompiled(Exception):
    """This message, or these arguments: Fluent knows what to do."""


class Value:
    """A list or an object: only functions know what to do with it."""

    def __init__(self, value: Any) -> None:
        self.value = value


def plural_of(language: str) -> Plural:
    """CLDR, of the languages that there are: Chinese has one category, English another one for 1."""
    return (lambda number: "other") if language == "zh" else (lambda number: "one" if number == 1 else "other")


def compiled(pattern: ast.Pattern, functions: Functions, plural: Plural) -> Part:
    """NotCompiled, now or when it is called. Arguments are texts, numbers, and what only functions know."""
    parts = [_element(element, functions, plural) for element in pattern.elements]
    return lambda arguments: "".join([part if isinstance(part, str) else part(arguments) for part in parts])


def _element(element: ast.TextElement | ast.Placeable, functions: Functions, plural: Plural) -> str | Part:
    if isinstance(element, ast.TextElement):
        return element.value
    inside = element.expression
    if isinstance(inside, ast.StringLiteral):
        return str(inside.parse()["value"])
    if isinstance(inside, ast.VariableReference):
        return _argument(inside.id.name)
    if isinstance(inside, ast.FunctionReference):
        return _call(inside, functions)
    if isinstance(inside, ast.SelectExpression):
        return _choice(inside, functions, plural)
    raise NotCompiled


def _argument(name: str) -> Part:
    def part(arguments: Mapping[str, Any]) -> str:
        value = arguments.get(name)
        if type(value) is int:
            return str(value)
        if type(value) is not str or len(value) > LONGEST:
            raise NotCompiled
        return value

    return part


def _call(inside: ast.FunctionReference, functions: Functions) -> Part:
    function, given = functions.get(inside.id.name), inside.arguments
    if function is None or given.named or len(given.positional) != 1:
        raise NotCompiled
    (argument,) = given.positional
    if not isinstance(argument, ast.VariableReference):
        raise NotCompiled
    called, name = function, argument.id.name

    def part(arguments: Mapping[str, Any]) -> str:
        try:
            value = called(arguments[name])
        except (ValueError, TypeError, LookupError, AttributeError, ArithmeticError):
            raise NotCompiled from None
        if type(value) is not str or len(value) > LONGEST:
            raise NotCompiled
        return value

    return part


def _choice(inside: ast.SelectExpression, functions: Functions, plural: Plural) -> Part:
    if not isinstance(inside.selector, ast.VariableReference):
        raise NotCompiled
    name = inside.selector.id.name
    words: dict[str, Part] = {}
    numbers: dict[float, Part] = {}
    (default,) = [compiled(variant.value, functions, plural) for variant in inside.variants if variant.default]
    by_plural = False
    for variant in inside.variants:
        if isinstance(variant.key, ast.NumberLiteral):
            numbers[float(variant.key.value)] = compiled(variant.value, functions, plural)
        else:
            words[variant.key.name] = compiled(variant.value, functions, plural)
            by_plural = by_plural or (variant.key.name in _PLURALS and not variant.default)

    def part(arguments: Mapping[str, Any]) -> str:
        value = arguments.get(name)
        if isinstance(value, str):
            return words.get(value, default)(arguments)
        if value is None or (by_plural and type(value) is not int):
            raise NotCompiled
        chosen = numbers.get(float(value)) if isinstance(value, int | float) else None
        if chosen is None:
            chosen = words.get(plural(value), default) if by_plural else default
        return chosen(arguments)

    return part
