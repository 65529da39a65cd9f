"""What happens at an operator's platform, in the past tense: all that the inventory, the store and the timeline learn.

Times are lab time. Knows no packet format, no database and no platform; a secret never appears in an event.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Literal, TypeAlias

import msgspec

from nbtwin.engine import Address, Fact, RefusalCode, Seconds
from nbtwin.lwm2m.server.events import ClientUpdated, Registration
from nbtwin.operators.remarks import Remark


class DeviceFlag(StrEnum):
    """What a report says against the one before."""

    FIRMWARE_CHANGED = "firmware changed"
    PAIRING_CHANGED = "pairing changed"  # the same module with another USIM
    DUPLICATE_IMEI = "duplicate IMEI"  # two modules that call themselves the same
    USIM_MOVED = "USIM of another device"  # it was last reported by another IMEI
    APPKEY_CHANGED = "appkey changed"  # another customer's, or a new one of the same


class DeviceIdentity(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What a device says of itself when it registers; "" where it says nothing."""

    imei: str
    imei2: str = ""
    imsi: str = ""
    iccid: str = ""
    model: str = ""
    firmware: str = ""
    appkey: str = ""
    terminal_type: str = ""
    version: str = ""  # of the operator's own format: "v2.0", REGVER "2"
    psk_identity: str = ""  # with which it proved who it is; "" without DTLS


class DeviceRegistered(Fact, frozen=True):
    """The platform took a registration in; its answer leaves once this is durable."""

    at: Seconds
    device: str  # "<platform>:<IMEI>"
    peer: Address
    identity: DeviceIdentity
    registration: Registration | None  # LwM2M's, as the server holds it; None where a report is all there is
    flags: tuple[DeviceFlag, ...] = ()
    remarks: tuple[Remark, ...] = ()  # accepted, but (D138)
    period: Seconds = 0  # in which a report is to come again (D139)

    @classmethod
    def upgraded(cls, fields: dict[str, Any]) -> dict[str, Any]:
        """Before, the registration's own fields stood among the others."""
        identity, at = dict(fields["identity"]), fields["at"]
        location, lifetime = fields.get("location", ""), fields.get("lifetime", 0)
        registration = {
            "client": identity["imei"], "endpoint": identity.pop("endpoint", ""), "location": location[3:],
            "peer": fields["peer"], "lifetime": lifetime, "binding": identity.pop("binding", ""), "version": "1.0",
            "objects": identity.pop("objects", ""), "registered_at": at, "refreshed_at": at,
        }  # fmt: skip
        return {**fields, "identity": identity, "registration": registration if location else None}


class DeviceUpdated(Fact, frozen=True):
    """Its registration goes on. What it said, and nothing that is only remembered: another process may know better."""

    at: Seconds
    device: str
    peer: Address
    lifetime: Seconds = 0  # 0: as before
    address_changed: bool = False
    binding: str = ""  # "": as before, or nothing that has one
    sms: str = ""
    objects: str | None = None  # the whole list
    identity: DeviceIdentity | None = None  # with ``remarks``: of a report, which always says all
    remarks: tuple[Remark, ...] = ()

    @classmethod
    def of(cls, event: ClientUpdated, device: str, peer: Address, *, address_changed: bool) -> DeviceUpdated:
        """What an LwM2M server told."""
        lifetime, binding, sms, objects = event.said.lifetime, event.said.binding, event.said.sms, event.said.objects
        return cls(event.at, device, peer, lifetime or 0, address_changed, binding or "", sms or "", objects)


class DeviceDeregistered(Fact, frozen=True):
    """It has said so."""

    at: Seconds
    device: str
    location: str = ""  # under which; "" where an operator has ended it


class DeviceExpired(Fact, frozen=True):
    """No update within lifetime and give-up time (D56)."""

    at: Seconds
    device: str


class DeviceRefused(Fact, frozen=True):
    """A registration or update that was answered with an error."""

    at: Seconds
    device: str  # "" when the request does not even say who it is
    peer: Address
    response_code: str  # "4.01"
    refusal: RefusalCode
    subject: str = ""  # what was wrong, as it came
    limit: int = 0  # how much may be
    remarks: tuple[Remark, ...] = ()  # of a strict platform
    why: dict[str, Any] | None = None  # a payload is no report: a code with its fields


class InventoryRead(Fact, frozen=True):
    """The device's own account of itself (/666/0 of CMDMP), decrypted."""

    at: Seconds
    device: str
    values: Mapping[int, str]


class InventoryUnread(Fact, frozen=True):
    """The device has registered and its account of itself could not be had."""

    at: Seconds
    device: str
    refusal: RefusalCode
    response_code: str = ""  # "4.04" where it answered with an error


class DeviceBootstrapped(Fact, frozen=True):
    """It has the account that was written.

    What it said before, where it was asked: its version of LwM2M, the list of what it has, and the values of objects.
    """

    at: Seconds
    device: str
    peer: Address
    version: str = ""
    objects: str = ""
    read: Mapping[str, Any] = {}


class BootstrapFailed(Fact, frozen=True):
    """A step was refused or not answered."""

    at: Seconds
    device: str
    peer: Address
    step: str  # "Write /0/1"
    refusal: RefusalCode
    response_code: str = ""  # "4.00" where it answered with an error


class DeviceDescribed(Fact, frozen=True):
    """What it says of itself in /3/0, resource by resource: 1 model, 3 firmware, 17 device type."""

    at: Seconds
    device: str
    values: Mapping[int, str]


class ObservationStarted(Fact, frozen=True):
    """Values of the path come by themselves from now on."""

    at: Seconds
    device: str
    path: str
    token: str  # hexadecimal, of several paths ":" and the content format after it: so it outlives the platform


class ObservationEnded(Fact, frozen=True):
    """They do not any more; the end of a registration ends its observations without this."""

    at: Seconds
    device: str
    path: str
    cause: RefusalCode
    response_code: str = ""  # of the notification that ended it


DataWay: TypeAlias = Literal["notification", "post", "send"]
"""How data come: of an observation, or by themselves (wire, Andlink 4; LwM2M 1.1 TS Core, 6.4.6)."""


class DataReceived(Fact, frozen=True):
    """The application's data, uplink."""

    at: Seconds
    device: str
    path: str
    way: DataWay
    payload: bytes
    content_format: int | None
    confirmable: bool
    taken_at: Seconds | None = None  # as in ResourceNotified


class ResourceNotified(Fact, frozen=True):
    """The value of any other path: the answer to an Observe, each notification, and what was sent unasked (Send)."""

    at: Seconds
    device: str
    path: str
    value: Any  # as in OperationAnswered
    is_answer: bool = False  # to the Observe
    is_sent: bool = False  # unasked
    taken_at: Seconds | None = None  # by the device, as RFC 8428 4.5.3 writes it: since 1970, or from now (D156)


class ValueUnread(Fact, frozen=True):
    """A notification came, and its value cannot be read: what is known of the path stays as it was (D131)."""

    at: Seconds
    device: str
    path: str
    refusal: RefusalCode
    payload: bytes
    content_format: int | None
    why: dict[str, Any] | None = None  # what it is not: a code with its fields


class OperationAsked(Fact, frozen=True):
    """An operator asks something of a device: `OperationAnswered` with the same ticket says how it ended."""

    at: Seconds
    ticket: int
    device: str
    operation: str  # one of `device_management.verbs`
    path: str


class OperationAnswered(Fact, frozen=True):
    """How a request to a device ended."""

    at: Seconds
    ticket: int  # 0: it was the platform's own, and has failed
    device: str
    operation: str  # one of `device_management.verbs`
    path: str
    response_code: str  # "2.05"; "" when no answer came
    value: Any = None  # plain JSON values; opaque bytes as text where they are text, else "0x…"
    payload: bytes = b""  # the answer's, as it came
    content_format: int | None = None
    refusal: RefusalCode | None = None  # it failed
    diagnostic: str = ""  # the text with which the device refused it (RFC 7252 5.5.2)
    raw: Any = None  # the value as it came, where that is not the value: CMDMP's ciphertext, bytes that cannot be read
    why: dict[str, Any] | None = None  # it cannot be read (D131): a code with its fields


class CommandQueued(Fact, frozen=True):
    """A command for a device in Queue Mode is kept until the device is heard: `OperationAnswered` says how it ended."""

    at: Seconds
    ticket: int
    device: str
    operation: str  # one of `device_management.verbs`
    path: str
    value: Any  # as it was asked with
    content_format: int | None
    deadline: Seconds
    by: str  # who asked; "" where nobody says
    request: bytes  # the CoAP message that will be sent, without ID and token


class CommandSent(Fact, frozen=True):
    """It leaves; the device was heard."""

    at: Seconds
    ticket: int
    device: str
    operation: str
    path: str


class CommandMoved(Fact, frozen=True):
    """It has another place among those that wait for the device."""

    at: Seconds
    ticket: int
    device: str
    position: int  # from 1
    by: str


class CommandCancelled(Fact, frozen=True):
    """Somebody took it back before it was sent."""

    at: Seconds
    ticket: int
    device: str
    operation: str
    path: str
    by: str


class CommandExpired(Fact, frozen=True):
    """The device was not heard before its deadline."""

    at: Seconds
    ticket: int
    device: str
    operation: str
    path: str


CommandEvent: TypeAlias = CommandQueued | CommandSent | CommandMoved | CommandCancelled | CommandExpired
"""Of the queue of a device in Queue Mode."""
DeviceEvent: TypeAlias = (
    DeviceRegistered
    | DeviceUpdated
    | DeviceDeregistered
    | DeviceExpired
    | DeviceRefused
    | InventoryRead
    | InventoryUnread
    | DeviceBootstrapped
    | BootstrapFailed
    | DeviceDescribed
    | ObservationStarted
    | ObservationEnded
    | DataReceived
    | ResourceNotified
    | ValueUnread
    | OperationAnswered
    | CommandQueued
    | CommandSent
    | CommandMoved
    | CommandCancelled
    | CommandExpired
)
"""What the inventory and a device's history are folded from."""
ManagementEvent: TypeAlias = DeviceEvent | OperationAsked
"""All that this file has."""
