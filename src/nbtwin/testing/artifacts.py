"""Where the files of a test's lab are, and how a report names them. Knows pytest's items, and where it was started.

A test has a folder of its own, at the place that its node ID names: `tests/test_meter.py/TestNight/test_it`.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import pytest

PROPERTY = "nb_artifact"
"""Of a test case in a JUnit file, one for each of its files."""
_LONGEST = 100


def folder_of(item: pytest.Item) -> Path:
    """Two tests never have the same, whatever they are parametrized with."""
    option = Path(item.config.getoption("--nb-artifacts"))
    file, _, test = item.nodeid.partition("::")
    name, bracket, parameters = test.partition("[")
    parts = [*file.split("/"), *name.split("::")]
    parts[-1] += bracket + parameters
    names = (_as_name(part) for part in parts if part not in ("", ".", ".."))
    return item.config.invocation_params.dir.joinpath(option, *names)


def relative(path: Path, config: pytest.Config) -> str:
    """As a reader of the report finds it."""
    return os.path.relpath(path, config.invocation_params.dir)


def _as_name(part: str) -> str:
    """Of a file: what cannot stand in one is left out, and a sum of the whole name then tells it from others."""
    name = re.sub(r"[^\w.-]+", "-", part, flags=re.ASCII).strip("-")[:_LONGEST]
    return name if name == part else f"{name}-{hashlib.sha256(part.encode('utf-8', 'surrogatepass')).hexdigest()[:6]}"
