"""The log on standard error: `--log-level`, `--log-json`. Everything that goes there passes one formatter, which masks
secrets: whoever logs should not have logged them, and whoever reads the log must not have them.

Engines log nothing; each floor from `edge` upward has a logger of its name (docs/operating.md, The log).
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import TextIO

import typer

from nbtwin.cli.refusals import CliRefusal
from nbtwin.runtime.errors import WrongUsage

LEVELS = ("debug", "info", "warning", "error")
Level = typer.Option("warning", "--log-level", metavar="|".join(LEVELS), help="What goes to the log, on stderr.")
AsJson = typer.Option(False, "--log-json", help="The log as JSON lines; warnings, too.")

MASK = "****"
_LINES = re.compile(r"(?=\bAT\s*\+|\n)", re.IGNORECASE)
"""Where an AT line may begin."""
_MASKED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"nbt_[\w-]+"), f"nbt_{MASK}"),  # tokens
    (re.compile(r"(://[^/\s:@]*):[^/\s@]*@"), rf"\1:{MASK}@"),  # a database's URL
    (re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{32,}(?![0-9A-Fa-f])"), MASK),  # keys, and datagrams with them
    (
        re.compile(
            r"(?i)((?:passw(?:or)?d|passphrase|psk|secret|token|bearer|(?<!app)key|\bpin)[\"']?\s*[=:]\s*)"
            r"(?:b?\"[^\"]*\"|b?'[^']*'|[^\s,;)}\]&]+)"
        ),
        rf"\1{MASK}",
    ),
    (re.compile(r"(?i)(\bbearer\s+)[^\s,;\"']+"), rf"\1{MASK}"),
)


def configure(level: str, as_json: bool, stream: TextIO | None = None) -> None:
    """For the rest of the process. What libraries log is shown from WARNING on."""
    if level not in LEVELS:
        raise WrongUsage(CliRefusal.NONE_OF, "--log-level", value=level, known=list(LEVELS))
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter() if as_json else TextFormatter())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("nbtwin").setLevel(level.upper())


def masked(text: str) -> str:
    """The text without what looks like a secret: tokens, keys, passwords, and the secrets in AT lines."""
    from nbtwin.web.secrets_masked import masked_line

    text = "".join(masked_line(line) for line in _LINES.split(text))
    for pattern, replacement in _MASKED:
        text = pattern.sub(replacement, text)
    return text


class TextFormatter(logging.Formatter):
    """``2026-11-29T01:02:03.456Z WARNING nbtwin.store: commit of 3 events failed: …``, then the traceback if any."""

    def format(self, record: logging.LogRecord) -> str:
        line = f"{_at(record)} {record.levelname} {record.name}: {_message(record)}"
        return "\n".join(filter(None, (line, _traceback(self, record))))


class JsonFormatter(logging.Formatter):
    """One object a line: at, level, logger, message; ``traceback`` if any, and the fields that the logger added."""

    def format(self, record: logging.LogRecord) -> str:
        said = {"at": _at(record), "level": record.levelname.lower(), "logger": record.name}
        said["message"] = _message(record)
        for name, value in getattr(record, "fields", {}).items():
            said[name] = masked(str(value))
        if traceback := _traceback(self, record):
            said["traceback"] = traceback
        return json.dumps(said, ensure_ascii=False)


def _at(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _message(record: logging.LogRecord) -> str:
    """On one line: what peers and requests say may not look like an entry of its own."""
    text = masked(record.getMessage())
    return text if text.isprintable() else "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _traceback(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    return masked(formatter.formatException(record.exc_info)) if record.exc_info and record.exc_info[0] else ""
