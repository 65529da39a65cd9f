"""The journal (D177, D178, D179, D180): what was appended survives a kill; what cannot be read is told."""

from __future__ import annotations

import errno
import os
import random
import shutil
import threading
import typing
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import msgspec
import pytest
from operators_bench import IMEI
from power import Disk
from storage_events import DEVICE, PEER, registered, registration

from nbtwin.engine import CodedError, Fact
from nbtwin.operators import events as ev
from nbtwin.operators.campaigns import records as cp
from nbtwin.operators.store import folding, journal_format
from nbtwin.operators.store.backup import backup, restore
from nbtwin.operators.store.database import Durability, StoreError, StoreLocked, StoreRefusal
from nbtwin.operators.store.journal import Place, left_at, read
from nbtwin.operators.store.journal_format import EventDecoder, Record, encode_events
from nbtwin.operators.store.store import KEPT, Store

IMEIS = [str(863703030820000 + number) for number in range(50)]
NUMBERS = count(1)


class Lab:
    """A store with a journal, that may be left as a process leaves it that is killed: what its folder had then."""

    def __init__(self, folder: Path, durability: Durability = "process") -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.store = Store.open(folder / "i.sqlite", claim=True, durability=durability, journal=next(NUMBERS))

    def stop_folding(self) -> None:
        """The database takes nothing any more."""
        assert self.store.folding is not None
        self.store.count()
        self.store.folding.fold = _refuse

    def wait(self) -> None:
        """Until it has caught up."""
        assert self.store.folding is not None
        while self.store.folding.pending:
            with suppress(StoreLocked):  # of the try that was under way
                self.store.count()

    def append_without_end(self) -> None:
        while True:
            self.store.append([registered(0.0, IMEIS[0])])

    def killed(self, name: str) -> Path:
        """Another folder, with what there is now."""
        copy = self.folder.with_name(name)
        while True:
            with suppress(shutil.Error):  # a segment that was folded went away meanwhile: no instant was that
                shutil.copytree(self.folder, copy)
                break
            shutil.rmtree(copy)
        return copy / "i.sqlite"

    @property
    def journal(self) -> Path:
        assert self.store.folding is not None
        return self.store.folding.journal.path


def _refuse(events: object, number: int) -> None:
    raise StoreLocked(StoreRefusal.LOCKED, "i.sqlite")


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    lab = Lab(tmp_path / "lab")
    yield lab
    lab.store.close(longest=0.0)


def devices_of(path: Path) -> list[str]:
    with Store.open(path) as store:
        return [device.imei for device in store.devices()]


def facts_beside(path: Path) -> list[str]:
    return [found.name for found in path.parent.glob("*-facts-*")]


def test_a_read_sees_what_was_appended_before_it(lab: Lab) -> None:
    for number, imei in enumerate(IMEIS, 1):
        lab.store.append([registered(float(number), imei)])
        assert lab.store.count() == number
    assert lab.store.newest_history() == 50.0


def test_a_lab_that_ends_leaves_no_journal_and_no_trace_of_it(lab: Lab) -> None:
    lab.store.append([registered()])
    assert lab.store.close()
    assert facts_beside(lab.folder / "i.sqlite") == []
    with Store.open(lab.folder / "i.sqlite") as store:
        assert store.count() == 1
        assert store.database.rows("SELECT name FROM counters WHERE name LIKE 'folded%'") == []


def test_what_was_appended_and_not_folded_is_there_when_the_database_is_opened_next(lab: Lab) -> None:
    lab.stop_folding()
    for number, imei in enumerate(IMEIS):
        lab.store.append([registered(float(number), imei)])
    path = lab.killed("killed")
    assert devices_of(path) == IMEIS
    assert facts_beside(path) == []


def test_a_databases_name_may_have_any_characters(tmp_path: Path) -> None:
    path = tmp_path / "lab[1]*?.sqlite"
    store = Store.open(path, claim=True, durability="process", journal=next(NUMBERS))
    assert store.folding is not None
    store.folding.fold = _refuse
    store.append([registered()])
    assert not store.close()
    assert devices_of(path) == [IMEI]


def test_what_the_database_does_not_take_at_the_end_waits_for_the_next_start(lab: Lab) -> None:
    lab.stop_folding()
    lab.store.append([registered()])
    assert not lab.store.close()
    with Store.open(lab.folder / "i.sqlite") as store:
        assert store.recovered.events == 1
        assert store.count() == 1
    assert facts_beside(lab.folder / "i.sqlite") == []


def test_a_second_recovery_does_nothing_twice(lab: Lab) -> None:
    """The process dies between the commit of the fold and the deletion of the files."""
    lab.stop_folding()
    lab.store.append([registered(1.0)])
    lab.store.append([ev.DeviceDeregistered(2.0, DEVICE)])
    path = lab.killed("killed")
    left = {file.name: file.read_bytes() for file in path.parent.glob("*-facts-*")}
    with Store.open(path) as store:
        history = store.history(DEVICE)
        position = lab.journal.name.split("-")[2]
        store.database.run("INSERT INTO counters VALUES (?, 2)", (f"folded-{position}",))
    assert len(history) == 2
    for name, content in left.items():
        (path.parent / name).write_bytes(content)
    with Store.open(path) as store:
        assert store.history(DEVICE) == history
    assert facts_beside(path) == []


def test_the_last_record_torn_at_any_byte_is_cut_and_told_and_all_before_it_is_there(lab: Lab) -> None:
    lab.stop_folding()
    lab.store.append([registered(1.0, IMEIS[0])])
    whole = lab.journal.stat().st_size
    lab.store.append([registered(2.0, IMEIS[1])])
    path = lab.killed("killed")
    journal = path.parent / lab.journal.name
    data = journal.read_bytes()
    decoder = EventDecoder(KEPT)
    for size in range(whole, len(data)):
        segment = journal_format.parse(data[:size], "another run of the machine")
        assert [record.number for record in segment.records] == [1]
        assert (segment.end, segment.torn) == (whole, size - whole)
        assert decoder.events(segment.records[0]) == [registered(1.0, IMEIS[0])]
    journal.write_bytes(data[:-1])
    with Store.open(path) as store:
        assert [device.imei for device in store.devices()] == IMEIS[:1]
        (notice,) = store.recovered.notices
        assert notice.code == StoreRefusal.JOURNAL_TORN
        assert notice.fields == {"offset": whole, "bytes": len(data) - 1 - whole}


def test_damage_before_a_whole_record_is_refused_with_its_place_and_nothing_is_thrown_away(lab: Lab) -> None:
    lab.stop_folding()
    begin = lab.journal.stat().st_size
    for number, imei in enumerate(IMEIS[:3]):
        lab.store.append([registered(float(number), imei)])
    path = lab.killed("killed")
    journal = path.parent / lab.journal.name
    data = bytearray(journal.read_bytes())
    data[begin + 40] ^= 1
    journal.write_bytes(data)
    for _ in range(2):
        with pytest.raises(StoreError) as refused:
            Store.open(path)
        assert (refused.value.code, refused.value.where) == (StoreRefusal.JOURNAL_DAMAGED, str(journal))
        assert refused.value.fields == {"offset": begin}
    assert journal.read_bytes() == data


def test_a_journal_of_a_newer_version_is_refused_and_left_as_it_is(lab: Lab) -> None:
    path = lab.killed("killed")
    journal = path.parent / lab.journal.name
    head = msgspec.msgpack.encode({"version": 2, "anything": "else"})
    journal.write_bytes(data := journal_format.MAGIC + journal_format.encode_record(0, head) + b"torn")
    with pytest.raises(StoreError) as refused:
        Store.open(path)
    assert (refused.value.code, refused.value.fields) == (StoreRefusal.JOURNAL_NEWER, {"version": 2, "known": 1})
    assert journal.read_bytes() == data


def test_a_journal_beside_another_database_is_kept_aside_and_told(lab: Lab, tmp_path: Path) -> None:
    lab.stop_folding()
    lab.store.append([registered()])
    path = lab.killed("killed")
    for file in path.parent.glob("i.sqlite*"):
        if "-facts-" not in file.name:
            file.unlink()
    with Store.open(path) as store:
        assert store.count() == 0
        (notice,) = store.recovered.notices
        assert notice.code == StoreRefusal.JOURNAL_OTHER
    with Store.open(path) as store:
        assert not store.recovered.notices
    assert [name.endswith(".aside") for name in facts_beside(path)] == [True]


def test_a_restore_takes_no_number_of_a_journal_from_the_backup(tmp_path: Path) -> None:
    other = Lab(tmp_path / "other")
    other.store.append([registered()])
    backup(other.store.database, tmp_path / "backup")
    other.store.close()
    lab = Lab(tmp_path / "lab")
    before = lab.store.database.rows("SELECT name FROM counters WHERE name LIKE 'folded%'")
    restore(lab.store.database, tmp_path / "backup", replace=True)
    lab.store.reload()
    assert lab.store.database.rows("SELECT name FROM counters WHERE name LIKE 'folded%'") == before
    lab.stop_folding()
    lab.store.append([registered(9.0, IMEIS[0])])
    assert len(devices_of(lab.killed("killed"))) == 2
    lab.store.close(longest=0.0)


def test_while_the_database_refuses_answers_go_on_reads_are_refused_and_all_is_folded_later(lab: Lab) -> None:
    assert lab.store.folding is not None
    fold = lab.store.folding.fold
    lab.stop_folding()
    lab.store.append([registered()])
    for _ in range(2):
        with pytest.raises(StoreLocked) as refused:
            lab.store.count()
        assert refused.value.code == StoreRefusal.LOCKED
    lab.store.append([registered(2.0, IMEIS[0])])
    lab.store.folding.fold = fold
    lab.wait()
    assert lab.store.count() == 2


def test_the_journal_is_bounded_and_takes_more_when_the_database_has_caught_up(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folding, "BOUND", 20_000)
    assert lab.store.folding is not None
    fold = lab.store.folding.fold
    lab.stop_folding()
    with pytest.raises(StoreError) as refused:
        lab.append_without_end()
    assert refused.value.code == StoreRefusal.JOURNAL_FULL
    assert lab.journal.stat().st_size < 22_000
    lab.store.folding.fold = fold
    lab.wait()
    lab.store.append([registered(0.0, IMEIS[1])])
    assert lab.store.count() == 2


def test_the_more_waits_for_the_database_the_longer_an_append_takes_and_never_long(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So whoever asks faster than the database takes it gives it the time, before anything fails."""
    pauses: list[float] = []
    monkeypatch.setattr(folding, "BOUND", 20_000)
    monkeypatch.setattr("nbtwin.operators.store.folding.time.sleep", pauses.append)
    lab.stop_folding()
    with pytest.raises(StoreError):
        lab.append_without_end()
    assert lab.store.folding is not None
    assert pauses == sorted(pauses)
    assert 0.45 < len(pauses) / lab.store.folding.journal.number < 0.55
    assert folding.LONGEST_PAUSE * 0.9 < pauses[-1] < folding.LONGEST_PAUSE


def test_what_is_far_ahead_of_the_database_is_read_from_the_journal(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folding, "IN_MEMORY", 3)
    monkeypatch.setattr("nbtwin.operators.store.journal.SEGMENT", 2_000)
    assert lab.store.folding is not None
    fold = lab.store.folding.fold
    lab.stop_folding()
    for number, imei in enumerate(IMEIS):
        lab.store.append([registered(float(number), imei)])
    assert sum(batch.events is None for batch in lab.store.folding._pending) > 40
    lab.store.folding.fold = fold
    lab.wait()
    assert [device.imei for device in lab.store.devices()] == IMEIS


def test_a_disk_that_fills_up_within_a_record_takes_the_next_one_behind_the_last_whole_one(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    lab.stop_folding()
    lab.store.append([registered(1.0, IMEIS[0])])
    whole = lab.journal.stat().st_size
    real, left = os.write, [100, 0]

    def write(file: int, data: bytes) -> int:
        room = left.pop(0) if left else len(data)
        if not room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(file, data[:room])

    with monkeypatch.context() as patched:
        patched.setattr("nbtwin.operators.store.journal.os.write", write)
        with pytest.raises(StoreError) as refused:
            lab.store.append([registered(2.0, IMEIS[1])])
        assert refused.value.code == StoreRefusal.JOURNAL_FAILED
        assert lab.journal.stat().st_size == whole
        lab.store.append([registered(3.0, IMEIS[2])])
    path = lab.killed("killed")
    with Store.open(path) as store:
        assert not store.recovered.notices
        assert [device.imei for device in store.devices()] == [IMEIS[0], IMEIS[2]]


def test_segments_that_are_folded_are_deleted(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nbtwin.operators.store.journal.SEGMENT", 2_000)
    monkeypatch.setattr("nbtwin.operators.store.journal.SETTLED", 1_000)
    for number, imei in enumerate(IMEIS):
        lab.store.append([registered(float(number), imei)])
        if number % 10 == 9:
            lab.store.count()
    lab.store.append([registered(0.0, IMEIS[0])])
    assert lab.store.count() == 50
    assert len(facts_beside(lab.folder / "i.sqlite")) <= 2
    assert devices_of(lab.killed("killed")) == IMEIS


def test_another_process_leaves_the_journal_of_a_lab_that_runs_alone(lab: Lab) -> None:
    lab.stop_folding()
    lab.store.append([registered()])
    with Store.open(lab.folder / "i.sqlite") as other:
        assert other.count() == 0
    assert lab.journal.exists()


@pytest.mark.parametrize("durability", ["process", "disk"])
def test_many_threads_that_read_while_much_is_appended_see_all_that_was_before(
    tmp_path: Path, durability: Durability
) -> None:
    lab = Lab(tmp_path / "lab", durability)
    append = lab.store.append if durability == "process" else lab.store.append_durably
    done, wrong = 0, list[int]()

    def read() -> None:
        while (before := done) < len(IMEIS):
            if (seen := lab.store.count()) < before:
                wrong.append(seen - before)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for imei in IMEIS:
        append([registered(0.0, imei)])
        done += 1
    for reader in readers:
        reader.join()
    assert wrong == []
    assert lab.store.close()


SAMPLES: dict[object, object] = {
    float: 1.5, int: 1, str: "\u7269 text\0", bytes: b"\0\xff", bool: True,
    typing.Any: {"a": [1, 2.5, None, "x"], "b": {}},
}  # fmt: skip


def sample(kind: typing.Any) -> typing.Any:
    """A value of that type, with every field filled."""
    if kind in SAMPLES:
        return SAMPLES[kind]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = typing.get_type_hints(kind)
        return kind(**{field.name: sample(hints[field.name]) for field in msgspec.structs.fields(kind)})
    origin, args = typing.get_origin(kind), typing.get_args(kind)
    if origin is typing.Literal:
        return args[-1]
    if origin is tuple:
        return (sample(args[0]),) if args[-1] is Ellipsis else tuple(map(sample, args))
    if origin is not None and args and isinstance(origin, type) and issubclass(origin, typing.Mapping):
        return {sample(args[0]): sample(args[1])}
    if origin is list:
        return [sample(args[0])]
    if args:  # a union
        return sample(next(each for each in args if each is not type(None)))
    return list(kind)[-1]  # an enumeration


@pytest.mark.parametrize("kind", sorted(KEPT, key=lambda kind: kind.__name__), ids=lambda kind: kind.__name__)
def test_every_event_that_is_kept_comes_back_as_it_was(kind: type[Fact]) -> None:
    event = sample(kind)
    body = encode_events([event])
    (back,) = EventDecoder(KEPT).events(Record(1, body, len(body)))
    assert back == event
    assert type(back) is kind


def test_the_samples_are_of_all_events_that_there_are() -> None:
    assert {ev.DeviceRegistered, ev.OperationAsked, cp.CampaignStarted} <= KEPT
    assert registration(0.0, "1").peer == PEER


@pytest.mark.parametrize("durability", ["disk", "process"])
def test_a_power_cut_behind_any_call_leaves_what_was_answered_or_at_the_level_process_what_came_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, durability: Durability
) -> None:
    monkeypatch.setattr("nbtwin.operators.store.journal.SEGMENT", 3_000)
    disk = Disk()
    disk.watch(monkeypatch, "nbtwin.operators.store.journal")
    lab = Lab(tmp_path / "lab", durability)
    lab.stop_folding()
    append = lab.store.append_durably if durability == "disk" else lab.store.append
    for number, imei in enumerate(IMEIS[:20]):
        append([registered(float(number), imei)])
        disk.promised.append(len(disk.calls))
    lab.store.close(longest=0.0)
    monkeypatch.undo()
    monkeypatch.setattr("nbtwin.operators.store.journal.boot", lambda: "after the power cut")
    chance = random.Random(7)
    torn, told = 0, list[CodedError]()
    for calls in range(len(disk.calls) + 1):
        folder = tmp_path / "disk"
        folder.mkdir()
        disk.left_after(calls, folder, chance)
        answered = sum(promised <= calls for promised in disk.promised)
        found: list[str] = []
        for left in left_at(folder / "i.sqlite-facts-", told.append):
            torn += len(left.notices)
            if left.first not in (None, 1):
                continue  # recovery keeps it aside (D180)
            for batch in left.batches(0, EventDecoder(KEPT)):
                found += [event.identity.imei for event in batch.events if isinstance(event, ev.DeviceRegistered)]
        assert found == IMEIS[: len(found)]
        assert len(found) in ((answered, answered + 1) if durability == "disk" else range(answered + 2))
        shutil.rmtree(folder)
    assert torn > 5, "no cut fell into a record"


@pytest.mark.parametrize(("durability", "waits"), [("process", 1), ("disk", 2), ("database", 2)])
def test_the_databases_own_commits_wait_for_the_disk_where_a_power_cut_must_take_nothing(
    tmp_path: Path, durability: Durability, waits: int
) -> None:
    """SQLite's FULL is 2, NORMAL 1. What is deleted of a journal has to be on the disk."""
    lab = Lab(tmp_path / "lab", durability)
    with lab.store.database.transaction():
        assert lab.store.database.rows("PRAGMA synchronous") == [(waits,)]
    lab.store.close()


def test_damage_of_what_had_been_on_the_disk_is_told_after_a_power_cut_too(tmp_path: Path) -> None:
    lab = Lab(tmp_path / "lab", "disk")
    lab.stop_folding()
    begin = lab.journal.stat().st_size
    for number, imei in enumerate(IMEIS[:3]):
        lab.store.append_durably([registered(float(number), imei)])
    data = bytearray(lab.journal.read_bytes())
    lab.store.close(longest=0.0)
    data[begin + 40] ^= 1
    with pytest.raises(journal_format.Damaged):
        journal_format.parse(bytes(data), "after the power cut")


def test_a_database_is_one_by_whatever_name_it_is_opened(lab: Lab, tmp_path: Path) -> None:
    link = tmp_path / "link.sqlite"
    link.symlink_to(lab.folder / "i.sqlite")
    with pytest.raises(StoreLocked) as refused:
        Store.open(link, claim=True)
    assert refused.value.code == StoreRefusal.IN_USE
    other = tmp_path / "there" / "link.sqlite"
    other.parent.mkdir()
    other.symlink_to(tmp_path / "other" / "real.sqlite")
    (tmp_path / "other").mkdir()
    store = Store.open(other, claim=True, durability="process", journal=next(NUMBERS))
    assert store.folding is not None
    store.database.checkpoint()
    store.folding.fold = _refuse
    store.append([registered()])
    assert not store.close(longest=0.0)
    assert devices_of(tmp_path / "other" / "real.sqlite") == [IMEI]


@pytest.mark.parametrize("what", ["away", "emptied"])
def test_a_journal_that_is_not_where_its_database_is_is_told_until_the_tables_go_on_without_it(
    what: str, lab: Lab
) -> None:
    lab.stop_folding()
    lab.store.append([registered()])
    path = lab.killed("killed")
    (journal,) = path.parent.glob("*-facts-*")
    if what == "away":
        journal.rename(path.parent.parent / journal.name)
    else:
        os.truncate(journal, 0)
    for _ in range(2):
        with Store.open(path, claim=True, durability="process", journal=next(NUMBERS)) as store:
            (notice,) = store.recovered.notices
            assert notice.code == StoreRefusal.JOURNAL_MISSING
            assert journal.name.startswith(notice.fields["journal"])
    with Store.open(path, claim=True, durability="process", journal=next(NUMBERS)) as store:
        store.append([registered(9.0, IMEIS[0])])
    with Store.open(path, claim=True) as store:
        assert not store.recovered.notices
    if what == "away":
        (path.parent.parent / journal.name).rename(journal)
        with Store.open(path) as store:
            assert [notice.code for notice in store.recovered.notices] == [StoreRefusal.JOURNAL_OTHER]


def test_a_lab_that_dies_while_it_ends_misses_no_journal(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    lab.store.append([registered()])
    folding = lab.store.folding
    assert folding is not None
    copies: list[Path] = []
    delete = folding.journal.delete

    def look() -> None:
        copies.append(lab.killed("before"))
        delete()
        copies.append(lab.killed("behind"))

    monkeypatch.setattr(folding.journal, "delete", look)
    lab.store.close()
    for path in copies:
        with Store.open(path, claim=True) as store:
            assert not store.recovered.notices
            assert store.count() == 1
            assert store.database.rows("SELECT name FROM counters WHERE name LIKE 'folded%'") == []
        assert facts_beside(path) == []


def test_much_is_read_a_piece_at_a_time_and_damage_in_any_of_them_is_told_with_its_place(tmp_path: Path) -> None:
    path, decoder = tmp_path / "segment", EventDecoder(KEPT)
    records = [
        journal_format.encode_record(number, encode_events([registered(float(number), imei) for imei in IMEIS]))
        for number in range(1, 61)
    ]
    records.insert(30, journal_format.encode_record(0, encode_events([registered(0.0, IMEIS[0])] * 2_000)))
    front, whole = b"what is before", b"".join(records)
    assert len(records[30]) > 300_000, "a record longer than a piece"
    path.write_bytes(front + whole + b"what is behind")
    place = Place(path, len(front), len(whole))
    expected = [event for record in records for event in decoder.events(journal_format.records_from(record)[0][0])]
    assert list(read(place, decoder)) == expected
    at = len(front) + len(b"".join(records[:50]))
    path.write_bytes((front + whole)[: at + 60] + b"?" + (front + whole)[at + 61 :])
    for size in (len(whole), at - len(front) + 70):  # the second one ends within a record
        with pytest.raises(StoreError) as refused:
            list(read(Place(path, len(front), size), decoder))
        assert (refused.value.code, refused.value.fields) == (StoreRefusal.JOURNAL_DAMAGED, {"offset": at})
