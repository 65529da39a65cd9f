"""Makes src/nbtwin/host/commands/asynchronous.py: the groups of typed commands for callers with an event loop.

`python -m tools.host_faces` writes it; a test compares, so that the two cannot drift apart.
"""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
import textwrap
from pathlib import Path
from types import FunctionType

from nbtwin.host.commands.base import Commands
from nbtwin.host.module import GROUPS

TARGET = Path(__file__).parents[1] / "src/nbtwin/host/commands/asynchronous.py"
HEAD = '''"""The groups of typed commands for asyncio: the names and parameters of the synchronous ones, as coroutines.

Made by `python -m tools.host_faces`; not to be edited.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

'''
BASE = '''
class Caller(Protocol):
    """Whoever asks a synchronous module in its own thread."""

    def call(self, job: Callable[[Module], Any]) -> Awaitable[Any]: ...


class AsyncCommands:
    """Base of the groups."""

    def __init__(self, module: Caller) -> None:
        self._module = module

'''


def text() -> str:
    """The file as it should be."""
    imports: dict[str, set[str]] = {"nbtwin.host.module": {"Module"}}
    classes = [_class(name, group, imports) for name, group in GROUPS.items()]
    lines = [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(imports.items())]
    return HEAD + "\n".join(lines) + "\n\n" + BASE + "\n".join(classes)


def _class(name: str, group: type[Commands], imports: dict[str, set[str]]) -> str:
    lines = [f"class Async{group.__name__}(AsyncCommands):", _words(group.__doc__, 4)]
    for member, thing in vars(group).items():
        if isinstance(thing, FunctionType) and not member.startswith("_"):
            lines += _method(name, member, thing, imports)
    return "\n".join([*lines, ""])


def _method(group: str, name: str, function: FunctionType, imports: dict[str, set[str]]) -> list[str]:
    (parsed,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(parsed, ast.FunctionDef)
    assert parsed.returns is not None
    for node in (part for each in (parsed.args, parsed.returns) for part in ast.walk(each)):
        known = function.__globals__.get(node.id) if isinstance(node, ast.Name) else None
        if isinstance(node, ast.Name) and known is not None:
            home = known.__module__ if inspect.isclass(known) else function.__module__
            imports.setdefault(home, set()).add(node.id)
    passed = [arg.arg for arg in parsed.args.args[1:]]
    passed += [f"*{parsed.args.vararg.arg}"] if parsed.args.vararg else []
    passed += [f"{arg.arg}={arg.arg}" for arg in parsed.args.kwonlyargs]
    returned = ast.unparse(parsed.returns)
    call = f"self._module.call(lambda module: module.{group}.{name}({', '.join(passed)}))"
    body = [f"await {call}"] if returned == "None" else [f"told: {returned} = await {call}", "return told"]
    head = f"    async def {name}({ast.unparse(parsed.args)}) -> {returned}:"
    return [
        head,
        *([_words(function.__doc__, 8)] if function.__doc__ else []),
        *(f"        {line}" for line in body),
        "",
    ]


def _words(words: str | None, indent: int) -> str:
    space = " " * indent
    lines = inspect.cleandoc(words or "").splitlines()
    inner = "\n".join(f"{space}{line}" if line else "" for line in lines[1:])
    return f'{space}"""{lines[0]}{chr(10) + inner if inner else ""}"""'


def formatted(source: str) -> str:
    """As ruff has it."""
    ruff = [str(Path(sys.executable).with_name("ruff"))]
    for step in (["check", "-q", "--fix", "--select", "I"], ["format", "-q"]):
        done = subprocess.run(
            [*ruff, *step, "--stdin-filename", str(TARGET), "-"],
            input=source,
            capture_output=True,
            text=True,
            check=True,
        )
        source = done.stdout
    return source


if __name__ == "__main__":
    TARGET.write_text(formatted(text()), encoding="utf-8")
