"""The generated pages: docs/models (one sheet a model), docs/commands.md (every command) and docs/fidelity*.md.

`scripts/docs` writes them, a test compares them with what the tables say. Knows profiles and Markdown.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from nbtwin.at.command import ByType, Command, Row
from nbtwin.at.known import plain
from nbtwin.cli.profile_table import calls_of, has, known_of, sheet_of, signature
from nbtwin.module.profile import Profile
from nbtwin.profiles.models import PROFILES
from nbtwin.timeline.catalogue import words
from tools import fidelity, glossary

PATH = "[nbtwin on your PATH](../../README.md#nbtwin-on-your-path)"
NOTE = "<!-- Written by scripts/docs from the profiles; change them and run `make docs`. -->"
Forms = dict[str, list[str]]


def pages() -> dict[str, str]:
    """Path under docs/ to content."""
    made = {"models/README.md": _index(), "commands.md": _commands()}
    made |= {f"models/{_file(model)}": _model(model) for model in PROFILES}
    return made | {name: f"{NOTE}\n{text}" for name, text in {**fidelity.pages(), **glossary.pages()}.items()}


def write(folder: Path) -> None:
    for path, text in pages().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")


def _file(model: str) -> str:
    return model.lower().replace(" ", "-") + ".md"


def _index() -> str:
    lines = [
        NOTE,
        "# The models",
        "",
        "| model | documents | firmware | registers with | commands |",
        "|---|---|---|---|---|",
    ]
    for model, profile in PROFILES.items():
        operators = [*map(str, profile.schedules), *(["andlink"] if profile.andlink else [])]
        lines.append(
            f"| [{model}]({_file(model)}) | {', '.join(profile.documents)} | {profile.firmware} "
            f"| {', '.join(operators)} | {len(profile.commands)} |"
        )
    return "\n".join([*lines, "", f"`nbtwin models diff A B` shows where two of them differ ({PATH}).", ""])


def _model(model: str) -> str:
    lines = [NOTE, f"# {model}", "", f"What `nbtwin models show {model}` prints ({PATH}).", ""]
    for section, rows in sheet_of(PROFILES[model]).items():
        lines += [f"## {section}", "", "| | | known by |", "|---|---|---|"]
        for name, text in rows.items():
            lines.append(f"| {_cell(name)} | {_cell(text)} | {_cell(known_of(PROFILES[model], section, name))} |")
        lines.append("")
    return "\n".join(lines)


def _commands() -> str:
    lines = [NOTE, "# The commands", "", "Every command of every model, and how it is known: by a vendor *document*,"]
    lines += [
        "by a *standard*, or *observed* (see the [fidelity page](fidelity.md)). Models that agree share a row.",
        "",
    ]
    names = dict.fromkeys(command.name for profile in PROFILES.values() for command in profile.commands)
    for name in sorted(names, key=lambda name: (not name.startswith("+"), name)):
        lines += [f"## AT{_cell(name)}", "", *_command(name), ""]
    return "\n".join(lines)


def _command(name: str) -> Iterator[str]:
    variants: Forms = {}
    says = ""
    for model, profile in PROFILES.items():
        for command in profile.commands:
            if command.name == name:
                says = words(command.says)
                variants.setdefault(_row(profile, command), []).append(model)
    if says:
        yield says
        yield ""
    yield "| models | known by | forms | write |"
    yield "|---|---|---|---|"
    for row, models in variants.items():
        yield f"| {', '.join(models)} | {row} |"


def _row(profile: Profile, command: Command) -> str:
    present = ", ".join(form for form in calls_of(command) if has(profile, command, form))
    known = _cell(plain(fidelity.known_of(command)))
    return f"{known} | {present} | {'<br>'.join(_cell(text) for text in _writes(command))}"


def _writes(command: Command) -> Iterator[str]:
    if isinstance(command.write, Row):
        yield signature(command.write)
    elif isinstance(command.write, ByType):
        for number, row in command.write.rows.items():
            yield f"{number}: {signature(row)}"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
