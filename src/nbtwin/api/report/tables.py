"""Modules, devices, faults and costs as tables, for a report and for a notebook alike. Knows results; knows no lab."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from nbtwin.api.report.html import Markup, none, pill, table
from nbtwin.api.report.phrases import ReportPhrase
from nbtwin.api.report.tally import Tally
from nbtwin.api.results import ModuleState
from nbtwin.engine import Seconds
from nbtwin.lab.faults import Fault
from nbtwin.scenario.chart import show_bytes
from nbtwin.scenario.meter import HEADERS
from nbtwin.timeline.catalogue import say, words
from nbtwin.timeline.clock import TimeFormat, format_span

_POWERS = {"on": "nb-good", "booting": "nb-warm"}
_STATES = {"registered": "nb-good", "bootstrapped": "nb-warm", "expired": "nb-bad", "de-registered": ""}


class DeviceRow(Protocol):
    """A device as one platform knows it."""

    @property
    def platform(self) -> str: ...
    @property
    def imei(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def registrations(self) -> int: ...
    @property
    def updates(self) -> int: ...
    @property
    def lifetime(self) -> Seconds: ...
    @property
    def last_seen_at(self) -> Seconds: ...


def column(name: str, language: str) -> str:
    return say(ReportPhrase.COLUMN, language, name=name)


def power_pill(state: str, language: str) -> Markup:
    return pill(say(ReportPhrase.POWER, language, state=state), _POWERS.get(state, ""))


def state_pill(state: str, language: str) -> Markup:
    return pill(say(ReportPhrase.STATE, language, state=state), _STATES.get(state, ""))


def yes_or_no(value: bool, language: str) -> str:
    return words("value-yes" if value else "value-no", language)


def waiting(state: ModuleState, time: TimeFormat, language: str) -> str | None:
    if state.waiting_for is None or state.waiting_until is None:
        return None
    return f"{time(state.waiting_until)}, {words(state.waiting_for, language)}"


def modules_table(states: Iterable[ModuleState], time: TimeFormat, language: str) -> Markup:
    rows = [
        (
            each.name,
            each.model,
            each.imei,
            each.firmware,
            power_pill(each.power, language),
            yes_or_no(each.attached, language),
            each.imsi,
            each.cmdmp_state,
            waiting(each, time, language),
        )
        for each in states
    ]
    names = ("module", "model", "imei", "firmware", "power", "attached", "imsi", "cmdmp", "next")
    classes = dict.fromkeys(("imei", "imsi", "firmware"), "nb-mono") | {"next": "nb-next"}
    columns = [(classes.get(name, ""), column(name, language)) for name in names]
    return table(columns, rows) if rows else none(say(ReportPhrase.NOTHING, language, name="modules"))


def devices_table(devices: Iterable[DeviceRow], time: TimeFormat, language: str) -> Markup:
    rows = [
        (
            each.platform,
            each.imei,
            each.model,
            state_pill(each.state, language),
            each.registrations,
            each.updates,
            format_span(each.lifetime) if each.lifetime else None,
            time(each.last_seen_at),
        )
        for each in devices
    ]
    names = ("platform", "device", "model", "state", "registrations", "updates", "lifetime", "last-seen")
    classes = {"device": "nb-mono", "registrations": "nb-num", "updates": "nb-num", "last-seen": "nb-mono"}
    columns = [(classes.get(name, ""), column(name, language)) for name in names]
    return table(columns, rows) if rows else none(say(ReportPhrase.NOTHING, language, name="devices"))


def faults_table(faults: Mapping[int, Mapping[str, Any]], language: str) -> Markup:
    rows = [(number, Fault.parse(fault).words(language)) for number, fault in faults.items()]
    columns = [("nb-num", column("number", language)), ("nb-text", column("fault", language))]
    return table(columns, rows) if rows else none(say(ReportPhrase.NOTHING, language, name="faults"))


def costs_table(told: Tally, language: str) -> Markup:
    """What the module itself has sent and received, as `scenario.meter` counts it."""
    rows = [
        (
            name,
            each.usage.sent,
            each.usage.received,
            show_bytes(each.usage.bytes_sent),
            show_bytes(each.usage.bytes_received),
            show_bytes(each.usage.octets(HEADERS)),
            format_span(round(each.usage.awake, 3)),
            format_span(round(each.usage.connected, 3)),
        )
        for name, each in told.modules.items()
    ]
    names = ("module", "sent", "received", "bytes-sent", "bytes-received", "with-headers", "awake", "connected")
    columns = [("" if name == "module" else "nb-num", column(name, language)) for name in names]
    return table(columns, rows) if rows else none(say(ReportPhrase.NOTHING, language, name="modules"))
