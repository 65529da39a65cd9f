"""The plugin as its users have it: a test file of theirs, run by pytest within this one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import pytest

from nbtwin.testing import labs, ports

assert labs, ports  # loaded once, and not again by every run
_PLUGIN = "nbtwin.testing.plugin"
Run: TypeAlias = Callable[..., str]


@pytest.fixture(name="pytest_run")
def run_pytest(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs a user's test file, and gives what pytest says of it. No plugin but those that are named is loaded."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(test: str, *arguments: str, plugins: Sequence[str] = (_PLUGIN,)) -> str:
        pytester.makepyfile(test_users=test)
        loaded = [word for plugin in plugins for word in ("-p", plugin)]
        options = ("-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning", "-rA")
        done = pytester.runpytest_inprocess(*loaded, *options, *arguments)
        return f"{done.stdout}\n{done.stderr}"

    return run
