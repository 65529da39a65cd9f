"""`nbtwin labs`: this user's named labs, which of them run and where; and away with one."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import typer

from nbtwin.cli.as_json import AsJson, print_json
from nbtwin.cli.commands import Commands
from nbtwin.cli.labs_folder import NamedLab, labs, state_of
from nbtwin.cli.refusals import CliRefusal
from nbtwin.cli.stores import hand_down
from nbtwin.runtime.errors import WrongUsage

app = Commands(
    help="Your named labs, side by side: `nbtwin up --lab NAME` makes one or starts it again.",
    invoke_without_command=True,
)
Names = typer.Argument(metavar="NAME…", help="Labs that do not run.")


@app.callback()
def list_labs(context: typer.Context, as_json: bool = AsJson) -> None:
    """Your named labs, side by side: `nbtwin up --lab NAME` makes one or starts it again.

    \\b
    nbtwin up --lab meters
    nbtwin labs
    nbtwin labs rm meters

    For each: its name, whether it runs, process, URL, state directory and serial ports.
    """
    hand_down(context)
    if context.invoked_subcommand is not None:
        return
    found = [_as_dict(lab) for lab in labs()]
    if as_json:
        print_json("labs", found)
        return
    for lab in found:
        state = f"running process={lab['process']} url={lab['url'] or '-'}" if lab["running"] else "stopped"
        serial = " ".join(f"{name}={where}" for name, where in lab["serial"].items())
        print(f"{lab['name']} {state} state={lab['state']} {serial}".rstrip())


@app.command("rm")
def remove(names: list[str] = Names) -> None:
    """Delete labs with everything that is kept of them."""
    from nbtwin.edge.errors import EdgeError
    from nbtwin.edge.nvram_file import StateDirectory

    there = {lab.name: lab for lab in labs()}
    for name in names:
        if name not in there:
            raise WrongUsage(CliRefusal.LAB_UNKNOWN, name=name, known=sorted(there))
    for name in names:
        try:
            with StateDirectory(state_of(name)):
                shutil.rmtree(state_of(name))
        except EdgeError as error:
            raise WrongUsage.of(error, name) from None
        except OSError as error:
            raise WrongUsage.of(error, str(state_of(name))) from None


def _as_dict(lab: NamedLab) -> dict[str, Any]:
    running = lab.running
    return {
        "name": lab.name,
        "running": running is not None,
        "process": None if running is None else running.process,
        "url": None if running is None else running.url,
        "state": str(lab.state),
        "serial": serial_ports(lab.state),
    }


def serial_ports(state: Path) -> dict[str, str]:
    """By module, as the directory has them: an address, or the name that leads to its PTY."""
    from urllib.parse import quote

    from nbtwin.edge.errors import EdgeError
    from nbtwin.edge.nvram_file import NvramFile
    from nbtwin.runtime.errors import SpecError
    from nbtwin.runtime.kept import decode

    try:
        content = NvramFile(state / "lab").read()
        kept = [] if content is None else decode(content).modules
    except (EdgeError, SpecError):  # whoever starts the lab is told
        return {}
    links = state / "serial"
    return {
        module.name: module.serial if module.serial != "pty" else os.fspath(links / quote(module.name, safe=" "))
        for module in kept
    }
