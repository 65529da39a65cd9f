"""The console's files at /: read once, from this package, each with its media type and a tag for the browser's cache.

Knows where the files lie; knows nothing of what they show. Nothing is fetched from elsewhere. The catalogue of messages
lies with the timeline, because the terminal reads it as well.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from hashlib import sha256
from importlib import resources
from importlib.resources.abc import Traversable

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from nbtwin.timeline import catalogue

START = "console.html"
_TYPES = {
    "html": "text/html",
    "css": "text/css",
    "js": "text/javascript",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "ftl": "text/plain",
}
_AT_ONCE = ("js/", "vendor/preact/", "vendor/htm/", "vendor/fluent/")  # every page needs them; charts come later
_POLICY = "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",  # asked for again every time, sent again only when changed
}


def install(app: FastAPI) -> None:
    """Add a route for every file, `/` for the page they belong to, and the catalogue of messages."""
    files = dict(_files(resources.files("nbtwin.web").joinpath("static")))
    for path, file in files.items():
        content = file.read_bytes()
        if path == START:
            content = content.replace(b"</head>", _preloads(files) + b"</head>")
        route = _page(content, _TYPES[file.name.rpartition(".")[2]])
        for address in ("/",) if path == START else (f"/{path}",):
            app.add_api_route(address, route, include_in_schema=False)
    app.add_api_route("/docs", _docs, include_in_schema=False)
    for language in catalogue.LANGUAGES:
        words = _page(catalogue.source(language).encode(), _TYPES["ftl"])
        app.add_api_route(f"/catalogue/{language}.ftl", words, include_in_schema=False)


async def _docs() -> Response:
    """The console's page of the API, under the address where one looks for it."""
    return RedirectResponse("/#/docs", 307, {"Cache-Control": "no-cache"})


def _preloads(files: Iterable[str]) -> bytes:
    """All modules are asked for at once, not each when the one before has been read."""
    modules = sorted(path for path in files if path.startswith(_AT_ONCE) and path.endswith(".js"))
    return "".join(f'<link rel="modulepreload" href="/{path}">\n' for path in modules).encode()


def _files(folder: Traversable, before: str = "") -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _files(entry, f"{before}{entry.name}/")
        elif entry.name.rpartition(".")[2] in _TYPES:
            yield before + entry.name, entry


def _page(content: bytes, media_type: str) -> Callable[[Request], Awaitable[Response]]:
    headers = {**_HEADERS, "ETag": f'"{sha256(content).hexdigest()[:16]}"'}

    async def page(request: Request) -> Response:
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
        return Response(content, media_type=media_type, headers=headers)

    return page
