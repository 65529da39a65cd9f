"""The fidelity pages, in both languages: every command, value and rule, and how it is known.

Knows profiles, rules and Markdown.

Nothing is said here that is not in a table: a new command or field is on its page at once, and a test finds it when
nobody has said how it is known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from nbtwin.at.command import ByType, Command, Form, Row
from nbtwin.at.known import Basis, sources
from nbtwin.at.values import Field
from nbtwin.cli.profile_table import (
    Sheet,
    calls_of,
    field_text,
    has,
    operator_in_words,
    row_in_words,
    schedule_fields,
    sheet_of,
)  # fmt: skip
from nbtwin.module.profile import Profile
from nbtwin.profiles.models import PROFILES
from nbtwin.profiles.rules import DOCUMENTS, RULES
from nbtwin.selfreg.schedule import Operator
from nbtwin.timeline.catalogue import LANGUAGES, words
from tools.wording import bracketed, file_in, known_in, listed, said, twin_of

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
AROUND = (
    "# The commands around the documents\n\n{twin}\n\nNone of the five documents has them; every host needs them.\n\n"
)
INTRODUCTION = {
    "en": """# Fidelity: how do we know?

{twin}

Every command, value and rule of nbtwin has one of five sources. Nothing on these pages is without one.

- **document** — a vendor document says it; the chapter is named.
- **decision** — the documents are silent or disagree; the D-number leads to [decisions.md](decisions.md).
- **standard** — 3GPP, ITU-T, the IETF or OMA say it.
- **observed** — public firmware sources and logs of the same chip families agree on it.
- **assumed** — we chose it. A real module that does otherwise is welcome: tell us its firmware version.

nbtwin speaks for itself. It is not made, checked or endorsed by the vendor or by any operator.
""",
    "zh": """# 保真度：依据是什么

{twin}

nbtwin 的每条命令、每个取值、每条规则都有依据，分为五类；这些页面上没有无依据的内容。

- **文档** — 厂商文档写明，注明章节。
- **决定** — 文档没有说明或前后矛盾；D 编号见[决定](decisions.zh-CN.md)。
- **标准** — 3GPP、ITU-T、IETF 或 OMA 的规定。
- **公开资料** — 同一芯片系列的公开固件源码和日志一致。
- **假定** — 由我们选定。若真实模块的表现不同，欢迎告知其固件版本。

nbtwin 只代表自己，并非厂商或任何运营商制作、检验或认可的产品。
""",
}


@dataclass(frozen=True)
class Statement:
    """One row of a page."""

    what: str
    says: str
    known: str


Statements = dict[str, list[Statement]]
"""By heading, in the page's order; headings in English, whatever the rows are in."""


def pages() -> dict[str, str]:
    """File name to content, the index first, in both languages."""
    return {name: text for language in LANGUAGES for name, text in _pages(language)}


def _pages(language: str) -> Iterator[tuple[str, str]]:
    tables = {document: of_document(document, language) for document in DOCUMENTS}
    tables |= {FROM_MANUALS: of_everyday(language), "": {head: _rules("", head, language) for head in RULES[""]}}
    yield file_in("fidelity.md", language), _index(tables, language)
    for document, title in DOCUMENTS.items():
        name = _file(document)
        head = said("{document}: {title}", language, document=document, title=said(title, language))
        yield (
            file_in(name, language),
            f"# {head}\n\n{twin_of(name, language)}\n\n" + _tables(tables[document], language),
        )
    name = _file(FROM_MANUALS)
    text = said(AROUND, language, twin=twin_of(name, language))
    yield file_in(name, language), text + _tables(tables[FROM_MANUALS], language)


def of_document(document: str, language: str = "en") -> Statements:
    """Its commands with their values, its own part of the profiles, and its rules."""
    found: Statements = {}
    models = [profile for profile in PROFILES.values() if document in profile.documents]
    for name in _names(models, document):
        rows = found.setdefault(f"AT{name}", [])
        rows += _merged([(p.model, list(_of_command(p, name, language))) for p in models], len(models), language)
        rows += _rules(document, f"AT{name}", language)
    for section, heading in SECTIONS.items():
        parts = [(profile.model, list(_of_section(profile, section, document, language))) for profile in models]
        if rows := _merged(parts, len(models), language):
            found.setdefault(heading, []).extend(rows)
    for subject in RULES[document]:
        if subject not in found:
            found[subject] = _rules(document, subject, language)
        elif subject in SECTIONS.values():
            found[subject] += _rules(document, subject, language)
    return found


def of_everyday(language: str = "en") -> Statements:
    """The families' wording and the commands of docs/spec/at.md, Everyday commands."""
    models = list(PROFILES.values())
    found: Statements = {}
    sections = (("everyday", "How the families word them"), ("radio_urcs", "Unsolicited result codes"),
                ("internet", "Sockets"), ("qi", "Sockets of the RDY families"))  # fmt: skip
    for section, heading in sections:
        parts = [(p.model, list(_of_section(p, section, "", language))) for p in models]
        found[heading] = _merged(parts, len(models), language)
    for name in sorted(_names(models, "")):
        parts = [(p.model, list(_of_command(p, name, language))) for p in models]
        found[f"AT{name}"] = _merged(parts, len(models), language)
    return found


def _names(models: Iterable[Profile], document: str) -> list[str]:
    """Commands in the order of the document; without one, those of no document. AT+NRB is in an example of DOC-E."""
    names = (command for profile in models for command in profile.commands)
    return [*dict.fromkeys(command.name for command in names if _document_of(command) == document)]


def _document_of(command: Command) -> str:
    document = command.source.partition(" ")[0]
    return document if document in DOCUMENTS and not command.source.endswith("6.1") else ""


def _rules(document: str, subject: str, language: str) -> list[Statement]:
    rules = RULES[document].get(subject, ())
    return [Statement(said("rule", language), said(rule.says, language), rule.known) for rule in rules]


def _of_command(profile: Profile, name: str, language: str) -> Iterator[Statement]:
    for command in profile.commands:
        if command.name != name:
            continue
        known = known_of(command)
        for form, line in calls_of(command).items():
            yield _of_form(profile, command, form, line, known, language)
        yield from _of_write(command, known, language)
        for gate in command.gates:
            if gate not in profile.gates:
                yield Statement(said("gate", language), words(gate.meaning, language), gate.known)


def _of_form(profile: Profile, command: Command, form: Form, line: str, known: str, language: str) -> Statement:
    """What the module does with the line, which `nbtwin.at.explain` says, not what the row of the table looks like."""
    what = said("{form} form", language, form=said(form, language))
    if not has(profile, command, form):
        refused = profile.errors.not_supported
        text = "{line} is ERROR: no such form" if refused is None else "{line} is error {code}: no such form"
        return Statement(what, said(text, language, line=line, code=refused), NO_SUCH_FORM)
    if form is Form.TEST and isinstance(command.test, tuple) and command.test:
        text = said("{line} answers {answer}", language, line=line, answer=" ".join(command.test))
        return Statement(what, text, f"{known}, D60")
    if form is Form.EXECUTE and command.execute is None:
        return Statement(what, said("{line} is {line}0", language, line=line), "V.250 5.3.1")
    if form is Form.WRITE:
        return Statement(what, line.removesuffix("<n>") + _layout(command.write), known)
    return Statement(what, line, known)


def _layout(write: Row | ByType | None) -> str:
    """The names in their order."""
    names = [write.name, "…"] if isinstance(write, ByType) else [field.name for field in write.fields] if write else []
    return ",".join(name if name == "…" else f"<{name}>" for name in names)


def _of_write(command: Command, known: str, language: str) -> Iterator[Statement]:
    if isinstance(command.write, Row):
        yield from (_of_field("", field, command.write, known, language) for field in command.write.fields)
    elif isinstance(command.write, ByType):
        for number, row in command.write.rows.items():
            what = said("type {number}", language, number=number)
            names = ", ".join(f"<{field.name}>" for field in row.fields)
            yield Statement(what, names or said("no values", language), known)
            yield from (_of_field(f"{what} ", field, row, known, language) for field in row.fields)


def _of_field(prefix: str, field: Field, row: Row, known: str, language: str) -> Statement:
    return Statement(f"{prefix}<{field.name}>", field_text(field, row, language), field.known or known)


def known_of(command: Command) -> str:
    """A chapter as it stands; of a standard or a manual the wording was observed."""
    first = sources(command.source)[0]
    return f"{command.source}, observed (wording)" if first.basis is Basis.STANDARD else command.source


@cache
def _sheet_of(model: str, language: str) -> Sheet:
    return sheet_of(PROFILES[model], language)


def _of_section(profile: Profile, section: str, document: str, language: str) -> Iterator[Statement]:
    """What the profile has there; where a model has two documents, what belongs to this one."""
    rows = _sheet_of(profile.model, language).get(section, {})
    if section == "schedules":
        for operator, schedule in profile.schedules.items():
            for name, text in schedule_fields(schedule, language):
                what = _schedule_field(operator, name, language)
                yield _value(profile, f"schedules.{operator}.{name}", what, text, language)
        return
    if section == "errors":
        rows = {name: text for name, text in rows.items() if not name.isdigit()}
        rows["texts"] = ", ".join(f"{code} {text}" for code, text in profile.errors.texts.items())
    for name, text in rows.items():
        path = name if section == "model" else f"{section}.{name}"
        found = _value(profile, path, _field(section, name, language), text, language)
        if len(profile.documents) == 1 or not document or _belongs(found.known, document, profile):
            yield found


def _field(section: str, name: str, language: str) -> str:
    if language == "en":
        return name.replace("_", " ")
    return said(name, language) if name == "texts" else row_in_words(section, name, language)


def _schedule_field(operator: Operator, name: str, language: str) -> str:
    if language == "en":
        return f"{operator} {name}".replace("_", " ")
    field = said(name, language) if name == "waits" else words(f"profile-schedule-{name}", language)
    return f"{operator_in_words(operator, language)}：{field}"


def _belongs(known: str, document: str, profile: Profile) -> bool:
    """Of a model of two documents each value is on one page: on that of the document it comes from, else the first."""
    named = [source.what.partition(" ")[0] for source in sources(known) if source.basis is Basis.DOCUMENT]
    home = named[0] if named and named[0] in profile.documents else profile.documents[0]
    return home == document


def _value(profile: Profile, path: str, what: str, text: str, language: str) -> Statement:
    return Statement(what, text or said("(empty)", language), profile.known_by(path))


def _merged(parts: list[tuple[str, list[Statement]]], all_of_them: int, language: str) -> list[Statement]:
    """One row where models agree, one for each group of them where they do not."""
    groups: dict[str, dict[Statement, list[str]]] = {}
    for model, statements in parts:
        for statement in statements:
            who = groups.setdefault(statement.what, {}).setdefault(statement, [])
            who += [model] if model not in who else []
    rows = []
    for what, variants in groups.items():
        for statement, models in variants.items():
            only = "" if len(models) == all_of_them else bracketed(listed(models, language), language)
            rows.append(Statement(f"{what}{only}", statement.says, statement.known))
    return rows


def _index(tables: dict[str, Statements], language: str) -> str:
    heads = f"| {said('page', language)} | " + " | ".join(said(basis, language) for basis in Basis) + " |"
    lines = [INTRODUCTION[language].format(twin=twin_of("fidelity.md", language)), heads]
    lines.append("|---" * (len(Basis) + 1) + "|")
    for name, statements in tables.items():
        counted = Counter(source.basis for rows in statements.values() for row in rows for source in sources(row.known))
        lines.append(f"| {_link(name, language)} | " + " | ".join(str(counted[basis]) for basis in Basis) + " |")
    about = said("What holds for every model, and what is behind the serial line:", language)
    return "\n".join([*lines, "", about, "", _tables(tables[""], language)])


def _link(name: str, language: str) -> str:
    if not name:
        return said("this page", language)
    label = said("commands of no document", language)
    if name in DOCUMENTS:
        label = said("{document}: {title}", language, document=name, title=said(DOCUMENTS[name], language))
    return f"[{label}]({file_in(_file(name), language)})"


def _tables(statements: Statements, language: str) -> str:
    lines: list[str] = []
    for heading, rows in statements.items():
        head = heading if heading.startswith("AT") else said(heading, language)
        lines += [f"## {_cell(head)}", "", f"| | | {said('known by', language)} |", "|---|---|---|"]
        lines += [f"| {_cell(row.what)} | {_cell(row.says)} | {known_in(row.known, language)} |" for row in rows]
        lines.append("")
    return "\n".join(lines)


def _file(name: str) -> str:
    return f"fidelity-{name.lower()}.md"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("\n", " ")


def all_statements() -> Iterator[tuple[str, str, Statement]]:
    """Page, heading and row of everything that is said, in English."""
    for document in DOCUMENTS:
        yield from ((document, heading, row) for heading, rows in of_document(document).items() for row in rows)
    yield from ((FROM_MANUALS, heading, row) for heading, rows in of_everyday().items() for row in rows)
    yield from (("", heading, row) for heading in RULES[""] for row in _rules("", heading, "en"))
