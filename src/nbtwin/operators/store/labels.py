"""Names, groups and tags of devices as tables. Knows no device: a label may be there before its device registers.

Another process may change them: nothing of them is in memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from nbtwin.operators.inventory.labels import Counted, Label, LabelChange
from nbtwin.operators.store.database import Repository, in_portions, marks

_SAVE = (
    "INSERT INTO device_labels (device, platform, name, belongs, words) VALUES (?, ?, ?, ?, ?)"
    " ON CONFLICT (device) DO UPDATE SET"
    " name = excluded.name, belongs = excluded.belongs, words = excluded.words"
)


class LabelRepository(Repository):
    """What people call devices, and sort them by."""

    def of(self, devices: Iterable[str]) -> dict[str, Label]:
        """Of those of them that have something."""
        found: dict[str, Label] = {}
        for some in in_portions(devices):
            among = f"device IN ({marks(len(some))})"
            tags: dict[str, list[str]] = {}
            for device, tag in self.db.rows(f"SELECT device, tag FROM device_tags WHERE {among} ORDER BY tag", some):
                tags.setdefault(device, []).append(tag)
            for device, name, group in self.db.rows(
                f"SELECT device, name, belongs FROM device_labels WHERE {among}", some
            ):
                found[device] = Label(name, group, tuple(tags.get(device, ())))
        return found

    def change(self, devices: Sequence[str], change: LabelChange) -> None:
        """The same for all of them, or for none. LabelRefused."""
        self.change_each(dict.fromkeys(devices, change))

    def change_each(self, changes: Mapping[str, LabelChange]) -> None:
        """All of them or none. LabelRefused."""
        checked: dict[int, LabelChange] = {}  # mostly one for all
        for change in changes.values():
            if id(change) not in checked:
                checked[id(change)] = change.checked()
        with self.db.transaction():
            before = self.of(changes)
            rows, gone, tags = [], [], []
            for device, change in changes.items():
                label = before.get(device, Label())
                after = checked[id(change)].of(label, device)
                if after == label:
                    continue
                gone.append((device,))
                if after != Label():
                    rows.append((device, device.partition(":")[0], after.name, after.group, _words(after)))
                tags += [(tag, device) for tag in after.tags]
            self.db.run_many("DELETE FROM device_tags WHERE device = ?", gone)
            self.db.run_many("DELETE FROM device_labels WHERE device = ?", gone)
            self.db.run_many(_SAVE, rows)
            self.db.run_many("INSERT INTO device_tags (tag, device) VALUES (?, ?)", tags)

    def tags(self, platform: str) -> Counted:
        """In their order, of devices that are known."""
        query = (
            "SELECT tag, count(*) FROM device_tags JOIN devices ON devices.id = device_tags.device"
            " WHERE platform = ? GROUP BY tag ORDER BY tag"
        )
        return [(tag, int(count)) for tag, count in self.db.rows(query, (platform,))]

    def groups(self, platform: str) -> Counted:
        query = (
            "SELECT belongs, count(*) FROM device_labels JOIN devices ON devices.id = device_labels.device"
            " WHERE device_labels.platform = ? AND belongs <> '' GROUP BY belongs ORDER BY belongs"
        )
        return [(group, int(count)) for group, count in self.db.rows(query, (platform,))]

    def forget_device(self, name: str) -> None:
        self.db.run("DELETE FROM device_tags WHERE device = ?", (name,))
        self.db.run("DELETE FROM device_labels WHERE device = ?", (name,))


def _words(label: Label) -> str:
    """What a search looks through, in lower case."""
    return "\n".join((label.name, label.group, *label.tags)).lower()
