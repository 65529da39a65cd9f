"""Ctrl-C at a terminal reaches every process of the lab, and workers that have hardly begun; ``kill -9`` of the lab
reaches none of them (D207)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path

from free_ports import free_port
from preloaded import started
from running import environment
from workers_bench import Device, lab, pids, register, updates

from nbtwin.coap.numbers import Code


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


def test_a_lab_that_was_killed_begins_again_once_its_workers_have_ended(tmp_path: Path) -> None:
    """They have its ports, and append to their journals, as long as they are busy with something else."""
    port = free_port()
    device = Device(1, port)
    with lab(tmp_path, ports=f"cmdmp={port}") as first, device.socket, ExitStack() as closing:
        register([device])
        workers = pids(first)
        for worker in workers:
            os.kill(worker, signal.SIGSTOP)
            closing.callback(kill_if_there, worker)
        first.process.kill()
        first.process.wait()
        command = ["platform", "--ports", f"cmdmp={port}", "--processes", "2", "--state", str(tmp_path)]
        with started(
            *command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment()
        ) as second:
            closing.callback(second.kill)
            said = ""
            for line in iter(second.stdout.readline, "ready\n"):
                assert line, said
                said += line
                if "waiting until what it had started has ended" in line:
                    for worker in workers:
                        os.kill(worker, signal.SIGCONT)
            assert said.count(f"process {first.process.pid} was killed; waiting") == 1
            assert updates([device]) == {Code.CHANGED}
            second.terminate()
            assert second.wait(60) == 0


def kill_if_there(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGKILL)
