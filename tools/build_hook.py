"""Hatchling's hook: puts compiled modules into the wheel when `tools/compile.py` names them, and tags it so.

Without NBTWIN_COMPILED nothing happens: the wheel is pure.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledModules(BuildHookInterface[Any]):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        listed = os.environ.get("NBTWIN_COMPILED")
        if not listed or version == "editable":
            return
        pairs = (line.split("\t") for line in Path(listed).read_text().splitlines())
        build_data["force_include"].update(pairs)
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
