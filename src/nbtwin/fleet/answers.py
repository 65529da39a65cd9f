"""What a protocol-only device answers when a server asks: reads, writes, observations, executions, firmware.

Knows LwM2M's requests; keeps state only of devices that were observed or given firmware. Knows no time.
"""

from __future__ import annotations

from collections.abc import Mapping

from nbtwin.coap.message import Message, options, uint_of
from nbtwin.coap.numbers import Code, ContentFormat, OptionNumber
from nbtwin.engine import DecodeError
from nbtwin.fleet.accounts import FleetAccount
from nbtwin.fleet.firmware import (
    FIRMWARE,
    PACKAGE,
    RESULT,
    STATE,
    UPDATE,
    URI,
    FirmwareEnd,
    FirmwareState,
    Pull,
    pull_of,
    written_uri,
)
from nbtwin.fleet.messages import answer, device_object
from nbtwin.fleet.plan import FleetPlan, FleetTarget
from nbtwin.lwm2m.content import codec
from nbtwin.lwm2m.content.refusals import UnsupportedFormat
from nbtwin.lwm2m.model import InstanceNode
from nbtwin.lwm2m.path import Path


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
        self._firmware: dict[int, tuple[FirmwareState, FirmwareEnd]] = {}
        """State and result of /5/0, where it is not as at first."""
        self.pulls: dict[int, Pull] = {}
        """What devices fetch. Who has written a URI is in ``begun`` as well, until somebody has looked."""
        self.begun: set[int] = set()
        self.changed: set[int] = set()
        """Devices whose /5/0 has changed since somebody looked."""
        self.accounts: Mapping[int, FleetAccount] = {}
        """Of devices that have another one than the plan's."""

    def reply(self, device: int, asked: Message) -> bytes:
        path = asked.texts(OptionNumber.URI_PATH)
        observe = uint_of(asked.options, OptionNumber.OBSERVE)
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
                if self._firmware.get(device, (FirmwareState.IDLE,))[0] is not FirmwareState.DOWNLOADED:
                    return answer(asked, Code.METHOD_NOT_ALLOWED)
                self.set_firmware(device, FirmwareState.IDLE, FirmwareEnd.SUCCESS)
            return answer(asked, Code.CHANGED)
        if asked.code == Code.DELETE:
            self._count("delete")
            return answer(asked, Code.DELETED)
        self._count("unknown")
        return answer(asked, Code.METHOD_NOT_ALLOWED)

    def forget(self, device: int) -> None:
        """It has rebooted."""
        self.observations.pop(device, None)
        self.pulls.pop(device, None)
        if device in self._firmware:
            self._firmware[device] = FirmwareState.IDLE, self._firmware[device][1]

    def set_firmware(self, device: int, state: FirmwareState, end: FirmwareEnd = FirmwareEnd.NONE) -> None:
        self._firmware[device] = state, end
        self.changed.add(device)
        if state is not FirmwareState.DOWNLOADING:
            self.pulls.pop(device, None)

    def reports(self, device: int) -> list[Observation]:
        """Of its firmware: the result before the state."""
        there = [one for one in self.observations.get(device, ()) if one.path[:2] == FIRMWARE]
        return sorted(there, key=lambda one: one.path[2:] != (RESULT,))

    def unobserve(self, device: int, observation: Observation) -> None:
        self.observations[device] = [one for one in self.observations.get(device, ()) if one is not observation]

    def notified(self, device: int, observation: Observation) -> tuple[bytes, int] | None:
        """What an observation of the firmware object is told; None: it is another's."""
        if observation.path[:2] != FIRMWARE:
            return None
        return self._value(device, observation.path, -1)

    def _target_of(self, device: int) -> FleetTarget:
        account = self.accounts.get(device)
        return self._plan.target if account is None else account.target

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
        if where[:2] == FIRMWARE:
            state, end = self._firmware.get(device, (FirmwareState.IDLE, FirmwareEnd.NONE))
            values: InstanceNode = {STATE: int(state), RESULT: int(end), 8: int(self._target_of(device).secure), 9: 2}
            return _instance(values, where, accept)
        if where[:2] == (1, 0):
            account = self.accounts.get(device)
            ssid, lifetime = (1, 0) if account is None else (account.short_server_id, account.lifetime)
            return _instance({0: ssid, 1: lifetime or self._plan.lifetime, 6: False, 7: "U"}, where, accept)
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
        if where == (*FIRMWARE, PACKAGE):  # empty, or a zero byte alone, takes the order back (E.6)
            there = asked.payload not in (b"", b"\0") or (block or 0) >> 4
            self.set_firmware(device, FirmwareState.DOWNLOADED if there else FirmwareState.IDLE)
        elif where == (*FIRMWARE, URI):
            return answer(asked, self._to_pull(device, asked), found)
        return answer(asked, Code.CHANGED, found)

    def _to_pull(self, device: int, asked: Message) -> Code:
        """An empty URI takes the order back."""
        try:
            uri = written_uri(asked.payload, uint_of(asked.options, OptionNumber.CONTENT_FORMAT))
        except (UnsupportedFormat, DecodeError):
            return Code.UNSUPPORTED_CONTENT_FORMAT
        found = pull_of(uri, self._target_of(device)) if uri else FirmwareEnd.NONE
        if isinstance(found, FirmwareEnd):
            self.set_firmware(device, FirmwareState.IDLE, found)
            return Code.CHANGED
        self.set_firmware(device, FirmwareState.DOWNLOADING)
        self.pulls[device] = found
        self.begun.add(device)
        return Code.CHANGED


def _instance(values: InstanceNode, where: tuple[int, ...], accept: int) -> tuple[bytes, int] | None:
    """All of it, or one resource."""
    known = (ContentFormat.SENML_CBOR, ContentFormat.SENML_JSON, ContentFormat.LWM2M_CBOR, ContentFormat.LWM2M_TLV)
    if len(where) == 3:
        if where[2] not in values:
            return None
        if accept not in known:
            return codec.encode(ContentFormat.TEXT, Path(where[:3]), values[where[2]]), ContentFormat.TEXT
        return codec.encode(accept, Path(where), values[where[2]]), accept
    found = accept if accept in known else ContentFormat.LWM2M_TLV
    return codec.encode(found, Path(where[:2]), values), found
