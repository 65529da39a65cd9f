"""What the events of the Andlink platform change in a device, and the lines they leave in its history.

Knows devices and events; knows no packet and no database.
"""

from __future__ import annotations

from typing import Any, TypeAlias, assert_never

from nbtwin.engine import Address, Seconds
from nbtwin.lwm2m.content.readings import ABSOLUTE
from nbtwin.operators import events as ev
from nbtwin.operators.inventory.devices import Device
from nbtwin.operators.refusals import PlatformRefusal

MODEL, FIRMWARE, DEVICE_TYPE = 1, 3, 17
"""Resources of /3/0."""
_LONGEST_TEXT = 4096
RESOURCES_KEPT = 2000
"""Paths of one device whose newest value is kept; a device may send whatever paths it likes."""

AndlinkEvent: TypeAlias = (
    ev.DeviceBootstrapped
    | ev.BootstrapFailed
    | ev.DeviceDescribed
    | ev.ObservationStarted
    | ev.ObservationEnded
    | ev.DataReceived
    | ev.ResourceNotified
    | ev.ValueUnread
    | ev.OperationAnswered
    | ev.CommandEvent
)


def folded(device: Device, event: AndlinkEvent, at: Seconds) -> dict[str, Any] | None:
    """Change the device; what its history keeps of the event, None when it is no news."""
    match event:
        case ev.DeviceDescribed():
            device.last_seen_at = at
            return _described(device, event)
        case ev.DataReceived():
            device.last_seen_at = at
            payload = event.payload
            fields = {"path": event.path, "way": event.way, "data": shown(payload), "length": len(payload)}
            return fields | _taken_at(event, at)
        case ev.ResourceNotified():
            device.last_seen_at = at
            return _notified(device, event, at)
        case ev.ValueUnread():
            device.last_seen_at = at
            raw, why = f"0x{event.payload.hex()}"[:_LONGEST_TEXT], {"refusal": event.refusal}
            return {"path": event.path, "raw": raw, **why} | given(why=event.why)
        case ev.OperationAnswered():
            return _answered(device, event, at)
        case ev.ObservationStarted():
            device.last_seen_at = at
            device.observations = {**device.observations, event.path: event.token}
            return {"path": event.path}
        case ev.ObservationEnded():
            device.observations = {path: token for path, token in device.observations.items() if path != event.path}
            return {"path": event.path, "cause": event.cause} | given(response_code=event.response_code)
        case ev.DeviceBootstrapped():
            device.last_seen_at = at
            fields = {"peer": peer_text(event.peer)}
            return fields | given(version=event.version, objects=event.objects, read=dict(event.read))
        case ev.BootstrapFailed():
            return {"step": event.step, "refusal": event.refusal} | given(response_code=event.response_code)
        case ev.CommandQueued():
            fields = {**_named(event), "deadline": event.deadline + at - event.at}
            value = {} if event.value in (None, "") else {"value": event.value}
            return fields | value | given(by=event.by)
        case ev.CommandSent() | ev.CommandExpired():
            return _named(event)
        case ev.CommandCancelled():
            return _named(event) | given(by=event.by)
        case ev.CommandMoved():
            return {"ticket": event.ticket, "position": event.position} | given(by=event.by)
        case _:
            assert_never(event)


def _notified(device: Device, event: ev.ResourceNotified, at: Seconds) -> dict[str, Any] | None:
    """Only news is history; but what was sent, or has a time of its own, is a measurement, whatever its value."""
    known = event.path in device.resources and device.resources[event.path] == event.value
    resources = {**device.resources, event.path: event.value}
    if len(resources) > RESOURCES_KEPT:
        del resources[next(iter(resources))]
    device.resources = resources
    if known and not event.is_sent and event.taken_at is None:
        return None
    fields: dict[str, Any] = {"path": event.path, "value": event.value}
    if event.is_sent:
        fields["way"] = "send"
    return fields | _taken_at(event, at)


def _taken_at(event: ev.ResourceNotified | ev.DataReceived, at: Seconds) -> dict[str, Any]:
    if event.taken_at is None:
        return {}
    return {"taken_at": event.taken_at + (at if event.taken_at < ABSOLUTE else 0)}


def _named(event: ev.CommandQueued | ev.CommandSent | ev.CommandExpired | ev.CommandCancelled) -> dict[str, Any]:
    return {"ticket": event.ticket, "operation": event.operation, "path": event.path}


def _described(device: Device, event: ev.DeviceDescribed) -> dict[str, Any] | None:
    values = dict(event.values)
    changed = {str(number): value for number, value in values.items() if device.values.get(number) != value}
    device.values = values
    device.model = values.get(MODEL, device.model)
    device.firmware = values.get(FIRMWARE, device.firmware)
    device.device_type = values.get(DEVICE_TYPE, device.device_type)
    return {"values": changed} if changed else None  # read after every registration: only news is history


def _answered(device: Device, event: ev.OperationAnswered, at: Seconds) -> dict[str, Any] | None:
    if event.refusal in (PlatformRefusal.COMMAND_EXPIRED, PlatformRefusal.COMMAND_CANCELLED):
        return None  # told by the queue's own fact
    if event.response_code:  # even an error is a sign of life
        device.last_seen_at = at
    fields = {"ticket": event.ticket, "operation": event.operation, "path": event.path}
    fields |= {"response_code": event.response_code}
    if event.value is not None:
        fields["value"] = event.value
    if event.raw is not None:
        fields["raw"] = event.raw
    return fields | given(refusal=event.refusal, diagnostic=event.diagnostic, why=event.why)


def given(**fields: Any) -> dict[str, Any]:
    """Those that say something."""
    return {name: value for name, value in fields.items() if value}


def peer_text(peer: Address) -> str:
    return f"{peer[0]}:{peer[1]}"


def shown(payload: bytes) -> str:
    """Text where it is text, else "0x…"."""
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        text = ""
    readable = text.isprintable() or all(letter.isprintable() or letter in "\r\n\t" for letter in text)
    return (text if (text and readable) or not payload else f"0x{payload.hex()}")[:_LONGEST_TEXT]
