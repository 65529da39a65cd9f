"""The fidelity pages: every command, value and rule, and how it is known. Knows profiles, rules and Markdown.

Nothing is said here that is not in a table: a new command or field is on its page at once, and a test finds it when
nobody has said how it is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from nbtwin.at.command import ByType, Command, Form, Row
from nbtwin.at.known import Basis, plain, sources
from nbtwin.at.values import Field
from nbtwin.cli.profile_table import Sheet, calls_of, field_text, has, schedule_fields, sheet_of
from nbtwin.module.profile import Profile
from nbtwin.profiles.models import PROFILES
from nbtwin.profiles.rules import DOCUMENTS, RULES
from nbtwin.timeline.catalogue import words

NO_SUCH_FORM = "D30, D60"
FROM_MANUALS = "everyday"
SECTIONS = {  # of a profile's sheet, as the pages call them; the rest are its commands'
    "model": "The models",
    "boot": "Boot",
    "errors": "Errors",
    "switch": "The switch",
    "cmdmp": "CMDMP access",
    "extended": "Extended information",
    "schedules": "Schedules",
}
INTRODUCTION = """# Fidelity: how do we know?

Every command, value and rule of nbtwin has one of five sources. Nothing on these pages is without one.

- **document** — a vendor document says it; the chapter is named.
- **decision** — the documents are silent or disagree; the D-number leads to [decisions.md](decisions.md).
- **standard** — 3GPP, ITU-T, the IETF or OMA say it.
- **observed** — public firmware sources and logs of the same chip families agree on it.
- **assumed** — we chose it. A real module that does otherwise is welcome: tell us its firmware version.

nbtwin speaks for itself. It is not made, checked or endorsed by the vendor or by any operator.
"""


@dataclass(frozen=True)
class Statement:
    """One row of a page."""

    what: str
    says: str
    known: str


Statements = dict[str, list[Statement]]
"""By heading, in the page's order."""


def pages() -> dict[str, str]:
    """File name to content, the index first."""
    tables = {document: of_document(document) for document in DOCUMENTS}
    tables |= {FROM_MANUALS: of_everyday(), "": {heading: _rules("", heading) for heading in RULES[""]}}
    made = {"fidelity.md": _index(tables)}
    for document, title in DOCUMENTS.items():
        made[_file(document)] = f"# {document}: {title}\n\n" + _tables(tables[document])
    text = "# The commands around the documents\n\nNone of the five documents has them; no host works without them.\n\n"
    return made | {_file(FROM_MANUALS): text + _tables(tables[FROM_MANUALS])}


def of_document(document: str) -> Statements:
    """Its commands with their values, its own part of the profiles, and its rules."""
    found: Statements = {}
    models = [profile for profile in PROFILES.values() if document in profile.documents]
    for name in _names(models, document):
        rows = found.setdefault(f"AT{name}", [])
        rows += _merged([(profile.model, list(_of_command(profile, name))) for profile in models], len(models))
        rows += _rules(document, f"AT{name}")
    for section, heading in SECTIONS.items():
        parts = [(profile.model, list(_of_section(profile, section, document))) for profile in models]
        if rows := _merged(parts, len(models)):
            found.setdefault(heading, []).extend(rows)
    for subject in RULES[document]:
        if subject not in found:
            found[subject] = _rules(document, subject)
        elif subject in SECTIONS.values():
            found[subject] += _rules(document, subject)
    return found


def of_everyday() -> Statements:
    """The families' wording and the commands of docs/spec/at.md, Everyday commands."""
    models = list(PROFILES.values())
    found: Statements = {}
    for section, heading in (("everyday", "How the families word them"), ("radio_urcs", "Unsolicited result codes")):
        found[heading] = _merged([(p.model, list(_of_section(p, section, ""))) for p in models], len(models))
    for name in sorted(_names(models, "")):
        found[f"AT{name}"] = _merged([(p.model, list(_of_command(p, name))) for p in models], len(models))
    return found


def _names(models: Iterable[Profile], document: str) -> list[str]:
    """Commands in the order of the document; without one, those of no document. AT+NRB is in an example of DOC-E."""
    names = (command for profile in models for command in profile.commands)
    return [*dict.fromkeys(command.name for command in names if _document_of(command) == document)]


def _document_of(command: Command) -> str:
    document = command.source.partition(" ")[0]
    return document if document in DOCUMENTS and not command.source.endswith("6.1") else ""


def _rules(document: str, subject: str) -> list[Statement]:
    return [Statement("rule", rule.says, rule.known) for rule in RULES[document].get(subject, ())]


def _of_command(profile: Profile, name: str) -> Iterator[Statement]:
    for command in profile.commands:
        if command.name != name:
            continue
        known = known_of(command)
        for form, line in calls_of(command).items():
            yield _of_form(profile, command, form, line, known)
        yield from _of_write(command, known)
        for gate in command.gates:
            if gate not in profile.gates:
                yield Statement("gate", words(gate.meaning), gate.known)


def _of_form(profile: Profile, command: Command, form: Form, line: str, known: str) -> Statement:
    """What the module does with the line, which `nbtwin.at.explain` says, not what the row of the table looks like."""
    what = f"{form} form"
    if not has(profile, command, form):
        refused = profile.errors.not_supported
        return Statement(what, f"{line} is {'ERROR' if refused is None else f'error {refused}'}: no such form",
                         NO_SUCH_FORM)  # fmt: skip
    if form is Form.TEST and isinstance(command.test, tuple) and command.test:
        return Statement(what, f"{line} answers {' '.join(command.test)}", f"{known}, D60")
    if form is Form.EXECUTE and command.execute is None:
        return Statement(what, f"{line} is {line}0", "V.250 5.3.1")
    if form is Form.WRITE:
        return Statement(what, line.removesuffix("<n>") + _layout(command.write), known)
    return Statement(what, line, known)


def _layout(write: Row | ByType | None) -> str:
    """The names in their order."""
    names = [write.name, "…"] if isinstance(write, ByType) else [field.name for field in write.fields] if write else []
    return ",".join(name if name == "…" else f"<{name}>" for name in names)


def _of_write(command: Command, known: str) -> Iterator[Statement]:
    if isinstance(command.write, Row):
        yield from (_of_field("", field, command.write, known) for field in command.write.fields)
    elif isinstance(command.write, ByType):
        for number, row in command.write.rows.items():
            yield Statement(
                f"type {number}", ", ".join(f"<{field.name}>" for field in row.fields) or "no values", known
            )
            yield from (_of_field(f"type {number} ", field, row, known) for field in row.fields)


def _of_field(prefix: str, field: Field, row: Row, known: str) -> Statement:
    return Statement(f"{prefix}<{field.name}>", field_text(field, row), field.known or known)


def known_of(command: Command) -> str:
    """A chapter as it stands; of a standard or a manual the wording was observed."""
    first = sources(command.source)[0]
    return f"{command.source}, observed (wording)" if first.basis is Basis.STANDARD else command.source


@cache
def _sheet_of(model: str) -> Sheet:
    return sheet_of(PROFILES[model])


def _of_section(profile: Profile, section: str, document: str) -> Iterator[Statement]:
    """What the profile has there; where a model has two documents, what belongs to this one."""
    rows = _sheet_of(profile.model).get(section, {})
    if section == "schedules":
        for operator, schedule in profile.schedules.items():
            for name, text in schedule_fields(schedule):
                yield _value(profile, f"schedules.{operator}.{name}", f"{operator} {name}", text)
        return
    if section == "errors":
        rows = {name: text for name, text in rows.items() if not name.isdigit()}
        rows["texts"] = ", ".join(f"{code} {text}" for code, text in profile.errors.texts.items())
    for name, text in rows.items():
        found = _value(profile, name if section == "model" else f"{section}.{name}", name, text)
        if len(profile.documents) == 1 or not document or _belongs(found.known, document, profile):
            yield found


def _belongs(known: str, document: str, profile: Profile) -> bool:
    """Of a model of two documents each value is on one page: on that of the document it comes from, else the first."""
    named = [source.what.partition(" ")[0] for source in sources(known) if source.basis is Basis.DOCUMENT]
    home = named[0] if named and named[0] in profile.documents else profile.documents[0]
    return home == document


def _value(profile: Profile, path: str, name: str, text: str) -> Statement:
    return Statement(name.replace("_", " "), text or "(empty)", profile.known_by(path))


def _merged(parts: list[tuple[str, list[Statement]]], all_of_them: int) -> list[Statement]:
    """One row where models agree, one for each group of them where they do not."""
    groups: dict[str, dict[Statement, list[str]]] = {}
    for model, statements in parts:
        for statement in statements:
            who = groups.setdefault(statement.what, {}).setdefault(statement, [])
            who += [model] if model not in who else []
    rows = []
    for what, variants in groups.items():
        for statement, models in variants.items():
            only = "" if len(models) == all_of_them else f" ({', '.join(models)})"
            rows.append(Statement(f"{what}{only}", statement.says, statement.known))
    return rows


def _index(tables: dict[str, Statements]) -> str:
    heads = "| page | " + " | ".join(Basis) + " |"
    lines = [INTRODUCTION, heads, "|---" * (len(Basis) + 1) + "|"]
    for name, statements in tables.items():
        counted = Counter(source.basis for rows in statements.values() for row in rows for source in sources(row.known))
        label = (
            f"{name}: {DOCUMENTS[name]}" if name in DOCUMENTS else "commands of no document" if name else "this page"
        )
        link = f"[{label}]({_file(name)})" if name else label
        lines.append(f"| {link} | " + " | ".join(str(counted[basis]) for basis in Basis) + " |")
    lines += ["", "What holds for every model, and what is behind the serial line:", "", _tables(tables[""])]
    return "\n".join(lines)


def _tables(statements: Statements) -> str:
    lines: list[str] = []
    for heading, rows in statements.items():
        lines += [f"## {_cell(heading)}", "", "| | | known by |", "|---|---|---|"]
        lines += [f"| {_cell(row.what)} | {_cell(row.says)} | {plain(row.known)} |" for row in rows]
        lines.append("")
    return "\n".join(lines)


def _file(name: str) -> str:
    return f"fidelity-{name.lower()}.md"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("\n", " ")


def all_statements() -> Iterator[tuple[str, str, Statement]]:
    """Page, heading and row of everything that is said."""
    for document in DOCUMENTS:
        yield from ((document, heading, row) for heading, rows in of_document(document).items() for row in rows)
    yield from ((FROM_MANUALS, heading, row) for heading, rows in of_everyday().items() for row in rows)
    yield from (("", heading, row) for heading in RULES[""] for row in _rules("", heading))
