"""GET /fw/{key}/{name}: firmware packages for devices that fetch over HTTP (RFC 9110; D163).

A device has no token. Its campaign's key in the path opens the package, and, without one, that a device is registered
at its host: the platform's engine knows both. Knows no campaign.
"""

from __future__ import annotations

from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from nbtwin.lwm2m.firmware.file import FirmwareFile
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.runtime.lab import LabRuntime
from nbtwin.runtime.workers.remote import RemoteAndlink
from nbtwin.web.api_errors import ApiError, not_found, responses
from nbtwin.web.refusals import ApiRefusal
from nbtwin.web.routers import root_router

_TYPE = "application/octet-stream"


class Part(NamedTuple):
    """Bytes of a file, from the first to the one after the last."""

    start: int
    end: int


def router(lab: LabRuntime) -> APIRouter:
    routes = root_router("/fw", tag="firmware", responses=responses(404))

    def find(request: Request, key: str, name: str) -> FirmwareFile:
        host = request.client.host if request.client is not None else ""
        for node in list(lab.world.platforms.values()):
            if isinstance(node.engine, AndlinkPlatform | RemoteAndlink):
                file: FirmwareFile | None = lab.world.perform(node, node.engine.package_over_http, host, key, name)
                if file is not None:
                    return file
        raise not_found(ApiRefusal.PACKAGE_UNKNOWN, name)

    @routes.api_route("/{name}", methods=["GET", "HEAD"], response_class=Response, include_in_schema=False)
    async def registered(request: Request, name: str) -> Response:
        """For whoever fetches from the host of a device that is registered without DTLS."""
        return answer_to(request, find(request, "", name))

    @routes.api_route("/{key}/{name}", methods=["GET", "HEAD"], response_class=Response, include_in_schema=False)
    async def keyed(request: Request, key: str, name: str) -> Response:
        """For whoever has the address that a campaign gave to its devices."""
        return answer_to(request, find(request, key, name))

    return routes


def answer_to(request: Request, file: FirmwareFile) -> Response:
    """The file, or the part that is asked for: one range (RFC 9110 14.2); of several the whole is sent."""
    tag, size = f'"{file.checksum}"', len(file.content)
    told = {"ETag": tag, "Accept-Ranges": "bytes", "Cache-Control": "private"}
    headers = request.headers
    if tag in (one.strip() for one in headers.get("if-none-match", "").split(",")):
        return Response(status_code=304, headers=told)
    part: Part | None = None
    if request.method == "GET" and headers.get("if-range", tag) == tag:
        try:
            part = part_of(headers.get("range", ""), size)
        except ValueError:
            beyond = ApiError(ApiRefusal.RANGE, status=416, size=size)
            beyond.headers = {**told, "Content-Range": f"bytes */{size}"}
            raise beyond from None
    start, end = part or (0, size)
    status = 200
    if part is not None:
        status, told["Content-Range"] = 206, f"bytes {start}-{end - 1}/{size}"
    if request.method == "HEAD":
        return Response(headers={**told, "Content-Length": str(size)}, media_type=_TYPE)
    return Response(file.content[start:end], status, told, _TYPE)


def part_of(wanted: str, size: int) -> Part | None:
    """Of a Range header; None where the whole is meant or nothing that is understood. ValueError: beyond the end."""
    unit, _, ranges = wanted.partition("=")
    first, dash, last = ranges.strip().partition("-")
    numbers = all(not text or (text.isascii() and text.isdigit() and len(text) < 20) for text in (first, last))
    if unit.strip().lower() != "bytes" or not dash or not numbers or not (first or last):
        return None
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
        if last and int(last) < int(first):
            return None
    if start >= size or start >= end:
        raise ValueError(wanted)
    return Part(start, end)
