"""What a protocol-only device answers when a server asks: reads, writes, observations, executions, firmware, bootstrap.

Knows LwM2M's requests; keeps state only of devices that were observed or given firmware. Knows no time.
"""

from __future__ import annotations

from nbtwin.coap.message import Message, options, uint_of
from nbtwin.coap.numbers import Code, ContentFormat, OptionNumber
from nbtwin.engine import DecodeError
from nbtwin.fleet.messages import answer, device_object
from nbtwin.fleet.plan import FleetPlan
from nbtwin.lwm2m.content.refusals import UnsupportedFormat

FIRMWARE = (5, 0)
PACKAGE, URI, UPDATE, STATE, RESULT = 0, 1, 2, 3, 5
_IDLE, _DOWNLOADED = 0, 2
_SUCCESS = 1


class Observation:
    """Of one device."""

    __slots__ = ("path", "sequence", "token")

    def __init__(self, path: tuple[int, ...], token: bytes) -> None:
        self.path, self.token, self.sequence = path, token, 1


class Answers:
    """``reply`` is what leaves; ``asked`` counts what was asked."""

    def __init__(self, plan: FleetPlan) -> None:
        self._plan = plan
        self.asked: dict[str, int] = {}
        self.observations: dict[int, list[Observation]] = {}
        self.firmware: dict[int, tuple[int, int]] = {}
        """State and result of /5/0, where it is not as at first."""
        self.bootstrapped: set[int] = set()
        """Devices whose bootstrap server said that it had finished."""

    def reply(self, device: int, asked: Message) -> bytes:
        path = asked.texts(OptionNumber.URI_PATH)
        observe = uint_of(asked.options, OptionNumber.OBSERVE)
        if asked.code == Code.POST and path == ("bs",):
            self._count("bootstrap-finish")
            self.bootstrapped.add(device)
            return answer(asked, Code.CHANGED)
        where = tuple(int(part) for part in path if part.isdigit() and len(part) < 6)
        if len(where) != len(path):
            self._count("unknown")
            return answer(asked, Code.NOT_FOUND)
        if asked.code == Code.GET:
            return self._read(device, asked, where, observe)
        if asked.code == Code.PUT or (asked.code == Code.POST and len(where) < 3):
            return self._write(device, asked, where)
        if asked.code == Code.POST:
            self._count("execute")
            if where == (*FIRMWARE, UPDATE):
                self.firmware[device] = (_IDLE, _SUCCESS)
            return answer(asked, Code.CHANGED)
        if asked.code == Code.DELETE:
            self._count("delete")
            return answer(asked, Code.DELETED)
        self._count("unknown")
        return answer(asked, Code.METHOD_NOT_ALLOWED)

    def forget(self, device: int) -> None:
        """It has rebooted."""
        self.observations.pop(device, None)

    def _count(self, what: str) -> None:
        self.asked[what] = self.asked.get(what, 0) + 1

    def _read(self, device: int, asked: Message, where: tuple[int, ...], observe: int | None) -> bytes:
        accept = uint_of(asked.options, OptionNumber.ACCEPT)
        if accept == ContentFormat.LINK_FORMAT:
            self._count("discover")
            links = "</" + "/".join(map(str, where)) + ">"
            return answer(asked, Code.CONTENT, options(content_format=accept), links.encode())
        found = self._value(device, where, -1 if accept is None else accept)
        if found is None:
            self._count("unknown")
            return answer(asked, Code.NOT_FOUND)
        payload, content_format = found
        there = self.observations.get(device, [])
        if observe == 0:
            self._count("observe")
            kept = [one for one in there if one.path != where]
            self.observations[device] = [*kept, Observation(where, asked.token)]
            return answer(asked, Code.CONTENT, options(observe=1, content_format=content_format), payload)
        if observe == 1:
            self._count("cancel")
            self.observations[device] = [one for one in there if one.token != asked.token]
        else:
            self._count("read")
        return answer(asked, Code.CONTENT, options(content_format=content_format), payload)

    def _value(self, device: int, where: tuple[int, ...], accept: int) -> tuple[bytes, int] | None:
        if where[:1] == (3,):
            try:
                return device_object(self._plan.devices.model_of(device), where, accept)
            except (KeyError, UnsupportedFormat, DecodeError):
                return None
        if where[:2] == FIRMWARE and len(where) == 3:
            state, result = self.firmware.get(device, (_IDLE, 0))
            values = {STATE: state, RESULT: result, 8: 0, 9: 1}
            return (str(values[where[2]]).encode(), ContentFormat.TEXT) if where[2] in values else None
        if where[:1] == (3303,):
            return b"23.5", ContentFormat.TEXT
        return (b"", ContentFormat.OCTET_STREAM) if where[:1] == (19,) else None

    def _write(self, device: int, asked: Message, where: tuple[int, ...]) -> bytes:
        """Blocks are acknowledged one by one and not kept."""
        block = uint_of(asked.options, OptionNumber.BLOCK1)
        found = () if block is None else ((int(OptionNumber.BLOCK1), asked.first(OptionNumber.BLOCK1) or b""),)
        if block is not None and block & 8:
            self._count("block")
            return answer(asked, Code.CONTINUE, found)
        self._count("write")
        if where == (*FIRMWARE, PACKAGE):
            self.firmware[device] = (_DOWNLOADED if asked.payload.strip(b"\0") else _IDLE, 0)
        return answer(asked, Code.CHANGED, found)
