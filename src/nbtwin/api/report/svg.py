"""Plain SVG: shapes, texts that fit their room, and the colours of light and dark paper.

Knows no lab. Whatever is drawn is escaped here; colours are named, and `STYLE` says what they are.
"""

from __future__ import annotations

import unicodedata
from html import escape

MONO, SANS = 6.65, 6.3
"""Pixels of one letter at 11 px; a letter of Chinese takes `WIDE`."""
WIDE = 11.2

TOKENS = """
  --page: light-dark(#f4f6f8, #0f1319); --card: light-dark(#ffffff, #171c24); --sunk: light-dark(#f7f9fb, #12171e);
  --line: light-dark(#e2e7ed, #29313d); --line-strong: light-dark(#cbd3dd, #3a4554);
  --ink: light-dark(#18202c, #e4e9f1); --soft: light-dark(#566275, #9aa7b9); --faint: light-dark(#687588, #7f8c9f);
  --accent: light-dark(#0f62c9, #62a8ff); --accent-soft: light-dark(#e6effb, #17293f);
  --good: light-dark(#12704a, #56c98c); --good-soft: light-dark(#e3f4eb, #13301f);
  --warm: light-dark(#8a5200, #e6b450); --warm-soft: light-dark(#fbf0dc, #33270f);
  --bad: light-dark(#b8271f, #ff8378); --bad-soft: light-dark(#fce9e7, #3b1a18);
  --up: light-dark(#6440bd, #c3a6ff); --down: light-dark(#0a7f8f, #5cc9d6);
  --mono: ui-monospace, "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", Menlo, Consolas, monospace;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC", "PingFang SC",
    "Microsoft YaHei", sans-serif;
"""

STYLE = """
.nb-svg { display: block; max-width: 100%; height: auto }
.nb-svg text { font: 11px var(--sans); fill: var(--ink) }
.nb-svg .mono { font-family: var(--mono) }
.nb-svg .strong { font-weight: 620 } .nb-svg .soft { fill: var(--soft) } .nb-svg .faint { fill: var(--faint) }
.nb-svg .end { text-anchor: end } .nb-svg .middle { text-anchor: middle }
.nb-svg .rule { stroke: var(--line) } .nb-svg .axis { stroke: var(--line-strong) }
.nb-svg .life { stroke: var(--line-strong); stroke-dasharray: 2 3 }
.nb-svg .box { fill: var(--card); stroke: var(--line-strong) } .nb-svg .box.platform { fill: var(--sunk) }
.nb-svg .note { fill: var(--sunk); stroke: var(--line) } .nb-svg .band { fill: var(--sunk) }
.nb-svg .halo { stroke: var(--card); stroke-width: 4; paint-order: stroke; stroke-linejoin: round }
.nb-svg .arrow { fill: none; stroke-width: 1.5; stroke-linecap: round; stroke-linejoin: round }
.nb-svg .dashed { stroke-dasharray: 5 4 }
.nb-svg .s-up { stroke: var(--up) } .nb-svg .s-down { stroke: var(--down) } .nb-svg .s-bad { stroke: var(--bad) }
.nb-svg .s-at { stroke: var(--accent) } .nb-svg .s-said { stroke: var(--good) }
.nb-svg .f-up { fill: var(--up) } .nb-svg .f-down { fill: var(--down) } .nb-svg .f-bad { fill: var(--bad) }
.nb-svg .f-at { fill: var(--accent) } .nb-svg .f-said { fill: var(--good) } .nb-svg .f-warm { fill: var(--warm) }
.nb-svg .f-bad-soft { fill: var(--bad-soft) } .nb-svg .f-warm-soft { fill: var(--warm-soft) }
.nb-svg .p-off { fill: var(--line) } .nb-svg .p-booting { fill: var(--warm) }
.nb-svg .p-asleep { fill: light-dark(#bcd7fb, #2b4f7d) }
.nb-svg .p-on { fill: light-dark(#2f9a6c, #3f9b6c) } .nb-svg .p-radio { fill: var(--up) }
"""


def svg(width: float, height: float, body: list[str], label: str, *, alone: bool = False) -> str:
    """A picture. ``alone``: with its colours, as a file of its own."""
    style = f"<style>.nb-svg {{ color-scheme: light dark; {TOKENS} }}{STYLE}</style>" if alone else ""
    paper = '<rect width="100%" height="100%" style="fill: var(--card)"/>' if alone else ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="nb-svg" viewBox="0 0 {width:.0f} {height:.0f}"'
        f' width="{width:.0f}" height="{height:.0f}" role="img" aria-label="{escape(label)}">'
        f"{style}{paper}{''.join(body)}</svg>"
    )


def text(x: float, y: float, said: str, name: str = "", told: str = "") -> str:
    """``told``: what is shown of it when it is pointed at."""
    hint = f"<title>{escape(told)}</title>" if told else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{name}">{escape(said)}{hint}</text>'


def rect(x: float, y: float, width: float, height: float, name: str, told: str = "", radius: float = 0) -> str:
    hint = f"<title>{escape(told)}</title>" if told else ""
    round_ = f' rx="{radius:g}"' if radius else ""
    return (
        f'<rect x="{x:.2f}" y="{y:.2f}" width="{max(width, 0):.2f}" height="{max(height, 0):.2f}"{round_}'
        f' class="{name}">{hint}</rect>'
    )


def line(x1: float, y1: float, x2: float, y2: float, name: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{name}"/>'


def path(way: str, name: str) -> str:
    return f'<path d="{way}" class="{name}"/>'


def width_of(said: str, letter: float = SANS) -> float:
    """Pixels, about."""
    return sum(WIDE if unicodedata.east_asian_width(each) in "WF" else letter for each in said)


def fitting(said: str, room: float, letter: float = SANS) -> str:
    """So much of it as there is room for, in pixels."""
    if width_of(said, letter) <= room:
        return said
    kept, used = [], letter
    for each in said:
        used += WIDE if unicodedata.east_asian_width(each) in "WF" else letter
        if used > room:
            break
        kept.append(each)
    return "".join(kept).rstrip() + "…"
