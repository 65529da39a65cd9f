"""What a module's messages have to look like: what is on the wire, beside the remarks of a strict platform.

The very engines of the operators' platforms read the registrations, so that what they remark or refuse is found here;
what they are liberal about is compared with the one form that the document gives (D193). Knows no schedule.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from nbtwin.check.capture.exchanges import Exchange, Passed
from nbtwin.check.capture.findings import FindingRefusal, NotePhrase, PacketPhrase
from nbtwin.coap.message import Message
from nbtwin.coap.numbers import COAP_PORT, Code, ContentFormat, OptionNumber, Type
from nbtwin.module.profile import Profile
from nbtwin.operators import events as ev
from nbtwin.operators import remarks
from nbtwin.operators.cmdmp.platform import CmdmpPlatform
from nbtwin.operators.key_store.appkeys import AppkeyStore
from nbtwin.operators.refusals import PlatformRefusal
from nbtwin.operators.remarks import RemarkCode
from nbtwin.operators.self_registration import SelfRegistrationPlatform
from nbtwin.operators.telecom import TelecomPlatform
from nbtwin.operators.unicom import UnicomPlatform
from nbtwin.selfreg.cmdmp import SEPARATOR, TERMINAL_TYPES, VERSION, EndpointError, EndpointName, key_of
from nbtwin.selfreg.cmdmp_client import LINKS
from nbtwin.selfreg.payloads import (
    LONGEST_MODEL,
    TELECOM_HOST,
    UNICOM_HOST,
    Report,
    ReportError,
    parse_payload,
    telecom_request,
    unicom_request,
)

ANDLINK_LINKS = b'</>;rt="oma.lwm2m",</1/0>,</3/0>,</5/0>,</19/0>,</19/1>'
ANDLINK_PORTS = (5683, 5783, 5684, 5685)
OPERATORS = ("telecom", "unicom", "mobile", "andlink")
_SHOWN = 60
_OPTIONS = {
    OptionNumber.URI_HOST: "Uri-Host", OptionNumber.URI_PORT: "Uri-Port", OptionNumber.URI_PATH: "Uri-Path",
    OptionNumber.URI_QUERY: "Uri-Query", OptionNumber.CONTENT_FORMAT: "Content-Format", OptionNumber.ACCEPT: "Accept",
}  # fmt: skip
_METHODS = {int(code): code.name for code in Code}


class Wrong(NamedTuple):
    """A finding, or a note, about the form of one message."""

    code: FindingRefusal | NotePhrase
    fields: Mapping[str, Any]


@dataclass(slots=True)
class Identity:
    """Who a message says that it is from. ``pairing`` is what a registration is about: another one is a change."""

    imei: str = ""
    pairing: tuple[str, ...] = ()
    lifetime: int | None = None


class Recognised(NamedTuple):
    operator: str
    what: PacketPhrase
    identity: Identity


def recognise(message: Message, passed: Passed, locations: Mapping[tuple[str, ...], str]) -> Recognised | None:
    """Whose registration or update this is, also one that is not as it should be; None: something else.

    ``locations``: where registrations have been put, and of whom.
    """
    if not 0 < message.code < 32:
        return None
    queries = _queries(message)
    path = tuple(segment for segment in message.path if segment)
    name = queries.get("ep") or queries.get("epi") or ""
    if SEPARATOR in name or "epi" in queries:
        what = PacketPhrase.UPDATE if "epi" in queries else PacketPhrase.REGISTRATION
        return Recognised("mobile", what, _of_name(name, queries))
    if path in locations:
        what = PacketPhrase.DEREGISTRATION if message.code == Code.DELETE else PacketPhrase.UPDATE
        operator, _, imei = locations[path].partition(":")
        return Recognised(operator, what, Identity(imei))
    if name and path[:1] == ("bs",):
        return Recognised("andlink", PacketPhrase.BOOTSTRAP, Identity(name))
    if name and path[:1] == ("dp",):
        return Recognised("andlink", PacketPhrase.DATA, Identity(name))
    if "ep" in queries or path[:1] == ("rd",):
        return Recognised("andlink", PacketPhrase.REGISTRATION, _of_name(name, queries))
    return _report(message, passed, path)


def _report(message: Message, passed: Passed, path: tuple[str, ...]) -> Recognised | None:
    """Telecom's or Unicom's: what most of it says."""
    report: Report | None = None
    try:
        report = parse_payload(message.payload)
    except ReportError:
        if path != ("nb",) and message.host != TELECOM_HOST and passed.destination[0] != UNICOM_HOST:
            return None
    telecom = (path == ("nb",)) + (message.host == TELECOM_HOST)
    unicom = (passed.destination[0] == UNICOM_HOST) + (not path and message.host is None)
    if report is not None:
        telecom += (report.version == "2") + ("MODEL" in report.members)
        unicom += (report.version == "1") + ("MODELSMS" in report.members)
    identity = Identity()
    if report is not None:
        identity = Identity(report.imei, (report.imei, report.imsi, report.iccid, report.firmware))
    return Recognised("telecom" if telecom >= unicom else "unicom", PacketPhrase.REGISTRATION, identity)


def _queries(message: Message) -> dict[str, str]:
    return dict(query.partition("=")[::2] for query in message.query)


def _of_name(name: str, queries: Mapping[str, str]) -> Identity:
    lifetime = queries.get("lt", "")
    imei = name
    if SEPARATOR in name:
        parts = name.split(SEPARATOR)
        imei = parts[3] if len(parts) > 3 else ""
    return Identity(imei, (name,), int(lifetime) if lifetime.isascii() and lifetime.isdigit() else None)


class Forms:
    """Judges single messages. ``keys``: app keys with their passwords, as far as they are told."""

    def __init__(
        self, operator: str, profile: Profile, keys: AppkeyStore, *, ports: Sequence[int] = (), vendor: str = "",
        firmware: str = "",
    ) -> None:  # fmt: skip
        self._operator, self._profile, self._keys = operator, profile, keys
        self._ports = tuple(ports) or (ANDLINK_PORTS if operator == "andlink" else (COAP_PORT,))
        self._vendor, self._firmware = vendor, firmware

    def of_exchange(
        self, exchange: Exchange, what: PacketPhrase, registered: Exchange | None, location: tuple[str, ...] | None
    ) -> Iterator[Wrong]:
        """``registered``: the registration that an update is of, and ``location`` where it was put."""
        message, passed = exchange.request, exchange.first
        if passed.destination[1] not in self._ports:
            yield _found(FindingRefusal.PORT, found=passed.destination[1], expected=list(self._ports))
        if message.type is not Type.CON and what is not PacketPhrase.DATA:
            yield _found(FindingRefusal.TYPE, what=what, found=message.type.name)
        if what is PacketPhrase.DEREGISTRATION:
            return
        if message.code != Code.POST:
            yield _part(what, "method", _METHODS.get(message.code, str(message.code)), "POST")
            return
        if self._operator in ("telecom", "unicom"):
            yield from self._of_report(passed, message, what)
        elif self._operator == "mobile":
            if what is PacketPhrase.UPDATE:
                yield from self._of_cmdmp_update(message, registered, location)
            else:
                yield from self._of_cmdmp(passed, message)
        else:
            yield from self._of_andlink(message, what)

    # Telecom and Unicom

    def _of_report(self, passed: Passed, message: Message, what: PacketPhrase) -> Iterator[Wrong]:
        is_telecom = self._operator == "telecom"
        platform: SelfRegistrationPlatform = (TelecomPlatform if is_telecom else UnicomPlatform)(random.Random(0))
        platform.handle_datagram(passed.at, passed.source, passed.data)
        found: tuple[remarks.Remark, ...] | None = None
        for event in platform.events():
            if isinstance(event, ev.DeviceRefused):
                yield _refused(event)
                return
            if isinstance(event, ev.DeviceRegistered):
                found = event.remarks
        if found is None:
            yield _found(FindingRefusal.NOT_TAKEN, what=what)
            return
        yield from _remarked(found)
        report = parse_payload(message.payload)
        told = {remark.code for remark in found}
        make = telecom_request if is_telecom else unicom_request
        wanted = make(report.imei, report.model, report.firmware, report.iccid, report.imsi)
        yield from _options(what, message, wanted.options, told)
        if told <= {RemarkCode.PATH, RemarkCode.CONTENT_FORMAT} and message.payload != wanted.payload:
            yield _part(what, "payload", _ascii(message.payload), _ascii(wanted.payload))
        yield from self._of_model(report, what)

    def _of_model(self, report: Report, what: PacketPhrase) -> Iterator[Wrong]:
        vendor, dash, _ = report.model.partition("-")
        if not report.model or len(report.model) > LONGEST_MODEL:
            return  # remarked already
        code = self._vendor or (vendor if dash else self._profile.vendor_code)
        expected = f"{code}-{self._profile.model}"[:LONGEST_MODEL]
        if report.model != expected:
            yield _part(what, "MODEL", report.model, expected)
        if self._firmware and report.firmware != self._firmware:
            yield _part(what, "SWVER", report.firmware, self._firmware)

    # CMDMP

    def _of_cmdmp(self, passed: Passed, message: Message) -> Iterator[Wrong]:
        what = PacketPhrase.REGISTRATION
        platform = CmdmpPlatform(random.Random(0), self._keys, reads_inventory=False)
        platform.handle_datagram(passed.at, passed.source, passed.data)
        is_taken = False
        for event in platform.events():
            if isinstance(event, ev.DeviceRefused):
                is_taken = True
                if event.refusal == PlatformRefusal.APPKEY_UNKNOWN:
                    appkey = _queries(message).get("ep", "").split(SEPARATOR)[2:3]
                    yield Wrong(NotePhrase.KEY_UNKNOWN, {"appkey": (appkey or [""])[0][:_SHOWN]})
                else:
                    yield _refused(event)
                    return
            elif isinstance(event, ev.DeviceRegistered):
                is_taken = True
                yield from _remarked(event.remarks)
        if not is_taken and message.path == ("rd",):
            yield _found(FindingRefusal.NOT_TAKEN, what=what)
            return
        queries = _queries(message)
        lifetime = queries.get("lt", "")
        wanted = ["lwm2m=1.0", f"ep={queries.get('ep', '')}", "b=U", f"lt={lifetime}"]
        yield from self._of_queries(what, message, wanted)
        yield from _path(what, message, ("rd",))
        yield from _format(what, message)
        yield from _no_host(what, message)
        if message.payload != LINKS:
            yield _part(what, "payload", _ascii(message.payload), _ascii(LINKS))
        yield from self._of_outer(what, queries.get("ep", ""))

    def _of_queries(self, what: PacketPhrase, message: Message, wanted: list[str]) -> Iterator[Wrong]:
        if (found := list(message.query)) != wanted:
            yield _part(what, "Uri-Query", _short(found), _short(wanted))
        elif (lifetime := wanted[-1].removeprefix("lt=")) and not (lifetime.isascii() and lifetime.isdigit()):
            yield _part(what, "lt", lifetime, "0…9")

    def _of_outer(self, what: PacketPhrase, text: str) -> Iterator[Wrong]:
        parts = text.split(SEPARATOR)
        if len(parts) != 5:
            yield _part(what, "ep", str(len(parts)), "5")
        elif parts[0] not in TERMINAL_TYPES.values():
            yield _part(what, "ep", parts[0], "/".join(TERMINAL_TYPES.values()))

    def _of_cmdmp_update(
        self, message: Message, registered: Exchange | None, location: tuple[str, ...] | None
    ) -> Iterator[Wrong]:
        what = PacketPhrase.UPDATE
        if location is not None:
            yield from _path(what, message, location)
        names = [query.partition("=")[0] for query in message.query]
        if names != ["epi"]:
            yield _part(what, "Uri-Query", _short(names), "epi")
            return
        if message.payload:
            yield _part(what, "payload", _ascii(message.payload), "")
        yield from _no_host(what, message)
        text = _queries(message)["epi"]
        try:
            name = EndpointName.parse(text)
        except EndpointError:
            yield _part(what, "epi", text, SEPARATOR.join(("I", "…", "…", "…", VERSION)))
            return
        yield from self._of_outer(what, text)
        appkey = self._keys.get(name.appkey)
        if appkey is None:
            return
        key = key_of(appkey.password)
        try:
            inside = name.identity(key)
        except EndpointError as error:
            yield _found(
                FindingRefusal.REFUSED, refusal=str(error.code), subject="", limit=error.fields.get("count", 0)
            )
            return
        if inside.version:
            yield _part(what, "epi", inside.version, "****")
        if registered is None:
            return
        try:
            before = EndpointName.parse(_queries(registered.request).get("ep", ""))
            known = before.identity(key)
        except EndpointError:
            return
        for part, ours, theirs in (
            ("IMEI", name.terminal_imei, before.terminal_imei), ("app key", name.appkey, before.appkey),
            ("module IMEI", inside.imei, known.imei), ("IMSI", inside.imsi, known.imsi),
        ):  # fmt: skip
            if ours != theirs:
                yield _part(what, part, ours, theirs)

    # Andlink

    def _of_andlink(self, message: Message, what: PacketPhrase) -> Iterator[Wrong]:
        queries = _queries(message)
        if what is PacketPhrase.UPDATE:
            if unknown := [query for query in message.query if query.partition("=")[0] not in ("lt", "b")]:
                yield _part(what, "Uri-Query", _short(unknown), "lt")
            return
        yield from _remarked(remarks.of_imei(queries.get("ep", "")))
        if what is PacketPhrase.BOOTSTRAP:
            wanted = [f"ep={queries.get('ep', '')}"]
            yield from _path(what, message, ("bs",))
            if list(message.query) != wanted:
                yield _part(what, "Uri-Query", _short(list(message.query)), _short(wanted))
        elif what is PacketPhrase.REGISTRATION:
            found = remarks.of_version(queries.get("lwm2m", ""), "1.0")
            yield from _remarked(found)
            wanted = [f"lwm2m={queries.get('lwm2m', '1.0')}", f"ep={queries.get('ep', '')}", "b=U"]
            wanted.append(f"lt={queries.get('lt', '')}")
            yield from self._of_queries(what, message, wanted)
            yield from _path(what, message, ("rd",))
            yield from _format(what, message)
            if message.payload != ANDLINK_LINKS:
                yield _part(what, "payload", _ascii(message.payload), _ascii(ANDLINK_LINKS))


def _found(code: FindingRefusal, **fields: Any) -> Wrong:
    return Wrong(code, fields)


def _part(what: PacketPhrase, part: str, found: str, expected: str) -> Wrong:
    return _found(FindingRefusal.PART, what=what, part=part, found=found[:_SHOWN], expected=expected[:_SHOWN])


def _refused(event: ev.DeviceRefused) -> Wrong:
    return _found(FindingRefusal.REFUSED, refusal=str(event.refusal), subject=event.subject, limit=event.limit)


def _remarked(found: Sequence[remarks.Remark]) -> Iterator[Wrong]:
    for remark in found:
        yield _found(FindingRefusal.REMARK, remark=str(remark.code), subject=remark.subject)


def _options(
    what: PacketPhrase, message: Message, wanted: Sequence[tuple[int, bytes]], told: set[RemarkCode]
) -> Iterator[Wrong]:
    """Each number whose values differ, but for what is remarked already."""
    remarked = set()
    if RemarkCode.PATH in told:
        remarked.add(int(OptionNumber.URI_PATH))
    if RemarkCode.CONTENT_FORMAT in told:
        remarked.add(int(OptionNumber.CONTENT_FORMAT))
    for number in sorted({number for number, _ in (*message.options, *wanted)} - remarked):
        ours = [value for each, value in message.options if each == number]
        theirs = [value for each, value in wanted if each == number]
        if ours != theirs:
            name = _OPTIONS.get(OptionNumber(number), "") if number in tuple(OptionNumber) else ""
            yield _part(what, name or f"option {number}", ", ".join(map(_ascii, ours)), ", ".join(map(_ascii, theirs)))


def _path(what: PacketPhrase, message: Message, wanted: tuple[str, ...]) -> Iterator[Wrong]:
    if message.path != wanted:
        yield _part(what, "Uri-Path", "/" + "/".join(message.path), "/" + "/".join(wanted))


def _format(what: PacketPhrase, message: Message) -> Iterator[Wrong]:
    if message.content_format != ContentFormat.LINK_FORMAT:
        found = message.content_format
        yield _part(what, "Content-Format", "" if found is None else str(found), str(int(ContentFormat.LINK_FORMAT)))


def _no_host(what: PacketPhrase, message: Message) -> Iterator[Wrong]:
    if message.host is not None:
        yield _part(what, "Uri-Host", message.host, "")


def _short(queries: Sequence[str]) -> str:
    return "&".join(query if len(query) < 24 else query[:20] + "…" for query in queries)


def _ascii(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    return text if text.isprintable() and "�" not in text else data.hex()
