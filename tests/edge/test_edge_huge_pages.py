"""The memory of a process that has many devices lies in huge pages, where Linux gives them (docs/operating.md)."""

from __future__ import annotations

import platform
import re
from pathlib import Path

import pytest

from nbtwin.edge import huge_pages
from nbtwin.edge.huge_pages import HUGE, HugePages

ALLOWED = Path("/sys/kernel/mm/transparent_hugepage/enabled")
SIZE = Path("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size")


def in_huge_pages() -> int:
    """Bytes of this process."""
    found = re.search(r"AnonHugePages: +(\d+) kB", Path("/proc/self/smaps_rollup").read_text())
    return int(found[1]) * 1024 if found else 0


def gives_them() -> bool:
    """Linux 6.1 moves what is there, unless it was told never to."""
    try:
        release = tuple(int(part) for part in re.findall(r"\d+", platform.release())[:2])
        return release >= (6, 1) and "[never]" not in ALLOWED.read_text() and int(SIZE.read_text()) == HUGE
    except OSError:
        return False


@pytest.mark.skipif(not gives_them(), reason="this kernel moves nothing into huge pages")
def test_what_there_is_of_memory_is_moved_a_little_at_a_time_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huge_pages, "AT_ONCE", 4)
    devices = [bytes((number & 255,)) * 200 for number in range(200_000)]  # 45 MB
    pages, asked = HugePages(much=0), 0
    while (found := pages.ask()) or not asked:
        assert found <= 4
        asked += found
    assert asked * HUGE > 20_000_000
    assert in_huge_pages() > 20_000_000
    assert all(device == bytes((number & 255,)) * 200 for number, device in enumerate(devices))


def test_a_small_process_is_left_alone() -> None:
    before = in_huge_pages()
    assert HugePages(much=1 << 40).ask() == 0
    assert in_huge_pages() <= before


def test_only_whole_huge_pages_of_the_process_s_own_memory_are_asked_for() -> None:
    maps = (
        "00400000-00800000 r-xp 00000000 fe:00 1   /usr/bin/python\n"
        "00a00000-00e00000 rw-p 00000000 fe:00 1   /usr/bin/python\n"
        "01100000-01700000 rw-p 00000000 00:00 0          [heap]\n"
        "7f0000000000-7f0000400000 rw-p 00000000 00:00 0 \n"
        "7f0000500000-7f0000800000 rw-p 00000000 00:00 0 \n"
        "7f0000800000-7f0000c00000 rw-s 00000000 00:01 3  /dev/zero (deleted)\n"
        "7ffc00000000-7ffc00400000 rw-p 00000000 00:00 0          [stack]\n"
    )
    assert list(huge_pages.places_in(maps)) == [
        0x01200000, 0x01400000, 0x7F0000000000, 0x7F0000200000, 0x7F0000600000,
    ]  # fmt: skip


def test_it_ends_when_it_is_stopped_also_before_it_has_begun() -> None:
    pages = HugePages()
    pages.start()
    pages.stop()
    HugePages().stop()
