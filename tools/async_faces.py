"""Makes src/nbtwin/api/asynchronous/faces.py: every face of the public API once more, for callers with an event loop.

`python -m tools.async_faces` writes it; a test compares, so that the two cannot drift apart. A face is `Lab`, and
whatever is made with a session; a method becomes a coroutine of the same name and parameters, and so does a property;
what only leads on to another face, or makes a condition, waits for nothing and stays as it is.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import inspect
import pkgutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from types import FunctionType, ModuleType

import nbtwin.api
from nbtwin.api.lab import Lab

TARGET = Path(__file__).parents[1] / "src/nbtwin/api/asynchronous/faces.py"
HEAD = '''"""The faces of the public API for asyncio: the names and parameters of the synchronous ones, as coroutines.

Made by `python -m tools.async_faces`; not to be edited.
"""

from __future__ import annotations

'''
_CLOSED = "What is under way ends, and the lab is closed; nothing can be asked of it any more."
_BESIDE = ("asynchronous", "real", "report", "notebook")
"""Packages and modules whose classes are not given to whoever asks a lab."""


def faces() -> dict[str, type]:
    """By name, `Lab` first."""
    found: dict[str, type] = {"Lab": Lab}
    for module in _modules():
        for name, thing in vars(module).items():
            if inspect.isclass(thing) and thing.__module__ == module.__name__ and not name.startswith("_"):
                takes = list(inspect.signature(thing.__init__).parameters) if "__init__" in vars(thing) else []
                if takes[1:2] == ["session"]:
                    found[name] = thing
    return found


def _modules() -> Iterator[ModuleType]:
    for info in pkgutil.walk_packages(nbtwin.api.__path__, "nbtwin.api."):
        if not any(part in _BESIDE for part in info.name.split(".")[2:]):
            yield importlib.import_module(info.name)


def members(face: type) -> dict[str, FunctionType | property]:
    """Public ones, with those of its bases; the most derived wins."""
    found: dict[str, FunctionType | property] = {}
    for base in reversed(face.__mro__):
        if base.__module__.startswith("nbtwin."):
            for name, thing in vars(base).items():
                if not name.startswith("_") and isinstance(thing, FunctionType | property):
                    found.pop(name, None)
                    found[name] = thing
    return found


class Writer:
    """Of one file: lines, and what is imported for them."""

    def __init__(self) -> None:
        self.faces = faces()
        self.lines: list[str] = []
        self.imports: set[tuple[str, str, str]] = set()  # module, name, as

    def text(self) -> str:
        for name, face in self.faces.items():
            self._class(name, face)
        wraps = ", ".join(f"{name}: Async{name}" for name in self.faces if name != "Lab")
        self.lines.append(f"_WRAPS: dict[type, type[AsyncFace]] = {{{wraps}}}")
        self._needs("nbtwin.api.asynchronous.runner", "AsyncFace", "AsyncCondition", "AsyncOpened", "THREADS")
        self._needs("functools", "partial")
        self._needs("collections.abc", "Callable")
        self._needs("typing", "Self", "Any")
        for name, face in self.faces.items():
            self._needs(face.__module__, name)
        by_module: dict[str, set[str]] = {}
        for module, name, alias in self.imports:
            by_module.setdefault(module, set()).add(name if name == alias else f"{name} as {alias}")
        wanted = [f"from {module} import {', '.join(sorted(names))}" for module, names in sorted(by_module.items())]
        return HEAD + "\n".join([*wanted, "", *self.lines, ""])

    def _needs(self, module: str, *names: str) -> None:
        self.imports |= {(module, name, name) for name in names}

    def _class(self, name: str, face: type) -> None:
        self.lines.append(f"class Async{name}({'AsyncOpened' if face is Lab else 'AsyncFace'}):")
        words = face.__doc__ or f"As `nbtwin.{name}`."
        self.lines.append(_docstring(words.replace("``with`` statement", "``async with`` statement"), 4))
        if face is Lab:
            self._open()
        elif found := _attributes(face):
            self._plain(found)
        for member, thing in members(face).items():
            if isinstance(thing, property):
                assert isinstance(thing.fget, FunctionType)
                self._property(member, thing.fget, thing.fset)
            elif member == "close" and face is Lab:
                self.lines += ["    async def close(self) -> None:", _docstring(_CLOSED, 8)]
                self.lines.append("        await self._end()\n")
            else:
                self._method(member, thing)

    def _open(self) -> None:
        function = _parsed(Lab.__init__)
        self._note(vars(Lab)["__init__"], function.args)
        passed = ", ".join(f"{arg.arg}={arg.arg}" for arg in function.args.kwonlyargs)
        self.lines += [
            f"    def __init__({ast.unparse(function.args)}) -> None:",
            f"        opening = partial(Lab, {passed})",
            "        super().__init__(_WRAPS, THREADS if live else 1, opening)\n",
            "    @classmethod",
            "    def _over(cls, opening: Callable[[], Lab]) -> Self:",
            '        """A lab that is opened so, when it is first asked."""',
            "        lab = cls.__new__(cls)",
            "        AsyncOpened.__init__(lab, _WRAPS, THREADS, opening)",
            "        return lab\n",
        ]

    def _plain(self, found: dict[str, tuple[str, str]]) -> None:
        """What is known from the beginning: attributes, with their words."""
        for name, (kind, words) in found.items():
            self.lines += ["    @property", f"    def {name}(self) -> {kind}:", _docstring(words, 8)]
            self.lines.append(f"        known: {kind} = self.face().{name}\n        return known\n")

    def _method(self, name: str, function: FunctionType) -> None:
        parsed = _parsed(function)
        self._note(function, parsed.args, parsed.returns)
        self._rename(parsed)
        returned = ast.unparse(parsed.returns) if parsed.returns is not None else "Any"
        passed = ", ".join(_passed(parsed.args))
        comma = ", " if passed else ""
        if returned == "AsyncCondition":
            self.lines.append(f"    def {name}({ast.unparse(parsed.args)}) -> AsyncCondition:")
            call = f'self._condition("{name}"{comma}{passed})'
            self.lines += [_docstring(function.__doc__, 8), f"        return {call}\n"]
            return
        self.lines.append(f"    async def {name}({ast.unparse(parsed.args)}) -> {returned}:")
        self.lines += [_docstring(function.__doc__, 8), *_given(returned, f'self._call("{name}"{comma}{passed})')]

    def _property(self, name: str, getter: FunctionType, setter: object) -> None:
        parsed = _parsed(getter)
        self._note(getter, parsed.returns)
        self._rename(parsed)
        assert parsed.returns is not None
        returned = ast.unparse(parsed.returns)
        if returned.removeprefix("Async") in self.faces:
            self.lines += ["    @property", f"    def {name}(self) -> {returned}:", _docstring(getter.__doc__, 8)]
            self.lines.append(f"        return {returned}(self._runner, lambda: self.face().{name})\n")
            return
        self.lines += [f"    async def {name}(self) -> {returned}:", _docstring(getter.__doc__, 8)]
        self.lines += _given(returned, f'self._get("{name}")')
        if setter is not None:
            self.lines += [f"    async def set_{name}(self, {name}: {returned}) -> None:"]
            self.lines += [f'        """`{name}`, from now on."""', f'        await self._set("{name}", {name})\n']

    def _rename(self, function: ast.FunctionDef) -> None:
        """Faces and conditions are the asynchronous ones; what is iterated over is a list that is there."""
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and (node.id in self.faces or node.id == "Condition"):
                node.id = f"Async{node.id}"
        if function.returns is not None:
            for node in ast.walk(function.returns):
                if isinstance(node, ast.Name) and node.id == "Iterator":
                    node.id = "list"

    def _note(self, function: FunctionType, *nodes: ast.AST | None) -> None:
        """Where the names come from that stand in a signature."""
        module = sys.modules[function.__module__]
        known = _imported(module)
        for node in nodes:
            for name in ast.walk(node) if node is not None else ():
                if not isinstance(name, ast.Name) or hasattr(builtins, name.id):
                    continue
                if name.id in self.faces or name.id in ("Condition", "Iterator"):
                    continue
                self.imports.add((*known.get(name.id, (module.__name__, name.id)), name.id))


def _imported(module: ModuleType) -> dict[str, tuple[str, str]]:
    tree = ast.parse(inspect.getsource(module))
    return {
        alias.asname or alias.name: (node.module or "", alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def _parsed(function: object) -> ast.FunctionDef:
    assert isinstance(function, FunctionType)
    (found,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    assert isinstance(found, ast.FunctionDef)
    return found


def _attributes(face: type) -> dict[str, tuple[str, str]]:
    """Public ones that its constructor takes as they are, with what stands below them."""
    body = _parsed(face.__init__).body  # type: ignore[misc]
    kinds = {arg.arg: arg.annotation for arg in _parsed(face.__init__).args.args}  # type: ignore[misc]
    found: dict[str, tuple[str, str]] = {}
    for node, behind in zip(body, [*body[1:], None], strict=True):
        if isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Attribute):
            value = node.value.id if isinstance(node.value, ast.Name) else ""
            if target.attr.startswith("_") or kinds.get(value) is None:
                continue
            words = behind.value if isinstance(behind, ast.Expr) else None
            text = words.value if isinstance(words, ast.Constant) else ""
            annotation = kinds[value]
            assert annotation is not None
            found[target.attr] = (ast.unparse(annotation), str(text))
    return found


def _passed(args: ast.arguments) -> Iterator[str]:
    yield from (arg.arg for arg in args.args[1:])
    yield from (f"{arg.arg}={arg.arg}" for arg in args.kwonlyargs)
    if args.kwarg is not None:
        yield f"**{args.kwarg.arg}"


def _given(returned: str, call: str) -> list[str]:
    if returned == "None":
        return [f"        await {call}\n"]
    return [f"        answered: {returned} = await {call}", "        return answered\n"]


def _docstring(words: str | None, indent: int) -> str:
    text = textwrap.indent(f'"""{inspect.cleandoc(words or "As the synchronous one.")}"""', " " * indent)
    return text


def formatted(text: str) -> str:
    """As `ruff format` and its sorting of imports have it."""
    ruff = Path(sys.executable).with_name("ruff")
    for command in (("check", "--select", "I,RUF100", "--fix", "-q"), ("format", "-q")):
        line = [ruff, *command, "--stdin-filename", str(TARGET), "-"]
        done = subprocess.run(line, input=text, capture_output=True, text=True, check=True)
        text = done.stdout
    return text


def made() -> str:
    """The file as it has to be."""
    return formatted(Writer().text())


if __name__ == "__main__":
    TARGET.write_text(made(), encoding="utf-8")
