"""Two nodes over one PostgreSQL: the second waits, and has every registration when the first has died."""

from __future__ import annotations

from pathlib import Path

import pytest
from running import nbtwin
from test_workers_processes import Fleet, fleet
from workers_bench import lab, port_of, register, updates

from benchmarks.postgres import NoServer, private_server
from nbtwin.coap.numbers import Code

__all__ = ["fleet"]


def test_the_second_node_has_what_the_first_has_answered(tmp_path: Path, fleet: Fleet) -> None:
    try:
        server = private_server(durable=True)
        database = server.__enter__()
    except NoServer as reason:
        pytest.skip(str(reason))
    try:
        stored = ("--database", database.url, "--durability", "database")
        with lab(tmp_path / "one", *stored, processes=1) as first:
            devices = fleet(first, 100)
            register(devices)
            second = nbtwin("platform", "--ports", "cmdmp=0", *stored, "--state", str(tmp_path / "two"))
            assert second.returncode == 1
            assert "in use by another nbtwin" in second.stderr
            first.kill()
        with lab(tmp_path / "two", *stored, processes=1) as second_try:
            for device in devices:
                device.move(port_of(second_try))
            assert updates(devices) == {Code.CHANGED}
            assert second_try.stop() == 0
    finally:
        server.__exit__(None, None, None)
