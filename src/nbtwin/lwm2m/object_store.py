"""A client's objects, and the operations of a server on them (LwM2M 1.0 TS, 5.4; codes: 8.2.4, table 31).

Knows tables of getters and setters; knows no peer, no observation and no registration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias, cast

from nbtwin.coap.endpoint import Response
from nbtwin.coap.link_format import Link, filtered
from nbtwin.coap.link_format import encode as encode_links
from nbtwin.coap.message import Message, options
from nbtwin.coap.numbers import Code, ContentFormat, dotted
from nbtwin.engine import DecodeError, Seconds
from nbtwin.lwm2m.content.codec import FORMATS, decode, encode
from nbtwin.lwm2m.content.refusals import ContentRefusal, UnsupportedFormat
from nbtwin.lwm2m.model import InstanceNode, Node, ObjectNode, Objects, ResourceNode
from nbtwin.lwm2m.path import Path

WELL_KNOWN = (".well-known", "core")
ROOT = Link("/", (("rt", "oma.lwm2m"),))


class ObjectRefused(Exception):
    """An operation that this client does not carry out. The code is all that the server is answered."""

    def __init__(self, code: Code) -> None:
        super().__init__(dotted(code))
        self.code = code


@dataclass(frozen=True, slots=True)
class Resource:
    """What one resource does. What is None is not allowed (4.05); handlers may raise ObjectRefused."""

    get: Callable[[], ResourceNode] | None = None
    set: Callable[[ResourceNode], None] | None = None
    execute: Callable[[bytes], None] | None = None


def constant(value: ResourceNode) -> Resource:
    """A resource that can be read and never changes."""
    return Resource(get=lambda: value)


Instance: TypeAlias = Mapping[int, Resource]


class ObjectStore:
    """``handle`` turns a request into its response; objects change only through their setters."""

    def __init__(
        self,
        objects: Objects,
        instances: Mapping[int, Mapping[int, Instance]],
        link_attributes: Callable[[Path], str] = lambda path: "",
    ) -> None:
        """``link_attributes``: what Discover shows behind a link, ``;pmin=10``."""
        self.objects = objects
        self.instances = instances
        self._link_attributes = link_attributes
        self.now: Seconds = 0.0  # of the request that is being handled, for handlers that need it

    def handle(self, now: Seconds, message: Message) -> Response:
        """Read, Discover, Write, Execute; Create and Delete are for clients whose objects come and go: refused."""
        self.now = now
        if message.path == WELL_KNOWN:
            return self._well_known(message)
        try:
            path = Path.from_segments(message.path)
        except DecodeError:
            return Response(Code.NOT_FOUND)
        try:
            return self._operate(message, path)
        except ObjectRefused as refused:
            return Response(refused.code)
        except UnsupportedFormat:
            return Response(Code.UNSUPPORTED_CONTENT_FORMAT)
        except DecodeError:
            return Response(Code.BAD_REQUEST)

    def _well_known(self, message: Message) -> Response:
        """What there is to ask for (RFC 6690 4): the object instances, as Register lists them."""
        if message.code != Code.GET:
            return Response(Code.METHOD_NOT_ALLOWED)
        instances = (Path((id, instance)) for id, found in self.instances.items() for instance in found)
        links = (ROOT, *(Link(str(path)) for path in instances))
        return content(ContentFormat.LINK_FORMAT, encode_links(filtered(links, message.query)))

    def _operate(self, message: Message, path: Path) -> Response:
        if not path:
            raise ObjectRefused(Code.METHOD_NOT_ALLOWED)  # the root is for the bootstrap interface
        self._find(path)
        match message.code:
            case Code.GET if message.accept == ContentFormat.LINK_FORMAT:
                return content(ContentFormat.LINK_FORMAT, ",".join(self.links(path)).encode())
            case Code.GET:
                return self.read(path, message.accept)
            case Code.PUT | Code.POST if len(path) == 2 or (len(path) == 3 and message.code == Code.PUT):
                self.write(path, message.content_format, message.payload)
                return Response(Code.CHANGED)
            case Code.POST if len(path) == 3:
                self._execute(path, message.payload)
                return Response(Code.CHANGED)
            case _:
                raise ObjectRefused(Code.METHOD_NOT_ALLOWED)

    def _find(self, path: Path) -> None:
        """4.04 where nothing stands at the path."""
        instances = self.instances.get(path[0])
        if instances is None:
            raise ObjectRefused(Code.NOT_FOUND)
        if len(path) > 1 and path[1] not in instances:
            raise ObjectRefused(Code.NOT_FOUND)
        if len(path) > 2 and path[2] not in instances[path[1]]:
            raise ObjectRefused(Code.NOT_FOUND)
        if len(path) > 3:  # LwM2M 1.0 names no resource instances
            raise ObjectRefused(Code.NOT_FOUND)

    def read(self, path: Path, accept: int | None = None) -> Response:
        """TLV where the server does not say what it accepts."""
        content_format = ContentFormat.LWM2M_TLV if accept is None else accept
        if content_format not in FORMATS:
            raise ObjectRefused(Code.NOT_ACCEPTABLE)
        try:
            return content(content_format, encode(content_format, path, self.node(path), self.objects))
        except UnsupportedFormat:
            raise ObjectRefused(Code.NOT_ACCEPTABLE) from None

    def node(self, path: Path) -> Node:
        """The readable content at the path."""
        self._find(path)
        instances = self.instances[path[0]]
        match len(path):
            case 1:
                nodes: ObjectNode = {id: self._instance_node(instance) for id, instance in instances.items()}
                return nodes
            case 2:
                return self._instance_node(instances[path[1]])
            case _:
                resource = instances[path[1]][path[2]]
                if resource.get is None:
                    raise ObjectRefused(Code.METHOD_NOT_ALLOWED)
                return resource.get()

    @staticmethod
    def _instance_node(instance: Instance) -> InstanceNode:
        return {id: resource.get() for id, resource in instance.items() if resource.get is not None}

    def write(self, path: Path, content_format: int | None, payload: bytes) -> None:
        """All the values of one payload, or none: what is not writable is found before anything is set."""
        if content_format is None:
            content_format = ContentFormat.TEXT if len(path) > 2 else ContentFormat.LWM2M_TLV
        if content_format not in FORMATS:
            raise UnsupportedFormat(ContentRefusal.FORMAT_UNFIT, format=content_format, path=str(path))
        instance = self.instances[path[0]][path[1]]
        for id in path[2:]:
            self._setter(path, instance, id)
        node = decode(content_format, path, payload, self.objects)
        values = {path[2]: cast(ResourceNode, node)} if len(path) > 2 else cast(InstanceNode, node)
        setters = {id: self._setter(path, instance, id) for id in values}
        for id, value in values.items():
            setters[id](value)

    @staticmethod
    def _setter(path: Path, instance: Instance, id: int) -> Callable[[ResourceNode], None]:
        resource = instance.get(id)
        if resource is None:
            raise ObjectRefused(Code.NOT_FOUND)
        if resource.set is None:
            raise ObjectRefused(Code.METHOD_NOT_ALLOWED)
        return resource.set

    def _execute(self, path: Path, arguments: bytes) -> None:
        execute = self.instances[path[0]][path[1]][path[2]].execute
        if execute is None:
            raise ObjectRefused(Code.METHOD_NOT_ALLOWED)
        execute(arguments)

    def links(self, path: Path) -> list[str]:
        """Discover (5.4.2): the object or instance and all under it, or the one resource."""
        return [f"<{found}>{self._link_attributes(found)}" for found in self._paths(path)]

    def _paths(self, path: Path) -> Iterable[Path]:
        yield path
        if len(path) == 1:
            for id in sorted(self.instances[path[0]]):
                yield from self._paths(path.child(id))
        elif len(path) == 2:
            yield from (path.child(id) for id in sorted(self.instances[path[0]][path[1]]))


def content(content_format: int, payload: bytes) -> Response:
    """2.05 with a body of this content format."""
    return Response(Code.CONTENT, options(content_format=content_format), payload)
