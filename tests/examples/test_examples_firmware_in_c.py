"""examples/firmware-in-c is built and run: green on models whose commands differ, red with each mistake put into it."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from preloaded import completed

FOLDER = Path(__file__).parents[2] / "examples" / "firmware-in-c"
COMPILERS = [name for name in ("gcc", "clang") if shutil.which(name)]
FOUND_BY = {
    "NO_BOOT_WAIT": "a first start: it did not wait for the boot",
    "HALF_LINE": "a first start: another IMEI",
    "DROPS_URC": "a first start: status 7",
    "RETRIES_AT_ONCE": "a first start: status 6",
    "MISSES_RESTART": "a restart in between: not noticed",
}
pytestmark = pytest.mark.skipif(
    not (COMPILERS and shutil.which("make") and shutil.which("curl")), reason="no C compiler, make or curl here"
)


def make(target: str, build: Path, rate: int, *modules: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """`make TARGET` against modules of these SPECs; what is built goes to ``build``. ``rate``: of the lab's time."""
    given = [word for spec in modules for word in ("--module", spec)]
    command = ["exec", "--rate", str(rate), "--artifacts", str(build / "kept"), *given]
    made = {**os.environ, "BUILD": str(build), **environment}
    return completed(*command, "--", "make", "-s", "-C", str(FOLDER), target, env=made, timeout=110)


def has_sanitizers(compiler: str, folder: Path) -> bool:
    source = folder / "try.c"
    source.write_text("int main(void) { return 0; }\n")
    command = [compiler, "-fsanitize=address,undefined", "-o", str(folder / "try"), str(source)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def test_the_program_is_right_with_three_families_of_modules(tmp_path: Path) -> None:
    sanitized = (
        "-fsanitize=address,undefined -fno-sanitize-recover=all" if has_sanitizers(COMPILERS[0], tmp_path) else ""
    )
    done = make(
        "test", tmp_path, 8, "BC28", "BC25", "BC260Y-CN,serial=tcp:127.0.0.1:0", CC=COMPILERS[0], SANITIZE=sanitized
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert sorted(done.stdout.split("\n")) == ["", "BC25: ok", "BC260Y_CN: ok", "BC28: ok"]


def test_each_mistake_in_it_is_found_and_for_its_own_reason(tmp_path: Path) -> None:
    done = make("bugs", tmp_path, 4, *(f"BC260Y-CN,name={bug}" for bug in FOUND_BY), CC=COMPILERS[-1])
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [f"{bug}: {why}" for bug, why in FOUND_BY.items()]


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_line_layer_and_the_application_need_no_operating_system(compiler: str, tmp_path: Path) -> None:
    """What moves to an MCU is compiled without the folders of the system's headers but the C library's own."""
    for source in ("at.c", "meter.c"):
        text = (FOLDER / "src" / source).read_text()
        headers = {line.split()[1] for line in text.splitlines() if line.startswith("#include <")}
        assert headers <= {"<stdbool.h>", "<stddef.h>", "<stdint.h>", "<stdio.h>", "<stdlib.h>", "<string.h>"}, source
        strict = ["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-O2", "-c"]
        command = [compiler, *strict, "-o", str(tmp_path / f"{source}.o"), str(FOLDER / "src" / source)]
        assert subprocess.run(command, check=False).returncode == 0
