"""Tables and cards as HTML. Whatever is put in is escaped here, unless it is a `Markup` of these functions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


class Markup(str):
    """HTML that is made, not given."""

    __slots__ = ()


def shown(value: object) -> str:
    """Escaped; what is `Markup` stays as it is, and None is a dash."""
    if isinstance(value, Markup):
        return value
    return "–" if value is None or value == "" else escape(str(value))


def pill(said: str, kind: str = "") -> Markup:
    return Markup(f'<span class="nb-pill {kind}">{escape(said)}</span>')


def table(columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[object]], classes: Iterable[str] = ()) -> Markup:
    """``columns``: each a class and a heading. ``classes``: one for each row, or none."""
    heads = "".join(f'<th class="{name}">{escape(said)}</th>' for name, said in columns)
    of_rows = iter(classes)
    body = "".join(
        f'<tr class="{next(of_rows, "")}">'
        + "".join(f'<td class="{name}">{shown(value)}</td>' for (name, _), value in zip(columns, row, strict=True))
        + "</tr>"
        for row in rows
    )
    return Markup(f"<table><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>")


def facts(pairs: Iterable[tuple[str, object]]) -> Markup:
    """Names over values, in a row."""
    inside = "".join(f"<div><dt>{escape(name)}</dt><dd>{shown(value)}</dd></div>" for name, value in pairs)
    return Markup(f'<dl class="nb-facts">{inside}</dl>')


def card(title: str, body: str, beside: str = "", *, name: str = "") -> Markup:
    """``body`` is HTML; the rest is text."""
    soft = f'<span class="nb-soft">{escape(beside)}</span>' if beside else ""
    return Markup(
        f'<section class="nb-card {name}"><div class="nb-title">{escape(title)}{soft}</div>'
        f'<div class="nb-wide">{body}</div></section>'
    )


def none(said: str) -> Markup:
    return Markup(f'<p class="nb-none">{escape(said)}</p>')
