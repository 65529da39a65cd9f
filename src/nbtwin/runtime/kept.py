"""What a lab is made of, as the state directory has it: modules, serial addresses, faults, rate, strict platforms.

The file is written before a change is acknowledged, so that a lab that was killed is the same lab afterwards. What
modules and platforms know themselves is kept elsewhere (NVRAM, flash, the store). Knows a lab that runs; knows no file.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import msgspec

from nbtwin.engine import LATEST, UNDECODABLE, Seconds
from nbtwin.foreign import detail_of
from nbtwin.lab.faults import Fault
from nbtwin.lab.world import World
from nbtwin.module.identity import Usim
from nbtwin.module.module import Module
from nbtwin.runtime.errors import SpecError, UsageRefusal
from nbtwin.runtime.spec import ModuleSpec, module_spec

FORMAT = "nbtwin-kept-lab 1"
Time: TypeAlias = Annotated[Seconds, msgspec.Meta(ge=0, le=LATEST)]


class KeptCard(msgspec.Struct, forbid_unknown_fields=True):
    imsi: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{15}$")]
    iccid: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{19,20}$")]
    pin: Annotated[str, msgspec.Meta(pattern="^(READY|SIM PIN|SIM PUK)$")]

    @property
    def usim(self) -> Usim:
        return Usim(self.imsi, self.iccid, self.pin)


class KeptModule(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """One module, apart from what it keeps itself. ``serial`` as in a SPEC; without an address: any free one."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    model: str
    imei: str
    firmware: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    serial: Annotated[str, msgspec.Meta(pattern=r"^(pty|(tcp|rfc2217)(:.{1,60}:\d{1,5})?)$")]
    powered: bool
    usim: KeptCard | None
    coverage: bool
    rssi: Annotated[int, msgspec.Meta(ge=0, le=99)]
    vendor: str | None = None


class KeptFault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``since``: what its window counts from. ``seen``: how many datagrams it has matched."""

    number: Annotated[int, msgspec.Meta(ge=1)]
    fault: dict[str, Any]
    since: Time
    seen: Annotated[int, msgspec.Meta(ge=0)]


class KeptLab(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """``rate`` and ``pace`` None: of a simulated lab, whose time passes by advance alone. ``zone`` None: UTC."""

    format: str = FORMAT
    modules: list[KeptModule] = []
    faults: list[KeptFault] = []
    strict: list[str] = []
    rate: Annotated[float, msgspec.Meta(ge=0, le=100_000)] | None = None
    pace: Annotated[float, msgspec.Meta(gt=0, le=100_000)] | None = None
    zone: str | None = None


def encode(lab: KeptLab) -> bytes:
    plain = msgspec.to_builtins(lab)
    for kept in plain["faults"]:  # JSON has no infinity: a fault without an end has none
        kept["fault"] = {key: value for key, value in kept["fault"].items() if value != float("inf")}
    return msgspec.json.format(msgspec.json.encode(plain))


def decode(content: bytes) -> KeptLab:
    """SpecError for what no version of nbtwin has written."""
    try:
        lab = msgspec.json.decode(content, type=KeptLab)
        for module in lab.modules:
            spec_of(module)
        for kept in lab.faults:
            Fault.parse(kept.fault)
    except UNDECODABLE as error:
        raise SpecError(UsageRefusal.LAB_UNREADABLE, detail=detail_of(error)) from None
    except (LookupError, ValueError) as error:
        raise SpecError.of(error) from None
    if lab.format != KeptLab().format:
        raise SpecError(UsageRefusal.ARCHIVE_FORMAT, format=lab.format, known=KeptLab().format)
    return lab


def module_of(name: str, module: Module, serial: str) -> KeptModule:
    """``serial``: where its line comes out."""
    usim = module.radio.usim
    return KeptModule(
        name=name,
        model=module.profile.model,
        imei=module.identity.imei,
        firmware=module.identity.firmware,
        serial=serial if serial.startswith(("tcp:", "rfc2217:")) else "pty",
        powered=module.powered,
        usim=KeptCard(usim.imsi, usim.iccid, usim.pin) if usim is not None else None,
        coverage=module.radio.coverage,
        rssi=module.radio.rssi,
        vendor=module.profile.vendor_code,
    )


def faults_of(world: World) -> list[KeptFault]:
    return [
        KeptFault(number=number, fault=fault.as_dict(), since=since, seen=seen)
        for number, fault, since, seen in world.faults.kept()
    ]


def spec_of(module: KeptModule, *, any_port: bool = False) -> ModuleSpec:
    """Without its card, which it has from the beginning. ``any_port``: a free one. SpecError, UnknownModel."""
    kind, _, address = module.serial.partition(":")
    if any_port:
        address = ""
    return module_spec(
        module.model,
        sim="none",
        serial=f"{kind}:{address or '127.0.0.1:0'}" if kind != "pty" else "pty",
        imei=module.imei,
        firmware=module.firmware,
        vendor=module.vendor,
        name=module.name,
    )
