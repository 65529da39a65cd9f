"""The language of what a command prints: `--lang`, else the environment's (POSIX: LC_ALL, LC_MESSAGES, LANG)."""

from __future__ import annotations

import os

from nbtwin.cli.refusals import CliRefusal
from nbtwin.runtime.errors import WrongUsage

_chosen: str | None = None


def choose(language: str | None) -> str | None:
    """For the rest of this command. None: as the environment says."""
    global _chosen
    if language not in (None, "en", "zh"):
        raise WrongUsage(CliRefusal.NONE_OF, "--lang", value=language, known=["en", "zh"])
    _chosen = language
    return language


def chosen() -> str:
    from nbtwin.timeline.catalogue import language_of

    if _chosen is not None:
        return _chosen
    locales = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    return language_of(next(filter(None, locales), ""))
