"""What goes wrong between a host and a module, each with a code of its own: silence, noise, a cable, a refusal."""

from __future__ import annotations

from nbtwin.engine import Refusal
from nbtwin.host.driver import error_number
from nbtwin.timeline.catalogue.errors import WordedError


class HostRefusal(Refusal):
    """The port stands before each."""

    SILENT = "host-silent"  # bauds
    GARBLED = "host-garbled"  # bauds, data
    GARBLED_ANSWER = "host-garbled-answer"  # command, baud, data
    UNANSWERED = "host-unanswered"  # command, seconds
    UNSENT = "host-unsent"  # command, seconds
    OTHER_HOST = "host-other-host"  # command, heard
    RESTARTED = "host-restarted"  # command, banner
    LOST = "host-lost"  # command, detail
    TAKEN = "host-taken"
    CLOSED = "host-closed"
    MODEL_OTHER = "host-model-other"  # said, found, wanted
    MODEL_UNNAMED = "host-model-unnamed"  # command
    NO_COMMAND = "host-no-command"  # command, model
    VALUE = "host-value"  # command, model, source, why: a code with its fields
    UNREADABLE = "host-unreadable"  # command, said
    TRANSPORT_UNKNOWN = "host-transport-unknown"  # transport, known
    TRANSPORT_MISSING = "host-transport-missing"  # transport
    REFUSED = "host-refused"  # command, model, final
    REFUSED_CODED = "host-refused-coded"  # command, model, number, text, source
    REFUSED_PLAIN = "host-refused-plain"  # command, model, source


class HostError(WordedError):
    """A module that cannot be spoken with, or that gave no whole answer."""


class CommandError(HostError):
    """The module refused a command. ``number`` and ``text`` as its document's table of errors has them."""

    @property
    def number(self) -> int | None:
        """The <err> of +CME ERROR; None for plain ERROR."""
        found: int | None = self.fields.get("number")
        return error_number(str(self.fields.get("final", ""))) if found is None else found

    @property
    def text(self) -> str:
        return str(self.fields.get("text", ""))

    @property
    def source(self) -> str:
        """Document and chapter of the command: "DOC-C 3.2.2"."""
        return str(self.fields.get("source", ""))
