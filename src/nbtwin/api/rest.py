"""What a lab's REST API has beyond the everyday, for the groups of the public API: typed answers, typed errors.

The same for a lab over HTTP and for a simulated one, whose API is asked in this process (`in_process`). Knows how
answers become values; knows no subject.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from nbtwin.engine import Seconds

if TYPE_CHECKING:
    from nbtwin.api.http_client import HttpClient

T = TypeVar("T")
PAGE = 1000


class LabTime(float):
    """Seconds since the lab began."""

    __slots__ = ()


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Why something failed."""

    code: str
    """Of the catalogue of messages."""
    fields: Mapping[str, Any] = {}


class Rest:
    """``began``: where the lab's time is 0, in the API's. ``refusals``: makes the public API's errors of problems."""

    def __init__(
        self,
        client: HttpClient,
        began: Seconds,
        refusals: Callable[..., AbstractContextManager[None]],
        check: Callable[[Sequence[str]], object] = lambda path: None,
    ) -> None:
        self._client, self._began, self._refusals, self._check = client, began, refusals, check

    def checked(self, check: Callable[[Sequence[str]], object]) -> Rest:
        """The same, where ``check`` may refuse a path by raising."""
        return Rest(self._client, self._began, self._refusals, check)

    def get(self, type: type[T], *path: str, **query: Any) -> T:
        return self.ask(type, "GET", path, query=query)

    def all(self, type: type[T], *path: str, page: int = PAGE, **query: Any) -> list[T]:
        """Every row of a listing."""
        found: list[T] = []
        while True:
            rows = self.get(list[type], *path, **query, limit=page, offset=len(found))  # type: ignore[valid-type]
            found += rows
            if len(rows) < page:
                return found

    def post(self, type: type[T], *path: str, **body: Any) -> T:
        return self.ask(type, "POST", path, body)

    def put(self, type: type[T], *path: str, **body: Any) -> T:
        return self.ask(type, "PUT", path, body)

    def do(self, method: str, *path: str, **query: Any) -> None:
        """Something that answers nothing, or nothing that matters."""
        self.content(method, path, query=query)

    def ask(
        self,
        type: type[T],
        method: str,
        path: Sequence[str],
        body: Mapping[str, Any] | bytes | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> T:
        """JSON as ``type``, times of the lab since it began."""
        plain = msgspec.json.decode(self.content(method, path, body, query))
        return msgspec.convert(plain, type, strict=False, str_keys=True, dec_hook=self._time)

    def content(
        self,
        method: str,
        path: Sequence[str],
        body: Mapping[str, Any] | bytes | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> bytes:
        """The answer as it is."""
        self._check(path)
        with self._refusals(**_about(path)):
            return self._client.content(method, path, body, query)

    def instant(self, at: Seconds | None) -> Seconds | None:
        """A time of the lab in the API's."""
        return None if at is None else at + self._began

    def _time(self, type: type[Any], value: Any) -> Any:
        return type(value - self._began)


def _about(path: Sequence[str]) -> dict[str, str]:
    """The names that are asked for, by kind."""
    match path:
        case ("modules", name, *_):
            return {"module": name}
        case ("platforms", platform, "devices", device, *_):
            return {"platform": platform, "device": device}
        case ("platforms", platform, *_):
            return {"platform": platform}
    return {}
