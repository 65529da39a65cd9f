"""Definitions of LwM2M objects: those that are built in, and those that users bring (OMA DDF, XML)."""

from __future__ import annotations

import msgspec

from nbtwin.api.rest import LabTime
from nbtwin.api.session import Session


class ResourceDefined(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    name: str
    type: str
    operations: str
    multiple: bool
    mandatory: bool
    unit: str
    range: str


class ObjectDefined(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    version: str
    name: str
    multiple: bool
    mandatory: bool
    source: str
    """ "built-in" or "added"."""
    added_at: LabTime | None
    resources: tuple[ResourceDefined, ...] = ()
    """Of one that was asked for; listings leave them out."""


class _Added(msgspec.Struct, frozen=True):
    objects: list[ObjectDefined]


class Definitions:
    """Of a lab. Given by `Lab.objects`."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self, source: str | None = None) -> list[ObjectDefined]:
        """By object and version; ``source``: "built-in" or "added"."""
        return self._session.rest.get(list[ObjectDefined], "objects", source=source)

    def get(self, id: int, version: str = "") -> ObjectDefined:
        """With its resources; the newest where no version is said."""
        return self._session.rest.get(ObjectDefined, "objects", str(id), version=version)

    def add(self, xml: str | bytes, *, replace: bool = False) -> list[ObjectDefined]:
        """One object or several, all of them or none. LabRefused for what is no definition, or is there already."""
        content = xml.encode() if isinstance(xml, str) else xml
        query = {"replace": str(replace).lower()}
        return self._session.rest.ask(_Added, "POST", ("objects",), content, query).objects

    def remove(self, id: int, version: str) -> None:
        """One that was added. Devices have the next older one from now on."""
        self._session.rest.do("DELETE", "objects", str(id), version)
