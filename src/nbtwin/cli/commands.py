"""How every command of `nbtwin` is made: `-h` beside `--help`, a group without a command teaches, and what is wrong
with a line is said in the user's language, with the nearest of what there is.

Knows Typer's and Click's classes; knows no command. Both come in versions with other insides: what is used here is
what they have had for long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from nbtwin.cli.refusals import CliRefusal
from nbtwin.runtime.errors import WrongUsage

HELP_OPTIONS = ["-h", "--help"]
_PARAMETER_ERROR: Any = typer.BadParameter
LibraryError: type[Exception] = typer.BadParameter.__mro__[2]
"""What the library raises for a wrong line. It carries a Click of its own and exports no more."""


@contextmanager
def _in_context(context: Any) -> Iterator[None]:
    """The library's parser forgets to say of which command it speaks."""
    try:
        yield
    except LibraryError as error:
        if getattr(error, "ctx", None) is None:
            error.ctx = context  # type: ignore[attr-defined]
        raise


class Command(TyperCommand):
    """A command; what it has no place for is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        allowed, ctx.allow_extra_args = ctx.allow_extra_args, True
        with _in_context(ctx):
            left = super().parse_args(ctx, args)
        if left and not allowed and not ctx.resilient_parsing:
            raise WrongUsage(CliRefusal.TOO_MANY, values=left)
        return left


class Group(TyperGroup):
    """A group of commands. A name may have two words (`fleet worker`): the first alone is a command with arguments."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        if not args and self.no_args_is_help and not ctx.resilient_parsing:
            print(ctx.get_help())
            ctx.exit()
        with _in_context(ctx):
            return super().parse_args(ctx, args)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if (two := " ".join(args[:2])) in self.commands:
            return two, self.commands[two], args[2:]
        name = args[0]
        if not ctx.resilient_parsing and self.get_command(ctx, name) is None:
            raise WrongUsage(CliRefusal.COMMAND_UNKNOWN, command=name, near=nearest(name, self.commands) or None)
        return super().resolve_command(ctx, args)


class Commands(typer.Typer):
    """As Typer's own, of the classes above."""

    def __init__(self, *, cls: type[TyperGroup] = Group, **settings: Any) -> None:
        super().__init__(
            cls=cls,
            add_completion=False,
            pretty_exceptions_enable=False,
            rich_markup_mode=None,
            context_settings={"help_option_names": HELP_OPTIONS},
            **settings,
        )

    def command(self, name: str | None = None, **settings: Any) -> Callable[[Any], Any]:
        return super().command(name, cls=Command, **settings)


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """Those of ``known`` that may have been meant, the best first."""
    return get_close_matches(word, list(known), 3)


def usage_of(error: Any) -> WrongUsage | None:
    """What the library has against a line, as ours. None: it has said it already."""
    context = getattr(error, "ctx", None)
    parameter = getattr(error, "param", None)
    option = getattr(error, "option_name", None)
    if hasattr(error, "possibilities") and option is not None:
        return WrongUsage(CliRefusal.OPTION_UNKNOWN, option=option, near=nearest(option, _options(context)) or None)
    if option is not None:
        takes = any(not one.is_flag for one in _parameters(context) if option in one.opts)
        return WrongUsage(CliRefusal.VALUE_MISSING if takes else CliRefusal.VALUE_UNWANTED, option)
    if isinstance(error, _PARAMETER_ERROR) and parameter is not None:
        if type(error) is not _PARAMETER_ERROR:  # the one kind below it: a parameter is missing
            return WrongUsage(CliRefusal.PARAMETER_MISSING, parameter=_named(parameter))
        return _number(parameter)
    message = error.format_message()
    return WrongUsage.of(ValueError(message)) if message else None


def _number(parameter: Any) -> WrongUsage:
    """Nothing but numbers is checked by the library."""
    described = getattr(getattr(parameter, "type_descriptor", None), "parameter_info", None)
    kind = described or getattr(parameter, "type", None)
    least, most = getattr(kind, "min", None), getattr(kind, "max", None)
    where = _named(parameter)
    if least is None:
        return WrongUsage(CliRefusal.NUMBER, where)
    if most is None:
        return WrongUsage(CliRefusal.NUMBER_FROM, where, least=least)
    return WrongUsage(CliRefusal.NUMBER_BETWEEN, where, least=least, most=most)


def _parameters(context: Any) -> list[Any]:
    return [] if context is None else list(context.command.get_params(context))


def _options(context: Any) -> list[str]:
    return [text for one in _parameters(context) for text in (*one.opts, *one.secondary_opts) if text.startswith("-")]


def _named(parameter: Any) -> str:
    """As `--help` shows it."""
    if parameter.param_type_name == "option":
        return str(max(parameter.opts, key=len))
    return str(parameter.metavar or parameter.name.upper())
