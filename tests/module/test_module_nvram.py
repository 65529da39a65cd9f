"""NVRAM: what was written is there, what could not be written never was."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtwin.engine import DecodeError
from nbtwin.module.nvram import FACTORY, MemoryStorage, Nvram, decode, encode
from nbtwin.module.settings import Saved, SavedServer, Success


class FullStorage(MemoryStorage):
    """A storage whose disk is full."""

    def save(self, content: bytes) -> None:
        raise OSError(28, "No space left on device")


def test_a_saved_setting_is_there_after_a_power_cut() -> None:
    storage = MemoryStorage()
    nvram = Nvram(storage)
    nvram.to_save.cmdmp.server = "117.161.2.7"
    nvram.to_save.andlink.servers.append(SavedServer("BS", "lwm.home.komect.com", 5684))
    nvram.to_save.successes["telecom"] = Success("A01", "863703030822519", "460110123456789", "8986", 12.5)
    assert nvram.save()
    assert Nvram(storage).saved == nvram.saved


def test_an_unsaved_change_is_not() -> None:
    storage = MemoryStorage()
    Nvram(storage).to_save.cmdmp.server = "117.161.2.7"
    assert Nvram(storage).saved.cmdmp.server is None


def test_a_failed_write_leaves_the_old_content() -> None:
    first = Nvram(MemoryStorage())
    first.to_save.cmdmp.port = 5683
    first.save()
    nvram = Nvram(FullStorage(first.snapshot()))
    nvram.to_save.cmdmp.port = 1
    assert not nvram.save()
    assert nvram.saved.cmdmp.port == 5683


def test_what_is_in_use_does_not_follow_a_later_write() -> None:
    nvram = Nvram(MemoryStorage())
    in_use = nvram.copy()
    nvram.to_save.extended[1] = ["00-01-6C-06-A6-29"]
    nvram.save()
    assert in_use.extended == {}


def test_modules_that_are_alike_share_their_settings_until_one_is_changed() -> None:
    """Each a kilobyte twice, in a fleet of a hundred thousand."""
    image = Nvram(MemoryStorage())
    image.to_save.cmdmp.period = 600
    image.save()
    one, other = Nvram(MemoryStorage(image.snapshot())), Nvram(MemoryStorage(image.snapshot()))
    assert one.saved is other.saved is other.copy()
    one.keep_success("mobile", Success("A01", "863703030822519", "460110123456789", "8986", 12.5))
    assert one.save()
    assert one.saved.cmdmp is other.saved.cmdmp
    one.to_save.cmdmp.period = 900
    assert one.save()
    assert decode(one.storage.load() or b"") == one.saved == one.copy()
    assert (other.saved.cmdmp.period, other.saved.successes) == (600, {})
    assert other.copy().cmdmp.period == 600


@given(st.lists(st.binary(max_size=60), max_size=5))
def test_storage_in_memory_gives_back_what_was_saved_last(contents: list[bytes]) -> None:
    """It keeps the end alone that is not as at first."""
    storage = MemoryStorage(b"as delivered")
    assert storage.load() == b"as delivered"
    for content in (FACTORY, b"as delivered", b"as delivered, and more", *contents):
        storage.save(content)
        assert storage.load() == content


@given(st.binary(max_size=200))
def test_any_bytes_are_an_image_or_a_decode_error(content: bytes) -> None:
    with contextlib.suppress(DecodeError):
        assert isinstance(decode(content), Saved)


def test_an_image_of_a_later_format_is_refused_by_its_number() -> None:
    content = encode(Saved()).replace(b'"format":1', b'"format":99')
    with pytest.raises(DecodeError, match="99"):
        decode(content)
