"""A live lab in a thread of this process: real serial ports, real UDP, the console and the REST API on loopback.

The face talks to it as to any other lab, over HTTP. Knows how a lab is run and ended; knows no face.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import tempfile
import threading
import weakref
from collections.abc import Iterable, Mapping
from pathlib import Path

from nbtwin.api.errors import LabRefused, PythonRefusal
from nbtwin.api.http_client import HttpClient
from nbtwin.api.recorded import TimelineRecord
from nbtwin.api.remote import RemoteBackend
from nbtwin.engine import Address, CodedError
from nbtwin.runtime.lab import LabRuntime
from nbtwin.timeline.catalogue.errors import worded
from nbtwin.timeline.ring import Timeline
from nbtwin.web.app import create_app
from nbtwin.web.server import Console

_log = logging.getLogger("nbtwin.api")


class LabThread:
    """Runs from the constructor, which raises what cannot be had as LabRefused, to ``close``.

    ``state``: None for one that goes with the lab. ``http``: loopback; port 0 is a free one. ``simulated``: its time
    passes by advance alone.
    """

    def __init__(
        self,
        *,
        seed: int,
        platforms: Iterable[str],
        state: Path | None = None,
        http: Address = ("127.0.0.1", 0),
        database: str | None = None,
        simulated: bool = False,
    ) -> None:
        self.url = ""
        self.timeline = Timeline()
        self.began = 0.0
        self._seed, self._platforms, self._http = seed, tuple(platforms), http
        self._database, self._simulated = database, simulated
        self._folder = tempfile.TemporaryDirectory(prefix="nbtwin-lab-") if state is None else None
        self._state = Path(self._folder.name) / "state" if self._folder is not None else state
        self._error: BaseException | None = None
        self._started = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._thread = threading.Thread(target=self._run, name="nbtwin-lab", daemon=True)
        self._thread.start()
        try:
            self._started.wait()
        except BaseException:
            self.close()
            raise
        if self._error is not None:
            self.close()
            if isinstance(self._error, CodedError):
                raise LabRefused.of(self._error) from None
            raise self._error

    def close(self) -> None:
        """Everything is given back when it returns. Once more does nothing."""
        self._started.wait()
        if self._thread.is_alive():
            assert self._loop is not None
            assert self._stop is not None
            with contextlib.suppress(RuntimeError):  # it has just ended
                self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()
        if self._folder is not None:
            self._folder.cleanup()
        self.timeline.file = None  # what is in memory can be read on

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except BaseException as error:  # the constructor's to raise
            if self._started.is_set():
                _log.error("the lab has ended", exc_info=error)
            self._error = error
        finally:
            self._started.set()

    async def _main(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        console = Console(self._http)
        try:
            assert self._state is not None
            lab = LabRuntime(
                self._state, seed=self._seed, simulated=self._simulated, database=self._database, say=_warn
            )
            try:
                for operator in self._platforms:
                    lab.add_platform(operator, ("127.0.0.1", 0))
                await lab.come_back()
                lab.serve_packages(console.url)
                await console.start(create_app(lab))
                self.url, self.timeline, self.began = console.url, lab.timeline, lab.world.start
                self._started.set()
                await self._stop.wait()
            finally:
                await console.close()
                await lab.close()
        finally:
            await console.close()


def _warn(error: Exception) -> None:
    _log.warning("%s", worded(error))


def _finish(client: HttpClient, thread: LabThread) -> None:
    client.close()
    thread.close()


class LiveBackend(RemoteBackend):
    """`api.backend.Backend` of a lab that is the process's own, and ends with it."""

    def __init__(self, thread: LabThread, keys: Mapping[str, str] | None = None) -> None:
        self._thread = thread
        client = HttpClient(thread.url)
        finish = weakref.finalize(self, _finish, client, thread)
        try:
            super().__init__(client)
            self._end = finish
            for appkey, password in (keys or {}).items():
                with self._refusals():
                    self.client.post("appkeys", appkey=appkey, password=password)
        except BaseException:
            finish()
            raise

    def close(self) -> None:
        """The lab ends. What is in memory of its timeline can be read on."""
        super().close()
        self.record = TimelineRecord(self._thread.timeline, self._thread.began)


def live_backend(
    *,
    seed: int,
    platforms: Iterable[str],
    keys: Mapping[str, str] | None,
    state: Path | None,
    http: str,
    database: str | None,
) -> LiveBackend:
    """As `Lab` is given it. LabRefused for a port that is taken, a state directory in use, an address elsewhere …"""
    import ipaddress

    from nbtwin.runtime.errors import WrongUsage
    from nbtwin.runtime.spec import parse_address

    try:
        address = parse_address(http, "http")
    except WrongUsage as error:
        raise LabRefused.of(error) from None
    if not ipaddress.ip_address(address[0]).is_loopback:
        raise LabRefused(PythonRefusal.LOOPBACK_ONLY, "http", value=http)
    thread = LabThread(seed=seed, platforms=platforms, state=state, http=address, database=database)
    return LiveBackend(thread, keys)
