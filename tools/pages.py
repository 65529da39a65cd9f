"""The generated pages, in both languages: docs/models, docs/commands.md, docs/fidelity*.md and docs/glossary.md.

`scripts/docs` writes them, a test compares them with what the tables say. Knows profiles and Markdown.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from nbtwin.at.command import ByType, Command, Row
from nbtwin.cli.profile_table import (
    calls_of,
    has,
    known_of,
    operator_in_words,
    row_in_words,
    section_in_words,
    sheet_of,
    signature,
)  # fmt: skip
from nbtwin.module.profile import Profile
from nbtwin.profiles.models import PROFILES
from nbtwin.timeline.catalogue import LANGUAGES, words
from tools import fidelity, glossary
from tools.wording import PATHS, file_in, known_in, listed, said, twin_of

NOTE = "<!-- Written by scripts/docs from the profiles; change them and run `make docs`. -->"
Forms = dict[str, list[str]]


def pages() -> dict[str, str]:
    """Path under docs/ to content."""
    made: dict[str, str] = {}
    for language in LANGUAGES:
        made[file_in("models/README.md", language)] = _index(language)
        made[file_in("commands.md", language)] = _commands(language)
        made |= {file_in(f"models/{_file(model)}", language): _model(model, language) for model in PROFILES}
    return made | {name: f"{NOTE}\n{text}" for name, text in {**fidelity.pages(), **glossary.pages()}.items()}


def write(folder: Path) -> None:
    for path, text in pages().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def _file(model: str) -> str:
    return model.lower().replace(" ", "-") + ".md"


def _heads(names: tuple[str, ...], language: str) -> list[str]:
    return ["| " + " | ".join(said(name, language) for name in names) + " |", "|---" * len(names) + "|"]


def _index(language: str) -> str:
    lines = [NOTE, f"# {said('The models', language)}", "", twin_of("README.md", language), ""]
    lines += _heads(("model", "documents", "firmware", "registers with", "commands"), language)
    for model, profile in PROFILES.items():
        operators = [*map(str, profile.schedules), *(["andlink"] if profile.andlink else [])]
        named = operators if language == "en" else [operator_in_words(name, language) for name in operators]
        lines.append(
            f"| [{model}]({file_in(_file(model), language)}) | {listed([*profile.documents], language)} "
            f"| {profile.firmware} | {listed(named, language)} | {len(profile.commands)} |"
        )
    text = said("`nbtwin models diff A B` shows where two of them differ ({path}).", language, path=PATHS[language])
    return "\n".join([*lines, "", text, ""])


def _model(model: str, language: str) -> str:
    text = said("What `nbtwin models show {model}` prints ({path}).", language, model=model, path=PATHS[language])
    lines = [NOTE, f"# {model}", "", twin_of(_file(model), language), "", text, ""]
    for section, rows in sheet_of(PROFILES[model], language).items():
        lines += [f"## {section if language == 'en' else section_in_words(section, language)}", ""]
        lines += [f"| | | {said('known by', language)} |", "|---|---|---|"]
        for name, text in rows.items():
            what = name if language == "en" else row_in_words(section, name, language)
            known = known_of(PROFILES[model], section, name)
            known = known if language == "en" or not known else known_in(known, language)
            lines.append(f"| {_cell(what)} | {_cell(text)} | {_cell(known)} |")
        lines.append("")
    return "\n".join(lines)


EVERY = (
    "Every command of every model, and how it is known: by a vendor *document*,\nby a *standard*, or *observed* "
    "(see the [fidelity page]({fidelity})). Models that agree share a row."
)


def _commands(language: str) -> str:
    lines = [NOTE, f"# {said('The commands', language)}", "", twin_of("commands.md", language), ""]
    lines += [said(EVERY, language, fidelity=file_in("fidelity.md", language)), ""]
    names = dict.fromkeys(command.name for profile in PROFILES.values() for command in profile.commands)
    for name in sorted(names, key=lambda name: (not name.startswith("+"), name)):
        lines += [f"## AT{_cell(name)}", "", *_command(name, language), ""]
    return "\n".join(lines)


def _command(name: str, language: str) -> Iterator[str]:
    variants: Forms = {}
    says = ""
    for model, profile in PROFILES.items():
        for command in profile.commands:
            if command.name == name:
                says = words(command.says, language)
                variants.setdefault(_row(profile, command, language), []).append(model)
    if says:
        yield says
        yield ""
    yield from _heads(("models", "known by", "forms", "write"), language)
    for row, models in variants.items():
        yield f"| {listed(models, language)} | {row} |"


def _row(profile: Profile, command: Command, language: str) -> str:
    forms = [said(form, language) for form in calls_of(command) if has(profile, command, form)]
    known = _cell(known_in(fidelity.known_of(command), language))
    return f"{known} | {listed(forms, language)} | {'<br>'.join(_cell(text) for text in _writes(command, language))}"


def _writes(command: Command, language: str) -> Iterator[str]:
    if isinstance(command.write, Row):
        yield signature(command.write, language)
    elif isinstance(command.write, ByType):
        for number, row in command.write.rows.items():
            yield f"{number}: {signature(row, language)}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
