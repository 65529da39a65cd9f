"""The compiled build: which modules, what a machine without a compiler is told, and what the wheel says of itself."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import pytest

from nbtwin import outbox
from nbtwin.runtime import build_kind
from nbtwin.runtime.interpreter import is_optimised
from tools import compile as compiled

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "src" / "nbtwin"


def test_engines_are_compiled_and_data_is_not() -> None:
    """A struct with keywords in one of these would leave it, and what is hot in it, to the interpreter."""
    chosen = set(compiled.modules(SOURCES))
    hot = {"outbox.py", "coap/message.py", "coap/endpoint.py", "coap/blockwise_endpoint.py", "lwm2m/server/server.py"}
    platforms = {f"operators/{name}/platform.py" for name in ("andlink", "cmdmp")}
    modules = {"module/module.py", "selfreg/cmdmp_client.py", "lwm2m/client/registration.py", "at/session.py"}
    fleets = {f"fleet/{name}.py" for name in compiled.FLEET} | {"runtime/histogram.py", "dtls/usual.py"}
    assert (
        hot | platforms | modules | fleets | {"operators/device_management/management.py", "dtls/server.py"} <= chosen
    )
    assert not {"coap/events.py", "lwm2m/path.py", "operators/events.py", "lwm2m/__init__.py"} & chosen


@pytest.mark.parametrize("name", compiled.INTERPRETED)
def test_what_is_left_out_is_there(name: str) -> None:
    assert (SOURCES / name).exists()


@pytest.mark.parametrize("name", compiled.WHOLE)
def test_a_tuple_that_stays_whole_is_named_as_its_module_has_it(name: str) -> None:
    apart, _ = compiled.WHOLE[name]
    assert (SOURCES / name).read_text().count(apart) == 1


@pytest.mark.parametrize(
    ("source", "is_data"),
    [
        ("class A(Fact, frozen=True):\n    def f(self) -> None: ...\n", True),
        ("X = 1\n", True),
        ("class A:\n    def f(self) -> None: ...\n", False),
    ],
)
def test_structs_with_keywords_and_modules_without_functions_are_data(source: str, is_data: bool) -> None:
    assert compiled.is_data(source) is is_data


def test_what_interpreted_modules_build_on_may_be_subclassed(tmp_path: Path) -> None:
    for name in compiled.PACKAGES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch() if name.endswith(".py") else (tmp_path / name).mkdir()
    (tmp_path / "coap/one.py").write_text("class One:\n    def f(self) -> None: ...\n")
    (tmp_path / "outbox.py").write_text("class Outbox:\n    def f(self) -> None: ...\n")
    (tmp_path / "selfreg.py").write_text(
        "from nbtwin.coap.one import One as Base\nfrom nbtwin.engine import Outbox\n"
        "class A(Base): ...\nclass B(Outbox[int]): ...\n"
    )
    assert compiled.subclassed(tmp_path) == {"coap/one.py": {"One"}, "outbox.py": {"Outbox"}}


def test_without_a_compiler_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(compiled.Failed, match=r"apt-get install gcc python3-dev"):
        compiled.compile_into(SOURCES, tmp_path)
    assert not list(tmp_path.iterdir())


def test_make_fast_says_so_before_it_installs_anything(tmp_path: Path) -> None:
    without = {**os.environ, "CC": "no-such-compiler", "PYTHON": sys.executable, "VENV": str(tmp_path / "venv")}
    done = subprocess.run(["sh", "scripts/setup", "--fast"], cwd=ROOT, env=without, capture_output=True, text=True)
    assert (done.returncode, list(tmp_path.iterdir())) == (1, [])
    assert "apt-get install gcc python3-dev" in done.stderr


def test_a_wheel_with_compiled_modules_is_of_one_platform(tmp_path: Path) -> None:
    module = tmp_path / "module.so"
    module.write_bytes(b"compiled")
    listed = tmp_path / "listed.txt"
    listed.write_text(f"{module}\tnbtwin/module.so\n")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "NBTWIN_COMPILED": str(listed)}, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    python = f"cp{sys.version_info[0]}{sys.version_info[1]}"
    assert f"-{python}-{python}-" in wheel.name
    with ZipFile(wheel) as archive:
        (about,) = (name for name in archive.namelist() if name.endswith("/WHEEL"))
        assert "Root-Is-Purelib: false" in archive.read(about).decode()
        assert archive.read("nbtwin/module.so") == b"compiled"


@pytest.mark.parametrize(
    ("arguments", "uses", "optimised"),
    [
        ("'--enable-optimizations' '--with-lto'", "-fprofile-use", True),
        ("'--enable-shared' '--prefix=/usr'", "", True),  # Debian's
        ("'--prefix=/opt'", "-fprofile-use -fprofile-correction", False),
    ],
)
def test_an_interpreter_with_pgo_is_known_by_its_configuration(
    arguments: str, uses: str, optimised: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {
        "CONFIG_ARGS": arguments,
        "PGO_PROF_GEN_FLAG": "-fprofile-generate",
        "PGO_PROF_USE_FLAG": uses,
    }
    monkeypatch.setattr(sysconfig, "get_config_vars", lambda *names: [values[name] for name in names])
    assert is_optimised() is optimised
    assert ("(PGO)" if optimised else "(no PGO)") in build_kind.described()


def test_the_build_says_what_it_is() -> None:
    kind = "pure" if str(outbox.__file__).endswith(".py") else "compiled"
    assert build_kind.described().endswith(f", {kind}")
