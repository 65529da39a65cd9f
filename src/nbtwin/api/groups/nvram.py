"""A module's NVRAM: what is saved and what is in use, snapshots, differences, restore, factory reset."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from nbtwin.api.rest import LabTime, Rest
from nbtwin.api.session import Session


class NvramDifference(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    """Dotted: "cmdmp.server"."""
    before: Any
    """None: not set."""
    after: Any


class NvramSetting(msgspec.Struct, frozen=True, kw_only=True):
    """A setting as the model's document has it."""

    name: str
    """Dotted: "cmdmp.server"; or the structure that holds several values."""
    code: str
    """What it is."""
    command: str
    """That changes it: "+QDMPCFG"; empty: none does."""
    source: str
    """The chapter that gives the command."""
    says: str
    """The code of what the command is for."""
    parameters: tuple[str, ...]
    """As the document prints them; several: the value is a list in their order."""
    write: str
    """The line that changes it, with <parameter> for each value."""
    many: bool
    """The value is a list, and the command adds to it."""
    about: str
    """Which of several that are called the same: "<cid> 1"."""
    default: Any
    """What is used where nothing was saved; None: nothing is."""
    saved: Any
    """None: never saved. Secrets are masked."""
    in_use: Any
    """None: the default is."""
    waiting: bool
    """The next boot changes it."""


class NvramState(msgspec.Struct, frozen=True, kw_only=True):
    settings: tuple[NvramSetting, ...]
    """Those of the model, in the order of its documents."""
    saved: Mapping[str, Any]
    """By family and name. Secrets are masked."""
    in_use: Mapping[str, Any]
    waiting: tuple[NvramDifference, ...]
    """What the next boot changes."""


class NvramSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    at: LabTime
    bytes: int
    """Octets of its image."""
    label: str


class Nvram:
    """Of one module. Given by `Module.nvram`."""

    def __init__(self, session: Session, module: str) -> None:
        self._session, self._path = session, ("modules", module, "nvram")

    @property
    def _rest(self) -> Rest:
        return self._session.rest

    @property
    def state(self) -> NvramState:
        return self._rest.get(NvramState, *self._path)

    @property
    def snapshots(self) -> list[NvramSnapshot]:
        """The oldest first; the newest fifty are kept."""
        return self._rest.get(list[NvramSnapshot], *self._path, "snapshots")

    def snapshot(self, label: str = "") -> NvramSnapshot:
        """Put it aside as it is saved now."""
        return self._rest.post(NvramSnapshot, *self._path, "snapshots", label=label)

    def forget(self, snapshot: NvramSnapshot | int) -> None:
        self._rest.do("DELETE", *self._path, "snapshots", str(_number(snapshot)))

    def restore(self, snapshot: NvramSnapshot | int) -> None:
        """In force after the next boot. LabRefused when the module cannot write now."""
        self._rest.post(dict, *self._path, "restore", snapshot=_number(snapshot))

    def diff(
        self, before: NvramSnapshot | int | str = "in_use", after: NvramSnapshot | int | str = "saved"
    ) -> list[NvramDifference]:
        """What differs between two sides, each "saved", "in_use", "factory" or a snapshot."""
        sides = {"before": _side(before), "after": _side(after)}
        return self._rest.get(list[NvramDifference], *self._path, "diff", **sides)

    def factory_reset(self) -> None:
        """Forget every setting; in force after the next boot."""
        self._rest.post(dict, *self._path, "factory-reset")

    @property
    def image(self) -> bytes:
        """All of it, with its secrets; to be given to this or another module."""
        return self._rest.content("GET", (*self._path, "image"))

    def restore_image(self, content: bytes) -> None:
        """In force after the next boot. LabRefused for what is no image."""
        self._rest.content("PUT", (*self._path, "image"), content)


def _number(snapshot: NvramSnapshot | int) -> int:
    return snapshot.id if isinstance(snapshot, NvramSnapshot) else snapshot


def _side(side: NvramSnapshot | int | str) -> str:
    return side if isinstance(side, str) else str(_number(side))
