"""A whole lab as one archive: its modules with NVRAM and flash, the platforms' store, faults, and what time it was.

A gzipped tar: `lab.json`, `modules/NAME.nvram`, `modules/NAME.flash`, `store.backup` (as `nbtwin db backup` writes it,
so a lab may move between databases). There are keys in it. Knows a lab that runs; knows no request.
"""

from __future__ import annotations

import asyncio
import io
import tarfile
import tempfile
import zlib
from pathlib import Path
from typing import Any

import msgspec

from nbtwin.edge.errors import EdgeError
from nbtwin.engine import Seconds
from nbtwin.lab.faults import Fault
from nbtwin.lab.nodes import ModuleNode
from nbtwin.module.identity import Usim
from nbtwin.module.module import Module
from nbtwin.module.nvram import decode
from nbtwin.module.profile import UnknownModel
from nbtwin.operators.store.backup import backup, check, restore
from nbtwin.runtime.errors import SpecError, UsageRefusal
from nbtwin.runtime.lab import LabRuntime
from nbtwin.runtime.spec import ModuleSpec, module_spec
from nbtwin.timeline.catalogue.errors import foreign_text

FORMAT = "nbtwin-lab 1"
LARGEST = 256 * 1024 * 1024
"""Bytes of the archive's content."""


class ArchivedCard(msgspec.Struct):
    imsi: str
    iccid: str
    pin: str


class ArchivedModule(msgspec.Struct, kw_only=True):
    """One module, apart from what it keeps itself. ``serial`` without the port, which may be another one."""

    name: str
    model: str
    imei: str
    firmware: str
    serial: str
    powered: bool
    usim: ArchivedCard | None
    coverage: bool
    rssi: int


class ArchivedLab(msgspec.Struct, kw_only=True):
    format: str = FORMAT
    now: Seconds
    start: Seconds
    modules: list[ArchivedModule]
    faults: list[dict[str, Any]]


async def export(lab: LabRuntime) -> bytes:
    """The lab as it is now, while it runs."""
    state = ArchivedLab(
        now=lab.world.scheduler.touch(),
        start=lab.world.start,
        modules=[_state_of(lab, name, module) for name, module in lab.modules.items()],
        faults=[fault.as_dict() for fault in lab.world.faults.listed().values()],
    )
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w:gz") as archive:
        _add(archive, "lab.json", msgspec.json.format(msgspec.json.encode(_finite(state))))
        for name, module in lab.modules.items():
            _add(archive, f"modules/{name}.nvram", module.nvram.snapshot())
            if (flash := lab.directory.flash(name).load()) is not None:
                _add(archive, f"modules/{name}.flash", flash)
        with tempfile.TemporaryDirectory() as folder:
            await asyncio.to_thread(backup, lab.store.database, Path(folder) / "store.backup")
            archive.add(Path(folder) / "store.backup", "store.backup")
    return memory.getvalue()


async def bring_back(lab: LabRuntime, archive: bytes) -> None:
    """In place of everything in the lab. SpecError, and nothing has changed, for what is no archive of a lab."""
    state, files = _read(archive)
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "store.backup"
        kept.write_bytes(files["store.backup"])
        check(kept)
        for name in list(lab.modules):
            lab.remove_module(name, keep_nvram=False)
        if (gap := state.now - lab.world.scheduler.touch()) > 0:
            await lab.advance(gap)  # time never goes back: neither in this lab nor for what comes from the other
        async with lab.platforms_stopped():
            await asyncio.to_thread(restore, lab.store.database, kept, replace=True)
            await asyncio.to_thread(lab.store.reload)
    lab.world.faults.clear()
    for fault in state.faults:
        lab.world.add_fault(_fault(fault))
    for module in state.modules:
        await _put(lab, module, files)


def _state_of(lab: LabRuntime, name: str, module: Module) -> ArchivedModule:
    usim, where = module.radio.usim, lab.ports[name].where
    return ArchivedModule(
        name=name,
        model=module.profile.model,
        imei=module.identity.imei,
        firmware=module.identity.firmware,
        serial=where.partition(":")[0] if ":" in where else "pty",
        powered=module.powered,
        usim=ArchivedCard(usim.imsi, usim.iccid, usim.pin) if usim is not None else None,
        coverage=module.radio.coverage,
        rssi=module.radio.rssi,
    )


def _finite(state: ArchivedLab) -> Any:
    """JSON has no infinity: a fault without an end has none."""
    plain = msgspec.to_builtins(state)
    plain["faults"] = [{k: v for k, v in fault.items() if v != float("inf")} for fault in plain["faults"]]
    return plain


def _read(archive: bytes) -> tuple[ArchivedLab, dict[str, bytes]]:
    files: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as packed:
            size = 0
            for member in packed:
                size += member.size
                if not member.isfile() or size > LARGEST:
                    raise SpecError(UsageRefusal.ARCHIVE_MEMBER, name=member.name)
                content = packed.extractfile(member)
                files[member.name] = content.read() if content is not None else b""
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise SpecError(UsageRefusal.ARCHIVE_UNREADABLE, detail=foreign_text(error)) from None
    try:
        state = msgspec.json.decode(files["lab.json"], type=ArchivedLab)
    except (KeyError, msgspec.MsgspecError) as error:
        raise SpecError(UsageRefusal.ARCHIVE_UNREADABLE, "lab.json", detail=foreign_text(error)) from None
    _check(state, files)
    return state, files


def _check(state: ArchivedLab, files: dict[str, bytes]) -> None:
    """Everything that could go wrong later, before anything is touched."""
    if state.format != FORMAT:
        raise SpecError(UsageRefusal.ARCHIVE_FORMAT, format=state.format, known=FORMAT)
    if "store.backup" not in files:
        raise SpecError(UsageRefusal.ARCHIVE_MISSING, name="store.backup")
    try:
        for fault in state.faults:
            _fault(fault)
        for module in state.modules:
            _spec_of(module)
            decode(files[f"modules/{module.name}.nvram"])
    except KeyError as error:
        raise SpecError(UsageRefusal.ARCHIVE_MISSING, name=str(error.args[0])) from None
    except (UnknownModel, ValueError) as error:
        raise SpecError.of(error) from None


def _fault(fault: dict[str, Any]) -> Fault:
    return Fault.parse(fault)


def _spec_of(module: ArchivedModule) -> ModuleSpec:
    """Without its card, which is put in afterwards; its port is any free one."""
    serial = "pty" if module.serial == "pty" else f"{module.serial}:127.0.0.1:0"
    return module_spec(
        module.model, sim="none", serial=serial, imei=module.imei, firmware=module.firmware, name=module.name
    )


async def _put(lab: LabRuntime, state: ArchivedModule, files: dict[str, bytes]) -> None:
    lab.directory.nvram(state.name).save(files[f"modules/{state.name}.nvram"])
    if (flash := files.get(f"modules/{state.name}.flash")) is not None:
        lab.directory.flash(state.name).save(flash)
    try:
        unit: ModuleNode = await lab.add_module(_spec_of(state), power_on=False)
    except EdgeError as error:
        raise SpecError.of(error) from None
    module, perform = lab.modules[state.name], lab.world.perform
    if state.usim is not None:
        perform(unit, module.insert_usim, Usim(state.usim.imsi, state.usim.iccid, state.usim.pin))
    perform(unit, module.set_coverage, state.coverage)
    perform(unit, module.set_signal, state.rssi)
    if state.powered:
        perform(unit, module.power_on)


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    about = tarfile.TarInfo(name)
    about.size, about.mode = len(content), 0o600
    archive.addfile(about, io.BytesIO(content))
