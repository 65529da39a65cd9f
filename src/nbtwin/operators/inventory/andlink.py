"""What the events of the Andlink platform change in a device, and the lines they leave in its history.

Knows devices and events; knows no packet and no database.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nbtwin.engine import Address, Seconds
from nbtwin.lwm2m.content.readings import ABSOLUTE
from nbtwin.operators import events as ev
from nbtwin.operators.inventory.devices import CHANGED, SEEN, WORDED, Change, Device, Kept
from nbtwin.operators.refusals import PlatformRefusal

MODEL, FIRMWARE, DEVICE_TYPE = 1, 3, 17
"""Resources of /3/0."""
_LONGEST_TEXT = 4096
RESOURCES_KEPT = 2000
"""Paths of one device whose newest value is kept; a device may send whatever paths it likes."""

_UNKNOWN = object()
_PLAIN = (str, int, bool)
"""Of these, two that are equal are written alike."""


def _received(device: Device, event: ev.DataReceived, at: Seconds) -> tuple[Kept, Change]:
    device.last_seen_at = at
    payload = event.payload
    fields = {"path": event.path, "way": event.way, "data": shown(payload), "length": len(payload)}
    return fields | _taken_at(event, at), SEEN


def _notified(device: Device, event: ev.ResourceNotified, at: Seconds) -> tuple[Kept, Change]:
    """Only news is history; but what was sent, or has a time of its own, is a measurement, whatever its value."""
    device.last_seen_at = at
    before = device.resources.get(event.path, _UNKNOWN)
    known = before is not _UNKNOWN and before == event.value
    change = SEEN
    if not known or type(before) is not type(event.value) or type(before) not in _PLAIN:
        resources = {**device.resources, event.path: event.value}
        if len(resources) > RESOURCES_KEPT:
            del resources[next(iter(resources))]
        device.resources, change = resources, CHANGED
    if known and not event.is_sent and event.taken_at is None:
        return None, change
    fields: dict[str, Any] = {"path": event.path, "value": event.value}
    if event.is_sent:
        fields["way"] = "send"
    return fields | _taken_at(event, at), change


def _unread(device: Device, event: ev.ValueUnread, at: Seconds) -> tuple[Kept, Change]:
    device.last_seen_at = at
    raw, why = f"0x{event.payload.hex()}"[:_LONGEST_TEXT], {"refusal": event.refusal}
    return {"path": event.path, "raw": raw, **why} | given(why=event.why), SEEN


def _observed(device: Device, event: ev.ObservationStarted, at: Seconds) -> tuple[Kept, Change]:
    device.last_seen_at = at
    device.observations = {**device.observations, event.path: event.token}
    return {"path": event.path}, SEEN


def _unobserved(device: Device, event: ev.ObservationEnded, at: Seconds) -> tuple[Kept, Change]:
    device.observations = {path: token for path, token in device.observations.items() if path != event.path}
    return {"path": event.path, "cause": event.cause} | given(response_code=event.response_code), SEEN


def bootstrapped(device: Device, event: ev.DeviceBootstrapped, at: Seconds) -> tuple[Kept, Change]:
    device.last_seen_at = at
    fields = {"peer": peer_text(event.peer)}
    return fields | given(version=event.version, objects=event.objects, read=dict(event.read)), SEEN


def _not_bootstrapped(device: Device, event: ev.BootstrapFailed, at: Seconds) -> tuple[Kept, Change]:
    return {"step": event.step, "refusal": event.refusal} | given(response_code=event.response_code), SEEN


def _queued(device: Device, event: ev.CommandQueued, at: Seconds) -> tuple[Kept, Change]:
    fields = {**_named(event), "deadline": event.deadline + at - event.at}
    value = {} if event.value in (None, "") else {"value": event.value}
    return fields | value | given(by=event.by), SEEN


def _told(device: Device, event: ev.CommandSent | ev.CommandExpired, at: Seconds) -> tuple[Kept, Change]:
    return _named(event), SEEN


def _cancelled(device: Device, event: ev.CommandCancelled, at: Seconds) -> tuple[Kept, Change]:
    return _named(event) | given(by=event.by), SEEN


def _moved(device: Device, event: ev.CommandMoved, at: Seconds) -> tuple[Kept, Change]:
    return {"ticket": event.ticket, "position": event.position} | given(by=event.by), SEEN


def _taken_at(event: ev.ResourceNotified | ev.DataReceived, at: Seconds) -> dict[str, Any]:
    if event.taken_at is None:
        return {}
    return {"taken_at": event.taken_at + (at if event.taken_at < ABSOLUTE else 0)}


def _named(event: ev.CommandQueued | ev.CommandSent | ev.CommandExpired | ev.CommandCancelled) -> dict[str, Any]:
    return {"ticket": event.ticket, "operation": event.operation, "path": event.path}


def _described(device: Device, event: ev.DeviceDescribed, at: Seconds) -> tuple[Kept, Change]:
    device.last_seen_at = at
    values = event.values if isinstance(event.values, dict) else dict(event.values)  # one for all who say the same
    model, firmware = values.get(MODEL, device.model), values.get(FIRMWARE, device.firmware)
    kind = values.get(DEVICE_TYPE, device.device_type)
    if values == device.values and (model, firmware, kind) == (device.model, device.firmware, device.device_type):
        return None, SEEN
    changed = {str(number): value for number, value in values.items() if device.values.get(number) != value}
    device.values = values
    device.model, device.firmware, device.device_type = model, firmware, kind
    return {"values": changed} if changed else None, WORDED  # read after every registration: only news is history


def _answered(device: Device, event: ev.OperationAnswered, at: Seconds) -> tuple[Kept, Change]:
    if event.refusal in (PlatformRefusal.COMMAND_EXPIRED, PlatformRefusal.COMMAND_CANCELLED):
        return None, SEEN  # told by the queue's own fact
    if event.response_code:  # even an error is a sign of life
        device.last_seen_at = at
    fields = {"ticket": event.ticket, "operation": event.operation, "path": event.path}
    fields |= {"response_code": event.response_code}
    if event.value is not None:
        fields["value"] = event.value
    if event.raw is not None:
        fields["raw"] = event.raw
    return fields | given(refusal=event.refusal, diagnostic=event.diagnostic, why=event.why), SEEN


ANDLINK: dict[type, Callable[[Device, Any, Seconds], tuple[Kept, Change]]] = {
    ev.DataReceived: _received,
    ev.ResourceNotified: _notified,
    ev.ValueUnread: _unread,
    ev.DeviceDescribed: _described,
    ev.ObservationStarted: _observed,
    ev.ObservationEnded: _unobserved,
    ev.OperationAnswered: _answered,
    ev.DeviceBootstrapped: bootstrapped,
    ev.BootstrapFailed: _not_bootstrapped,
    ev.CommandQueued: _queued,
    ev.CommandSent: _told,
    ev.CommandExpired: _told,
    ev.CommandCancelled: _cancelled,
    ev.CommandMoved: _moved,
}
"""What each event changes in a device, and leaves in its history: see `inventory.fold`."""


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
