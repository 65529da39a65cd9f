"""Wheel and sdist: the same bytes wherever they are built, with what is needed and nothing else."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest

import nbtwin
from tools.distribution import Built, build_from_sdist, complaints, differences

EPOCH = 1_764_000_000  # as in conftest.py
ROOT = Path(__file__).parents[2]


def test_wheel_and_sdist_are_the_same_bytes_in_another_folder_at_another_time(built_twice: tuple[Built, Built]) -> None:
    assert differences(*built_twice) == []


def test_the_sdist_builds_the_same_wheel_by_itself(built_twice: tuple[Built, Built], tmp_path: Path) -> None:
    wheel, sdist = built_twice[0]
    assert build_from_sdist(sdist, tmp_path, EPOCH).read_bytes() == wheel.read_bytes()


def test_nothing_is_wrong_with_what_is_in_them(built_twice: tuple[Built, Built]) -> None:
    assert complaints(built_twice[0], nbtwin.__version__) == []


def test_the_wheel_has_all_of_the_package_and_the_scenarios_of_the_examples(built_twice: tuple[Built, Built]) -> None:
    source = ROOT / "src"
    wanted = {
        path.relative_to(source).as_posix()
        for path in (source / "nbtwin").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".c"
    }
    wanted |= {f"nbtwin/examples/{path.name}" for path in (ROOT / "examples").glob("*.yaml")}
    assert {name for name in ZipFile(built_twice[0].wheel).namelist() if ".dist-info/" not in name} == wanted


@pytest.mark.parametrize(
    ("name", "content", "complaint"),
    [
        ("tests/test_at.py", b"", "does not belong there"),
        ("nbtwin/at/__pycache__/line.py", b"", "does not belong there"),
        ("nbtwin/coap/endpoint.so", b"", "does not belong there"),
        ("nbtwin/examples/firmware/main.c", b"", "does not belong there"),
        ("nbtwin/extra.py", b"HOME = '/" b"home/me/nbtwin'", "names a place of one machine: /" "home/me/nbtwin"),
        ("nbtwin/extra.py", b"", "is not in RECORD"),
    ],
)  # fmt: skip
def test_what_does_not_belong_into_a_wheel_is_found(
    built_twice: tuple[Built, Built], tmp_path: Path, name: str, content: bytes, complaint: str
) -> None:
    wheel = tmp_path / built_twice[0].wheel.name
    wheel.write_bytes(built_twice[0].wheel.read_bytes())
    with ZipFile(wheel, "a", ZIP_STORED) as archive:
        archive.writestr(name, content)
    assert f"wheel: {name} {complaint}" in complaints(built_twice[0]._replace(wheel=wheel), nbtwin.__version__)


def test_an_installed_wheel_says_its_version_and_has_its_command_and_plugin(
    built_twice: tuple[Built, Built], tmp_path: Path
) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--no-compile",
         "--disable-pip-version-check", "--target", tmp_path, built_twice[0].wheel],
        check=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    program = """
from importlib.metadata import distribution
import nbtwin
found = distribution("nbtwin")
print(found.version, nbtwin.__file__, *sorted(f"{point.group}:{point.value}" for point in found.entry_points))
"""
    told = subprocess.run(
        [sys.executable, "-c", program], env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == [
        nbtwin.__version__, str(tmp_path / "nbtwin" / "__init__.py"),
        "console_scripts:nbtwin.cli.main:run", "pytest11:nbtwin.testing.plugin",
    ]  # fmt: skip


def test_a_simulated_lab_and_the_plugin_need_neither_web_nor_command_line() -> None:
    program = """
import sys, nbtwin
import nbtwin.testing.plugin
module = nbtwin.Lab().add_module("BC28")
assert module.at("AT").ok
print(*sys.modules)
"""
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    heavy = {
        "fastapi", "uvicorn", "pydantic", "typer", "click", "rich", "yaml", "serial", "prometheus_client", "psycopg",
        "sqlite3", "asyncio", "fluent", "babel", "defusedxml", "bsdiff4",
        "nbtwin.operators.store.store", "nbtwin.timeline.decoder", "nbtwin.api.report.page", "nbtwin.scenario.cost",
    }  # fmt: skip
    assert heavy & set(told.stdout.split()) == set()
