"""Who sent what to whom, as text in Mermaid's language for sequence diagrams. Knows entries; draws nothing."""

from __future__ import annotations

from collections.abc import Iterable

from nbtwin.api.results import TimelineEntry
from nbtwin.timeline.clock import TimeFormat, format_simulated
from nbtwin.timeline.entry import EntryKind

_HOST = "host of {}"
_LONGEST = 100


def mermaid(entries: Iterable[TimelineEntry], time: TimeFormat = format_simulated) -> str:
    """Participants in the order in which they first appear; a datagram that is lost ends in a cross."""
    names: dict[str, str] = {}
    lines: list[str] = []

    def participant(name: str) -> str:
        return names.setdefault(name, f"p{len(names) + 1}")

    for entry in entries:
        if entry.kind == EntryKind.DATAGRAM:
            fields = entry.fields
            arrow = "-x" if fields["lost"] else "->>"
            again = f" (sending {fields['sending']})" if fields["sending"] > 1 else ""
            said = _label(f"{time(entry.at)} {fields['summary']}") + again
            lines.append(f"{participant(fields['from'])}{arrow}{participant(fields['to'])}: {said}")
        elif entry.kind in (EntryKind.AT_IN, EntryKind.AT_OUT):
            ends = [participant(_HOST.format(entry.source)), participant(entry.source)]
            here, there = ends if entry.kind is EntryKind.AT_IN else ends[::-1]
            lines.append(f"{here}->>{there}: {_label(f'{time(entry.at)} {entry.text()}')}")
    declared = [f"participant {id} as {_label(name)}" for name, id in names.items()]
    return "\n".join(("sequenceDiagram", *(f"    {line}" for line in (*declared, *lines)), ""))


def _label(text: str) -> str:
    """What Mermaid would take for the end of a line or a comment is written otherwise."""
    short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return "".join({"#": "#35;", ";": "#59;", "\n": " ", "%": "#37;"}.get(letter, letter) for letter in short)
