"""The firmware object of a client (LwM2M 1.0 TS, E.6) and the order of DOC-E's firmware texts (3.8; D46, D47).

Knows states, results, packages and what the host may ask when; knows no transfer: it asks for one with ``wanted``, and
no flash: ``FirmwareAccepted`` says what is to run after the restart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from nbtwin.coap.numbers import Code
from nbtwin.engine import DecodeError
from nbtwin.lwm2m.client.accounts import parse_uri
from nbtwin.lwm2m.firmware.package import Package, UnsupportedPackage, unpack
from nbtwin.lwm2m.model import ResourceNode
from nbtwin.lwm2m.object_store import ObjectRefused, Resource, constant


class FirmwareState(IntEnum):
    """Resource 3."""

    IDLE = 0
    DOWNLOADING = 1
    DOWNLOADED = 2
    UPDATING = 3


class FirmwareResult(IntEnum):
    """Resource 5."""

    INITIAL = 0
    SUCCESS = 1
    NOT_ENOUGH_FLASH = 2
    OUT_OF_RAM = 3
    CONNECTION_LOST = 4
    INTEGRITY_CHECK_FAILED = 5
    UNSUPPORTED_PACKAGE = 6
    INVALID_URI = 7
    UPDATE_FAILED = 8
    UNSUPPORTED_PROTOCOL = 9


DOWNLOADING, DOWNLOAD_FAILED, DOWNLOADED = "FIRMWARE DOWNLOADING", "FIRMWARE DOWNLOAD FAILED", "FIRMWARE DOWNLOADED"
UPDATING, SUCCESS = "FIRMWARE UPDATING", "FIRMWARE UPDATE SUCCESS"
UPDATE_FAILED, OVER = "FIRMWARE UPDATE FAILED", "FIRMWARE UPDATE OVER"
START_DOWNLOAD, CANCEL_DOWNLOAD, START_UPDATE, CANCEL_UPDATE = 2, 3, 4, 5
"""AT+QLAFOTAIND (DOC-E 3.8)."""
FLASH = 1 << 20
"""The largest package there is room for (assumed)."""
COAP, COAPS, BOTH_WAYS = 0, 1, 2
"""Resources 8 and 9: pull over either, and push."""


@dataclass(frozen=True, slots=True)
class FirmwareTold:
    """One of the seven texts for the host (DOC-E 2)."""

    text: str


@dataclass(frozen=True, slots=True)
class PackageUrlReceived:
    """Event 6."""

    uri: str


@dataclass(frozen=True, slots=True)
class PackageDownloaded:
    """Event 7."""

    version: str
    size: int


@dataclass(frozen=True, slots=True)
class FirmwareAccepted:
    """To be installed and started now: the module restarts, and hands the result to its next client."""

    package: Package


@dataclass(frozen=True, slots=True)
class StateMoved:
    """For the timeline."""

    state: FirmwareState
    result: FirmwareResult
    why: str


class FirmwareUpdateClient:
    """``changed`` is called with the resource that has a new value; ``wanted`` is the URI to fetch, if any."""

    def __init__(
        self,
        model: str,
        version: str,
        controlled: Callable[[], bool],
        changed: Callable[[int], None],
        result: FirmwareResult = FirmwareResult.INITIAL,
    ) -> None:
        """``result``: of the update that this boot follows; it is told to the host, and over once it is reported."""
        self._model, self._version = model, version
        self._controlled = controlled
        self._changed = changed
        self.state, self.result = FirmwareState.IDLE, result
        self.uri = ""
        self.package: Package | None = None
        self.wanted: str | None = None
        self._execute_came = self._host_agreed = False
        self.updating = False  # from FIRMWARE DOWNLOADING to FIRMWARE UPDATE OVER (D47)
        self._events: list[Any] = []
        if result is not FirmwareResult.INITIAL:
            self.updating = True
            self._tell(SUCCESS if result is FirmwareResult.SUCCESS else UPDATE_FAILED)

    def events(self) -> list[Any]:
        events, self._events = self._events, []
        return events

    # Object 5

    def resources(self) -> dict[int, Resource]:
        return {
            0: Resource(set=self._on_package),
            1: Resource(get=lambda: self.uri, set=self._on_uri),
            2: Resource(execute=self._on_execute),
            3: Resource(get=lambda: int(self.state)),
            5: Resource(get=lambda: int(self.result)),
            6: Resource(get=lambda: self.package.manifest.model if self.package else ""),
            7: Resource(get=lambda: self.package.manifest.version if self.package else ""),
            8: constant({0: COAP, 1: COAPS}),
            9: constant(BOTH_WAYS),
        }

    def _on_package(self, value: ResourceNode) -> None:
        """Push; an empty package is the way to give up (E.6, resource 3)."""
        assert isinstance(value, bytes)
        if len(value) <= 1:
            self._give_up("an empty package was written")
            return
        if self.state is FirmwareState.UPDATING or self.state is FirmwareState.DOWNLOADED or self.wanted is not None:
            raise ObjectRefused(Code.METHOD_NOT_ALLOWED, f"state {self.state.name}")
        self.begin_push()
        self.downloaded(value)

    def _on_uri(self, value: ResourceNode) -> None:
        """Pull; an empty URI is the way to give up."""
        uri = str(value)
        if not uri:
            self._give_up("an empty URI was written")
            return
        if self.state is not FirmwareState.IDLE:
            raise ObjectRefused(Code.METHOD_NOT_ALLOWED, f"state {self.state.name}")
        self.uri = uri
        self.result = FirmwareResult.INITIAL
        fault = _fault_of(uri)
        if fault is not None:
            self._move(FirmwareState.IDLE, fault, f"{uri} cannot be fetched")
            return
        self._begin()
        self._events.append(PackageUrlReceived(uri))
        self._move(FirmwareState.DOWNLOADING, FirmwareResult.INITIAL, "the URI arrived")
        if not self._controlled():
            self.wanted = uri

    def _on_execute(self, arguments: bytes) -> None:
        if self.state is not FirmwareState.DOWNLOADED:
            raise ObjectRefused(Code.METHOD_NOT_ALLOWED, f"state {self.state.name}")
        self._execute_came = True

    def after_answer(self) -> None:
        """The answer to Execute is out: update, unless the host has to agree first."""
        if (
            self._execute_came
            and self.state is FirmwareState.DOWNLOADED
            and (self._host_agreed or not self._controlled())
        ):
            self._update("the platform executed /5/0/2")

    # The transfer

    def begin_push(self) -> None:
        """The first block of a package: there is no URI, hence no event 6."""
        if self.state is FirmwareState.IDLE:
            self.uri = ""
            self._begin()
            self._move(FirmwareState.DOWNLOADING, FirmwareResult.INITIAL, "a package is being written")

    def downloaded(self, data: bytes) -> None:
        """The whole package: what is wrong with it, or event 7."""
        self.wanted = None
        if len(data) > FLASH:
            self._fail(FirmwareResult.NOT_ENOUGH_FLASH, f"{len(data)} bytes")
            return
        try:
            package = unpack(data)
            package.check_for(self._model, self._version)
        except UnsupportedPackage as error:
            self._fail(FirmwareResult.UNSUPPORTED_PACKAGE, str(error))
        except DecodeError as error:
            self._fail(FirmwareResult.INTEGRITY_CHECK_FAILED, str(error))
        else:
            self.package = package
            self._tell(DOWNLOADED)
            self._events.append(PackageDownloaded(package.manifest.version, len(data)))
            self._move(FirmwareState.DOWNLOADED, FirmwareResult.INITIAL, "the package is whole")

    def download_failed(self, result: FirmwareResult, why: str) -> None:
        if self.state is FirmwareState.DOWNLOADING:
            self._fail(result, why)

    # The host

    def control(self, step: int) -> bool:
        """AT+QLAFOTAIND 2-5; False when it is out of turn (D46)."""
        may_download = self.state is FirmwareState.DOWNLOADING and bool(self.uri)
        match step:
            case 2 if may_download and self.wanted is None:
                self.wanted = self.uri
            case 3 if self.state is FirmwareState.DOWNLOADING:
                self._fail(FirmwareResult.UPDATE_FAILED, "the host cancelled the download")
            case 4 if self.state is FirmwareState.DOWNLOADED and not self._host_agreed:
                self._host_agreed = True
                self._update("the host agreed")
            case 5 if self.state is FirmwareState.DOWNLOADED:
                self._fail(FirmwareResult.UPDATE_FAILED, "the host cancelled the update", UPDATE_FAILED)
            case _:
                return False
        return True

    def stop(self) -> bool:
        """AT+QLAFOTARESET: give way to urgent data; the platform's own timeout decides what it makes of it."""
        if self.state is FirmwareState.UPDATING:
            return False
        self._reset()
        self.updating = False
        self._events.append(StateMoved(self.state, self.result, "stopped by the host"))
        return True

    def reported(self) -> None:
        """The platform knows the result: the last text (D46)."""
        if self.updating and self.state is FirmwareState.IDLE:
            self.updating = False
            self._tell(OVER)

    # Moves

    def _begin(self) -> None:
        self.package, self._execute_came, self._host_agreed = None, False, False
        self.updating = True
        self._tell(DOWNLOADING)

    def _update(self, why: str) -> None:
        assert self.package is not None
        self._tell(UPDATING)
        self._move(FirmwareState.UPDATING, FirmwareResult.INITIAL, why)
        self._events.append(FirmwareAccepted(self.package))

    def _give_up(self, why: str) -> None:
        if self.state is FirmwareState.UPDATING:
            raise ObjectRefused(Code.METHOD_NOT_ALLOWED, "the update is under way")
        running = self.state is not FirmwareState.IDLE
        self._reset()
        self._move(FirmwareState.IDLE, FirmwareResult.INITIAL, why)
        if running:
            self._tell(DOWNLOAD_FAILED)
            self.reported()

    def _fail(self, result: FirmwareResult, why: str, text: str = DOWNLOAD_FAILED) -> None:
        self._reset()
        self._tell(text)
        self._move(FirmwareState.IDLE, result, why)
        self.reported()

    def _reset(self) -> None:
        self.state, self.result, self.uri = FirmwareState.IDLE, FirmwareResult.INITIAL, ""
        self.package = self.wanted = None
        self._execute_came = self._host_agreed = False

    def _move(self, state: FirmwareState, result: FirmwareResult, why: str) -> None:
        """The result first: whoever is told the state may read it at once."""
        self.result = result
        self._changed(5)
        self.state = state
        self._changed(3)
        self._events.append(StateMoved(state, result, why))

    def _tell(self, text: str) -> None:
        self._events.append(FirmwareTold(text))


def _fault_of(uri: str) -> FirmwareResult | None:
    scheme = uri.partition(":")[0]
    try:
        parse_uri(uri)
    except DecodeError:
        known = scheme in ("coap", "coaps") or "://" not in uri
        return FirmwareResult.INVALID_URI if known else FirmwareResult.UNSUPPORTED_PROTOCOL
    return None
