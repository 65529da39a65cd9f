"""`nbtwin fleet worker` and `fleet scheduler`: the machines that share a fleet.

Knows options and what a script waits for; what the machines do is in `nbtwin.fleet.cluster*`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address

import typer

from nbtwin.runtime.errors import Failed, WrongUsage

_SCHEDULER = re.compile(r"(?:tcp|tls)://(\[[0-9A-Fa-f:.]+\]|[^\[\]:/\s]+):(\d{1,5})")
_CONNECTS_WITHIN = 10.0
Where = typer.Option(
    "tcp://127.0.0.1:8786", "--scheduler", metavar="tcp://HOST:PORT", help="Of `fleet scheduler`, or any of Dask's."
)
Host = typer.Option("127.0.0.1", "--listen", metavar="ADDR", help="This machine's address for the others.")
Listen = typer.Option("127.0.0.1:8786", "--listen", metavar="HOST:PORT", help="Where it is found; port 0: any.")


def worker(scheduler: str = Where, listen: str = Host) -> None:
    """A process that runs parts of fleets, one at a time, for whoever asks the scheduler.

    \b
    nbtwin fleet worker
    nbtwin fleet worker --scheduler tcp://10.0.0.5:8786 --listen 10.0.0.6

    Needs nbtwin[cluster]. Prints its address, then `ready`. Ctrl-C: its devices leave before it ends.
    """
    from nbtwin.fleet.refusals import FleetRefusal

    if _is_here(listen) and not _is_here(scheduler_address(scheduler)[0]):
        raise WrongUsage(FleetRefusal.LISTENS_HERE, "--listen")
    with with_cluster():
        from nbtwin.fleet.cluster_nodes import run_worker
    run_worker(reach(scheduler), listen, lambda found: _ready("worker", found))


def scheduler(listen: str = Listen) -> None:
    """Where the workers of a fleet come together; one for all fleets.

    \b
    nbtwin fleet scheduler
    nbtwin fleet worker &
    nbtwin fleet coap://127.0.0.1:5783 --scheduler tcp://127.0.0.1:8786

    It runs what it is given, whoever gives it: on loopback, or in a network that you trust.
    Needs nbtwin[cluster]. Prints its address, then `ready`.
    """
    from nbtwin.runtime.spec import parse_address

    address = parse_address(listen, "--listen")
    with with_cluster():
        from nbtwin.fleet.cluster_nodes import run_scheduler
    run_scheduler(*address, lambda found: _ready("scheduler", found))


def scheduler_address(text: str) -> tuple[str, int]:
    """WrongUsage for what is none."""
    from nbtwin.fleet.refusals import FleetRefusal

    match = _SCHEDULER.fullmatch(text)
    if match is None:
        raise WrongUsage(FleetRefusal.SCHEDULER, "--scheduler", value=text)
    return match[1].strip("[]"), int(match[2])


def reach(scheduler: str) -> str:
    """Failed where nobody listens: Dask would ask for long."""
    import socket

    from nbtwin.fleet.refusals import FleetRefusal

    try:
        socket.create_connection(scheduler_address(scheduler), _CONNECTS_WITHIN).close()
    except OSError:
        raise Failed(FleetRefusal.SCHEDULER_AWAY, scheduler) from None
    return scheduler


@contextmanager
def with_cluster() -> Iterator[None]:
    """Around an import of what needs Dask."""
    from nbtwin.fleet.refusals import FleetRefusal

    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("nbtwin"):
            raise
        raise WrongUsage(FleetRefusal.CLUSTER_MISSING) from None


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _ready(what: str, address: str) -> None:
    print(f"{what} {address}", flush=True)
    print("ready", flush=True)
