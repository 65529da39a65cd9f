"""The commands of an operator at the Andlink platform, by device and path (LwM2M 1.0 TS, 5.4 and 5.5).

Each returns a ticket; `events.OperationAnswered` with that ticket says how it ended. Knows paths and values; knows no
event and no policy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nbtwin.engine import Seconds
from nbtwin.lwm2m.path import Path
from nbtwin.lwm2m.server.server import LwM2mServer
from nbtwin.operators.device_management.commands import Commands
from nbtwin.operators.device_management.values import body_of, preferred_format


class NotRegistered(KeyError):
    """There is no such device, or it is not registered now."""

    def __str__(self) -> str:
        return f"{self.args[0]} is not registered"


class DeviceManagement:
    """``device`` is the endpoint client name, with or without the platform's name before it.

    NotRegistered, or ValueError for a path or value that cannot be.
    """

    name: str
    server: LwM2mServer
    commands: Commands

    def _client(self, device: str) -> str:
        client = device.removeprefix(f"{self.name}:")
        if client not in self.server.registrations:
            raise NotRegistered(client)
        return client

    def read(self, now: Seconds, device: str, path: str, *, accept: int | None = None) -> int:
        client, at = self._client(device), Path(path)
        send = self.server.read
        return self.commands.start(now, client, "read", at, lambda now: send(now, client, at, accept=accept))

    def discover(self, now: Seconds, device: str, path: str) -> int:
        client, at = self._client(device), Path(path)
        return self.commands.start(now, client, "discover", at, lambda now: self.server.discover(now, client, at))

    def observe(self, now: Seconds, device: str, path: str, *, accept: int | None = None) -> int:
        """Notifications are events of their own: DataReceived for object 19, ResourceNotified for the rest."""
        client, at = self._client(device), Path(path)
        send = self.server.observe
        return self.commands.start(now, client, "observe", at, lambda now: send(now, client, at, accept=accept))

    def cancel(self, now: Seconds, device: str, path: str) -> int:
        """End an observation."""
        client, at = self._client(device), Path(path)
        token = self.commands.observed(client).get(at)
        if token is None:
            raise ValueError(f"{at} of {client} is not observed")

        def send(now: Seconds) -> bytes:
            self.server.end_observation(now, token)
            return token

        return self.commands.start(now, client, "cancel", at, send)

    def write(
        self,
        now: Seconds,
        device: str,
        path: str,
        value: Any,
        *,
        content_format: int | None = None,
        replace: bool = True,
    ) -> int:
        """``value``: a plain JSON value for a resource, an object of them by number for an instance, or bytes.

        Without ``replace`` the instance keeps what the value does not name (Partial Update).
        """
        client, at = self._client(device), Path(path)
        form, body = self._body(client, at, value, content_format)
        send = self.server.write if replace else self.server.write_partly
        return self.commands.start(now, client, "write", at, lambda now: send(now, client, at, form, body))

    def write_attributes(self, now: Seconds, device: str, path: str, attributes: Mapping[str, Any]) -> int:
        """pmin, pmax, gt, lt, st; None takes one away."""
        client, at = self._client(device), Path(path)
        send = self.server.write_attributes
        return self.commands.start(now, client, "attributes", at, lambda now: send(now, client, at, attributes))

    def execute(self, now: Seconds, device: str, path: str, arguments: str = "") -> int:
        client, at = self._client(device), Path(path)
        send = self.server.execute
        return self.commands.start(now, client, "execute", at, lambda now: send(now, client, at, arguments))

    def create(self, now: Seconds, device: str, path: str, value: Any, *, content_format: int | None = None) -> int:
        """New instances of the object at ``path``: an object of them by number."""
        client, at = self._client(device), Path(path)
        form, body = self._body(client, at, value, content_format)
        send = self.server.write_partly
        return self.commands.start(now, client, "create", at, lambda now: send(now, client, at, form, body))

    def delete(self, now: Seconds, device: str, path: str) -> int:
        client, at = self._client(device), Path(path)
        return self.commands.start(now, client, "delete", at, lambda now: self.server.delete(now, client, at))

    def forget(self, now: Seconds, device: str) -> bool:
        """Drop its registration without a word: its next update is answered 4.04, and it registers anew."""
        client = device.removeprefix(f"{self.name}:")
        known = self.server.drop(now, client) is not None
        self._gone(now, client, "forgotten")
        return known

    def _gone(self, now: Seconds, client: str, why: str) -> None:
        """Its registration has ended."""
        raise NotImplementedError

    def _body(self, client: str, path: Path, value: Any, content_format: int | None) -> tuple[int, bytes]:
        """Instances in the format that the client says it likes (ct of the root link, LwM2M 1.1), else TLV."""
        if content_format is None and len(path) < 3:
            content_format = preferred_format(self.server.registrations[client].objects)
        return body_of(path, value, content_format)

    def observed(self, device: str) -> list[str]:
        """The paths under observation."""
        return sorted(map(str, self.commands.observed(device.removeprefix(f"{self.name}:"))))

    def waiting(self, device: str) -> int:
        """How many commands wait until the device, which is in Queue Mode, wakes."""
        return self.commands.waiting(device.removeprefix(f"{self.name}:"))
