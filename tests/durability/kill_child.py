"""One change of a state directory, in a process of its own, to be killed: ``kill_child.py CHANGE DIRECTORY``.

Says "go" when it begins, and "done" when the change was answered for.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

sys.path.append(str(Path(__file__).parents[1] / "web"))

from api_lab import ApiLab, andlink_device, api_lab

from nbtwin.operators.store.backup import restore
from nbtwin.operators.store.store import Store
from nbtwin.runtime.lab import LabRuntime
from nbtwin.runtime.spec import parse_spec
from nbtwin.web.app import create_app

BC28 = "BC28,name=meter"
DEFINITION = (
    "<LWM2M><Object><Name>Tank</Name><ObjectID>33000</ObjectID><MultipleInstances>Single</MultipleInstances>"
    '<Mandatory>Optional</Mandatory><Resources><Item ID="1"><Name>Level</Name><Operations>R</Operations>'
    "<MultipleInstances>Single</MultipleInstances><Mandatory>Optional</Mandatory><Type>Float</Type></Item></Resources>"
    "</Object></LWM2M>"
)
SNAPSHOTS = "/modules/meter/nvram/snapshots"
LABELLED = [f"cmdmp:8677240{number:08}" for number in range(2000)]
"""The first `KNOWN` are in the inventory."""
KNOWN = 300
SLEEPERS = [f"8677241{number:08}" for number in range(40)]
"""In Queue Mode."""


def say(word: object) -> None:
    print(word, flush=True)


async def imported(api: ApiLab, state: Path) -> None:
    content = (state.parent / "archive").read_bytes()
    say("go")
    answer = await api.http.put("http://127.0.0.1/api/v1/lab/import", content=content)
    assert answer.status_code == 200, answer.text


async def reset(api: ApiLab, state: Path) -> None:
    say("go")
    await api.post("/lab/reset", {"faults": True, "devices": True, "modules": True})


async def snapshots(api: ApiLab, state: Path) -> None:
    say("go")
    for _ in range(40):
        say((await api.post(SNAPSHOTS, {}, status=201))["id"])


async def definitions(api: ApiLab, state: Path) -> None:
    say("go")
    for id in range(33001, 33041):
        answer = await api.http.post("http://127.0.0.1/api/v1/objects", content=DEFINITION.replace("33000", str(id)))
        assert answer.status_code == 201, answer.text
        say(id)


async def campaign(api: ApiLab, state: Path) -> None:
    await andlink_device(api)
    say("go")
    say((await api.post("/platforms/andlink/campaigns", {"package": "new"}, status=201))["id"])
    await api.advance("10min")


def appkey_of(number: int) -> str:
    return f"M31{number:07}"


async def labels(api: ApiLab, state: Path) -> None:
    """A table of names, tags and a key, then a group for many, again and again: "1", "b1", "2" …"""
    say("go")
    for number in range(1, 4):
        rows = [f"{device},n{number},t{number} u{number},{appkey_of(number)},secret-{number}" for device in LABELLED]
        table = "\n".join(["id,name,tags,appkey,password", *rows])
        answer = await api.http.put("http://127.0.0.1/api/v1/platforms/cmdmp/devices.csv", content=table)
        assert answer.status_code == 200, answer.text
        say(number)
        body = {"act": "label", "of": {"containing": "8677240"}, "labels": {"group": f"b{number}"}, "wait": 60}
        done = await api.post("/platforms/cmdmp/batches", body, status=201)
        assert done["counts"] == {"done": KNOWN}, done
        say(f"b{number}")


async def orders(api: ApiLab, state: Path) -> None:
    """One order to each of many that sleep: all that waits for them."""
    say("go")
    for number in range(1, 11):
        body = {
            "act": "operate",
            "of": {"containing": "8677241"},
            "order": {"operation": "read", "path": f"/3/0/{number}"},
        }
        begun = await api.post("/platforms/andlink/batches", body, status=201)
        for _ in range(1000):
            if begun["counts"] == {"queued": len(SLEEPERS)}:
                break
            begun = await api.get(f"/platforms/andlink/batches/{begun['number']}")
        assert begun["counts"] == {"queued": len(SLEEPERS)}, begun
        say(number)


OF_A_LAB = {
    "import": imported, "reset": reset, "snapshots": snapshots, "campaign": campaign, "definitions": definitions,
    "labels": labels, "orders": orders,
}  # fmt: skip


def database_of(state: Path) -> str | None:
    """Where the lab's database is; None: in its directory."""
    named = state.parent / "database"
    return named.read_text() if named.exists() else None


@asynccontextmanager
async def still_lab(state: Path) -> AsyncIterator[ApiLab]:
    """In which nothing happens by itself: its module is off, and no time passes."""
    lab = LabRuntime(state, seed=1, simulated=True, database=database_of(state))
    try:
        for operator in ("cmdmp", "andlink"):
            lab.add_platform(operator, ("127.0.0.1", 0))
        await lab.add_module(parse_spec(BC28), power_on=False)
        app = create_app(lab)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app)) as http:
            yield ApiLab(lab, app, http)
    finally:
        await lab.close()


async def in_lab(change: str, state: Path) -> None:
    whole = api_lab(state, BC28, platforms=("cmdmp", "andlink"), database=database_of(state))
    running = whole if change == "campaign" else still_lab(state)
    async with running as api:
        await OF_A_LAB[change](api, state)
        say("done")


def of_the_database(change: str, state: Path) -> None:
    database = database_of(state) or state / "inventory.sqlite"
    say("go")
    if change == "migration":
        Store.open(database).close()
    else:
        with Store.open(database, claim=True) as store:
            restore(store.database, state.parent / "backup", replace=True)
    say("done")


if __name__ == "__main__":
    if sys.argv[1] in OF_A_LAB:
        asyncio.run(in_lab(sys.argv[1], Path(sys.argv[2])))
    else:
        of_the_database(sys.argv[1], Path(sys.argv[2]))
