"""The colours and tables of a report, and of what a notebook shows. Knows no lab."""

from __future__ import annotations

from nbtwin.api.report.svg import STYLE, TOKENS

TABLES = """
.nbtwin { color: var(--ink); font: 13px/1.45 var(--sans) }
.nbtwin table { border-collapse: collapse; width: 100%; margin: 0; background: var(--card); font-size: 12.5px }
.nbtwin th, .nbtwin td { text-align: left; padding: 6px 12px; border: 0; border-bottom: 1px solid var(--line);
  color: inherit; vertical-align: top; background: none; white-space: nowrap }
.nbtwin th { color: var(--soft); font-weight: 560; font-size: 11.5px }
.nbtwin tbody tr:last-child td { border-bottom: 0 }
.nbtwin .nb-num { text-align: right; font-variant-numeric: tabular-nums }
.nbtwin .nb-mono { font-family: var(--mono); font-size: 11.5px }
.nbtwin .nb-soft { color: var(--soft) }
.nbtwin .nb-text { white-space: pre-wrap; overflow-wrap: anywhere; width: 100% }
.nbtwin .nb-next { white-space: normal; min-width: 190px; font-family: var(--mono); font-size: 11.5px }
.nbtwin .nb-card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: hidden;
  margin: 0 0 12px }
.nbtwin .nb-wide { overflow-x: auto }
.nbtwin .nb-title { display: flex; align-items: baseline; gap: 10px; padding: 10px 14px; font-weight: 620;
  border-bottom: 1px solid var(--line) }
.nbtwin .nb-title .nb-soft { font-weight: 400; font-size: 12px }
.nbtwin .nb-pill { display: inline-block; padding: 0 8px; border-radius: 10px; font-size: 11.5px; line-height: 18px;
  background: var(--sunk); color: var(--soft); border: 1px solid var(--line) }
.nbtwin .nb-good { background: var(--good-soft); color: var(--good); border-color: transparent }
.nbtwin .nb-warm { background: var(--warm-soft); color: var(--warm); border-color: transparent }
.nbtwin .nb-bad { background: var(--bad-soft); color: var(--bad); border-color: transparent }
.nbtwin .nb-facts { display: flex; flex-wrap: wrap; gap: 4px 28px; padding: 10px 14px; margin: 0 }
.nbtwin .nb-facts > div { display: flex; flex-direction: column } .nbtwin .nb-facts dt { color: var(--soft);
  font-size: 11.5px; font-weight: 400 } .nbtwin .nb-facts dd { margin: 0; font-variant-numeric: tabular-nums }
.nbtwin .nb-none { padding: 12px 14px; margin: 0; color: var(--faint) }
"""

_NOTEBOOK = f"""
.nbtwin {{ color-scheme: light dark; {TOKENS} padding: 2px }}
[data-jp-theme-light="true"] .nbtwin, [data-theme="light"] .nbtwin, .vscode-light .nbtwin {{ color-scheme: light }}
[data-jp-theme-light="false"] .nbtwin, [data-theme="dark"] .nbtwin, .vscode-dark .nbtwin {{ color-scheme: dark }}
"""


def fragment(body: str) -> str:
    """A piece of a notebook's page, with its own colours; no script."""
    return f'<div class="nbtwin"><style>{_NOTEBOOK}{TABLES}{STYLE}</style>{body}</div>'
