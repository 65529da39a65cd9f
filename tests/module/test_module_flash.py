"""Firmware that came over the air: full images, deltas, power cuts between image and version (DOC-E 3.8)."""

from __future__ import annotations

import random

from nbtwin.lwm2m.client.firmware_update import FirmwareResult
from nbtwin.lwm2m.firmware.delta import factory_image, pack_delta, pack_image
from nbtwin.lwm2m.firmware.package import Package, unpack
from nbtwin.module import flash
from nbtwin.module.events import FirmwareRefused, FirmwareUpdated, FlashUnreadable
from nbtwin.module.identity import ModuleIdentity
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage
from nbtwin.profiles.models import PROFILES

BC28 = PROFILES["BC28"]
OLD, NEW, NEXT = BC28.firmware, "BC28JAR01A11_ONT", "BC28JAR01A12_ONT"
OWN_IMAGE = b"an image of our own" * 100


class Flashing:
    """A module whose two storages outlive it."""

    def __init__(self) -> None:
        self.nvram, self.images = MemoryStorage(), MemoryStorage()
        self.boot()

    def boot(self) -> None:
        identity = ModuleIdentity("bc28", "867724030000225", OLD)
        self.module = Module(BC28, identity, self.nvram, random.Random(1), flash=self.images)

    def install(self, package: Package) -> FirmwareResult:
        flash.install(self.module, package)
        self.boot()
        return FirmwareResult(self.module.saved.andlink.update_result)

    @property
    def runs(self) -> tuple[str, bytes | None]:
        version = self.module.identity.firmware
        return version, flash.image(self.module, version)


def full(version: str, image: bytes) -> Package:
    return unpack(pack_image("BC28", version, image))


def delta(base: str, old: bytes, version: str, new: bytes) -> Package:
    return unpack(pack_delta("BC28", base, old, version, new))


def test_a_module_as_delivered_takes_a_delta_to_its_own_image() -> None:
    device = Flashing()
    assert device.runs == (OLD, None)
    new = factory_image("BC28", NEW)
    assert device.install(delta(OLD, factory_image("BC28", OLD), NEW, new)) is FirmwareResult.SUCCESS
    assert device.runs == (NEW, new)


def test_a_delta_starts_from_the_image_that_came_before() -> None:
    device = Flashing()
    device.install(full(NEW, OWN_IMAGE))
    assert device.install(delta(NEW, OWN_IMAGE, NEXT, OWN_IMAGE + b"!")) is FirmwareResult.SUCCESS
    assert device.runs == (NEXT, OWN_IMAGE + b"!")


def test_a_delta_for_another_image_fails_and_the_old_firmware_runs() -> None:
    device = Flashing()
    package = delta(OLD, OWN_IMAGE, NEW, OWN_IMAGE + b"!")
    flash.install(device.module, package)
    assert any(isinstance(event, FirmwareRefused) for event in device.module.events())
    device.boot()
    assert FirmwareResult(device.module.saved.andlink.update_result) is FirmwareResult.UPDATE_FAILED
    assert device.runs == (OLD, None)


def test_power_cut_between_image_and_version_leaves_the_old_firmware_and_its_image() -> None:
    device = Flashing()
    device.install(full(NEW, OWN_IMAGE))
    before = device.nvram.content
    device.install(full(NEXT, b"the next image"))
    device.nvram.save(before)  # as if NVRAM had not been written
    device.boot()
    assert device.runs == (NEW, OWN_IMAGE)


def test_an_update_from_outside_leaves_no_image_of_another_version() -> None:
    device = Flashing()
    device.install(full(NEW, OWN_IMAGE))
    device.module.power_on(0.0)
    device.module.update_firmware(1.0, NEXT)
    assert FirmwareUpdated(NEW, NEXT) in device.module.events()
    assert device.runs == (NEXT, None)


def test_what_is_unreadable_in_flash_is_said_and_a_full_image_mends_it() -> None:
    device = Flashing()
    device.images.save(b"no images")
    assert device.runs == (OLD, None)
    assert any(isinstance(event, FlashUnreadable) for event in device.module.events())
    assert device.install(full(NEW, OWN_IMAGE)) is FirmwareResult.SUCCESS
    assert device.runs == (NEW, OWN_IMAGE)
