"""`scripts/release`: what has to be so before a version is tagged, one step after the other, and then the tag.

Takes what is committed, never the working tree. Pushes nothing, uploads nothing, names no registry: pip takes packages
from wherever it is told to.

    scripts/release --dry-run --tested
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

from tools import compile as compiled
from tools import distribution, sbom

ROOT = Path(__file__).resolve().parents[1]
FIRST_TEST = """
def test_a_module_registers(nb_lab, nb_module):
    nb_lab.run_until(nb_module.registered("cmdmp"), within="2min")
"""


class Stopped(Exception):
    """Why there is no release."""


class Release:
    """One try, of what HEAD is in ``root``."""

    def __init__(self, root: Path, into: Path, say: Callable[[str], None] = print) -> None:
        self.root, self.into, self.say = root, into, say
        self.version = version_of(self._shown("src/nbtwin/__init__.py"))
        self.tag = f"v{self.version}"
        self.epoch = int(self._git("log", "-1", "--format=%ct"))

    # the steps

    def check_tree(self) -> None:
        if changed := self._git("status", "--porcelain"):
            raise Stopped(f"the tree is not clean:\n{changed}")
        if self._git("tag", "--list", self.tag):
            raise Stopped(f"there is a tag {self.tag} already")
        self.say(f"clean tree, {self.version}, no tag {self.tag}")

    def check_changelog(self, dated: bool) -> None:
        """The newest section is this version's; ``dated``: with its day."""
        heading = re.search(r"^## \[(.+?)\](?: - (\S+))?", self._shown("CHANGELOG.md"), re.MULTILINE)
        if heading is None or heading[1] != self.version:
            raise Stopped(f"the newest section of CHANGELOG.md is not {self.version}'s")
        if not re.fullmatch(r"\d{4}-\d\d-\d\d", heading[2] or ""):
            if dated:
                raise Stopped(f"CHANGELOG.md has no date at {self.version}")
            self.say(f"CHANGELOG.md: {self.version} has no date yet")

    def run_tests(self) -> None:
        for target in ("check", "test"):
            self._run("make", target, cwd=self.root)

    def build(self, work: Path) -> distribution.Built:
        """Twice, in folders of other names, and compared; then looked into."""
        built = []
        for name in ("one", "another-folder"):
            sources, out = work / name / "sources", work / name / "out"
            sources.mkdir(parents=True)
            with subprocess.Popen(["git", "archive", "HEAD"], cwd=self.root, stdout=subprocess.PIPE) as archive:
                self._run("tar", "-x", "--touch", "-C", str(sources), stdin=archive.stdout)
            built.append(distribution.build(sources, out, self.epoch))
        if unlike := distribution.differences(*built):
            raise Stopped(f"not the same bytes when built twice: {', '.join(unlike)}")
        (work / "from-sdist").mkdir()
        offline = distribution.build_from_sdist(built[0].sdist, work / "from-sdist", self.epoch)
        if offline.read_bytes() != built[0].wheel.read_bytes():
            raise Stopped("the wheel from the sdist is another one")
        if found := distribution.complaints(built[0], self.version):
            raise Stopped("\n".join(found))
        self.into.mkdir(parents=True, exist_ok=True)
        kept = distribution.Built(*(self.into / file.name for file in built[0]))
        for file, target in zip(built[0], kept, strict=True):
            target.write_bytes(file.read_bytes())
            self.say(f"{target} {target.stat().st_size / 1e6:.2f} MB, the same bytes twice")
        return kept

    def build_compiled(self, work: Path) -> Path | None:
        """The wheel of this platform and Python, from the same sources; None where there is no compiler."""
        if not compiled.has_compiler():
            self.say("no C compiler: no compiled wheel")
            return None
        try:
            wheel = compiled.wheel(work / "one" / "sources", self.into, self.epoch)
        except compiled.Failed as error:
            raise Stopped(str(error)) from None
        if found := distribution.complaints_of_wheel(wheel, self.version):
            raise Stopped("\n".join(found))
        self.say(f"{wheel} {wheel.stat().st_size / 1e6:.2f} MB, compiled")
        return wheel

    def write_bill(self) -> Path:
        file = self.into / f"nbtwin-{self.version}.cdx.json"
        bill = sbom.bill(self.version, self.epoch, self.root)
        file.write_text(json.dumps(bill, indent=2) + "\n", encoding="utf-8")
        self.say(f"{file} {len(bill['components'])} components")
        return file

    def try_out(self, wheel: Path, work: Path) -> None:
        """In an environment that has nothing but the wheel with pytest: version, demo, a first test."""
        work.mkdir()
        venv.create(work / "venv", with_pip=True)
        python = work / "venv" / "bin" / "python"
        self._run(str(python), "-m", "pip", "install", "-q", f"{wheel}[pytest]", cwd=work)
        told = self._run(str(python), "-m", "nbtwin", "--version", cwd=work)
        if told.strip() != f"nbtwin {self.version}":
            raise Stopped(f"the installed one says {told.strip()}")
        self._run(str(python), "-m", "nbtwin", "demo", cwd=work)
        (work / "test_first.py").write_text(FIRST_TEST)
        self._run(str(python), "-m", "pytest", "-q", "test_first.py", cwd=work)
        self.say("a fresh environment: installs, demo, first test")

    def make_tag(self) -> None:
        self._git("tag", "-a", self.tag, "-m", f"nbtwin {self.version}")
        self.say(f"tagged {self.tag}; nothing was pushed")

    # what they stand on

    def _shown(self, path: str) -> str:
        return self._git("show", f"HEAD:{path}")

    def _git(self, *words: str) -> str:
        return self._run("git", *words, cwd=self.root).strip()

    def _run(self, *words: str, cwd: Path | None = None, stdin: object = None) -> str:
        """Its standard output. Stopped where it fails. The checkout's own package is not on its path."""
        environment = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "PYTHONHOME")}
        done = subprocess.run(words, cwd=cwd, stdin=stdin, env=environment, capture_output=True, text=True)  # type: ignore[call-overload]
        if done.returncode:
            raise Stopped(f"{' '.join(words)}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
        output: str = done.stdout
        return output


def version_of(source: str) -> str:
    """What the one place says."""
    found = re.search(r'^__version__ = "(\d+\.\d+\.\d+)"$', source, re.MULTILINE)
    if found is None:
        raise Stopped("src/nbtwin/__init__.py has no version")
    return found[1]


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(prog="scripts/release", description="Check a release, and tag it.")
    parser.add_argument(
        "--dry-run", action="store_true", help="everything but the tag; the changelog may lack its date"
    )
    parser.add_argument(
        "--tested", action="store_true", help="`make check` and `make test` have passed for this commit"
    )
    parser.add_argument("--into", type=Path, default=root / "dist", help="where wheel, sdist and bill of materials go")
    given = parser.parse_args(arguments)
    try:
        release = Release(root, given.into.resolve())
        release.check_tree()
        release.check_changelog(dated=not given.dry_run)
        if not given.tested:
            release.run_tests()
        with tempfile.TemporaryDirectory(prefix="nbtwin-release-") as folder:
            built = release.build(Path(folder))
            release.write_bill()
            release.try_out(built.wheel, Path(folder) / "pure")
            if (wheel := release.build_compiled(Path(folder))) is not None:
                release.try_out(wheel, Path(folder) / "compiled")
        if given.dry_run:
            print(f"{release.version} could be tagged {release.tag}")
        else:
            release.make_tag()
    except (Stopped, subprocess.CalledProcessError, ValueError) as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
