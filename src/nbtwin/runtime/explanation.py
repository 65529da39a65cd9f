"""What a command line means, in the language of the reader: `nbtwin explain`, and the API's lines.

Knows what `nbtwin.at.explain` found; knows no table of commands.
"""

from __future__ import annotations

from nbtwin.at.explain import CommandExplained, FieldExplained, LineExplained
from nbtwin.at.known import fields_of_source, sources
from nbtwin.timeline.catalogue import words


def lines_of(explained: LineExplained, language: str = "en") -> list[str]:
    """One fact per line."""
    if explained.error is not None:
        return [f"ERROR: {words(explained.error, language)}"]
    if not explained.commands:
        return [words("explain-no-command", language)]
    return [text for command in explained.commands for text in _lines_of(command, language)]


def about(field: FieldExplained, language: str = "en") -> str:
    """What is wrong with a value, else what it stands for, else what it may be."""
    if field.error is not None:
        return words(field.error, language)
    if field.text is None:
        return words("explain-left-out", language, value=field.value)
    if not field.text:
        return words("explain-left-empty", language)
    if field.meaning is not None:
        return words(field.meaning, language)
    return words(field.takes, language) if field.takes is not None else ""


def known_in_words(known: str, language: str = "en") -> str:
    """How something is known (`nbtwin.at.known`), as tables say it."""
    parts = [words("known-source", language, **fields_of_source(source)) for source in sources(known)] if known else []
    return words("list-separator", language).join(parts)


def _lines_of(command: CommandExplained, language: str) -> list[str]:
    head = command.text
    if command.source:
        head = words("explain-command", language, name=command.name, form=command.form, chapter=command.source)
    lines = [words("explain-says", language, head=head, says=command.says)]
    for field in command.fields:
        shown = field.text or words("explain-value-left-out" if field.text is None else "explain-value-empty", language)
        known = f"  [{known_in_words(field.known, language)}]" if field.known else ""
        mark = " " if field.error is None else "✗"
        lines.append(f"  {mark} <{field.name}> {shown}  {about(field, language)}{known}")
    lines += [f"  {words('explain-answers', language, text=text)}" for text in command.answers]
    if not command.executed:
        lines.append(f"  {words('explain-not-executed', language)}")
    elif command.error is not None:
        code = f"+CME ERROR: {command.err} (AT+CMEE=1)" if command.err is not None else "ERROR"
        lines.append(f"  {code}: {words(command.error, language)}")
    for gate in command.gates:
        lines.append(
            f"  {words('explain-gate', language, meaning=gate.meaning, known=known_in_words(gate.known, language))}"
        )
    return lines
