"""What a notebook shows of a module, a platform, a device and a whole lab: cards of HTML, no script.

Made from results alone; a lab's objects hand in their states.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from nbtwin.api.report import charts
from nbtwin.api.report.html import Markup, card, facts, table
from nbtwin.api.report.page import Told
from nbtwin.api.report.phrases import ReportPhrase
from nbtwin.api.report.style import fragment
from nbtwin.api.report.tables import (
    DeviceRow,
    column,
    costs_table,
    devices_table,
    faults_table,
    modules_table,
    power_pill,
    state_pill,
    waiting,
    yes_or_no,
)
from nbtwin.api.report.tally import tally
from nbtwin.api.results import ModuleState
from nbtwin.timeline.catalogue import say
from nbtwin.timeline.clock import TimeFormat, format_simulated, format_span


class DeviceState(DeviceRow, Protocol):
    """A device with what was observed of it."""

    @property
    def firmware(self) -> str: ...
    @property
    def resources(self) -> Mapping[str, Any]: ...


def _fact(name: str, language: str) -> str:
    return say(ReportPhrase.FACT, language, name=name)


def lab_card(told: Told, language: str = "en") -> str:
    """Modules, devices, faults, and what each module cost so far."""
    counted, time = tally(told.entries, [each.name for each in told.modules], None, told.now), told.time

    def heading(name: str) -> str:
        return say(ReportPhrase.HEADING, language, name=name)

    body = [card(heading("modules"), modules_table(told.modules, time, language), time(told.now))]
    if told.devices:
        body.append(card(heading("devices"), devices_table(told.devices, time, language)))
    if told.faults:
        body.append(card(heading("faults"), faults_table(told.faults, language)))
    if counted.datagrams:
        body.append(card(heading("traffic"), _drawn(charts.over_time(counted, time, language))))
        drawn = _drawn(charts.strips(counted, time, language))
        body.append(card(heading("costs"), drawn + costs_table(counted, language)))
    return fragment("".join(body))


def _drawn(picture: str) -> str:
    return f'<div style="padding: 12px">{picture}</div>'


def module_card(state: ModuleState, time: TimeFormat = format_simulated, language: str = "en") -> str:
    shown = (
        ("imei", state.imei),
        ("imsi", state.imsi),
        ("firmware", state.firmware),
        ("power", power_pill(state.power, language)),
        ("attached", yes_or_no(state.attached, language)),
        ("signal", state.rssi),
        ("CMDMP", state.cmdmp_state),
        ("next", waiting(state, time, language)),
    )
    body = facts((_fact(name, language), value) for name, value in shown)
    return fragment(card(state.name, body, state.model))


def platform_card(
    name: str, strict: bool, devices: Iterable[DeviceRow], time: TimeFormat = format_simulated, language: str = "en"
) -> str:
    beside = _fact("strict", language) if strict else ""
    return fragment(card(name, devices_table(devices, time, language), beside))


def device_card(device: DeviceState, time: TimeFormat = format_simulated, language: str = "en") -> str:
    shown = (
        ("state", state_pill(device.state, language)),
        ("model", device.model),
        ("firmware", device.firmware),
        ("lifetime", format_span(device.lifetime) if device.lifetime else None),
        ("updates", device.updates),
        ("last-seen", time(device.last_seen_at)),
    )
    body = facts((_fact(name, language), value) for name, value in shown)
    if device.resources:
        columns = [("nb-mono", column("path", language)), ("nb-text", column("value", language))]
        body = Markup(body + table(columns, sorted(device.resources.items())))
    return fragment(card(device.imei, body, device.platform))
