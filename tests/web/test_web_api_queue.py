"""The queue of a sleeping device over the API: kept, listed, moved, cancelled, there after a new start of the lab."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from api_lab import BASE, ApiLab, api_lab
from sleeping_meter import IMEI, Meter

from nbtwin.coap.numbers import Code
from nbtwin.engine import DAY
from nbtwin.operators.store.access import AuditRepository
from nbtwin.web.access import tokens
from nbtwin.web.access.roles import Role
from nbtwin.web.access.tokens import Access
from nbtwin.web.app import create_app

pytestmark = pytest.mark.asyncio

WHERE = f"/platforms/andlink/devices/{IMEI}"


@asynccontextmanager
async def sleeping(state: Path) -> AsyncIterator[tuple[ApiLab, Meter]]:
    async with api_lab(state, platforms=("andlink",)) as api:
        meter = Meter(api.lab)
        meter.register()
        await api.advance("10min")
        yield api, meter


async def order(api: ApiLab, operation: str, path: str, status: int = 202, **more: Any) -> Any:
    return await api.post(f"{WHERE}/operations", {"operation": operation, "path": path, "wait": 0, **more}, status)


async def test_commands_are_listed_moved_and_cancelled(tmp_path: Path) -> None:
    async with sleeping(tmp_path) as (api, meter):
        first = await order(api, "write", "/1/0/1", value=300, within=7200)
        second = await order(api, "execute", "/3/0/4", arguments="0='now'")
        third = await order(api, "read", "/3/0/1", deadline=api.lab.world.now + 60)
        assert first["deadline"] == first["asked_at"] + 7200
        queue = await api.get(f"{WHERE}/queue")
        assert [each["position"] for each in queue["commands"]] == [1, 2, 3]
        write = queue["commands"][0]
        assert (write["value"], write["state"], write["asked_by"]) == (300, "waiting", "local")
        assert queue["commands"][1]["deadline"] == second["asked_at"] + 2 * DAY
        assert queue["limit"] == 64
        moved = await api.put(f"{WHERE}/queue/{third['ticket']}", {"position": 1})
        assert moved["position"] == 1
        await api.delete(f"{WHERE}/queue/{second['ticket']}")
        queue = await api.get(f"{WHERE}/queue")
        assert [each["ticket"] for each in queue["commands"]] == [third["ticket"], first["ticket"]]
        gone = await api.get(f"{WHERE}/queue/{second['ticket']}")
        assert (gone["state"], gone["position"]) == ("cancelled", None)
        assert gone["refusal"]["code"] == "platform-command-cancelled"
        assert (await api.get(f"{WHERE}/operations/{second['ticket']}"))["done"]
        await api.advance("2min")
        late = await api.get(f"{WHERE}/queue/{third['ticket']}")
        assert (late["state"], late["refusal"]["code"]) == ("expired", "platform-command-expired")
        meter.update()
        assert (await api.get(f"{WHERE}/queue/{first['ticket']}"))["state"] == "sent"
        for verb in (api.delete(f"{WHERE}/queue/{first['ticket']}", 409), _move(api, first["ticket"], 409)):
            refused = await verb
            assert refused["code"] == "platform-command-not-waiting"
        assert meter.answer() == "/1/0/1"
        assert (await api.get(f"{WHERE}/queue"))["commands"] == []
        ended = (await api.get(f"{WHERE}/queue", ended=True))["commands"]
        assert [each["state"] for each in ended] == ["cancelled", "expired", "answered"]


def _move(api: ApiLab, ticket: int, status: int = 200, position: int = 1) -> Any:
    return api.put(f"{WHERE}/queue/{ticket}", {"position": position}, status)


async def test_what_cannot_be_is_said_with_its_code_and_its_field(tmp_path: Path) -> None:
    async with sleeping(tmp_path) as (api, _):
        for more, field, code in (
            ({"deadline": 1.0}, "deadline", "platform-deadline-past"),
            ({"within": 400 * DAY}, "deadline", "platform-deadline-too-far"),
            ({"within": 60, "deadline": 1e10}, "deadline", "platform-deadline-twice"),
        ):
            refused = await order(api, "read", "/3/0/1", 422, **more)
            assert (refused["code"], refused["field"]) == (code, field)
        await order(api, "read", "/3/0/1", 422, within=0)
        assert (await api.get(f"{WHERE}/queue"))["commands"] == []
        for answer in (api.get(f"{WHERE}/queue/1", 404), api.delete(f"{WHERE}/queue/1", 404), _move(api, 1, 404)):
            assert (await answer)["code"] == "api-operation-unknown"
        ticket = (await order(api, "read", "/3/0/1"))["ticket"]
        for position in (0, 65):
            await _move(api, ticket, 422, position)
        await _move(api, ticket, 200, 64)


async def test_the_next_window_is_known_from_the_updates_and_else_from_the_lifetime(tmp_path: Path) -> None:
    async with api_lab(tmp_path, platforms=("andlink",)) as api:
        meter, began = Meter(api.lab), api.lab.world.now

        async def window() -> Any:
            return (await api.get(f"{WHERE}/queue"))["window"]

        meter.register()
        assert await window() == {"open": True, "until": began + 93, "due_at": None, "known_from": "now"}
        await api.advance("10min")
        due = {"open": False, "until": None, "due_at": began + 3600, "known_from": "lifetime"}
        assert await window() == due
        meter.update()
        await api.advance("5min")
        assert await window() == {**due, "due_at": began + 1200, "known_from": "period"}
        await api.advance("6min")
        assert await window() == {**due, "due_at": began + 600 + 3600}
        await api.advance("2h")
        assert await window() == {**due, "due_at": None, "known_from": "nothing"}


async def test_a_queue_is_there_after_the_lab_was_started_anew(tmp_path: Path) -> None:
    async with sleeping(tmp_path) as (api, meter):
        tickets = [(await order(api, "write", f"/1/0/{number}", value=60))["ticket"] for number in (1, 2, 3)]
        await _move(api, tickets[2])
        location = meter.location
    async with api_lab(tmp_path, platforms=("andlink",)) as api:
        queue = await api.get(f"{WHERE}/queue")
        assert [each["ticket"] for each in queue["commands"]] == [tickets[2], tickets[0], tickets[1]]
        assert not (await api.get(f"{WHERE}/operations/{tickets[0]}"))["done"]
        meter = Meter(api.lab)
        meter.location = location
        meter.update()
        assert [meter.answer() for _ in range(3)] == ["/1/0/3", "/1/0/1", "/1/0/2"]
        answered = await api.get(f"{WHERE}/operations/{tickets[0]}")
        assert (answered["done"], answered["code"]) == (True, "2.04")


async def test_of_a_post_that_was_out_when_the_lab_ended_the_outcome_is_unknown(tmp_path: Path) -> None:
    """D161."""
    async with sleeping(tmp_path) as (api, meter):
        ticket = (await order(api, "execute", "/3/0/4"))["ticket"]
        meter.update()
        assert [message.code for message in meter.asked] == [Code.POST]
    async with api_lab(tmp_path, platforms=("andlink",)) as api:
        await api.advance("1s")
        told = await api.get(f"{WHERE}/operations/{ticket}")
        assert (told["done"], told["refusal"]["code"]) == (True, "platform-outcome-unknown")
        meter_again = Meter(api.lab)
        meter_again.location = meter.location
        meter_again.update()
        assert meter_again.asked == []


async def test_export_import_and_reset_carry_the_queue(tmp_path: Path) -> None:
    async with sleeping(tmp_path) as (api, meter):
        ticket = (await order(api, "write", "/1/0/1", value=60))["ticket"]
        archive = await api.get("/lab/export")
        await api.delete(f"{WHERE}/queue/{ticket}")
        put = await api.http.put("http://127.0.0.1/api/v1/lab/import", content=archive)
        assert put.status_code == 200, put.text
        (command,) = (await api.get(f"{WHERE}/queue"))["commands"]
        assert (command["ticket"], command["state"]) == (ticket, "waiting")
        meter.update()
        assert meter.answer() == "/1/0/1"


async def test_a_viewer_looks_an_operator_moves_and_it_is_known_who(tmp_path: Path) -> None:
    async with sleeping(tmp_path) as (api, _):
        lab = api.lab
        names = {Role.VIEWER: "anna", Role.OPERATOR: "otto"}
        known = {role: tokens.create(lab.store, name, role, now=0.0) for role, name in names.items()}
        app = create_app(lab, Access(lab.store, needed=True))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as http:

            async def ask(role: Role, method: str, path: str, body: Any = None) -> httpx.Response:
                headers = {"Authorization": f"Bearer {known[role]}"}
                return await http.request(method, f"{WHERE}{path}", headers=headers, json=body)

            order = {"operation": "read", "path": "/3/0/1", "wait": 0}
            asked = [(await ask(Role.OPERATOR, "POST", "/operations", order)).json()["ticket"] for _ in range(2)]
            for method, body in (("PUT", {"position": 1}), ("DELETE", None)):
                refused = await ask(Role.VIEWER, method, f"/queue/{asked[1]}", body)
                assert refused.status_code == 403
            shown = (await ask(Role.VIEWER, "GET", "/queue")).json()["commands"]
            assert [(each["ticket"], each["asked_by"]) for each in shown] == [(each, "otto") for each in asked]
            assert (await ask(Role.OPERATOR, "PUT", f"/queue/{asked[1]}", {"position": 1})).status_code == 200
            assert (await ask(Role.OPERATOR, "DELETE", f"/queue/{asked[1]}")).status_code == 204
            history = lab.store.history(f"andlink:{IMEI}")
            told = {line.code: line.fields["by"] for line in history if line.fields.get("ticket") == asked[1]}
            assert told == {"command-queued": "otto", "command-moved": "otto", "command-cancelled": "otto"}
            lines = [(line.who, line.what, line.status) for line in lab.store.part(AuditRepository).lines(limit=4)]
            assert lines[:2] == [("otto", "DELETE", 204), ("otto", "PUT", 200)]
