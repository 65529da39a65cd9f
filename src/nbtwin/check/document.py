"""One HTML file that needs nothing else: its colours, its tables, how it is printed. Knows no case and no capture."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from nbtwin.api.report.html import Markup
from nbtwin.api.report.style import TABLES
from nbtwin.api.report.svg import STYLE, TOKENS

_PAGE = f"""
:root {{ color-scheme: light dark; {TOKENS} }}
* {{ box-sizing: border-box }}
body {{ margin: 0; background: var(--page) }}
main {{ max-width: 1180px; margin: 0 auto; padding: 32px 24px 48px }}
header {{ margin: 0 0 20px; display: flex; flex-wrap: wrap; align-items: end; gap: 8px 16px }}
h1 {{ font-size: 24px; line-height: 1.2; font-weight: 640; letter-spacing: -.015em; margin: 0 }}
header p {{ margin: 2px 0 0; color: var(--soft); font-variant-numeric: tabular-nums }}
header .nb-brand {{ margin-left: auto; color: var(--faint); font-size: 12px }}
.nbtwin .nb-card {{ margin: 0 0 16px }} .nbtwin .nb-cover .nb-facts {{ gap: 10px 40px }}
.nbtwin .nb-said {{ margin: 0; padding: 8px 14px }} .nbtwin td.nb-words {{ white-space: normal; width: 100% }}
.nb-drawn {{ padding: 14px 14px 10px; overflow-x: auto }}
@media print {{
  @page {{ size: A4; margin: 14mm 12mm }}
  :root {{ color-scheme: light; --page: #fff }}
  main {{ max-width: none; padding: 0 }}
  .nbtwin .nb-card {{ border-color: var(--line-strong); break-inside: auto }}
  .nbtwin .nb-title {{ break-after: avoid }}
  .nb-drawn {{ overflow: visible }} .nb-drawn .nb-svg {{ break-inside: avoid; width: 100%; max-width: 100% }}
  .nbtwin td, .nbtwin th {{ white-space: normal }}
  tr {{ break-inside: avoid }} thead {{ display: table-header-group }} .nb-wide {{ overflow: visible }}
  .nbtwin .nb-cover {{ break-after: page }}
}}
"""


def document(title: str, below: str, cards: Iterable[str], language: str) -> str:
    """``title`` and ``below`` are text; cards are HTML."""
    lang = "zh-CN" if language == "zh" else "en"
    brand = '<span class="nb-brand">nbtwin</span>'
    head = f"<header><div><h1>{escape(title)}</h1><p>{escape(below)}</p></div>{brand}</header>"
    return (
        f'<!DOCTYPE html>\n<html lang="{lang}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{TABLES}{STYLE}{_PAGE}</style></head>"
        f'<body class="nbtwin"><main>{head}{"".join(cards)}</main></body></html>\n'
    )


def drawn(picture: str) -> Markup:
    return Markup(f'<div class="nb-drawn">{picture}</div>')


def said(text: str) -> Markup:
    """A paragraph."""
    return Markup(f'<p class="nb-said">{escape(text)}</p>')
