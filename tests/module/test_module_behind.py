"""NVRAM that somebody else writes: what a host was told is so on the disk, however writes overlap, end and fail."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest
from module_bench import ModuleBench

from nbtwin.lwm2m.client.firmware_update import FirmwareResult
from nbtwin.lwm2m.firmware.delta import pack_delta, pack_image
from nbtwin.lwm2m.firmware.package import unpack
from nbtwin.module import flash
from nbtwin.module.events import FirmwareRefused, FirmwareUpdated, NvramWriteFailed, Restarted
from nbtwin.module.nvram import FACTORY, Behind, MemoryStorage, decode
from nbtwin.module.settings import Success
from nbtwin.profiles.models import PROFILES

NEW = "BC28JAR01A11_ONT"


class SlowDisk:
    """Under a module that is on: takes what is written, one image after the other, when it is told to."""

    def __init__(self, model: str = "BC26") -> None:
        bench = ModuleBench(model, None)
        self.module, self.content = bench.module, FACTORY
        self._waiting: list[bytes] = []
        self.module.nvram.storage = Behind(self.module.nvram.storage, self._waiting.append)
        bench.power_on()
        bench.world.run(10)
        self.module.serial_to_send()

    @property
    def idle(self) -> bool:
        return not self._waiting

    @property
    def server(self) -> str | None:
        return decode(self.content).cmdmp.server

    def end(self, failed: bool = False) -> str:
        """The oldest write ends: what the host hears of it."""
        content = self._waiting.pop(0)
        if not failed:
            self.content = content
        self.module.handle_written(20, failed)
        return self.module.serial_to_send().decode()

    def send(self, line: str) -> str:
        self.module.handle_serial(20, line.encode() + b"\r")
        return self.module.serial_to_send().decode()

    def note_success(self, at: float) -> None:
        """As the module does by itself after a registration."""
        nvram = self.module.nvram
        nvram.keep_success("mobile", Success("A01", "863703030822519", "460001234567890", "8986", at))
        nvram.save()


def _sets(number: int) -> str:
    return f"AT+QDMPCFG=1,192.0.2.{number},5683,7200"


def test_an_ok_waits_for_its_own_write_alone() -> None:
    disk = SlowDisk()
    disk.send(_sets(1))
    disk.note_success(1)
    assert "OK" in disk.end()
    assert not disk.idle


def test_what_the_module_saves_afterwards_and_cannot_does_not_refuse_what_is_on_the_disk() -> None:
    disk = SlowDisk()
    disk.send(_sets(1))
    disk.note_success(1)
    said = disk.end() + disk.end(failed=True)
    assert "OK" in said
    assert "ERROR" not in said
    assert disk.server == "192.0.2.1" == disk.module.saved.cmdmp.server


def test_an_update_whose_version_cannot_be_saved_is_told_as_failed() -> None:
    """Though the module had restarted before that was known."""
    disk = SlowDisk("BC28")
    flash.install(disk.module, unpack(pack_image("BC28", "BC28JAR01A11_ONT", b"an image")))
    disk.end(failed=True)
    disk.end()
    kept = decode(disk.content)
    assert (kept.firmware, kept.andlink.update_result) == ("", FirmwareResult.UPDATE_FAILED)
    assert disk.idle


class SlowFlash(SlowDisk):
    """The same with a flash: images that wait for it."""

    def __init__(self, package: bytes | None = None) -> None:
        super().__init__("BC28")
        self.images = MemoryStorage()
        self.waiting: list[Callable[[], flash.Flashed]] = []
        self.module.flash = flash.FlashBehind(self.images, self.waiting.append)
        self.module.events()
        flash.install(self.module, unpack(package or pack_image("BC28", NEW, b"an image")))

    def end_image(self, failed: bool = False) -> None:
        content, said = self.waiting.pop(0)()
        if content is not None and not failed:
            self.images.save(content)
        self.module.handle_image_written(20, failed or content is None, said)

    @property
    def happened(self) -> list[type]:
        return [type(event) for event in self.module.events()]


def test_an_update_restarts_the_module_once_its_image_is_written_and_then_its_version() -> None:
    disk = SlowFlash()
    disk.module.handle_timer(21)
    assert disk.idle, "no version before its image"
    assert not {Restarted, FirmwareUpdated} & set(disk.happened)
    disk.end_image()
    assert [kind for kind in disk.happened if kind in (FirmwareUpdated, Restarted)] == [FirmwareUpdated, Restarted]
    disk.end()
    kept = decode(disk.content)
    assert (kept.firmware, kept.andlink.update_result) == (NEW, FirmwareResult.SUCCESS)
    assert flash.image(disk.module, NEW) == b"an image"


def test_an_image_that_cannot_be_written_is_a_failed_update_and_the_old_firmware_runs() -> None:
    disk = SlowFlash()
    disk.end_image(failed=True)
    disk.end()
    kept = decode(disk.content)
    assert (kept.firmware, kept.andlink.update_result) == ("", FirmwareResult.UPDATE_FAILED)
    assert Restarted in disk.happened


def test_a_delta_is_applied_by_whoever_writes_it_and_one_for_another_image_is_a_failed_update() -> None:
    disk = SlowFlash(pack_delta("BC28", PROFILES["BC28"].firmware, b"another image", NEW, b"an image"))
    assert FirmwareRefused not in disk.happened, "nobody has looked at it yet"
    disk.end_image()
    disk.end()
    assert decode(disk.content).andlink.update_result == FirmwareResult.UPDATE_FAILED
    assert {FirmwareRefused, Restarted} <= (happened := set(disk.happened))
    assert NvramWriteFailed not in happened


@pytest.mark.parametrize("cut", ["power", "reset"])
def test_when_power_is_cut_while_an_image_is_written_the_old_firmware_runs(cut: str) -> None:
    disk = SlowFlash()
    if cut == "power":
        disk.module.power_off(21)
        disk.module.power_on(22)
    else:
        disk.module.reset(21)
    disk.end_image()
    disk.module.handle_timer(40)
    assert disk.idle
    assert decode(disk.content).firmware == ""
    assert disk.module.identity.firmware == PROFILES["BC28"].firmware
    assert FirmwareUpdated not in disk.happened


@pytest.mark.parametrize("seed", range(12))
def test_an_ok_is_on_the_disk_and_an_error_is_not(seed: int) -> None:
    """A command, writes of the module's own, ends and failures in any order."""
    random, disk, asked, before = Random(seed), SlowDisk(), 0, None
    for number in range(1, 80):
        said = ""
        match random.choice(("host", "module", "end", "end")):
            case "host" if not asked:
                asked, before = number, disk.module.saved.cmdmp.server
                said = disk.send(_sets(number))
            case "module":
                disk.note_success(number)
            case "end" if not disk.idle:
                said = disk.end(random.random() < 0.4)
        if "OK" in said:
            assert disk.server == f"192.0.2.{asked}"
            asked = 0
        elif "ERROR" in said:
            assert disk.server == before == disk.module.saved.cmdmp.server
            asked = 0
