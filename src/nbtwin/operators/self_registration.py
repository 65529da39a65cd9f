"""What Telecom's and Unicom's platforms have in common: one CoAP request with a report, one JSON answer.

Liberal in what it takes: any member order, extra members, a missing Uri-Path or Content-Format
(docs/spec/wire.md, Telecom and Unicom). Must not know a module, a socket or a database.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, TypeAlias

import msgspec

from nbtwin.coap.endpoint import RFC7252_WAITS, CoapEndpoint, Waits
from nbtwin.coap.events import CoapEvent, RequestReceived, Response
from nbtwin.coap.message import Message, options
from nbtwin.coap.numbers import Code, ContentFormat, dotted
from nbtwin.engine import AT_ONCE, HOUR, Address, Datagram, Deadline, Outbox, Reason, Seconds, soonest
from nbtwin.operators import events as ev
from nbtwin.operators import remarks
from nbtwin.operators.inventory.devices import Device
from nbtwin.operators.refusals import PlatformRefusal
from nbtwin.operators.remarks import Remark, RemarkCode
from nbtwin.operators.sim_bindings import SimBindings
from nbtwin.selfreg.payloads import SUCCESS, Report, ReportError, parse_payload
from nbtwin.selfreg.schedule import Operator

REMEMBERED = 65_536  # messages in the duplicate memory
_JSON_FORMAT = int(ContentFormat.JSON)
_JSON = options(content_format=ContentFormat.JSON)
_ACCEPTED = Response(Code.CHANGED, _JSON, SUCCESS)
_IMEI = re.compile(r"\d{14,17}|[0-9A-Fa-f]{14}")
OVERDUE_AFTER: Seconds = 3 * HOUR
"""Beyond the period: an update's rounds take two hours and five minutes (docs/spec/registration.md, After success)."""
_LONGEST = 128  # characters of one member that are kept


class ReportRefused(Exception):
    """Answered with this code; ``description`` is told to the client."""

    def __init__(
        self, code: Code, refusal: PlatformRefusal, description: str, *,
        subject: str = "", limit: int = 0, imei: str = "", remarks: tuple[Remark, ...] = (),
        why: dict[str, Any] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(description)
        self.code = code
        self.refusal = refusal
        self.description = description
        self.subject = subject
        self.limit = limit
        self.remarks = remarks
        self.why = why
        self.imei = imei  # where the report said who it is: its refusals are counted


class PlatformReason(Reason):
    """What a platform that takes reports waits for."""

    REPORT_OVERDUE = "platform-report-overdue"


class LastReport(NamedTuple):
    """Of a device whose next one is expected."""

    at: Seconds
    peer: Address
    remarks: tuple[Remark, ...]


SelfRegistrationEvent: TypeAlias = (
    ev.DeviceRegistered | ev.DeviceUpdated | ev.DeviceExpired | ev.DeviceRefused | CoapEvent
)


class SelfRegistrationPlatform(Outbox[SelfRegistrationEvent]):
    """One UDP port of a platform that modules report to.

    Where reports have a period, one that repeats what the device said before is its update, and a device that is
    overdue has expired (D139).
    """

    name: str
    path: str  # what stands in Uri-Path, where the module sends one
    operator: Operator
    period: Seconds = 0  # in which a device reports again; 0: when something changes, and not before
    sent_path: tuple[str, ...]  # by a module

    def __init__(
        self, random: random.Random, *, waits: Waits = RFC7252_WAITS, remembered: int = REMEMBERED, name: str = ""
    ) -> None:
        super().__init__()
        self.name = name or self.name
        self.coap = CoapEndpoint(random, waits=waits, remembered=remembered)
        self.strict = False
        """What it has a remark about is refused (D138)."""
        self._pairings = SimBindings()
        self._reports: dict[str, LastReport] = {}  # by IMEI, the oldest first; only with a period

    def handle_datagram(self, now: Seconds, source: Address, data: bytes) -> None:
        self.coap.handle_datagram(now, source, data)
        self._react(now)

    def handle_timer(self, now: Seconds) -> None:
        self.coap.handle_timer(now)
        for _ in range(AT_ONCE):
            if (due := self._next_overdue()) is None or due.at > now:
                break
            imei = next(iter(self._reports))
            del self._reports[imei]
            self._events.append(ev.DeviceExpired(now, f"{self.name}:{imei}"))
        self._react(now)

    def datagrams_to_send(self) -> list[Datagram]:
        return self.coap.datagrams_to_send()

    def next_deadline(self) -> Deadline | None:
        return soonest(self.coap.next_deadline(), self._next_overdue())

    def _next_overdue(self) -> Deadline | None:
        if not self._reports:
            return None
        oldest = next(iter(self._reports.values()))
        return Deadline(oldest.at + self.period + OVERDUE_AFTER, PlatformReason.REPORT_OVERDUE)

    def restore(self, devices: Iterable[Device]) -> int:
        """Remember who reported with which USIM and firmware, and when (`Store.registrations`); how many."""
        reports: list[tuple[str, LastReport]] = []
        count = self._pairings.restore(self._noted(devices, reports) if self.period else devices)
        reports.sort(key=lambda report: report[1].at)
        had = len(self._reports)
        self._reports.update(reports)
        if had and reports:  # of a process that had them until now: the oldest are first, all the same
            self._reports = dict(sorted(self._reports.items(), key=lambda report: report[1].at))
        return count

    def _noted(self, devices: Iterable[Device], reports: list[tuple[str, LastReport]]) -> Iterator[Device]:
        """One by one: a million of them are not in memory at once."""
        for device in devices:
            peer = (device.host, device.port)
            reports.append((device.imei, LastReport(device.refreshed_at, peer, tuple(device.remarks))))
            yield device

    def _react(self, now: Seconds) -> None:
        for event in self.coap.events():
            if type(event) is not RequestReceived:
                self._events.append(event)
                continue
            try:
                self._on_report(now, event, self._report(event))
            except ReportRefused as refused:
                self.coap.respond(now, event, _refusal(refused.code, refused.description))
                device = f"{self.name}:{refused.imei}" if refused.imei else ""
                self._events.append(
                    ev.DeviceRefused(
                        now, device, event.peer, dotted(refused.code), refused.refusal, refused.subject, refused.limit,
                        refused.remarks, refused.why,
                    )
                )  # fmt: skip

    def _on_report(self, now: Seconds, received: RequestReceived, report: Report) -> None:
        found = tuple(self._remarks(received.message, report))
        if found and self.strict:
            said = ", ".join(f"{remark.code} {remark.subject}".strip() for remark in found)
            raise ReportRefused(Code.BAD_REQUEST, PlatformRefusal.STRICT, said[:200], imei=report.imei, remarks=found)
        flags = self._pairings.take(now, report.imei, report.model, report.firmware, report.iccid, report.imsi)
        device, peer = f"{self.name}:{report.imei}", received.peer
        identity = ev.DeviceIdentity(
            imei=report.imei,
            imsi=report.imsi,
            iccid=report.iccid,
            model=report.model,
            firmware=report.firmware,
            version=report.version,
        )
        last = self._reports.pop(report.imei, None)
        if self.period:
            self._reports[report.imei] = LastReport(now, peer, found)
        if last is not None and not flags and last.remarks == found:
            moved = last.peer != peer
            self._events.append(
                ev.DeviceUpdated(now, device, peer, self.period, moved, identity=identity, remarks=found)
            )
            self.coap.respond(now, received, _ACCEPTED)
            return
        self._events.append(ev.DeviceRegistered(now, device, peer, identity, None, flags, found, self.period))
        self.coap.respond(now, received, _ACCEPTED)

    def _remarks(self, message: Message, report: Report) -> list[Remark]:
        found = remarks.of_report(report, self.operator)
        path = _path_of(message)
        if path != self.sent_path:
            found.append(Remark(RemarkCode.PATH, f"/{'/'.join(path)}"))
        if (form := message.content_format) != _JSON_FORMAT:
            found.append(Remark(RemarkCode.CONTENT_FORMAT, "" if form is None else str(form)))
        if message.payload.lstrip().startswith(b"{"):
            found.append(Remark(RemarkCode.BASE64))
        return found

    def _report(self, received: RequestReceived) -> Report:
        message = received.message
        path = _path_of(message)
        if path and path != (self.path,):
            subject = f"/{'/'.join(path)[:80]}"
            raise ReportRefused(
                Code.NOT_FOUND, PlatformRefusal.PATH_UNKNOWN, f"no such path: {subject}", subject=subject
            )
        if message.code != Code.POST:
            raise ReportRefused(Code.METHOD_NOT_ALLOWED, PlatformRefusal.METHOD, "only POST reports")
        try:
            report = parse_payload(message.payload)
        except ReportError as error:
            refusal = PlatformRefusal.REPORT_MALFORMED
            raise ReportRefused(Code.BAD_REQUEST, refusal, "this is no report", why=error.data) from None
        if not _IMEI.fullmatch(report.imei):
            raise ReportRefused(Code.BAD_REQUEST, PlatformRefusal.MEID, "MEID is not an IMEI")
        kept = (report.version, report.model, report.firmware, report.iccid, report.imsi)
        if max(map(len, kept)) > _LONGEST:
            raise ReportRefused(
                Code.BAD_REQUEST, PlatformRefusal.MEMBER_LENGTH, f"a member is longer than {_LONGEST} characters",
                limit=_LONGEST, imei=report.imei,
            )  # fmt: skip
        return report


def _path_of(message: Message) -> tuple[str, ...]:
    """Without the empty segments that some clients send."""
    path = message.path
    return tuple([segment for segment in path if segment]) if "" in path else path


def _refusal(code: Code, description: str) -> Response:
    return Response(code, _JSON, msgspec.json.encode({"resultCode": "1", "resultDesc": description}))
