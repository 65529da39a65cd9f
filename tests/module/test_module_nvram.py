"""NVRAM: what was written is there, what could not be written never was."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbtwin.engine import DecodeError
from nbtwin.module.nvram import MemoryStorage, Nvram, decode, encode
from nbtwin.module.settings import Saved, SavedServer, Success


class FullStorage(MemoryStorage):
    """A storage whose disk is full."""

    def save(self, content: bytes) -> None:
        raise OSError(28, "No space left on device")


def test_a_saved_setting_is_there_after_a_power_cut() -> None:
    storage = MemoryStorage()
    nvram = Nvram(storage)
    nvram.saved.cmdmp.server = "117.161.2.7"
    nvram.saved.andlink.servers.append(SavedServer("BS", "lwm.home.komect.com", 5684))
    nvram.saved.successes["telecom"] = Success("A01", "863703030822519", "460110123456789", "8986", 12.5)
    assert nvram.save()
    assert Nvram(storage).saved == nvram.saved


def test_an_unsaved_change_is_not() -> None:
    storage = MemoryStorage()
    Nvram(storage).saved.cmdmp.server = "117.161.2.7"
    assert Nvram(storage).saved.cmdmp.server is None


def test_a_failed_write_leaves_the_old_content() -> None:
    first = Nvram(MemoryStorage())
    first.saved.cmdmp.port = 5683
    first.save()
    nvram = Nvram(FullStorage(first.snapshot()))
    nvram.saved.cmdmp.port = 1
    assert not nvram.save()
    assert nvram.saved.cmdmp.port == 5683


def test_what_is_in_use_does_not_follow_a_later_write() -> None:
    nvram = Nvram(MemoryStorage())
    in_use = nvram.copy()
    nvram.saved.extended[1] = ["00-01-6C-06-A6-29"]
    nvram.save()
    assert in_use.extended == {}


@given(st.binary(max_size=200))
def test_any_bytes_are_an_image_or_a_decode_error(content: bytes) -> None:
    with contextlib.suppress(DecodeError):
        assert isinstance(decode(content), Saved)


def test_an_image_of_a_later_format_is_refused_by_its_number() -> None:
    content = encode(Saved()).replace(b'"format":1', b'"format":99')
    with pytest.raises(DecodeError, match="99"):
        decode(content)
