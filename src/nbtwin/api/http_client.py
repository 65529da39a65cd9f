"""HTTP to one lab: requests with JSON over connections that are kept, problem documents as errors, and its events.

Each thread has a connection of its own. Knows HTTP and problem documents; knows nothing of what is asked for.
"""

from __future__ import annotations

import selectors
import socket
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Self, TypeAlias
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from nbtwin.api.cancelling import Cancelling, cancelling
from nbtwin.api.errors import AccessDenied, LabClosed, LabUnreachable, PythonRefusal
from nbtwin.engine import Seconds
from nbtwin.foreign import detail_of

if TYPE_CHECKING:  # loaded by whoever asks over HTTP: a simulated lab does not
    from http.client import HTTPConnection, HTTPException, HTTPResponse

CONNECT_TIMEOUT: Seconds = 10
LONGEST_WAIT: Seconds = 3600
Query: TypeAlias = "Mapping[str, str | int | float | Sequence[str] | None]"


class Problem(msgspec.Struct, frozen=True):
    """RFC 9457, as the lab answers a request that it refuses."""

    status: int
    code: str = ""
    detail: str = ""
    field: str | None = None
    fields: dict[str, Any] = {}


class Refused(Exception):
    """The lab answered with a problem document; whoever asked says what it means."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem


class HttpClient:
    """``url``: "http://127.0.0.1:8080", or https. ``token``: as `nbtwin token` prints it."""

    def __init__(self, url: str, token: str | None = None) -> None:
        if not isinstance(url, str):
            raise LabUnreachable(PythonRefusal.NO_URL, url=url)
        parts = urlsplit(url if "://" in url else f"http://{url}")
        try:
            port = parts.port
        except ValueError:
            port = -1
        if parts.scheme not in ("http", "https") or not parts.hostname or port == -1:
            raise LabUnreachable(PythonRefusal.NO_URL, url=url)
        self.url = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        self._host, self._port, self._base = parts.hostname, port, parts.path.rstrip("/") + "/api/v1"
        self._is_secure = parts.scheme == "https"
        self._headers = {"Accept": "application/json", "Accept-Language": "en"}
        if token is not None:
            if not (token.isascii() and token.isprintable()):  # no header can carry it, and none was made so
                raise AccessDenied(PythonRefusal.TOKEN_REFUSED, url=self.url)
            self._headers["Authorization"] = f"Bearer {token}"
        self._of_thread = threading.local()
        self._lock = threading.Lock()
        self._open: dict[int, HTTPConnection] = {}
        self._closed = False

    def close(self) -> None:
        """Every connection, of whatever thread."""
        with self._lock:
            self._closed = True
            connections, self._open = list(self._open.values()), {}
        for connection in connections:
            _shut(connection)

    # requests

    def get(self, *path: str, **query: Any) -> Any:
        """What it answers: JSON; nothing else is asked for so. `Refused` for a problem document."""
        return self.ask("GET", path, query=query)

    def post(self, *path: str, **body: Any) -> Any:
        return self.ask("POST", path, body)

    def put(self, *path: str, **body: Any) -> Any:
        return self.ask("PUT", path, body)

    def delete(self, *path: str) -> None:
        self.ask("DELETE", path)

    def ask(
        self, method: str, path: Sequence[str], body: Mapping[str, Any] | None = None, query: Query | None = None
    ) -> Any:
        """JSON in, JSON out; None for an empty answer."""
        content = self.content(method, path, body, query)
        try:
            return msgspec.json.decode(content) if content else None
        except msgspec.DecodeError:
            raise LabUnreachable(PythonRefusal.NO_LAB, url=self.url, answer=200) from None

    def content(
        self,
        method: str,
        path: Sequence[str],
        body: Mapping[str, Any] | bytes | None = None,
        query: Query | None = None,
    ) -> bytes:
        """The answer's content as it is. ``body``: as JSON, but for bytes, which are sent as they are."""
        headers, sent = dict(self._headers), body
        if not isinstance(body, bytes | None):
            sent, headers["Content-Type"] = msgspec.json.encode(body), "application/json"
        connection, waiting = self._connection(), cancelling()
        try:
            if waiting is not None:
                waiting.interrupt_with(lambda: _wake(connection))
            connection.request(method, self._target(path, query), sent, headers)  # type: ignore[arg-type]
            answer = connection.getresponse()
            content = answer.read()
        except (OSError, _http_exception()) as error:
            self._drop(connection)
            if waiting is not None:
                waiting.check()
            raise self._unreachable(error) from error
        except BaseException:  # interrupted: what is still to come is no answer to the next request
            self._drop(connection)
            raise
        if answer.status >= 400:
            raise self._refusal(answer, content)
        return content

    def events(self, *types: str) -> Events:
        """What happens from now on; to be closed."""
        connection = self._new()
        target = self._target(("events",), {"types": types})
        try:
            connection.request("GET", target, headers={**self._headers, "Accept": "text/event-stream"})
            answer = connection.getresponse()
            if answer.status >= 400:
                raise self._refusal(answer, answer.read())
            stream = connection.sock
            assert stream is not None
        except (OSError, _http_exception()) as error:
            _shut(connection)
            raise self._unreachable(error) from error
        except BaseException:
            _shut(connection)
            raise
        return Events(connection, answer, stream)

    # connections

    def _connection(self) -> HTTPConnection:
        connection: HTTPConnection | None = getattr(self._of_thread, "connection", None)
        if connection is not None and _is_usable(connection):
            return connection
        if connection is not None:
            self._drop(connection)
        connection = self._of_thread.connection = self._new()
        with self._lock:
            if self._closed:
                _shut(connection)
                raise LabClosed
            self._open[id(connection)] = connection
        return connection

    def _new(self) -> HTTPConnection:
        if self._closed:
            raise LabClosed
        from http.client import HTTPConnection, HTTPSConnection

        kind = HTTPSConnection if self._is_secure else HTTPConnection
        connection = kind(self._host, self._port, timeout=CONNECT_TIMEOUT)
        try:
            connection.connect()
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.sock.settimeout(None)  # an answer may wait for the lab
        except OSError as error:
            _shut(connection)
            raise self._unreachable(error) from error
        return connection

    def _drop(self, connection: HTTPConnection) -> None:
        with self._lock:
            self._open.pop(id(connection), None)
        self._of_thread.connection = None
        _shut(connection)

    def _target(self, path: Sequence[str], query: Query | None) -> str:
        target = "/".join((self._base, *(quote(part, safe="") for part in path)))
        given = {key: value for key, value in (query or {}).items() if value is not None}
        return f"{target}?{urlencode(given, doseq=True)}" if given else target

    # what goes wrong

    def _unreachable(self, error: Exception) -> Exception:
        if self._closed:
            return LabClosed()
        return LabUnreachable(PythonRefusal.UNREACHABLE, url=self.url, detail=detail_of(error))

    def _refusal(self, answer: HTTPResponse, content: bytes) -> Exception:
        if answer.headers.get_content_type() != "application/problem+json":
            return LabUnreachable(PythonRefusal.NO_LAB, url=self.url, answer=answer.status)
        try:
            problem = msgspec.json.decode(content, type=Problem)
        except msgspec.DecodeError:
            return LabUnreachable(PythonRefusal.NO_LAB, url=self.url, answer=answer.status)
        if problem.status == 401:
            refusal = PythonRefusal.TOKEN_REFUSED if "Authorization" in self._headers else PythonRefusal.TOKEN_NEEDED
            return AccessDenied(refusal, url=self.url)
        if problem.status == 403:
            return AccessDenied(PythonRefusal.FORBIDDEN, url=self.url, why={"code": problem.code, **problem.fields})
        return Refused(problem)


class Events:
    """That something has happened; what it was, whoever waits asks for himself. Used by one thread."""

    def __init__(self, connection: HTTPConnection, answer: HTTPResponse, stream: socket.socket) -> None:
        self._connection, self._answer, self._stream = connection, answer, stream
        stream.setblocking(False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._answer.close()
        _shut(self._connection)

    def wait(self, timeout: Seconds | None, waiting: Cancelling | None = None) -> None:
        """Until something has happened, or so many seconds of the wall clock have passed, or sooner."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._stream, selectors.EVENT_READ)
            if waiting is not None:
                selector.register(waiting, selectors.EVENT_READ)
            selector.select(LONGEST_WAIT if timeout is None else min(timeout, LONGEST_WAIT))
        if waiting is not None:
            waiting.check()
        with suppress(BlockingIOError, InterruptedError):
            while data := self._stream.recv(65536):
                if len(data) < 65536:
                    return
            raise LabUnreachable(PythonRefusal.ENDED)


def _http_exception() -> type[HTTPException]:
    from http.client import HTTPException

    return HTTPException


def _is_usable(connection: HTTPConnection) -> bool:
    """Nothing has come that nobody asked for: neither bytes, nor the server's end."""
    if connection.sock is None:
        return False
    with selectors.DefaultSelector() as selector:
        selector.register(connection.sock, selectors.EVENT_READ)
        return not selector.select(0)


def _shut(connection: HTTPConnection) -> None:
    _wake(connection)
    connection.close()


def _wake(connection: HTTPConnection) -> None:
    """A thread that reads from it reads its end."""
    if connection.sock is not None:
        with suppress(OSError):
            connection.sock.shutdown(socket.SHUT_RDWR)
