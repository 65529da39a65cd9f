"""The pre-shared keys of Andlink devices: one for the bootstrap server, one for the LwM2M server. Knows no database.

Identities are the device's IMEI unless set otherwise (DOC-E 3.3). An identity belongs to one device: over DTLS it says
who speaks. Whoever keeps the keys elsewhere (the store) is told of every change before it takes effect.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext

from nbtwin.operators.key_store.device_keys import LONGEST_KEY as LONGEST_KEY
from nbtwin.operators.key_store.device_keys import LONGEST_NAME as LONGEST_NAME
from nbtwin.operators.key_store.device_keys import SHORTEST_KEY as SHORTEST_KEY
from nbtwin.operators.key_store.device_keys import DeviceKeys as DeviceKeys
from nbtwin.operators.key_store.refusals import KeyRefusal, PskError


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
