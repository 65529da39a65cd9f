"""Who sent what to whom, as text in Mermaid's language for sequence diagrams. Knows entries; draws nothing."""

from __future__ import annotations

from collections.abc import Iterable

from nbtwin.timeline.clock import TimeFormat, format_simulated
from nbtwin.timeline.decoder import Decoded, DecodedDatagram
from nbtwin.timeline.entry import EntryKind

_HOST = "host of {}"
_LONGEST = 100


def mermaid(entries: Iterable[Decoded], time: TimeFormat = format_simulated) -> str:
    """Participants in the order in which they first appear; a datagram that is lost ends in a cross."""
    names: dict[str, str] = {}
    lines: list[str] = []

    def participant(name: str) -> str:
        return names.setdefault(name, f"p{len(names) + 1}")

    for decoded in entries:
        if isinstance(decoded, DecodedDatagram):
            fields = decoded.fields
            arrow = "-x" if decoded.lost else "->>"
            again = f" (sending {decoded.sending})" if decoded.sending > 1 else ""
            said = _label(f"{time(decoded.at)} {fields['summary']}") + again
            lines.append(f"{participant(fields['from'])}{arrow}{participant(fields['to'])}: {said}")
        elif decoded.kind in (EntryKind.AT_IN, EntryKind.AT_OUT):
            ends = [participant(_HOST.format(decoded.source)), participant(decoded.source)]
            here, there = ends if decoded.kind is EntryKind.AT_IN else ends[::-1]
            lines.append(f"{here}->>{there}: {_label(f'{time(decoded.at)} {decoded.text()}')}")
    declared = [f"participant {id} as {_label(name)}" for name, id in names.items()]
    return "\n".join(("sequenceDiagram", *(f"    {line}" for line in (*declared, *lines)), ""))


def _label(text: str) -> str:
    """What Mermaid would take for the end of a line or a comment is written otherwise."""
    short = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return "".join({"#": "#35;", ";": "#59;", "\n": " ", "%": "#37;"}.get(letter, letter) for letter in short)
