"""The pre-shared keys of Andlink devices: one for the bootstrap server, one for the LwM2M server. Knows no database.

Identities are the device's IMEI unless set otherwise (DOC-E 3.3). An identity belongs to one device: over DTLS it says
who speaks. Whoever keeps the keys elsewhere (the store) is told of every change before it takes effect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
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


class PskStore:
    """Device to keys, and identity to device."""

    def __init__(
        self,
        keys: Iterable[DeviceKeys] = (),
        *,
        changing: Callable[[Mapping[str, DeviceKeys | None]], None] | None = None,
        guard: Callable[[], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._by_device: dict[str, DeviceKeys] = {}
        self._device_of: dict[str, str] = {}
        self._changing = changing  # called with the keys of each changed device, or None; may refuse by raising
        self._guard = guard  # around a change there and here: nobody else changes either
        self.replace(keys)

    def keep_with(
        self,
        changing: Callable[[Mapping[str, DeviceKeys | None]], None],
        guard: Callable[[], AbstractContextManager[object]],
    ) -> None:
        """From now on somebody else keeps them, too: told of those that there are, and of every change."""
        changing(self._by_device)
        self._changing, self._guard = changing, guard

    def replace(self, keys: Iterable[DeviceKeys]) -> None:
        """Take over what was changed elsewhere (another process at the same store)."""
        self._by_device = {entry.device: entry for entry in keys}
        self._device_of = {}
        for entry in self._by_device.values():
            self._device_of[entry.bootstrap_name] = self._device_of[entry.name] = entry.device

    def add(self, keys: DeviceKeys) -> None:
        """Add a device, or give it other keys. PskError when an identity is another device's."""
        self.add_all([keys])

    def add_all(self, several: Sequence[DeviceKeys]) -> None:
        """All of them, or none."""
        with self._guard():
            self._add_all({keys.device: keys.checked() for keys in several})

    def _add_all(self, changed: Mapping[str, DeviceKeys]) -> None:
        owners = {identity: device for identity, device in self._device_of.items() if device not in changed}
        for keys in changed.values():
            for identity in (keys.bootstrap_name, keys.name):
                if owners.setdefault(identity, keys.device) != keys.device:
                    raise PskError(KeyRefusal.IDENTITY_TAKEN, identity=identity, device=owners[identity])
        if self._changing is not None:
            self._changing(changed)
        self._by_device |= changed
        self._device_of = owners

    def remove(self, device: str) -> bool:
        """Forget a device's keys; False when it had none."""
        with self._guard():
            if device not in self._by_device:
                return False
            if self._changing is not None:
                self._changing({device: None})
            old = self._by_device.pop(device)
            for identity in {old.bootstrap_name, old.name}:
                del self._device_of[identity]
            return True

    def get(self, device: str) -> DeviceKeys | None:
        return self._by_device.get(device)

    def device_of(self, identity: str) -> str | None:
        """Whose identity this is."""
        return self._device_of.get(identity)

    def key_at_bootstrap(self, identity: bytes) -> bytes | None:
        """For a handshake at the bootstrap server; where there is none of its own, the LwM2M server's."""
        return self._key(identity, bootstrap=True)

    def key_at_server(self, identity: bytes) -> bytes | None:
        return self._key(identity, bootstrap=False)

    def _key(self, identity: bytes, *, bootstrap: bool) -> bytes | None:
        try:
            name = identity.decode()
        except UnicodeDecodeError:
            return None
        keys = self._by_device.get(self._device_of.get(name, ""))
        if keys is None:
            return None
        pairs = [(keys.bootstrap_name, keys.bootstrap_key), (keys.name, keys.key)]
        found = (key for owner, key in (pairs if bootstrap else reversed(pairs)) if owner == name and key)
        return bytes.fromhex(next(found, "")) or None

    def list(self) -> tuple[DeviceKeys, ...]:
        """Every device in order, its keys masked."""
        return tuple(self._by_device[device].masked() for device in sorted(self._by_device))

    def export(self) -> tuple[DeviceKeys, ...]:
        """Every device in order, in clear."""
        return tuple(self._by_device[device] for device in sorted(self._by_device))

    def __contains__(self, device: str) -> bool:
        return device in self._by_device

    def __len__(self) -> int:
        return len(self._by_device)
