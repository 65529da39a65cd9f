"""Which servers need a look-up. Knows nothing else."""

from __future__ import annotations

import ipaddress
from functools import lru_cache


@lru_cache(maxsize=1024)
def is_address(host: str) -> bool:
    """Whether this is an IP address already."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
