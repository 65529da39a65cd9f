"""What `nbtwin record`, `replay` and `transcript` say: codes of the catalogue."""

from __future__ import annotations

from nbtwin.timeline.catalogue import Phrase


class RecordingPhrase(Phrase):
    """``seconds`` is a span, ``file`` as the user wrote it."""

    OPEN = "record-open"  # port: of ours; module: the real one
    LOST = "record-lost"  # module
    TAKEN = "record-taken"  # module
    BACK = "record-back"  # module
    DONE = "record-done"  # file, seconds, sent, came
    REPLAYED = "replay-open"  # port, file
    DEVIATED = "replay-deviated"  # number, expected, sent
    BEYOND = "replay-beyond"  # sent
    UNKNOWN = "replay-unknown"  # sent
    ENDED = "replay-ended"
    CUT_OFF = "recording-cut-off"  # file, seconds
    EDITED = "recording-edited"  # file
    TRANSCRIPT = "transcript-written"  # file, count: of commands
