"""A device and its history, folded from platform events and nothing else.

Knows no packet and no database. The same events in the same order always give the same devices and the same history.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from msgspec import to_builtins

from nbtwin.engine import Seconds
from nbtwin.operators import events as ev
from nbtwin.operators.inventory.andlink import ANDLINK, bootstrapped, given, peer_text
from nbtwin.operators.inventory.devices import (
    BOOTSTRAPPED,
    CHANGED,
    DEREGISTERED,
    EXPIRED,
    REGISTERED,
    SEEN,
    WORDED,
    Change,
    Device,
    HistoryEntry,
    Kept,
    paired,
)
from nbtwin.operators.remarks import Remark

Folding: TypeAlias = Callable[[Device, Any, Seconds], tuple[Kept, Change]]


def fold(
    device: Device | None, event: ev.DeviceEvent, epoch: Seconds = 0.0
) -> tuple[Device | None, HistoryEntry | None]:
    """The device after the event (the same object, changed), and the line for its history.

    ``epoch`` is added to every time: what the wall clock showed at lab time 0.
    """
    at = event.at + epoch
    device, fields, _ = folded(device, event, at)
    return device, None if device is None or fields is None else HistoryEntry(device.id, at, event.code, fields)


def folded(device: Device | None, event: ev.DeviceEvent, at: Seconds) -> tuple[Device | None, Kept, Change]:
    """As `fold`, with what the line keeps of the event (None: it is no news), and how much of the device has changed.

    What happens to a device that neither registered nor was bootstrapped (a refusal, above all) makes no device: else
    anybody could fill the inventory with names.
    """
    if device is None:
        if isinstance(event, ev.DeviceRegistered):
            device = Device(
                id=event.device, platform=event.device.partition(":")[0], imei=event.identity.imei, first_seen_at=at
            )
            return device, _registered(device, event, at)[0], WORDED
        if isinstance(event, ev.DeviceBootstrapped):
            device = _bootstrapped(event, at)
            return device, bootstrapped(device, event, at)[0], WORDED
        return None, None, SEEN
    kept, change = FOLDS[type(event)](device, event, at)
    return device, kept, change


def _bootstrapped(event: ev.DeviceBootstrapped, at: Seconds) -> Device:
    """One that has an account now, and may never come with it."""
    platform, _, name = event.device.partition(":")
    host, port = event.peer
    return Device(
        id=event.device, platform=platform, imei=name, endpoint=name, state=BOOTSTRAPPED, host=host, port=port,
        first_seen_at=at, last_seen_at=at, lwm2m_version=event.version, objects=event.objects,
    )  # fmt: skip


def _registered(device: Device, event: ev.DeviceRegistered, at: Seconds) -> tuple[Kept, Change]:
    """Mostly a device says what it said before; then few of its fields are touched."""
    identity, registration = event.identity, event.registration
    location = f"rd/{registration.location}" if registration is not None else ""
    fields: dict[str, Any] = {"peer": peer_text(event.peer), "location": location}
    change = _identified(device, identity, fields)
    if registration is None:
        if event.period and event.period != device.lifetime:
            device.lifetime, change = event.period, change or CHANGED
    elif (
        device.endpoint != registration.endpoint
        or device.objects != registration.objects
        or device.lifetime != registration.lifetime
        or device.binding != registration.binding
        or device.lwm2m_version != registration.version
        or device.sms != registration.sms
    ):
        endpoint = device.imei if registration.endpoint == device.imei else registration.endpoint  # one text in memory
        device.endpoint, device.lwm2m_version = endpoint, registration.version
        device.binding, device.sms = registration.binding, registration.sms
        device.objects, device.lifetime = registration.objects, registration.lifetime
        change = change or CHANGED
    _take_period(device, at)
    if device.observations:
        device.observations = {}
    change = _heard(device, event.peer, change)
    device.location = location
    device.registered_at = device.refreshed_at = device.last_seen_at = at
    device.registrations += 1
    change = _paired(device, identity, at, change)
    if event.remarks or device.remarks:
        change = _remarked(device, event.remarks, fields, change)
    if event.flags:
        fields["flags"] = list(event.flags)
        more = [flag for flag in event.flags if flag not in device.flags]
        if more:
            device.flags, change = [*device.flags, *more], WORDED
    return fields, change


def _identified(device: Device, identity: ev.DeviceIdentity, fields: dict[str, Any]) -> Change:
    """Take over what it says of itself, and note in ``fields`` what is new."""
    model, firmware = identity.model or device.model, identity.firmware or device.firmware
    if (
        device.imei == identity.imei
        and device.imsi == identity.imsi
        and device.iccid == identity.iccid
        and device.imei2 == identity.imei2
        and device.model == model
        and device.firmware == firmware
        and device.version == identity.version
        and device.appkey == identity.appkey
        and device.terminal_type == identity.terminal_type
        and device.psk_identity == identity.psk_identity
    ):
        return SEEN
    if device.registrations:
        for name in ("imsi", "iccid", "model", "firmware", "appkey"):
            old, new = getattr(device, name), getattr(identity, name)
            if old != new and (new or name not in ("model", "firmware")):
                fields[name] = [old, new]
    device.imei, device.imei2, device.imsi, device.iccid = identity.imei, identity.imei2, identity.imsi, identity.iccid
    device.model, device.firmware = model, firmware
    device.version = identity.version
    device.appkey, device.terminal_type = identity.appkey, identity.terminal_type
    device.psk_identity = identity.psk_identity
    return WORDED


def _paired(device: Device, identity: ev.DeviceIdentity, at: Seconds, change: Change) -> Change:
    """With that USIM."""
    if not (identity.iccid or identity.imsi):
        return change
    before = device.pairings
    device.pairings = paired(before, identity.iccid, identity.imsi, at)
    is_again = before and before[-1].iccid == identity.iccid and before[-1].imsi == identity.imsi
    return change if is_again else change or CHANGED


def _remarked(device: Device, found: tuple[Remark, ...], fields: dict[str, Any], change: Change) -> Change:
    remarks, before = list(found), device.remarks
    device.remarks = remarks
    if remarks == before:
        return change
    if remarks:
        fields["remarks"] = [to_builtins(remark) for remark in remarks]
    return change or CHANGED


def _heard(device: Device, peer: tuple[str, int], change: Change) -> Change:
    """It is registered, at that address."""
    host, port = peer
    if device.port != port:
        device.port = port
    if device.state != REGISTERED:
        device.state, change = REGISTERED, change or CHANGED
    if device.host != host:
        device.host, change = host, WORDED
    return change


def _updated(device: Device, event: ev.DeviceUpdated, at: Seconds) -> tuple[Kept, Change]:
    change, fields = SEEN, dict[str, Any]()
    if event.lifetime and device.lifetime != event.lifetime:
        device.lifetime, change = event.lifetime, CHANGED
    if event.identity is not None:
        change = max(change, _identified(device, event.identity, fields))
        change = _remarked(device, event.remarks, fields, _paired(device, event.identity, at, change))
    _take_period(device, at)
    change = _heard(device, event.peer, change)
    device.refreshed_at = device.last_seen_at = at
    device.updates += 1
    binding, sms = event.binding or device.binding, event.sms or device.sms
    objects = device.objects if event.objects is None else event.objects
    if binding != device.binding or sms != device.sms or objects != device.objects:
        device.binding, device.sms, device.objects = binding, sms, objects
        change = change or CHANGED
    if event.address_changed:
        fields["peer"] = peer_text(event.peer)
    return fields, change


def _take_period(device: Device, at: Seconds) -> None:
    """How often one that sleeps is heard says when it will be heard again."""
    if "Q" in device.binding and device.registrations:
        device.period = at - device.refreshed_at


def _read(device: Device, event: ev.InventoryRead, at: Seconds) -> tuple[Kept, Change]:
    values = event.values if isinstance(event.values, dict) else dict(event.values)  # one for all who say the same
    device.last_seen_at = at
    if values == device.values:  # read after every registration: only news is history
        return None, SEEN
    changed = {str(number): value for number, value in values.items() if device.values.get(number) != value}
    device.values = values
    return {"values": changed} if changed else None, WORDED


def _refused(device: Device, event: ev.DeviceRefused, at: Seconds) -> tuple[Kept, Change]:
    device.refusals += 1
    fields = {"peer": peer_text(event.peer), "response_code": event.response_code, "refusal": event.refusal}
    remarks = [to_builtins(remark) for remark in event.remarks]
    return fields | given(subject=event.subject, limit=event.limit, remarks=remarks, why=event.why), SEEN


def _unread(device: Device, event: ev.InventoryUnread, at: Seconds) -> tuple[Kept, Change]:
    return {"refusal": event.refusal} | given(response_code=event.response_code), SEEN


def _deregistered(device: Device, event: ev.DeviceDeregistered, at: Seconds) -> tuple[Kept, Change]:
    device.state, device.last_seen_at = DEREGISTERED, at
    return {}, CHANGED


def _expired(device: Device, event: ev.DeviceExpired, at: Seconds) -> tuple[Kept, Change]:
    device.state = EXPIRED
    return {}, CHANGED


FOLDS: dict[type, Folding] = {
    ev.DeviceRegistered: _registered,
    ev.DeviceUpdated: _updated,
    ev.DeviceDeregistered: _deregistered,
    ev.DeviceExpired: _expired,
    ev.DeviceRefused: _refused,
    ev.InventoryRead: _read,
    ev.InventoryUnread: _unread,
    **ANDLINK,
}
"""What each does to a device that there is."""
FOLDED = frozenset(FOLDS)
"""The events there is something to fold from: all of `DeviceEvent`."""
