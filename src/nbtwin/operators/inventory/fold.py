"""A device and its history, folded from platform events and nothing else.

Knows no packet and no database. The same events in the same order always give the same devices and the same history.
"""

from __future__ import annotations

from typing import Any

from msgspec import to_builtins

from nbtwin.engine import Seconds
from nbtwin.operators import events as ev
from nbtwin.operators.inventory.andlink import folded, given, peer_text
from nbtwin.operators.inventory.devices import (
    BOOTSTRAPPED,
    DEREGISTERED,
    EXPIRED,
    REGISTERED,
    Device,
    HistoryEntry,
    paired,
)


def fold(
    device: Device | None, event: ev.DeviceEvent, epoch: Seconds = 0.0
) -> tuple[Device | None, HistoryEntry | None]:
    """The device after the event (the same object, changed), and the line for its history.

    ``epoch`` is added to every time: what the wall clock showed at lab time 0.

    What happens to a device that neither registered nor was bootstrapped (a refusal, above all) makes no device: else
    anybody could fill the inventory with names.
    """
    at = event.at + epoch
    if isinstance(event, ev.DeviceRegistered):
        device, fields = _registered(device, event, at)
    elif device is None and isinstance(event, ev.DeviceBootstrapped):
        device, fields = _bootstrapped(event, at)
    elif device is None:
        return None, None
    else:
        kept = _fields(device, event, at)
        if kept is None:
            return device, None
        fields = kept
    return device, HistoryEntry(device.id, at, event.code, fields)


def _fields(device: Device, event: ev.DeviceEvent, at: Seconds) -> dict[str, Any] | None:
    """Change the device; what its history keeps of the event, None when it is no news."""
    match event:
        case ev.DeviceRegistered():
            return _registered(device, event, at)[1]
        case ev.DeviceUpdated():
            return _updated(device, event, at)
        case ev.InventoryRead():
            return _read(device, event, at)
        case ev.DeviceRefused():
            device.refusals += 1
            fields = {"peer": peer_text(event.peer), "response_code": event.response_code, "refusal": event.refusal}
            remarks = [to_builtins(remark) for remark in event.remarks]
            return fields | given(subject=event.subject, limit=event.limit, remarks=remarks, why=event.why)
        case ev.InventoryUnread():
            return {"refusal": event.refusal} | given(response_code=event.response_code)
        case ev.DeviceDeregistered():
            device.state, device.last_seen_at = DEREGISTERED, at
            return {}
        case ev.DeviceExpired():
            device.state = EXPIRED
            return {}
        case _:
            return folded(device, event, at)


def _bootstrapped(event: ev.DeviceBootstrapped, at: Seconds) -> tuple[Device, dict[str, Any]]:
    """One that has an account now, and may never come with it."""
    platform, _, name = event.device.partition(":")
    host, port = event.peer
    device = Device(
        id=event.device, platform=platform, imei=name, endpoint=name, state=BOOTSTRAPPED, host=host, port=port,
        first_seen_at=at, last_seen_at=at, lwm2m_version=event.version, objects=event.objects,
    )  # fmt: skip
    return device, folded(device, event, at) or {}


def _registered(device: Device | None, event: ev.DeviceRegistered, at: Seconds) -> tuple[Device, dict[str, Any]]:
    identity, registration = event.identity, event.registration
    location = f"rd/{registration.location}" if registration is not None else ""
    if device is None:
        platform = event.device.partition(":")[0]
        device = Device(id=event.device, platform=platform, imei=identity.imei, first_seen_at=at)
    fields: dict[str, Any] = {"peer": peer_text(event.peer), "location": location}
    if device.registrations:
        for name in ("imsi", "iccid", "model", "firmware", "appkey"):
            old, new = getattr(device, name), getattr(identity, name)
            if old != new and (new or name not in ("model", "firmware")):
                fields[name] = [old, new]
    device.imei, device.imei2, device.imsi, device.iccid = identity.imei, identity.imei2, identity.imsi, identity.iccid
    device.model, device.firmware = identity.model or device.model, identity.firmware or device.firmware
    device.version = identity.version
    device.appkey, device.terminal_type = identity.appkey, identity.terminal_type
    device.psk_identity = identity.psk_identity
    if registration is not None:
        device.endpoint, device.lwm2m_version = registration.endpoint, registration.version
        device.binding, device.sms = registration.binding, registration.sms
        device.objects, device.lifetime = registration.objects, registration.lifetime
    elif event.period:
        device.lifetime = event.period
    _take_period(device, at)
    device.observations = {}
    device.host, device.port = event.peer
    device.state, device.location = REGISTERED, location
    device.registered_at = device.refreshed_at = device.last_seen_at = at
    device.registrations += 1
    if identity.iccid or identity.imsi:
        device.pairings = paired(device.pairings, identity.iccid, identity.imsi, at)
    if event.remarks and list(event.remarks) != device.remarks:
        fields["remarks"] = [to_builtins(remark) for remark in event.remarks]
    device.remarks = list(event.remarks)
    if event.flags:
        fields["flags"] = list(event.flags)
        device.flags = [*device.flags, *(flag for flag in event.flags if flag not in device.flags)]
    return device, fields


def _updated(device: Device, event: ev.DeviceUpdated, at: Seconds) -> dict[str, Any]:
    device.host, device.port = event.peer
    device.lifetime, device.state = event.lifetime, REGISTERED
    _take_period(device, at)
    device.refreshed_at = device.last_seen_at = at
    device.updates += 1
    device.binding, device.sms = event.binding or device.binding, event.sms or device.sms
    if event.objects is not None:
        device.objects = event.objects
    return {"peer": peer_text(event.peer)} if event.address_changed else {}


def _take_period(device: Device, at: Seconds) -> None:
    """How often one that sleeps is heard says when it will be heard again."""
    if "Q" in device.binding and device.registrations:
        device.period = at - device.refreshed_at


def _read(device: Device, event: ev.InventoryRead, at: Seconds) -> dict[str, Any] | None:
    values = dict(event.values)
    changed = {str(number): value for number, value in values.items() if device.values.get(number) != value}
    device.values, device.last_seen_at = values, at
    return {"values": changed} if changed else None  # read after every registration: only news is history
