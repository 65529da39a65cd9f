"""What a fleet's report says: codes of the catalogue."""

from __future__ import annotations

from nbtwin.timeline.catalogue import Phrase


class FleetPhrase(Phrase):
    TITLE = "fleet-title"  # target, devices
    BEGUN = "fleet-begun"  # target, devices, seed
    PROGRESS = "fleet-progress"  # registered, devices, rate, errors, p50, p99, seconds, paused
    ROW = "fleet-row"  # name
    KIND = "fleet-kind"  # name
    OUTCOME = "fleet-outcome"  # name
    COUNT = "fleet-count"  # name
    HOLDS = "fleet-holds"  # requirement, value
    BROKEN = "fleet-broken"  # requirement, value
    LEFT = "fleet-left"  # count
    SHARD = "fleet-shard-state"  # number, state
    ENDED = "fleet-ended"  # by
    LEAVING = "fleet-leaving"
    PAGE = "fleet-page"  # url
