"""What may be asked of a Client: one row for each operation (LwM2M 1.0 TS, 5.4 and 5.5; their CoAP requests in 8.2).

Later versions of the enabler have more operations, and the same ones on deeper paths: a row says since when (D157).
The composite ones are of LwM2M 1.1 (TS Core, 6.3.8, 6.3.9, 6.4.4 and 6.4.5).

The only place where a verb is named: the REST API and its description, Leshan's paths, scenarios, campaigns and the
platforms' own policies all look it up here. A row says what the operation needs, which request it is, and what is read
in its answer. Knows no device and no message exchange.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from nbtwin.coap.events import Request
from nbtwin.coap.message import Message, options
from nbtwin.coap.numbers import Code, ContentFormat
from nbtwin.lwm2m.attributes import queries_of
from nbtwin.lwm2m.model import Objects
from nbtwin.lwm2m.path import Path, Paths
from nbtwin.lwm2m.versions import V1_0, V1_1, V1_2
from nbtwin.operators.device_management import composites
from nbtwin.operators.device_management.values import arguments_of, body_of, links_of, text_of, value_of


class Takes(StrEnum):
    """What an operation is given beside its path, under the name that it has in the API."""

    NOTHING = ""
    VALUE = "value"  # a plain JSON value for a resource, an object of them by number for an instance, or bytes
    ARGUMENTS = "arguments"  # text
    VALUES = "values"  # by path, of a composite operation: each as VALUE
    ATTRIBUTES = "attributes"  # those of `nbtwin.lwm2m.attributes`; None takes one away


Target: TypeAlias = Path | Paths
"""Where: several paths of a composite operation."""
MakeRequest: TypeAlias = Callable[[Any, Any, int | None, Objects], Request]
"""Of the target, what the operation takes, the content format that is wanted or written (None: the usual one), and the
definitions of the device's objects."""
ReadAnswer: TypeAlias = Callable[[Any, Message, Objects], Any]
"""The plain JSON value in a successful answer; None where it carries nothing."""

ROOT, OBJECT, INSTANCE, RESOURCE, RESOURCE_INSTANCE = 0, 1, 2, 3, 4
"""How many identifiers a path has."""


@dataclass(frozen=True, slots=True)
class Verb:
    """One operation."""

    name: str
    paths: range  # how many identifiers its path may have
    takes: Takes
    request: MakeRequest
    answer: ReadAnswer
    source: str
    observes: bool = False  # its answer begins an observation
    ends_observation: bool = False  # it is sent under the token of one
    since: str = V1_0
    """The first version of the enabler that has it."""
    since_at: Mapping[int, str] = field(default_factory=dict)
    """The first version that has it on a path of so many identifiers, where that is a later one."""
    may_take: Takes = Takes.NOTHING
    """What it may be given besides: the attributes of one observation, from LwM2M 1.2 on (TS Core 1.2, 6.4.1)."""
    is_composite: bool = False
    """Its target is `Paths`."""

    def since_on(self, target: Target) -> str:
        """The first version that has it on this path."""
        return self.since if isinstance(target, Paths) else self.since_at.get(len(target), self.since)

    @property
    def names_paths_in(self) -> str:
        """The part of an order that says where, under the name that it has in the API."""
        return ("paths" if self.takes is Takes.NOTHING else str(self.takes)) if self.is_composite else "path"

    def has_depths(self, target: Target) -> bool:
        """Whether each path has as many identifiers as it may have."""
        paths = target if isinstance(target, Paths) else (target,)
        return all(len(path) in self.paths for path in paths)


_RESOURCE_INSTANCES: Mapping[int, str] = {RESOURCE_INSTANCE: V1_1}
"""They are named in a path from LwM2M 1.1 on (TS Core 1.1.1, 6.3); tables 10 to 17 of 1.0.2 end with the resource."""
_OF_INSTANCES = range(INSTANCE, RESOURCE_INSTANCE + 1, RESOURCE_INSTANCE - INSTANCE)
"""An object instance or a resource instance, and nothing between."""


def _to(deepest: int, first: int = OBJECT) -> range:
    return range(first, deepest + 1)


def _get(path: Path, _: Any, form: int | None, objects: Objects) -> Request:
    return Request(Code.GET, options(path=path.segments, accept=form))


def _discover(path: Path, _: Any, form: int | None, objects: Objects) -> Request:
    return Request(Code.GET, options(path=path.segments, accept=ContentFormat.LINK_FORMAT))


def _observe(path: Path, attributes: Any, form: int | None, objects: Objects) -> Request:
    return Request(Code.GET, options(path=path.segments, query=_given(attributes), accept=form, observe=0))


def _given(attributes: Any) -> tuple[str, ...]:
    return queries_of(attributes) if isinstance(attributes, Mapping) else ()


def _cancel(path: Path, _: Any, form: int | None, objects: Objects) -> Request:
    return Request(Code.GET, options(path=path.segments, observe=1))


def _body(code: Code) -> MakeRequest:
    def request(path: Path, value: Any, form: int | None, objects: Objects) -> Request:
        form, payload = body_of(path, value, form, objects)
        return Request(code, options(path=path.segments, content_format=form), payload)

    return request


def _attributes(path: Path, attributes: Mapping[str, Any], _: int | None, objects: Objects) -> Request:
    return Request(Code.PUT, options(path=path.segments, query=queries_of(attributes)))


def _execute(path: Path, arguments: str | None, _: int | None, objects: Objects) -> Request:
    return Request(Code.POST, options(path=path.segments), arguments_of(arguments or "").encode())


def _delete(path: Path, _: Any, form: int | None, objects: Objects) -> Request:
    return Request(Code.DELETE, options(path=path.segments))


def _composite(
    name: str, takes: Takes, request: MakeRequest, answer: ReadAnswer, source: str, *, observes: bool = False,
    ends_observation: bool = False,
) -> Verb:  # fmt: skip
    depths = _to(RESOURCE_INSTANCE, OBJECT if takes is Takes.VALUES else ROOT)
    return Verb(
        name, depths, takes, request, answer, f"TS Core 1.1, {source}", observes, ends_observation, since=V1_1,
        is_composite=True,
    )  # fmt: skip


VERBS: Mapping[str, Verb] = {
    verb.name: verb
    for verb in (
        Verb("read", _to(RESOURCE_INSTANCE), Takes.NOTHING, _get, value_of, "5.4.1", since_at=_RESOURCE_INSTANCES),
        Verb("discover", _to(RESOURCE), Takes.NOTHING, _discover, links_of, "5.4.2"),
        Verb(
            "write", _to(RESOURCE_INSTANCE, INSTANCE), Takes.VALUE, _body(Code.PUT), text_of, "5.4.3, Replace",
            since_at=_RESOURCE_INSTANCES,
        ),
        Verb(
            "write-partly", _to(RESOURCE, INSTANCE), Takes.VALUE, _body(Code.POST), text_of, "5.4.3, Partial Update",
            since_at={RESOURCE: V1_1},  # 1.0 executes what is posted there (TS 1.0.2, 8.2.4)
        ),
        Verb(
            "write-attributes", _to(RESOURCE_INSTANCE), Takes.ATTRIBUTES, _attributes, text_of, "5.4.4",
            since_at=_RESOURCE_INSTANCES,
        ),
        Verb("execute", _to(RESOURCE, RESOURCE), Takes.ARGUMENTS, _execute, text_of, "5.4.5"),
        Verb("create", _to(OBJECT), Takes.VALUE, _body(Code.POST), text_of, "5.4.6"),
        Verb(
            "delete", _OF_INSTANCES, Takes.NOTHING, _delete, text_of, "5.4.7",
            since_at={RESOURCE_INSTANCE: V1_2},  # TS Core 1.2, 6.3.8
        ),
        Verb(
            "observe", _to(RESOURCE_INSTANCE), Takes.NOTHING, _observe, value_of, "5.5.1",
            observes=True, since_at=_RESOURCE_INSTANCES, may_take=Takes.ATTRIBUTES,
        ),
        Verb(
            "cancel", _to(RESOURCE_INSTANCE), Takes.NOTHING, _cancel, value_of, "5.5.3",
            ends_observation=True, since_at=_RESOURCE_INSTANCES,
        ),
        _composite("read-composite", Takes.NOTHING, composites.read_request, composites.values_of, "6.3.8"),
        _composite("write-composite", Takes.VALUES, composites.write_request, text_of, "6.3.9"),
        _composite(
            "observe-composite", Takes.NOTHING, composites.observe_request, composites.values_of, "6.4.4", observes=True
        ),
        _composite(
            "cancel-composite", Takes.NOTHING, composites.cancel_request, composites.values_of, "6.4.5",
            ends_observation=True,
        ),
    )
}  # fmt: skip
"""By name, in the order of LwM2M 1.0 TS. 8.2.4 and 8.2.5 say which CoAP request each of them is."""
