"""The Andlink platform on a store: its keys, its packages, the campaigns that a restart interrupted.

Knows how the two hang together and nothing of either.
"""

from __future__ import annotations

import random
from typing import Any

from nbtwin.operators.andlink.platform import AndlinkPlatform
from nbtwin.operators.store.andlink import PackageRepository, PskRepository
from nbtwin.operators.store.campaigns import CampaignRepository
from nbtwin.operators.store.store import Store


def create_andlink(random: random.Random, store: Store, *, has_campaigns: bool = True, **more: Any) -> AndlinkPlatform:
    """All but the registrations, which are restored as with every platform (`restore`).

    ``has_campaigns``: it goes on with those that are not finished.
    """
    keys, packages = store.part(PskRepository).keys, store.part(PackageRepository)
    packages.serve()
    platform = AndlinkPlatform(random, keys, package_of=packages.served, definitions=store.definitions, **more)
    if has_campaigns:
        campaigns = store.part(CampaignRepository)
        platform.campaigns.restore(campaigns.unfinished(platform.name), campaigns.last_id())
    return platform
