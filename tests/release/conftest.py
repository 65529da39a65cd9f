"""What is committed or would be, built twice: in folders of other names, with other times on the files."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tools.distribution import Built, build

ROOT = Path(__file__).parents[2]
EPOCH = 1_764_000_000


@pytest.fixture(scope="session")
def built_twice(tmp_path_factory: pytest.TempPathFactory) -> tuple[Built, Built]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    files = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return tuple(
        _built(tmp_path_factory.mktemp(name), files, time) for name, time in (("a", 10**9), ("b-2", 2 * 10**9))
    )


def _built(folder: Path, files: list[Path], time: int) -> Built:
    for file in files:
        if file.is_file():
            target = folder / "sources" / file.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
            os.utime(target, (time, time))
    return build(folder / "sources", folder / "out", EPOCH)
