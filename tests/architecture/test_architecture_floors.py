"""The floors of docs/architecture.md: who may import whom, and which floors have no clock, socket or logger."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "nbtwin"

OUTSIDE = {"asyncio", "socket", "ssl", "threading", "time", "logging", "selectors", "subprocess"}
PURE_FLOORS = (
    "coap",
    "dtls",
    "at",
    "mqtt",
    "lwm2m",
    "selfreg",
    "module",
    "commands",
    "profiles",
    "operators",
    "timeline",
)
PURE_FILES = tuple(SOURCE / "host" / f"{name}.py" for name in ("driver", "startup", "dialect"))
TOUCHES_THE_DATABASE = {  # docs/architecture.md, Floors
    "operators/store/connections.py": {"threading", "time"},
    "operators/store/folding.py": {"threading", "time"},
    "operators/store/postgres_watch.py": {"socket", "threading", "time"},  # the driver's
}


def files_of(*floors: str) -> list[Path]:
    return sorted(path for floor in floors for path in (SOURCE / floor).rglob("*.py"))


def name_of(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def imports_of(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module


def test_every_import_goes_downward() -> None:
    """The contracts stand in pyproject.toml; import-linter reads them."""
    linter = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [linter, "--no-logo", "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def module_of(path: Path) -> str:
    parts = path.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Not even for their types, nor within a function."""
    modules = {module_of(path): path for path in SOURCE.rglob("*.py")}
    graph: dict[str, set[str]] = {}
    for name, path in modules.items():
        graph[name] = found = set()
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                found |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module is not None:
                full = {f"{node.module}.{alias.name}" for alias in node.names}
                found |= {inner if inner in modules else node.module for inner in full}
        found &= modules.keys() - {name}
    graph["nbtwin"] = set()  # what it names is loaded when it is first used
    TopologicalSorter(graph).prepare()  # CycleError names the circle


def test_the_page_has_the_floors_of_the_contract_in_their_order() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (floors,) = (contract["layers"] for contract in contracts if contract["name"] == "floors")
    page = (ROOT / "docs" / "architecture.md").read_text()
    table = page.partition("| floor | knows")[2].partition("\n\n")[0]
    told = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
    beside = [set(layer.split(" | ")) for layer in floors if layer != "__main__"]
    for layer in beside:
        assert set(told[: len(layer)]) == layer, f"docs/architecture.md: {told[: len(layer)]}, pyproject.toml: {layer}"
        told = told[len(layer) :]
    assert not told, f"docs/architecture.md knows floors that are none: {told}"


def test_every_package_inside_a_floor_is_on_the_page() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text()
    inside = {
        init.parent.relative_to(ROOT).as_posix()
        for init in SOURCE.glob("*/*/__init__.py")
        if init.parent.parent.name not in ("cli", "timeline")
    }
    missing = {name for name in inside if f"| `{name}` |" not in page}
    assert not missing, f"docs/architecture.md, Packages inside the floors: {sorted(missing)}"


@pytest.mark.parametrize("path", [SOURCE / "engine.py", *PURE_FILES, *files_of(*PURE_FLOORS)], ids=name_of)
def test_the_engines_have_no_clock_no_socket_no_logger(path: Path) -> None:
    used = {name for name in imports_of(ast.parse(path.read_text())) if name.split(".")[0] in OUTSIDE}
    used -= TOUCHES_THE_DATABASE.get(name_of(path), set())
    assert not used, f"{name_of(path)} imports {', '.join(sorted(used))}"


@pytest.mark.parametrize("path", files_of("lab"), ids=name_of)
def test_the_lab_opens_no_socket_starts_no_thread_and_logs_nothing(path: Path) -> None:
    used = {name for name in imports_of(ast.parse(path.read_text())) if name.split(".")[0] in OUTSIDE}
    assert not used, f"{name_of(path)} imports {', '.join(sorted(used))}"


@pytest.mark.parametrize("path", files_of("edge", "runtime", "scenario", "web", "cli"), ids=name_of)
def test_a_floor_logs_under_its_own_name(path: Path) -> None:
    """Or as the store, for whoever looks after it."""
    calls = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    loggers = {
        call.args[0].value
        for call in calls
        if ast.unparse(call.func) == "logging.getLogger" and call.args and isinstance(call.args[0], ast.Constant)
    }
    if name_of(path) != "cli/logs.py":  # sets the level of them all
        assert loggers <= {f"nbtwin.{name_of(path).partition('/')[0]}", "nbtwin.store"}


def global_randomness(node: ast.AST, shadowed: bool = False) -> Iterator[str]:
    """Uses of the `random` module's own generator; a parameter called `random` is a generator that was handed in."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        named = [*node.args.args, *node.args.kwonlyargs, *node.args.posonlyargs]
        shadowed = shadowed or any(argument.arg == "random" for argument in named)
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        called = f"{node.value.id}.{node.attr}"
        if called in {"os.urandom", "uuid.uuid4", "uuid.uuid1"}:
            yield called
        if node.value.id == "random" and node.attr != "Random" and not shadowed:
            yield called
    for child in ast.iter_child_nodes(node):
        yield from global_randomness(child, shadowed)


@pytest.mark.parametrize("path", [SOURCE / "engine.py", *files_of(*PURE_FLOORS, "lab")], ids=name_of)
def test_randomness_is_handed_in(path: Path) -> None:
    """`random.Random` as a type is fine; the module's own generator, `secrets` and `uuid` would break the seed."""
    tree = ast.parse(path.read_text())
    found = [*global_randomness(tree), *({"secrets"} & set(imports_of(tree)))]
    assert not found, f"{name_of(path)} uses {', '.join(found)}"


@pytest.mark.parametrize("path", files_of("profiles"), ids=name_of)
def test_profiles_are_data(path: Path) -> None:
    forbidden = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.If, ast.IfExp, ast.For, ast.While, ast.Lambda)
    found = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, forbidden)]
    assert not found, f"{name_of(path)}:{found[0].lineno} is not data"


MODELS = ("BC95", "BC28", "BC35", "BC26", "BC20", "BC260Y", "BC25", "BC32")


@pytest.mark.parametrize("path", files_of("at", "module", "commands", "coap", "lwm2m", "selfreg"), ids=name_of)
def test_no_code_below_the_profiles_decides_by_a_models_name(path: Path) -> None:
    """Comments and docstrings may name one; a string in the code may not."""
    tree = ast.parse(path.read_text())
    prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose:
            assert not node.value.startswith(MODELS), f"{name_of(path)}:{node.lineno} names {node.value!r}"
