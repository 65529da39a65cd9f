"""What a notebook shows of an AT answer. Knows its parts; knows no result, so that results can be shown by it."""

from __future__ import annotations

from collections.abc import Sequence

from nbtwin.api.report.html import Markup, card, pill, table
from nbtwin.api.report.phrases import ReportPhrase
from nbtwin.api.report.style import fragment
from nbtwin.engine import Seconds
from nbtwin.timeline.catalogue import say
from nbtwin.timeline.clock import format_span

_NO_MARK = Markup("")


def answer_card(
    command: str,
    lines: Sequence[str],
    urcs: Sequence[str],
    final: str,
    took: Seconds,
    *,
    ok: bool,
    language: str = "en",
) -> str:
    """The command, its lines, what came by itself meanwhile, and the final result code."""
    rows = [
        *((_NO_MARK, line) for line in lines),
        *((Markup('<span class="nb-soft">URC</span>'), line) for line in urcs),
        (_NO_MARK, pill(final or "–", "nb-good" if ok else "nb-bad")),
    ]
    beside = say(ReportPhrase.FACT, language, name="took")
    drawn = table([("nb-soft", ""), ("nb-text nb-mono", command)], rows)
    return fragment(card("AT", drawn, f"{beside} {format_span(took)}"))
