"""What is said of a real module on a serial port: what is wrong with the port, and what a real module cannot do."""

from __future__ import annotations

from nbtwin.api.errors import LabError
from nbtwin.engine import Refusal


class RealRefusal(Refusal):
    """``what`` is what was asked for, as a test's author wrote it. The port stands before the first five."""

    SILENT = "real-silent"  # bauds
    GARBLED = "real-garbled"  # bauds
    MODEL_UNREAD = "real-model-unread"  # said, known
    MODEL_OTHER = "real-model-other"  # said, found, wanted
    NOT_READY = "real-not-ready"  # step
    CLOCK = "real-clock"  # what
    NETWORK = "real-network"  # what
    HANDS = "real-hands"  # what
    PLATFORM = "real-platform"  # what
    UNTOLD = "real-untold"  # what, model
    ONE_MODULE = "real-one-module"  # what
    DELIVERED = "real-delivered"  # what
    NOT_THIS = "real-not-this"  # what, wanted, found
    DATAGRAMS = "real-datagrams"  # what


class RealPortError(LabError):
    """The port has no module that tests can be run with."""
