"""How quickly 10,000 devices are listed and searched, on both databases, beside the same search in a Python list."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from benchmarks.figures import Figure, per_second
from benchmarks.postgres import NoServer, private_server
from nbtwin.lwm2m.server.events import Registration
from nbtwin.operators import events as ev
from nbtwin.operators.store.store import Store

DEVICES = 10_000
_PAGE = 100
_BATCH = 500


def measure(seconds: float) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        figures = _of("SQLite", str(Path(folder) / "inventory.sqlite"), seconds)
    try:
        with private_server() as server:
            figures += _of("PostgreSQL", server.url, seconds)
    except NoServer as reason:
        print(f"bench: {reason}", file=sys.stderr)
    return figures


def _of(database: str, where: str, seconds: float) -> list[Figure]:
    wanted = _imei(DEVICES * 3 // 4)
    with Store.open(where) as store:
        for start in range(0, DEVICES, _BATCH):
            store.commit(_registrations(range(start, start + _BATCH)))
        texts = [words for (words,) in store.database.rows("SELECT words FROM device_words")]
        pages = per_second(lambda: store.devices("cmdmp", limit=_PAGE, offset=DEVICES // 2), seconds / 2, 1)
        searches = per_second(lambda: store.devices("cmdmp", containing=wanted, limit=_PAGE), seconds / 2, 1)
        row = per_second(lambda: store.device(f"cmdmp:{wanted}"), seconds / 4, 10)
    plain = per_second(lambda: [number for number, text in enumerate(texts) if wanted in text], seconds / 4, 1)
    size = f"of {DEVICES:,} devices"
    return [
        Figure(
            f"pages of {_PAGE} {size}, {database}", pages, "/s", {f"{_PAGE} single rows by name": row / _PAGE},
            f"from the middle of the list, decoded; {1000 / pages:.1f} ms each",
        ),
        Figure(
            f"searches {size}, {database}", searches, "/s", {"the same texts in a Python list": plain},
            f"part of an IMEI, IMSI, model, firmware, address, value; {1000 / searches:.1f} ms each",
        ),
    ]  # fmt: skip


def _imei(number: int) -> str:
    return f"86370303{number:07d}"


def _registration(number: int) -> Registration:
    at = float(number)
    return Registration(
        _imei(number), "x" * 150, f"{number:x}", ("10.0.0.1", 5683), 86400, "U", "1.0", "", at, at
    )  # fmt: skip


def _registrations(numbers: Iterable[int]) -> list[ev.DeviceRegistered]:
    return [
        ev.DeviceRegistered(
            float(number),
            f"cmdmp:{_imei(number)}",
            ("10.0.0.1", 5683),
            ev.DeviceIdentity(
                _imei(number), imsi=f"46004{number:010d}", iccid=f"89860{number:015d}", model="BC260Y-CN",
                firmware="BC260YCNAAR01A03", appkey="M100000089", terminal_type="L",
            ),
            _registration(number),
        )
        for number in numbers
    ]  # fmt: skip
