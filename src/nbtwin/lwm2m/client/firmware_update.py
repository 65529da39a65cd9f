"""The firmware object of a client (LwM2M 1.0 TS, E.6) and the order of DOC-E's firmware texts (3.8; D46, D47).

Knows states, results, packages and what the host may ask when; knows no transfer: it asks for one with ``wanted``, and
no flash: ``FirmwareAccepted`` says what is to run after the restart.
"""

# Theory: who moves the firmware object, and when
# -----------------------------------------------
#
# Three parties move one object. The *platform* writes and executes /5/0 (LwM2M 1.0 TS, E.6), the *host* steers with
# AT+QLAFOTAIND and AT+QLAFOTARESET where it wants to (DOC-E 3.8, 3.14), and the *transfer* brings the package or fails.
# Resource 3 is the state, resource 5 the result of the last attempt; the host reads texts and events instead.
#
#            +------+  URI written (pull), first block or package written (push)   +-------------+
#            | IDLE | -----------------------------------------------------------> | DOWNLOADING |
#            |  0   | <----------------------------------------------------------- |      1      |
#            +------+  result 2 ... 9: the transfer, the package or the host       +-------------+
#              ^  ^                                                                       | package complete and fit
#              |  |                    an empty URI or package, the host refuses          v
#              |  +----------------------------------------------------------------- +------------+
#              |                                                                      | DOWNLOADED |
#              |  the module restarts; its next client begins in IDLE                 |     2      |
#              |  with the result of the update, 1 or 8                               +------------+
#              |                                                                          | Execute /5/0/2, or the host
#            +----------+                                                                 |
#            | UPDATING | <---------------------------------------------------------------+
#            |    3     |
#            +----------+
#
# What the host reads, in the order of DOC-E 3.8 (D46):
#
#     step                                  text                        event
#     the URI is written                    FIRMWARE DOWNLOADING        6 (a push has no URI and no event 6)
#     the package is there                  FIRMWARE DOWNLOADED         7
#     ... or is not, or does not fit        FIRMWARE DOWNLOAD FAILED
#     the update begins                     FIRMWARE UPDATING           then the restart, the banner
#     the next client starts                FIRMWARE UPDATE SUCCESS or FIRMWARE UPDATE FAILED
#     the platform knows the result         FIRMWARE UPDATE OVER
#
# *Automatic or controlled.* AT+QLAFOTAIND=0 (the default): the pull begins with the URI and the update with Execute.
# =1: after the URI nothing is fetched until the host says 2 (or 3: give up), and after Execute nothing is installed
# until it says 4 (or 5). ``wanted`` is the URI that is to be fetched *now*; `PackageDownload` follows it. The host may
# say 4 before the platform executes; an update then begins at once, because both the package and the consent are there.
# A step out of turn is refused and changes nothing (D46).
#
# *The answer leaves before the update.* Execute is answered 2.04 and only then acted upon (``after_answer``): an update
# restarts the module, and an answer that is still to be written would be lost with it.
#
# *The result first.* A change is announced as result and then state. The platform observes /5/0/3 and reads /5/0/5 when
# it is notified; in the other order it could read the result of the attempt before.
#
# *Over the restart.* NVRAM keeps the result; the client of the next boot is constructed with it, tells the host, and is
# ``updating`` until the platform knows. It knows once it has observed the data object again (event 3), or 93 s
# (MAX_TRANSMIT_WAIT) after a registration where it never does, or when nothing more is tried with it (D47): without the
# last two the host would wait for OVER for ever, with every command but reads refused (529).
#
# *Results* (resource 5): 2 too large for the flash, 4 connection lost, 5 checksum, 6 another format, model or base, 7 a
# URI or server that cannot be had, 8 the host said no, or the installation failed, 9 a scheme that is neither coap nor
# coaps.

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum, StrEnum
from typing import NamedTuple, TypeAlias

from nbtwin.coap.numbers import Code
from nbtwin.engine import DecodeError, Fact, Reason
from nbtwin.lwm2m.client.accounts import parse_uri
from nbtwin.lwm2m.firmware.package import BrokenPackage, Package, PackageRefusal, UnsupportedPackage, unpack
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


class FirmwareText(StrEnum):
    """What the host reads, letter for letter (DOC-E 2)."""

    DOWNLOADING = "FIRMWARE DOWNLOADING"
    DOWNLOAD_FAILED = "FIRMWARE DOWNLOAD FAILED"
    DOWNLOADED = "FIRMWARE DOWNLOADED"
    UPDATING = "FIRMWARE UPDATING"
    SUCCESS = "FIRMWARE UPDATE SUCCESS"
    UPDATE_FAILED = "FIRMWARE UPDATE FAILED"
    OVER = "FIRMWARE UPDATE OVER"


class FirmwareReason(Reason):
    """What the firmware object's state and result change for."""

    URI_WRITTEN = "firmware-uri-written"
    URI_UNUSABLE = "firmware-uri-unusable"
    EMPTY_URI = "firmware-empty-uri"
    EMPTY_PACKAGE = "firmware-empty-package"
    PUSH_BEGUN = "firmware-push-begun"
    PUSH_BROKEN_OFF = "firmware-push-broken-off"
    NAME_UNKNOWN = "firmware-name-unknown"
    NO_KEY = "firmware-no-key"
    HANDSHAKE_FAILED = "firmware-handshake-failed"
    COVERAGE_LOST = "firmware-coverage-lost"
    REFUSED = "firmware-refused-by-server"
    TRANSFER_BROKEN_OFF = "firmware-transfer-broken-off"
    TOO_LARGE = "firmware-too-large"
    PACKAGE_UNFIT = "firmware-package-unfit"
    PACKAGE_COMPLETE = "firmware-package-complete"
    EXECUTED = "firmware-executed"
    HOST_AGREED = "firmware-host-agreed"
    HOST_CANCELLED_DOWNLOAD = "firmware-host-cancelled-download"
    HOST_CANCELLED_UPDATE = "firmware-host-cancelled-update"
    HOST_STOPPED = "firmware-host-stopped"


class FirmwareStep(IntEnum):
    """What the host asks for with AT+QLAFOTAIND (DOC-E 3.8); 0 and 1 choose the mode."""

    START_DOWNLOAD = 2
    CANCEL_DOWNLOAD = 3
    START_UPDATE = 4
    CANCEL_UPDATE = 5


FLASH = 1 << 20
"""The largest package there is room for (assumed)."""
COAP, COAPS, BOTH_WAYS = 0, 1, 2
"""Resources 8 and 9: pull over either, and push."""


class FirmwareAnnounced(Fact, frozen=True):
    """One of the seven texts for the host (DOC-E 2)."""

    text: FirmwareText


class PackageUrlReceived(Fact, frozen=True):
    """Event 6."""

    uri: str


class PackageDownloaded(Fact, frozen=True):
    """Event 7."""

    version: str
    size: int
    """Of the package, in bytes."""


class FirmwareAccepted(Fact, frozen=True):
    """``package`` is to be installed and started now: the module restarts, and hands the result to its next client."""

    version: str


class FirmwareCause(NamedTuple):
    """What the firmware object changes for, with what belongs to it; the last fields of `FirmwareStateChanged`."""

    reason: FirmwareReason
    uri: str = ""
    server: str = ""
    response_code: str = ""
    size: int = 0
    refusal: PackageRefusal | None = None
    found: str = ""
    wanted: str = ""


class FirmwareStateChanged(Fact, frozen=True):
    """Resources 3 and 5, and what they changed for."""

    state: FirmwareState
    result: FirmwareResult
    reason: FirmwareReason
    uri: str = ""
    """Of ``URI_WRITTEN``, ``URI_UNUSABLE``."""
    server: str = ""
    """The host of the URI, where there is no way to it."""
    response_code: str = ""
    """Of ``REFUSED``."""
    size: int = 0
    """Of ``TOO_LARGE``, in bytes."""
    refusal: PackageRefusal | None = None
    """Of ``PACKAGE_UNFIT``, with what was found and what was wanted."""
    found: str = ""
    wanted: str = ""


FirmwareEvent: TypeAlias = (
    FirmwareAnnounced | PackageUrlReceived | PackageDownloaded | FirmwareAccepted | FirmwareStateChanged
)


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
        """``result``: of the update that this boot follows; the host reads it, and it is over once it is reported."""
        self._model, self._version = model, version
        self._controlled = controlled
        self._changed = changed
        self.state, self.result = FirmwareState.IDLE, result
        self.uri = ""
        self.package: Package | None = None
        self.wanted: str | None = None
        self._execute_came = self._host_agreed = False
        self.updating = False  # from FIRMWARE DOWNLOADING to FIRMWARE UPDATE OVER (D47)
        self.report_due = False  # FIRMWARE UPDATE OVER is to come, also when the host was let in before it (D149)
        self._events: list[FirmwareEvent] = []
        if result is not FirmwareResult.INITIAL:
            self.updating = self.report_due = True
            succeeded = result is FirmwareResult.SUCCESS
            self._announce(FirmwareText.SUCCESS if succeeded else FirmwareText.UPDATE_FAILED)

    def events(self) -> list[FirmwareEvent]:
        events, self._events = self._events, []
        return events

    # Object 5

    def resources(self) -> dict[int, Resource]:
        """/5/0 for the object store."""
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
            self._give_up(FirmwareReason.EMPTY_PACKAGE)
            return
        if self.state is not FirmwareState.IDLE and (self.state is not FirmwareState.DOWNLOADING or self.uri):
            raise ObjectRefused(Code.METHOD_NOT_ALLOWED)
        self.begin_push()
        self.downloaded(value)

    def _on_uri(self, value: ResourceNode) -> None:
        """Pull; an empty URI is the way to give up."""
        uri = str(value)
        if not uri:
            self._give_up(FirmwareReason.EMPTY_URI)
            return
        if self.state is not FirmwareState.IDLE:
            raise ObjectRefused(Code.METHOD_NOT_ALLOWED)
        self.uri = uri
        self.result = FirmwareResult.INITIAL
        fault = _fault_of(uri)
        if fault is not None:
            self._move(FirmwareState.IDLE, fault, FirmwareCause(FirmwareReason.URI_UNUSABLE, uri))
            return
        self._begin()
        self._events.append(PackageUrlReceived(uri))
        self._move(FirmwareState.DOWNLOADING, FirmwareResult.INITIAL, FirmwareCause(FirmwareReason.URI_WRITTEN, uri))
        if not self._controlled():
            self.wanted = uri

    def _on_execute(self, arguments: bytes) -> None:
        if self.state is not FirmwareState.DOWNLOADED:
            raise ObjectRefused(Code.METHOD_NOT_ALLOWED)
        self._execute_came = True

    def after_answer(self) -> None:
        """The answer to Execute is out: update, unless the host has to agree first."""
        if (
            self._execute_came
            and self.state is FirmwareState.DOWNLOADED
            and (self._host_agreed or not self._controlled())
        ):
            self._update(FirmwareReason.EXECUTED)

    # The transfer

    def begin_push(self) -> bool:
        """A block of a package: there is no URI, hence no event 6. Whether a push is under way now."""
        if self.state is FirmwareState.IDLE:
            self.uri = ""
            self._begin()
            self._move(FirmwareState.DOWNLOADING, FirmwareResult.INITIAL, FirmwareCause(FirmwareReason.PUSH_BEGUN))
        return self.state is FirmwareState.DOWNLOADING and not self.uri

    def downloaded(self, data: bytes) -> None:
        """The whole package: what is wrong with it, or event 7."""
        self.wanted = None
        if len(data) > FLASH:
            self._fail(FirmwareResult.NOT_ENOUGH_FLASH, FirmwareCause(FirmwareReason.TOO_LARGE, size=len(data)))
            return
        try:
            package = unpack(data)
            package.check_for(self._model, self._version)
        except UnsupportedPackage as error:
            self._fail_by_package(FirmwareResult.UNSUPPORTED_PACKAGE, error)
        except BrokenPackage as error:
            self._fail_by_package(FirmwareResult.INTEGRITY_CHECK_FAILED, error)
        else:
            self.package = package
            self._announce(FirmwareText.DOWNLOADED)
            self._events.append(PackageDownloaded(package.manifest.version, len(data)))
            self._move(FirmwareState.DOWNLOADED, FirmwareResult.INITIAL, FirmwareCause(FirmwareReason.PACKAGE_COMPLETE))

    def download_failed(self, result: FirmwareResult, cause: FirmwareCause) -> None:
        """The transfer has ended without a package; outside DOWNLOADING nothing follows from it."""
        if self.state is FirmwareState.DOWNLOADING:
            self._fail(result, cause)

    # The host

    def control(self, step: FirmwareStep) -> bool:
        """AT+QLAFOTAIND 2-5; False when it is out of turn (D46)."""
        may_download = self.state is FirmwareState.DOWNLOADING and bool(self.uri)
        match step:
            case FirmwareStep.START_DOWNLOAD if may_download and self.wanted is None:
                self.wanted = self.uri
            case FirmwareStep.CANCEL_DOWNLOAD if self.state is FirmwareState.DOWNLOADING:
                self._fail(FirmwareResult.UPDATE_FAILED, FirmwareCause(FirmwareReason.HOST_CANCELLED_DOWNLOAD))
            case FirmwareStep.START_UPDATE if self.state is FirmwareState.DOWNLOADED and not self._host_agreed:
                self._host_agreed = True
                self._update(FirmwareReason.HOST_AGREED)
            case FirmwareStep.CANCEL_UPDATE if self.state is FirmwareState.DOWNLOADED:
                cause = FirmwareCause(FirmwareReason.HOST_CANCELLED_UPDATE)
                self._fail(FirmwareResult.UPDATE_FAILED, cause, FirmwareText.UPDATE_FAILED)
            case _:
                return False
        return True

    def stop(self) -> bool:
        """AT+QLAFOTARESET: give way to urgent data; the platform's own timeout decides what it makes of it."""
        if self.state is FirmwareState.UPDATING:
            return False
        if self.state is FirmwareState.IDLE:  # nothing to stop: a result that is not reported yet stays (D149)
            self.updating = False
            return True
        self._reset()
        self.report_due = self.updating = False
        self._events.append(FirmwareStateChanged(self.state, self.result, FirmwareReason.HOST_STOPPED))
        return True

    def reported(self) -> None:
        """The platform knows the result: the last text (D46)."""
        if self.report_due and self.state is FirmwareState.IDLE:
            self.updating = self.report_due = False
            self._announce(FirmwareText.OVER)

    # Moves

    def _begin(self) -> None:
        self.package, self._execute_came, self._host_agreed = None, False, False
        self.updating = self.report_due = True
        self._announce(FirmwareText.DOWNLOADING)

    def _update(self, reason: FirmwareReason) -> None:
        assert self.package is not None
        self._announce(FirmwareText.UPDATING)
        self._move(FirmwareState.UPDATING, FirmwareResult.INITIAL, FirmwareCause(reason))
        self._events.append(FirmwareAccepted(self.package.manifest.version))

    def _give_up(self, reason: FirmwareReason) -> None:
        if self.state is FirmwareState.UPDATING:
            raise ObjectRefused(Code.METHOD_NOT_ALLOWED)
        running = self.state is not FirmwareState.IDLE
        self._reset()
        self._move(FirmwareState.IDLE, FirmwareResult.INITIAL, FirmwareCause(reason))
        if running:
            self._announce(FirmwareText.DOWNLOAD_FAILED)
            self.reported()

    def _fail_by_package(self, result: FirmwareResult, error: UnsupportedPackage | BrokenPackage) -> None:
        reason = FirmwareReason.PACKAGE_UNFIT
        cause = FirmwareCause(reason, refusal=error.refusal, found=error.found, wanted=error.wanted)
        self._fail(result, cause)

    def _fail(
        self, result: FirmwareResult, cause: FirmwareCause, text: FirmwareText = FirmwareText.DOWNLOAD_FAILED
    ) -> None:
        self._reset()
        self._announce(text)
        self._move(FirmwareState.IDLE, result, cause)
        self.reported()

    def _reset(self) -> None:
        self.state, self.result, self.uri = FirmwareState.IDLE, FirmwareResult.INITIAL, ""
        self.package = self.wanted = None
        self._execute_came = self._host_agreed = False

    def _move(self, state: FirmwareState, result: FirmwareResult, cause: FirmwareCause) -> None:
        """The result first: who is notified of the state may read it at once."""
        self.result = result
        self._changed(5)
        self.state = state
        self._changed(3)
        self._events.append(FirmwareStateChanged(state, result, *cause))

    def _announce(self, text: FirmwareText) -> None:
        self._events.append(FirmwareAnnounced(text))


def _fault_of(uri: str) -> FirmwareResult | None:
    scheme = uri.partition(":")[0]
    try:
        parse_uri(uri)
    except DecodeError:
        known = scheme in ("coap", "coaps") or "://" not in uri
        return FirmwareResult.INVALID_URI if known else FirmwareResult.UNSUPPORTED_PROTOCOL
    return None
