"""An NVRAM as a whole: what stands in it by name, snapshot, difference, restore, factory reset.

Knows the settings' names and which of them are secret; knows no file, no command line and no model.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from nbtwin.module.nvram import NvramError, NvramRefusal, decode, encode
from nbtwin.module.settings import Saved

if TYPE_CHECKING:
    from nbtwin.engine import Seconds
    from nbtwin.module.module import Module

Settings: TypeAlias = dict[str, Any]
"""Every setting by its dotted name, ``cmdmp.server``; None: never saved."""

SECRETS = ("cmdmp.password", "andlink.psk.key", "andlink.bootstrap_psk.key")
"""Shown masked, as the documents' own reads do (DOC-C 3.2.2: four characters; DOC-E 3.3: none)."""


_LONGEST_TEXT, _LONGEST_LIST, _WIDEST = 4096, 256, 2**32
_LEAST = {"port": 0, "period": 0}
_MOST = {"port": 65535}


@dataclass(frozen=True, slots=True)
class Change:
    """One setting that is not the same on both sides; None: not set there."""

    name: str
    before: Any
    after: Any


def settings_of(saved: Saved, *, secrets: bool = False) -> Settings:
    """By name, in the order of the structure. Secrets are masked unless they are asked for."""
    flat = dict(_flat("", msgspec.to_builtins(saved, str_keys=True)))
    if not secrets:
        flat |= {name: masked(name, flat[name]) for name in SECRETS if flat.get(name)}
    return flat


def differences(before: Saved, after: Saved, *, secrets: bool = False) -> list[Change]:
    """What changed, by name. A changed secret is a change even where both sides look the same masked."""
    plain, other = settings_of(before, secrets=True), settings_of(after, secrets=True)
    changed = [name for name in {**plain, **other} if plain.get(name) != other.get(name)]
    left, right = settings_of(before, secrets=secrets), settings_of(after, secrets=secrets)
    return [Change(name, left.get(name), right.get(name)) for name in changed]


def snapshot(module: Module) -> bytes:
    """What is saved, as an image that ``restore`` takes, on this module or another. Secrets are in it."""
    return module.nvram.snapshot()


def in_force(module: Module) -> Saved:
    """What the module goes by now: what the last boot brought into use, and what takes effect when it is written.

    The everyday commands' settings do, but for the switches of AT+NCONFIG; so does what the module notes for itself.
    """
    used, saved = decode(encode(module.in_use)), decode(encode(module.saved))
    at_boot = {item.name for item in module.profile.everyday.configuration}
    now, written = used.generic.config, saved.generic.config
    saved.generic.config = {name: value for name, value in written.items() if name not in at_boot} | {
        name: value for name, value in now.items() if name in at_boot or name in _UNSAVED or name.startswith("+")
    }
    used.generic, used.successes, used.firmware, used.updated_from = (
        saved.generic,
        saved.successes,
        saved.firmware,
        saved.updated_from,
    )
    used.andlink.update_result = saved.andlink.update_result
    return used


_UNSAVED = ("DNS1", "DNS2", "QLAFOTAIND")
"""Of +QIDNSCFG and +QLAFOTAIND: in use until the next boot, never saved, as are those with the name of a command."""


def waiting(module: Module) -> list[Change]:
    """What the next boot changes: in force against saved."""
    return differences(in_force(module), module.saved)


def restore(module: Module, now: Seconds, image: bytes) -> list[Change]:
    """Put an image in place of what is saved; in force after the next boot. Returns what changed.

    Raises DecodeError when it is no image and AtError 23 when it cannot be written; either way nothing has changed.
    """
    return _replace(module, now, restored(image, module.saved))


def factory_reset(module: Module, now: Seconds) -> list[Change]:
    """Forget every setting; in force after the next boot. Returns what changed. Raises AtError 23 as ``restore``."""
    return _replace(module, now, erased(module.saved))


def restored(image: bytes, present: Saved) -> Saved:
    """The settings of the image on the firmware that runs at present. Raises DecodeError."""
    saved = decode(image)
    check_widths(saved)
    saved.firmware = present.firmware
    return saved


def check_widths(saved: Saved) -> None:
    """DecodeError for what no command could have saved: the image is somebody's file."""
    for name, value in settings_of(saved, secrets=True).items():
        if not _fits(name.rpartition(".")[2], value):
            raise NvramError(NvramRefusal.UNREADABLE, detail=f"{name}: {value!r:.40}")


def _fits(name: str, value: Any) -> bool:
    if isinstance(value, list | tuple):
        return len(value) <= _LONGEST_LIST and all(_fits(name, each) for each in value)
    if isinstance(value, Mapping):
        return all(_fits(str(key), each) for key, each in value.items())
    if isinstance(value, str):
        return len(value) <= _LONGEST_TEXT and not any(ord(character) < 0x20 for character in value)
    if isinstance(value, int):
        return _LEAST.get(name, -_WIDEST) <= value <= _MOST.get(name, _WIDEST)
    return True


def erased(present: Saved) -> Saved:
    """As it left the factory, with the firmware that runs at present."""
    return Saved(firmware=present.firmware)


def setting_code(name: str) -> str:
    """What a setting is, as a code of the catalogue: ``nvram-setting-cmdmp-server``.

    The rows of a map have one: AT+QDMPCFGEX's types, AT+NCONFIG's switches, operators.
    """
    match name.split("."):
        case ["extended", _]:
            parts = ["extended"]
        case ["generic", "config", *_]:
            parts = ["generic", "config"]
        case ["successes", _, *field]:
            parts = ["successes", *field]
        case parts:
            pass
    return "-".join(["nvram-setting", *parts])


def _replace(module: Module, now: Seconds, saved: Saved) -> list[Change]:
    module.now = now
    changes = differences(module.saved, saved)
    module.nvram.saved = decode(encode(saved))
    module.write_through()
    return changes


def _flat(prefix: str, value: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """Nested structures by dotted names; a list is one value, and what maps numbers or operators has a name each."""
    rows: list[tuple[str, Any]] = []
    for key, item in value.items():
        if isinstance(item, Mapping):
            rows += _flat(f"{prefix}{key}.", item)
        else:
            rows.append((f"{prefix}{key}", item))
    return rows


def masked(name: str, value: str) -> str:
    """One of the `SECRETS` as it is shown."""
    return value[:4] + "****" if name == "cmdmp.password" else "***"
