"""Why a file is no definition of objects, and why a definition is not taken. Knows no file format."""

from __future__ import annotations

from nbtwin.engine import CodedError, DecodeError, Refusal


class DefinitionRefusal(Refusal):
    """``line``: of the file, from 1; ``element``: its name there."""

    TOO_LARGE = "definition-too-large"  # limit: bytes
    NO_XML = "definition-no-xml"  # detail: what the library says; line
    DECLARATION = "definition-declaration"  # line: a document type, an entity or a reference to one
    TOO_DEEP = "definition-too-deep"  # element, limit, line
    OTHER_ELEMENT = "definition-other-element"  # element, expected, line
    NO_OBJECT = "definition-no-object"  # line
    TOO_MANY = "definition-too-many"  # limit: objects
    MISSING = "definition-missing"  # element, parent, line
    TWICE = "definition-twice"  # element, parent, line
    NUMBER = "definition-number"  # element, value, limit, line
    WORD = "definition-word"  # element, value, expected, line
    TEXT = "definition-text"  # element, limit, line: empty, too long, or not printable
    NO_TYPE = "definition-no-type"  # resource, line
    NO_RESOURCES = "definition-no-resources"  # object, line
    RESOURCE_TWICE = "definition-resource-twice"  # resource, line
    OBJECT_TWICE = "definition-object-twice"  # object, version, line
    OTHER_URN = "definition-other-urn"  # value, object, line
    # of what is known already
    BUILT_IN = "definition-built-in"  # object, version
    TAKEN = "definition-taken"  # object, version
    LIMIT = "definition-limit"  # limit: definitions


class DefinitionError(CodedError, DecodeError):
    """A file that defines no objects."""


class DefinitionRefused(CodedError, ValueError):
    """A definition that cannot be added beside those that are known."""
