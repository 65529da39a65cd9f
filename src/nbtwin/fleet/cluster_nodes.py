"""Dask's scheduler and worker as `nbtwin fleet` starts them: at loopback unless asked, without pages of their own, one
shard at a time in a worker.

A scheduler runs what it is given, whoever gives it: it stands in a network that is trusted, or behind Dask's TLS, which
its own settings switch on. Knows Dask, signals and the loop; what a shard does it does not know.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Coroutine
from tempfile import TemporaryDirectory
from typing import Any

from dask.config import update_defaults
from distributed import Scheduler, Worker
from distributed.http.routing import RoutingApplication
from tornado.httpserver import HTTPServer

from nbtwin.edge.errors import bind_error
from nbtwin.fleet.cluster_part import busy, leave_all
from nbtwin.fleet.processes import AGAIN
from nbtwin.fleet.refusals import FleetRefusal
from nbtwin.runtime.errors import Failed

CONNECTS_WITHIN = 10  # seconds
SILENT_FOR = "15 s"
"""So long a worker says nothing before it is taken for one that hangs (D199); Dask's own default is five minutes."""
_ASKED_EVERY = 0.05


class _WithoutPages:
    """Dask gives every node a web server; this one listens nowhere."""

    def start_http_server(self, *given: Any, **more: Any) -> None:
        self.http_application = RoutingApplication([])
        self.http_server = HTTPServer(self.http_application)


class _Scheduler(_WithoutPages, Scheduler):
    pass


class _Worker(_WithoutPages, Worker):
    async def close(self, *given: Any, **more: Any) -> Any:
        """Also when its scheduler has gone. It waits for what runs, so that is told first."""
        leave_all()
        return await super().close(*given, **more)


def run_scheduler(host: str, port: int, ready: Callable[[str], None]) -> None:
    """Until SIGINT or SIGTERM. Failed for an address that cannot be had."""
    _check_address(host, port)
    update_defaults({"distributed": {"scheduler": {"worker-ttl": SILENT_FOR}}})  # what the user has set stays

    async def life(ended: asyncio.Event) -> None:
        try:
            scheduler = await _Scheduler(host=host, port=port, dashboard=False, allowed_failures=AGAIN)
        except (OSError, RuntimeError) as error:
            raise Failed.of(error, f"{host}:{port}") from None
        ready(scheduler.address)
        await ended.wait()
        await scheduler.close()

    _live(life)


def run_worker(scheduler: str, host: str, ready: Callable[[str], None]) -> None:
    """Until SIGINT or SIGTERM, when its devices leave first, or until the scheduler has gone. Failed for one that
    cannot be reached, and for an address that cannot be had."""
    _check_address(host, 0)

    async def life(ended: asyncio.Event) -> None:
        with TemporaryDirectory(prefix="nbtwin-fleet-") as folder:
            try:
                worker = await _Worker(
                    scheduler, nthreads=1, host=host, memory_limit=0, local_directory=folder,
                    death_timeout=CONNECTS_WITHIN,
                )  # fmt: skip
            except (OSError, RuntimeError, ValueError) as error:
                raise Failed(FleetRefusal.SCHEDULER_AWAY, scheduler) from error
            ready(worker.address)
            gone = asyncio.ensure_future(worker.finished())
            await asyncio.wait([gone, asyncio.ensure_future(ended.wait())], return_when=asyncio.FIRST_COMPLETED)
            until = asyncio.get_running_loop().time() + leave_all() + CONNECTS_WITHIN
            while busy() and asyncio.get_running_loop().time() < until:
                await asyncio.sleep(_ASKED_EVERY)
            await worker.close()

    _live(life)


def _check_address(host: str, port: int) -> None:
    """Dask's own error does not say what is wrong with it."""
    try:
        socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET).close()
    except OSError as error:
        raise Failed.of(bind_error("TCP", host, port, error)) from None


def _live(life: Callable[[asyncio.Event], Coroutine[Any, Any, None]]) -> None:
    logging.getLogger("distributed").setLevel(logging.ERROR)

    async def whole() -> None:
        ended = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        await life(ended)

    asyncio.run(whole())
