"""What replaces files of the state directory together with the database's content: all of it or nothing, `kill -9` too.

The new files are written beside the old ones, in a folder of their own; then one transaction changes the database and
marks the folder's number in it. With that commit the new is in force, and before it the old is: whatever a lab finds of
such a folder at its start it puts in place (its number is marked) or throws away. Putting in place is renaming, which
may be done again and again.

Knows files by name, and the store's mark; knows nothing of what is in either.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from nbtwin.edge.nvram_file import NvramFile, sync_directory
from nbtwin.operators.store.store import Store

_PREFIX = "replacement-"
_MANIFEST = ".manifest"


class _Manifest(msgspec.Struct):
    store: str
    """In whose database the number is marked."""
    remove: list[str]


class Replacement:
    """Files that wait beside those that they replace. OSError, and nothing is left of it, when they cannot be written.

    Then: `Store.mark(number)` in the transaction, `put_in_place` after its commit, `abandon` instead of it.
    """

    def __init__(self, directory: Path, store: str, new: Mapping[str, bytes], remove: Iterable[str] = ()) -> None:
        """``new``: the content of each file, by its name in the directory."""
        self.number = secrets.randbits(62)
        self.committed = False
        self._directory = directory
        self._folder = directory / f"{_PREFIX}{self.number}"
        try:
            self._folder.mkdir(mode=0o700)
            for name, content in new.items():
                NvramFile(self._folder / name).save(content)
            manifest = _Manifest(store, [name for name in remove if name not in new])
            NvramFile(self._folder / _MANIFEST).save(msgspec.json.encode(manifest))
            sync_directory(directory)
        except BaseException:
            self.abandon()
            raise

    def abandon(self) -> None:
        """The old stays."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def put_in_place(self) -> None:
        """The transaction is committed. OSError when a file cannot be renamed: to be tried again, here or by `recover`.
        Does nothing when it was done."""
        if self._folder.exists():
            _put_in_place(self._directory, self._folder)


def recover(directory: Path, store: Store) -> None:
    """At the start of a lab: finish what was committed, forget what was not."""
    for folder in sorted(directory.glob(f"{_PREFIX}*")):
        manifest = _manifest_of(folder)
        if manifest is not None and manifest.store != store.path:
            continue  # of another database
        if manifest is not None and folder.name == f"{_PREFIX}{store.marked}":
            _put_in_place(directory, folder)
            store.unmark()
        shutil.rmtree(folder, ignore_errors=True)


def _manifest_of(folder: Path) -> _Manifest | None:
    content = NvramFile(folder / _MANIFEST).read()
    return None if content is None else msgspec.json.decode(content, type=_Manifest)


def _put_in_place(directory: Path, folder: Path) -> None:
    manifest = _manifest_of(folder)
    assert manifest is not None
    for name in manifest.remove:
        (directory / name).unlink(missing_ok=True)
    for staged in sorted(folder.iterdir()):
        if staged.name != _MANIFEST:
            os.replace(staged, directory / staged.name)
    sync_directory(directory)
    shutil.rmtree(folder)
