"""What the machine refuses: a port, a file, a directory. Knows errno, no module."""

from __future__ import annotations

import errno

from nbtwin.engine import Refusal
from nbtwin.foreign import detail_of
from nbtwin.timeline.catalogue.errors import WordedError


class EdgeRefusal(Refusal):
    """``detail`` is what the system says."""

    PORT_IN_USE = "edge-port-in-use"  # protocol, port, host; so the next three
    PORT_FORBIDDEN = "edge-port-forbidden"
    PORT_FAILED = "edge-port-failed"  # and detail
    ADDRESS_FOREIGN = "edge-address-foreign"  # host
    NAME_UNRESOLVED = "edge-name-unresolved"  # name, detail
    FILE_UNREADABLE = "edge-file-unreadable"  # detail
    FILE_HEADER = "edge-file-header"
    FILE_LENGTH = "edge-file-length"  # length, expected
    FILE_CHECKSUM = "edge-file-checksum"
    FILE_CONTENT = "edge-file-content"  # cause: a code with its fields
    FILE_NO_NUMBER = "edge-file-no-number"
    FILE_SET_ASIDE = "edge-file-set-aside"  # why (one of the four above, with its fields), aside
    FILE_STAYS = "edge-file-stays"  # why, error
    STATE_UNUSABLE = "edge-state-unusable"  # path, detail
    STATE_IN_USE = "edge-state-in-use"  # path
    STATE_IN_USE_BY = "edge-state-in-use-by"  # path, process; so the next two, whose process has ended
    STATE_WAITS = "edge-state-waits"
    STATE_LEFT = "edge-state-left"
    STATE_NEWER = "edge-state-newer"  # version, known
    TIME_UNKEPT = "edge-time-unkept"  # detail
    TIMELINE_UNUSABLE = "edge-timeline-unusable"  # path, detail
    TIMELINE_UNWRITTEN = "edge-timeline-unwritten"  # path, detail
    PTY_NONE = "edge-pty-none"  # detail
    PTY_LINK = "edge-pty-link"  # link, path, detail
    PTY_LINK_TAKEN = "edge-pty-link-taken"  # link, path
    SERIAL_MISSING = "edge-serial-missing"  # the port stands before it; so the next three
    SERIAL_BUSY = "edge-serial-busy"
    SERIAL_FAILED = "edge-serial-failed"  # detail
    SERIAL_LOST = "edge-serial-lost"  # detail
    SERIAL_TAKEN = "edge-serial-taken"


class EdgeError(WordedError):
    """A port, a file or a directory that cannot be had."""


def bind_error(protocol: str, host: str, port: int, error: OSError) -> EdgeError:
    """For a socket that could not be bound."""
    if error.errno == errno.EADDRINUSE:
        return EdgeError(EdgeRefusal.PORT_IN_USE, protocol=protocol, port=port, host=host)
    if error.errno in (errno.EACCES, errno.EPERM):
        return EdgeError(EdgeRefusal.PORT_FORBIDDEN, protocol=protocol, port=port, host=host)
    if error.errno == errno.EADDRNOTAVAIL:
        return EdgeError(EdgeRefusal.ADDRESS_FOREIGN, host=host)
    detail = detail_of(error)
    return EdgeError(EdgeRefusal.PORT_FAILED, protocol=protocol, port=port, host=host, detail=detail)
