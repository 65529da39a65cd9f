"""A whole lab as one archive: its modules with NVRAM and flash, the platforms' store, faults, and what time it was.

A gzipped tar: `lab.json`, for each module `modules/NAME.nvram`, `.flash` and `.snapshots`, and `store.backup` (as
`nbtwin db backup` writes it, so a lab may move between databases). There are keys in it. Knows a lab that runs; knows
no request.
"""

from __future__ import annotations

import asyncio
import gzip
import io
import shutil
import tarfile
import tempfile
import time
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec.structs import replace as with_fields

from nbtwin.edge.nvram_file import ahead_text
from nbtwin.edge.turns import in_turns
from nbtwin.engine import UNDECODABLE, DecodeError, Seconds
from nbtwin.foreign import detail_of
from nbtwin.lab.faults import Fault
from nbtwin.lab.world import World
from nbtwin.module.flash import readable
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage, decode
from nbtwin.module.nvram_image import check_widths
from nbtwin.module.profile import UnknownModel
from nbtwin.operators.store.backup import backup, rehearsed, restore, unpacked_at_most
from nbtwin.operators.store.database import Database
from nbtwin.operators.store.store import StoreError
from nbtwin.runtime.errors import SpecError, UsageRefusal
from nbtwin.runtime.kept import KeptFault, KeptLab, KeptModule, Time, encode, module_of, spec_of
from nbtwin.runtime.lab import LabRuntime, MadeModule
from nbtwin.runtime.modules import create_module
from nbtwin.runtime.platforms import PLATFORMS
from nbtwin.runtime.replacement import Replacement
from nbtwin.runtime.snapshots import check as check_snapshots

FORMAT = "nbtwin-lab 1"
LARGEST = 256 * 1024 * 1024
"""Bytes of the archive's content."""
LAB, STORE = "lab.json", "store.backup"
REHEARSAL: Seconds = 30
"""So long a lab is tried before it takes the place of another: its modules boot, attach and register."""


SerialAddresses: TypeAlias = Literal["keep", "free"]
Files: TypeAlias = dict[str, bytes]
"""The archive's members by name."""


class ArchivedLab(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    format: str
    now: Time
    start: Time
    modules: list[KeptModule]
    faults: list[dict[str, Any]]


async def export(lab: LabRuntime) -> bytes:
    """The lab as it is now, while it runs."""
    modules, nvram = list[KeptModule](), dict[str, bytes]()
    async for name, module in in_turns(list(lab.modules.items())):
        modules.append(module_of(name, module, lab.serial_of(name)))
        nvram[name] = module.nvram.snapshot()
    state = ArchivedLab(
        format=FORMAT,
        now=lab.world.scheduler.touch(),
        start=lab.world.start,
        modules=modules,
        faults=[fault.as_dict() for fault in lab.world.faults.listed().values()],
    )
    return await asyncio.to_thread(_packed, lab, state, nvram)


def _packed(lab: LabRuntime, state: ArchivedLab, nvram: dict[str, bytes]) -> bytes:
    """In a thread: files, a compressor, and the whole database."""
    memory = io.BytesIO()
    with tarfile.open(fileobj=memory, mode="w:gz") as archive:
        _add(archive, LAB, msgspec.json.format(msgspec.json.encode(_finite(state))))
        for name, image in nvram.items():
            _add(archive, f"modules/{name}.nvram", image)
            for kept in (lab.directory.flash(name), lab.directory.snapshots(name)):
                if (content := kept.load()) is not None:
                    _add(archive, f"modules/{name}{kept.path.suffix}", content)
        with tempfile.TemporaryDirectory() as folder:
            backup(lab.store.database, Path(folder) / STORE)
            archive.add(Path(folder) / STORE, STORE)
    return memory.getvalue()


async def bring_back(
    lab: LabRuntime,
    archive: bytes,
    also: Callable[[Database], object] = lambda db: None,
    *,
    serial: SerialAddresses = "keep",
) -> None:
    """In place of everything in the lab: the new is made and tried beside the old, then all of it is swapped at once.

    SpecError, StoreError or EdgeError, and nothing has changed, for what is no archive of a lab, or cannot be brought
    back here. ``also`` is done in the transaction that brings back the database.

    ``serial``: TCP addresses of serial lines are those of the archive, or any free ones on this machine (D173).
    """
    async with lab.changing:
        state, files = await asyncio.to_thread(_read, archive)
        lab.check_later(state.now)
        folder = Path(await asyncio.to_thread(tempfile.mkdtemp))
        kept = folder / STORE
        try:
            await asyncio.to_thread(kept.write_bytes, files[STORE])
            await _replace(lab, state, files, kept, also, serial)
        except StoreError as error:
            if error.where == str(kept):
                raise type(error)(error.code, STORE, **error.fields) from error
            raise
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, True)


async def _replace(
    lab: LabRuntime,
    state: ArchivedLab,
    files: Files,
    kept: Path,
    also: Callable[[Database], object],
    serial: SerialAddresses,
) -> None:
    await asyncio.to_thread(_rehearse, lab, state, files, kept)
    made: list[tuple[KeptModule, MadeModule]] = []

    def change(waiting: Replacement) -> None:
        def more(db: Database) -> None:
            lab.store.mark(waiting.number)
            also(db)

        restore(lab.store.database, kept, replace=True, rehearse=False, also=more)

    def swap() -> None:
        for name in list(lab.modules):
            lab.remove_module(name)
        lab.world.faults.clear()
        for fault in state.faults:
            lab.world.add_fault(Fault.parse(fault))
        for archived, module in made:
            _put(lab, archived, module)
        made.clear()

    async def catch_up() -> None:
        """Time never goes back: neither in this lab nor for what comes from the other."""
        while (gap := state.now - lab.world.scheduler.touch()) > 0:
            await lab.advance(gap)
        for port in list(lab.ports.values()):
            await port.serve()
        for archived in state.modules:
            if archived.powered:
                lab.world.perform(lab.world.modules[archived.name], lab.modules[archived.name].power_on)

    new: dict[str, bytes] = {}
    for module in state.modules:
        new[lab.directory.nvram(module.name).path.name] = files[_nvram_of(module)]
        if (flash := _flash(files, module)) is not None:
            new[lab.directory.flash(module.name).path.name] = flash
        if (snapshots := files.get(_snapshots_of(module))) is not None:
            new[lab.directory.snapshots(module.name).path.name] = snapshots
    ahead = max(lab.ahead, state.now - time.time())
    if ahead > 0:
        new[lab.directory.clock().path.name] = ahead_text(ahead)
    old = [kept.path.name for name in lab.modules for kept in lab.directory.of_module(name)]
    try:
        for number, module in enumerate(state.modules):
            made.append((module, _make(lab, module, files, number, any_port=serial == "free")))
            await asyncio.sleep(0)  # a few milliseconds each
        new[lab.directory.lab().path.name] = encode(_kept(lab, state, [each.port.where for _, each in made]))
        await lab.replace(change, swap, new=new, remove=old, within=catch_up)
    finally:
        for _, unused in made:
            unused.port.close()


def _kept(lab: LabRuntime, state: ArchivedLab, ports: Sequence[str]) -> KeptLab:
    """What this lab is made of afterwards."""
    modules = [
        with_fields(module, serial=where if module.serial != "pty" else "pty")
        for module, where in zip(state.modules, ports, strict=True)
    ]
    faults = [
        KeptFault(number=number, fault=fault, since=lab.world.start, seen=0)
        for number, fault in enumerate(state.faults, 1)
    ]
    return KeptLab(modules=modules, faults=faults, strict=sorted(lab.strict))


def _finite(state: ArchivedLab) -> Any:
    """JSON has no infinity: a fault without an end has none."""
    plain = msgspec.to_builtins(state)
    plain["faults"] = [{k: v for k, v in fault.items() if v != float("inf")} for fault in plain["faults"]]
    return plain


def _read(archive: bytes) -> tuple[ArchivedLab, Files]:
    files: Files = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(_unpacked(archive)), mode="r:") as packed:
            size = 0
            for member in packed:
                size += member.size
                if not member.isfile() or size > LARGEST or member.name in files:
                    raise SpecError(UsageRefusal.ARCHIVE_MEMBER, name=member.name)
                content = packed.extractfile(member)
                files[member.name] = content.read() if content is not None else b""
    except (tarfile.TarError, OSError, EOFError, zlib.error, UnicodeDecodeError, ValueError) as error:
        if isinstance(error, SpecError):
            raise
        raise SpecError(UsageRefusal.ARCHIVE_UNREADABLE, detail=detail_of(error)) from None
    for needed in (LAB, STORE):
        if needed not in files:
            raise SpecError(UsageRefusal.ARCHIVE_MISSING, name=needed)
    try:
        state = msgspec.json.decode(files[LAB], type=ArchivedLab)
    except UNDECODABLE as error:
        raise SpecError(UsageRefusal.ARCHIVE_UNREADABLE, LAB, detail=detail_of(error)) from None
    _check(state, files)
    return state, files


def _unpacked(archive: bytes) -> bytes:
    """No more memory and time than an archive of that length may ask for (D120)."""
    limit = min(LARGEST, unpacked_at_most(len(archive)))
    with gzip.GzipFile(fileobj=io.BytesIO(archive)) as packed:
        content = packed.read(limit + 1)
    if len(content) > limit:
        raise SpecError(UsageRefusal.ARCHIVE_SIZE, limit=limit)
    return content


def _check(state: ArchivedLab, files: Files) -> None:
    """What each part says by itself; whether they go together is tried by `_rehearse`."""
    if state.format != FORMAT:
        raise SpecError(UsageRefusal.ARCHIVE_FORMAT, LAB, format=state.format, known=FORMAT)
    if state.start > state.now:
        raise SpecError(UsageRefusal.ARCHIVE_TIME, LAB)
    known, addresses = {LAB, STORE}, set[str]()
    for module in state.modules:
        try:
            spec_of(module)
        except (UnknownModel, ValueError) as error:
            raise SpecError.of(error, LAB) from None
        nvram = _nvram_of(module)
        if nvram in known:
            raise SpecError(UsageRefusal.NAME_TAKEN, LAB, name=module.name)
        if nvram not in files:
            raise SpecError(UsageRefusal.ARCHIVE_MISSING, name=nvram)
        if module.serial.count(":") > 1 and module.serial.partition(":")[2] in addresses:
            raise SpecError(UsageRefusal.TWICE, LAB, value=module.serial)
        addresses.add(module.serial.partition(":")[2])
        snapshots = _snapshots_of(module)
        known |= {nvram, _flash_of(module), snapshots}
        try:
            check_widths(decode(files[nvram]))
        except DecodeError as error:
            raise SpecError.of(error, nvram) from None
        try:
            if snapshots in files:
                check_snapshots(files[snapshots])
        except DecodeError as error:
            raise SpecError.of(error, snapshots) from None
        if (flash := _flash(files, module)) is not None and not readable(flash):
            raise SpecError(UsageRefusal.ARCHIVE_FLASH, _flash_of(module))
    if strangers := sorted(files.keys() - known):
        raise SpecError(UsageRefusal.ARCHIVE_MEMBER, name=strangers[0])
    for fault in state.faults:
        try:
            msgspec.convert(fault, Fault)  # in the types that `as_dict` gives
            Fault.parse(fault)
        except (msgspec.ValidationError, ValueError) as error:
            raise SpecError.of(error, LAB) from None


def _rehearse(lab: LabRuntime, state: ArchivedLab, files: Files, kept: Path) -> None:
    """The whole lab, in a world of its own, for a moment. Whatever is raised there must not be raised in the lab."""
    with rehearsed(kept) as store:
        world = World(seed=1, start=state.now)
        where = STORE
        try:
            for operator in lab.world.platforms:
                engine = PLATFORMS[operator](world.random(operator), store)
                engine.restore(store.registrations(operator))
                world.add_platform(operator, engine, operator=operator)
            for number, archived in enumerate(state.modules):
                where = _nvram_of(archived)
                module = _build(world, archived, files, number)
                node = world.add_module(archived.name, module)
                world.perform(node, module.set_coverage, archived.coverage)
                world.perform(node, module.set_signal, archived.rssi)
                world.perform(node, module.power_on)
            where = LAB
            for fault in state.faults:
                world.add_fault(Fault.parse(fault))
            world.advance(REHEARSAL)
        except StoreError:
            raise
        except Exception as error:
            raise SpecError.of(error, where) from error


def _build(world: World, archived: KeptModule, files: Files, number: int) -> Module:
    card, flash = archived.usim, _flash(files, archived)
    return create_module(
        archived.name,
        spec_of(archived).profile,
        MemoryStorage(files[_nvram_of(archived)]),
        world.random(archived.name),
        None if card is None else card.usim,
        imei=archived.imei,
        firmware=archived.firmware,
        number=number,
        flash=MemoryStorage(flash),
    )


def _make(lab: LabRuntime, archived: KeptModule, files: Files, number: int, *, any_port: bool) -> MadeModule:
    """With its port, beside those that are in the lab."""
    module = _build(lab.world, archived, files, number)
    return lab.make_successor(archived.name, spec_of(archived, any_port=any_port), module)


def _put(lab: LabRuntime, archived: KeptModule, made: MadeModule) -> None:
    """Its files are in the state directory now."""
    made.module.nvram.storage = lab.directory.nvram(archived.name)
    made.module.flash = lab.directory.flash(archived.name)
    lab.put_in(made)
    lab.world.perform(made.node, made.module.set_coverage, archived.coverage)
    lab.world.perform(made.node, made.module.set_signal, archived.rssi)


def _nvram_of(module: KeptModule) -> str:
    return f"modules/{module.name}.nvram"


def _flash_of(module: KeptModule) -> str:
    return f"modules/{module.name}.flash"


def _snapshots_of(module: KeptModule) -> str:
    return f"modules/{module.name}.snapshots"


def _flash(files: Files, module: KeptModule) -> bytes | None:
    return files.get(_flash_of(module))


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    about = tarfile.TarInfo(name)
    about.size, about.mode = len(content), 0o600
    archive.addfile(about, io.BytesIO(content))
