"""What the terminal says of itself: codes of the catalogue."""

from __future__ import annotations

from nbtwin.timeline.catalogue import Phrase


class TerminalPhrase(Phrase):
    """Notes, and the parts of the line below the prompt."""

    OPENED = "at-opened"  # port, baud
    HINT = "at-hint"
    LOST = "at-lost"  # port, detail
    BACK = "at-back"  # port, gone
    UNSENT = "at-unsent"  # line
    NO_ANSWER = "at-no-answer"  # line, seconds
    LATE = "at-late"  # line, took, limit
    RESTARTED = "at-restarted"  # line
    MODEL = "at-model"  # model
    MODEL_UNKNOWN = "at-model-unknown"
    PROMPT = "at-prompt"
    QUEUED = "at-queued"  # count, total
    PASTED = "at-pasted"  # count
    PASTE_ENDED = "at-paste-ended"  # count, ok, errors
    STOPPED = "at-stopped"  # left
    SCRIPT_PASSED = "at-script-passed"  # name, count
    SCRIPT_BUSY = "at-script-busy"
    LOGGING = "at-logging"  # file
    NO_LOG = "at-no-log"
    BAUD = "at-baud"  # baud
    MACRO = "at-macro"  # name, key, count
    MACROS_NONE = "at-macros-none"  # file
    COMMANDS = "at-commands"
    PORTS_NONE = "at-ports-none"  # places
    PORTS_HOW = "at-ports-how"
    PORT_OF_LAB = "at-port-of-lab"  # name, lab
    GONE = "at-gone"
    ALL_MODELS = "at-all-models"
