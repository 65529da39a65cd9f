"""An operator's platform in the hands of a test: its devices, and what it asks of them.

Knows a platform of a lab, whatever stands behind that; knows no module.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nbtwin.api.backend import Answered
from nbtwin.api.errors import OperationFailed, PythonRefusal, UnknownName
from nbtwin.api.groups.device import MoreOfDevice
from nbtwin.api.groups.platform import MoreOfPlatform
from nbtwin.api.orders import text
from nbtwin.api.session import Session
from nbtwin.api.spans import Span, seconds_of
from nbtwin.engine import Seconds
from nbtwin.operators.inventory.devices import Device as KnownDevice
from nbtwin.operators.inventory.devices import HistoryEntry


class Platform(MoreOfPlatform):
    """Given by `Lab.platform`."""

    def __init__(self, session: Session, name: str) -> None:
        self._session = session
        self.name = name
        """"cmdmp", "andlink", "telecom" or "unicom"."""

    def __repr__(self) -> str:
        return f"<Platform {self.name}>"

    def _repr_html_(self) -> str:
        from nbtwin.api.report.cards import platform_card

        return platform_card(self.name, self.strict, [device.known for device in self])

    @property
    def devices(self) -> Mapping[str, Device]:
        """All that it has ever seen, by IMEI (by endpoint name where a device told none)."""
        ids = (device.id for device in self._session.backend.devices(self.name))
        return {id.partition(":")[2]: Device(self._session, id) for id in ids}

    def device(self, imei: str) -> Device:
        """UnknownName, with those that there are."""
        known = self._session.backend.device(self.name, imei)
        if known is None:
            raise UnknownName.of("device", imei, self.devices)
        return Device(self._session, known.id)

    def __iter__(self) -> Iterator[Device]:
        return iter(self.devices.values())

    @property
    def strict(self) -> bool:
        """Whether it refuses what it has a remark about (D138)."""
        return self._session.backend.strict(self.name)

    @strict.setter
    def strict(self, on: bool) -> None:
        self._session.open_backend.set_strict(self.name, on)

    def forget_all(self) -> None:
        """It starts anew without its registrations; its inventory stays."""
        self._session.open_backend.forget_all(self.name)


class Device(MoreOfDevice):
    """A device as one platform knows it. Given by `Platform.device`."""

    def __init__(self, session: Session, id: str) -> None:
        self._session = session
        self.id = id
        """Platform and name, ``"cmdmp:863703030011923"``."""
        self._platform, _, self._name = id.partition(":")

    def __repr__(self) -> str:
        return f"<Device {self.id}>"

    def _repr_html_(self) -> str:
        from nbtwin.api.report.cards import device_card

        return device_card(self.known)

    @property
    def known(self) -> KnownDevice:
        """Its row of the inventory, a copy of this instant; times are the lab's, in seconds."""
        known = self._session.backend.device(self._platform, self._name)
        if known is None:
            raise UnknownName.of("device", self._name, Platform(self._session, self._platform).devices)
        return known

    @property
    def registered(self) -> bool:
        return self.known.state == "registered"

    @property
    def history(self) -> list[HistoryEntry]:
        """What has happened to it, the oldest first: codes with fields."""
        return list(self._session.backend.history(self.id))

    # LwM2M 1.0 TS, 5.4 and 5.5

    def read(self, path: str, *, within: Span = "120s") -> Any:
        """The value of a resource, or an instance's values by resource number.

        OperationFailed when the device refuses, when nothing has come ``within`` that time of the lab, or when the
        value cannot be read; LabError when the platform cannot ask (the device is not registered …).
        """
        return self._ask("read", path, None, within).value

    def write(self, path: str, value: Any, *, within: Span = "120s") -> None:
        self._ask("write", path, value, within)

    def execute(self, path: str, arguments: str = "", *, within: Span = "120s") -> None:
        self._ask("execute", path, arguments, within)

    def observe(self, path: str, *, within: Span = "120s") -> Any:
        """The value now; each later one is in `resources`."""
        return self._ask("observe", path, None, within).value

    def cancel(self, path: str, *, within: Span = "120s") -> None:
        self._ask("cancel", path, None, within)

    def write_attributes(self, path: str, *, within: Span = "120s", **attributes: float | None) -> None:
        """``pmin``, ``pmax``, ``gt``, ``lt``, ``st``; None takes one away."""
        self._ask("write-attributes", path, attributes, within)

    def discover(self, path: str, *, within: Span = "120s") -> list[dict[str, Any]]:
        """A path with its attributes for each link."""
        found: list[dict[str, Any]] = self._ask("discover", path, None, within).value
        return found

    def create(self, path: str, value: Any, *, within: Span = "120s") -> None:
        self._ask("create", path, value, within)

    def delete(self, path: str, *, within: Span = "120s") -> None:
        self._ask("delete", path, None, within)

    # LwM2M TS Core 1.1, 6.3: of devices that speak it

    def write_partly(self, path: str, value: Any, *, within: Span = "120s") -> None:
        """Only the resources that are named; the instance's others stay."""
        self._ask("write-partly", path, value, within)

    def read_composite(self, paths: Sequence[str], *, within: Span = "120s") -> Mapping[str, Any]:
        """Values by path. LabRefused where the device's version of LwM2M does not have it."""
        found: Mapping[str, Any] = self._ask_several("read-composite", within, paths=list(paths)).value
        return found

    def observe_composite(self, paths: Sequence[str], *, within: Span = "120s") -> Mapping[str, Any]:
        """The values now; each later one is in `resources`."""
        found: Mapping[str, Any] = self._ask_several("observe-composite", within, paths=list(paths)).value
        return found

    def cancel_composite(self, paths: Sequence[str], *, within: Span = "120s") -> None:
        self._ask_several("cancel-composite", within, paths=list(paths))

    def write_composite(self, values: Mapping[str, Any], *, within: Span = "120s") -> None:
        """By path."""
        self._ask_several("write-composite", within, values=dict(values))

    @property
    def resources(self) -> Mapping[str, Any]:
        """The newest value of every path that was observed."""
        return self.known.resources

    def _ask(self, verb: str, path: str, value: Any, within: Span) -> Answered:
        ticket = self._session.open_backend.ask(self.id, verb, text("path", path), value)
        return self._answered(ticket, verb, path, seconds_of(within))

    def _ask_several(self, verb: str, within: Span, **given: Any) -> Answered:
        asked = self.order(verb, **given)
        return self._answered(asked.ticket, verb, asked.path, seconds_of(within))

    def _answered(self, ticket: int, verb: str, path: str, span: Seconds) -> Answered:
        backend, about = self._session.open_backend, {"operation": verb, "path": path}
        backend.wait(lambda: backend.answer(self.id, ticket) is not None, span)
        answered = backend.answer(self.id, ticket)
        if answered is None:
            raise OperationFailed(PythonRefusal.OPERATION_UNANSWERED, within=span, **about)
        if answered.refusal is not None:
            code, why = answered.response_code, answered.refusal
            raise OperationFailed(PythonRefusal.OPERATION_FAILED, response_code=code, why=why, **about)
        return answered
