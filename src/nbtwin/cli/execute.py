"""`nbtwin exec -- COMMAND`: any test command with a fresh lab of its own, which it finds in its environment.

The lab is gone when the command has ended; of one that failed what happened is kept. Knows processes and the live lab;
knows no test runner.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from nbtwin.cli.live import Options, run_during
from nbtwin.cli.output import warn
from nbtwin.cli.refusals import CliRefusal
from nbtwin.engine import Seconds
from nbtwin.foreign import detail_of
from nbtwin.runtime.errors import Failed, WrongUsage

if TYPE_CHECKING:
    from nbtwin.edge.serial_port import SerialPort
    from nbtwin.lab.nodes import ModuleNode
    from nbtwin.module.module import Module
    from nbtwin.runtime.lab import LabRuntime

PATIENCE: Seconds = 10
"""How long a command that is to end may take before it is killed."""
_NOT_FOUND, _NOT_RUNNABLE = 127, 126  # as a shell has it


def run(options: Options, command: list[str], artifacts: Path) -> int:
    """The command's exit status; 128 and the signal's number where a signal ended it.

    ``options.state`` is not used: the state directory is a new one.
    """
    with tempfile.TemporaryDirectory(prefix="nbtwin-exec-") as folder:
        options.state, options.say = Path(folder) / "state", lambda line: None
        return run_during(options, partial(_run, command, artifacts, options.power_on))


async def _run(
    command: list[str], artifacts: Path, powered: bool, lab: LabRuntime, console: str | None, stop: asyncio.Event
) -> int:
    environment = {**os.environ, **environment_of(lab, console)}
    if not powered:
        _power_on_with_hosts(lab)
    try:
        process = await asyncio.create_subprocess_exec(*command, env=environment, start_new_session=True)
    except OSError as error:
        warn(WrongUsage(CliRefusal.COMMAND_UNSTARTED, command[0], detail=detail_of(error)))
        return _NOT_FOUND if isinstance(error, FileNotFoundError) else _NOT_RUNNABLE
    ended, stopped = asyncio.ensure_future(process.wait()), asyncio.ensure_future(stop.wait())
    await asyncio.wait((ended, stopped), return_when=asyncio.FIRST_COMPLETED)
    if not ended.done():
        _signal(process, signal.SIGTERM)
        await asyncio.wait((ended,), timeout=PATIENCE)
    _signal(process, signal.SIGKILL)  # of what it has started, nothing outlives the lab
    status = await ended
    if status < 0 and not stopped.done():
        warn(Failed(CliRefusal.COMMAND_KILLED, command[0], signal=_signal_name(-status)))
    stopped.cancel()
    if status:
        _keep(lab, artifacts)
    return status if status >= 0 else 128 - status


def environment_of(lab: LabRuntime, console: str | None) -> dict[str, str]:
    """Where everything of the lab is: NBTWIN_URL; NBTWIN_SERIAL, _BAUD, _IMEI, _MODEL and _NAME of the first module,
    the same with its name for each; NBTWIN_CMDMP … of each platform, HOST:PORT."""
    found: dict[str, str] = {} if console is None else {"NBTWIN_URL": console}
    for number, (name, module) in enumerate(lab.modules.items()):
        about = {
            "SERIAL": lab.serial_of(name),
            "BAUD": str(module.line_speed),
            "IMEI": module.identity.imei,
            "MODEL": module.profile.model,
            "NAME": name,
        }
        for what, value in about.items():
            found[f"NBTWIN_{what}_{_variable(name)}"] = value
            if number == 0:
                found[f"NBTWIN_{what}"] = value
    for name, node in lab.world.platforms.items():
        ports = [listener.name for listener in getattr(node.engine, "listening_ports", ())] or [""]
        for number, (port, (host, udp)) in enumerate(zip(ports, node.addresses, strict=True)):
            end = f"_{_variable(port)}" if number else ""
            found[f"NBTWIN_{_variable(name)}{end}"] = f"{host}:{udp}"
    return found


def _power_on_with_hosts(lab: LabRuntime) -> None:
    """Each module, when its port is opened first: a host then hears it boot, however long it took to be built."""
    for name, port in lab.ports.items():
        node, module = lab.world.modules[name], lab.modules[name]

        def power_on(port: SerialPort = port, node: ModuleNode = node, module: Module = module) -> None:
            port.on_host = None
            lab.world.perform(node, module.power_on)

        if port.notices_hosts:
            port.on_host = power_on
        else:
            power_on()


def _variable(name: str) -> str:
    return re.sub(r"\W", "_", name, flags=re.ASCII).upper()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal between the first and the last
        return str(number)


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    """To the command and all that it has started."""
    with contextlib.suppress(ProcessLookupError):  # nobody is left
        os.killpg(process.pid, number)


def _keep(lab: LabRuntime, artifacts: Path) -> None:
    from nbtwin.api.artifacts import keep
    from nbtwin.api.recorded import TimelineRecord
    from nbtwin.timeline.clock import format_wall

    try:
        kept = keep(TimelineRecord(lab.timeline), artifacts, format_wall)
    except OSError as error:
        warn(Failed(CliRefusal.FILE_UNWRITABLE, f"--artifacts {artifacts}", detail=detail_of(error)))
        return
    warn(Failed(CliRefusal.ARTIFACTS_KEPT, files=[str(file) for file in kept]))
