"""Which definitions hold for a Client: by the object versions that it registers (LwM2M 1.0 TS, 6.2; TS Core 1.1, 7.2).

The version that a Client names for an object decides. Where it names none, it is 1.0, and for the objects of the
enabler itself (0 to 7) the version of LwM2M that it registers with. The definition of that version is taken, else the
newest that is older, else the oldest: objects grow, and what a newer version added is in no older one (D151).

Knows definitions; knows no file, no database and no device.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import TypeAlias

from nbtwin.coap.link_format import parse
from nbtwin.engine import DecodeError
from nbtwin.lwm2m.model import ObjectDefinition, Objects
from nbtwin.lwm2m.objects.core import CORE
from nbtwin.lwm2m.objects.ipso import IPSO

Key: TypeAlias = tuple[int, str]
"""An object and its version."""
FIRST = "1.0"
_ENABLER = range(8)
"""Objects whose version is the enabler's."""


def order_of(version: str) -> tuple[int, ...]:
    """For comparisons: "1.10" is newer than "1.9"."""
    return tuple(int(part) if part.isdecimal() else 0 for part in version.split("."))


def _at(definition: ObjectDefinition, version: str) -> ObjectDefinition:
    """With the rows that it had in this one of its versions."""
    here = order_of(version)
    rows = {
        id: row
        for id, row in definition.resources.items()
        if (not row.since or order_of(row.since) <= here) and (not row.until or here <= order_of(row.until))
    }
    return replace(definition, resources=rows, version=version)


BUILT_IN: Mapping[Key, ObjectDefinition] = {
    (definition.id, version): _at(definition, version)
    for definition in (*CORE, *IPSO)
    for version in definition.versions
}


class ObjectRegistry:
    """The definitions that are known: whoever shares one sees what is added at once.

    It is replaced as a whole, so that any thread may read it.
    """

    def __init__(self, added: Iterable[ObjectDefinition] = ()) -> None:
        self.replace(added)

    def replace(self, added: Iterable[ObjectDefinition]) -> None:
        """These beside what is built in, and no others."""
        self._chosen = _Chosen({**{(one.id, one.version): one for one in added}, **BUILT_IN})

    @property
    def all(self) -> Mapping[Key, ObjectDefinition]:
        return self._chosen.definitions

    @property
    def newest(self) -> Objects:
        """Of each object the newest definition."""
        return self._chosen.newest

    def of(self, links: str, version: str = FIRST) -> Objects:
        """The definitions for a Client that registered these links with this version of LwM2M."""
        return self._chosen.of(links, version)


class _Chosen:
    """One state of a registry, and what was asked of it."""

    def __init__(self, definitions: Mapping[Key, ObjectDefinition]) -> None:
        self.definitions = definitions
        self._versions: dict[int, list[str]] = {}  # the oldest first
        for id, version in sorted(definitions, key=lambda key: order_of(key[1])):
            self._versions.setdefault(id, []).append(version)
        self.newest: Objects = {id: definitions[id, versions[-1]] for id, versions in self._versions.items()}
        self.of = lru_cache(maxsize=1024)(self._of)

    def _of(self, links: str, version: str) -> Objects:
        named = versions_in(links)
        return {id: self._one(id, named.get(id) or (version if id in _ENABLER else FIRST)) for id in self._versions}

    def _one(self, id: int, wanted: str) -> ObjectDefinition:
        if (id, wanted) in self.definitions:
            return self.definitions[id, wanted]
        known = self._versions[id]
        older = [one for one in known if order_of(one) <= order_of(wanted)]
        return self.definitions[id, older[-1] if older else known[0]]


def versions_in(links: str) -> dict[int, str]:
    """What a registration says of the versions of its objects."""
    found: dict[int, str] = {}
    try:
        listed = parse(links)
    except DecodeError:
        return found
    for link in listed:
        number, version = link.target.strip("/").split("/")[0], link.first("ver")
        if version is not None and number.isdecimal():
            found[int(number)] = version
    return found


KNOWN: Objects = ObjectRegistry().newest
"""Of each object that is built in the newest definition: for whoever knows no device."""
