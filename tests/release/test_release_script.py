"""What stops a release: each in a small repository of its own."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tools import release

Repository = Callable[..., Path]


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    def made(version: str = "0.3.0", changelog: str = "# Changelog\n\n## [0.3.0] - 2027-01-02\n") -> Path:
        (tmp_path / "src/nbtwin").mkdir(parents=True)
        (tmp_path / "src/nbtwin/__init__.py").write_text(f'__version__ = "{version}"\n')
        (tmp_path / "CHANGELOG.md").write_text(changelog)
        git(tmp_path, "init", "-q")
        git(tmp_path, "config", "user.name", "n")
        git(tmp_path, "config", "user.email", "n@n")
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-q", "-m", "all")
        return tmp_path

    return made


def test_a_tree_that_is_not_clean_stops_it(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    root = repository()
    (root / "new.txt").write_text("")
    assert release.main(["--tested"], root) == 1
    assert "the tree is not clean:\n?? new.txt" in capsys.readouterr().err


def test_a_tag_that_is_there_stops_it(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    root = repository()
    git(root, "tag", "v0.3.0")
    assert release.main(["--tested"], root) == 1
    assert "there is a tag v0.3.0 already" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("changelog", "complaint"),
    [
        ("## [0.2.0] - 2026-11-30\n", "the newest section of CHANGELOG.md is not 0.3.0's"),
        ("## [Unreleased]\n\n## [0.3.0] - 2027-01-02\n", "the newest section of CHANGELOG.md is not 0.3.0's"),
        ("## [0.3.0] - unreleased\n", "CHANGELOG.md has no date at 0.3.0"),
    ],
)
def test_a_changelog_that_does_not_have_the_version_stops_it(
    repository: Repository, capsys: pytest.CaptureFixture[str], changelog: str, complaint: str
) -> None:
    assert release.main(["--tested"], repository(changelog=changelog)) == 1
    assert complaint in capsys.readouterr().err


def test_a_dry_run_takes_a_changelog_without_its_date(
    repository: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    root = repository(changelog="## [0.3.0] - unreleased\n")
    assert release.main(["--dry-run", "--tested"], root) == 1
    told = capsys.readouterr()
    assert "0.3.0 has no date yet" in told.out
    assert "hatchling" in told.err  # there is nothing here that could be built


def test_tests_that_fail_stop_it(repository: Repository, capsys: pytest.CaptureFixture[str]) -> None:
    root = repository()
    (root / "Makefile").write_text("check:\n\t@echo seen by the checks; false\n")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "checks")
    assert release.main([], root) == 1
    assert "seen by the checks" in capsys.readouterr().err
    assert git(root, "tag") == ""


def test_the_tag_says_the_version_and_goes_nowhere(repository: Repository) -> None:
    root = repository()
    said: list[str] = []
    release.Release(root, root / "dist", said.append).make_tag()
    assert git(root, "tag", "-n").split() == ["v0.3.0", "nbtwin", "0.3.0"]
    assert said == ["tagged v0.3.0; nothing was pushed"]
