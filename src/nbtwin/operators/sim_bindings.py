"""Which module was last seen with which USIM and firmware, and what a new report says against that.

Knows no packet and no store. "Duplicate IMEI" is a suspicion by two signs: the same IMEI with another model, or a USIM
that comes back within a day after another one was reported in between: one module would have had its card swapped and
swapped back (docs/spec/registration.md, Start: a module reports only when firmware or pairing has changed). A USIM that
another IMEI reported last was moved, or is a copy (D135).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from typing import TypeAlias

from nbtwin.coap.bounded import make_room
from nbtwin.engine import DAY, Seconds
from nbtwin.operators.events import DeviceFlag
from nbtwin.operators.inventory.devices import Device, Pairing, paired

_NONE = ("", "")
RETURNS_WITHIN: Seconds = DAY
REMEMBERED = 1_000_000
_TEXTS = 4096


Known: TypeAlias = tuple[str, str, list[Pairing]]
"""Model, firmware, USIMs."""


class SimBindings:
    """The last report of every IMEI, and the USIMs before it. Bounded: the oldest half goes when it is full."""

    def __init__(self, size: int = REMEMBERED) -> None:
        self._known: dict[str, Known] = {}  # by IMEI
        self._size = size
        self._texts: dict[str, str] = {}
        self._holders: dict[tuple[str, str], tuple[str, Seconds]] = {}  # by USIM: the IMEI that reported it last, when

    def restore(self, devices: Iterable[Device]) -> int:
        """In whatever order; afterwards the oldest are first. Or some more, of a process that had them until now."""
        if self._known:
            return self._restore_more(devices)
        known, holders, seen = self._known, self._holders, array("d")
        for device in devices:
            if device.imei not in known:
                seen.append(device.refreshed_at)
            known[device.imei] = (device.model, device.firmware, list(device.pairings))
            for pairing in device.pairings:
                usim = pairing.iccid, pairing.imsi
                if pairing.at >= holders.get(usim, ("", pairing.at))[1]:
                    holders[usim] = device.imei, pairing.at
        names = list(known)
        self._known = {
            name: known[name] for name in map(names.__getitem__, sorted(range(len(names)), key=seen.__getitem__))
        }
        self._holders = {usim: holders[usim] for usim in sorted(holders, key=lambda usim: holders[usim][1])}
        return len(known)

    def _restore_more(self, devices: Iterable[Device]) -> int:
        count = 0
        for device in devices:
            if self._known.pop(device.imei, None) is None:
                make_room(self._known, self._size)
            self._known[device.imei] = (device.model, device.firmware, list(device.pairings))
            for pairing in device.pairings:
                usim = pairing.iccid, pairing.imsi
                if pairing.at >= self._holders.get(usim, ("", pairing.at))[1]:
                    make_room(self._holders, self._size)
                    self._holders[usim] = device.imei, pairing.at
            count += 1
        return count

    def take(self, now: Seconds, imei: str, model: str, firmware: str, iccid: str, imsi: str) -> tuple[DeviceFlag, ...]:
        """Remember the report; the flags it raises."""
        flags = [DeviceFlag.USIM_MOVED] if self._is_moved(now, imei, (iccid, imsi)) else []
        known = self._known.get(imei)
        if known is None:
            make_room(self._known, self._size)
            self._known[imei] = self._shared(model), self._shared(firmware), [Pairing(iccid, imsi, now)]
            return tuple(flags)
        old_model, old_firmware, pairings = known
        if pairings and model == old_model and firmware == old_firmware:
            last = pairings[-1]
            if last.imsi == imsi and last.iccid == iccid:  # as it was
                pairings[-1] = Pairing(iccid, imsi, now)
                return tuple(flags)
        duplicate = model != old_model
        if firmware != old_firmware:
            flags.append(DeviceFlag.FIRMWARE_CHANGED)
        if not pairings or (pairings[-1].iccid, pairings[-1].imsi) != (iccid, imsi):
            flags.append(DeviceFlag.PAIRING_CHANGED)
            duplicate = duplicate or any(
                (pairing.iccid, pairing.imsi) == (iccid, imsi) and now - pairing.at <= RETURNS_WITHIN
                for pairing in pairings
            )
        if duplicate:
            flags.append(DeviceFlag.DUPLICATE_IMEI)
        pairings = paired(pairings, iccid, imsi, now)
        same = model == old_model and firmware == old_firmware
        model, firmware = (old_model, old_firmware) if same else (self._shared(model), self._shared(firmware))
        self._known[imei] = model, firmware, pairings
        return tuple(flags)

    def _shared(self, text: str) -> str:
        """Models and firmware are few: the same text is in memory once."""
        if len(self._texts) > _TEXTS:
            self._texts.clear()
        return self._texts.setdefault(text, text)

    def _is_moved(self, now: Seconds, imei: str, usim: tuple[str, str]) -> bool:
        if usim == _NONE:
            return False
        holder = self._holders.get(usim)
        if holder is None:
            make_room(self._holders, self._size)
        self._holders[usim] = imei, now
        return holder is not None and holder[0] != imei
