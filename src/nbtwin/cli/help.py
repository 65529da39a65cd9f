"""`--help` in the reader's language. English stands beside commands and options, Chinese in help.zh.ftl.

Typer's own formatter breaks lines at spaces and counts characters; Chinese has none of the former, and each of its
characters is two columns wide. So lines are broken here, for both languages alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from typer.core import TyperGroup

from nbtwin.cli.commands import Group
from nbtwin.cli.language import chosen

if TYPE_CHECKING:
    from fluent.runtime import FluentBundle

SHARED, LIBRARY, ROOT = "shared", "library", "nbtwin"
_PREFORMATTED = "\b\n"
"""How a paragraph begins whose lines are left alone."""
_BREAKABLE = re.compile(
    r"[ \t]+|[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]|[^\s\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+"
)
_NOT_FIRST = "，。；：、！？）》」"
_NOT_LAST = "（《「"


@cache
def _chinese() -> FluentBundle:
    from fluent.runtime import FluentBundle, FluentResource

    bundle = FluentBundle(["zh"], use_isolating=False)
    bundle.add_resource(FluentResource((files(__package__) / "help.zh.ftl").read_text(encoding="utf-8")))
    return bundle


def words(message: str, attribute: str | None = None) -> str | None:
    """In Chinese; None where nothing is said."""
    bundle = _chinese()
    if not bundle.has_message(message):
        return None
    found = bundle.get_message(message)
    pattern = found.value if attribute is None else found.attributes.get(attribute)
    if pattern is None:
        return None
    text, errors = bundle.format_pattern(pattern)
    assert not errors, errors
    return str(text)


def of_parameter(command: str, parameter: str) -> str | None:
    return words(command, parameter) or words(SHARED, parameter)


def of_command(command: str, english: str) -> str | None:
    """The command's paragraphs in Chinese between the examples of its English ones."""
    said = words(command)
    if said is None:
        return None
    examples = words(command, "examples")
    chinese = iter(said.split("\n\n"))
    made = []
    for paragraph in english.split("\n\n"):
        if not paragraph.startswith(_PREFORMATTED):
            made.append(next(chinese, ""))
        else:
            made.append(paragraph if examples is None else _PREFORMATTED + examples)
    return "\n\n".join([*made, *chinese])


def translate(command: Any, name: str = ROOT) -> None:
    """Put Chinese into a command of Typer's, its parameters and all commands below it."""
    command.help = of_command(name, command.help or "")
    command.short_help = None
    for parameter in command.params:
        parameter.help = of_parameter(name, parameter.name)
    for below, inner in getattr(command, "commands", {}).items():
        said = below.replace(" ", "-")
        translate(inner, said if name == ROOT else f"{name}-{said}")
    command.context_class = _Context


class LanguageGroup(Group):
    """The root of the commands: translates itself and what is below it once the language is chosen."""

    def get_help(self, ctx: Any) -> str:
        _choose(self)
        ctx.formatter_class = self.context_class.formatter_class  # this context is older than the choice
        return super().get_help(ctx)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        _choose(self)
        return super().get_command(ctx, cmd_name)


def _choose(root: LanguageGroup) -> None:
    if chosen() == "zh" and root.context_class is not _Context:
        translate(root)


class _Formatter(TyperGroup.context_class.formatter_class):  # type: ignore[name-defined,misc]
    """Lines broken by display width; the library's own words in Chinese."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        super().write_usage(prog, args, prefix or f"{words(LIBRARY, 'Usage')} ")

    def write_heading(self, heading: str) -> None:
        super().write_heading(words(LIBRARY, heading) or heading)

    def write_text(self, text: str) -> None:
        indent = " " * self.current_indent
        for number, paragraph in enumerate(text.split("\n\n")):
            if number:
                self.write("\n")
            if paragraph.startswith(_PREFORMATTED):
                lines: Sequence[str] = paragraph[len(_PREFORMATTED) :].splitlines()
            else:
                lines = list(wrapped(" ".join(paragraph.split("\n")), self.width - self.current_indent))
            self.write("".join(f"{indent}{line}\n" for line in lines))

    def write_dl(self, rows: Sequence[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        wide = min(max((len(first) for first, _ in rows), default=0), col_max) + col_spacing
        for first, second in rows:
            lines = list(wrapped(_library(second), max(self.width - wide - 2, 10)))
            start = f"{'':{self.current_indent}}{first:{wide}}"
            if len(first) > wide - col_spacing and lines:
                self.write(f"{'':{self.current_indent}}{first}\n")
                start = " " * (wide + self.current_indent)
            for line in lines or [""]:
                self.write(f"{start}{line}".rstrip() + "\n")
                start = " " * (wide + self.current_indent)


class _Context(TyperGroup.context_class):  # type: ignore[valid-type,misc]
    formatter_class = _Formatter


def _library(text: str) -> str:
    """What the library adds in brackets to an option's text."""
    text = text.replace("[default: ", f"[{words(LIBRARY, 'default')}").replace(
        "; required]", f"；{words(LIBRARY, 'required')}]"
    )
    text = text.replace("[env var: ", f"[{words(LIBRARY, 'environment')}").replace(
        "[required]", f"[{words(LIBRARY, 'required')}]"
    )
    return text.replace("Show this message and exit.", words(SHARED, "help") or "")


def wrapped(text: str, width: int) -> Iterator[str]:
    """Lines of at most ``width`` columns; a word that is longer stands alone. No line begins or ends where none may."""
    from rich.cells import cell_len

    line = ""
    pieces = _BREAKABLE.findall(text)
    for number, piece in enumerate(pieces):
        following = pieces[number + 1] if number + 1 < len(pieces) else ""
        needed = piece + (following if following in _NOT_FIRST or piece in _NOT_LAST else "")
        if line.strip() and cell_len(line.rstrip() if piece.isspace() else line + needed.rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += "" if piece.isspace() and not line else piece
    if line.strip():
        yield line.rstrip()
