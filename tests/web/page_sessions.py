"""Sessions in user pages: the lab that a page starts, its commands in their order, and what stands below each.

In an indented block, a line that begins with `$ ` is a command; what follows, up to the next one or to the end of the
block, is what it prints. The lab is the page's own `nbtwin up …` line, at a free port in place of 8080.

`python tests/web/page_sessions.py docs/api.md` prints what the commands of a page answer now.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from running import Running

AT = "127.0.0.1:8080"
TOOLS = ("curl", "jq", "tshark", "tar")
PATIENCE = 120.0


class Command(NamedTuple):
    line: int  # in the page, from 1
    text: str
    expected: str

    @property
    def missing(self) -> list[str]:
        """The programs that it takes and this machine does not have."""
        return [tool for tool in TOOLS if re.search(rf"\b{tool}\b", self.text) and shutil.which(tool) is None]


class Page(NamedTuple):
    lab: list[str]  # the arguments of `nbtwin`
    settings: dict[str, str]  # NAME=value of the block that starts it
    commands: list[Command]


def read(page: Path) -> Page:
    lab, settings, commands = list[str](), dict[str, str](), list[Command]()
    for number, line in _indented(page.read_text("utf-8")):
        if line.startswith("$ "):
            commands.append(Command(number, line[2:], ""))
        elif not lab and line.startswith("nbtwin up "):
            lab = line.split()[1:]
        elif not commands and (setting := re.fullmatch(r"([A-Z]+)=(\S+)", line)):
            settings[setting[1]] = setting[2]
        elif commands:
            last = commands[-1]
            commands[-1] = last._replace(expected=f"{last.expected}{line}\n")
    return Page(lab, settings, [one._replace(expected=one.expected.strip("\n")) for one in commands])


def _indented(text: str) -> Iterator[tuple[int, str]]:
    """The lines of blocks that have a command in them, or start the lab."""
    block: list[tuple[int, str]] = []
    for number, line in enumerate([*text.splitlines(), "end"], 1):
        if line.startswith("    ") or (block and not line.strip()):
            block.append((number, line))
            continue
        if block:
            indent = min(len(line) - len(line.lstrip()) for _, line in block if line.strip())
            lines = [(at, line[indent:]) for at, line in block]
            if any(line.startswith(("$ ", "nbtwin up ")) for _, line in lines):
                yield from lines
        block = []


@contextmanager
def lab_of(page: Page, folder: Path) -> Iterator[dict[str, str]]:
    """The page's lab; the environment for its commands."""
    arguments = ["127.0.0.1:0" if argument == AT else argument for argument in page.lab]
    with Running(*arguments, state=folder / "state") as running:
        at = running.console().removeprefix("http://")
        settings = {name: value.replace(AT, at) for name, value in page.settings.items()}
        yield {**os.environ, **settings, "PAGE_AT": at}


def run(command: Command, environment: dict[str, str], folder: Path) -> str:
    done = subprocess.run(
        ["bash", "-c", command.text.replace(AT, environment["PAGE_AT"])], cwd=folder, env=environment,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=PATIENCE, check=False,
    )  # fmt: skip
    return done.stdout.decode()


def main() -> None:
    page = read(Path(sys.argv[1]))
    with tempfile.TemporaryDirectory() as name, lab_of(page, Path(name)) as environment:
        for command in page.commands:
            sys.stdout.write(f"{command.line}: $ {command.text}\n{run(command, environment, Path(name))}\n")


if __name__ == "__main__":
    main()
