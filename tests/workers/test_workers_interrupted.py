"""Ctrl-C at a terminal reaches every process of the lab, and workers that have hardly begun (D207)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from running import environment


def test_control_c_while_workers_begin_ends_the_lab_without_a_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "nbtwin", "platform", "--ports", "cmdmp=0", "--processes", "2"]
    more = ["--log-level", "info", "--state", str(tmp_path)]
    with subprocess.Popen(
        [*command, *more], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment(),
        process_group=0,
    ) as lab:  # fmt: skip
        assert lab.stdout is not None
        said = ""
        for line in lab.stdout:
            said += line
            if "worker 1 has begun" in line:
                os.killpg(lab.pid, signal.SIGINT)
        status = lab.wait(60)
    assert "worker 1 has begun" in said
    assert "KeyboardInterrupt" not in said
    assert "has ended" not in said
    assert status == 0, said
