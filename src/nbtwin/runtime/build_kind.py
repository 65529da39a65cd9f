"""What this nbtwin runs as: compiled or pure, and on which interpreter. For whoever compares two figures."""

from __future__ import annotations

import platform

from nbtwin import outbox
from nbtwin.runtime.interpreter import is_optimised


def is_compiled() -> bool:
    """Whether the engines are machine code (`make fast`, a platform's wheel) and not read from their sources."""
    return not (outbox.__file__ or "").endswith(".py")


def described() -> str:
    """`CPython 3.11.2 (PGO), compiled`"""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{python} ({'PGO' if is_optimised() else 'no PGO'}), {'compiled' if is_compiled() else 'pure'}"
