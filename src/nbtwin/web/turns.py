"""Answers that are JSON before the framework sees them: what it makes of a list it makes in one go, on the loop. And
one call that encodes a long list keeps the interpreter from the loop, on whatever thread: so each thing by itself.

Knows no route.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from fastapi import Response
from pydantic import BaseModel


def json_rows(rows: Iterable[Any], **headers: str) -> Response:
    """A list of plain values."""
    return json_list([msgspec.json.encode(row) for row in rows], **headers)


def json_models(models: Iterable[BaseModel], **headers: str) -> Response:
    return json_list([encoded(model) for model in models], **headers)


def json_list(rows: list[bytes], **headers: str) -> Response:
    """Of values that are JSON already."""
    return Response(listed(rows), headers=headers, media_type="application/json")


def json_with(name: str, rows: list[bytes], rest: BaseModel) -> Response:
    """An object whose field of that name, which is empty in ``rest``, has these values, JSON already."""
    said = rest.model_dump_json(exclude={name}).encode()
    more = b"," + said[1:] if len(said) > 2 else said[1:]
    return Response(b'{"' + name.encode() + b'":' + listed(rows) + more, media_type="application/json")


def listed(rows: list[bytes]) -> bytes:
    return b"[" + b",".join(rows) + b"]"


def encoded(model: BaseModel) -> bytes:
    return model.model_dump_json().encode()
