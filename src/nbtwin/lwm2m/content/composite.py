"""What a composite operation carries: paths of several objects, or values at them (LwM2M 1.1 TS Core, 6.3.8 to 6.3.10).

Also what Send carries (6.4.6). Knows which formats can name paths; each has its file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nbtwin.coap.numbers import ContentFormat
from nbtwin.lwm2m.content import lwm2m_cbor, senml
from nbtwin.lwm2m.content.readings import Reading
from nbtwin.lwm2m.content.refusals import ContentRefusal, UnsupportedFormat
from nbtwin.lwm2m.model import OBJECTS, Node, Objects
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.versions import V1_2, is_since

FORMATS: tuple[ContentFormat, ...] = (ContentFormat.SENML_CBOR, ContentFormat.SENML_JSON, ContentFormat.LWM2M_CBOR)
"""In the order in which the platform likes them."""


def formats_of(version: str) -> tuple[ContentFormat, ...]:
    """Those that this version of the enabler has; the last came with 1.2 (TS Core 1.2, 7.4)."""
    return FORMATS if is_since(version, V1_2) else FORMATS[:-1]


def encode_paths(content_format: int, paths: Iterable[Path]) -> bytes:
    """The payload of Read- and Observe-Composite. UnsupportedFormat."""
    match content_format:
        case ContentFormat.SENML_JSON:
            return senml.encode_paths_json(paths)
        case ContentFormat.SENML_CBOR:
            return senml.encode_paths_cbor(paths)
        case ContentFormat.LWM2M_CBOR:
            return lwm2m_cbor.encode_paths(paths)
    raise _unfit(content_format)


def encode_values(content_format: int, nodes: Mapping[Path, Node], objects: Objects = OBJECTS) -> bytes:
    """The payload of Write-Composite, and of an answer that has values. UnsupportedFormat."""
    match content_format:
        case ContentFormat.SENML_JSON:
            return senml.encode_several_json(nodes, objects)
        case ContentFormat.SENML_CBOR:
            return senml.encode_several_cbor(nodes, objects)
        case ContentFormat.LWM2M_CBOR:
            return lwm2m_cbor.encode(nodes, objects)
    raise _unfit(content_format)


def readings_of(content_format: int | None, payload: bytes, objects: Objects = OBJECTS) -> list[Reading]:
    """The values in an answer, a notification or a Send. ContentError, PathError, UnsupportedFormat."""
    return _read(content_format, payload, objects, named=False)


def paths_of(content_format: int | None, payload: bytes) -> list[Path]:
    """The paths in a request. ContentError, PathError, UnsupportedFormat."""
    return [reading.path for reading in _read(content_format, payload, OBJECTS, named=True)]


def _read(content_format: int | None, payload: bytes, objects: Objects, *, named: bool) -> list[Reading]:
    match content_format:
        case ContentFormat.SENML_JSON:
            return senml.readings_json(payload, objects, named=named)
        case ContentFormat.SENML_CBOR:
            return senml.readings_cbor(payload, objects, named=named)
        case ContentFormat.LWM2M_CBOR:
            return lwm2m_cbor.readings(payload, objects, named=named)
    raise _unfit(content_format)


def _unfit(content_format: int | None) -> UnsupportedFormat:
    number = None if content_format is None else int(content_format)
    return UnsupportedFormat(ContentRefusal.FORMAT_COMPOSITE, format=number)
