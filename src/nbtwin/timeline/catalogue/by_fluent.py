"""What Fluent's own runtime says, for the messages and arguments that `patterns` leaves to it.

Imported when there is the first of them: Babel, which it brings, is heavy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fluent.runtime import FluentBundle
from fluent.runtime.types import FluentNone, FluentNumber, FluentType, fluent_number
from fluent.syntax import ast

from nbtwin.timeline.catalogue.patterns import Value


class _Shown(FluentType):
    """A list or an object, and how it is shown where no function takes it."""

    def __init__(self, value: Value, shown: Callable[[Any], str]) -> None:
        self.value, self._shown = value, shown

    def format(self, locale: object) -> str:
        return self._shown(self.value.value)


class ByFluent:
    """One language's."""

    def __init__(
        self, language: str, functions: Mapping[str, Callable[[Any], Any]], shown: Callable[[Any], str]
    ) -> None:
        called = {name: _called(function) for name, function in functions.items()}
        self._bundle = FluentBundle([language], called, use_isolating=False)
        self._added: set[str] = set()
        self._shown = shown

    def format(self, code: str, arguments: Mapping[str, Any], read: Mapping[str, ast.Resource]) -> str:
        """``read``: what has been parsed so far, by name."""
        for name, resource in list(read.items()):
            if name not in self._added:
                self._bundle.add_resource(resource)
                self._added.add(name)
        pattern = self._bundle.get_message(code).value
        assert pattern is not None, "a message without words"
        given = {name: self._given(value) for name, value in arguments.items()}
        text, _ = self._bundle.format_pattern(pattern, given)
        return str(text)

    def _given(self, value: Any) -> Any:
        """Numbers as they are: what Fluent makes of them is slow and meant for people's money."""
        if isinstance(value, int | float):
            return fluent_number(value, useGrouping=False)
        return _Shown(value, self._shown) if isinstance(value, Value) else value


def _called(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """With what Fluent hands over as what it was."""

    def call(value: Any) -> Any:
        if isinstance(value, FluentNone):
            return ""
        if isinstance(value, FluentNumber):
            return function(float(value))  # type: ignore[arg-type]
        return function(value.value if isinstance(value, _Shown) else value)

    return call
