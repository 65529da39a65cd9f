"""Keys of Andlink devices, firmware packages and campaigns, on both databases."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from nbtwin.lwm2m.firmware.file import FileKind
from nbtwin.lwm2m.firmware.package import PackageError, pack
from nbtwin.operators.campaigns import records as cp
from nbtwin.operators.campaigns.records import CampaignStep, Plan
from nbtwin.operators.key_store.psk import DeviceKeys
from nbtwin.operators.store.andlink import PackageRepository, PskRepository
from nbtwin.operators.store.backup import backup, restore
from nbtwin.operators.store.campaigns import CampaignRepository
from nbtwin.operators.store.database import StoreError
from nbtwin.operators.store.store import Store

KEYS = DeviceKeys(device="867724030000225", bootstrap_key="ab" * 16, key="cd" * 16)
PACKAGE = pack("BC28", "BC28JAR01A11_ONT", bytes(range(256)) * 20)
RAW = bytes(range(255, -1, -1)) * 9
PLAN = Plan(package="new", per_minute=6)


def served(packages: PackageRepository, name: str) -> bytes | None:
    file = packages.served(name)
    return None if file is None else file.content


def test_keys_are_there_after_a_restart_and_another_process_sees_them(where: str) -> None:
    with Store.open(where) as store, Store.open(where) as other:
        store.part(PskRepository).keys.add(KEYS)
        assert KEYS.device not in other.part(PskRepository).keys
        assert other.refresh_keys()
        assert not other.refresh_keys()
        assert other.part(PskRepository).keys.get(KEYS.device) == KEYS
        other.part(PskRepository).keys.remove(KEYS.device)
        assert store.refresh_keys()
        assert len(store.part(PskRepository).keys) == 0
        store.part(PskRepository).keys.add(KEYS)
    with Store.open(where) as store:
        assert store.part(PskRepository).keys.export() == (KEYS,)


def test_packages_come_back_byte_for_byte(where: str) -> None:
    with Store.open(where) as store:
        record = store.part(PackageRepository).add("new", PACKAGE, 5.0)
    with Store.open(where) as store:
        packages = store.part(PackageRepository)
        assert packages.list() == [record] == [packages.find("new")]
        assert packages.content("new") == PACKAGE
        assert packages.remove("new")
        assert packages.content("new") is None
        assert not packages.remove("new")


def test_a_package_that_another_process_has_replaced_is_the_new_one(where: str) -> None:
    other = pack("BC28", "BC28JAR01A12_ONT", bytes(range(256)) * 20)
    with Store.open(where) as store, Store.open(where) as command_line:
        packages = store.part(PackageRepository)
        packages.serve()
        packages.add("new", PACKAGE, 5.0)
        assert served(packages, "new") == packages.content("new") == PACKAGE
        command_line.part(PackageRepository).remove("new")
        command_line.part(PackageRepository).add("new", other, 6.0)
        command_line.part(PackageRepository).add("another", PACKAGE, 6.0)
        assert packages.content("new") == other
        assert packages.served("another") is None, "not before it is refreshed"
        store.refresh()
        assert served(packages, "new") == other
        assert served(packages, "another") == PACKAGE
        packages.remove("new")
        assert packages.served("new") is None


def test_keys_and_packages_of_a_store_that_was_restored_are_those_of_the_backup(where: str, tmp_path: Path) -> None:
    other = pack("BC28", "BC28JAR01A12_ONT", bytes(range(256)) * 20)
    with Store.open(tmp_path / "other.sqlite") as elsewhere:
        elsewhere.part(PskRepository).keys.add(KEYS)
        elsewhere.part(PackageRepository).add("new", other, 5.0)
        backup(elsewhere.database, tmp_path / "backup")
    with Store.open(where) as store:
        ring = store.part(PskRepository).keys
        ring.add(DeviceKeys(device="867724030000001", key="ab" * 16))
        packages = store.part(PackageRepository)
        packages.serve()
        packages.add("new", PACKAGE, 5.0)
        assert served(packages, "new") == PACKAGE
        restore(store.database, tmp_path / "backup", replace=True)
        store.reload()
        assert ring.export() == (KEYS,), "a platform holds on to its ring"
        assert served(packages, "new") == packages.content("new") == other


def test_a_file_of_any_format_is_kept_with_what_is_said_of_it(where: str, tmp_path: Path) -> None:
    """D164: it is never looked into; what was said of it goes where the file goes, backups included."""
    with Store.open(where) as store:
        packages = store.part(PackageRepository)
        record = packages.add("meter", RAW, 5.0, version="2.4.1", models=("MTR-10", "MTR-20"), notes="from the vendor")
        assert (record.kind, record.models, record.version) == (FileKind.RAW, ("MTR-10", "MTR-20"), "2.4.1")
        assert (record.checksum, record.notes) == (sha256(RAW).hexdigest(), "from the vendor")
        backup(store.database, tmp_path / "backup")
    with Store.open(tmp_path / "other.sqlite") as elsewhere:
        restore(elsewhere.database, tmp_path / "backup", replace=True)
        elsewhere.reload()
        packages = elsewhere.part(PackageRepository)
        packages.serve()
        packages.check()
        file = packages.served("meter")
        assert packages.list() == [record]
        assert file is not None
        assert (file.content, file.version, file.models) == (RAW, "2.4.1", ("MTR-10", "MTR-20"))
        assert file.etag == sha256(RAW).digest()[:8]


def test_a_package_from_before_there_were_checksums_is_served_all_the_same(where: str) -> None:
    with Store.open(where) as store:
        packages = store.part(PackageRepository)
        packages.add("new", PACKAGE, 5.0)
        with store.database.transaction():
            store.database.run("UPDATE packages SET checksum = ''")
        packages.serve()
        packages.check()
        file = packages.served("new")
        assert file is not None
        assert (file.checksum, file.kind) == (sha256(PACKAGE).hexdigest(), FileKind.CONTAINER)


@pytest.mark.parametrize(
    ("content", "said", "code"),
    [
        (b"", {}, "package-empty"),
        (RAW, {"checksum": "ab" * 32}, "package-file-checksum"),
        (RAW, {"checksum": "none"}, "package-no-checksum"),
        (RAW, {"models": ("a,b",)}, "package-models"),
        (RAW, {"version": "a\nb"}, "package-version"),
        (PACKAGE[:-1], {}, "package-checksum"),
        (PACKAGE, {"version": "another"}, "package-other-description"),
        (PACKAGE, {"models": ("BC95",)}, "package-other-description"),
    ],
)
def test_a_file_that_is_not_what_is_said_of_it_is_not_kept(content: bytes, said: dict[str, Any], code: str) -> None:
    with Store.open(":memory:") as store:
        packages = store.part(PackageRepository)
        with pytest.raises(PackageError) as refused:
            packages.add("new", content, 5.0, **said)
        assert refused.value.code == code
        assert packages.list() == []


def test_a_file_that_was_changed_in_the_database_is_found_and_given_to_nobody() -> None:
    with Store.open(":memory:") as store:
        packages = store.part(PackageRepository)
        packages.add("meter", RAW, 5.0)
        with store.database.transaction():
            store.database.run("UPDATE packages SET content = ?", (RAW + b"?",))
        packages.serve()
        assert packages.served("meter") is None
        with pytest.raises(StoreError, match="store-package-damaged"):
            packages.check()


def started(number: int, *devices: str) -> cp.CampaignStarted:
    return cp.CampaignStarted(10.0, "andlink", number, PLAN, "BC28JAR01A11_ONT", devices)


def test_a_campaign_is_folded_from_its_events(where: str) -> None:
    with Store.open(where, epoch=1000.0) as store:
        step = cp.CampaignProgressed(11.0, 1, "b", CampaignStep.SUCCEEDED, 1, 1, "BC28JAR01A11_ONT")
        assert (
            store.commit(
                [started(1, "a", "b"), step, started(2, "c"), cp.CampaignChanged(12.0, 2, cp.CampaignState.FINISHED)]
            )
            == 4
        )
    with Store.open(where, epoch=1000.0) as store:
        campaigns = store.part(CampaignRepository)
        assert campaigns.last_id() == 2
        assert campaigns.counts(1) == {CampaignStep.WAITING: 1, CampaignStep.SUCCEEDED: 1}
        assert [campaign.id for campaign in campaigns.campaigns("andlink")] == [2, 1]
        ((campaign, devices),) = campaigns.unfinished("andlink")
        assert (campaign.id, campaign.plan, campaign.started_at, campaign.state) == (1, PLAN, 10.0, "running")
        assert [(entry.device, entry.step, entry.at) for entry in devices] == [
            ("a", CampaignStep.WAITING, 10.0),
            ("b", CampaignStep.SUCCEEDED, 11.0),
        ]
        ended = campaigns.find(2)
        assert ended is not None
        assert (ended.state, ended.ended_at) == ("finished", 1012.0)
        assert list(campaigns.unfinished("another")) == []


@pytest.mark.parametrize("step", list(CampaignStep))
def test_devices_are_found_by_their_step(where: str, step: CampaignStep) -> None:
    with Store.open(where) as store:
        moved = cp.CampaignProgressed(1.0, 1, "b", step, 0)
        store.commit([started(1, "a", "b"), moved])
        found = [entry.device for entry in store.part(CampaignRepository).devices(1, step=step)]
        assert found == (["a", "b"] if step is CampaignStep.WAITING else ["b"])
