"""A fleet's progress as a page: HTML that renews itself, JSON, the text of Prometheus; pause, resume and stop.

Served to loopback alone, and only to who asks under a name of loopback: no page of elsewhere can steer it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

from nbtwin.edge.errors import bind_error
from nbtwin.fleet.report import FleetResult, as_values, page, prometheus, told

_NAMES = ("127.0.0.1", "localhost", "[::1]")


class ProgressPage:
    """``result`` is asked for what there is to show, ``control`` for pause, resume and stop. EdgeError for the port."""

    def __init__(
        self, address: tuple[str, int], result: Callable[[], FleetResult], control: Callable[[str], None], language: str
    ) -> None:
        class Handler(_Handler):
            pass

        Handler.result, Handler.control, Handler.language = staticmethod(result), staticmethod(control), language
        try:
            self._server = ThreadingHTTPServer(address, Handler)
        except OSError as error:
            raise bind_error("TCP", *address, error) from error
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    result: Any
    control: Any
    language: str

    def do_GET(self) -> None:
        if not self._from_here():
            return
        if self.path == "/":
            self._answer(200, "text/html", page(self.result(), self.language, live=True))
        elif self.path == "/told":
            self._answer(200, "text/html", told(self.result(), self.language, live=True))
        elif self.path == "/stats.json":
            self._answer(200, "application/json", json.dumps(as_values(self.result()), ensure_ascii=False))
        elif self.path == "/metrics":
            self._answer(200, "text/plain; version=0.0.4", prometheus(self.result().stats))
        else:
            self._answer(404, "text/plain", "")

    def do_POST(self) -> None:
        if not self._from_here():
            return
        word = self.path.removeprefix("/")
        if word in ("pause", "resume", "stop"):
            self.control(word)
            self._answer(204, "text/plain", "")
        else:
            self._answer(404, "text/plain", "")

    def _from_here(self) -> bool:
        host = self.headers.get("Host", "").rpartition(":")[0]
        if host in _NAMES and self.headers.get("Origin") in (None, f"http://{self.headers['Host']}"):
            return True
        self._answer(403, "text/plain", "")
        return False

    def _answer(self, status: int, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nobody reads it."""
