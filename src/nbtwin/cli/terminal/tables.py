"""What the tables say of a line while it is written and when it was refused. Knows profiles; knows no screen."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nbtwin.at.explain import CommandExplained, LineExplained, explain
from nbtwin.host.driver import error_number
from nbtwin.host.tables import any_dialect, dialect_of
from nbtwin.profiles.models import PROFILES
from nbtwin.runtime.explanation import about, lines_of
from nbtwin.timeline.catalogue import words
from nbtwin.web.completion import Completion, complete

if TYPE_CHECKING:
    from nbtwin.at.command import Command
    from nbtwin.host.dialect import HostDialect
    from nbtwin.module.profile import Profile

_MOST = 40


class Tables:
    """Of one model, or of all while nobody knows which it is."""

    def __init__(self, language: str, profile: Profile | None = None) -> None:
        self._language = language
        self.profile = profile

    @property
    def commands(self) -> Sequence[Command]:
        if self.profile is not None:
            return self.profile.commands
        found: dict[str, Command] = {}
        for profile in PROFILES.values():
            for command in profile.commands:
                found.setdefault(command.name, command)
        return list(found.values())

    @property
    def dialect(self) -> HostDialect:
        """For the driver."""
        return any_dialect() if self.profile is None else dialect_of(self.profile)

    def completions(self, line: str) -> list[Completion]:
        return complete(self.commands, line, _MOST, self._language) if line.strip() else []

    def explained(self, line: str) -> list[str]:
        """Whole, as `nbtwin explain` has it."""
        found = self._explain(line)
        return [] if found is None else lines_of(found, self._language)

    def shortly(self, line: str) -> str:
        """For one line of the screen: the command that is being written, and its last field or what is wrong."""
        found = self._explain(line) if line.strip() else None
        if found is None:
            return ""
        if found.error is not None or not found.commands:
            return "" if found.error is None else words(found.error, self._language)
        return self._command(found.commands[-1])

    def _command(self, command: CommandExplained) -> str:
        if not command.source:  # a name that is still being written is no error
            begun = any(each.name.startswith(command.name.upper()) for each in self.commands)
            return "" if begun or command.error is None else words(command.error, self._language)
        name, form, chapter = command.name, command.form, command.source
        head = words("explain-command", self._language, name=name, form=form, chapter=chapter)
        said = words("explain-says", self._language, head=head, says=command.says)
        if command.fields:
            wrong = next((field for field in command.fields if field.error is not None), None)
            written = [field for field in command.fields if field.text is not None]
            field = wrong or (written or list(command.fields))[-1]
            told = about(field, self._language)
            return f"{told}  {said}" if field.error is not None else f"<{field.name}> {told}  {said}"
        return said if command.error is None else f"{words(command.error, self._language)}  {said}"

    def why(self, line: str, final: str) -> list[str]:
        """What an error means: its number, and what is wrong with the line."""
        said: list[str] = []
        number = error_number(final)
        if number is not None and self.profile is not None and (text := self.profile.errors.texts.get(number)):
            said.append(f"{number}: {text}")
        found = self._explain(line)
        if found is not None and not found.ok:
            if found.error is not None:
                said.append(words(found.error, self._language))
            said += [words(each.error, self._language) for each in found.commands if each.error is not None]
        return said

    def _explain(self, line: str) -> LineExplained | None:
        profile = self.profile or next(iter(PROFILES.values()))
        return explain(self.commands, profile.errors, line)

    def learn(self, lines: Sequence[str]) -> bool:
        """From the answer to AT+CGMM; whether a model was in it. The longest name: BC260Y-CN is none of the BC26."""
        said = _plain("".join(lines))
        for name in sorted(PROFILES, key=len, reverse=True):
            if _plain(name) in said:
                self.profile = PROFILES[name]
                return True
        return False


def _plain(text: str) -> str:
    return re.sub(r"[^A-Z0-9.]", "", text.upper())
