"""The keys of one Andlink device: data. Where they are kept is `psk.py`, which is compiled."""

from __future__ import annotations

from typing import Self

import msgspec

from nbtwin.operators.key_store.refusals import KeyRefusal, PskError

SHORTEST_KEY, LONGEST_KEY = 1, 64
LONGEST_NAME = 128


class DeviceKeys(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Keys as hexadecimal digits; "" for none. An empty identity means the device's own name."""

    device: str  # the endpoint client name: the IMEI
    bootstrap_key: str = ""
    key: str = ""
    bootstrap_identity: str = ""
    identity: str = ""

    def checked(self) -> Self:
        for name in (self.device, self.bootstrap_identity, self.identity):
            if len(name.encode()) > LONGEST_NAME or not name.isprintable():
                raise PskError(KeyRefusal.NAME, name=name[:40])
        if not self.device:
            raise PskError(KeyRefusal.DEVICE_MISSING)
        for key in (self.bootstrap_key, self.key):
            try:
                count = len(bytes.fromhex(key))
            except ValueError:
                raise PskError(KeyRefusal.DIGITS, device=self.device) from None
            if key and not SHORTEST_KEY <= count <= LONGEST_KEY:
                raise PskError(
                    KeyRefusal.LENGTH, device=self.device, length=count, shortest=SHORTEST_KEY, longest=LONGEST_KEY
                )
        if not (self.bootstrap_key or self.key):
            raise PskError(KeyRefusal.KEY_MISSING, device=self.device)
        return self

    @property
    def bootstrap_name(self) -> str:
        return self.bootstrap_identity or self.device

    @property
    def name(self) -> str:
        return self.identity or self.device

    def masked(self) -> DeviceKeys:
        """For listings (DOC-E 3.3 prints three stars)."""
        return msgspec.structs.replace(
            self, bootstrap_key="***" if self.bootstrap_key else "", key="***" if self.key else ""
        )
