"""The event loop belongs to the modules: no coroutine asks the store, which may have to wait for a fold (D178)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from nbtwin.operators.store.store import Store

SOURCE = Path(__file__).parents[2] / "src" / "nbtwin"
OF_MEMORY = {"keeps", "part", "adopt", "append"}
"""Methods of a store that ask no database; `append` writes to the journal, and is not for coroutines either."""
ASKS = {name for name, value in vars(Store).items() if callable(value) and not name.startswith("_")} - OF_MEMORY
IN_MEMORY = {SOURCE / "runtime" / "simulated_runtime.py"}  # its store has no journal and no file


def on_the_loop(function: ast.AsyncFunctionDef) -> Iterator[ast.AST]:
    """What runs there: not what is handed to a thread."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.FunctionDef | ast.Lambda):
            yield node
            waiting += ast.iter_child_nodes(node)


def is_store(node: ast.AST) -> bool:
    return ast.unparse(node).split(".")[-1] in ("store", "_store")


def is_part(node: ast.AST) -> bool:
    """``store.part(Repository)``."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "part"


def asked_in(tree: ast.AST) -> list[str]:
    return [
        f"{function.name}:{node.lineno} {ast.unparse(node.func)}"
        for function in ast.walk(tree)
        if isinstance(function, ast.AsyncFunctionDef)
        for node in on_the_loop(function)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and ((node.func.attr in ASKS and is_store(node.func.value)) or is_part(node.func.value))
    ]


@pytest.mark.parametrize("floor", ["web", "runtime", "edge", "api", "cli", "scenario"])
def test_no_coroutine_asks_the_store_on_the_event_loop(floor: str) -> None:
    found = {
        path.name: asked
        for path in (SOURCE / floor).rglob("*.py")
        if path not in IN_MEMORY and (asked := asked_in(ast.parse(path.read_text())))
    }
    assert found == {}


def test_one_that_does_is_found() -> None:
    assert asked_in(ast.parse("async def page(lab):\n    return lab.store.count()")) == ["page:2 lab.store.count"]
    assert not asked_in(
        ast.parse("async def page(lab):\n    await to_thread(lab.store.count)\n    lambda: lab.store.count()")
    )
    assert {"count", "device", "history", "registrations", "prune", "commit"} <= ASKS
