"""An NVRAM as a whole, on a running module: snapshot, what waits for the boot, restore, factory reset."""

from __future__ import annotations

import random

import pytest

from nbtwin.at.command import AtError
from nbtwin.at.refusals import AtRefusal, CommandRefused
from nbtwin.engine import DecodeError
from nbtwin.module.identity import ModuleIdentity
from nbtwin.module.module import Module
from nbtwin.module.nvram import MemoryStorage
from nbtwin.module.nvram_image import (
    Change,
    differences,
    factory_reset,
    restore,
    settings_of,
    snapshot,
    waiting,
)
from nbtwin.module.settings import Saved
from nbtwin.profiles.models import PROFILES

KEY = "E8E19CC16CE1F388E8E19CC16CE1F388"


@pytest.fixture
def module() -> Module:
    """A BC28 that has booted."""
    module = Module(
        PROFILES["BC28"], ModuleIdentity("m", "863703030822519", "BC28JAR01A10_ONT"), MemoryStorage(), random.Random(1)
    )
    module.power_on(0)
    module.handle_timer(1)
    module.session.echo = False
    return module


def say(module: Module, line: str) -> str:
    module.serial_to_send()
    module.handle_serial(module.now, line.encode() + b"\r")
    return module.serial_to_send().decode().strip()


def reboot(module: Module) -> None:
    module.reset(module.now)
    module.handle_timer(module.now + 1)
    module.session.echo = False


def test_what_was_saved_waits_for_the_boot_and_says_so_by_name(module: Module) -> None:
    assert waiting(module) == []
    say(module, "AT+DMPCONFIG=1,117.161.2.7,5683,420")
    assert waiting(module) == [
        Change("cmdmp.server", None, "117.161.2.7"),
        Change("cmdmp.port", None, 5683),
        Change("cmdmp.period", None, 420),
    ]
    reboot(module)
    assert waiting(module) == []


def test_a_snapshot_brings_back_everything_after_the_next_boot(module: Module) -> None:
    say(module, f"AT+QLASETPSK=0,{KEY}")
    before = snapshot(module)
    say(module, f"AT+QLASETPSK=0,{KEY[::-1]}")
    say(module, "AT+DMPCONFIG=0,0")
    changes = restore(module, module.now, before)
    assert changes == [Change("cmdmp.mode", 0, None), Change("andlink.psk.key", "***", "***")]
    assert module.saved.andlink.psk is not None
    assert module.saved.andlink.psk.key == KEY
    assert say(module, "AT+DMPCONFIG=4,0") == "0, \r\n\r\nOK"
    reboot(module)
    assert module.in_use == module.saved


def test_what_is_restored_is_there_after_a_power_cut(module: Module) -> None:
    say(module, "AT+DMPCONFIG=0,0")
    image = snapshot(module)
    factory_reset(module, module.now)
    restore(module, module.now, image)
    assert isinstance(module.nvram.storage, MemoryStorage)
    again = Module(module.profile, module.identity, MemoryStorage(module.nvram.storage.content), random.Random(1))
    assert again.saved.cmdmp.mode == 0


def test_a_restored_image_is_a_copy(module: Module) -> None:
    image = snapshot(module)
    restore(module, module.now, image)
    say(module, "AT+DMPCONFIG=3,46004")
    restore(module, module.now, image)
    assert module.saved.cmdmp.plmns == []


def test_a_factory_reset_forgets_everything_but_the_firmware(module: Module) -> None:
    module.update_firmware(module.now, "BC28JAR01A11_ONT")
    module.handle_timer(module.now + 1)
    say(module, "AT+QLAREGSWT=0")
    say(module, "AT+QSCLK=0")
    names = [change.name for change in factory_reset(module, module.now)]
    assert {"andlink.automatic", "generic.sleep_mode"} <= set(names)
    assert module.identity.firmware == "BC28JAR01A11_ONT"
    assert module.saved == Saved(firmware="BC28JAR01A11_ONT")


def test_a_snapshot_of_other_firmware_does_not_change_the_firmware(module: Module) -> None:
    image = snapshot(module)
    module.update_firmware(module.now, "BC28JAR01A11_ONT")
    restore(module, module.now, image)
    assert module.identity.firmware == "BC28JAR01A11_ONT"


def test_what_is_no_image_changes_nothing(module: Module) -> None:
    say(module, "AT+DMPCONFIG=0,0")
    for content in (b"", b"{}", b"\0" * 100, b'{"format":99,"saved":{}}'):
        with pytest.raises(DecodeError):
            restore(module, module.now, content)
    assert module.saved.cmdmp.mode == 0


def test_what_cannot_be_written_changes_nothing(module: Module) -> None:
    class Worn(MemoryStorage):
        def save(self, content: bytes) -> None:
            raise OSError(28, "No space left on device")

    say(module, "AT+DMPCONFIG=0,0")
    module.nvram.storage = Worn(snapshot(module))
    with pytest.raises(AtError) as caught:
        factory_reset(module, module.now)
    assert caught.value.why == CommandRefused(AtRefusal.MEMORY_FAILURE)
    assert module.saved.cmdmp.mode == 0


def test_secrets_are_masked_until_they_are_asked_for() -> None:
    saved = Saved()
    saved.cmdmp.password = "95Go-secret"
    assert settings_of(saved)["cmdmp.password"] == "95Go****"
    assert settings_of(saved, secrets=True)["cmdmp.password"] == "95Go-secret"
    other = Saved()
    other.cmdmp.password = "95Go-other"
    assert differences(saved, other) == [Change("cmdmp.password", "95Go****", "95Go****")]
    assert differences(saved, other, secrets=True) == [Change("cmdmp.password", "95Go-secret", "95Go-other")]
