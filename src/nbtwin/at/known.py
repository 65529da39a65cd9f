"""How something is known, as tables say it: `DOC-C 3.2.2, D38, assumed (255 bytes)`. Knows words, no document.

A text has one or more parts, each a vendor document's chapter, a decision's number, a standard's section, an
observation or an assumption; a note in brackets may say which half of a sentence is meant.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Basis(StrEnum):
    """The words of the fidelity page."""

    DOCUMENT = "document"
    DECISION = "decision"
    STANDARD = "standard"
    OBSERVED = "observed"
    ASSUMED = "assumed"


class Rule(NamedTuple):
    """One sentence about what nbtwin does that is no value of a table."""

    says: str
    known: str


_FORMS = {
    Basis.DOCUMENT: re.compile(r"DOC-[A-E] \d+(\.\d+)*( (note|example|table|remark))?( \d+)?"),
    Basis.DECISION: re.compile(r"D\d+"),
    Basis.STANDARD: re.compile(
        r"(27\.007|27\.005|V\.250|E\.212|TS \d+\.\d+|RFC \d+|LwM2M 1\.[012]|IPSO)( [\d.]+[a-z]?)?"
    ),
    Basis.OBSERVED: re.compile(r"observed"),
    Basis.ASSUMED: re.compile(r"assumed"),
}
_CHAPTER = re.compile(r"(?P<chapter>\S+ [\d.]+) (?P<kind>note|example|table|remark)(?: (?P<number>\d+))?")
_BETWEEN = re.compile(r", (?![^()]*\))")  # a comma that is in no brackets
_PART = re.compile(r"(?P<what>[^()]+?)(?: \((?P<note>[^()]+)\))?")


@dataclass(frozen=True, slots=True)
class Source:
    """One part: what kind, which one, and for which half of the sentence."""

    basis: Basis
    what: str  # the chapter, the number, the section; empty for observed and assumed
    note: str = ""
    manual: str = ""  # the title of an AT manual, which stands for itself

    def __str__(self) -> str:
        text = f"{self.basis} {self.what}".rstrip()
        return f"{text} ({self.note})" if self.note else text


def sources(known: str) -> tuple[Source, ...]:
    """The parts of a text. Raises ValueError for a blank, and for a part that is none of the five."""
    return tuple(_source(part) for part in _BETWEEN.split(known))


def _source(text: str) -> Source:
    match = _PART.fullmatch(text)
    if match is not None:
        what, note = match["what"], match["note"] or ""
        for basis, form in _FORMS.items():
            if form.fullmatch(what):
                return Source(basis, "" if what == basis else what, note)
        if "Manual" in what:  # the family's AT manual, by its title: not one of the five documents
            return Source(Basis.OBSERVED, "", what, what)
    raise ValueError(f"{text!r} says neither document, decision, standard, observed nor assumed")


def fields_of_source(source: Source) -> dict[str, str | None]:
    """What the words of a source are made of: `known-source` of the catalogue."""
    place = _CHAPTER.fullmatch(source.what)
    return {
        "basis": source.basis.value,
        "title": source.manual,
        "chapter": place["chapter"] if place else source.what,
        "kind": place["kind"] if place else None,
        "number": place["number"] if place else None,
        "note": note_code(source.note) if source.note and not source.manual else None,
    }


def note_code(note: str) -> str:
    """The catalogue's code of what stands in brackets: ``known-note-255-bytes``."""
    return "known-note-" + "-".join(re.findall("[a-z0-9]+", note.lower()))


def plain(known: str) -> str:
    """As the fidelity page words it: ``document DOC-C 3.2.2, decision D38``. Raises ValueError."""
    return ", ".join(map(str, sources(known)))
