"""How much memory something leaves behind, in whatever process it is measured, after whatever other tests.

Rings of references that the collector has not come to yet are not counted. The interpreter makes its own tables anew
now and then, that of interned strings above all, which has 8 MB in a process that has run thousands of tests: the new
one is seen, the end of the old one, which was there before, is not. That is seldom: so everything is done twice.
"""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Callable


def kept_by(work: Callable[[], object]) -> int:
    """Bytes that it has allocated and not given back, what it returns included: the least of two times."""
    kept, results = [], []
    for _ in range(2):
        gc.collect()
        tracemalloc.start()
        try:
            before, _ = tracemalloc.get_traced_memory()
            results.append(work())
            gc.collect()
            kept.append(tracemalloc.get_traced_memory()[0] - before)
        finally:
            tracemalloc.stop()
    return min(kept)
