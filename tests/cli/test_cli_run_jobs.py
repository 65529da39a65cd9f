"""`nbtwin run --jobs N`: files side by side in processes; the report of one process, a process that is lost, Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

from running import PATIENCE, environment, nbtwin

GOOD = """
title: it registers
modules: [{model: BC260Y-CN, name: meter}]
expect: [{at: 1min, state: REG_SUCCESS, why: it is switched on}]
"""
WRONG = GOOD.replace("REG_SUCCESS", "REG_FAILED").replace("it registers", "it does not")
BROKEN = "modules: [{model: BC999}]"
REFUSED = GOOD.replace("name: meter", "name: meter, settings: [AT+NONSENSE=1]")
ENDLESS = """
title: a century
modules: [{model: BC260Y-CN, name: meter}, {model: BC260Y-CN}, {model: BC260Y-CN}, {model: BC260Y-CN}]
until: 36500d
expect: [{module: meter, at: 1min, state: REG_SUCCESS}]
"""


def written(folder: Path, *texts: str) -> list[str]:
    files = [folder / f"{number}.yaml" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text)
    return list(map(str, files))


def timeless(file: Path) -> str:
    return re.sub(r' time="[0-9.]+"', "", file.read_text())


def test_several_processes_report_what_one_does(tmp_path: Path) -> None:
    """Timeline, verdicts, mistakes, exit status and the document, whichever file is over first."""
    files = written(tmp_path, GOOD.replace("at: 1min", "at: 2d"), BROKEN, WRONG, REFUSED)
    reports = []
    for jobs in ("1", "2"):
        done = nbtwin("run", *files, "--jobs", jobs, "--junit", str(tmp_path / f"{jobs}.xml"))
        reports.append((done.returncode, done.stdout, done.stderr, timeless(tmp_path / f"{jobs}.xml")))
    assert reports[0] == reports[1]
    assert reports[0][0] == 2
    assert reports[0][1].index("it registers") < reports[0][1].index("it does not")


@contextmanager
def century(tmp_path: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """A short file and one without end side by side, once the short one has been shown."""
    files = written(tmp_path, GOOD, ENDLESS)
    with subprocess.Popen(
        [sys.executable, "-m", "nbtwin", "run", *files, "--quiet", "--jobs", "2", *options],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment(),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # in a shell's background it is ignored
    ) as running:  # fmt: skip
        try:
            assert running.stdout is not None
            while "✓" not in (line := running.stdout.readline()):
                assert line
            yield running
        finally:
            running.kill()


def workers_of(process: int) -> list[int]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return [int(child) for child in children if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def test_a_file_whose_process_is_killed_is_told_and_the_others_have_their_verdicts(tmp_path: Path) -> None:
    with century(tmp_path, "--junit", str(tmp_path / "out.xml")) as running:
        for worker in workers_of(running.pid):
            os.kill(worker, signal.SIGKILL)
        _, said = running.communicate(timeout=PATIENCE)
    assert running.returncode == 2
    lost = "the process that ran it ended by itself (killed, or out of memory): it has no verdicts"
    assert said == f"nbtwin: {tmp_path}/1.yaml: {lost}\n"
    suites = ElementTree.parse(tmp_path / "out.xml").getroot()
    assert [(suite.get("failures"), suite.get("errors")) for suite in suites] == [("0", "0"), ("0", "1")]


def test_ctrl_c_ends_every_process(tmp_path: Path) -> None:
    """Nobody is left who could write to its standard output."""
    with century(tmp_path) as running:
        running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=PATIENCE)
    assert running.returncode == 130
    assert said in ("", "Aborted!\n")
