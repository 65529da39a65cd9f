"""Firmware packages that campaigns give to devices."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from nbtwin.api.rest import LabTime
from nbtwin.api.session import Session


class Package(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    kind: str
    """ "container": nbtwin's own, which says its model and version itself; "raw": any file."""
    model: str
    models: tuple[str, ...]
    version: str
    """That devices run afterwards; empty: nobody said."""
    base: str
    """The version that a delta applies to; empty: a full image."""
    size: int
    """Octets."""
    checksum: str
    """SHA-256, hexadecimal."""
    notes: str
    added_at: LabTime


class Packages:
    """Of a lab. Given by `Lab.packages` and `Platform.packages`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> list[Package]:
        return self._session.rest.get(list[Package], "firmware")

    def get(self, name: str) -> Package:
        return self._session.rest.get(Package, "firmware", name)

    def content(self, name: str) -> bytes:
        return self._session.rest.content("GET", ("firmware", name, "content"))

    def add(
        self,
        name: str,
        content: bytes,
        *,
        version: str = "",
        models: Sequence[str] = (),
        checksum: str = "",
        notes: str = "",
    ) -> Package:
        """A file of any format, at most 32 MiB. ``checksum``: SHA-256; LabRefused where it differs."""
        said = {"name": name, "version": version, "models": list(models), "checksum": checksum, "notes": notes}
        return self._session.rest.ask(Package, "POST", ("firmware",), content, said)

    def make(self, name: str, model: str, version: str) -> Package:
        """With a made-up image, as ``nbtwin firmware pack`` makes one."""
        return self._session.rest.post(Package, "firmware", "made", name=name, model=model, version=version)

    def remove(self, name: str) -> None:
        self._session.rest.do("DELETE", "firmware", name)
