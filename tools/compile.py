"""The engines as machine code: mypyc over a copy of the sources, and a wheel of this platform with the result.

Nothing is written beside the sources: a compiled module there would hide the source that somebody edits. What is
compiled is in a wheel and in the environment that it is installed into (`make fast`: `.venv-fast`).

    python -m tools.compile --into dist
"""

from __future__ import annotations

import argparse
import ast
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FLEET = ("answers", "arrivals", "counting", "course", "engine", "messages", "secure", "wheel")
PACKAGES = (
    *("outbox.py", "coap", "lwm2m", "dtls", "at", "operators", "module", "selfreg", "runtime/histogram.py"),
    *(f"fleet/{name}.py" for name in FLEET),
)
"""Of `src/nbtwin`: what is busy while datagrams and command lines arrive, while a simulated lab's days pass, and while
protocol-only devices make load.

A module-day takes half as long with `module`, `selfreg` and what they call compiled (docs/performance.md). `lab` stays
interpreted: with it compiled no simulated module answered (its scheduler may compare tuples by identity, which compiled
ones do not have: not proven), and a CMDMP request took longer in a build that had it and others (47.4 µs, not 40.7)."""
INTERPRETED = {
    "lwm2m/path.py": "mypyc makes no subclasses of tuple",
    "lwm2m/objects": "compares integers that no double holds, and is used once",
    "lwm2m/model.py": "data, with flags made of flags",
    "lwm2m/client/observations.py": "mypyc stumbles over a field of a dataclass that may be any object",
    "lwm2m/firmware": "used once a package",
    "operators/campaigns": "seldom busy",
    "operators/inventory": "reads and writes fields of structs, which the interpreter does twice as fast",
    "operators/self_registration.py": "its subclasses, which are data, set attributes of the class",
    "operators/store": "waits for disks and databases, most of it in a thread",
    "coap/reasons.py": "data",
    "dtls/reasons.py": "data",
    "at/command.py": "data, with rows that others add to",
    "at/explain.py": "used by hand",
    "at/known.py": "data",
    "at/values.py": "data, with enumerations that others go on with",
}
"""Of the packages: what stays as it is, and why. So does every module of data (`is_data`)."""
WHOLE = {
    "outbox.py": ("Address: TypeAlias = tuple[str, int]", "Address: TypeAlias = tuple[Any, ...]"),
    "coap/records.py": ("Key: TypeAlias = tuple[Address, int]", "Key: TypeAlias = tuple[Any, ...]"),
}
"""Tuples that go through many hands into dictionaries. mypyc takes one apart whose length it knows, and makes another
one of the parts for each dictionary and each struct: of a length that it does not know, it is one object throughout."""
HELP = """\
There is no C compiler here, or not the headers of this Python. On Debian and Ubuntu:
    apt-get install gcc python3-dev
Everything works without: `make test`, `make demo` and `make up` take the pure build."""


SETUP = """\
import os
from concurrent.futures import ThreadPoolExecutor
from mypyc.build import mypycify
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

class OnAllCores(build_ext):
    def build_extension(self, extension):
        compile = self.compiler.compile
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            def each(sources, *args, **kwargs):
                return sum(pool.map(lambda source: compile([source], *args, **kwargs), sources), [])
            self.compiler.compile = each
            super().build_extension(extension)
        self.compiler.compile = compile

extensions = mypycify({arguments!r}, opt_level={level!r}, debug_level="0", multi_file=True, group_name="nbtwin")
extensions.append(Extension("nbtwin.edge.mmsg", ["nbtwin/edge/mmsg.c"], py_limited_api=True))
setup(name="nbtwin", packages=[], ext_modules=extensions, cmdclass={{"build_ext": OnAllCores}})
"""


class Failed(Exception):
    """Why there is no compiled build."""


def is_data(source: str) -> bool:
    """A module that mypyc makes wrong or no faster: structs, whose keywords it drops, and what has no functions."""
    tree = ast.parse(source)
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    if any(node.keywords or any(ast.unparse(base).endswith("Struct") for base in node.bases) for node in classes):
        return True
    return not any(isinstance(node, ast.FunctionDef) for node in ast.walk(tree))


def modules(package: Path) -> Iterator[str]:
    """What is compiled, as paths under the package."""
    for name in PACKAGES:
        for path in sorted((package / name).rglob("*.py")) if (package / name).is_dir() else [package / name]:
            relative = path.relative_to(package).as_posix()
            left = any(relative == each or relative.startswith(f"{each}/") for each in INTERPRETED)
            if not left and not is_data(path.read_text(encoding="utf-8")):
                yield relative


def subclassed(package: Path) -> dict[str, set[str]]:
    """By module that is compiled: the classes that have subclasses in modules that are not."""
    chosen = set(modules(package))
    found: dict[str, set[str]] = {}
    for path in package.rglob("*.py"):
        if path.relative_to(package).as_posix() in chosen:
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {
            alias.asname or alias.name: (node.module.removeprefix("nbtwin.").replace(".", "/") + ".py", alias.name)
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module is not None
            for alias in node.names
        }
        for node in ast.walk(tree):
            for base in node.bases if isinstance(node, ast.ClassDef) else ():
                name = base.value if isinstance(base, ast.Subscript) else base
                module, original = imported.get(ast.unparse(name), ("", ""))
                module = _where(module, original)
                if module in chosen:
                    found.setdefault(module, set()).add(original)
    return found


def _where(module: str, name: str) -> str:
    """What `engine` hands on is `outbox`'s."""
    return "outbox.py" if (module, name) == ("engine.py", "Outbox") else module


def has_compiler() -> bool:
    """A C compiler, and what a C file includes of this Python."""
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    return shutil.which(compiler) is not None and Path(sysconfig.get_path("include"), "Python.h").is_file()


def compile_into(sources: Path, work: Path, level: str = "2") -> list[Path]:
    """The compiled modules of `sources` (a folder `nbtwin`), relative to `work`, where a copy of them comes to lie."""
    if not has_compiler():
        raise Failed(HELP)
    package = work / "nbtwin"
    shutil.copytree(sources, package, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    for name, classes in subclassed(package).items():
        for each in classes:
            _let_be_subclassed(package / name, each)
    for name, (apart, whole) in WHOLE.items():
        _keep_whole(package / name, apart, whole)
    chosen = [f"nbtwin/{name}" for name in modules(package)]
    strictness = ["--strict", "--no-warn-return-any", "--follow-imports=silent"]  # for `WHOLE`; the sources are checked
    arguments = [*strictness, f"--python-version={sys.version_info[0]}.{sys.version_info[1]}"]
    (work / "setup.py").write_text(SETUP.format(arguments=[*arguments, *chosen], level=level))
    command = [sys.executable, "setup.py", "-q", "build_ext", "--inplace"]
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=work, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise Failed(f"mypyc or the C compiler failed:\n{done.stdout}{done.stderr}")
    return sorted(path.relative_to(work) for path in [*work.glob("*.so"), *package.rglob("*.so")])


def _let_be_subclassed(path: Path, name: str) -> None:
    source = path.read_text(encoding="utf-8")
    marked = re.sub(
        rf"^class {name}\b",
        "if TYPE_CHECKING:\n    from mypy_extensions import mypyc_attr\n\n\n"
        rf"@mypyc_attr(allow_interpreted_subclasses=True)\nclass {name}",
        source,
        flags=re.MULTILINE,
    )
    if "import TYPE_CHECKING" not in marked:
        marked = marked.replace("annotations\n", "annotations\n\nfrom typing import TYPE_CHECKING\n", 1)
    path.write_text(marked, encoding="utf-8")


def _keep_whole(path: Path, apart: str, whole: str) -> None:
    source = path.read_text(encoding="utf-8")
    if source.count(apart) != 1:
        raise Failed(f"{path.name} has no {apart!r}")
    source = source.replace(apart, whole).replace("annotations\n", "annotations\n\nfrom typing import Any\n", 1)
    path.write_text(source, encoding="utf-8")


def wheel(root: Path, into: Path, epoch: int | None = None, level: str = "2") -> Path:
    """The wheel of this platform and this Python: the pure one's files and the compiled modules."""
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="nbtwin-compile-") as folder:
        compiled = compile_into(root / "src" / "nbtwin", Path(folder), level)
        listed = Path(folder) / "compiled.txt"
        listed.write_text("".join(f"{folder}/{path}\t{path}\n" for path in compiled))
        environment = {**os.environ, "NBTWIN_COMPILED": str(listed)}
        if epoch is not None:
            environment["SOURCE_DATE_EPOCH"] = str(epoch)
        command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(Path(folder) / "out")]
        done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
        if done.returncode:
            raise Failed(f"hatchling failed:\n{done.stdout}{done.stderr}")
        (built,) = (Path(folder) / "out").glob("*.whl")
        shutil.copy(built, into / built.name)
        return into / built.name


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.compile", description="Build the compiled wheel.")
    parser.add_argument("--into", type=Path, default=ROOT / "dist", help="the folder of the wheel")
    parser.add_argument("--level", choices="0123", default="2", help="how hard the C compiler tries; 0 ends soonest")
    parser.add_argument("--list", action="store_true", help="show what is compiled, build nothing")
    parser.add_argument("--can", action="store_true", help="only say by the exit status whether there is a compiler")
    given = parser.parse_args(arguments)
    if given.list:
        print("\n".join(modules(ROOT / "src" / "nbtwin")))
        return 0
    if given.can:
        if has_compiler():
            return 0
        print(HELP, file=sys.stderr)
        return 1
    try:
        print(wheel(ROOT, given.into, level=given.level))
    except Failed as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
