"""The Andlink platform on a store: its keys, its packages, the campaigns that a restart interrupted.

Knows how the two hang together and nothing of either.
"""

from __future__ import annotations

import random
from typing import Any

from nbtwin.operators.andlink import AndlinkPlatform
from nbtwin.operators.store import Store
from nbtwin.operators.store_andlink import PackageTables, PskTables
from nbtwin.operators.store_campaigns import CampaignTables


def open_andlink(random: random.Random, store: Store, **more: Any) -> AndlinkPlatform:
    """All but the registrations, which are restored as with every platform (`restore`)."""
    keys, packages = store.part(PskTables).keys, store.part(PackageTables)
    platform = AndlinkPlatform(random, keys, package_of=packages.content, **more)
    campaigns = store.part(CampaignTables)
    platform.campaigns.restore(campaigns.unfinished(platform.name), campaigns.last_id())
    return platform
