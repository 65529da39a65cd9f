"""The console's files at /: read once, from this package, each with its media type and what a browser may keep of it.

Knows where the files lie and which module imports which; knows nothing of what they show. Nothing is fetched from
elsewhere. The catalogue of messages lies with the timeline, because the terminal reads it as well.

Every file but the page itself has an address that changes when the file does: `/js/base/api.js?v=0123456789`. The page
has an import map to them, so modules name each other as they lie, without a build. A browser keeps such an address for
good; without `?v=`, or with an old one, it asks each time.
"""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable
from posixpath import dirname, join, normpath

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from nbtwin.timeline import catalogue

START = "console.html"
FIRST_VIEW = ("console.js", "js/pages/overview.js")
"""Modules that the first view needs, with all that they import: asked for at once, not each when its importer came."""

_TYPES = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "ftl": "text/plain",
}
_IMPORT = re.compile(rb"""^(?:import|export)\b[^;"']*?\bfrom\s*["'](\.[^"']+)["']""", re.MULTILINE)
_POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_ASK_AGAIN = "no-cache"  # asked for again every time, sent again only when changed
_KEEP = "public, max-age=31536000, immutable"


def install(app: FastAPI) -> None:
    """Add a route for every file, `/` for the page they belong to, and the catalogue of messages."""
    files = {path: file.read_bytes() for path, file in _files(resources.files("nbtwin.web").joinpath("static"))}
    start = files.pop(START)
    files |= {f"catalogue/{language}.ftl": catalogue.source(language).encode() for language in catalogue.LANGUAGES}
    for path, content in files.items():
        app.add_api_route(f"/{path}", _route(content, _type_of(path), _POLICY), include_in_schema=False)
    page, policy = _start_page(start, files)
    app.add_api_route("/", _route(page, _TYPES["html"], policy), include_in_schema=False)
    app.add_api_route("/docs", _docs, include_in_schema=False)


async def _docs() -> Response:
    """The console's page of the API, under the address where one looks for it."""
    return RedirectResponse("/#/docs", 307, {"Cache-Control": "no-cache"})


def _start_page(page: bytes, files: Mapping[str, bytes]) -> tuple[bytes, str]:
    """The page with lasting addresses, and the policy that lets its import map in."""
    kept = {f"/{path}": f"/{path}?v={_tag(content)}" for path, content in files.items()}
    mapped = json.dumps({"imports": kept}, separators=(",", ":"))
    preloads = "".join(f'<link rel="modulepreload" href="{kept[f"/{path}"]}">\n' for path in first_view(files))
    head = f'<script type="importmap">{mapped}</script>\n{preloads}'
    text = re.sub(r'(?<=")/[\w/.]+(?=")', lambda found: kept.get(found[0], found[0]), page.decode())
    text = text.replace("<script", f"{head}<script", 1)
    allowed = b64encode(sha256(mapped.encode()).digest()).decode()
    return text.encode(), f"{_POLICY}; script-src 'self' 'sha256-{allowed}'"


def first_view(files: Mapping[str, bytes]) -> list[str]:
    """The modules that the first view imports, in the order of their names."""
    found: set[str] = set()
    waiting = list(FIRST_VIEW)
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += imported(path, files[path])
    return sorted(found)


def imported(path: str, content: bytes) -> Iterable[str]:
    """The modules that this one imports by `import … from`; not those that it fetches later."""
    return [normpath(join(dirname(path), name.decode())) for name in _IMPORT.findall(content)]


def _files(folder: Traversable, before: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _files(entry, f"{before}{entry.name}/")
        elif entry.name.rpartition(".")[2] in _TYPES:
            yield before + entry.name, entry


def _type_of(path: str) -> str:
    return _TYPES[path.rpartition(".")[2]]


@lru_cache(maxsize=512)
def _tag(content: bytes) -> str:
    return sha256(content).hexdigest()[:10]


@lru_cache(maxsize=512)
def _compressed(content: bytes) -> bytes:
    return gzip.compress(content, 9, mtime=0)


def _route(content: bytes, media_type: str, policy: str) -> Callable[[Request], Awaitable[Response]]:
    """Sends a file: compressed where the browser takes that, and nothing where it has it already."""
    tag = _tag(content)

    async def page(request: Request) -> Response:
        small = "gzip" in request.headers.get("accept-encoding", "")
        headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": _KEEP if request.query_params.get("v") == tag else _ASK_AGAIN,
            "ETag": f'"{tag}-gzip"' if small else f'"{tag}"',
            "Vary": "Accept-Encoding",
        }
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        if small:
            headers["Content-Encoding"] = "gzip"
        return Response(_compressed(content) if small else content, media_type=media_type, headers=headers)

    return page
