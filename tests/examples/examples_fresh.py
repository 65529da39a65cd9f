"""An environment that has nbtwin and pytest and nothing of a checkout: what a reader has after `pip install`.

It is made without pip and network: the packages are those of the interpreter that runs the tests.
"""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import nbtwin

_SCRIPT = "#!{python}\nimport sys\nfrom {module} import {function}\nsys.exit({function}())\n"
_SCRIPTS = {"nbtwin": ("nbtwin.cli.main", "run"), "pytest": ("pytest", "main")}


class Fresh:
    """``folder`` is empty; ``run`` is a shell there, whose PATH begins with the environment."""

    def __init__(self, root: Path, *more: Path) -> None:
        self._venv, self.folder = root / "venv", root / "work"
        self.folder.mkdir()
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(self._venv)], check=True)
        packages = self._venv / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
        of_this_one = sysconfig.get_paths()["purelib"]
        sources = [Path(nbtwin.__file__).parents[1], *more]
        (packages / "these.pth").write_text("\n".join([*map(str, sources), of_this_one]) + "\n")
        about = packages / "nbtwin-0.dist-info"
        about.mkdir()
        (about / "METADATA").write_text("Metadata-Version: 2.1\nName: nbtwin\nVersion: 0\n")
        (about / "entry_points.txt").write_text("[pytest11]\nnbtwin = nbtwin.testing.plugin\n")
        for name, (module, function) in _SCRIPTS.items():
            script = self._venv / "bin" / name
            script.write_text(_SCRIPT.format(python=self.python, module=module, function=function))
            script.chmod(0o755)

    @property
    def python(self) -> Path:
        return self._venv / "bin" / "python"

    def run(self, script: str) -> subprocess.CompletedProcess[str]:
        kept = {
            name: os.environ[name]
            for name in ("HOME", "LANG", "TMPDIR", "COVERAGE_PROCESS_START")
            if name in os.environ
        }
        path = f"{self._venv / 'bin'}:/usr/local/bin:/usr/bin:/bin"
        return subprocess.run(
            ["sh", "-c", script], cwd=self.folder, env={**kept, "PATH": path, "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=110, check=False,
        )  # fmt: skip
