"""Object definitions as files: the OMA's DDF (LWM2M.xsd, versions 1.0 and 1.1), one or several objects in each.

A file comes from anybody. There is no document type in it and no entity (`defusedxml`); its size, depth and number of
objects are bounded, and nothing outside the file is ever read. What the schema asks for is asked for here, with the
line of each mistake; elements that it does not know are read over, for tools write such (D153).
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from xml.sax import SAXParseException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from nbtwin.foreign import Unfit, detail_of
from nbtwin.lwm2m.model import AllowedOperations, ObjectDefinition, ResourceDefinition, ResourceType, object_definition
from nbtwin.lwm2m.objects.refusals import DefinitionError, DefinitionRefusal

LARGEST = 1024 * 1024
"""Bytes of a file. The longest definition of the registry has a tenth of that."""
DEEPEST = 8
"""Levels of elements; the schema has five."""
MOST = 200
"""Objects of a file."""
HIGHEST = 65534
"""Of an object or a resource; 65535 is none (LwM2M 1.0 TS, 6.1)."""
_LONGEST_NAME, _LONGEST_UNIT, _LONGEST_RANGE = 100, 40, 400
_SHOWN = 40

T = TypeVar("T")

_OPERATIONS = {
    "": AllowedOperations.NONE, "R": AllowedOperations.R, "W": AllowedOperations.W, "RW": AllowedOperations.RW,
    "E": AllowedOperations.E,
}  # fmt: skip
_TYPES = {type_.value.lower(): type_ for type_ in ResourceType if type_ is not ResourceType.NONE}
_INSTANCES = {"Single": False, "Multiple": True}
_MANDATORY = {"Optional": False, "Mandatory": True}
_VERSION = re.compile(r"[0-9]{1,5}\.[0-9]{1,5}")
_URN = re.compile(r"urn:oma:lwm2m:[A-Za-z-]+:([0-9]+)(?::([0-9]+\.[0-9]+))?", re.IGNORECASE)


@dataclass(slots=True)
class _Element:
    name: str
    line: int
    attributes: Mapping[str, str]
    text: list[str] = field(default_factory=list)
    children: list[_Element] = field(default_factory=list)

    @property
    def said(self) -> str:
        return " ".join("".join(self.text).split())

    def all(self, name: str) -> list[_Element]:
        return [child for child in self.children if child.name == name]

    def find(self, name: str) -> _Element | None:
        found = self.all(name)
        if len(found) > 1:
            raise DefinitionError(DefinitionRefusal.TWICE, element=name, parent=self.name, line=found[1].line)
        return found[0] if found else None

    def needed(self, name: str) -> _Element:
        found = self.find(name)
        if found is None:
            raise DefinitionError(DefinitionRefusal.MISSING, element=name, parent=self.name, line=self.line)
        return found

    def word(self, name: str, words: Mapping[str, T]) -> T:
        element = self.needed(name)
        if element.said not in words:
            expected = [word for word in words if word]
            raise DefinitionError(
                DefinitionRefusal.WORD, element=name, value=element.said[:_SHOWN], expected=expected, line=element.line
            )
        return words[element.said]

    def words(self, name: str, longest: int, *, needed: bool = False) -> str:
        element = self.needed(name) if needed else self.find(name)
        text = "" if element is None else element.said
        if element is not None and (len(text) > longest or not text.isprintable() or (needed and not text)):
            raise DefinitionError(DefinitionRefusal.TEXT, element=name, limit=longest, line=element.line)
        return text


class _Reader(ContentHandler):
    """The elements of a file, each with its line."""

    def __init__(self) -> None:
        super().__init__()
        self.root: _Element | None = None
        self._open: list[_Element] = []

    def startElement(self, name: str, attrs: AttributesImpl) -> None:
        line = self._locator.getLineNumber() or 0  # type: ignore[attr-defined]
        if len(self._open) >= DEEPEST:
            raise DefinitionError(DefinitionRefusal.TOO_DEEP, element=name[:_SHOWN], limit=DEEPEST, line=line)
        element = _Element(name.rpartition(":")[2], line, dict(attrs.items()))
        if self._open:
            self._open[-1].children.append(element)
        elif self.root is None:
            self.root = element
        self._open.append(element)

    def endElement(self, name: str) -> None:
        self._open.pop()

    def characters(self, content: str) -> None:
        self._open[-1].text.append(content)


def definitions_in(content: bytes) -> list[ObjectDefinition]:
    """Of a DDF file, in its order. DefinitionError for anything else."""
    root = _read(content)
    if root.name != "LWM2M":
        raise DefinitionError(
            DefinitionRefusal.OTHER_ELEMENT, element=root.name[:_SHOWN], expected="LWM2M", line=root.line
        )
    objects = root.all("Object")
    if not objects:
        raise DefinitionError(DefinitionRefusal.NO_OBJECT, line=root.line)
    if len(objects) > MOST:
        raise DefinitionError(DefinitionRefusal.TOO_MANY, limit=MOST)
    found: dict[tuple[int, str], ObjectDefinition] = {}
    for element in objects:
        definition = _object(element)
        key = definition.id, definition.version
        if key in found:
            raise DefinitionError(DefinitionRefusal.OBJECT_TWICE, object=key[0], version=key[1], line=element.line)
        found[key] = definition
    return list(found.values())


def _read(content: bytes) -> _Element:
    from defusedxml.common import DefusedXmlException  # not loaded where no file is read
    from defusedxml.sax import make_parser

    if len(content) > LARGEST:
        raise DefinitionError(DefinitionRefusal.TOO_LARGE, limit=LARGEST)
    reader, parser = _Reader(), make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(reader)
    try:
        parser.parse(io.BytesIO(content))
    except SAXParseException as error:
        detail, line = detail_of(error.getException() or error), error.getLineNumber() or 0
        raise DefinitionError(DefinitionRefusal.NO_XML, detail=detail, line=line) from None
    except DefusedXmlException:
        raise DefinitionError(DefinitionRefusal.DECLARATION, line=parser.getLineNumber() or 0) from None
    except (LookupError, ValueError) as error:  # an encoding that nobody has, or that does not fit
        if isinstance(error, DefinitionError):
            raise
        encoding = {"code": str(Unfit.XML), "problem": "encoding"}
        raise DefinitionError(DefinitionRefusal.NO_XML, detail=encoding, line=1) from None
    if reader.root is None:
        raise DefinitionError(DefinitionRefusal.NO_XML, detail="", line=1)
    return reader.root


def _object(element: _Element) -> ObjectDefinition:
    id = _number(element.needed("ObjectID"), element.needed("ObjectID").said)
    resources: dict[int, ResourceDefinition] = {}
    for item in element.needed("Resources").all("Item"):
        row = _resource(item)
        if row.id in resources:
            raise DefinitionError(DefinitionRefusal.RESOURCE_TWICE, resource=row.id, line=item.line)
        resources[row.id] = row
    if not resources:
        raise DefinitionError(DefinitionRefusal.NO_RESOURCES, object=id, line=element.line)
    version = _version(element, id)
    return object_definition(
        id,
        element.words("Name", _LONGEST_NAME, needed=True),
        *sorted(resources.values(), key=lambda row: row.id),
        multiple=element.word("MultipleInstances", _INSTANCES),
        mandatory=element.word("Mandatory", _MANDATORY),
        versions=(version,),
    )


def _version(element: _Element, id: int) -> str:
    """What the definition says, else what its URN does, else 1.0."""
    named, urn = element.find("ObjectVersion"), element.find("ObjectURN")
    found = None if urn is None else _URN.fullmatch(urn.said)
    if urn is not None and found is not None and int(found[1]) != id:
        raise DefinitionError(DefinitionRefusal.OTHER_URN, value=urn.said[:_SHOWN], object=id, line=urn.line)
    if named is None or not named.said:
        return (found[2] if found is not None else None) or "1.0"
    if _VERSION.fullmatch(named.said) is None:
        raise DefinitionError(
            DefinitionRefusal.WORD, element=named.name, value=named.said[:_SHOWN], expected=["1.0"], line=named.line
        )
    return named.said


def _resource(item: _Element) -> ResourceDefinition:
    if "ID" not in item.attributes:
        raise DefinitionError(DefinitionRefusal.MISSING, element="ID", parent=item.name, line=item.line)
    id = _number(item, item.attributes["ID"])
    operations = item.word("Operations", _OPERATIONS)
    return ResourceDefinition(
        id,
        item.words("Name", _LONGEST_NAME, needed=True),
        _type(item, id, operations),
        operations,
        item.word("MultipleInstances", _INSTANCES),
        item.word("Mandatory", _MANDATORY),
        item.words("Units", _LONGEST_UNIT),
        item.words("RangeEnumeration", _LONGEST_RANGE),
    )


def _type(item: _Element, id: int, operations: AllowedOperations) -> ResourceType:
    """What is executed has none, whatever a file says."""
    element = item.needed("Type")
    named = element.said.lower()
    if operations is AllowedOperations.E:
        return ResourceType.NONE
    if not named or named == "none":
        raise DefinitionError(DefinitionRefusal.NO_TYPE, resource=id, line=element.line)
    if named not in _TYPES:
        expected = [type_.value for type_ in _TYPES.values()]
        raise DefinitionError(
            DefinitionRefusal.WORD, element="Type", value=element.said[:_SHOWN], expected=expected, line=element.line
        )
    return _TYPES[named]


def _number(element: _Element, text: str) -> int:
    text = text.strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 5 and int(text) <= HIGHEST):
        raise DefinitionError(
            DefinitionRefusal.NUMBER, element=element.name, value=text[:_SHOWN], limit=HIGHEST, line=element.line
        )
    return int(text)
