"""Why a run cannot begin, or how it ends badly: codes."""

from __future__ import annotations

from nbtwin.engine import Refusal


class RunRefusal(Refusal):
    """The port or the file stands before most of them."""

    PORT_SILENT = "check-port-silent"  # bauds
    PORT_GARBLED = "check-port-garbled"  # bauds
    PORT_UNREAD = "check-port-unread"  # said, known
    PORT_OTHER = "check-port-other"  # said, found, wanted
    PORT_LOST = "check-port-lost-early"  # step
    NO_RUN = "check-no-run"  # detail
    FORMAT = "check-run-format"  # format, known
    OTHER_RUN = "check-other-run"  # found, wanted
    NO_CASE = "check-no-case"  # value
    NO_MODULE = "check-no-module"  # imei
    FAILED = "check-failed"  # wrong, total
