"""A store whose journal a process of its own folds, to be killed: ``fold_child.py DATABASE``.

Prints that process's number, and then each number that is acknowledged: with each a device registers twenty times.
"""

from __future__ import annotations

import sys

from storage_events import registered

from nbtwin.operators.store import store as stores
from nbtwin.operators.store.store import Store
from nbtwin.runtime.fold_process import FoldProcess, helper_of


def main(database: str) -> None:
    stores.MUCH = 1
    with Store.open(database, claim=True, durability="process", journal=1) as store:
        store.helper = helper_of(store, "process")
        store.append([registered(1.0)] * 20)
        store.count()
        assert isinstance(store.helper, FoldProcess)
        assert store.helper._process is not None
        print(store.helper._process.pid, flush=True)
        for number in range(2, 1_000_000):
            store.append([registered(float(number))] * 20)
            print(number, flush=True)


main(sys.argv[1])
