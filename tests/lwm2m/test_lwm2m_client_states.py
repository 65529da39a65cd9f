"""Every row of the table of the fourteen registration states (DOC-E 3.10), each reached by what happens outside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from lwm2m_bench import BOOTSTRAP, SERVER, Bench, Platform

from nbtwin.coap.events import Response
from nbtwin.coap.message import options
from nbtwin.coap.numbers import Code
from nbtwin.lwm2m.client import client
from nbtwin.lwm2m.client.events import AndlinkStateChanged
from nbtwin.lwm2m.client.states import TRANSITIONS, AndlinkInput, RegistrationState
from nbtwin.timeline.catalogue import words

R, I = RegistrationState, AndlinkInput  # noqa: E741
NAME = "lwm2m.example"
GAVE_UP_AT = 4 * 62 + 210


def bench() -> Bench:
    """Manual: nothing starts before the story wants it. The host's request is the START."""
    return Bench(Platform(BOOTSTRAP), Platform(SERVER), names={NAME: SERVER[0]}, automatic=False)


def start(b: Bench) -> None:
    b.client.register(b.now)
    b.drain()


def unconfigured(b: Bench) -> None:
    b.config = replace(b.config, servers=(), bootstrap_servers=())
    if b.client.registration_state is R.RETRYING:
        b.run(b.now + 31)
    else:
        _again(b)


def _again(b: Bench) -> None:
    if b.client.registration_state is R.NO_UE_IP:
        b.attach()
    start(b)


def start_in_time(b: Bench) -> None:
    """After the pause by itself, else by the host."""
    b.run(b.now + 31)
    _again(b)


def looked_up(host: str | None) -> Callable[[Bench], None]:
    def answer_lookup(b: Bench) -> None:
        b.client.handle_lookup(b.now, NAME, host)
        b.drain()

    return answer_lookup


def answer(code: int) -> Callable[[Bench], None]:
    def set_answer(b: Bench) -> None:
        b.platform.answers["rd"] = Response(code, options(location_path=("rd", "5a3f")))

    return set_answer


def reach(b: Bench, state: RegistrationState) -> None:
    b.attach()
    match state:
        case R.MISSING_CONFIG:
            unconfigured(b)
            b.config = replace(b.config, servers=(SERVER,))
        case R.INITIALISING:
            b.config = replace(b.config, bootstrap_servers=(BOOTSTRAP,))
            b.platforms[BOOTSTRAP].deaf = True
            start(b)
        case R.INIT_FAILED:
            reach(b, R.INITIALISING)
            b.run(GAVE_UP_AT)
        case R.INITIALISED:
            b.config = replace(b.config, bootstrap_servers=(BOOTSTRAP,))
            b.looking_up = {NAME}
            start(b)
            b.write_account(f"coap://{NAME}")
            b.finish_bootstrap()
        case R.REGISTERING:
            b.platform.deaf = True
            start(b)
        case R.RETRYING:
            reach(b, R.REGISTERING)
            b.run(62)
        case R.NO_UE_IP:
            reach(b, R.REGISTERING)
            b.detach()
        case R.REG_FAILED:
            reach(b, R.REGISTERING)
            b.run(GAVE_UP_AT)
        case R.REJECTED:
            answer(Code.FORBIDDEN)(b)
            start(b)
        case R.REGISTERED | R.MO_DATA_ENABLED:
            start(b)
            if state is R.MO_DATA_ENABLED:
                b.observe("/19/1/0")
        case R.DEREGISTERED:
            reach(b, R.REGISTERED)
            deregister(b)
        case R.DEREG_FAILED:
            reach(b, R.REGISTERED)
            deregistration_failed(b)


def deregister(b: Bench) -> None:
    b.client.deregister(b.now)
    b.drain()


def deregistration_failed(b: Bench) -> None:
    b.platform.answers["rd/5a3f"] = Response(Code.BAD_REQUEST)
    deregister(b)


def unanswered(b: Bench) -> None:
    if b.client.registration_state is R.INITIALISED:
        looked_up(None)(b)
    b.run(b.now + 62)


def refused(b: Bench) -> None:
    if b.client.registration_state is R.INITIALISING:
        b.platforms[BOOTSTRAP].answers["bs"] = Response(Code.FORBIDDEN)
        b.platforms[BOOTSTRAP].deaf = False
    else:
        answer(Code.FORBIDDEN)(b)
        b.platform.deaf = False
    b.run(b.now + 5)


def created(b: Bench) -> None:
    b.platform.deaf = False
    b.run(b.now + 5)


def ready(b: Bench) -> None:
    b.platforms[BOOTSTRAP].deaf = False
    b.run(b.now + 5)
    b.write_account("coap://192.0.2.11")
    b.finish_bootstrap()


def bootstrapped_without_a_key(b: Bench) -> None:
    b.platforms[BOOTSTRAP].deaf = False
    b.run(b.now + 5)
    b.write_account("coaps://192.0.2.11", mode=0)
    b.finish_bootstrap()


def observe_again(b: Bench) -> None:
    b.observe("/19/1/0")


APPLY: dict[AndlinkInput, Callable[[Bench], None]] = {
    I.START: start_in_time,
    I.UNCONFIGURED: unconfigured,
    I.READY: ready,
    I.REGISTER: lambda b: (looked_up(SERVER[0]) if b.client.registration_state is R.INITIALISED else start)(b),
    I.CREATED: created,
    I.OBSERVED: observe_again,
    I.REFUSED: refused,
    I.UNANSWERED: unanswered,
    I.GAVE_UP: lambda b: b.run(b.now + GAVE_UP_AT),
    I.NO_IP: lambda b: b.detach(),
    I.DEREGISTERED: deregister,
    I.DEREGISTRATION_FAILED: deregistration_failed,
}


@pytest.fixture
def rows(monkeypatch: pytest.MonkeyPatch) -> list[tuple[RegistrationState, AndlinkInput]]:
    """The rows that were taken, in order."""
    taken: list[tuple[RegistrationState, AndlinkInput]] = []

    class Recorded(dict[tuple[RegistrationState, AndlinkInput], RegistrationState]):
        def __getitem__(self, row: tuple[RegistrationState, AndlinkInput]) -> RegistrationState:
            taken.append(row)
            return super().__getitem__(row)

    monkeypatch.setattr(client, "TRANSITIONS", Recorded(TRANSITIONS))
    return taken


@pytest.mark.parametrize("row", TRANSITIONS, ids=lambda row: f"{row[0].name}-{row[1].name}")
def test_every_row_is_exercised(
    row: tuple[RegistrationState, AndlinkInput], rows: list[tuple[RegistrationState, AndlinkInput]]
) -> None:
    b = bench()
    reach(b, row[0])
    if row == (R.INITIALISING, I.UNCONFIGURED):
        bootstrapped_without_a_key(b)
    elif row not in rows:
        APPLY[row[1]](b)
    assert row in rows
    assert all(words(event.reason) != event.reason for event in b.seen(AndlinkStateChanged)), "each has words"


def test_every_state_is_there_for_a_host_to_read() -> None:
    for state in R:
        b = bench()
        reach(b, state)
        assert b.client.registration_state is state
