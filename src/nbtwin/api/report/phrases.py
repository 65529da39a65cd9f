"""The texts of a report and of a notebook's pages: codes of the catalogue."""

from __future__ import annotations

from nbtwin.timeline.catalogue import Phrase


class ReportPhrase(Phrase):
    """What stands beside the facts."""

    TITLE = "report-title"
    SPAN = "report-span"  # begins, ends, span
    HEADING = "report-heading"  # name
    COLUMN = "report-column"  # name
    SERIES = "report-series"  # name
    KIND = "report-kind"  # name
    POWER = "report-power"  # state
    STATE = "report-device-state"  # state
    FACT = "report-fact"  # name
    NOTHING = "report-nothing"  # name
    HEADERS = "report-headers"  # headers
    BUCKET = "report-bucket"  # begins, ends, up, down, lost, octets
    OPERATION = "report-operation"  # datagrams, octets, again, lost
    STRIP = "report-strip"  # state, begins, span
    SENDING = "report-sending"  # number
    LOST = "report-lost"
    LATER = "report-later"  # span
    MORE_ARROWS = "report-more-arrows"  # count
    MORE_ENTRIES = "report-more-entries"  # count
    HOST = "report-host"  # module
    SILENT = "report-silent"
