"""One CBOR item out of bytes from the network (RFC 8949), bounded before anything is made of it.

It nests `DEEPEST` levels at the most, nothing may follow it, and its tags are read over (3.4: a reader that knows the
format needs none), but for decimal fractions, which are numbers. Knows no format above CBOR.
"""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import cbor2

from nbtwin.foreign import detail_of
from nbtwin.lwm2m.content.refusals import ContentError, ContentRefusal

DEEPEST = 8
"""SenML needs three levels; LwM2M CBOR six: four maps, and in the innermost a fraction."""
_DECIMAL_FRACTION = 4
_WIDEST_EXPONENT = 400


class _AnyTag(dict[int, Any]):
    """What `cbor2` is to do for a tag, whatever its number: give what it marks. No dates, references or big numbers."""

    def __missing__(self, tag: int) -> Callable[[Any, bool], Any]:
        return lambda value, immutable: value


def _fraction(value: Any, immutable: bool) -> Any:
    """RFC 8949 3.4.4, as RFC 8428 6 allows it for numbers."""
    match value:
        case [int(exponent), int(mantissa)] if abs(exponent) <= _WIDEST_EXPONENT:
            return float(f"{int(mantissa)}e{int(exponent)}")
    return value


_TAGS = _AnyTag({_DECIMAL_FRACTION: _fraction})


def read(payload: bytes, form: str) -> Any:
    """ContentError for what is no CBOR, or more than one item; `form` is what it should have been."""
    stream = BytesIO(payload)
    try:
        document = cbor2.CBORDecoder(stream, max_depth=DEEPEST, semantic_decoders=_TAGS).decode()
    except (cbor2.CBORError, RecursionError) as error:
        raise ContentError(ContentRefusal.UNDECODABLE, format=form, detail=detail_of(error)) from None
    if stream.tell() != len(payload):
        raise ContentError(ContentRefusal.BYTES_LEFT, format=form, count=len(payload) - stream.tell())
    return document
