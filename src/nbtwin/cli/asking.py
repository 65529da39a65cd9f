"""Secrets that a command needs: asked for at a terminal, unseen; where there is none, nothing waits for an answer."""

from __future__ import annotations

import getpass
import sys

import typer

from nbtwin.cli.language import chosen
from nbtwin.cli.refusals import CliRefusal
from nbtwin.runtime.errors import WrongUsage
from nbtwin.timeline.catalogue import Phrase, say


class AskingPhrase(Phrase):
    """What stands before the cursor."""

    PASSWORD = "asking-password"


def secret(what: AskingPhrase, option: str, variable: str) -> str:
    """WrongUsage, with what would have had it, where standard input is no terminal."""
    if not sys.stdin.isatty():
        raise WrongUsage(CliRefusal.SECRET_NEEDED, option=option, variable=variable)
    try:
        return getpass.getpass(say(what, chosen()))
    except EOFError:
        raise typer.Abort from None
