"""Queue Mode with a memory: commands for a sleeping device, in raw CoAP, before and after the platform's death."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from operators_bench import IMEI as CMDMP_IMEI
from operators_bench import OBJECTS, Bench, name_of, restored_queue
from test_operators_andlink_raw import IMEI, Client, codes

from nbtwin.coap.message import Message
from nbtwin.coap.numbers import Code
from nbtwin.engine import DAY, Seconds
from nbtwin.lwm2m.server.refusals import Lwm2mServerRefusal
from nbtwin.operators import events as ev
from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.cmdmp.platform import CmdmpPlatform
from nbtwin.operators.device_management.commands import CommandState
from nbtwin.operators.device_management.management import AWAKE, KEPT_AT_MOST, KEPT_FOR, QUEUED_AT_MOST
from nbtwin.operators.refusals import PlatformError, PlatformRefusal
from nbtwin.operators.store.database import StoreError, StoreRefusal
from nbtwin.operators.store.queue import ENDED_KEPT, TICKETS, QueueRepository
from nbtwin.operators.store.store import Store

DEVICE = f"andlink:{IMEI}"
SLEEPER = ("lwm2m=1.0", "b=UQ", "lt=86400")


class Sleeper(Client):
    """A device in Queue Mode; every drain of its platform is committed, and the platform can die."""

    def __init__(self, store: Store) -> None:
        super().__init__()
        self.store = store
        self.location = ""
        restored_queue(store, self.platform.devices)
        self._committed = 0
        self._seed = 1

    def drain(self) -> list[Message]:
        messages = super().drain()
        self.store.commit(self.log[self._committed :])
        self._committed = len(self.log)
        return messages

    def wake_up(self) -> list[Message]:
        """Registers, or updates; what it is asked then."""
        if not self.location:
            created, *asked = self.register(*SLEEPER)
            self.location = "/".join(created.location)
            return asked
        _, *asked = self.ask(Code.POST, self.location)
        return asked

    def sleep(self, span: Seconds = AWAKE + 1) -> None:
        self.now += span

    def order(self, verb: str, path: str, value: Any = None, **more: Any) -> int:
        ticket, sent = self.do(self.platform.devices.ask, IMEI, verb, path, value, **more)
        assert sent == []
        return ticket

    def kill(self) -> None:
        """The process dies between two drains, and another one is started on the same database."""
        self._seed += 1
        self.platform = AndlinkPlatform(random.Random(self._seed), self.keys)
        self.platform.restore(self.store.registrations("andlink"))
        restored_queue(self.store, self.platform.devices)
        self.run_timers()

    def run_timers(self) -> None:
        while (deadline := self.platform.next_deadline()) is not None and deadline.at <= self.now:
            self.platform.handle_timer(self.now)
            self.drain()

    def queue(self, ended: bool = False) -> list[tuple[int, CommandState]]:
        return [(each.ticket, each.state) for each in self.store.part(QueueRepository).of(DEVICE, ended=ended)]

    def history(self) -> list[str]:
        return [line.code for line in self.store.history(DEVICE) if line.code.startswith(("command", "operation"))]


@pytest.fixture
def sleeper(where: str) -> Iterator[Sleeper]:
    with Store.open(where) as store:
        device = Sleeper(store)
        assert device.wake_up() == []
        device.sleep()
        yield device


def paths(messages: list[Message]) -> list[str]:
    return ["/".join(message.path) for message in messages]


def test_commands_outlive_the_platform_and_are_sent_in_their_order_at_the_next_update(sleeper: Sleeper) -> None:
    first = sleeper.order("write", "/1/0/1", 300)
    second = sleeper.order("execute", "/3/0/4", "0='now'")
    third = sleeper.order("read", "/3/0/1")
    assert sleeper.queue() == [(each, CommandState.WAITING) for each in (first, second, third)]
    sleeper.kill()
    (write,) = sleeper.wake_up()
    assert (write.code, write.path, write.payload) == (Code.PUT, ("1", "0", "1"), b"300")
    assert sleeper.queue()[0] == (first, CommandState.SENT)
    (execute,) = sleeper.answer(write, Code.CHANGED)
    assert (execute.code, execute.payload) == (Code.POST, b"0='now'")
    sleeper.kill()
    assert sleeper.outcome(second).refusal is PlatformRefusal.OUTCOME_UNKNOWN
    (read,) = sleeper.wake_up()
    assert sleeper.answer(read, payload=b"BC28", content_format=0) == []
    assert sleeper.outcome(third).value == "BC28"
    assert sleeper.queue() == []
    states = {ticket: state for ticket, state in sleeper.queue(ended=True)}
    assert states == {first: CommandState.ANSWERED, second: CommandState.FAILED, third: CommandState.ANSWERED}


def test_what_was_sent_and_may_be_asked_twice_is_asked_again_after_the_platforms_death(sleeper: Sleeper) -> None:
    """D161."""
    ticket = sleeper.order("read", "/3/0/1")
    (read,) = sleeper.wake_up()
    sleeper.kill()
    assert sleeper.queue() == [(ticket, CommandState.SENT)]
    (again,) = sleeper.wake_up()
    assert (again.path, again.token == read.token) == (read.path, False)
    sleeper.answer(again, payload=b"BC28", content_format=0)
    assert sleeper.outcome(ticket).value == "BC28"


@pytest.mark.parametrize(
    ("verb", "path", "value"),
    [("execute", "/3/0/4", ""), ("create", "/1", {"0": {"1": 300}}), ("write-partly", "/1/0", {"1": 9})],
)
def test_what_was_sent_and_may_not_be_asked_twice_has_an_unknown_outcome(
    sleeper: Sleeper, verb: str, path: str, value: Any
) -> None:
    """D161: never twice without saying so."""
    ticket = sleeper.order(verb, path, value)
    behind = sleeper.order("read", "/3/0/1")
    (post,) = sleeper.wake_up()
    assert post.code == Code.POST
    sleeper.kill()
    assert sleeper.outcome(ticket).refusal is PlatformRefusal.OUTCOME_UNKNOWN
    sleeper.kill()
    assert [e.ticket for e in sleeper.log if isinstance(e, ev.OperationAnswered)] == [ticket], "it is said once"
    (read,) = sleeper.wake_up()
    assert read.code == Code.GET
    assert sleeper.queue() == [(behind, CommandState.SENT)]


def test_one_that_waits_and_was_never_sent_is_sent_whatever_it_is(sleeper: Sleeper) -> None:
    """The other side of D161."""
    ticket = sleeper.order("execute", "/3/0/4")
    sleeper.kill()
    (execute,) = sleeper.wake_up()
    sleeper.answer(execute, Code.CHANGED)
    assert sleeper.outcome(ticket).refusal is None


@pytest.mark.parametrize("end", ["expired", "de-registered"])
def test_commands_outlive_the_registration(sleeper: Sleeper, end: str) -> None:
    """D162."""
    ticket = sleeper.order("read", "/3/0/1")
    if end == "expired":
        sleeper.sleep(DAY + 200)
        sleeper.run_timers()
        assert any(isinstance(event, ev.DeviceExpired) for event in sleeper.log)
    else:
        sleeper.ask(Code.DELETE, sleeper.location)
    assert sleeper.platform.server.registrations == {}
    sleeper.kill()
    assert sleeper.queue() == [(ticket, CommandState.WAITING)]
    sleeper.location = ""
    (read,) = sleeper.wake_up()
    sleeper.answer(read, payload=b"BC28", content_format=0)
    assert sleeper.outcome(ticket).value == "BC28"


def test_a_device_that_comes_back_without_queue_mode_is_sent_what_waits(sleeper: Sleeper) -> None:
    first, second = sleeper.order("read", "/3/0/1"), sleeper.order("read", "/3/0/2")
    _, read = sleeper.register("lwm2m=1.0", "b=U", "lt=86400")
    _, sent = sleeper.do(sleeper.platform.devices.ask, IMEI, "read", "/3/0/3")
    assert sent == []
    (read,) = sleeper.answer(read, payload=b"1", content_format=0)
    (read,) = sleeper.answer(read, payload=b"2", content_format=0)
    assert paths([read]) == ["3/0/3"]
    assert [sleeper.outcome(ticket).value for ticket in (first, second)] == ["1", "2"]


@pytest.mark.parametrize(("late", "state"), [(-1, CommandState.SENT), (0, CommandState.EXPIRED)])
def test_a_command_ends_at_its_deadline(sleeper: Sleeper, late: Seconds, state: CommandState) -> None:
    """D160."""
    ticket = sleeper.order("read", "/3/0/1", within=3600)
    sleeper.kill()
    sleeper.sleep(3600 + late)
    sleeper.run_timers()
    sent = sleeper.wake_up()
    ((_, found),) = sleeper.queue(ended=True)
    assert (found, len(sent)) == (state, 1 if state is CommandState.SENT else 0)
    if state is CommandState.EXPIRED:
        assert sleeper.outcome(ticket).refusal is PlatformRefusal.COMMAND_EXPIRED
        assert sleeper.history() == ["command-queued", "command-expired"]


@pytest.mark.parametrize(
    ("lifetime", "kept"), [(60, KEPT_FOR), (DAY, KEPT_FOR), (2 * DAY, 4 * DAY), (400 * DAY, KEPT_AT_MOST)]
)
def test_a_command_is_kept_for_two_lifetimes_and_two_days_at_least(lifetime: int, kept: Seconds) -> None:
    """D160: whoever misses one update has another."""
    client = Client()
    client.register("lwm2m=1.0", "b=UQ", f"lt={lifetime}")
    client.do(client.platform.devices.ask, IMEI, "read", "/3/0/1")
    (queued,) = [event for event in client.log if isinstance(event, ev.CommandQueued)]
    assert queued.deadline == kept


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"deadline": 0.0}, PlatformRefusal.DEADLINE_PAST),
        ({"within": 0.0}, PlatformRefusal.DEADLINE_PAST),
        ({"within": KEPT_AT_MOST + 1}, PlatformRefusal.DEADLINE_TOO_FAR),
        ({"within": 1.0, "deadline": 1e6}, PlatformRefusal.DEADLINE_TWICE),
    ],
)
def test_a_deadline_that_cannot_be_is_refused(sleeper: Sleeper, more: dict[str, Any], code: PlatformRefusal) -> None:
    with pytest.raises(PlatformError) as error:
        sleeper.order("read", "/3/0/1", **more)
    assert error.value.code is code
    assert sleeper.queue() == []
    sleeper.order("read", "/3/0/1", within=KEPT_AT_MOST)


@pytest.mark.parametrize(
    ("moving", "position", "order"),
    [(2, 1, [2, 0, 1, 3]), (0, 4, [1, 2, 3, 0]), (0, 64, [1, 2, 3, 0]), (1, 3, [0, 2, 1, 3]), (3, 3, [0, 1, 3, 2])],
)
def test_a_command_moves_to_another_place_and_the_store_has_it_too(
    sleeper: Sleeper, moving: int, position: int, order: list[int]
) -> None:
    tickets = [sleeper.order("read", f"/3/0/{number}") for number in range(4)]
    sleeper.do(sleeper.platform.devices.move, IMEI, tickets[moving], position)
    assert [ticket for ticket, _ in sleeper.queue()] == [tickets[number] for number in order]
    if position % 2:
        sleeper.kill()
    asked = sleeper.wake_up()
    seen = []
    while asked:
        seen += paths(asked)
        asked = sleeper.answer(asked[0], payload=b"x", content_format=0)
    assert seen == [f"3/0/{number}" for number in order]


def test_a_cancelled_command_is_never_sent_and_one_that_was_sent_is_not_cancelled(sleeper: Sleeper) -> None:
    first, second = sleeper.order("execute", "/3/0/4"), sleeper.order("read", "/3/0/1")
    sleeper.do(sleeper.platform.devices.cancel, IMEI, second, "anna")
    assert sleeper.outcome(second).refusal is PlatformRefusal.COMMAND_CANCELLED
    (line,) = [line for line in sleeper.store.history(DEVICE) if line.code == "command-cancelled"]
    assert (line.fields["ticket"], line.fields["by"]) == (second, "anna")
    (execute,) = sleeper.wake_up()
    for ticket in (first, second, 99):
        with pytest.raises(PlatformError) as error:
            sleeper.platform.devices.cancel(sleeper.now, IMEI, ticket)
        assert error.value.code is PlatformRefusal.COMMAND_NOT_WAITING
        with pytest.raises(PlatformError) as error:
            sleeper.platform.devices.move(sleeper.now, IMEI, ticket, 1)
        assert error.value.code is PlatformRefusal.COMMAND_NOT_WAITING
    assert sleeper.answer(execute, Code.CHANGED) == []
    sleeper.kill()
    assert sleeper.wake_up() == []


def test_the_others_wait_on_when_one_is_not_answered(sleeper: Sleeper) -> None:
    first, second = sleeper.order("read", "/3/0/1"), sleeper.order("read", "/3/0/2")
    (read,) = sleeper.wake_up()
    sleeper.sleep(200)
    sleeper.run_timers()
    assert sleeper.outcome(first).refusal is Lwm2mServerRefusal.UNANSWERED
    assert sleeper.queue() == [(second, CommandState.WAITING)]
    (read,) = sleeper.wake_up()
    assert paths([read]) == ["3/0/2"]


def test_what_is_asked_of_one_that_listens_leaves_at_once_and_is_remembered_all_the_same(sleeper: Sleeper) -> None:
    sleeper.wake_up()
    ticket, (read,) = sleeper.do(sleeper.platform.devices.ask, IMEI, "read", "/3/0/1")
    assert sleeper.queue() == [(ticket, CommandState.SENT)]
    sleeper.sleep(AWAKE)
    assert sleeper.history() == ["command-queued", "command-sent"]
    _, sent = sleeper.do(sleeper.platform.devices.ask, IMEI, "read", "/3/0/2")
    assert sent == [], "one after the other"
    (read,) = sleeper.answer(read, payload=b"x", content_format=0)
    assert paths([read]) == ["3/0/2"]


def test_a_device_of_cmdmp_has_the_same_queue(where: str) -> None:
    with Store.open(where) as store:

        def platform() -> CmdmpPlatform:
            made = CmdmpPlatform(random.Random(1), store.keys, reads_inventory=False)
            made.restore(store.registrations("cmdmp"))
            restored_queue(store, made.devices)
            return made

        bench = Bench(platform(), store)
        query = ["lwm2m=1.0", f"ep={name_of()}", "b=UQ", "lt=86400"]
        (created,) = bench.give(bench.request(path=["rd"], query=query, content_format=40, payload=OBJECTS))
        bench.now = AWAKE + 1
        device = f"cmdmp:{CMDMP_IMEI}"
        ticket = bench.platform.devices.ask(bench.now, device, "read", "/3/0/1", within=60)
        bench.drain()
        bench.platform = platform()
        assert bench.platform.next_deadline().at == bench.now + 60
        changed, read = bench.give(bench.request(path=created.location, query=[f"epi={name_of(update=True)}"]))
        assert (changed.code, read.path) == (Code.CHANGED, ("3", "0", "1"))
        ((found, state),) = [(each.ticket, each.state) for each in store.part(QueueRepository).of(device)]
        assert (found, state) == (ticket, CommandState.SENT)


def test_a_device_that_always_listens_has_no_queue() -> None:
    client = Client()
    client.register()
    _, (read,) = client.do(client.platform.devices.ask, IMEI, "read", "/3/0/1")
    client.answer(read, payload=b"x", content_format=0)
    assert not [event for event in client.log if isinstance(event, ev.CommandEvent)]


def test_a_ticket_is_given_once_whenever_the_platform_dies(sleeper: Sleeper) -> None:
    tickets = [sleeper.order("read", "/3/0/1")]
    sleeper.kill()
    tickets.append(sleeper.order("read", "/3/0/1"))
    devices = sleeper.platform.devices
    for _ in range(TICKETS):
        tickets.append(devices.ask(sleeper.now, IMEI, "read", "/3/0/1"))
        devices.cancel(sleeper.now, IMEI, tickets[-1])
    sleeper.drain()
    sleeper.kill()
    tickets.append(sleeper.order("read", "/3/0/1"))
    assert tickets == sorted(set(tickets))


def test_the_queue_is_full_at_its_bound_also_after_a_restart(sleeper: Sleeper) -> None:
    for _ in range(QUEUED_AT_MOST):
        sleeper.order("read", "/3/0/1")
    for _ in range(2):
        with pytest.raises(PlatformError) as error:
            sleeper.order("read", "/3/0/1")
        assert error.value.code is PlatformRefusal.QUEUE_FULL
        sleeper.kill()
    asked, count = sleeper.wake_up(), 0
    while asked:
        asked, count = sleeper.answer(asked[0], payload=b"x", content_format=0), count + 1
    assert count == QUEUED_AT_MOST
    for _ in range(2):
        ticket, (read,) = sleeper.do(sleeper.platform.devices.ask, IMEI, "read", "/3/0/1")
        sleeper.answer(read, payload=b"x", content_format=0)
    assert len(sleeper.queue(ended=True)) == ENDED_KEPT, "the newest"
    assert sleeper.queue(ended=True)[-1] == (ticket, CommandState.ANSWERED)


def test_a_device_that_is_forgotten_takes_its_queue_with_it(sleeper: Sleeper) -> None:
    ticket = sleeper.order("read", "/3/0/1")
    sleeper.do(sleeper.platform.devices.forget, DEVICE)
    assert sleeper.outcome(ticket).refusal is Lwm2mServerRefusal.FORGOTTEN
    sleeper.store.forget_device(DEVICE)
    assert sleeper.queue(ended=True) == []
    sleeper.kill()
    sleeper.location = ""
    assert sleeper.wake_up() == []


def test_a_key_is_kept_in_no_queue(sleeper: Sleeper) -> None:
    with pytest.raises(PlatformError) as error:
        sleeper.order("write", "/0/0/5", "0x0102")
    assert error.value.code is PlatformRefusal.SECRET_NOT_QUEUED


@pytest.mark.parametrize(
    "damage",
    [
        {"operation": "dance"}, {"path": "/x"}, {"request": b"\x00"}, {"deadline": -1.0}, {"ticket": 7},
        {"device": "andlink:other"}, {"state": CommandState.SENT},
    ],
)  # fmt: skip
def test_a_record_that_no_platform_could_go_on_with_says_so(sleeper: Sleeper, damage: dict[str, Any]) -> None:
    ticket, queue = sleeper.order("read", "/3/0/1"), sleeper.store.part(QueueRepository)
    sleeper.store.check()
    command = queue.find(DEVICE, ticket)
    assert command is not None
    record = msgspec.json.encode(msgspec.structs.replace(command, **damage)).decode()
    sleeper.store.database.run("UPDATE queue SET record = ?", (record,))
    for reads in (sleeper.store.check, lambda: list(queue.open("andlink"))):
        with pytest.raises(StoreError) as error:
            reads()
        assert error.value.code is StoreRefusal.COMMAND_DAMAGED
        assert error.value.fields["ticket"] == ticket
        assert isinstance(error.value.fields["detail"], dict), "a code, and no sentence"


def test_how_often_a_sleeping_device_comes_is_known(sleeper: Sleeper) -> None:
    came = sleeper.now - (AWAKE + 1)
    sleeper.sleep(600)
    sleeper.wake_up()
    device = sleeper.store.device(DEVICE)
    assert device is not None
    assert device.period == sleeper.now - came
    assert codes(sleeper.ask(Code.POST, sleeper.location)) == [Code.CHANGED]
