"""What the events of the Andlink platform change in a device, and the lines they leave in its history.

Knows devices and events; knows no packet and no database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nbtwin.engine import Seconds
from nbtwin.operators import events as ev

if TYPE_CHECKING:
    from nbtwin.operators.inventory.devices import Device

MODEL, FIRMWARE, DEVICE_TYPE = 1, 3, 17
"""Resources of /3/0."""
_LONGEST_TEXT = 4096

AndlinkEvent = (
    ev.DeviceBootstrapped
    | ev.BootstrapFailed
    | ev.DeviceDescribed
    | ev.ObservationStarted
    | ev.ObservationEnded
    | ev.DataReceived
    | ev.ResourceNotified
    | ev.OperationAnswered
)

Line = tuple[str, dict[str, Any]]
"""Kind and detail of one line of history."""


def folded(device: Device, event: AndlinkEvent, at: Seconds) -> Line | None:
    """Change the device; the line for its history, if the event is worth one."""
    if not isinstance(event, ev.BootstrapFailed | ev.ObservationEnded) and getattr(event, "why", "") == "":
        device.last_seen_at = at
    match event:
        case ev.DeviceDescribed():
            return _described(device, event)
        case ev.DataReceived():
            detail = {"path": event.path, "way": event.way, "data": shown(event.payload), "length": len(event.payload)}
            return "data received", detail
        case ev.ResourceNotified():
            known = event.path in device.resources and device.resources[event.path] == event.value
            device.resources = {**device.resources, event.path: event.value}
            return None if known else ("notified", {"path": event.path, "value": event.value})  # only news is history
        case ev.OperationAnswered():
            return _answered(device, event)
        case ev.ObservationStarted():
            device.observations = {**device.observations, event.path: event.token}
            return "observed", {"path": event.path}
        case ev.ObservationEnded():
            device.observations = {path: token for path, token in device.observations.items() if path != event.path}
            return "not observed", {"path": event.path, "why": event.why}
        case ev.DeviceBootstrapped():
            return "bootstrapped", {"peer": f"{event.peer[0]}:{event.peer[1]}"}
        case ev.BootstrapFailed():
            return "bootstrap failed", {"step": event.step, "why": event.why}


def _described(device: Device, event: ev.DeviceDescribed) -> Line | None:
    values = dict(event.values)
    changed = {str(number): value for number, value in values.items() if device.values.get(number) != value}
    device.values = values
    device.model = values.get(MODEL, device.model)
    device.firmware = values.get(FIRMWARE, device.firmware)
    device.device_type = values.get(DEVICE_TYPE, device.device_type)
    return ("described", changed) if changed else None  # read after every registration: only news is history


def _answered(device: Device, event: ev.OperationAnswered) -> Line:
    detail: dict[str, Any] = {"ticket": event.ticket, "path": event.path, "code": event.code}
    if event.value is not None:
        detail["value"] = event.value
    if event.why:
        detail["why"] = event.why
    return event.operation, detail


def shown(payload: bytes) -> str:
    """Text where it is text, else "0x…"."""
    try:
        text = payload.decode()
    except UnicodeDecodeError:
        text = ""
    readable = text.isprintable() or all(letter.isprintable() or letter in "\r\n\t" for letter in text)
    return (text if (text and readable) or not payload else f"0x{payload.hex()}")[:_LONGEST_TEXT]
