"""What the demo says besides its timeline: codes of the catalogue."""

from __future__ import annotations

from nbtwin.timeline.catalogue import Phrase


class DemoPhrase(Phrase):
    MODULE = "demo-module"
    PLACES = "demo-places"  # port, peer
    KNOWN = "demo-known"
    FIELD = "demo-field"  # name
    RESOURCE = "demo-resource"  # number
    DAYS = "demo-days"
    ENDED = "demo-ended"  # seconds


class MonthPhrase(Phrase):
    """Rows of the simulated days: each has a name, ``…-name``, and what was counted."""

    REGISTRATIONS_NAME = "month-registrations-name"
    REGISTRATIONS = "month-registrations"  # registrations, updates, period
    SILENCE_NAME = "month-silence-name"  # day
    SILENCE = "month-silence"
    STATES_NAME = "month-states-name"
    DATAGRAMS_NAME = "month-datagrams-name"
    DATAGRAMS = "month-datagrams"  # packets, kibibytes
    CONNECTED_NAME = "month-connected-name"
    CONNECTED = "month-connected"  # hours, total
    TOOK_NAME = "month-took-name"
    TOOK = "month-took"  # seconds, rate
